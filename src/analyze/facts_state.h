/* The inside of struct facts, shared by the facts_*.c files; nothing outside the room includes it. */
#ifndef KUBEVOUCH_ANALYZE_FACTS_STATE_H
#define KUBEVOUCH_ANALYZE_FACTS_STATE_H

#include "analyze/control_plane/component.h"
#include "analyze/secrets/encryption.h"
#include "analyze/facts.h"
#include "analyze/rbac/rbac.h"
#include "cluster/node_facts.h"

enum fact_id {
#define FACT(name, needs, endpoints, after_stream, maker, summary) FACT_##name,
#include "analyze/facts.def"
#undef FACT
    FACT_COUNT
};

/* A service account that was listed, or that only a binding names. */
struct account {
    struct str ns, name;
    struct value object;   /* null: not listed */
    const struct rbac_subject *own, *user; /* the account and the User of its name, in bindings; NULL: in none */
    size_t pods;
};
/* A namespace that was listed, or that something claims to be in. */
struct place {
    struct str name;
    struct value object; /* null: not listed */
    VEC(struct value) network_policy;
    size_t pods;
};

/* Where the rows of a table go while it is walked: one at a time, so that a row may be large. A maker takes
 * what only its row needs from arena, which is emptied behind each row. */
struct facts_rows {
    struct arena *arena;
    facts_row_fn *row;
    void *ctx;
    struct err *err;
    bool failed;
};

struct facts {
    struct arena *arena;
    const struct cluster *cluster;
    struct rbac rbac;
    size_t damaged_bindings;       /* whose subjects are not all known */
    struct value *binding_grants;  /* by binding: list of grants with via ""; null: not kept */
    struct map account, place;     /* "ns/name" and name -> the structs above */
    struct value common_grants;    /* of every service account */
    struct component_list component; /* of all kinds */
    VEC(struct component) apiserver; /* of which more than a declaration is known */
    const struct encryption_config *given;
    const struct node_evidence *nodes; /* what was collected on the nodes; NULL: nothing */
    const struct node_spots *spots;    /* the same, joined with the cluster's nodes (facts_node.c) */
    struct value value[FACT_COUNT];
    bool complete;
};

/* ---- what was not seen */

/* Unavailable, with the coverage's reason and remedy. */
struct value facts_gap_kind(const struct facts *f, struct arena *a, enum kind kind);
struct value facts_gap_endpoint(const struct facts *f, struct arena *a, enum endpoint e);
struct value facts_gap_metrics(const struct facts *f, struct arena *a);
struct value facts_unavailable(struct arena *a, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* True if kind was seen to the end (or cannot be there). */
bool facts_saw(const struct facts *f, enum kind kind);
/* n, or unavailable when more could be there and none was seen. */
struct value facts_count_value(const struct facts *f, struct arena *a, enum kind kind, size_t n);
/* Series of a metric family; an empty list if it has none or metrics were not read. */
struct value facts_metric(const struct facts *f, const char *family);
/* /metrics was read down to its end: what it lacks is not there. */
bool facts_metrics_whole(const struct facts *f);

/* ---- finding */

struct account *facts_account(const struct facts *f, struct str ns, struct str name);
struct place *facts_place(const struct facts *f, struct str name);
/* A list of texts, from one; handy for evidence. */
void facts_say(struct value_builder *list, struct arena *a, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* ---- the control plane (facts_component.c) */

/* Unavailable: nothing tells what flags instances of this kind have, and what would. */
struct value facts_no_component(const struct facts *f, struct arena *a, enum component_kind kind);

/* ---- the parts */

void facts_index_places(struct facts *f);
void facts_index_rbac(struct facts *f);
void facts_make_subjects(struct facts *f, struct facts_rows *out);
void facts_make_accounts(struct facts *f, struct facts_rows *out);
void facts_make_clusterroles(struct facts *f, struct facts_rows *out);
void facts_make_roles(struct facts *f, struct facts_rows *out);
void facts_make_namespaces(struct facts *f, struct facts_rows *out);
void facts_make_apiservers(struct facts *f, struct facts_rows *out);
void facts_make_controllermanagers(struct facts *f, struct facts_rows *out);
void facts_make_schedulers(struct facts *f, struct facts_rows *out);
void facts_make_etcds(struct facts *f, struct facts_rows *out);
void facts_make_kubelets(struct facts *f, struct facts_rows *out);
void facts_make_kube_proxies(struct facts *f, struct facts_rows *out);
void facts_make_cluster(struct facts *f, struct facts_rows *out);
void facts_make_nodefiles(struct facts *f, struct facts_rows *out);
void facts_make_nodeprocesses(struct facts *f, struct facts_rows *out);
/* The row is done: hands it on, and empties out->arena. */
void facts_add_row(struct facts *f, struct facts_rows *out, struct value object, struct value derived);

/* ---- grants (facts_grants.c) */

/* A subject with more is not looked through: its grants are unavailable. */
#define FACTS_GRANTS_MAX 100000u
/* Bears the label of the API server's own defaults, and a name of theirs. */
bool facts_is_default(bool labelled, struct str name);
void facts_keep_grants(struct facts *f);
void facts_keep_common_grants(struct facts *f);
/* A subject's grants by its own bindings; a service account's, with those of its groups. */
struct value facts_own_grants(struct facts *f, struct arena *a, const struct rbac_subject *s);
struct value facts_account_grants(struct facts *f, struct arena *a, struct str ns, struct str name);
/* Whether the subject's own bindings give it anything. */
bool facts_grants_anything(const struct facts *f, const struct rbac_subject *s);
struct value facts_csr_derived(struct value object, struct arena *scratch);
struct value facts_pod_derived(struct facts *f, struct value pod, struct arena *scratch);

#define FACT(name, needs, endpoints, after_stream, maker, summary) struct value maker(struct facts *f);
#include "analyze/facts.def"
#undef FACT

#endif
