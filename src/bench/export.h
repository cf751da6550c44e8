/* The checks of a benchmark as admission policies (vap/export.h). */
#ifndef KUBEVOUCH_BENCH_EXPORT_H
#define KUBEVOUCH_BENCH_EXPORT_H

#include "bench/benchmark.h"
#include "vap/export.h"

struct export_count {
    size_t written, not_written; /* parts of checks */
    /* checks of which something was written, and of which nothing was */
    size_t checks, checks_without;
};
/* What a part of the check is as a policy. params: in force. Lists are made in a. */
struct policy_export check_export(struct arena *a, const struct benchmark *b, const struct check *c,
                                  const struct check_part *part, struct value params,
                                  const struct policy_force *force);
/* Appends YAML: a policy and a binding for each part that can be one; with force->tells_why a
 * comment for each that cannot. */
void check_export_write(struct buf *out, const struct benchmark *b, const struct check *c,
                        struct value params, const struct policy_force *force,
                        struct export_count *count);

#endif
