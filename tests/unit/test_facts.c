/* Facts of a cluster: each by what is there, what is not, and what could not be seen. */
#include "analyze/facts.h"

#include "analyze/podsecurity/admission_config.h"
#include "analyze/secrets/encryption.h"
#include "unit/from_yaml.h"

static struct arena arena;
static struct cluster cluster;

/* A cluster of which everything was seen, and nothing is there. */
static void setup(void)
{
    cluster_init(&cluster, &arena);
    for (size_t k = 0; k < KIND_COUNT; k++)
        cluster.coverage[k].state = COVERAGE_COMPLETE;
    for (size_t e = 0; e < ENDPOINT_COUNT; e++)
        cluster.endpoint[e].state = COVERAGE_COMPLETE;
    cluster.minor = 35;
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
    cluster.coverage[kind] = (struct coverage){ .state = COVERAGE_DENIED, .reason = STR("things: forbidden"), .remedy = STR("grant list on things") };
}

static void add_workload(enum kind kind, const char *ns, const char *name, const char *image)
{
    struct workload_row *row = VEC_PUSH(&cluster.workload, &arena);
    *row = (struct workload_row){ .kind = kind, .ref = { .ns = str_from_c(ns), .name = str_from_c(name) }, .account = STR("agent"), .desired = -1, .ready = -1 };
    row->image = arena_new(&arena, struct str);
    *row->image = str_from_c(image);
    row->image_count = 1;
}

static void add_pod(const char *ns, const char *account)
{
    *VEC_PUSH(&cluster.pod, &arena) = (struct pod_row){ .ns = str_from_c(ns), .service_account = str_from_c(account) };
}

static void add_apiserver(const char *name, const char *args)
{
    struct str text = str_printf(&arena,
                                 "{kind: Pod, metadata: {name: %s, namespace: kube-system, annotations: {kubernetes.io/config.mirror: x}, ownerReferences: [{apiVersion: v1, kind: Node, name: n1}]}, "
                                 "spec: {nodeName: n1, containers: [{name: c, command: [kube-apiserver, %s]}]}}",
                                 name, args);
    *VEC_PUSH(&cluster.component_pod, &arena) = from_yaml(&arena, str_to_c(&arena, text));
}

static struct facts *facts_now(void)
{
    struct facts *f = facts_open(&arena, &cluster);
    facts_complete(f);
    return f;
}

static struct value fact(const char *name)
{
    struct facts *f = facts_now();
    for (size_t i = 0; i < fact_count; i++) {
        if (!strcmp(fact_info[i].name, name))
            return facts_get(f, i);
    }
    ck_abort_msg("no fact %s", name);
    return value_null();
}

static struct value at(struct value v, const char *key)
{
    const struct value *found = value_get(v, str_from_c(key));
    ck_assert_msg(found != NULL, "no %s", key);
    return *found;
}

/* A value as a short text: what tests compare. */
static struct str show(struct value v)
{
    if (v.kind == VALUE_BOOL)
        return v.as.b ? STR("true") : STR("false");
    if (v.kind == VALUE_INT)
        return str_printf(&arena, "%lld", (long long)v.as.i);
    if (v.kind == VALUE_STRING)
        return value_text(v);
    if (v.kind == VALUE_ERROR)
        return v.as.error->code == VALUE_ERROR_UNAVAILABLE ? STR("unavailable") : STR("error");
    if (v.kind == VALUE_NULL)
        return STR("null");
    struct value_builder b;
    value_builder_init(&b, &arena);
    VEC(struct str) part = { 0 };
    for (uint32_t i = 0; v.kind == VALUE_LIST && i < v.n; i++)
        *VEC_PUSH(&part, &arena) = show(value_item(v, i));
    for (uint32_t i = 0; v.kind == VALUE_MAP && i < v.n; i++) {
        struct str val = show(v.as.map->entry[i].val);
        *VEC_PUSH(&part, &arena) = str_printf(&arena, "%.*s=%.*s", STR_ARG(value_text(v.as.map->entry[i].key)), STR_ARG(val));
    }
    struct str inner = str_join(&arena, part.item, part.count, STR(","));
    return str_printf(&arena, v.kind == VALUE_LIST ? "[%.*s]" : "{%.*s}", STR_ARG(inner));
}

struct rows {
    VEC(struct value) object;
    VEC(struct value) derived;
};

static bool take_row(void *ctx, struct value object, struct value derived, struct err *err)
{
    struct rows *rows = ctx;
    (void)err;
    *VEC_PUSH(&rows->object, &arena) = value_dup(&arena, object);
    *VEC_PUSH(&rows->derived, &arena) = value_dup(&arena, derived);
    return true;
}

static struct rows rows_of(struct facts *f, const char *table)
{
    struct rows rows = { 0 };
    struct err err = { 0 };
    const struct table_info *t = table_find(str_from_c(table));
    ck_assert_ptr_nonnull(t);
    ck_assert_msg(facts_walk(f, t, take_row, &rows, &err), "%s", err.text);
    return rows;
}

/* ---- grants ---- */

static void make_rbac(void)
{
    keep(KIND_CLUSTERROLES, "{kind: ClusterRole, metadata: {name: cluster-admin, labels: {kubernetes.io/bootstrapping: rbac-defaults}}, rules: [{verbs: ['*'], apiGroups: ['*'], resources: ['*']}, {verbs: ['*'], nonResourceURLs: ['*']}]}");
    keep(KIND_CLUSTERROLES, "{kind: ClusterRole, metadata: {name: reader}, rules: [{verbs: [get], apiGroups: [''], resources: [pods]}]}");
    keep(KIND_ROLES, "{kind: Role, metadata: {name: local, namespace: shop}, rules: [{verbs: [list], apiGroups: [''], resources: [secrets]}]}");
    keep(KIND_CLUSTERROLEBINDINGS, "{kind: ClusterRoleBinding, metadata: {name: cluster-admin, labels: {kubernetes.io/bootstrapping: rbac-defaults}}, roleRef: {kind: ClusterRole, name: cluster-admin}, subjects: [{kind: Group, name: 'system:masters'}]}");
    keep(KIND_CLUSTERROLEBINDINGS, "{kind: ClusterRoleBinding, metadata: {name: disguised, labels: {kubernetes.io/bootstrapping: rbac-defaults}}, roleRef: {kind: ClusterRole, name: cluster-admin}, subjects: [{kind: User, name: eve}]}");
    keep(KIND_CLUSTERROLEBINDINGS, "{kind: ClusterRoleBinding, metadata: {name: everyone}, roleRef: {kind: ClusterRole, name: reader}, subjects: [{kind: Group, name: 'system:serviceaccounts'}]}");
    keep(KIND_ROLEBINDINGS, "{kind: RoleBinding, metadata: {name: admin, namespace: shop}, roleRef: {kind: ClusterRole, name: cluster-admin}, subjects: [{kind: ServiceAccount, name: till}, {kind: ServiceAccount, namespace: ghost, name: gone}]}");
    keep(KIND_ROLEBINDINGS, "{kind: RoleBinding, metadata: {name: team, namespace: shop}, roleRef: {kind: Role, name: local}, subjects: [{kind: Group, name: 'system:serviceaccounts:shop'}]}");
    keep(KIND_ROLEBINDINGS, "{kind: RoleBinding, metadata: {name: dangling, namespace: shop}, roleRef: {kind: Role, name: none}, subjects: [{kind: User, name: kim}]}");
    keep(KIND_NAMESPACES, "{kind: Namespace, metadata: {name: shop}}");
    keep(KIND_SERVICEACCOUNTS, "{kind: ServiceAccount, metadata: {name: till, namespace: shop}, automountServiceAccountToken: false}");
    keep(KIND_SERVICEACCOUNTS, "{kind: ServiceAccount, metadata: {name: default, namespace: shop}}");
    add_pod("shop", "till");
    add_pod("shop", "till");
    add_pod("shop", "default");
}

static struct str grant_summary(struct value grants)
{
    VEC(struct str) part = { 0 };
    for (uint32_t i = 0; i < grants.n; i++) {
        struct value g = value_item(grants, i);
        struct str verbs = show(at(g, "verbs")), resources = show(at(g, "resources")), urls = show(at(g, "nonResourceURLs"));
        *VEC_PUSH(&part, &arena) = str_printf(&arena, "%.*s%.*s%.*s@%.*s<%.*s>%.*s%s", STR_ARG(verbs), STR_ARG(resources), STR_ARG(urls),
                                              STR_ARG(value_text(at(g, "namespace"))), STR_ARG(value_text(at(g, "binding"))),
                                              STR_ARG(value_text(at(g, "via"))), at(g, "bootstrap").as.b ? "!" : "");
    }
    return str_join(&arena, part.item, part.count, STR("; "));
}

START_TEST(subjects_have_their_grants)
{
    make_rbac();
    struct rows r = rows_of(facts_now(), "subjects");
    static const struct {
        const char *text, *grants, *admin, *exists, *pods;
    } want[] = {
        { "Group system:masters", "[*][*][]@<ClusterRoleBinding cluster-admin>!; [*][][*]@<ClusterRoleBinding cluster-admin>!", "true", "true", "0" },
        { "Group system:serviceaccounts", "[get][pods][]@<ClusterRoleBinding everyone>", "false", "true", "0" },
        { "Group system:serviceaccounts:shop", "[list][secrets][]@shop<RoleBinding shop/team>", "false", "true", "0" },
        { "ServiceAccount ghost/gone", "[*][*][]@shop<RoleBinding shop/admin>", "false", "false", "0" },
        { "ServiceAccount shop/till", "[*][*][]@shop<RoleBinding shop/admin>", "false", "true", "2" },
        { "User eve", "[*][*][]@<ClusterRoleBinding disguised>; [*][][*]@<ClusterRoleBinding disguised>", "true", "true", "0" },
        { "User kim", "", "false", "true", "0" },
    };
    ck_assert_uint_eq(r.object.count, sizeof want / sizeof *want);
    for (size_t i = 0; i < r.object.count; i++) {
        ck_assert_text(value_text(at(r.derived.item[i], "text")), want[i].text);
        ck_assert_text(grant_summary(at(r.derived.item[i], "grants")), want[i].grants);
        ck_assert_text(show(at(r.derived.item[i], "clusterAdmin")), want[i].admin);
        ck_assert_text(show(at(r.derived.item[i], "exists")), want[i].exists);
        ck_assert_text(show(at(r.derived.item[i], "pods")), want[i].pods);
    }
    ck_assert_text(show(r.object.item[4]), "{kind=ServiceAccount,name=till,namespace=shop}");
    ck_assert_text(show(at(r.derived.item[6], "bindings")), "[RoleBinding shop/dangling]");
}
END_TEST

START_TEST(accounts_and_pods_have_their_groups_too)
{
    make_rbac();
    struct facts *f = facts_now();
    struct rows r = rows_of(f, "serviceaccounts");
    ck_assert_uint_eq(r.object.count, 2);
    const char *group = "[list][secrets][]@shop<RoleBinding shop/team>Group system:serviceaccounts:shop; [get][pods][]@<ClusterRoleBinding everyone>Group system:serviceaccounts";
    ck_assert_text(grant_summary(at(r.derived.item[0], "grants")), group);
    ck_assert_text(show(at(r.derived.item[0], "bindings")), "[]");
    ck_assert_text(show(at(r.derived.item[0], "automount")), "true");
    ck_assert_text(show(at(r.derived.item[1], "bindings")), "[RoleBinding shop/admin]");
    ck_assert_text(show(at(r.derived.item[1], "automount")), "false");
    ck_assert_text(show(at(r.derived.item[1], "pods")), "2");
    static const struct {
        const char *pod, *automount, *account, *volumes;
        bool own;
    } row[] = {
        { "{metadata: {namespace: shop}, spec: {serviceAccountName: till}}", "false", "{name=till,found=true,automount=false}", "[]", true },
        { "{metadata: {namespace: shop}, spec: {serviceAccountName: till, automountServiceAccountToken: true}}", "true", "{name=till,found=true,automount=false}", "[]", true },
        { "{metadata: {namespace: shop}, spec: {volumes: [{name: kube-api-access-x, projected: {sources: [{serviceAccountToken: {}}]}}, {name: vault, projected: {sources: [{configMap: {}}, {serviceAccountToken: {audience: v}}]}}]}}", "true", "{name=default,found=true,automount=null}", "[vault]", false },
        { "{metadata: {namespace: shop}, spec: {serviceAccountName: nobody}}", "true", "{name=nobody,found=false,automount=null}", "[]", false },
        { "{metadata: {}, spec: 7}", "true", "{name=default,found=false,automount=null}", "[]", false },
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct value d = facts_derived(f, KIND_PODS, from_yaml(&arena, row[i].pod), &arena);
        ck_assert_text(show(at(d, "automount")), row[i].automount);
        ck_assert_text(show(at(d, "serviceAccount")), row[i].account);
        ck_assert_text(show(at(d, "tokenVolumes")), row[i].volumes);
        bool own = false;
        for (uint32_t g = 0; g < at(d, "grants").n; g++)
            own = own || value_text(at(value_item(at(d, "grants"), g), "via")).n == 0;
        ck_assert(own == row[i].own);
    }
    ck_assert_text(show(facts_derived(f, KIND_SERVICES, value_null(), &arena)), "{}");
}
END_TEST

START_TEST(a_user_named_as_an_account_is_that_account)
{
    make_rbac();
    keep(KIND_ROLEBINDINGS, "{kind: RoleBinding, metadata: {name: x, namespace: shop}, roleRef: {kind: Role, name: local}, subjects: [{kind: User, name: 'system:serviceaccount:shop:default'}]}");
    struct rows r = rows_of(facts_now(), "serviceaccounts");
    ck_assert_text(show(at(r.derived.item[0], "bindings")), "[RoleBinding shop/x]");
}
END_TEST

START_TEST(roles_know_their_subjects)
{
    make_rbac();
    struct facts *f = facts_now();
    struct rows r = rows_of(f, "clusterroles");
    ck_assert_uint_eq(r.object.count, 2);
    ck_assert_text(show(at(r.derived.item[0], "bootstrap")), "true");
    ck_assert_text(show(at(r.derived.item[0], "boundTo")), "[{kind=Group,name=system:masters,namespace=},{kind=User,name=eve,namespace=},{kind=ServiceAccount,name=till,namespace=shop},{kind=ServiceAccount,name=gone,namespace=ghost}]");
    ck_assert_text(show(at(r.derived.item[1], "rules")), "[{verbs=[get],apiGroups=[],resources=[pods],resourceNames=[],nonResourceURLs=[]}]");
    r = rows_of(f, "roles");
    ck_assert_uint_eq(r.object.count, 1);
    ck_assert_text(show(at(r.derived.item[0], "bindings")), "[RoleBinding shop/team]");
}
END_TEST

START_TEST(what_is_wrong_with_bindings)
{
    make_rbac();
    keep(KIND_ROLEBINDINGS, "{kind: RoleBinding, metadata: {name: again, namespace: shop}, roleRef: {kind: ClusterRole, name: cluster-admin}, subjects: [{kind: ServiceAccount, name: till}]}");
    keep(KIND_ROLEBINDINGS, "{kind: RoleBinding, metadata: {name: broken, namespace: shop}, roleRef: 7}");
    struct value v = fact("rbacFaults");
    VEC(struct str) part = { 0 };
    for (uint32_t i = 0; i < v.n; i++)
        *VEC_PUSH(&part, &arena) = str_printf(&arena, "%.*s %.*s", STR_ARG(value_text(at(value_item(v, i), "object"))), STR_ARG(value_text(at(value_item(v, i), "fault"))));
    ck_assert_text(str_join(&arena, part.item, part.count, STR("; ")),
                   "RoleBinding shop/admin missing-serviceaccount; RoleBinding shop/again duplicate; RoleBinding shop/broken malformed; RoleBinding shop/dangling missing-role");
}
END_TEST

START_TEST(damage_keeps_checks_from_passing)
{
    make_rbac();
    keep(KIND_ROLEBINDINGS, "{kind: RoleBinding, metadata: {name: broken, namespace: shop}, roleRef: {kind: Role, name: local}, subjects: [7]}");
    keep(KIND_CLUSTERROLES, "{kind: ClusterRole, metadata: {name: odd}, rules: 3}");
    struct facts *f = facts_now();
    struct rows r = rows_of(f, "subjects");
    ck_assert_uint_eq(r.object.count, 9);
    ck_assert_text(show(r.object.item[7]), "{kind=RoleBinding,name=broken,namespace=shop}");
    ck_assert_text(show(at(r.derived.item[7], "grants")), "unavailable");
    ck_assert_text(show(r.object.item[8]), "{kind=ClusterRole,name=odd,namespace=}");
    r = rows_of(f, "serviceaccounts");
    ck_assert_text(show(at(r.derived.item[0], "bindings")), "unavailable"); /* default: nothing was seen to name it */
    ck_assert_text(show(at(r.derived.item[1], "bindings")), "[RoleBinding shop/admin]");
    r = rows_of(f, "clusterroles");
    ck_assert_text(show(at(r.derived.item[1], "rules")), "unavailable");
}
END_TEST

/* ---- namespaces ---- */

static const struct {
    const char *labels, *want;
} security_row[] = {
    { "{}", "{enforce=,version=,valid=true,level=privileged,levelVersion=latest,audit=privileged,warn=privileged,exempt=false,text=nothing (no label pod-security.kubernetes.io/enforce)}" },
    { "{pod-security.kubernetes.io/enforce: baseline}", "{enforce=baseline,version=,valid=true,level=baseline,levelVersion=latest,audit=privileged,warn=baseline,exempt=false,text=baseline}" },
    { "{pod-security.kubernetes.io/enforce: restricted, pod-security.kubernetes.io/enforce-version: v1.22, pod-security.kubernetes.io/warn: baseline}", "{enforce=restricted,version=v1.22,valid=true,level=restricted,levelVersion=v1.22,audit=privileged,warn=baseline,exempt=false,text=restricted}" },
    { "{pod-security.kubernetes.io/enforce: privileged}", "{enforce=privileged,version=,valid=true,level=privileged,levelVersion=latest,audit=privileged,warn=privileged,exempt=false,text=privileged}" },
    { "{pod-security.kubernetes.io/enforce: Baseline}", "{enforce=Baseline,version=,valid=false,level=restricted,levelVersion=latest,audit=privileged,warn=privileged,exempt=false,text=Baseline}" },
    { "{pod-security.kubernetes.io/enforce-version: v1.22}", "{enforce=,version=v1.22,valid=true,level=privileged,levelVersion=v1.22,audit=privileged,warn=privileged,exempt=false,text=nothing (no label pod-security.kubernetes.io/enforce)}" },
    { "{pod-security.kubernetes.io/enforce: baseline, pod-security.kubernetes.io/enforce-version: v1.022}", "{enforce=baseline,version=v1.022,valid=false,level=baseline,levelVersion=latest,audit=privileged,warn=baseline,exempt=false,text=baseline}" },
    { "{pod-security.kubernetes.io/enforce: baseline, pod-security.kubernetes.io/audit-version: '1.22'}", "{enforce=baseline,version=,valid=false,level=baseline,levelVersion=latest,audit=privileged,warn=baseline,exempt=false,text=baseline}" },
    { "7", "{enforce=,version=,valid=true,level=privileged,levelVersion=latest,audit=privileged,warn=privileged,exempt=false,text=nothing (no label pod-security.kubernetes.io/enforce)}" },
};

START_TEST(pod_security_labels)
{
    keep(KIND_NAMESPACES, str_to_c(&arena, str_printf(&arena, "{metadata: {name: shop, labels: %s}}", security_row[_i].labels)));
    struct rows r = rows_of(facts_now(), "namespaces");
    ck_assert_text(show(at(r.derived.item[0], "podSecurity")), security_row[_i].want);
}
END_TEST

/* ---- the API servers' own configuration of Pod Security */

#define CONFIGURED ", '--admission-control-config-file=/x'"
#define CONFIGURATION(defaults, exemptions) \
    "{apiVersion: apiserver.config.k8s.io/v1, kind: AdmissionConfiguration, plugins: [{name: PodSecurity, configuration: {apiVersion: " \
    "pod-security.admission.config.k8s.io/v1, kind: PodSecurityConfiguration, defaults: {" defaults "}, exemptions: {" exemptions "}}}]}"
#define SERVER(args) \
    "{metadata: {name: a, namespace: kube-system, annotations: {kubernetes.io/config.mirror: x}, ownerReferences: [{apiVersion: v1, kind: Node, name: n1, uid: u, controller: true}]}, " \
    "spec: {nodeName: n1, containers: [{name: c, command: [kube-apiserver" args "]}]}}"

static const struct {
    const char *server, *file, *labels, *level; /* server NULL: out of sight; file NULL: none given */
} configuration_row[] = {
    { SERVER(""), NULL, "{pod-security.kubernetes.io/enforce: baseline}", "baseline" },
    { SERVER(""), CONFIGURATION("enforce: restricted", ""), "{}", "privileged" }, /* no API server has such a file */
    { SERVER(CONFIGURED), NULL, "{pod-security.kubernetes.io/enforce: baseline}", "unavailable" },
    { SERVER(CONFIGURED), NULL, "{}", "unavailable" },
    { SERVER(CONFIGURED), CONFIGURATION("enforce: baseline", ""), "{}", "baseline" },
    { SERVER(CONFIGURED), CONFIGURATION("enforce: baseline", ""), "{pod-security.kubernetes.io/enforce: privileged}", "privileged" },
    { SERVER(CONFIGURED), CONFIGURATION("enforce: baseline", "namespaces: [shop]"), "{pod-security.kubernetes.io/enforce: restricted}", "privileged" },
    { SERVER(CONFIGURED), CONFIGURATION("enforce: baseline", "namespaces: [other]"), "{pod-security.kubernetes.io/enforce: restricted}", "restricted" },
    { SERVER(CONFIGURED), CONFIGURATION("", "usernames: ['system:serviceaccount:kube-system:replicaset-controller']"), "{pod-security.kubernetes.io/enforce: baseline}", "privileged" },
    { SERVER(CONFIGURED), CONFIGURATION("", "usernames: [ann]"), "{pod-security.kubernetes.io/enforce: baseline}", "baseline" },
    { SERVER(CONFIGURED), CONFIGURATION("", "runtimeClasses: [kata]"), "{pod-security.kubernetes.io/enforce: baseline}", "privileged" },
    { SERVER(CONFIGURED), "{apiVersion: apiserver.config.k8s.io/v1, kind: AdmissionConfiguration, plugins: []}", "{}", "privileged" },
    { NULL, NULL, "{pod-security.kubernetes.io/enforce: baseline}", "baseline" },
    { NULL, CONFIGURATION("enforce: baseline", ""), "{}", "baseline" },
};

START_TEST(pod_security_by_the_api_servers_file)
{
    struct admission_config config;
    struct err err = { 0 };
    keep(KIND_NAMESPACES, str_to_c(&arena, str_printf(&arena, "{metadata: {name: shop, labels: %s}}", configuration_row[_i].labels)));
    if (configuration_row[_i].server)
        *VEC_PUSH(&cluster.component_pod, &arena) = from_yaml(&arena, configuration_row[_i].server);
    struct facts *f = facts_open(&arena, &cluster);
    if (configuration_row[_i].file) {
        ck_assert_msg(admission_config_read(&config, &arena, str_from_c(configuration_row[_i].file), "f", &err), "%s", err.text);
        facts_give_admission(f, &config);
    }
    facts_complete(f);
    struct rows r = rows_of(f, "namespaces");
    ck_assert_text(show(at(at(r.derived.item[0], "podSecurity"), "level")), configuration_row[_i].level);
}
END_TEST

/* selectsAll, ingress, egress, allowsAllIngress, allowsAllEgress as 1 and 0; then default deny of both. */
static const struct {
    const char *spec, *other; /* other: a second policy, or NULL */
    const char *view, *deny;
} policy_row[] = {
    { "{podSelector: {}}", NULL, "11000", "10" },
    { "{podSelector: {}, policyTypes: [Ingress, Egress]}", NULL, "11100", "11" },
    { "{podSelector: {}, policyTypes: [Egress]}", NULL, "10100", "01" },
    { "{podSelector: {}, egress: []}", NULL, "11000", "10" },
    { "{podSelector: {}, egress: [{to: [{podSelector: {}}]}]}", NULL, "11100", "11" },
    { "{podSelector: {}, ingress: [{}]}", NULL, "11010", "00" },
    { "{podSelector: {}, ingress: [null]}", NULL, "11010", "00" },
    { "{podSelector: {}, ingress: [{from: []}]}", NULL, "11010", "00" },
    { "{podSelector: {}, ingress: [{ports: [{port: 80}]}]}", NULL, "11000", "10" },
    { "{podSelector: {}, ingress: [{ports: [{protocol: UDP}]}]}", NULL, "11010", "00" },
    { "{podSelector: {}, ingress: [{ports: [{port: 1, endPort: 65535}]}]}", NULL, "11010", "00" },
    { "{podSelector: {}, ingress: [{from: [{podSelector: {}}]}]}", NULL, "11000", "10" },
    { "{podSelector: {}, ingress: [{from: [{namespaceSelector: {}}]}]}", NULL, "11010", "00" },
    { "{podSelector: {}, ingress: [{from: [{namespaceSelector: {}, podSelector: {matchLabels: {a: b}}}]}]}", NULL, "11000", "10" },
    { "{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/0}}]}]}", NULL, "11010", "00" },
    { "{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/0, except: [10.0.0.0/8]}}]}]}", NULL, "11000", "10" },
    { "{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/1}}, {ipBlock: {cidr: 128.0.0.0/1}}]}]}", NULL, "11010", "00" },
    { "{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: '::/0'}}]}]}", NULL, "11010", "00" },
    { "{podSelector: {matchLabels: {a: b}}}", NULL, "01000", "00" },
    { "{podSelector: {matchExpressions: [{key: a, operator: Exists}]}}", NULL, "01000", "00" },
    { "{podSelector: {matchLabels: {}, matchExpressions: []}}", NULL, "11000", "10" },
    { "{podSelector: {}}", "{podSelector: {}, ingress: [{}]}", "11000", "00" },
    { "{podSelector: {}}", "{podSelector: {matchLabels: {a: b}}, ingress: [{}]}", "11000", "10" },
    { "{podSelector: {}, ingress: 7, policyTypes: [Ingress]}", NULL, "11000", "10" },
    { "{podSelector: {}, ingress: [7]}", NULL, "11010", "00" },
    { "{podSelector: 7}", NULL, "01000", "00" },
    { "7", NULL, "00000", "00" },
};

static void keep_policy(const char *name, const char *spec)
{
    keep(KIND_NETWORKPOLICIES, str_to_c(&arena, str_printf(&arena, "{metadata: {name: %s, namespace: shop}, spec: %s}", name, spec)));
}

START_TEST(network_policies)
{
    static const char *const field[] = { "selectsAll", "ingress", "egress", "allowsAllIngress", "allowsAllEgress" };
    keep(KIND_NAMESPACES, "{metadata: {name: shop}}");
    keep_policy("a", policy_row[_i].spec);
    if (policy_row[_i].other)
        keep_policy("b", policy_row[_i].other);
    struct rows r = rows_of(facts_now(), "namespaces");
    struct value first = value_item(at(r.derived.item[0], "networkPolicies"), 0);
    for (size_t i = 0; i < 5; i++)
        ck_assert_msg(at(first, field[i]).as.b == (policy_row[_i].view[i] == '1'), "row %d: %s", _i, field[i]);
    ck_assert_msg(at(r.derived.item[0], "defaultDenyIngress").as.b == (policy_row[_i].deny[0] == '1'), "row %d", _i);
    ck_assert_msg(at(r.derived.item[0], "defaultDenyEgress").as.b == (policy_row[_i].deny[1] == '1'), "row %d", _i);
}
END_TEST

START_TEST(namespaces_in_order_with_their_pods)
{
    keep(KIND_NAMESPACES, "{metadata: {name: shop}}");
    keep(KIND_NAMESPACES, "{metadata: {name: kube-system}}");
    keep(KIND_NAMESPACES, "{metadata: 7}");
    keep(KIND_CRDS, "{metadata: {name: ciliumnetworkpolicies.cilium.io}}");
    add_pod("shop", "default");
    struct facts *f = facts_now();
    struct rows r = rows_of(f, "namespaces");
    ck_assert_uint_eq(r.object.count, 3);
    ck_assert_text(show(at(r.derived.item[1], "system")), "true");
    ck_assert_text(show(at(r.derived.item[2], "pods")), "1");
    ck_assert_text(show(at(r.derived.item[2], "otherPolicyCrds")), "[ciliumnetworkpolicies.cilium.io]");
    ck_assert_text(show(facts_namespace(f, STR("shop"), &arena)), "{metadata={name=shop}}");
    ck_assert_text(show(facts_namespace(f, STR("gone"), &arena)), "unavailable");
    ck_assert_text(show(facts_namespace(f, STR(""), &arena)), "null");
}
END_TEST

/* ---- what was not seen ---- */

START_TEST(gaps_are_unavailable_and_say_why)
{
    make_rbac();
    deny(KIND_PODS);
    deny(KIND_CRDS);
    deny(KIND_SERVICEACCOUNTS);
    cluster.kept[KIND_SERVICEACCOUNTS].count = 0;
    cluster.pod.count = 0;
    struct facts *f = facts_now();
    struct rows r = rows_of(f, "namespaces");
    ck_assert_text(show(at(r.derived.item[0], "pods")), "unavailable");
    ck_assert_text(at(r.derived.item[0], "pods").as.error->text, "things: forbidden; grant list on things");
    ck_assert_text(show(at(r.derived.item[0], "otherPolicyCrds")), "unavailable");
    r = rows_of(f, "subjects");
    ck_assert_text(show(at(r.derived.item[4], "exists")), "unavailable");
    ck_assert_text(show(at(r.derived.item[0], "exists")), "true");
    ck_assert_text(show(fact("apiServers")), "unavailable");
    struct value d = facts_derived(f, KIND_PODS, from_yaml(&arena, "{metadata: {namespace: shop}, spec: {serviceAccountName: till}}"), &arena);
    ck_assert_text(show(at(at(d, "serviceAccount"), "found")), "unavailable");
    ck_assert_text(show(at(d, "automount")), "unavailable");
    deny(KIND_NAMESPACES);
    ck_assert_text(show(facts_namespace(f, STR("nowhere"), &arena)), "unavailable");
}
END_TEST

START_TEST(facts_wait_for_their_stage)
{
    struct facts *f = facts_open(&arena, &cluster);
    for (size_t i = 0; i < fact_count; i++) {
        if (fact_info[i].after_stream)
            ck_assert_text(show(facts_get(f, i)), "unavailable");
    }
    ck_assert_text(show(facts_get(f, 10000)), "null");
}
END_TEST

static bool is_streamed(const struct table_info *t)
{
    return t->kind != KIND_NONE && kind_info(t->kind)->stage == STAGE_STREAM;
}

START_TEST(tables_are_found)
{
    struct err err = { 0 };
    struct facts *f = facts_now();
    ck_assert_ptr_null(table_find(STR("deployments")));
    ck_assert(!facts_walk(f, table_find(STR("pods")), take_row, NULL, &err));
    ck_assert_int_eq(err.code, ERR_USAGE);
    for (size_t i = 0; i < table_count; i++) {
        ck_assert_ptr_eq(table_find(str_from_c(table_info[i].name)), &table_info[i]);
        ck_assert_uint_gt(strlen(table_info[i].summary), 0);
        if (!is_streamed(&table_info[i]))
            (void)rows_of(f, table_info[i].name);
    }
    struct rows r = rows_of(f, "cluster");
    ck_assert_uint_eq(r.object.count, 1);
    ck_assert_text(show(at(r.object.item[0], "minor")), "35");
    ck_assert_text(show(at(r.derived.item[0], "pods")), "0");
}
END_TEST

/* ---- the control plane ---- */

static const struct {
    const char *args[2]; /* of up to two API servers */
    const char *metrics; /* YAML */
    int minor;
    const char *configured, *provider, *plain;
} encryption_row[] = {
#define ENC "--encryption-provider-config=/e"
#define WHOLE "process_start_time_seconds: [{value: 1.0}]"
#define OPS(rows) "{" WHOLE ", apiserver_storage_transformation_operations_total: [" rows "]}"
#define OP(type, prefix, resource, count) "{resource: " resource ", status: OK, transformation_type: " type ", transformer_prefix: '" prefix "', value: " count "}"
    { { "", NULL }, "{" WHOLE "}", 35, "false", "identity", "unavailable" },
    { { "", NULL }, "null", 35, "false", "identity", "unavailable" },
    { { ENC, NULL }, "null", 35, "true", "unavailable", "unavailable" },
    { { ENC, "" }, "null", 35, "false", "identity", "unavailable" },
    { { ENC, ENC }, "{" WHOLE "}", 35, "true", "unavailable", "0" },
    { { NULL, NULL }, "null", 35, "unavailable", "unavailable", "unavailable" },
    { { NULL, NULL }, "{" WHOLE "}", 35, "false", "identity", "unavailable" },
    { { NULL, NULL }, "{" WHOLE "}", 30, "unavailable", "unavailable", "0" },
    { { NULL, NULL }, "{}", 35, "unavailable", "unavailable", "unavailable" },
    { { NULL, NULL }, "{" WHOLE ", apiserver_encryption_config_controller_last_config_info: [{hash: x, value: 1.0}]}", 35, "true", "unavailable", "0" },
    { { ENC, NULL }, OPS(OP("to_storage", "k8s:enc:aescbc:v1:", "secrets", "2.0") "," OP("to_storage", "key1:", "secrets", "2.0") "," OP("from_storage", "identity", "secrets", "5.0")), 35, "true", "aescbc", "5" },
    { { ENC, NULL }, OPS(OP("to_storage", "k8s:enc:kms:v2:", "secrets", "2.0") "," OP("to_storage", "", "secrets", "1.0")), 35, "true", "identity", "0" },
    { { ENC, NULL }, OPS(OP("to_storage", "k8s:enc:kms:v2:", "secrets", "2.0") "," OP("to_storage", "", "configmaps", "1.0")), 35, "true", "kms-v2", "0" },
    { { ENC, NULL }, OPS(OP("to_storage", "k8s:enc:aesgcm:v1:", "secrets", "0.0")), 35, "true", "unavailable", "0" },
    { { ENC, NULL }, OPS(OP("to_storage", "k8s:enc:new:v9:", "secrets", "1.0")), 35, "true", "other", "0" },
    { { ENC, NULL }, OPS(OP("to_storage", "k8s:enc:kms:v1:", "''", "1.0")), 30, "true", "kms-v1", "0" },
    { { ENC, NULL }, OPS(OP("to_storage", "k8s:enc:kms:v1:", "''", "1.0") "," OP("to_storage", "", "''", "1.0")), 30, "true", "unavailable", "0" },
    { { ENC, NULL }, "{apiserver_storage_transformation_operations_total: [7, {}, {value: x}]}", 35, "true", "unavailable", "unavailable" },
};

START_TEST(encryption_is_what_was_seen)
{
    for (int i = 0; i < 2 && encryption_row[_i].args[i]; i++)
        add_apiserver(i ? "kube-apiserver-b" : "kube-apiserver-a", encryption_row[_i].args[i]);
    cluster.metrics = from_yaml(&arena, encryption_row[_i].metrics);
    if (cluster.metrics.kind == VALUE_NULL)
        cluster.endpoint[ENDPOINT_METRICS].state = COVERAGE_DENIED;
    cluster.minor = encryption_row[_i].minor;
    struct value v = fact("encryption");
    ck_assert_text(show(at(v, "configured")), encryption_row[_i].configured);
    ck_assert_text(show(at(v, "secretsProvider")), encryption_row[_i].provider);
    ck_assert_text(show(at(v, "readsPlain")), encryption_row[_i].plain);
    ck_assert_text(show(at(v, "valid")), "unavailable");
}
END_TEST

START_TEST(pods_not_seen_leave_encryption_open)
{
    add_apiserver("kube-apiserver-a", ENC);
    deny(KIND_PODS);
    ck_assert_text(show(at(fact("encryption"), "configured")), "unavailable");
    add_apiserver("kube-apiserver-b", "");
    ck_assert_text(show(at(fact("encryption"), "configured")), "false"); /* witnessed */
}
END_TEST

/* hash_suffix: of the metric that tells the file in force; NULL: the given file's; "": there is no such metric. */
static struct value encryption_with_file(const char *provider, const char *hash_suffix)
{
    struct encryption_config c;
    struct err err = { 0 };
    struct str text = str_printf(&arena, "kind: EncryptionConfiguration\napiVersion: apiserver.config.k8s.io/v1\nresources: [{resources: [secrets], providers: [%s]}]\n", provider);
    ck_assert_msg(encryption_read(&c, &arena, text, "f", false, &err), "%s", err.text);
    struct str metrics = str_printf(&arena, "{" WHOLE ", apiserver_encryption_config_controller_last_config_info: [{hash: 'sha256:%s', value: 1.0}]}",
                                    hash_suffix ? hash_suffix : c.sha256);
    cluster.metrics = hash_suffix && !*hash_suffix ? value_null() : from_yaml(&arena, str_to_c(&arena, metrics));
    struct facts *f = facts_open(&arena, &cluster);
    facts_give_encryption(f, &c);
    facts_complete(f);
    for (size_t i = 0; i < fact_count; i++) {
        if (!strcmp(fact_info[i].name, "encryption"))
            return facts_get(f, i);
    }
    return value_null();
}

START_TEST(a_file_counts_unless_another_is_in_force)
{
    const char *kms = "{kms: {apiVersion: v2, name: vault, endpoint: 'unix:///x'}}", *short_key = "{aescbc: {keys: [{name: k, secret: c2hvcnQ=}]}}";
    struct value v = encryption_with_file(kms, NULL);
    ck_assert_text(show(at(v, "secretsProvider")), "kms-v2");
    ck_assert_text(show(at(v, "valid")), "true");
    v = encryption_with_file(kms, "beef");
    ck_assert_text(show(at(v, "secretsProvider")), "unavailable");
    v = encryption_with_file(kms, "");
    ck_assert_text(show(at(v, "secretsProvider")), "kms-v2");
    /* no API server starts with it, so it shows nothing */
    v = encryption_with_file(short_key, "");
    ck_assert_text(show(at(v, "secretsProvider")), "unavailable");
    ck_assert_text(show(at(v, "valid")), "false");
}
END_TEST

static const struct {
    const char *args, *metrics, *always, *rbac, *modes, *pod_security;
} server_row[] = {
    { "--authorization-mode=Node", "{}", "false", "false", "[Node]", "true" },
    { "'--authorization-mode=Node,RBAC'", "{}", "false", "true", "[Node,RBAC]", "true" },
    { "", "{}", "true", "false", "[AlwaysAllow]", "true" },
    { "--authorization-config=/x", "{}", "unavailable", "unavailable", "[]", "true" },
    { "--authorization-config=/x", "{apiserver_authorization_decisions_total: [{type: RBAC, value: 1.0}]}", "unavailable", "true", "[RBAC]", "true" },
    { NULL, "{apiserver_authorization_decisions_total: [{type: AlwaysAllow, value: 1.0}]}", "true", "unavailable", "[AlwaysAllow]", "unavailable" },
    { NULL, "{pod_security_evaluations_total: [{mode: enforce, value: 3.0}]}", "unavailable", "unavailable", "[]", "true" },
    { NULL, "{pod_security_evaluations_total: [{mode: enforce, value: 0.0}, {mode: audit, value: 3.0}]}", "unavailable", "unavailable", "[]", "unavailable" },
    { "'--disable-admission-plugins=X,PodSecurity', --authorization-mode=RBAC", "{pod_security_evaluations_total: [{mode: enforce, value: 3.0}]}", "false", "true", "[RBAC]", "false" },
};

START_TEST(authorization_and_pod_security)
{
    if (server_row[_i].args)
        add_apiserver("kube-apiserver-a", server_row[_i].args);
    cluster.metrics = from_yaml(&arena, server_row[_i].metrics);
    struct value v = fact("authorization");
    ck_assert_text(show(at(v, "alwaysAllow")), server_row[_i].always);
    ck_assert_text(show(at(v, "rbac")), server_row[_i].rbac);
    ck_assert_text(show(at(v, "modes")), server_row[_i].modes);
    ck_assert_text(show(at(fact("podSecurityAdmission"), "on")), server_row[_i].pod_security);
}
END_TEST

START_TEST(api_servers_are_rows)
{
    add_apiserver("kube-apiserver-b", "--profiling");
    add_apiserver("kube-apiserver-a", ENC);
    struct facts *f = facts_now();
    struct rows r = rows_of(f, "apiservers");
    ck_assert_uint_eq(r.object.count, 2);
    ck_assert_text(show(r.object.item[0]), "{name=kube-apiserver-a,pod=kube-apiserver-a,namespace=kube-system,node=n1}");
    ck_assert_text(show(at(r.derived.item[0], "encryption")), "{configured=true,file=/e,automaticReload=false}");
    ck_assert_text(show(at(r.derived.item[1], "flags")), "{profiling=true}");
    ck_assert_uint_eq(fact("apiServers").n, 2);
}
END_TEST

/* ---- add-ons ---- */

static const struct {
    const char *ns, *name, *image, *names, *enforces;
} plugin_row[] = {
    { "kube-system", "calico-node", "docker.io/calico/node:v3.28", "[calico]", "true" },
    { "calico-system", "calico-node", "corp.example/mirror/calico-node@sha256:00", "[calico]", "null" },
    { "shop-system", "calico-node", "docker.io/calico/node:v3.28", "[]", "null" },
    { "shop", "agent", "docker.io/calico/node:v3.28", "[]", "null" },
    { "shop", "agent", "ghcr.io/flannel-io/flannel:v0.26", "[]", "null" },
    { "shop", "agent", "x/aws-network-policy-agent:v1", "[]", "null" },
    { "kube-system", "canal", "rancher/hardened-calico:v3", "[calico]", "true" },
    { "kube-system", "cilium", "quay.io/cilium/cilium:v1.16", "[cilium]", "true" },
    { "kube-system", "tetragon", "quay.io/cilium/tetragon:v1", "[]", "null" },
    { "kube-system", "anetd", "gke.gcr.io/x:1", "[gke-dataplane-v2]", "true" },
    { "dev", "cilium", "example/app:1", "[]", "null" },
    { "kube-flannel", "kube-flannel-ds", "ghcr.io/flannel-io/flannel:v0.26", "[flannel]", "false" },
    { "kube-system", "aws-node", "602401143452.dkr.ecr.us-west-2.amazonaws.com/amazon-k8s-cni:v1.19", "[aws-vpc-cni]", "false" },
    { "kube-system", "aws-np", "602401143452.dkr.ecr.us-west-2.amazonaws.com/amazon/aws-network-policy-agent:v1", "[aws-network-policy-agent]", "null" },
    { "kube-system", "kindnet", "docker.io/kindest/kindnetd:v20240202-8f1494ea", "[kindnet]", "false" },
    { "kube-system", "kindnet", "docker.io/kindest/kindnetd:v20250214-acbabc1a", "[kindnet]", "true" },
    { "kube-system", "kindnet", "docker.io/kindest/kindnetd:latest", "[kindnet]", "null" },
    { "kube-system", "kube-router", "x:5000/cloudnativelabs/kube-router", "[kube-router]", "true" },
    { "openshift-ovn-kubernetes", "ovnkube-node", "quay.io/openshift@sha256:0", "[ovn-kubernetes]", "null" },
    { "kube-system", "antrea-agent", "antrea/antrea-agent-ubuntu:v2", "[antrea]", "true" },
    { "kube-system", "weave-net", "weaveworks/weave-npc:2", "[weave]", "true" },
    { "kube-system", "azure-npm", "mcr.microsoft.com/containernetworking/azure-npm:v1", "[azure-npm]", "true" },
};

START_TEST(network_plugins)
{
    add_workload(KIND_DAEMONSETS, plugin_row[_i].ns, plugin_row[_i].name, plugin_row[_i].image);
    struct value v = fact("networkPlugin");
    ck_assert_text(show(at(v, "names")), plugin_row[_i].names);
    ck_assert_text(show(at(v, "enforces")), plugin_row[_i].enforces);
    /* The same unseen: only what was witnessed stands. */
    deny(KIND_DAEMONSETS);
    v = fact("networkPlugin");
    ck_assert_text(value_is_error(v) ? STR("unavailable") : show(at(v, "enforces")),
                   !strcmp(plugin_row[_i].enforces, "true") ? "true" : "unavailable");
}
END_TEST

START_TEST(several_plugins)
{
    add_workload(KIND_DEPLOYMENTS, "kube-system", "calico-node", "calico/node:v3");
    ck_assert_text(show(at(fact("networkPlugin"), "names")), "[]"); /* no agent on the nodes */
    add_workload(KIND_DAEMONSETS, "kube-system", "kube-flannel-ds", "flannel/flannel:v1");
    keep(KIND_CRDS, "{metadata: {name: felixconfigurations.crd.projectcalico.org}}");
    struct value v = fact("networkPlugin");
    ck_assert_text(show(at(v, "names")), "[calico,flannel]");
    ck_assert_text(show(at(v, "enforces")), "null");
}
END_TEST

#define PODS_RULE "rules: [{operations: [CREATE], apiGroups: [''], resources: [pods]}]"

START_TEST(policy_engines)
{
    ck_assert_text(show(fact("policyEngines")), "[]");
    keep(KIND_VALIDATINGWEBHOOKS, "{metadata: {name: kv}, webhooks: [{name: validate.kyverno.svc-fail, " PODS_RULE "}, {name: validate.kyverno.svc-ignore, failurePolicy: Ignore, " PODS_RULE "}, {name: cert-manager, " PODS_RULE "}, 7]}");
    keep(KIND_VALIDATINGWEBHOOKS, "{metadata: {name: gk}, webhooks: [{name: check-ignore-label.gatekeeper.sh, rules: [{operations: [CREATE], apiGroups: [''], resources: [namespaces]}]}]}");
    keep(KIND_ADMISSIONPOLICIES, "{metadata: {name: p1}, spec: {matchConstraints: {resourceRules: [{operations: ['*'], apiGroups: ['*'], resources: ['*']}]}}}");
    keep(KIND_ADMISSIONPOLICIES, "{metadata: {name: p2}, spec: {failurePolicy: Ignore}}");
    keep(KIND_ADMISSIONBINDINGS, "{metadata: {name: b1}, spec: {policyName: p1, validationActions: [Deny, Audit]}}");
    keep(KIND_ADMISSIONBINDINGS, "{metadata: {name: b2}, spec: {policyName: p2, validationActions: [Warn]}}");
    struct value v = fact("policyEngines");
    VEC(struct str) part = { 0 };
    for (uint32_t i = 0; i < v.n; i++) {
        struct value e = value_item(v, i);
        *VEC_PUSH(&part, &arena) = str_printf(&arena, "%.*s %.*s %.*s %.*s", STR_ARG(value_text(at(e, "object"))), STR_ARG(show(at(e, "judgesPods"))),
                                              STR_ARG(show(at(e, "enforcing"))), STR_ARG(value_text(at(e, "failurePolicy"))));
    }
    ck_assert_text(str_join(&arena, part.item, part.count, STR("; ")),
                   "gk/check-ignore-label.gatekeeper.sh false null Fail; kv/validate.kyverno.svc-fail true null Fail; kv/validate.kyverno.svc-ignore true false Ignore; "
                   "p1 true true Fail; p2 false false Ignore");
}
END_TEST

START_TEST(verifiers_and_stores)
{
    ck_assert_text(show(fact("imageVerifiers")), "[]");
    ck_assert_text(show(fact("secretStores")), "[]");
    add_apiserver("kube-apiserver-a", "--enable-admission-plugins=ImagePolicyWebhook, --admission-control-config-file=/x");
    keep(KIND_MUTATINGWEBHOOKS, "{metadata: {name: c}, webhooks: [{name: connaisseur-svc.connaisseur.svc, failurePolicy: Fail}, {name: vault.hashicorp.com}]}");
    keep(KIND_CSIDRIVERS, "{metadata: {name: secrets-store.csi.k8s.io}}");
    keep(KIND_CRDS, "{metadata: {name: externalsecrets.external-secrets.io}}");
    struct value v = fact("imageVerifiers");
    ck_assert_uint_eq(v.n, 2);
    ck_assert_text(value_text(at(value_item(v, 0), "name")), "ImagePolicyWebhook");
    ck_assert_text(value_text(at(value_item(v, 1), "name")), "connaisseur");
    ck_assert_text(show(at(value_item(v, 0), "enforcing")), "true");
    ck_assert_text(show(at(value_item(v, 1), "enforcing")), "true");
    v = fact("secretStores");
    ck_assert_uint_eq(v.n, 3);
    ck_assert_text(value_text(at(value_item(v, 0), "name")), "external-secrets");
    ck_assert_text(show(at(value_item(v, 0), "copies")), "true");
    ck_assert_text(value_text(at(value_item(v, 2), "name")), "vault-injector");
    add_apiserver("kube-apiserver-b", "");
    ck_assert_text(show(at(value_item(fact("imageVerifiers"), 0), "enforcing")), "false");
    cluster.kept[KIND_MUTATINGWEBHOOKS].count = 0;
    cluster.component_pod.count = 0;
    deny(KIND_MUTATINGWEBHOOKS);
    ck_assert_text(show(fact("imageVerifiers")), "unavailable");
}
END_TEST

/* ---- functions ---- */

static struct value call(const char *name, const struct value *arg, size_t count)
{
    struct cel_call c = { .scratch = &arena, .offset = 7 };
    for (size_t i = 0; i < facts_function_count; i++) {
        if (!strcmp(facts_function[i].name, name)) {
            ck_assert_uint_eq(facts_function[i].arg_count, count);
            return facts_function[i].fn(&c, arg, count);
        }
    }
    ck_abort_msg("no function %s", name);
    return value_null();
}

static const struct {
    const char *fn, *args, *want; /* args: a YAML list */
} function_row[] = {
#define GRANT(ns, rule) "{namespace: '" ns "', role: ClusterRole r, binding: ClusterRoleBinding b, via: '', " rule "}"
    { "holding", "[[" GRANT("", "verbs: [get], apiGroups: [''], resources: [pods]") ", " GRANT("x", "verbs: ['*'], apiGroups: ['*'], resources: ['*']") "], [get, list], '', secrets]", "1" },
    { "holding", "[[" GRANT("", "verbs: [get], apiGroups: [''], resources: [pods]") "], get, '', pods]", "1" },
    { "holding", "[[" GRANT("x", "verbs: ['*'], apiGroups: ['*'], resources: ['*']") "], create, '', persistentvolumes]", "0" },
    { "holding", "[[3, {}], create, '', pods]", "0" },
    { "holding", "[3, create, '', pods]", "error" },
    { "holding", "[[], 3, '', pods]", "error" },
    { "holding", "[[], [3], '', pods]", "error" },
    { "holding", "[[], [], 3, pods]", "error" },
    { "covers", "[" GRANT("", "verbs: [create], apiGroups: [''], resources: ['*/exec']") ", create, '', pods/exec]", "true" },
    { "covers", "[" GRANT("", "verbs: [create], apiGroups: [''], resources: [pods]") ", create, '', pods/exec]", "false" },
    { "covers", "[[], create, '', pods]", "error" },
    { "reaching", "[[" GRANT("", "verbs: [get], nonResourceURLs: ['/met*']") "], get, /metrics]", "1" },
    { "reaching", "[[], get, '']", "error" },
    { "subjectText", "[{kind: ServiceAccount, namespace: a, name: b}]", "ServiceAccount a/b" },
    { "subjectText", "[{kind: Group, name: g}]", "Group g" },
    { "subjectText", "[7]", "error" },
    { "grantText", "[" GRANT("x", "verbs: [get, list], apiGroups: [''], resources: [secrets]") "]", "get, list on secrets in namespace x by ClusterRoleBinding b (ClusterRole r)" },
    { "grantText", "[{verbs: [get], apiGroups: [apps, ''], resources: [a, b], resourceNames: [n1], nonResourceURLs: [/m], binding: B, role: R, via: Group g}]", "get on a, b (group apps, core) named n1 and /m by B (R), as Group g" },
    { "grantText", "[{verbs: [a, b, c, d, e, f, g, h, i, j]}]", "a, b, c, d, e, f, g, h and 2 more on nothing" },
    { "grantText", "[7]", "error" },
    { "rightText", "[" GRANT("x", "verbs: ['*'], apiGroups: ['*'], resources: ['*']") ", [get, list], '', secrets]", "get, list on secrets in namespace x by ClusterRoleBinding b (ClusterRole r)" },
    { "rightText", "[" GRANT("", "verbs: [list, bind], apiGroups: [apps], resources: [a, b], resourceNames: [n1]") ", [get, list], apps, b]", "list on b (group apps) named n1 by ClusterRoleBinding b (ClusterRole r)" },
    { "rightText", "[" GRANT("", "verbs: [list], apiGroups: [''], resources: [pods]") ", get, '', pods]", "" },
    { "rightText", "[" GRANT("", "verbs: [list]") ", 7, '', pods]", "error" },
    { "globMatch", "[kube-system/x, ['a', 'kube-*/x']]", "true" },
    { "globMatch", "[abc, 'ab']", "false" },
    { "globMatch", "[7, 'ab']", "error" },
    { "isAllowedSubject", "[{kind: Group, name: 'system:masters', namespace: ''}, ['Group:system:masters']]", "true" },
    { "isAllowedSubject", "[{kind: User, name: 'system:masters', namespace: ''}, ['Group:system:masters']]", "false" },
    { "isAllowedSubject", "[{kind: User, name: 'system:node:a', namespace: ''}, ['User:system:*']]", "true" },
    { "isAllowedSubject", "[{kind: ServiceAccount, name: x, namespace: kube-system}, ['ServiceAccount:kube-system:*']]", "true" },
    { "isAllowedSubject", "[{kind: ServiceAccount, name: x, namespace: kube-system}, ['ServiceAccount:kube-system']]", "true" },
    { "isAllowedSubject", "[{kind: ServiceAccount, name: x, namespace: kube-system2}, ['ServiceAccount:kube-system:*']]", "false" },
    { "isAllowedSubject", "[{kind: User, name: 'system:serviceaccount:kube-system:x', namespace: ''}, ['ServiceAccount:kube-system:*']]", "true" },
    { "isAllowedSubject", "[{kind: Group, name: x}, ['system:masters']]", "error" },
    { "isAllowedSubject", "[{kind: Group, name: x}, []]", "false" },
    { "isAllowedSubject", "[7, []]", "error" },
};

START_TEST(functions)
{
    struct value args = from_yaml(&arena, function_row[_i].args);
    struct value v = call(function_row[_i].fn, args.as.item, args.n);
    struct str got = v.kind == VALUE_LIST ? str_printf(&arena, "%u", v.n) : show(v);
    ck_assert_msg(str_eq_c(got, function_row[_i].want), "row %d %s: got %.*s, want %s", _i, function_row[_i].fn, STR_ARG(got), function_row[_i].want);
}
END_TEST

START_TEST(errors_spread_through_functions)
{
    struct value bad = value_error(&arena, VALUE_ERROR_UNAVAILABLE, 0, "not seen");
    struct value arg[] = { bad, value_cstr("get"), value_cstr(""), value_cstr("pods") };
    ck_assert_text(show(call("holding", arg, 4)), "unavailable");
    struct value list[] = { value_list(&bad, 1), value_cstr("get"), value_cstr(""), value_cstr("pods") };
    ck_assert_text(show(call("holding", list, 4)), "unavailable");
}
END_TEST

/* ---- hostile objects ---- */

static const char *const odd_row[] = {
    "7", "null", "[]", "{}", "{kind: 7, metadata: 7, spec: 7, rules: 7, subjects: 7, webhooks: 7, roleRef: 7}",
    "{kind: ClusterRole, metadata: {name: [], labels: []}, rules: {}, aggregationRule: 7}",
    "{kind: ClusterRole, metadata: {name: x}, aggregationRule: {clusterRoleSelectors: 7}}",
    "{kind: RoleBinding, metadata: {name: {}, namespace: 7}, roleRef: [], subjects: {}}",
    "{metadata: {name: '', namespace: '', annotations: 7, labels: {pod-security.kubernetes.io/enforce: 7}}, spec: [], status: 7}",
    "{metadata: {name: x, namespace: y}, spec: {podSelector: [], ingress: {}, egress: [[]], policyTypes: {}}}",
    "{metadata: {name: x}, webhooks: [7, {}, {name: 7, rules: 7}, {name: validate.kyverno.svc-fail, rules: [7, {operations: 7, apiGroups: [7], resources: {}}]}]}",
    "{metadata: {name: x}, spec: {policyName: 7, validationActions: 7, matchConstraints: {resourceRules: {}}}}",
};

START_TEST(odd_objects_break_nothing)
{
    for (size_t k = 0; k < KIND_COUNT; k++)
        keep((enum kind)k, odd_row[_i]);
    *VEC_PUSH(&cluster.component_pod, &arena) = from_yaml(&arena, odd_row[_i]);
    cluster.metrics = from_yaml(&arena, odd_row[_i]);
    cluster.api_groups = from_yaml(&arena, odd_row[_i]);
    make_rbac();
    struct facts *f = facts_now();
    for (size_t i = 0; i < fact_count; i++)
        (void)show(facts_get(f, i));
    for (size_t i = 0; i < table_count; i++) {
        if (!is_streamed(&table_info[i]))
            (void)rows_of(f, table_info[i].name);
    }
    for (size_t k = 0; k < KIND_COUNT; k++)
        (void)facts_derived(f, (enum kind)k, from_yaml(&arena, odd_row[_i]), &arena);
    /* And the good ones are still there. */
    struct rows r = rows_of(f, "subjects");
    bool eve = false;
    for (size_t i = 0; i < r.object.count; i++)
        eve = eve || str_eq_c(value_text(at(r.derived.item[i], "text")), "User eve");
    ck_assert(eve);
}
END_TEST

#define COUNT(x) (int)(sizeof(x) / sizeof *(x))

int main(void)
{
    Suite *s = suite_create("facts");
    TCase *t = tcase_create("all");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, subjects_have_their_grants);
    tcase_add_test(t, accounts_and_pods_have_their_groups_too);
    tcase_add_test(t, a_user_named_as_an_account_is_that_account);
    tcase_add_test(t, roles_know_their_subjects);
    tcase_add_test(t, what_is_wrong_with_bindings);
    tcase_add_test(t, damage_keeps_checks_from_passing);
    tcase_add_loop_test(t, pod_security_labels, 0, COUNT(security_row));
    tcase_add_loop_test(t, pod_security_by_the_api_servers_file, 0, COUNT(configuration_row));
    tcase_add_loop_test(t, network_policies, 0, COUNT(policy_row));
    tcase_add_test(t, namespaces_in_order_with_their_pods);
    tcase_add_test(t, gaps_are_unavailable_and_say_why);
    tcase_add_test(t, facts_wait_for_their_stage);
    tcase_add_test(t, tables_are_found);
    tcase_add_loop_test(t, encryption_is_what_was_seen, 0, COUNT(encryption_row));
    tcase_add_test(t, pods_not_seen_leave_encryption_open);
    tcase_add_test(t, a_file_counts_unless_another_is_in_force);
    tcase_add_loop_test(t, authorization_and_pod_security, 0, COUNT(server_row));
    tcase_add_test(t, api_servers_are_rows);
    tcase_add_loop_test(t, network_plugins, 0, COUNT(plugin_row));
    tcase_add_test(t, several_plugins);
    tcase_add_test(t, policy_engines);
    tcase_add_test(t, verifiers_and_stores);
    tcase_add_loop_test(t, functions, 0, COUNT(function_row));
    tcase_add_test(t, errors_spread_through_functions);
    tcase_add_loop_test(t, odd_objects_break_nothing, 0, COUNT(odd_row));
    suite_add_tcase(s, t);
    SRunner *runner = srunner_create(s);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
