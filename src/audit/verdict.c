/* The verdicts and their roll-up: a maximum over one ordered enum, hence commutative, associative
 * and idempotent by construction. */
#include "audit/verdict.h"

static const struct {
    const char *name, *label;
} row[VERDICT_COUNT] = {
    [VERDICT_NOT_APPLICABLE] = { "not-applicable", "NOT APPLICABLE" },
    [VERDICT_PASS] = { "pass", "PASS" },
    [VERDICT_ATTESTED] = { "attested", "ATTESTED" },
    [VERDICT_WAIVED] = { "waived", "WAIVED" },
    [VERDICT_MANUAL] = { "manual", "MANUAL" },
    [VERDICT_UNKNOWN] = { "unknown", "UNKNOWN" },
    [VERDICT_FAIL] = { "fail", "FAIL" },
};

const char *verdict_name(enum verdict v)
{
    return row[v].name;
}
const char *verdict_label(enum verdict v)
{
    return row[v].label;
}

struct score score_of(const enum verdict *v, size_t count)
{
    struct score s = { 0 };
    for (size_t i = 0; i < count; i++)
        s.count[v[i]]++;
    uint64_t pass = s.count[VERDICT_PASS], unknown = s.count[VERDICT_UNKNOWN];
    uint64_t judged = pass + unknown + s.count[VERDICT_WAIVED] + s.count[VERDICT_FAIL];
    /* Only unknowns is still a score, 0 to 100: nothing was earned, and that must be seen. */
    s.has_score = judged > 0;
    if (judged) {
        s.low_permille = (int)(pass * 1000 / judged);
        s.high_permille = (int)((pass + unknown) * 1000 / judged);
    }
    return s;
}
