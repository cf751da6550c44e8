/* What named persons state beside the checks: attestations of what no expression can decide, and waivers of
 * what fails and is accepted for a time.
 *
 *   attestations:
 *   - check: "5.1.7"                     an id of the benchmark
 *     by: Jane Doe, platform security    a person, and in which role
 *     date: 2026-10-01                   when it was examined: a day, or a time (RFC 3339)
 *     expires: 2027-04-01                from then on it is void
 *     conclusion: satisfied              or not-satisfied
 *     statement: What was looked at, and what was found.
 *     cluster: 1b2c...                   UID of kube-system, or the name given with --cluster-name; optional: any
 *   waivers:
 *   - check: "5.2.*"                     ids, with globs
 *     object: "DaemonSet logs/agent*"     "Kind namespace/name" or "Kind name", with globs; optional: every object
 *     by: Jane Doe, platform security
 *     reason: Why it is accepted.
 *     expires: 2027-01-01
 *     cluster: 1b2c...                   optional */
#ifndef KUBEVOUCH_BENCH_STATEMENTS_H
#define KUBEVOUCH_BENCH_STATEMENTS_H

#include "base/clock.h"
#include "bench/benchmark.h"

struct attestation {
    struct str check, by, statement, cluster;
    struct instant date, expires;
    bool satisfied;
    struct pos pos;
};
struct waiver {
    struct str check, object, by, reason, cluster; /* object: "*" when it was not given */
    struct instant expires;
    struct pos pos;
};
struct statements {
    VEC(struct attestation) attestation;
    VEC(struct waiver) waiver;
};
/* Adds the statements of a file. Strict: unknown keys, unknown checks, dates that are none or run backwards are
 * faults with file:line:column; false if there is one. */
bool statements_load(struct statements *out, struct arena *a, const char *path, const struct benchmark *b,
                     struct bench_faults *faults) WARN_UNUSED;
bool statements_parse(struct statements *out, struct arena *a, struct str text, const char *name, const struct benchmark *b,
                      struct bench_faults *faults) WARN_UNUSED;

#endif
