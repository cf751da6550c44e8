/* Policies as the checks of a benchmark: one check a policy, one part for each of its bindings and validations. */
#ifndef KUBEVOUCH_BENCH_POLICY_BENCHMARK_H
#define KUBEVOUCH_BENCH_POLICY_BENCHMARK_H

#include "bench/policy.h"

#define POLICY_PARTS_MAX 4096u /* of one policy: bindings times validations */

struct policy_part {
    const struct policy *policy;
    const struct policy_binding *binding; /* NULL: none binds it; judged as if one did, everywhere */
    size_t validation;                    /* policy->validation_count: the audit annotations */
    struct kind_set kinds;                /* of the kinds table: those it may be for */
    struct str unread;                    /* resources it may be for that an audit does not read; empty: none */
    struct str absent;                    /* what it asks of objects that is left out when they are read; empty: nothing */
    struct str cannot;                    /* why nothing can be judged; empty: it can */
};
/* Of the kinds table: those of which an object's creation may be for the policy, and for the binding unless it is NULL. */
struct kind_set policy_kinds(const struct policy_constraints *of_policy, const struct policy_constraints *of_binding);
/* of_cluster: the policies are the cluster's own, and nothing is known of them when their list could not be read. */
void policies_benchmark(struct benchmark *out, struct arena *a, const struct policies *p, bool of_cluster);

#endif
