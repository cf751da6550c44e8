/* What other tools said, beside the checks that it is about. It changes no verdict: their checks
 * are not ours, their files are not signed, and a pass that was not seen here is none. */
#ifndef KUBEVOUCH_AUDIT_THIRD_PARTY_H
#define KUBEVOUCH_AUDIT_THIRD_PARTY_H

#include "audit/result.h"
#include "cluster/third_party.h"

/* Fills r->third_party and each check's list; the reason of an UNKNOWN check tells it too.
 * max_age_s: older ones are called old. */
void audit_join_third_party(struct result *r, const struct third_party *given, int64_t max_age_s,
                            struct arena *a);
/* One result in words. */
struct str third_party_text(struct arena *a, const struct third_party_result *x);

#endif
