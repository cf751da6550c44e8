/* What named persons state beside the checks: attestations of what no expression can decide, and
 * waivers of what fails and is accepted for a time.
 *
 *   attestations:
 *   - check: "5.1.7"                     an id of the benchmark
 *     by: Jane Doe, platform security    a person, and in which role
 *     date: 2026-10-01                   when it was examined: a day, or a time (RFC 3339)
 *     expires: 2027-04-01                from then on it is void
 *     conclusion: satisfied              or not-satisfied
 *     statement: What was looked at, and what was found.
 *     cluster: 1b2c...                   UID of kube-system, or the name given with --cluster-name;
 * optional: any waivers:
 *   - check: "5.2.*"                     ids, with globs
 *     object: "DaemonSet logs/agent*"     "Kind namespace/name" or "Kind name", with globs;
 * optional: every object owner: Jane Doe, platform security who answers for it; "by" is the same
 *     approver: Ann Roe, risk            another person; without one it stands in the report as
 * unapproved reason: Why it is accepted. created: 2026-10-01                optional, as are ticket
 * and compensatingControl expires: 2027-01-01                at most 366 days after created, or
 * after now where that is not given cluster: 1b2c...                   optional parameters:
 *   - parameter: allowedSubjects         a parameter that was widened, and by what: an item of a
 * list, or the value value: Group:ops owner, approver, reason, created, expires, ticket,
 * compensatingControl, cluster: as above; the first five are needed */
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
#define EXCEPTION_DAYS_MAX 366
struct waiver {
    /* object: "*" when it was not given; by: the owner */
    struct str check, object, by, reason, cluster;
    struct str approver, ticket, compensating; /* may be empty */
    struct instant created, expires;           /* created.s 0: not given */
    struct pos pos;
};
/* That a parameter accepts more than the benchmark's own value does. */
struct param_approval {
    struct str param, value, owner, approver, reason, ticket, compensating, cluster;
    struct instant created, expires;
    struct pos pos;
};
struct statements {
    VEC(struct attestation) attestation;
    VEC(struct waiver) waiver;
    VEC(struct param_approval) approval;
};
/* Adds the statements of a file. Strict: unknown keys, unknown checks, dates that are none or run
 * backwards are faults with file:line:column; false if there is one. */
bool statements_load(struct statements *out, struct arena *a, const char *path,
                     const struct benchmark *b, struct faults *faults) WARN_UNUSED;
bool statements_parse(struct statements *out, struct arena *a, struct str text, const char *name,
                      const struct benchmark *b, struct faults *faults) WARN_UNUSED;

#endif
