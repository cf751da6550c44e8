/* What the commands about rights share: reading a cluster's roles and bindings, naming subjects and
 * questions. */
#ifndef KUBEVOUCH_CLI_RIGHTS_H
#define KUBEVOUCH_CLI_RIGHTS_H

#include "analyze/facts.h"
#include "analyze/rbac/escalate.h"
#include "cli/auditing.h"

/* Reads roles, bindings, accounts, pods and namespaces from wherever options say, and calls answer
 * once. EXIT_INCOMPLETE, with err, if not all roles and bindings could be read: what was told then
 * stands, what was not told proves nothing. */
typedef void rights_fn(void *ctx, struct facts *facts, const struct cluster *cluster);
enum exit_status rights_read(const struct options *o, rights_fn *answer, void *ctx,
                             struct arena *run, struct err *err);

/* "user:jane", "group:devs", "serviceaccount:ns:name"; also the words of a report: "ServiceAccount
 * ns/name". */
struct rights_subject {
    enum rbac_subject_kind kind;
    struct str ns, name;
};
bool rights_subject(struct rights_subject *out, struct str text, struct err *err) WARN_UNUSED;
/* "pods", "pods/exec", "deployments.apps", "deployments.apps/scale", "/metrics". Without a group
 * that of the kind known by this name. */
void rights_resource(struct rbac_request *q, struct str text);
/* Prints text from a cluster to standard output: hostile to a terminal. */
void rights_put(struct str text);
/* "get, list on secrets, configmaps (apps) named a, b", at most some of each. */
struct str rights_rule_text(struct arena *a, const struct rbac_rule *rule);

#endif
