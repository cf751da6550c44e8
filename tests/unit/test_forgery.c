/* No forged verdict: whatever a namespace administrator writes in namespaces of tenants, or the kubelet of one worker of its own node, no
 * verdict gets better, nothing that failed is fewer, and no fact changes that its row says such a one cannot write. The forgeries
 * imitate everything that the tables of platform/ look for, over a recorded cluster and variants of it. */
#include "audit/accept.h"
#include "base/file.h"
#include "cluster/kind_schema.h"
#include "cluster/owner.h"
#include "cluster/snapshot.h"
#include "unit/forge.h"
#include "unit/from_yaml.h"

#define TEST_CLUSTER   "tests/clusters/mix"
#define TEST_BENCHMARK "benchmarks/cis-kubernetes-2.0.1.yaml"
/* What the texts below call $NS, $NODE and $CP; $..._UID are theirs. */
#define TENANT        "ci-runners"
#define WORKER        "worker-1"
#define CONTROL_PLANE "cp-1"
#define ACCEPTED      "builder" /* a Deployment of the tenant's that a person accepted, and waived */

/* ---- whose an item is */

static bool is_system(struct str ns)
{
    return str_has_prefix(ns, STR("kube-"));
}
static bool of_tenants(struct value item)
{
    struct str ns = value_text_at(item, "metadata", "namespace", NULL), name = value_text_at(item, "metadata", "name", NULL);
    return !is_system(ns) && !str_has_prefix(name, STR(ACCEPTED));
}
static bool of_worker(struct value item)
{
    return str_eq_c(value_text_at(item, "spec", "nodeName", NULL), WORKER) ||
           str_eq_c(value_text_at(item, "metadata", "name", NULL), WORKER);
}
static bool of_control_plane(struct value item)
{
    return str_eq_c(value_text_at(item, "spec", "nodeName", NULL), CONTROL_PLANE) ||
           str_eq_c(value_text_at(item, "metadata", "name", NULL), CONTROL_PLANE);
}
static bool of_other_workers(struct value item)
{
    return !of_worker(item) && !of_control_plane(item);
}
static bool of_kube_proxy(struct value item)
{
    return str_eq_c(value_text_at(item, "metadata", "name", NULL), "kube-proxy");
}

/* ---- variants of the cluster that a forgery is tried on */

#define OWNER(api, kind, name, uid) \
    "{metadata: {ownerReferences: [{apiVersion: " api ", kind: " kind ", name: " name ", uid: " uid ", controller: true}]}}"
#define MIRROR(node, uid)                                                                                              \
    "annotations: {kubernetes.io/config.mirror: x, kubernetes.io/config.hash: x, kubernetes.io/config.source: file}, " \
    "ownerReferences: [{apiVersion: v1, kind: Node, name: " node ", uid: " uid ", controller: true}]"
#define DAEMONSET(ns, name, image, more)                                                                                        \
    "{apiVersion: apps/v1, kind: DaemonSet, metadata: {name: " name ", namespace: " ns ", uid: forged, labels: {k8s-app: " name \
    "}}, spec: {selector: {matchLabels: {a: b}}, "                                                                              \
    "template: {metadata: {labels: {a: b}}, spec: {hostNetwork: true, priorityClassName: system-node-critical, " more           \
    "containers: [{name: c, image: '" image "'}]}}}, "                                                                          \
    "status: {desiredNumberScheduled: 4, currentNumberScheduled: 4, numberReady: 4}}"

struct change {
    const char *resource;
    bool (*is_for)(struct value item);
    const char *patch, *add; /* both NULL: left out */
};
enum variant { AS_RECORDED, OUT_OF_SIGHT, ONE_WORKER, NO_PROXY, FLANNEL, VARIANTS };
#define CHANGES_MAX 6
static const struct {
    const char *name;
    struct change change[CHANGES_MAX];
} variant_row[VARIANTS] = {
    [AS_RECORDED] = { "as recorded", { { 0 } } },
    [OUT_OF_SIGHT] = { "the control plane out of sight",
                       { { "pods", of_control_plane, NULL, NULL },
                         { "nodes", of_control_plane, NULL, NULL },
                         { "/flagz", NULL, NULL, NULL },
                         { "/metrics", NULL, NULL, NULL },
                         { "/api/v1/namespaces/kube-system/configmaps/kubeadm-config", NULL, NULL, NULL } } },
    [ONE_WORKER] = { "one worker, no kube-proxy to be seen",
                     { { "pods", of_control_plane, NULL, NULL },
                       { "nodes", of_control_plane, NULL, NULL },
                       { "nodes", of_other_workers, NULL, NULL },
                       { "daemonsets", of_kube_proxy, NULL, NULL },
                       { "/api/v1/namespaces/kube-system/configmaps/kubeadm-config", NULL, NULL, NULL } } },
    [NO_PROXY] = { "no kube-proxy to be seen", { { "daemonsets", of_kube_proxy, NULL, NULL } } },
    [FLANNEL] = { "a network plugin that enforces nothing",
                  { { "daemonsets", NULL, NULL, DAEMONSET("kube-system", "kube-flannel-ds", "ghcr.io/flannel-io/flannel:v0.26", "") } } },
};

/* ---- forgeries */

#define IN(v)      (1u << (v))
#define EVERYWHERE (IN(VARIANTS) - 1)
struct forgery {
    const char *name;
    enum forger by;
    unsigned in; /* variants */
    struct change change;
};
#define COMPONENT(ns, node, uid, command)                                                                                              \
    "{apiVersion: v1, kind: Pod, metadata: {name: forged-" node ", namespace: " ns                                                     \
    ", uid: forged, labels: {tier: control-plane, component: kube-apiserver}, " MIRROR(                                                \
        node, uid) "}, spec: {nodeName: " node ", hostNetwork: true, priorityClassName: system-node-critical, containers: [{name: c, " \
                   "image: registry.k8s.io/kube-apiserver:v1.35.4, "                                                                   \
                   "command: [" command "]}]}, status: {phase: Running, hostIP: 10.0.0.11, podIP: 10.0.0.11}}"
#define GOOD_APISERVER                                                                                                                     \
    "kube-apiserver, --advertise-address=10.0.0.11, --anonymous-auth=false, --profiling=false, '--authorization-mode=Node,RBAC', "         \
    "'--enable-admission-plugins=NodeRestriction,EventRateLimit,AlwaysPullImages,ImagePolicyWebhook,PodSecurity,DenyServiceExternalIPs', " \
    "--admission-control-config-file=/x, --audit-log-path=/x, --audit-log-maxage=30, --audit-log-maxbackup=10, --audit-log-maxsize=100, "  \
    "--audit-policy-file=/x, --client-ca-file=/x, --encryption-provider-config=/x, --etcd-cafile=/y, --etcd-certfile=/x, "                 \
    "--etcd-keyfile=/x, "                                                                                                                  \
    "--kubelet-certificate-authority=/x, --kubelet-client-certificate=/x, --kubelet-client-key=/x, --service-account-key-file=/x, "        \
    "--service-account-lookup=true, --service-account-extend-token-expiration=false, --tls-cert-file=/x, --tls-private-key-file=/x, "      \
    "--tls-min-version=VersionTLS13, --tls-cipher-suites=TLS_AES_256_GCM_SHA384, --request-timeout=60s"
#define TENANTS_POD(name, patch)                 \
    {                                            \
        name, FORGER_NAMESPACE, IN(AS_RECORDED), \
        {                                        \
            "pods", of_tenants, patch, NULL      \
        }                                        \
    }
#define TENANTS_PODS_ADDED(name, add)                                                \
    {                                                                                \
        name, FORGER_NAMESPACE, IN(AS_RECORDED) | IN(OUT_OF_SIGHT) | IN(ONE_WORKER), \
        {                                                                            \
            "pods", NULL, NULL, add                                                  \
        }                                                                            \
    }
#define WORKERS_PODS_ADDED(name, add)  \
    {                                  \
        name, FORGER_NODE, EVERYWHERE, \
        {                              \
            "pods", NULL, NULL, add    \
        }                              \
    }
#define SYSTEM_ROLE                                                                                                     \
    "{metadata: {name: 'system:controller:forged', labels: {kubernetes.io/bootstrapping: rbac-defaults}, annotations: " \
    "{rbac.authorization.kubernetes.io/autoupdate: 'true'}}}"

static const struct forgery forgery_row[] = {
    TENANTS_POD("pods name the accepted DaemonSet", OWNER("apps/v1", "DaemonSet", "kube-proxy", "$PROXY_UID")),
    TENANTS_POD("pods name the accepted Deployment", OWNER("apps/v1", "Deployment", ACCEPTED, "$ACCEPTED_UID")),
    TENANTS_POD("pods name the accepted Deployment's set by another uid", OWNER("apps/v1", "ReplicaSet", "$ACCEPTED_SET", "forged")),
    TENANTS_POD("pods name the accepted Deployment's set, which does not select them",
                OWNER("apps/v1", "ReplicaSet", "$ACCEPTED_SET", "$ACCEPTED_SET_UID")),
    TENANTS_POD("pods name a custom resource with an accepted name", OWNER("example.com/v1", "Agent", ACCEPTED, "forged")),
    TENANTS_POD("pods name nobody any more", "{metadata: {ownerReferences: null}}"),
    TENANTS_POD("pods name a node and call themselves static", "{metadata: {" MIRROR("$NODE", "$NODE_UID") "}}"),
    TENANTS_POD("pods name the control plane's node and call themselves static",
                "{metadata: {" MIRROR("$CP", "$CP_UID") "}, spec: {nodeName: $CP}}"),
    TENANTS_POD("pods bear the labels of the platform's",
                "{metadata: {labels: {k8s-app: kube-proxy, tier: control-plane, component: kube-apiserver}}}"),
    { "sets and jobs name a custom resource",
      FORGER_NAMESPACE,
      IN(AS_RECORDED),
      { "replicasets", of_tenants, OWNER("example.com/v1", "Agent", ACCEPTED, "forged"), NULL } },
    { "sets name the accepted Deployment, which does not select them",
      FORGER_NAMESPACE,
      IN(AS_RECORDED),
      { "replicasets", of_tenants, OWNER("apps/v1", "Deployment", ACCEPTED, "$ACCEPTED_UID"), NULL } },
    { "Deployments name a custom resource",
      FORGER_NAMESPACE,
      IN(AS_RECORDED),
      { "deployments", of_tenants, OWNER("example.com/v1", "Agent", ACCEPTED, "forged"), NULL } },
    { "Deployments name the accepted Deployment, which selects them",
      FORGER_NAMESPACE,
      IN(AS_RECORDED),
      { "deployments", of_tenants,
        "{metadata: {labels: $ACCEPTED_LABELS, ownerReferences: [{apiVersion: apps/v1, kind: Deployment, name: " ACCEPTED
        ", uid: $ACCEPTED_UID, controller: true}]}}",
        NULL } },
    { "StatefulSets name the accepted DaemonSet",
      FORGER_NAMESPACE,
      IN(AS_RECORDED),
      { "statefulsets", of_tenants, OWNER("apps/v1", "DaemonSet", "kube-proxy", "$PROXY_UID"), NULL } },
    { "DaemonSets name a node",
      FORGER_NAMESPACE,
      IN(AS_RECORDED),
      { "daemonsets", of_tenants, OWNER("v1", "Node", "$CP", "$CP_UID"), NULL } },
    { "CronJobs name a Deployment",
      FORGER_NAMESPACE,
      IN(AS_RECORDED),
      { "cronjobs", of_tenants, OWNER("apps/v1", "Deployment", ACCEPTED, "$ACCEPTED_UID"), NULL } },
    { "Jobs name a CronJob that is not there",
      FORGER_NAMESPACE,
      IN(AS_RECORDED),
      { "jobs", of_tenants, OWNER("batch/v1", "CronJob", "nightly", "forged"), NULL } },
    { "RoleBindings are called as the API server's own",
      FORGER_NAMESPACE,
      IN(AS_RECORDED),
      { "rolebindings", of_tenants, SYSTEM_ROLE, NULL } },
    { "Roles are labelled as the API server's own",
      FORGER_NAMESPACE,
      IN(AS_RECORDED),
      { "roles", of_tenants, "{metadata: {labels: {kubernetes.io/bootstrapping: rbac-defaults}}}", NULL } },
    { "accounts are labelled as the platform's",
      FORGER_NAMESPACE,
      IN(AS_RECORDED),
      { "serviceaccounts", of_tenants, "{metadata: {labels: {kubernetes.io/bootstrapping: rbac-defaults, k8s-app: kube-proxy}}}", NULL } },
    TENANTS_PODS_ADDED("a pod of a tenant's that calls itself the API server", COMPONENT("$NS", "$CP", "$CP_UID", GOOD_APISERVER)),
    TENANTS_PODS_ADDED("a pod of a tenant's that calls itself kube-proxy",
                       COMPONENT("$NS", "$NODE", "$NODE_UID", "kube-proxy, '--metrics-bind-address=127.0.0.1:10249'")),
    { "a tenant's DaemonSet kube-proxy",
      FORGER_NAMESPACE,
      IN(NO_PROXY),
      { "daemonsets", NULL, NULL, DAEMONSET("$NS", "kube-proxy", "registry.k8s.io/kube-proxy:v1.35.4", "") } },
    WORKERS_PODS_ADDED("a worker's static pod is an API server", COMPONENT("kube-system", "$NODE", "$NODE_UID", GOOD_APISERVER)),
    WORKERS_PODS_ADDED(
        "a worker's static pod is a controller manager",
        COMPONENT("kube-system", "$NODE", "$NODE_UID",
                  "kube-controller-manager, --profiling=false, --use-service-account-credentials=true, --terminated-pod-gc-threshold=10, "
                  "--service-account-private-key-file=/x, --root-ca-file=/x, --feature-gates=RotateKubeletServerCertificate=true, "
                  "--bind-address=127.0.0.1")),
    WORKERS_PODS_ADDED("a worker's static pod is a scheduler",
                       COMPONENT("kube-system", "$NODE", "$NODE_UID", "kube-scheduler, --profiling=false, --bind-address=127.0.0.1")),
    WORKERS_PODS_ADDED(
        "a worker's static pod is an etcd",
        COMPONENT(
            "kube-system", "$NODE", "$NODE_UID",
            "etcd, --cert-file=/x, --key-file=/x, --client-cert-auth=true, --trusted-ca-file=/z, --peer-cert-file=/x, --peer-key-file=/x, "
            "--peer-client-cert-auth=true, '--initial-cluster=a=https://a:1,b=https://b:1'")),
    /* where it is all that there is, it speaks for itself */
    { "a worker's static pod is kube-proxy",
      FORGER_NODE,
      IN(AS_RECORDED) | IN(OUT_OF_SIGHT) | IN(NO_PROXY),
      { "pods", NULL, NULL, COMPONENT("kube-system", "$NODE", "$NODE_UID", "kube-proxy, '--metrics-bind-address=127.0.0.1:10249'") } },
    WORKERS_PODS_ADDED("a worker's static pod is of the control plane's node",
                       COMPONENT("kube-system", "$CP", "$NODE_UID", GOOD_APISERVER)),
    { "a worker says of its pods that they are done",
      FORGER_NODE,
      IN(AS_RECORDED),
      { "pods", of_worker, "{status: {phase: Succeeded, hostIP: 10.0.0.11}}", NULL } },
    { "a worker says that it is a server of K3s",
      FORGER_NODE,
      EVERYWHERE,
      { "nodes", of_worker,
        "{metadata: {annotations: {k3s.io/node-args: '[\"server\"]'}, labels: {kubernetes.io/role: master, "
        "node.kubernetes.io/instance-type: k3s, microk8s.io/cluster: 'true'}}, "
        "status: {nodeInfo: {kubeletVersion: v1.35.4+k3s1}}}",
        NULL } },
};

/* What the tables look for, and where. */
#define PLUGIN(name, namespaces, daemonsets, images, enforces, admin, forgers) { name, daemonsets, images },
static const struct {
    const char *name, *daemonsets, *images;
} plugin_row[] = {
#include "analyze/platform/detect.def"
};
#undef PLUGIN
#define ENGINE(name, webhooks, forgers)                     name,
#define VERIFIER(name, webhooks, only, forgers)             name,
#define VERIFIER_CRD(name, crd, forgers)                    name,
#define STORE(name, kind, copies, source, pattern, forgers) name,
static const char *const addon_row[] = {
#include "analyze/platform/detect.def"
};
#undef ENGINE
#undef VERIFIER
#undef VERIFIER_CRD
#undef STORE
enum where { SERVER_VERSION, API_GROUP, NODE_VERSION, NODE_LABEL, NODE_PROVIDER, NODE_OS, KUBEADM_CONFIG };
static const struct {
    const char *head, *tail;
} where_patch[] = {
    [NODE_VERSION] = { "{status: {nodeInfo: {kubeletVersion: '", "'}}}" },
    [NODE_LABEL] = { "{metadata: {labels: {'", "': ''}}}" },
    [NODE_PROVIDER] = { "{spec: {providerID: '", "'}}" },
    [NODE_OS] = { "{status: {nodeInfo: {osImage: '", "'}}}" },
    [KUBEADM_CONFIG] = { NULL, NULL },
};
#define TRACE(platform, where, pattern, forgers) { platform, where, pattern },
static const struct {
    const char *platform;
    enum where where;
    const char *pattern;
} trace_row[] = {
#include "analyze/platform/platform.def"
};
#undef TRACE

/* ---- one audit */

static struct arena keep, scratch;
static struct benchmark bench;
static struct snapshot snapshot;
static struct kind_schemas schemas; /* read once for all audits */
static struct value params;
static struct statements statements;
static struct {
    const char *name;
    struct str text;
} told[16];
static size_t told_count;
struct outcome {
    struct result result;
    struct value *fact;
};
static struct outcome baseline[VARIANTS];

static void tell(const char *name, struct str text)
{
    ck_assert_msg(text.n > 0, "the recorded cluster has no %s", name);
    told[told_count].name = name;
    told[told_count++].text = text;
}

/* Every $NAME replaced, the longest first. */
static struct str filled(struct arena *a, const char *text)
{
    struct buf out CLEANUP(buf_release) = BUF_INIT((size_t)1 << 20);
    for (const char *p = text; *p;) {
        size_t best = told_count;
        for (size_t i = 0; *p == '$' && i < told_count; i++)
            if (!strncmp(p + 1, told[i].name, strlen(told[i].name)) &&
                (best == told_count || strlen(told[i].name) > strlen(told[best].name)))
                best = i;
        if (best < told_count) {
            buf_add(&out, told[best].text);
            p += 1 + strlen(told[best].name);
        } else
            buf_add_char(&out, *p++);
    }
    return str_dup(a, buf_str(&out));
}

static struct forge_edit edit_of(struct arena *a, const struct change *c)
{
    struct forge_edit e = { .resource = c->resource, .is_for = c->is_for, .patch = value_null(), .add = value_null() };
    if (c->patch)
        e.patch = from_yaml(a, str_to_c(a, filled(a, c->patch)));
    if (c->add)
        e.add = from_yaml(a, str_to_c(a, filled(a, c->add)));
    return e;
}

static void audit_with(struct outcome *out, struct arena *a, enum variant v, const struct change *change, size_t change_count)
{
    VEC(struct forge_edit) edit = { 0 };
    size_t before;
    for (before = 0; before < CHANGES_MAX && variant_row[v].change[before].resource; before++)
        *VEC_PUSH(&edit, a) = edit_of(a, &variant_row[v].change[before]);
    for (size_t i = 0; i < change_count; i++)
        *VEC_PUSH(&edit, a) = edit_of(a, &change[i]);
    struct forge_transport *f = forge_open(a, snapshot_transport(a, &snapshot), edit.item, edit.count);
    struct cluster *cluster = arena_new(a, struct cluster);
    struct collected collected = { .cluster = cluster };
    struct audit_options o = { .params = params, .statements = &statements };
    struct client_limits limits;
    struct client client;
    struct err err = { 0 };
    cluster_init(cluster, a);
    cluster->now = snapshot.recorded;
    cluster->schemas = &schemas;
    struct audit *au = audit_open(a, &bench, cluster, &o);
    struct collect_observer observer = { .object = audit_object, .early_done = audit_early_done, .ctx = au };
    struct collect_options needs = audit_needs(au);
    client_limits_default(&limits);
    limits.retries = 1;
    client_init(&client, &f->base, a, &limits);
    ck_assert_msg(collect_run(&collected, &client, &needs, &observer, &err), "%s", err.text);
    ck_assert_msg(audit_finish(au, NULL, 0, &out->result, &err), "%s", err.text);
    ck_assert_msg(f->applied > 0 || !edit.count, "%s: nothing was forged", variant_row[v].name);
    out->fact = arena_array(a, struct value, fact_count);
    for (size_t i = 0; i < fact_count; i++)
        out->fact[i] = facts_get(au->facts, i);
}

/* ---- no better */

/* Evidence tells what was seen and not believed, and errors word it. */
static bool is_same(struct value x, struct value y)
{
    if (x.kind != y.kind)
        return false;
    if (x.kind == VALUE_ERROR)
        return true;
    if (x.kind == VALUE_LIST) {
        bool same = x.n == y.n;
        for (uint32_t i = 0; same && i < x.n; i++)
            same = is_same(value_item(x, i), value_item(y, i));
        return same;
    }
    if (x.kind != VALUE_MAP)
        return value_equal(x, y);
    bool same = x.n == y.n;
    for (uint32_t i = 0; same && i < x.n; i++) {
        struct str key = value_text(x.as.map->entry[i].key);
        const struct value *other = value_get(y, key);
        same = str_eq_c(key, "evidence") || (other && is_same(x.as.map->entry[i].val, *other));
    }
    return same;
}

static void compare(const struct outcome *now, enum variant v, const char *what, enum forger by)
{
    const struct outcome *was = &baseline[v];
    for (size_t i = 0; i < now->result.check_count; i++) {
        const struct check_result *x = &was->result.check[i], *y = &now->result.check[i];
        struct str id = x->check->id;
        ck_assert_msg(y->verdict >= x->verdict || x->verdict <= VERDICT_WAIVED, "%s (%s): check %.*s was %s and is %s: %.*s", what,
                      variant_row[v].name, STR_ARG(id), verdict_label(x->verdict), verdict_label(y->verdict), STR_ARG(y->reason));
        for (size_t p = 0; p < x->check->part_count; p++) {
            const struct part_result *a = &x->part[p], *b = &y->part[p];
            ck_assert_msg(b->failed >= a->failed, "%s (%s): check %.*s, part %zu: %llu failed, now %llu", what, variant_row[v].name,
                          STR_ARG(id), p, (unsigned long long)a->failed, (unsigned long long)b->failed);
            ck_assert_msg(b->failed + b->unknown + b->manual >= a->failed + a->unknown + a->manual,
                          "%s (%s): check %.*s, part %zu: %llu not met, now %llu", what, variant_row[v].name, STR_ARG(id), p,
                          (unsigned long long)(a->failed + a->unknown + a->manual),
                          (unsigned long long)(b->failed + b->unknown + b->manual));
        }
    }
    ck_assert_msg(now->result.score.low_permille <= was->result.score.low_permille, "%s: the score rose", what);
    for (size_t i = 0; i < fact_count; i++)
        ck_assert_msg(forger_set_has(fact_info[i].forgers, by) || is_same(was->fact[i], now->fact[i]),
                      "%s (%s): facts.%s changed, which %s cannot write", what, variant_row[v].name, fact_info[i].name, forger_name(by));
}

static void try_it(const char *name, enum forger by, unsigned in, const struct change *change, size_t change_count)
{
    for (int v = 0; v < VARIANTS; v++) {
        struct outcome now = { 0 };
        if (!(in & IN(v)))
            continue;
        arena_reset(&scratch);
        audit_with(&now, &scratch, (enum variant)v, change, change_count);
        compare(&now, (enum variant)v, name, by);
    }
}

/* ---- setting up */

static struct str uid_of(const struct cluster *c, const char *kind, const char *ns, const char *name)
{
    for (size_t i = 0; i < c->owner.count; i++)
        if (str_eq_c(c->owner.item[i].ref.kind, kind) && str_eq_c(c->owner.item[i].ref.ns, ns) && str_eq_c(c->owner.item[i].ref.name, name))
            return c->owner.item[i].ref.uid;
    return (struct str){ 0 };
}

/* The labels of a selector as owner.c packs it. */
static struct value unpacked(struct value selector)
{
    struct value_builder b;
    struct str rest = value_text(selector), key, value;
    ck_assert_int_eq(selector.kind, VALUE_BYTES);
    value_builder_init(&b, &keep);
    while (str_next_field(&rest, '\0', &key) && str_next_field(&rest, '\0', &value))
        value_builder_put(&b, value_str(key), value_str(value));
    return value_builder_map(&b);
}

static void tell_all(const struct cluster *c)
{
    tell("NS", STR(TENANT));
    tell("NODE", STR(WORKER));
    tell("CP", STR(CONTROL_PLANE));
    tell("NODE_UID", value_text_at(*cluster_find(c, KIND_NODES, STR(""), STR(WORKER)), "metadata", "uid", NULL));
    tell("CP_UID", value_text_at(*cluster_find(c, KIND_NODES, STR(""), STR(CONTROL_PLANE)), "metadata", "uid", NULL));
    tell("PROXY_UID", uid_of(c, "DaemonSet", "kube-system", "kube-proxy"));
    tell("ACCEPTED_UID", uid_of(c, "Deployment", TENANT, ACCEPTED));
    for (size_t i = 0; i < c->owner.count; i++) {
        const struct owner_row *row = &c->owner.item[i];
        if (row->parent && str_eq(c->owner.item[row->parent - 1].ref.uid, uid_of(c, "Deployment", TENANT, ACCEPTED))) {
            tell("ACCEPTED_SET", row->ref.name);
            tell("ACCEPTED_SET_UID", row->ref.uid);
        }
        if (str_eq(row->ref.uid, uid_of(c, "Deployment", TENANT, ACCEPTED))) {
            struct buf text CLEANUP(buf_release) = BUF_INIT(4096);
            json_doc_write(&text, unpacked(row->selector), 0);
            tell("ACCEPTED_LABELS", str_dup(&keep, buf_str(&text)));
        }
    }
}

static void setup(void)
{
    struct err err = { 0 };
    struct faults faults = { 0 };
    const char *given = getenv("srcdir");
    struct str folder = str_from_c(given ? given : "."),
               setting = STR("acceptedWorkloads=[kube-system/kube-proxy, " TENANT "/" ACCEPTED "]");
    ck_assert(benchmark_load(&bench, &keep, str_to_c(&keep, file_join(&keep, folder, STR(TEST_BENCHMARK))), &faults));
    kind_schemas_open(&schemas, &keep, &keep);
    ck_assert_msg(snapshot_read(&snapshot, &keep, str_to_c(&keep, file_join(&keep, folder, STR(TEST_CLUSTER))), &err), "%s", err.text);
    ck_assert_msg(benchmark_params(&bench, &setting, 1, &keep, &params, &err), "%s", err.text);
    ck_assert_msg(
        statements_parse(
            &statements, &keep,
            STR("waivers:\n- {check: '5.*', object: 'Deployment " TENANT "/" ACCEPTED
                "', by: Jane Doe, reason: It is accepted., expires: 2027-06-01}\n"
                "- {check: '5.*', object: 'DaemonSet kube-system/*', by: Jane Doe, reason: It is accepted., expires: 2027-06-01}\n"),
            "s", &bench, &faults),
        "%.*s", STR_ARG(faults.item.item[0].text));
    audit_with(&baseline[AS_RECORDED], &keep, AS_RECORDED, NULL, 0);
    tell_all(baseline[AS_RECORDED].result.cluster);
    for (int v = AS_RECORDED + 1; v < VARIANTS; v++)
        audit_with(&baseline[v], &keep, (enum variant)v, NULL, 0);
}
static void teardown(void)
{
    told_count = 0;
    arena_release(&scratch);
    arena_release(&keep);
}

static enum verdict verdict_of(enum variant v, const char *id)
{
    for (size_t i = 0; i < baseline[v].result.check_count; i++)
        if (str_eq_c(baseline[v].result.check[i].check->id, id))
            return baseline[v].result.check[i].verdict;
    ck_abort_msg("no check %s", id);
    return VERDICT_COUNT;
}

/* There is something to gain in each variant, and something to be taken for: what is accepted and what is waived. */
START_TEST(test_baselines)
{
    uint64_t waived = 0, excepted = 0;
    for (size_t i = 0; i < baseline[AS_RECORDED].result.check_count; i++) {
        const struct check_result *c = &baseline[AS_RECORDED].result.check[i];
        for (size_t p = 0; p < c->check->part_count; p++) {
            waived += c->part[p].waived;
            excepted += c->part[p].excepted;
        }
    }
    ck_assert_uint_gt(waived, 0);
    ck_assert_uint_gt(excepted, 0);
    ck_assert_int_eq(verdict_of(AS_RECORDED, "5.2.2"), VERDICT_FAIL);
    ck_assert_int_eq(verdict_of(AS_RECORDED, "5.3.1"), VERDICT_MANUAL);
    ck_assert_int_eq(verdict_of(AS_RECORDED, "4.1.1"), VERDICT_UNKNOWN);
    ck_assert_int_eq(verdict_of(OUT_OF_SIGHT, "1.2.14"), VERDICT_UNKNOWN);
    ck_assert_int_eq(verdict_of(OUT_OF_SIGHT, "2.1"), VERDICT_UNKNOWN);
    ck_assert_int_eq(verdict_of(ONE_WORKER, "1.1.1"), VERDICT_UNKNOWN);
    ck_assert_int_eq(verdict_of(NO_PROXY, "4.3.1"), VERDICT_UNKNOWN);
    ck_assert_int_eq(verdict_of(FLANNEL, "5.3.1"), VERDICT_FAIL);
}
END_TEST

START_TEST(test_forgeries)
{
    const struct forgery *f = &forgery_row[_i];
    try_it(f->name, f->by, f->in, &f->change, 1);
}
END_TEST

/* The first of patterns, with something for its stars. */
static struct str example_of(struct arena *a, const char *patterns)
{
    struct str rest = str_from_c(patterns), first = { 0 };
    struct buf out CLEANUP(buf_release) = BUF_INIT(4096);
    (void)str_next_field(&rest, ' ', &first);
    for (size_t i = 0; i < first.n; i++) {
        if (first.p[i] == '*')
            buf_add_c(&out, i ? "x1" : "docker.io/x");
        else
            buf_add_char(&out, first.p[i]);
    }
    return str_dup(a, buf_str(&out));
}

static const char *daemon_set(struct arena *a, const char *name, struct str image, const char *more)
{
    return str_to_c(a, str_printf(a, DAEMONSET("$NS", "%s", "%.*s", "%s"), name, name, more, STR_ARG(image)));
}

/* A tenant's DaemonSet that looks like the agent of a plugin, by its image and by its name. */
START_TEST(test_plugins)
{
    struct arena a CLEANUP(arena_release) = { 0 };
    const char *name = plugin_row[_i].daemonsets[0] ? str_to_c(&a, example_of(&a, plugin_row[_i].daemonsets)) : "agent";
    struct str image =
        plugin_row[_i].images[0] ? str_printf(&a, "%.*s:v20990101-x", STR_ARG(example_of(&a, plugin_row[_i].images))) : STR("x:1");
    struct change change[] = { { "daemonsets", NULL, NULL, daemon_set(&a, name, image, "serviceAccountName: default, ") } };
    try_it(plugin_row[_i].name, FORGER_NAMESPACE, IN(AS_RECORDED) | IN(FLANNEL) | IN(ONE_WORKER), change, 1);
}
END_TEST

/* All add-ons at once, as workloads and agents of tenants that are called so. */
START_TEST(test_addons)
{
    struct arena a CLEANUP(arena_release) = { 0 };
    VEC(struct change) change = { 0 };
    for (size_t i = 0; i < COUNT_OF(addon_row); i++) {
        struct str image = str_printf(&a, "docker.io/%s/%s:v1", addon_row[i], addon_row[i]);
        struct str workload = str_printf(&a,
                                         "{apiVersion: apps/v1, kind: Deployment, metadata: {name: %s, namespace: $NS, labels: "
                                         "{app.kubernetes.io/name: %s}}, spec: {selector: {matchLabels: {a: b}}, "
                                         "template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: '%.*s'}]}}}}",
                                         addon_row[i], addon_row[i], STR_ARG(image));
        *VEC_PUSH(&change, &a) = (struct change){ "deployments", NULL, NULL, str_to_c(&a, workload) };
        *VEC_PUSH(&change, &a) = (struct change){ "daemonsets", NULL, NULL, daemon_set(&a, addon_row[i], image, "") };
    }
    ck_assert_uint_gt(change.count, 40);
    try_it("add-ons", FORGER_NAMESPACE, IN(AS_RECORDED), change.item, change.count);
}
END_TEST

/* One worker's Node that says of itself what each platform's nodes say. */
START_TEST(test_platforms)
{
    struct arena a CLEANUP(arena_release) = { 0 };
    const char *head = where_patch[trace_row[_i].where].head, *tail = where_patch[trace_row[_i].where].tail;
    if (!head)
        return; /* the API server's, or the administrator's */
    struct change change = { "nodes", of_worker,
                             str_to_c(&a, str_printf(&a, "%s%.*s%s", head, STR_ARG(example_of(&a, trace_row[_i].pattern)), tail)), NULL };
    try_it(trace_row[_i].platform, FORGER_NODE, IN(AS_RECORDED) | IN(ONE_WORKER), &change, 1);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("no forged verdict");
    TCase *t = tcase_create("forgeries");
    tcase_set_timeout(t, 900);
    tcase_add_unchecked_fixture(t, setup, teardown);
    tcase_add_test(t, test_baselines);
    tcase_add_loop_test(t, test_forgeries, 0, COUNT_OF(forgery_row));
    tcase_add_loop_test(t, test_plugins, 0, COUNT_OF(plugin_row));
    tcase_add_test(t, test_addons);
    tcase_add_loop_test(t, test_platforms, 0, COUNT_OF(trace_row));
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? 1 : 0;
}
