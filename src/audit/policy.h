/* Judging objects by a part that is an admission policy's. */
#ifndef KUBEVOUCH_AUDIT_POLICY_H
#define KUBEVOUCH_AUDIT_POLICY_H

#include "audit/part.h"
#include "bench/policy_benchmark.h"

/* Whether objects of the kind are for the part. */
bool policy_part_wants(const struct check_part *part, enum kind kind);
struct judgement policy_judge(struct audit *au, const struct check_part *part, struct value object, struct arena *scratch);
/* Of an object that the part denies. */
void policy_explain(struct explanation *out, struct audit *au, const struct check_part *part, struct value object, struct arena *scratch);
/* Why the part does not pass whatever was seen; empty: nothing stands in the way. */
struct str policy_gap(struct arena *a, const struct check_part *part);

#endif
