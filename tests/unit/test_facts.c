/* Facts of a cluster: each by what is there, what is not, and what could not be seen. */
#include "unit/facts_rig.h"

#include "analyze/podsecurity/admission_config.h"

/* ---- grants ---- */

static void make_rbac(void)
{
    keep(KIND_CLUSTERROLES, "{kind: ClusterRole, metadata: {name: cluster-admin, labels: {kubernetes.io/bootstrapping: rbac-defaults}}, "
                            "rules: [{verbs: ['*'], apiGroups: ['*'], resources: ['*']}, {verbs: ['*'], nonResourceURLs: ['*']}]}");
    keep(KIND_CLUSTERROLES, "{kind: ClusterRole, metadata: {name: reader}, rules: [{verbs: [get], apiGroups: [''], resources: [pods]}]}");
    keep(KIND_ROLES,
         "{kind: Role, metadata: {name: local, namespace: shop}, rules: [{verbs: [list], apiGroups: [''], resources: [secrets]}]}");
    keep(KIND_CLUSTERROLEBINDINGS,
         "{kind: ClusterRoleBinding, metadata: {name: cluster-admin, labels: {kubernetes.io/bootstrapping: rbac-defaults}}, roleRef: "
         "{kind: ClusterRole, name: cluster-admin}, subjects: [{kind: Group, name: 'system:masters'}]}");
    keep(KIND_CLUSTERROLEBINDINGS,
         "{kind: ClusterRoleBinding, metadata: {name: disguised, labels: {kubernetes.io/bootstrapping: rbac-defaults}}, roleRef: {kind: "
         "ClusterRole, name: cluster-admin}, subjects: [{kind: User, name: eve}]}");
    keep(KIND_CLUSTERROLEBINDINGS, "{kind: ClusterRoleBinding, metadata: {name: everyone}, roleRef: {kind: ClusterRole, name: reader}, "
                                   "subjects: [{kind: Group, name: 'system:serviceaccounts'}]}");
    keep(KIND_ROLEBINDINGS,
         "{kind: RoleBinding, metadata: {name: admin, namespace: shop}, roleRef: {kind: ClusterRole, name: cluster-admin}, subjects: "
         "[{kind: ServiceAccount, name: till}, {kind: ServiceAccount, namespace: ghost, name: gone}]}");
    keep(KIND_ROLEBINDINGS, "{kind: RoleBinding, metadata: {name: team, namespace: shop}, roleRef: {kind: Role, name: local}, subjects: "
                            "[{kind: Group, name: 'system:serviceaccounts:shop'}]}");
    keep(KIND_ROLEBINDINGS, "{kind: RoleBinding, metadata: {name: dangling, namespace: shop}, roleRef: {kind: Role, name: none}, subjects: "
                            "[{kind: User, name: kim}]}");
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
        { "Group system:masters", "[*][*][]@<ClusterRoleBinding cluster-admin>!; [*][][*]@<ClusterRoleBinding cluster-admin>!", "true",
          "true", "0" },
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
    const char *group = "[list][secrets][]@shop<RoleBinding shop/team>Group system:serviceaccounts:shop; [get][pods][]@<ClusterRoleBinding "
                        "everyone>Group system:serviceaccounts";
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
        { "{metadata: {namespace: shop}, spec: {serviceAccountName: till}}", "false", "{name=till,found=true,automount=false}", "[]",
          true },
        { "{metadata: {namespace: shop}, spec: {serviceAccountName: till, automountServiceAccountToken: true}}", "true",
          "{name=till,found=true,automount=false}", "[]", true },
        { "{metadata: {namespace: shop}, spec: {volumes: [{name: kube-api-access-x, projected: {sources: [{serviceAccountToken: {}}]}}, "
          "{name: vault, projected: {sources: [{configMap: {}}, {serviceAccountToken: {audience: v}}]}}]}}",
          "true", "{name=default,found=true,automount=null}", "[vault]", false },
        { "{metadata: {namespace: shop}, spec: {serviceAccountName: nobody}}", "true", "{name=nobody,found=false,automount=null}", "[]",
          false },
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
    keep(KIND_ROLEBINDINGS, "{kind: RoleBinding, metadata: {name: x, namespace: shop}, roleRef: {kind: Role, name: local}, subjects: "
                            "[{kind: User, name: 'system:serviceaccount:shop:default'}]}");
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
    ck_assert_text(show(at(r.derived.item[0], "boundTo")),
                   "[{kind=Group,name=system:masters,namespace=},{kind=User,name=eve,namespace=},{kind=ServiceAccount,name=till,namespace="
                   "shop},{kind=ServiceAccount,name=gone,namespace=ghost}]");
    ck_assert_text(show(at(r.derived.item[1], "rules")),
                   "[{verbs=[get],apiGroups=[],resources=[pods],resourceNames=[],nonResourceURLs=[]}]");
    r = rows_of(f, "roles");
    ck_assert_uint_eq(r.object.count, 1);
    ck_assert_text(show(at(r.derived.item[0], "bindings")), "[RoleBinding shop/team]");
}
END_TEST

#define OWN_LABEL         "labels: {kubernetes.io/bootstrapping: rbac-defaults}"
#define ROLE(name, rules) "{kind: ClusterRole, metadata: {name: '" name "', " OWN_LABEL "}, rules: [" rules "]}"
#define BINDING(name, role, subject)                                                                                    \
    "{kind: ClusterRoleBinding, metadata: {name: '" name "', " OWN_LABEL "}, roleRef: {kind: ClusterRole, name: '" role \
    "'}, subjects: [" subject "]}"
#define READ_PODS    "{verbs: [get, list], apiGroups: [''], resources: [pods]}"
#define READ_SECRETS "{verbs: [get], apiGroups: [''], resources: [secrets]}"
#define SCHEDULER    "system:kube-scheduler"
#define EXPANDER     "system:controller:expand-controller"

/* What bears the API server's label and a name of its own is only as good as what it gives, and to whom. */
START_TEST(defaults_are_known_by_what_they_give)
{
    static const struct {
        const char *role, *binding, *is_role, *grants;
    } row[] = {
        { ROLE(SCHEDULER, READ_PODS), BINDING(SCHEDULER, SCHEDULER, "{kind: User, name: '" SCHEDULER "'}"), "true", "true" },
        { ROLE(SCHEDULER, READ_PODS ", " READ_SECRETS), BINDING(SCHEDULER, SCHEDULER, "{kind: User, name: '" SCHEDULER "'}"), "false",
          "true false" },
        { ROLE(SCHEDULER, READ_PODS), BINDING(SCHEDULER, SCHEDULER, "{kind: User, name: eve}"), "true", "false" },
        { ROLE(SCHEDULER, READ_PODS), BINDING("system:other", SCHEDULER, "{kind: User, name: '" SCHEDULER "'}"), "true", "false" },
        { ROLE("system:node", READ_PODS), BINDING(SCHEDULER, "system:node", "{kind: User, name: '" SCHEDULER "'}"), "true", "false" },
        { ROLE("system:evil", READ_PODS), BINDING("system:evil", "system:evil", "{kind: ServiceAccount, name: a, namespace: kube-system}"),
          "false", "false" },
        /* since 1.34 no more: a server that came from before keeps it */
        { ROLE(EXPANDER, READ_SECRETS),
          BINDING(EXPANDER, EXPANDER, "{kind: ServiceAccount, name: expand-controller, namespace: kube-system}"), "true", "true" },
        { ROLE(EXPANDER, READ_SECRETS), BINDING(EXPANDER, EXPANDER, "{kind: ServiceAccount, name: expand-controller, namespace: shop}"),
          "true", "false" },
        /* put together of others */
        { ROLE("view", READ_PODS), BINDING("system:x", "view", "{kind: User, name: u}"), "true", "false" },
        { ROLE("view", READ_SECRETS), BINDING("system:x", "view", "{kind: User, name: u}"), "false", "false" },
    };
    for (size_t i = 0; i < COUNT_OF(row); i++) {
        setup();
        keep(KIND_CLUSTERROLES, row[i].role);
        keep(KIND_CLUSTERROLEBINDINGS, row[i].binding);
        struct facts *f = facts_now();
        struct rows roles = rows_of(f, "clusterroles"), subjects = rows_of(f, "subjects");
        struct value grants = at(subjects.derived.item[0], "grants");
        VEC(struct str) part = { 0 };
        for (uint32_t g = 0; g < grants.n; g++)
            *VEC_PUSH(&part, &arena) = show(at(value_item(grants, g), "bootstrap"));
        ck_assert_msg(str_eq_c(show(at(roles.derived.item[0], "bootstrap")), row[i].is_role), "role of row %zu", i);
        ck_assert_text(str_join(&arena, part.item, part.count, STR(" ")), row[i].grants);
    }
}
END_TEST

START_TEST(what_is_wrong_with_bindings)
{
    make_rbac();
    keep(KIND_ROLEBINDINGS, "{kind: RoleBinding, metadata: {name: again, namespace: shop}, roleRef: {kind: ClusterRole, name: "
                            "cluster-admin}, subjects: [{kind: ServiceAccount, name: till}]}");
    keep(KIND_ROLEBINDINGS, "{kind: RoleBinding, metadata: {name: broken, namespace: shop}, roleRef: 7}");
    struct value v = fact("rbacFaults");
    VEC(struct str) part = { 0 };
    for (uint32_t i = 0; i < v.n; i++)
        *VEC_PUSH(&part, &arena) = str_printf(&arena, "%.*s %.*s", STR_ARG(value_text(at(value_item(v, i), "object"))),
                                              STR_ARG(value_text(at(value_item(v, i), "fault"))));
    ck_assert_text(str_join(&arena, part.item, part.count, STR("; ")),
                   "RoleBinding shop/admin missing-serviceaccount; RoleBinding shop/again duplicate; RoleBinding shop/broken malformed; "
                   "RoleBinding shop/dangling missing-role");
}
END_TEST

START_TEST(damage_keeps_checks_from_passing)
{
    make_rbac();
    keep(KIND_ROLEBINDINGS,
         "{kind: RoleBinding, metadata: {name: broken, namespace: shop}, roleRef: {kind: Role, name: local}, subjects: [7]}");
    keep(KIND_CLUSTERROLES, "{kind: ClusterRole, metadata: {name: odd}, rules: 3}");
    struct facts *f = facts_now();
    struct rows r = rows_of(f, "subjects");
    ck_assert_uint_eq(r.object.count, 9);
    ck_assert_text(show(r.object.item[7]), "{kind=RoleBinding,name=broken,namespace=shop}");
    ck_assert_text(show(at(r.derived.item[7], "grants")), "unavailable");
    ck_assert_text(show(r.object.item[8]), "{kind=ClusterRole,name=odd,namespace=}");
    r = rows_of(f, "serviceaccounts");
    /* default: nothing was seen to name it */
    ck_assert_text(show(at(r.derived.item[0], "bindings")), "unavailable");
    ck_assert_text(show(at(r.derived.item[1], "bindings")), "[RoleBinding shop/admin]");
    r = rows_of(f, "clusterroles");
    ck_assert_text(show(at(r.derived.item[1], "rules")), "unavailable");
}
END_TEST

/* ---- namespaces ---- */

static const struct {
    const char *labels, *want;
} security_row[] = {
    { "{}", "{enforce=,version=,valid=true,level=privileged,levelVersion=latest,audit=privileged,warn=privileged,exempt=false,text=nothing "
            "(no label pod-security.kubernetes.io/enforce)}" },
    { "{pod-security.kubernetes.io/enforce: baseline}", "{enforce=baseline,version=,valid=true,level=baseline,levelVersion=latest,audit="
                                                        "privileged,warn=baseline,exempt=false,text=baseline}" },
    { "{pod-security.kubernetes.io/enforce: restricted, pod-security.kubernetes.io/enforce-version: v1.22, "
      "pod-security.kubernetes.io/warn: baseline}",
      "{enforce=restricted,version=v1.22,valid=true,level=restricted,levelVersion=v1.22,audit=privileged,warn=baseline,exempt=false,text="
      "restricted as of v1.22}" },
    { "{pod-security.kubernetes.io/enforce: privileged}", "{enforce=privileged,version=,valid=true,level=privileged,levelVersion=latest,"
                                                          "audit=privileged,warn=privileged,exempt=false,text=privileged}" },
    { "{pod-security.kubernetes.io/enforce: Baseline}", "{enforce=Baseline,version=,valid=false,level=restricted,levelVersion=latest,audit="
                                                        "privileged,warn=privileged,exempt=false,text=Baseline}" },
    { "{pod-security.kubernetes.io/enforce-version: v1.22}",
      "{enforce=,version=v1.22,valid=true,level=privileged,levelVersion=v1.22,audit=privileged,warn=privileged,exempt=false,text=nothing "
      "(no label pod-security.kubernetes.io/enforce)}" },
    { "{pod-security.kubernetes.io/enforce: baseline, pod-security.kubernetes.io/enforce-version: v1.022}",
      "{enforce=baseline,version=v1.022,valid=false,level=baseline,levelVersion=latest,audit=privileged,warn=baseline,exempt=false,text="
      "baseline}" },
    { "{pod-security.kubernetes.io/enforce: baseline, pod-security.kubernetes.io/audit-version: '1.22'}",
      "{enforce=baseline,version=,valid=false,level=baseline,levelVersion=latest,audit=privileged,warn=baseline,exempt=false,text="
      "baseline}" },
    { "7", "{enforce=,version=,valid=true,level=privileged,levelVersion=latest,audit=privileged,warn=privileged,exempt=false,text=nothing "
           "(no label pod-security.kubernetes.io/enforce)}" },
};

START_TEST(pod_security_labels)
{
    keep(KIND_NAMESPACES, str_to_c(&arena, str_printf(&arena, "{metadata: {name: shop, labels: %s}}", security_row[_i].labels)));
    struct rows r = rows_of(facts_now(), "namespaces");
    ck_assert_text(show(at(r.derived.item[0], "podSecurity")), security_row[_i].want);
}
END_TEST

static const struct {
    const char *labels, *control;
    bool is_refused;
} refused_row[] = {
    { "{}", "privileged", false },
    { "{pod-security.kubernetes.io/enforce: baseline}", "privileged", true },
    { "{pod-security.kubernetes.io/enforce: baseline}", "runAsNonRoot", false },
    { "{pod-security.kubernetes.io/enforce: restricted}", "capabilities_restricted", true },
    /* though it is judged by the stricter one */
    { "{pod-security.kubernetes.io/enforce: restricted}", "capabilities_baseline", true },
    { "{pod-security.kubernetes.io/enforce: restricted, pod-security.kubernetes.io/enforce-version: v1.21}", "capabilities_restricted",
      false },
    { "{pod-security.kubernetes.io/enforce: restricted, pod-security.kubernetes.io/enforce-version: v1.22}", "capabilities_restricted",
      true },
    { "{pod-security.kubernetes.io/enforce: restricted, pod-security.kubernetes.io/enforce-version: v1.7}", "allowPrivilegeEscalation",
      false },
    { "{pod-security.kubernetes.io/enforce: baseline, pod-security.kubernetes.io/enforce-version: v1.33}", "hostProbesAndHostLifecycle",
      false },
    { "{pod-security.kubernetes.io/enforce: nothing}", "runAsNonRoot", true },
};

START_TEST(controls_of_the_level_at_its_version)
{
    keep(KIND_NAMESPACES, str_to_c(&arena, str_printf(&arena, "{metadata: {name: shop, labels: %s}}", refused_row[_i].labels)));
    struct rows r = rows_of(facts_now(), "namespaces");
    struct value list = at(r.derived.item[0], "refusedControls");
    bool found = false;
    for (uint32_t i = 0; i < list.n; i++)
        found |= str_eq_c(value_text(value_item(list, i)), refused_row[_i].control);
    ck_assert(list.kind == VALUE_LIST && found == refused_row[_i].is_refused);
}
END_TEST

/* ---- the API servers' own configuration of Pod Security */

#define CONFIGURED ", '--admission-control-config-file=/x'"
#define CONFIGURATION(defaults, exemptions)                                                                                             \
    "{apiVersion: apiserver.config.k8s.io/v1, kind: AdmissionConfiguration, plugins: [{name: PodSecurity, configuration: {apiVersion: " \
    "pod-security.admission.config.k8s.io/v1, kind: PodSecurityConfiguration, defaults: {" defaults "}, exemptions: {" exemptions "}}}]}"
#define SERVER(args)                                                                                                                  \
    "{metadata: {name: a, namespace: kube-system, annotations: {kubernetes.io/config.mirror: x}, ownerReferences: [{apiVersion: v1, " \
    "kind: Node, name: n1, uid: u, controller: true}]}, "                                                                             \
    "spec: {nodeName: n1, containers: [{name: c, command: [kube-apiserver" args "]}]}}"

static const struct {
    /* server NULL: out of sight; file NULL: none given */
    const char *server, *file, *labels, *level;
} configuration_row[] = {
    { SERVER(""), NULL, "{pod-security.kubernetes.io/enforce: baseline}", "baseline" },
    /* no API server has such a file */
    { SERVER(""), CONFIGURATION("enforce: restricted", ""), "{}", "privileged" },
    { SERVER(CONFIGURED), NULL, "{pod-security.kubernetes.io/enforce: baseline}", "unavailable" },
    { SERVER(CONFIGURED), NULL, "{}", "unavailable" },
    { SERVER(CONFIGURED), CONFIGURATION("enforce: baseline", ""), "{}", "baseline" },
    { SERVER(CONFIGURED), CONFIGURATION("enforce: baseline", ""), "{pod-security.kubernetes.io/enforce: privileged}", "privileged" },
    { SERVER(CONFIGURED), CONFIGURATION("enforce: baseline", "namespaces: [shop]"), "{pod-security.kubernetes.io/enforce: restricted}",
      "privileged" },
    { SERVER(CONFIGURED), CONFIGURATION("enforce: baseline", "namespaces: [other]"), "{pod-security.kubernetes.io/enforce: restricted}",
      "restricted" },
    { SERVER(CONFIGURED), CONFIGURATION("", "usernames: ['system:serviceaccount:kube-system:replicaset-controller']"),
      "{pod-security.kubernetes.io/enforce: baseline}", "privileged" },
    /* what ann makes is never judged */
    { SERVER(CONFIGURED), CONFIGURATION("", "usernames: [ann]"), "{pod-security.kubernetes.io/enforce: baseline}", "privileged" },
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

/* One that holds what makes pods, and was not among those listed: what it admits is not known. Where they could not be listed, none
 * is made up. */
START_TEST(namespaces_of_workloads_that_were_not_listed)
{
    keep(KIND_NAMESPACES, "{metadata: {name: shop}}");
    (void)map_at(&cluster.workload_ns, STR("ghost"), NULL);
    (void)map_at(&cluster.workload_ns, STR("shop"), NULL);
    struct rows r = rows_of(facts_now(), "namespaces");
    ck_assert_uint_eq(r.object.count, 2);
    ck_assert_text(value_text_at(r.object.item[0], "metadata", "name", NULL), "ghost");
    ck_assert_text(show(at(r.derived.item[0], "podSecurity")), "unavailable");
    deny(KIND_NAMESPACES);
    ck_assert_uint_eq(rows_of(facts_now(), "namespaces").object.count, 1);
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
    cluster.pods.count = cluster.pod_count = 0;
    struct facts *f = facts_now();
    struct rows r = rows_of(f, "namespaces");
    ck_assert_text(show(at(r.derived.item[0], "pods")), "unavailable");
    ck_assert_text(at(r.derived.item[0], "pods").as.error->text, "things: forbidden; grant list on things");
    ck_assert_text(show(at(r.derived.item[0], "otherPolicyCrds")), "unavailable");
    r = rows_of(f, "subjects");
    ck_assert_text(show(at(r.derived.item[4], "exists")), "unavailable");
    ck_assert_text(show(at(r.derived.item[0], "exists")), "true");
    ck_assert_text(show(fact("apiServers")), "unavailable");
    struct value d =
        facts_derived(f, KIND_PODS, from_yaml(&arena, "{metadata: {namespace: shop}, spec: {serviceAccountName: till}}"), &arena);
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
    { "holding",
      "[[" GRANT("", "verbs: [get], apiGroups: [''], resources: [pods]") ", " GRANT(
          "x", "verbs: ['*'], apiGroups: ['*'], resources: ['*']") "], [get, list], '', secrets]",
      "1" },
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
    { "grantText", "[" GRANT("x", "verbs: [get, list], apiGroups: [''], resources: [secrets]") "]",
      "get, list on secrets in namespace x by ClusterRoleBinding b (ClusterRole r)" },
    { "grantText",
      "[{verbs: [get], apiGroups: [apps, ''], resources: [a, b], resourceNames: [n1], nonResourceURLs: [/m], binding: B, role: R, via: "
      "Group g}]",
      "get on a, b (group apps, core) named n1 and /m by B (R), as Group g" },
    { "grantText", "[{verbs: [a, b, c, d, e, f, g, h, i, j]}]", "a, b, c, d, e, f, g, h and 2 more on nothing" },
    { "grantText", "[7]", "error" },
    { "rightText", "[" GRANT("x", "verbs: ['*'], apiGroups: ['*'], resources: ['*']") ", [get, list], '', secrets]",
      "get, list on secrets in namespace x by ClusterRoleBinding b (ClusterRole r)" },
    { "rightText",
      "[" GRANT("", "verbs: [list, bind], apiGroups: [apps], resources: [a, b], resourceNames: [n1]") ", [get, list], apps, b]",
      "list on b (group apps) named n1 by ClusterRoleBinding b (ClusterRole r)" },
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
    { "isAllowedSubject", "[{kind: User, name: 'system:serviceaccount:kube-system:x', namespace: ''}, ['ServiceAccount:kube-system:*']]",
      "true" },
    { "isAllowedSubject", "[{kind: Group, name: x}, ['system:masters']]", "error" },
    { "isAllowedSubject", "[{kind: Group, name: x}, []]", "false" },
    { "isAllowedSubject", "[7, []]", "error" },
};

START_TEST(functions)
{
    struct value args = from_yaml(&arena, function_row[_i].args);
    struct value v = call(function_row[_i].fn, args.as.item, args.n);
    struct str got = v.kind == VALUE_LIST ? str_printf(&arena, "%u", v.n) : show(v);
    ck_assert_msg(str_eq_c(got, function_row[_i].want), "row %d %s: got %.*s, want %s", _i, function_row[_i].fn, STR_ARG(got),
                  function_row[_i].want);
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
    "7",
    "null",
    "[]",
    "{}",
    "{kind: 7, metadata: 7, spec: 7, rules: 7, subjects: 7, webhooks: 7, roleRef: 7}",
    "{kind: ClusterRole, metadata: {name: [], labels: []}, rules: {}, aggregationRule: 7}",
    "{kind: ClusterRole, metadata: {name: x}, aggregationRule: {clusterRoleSelectors: 7}}",
    "{kind: RoleBinding, metadata: {name: {}, namespace: 7}, roleRef: [], subjects: {}}",
    "{metadata: {name: '', namespace: '', annotations: 7, labels: {pod-security.kubernetes.io/enforce: 7}}, spec: [], status: 7}",
    "{metadata: {name: x, namespace: y}, spec: {podSelector: [], ingress: {}, egress: [[]], policyTypes: {}}}",
    ("{metadata: {name: x}, webhooks: [7, {}, {name: 7, rules: 7}, {name: validate.kyverno.svc-fail, rules: [7, {operations: 7, apiGroups: "
     "[7], resources: {}}]}]}"),
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
    tcase_add_test(t, defaults_are_known_by_what_they_give);
    tcase_add_test(t, what_is_wrong_with_bindings);
    tcase_add_test(t, damage_keeps_checks_from_passing);
    tcase_add_loop_test(t, pod_security_labels, 0, COUNT(security_row));
    tcase_add_loop_test(t, controls_of_the_level_at_its_version, 0, (int)(sizeof refused_row / sizeof *refused_row));
    tcase_add_loop_test(t, pod_security_by_the_api_servers_file, 0, COUNT(configuration_row));
    tcase_add_loop_test(t, network_policies, 0, COUNT(policy_row));
    tcase_add_test(t, namespaces_in_order_with_their_pods);
    tcase_add_test(t, namespaces_of_workloads_that_were_not_listed);
    tcase_add_test(t, gaps_are_unavailable_and_say_why);
    tcase_add_test(t, facts_wait_for_their_stage);
    tcase_add_test(t, tables_are_found);
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
