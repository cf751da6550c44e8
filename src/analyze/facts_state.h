/* The inside of struct facts, shared by the facts_*.c files; nothing outside the room includes it.
 */
#ifndef KUBEVOUCH_ANALYZE_FACTS_STATE_H
#define KUBEVOUCH_ANALYZE_FACTS_STATE_H

#include "analyze/analysis.h"
#include "analyze/control_plane/authentication_config.h"
#include "analyze/control_plane/component.h"
#include "analyze/exposure/exposure.h"
#include "analyze/exposure/sharing.h"
#include "analyze/images/running.h"
#include "analyze/network/network.h"
#include "analyze/podsecurity/admission_config.h"
#include "analyze/rbac/rbac.h"
#include "analyze/secrets/encryption.h"
#include "analyze/storage/volumes.h"
#include "cluster/node_facts.h"

enum fact_id {
#define FACT(name, needs, endpoints, after_stream, forgers, maker, summary) FACT_##name,
#include "analyze/facts.def"
#undef FACT
    FACT_COUNT
};

/* A service account that was listed, or that only a binding names. */
struct account {
    struct str ns, name;
    struct value object; /* null: not listed */
    /* the account and the User of its name, in bindings; NULL: in none */
    const struct rbac_subject *own, *user;
    size_t pods, mounts; /* that run as it; of these, that mount its token */
};
/* A namespace that was listed, or that something claims to be in. */
struct namespace_entry {
    struct str name;
    struct value object; /* null: not listed */
    size_t pods;
    bool has_workload; /* that nothing owns */
    struct {
        size_t restricted, open, host; /* classes of pods, those of the host's network apart */
        VEC(struct str) open_name;     /* of some that are open */
    } network;
};

/* Where the rows of a table go while it is walked: one at a time, so that a row may be large. A
 * maker takes what only its row needs from arena, which is emptied behind each row. */
struct facts_rows {
    struct arena *arena;
    facts_row_fn *row;
    void *ctx;
    struct err *err;
    bool failed;
};

/* An account by itself, by its user name, and its groups; a subject stands first. Each NULL where
 * no binding names it. */
#define HOLDER_NAMES 5
/* those before the groups of every account and of everyone who signed in */
#define HOLDER_OWN_NAMES 3
struct holder {
    const struct rbac_subject *name[HOLDER_NAMES];
};
/* What holding() asks of a list of grants: a verb on a resource, or on a URL. */
struct grant_question {
    struct value verbs; /* list of texts */
    struct str group, resource, url;
};
/* What holds of the API servers' own configuration of Pod Security. */
struct pod_security_file {
    /* that is in force; NULL: there is none, or it is not known */
    const struct admission_config *config;
    struct str unseen; /* why what it says is not known; empty: it is, or none was seen */
    struct str source; /* of config: what to call it */
    bool none;         /* it was seen that there is none */
};

struct facts {
    struct arena *arena;
    const struct cluster *cluster;
    struct rbac rbac;
    size_t damaged_bindings;        /* whose subjects are not all known */
    struct value *binding_grants;   /* by binding: list of grants with via ""; null: not kept */
    struct map account, namespaces; /* "ns/name" and name -> the structs above */
    struct map answer; /* of one role to one question: -> struct grant_answer (facts_grants.c) */
    /* the list of grants of the row that is being walked, null between rows, and whose it is: */
    struct value current;
    /* holding() asks the roles behind it rather than going through the list */
    struct holder current_holder;
    bool wants_account_grants; /* some check reads the grants of accounts or pods */
    /* groups system:serviceaccounts, system:authenticated; NULL: in no binding */
    const struct rbac_subject *every_account, *everyone;
    /* of the latter, for all whom it holds; without the API server's defaults; null: not made yet
     */
    struct value everyones_grants;
    struct component_list component; /* of all kinds */
    VEC(struct component) apiserver; /* of which more than a declaration is known */
    const struct encryption_config *given;
    struct pod_admission_judge admission; /* judge NULL: none was given */
    /* the operator's copy of the API servers' file; NULL: none */
    const struct admission_config *given_admission;
    /* the same of --authentication-config */
    const struct authentication_config *given_authentication;
    struct pod_security_file pod_security_file;
    const struct node_evidence *nodes; /* what was collected on the nodes; NULL: nothing */
    /* the same, joined with the cluster's nodes (facts_node.c) */
    const struct joined_nodes *joined_nodes;
    struct value value[FACT_COUNT];
    struct escalate *escalate;  /* NULL: not asked for yet */
    struct network *network;    /* policies, and pods in classes (network/facts_network.c) */
    struct exposures exposures; /* ways in from outside (exposure/facts_exposure.c) */
    struct sharing *sharing;    /* those three NULL: nobody wants them (facts_want) */
    struct running_images *images;
    struct volumes *volumes;
    struct {
        bool is_seen;
        const char *encryption; /* of connections between nodes: "wireguard", "ipsec", "" */
    } cilium; /* ConfigMap kube-system/cilium-config, as it went by (mesh/facts_mesh.c) */
    const struct net_scopes *scopes; /* given; NULL: none */
    bool complete;
};

/* ---- what was not seen */

/* Unavailable, with the coverage's reason and remedy. */
struct value facts_gap_kind(const struct facts *f, struct arena *a, enum kind kind);
struct value facts_gap_endpoint(const struct facts *f, struct arena *a, enum endpoint e);
struct value facts_gap_metrics(const struct facts *f, struct arena *a);
/* For the cause that what the API shows does not tell it; and for another one. */
struct value facts_unavailable(struct arena *a, const char *fmt, ...) PRINTF_LIKE(2, 3);
struct value facts_unavailable_for(struct arena *a, enum cause cause, const char *fmt, ...)
    PRINTF_LIKE(3, 4);
/* True if kind was seen to the end (or cannot be there): what was not among it is not there. Never
 * of files, unless they are all of a cluster. */
bool facts_saw(const struct facts *f, enum kind kind);
/* True if the list was read to its end. Of objects of files that is all there is to judge, and not
 * all that a cluster has. */
bool facts_listed(const struct facts *f, enum kind kind);
/* n, or unavailable when more could be there and none was seen. */
struct value facts_count_value(const struct facts *f, struct arena *a, enum kind kind, size_t n);
/* Series of a metric family; an empty list if it has none or metrics were not read. */
struct value facts_metric(const struct facts *f, const char *family);
/* /metrics was read down to its end: what it lacks is not there. */
bool facts_metrics_whole(const struct facts *f);

/* ---- finding */

struct account *facts_account(const struct facts *f, struct str ns, struct str name);
struct namespace_entry *facts_namespace_entry(const struct facts *f, struct str name);
/* A list of texts, from one; handy for evidence. */
void facts_say(struct value_builder *list, struct arena *a, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* ---- the control plane (facts_component.c) */

/* Unavailable: nothing tells what flags instances of this kind have, and what would. */
struct value facts_no_component(const struct facts *f, struct arena *a, enum component_kind kind);

/* "Deployment shop/web": the topmost workload that owns what goes by, else itself. In its scratch.
 */
struct str facts_maker_of(const struct facts *f, const struct seen_object *seen);

/* ---- the makers of rows */

#define STREAMED facts_make_no_rows
#define TABLE(name, kind, about, needs, wants, endpoints, forgers, maker, summary) \
    void maker(struct facts *f, struct facts_rows *out);
#include "analyze/tables.def"
#undef TABLE
/* What the namespaces table says of policies, in row. */
void facts_set_network(struct facts *f, struct arena *row, struct value_builder *b,
                       struct namespace_entry *entry);
/* The row is done: hands it on, and empties out->arena. */
void facts_add_row(struct facts *f, struct facts_rows *out, struct value object,
                   struct value derived);

/* ---- grants (facts_grants.c) */

/* Of one subject: behind so many the list ends with an item that is unavailable. holding() and
 * reaching() still answer for all of them, with at most FACTS_HELD_MAX grants and such an item. */
#define FACTS_GRANTS_MAX 100000u
#define FACTS_HELD_MAX   200u
void facts_keep_grants(struct facts *f);
/* Grants by the bindings of each name; via "" for the first. Remembered as the current list. */
struct value facts_grants(struct facts *f, struct arena *a, const struct holder *h);
/* Grants beyond the API server's defaults that come to a subject by its other names and the groups
 * that it is known to be in: each with via. own (NULL: it is no account) is the account that it is.
 */
struct value facts_other_grants(struct facts *f, struct arena *a, const struct rbac_subject *s,
                                const struct account *own);
/* False: list is not the current one. */
bool facts_current_holding(struct facts *f, struct value list, const struct grant_question *q,
                           struct arena *scratch, struct value *out);
/* Whether a binding gives its subjects anything; everything (* on *.*, in the whole cluster or a
 * namespace). */
bool facts_binding_grants_anything(const struct facts *f, const struct rbac_binding *b);
bool facts_binding_grants_everything(const struct facts *f, const struct rbac_binding *b);
/* Its role is one of the API server's defaults, and was not among the objects. */
bool facts_refers_to_default(const struct facts *f, const struct rbac_binding *b);
/* Binding and role are both the API server's own defaults, and give no more than those do. */
bool facts_is_default_grant(const struct facts *f, const struct rbac_binding *b);

/* ---- accounts (facts_accounts.c) */

void facts_index_accounts(struct facts *f);
/* Texts of the bindings of s, and of also (may be NULL). */
struct value facts_binding_texts(struct facts *f, struct arena *a, const struct rbac_subject *s,
                                 const struct rbac_subject *also);
/* derived.podSecurity and derived.refusedControls of a Namespace
 * (podsecurity/facts_pod_security.c). */
struct value facts_pod_security(const struct facts *f, struct arena *row, struct value object);
struct value facts_refused_controls(const struct facts *f, struct arena *row, struct value object);
struct value facts_csr_derived(struct value object, struct arena *scratch);
struct value facts_pod_derived(struct facts *f, struct value pod, struct arena *scratch);

/* ---- functions (facts_function.c, rbac/function_grants.c) */

/* An error at the call, of what it wanted instead. */
struct value function_fault(struct cel_call *call, const char *text);
/* The first argument that is an error, which spreads; else null. */
struct value function_first_error(const struct value *arg, size_t arg_count);
/* A text or a list of texts, as a list of texts. */
bool function_texts(const struct value *v, struct value *out);
#define HOST_FUNCTION(name, count, fn, summary) cel_function fn;
#include "analyze/function.def"
#undef HOST_FUNCTION

#define FACT(name, needs, endpoints, after_stream, forgers, maker, summary) \
    struct value maker(struct facts *f);
#include "analyze/facts.def"
#undef FACT

#endif
