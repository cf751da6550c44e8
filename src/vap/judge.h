/* Judging objects by a part of an admission policy. */
#ifndef KUBEVOUCH_VAP_JUDGE_H
#define KUBEVOUCH_VAP_JUDGE_H

#include "vap/params.h"

/* What a judgement rests on beside the object. */
struct policy_judging {
    struct facts *facts; /* namespaces, and whom authorizer is asked of; NULL: not known */
    const struct policy_params *params; /* what was read for bindings */
};
/* SKIPS: the object is not for the part, or its conditions say so. Message and value are in
 * scratch. */
struct policy_decision policy_judge(const struct policy_judging *j, const struct policy_part *p,
                                    struct value object, struct arena *scratch);
/* Of an object that the part denies: the subexpressions of the validation, as cel_explain tells
 * them, and its program. 0, and *program untouched: no expression decided it. */
size_t policy_explain(const struct policy_judging *j, const struct policy_part *p,
                      struct value object, struct cel_explained *row, size_t cap,
                      const struct cel_program **program, struct arena *scratch);

#endif
