/* What is kept of a cluster after its objects have gone by: whole small objects, compact rows of
 * the many, what was and was not seen. Filled by collect, read by everything behind it. */
#ifndef KUBEVOUCH_CLUSTER_CLUSTER_H
#define KUBEVOUCH_CLUSTER_CLUSTER_H

#include "base/clock.h"
#include "base/map.h"
#include "base/vec.h"
#include "cluster/coverage.h"
#include "cluster/kubelet.h"
#include "cluster/workload.h"
#include "kube/probe.h"
#include "value/pool.h"

/* Single answers beside the lists. */
enum endpoint {
#define ENDPOINT(e, path, what, remedy) ENDPOINT_##e,
#include "cluster/endpoint.def"
#undef ENDPOINT
    ENDPOINT_COUNT
};
_Static_assert(ENDPOINT_COUNT < 63, "struct endpoint_set is one word");
/* Bit e + 1 for endpoint e: a plain true is none of them. */
struct endpoint_set {
    uint64_t bits;
};
static inline bool endpoint_set_has(struct endpoint_set s, enum endpoint e)
{
    return (s.bits >> (e + 1) & 1) != 0;
}
static inline void endpoint_set_add(struct endpoint_set *s, enum endpoint e)
{
    s->bits |= (uint64_t)2 << e;
}
static inline void endpoint_set_merge(struct endpoint_set *s, struct endpoint_set other)
{
    s->bits |= other.bits;
}
const char *endpoint_path(enum endpoint e);
const char *endpoint_what(enum endpoint e);
const char *endpoint_remedy(enum endpoint e);

/* Whether a pod mounts its account's token; by account: as that one says. */
enum pod_token { POD_TOKEN_BY_ACCOUNT, POD_TOKEN_MOUNTED, POD_TOKEN_NOT, POD_TOKENS };
/* The pods of a namespace that run as one account, whose texts are kept once. Static pods have no
 * account. */
struct pod_group {
    struct str ns, service_account;
    size_t pods, token[POD_TOKENS];
};
/* A workload that owns others or is owned: for grouping pods under their workload. */
struct owner_row {
    struct object_ref ref;
    uint32_t parent;       /* in cluster.owner, from 1; 0: none known */
    bool seen;             /* its own object was listed */
    struct value selector; /* its own, as owner.c packs it; null: none */
    uint8_t made_from[32]; /* digest of its pod template, of a Deployment or CronJob */
};
/* A DaemonSet that is nobody's: what detection needs. */
struct workload_row {
    enum kind kind;
    struct object_ref ref;
    struct str account; /* service account of its pods */
    /* of a DaemonSet, by its status, which controllers write: nodes it is for, nodes where it runs;
     * -1: not told */
    int64_t desired, ready;
    struct str *image;
    size_t image_count;
};

/* One line of /readyz?verbose: "[+]etcd ok". */
struct ready_check {
    struct str name;
    bool ok;
};

struct cluster {
    struct arena *arena;
    struct coverage coverage[KIND_COUNT];
    struct coverage endpoint[ENDPOINT_COUNT];
    /* objects of files: each list is read whole, and what else a cluster has is not known */
    bool is_open;

    VEC(struct value) kept[KIND_COUNT]; /* KEEP and NAME kinds, projected */
    size_t pod_count;
    VEC(struct pod_group) pods;
    struct index pods_by_account;
    VEC(struct owner_row) owner;
    struct index owner_by_ref; /* API group, kind, namespace and name */
    struct value_pool pool;    /* what is kept, equal parts once */
    VEC(struct workload_row) workload;
    struct map workload_ns; /* where workloads stand that are nobody's */
    /* whole mirror pods of kube-system and OpenShift's namespaces of its control plane */
    VEC(struct value) component_pod;
    VEC(struct value) config_map; /* those asked for by name */
    /* whole DaemonSets of kube-system that seem to run kube-proxy */
    VEC(struct value) proxy_workload;
    struct kubelets kubelets;
    struct value kube_proxy_config; /* of ConfigMap kube-proxy, what checks read; null: not had */

    struct str server_url, context_name, cluster_id; /* cluster_id: kube-system's UID */
    struct str git_version, platform;                /* of /version; empty if it was not read */
    int minor;                                       /* 35 for 1.35; -1 unknown */
    struct str user;                                 /* who the server says we are */
    struct str *group;
    size_t group_count;
    struct str user_uid;
    struct str credential_kind, server_certificate_sha256, server_date;
    enum connection_trust connection;
    struct value api_groups;        /* served groups: map group -> list of versions; null unknown */
    struct probe_answer *anonymous; /* PROBE_PATH_COUNT; NULL: not probed */
    VEC(struct ready_check) ready;  /* of /readyz?verbose, in its order */
    struct value tls;               /* tls/probe.h's document; null */
    struct value extension_auth;    /* the ConfigMap; null if it was not read or is not there */
    struct instant now;             /* the audit's time, or the recording's */
    struct value flagz;   /* flags of the API server that answered /flagz: name -> text; null */
    struct value metrics; /* parsed series that facts need (cluster/metrics.h); null */
    VEC(struct str) stale_groups;
    /* fields of the kinds, read when they are first needed; who collects many clusters may give
     * each the same, after cluster_init */
    struct kind_schemas *schemas;
    VEC(struct str) warnings; /* from the server, each once */
};
void cluster_init(struct cluster *c, struct arena *a);
/* The one copy of a text that many rows share. */
struct str cluster_intern(struct cluster *c, struct str text);
/* One more pod of the namespace that runs as the account; empty: as none. */
void cluster_count_pod(struct cluster *c, struct str ns, struct str service_account,
                       enum pod_token token);
const struct value *cluster_find(const struct cluster *c, enum kind kind, struct str ns,
                                 struct str name);
/* Coverage in one word: the first of set that is not complete, or KIND_NONE. NOT_SERVED counts as
 * complete only for kinds that a cluster may lack. */
enum kind cluster_first_gap(const struct cluster *c, struct kind_set set);

/* Told by the API group that only the platform itself can serve: anyone who may make namespaces
 * could call one as its are. */
bool cluster_is_openshift(const struct cluster *c);

#endif
