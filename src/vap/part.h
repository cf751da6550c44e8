/* One validation of a policy under one of its bindings: what is judged, and which objects are for
 * it. */
#ifndef KUBEVOUCH_VAP_PART_H
#define KUBEVOUCH_VAP_PART_H

#include "vap/policy.h"

struct policy_part {
    const struct policy *policy;
    /* NULL: none binds it; judged as if one did, everywhere */
    const struct policy_binding *binding;
    size_t validation;     /* policy->validation_count: the audit annotations */
    struct kind_set kinds; /* of the kinds table: those it may be for */
    struct str unread;     /* resources it may be for that an audit does not read; empty: none */
    /* what it asks of objects that is left out when they are read; empty: nothing */
    struct str absent;
    struct str cannot; /* why nothing can be judged; empty: it can */
};
/* Of the kinds table: those of which an object's creation may be for the policy, and for the
 * binding unless it is NULL. */
struct kind_set policy_kinds(const struct policy_constraints *of_policy,
                             const struct policy_constraints *of_binding);
void policy_part_make(struct policy_part *out, struct arena *a, const struct policy *policy,
                      const struct policy_binding *binding, size_t validation);
/* "validation 2, binding b (Deny)". */
struct str policy_part_name(const struct policy_part *p, struct arena *a);
/* "pods", "pods, deployments", "objects" of more kinds. */
struct str policy_part_over(const struct policy_part *p, struct arena *a);
/* Whether objects of the kind are for the part. */
bool policy_part_wants(const struct policy_part *p, enum kind kind);
/* Why the part does not pass whatever was seen; empty: nothing stands in the way. */
struct str policy_part_gap(const struct policy_part *p, struct arena *a);

#endif
