/* Who can become what: the graph of subjects, service accounts, nodes and what they lead to, and
 * shortest ways in it.
 *
 * A node of the graph is a subject or a place (cluster-admin, a node, the cloud, the accounts of a
 * namespace). An edge is a step of escalate.def by one binding, the membership of a group, or that
 * who holds a place holds what is in it. Edges between places and their accounts stand for all
 * pairs, so that the graph grows with what there is. */
#ifndef KUBEVOUCH_ANALYZE_RBAC_ESCALATE_H
#define KUBEVOUCH_ANALYZE_RBAC_ESCALATE_H

#include "analyze/rbac/rbac.h"

enum risk {
#define RISK(id, name, verbs, resources, names, from, until, why) RISK_##name,
#define STEP(name, rights, to, text)
#include "analyze/rbac/escalate.def"
#undef RISK
#undef STEP
    RISK_COUNT
};
_Static_assert(RISK_COUNT <= 64, "a set of them is one word");
struct risk_info {
    const char *id, *why;
};
extern const struct risk_info risk_info[RISK_COUNT];

/* A service account as the graph needs it: there or only named, running pods or not, with a cloud
 * identity ("" for none). */
struct escalate_account {
    struct str ns, name, cloud;
    bool running;
};
struct escalate;
struct escalate_input {
    const struct rbac *rbac;
    int minor; /* of the API server; -1: not known, every row counts */
    const struct escalate_account *account;
    size_t account_count;
    /* Namespaces that refuse privileged pods, by name -> anything. */
    const struct map *guarded;
};
/* Everything that input points to must outlive the graph. */
struct escalate *escalate_open(struct arena *a, const struct escalate_input *input);

/* Where a way may lead. */
enum escalate_target {
    ESCALATE_ADMIN,
    ESCALATE_NODE,
    ESCALATE_CLOUD,
    ESCALATE_NAMESPACE,
    ESCALATE_TARGETS
};
/* "cluster-admin", "node", "cloud", "namespace" */
extern const char *const escalate_target_name[ESCALATE_TARGETS];

/* A set of risks (bit r for enum risk) that a subject's own bindings give it. */
uint64_t escalate_risks(const struct escalate *e, const struct rbac_subject *s);
/* The steps of a shortest way, each a line of words: "ServiceAccount x/y runs a pod as
 * ServiceAccount x/z: create on pods by ...". ns: of ESCALATE_NAMESPACE, the one to reach (empty:
 * any that is not the subject's own). None: there is no way. kind, from_ns, name: a subject; a
 * service account that no binding names is known too. */
struct escalate_way {
    struct str *step;
    size_t count;
    /* the first step is one that every signed-in subject or every account could take */
    bool by_everybody;
};
struct escalate_way escalate_way(const struct escalate *e, struct arena *a,
                                 enum rbac_subject_kind kind, struct str from_ns, struct str name,
                                 enum escalate_target to, struct str ns);

#endif
