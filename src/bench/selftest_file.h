/* A benchmark's tests: FILE.test.yaml beside each of its files, objects with what each check must
 * say of them. */
#ifndef KUBEVOUCH_BENCH_SELFTEST_FILE_H
#define KUBEVOUCH_BENCH_SELFTEST_FILE_H

#include "bench/benchmark.h"

/*   given: [OBJECT...]                 objects that every case has beside its own
 *   metrics: TEXT                      what /metrics answers where a case does not say; optional
 *   tests:
 *   - check: "5.2.2"
 *     cases:
 *     - name: a privileged container
 *       expect: fail                   pass, fail, manual, unknown, not-applicable
 *       findings: [Pod default/p]      of fail: exactly these objects; optional
 *       params: {systemNamespaces: []} optional
 *       alone: true                    without the given objects and metrics; optional
 *       metrics: TEXT                  what /metrics answers; optional
 *       answers: [{path: /api, status: 401, anonymous: true, body: TEXT or a document}...]
 *                                      what single paths answer (status 200), or answer without
 * credentials; optional. A kubelet's answer, https://ADDRESS/configz or
 * /api/v1/nodes/NAME/proxy/configz, has kubelets asked in that way; certificate is what it shows,
 * error why there was none (status 0) Method TLS with path /: what handshakes show (tls/probe.h);
 * without any of these two nothing is probed nodeFacts: [DOCUMENT...]       what kubevouch
 * node-facts printed on the nodes; optional. A case is audited as of 2027-01-01 objects:
 * [OBJECT...] */
struct selftest_case {
    struct str name, expect;
    struct pos pos;
    struct str *finding;
    size_t finding_count;
    bool has_findings, alone;
    struct value params;           /* map or null */
    struct value answers;          /* list or null; metrics among them */
    struct value objects;          /* list */
    const struct node *node_facts; /* list or NULL */
};
struct selftest_check {
    struct str check;
    struct pos pos;
    struct selftest_case *item;
    size_t count;
};
struct selftest_file {
    struct value given; /* list */
    struct selftest_check *check;
    size_t check_count;
};
/* Whether the check must have cases in the tests of its file: not one that is judged as its like,
 * or not at all. */
bool check_is_tested_here(const struct check *c);
/* path: the tests of the checks that stand in source, one of b's files. Faults as in
 * benchmark_load: also checks of source without a failing case, and without a passing or manual
 * one. */
bool selftest_load(struct selftest_file *out, struct arena *a, const char *path,
                   const struct benchmark *b, struct str source, struct faults *faults) WARN_UNUSED;

#endif
