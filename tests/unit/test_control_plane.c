/* What tells of the control plane's flags beside pods: /flagz, ConfigMaps, and which evidence is taken of an instance. */
#include "analyze/control_plane/component.h"
#include "cluster/cluster.h"
#include "cluster/control_plane.h"
#include "unit/from_yaml.h"

static struct arena arena;
static struct cluster cluster;

static void setup(void)
{
    cluster = (struct cluster){ 0 };
    cluster_init(&cluster, &arena);
    cluster.coverage[KIND_NODES].state = COVERAGE_COMPLETE;
}
static void teardown(void)
{
    arena_release(&arena);
}

/* ---- /flagz */

#define HEADER "\nkube-apiserver flagz\nWarning: not for machines\n"
#define OBJECT(name, flags) \
    "{\"kind\":\"Flagz\",\"apiVersion\":\"config.k8s.io/v1beta1\",\"metadata\":{\"name\":\"" name "\"},\"flags\":" flags "}"

static const struct {
    const char *body;
    const char *flag, *want; /* want NULL: refused */
} body_row[] = {
    { HEADER "profiling: false\nv: 2\n", "profiling", "false" },
    { HEADER "\n\nprofiling=false\n", "profiling", "false" },
    { HEADER "profiling false\n", "profiling", "false" },
    { HEADER "profiling:false\n", "profiling", "false" },
    { HEADER "token-auth-file: \n", "token-auth-file", "" },
    { HEADER "token-auth-file=\n", "token-auth-file", "" },
    { HEADER "feature-gates=:A=true,:B=false\r\n", "feature-gates", ":A=true,:B=false" },
    { HEADER "bind-address: ::1\n", "bind-address", "::1" },
    { HEADER "etcd-servers=[https://a:1,https://b:2]\n", "etcd-servers", "[https://a:1,https://b:2]" },
    { OBJECT("kube-apiserver", "{\"profiling\":\"false\"}"), "profiling", "false" },
    { "  " OBJECT("", "{\"profiling\":\"false\"}"), "profiling", "false" },
    { "kube-scheduler flagz\nWarning: x\nprofiling=false\n", "", NULL },
    { "profiling=false\n", "", NULL },
    { HEADER, "", NULL },
    { HEADER "nodelimiter!\n", "", NULL },
    { HEADER "profiling\n", "", NULL },
    { "<html>kube-apiserver flags</html>", "", NULL },
    { "", "", NULL },
    { OBJECT("kube-scheduler", "{\"profiling\":\"false\"}"), "", NULL },
    { OBJECT("kube-apiserver", "{\"profiling\":false}"), "", NULL },
    { OBJECT("kube-apiserver", "[]"), "", NULL },
    { OBJECT("kube-apiserver", "{}"), "", NULL },
    { "{\"kind\":\"Status\",\"flags\":{\"a\":\"b\"}}", "", NULL },
    { "{\"kind\":\"Flagz\",\"flags\":{\"a\":\"b\"}", "", NULL },
};

START_TEST(flags_are_read_in_every_form)
{
    struct value flags;
    struct err err = { 0 };
    bool ok = flagz_read(&flags, &arena, str_from_c(body_row[_i].body), &err);
    ck_assert_msg(ok == (body_row[_i].want != NULL), "row %d: %s", _i, err.text);
    if (!ok) {
        ck_assert_int_eq(err.code, ERR_INPUT);
        return;
    }
    const struct value *v = value_get(flags, str_from_c(body_row[_i].flag));
    ck_assert_msg(v && str_eq_c(value_text(*v), body_row[_i].want), "row %d", _i);
}
END_TEST

START_TEST(too_many_flags_are_refused)
{
    struct buf text = BUF_INIT((size_t)1 << 20);
    struct value flags;
    struct err err = { 0 };
    buf_add_c(&text, HEADER);
    for (unsigned i = 0; i <= FLAGZ_FLAGS_MAX; i++)
        buf_addf(&text, "f%u=1\n", i);
    ck_assert(!flagz_read(&flags, &arena, buf_str(&text), &err));
    ck_assert_int_eq(err.code, ERR_LIMIT);
    buf_release(&text);
}
END_TEST

START_TEST(values_are_as_they_would_be_given)
{
    struct value v =
        component_flagz(&arena, from_yaml(&arena, "{authorization-mode: '[Node,RBAC]', admission-control: '[]', profiling: 'False', "
                                                  "allow-metric-labels: '[]', oidc-issuer-url: '[x]', token-auth-file: CLASSIFIED}"));
    ck_assert(str_eq_c(value_text_at(v, "authorization-mode", NULL), "Node,RBAC"));
    ck_assert(str_eq_c(value_text_at(v, "admission-control", NULL), ""));
    ck_assert(str_eq_c(value_text_at(v, "profiling", NULL), "false"));
    ck_assert(str_eq_c(value_text_at(v, "allow-metric-labels", NULL), ""));
    ck_assert(str_eq_c(value_text_at(v, "oidc-issuer-url", NULL), "[x]"));
    ck_assert_int_eq(value_get(v, STR("token-auth-file"))->kind, VALUE_ERROR);
}
END_TEST

/* ---- which evidence */

static void add_pod(const char *ns, const char *node, const char *component, const char *args)
{
    *VEC_PUSH(&cluster.component_pod, &arena) = from_yaml(
        &arena, str_to_c(&arena, str_printf(&arena,
                                            "{metadata: {name: %s-%s, namespace: %s, annotations: {kubernetes.io/config.mirror: x}, "
                                            "ownerReferences: [{apiVersion: v1, kind: Node, name: %s}]}, "
                                            "spec: {nodeName: %s, containers: [{name: c, command: [%s%s]}]}, status: {hostIP: 10.0.0.1}}",
                                            component, node, ns, node, node, component, args)));
}
static void add_config_map(const char *yaml)
{
    *VEC_PUSH(&cluster.config_map, &arena) = from_yaml(&arena, yaml);
}
static struct component_list found(void)
{
    struct component_list list;
    component_find(&list, &arena, &cluster);
    return list;
}
#define IN_GROUP "{config.openshift.io: [v1]}"
#define OPENSHIFT                                                                                                          \
    "{metadata: {name: config, namespace: openshift-kube-apiserver}, data: {config.yaml: '{\"apiServerArguments\": "       \
    "{\"profiling\": [\"false\"], \"enable-admission-plugins\": [\"A\", \"B\"]}, \"servingInfo\": {\"certFile\": \"/c\", " \
    "\"cipherSuites\": [\"X\", \"Y\"]}}'}}"
#define KUBEADM(extra)                                                                                 \
    "{metadata: {name: kubeadm-config, namespace: kube-system}, data: {ClusterConfiguration: \"kind: " \
    "ClusterConfiguration\\napiServer:\\n  extraArgs:\\n" extra "\"}}"

START_TEST(flagz_is_of_the_pod_whose_address_it_advertises)
{
    add_pod("kube-system", "n1", "kube-apiserver", ", --advertise-address=10.0.0.1, --profiling=false");
    add_pod("kube-system", "n2", "kube-apiserver", ", --advertise-address=10.0.0.2");
    cluster.flagz = from_yaml(&arena, "{advertise-address: 10.0.0.2, profiling: 'true', token-auth-file: ''}");
    struct component_list list = found();
    ck_assert_uint_eq(list.found.count, 2);
    ck_assert_int_eq(list.found.item[0].in_force.kind, VALUE_NULL);
    ck_assert_int_eq(list.found.item[1].in_force.kind, VALUE_MAP);
    ck_assert_ptr_null(value_get(list.found.item[1].flags, STR("token-auth-file")));
    struct value defaulted, effective = component_effective(&arena, &list.found.item[1], 35, &defaulted);
    ck_assert(str_eq_c(value_text_at(effective, "profiling", NULL), "true"));
    ck_assert_uint_gt(defaulted.n, 0);
}
END_TEST

START_TEST(flagz_of_another_instance_is_a_row_of_its_own)
{
    add_pod("kube-system", "n1", "kube-apiserver", ", --advertise-address=10.0.0.1");
    cluster.flagz = from_yaml(&arena, "{advertise-address: 10.0.0.9, profiling: 'true'}");
    struct component_list list = found();
    ck_assert_uint_eq(list.found.count, 2);
    ck_assert_int_eq(list.found.item[0].source, COMPONENT_FROM_FLAGZ);
    ck_assert_int_eq(list.found.item[1].source, COMPONENT_FROM_POD);
}
END_TEST

static void add_node(const char *name, const char *labels)
{
    *VEC_PUSH(&cluster.kept[KIND_NODES], &arena) =
        from_yaml(&arena, str_to_c(&arena, str_printf(&arena, "{metadata: {name: %s, labels: {%s}}}", name, labels)));
}

/* A kubelet makes what mirror pods of its own node it likes: those of nodes that are not of the control plane prove nothing. */
static const struct {
    const char *node, *labels, *component;
    enum coverage_state nodes;
    bool believed;
} node_row[] = {
    { "cp-1", "node-role.kubernetes.io/control-plane: ''", "kube-apiserver", COVERAGE_COMPLETE, true },
    { "cp-1", "node-role.kubernetes.io/master: ''", "kube-scheduler", COVERAGE_COMPLETE, true },
    { "cp-1", "node-role.kubernetes.io/etcd: 'true'", "etcd", COVERAGE_COMPLETE, true },
    { "cp-1", "node-role.kubernetes.io/etcd: 'true'", "kube-apiserver", COVERAGE_COMPLETE, false },
    { "cp-1", "node-role.kubernetes.io/worker: ''", "kube-apiserver", COVERAGE_COMPLETE, false },
    { "cp-1", "kubernetes.io/role: master", "kube-apiserver", COVERAGE_COMPLETE, false },
    { "cp-1", "kubernetes.io/role: master", "kube-proxy", COVERAGE_COMPLETE, true },
    { "cp-2", "node-role.kubernetes.io/control-plane: ''", "kube-apiserver", COVERAGE_COMPLETE, false },
    { NULL, NULL, "kube-apiserver", COVERAGE_COMPLETE, true },
    { NULL, NULL, "kube-apiserver", COVERAGE_DENIED, false },
    { "cp-1", "node-role.kubernetes.io/control-plane: ''", "kube-apiserver", COVERAGE_DENIED, true },
};

START_TEST(only_nodes_of_the_control_plane_are_believed)
{
    cluster.coverage[KIND_NODES].state = node_row[_i].nodes;
    if (node_row[_i].node)
        add_node(node_row[_i].node, node_row[_i].labels);
    add_pod("kube-system", "cp-1", node_row[_i].component, ", --profiling=false");
    struct component_list list = found();
    ck_assert_uint_eq(list.found.count, 1);
    ck_assert_msg((list.found.item[0].doubt.n == 0) == node_row[_i].believed, "row %d: %.*s", _i, STR_ARG(list.found.item[0].doubt));
    ck_assert(list.found.item[0].unvouched != node_row[_i].believed);
}
END_TEST

/* What the API server said of itself is not made the pod's by an address that a node told. */
START_TEST(flagz_is_not_of_a_worker)
{
    add_node("w-1", "");
    add_pod("kube-system", "w-1", "kube-apiserver", ", --advertise-address=10.0.0.1");
    cluster.flagz = from_yaml(&arena, "{advertise-address: 10.0.0.1, profiling: 'false'}");
    struct component_list list = found();
    ck_assert_uint_eq(list.found.count, 2);
    ck_assert(list.found.item[1].doubt.n > 0);
}
END_TEST

START_TEST(flagz_makes_up_for_a_command_line_that_is_not_known)
{
    add_pod("kube-system", "n1", "kube-apiserver", ", '--profiling=$(X)'], env: [{name: X, valueFrom: {fieldRef: {}}}");
    cluster.flagz = from_yaml(&arena, "{advertise-address: 10.0.0.1, profiling: 'false'}");
    struct component_list list = found();
    ck_assert_uint_eq(list.found.count, 1);
    ck_assert_uint_eq(list.found.item[0].doubt.n, 0);
    ck_assert(str_eq_c(value_text_at(list.found.item[0].flags, "profiling", NULL), "false"));
}
END_TEST

START_TEST(openshift_says_it_in_a_config_map)
{
    add_config_map(OPENSHIFT);
    add_pod("openshift-kube-apiserver", "n1", "kube-apiserver", ", --openshift-config=/x.yaml");
    ck_assert_uint_eq(found().found.count, 0); /* whoever may make namespaces may write both */
    cluster.api_groups = from_yaml(&arena, IN_GROUP);
    struct component_list list = found();
    ck_assert_uint_eq(list.found.count, 1);
    ck_assert_int_eq(list.found.item[0].source, COMPONENT_FROM_OPENSHIFT);
    ck_assert(str_eq_c(value_text_at(list.found.item[0].flags, "enable-admission-plugins", NULL), "A,B"));
    ck_assert(str_eq_c(value_text_at(list.found.item[0].flags, "tls-cert-file", NULL), "/c"));
    ck_assert(str_eq_c(value_text_at(list.found.item[0].flags, "tls-cipher-suites", NULL), "X,Y"));
}
END_TEST

static const struct {
    const char *map;
    const char *want; /* NULL: in doubt */
} kubeadm_row[] = {
    { KUBEADM("    profiling: 'false'\\n"), "false" },
    { KUBEADM("  - name: profiling\\n    value: 'false'\\n"), "false" },
    { KUBEADM("    profiling: false\\n"), "false" },
    { "{metadata: {name: kubeadm-config, namespace: kube-system}, data: {ClusterConfiguration: 'a: ['}}", NULL },
    { "{metadata: {name: kubeadm-config, namespace: kube-system}}", NULL },
    /* no flag in what is something else is not "no flag is set" */
    { "{metadata: {name: kubeadm-config, namespace: kube-system}, data: {ClusterConfiguration: '(masked: 9 bytes)'}}", NULL },
    { "{metadata: {name: kubeadm-config, namespace: kube-system}, data: {ClusterConfiguration: '{kind: InitConfiguration, apiServer: "
      "{}}'}}",
      NULL },
};

START_TEST(kubeadm_only_declares)
{
    add_config_map(kubeadm_row[_i].map);
    add_pod("kube-system", "n1", "kube-scheduler", "");
    struct component_list list = found();
    for (size_t i = 0; i < list.found.count; i++) {
        const struct component *c = &list.found.item[i];
        ck_assert(c->kind != COMPONENT_SCHEDULER || c->source == COMPONENT_FROM_POD);
        if (c->kind != COMPONENT_APISERVER)
            continue;
        struct value defaulted, effective = component_effective(&arena, c, 35, &defaulted);
        ck_assert_int_eq(c->source, COMPONENT_FROM_KUBEADM);
        ck_assert_int_eq(c->doubt.n == 0, kubeadm_row[_i].want != NULL);
        if (kubeadm_row[_i].want)
            ck_assert(str_eq_c(value_text_at(effective, "profiling", NULL), kubeadm_row[_i].want));
        ck_assert_uint_eq(defaulted.n, 0);
        return;
    }
    ck_abort_msg("no API server was declared");
}
END_TEST

/* ---- defaults */

static const struct {
    const char *component, *args;
    int minor;
    const char *flag, *want; /* NULL: not known */
    bool is_default;
} default_row[] = {
    { "kube-apiserver", "", 35, "audit-log-maxage", "0", true },
    { "kube-apiserver", "", 36, "audit-log-maxage", "366", true },
    { "kube-apiserver", "", -1, "audit-log-maxage", NULL, true },
    { "kube-apiserver", "", -1, "profiling", "true", true },
    { "kube-apiserver", ", --profiling=true", 35, "profiling", "true", false },
    { "kube-apiserver", "", 35, "authorization-mode", "AlwaysAllow", true },
    { "kube-apiserver", ", --authorization-config=/x", 35, "authorization-mode", "", false },
    { "kube-scheduler", ", --config=/x, --profiling=false", 35, "profiling", NULL, false },
    { "kube-scheduler", ", --profiling=false", 35, "profiling", "false", false },
    { "etcd", "", 35, "client-cert-auth", "false", true },
};

START_TEST(defaults_go_by_version)
{
    add_pod("kube-system", "n1", default_row[_i].component, default_row[_i].args);
    struct component_list list = found();
    ck_assert_uint_eq(list.found.count, 1);
    struct value defaulted, effective = component_effective(&arena, &list.found.item[0], default_row[_i].minor, &defaulted);
    const struct value *v = value_get(effective, str_from_c(default_row[_i].flag));
    bool is_default = false;
    for (uint32_t i = 0; i < defaulted.n; i++)
        is_default |= str_eq_c(value_text(value_item(defaulted, i)), default_row[_i].flag);
    ck_assert_int_eq(is_default, default_row[_i].is_default);
    if (!default_row[_i].want)
        ck_assert(v && v->kind == VALUE_ERROR && v->as.error->code == VALUE_ERROR_UNAVAILABLE);
    else
        ck_assert(str_eq_c(v ? value_text(*v) : STR(""), default_row[_i].want));
}
END_TEST

START_TEST(instances_that_differ)
{
    add_pod("kube-system", "n1", "kube-apiserver", ", --advertise-address=10.0.0.1, --profiling=false, --v=2");
    add_pod("kube-system", "n2", "kube-apiserver", ", --advertise-address=10.0.0.2, --v=2, --token-auth-file=/t");
    add_pod("kube-system", "n1", "kube-scheduler", ", --v=5");
    struct component_list list = found();
    struct value differs = component_differences(&arena, &list, &list.found.item[0]);
    ck_assert_uint_eq(differs.n, 2);
    ck_assert(str_eq_c(value_text(value_item(differs, 0)), "--profiling is false, but (not set) in pod kube-system/kube-apiserver-n2"));
    ck_assert(str_eq_c(value_text(value_item(differs, 1)), "--token-auth-file is (not set), but /t in pod kube-system/kube-apiserver-n2"));
    ck_assert_uint_eq(component_differences(&arena, &list, &list.found.item[2]).n, 0);
    /* what /flagz adds to one of them is no difference */
    cluster.flagz = from_yaml(&arena, "{advertise-address: 10.0.0.1, profiling: 'false', v: '2', request-timeout: 1m0s}");
    list = found();
    ck_assert_uint_eq(component_differences(&arena, &list, &list.found.item[0]).n, 2);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("control plane");
    TCase *t = tcase_create("all");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_loop_test(t, flags_are_read_in_every_form, 0, sizeof body_row / sizeof *body_row);
    tcase_add_test(t, too_many_flags_are_refused);
    tcase_add_test(t, values_are_as_they_would_be_given);
    tcase_add_loop_test(t, only_nodes_of_the_control_plane_are_believed, 0, (int)(sizeof node_row / sizeof *node_row));
    tcase_add_test(t, flagz_is_not_of_a_worker);
    tcase_add_test(t, flagz_is_of_the_pod_whose_address_it_advertises);
    tcase_add_test(t, flagz_of_another_instance_is_a_row_of_its_own);
    tcase_add_test(t, flagz_makes_up_for_a_command_line_that_is_not_known);
    tcase_add_test(t, openshift_says_it_in_a_config_map);
    tcase_add_loop_test(t, kubeadm_only_declares, 0, sizeof kubeadm_row / sizeof *kubeadm_row);
    tcase_add_loop_test(t, defaults_go_by_version, 0, sizeof default_row / sizeof *default_row);
    tcase_add_test(t, instances_that_differ);
    suite_add_tcase(s, t);
    SRunner *run = srunner_create(s);
    srunner_run_all(run, CK_ENV);
    int failed = srunner_ntests_failed(run);
    srunner_free(run);
    return failed ? 1 : 0;
}
