/* The verdicts and their roll-up: a maximum over one ordered enum, hence commutative, associative
 * and idempotent by construction. */
#ifndef KUBEVOUCH_AUDIT_VERDICT_H
#define KUBEVOUCH_AUDIT_VERDICT_H

#include "base/str.h"

enum verdict {
    VERDICT_NOT_APPLICABLE, /* platform or version says so, or there is nothing to judge */
    VERDICT_PASS,
    VERDICT_ATTESTED, /* a named person attests it, until a date */
    VERDICT_MANUAL,   /* an attestation is due */
    /* fails, and a named person accepted it until a date: that it fails is not hidden by what else
       is due */
    VERDICT_WAIVED,
    VERDICT_UNKNOWN, /* the evidence could not be had */
    VERDICT_FAIL,
    VERDICT_COUNT
};
static inline enum verdict verdict_roll_up(enum verdict a, enum verdict b)
{
    return a > b ? a : b;
}
/* "pass", "not-applicable" ... for documents; "PASS", "NOT APPLICABLE" for people. */
const char *verdict_name(enum verdict v);
const char *verdict_label(enum verdict v);

/* The score as an interval, in tenths of a percent: low counts UNKNOWN as FAIL, high as PASS.
 * WAIVED counts as not passed; MANUAL, ATTESTED and NOT_APPLICABLE are outside. has_score false:
 * nothing was judged. */
struct score {
    bool has_score;
    int low_permille, high_permille;
    uint32_t count[VERDICT_COUNT];
};
struct score score_of(const enum verdict *v, size_t count);
#define SCORE_FORMULA                                                                            \
    "low = pass / (pass + waived + unknown + fail); high = (pass + unknown) / (pass + waived + " \
    "unknown + fail); "                                                                          \
    "manual, attested and not-applicable checks are outside"

#endif
