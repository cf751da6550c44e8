/* Whom it believes: owners by uid, existence and selector, agents that somebody vouches for, K3s by its servers. */
#include "analyze/facts.h"
#include "cluster/owner.h"
#include "unit/from_yaml.h"

#include <check.h>

static struct arena arena;
static struct cluster cluster;

/* A cluster of which everything was seen, and nothing is there. */
static void setup(void)
{
    cluster_init(&cluster, &arena);
    for (size_t k = 0; k < KIND_COUNT; k++)
        cluster.coverage[k].state = COVERAGE_COMPLETE;
}
static void teardown(void)
{
    arena_release(&arena);
}

static void keep(enum kind kind, const char *yaml)
{
    *VEC_PUSH(&cluster.kept[kind], &arena) = from_yaml(&arena, yaml);
}

static void deny(enum kind kind)
{
    cluster.coverage[kind] =
        (struct coverage){ .state = COVERAGE_DENIED, .reason = STR("things: forbidden"), .remedy = STR("grant list on things") };
}

/* ---- owners */

#define META(kind, api, ns, name, uid, more) \
    "apiVersion: " api ", kind: " kind ", metadata: {namespace: " ns ", name: " name ", uid: " uid more "}"
#define SELECTS "spec: {selector: {matchLabels: {a: b}}}"
static const struct {
    enum kind kind;
    const char *yaml;
} workload_row[] = {
    { KIND_DEPLOYMENTS, "{" META("Deployment", "apps/v1", "shop", "d", "d1", "") ", " SELECTS "}" },
    { KIND_DAEMONSETS, "{" META("DaemonSet", "apps/v1", "shop", "net", "n1", "") ", " SELECTS "}" },
    { KIND_STATEFULSETS, "{" META("StatefulSet", "apps/v1", "shop", "empty", "e1", "") ", spec: {selector: {}}}" },
    { KIND_CRONJOBS, "{" META("CronJob", "batch/v1", "shop", "c", "c1", "") "}" },
    { KIND_REPLICATIONCONTROLLERS, "{" META("ReplicationController", "v1", "shop", "rc", "rc1", "") ", spec: {selector: {a: b}}}" },
    { KIND_REPLICASETS,
      "{" META(
          "ReplicaSet", "apps/v1", "shop", "d-1", "r1",
          ", labels: {a: b}, ownerReferences: [{apiVersion: apps/v1, kind: Deployment, name: d, uid: d1, controller: true}]") ", " SELECTS
                                                                                                                              "}" },
    { KIND_JOBS,
      "{" META("Job", "batch/v1", "shop", "c-1", "j1",
               ", ownerReferences: [{apiVersion: batch/v1, kind: CronJob, name: c, uid: c1, controller: true}]") ", " SELECTS "}" },
    { KIND_DAEMONSETS, "{" META("DaemonSet", "apps/v1", "shop", "two", "t1", "") ", spec: {selector: {matchLabels: {a: b, c: ''}}}}" },
    { KIND_DAEMONSETS, "{" META("DaemonSet", "apps/v1", "shop", "more", "m1",
                                "") ", spec: {selector: {matchLabels: {a: b}, matchExpressions: [{key: c, operator: DoesNotExist}]}}}" },
};
#define POD(ns, labels, api, kind, name, uid)                                                                            \
    "{" META("Pod", "v1", ns, "p", "p1",                                                                                 \
             ", labels: {" labels "}, ownerReferences: [{apiVersion: " api ", kind: " kind ", name: " name ", uid: " uid \
             ", controller: true}]") "}"

static const struct {
    const char *pod;
    enum owner_claim claim;
    const char *top; /* of a verified one */
} owner_case[] = {
    { POD("shop", "a: b", "apps/v1", "ReplicaSet", "d-1", "r1"), OWNER_VERIFIED, "d" },
    { POD("shop", "a: b, c: d", "apps/v1", "DaemonSet", "net", "n1"), OWNER_VERIFIED, "net" },
    { POD("shop", "a: b", "batch/v1", "Job", "c-1", "j1"), OWNER_VERIFIED, "c" },
    { POD("shop", "a: b", "v1", "ReplicationController", "rc", "rc1"), OWNER_VERIFIED, "rc" },
    /* another of that name */
    { POD("shop", "a: b", "apps/v1", "DaemonSet", "net", "n2"), OWNER_FALSE, NULL },
    /* it does not select the pod */
    { POD("shop", "a: c", "apps/v1", "DaemonSet", "net", "n1"), OWNER_FALSE, NULL },
    { POD("shop", "", "v1", "ReplicationController", "rc", "rc1"), OWNER_FALSE, NULL },
    { POD("shop", "a: b", "apps/v1", "StatefulSet", "empty", "e1"), OWNER_FALSE, NULL },
    { POD("shop", "a: b, c: ''", "apps/v1", "DaemonSet", "two", "t1"), OWNER_VERIFIED, "two" },
    { POD("shop", "a: b, c: x", "apps/v1", "DaemonSet", "two", "t1"), OWNER_FALSE, NULL },
    { POD("shop", "a: b", "apps/v1", "DaemonSet", "two", "t1"), OWNER_FALSE, NULL },
    { POD("shop", "a: b", "apps/v1", "DaemonSet", "more", "m1"), OWNER_VERIFIED, "more" },
    { POD("shop", "a: b, c: d", "apps/v1", "DaemonSet", "more", "m1"), OWNER_FALSE, NULL },
    /* there is none */
    { POD("shop", "a: b", "apps/v1", "DaemonSet", "m", "n1"), OWNER_FALSE, NULL },
    /* of another namespace */
    { POD("web", "a: b", "apps/v1", "DaemonSet", "net", "n1"), OWNER_FALSE, NULL },
    /* which owns no pods */
    { POD("shop", "a: b", "apps/v1", "Deployment", "d", "d1"), OWNER_FALSE, NULL },
    { POD("shop", "a: b", "batch/v1", "CronJob", "c", "c1"), OWNER_FALSE, NULL },
    { POD("shop", "a: b", "example.com/v1", "DaemonSet", "net", "n1"), OWNER_NONE, NULL },
    { POD("shop", "a: b", "v1", "Node", "net", "n1"), OWNER_NONE, NULL },
    { "{" META("Pod", "v1", "shop", "p", "p1", "") "}", OWNER_NONE, NULL },
};

static void note_workloads(void)
{
    for (size_t i = 0; i < COUNT_OF(workload_row); i++)
        (void)cluster_note_owner(&cluster, workload_row[i].kind, from_yaml(&arena, workload_row[i].yaml));
}

START_TEST(owners_are_verified)
{
    uint32_t owner;
    note_workloads();
    ck_assert_int_eq(cluster_owner(&cluster, from_yaml(&arena, owner_case[_i].pod), &owner, NULL), owner_case[_i].claim);
    ck_assert((owner > 0) == (owner_case[_i].claim == OWNER_VERIFIED));
    if (owner)
        ck_assert_text(cluster.owner.item[cluster_top_owner(&cluster, owner) - 1].ref.name, owner_case[_i].top);
}
END_TEST

/* What could not be listed may be there; what was seen of it counts. */
/* What a Deployment or a CronJob makes has its pod template; whatever else names it as its owner is judged by its own. */
#define DEPLOYMENT                                                                                                              \
    "{" META("Deployment", "apps/v1", "shop", "made", "m1",                                                                     \
             "") ", spec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {hostNetwork: false, " \
                 "containers: [{name: c, image: i}]}}}}"
#define CRONJOB                                           \
    "{" META("CronJob", "batch/v1", "shop", "cron", "k1", \
             "") ", spec: {jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: c}]}}}}}}"
#define SET(template_, more)                                                                                                                 \
    "{" META(                                                                                                                                \
        "ReplicaSet", "apps/v1", "shop", "made-1", "s1",                                                                                     \
        ", labels: {a: b}, ownerReferences: [{apiVersion: apps/v1, kind: Deployment, name: made, uid: m1, controller: true}]") ", spec: "    \
                                                                                                                               "{" more      \
                                                                                                                               "selector:"   \
                                                                                                                               " {"          \
                                                                                                                               "matchLabe"   \
                                                                                                                               "ls: {a: "    \
                                                                                                                               "b}}, "       \
                                                                                                                               "template:"   \
                                                                                                                               " "           \
                                                                                                                               "{" template_ \
                                                                                                                               "}}}"
#define JOB(template_, more)                                                                                                            \
    "{" META(                                                                                                                           \
        "Job", "batch/v1", "shop", "cron-1", "j9",                                                                                      \
        ", ownerReferences: [{apiVersion: batch/v1, kind: CronJob, name: cron, uid: k1, controller: true}]") ", spec: {suspend: true, " \
                                                                                                             "template: {" template_    \
                                                                                                             "}}" more "}"
static const struct {
    const char *object;
    enum owner_claim claim;
} made_case[] = {
    { SET("metadata: {labels: {a: b, pod-template-hash: x}}, spec: {containers: [{image: i, name: c}], hostNetwork: false}", ""),
      OWNER_VERIFIED },
    { SET("metadata: {labels: {a: b}}, spec: {hostNetwork: true, containers: [{name: c, image: i}]}", ""), OWNER_FALSE },
    { SET("metadata: {labels: {a: b, c: d}}, spec: {hostNetwork: false, containers: [{name: c, image: i}]}", ""), OWNER_FALSE },
    { SET("metadata: {labels: {a: b}, annotations: {x: y}}, spec: {hostNetwork: false, containers: [{name: c, image: i}]}", ""),
      OWNER_FALSE },
    { SET("metadata: {labels: {a: b}}", ""), OWNER_FALSE },
    { SET("metadata: {labels: {a: b}}, spec: {hostNetwork: true, containers: [{name: c, image: i}]}", "replicas: 0, "), OWNER_VERIFIED },
    { SET("metadata: {labels: {a: b}}, spec: {hostNetwork: true, containers: [{name: c, image: i}]}", "replicas: 1, "), OWNER_FALSE },
    { JOB("metadata: {labels: {batch.kubernetes.io/controller-uid: j9, job-name: cron-1}}, spec: {restartPolicy: Never, containers: "
          "[{name: c}]}",
          ""),
      OWNER_VERIFIED },
    { JOB("spec: {hostPID: true, restartPolicy: Never, containers: [{name: c}]}", ""), OWNER_FALSE },
    { JOB("spec: {hostPID: true, restartPolicy: Never, containers: [{name: c}]}",
          ", status: {conditions: [{type: Complete, status: 'True'}]}"),
      OWNER_VERIFIED },
    { JOB("spec: {hostPID: true, restartPolicy: Never, containers: [{name: c}]}",
          ", status: {conditions: [{type: Suspended, status: 'True'}, {type: Failed, status: 'False'}]}"),
      OWNER_FALSE },
};

START_TEST(what_is_made_has_its_owners_template)
{
    uint32_t owner;
    (void)cluster_note_owner(&cluster, KIND_DEPLOYMENTS, from_yaml(&arena, DEPLOYMENT));
    (void)cluster_note_owner(&cluster, KIND_CRONJOBS, from_yaml(&arena, CRONJOB));
    ck_assert_int_eq(cluster_owner(&cluster, from_yaml(&arena, made_case[_i].object), &owner, NULL), made_case[_i].claim);
}
END_TEST

START_TEST(owners_that_were_not_seen)
{
    uint32_t owner;
    enum kind kind = KIND_NONE;
    deny(KIND_DAEMONSETS);
    ck_assert_int_eq(cluster_owner(&cluster, from_yaml(&arena, POD("shop", "a: b", "apps/v1", "DaemonSet", "net", "n1")), &owner, &kind),
                     OWNER_UNSEEN);
    ck_assert_int_eq(kind, KIND_DAEMONSETS);
    ck_assert_uint_eq(owner, 0);
    note_workloads();
    ck_assert_int_eq(cluster_owner(&cluster, from_yaml(&arena, POD("shop", "a: b", "apps/v1", "DaemonSet", "net", "n1")), &owner, &kind),
                     OWNER_VERIFIED);
    ck_assert_int_eq(cluster_owner(&cluster, from_yaml(&arena, POD("shop", "a: b", "apps/v1", "DaemonSet", "net", "n2")), &owner, &kind),
                     OWNER_FALSE);
}
END_TEST

/* Owners go by before what they own. */
START_TEST(owners_go_by_first)
{
    ck_assert_uint_lt(owner_wave(KIND_DEPLOYMENTS), owner_wave(KIND_REPLICASETS));
    ck_assert_uint_lt(owner_wave(KIND_CRONJOBS), owner_wave(KIND_JOBS));
    for (size_t i = 0; i < COUNT_OF(workload_row); i++)
        ck_assert_uint_lt(owner_wave(workload_row[i].kind), owner_wave(KIND_PODS));
    ck_assert_uint_eq(owner_wave(KIND_PODS) + 1, owner_waves());
}
END_TEST

/* ---- agents */

static struct value plugin(void)
{
    struct facts *f = facts_open(&arena, &cluster);
    facts_complete(f);
    for (size_t i = 0; i < fact_count; i++)
        if (!strcmp(fact_info[i].name, "networkPlugin"))
            return facts_get(f, i);
    ck_abort_msg("no fact networkPlugin");
    return value_null();
}

/* "calico" of [calico]; "unavailable" of an error. */
static struct str names(struct value v)
{
    const struct value *list = value_get(v, STR("names"));
    struct str all = { 0 };
    for (uint32_t i = 0; list && i < list->n; i++)
        all = str_printf(&arena, "%.*s%s%.*s", STR_ARG(all), i ? " " : "", STR_ARG(value_text(value_item(*list, i))));
    return all;
}
static struct str enforces(struct value v)
{
    const struct value *e = v.kind == VALUE_ERROR ? NULL : value_get(v, STR("enforces"));
    return !e ? STR("unavailable") : e->kind == VALUE_NULL ? STR("null") : e->as.b ? STR("true") : STR("false");
}

static void add_agent(const char *ns, const char *name, const char *image, int64_t desired, int64_t ready)
{
    struct workload_row *row = VEC_PUSH(&cluster.workload, &arena);
    *row = (struct workload_row){ .kind = KIND_DAEMONSETS,
                                  .ref = { .ns = str_from_c(ns), .name = str_from_c(name) },
                                  .account = STR("agent"),
                                  .desired = desired,
                                  .ready = ready };
    row->image = arena_new(&arena, struct str);
    *row->image = str_from_c(image);
    row->image_count = 1;
}

#define AGENT_ROLE(rules) "{kind: ClusterRole, apiVersion: rbac.authorization.k8s.io/v1, metadata: {name: agent}, rules: [" rules "]}"
#define AGENT_BINDING(kind, meta)                                                            \
    "{kind: " kind ", apiVersion: rbac.authorization.k8s.io/v1, metadata: {name: agent" meta \
    "}, roleRef: {kind: ClusterRole, name: agent}, "                                         \
    "subjects: [{kind: ServiceAccount, name: agent, namespace: calico-system}]}"
#define NODES_RULE "{apiGroups: [''], resources: [nodes/status], verbs: [patch]}"
#define READS_RULE "{apiGroups: ['', networking.k8s.io], resources: [nodes, networkpolicies], verbs: [get, list, watch]}"
#define OWN_RULE   "{apiGroups: [crd.projectcalico.org], resources: [felixconfigurations], verbs: [create, update]}"

/* Who vouches for an agent outside kube-system, and that it runs. */
static const struct {
    const char *role, *binding;
    bool cluster;
    int64_t desired, ready;
    const char *names, *enforces;
} vouched_row[] = {
    { AGENT_ROLE(NODES_RULE), AGENT_BINDING("ClusterRoleBinding", ""), true, 3, 3, "calico", "true" },
    { AGENT_ROLE(OWN_RULE), AGENT_BINDING("ClusterRoleBinding", ""), true, 3, 3, "calico", "true" },
    { AGENT_ROLE(READS_RULE), AGENT_BINDING("ClusterRoleBinding", ""), true, 3, 3, "calico", "null" },
    { AGENT_ROLE(NODES_RULE), AGENT_BINDING("RoleBinding", ", namespace: calico-system"), false, 3, 3, "calico", "null" },
    { AGENT_ROLE(NODES_RULE), AGENT_BINDING("ClusterRoleBinding", ""), true, 0, 0, "", "null" },
    { AGENT_ROLE(NODES_RULE), AGENT_BINDING("ClusterRoleBinding", ""), true, 3, 0, "calico", "null" },
};

START_TEST(plugins_are_vouched_for)
{
    add_agent("calico-system", "calico-node", "docker.io/calico/node:v3.28", vouched_row[_i].desired, vouched_row[_i].ready);
    keep(KIND_CLUSTERROLES, vouched_row[_i].role);
    keep(vouched_row[_i].cluster ? KIND_CLUSTERROLEBINDINGS : KIND_ROLEBINDINGS, vouched_row[_i].binding);
    struct value v = plugin();
    ck_assert_text(names(v), vouched_row[_i].names);
    ck_assert_text(enforces(v), vouched_row[_i].enforces);
}
END_TEST

START_TEST(who_vouches_was_not_seen)
{
    add_agent("kube-flannel", "kube-flannel-ds", "ghcr.io/flannel-io/flannel:v0.26", -1, -1);
    add_agent("calico-system", "calico-node", "docker.io/calico/node:v3.28", -1, -1);
    ck_assert_text(enforces(plugin()), "null");
    deny(KIND_CLUSTERROLEBINDINGS);
    ck_assert_text(enforces(plugin()), "unavailable");
}
END_TEST

START_TEST(openshifts_namespaces_are_its_own)
{
    add_agent("openshift-ovn-kubernetes", "ovnkube-node", "quay.io/openshift@sha256:0", -1, -1);
    cluster.api_groups = from_yaml(&arena, "{config.openshift.io: [v1]}");
    ck_assert_text(enforces(plugin()), "true");
}
END_TEST

#define K3S_NODE(labels, args)                                                                                               \
    "{metadata: {labels: {" labels "}, annotations: {k3s.io/node-args: '[" args "]'}}, status: {nodeInfo: {kubeletVersion: " \
    "v1.33.1+k3s1}}}"
#define SERVER_LABEL "node-role.kubernetes.io/control-plane: 'true'"

/* The API server's version says whether it is K3s, and only its servers' nodes how it was started. */
static const struct {
    const char *version, *node[2], *enforces;
} k3s_row[] = {
    { "v1.33.1+k3s1", { K3S_NODE(SERVER_LABEL, "\"server\""), K3S_NODE("", "\"agent\"") }, "true" },
    { "v1.33.1+k3s1", { K3S_NODE(SERVER_LABEL, "\"server\",\"--disable-network-policy\""), K3S_NODE("", "\"server\"") }, "false" },
    { "v1.33.1+k3s1", { K3S_NODE(SERVER_LABEL, ""), K3S_NODE("", "\"server\"") }, "null" },
    { "v1.33.1+k3s1", { K3S_NODE("", "\"server\""), NULL }, "null" },
    { "v1.33.1", { K3S_NODE(SERVER_LABEL, "\"server\""), K3S_NODE("", "\"agent\"") }, "null" },
    { "", { K3S_NODE(SERVER_LABEL, "\"server\""), K3S_NODE("", "\"agent\"") }, "true" },
    { "", { K3S_NODE(SERVER_LABEL, "\"server\""), "{status: {nodeInfo: {kubeletVersion: v1.33.1}}}" }, "null" },
};

START_TEST(k3s_by_its_servers)
{
    cluster.git_version = str_from_c(k3s_row[_i].version);
    for (size_t i = 0; i < 2; i++)
        if (k3s_row[_i].node[i])
            keep(KIND_NODES, k3s_row[_i].node[i]);
    ck_assert_text(enforces(plugin()), k3s_row[_i].enforces);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("trust");
    TCase *t = tcase_create("all");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_loop_test(t, owners_are_verified, 0, COUNT_OF(owner_case));
    tcase_add_loop_test(t, what_is_made_has_its_owners_template, 0, COUNT_OF(made_case));
    tcase_add_test(t, owners_that_were_not_seen);
    tcase_add_test(t, owners_go_by_first);
    tcase_add_loop_test(t, plugins_are_vouched_for, 0, COUNT_OF(vouched_row));
    tcase_add_test(t, who_vouches_was_not_seen);
    tcase_add_test(t, openshifts_namespaces_are_its_own);
    tcase_add_loop_test(t, k3s_by_its_servers, 0, COUNT_OF(k3s_row));
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? 1 : 0;
}
