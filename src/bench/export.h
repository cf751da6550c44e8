/* The checks of a benchmark as admission policies (vap/export.h). */
#ifndef KUBEVOUCH_BENCH_EXPORT_H
#define KUBEVOUCH_BENCH_EXPORT_H

#include "bench/benchmark.h"
#include "vap/export.h"

struct export_count {
    size_t written, not_written; /* parts of checks */
};
/* What a part of the check is as a policy. params: in force. Lists are made in a. */
struct policy_export check_export(struct arena *a, const struct benchmark *b, const struct check *c, const struct check_part *part, struct value params);
/* Appends YAML: a policy and a binding for each part that can be one, a comment that says why for each that cannot. */
void check_export_write(struct buf *out, const struct benchmark *b, const struct check *c, struct value params, struct export_count *count);

#endif
