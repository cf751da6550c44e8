/* Who made the cluster, told by what the API shows; and what a gap in that does to the answer. */
#include "analyze/facts.h"

#include "unit/from_yaml.h"

static struct arena arena;
static struct cluster cluster;

static void setup(void)
{
    cluster = (struct cluster){ 0 }; /* tests may run in one process */
    cluster_init(&cluster, &arena);
    for (size_t k = 0; k < KIND_COUNT; k++)
        cluster.coverage[k].state = COVERAGE_COMPLETE;
    for (size_t e = 0; e < ENDPOINT_COUNT; e++)
        cluster.endpoint[e].state = COVERAGE_COMPLETE;
    cluster.endpoint[ENDPOINT_KUBEADM_CONFIG].state = COVERAGE_NOT_SERVED;
    cluster.git_version = STR("v1.35.1");
    cluster.api_groups = from_yaml(&arena, "{apps: [v1]}");
}
static void teardown(void)
{
    arena_release(&arena);
}

static struct value platform(void)
{
    struct facts *f = facts_open(&arena, &cluster);
    for (size_t i = 0; i < fact_count; i++)
        if (!strcmp(fact_info[i].name, "platform"))
            return facts_get(f, i);
    ck_abort_msg("no fact platform");
    return value_null();
}
static const char *name_of(struct value v)
{
    return v.kind == VALUE_ERROR ? "?" : str_to_c(&arena, value_text_at(v, "name", NULL));
}
static void keep_nodes(size_t count, const char *yaml)
{
    for (size_t i = 0; i < count; i++)
        *VEC_PUSH(&cluster.kept[KIND_NODES], &arena) = from_yaml(&arena, yaml);
}

/* What each platform's API showed to those who wrote it down. */
static const struct {
    const char *name, *version, *groups, *node;
    bool kubeadm;
} row[] = {
    { "kubeadm", "v1.35.1", "{apps: [v1]}",
      "{metadata: {name: n}, status: {nodeInfo: {kubeletVersion: v1.35.1, osImage: Debian GNU/Linux 12}}}", true },
    { "kind", "v1.35.0", "{apps: [v1]}",
      "{metadata: {name: n}, spec: {providerID: 'kind://docker/kind/kind-control-plane'}, status: {nodeInfo: {kubeletVersion: v1.35.0}}}",
      true },
    { "k3s", "v1.33.4+k3s1", "{k3s.cattle.io: [v1]}",
      "{metadata: {name: n}, spec: {providerID: 'k3s://n'}, status: {nodeInfo: {kubeletVersion: v1.33.4+k3s1}}}", false },
    { "rke2", "v1.33.4+rke2r1", "{k3s.cattle.io: [v1]}", "{metadata: {name: n}, status: {nodeInfo: {kubeletVersion: v1.33.4+rke2r1}}}",
      false },
    { "k0s", "v1.33.4+k0s", "{apps: [v1]}", "{metadata: {name: n}, status: {nodeInfo: {kubeletVersion: v1.33.4+k0s}}}", false },
    { "eks", "v1.33.1-eks-595af52", "{vpcresources.k8s.aws: [v1beta1]}",
      "{metadata: {name: n, labels: {eks.amazonaws.com/nodegroup: ng}}, spec: {providerID: 'aws:///eu-west-1a/i-0'}}", false },
    { "gke", "v1.33.2-gke.1111000", "{networking.gke.io: [v1]}",
      "{metadata: {name: n, labels: {cloud.google.com/gke-nodepool: p}}, spec: {providerID: 'gce://p/z/n'}}", false },
    { "aks", "v1.33.2", "{apps: [v1]}",
      "{metadata: {name: n, labels: {kubernetes.azure.com/cluster: MC_a_b_c}}, spec: {providerID: 'azure:///subscriptions/s'}}", false },
    { "openshift", "v1.32.6", "{config.openshift.io: [v1]}",
      "{metadata: {name: n, labels: {node.openshift.io/os_id: rhel}}, status: {nodeInfo: {osImage: Red Hat Enterprise Linux CoreOS "
      "418.94}}}",
      false },
    { "talos", "v1.34.0", "{apps: [v1]}", "{metadata: {name: n}, status: {nodeInfo: {osImage: Talos (v1.11.0)}}}", false },
    { "", "v1.34.0", "{apps: [v1]}",
      "{metadata: {name: n, labels: {a: b}}, spec: {providerID: 'aws:///eu-west-1a/i-0'}, status: {nodeInfo: {osImage: Bottlerocket}}}",
      false },
};

START_TEST(platforms)
{
    cluster.git_version = str_from_c(row[_i].version);
    cluster.api_groups = from_yaml(&arena, row[_i].groups);
    keep_nodes(3, row[_i].node);
    if (row[_i].kubeadm)
        cluster.endpoint[ENDPOINT_KUBEADM_CONFIG].state = COVERAGE_COMPLETE;
    struct value v = platform();
    ck_assert_str_eq(name_of(v), row[_i].name);
    if (row[_i].name[0])
        ck_assert_uint_gt(value_get(v, STR("evidence"))->n, 0);
}
END_TEST

/* One kubelet writes what it likes into its own Node. */
START_TEST(one_node_of_many_decides_nothing)
{
    cluster.endpoint[ENDPOINT_KUBEADM_CONFIG].state = COVERAGE_COMPLETE;
    keep_nodes(3, "{metadata: {name: n}, status: {nodeInfo: {kubeletVersion: v1.35.1}}}");
    keep_nodes(2, "{metadata: {name: m}, status: {nodeInfo: {kubeletVersion: v1.35.1+k3s1}}}");
    ck_assert_str_eq(name_of(platform()), "kubeadm");
}
END_TEST

START_TEST(the_server_is_believed_before_nodes)
{
    cluster.git_version = STR("v1.35.1+rke2r1");
    keep_nodes(3, "{metadata: {name: m}, status: {nodeInfo: {kubeletVersion: v1.35.1+k3s1}}}");
    struct value v = platform();
    ck_assert_str_eq(name_of(v), "rke2");
    struct str second = value_text(value_item(*value_get(v, STR("evidence")), 1));
    ck_assert_msg(str_contains(second, STR("3 of 3 nodes")) && str_contains(second, STR("tells of k3s")), "%.*s", STR_ARG(second));
}
END_TEST

/* With a gap above what was found, something better may have been there. */
START_TEST(gaps_leave_it_open)
{
    cluster.endpoint[ENDPOINT_KUBEADM_CONFIG].state = COVERAGE_COMPLETE;
    keep_nodes(1, "{metadata: {name: n}, status: {nodeInfo: {kubeletVersion: v1.35.1}}}");
    ck_assert_str_eq(name_of(platform()), "kubeadm");
    cluster.git_version = STR("");
    ck_assert_str_eq(name_of(platform()), "?");
    cluster.git_version = STR("v1.35.1");
    cluster.coverage[KIND_NODES] = (struct coverage){ .state = COVERAGE_DENIED, .remedy = STR("grant list on nodes") };
    struct value v = platform();
    ck_assert_int_eq(v.kind, VALUE_ERROR);
    ck_assert(str_contains(v.as.error->text, STR("grant list on nodes")));
    cluster.coverage[KIND_NODES].state = COVERAGE_COMPLETE;
    cluster.api_groups = value_null();
    ck_assert_str_eq(name_of(platform()), "?");
    /* what the server says of itself needs nothing else */
    cluster.git_version = STR("v1.35.1+k3s1");
    ck_assert_str_eq(name_of(platform()), "k3s");
}
END_TEST

START_TEST(nothing_found_needs_everything_seen)
{
    ck_assert_str_eq(name_of(platform()), "");
    cluster.endpoint[ENDPOINT_KUBEADM_CONFIG] = (struct coverage){ .state = COVERAGE_DENIED, .remedy = STR("grant get") };
    ck_assert_str_eq(name_of(platform()), "?");
}
END_TEST

int main(void)
{
    Suite *s = suite_create("platform");
    TCase *t = tcase_create("platform");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_loop_test(t, platforms, 0, (int)(sizeof row / sizeof *row));
    tcase_add_test(t, one_node_of_many_decides_nothing);
    tcase_add_test(t, the_server_is_believed_before_nodes);
    tcase_add_test(t, gaps_leave_it_open);
    tcase_add_test(t, nothing_found_needs_everything_seen);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? 1 : 0;
}
