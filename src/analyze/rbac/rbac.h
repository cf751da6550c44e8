/* Effective rights from Role, ClusterRole, RoleBinding and ClusterRoleBinding objects, by the rules
 * of Kubernetes' own authorizer (kubernetes.io, Using RBAC Authorization;
 * plugin/pkg/auth/authorizer/rbac).
 *
 * Life: rbac_init, rbac_add for every object in any order, rbac_finish; read-only from then on. All
 * of it, and what the objects point to, must outlive the struct. Roles and subjects are found by
 * hash, and a subject knows its bindings, so a question costs what the asker holds, not what there
 * is. An object that cannot be understood is kept with .damage saying why; what is legible in it
 * counts. */
#ifndef KUBEVOUCH_ANALYZE_RBAC_RBAC_H
#define KUBEVOUCH_ANALYZE_RBAC_RBAC_H

#include "base/map.h"
#include "base/vec.h"
#include "value/value.h"

/* Each is a list of strings, empty if the rule has none. */
struct rbac_rule {
    struct value verbs, api_groups, resources, resource_names, urls;
    bool is_default; /* these three: the API server's own (default_roles_mark) */
};
struct rbac_role {
    struct str ns, name; /* ns is empty for a ClusterRole */
    bool cluster;
    bool bootstrap;  /* label kubernetes.io/bootstrapping=rbac-defaults */
    bool aggregated; /* has an aggregationRule */
    bool assumed;    /* was not among the objects (rbac_assume) */
    struct value object;
    struct rbac_rule *rule; /* aggregation applied */
    size_t rule_count;
    bool is_default;
    struct str damage;     /* empty: understood */
    VEC(uint32_t) binding; /* that refer to it */
};
enum rbac_subject_kind { RBAC_USER, RBAC_GROUP, RBAC_SERVICE_ACCOUNT };
struct rbac_subject {
    enum rbac_subject_kind kind;
    struct str ns, name;   /* ns is empty unless a service account */
    VEC(uint32_t) binding; /* each once, in the order they were added */
};
struct rbac_binding {
    struct str ns, name; /* ns is empty for a ClusterRoleBinding */
    bool cluster, bootstrap, is_default;
    bool role_is_cluster; /* roleRef.kind is ClusterRole */
    struct str role_name;
    uint32_t role;     /* in rbac.role, from 1; 0: there is no such role */
    uint32_t *subject; /* in rbac.subject; each once */
    size_t subject_count;
    struct value object;
    struct str damage;
};
struct rbac {
    struct arena *arena;
    /* no controller has been at the objects: rules that stand in an aggregated role are overwritten
     * when its selectors select any. Set behind rbac_init */
    bool unfilled;
    VEC(struct rbac_role) role;
    VEC(struct rbac_binding) binding;
    VEC(struct rbac_subject) subject;
    struct map role_by_key, subject_by_key;
    VEC(uint32_t) cluster_binding;
    struct map binding_by_ns; /* namespace -> struct rbac_index * */
};
struct rbac_index {
    VEC(uint32_t) item;
};

void rbac_init(struct rbac *r, struct arena *a);
/* Takes one of the four kinds; false: object is another kind (or not a map). */
bool rbac_add(struct rbac *r, struct value object);
/* A role, by its kind, that every cluster has: taken if none of its name was added. Before
 * rbac_finish. */
void rbac_assume(struct rbac *r, struct value role);
/* Resolves role references and fills aggregated roles whose rules are empty (manifests; a live
 * cluster shows them filled). */
void rbac_finish(struct rbac *r);

/* NULL: there is none. */
const struct rbac_role *rbac_find_role(const struct rbac *r, bool cluster, struct str ns,
                                       struct str name);
const char *rbac_subject_kind_name(enum rbac_subject_kind kind); /* "User" ... */
/* "ServiceAccount ns/name", "Group system:masters". */
struct str rbac_subject_text(struct arena *a, const struct rbac_subject *s);
/* NULL: no binding names it. ns only matters for service accounts. */
const struct rbac_subject *rbac_find_subject(const struct rbac *r, enum rbac_subject_kind kind,
                                             struct str ns, struct str name);
/* The account that a user's name is of ("system:serviceaccount:NS:NAME"); false: it is none's. */
bool rbac_account_of_user(struct str user, struct str *ns, struct str *name);
/* "ClusterRole edit", "Role ns/name"; "ClusterRoleBinding x", "RoleBinding ns/x". */
struct str rbac_role_text(struct arena *a, const struct rbac_role *role);
struct str rbac_binding_text(struct arena *a, const struct rbac_binding *b);
/* What a binding refers to, there or not: "ClusterRole edit", "Role ns/name". */
struct str rbac_role_ref_text(struct arena *a, const struct rbac_binding *b);
/* The role of a binding, or NULL. */
static inline const struct rbac_role *rbac_role_of(const struct rbac *r,
                                                   const struct rbac_binding *b)
{
    return b->role ? &r->role.item[b->role - 1] : NULL;
}

/* Who asks. groups as the server would know them: for service accounts system:serviceaccounts,
 * system:serviceaccounts:NS and system:authenticated are the caller's to give. */
struct rbac_user {
    struct str name;
    const struct str *group;
    size_t group_count;
};
/* What is asked. path set: a non-resource request, the resource fields are ignored. */
struct rbac_request {
    struct str verb, group, resource, subresource, ns, name, path;
};
bool rbac_rule_allows(const struct rbac_rule *rule, const struct rbac_request *q);
bool rbac_authorize(const struct rbac *r, const struct rbac_user *user,
                    const struct rbac_request *q);

struct rbac_rules {
    const struct rbac_rule *item;
    size_t count;
};
/* Every rule that holds for the user in ns; ns empty: in the whole cluster. */
struct rbac_rules rbac_effective_rules(const struct rbac *r, struct arena *a,
                                       const struct rbac_user *user, struct str ns);
/* Subjects allowed to do q: group system:masters first (it passes by RBAC), then super_user if not
 * empty, then by binding; each once. */
struct rbac_subject *rbac_who_can(const struct rbac *r, struct arena *a,
                                  const struct rbac_request *q, struct str super_user,
                                  size_t *count);
/* Whether one of a binding's subjects (a list of {kind, name, namespace}) is the user; *index is
 * the first that is, 0 if none. */
bool rbac_subjects_apply(struct value subjects, const struct rbac_user *user, struct str binding_ns,
                         size_t *index);

/* Reads a list of rules. What is legible is kept; *damage says the first thing that is not. */
struct rbac_rules rbac_read_rules(struct arena *a, struct value rules, struct str *damage);
/* Rules on one group and one resource put together by their verbs; the others first, as they are.
 */
struct rbac_rules rbac_compact(struct arena *a, struct rbac_rules rules);
/* Whether owner's rules give all that servant's do. uncovered (may be NULL) gets what is missing,
 * one verb on one thing each, at most RBAC_UNCOVERED_MAX. */
#define RBAC_UNCOVERED_MAX 10000u
bool rbac_covers(struct arena *a, struct rbac_rules owner, struct rbac_rules servant,
                 struct rbac_rules *uncovered);
/* "/api/ *" (without the space) covers "/api/v1", not "/api". */
bool rbac_url_covers(struct str owner, struct str requested);

/* A rule's lists by themselves: whether they take in the resource ("pods", "pods/exec"), the group.
 */
bool rbac_lists_resource(struct value resources, struct str resource);
bool rbac_lists_group(struct value groups, struct str group);
/* A rule's grant of verb on group/resource ("pods", "pods/exec") for objects of any name: what an
 * auditor asks. in_namespace: by a RoleBinding, which gives nothing on cluster-scoped resources. A
 * request without a name (create, deletecollection on a whole resource) is never given by a rule
 * limited to resourceNames. */
bool rbac_rule_gives(const struct rbac_rule *rule, bool in_namespace, struct str verb,
                     struct str group, struct str resource);
/* True for resources known to exist only in the whole cluster. */
bool rbac_is_cluster_scoped(struct str group, struct str resource);

#endif
