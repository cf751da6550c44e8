/* The least rights that an audit takes, as objects to apply: what each is for stands in comments
 * beside it. */
#ifndef KUBEVOUCH_BENCH_LEAST_RIGHTS_H
#define KUBEVOUCH_BENCH_LEAST_RIGHTS_H

#include "base/buf.h"
#include "bench/benchmark.h"

#define LEAST_RIGHTS_BYTES_MAX ((size_t)16 << 20)

/* Appends a ClusterRole, and a Role for each namespace whose settings the selected checks (one bool
 * a check) read, as YAML. What kubelets take is among them when they are to be asked by way, and
 * what scopes take if there are any. */
bool least_rights_write(struct buf *out, const struct benchmark *b, const bool *selected,
                        enum kubelet_way way, bool scopes, struct arena *a,
                        struct err *err) WARN_UNUSED;
/* Kinds that an audit with scopes reads beside those of its checks. */
struct kind_set benchmark_scope_kinds(void);

/* Appends a ClusterRole of its own for pss --probe admission, to be bound for as long as the probe
 * takes. */
void least_rights_write_probe(struct buf *out);

#endif
