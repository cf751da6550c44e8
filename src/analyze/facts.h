/* Derived facts as values for CEL: cluster-wide ones (facts.NAME) and what is derived for one row
 * of a population (derived.NAME). What lacks its evidence is a VALUE_ERROR_UNAVAILABLE that names
 * the missing right, so that a verdict over it becomes UNKNOWN, never a pass.
 *
 * Facts are made in facts_open and facts_complete and live in the arena given to facts_open. From
 * then on any number of threads may call facts_get, facts_derived and facts_namespace; facts_walk
 * is for one thread. */
#ifndef KUBEVOUCH_ANALYZE_FACTS_H
#define KUBEVOUCH_ANALYZE_FACTS_H

#include "analyze/forger.h"
#include "cel/program.h"
#include "cluster/cluster.h"

struct facts;
struct admission_config;
struct authentication_config;
struct encryption_config;
struct node_evidence;
/* After the EARLY stage: indexes RBAC, namespaces, service accounts. cluster must outlive it. */
struct facts *facts_open(struct arena *a, const struct cluster *cluster);
/* Rows of table will be walked: what they are made of is kept from now on. Right after facts_open;
 * of a table that keeps nothing of the stream it changes nothing. */
struct table_info;
void facts_want(struct facts *f, const struct table_info *table);
/* No check reads derived.grants of pods or service accounts: they are not made, and unavailable. */
void facts_leave_account_grants(struct facts *f);
/* An EncryptionConfiguration that the operator gave as evidence; before facts_complete. */
void facts_give_encryption(struct facts *f, const struct encryption_config *config);
/* The operator's copy of the file that --admission-control-config-file names; the same. */
void facts_give_admission(struct facts *f, const struct admission_config *config);
/* The same of the one that --authentication-config names. */
void facts_give_authentication(struct facts *f, const struct authentication_config *config);
/* What was collected on the nodes; before facts_walk. */
void facts_give_nodes(struct facts *f, const struct node_evidence *given);
/* What policies in force say of a canary pod (podsecurity/canary.def) in a namespace. Judging them
 * is for rooms behind this one, which give a judge of that kind before facts_complete; without one
 * podAdmission() is unavailable. */
struct pod_admission {
    bool refused; /* some policy refuses it, for what makes it a canary */
    /* lists of texts: which policies refuse it; which may, and why that cannot be told */
    struct value by, unsure;
};
struct pod_admission_judge {
    /* rows of facts.policyEngines */
    struct pod_admission (*judge)(void *ctx, struct str ns, size_t canary, struct value engines);
    void *ctx;
};
void facts_give_pod_admission(struct facts *f, const struct pod_admission_judge *given);
/* Whether the admission plugin of that name ("ValidatingAdmissionPolicy",
 * "ValidatingAdmissionWebhook", "MutatingAdmissionWebhook") works, by the flags of the API servers
 * as far as they were seen; after facts_complete. OFF: one of them leaves it out, or does not serve
 * the API of what it goes by: requests to that one pass. UNREAD: one has a flag about it that
 * cannot be read. */
enum plugin_seen { PLUGIN_NOT_SEEN_OFF, PLUGIN_UNREAD, PLUGIN_OFF };
enum plugin_seen facts_admission_plugin(const struct facts *f, const char *plugin);
/* Each object of the STREAM stage as it goes by, for the analyses that keep something of it
 * (analysis.h). */
void facts_see(struct facts *f, enum kind kind, struct value object, struct arena *scratch);
/* After the STREAM stage: pods are known now. */
void facts_complete(struct facts *f);

/* One row a fact (facts.def): its name, the kinds and endpoints it is made from, what it holds. */
struct fact_info {
    const char *name; /* "networkPlugin": facts.networkPlugin */
    /* with a gap in one of them the value may prove presence, never absence */
    struct kind_set needs;
    struct endpoint_set endpoints; /* single answers among its evidence */
    struct forger_set forgers;     /* who can write what it rests on */
    bool after_stream;             /* only known after facts_complete */
    const char *summary;           /* for man pages: the shape of the value */
};
extern const struct fact_info fact_info[];
extern const size_t fact_count;
/* The value of fact i; unavailable before its stage. */
struct value facts_get(struct facts *f, size_t i);

/* Populations that are not plain kinds, or that are kinds with derived values (tables.def). */
struct table_info {
    /* "subjects", "namespaces", "serviceaccounts", "pods", "apiservers", "cluster" ... */
    const char *name;
    /* CLUSTER: its components, nodes, itself; OBJECTS: what somebody writes */
    enum table_about { TABLE_OF_OBJECTS, TABLE_OF_CLUSTER } about;
    enum kind kind;        /* the kind it walks, or KIND_NONE for a made-up one */
    struct kind_set needs; /* besides kind: without these a row may fail but not pass */
    /* to be collected too; fields that lack them are unavailable by themselves */
    struct kind_set wants;
    struct endpoint_set endpoints; /* single answers among its evidence */
    struct forger_set forgers;     /* who can write what it rests on */
    const char *summary;           /* the shape of object and derived */
};
extern const struct table_info table_info[];
extern const size_t table_count;
/* NULL: no such table (then `over` must be a plain kind). */
const struct table_info *table_find(struct str name);
/* Rows of a table that is not streamed: calls row once per row, in a fixed order (by name), each
 * made for that call; fails as row does, and calls no more. After facts_complete. object and
 * derived live during the call. Fails with ERR_USAGE for a streamed table (pods, certificate
 * requests): its rows come with facts_derived. */
typedef bool facts_row_fn(void *ctx, struct value object, struct value derived, struct err *err);
bool facts_walk(struct facts *f, const struct table_info *table, facts_row_fn *row, void *ctx,
                struct err *err) WARN_UNUSED;
/* derived for one streamed object, as tables.def says. Made in scratch. An empty map for
 * kinds without a table. */
struct value facts_derived(struct facts *f, enum kind kind, struct value object,
                           struct arena *scratch);
/* The Namespace object of an object: VAP's namespaceObject. Null for cluster-scoped objects (ns
 * empty); unavailable when namespaces could not be read or this one is not among them. */
struct value facts_namespace(struct facts *f, struct str ns, struct arena *scratch);

/* Whether a service account may do what is asked, by the roles and bindings: a bool; unavailable
 * where none of those that were read allows it and not all could be. */
struct rbac_request;
struct value facts_account_may(const struct facts *f, struct str ns, struct str name,
                               const struct rbac_request *q, struct arena *scratch);

/* All network policies, and pods in classes. What is known of whether anything enforces them:
 * facts.networkPlugin, which says why not too. */
struct network;
struct network *facts_network(const struct facts *f);
struct value facts_network_plugin(const struct facts *f);
/* Why policies may be in force that are not in network, or what they select by is not known: a list
 * of texts; empty: nothing stands against it. */
struct value facts_network_unseen(struct facts *f, struct arena *a);

/* Scopes whose border is looked at; right after facts_open. */
struct net_scopes;
void facts_give_scopes(struct facts *f, const struct net_scopes *given);
/* What crosses it, of each scope, as report.json has it; after facts_complete. */
struct value facts_scopes(struct facts *f, struct arena *a);
/* The index of roles and bindings, and the graph of who can become what (made at the first call,
 * after facts_complete). */
struct rbac;
struct escalate;
struct rbac_subject;
/* Why rights that bindings give were not seen, an error each: those of subject, or (NULL) of all.
 */
struct value facts_unseen_rights(const struct facts *f, struct arena *a,
                                 const struct rbac_subject *subject);
const struct rbac *facts_rbac(const struct facts *f);
const struct escalate *facts_escalate(struct facts *f);
/* The entries of the catalogue (rbac/escalate.def) that hold of a subject, by its own bindings and
 * by who it is: bit r for enum risk. */
struct rbac_subject;
uint64_t facts_risks(struct facts *f, const struct rbac_subject *s);

/* Nodes by equal kubelet configuration, the most first: a list as in facts.kubelets.groups. */
struct value facts_kubelet_groups(struct arena *a, const struct kubelets *k);

/* holding, covers, ...: the functions that checks may call beside CEL's own. They need no host. */
extern const struct cel_host_function facts_function[];
extern const size_t facts_function_count;

#endif
