/* Runs a benchmark's tests: each case is a whole audit of its objects, by one check. */
#ifndef KUBEVOUCH_AUDIT_SELFTEST_H
#define KUBEVOUCH_AUDIT_SELFTEST_H

#include "audit/result.h"
#include "bench/selftest_file.h"

struct selftest_count {
    uint32_t passed, failed;
};
/* told: called for each case that failed, with what was expected and what came. */
typedef void selftest_told(void *ctx, const struct selftest_check *check, const struct selftest_case *item, struct str text);
bool selftest_run(struct selftest_count *out, const struct benchmark *b, const struct selftest_file *f,
                  selftest_told *told, void *ctx, struct err *err) WARN_UNUSED;

#endif
