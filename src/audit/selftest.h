/* Runs a benchmark's tests: each case is a whole audit of its objects, by one check. */
#ifndef KUBEVOUCH_AUDIT_SELFTEST_H
#define KUBEVOUCH_AUDIT_SELFTEST_H

#include "audit/result.h"
#include "bench/selftest_file.h"
#include "kube/transport.h"

struct selftest_count {
    uint32_t passed, failed;
};
/* What stands between a case and its audit: a transport over the case's own, changed facts of
 * nodes; and the kinds' fields, read once for many. Each may be NULL: nothing does. */
struct selftest_between {
    struct kind_schemas *schemas;
    struct transport *(*over)(void *ctx, struct arena *a, struct transport *own);
    void (*nodes)(void *ctx, struct node_evidence *own);
    void *ctx;
};
/* The result of one case, by the check it is of. between may be NULL. */
bool selftest_audit(struct result *r, struct arena *a, const struct benchmark *b,
                    const struct selftest_file *f, const struct check *check,
                    const struct selftest_case *c, const struct selftest_between *between,
                    struct err *err) WARN_UNUSED;
/* told: called for each case that failed, with what was expected and what came. */
typedef void selftest_told(void *ctx, const struct selftest_check *check,
                           const struct selftest_case *item, struct str text);
bool selftest_run(struct selftest_count *out, const struct benchmark *b,
                  const struct selftest_file *f, selftest_told *told, void *ctx,
                  struct err *err) WARN_UNUSED;

#endif
