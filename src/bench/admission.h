/* A check over objects as a ValidatingAdmissionPolicy: what it found once is refused from then on. */
#ifndef KUBEVOUCH_BENCH_ADMISSION_H
#define KUBEVOUCH_BENCH_ADMISSION_H

#include "base/buf.h"
#include "bench/benchmark.h"

#define ADMISSION_BYTES_MAX ((size_t)16 << 20)

struct admission_count {
    size_t written, not_written; /* parts of checks */
};
/* Appends YAML: a policy and a binding for each part that can be one, a comment that says why for each that cannot.
 * params: in force; they stand as literals in the expressions. */
void admission_write(struct buf *out, const struct benchmark *b, const struct check *c, struct value params, struct admission_count *count);

/* One expression in Kubernetes' own names: parameters as literals, globMatch() as a regular expression. used[i] is set for
 * each variable that it names: shared ones first, then the part's. False and why in err: there is no such text. */
bool admission_expression(struct str *out, struct arena *a, const struct benchmark *b, const struct check_part *part, struct str text,
                          struct value params, bool *used, struct err *err) WARN_UNUSED;

#endif
