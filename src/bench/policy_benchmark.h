/* Policies as the checks of a benchmark: one check a policy, one part for each of its bindings and
 * validations. */
#ifndef KUBEVOUCH_BENCH_POLICY_BENCHMARK_H
#define KUBEVOUCH_BENCH_POLICY_BENCHMARK_H

#include "bench/benchmark.h"
#include "vap/part.h"

#define POLICY_PARTS_MAX 4096u /* of one policy: bindings times validations */

/* of_cluster: the policies are the cluster's own, and nothing is known of them when their list
 * could not be read. */
void policies_benchmark(struct benchmark *out, struct arena *a, const struct policies *p,
                        bool of_cluster);

#endif
