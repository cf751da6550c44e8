/* What an audit policy makes the API server record of the requests that must be recorded: for each,
 * the first rule that matches decides, as in the API server, and a rule for some users, groups,
 * namespaces or objects decides for those only. Source: kubernetes/apiserver
 * pkg/audit/policy/checker.go. */
#ifndef KUBEVOUCH_ANALYZE_CONTROL_PLANE_AUDIT_POLICY_CHECK_H
#define KUBEVOUCH_ANALYZE_CONTROL_PLANE_AUDIT_POLICY_CHECK_H

#include "cluster/audit_policy.h"

enum audit_fault_kind {
    AUDIT_UNRECORDED, /* the request leaves no event */
    /* the event holds the request's or the answer's body, and with it credentials */
    AUDIT_REVEALED,
};
struct audit_fault {
    enum audit_fault_kind kind;
    struct str operation; /* "secrets", "pods/exec", "deployments.apps" */
    VEC(struct str) verb;
    size_t rule;             /* from 1; 0: no rule matches */
    enum audit_level level;  /* what is recorded */
    enum audit_level wanted; /* the least, of UNRECORDED; the most, of REVEALED */
    /* whose users, groups, namespaces and names it is limited to; NULL: everyone */
    const struct audit_rule *by;
    bool for_all; /* the rule is limited to nothing, or no rule matches */
};
struct audit_faults {
    VEC(struct audit_fault) item;
};
/* Verbs of one operation that one rule harms alike are one fault. Order: operations, then rules. */
void audit_policy_check(struct audit_faults *out, struct arena *a, const struct audit_policy *p);
/* What the rule does with a request: the whole test of the API server, for one user and object. */
struct audit_request {
    struct str user, group, resource, subresource, verb, ns, name; /* group: the API group */
    const struct str *user_group;
    size_t user_group_count;
};
enum audit_level audit_policy_level(const struct audit_policy *p, const struct audit_request *q,
                                    size_t *rule);
struct value audit_faults_value(struct arena *a, const struct audit_faults *f);

#endif
