/* Who can become what: rows of RBAC objects, where a subject's way leads, and in how many steps. */
#include "analyze/rbac/escalate.h"
#include "unit/from_yaml.h"

static struct arena arena;

static void teardown(void)
{
    arena_release(&arena);
}

#define SERVER 35
/* Accounts that are there: shop/web and shop/admin run pods, shop/idle and ops/root do not; ops/root has a cloud identity. Namespace ops
 * refuses privileged pods. */
static const struct escalate_account account[] = {
    { STR_INIT("shop"), STR_INIT("web"), { 0 }, true },
    { STR_INIT("shop"), STR_INIT("admin"), { 0 }, true },
    { STR_INIT("shop"), STR_INIT("idle"), { 0 }, false },
    { STR_INIT("ops"), STR_INIT("root"), STR_INIT("arn:1"), false },
};

static struct escalate *graph_of(const char *yaml, int minor)
{
    struct rbac *r = arena_new(&arena, struct rbac);
    struct value all = from_yaml_all(&arena, yaml);
    struct map *guarded = arena_new(&arena, struct map);
    map_init(guarded, &arena);
    map_put(guarded, STR("ops"), guarded);
    rbac_init(r, &arena);
    for (uint32_t i = 0; i < all.n; i++)
        ck_assert(rbac_add(r, value_item(all, i)));
    rbac_finish(r);
    const struct escalate_input input = { r, minor, account, sizeof account / sizeof *account, guarded };
    return escalate_open(&arena, &input);
}

#define ROLE(name, rules)              "---\n{kind: ClusterRole, metadata: {name: " name "}, rules: [" rules "]}\n"
#define CORE(resources, verbs)         "{apiGroups: [''], resources: [" resources "], verbs: [" verbs "]}"
#define CERTIFICATES(resources, verbs) "{apiGroups: [certificates.k8s.io], resources: [" resources "], verbs: [" verbs "]}"
#define SIGNER(name)                   "{apiGroups: [certificates.k8s.io], resources: [signers], resourceNames: [kubernetes.io/" name "], verbs: [approve]}"
#define RBAC(resources, verbs)         "{apiGroups: [rbac.authorization.k8s.io], resources: [" resources "], verbs: [" verbs "]}"
#define NAMED(group, resources, names, verbs) \
    "{apiGroups: ['" group "'], resources: [" resources "], resourceNames: [" names "], verbs: [" verbs "]}"
#define ALL "{apiGroups: ['*'], resources: ['*'], verbs: ['*']}"
#define WHOLE(name, role, subject) \
    "---\n{kind: ClusterRoleBinding, metadata: {name: " name "}, roleRef: {kind: ClusterRole, name: " role "}, subjects: [" subject "]}\n"
#define IN(ns, name, role, subject)                                                                                    \
    "---\n{kind: RoleBinding, metadata: {name: " name ", namespace: " ns "}, roleRef: {kind: ClusterRole, name: " role \
    "}, subjects: [" subject "]}\n"
#define USER         "{kind: User, name: jane}"
#define SA(ns, name) "{kind: ServiceAccount, namespace: " ns ", name: " name "}"

static const struct {
    const char *what, *yaml;
    enum escalate_target to;
    const char *ns;
    size_t steps;     /* 0: no way */
    const char *says; /* in the last step that is about a right */
    int minor;
} way_row[] = {
    { "everything", ROLE("r", ALL) WHOLE("b", "r", USER), ESCALATE_ADMIN, "", 1, "ClusterRoleBinding b (ClusterRole r, rule 1)", SERVER },
    { "everything in a namespace is not the cluster", ROLE("r", ALL) IN("shop", "b", "r", USER), ESCALATE_ADMIN, "", 0, "", SERVER },
    { "everything in a namespace is its nodes", ROLE("r", ALL) IN("shop", "b", "r", USER), ESCALATE_NODE, "", 1, "RoleBinding shop/b",
      SERVER },
    { "unless the namespace refuses privileged pods", ROLE("r", CORE("pods", "create")) IN("ops", "b", "r", USER), ESCALATE_NODE, "", 0, "",
      SERVER },
    { "reading is no way", ROLE("r", CORE("pods, configmaps", "get, list")) WHOLE("b", "r", USER), ESCALATE_NODE, "", 0, "", SERVER },
    { "a pod as an administrator's account",
      ROLE("p", CORE("pods", "create")) ROLE("r", ALL) IN("ops", "b", "p", USER) WHOLE("c", "r", SA("ops", "root")), ESCALATE_ADMIN, "", 3,
      "ClusterRoleBinding c", SERVER },
    { "the cloud identity of an account there", ROLE("p", CORE("pods", "create")) IN("ops", "b", "p", USER), ESCALATE_CLOUD, "", 3,
      "cloud identity arn:1", SERVER },
    { "exec reaches accounts of running pods",
      ROLE("p", CORE("pods/exec", "create")) ROLE("r", ALL) IN("shop", "b", "p", USER) WHOLE("c", "r", SA("shop", "admin")), ESCALATE_ADMIN,
      "", 3, "ClusterRoleBinding c", SERVER },
    { "and not the idle",
      ROLE("p", CORE("pods/exec", "create")) ROLE("r", ALL) IN("shop", "b", "p", USER) WHOLE("c", "r", SA("shop", "idle")), ESCALATE_ADMIN,
      "", 0, "", SERVER },
    { "exec by a GET up to 1.34",
      ROLE("p", CORE("pods/exec", "get")) ROLE("r", ALL) IN("shop", "b", "p", USER) WHOLE("c", "r", SA("shop", "admin")), ESCALATE_ADMIN,
      "", 3, "ClusterRoleBinding c", 34 },
    { "and no more from 1.35",
      ROLE("p", CORE("pods/exec", "get")) ROLE("r", ALL) IN("shop", "b", "p", USER) WHOLE("c", "r", SA("shop", "admin")), ESCALATE_ADMIN,
      "", 0, "", SERVER },
    { "pods is not pods/exec",
      ROLE("p", CORE("pods", "get")) ROLE("r", ALL) IN("shop", "b", "p", USER) WHOLE("c", "r", SA("shop", "admin")), ESCALATE_ADMIN, "", 0,
      "", 34 },
    { "escalate and update", ROLE("r", RBAC("clusterroles", "escalate, update")) WHOLE("b", "r", USER), ESCALATE_ADMIN, "", 1,
      "writes any rule", SERVER },
    { "escalate alone", ROLE("r", RBAC("clusterroles", "escalate")) WHOLE("b", "r", USER), ESCALATE_ADMIN, "", 0, "", SERVER },
    { "bind and make bindings, by two bindings",
      ROLE("r", RBAC("clusterroles", "bind")) ROLE("s", RBAC("clusterrolebindings", "create")) WHOLE("b", "r", USER) WHOLE("c", "s", USER),
      ESCALATE_ADMIN, "", 1, "binds itself", SERVER },
    { "bind of another role only",
      ROLE("r", "{apiGroups: [rbac.authorization.k8s.io], resources: [clusterroles], resourceNames: [view], verbs: [bind]}, " RBAC(
                    "clusterrolebindings", "create")) WHOLE("b", "r", USER),
      ESCALATE_ADMIN, "", 0, "", SERVER },
    { "bind of cluster-admin by name",
      ROLE("r", "{apiGroups: [rbac.authorization.k8s.io], resources: [clusterroles], resourceNames: [cluster-admin], verbs: [bind]}, " RBAC(
                    "clusterrolebindings", "create")) WHOLE("b", "r", USER),
      ESCALATE_ADMIN, "", 1, "binds itself", SERVER },
    { "a client certificate of whomever it likes",
      ROLE("r", CERTIFICATES("certificatesigningrequests", "create") ", " CERTIFICATES(
                    "certificatesigningrequests/approval", "patch") ", " CERTIFICATES("signers", "approve")) WHOLE("b", "r", USER),
      ESCALATE_ADMIN, "", 1, "client certificate", SERVER },
    { "of that signer by name",
      ROLE("r", CERTIFICATES("certificatesigningrequests", "create") ", " CERTIFICATES(
                    "certificatesigningrequests/approval", "patch") ", " SIGNER("kube-apiserver-client")) WHOLE("b", "r", USER),
      ESCALATE_ADMIN, "", 1, "client certificate", SERVER },
    { "of kubelets only",
      ROLE("r", CERTIFICATES("certificatesigningrequests", "create") ", " CERTIFICATES(
                    "certificatesigningrequests/approval", "patch") ", " SIGNER("kube-apiserver-client-kubelet")) WHOLE("b", "r", USER),
      ESCALATE_ADMIN, "", 0, "", SERVER },
    { "a certificate that somebody else must approve",
      ROLE("r", CERTIFICATES("certificatesigningrequests", "create") ", " CERTIFICATES("signers", "approve")) WHOLE("b", "r", USER),
      ESCALATE_ADMIN, "", 0, "", SERVER },
    { "impersonate users and groups", ROLE("r", CORE("users, groups", "impersonate")) WHOLE("b", "r", USER), ESCALATE_ADMIN, "", 1,
      "system:masters", SERVER },
    { "impersonate in a namespace is not of users", ROLE("r", CORE("users, groups", "impersonate")) IN("shop", "b", "r", USER),
      ESCALATE_ADMIN, "", 0, "", SERVER },
    { "a token of one account by name",
      ROLE("t", "{apiGroups: [''], resources: [serviceaccounts/token], resourceNames: [root], verbs: [create]}") ROLE("r", ALL)
          IN("ops", "b", "t", USER) WHOLE("c", "r", SA("ops", "root")),
      ESCALATE_ADMIN, "", 2, "ClusterRoleBinding c", SERVER },
    { "and of no other",
      ROLE("t", "{apiGroups: [''], resources: [serviceaccounts/token], resourceNames: [idle], verbs: [create]}") ROLE("r", ALL)
          IN("shop", "b", "t", USER) WHOLE("c", "r", SA("shop", "admin")),
      ESCALATE_ADMIN, "", 0, "", SERVER },
    { "nodes/proxy by get", ROLE("np", CORE("nodes/proxy", "get")) WHOLE("b", "np", USER), ESCALATE_NODE, "", 1, "kubelet", SERVER },
    { "nodes/proxy in a namespace gives nothing", ROLE("np", CORE("nodes/proxy", "get")) IN("shop", "b", "np", USER), ESCALATE_NODE, "", 0,
      "", SERVER },
    { "by a node to the accounts of its pods",
      ROLE("np", CORE("nodes/proxy", "get")) ROLE("r", ALL) WHOLE("b", "np", USER) WHOLE("c", "r", SA("shop", "web")), ESCALATE_ADMIN, "",
      5, "ClusterRoleBinding c", SERVER },
    { "as a member of everybody", ROLE("r", ALL) WHOLE("b", "r", "{kind: Group, name: 'system:authenticated'}") WHOLE("c", "gone", USER),
      ESCALATE_ADMIN, "", 2, "ClusterRoleBinding b", SERVER },
    { "another namespace", ROLE("p", CORE("pods", "create")) IN("ops", "b", "p", USER), ESCALATE_NAMESPACE, "ops", 1, "RoleBinding ops/b",
      SERVER },
    { "not that one", ROLE("p", CORE("configmaps", "get")) IN("ops", "b", "p", USER), ESCALATE_NAMESPACE, "ops", 0, "", SERVER },
    { "impersonate users alone: a component of the control plane", ROLE("r", CORE("users", "impersonate")) WHOLE("b", "r", USER),
      ESCALATE_ADMIN, "", 1, "component", SERVER },
    { "impersonate one user",
      ROLE("r", NAMED("", "users", "boss", "impersonate")) ROLE("a", ALL) WHOLE("b", "r", USER) WHOLE("c", "a", "{kind: User, name: boss}"),
      ESCALATE_ADMIN, "", 2, "ClusterRoleBinding c", SERVER },
    { "and another, by a second rule",
      ROLE("r", NAMED("", "users", "x", "impersonate") ", " NAMED("", "users", "boss", "impersonate")) ROLE("a", ALL) WHOLE("b", "r", USER)
          WHOLE("c", "a", "{kind: User, name: boss}"),
      ESCALATE_ADMIN, "", 2, "ClusterRoleBinding c", SERVER },
    { "impersonate one user of no rights",
      ROLE("r", NAMED("", "users", "x", "impersonate")) ROLE("a", ALL) WHOLE("b", "r", USER) WHOLE("c", "a", "{kind: User, name: boss}"),
      ESCALATE_ADMIN, "", 0, "", SERVER },
    { "an account is not impersonated as a user",
      ROLE("r", NAMED("", "users", "'system:serviceaccount:ops:root'", "impersonate")) ROLE("a", ALL) WHOLE("b", "r", USER)
          WHOLE("c", "a", SA("ops", "root")),
      ESCALATE_ADMIN, "", 0, "", SERVER },
    { "groups alone are nobody's", ROLE("r", CORE("groups", "impersonate")) WHOLE("b", "r", USER), ESCALATE_ADMIN, "", 0, "", SERVER },
    { "one user and one group",
      ROLE("r", NAMED("", "users", "x", "impersonate") ", " NAMED("", "groups", "dev", "impersonate")) ROLE("a", ALL) WHOLE("b", "r", USER)
          WHOLE("c", "a", "{kind: Group, name: dev}"),
      ESCALATE_ADMIN, "", 2, "ClusterRoleBinding c", SERVER },
    { "one user and masters by name",
      ROLE("r", NAMED("", "users", "x", "impersonate") ", " NAMED("", "groups", "'system:masters'", "impersonate")) WHOLE("b", "r", USER),
      ESCALATE_ADMIN, "", 1, "that group", SERVER },
    { "one user and any group", ROLE("r", NAMED("", "users", "x", "impersonate") ", " CORE("groups", "impersonate")) WHOLE("b", "r", USER),
      ESCALATE_ADMIN, "", 1, "system:masters", SERVER },
    { "accounts and groups", ROLE("r", CORE("serviceaccounts, groups", "impersonate")) WHOLE("b", "r", USER), ESCALATE_ADMIN, "", 1,
      "system:masters", SERVER },
    { "accounts of one namespace, and groups",
      ROLE("r", CORE("serviceaccounts", "impersonate")) ROLE("g", CORE("groups", "impersonate")) IN("shop", "b", "r", USER)
          WHOLE("c", "g", USER),
      ESCALATE_ADMIN, "", 1, "system:masters", SERVER },
    { "accounts, and one group",
      ROLE("r", CORE("serviceaccounts", "impersonate")) ROLE("g", NAMED("", "groups", "dev", "impersonate")) ROLE("a", ALL)
          IN("shop", "b", "r", USER) WHOLE("c", "g", USER) WHOLE("d", "a", "{kind: Group, name: dev}"),
      ESCALATE_ADMIN, "", 2, "ClusterRoleBinding d", SERVER },
    { "groups in a namespace",
      ROLE("r", CORE("serviceaccounts, groups", "impersonate")) ROLE("a", ALL) IN("shop", "b", "r", USER)
          WHOLE("d", "a", "{kind: Group, name: dev}"),
      ESCALATE_ADMIN, "", 0, "", SERVER },
    { "bind of a role by name that may do everything",
      ROLE("r", NAMED("rbac.authorization.k8s.io", "clusterroles", "super", "bind") ", " RBAC("clusterrolebindings", "create"))
          ROLE("super", ALL) WHOLE("b", "r", USER),
      ESCALATE_ADMIN, "", 2, "by that binding (ClusterRole super, rule 1)", SERVER },
    { "bind of a role by name that leads on",
      ROLE("r", NAMED("rbac.authorization.k8s.io", "clusterroles", "p", "bind") ", " RBAC("rolebindings", "create"))
          ROLE("p", CORE("pods", "create")) ROLE("a", ALL) IN("ops", "b", "r", USER) WHOLE("c", "a", SA("ops", "root")),
      ESCALATE_ADMIN, "", 4, "ClusterRoleBinding c", SERVER },
    { "bind by name in another namespace",
      ROLE("r", NAMED("rbac.authorization.k8s.io", "clusterroles", "p", "bind") ", " RBAC("rolebindings", "create"))
          ROLE("p", CORE("pods", "create")) ROLE("a", ALL) IN("shop", "b", "r", USER) WHOLE("c", "a", SA("ops", "root")),
      ESCALATE_ADMIN, "", 0, "", SERVER },
    { "bind of a Role by name",
      ROLE("r", NAMED("rbac.authorization.k8s.io", "roles", "p", "bind") ", " RBAC(
                    "rolebindings",
                    "create")) "---\n{kind: Role, metadata: {name: p, namespace: ops}, rules: [" CORE("pods", "create") "]}\n" ROLE("a",
                                                                                                                                    ALL)
          IN("ops", "b", "r", USER) WHOLE("c", "a", SA("ops", "root")),
      ESCALATE_ADMIN, "", 4, "ClusterRoleBinding c", SERVER },
    { "a node's file system by a workload's volume",
      ROLE("r", CORE("persistentvolumes", "create") ", {apiGroups: [apps], resources: [deployments], verbs: [create]}") ROLE("l", "")
          WHOLE("b", "r", USER),
      ESCALATE_NODE, "", 1, "volume", SERVER },
    { "a namespace that refuses privileged pods, and whose labels it writes",
      ROLE("r", CORE("pods", "create") ", " CORE("namespaces", "patch")) IN("ops", "b", "r", USER), ESCALATE_NODE, "", 1,
      "Pod Security level off", SERVER },
    { "by a workload",
      ROLE("r", "{apiGroups: [batch], resources: [jobs], verbs: [create]}, " CORE("namespaces", "update")) IN("ops", "b", "r", USER),
      ESCALATE_NODE, "", 1, "Pod Security level off", SERVER },
    { "a client certificate of a node",
      ROLE("r", CERTIFICATES("certificatesigningrequests", "create") ", " CERTIFICATES(
                    "certificatesigningrequests/approval", "update") ", " SIGNER("kube-apiserver-client-kubelet")) WHOLE("b", "r", USER),
      ESCALATE_NODE, "", 1, "name of a node", SERVER },
    { "a workload that is there, by name",
      ROLE("r", NAMED("apps", "deployments", "web", "patch")) ROLE("a", ALL) IN("ops", "b", "r", USER) WHOLE("c", "a", SA("ops", "root")),
      ESCALATE_ADMIN, "", 3, "ClusterRoleBinding c", SERVER },
    { "a workload by a name that none has yet",
      ROLE("r", NAMED("apps", "deployments", "web", "create")) ROLE("a", ALL) IN("ops", "b", "r", USER) WHOLE("c", "a", SA("ops", "root")),
      ESCALATE_ADMIN, "", 0, "", SERVER },
    { "another image in a pod",
      ROLE("r", NAMED("", "pods", "web", "patch")) ROLE("a", ALL) IN("shop", "b", "r", USER) WHOLE("c", "a", SA("shop", "web")),
      ESCALATE_ADMIN, "", 3, "ClusterRoleBinding c", SERVER },
    { "a webhook that is there, by name",
      ROLE("r", NAMED("admissionregistration.k8s.io", "mutatingwebhookconfigurations", "w", "patch")) WHOLE("b", "r", USER), ESCALATE_ADMIN,
      "", 1, "webhook", SERVER },
    { "the group of a namespace's accounts",
      ROLE("p", CORE("pods", "create")) ROLE("a", ALL) IN("new", "b", "p", USER)
          WHOLE("c", "a", "{kind: Group, name: 'system:serviceaccounts:new'}"),
      ESCALATE_ADMIN, "", 3, "ClusterRoleBinding c", SERVER },
    { "the group of all accounts",
      ROLE("p", CORE("serviceaccounts/token", "create")) ROLE("a", ALL) WHOLE("b", "p", USER)
          WHOLE("c", "a", "{kind: Group, name: 'system:serviceaccounts'}"),
      ESCALATE_ADMIN, "", 3, "ClusterRoleBinding c", SERVER },
    { "a role that is missing", WHOLE("b", "gone", USER), ESCALATE_ADMIN, "", 0, "", SERVER },
};

START_TEST(ways_are_found_and_no_others)
{
    struct escalate *e = graph_of(way_row[_i].yaml, way_row[_i].minor);
    struct escalate_way way = escalate_way(e, &arena, RBAC_USER, STR(""), STR("jane"), way_row[_i].to, str_from_c(way_row[_i].ns));
    for (size_t i = 0; i < way.count && way.count != way_row[_i].steps; i++)
        fprintf(stderr, "  %.*s\n", STR_ARG(way.step[i]));
    ck_assert_msg(way.count == way_row[_i].steps, "%s: %zu steps, want %zu", way_row[_i].what, way.count, way_row[_i].steps);
    if (way.count)
        ck_assert_msg(str_contains(way.step[way.count - 1], str_from_c(way_row[_i].says)), "%s: %.*s", way_row[_i].what,
                      STR_ARG(way.step[way.count - 1]));
}
END_TEST

START_TEST(whoever_does_not_log_in_is_not_everybody)
{
    const struct str ns = STR(""), name = STR("system:anonymous");
    struct escalate *e =
        graph_of(ROLE("np", CORE("nodes/proxy", "get")) WHOLE("c", "np", "{kind: Group, name: 'system:unauthenticated'}"), SERVER);
    ck_assert_uint_eq(escalate_way(e, &arena, RBAC_USER, ns, name, ESCALATE_NODE, ns).count, 1);
    e = graph_of(ROLE("r", ALL) WHOLE("b", "r", "{kind: Group, name: 'system:authenticated'}"), SERVER);
    ck_assert_uint_eq(escalate_way(e, &arena, RBAC_USER, ns, name, ESCALATE_ADMIN, ns).count, 0);
}
END_TEST

/* Each entry of the catalogue is found by a rule made of its own words, and no rule of one resource and verb makes an entry of another. */
static const struct {
    const char *verb, *group, *resource, *ids;
} risk_rows[] = {
    { "get", "", "secrets", "R02" },
    { "list", "", "secrets", "R03" },
    { "create", "", "pods", "R05" },
    { "patch", "", "pods", "R05 R05i" },
    { "patch", "batch", "cronjobs", "R06" },
    { "create", "", "pods/attach", "R07" },
    { "impersonate", "authentication.k8s.io", "userextras/scopes", "" },
    { "impersonate:user-info", "authentication.k8s.io", "users", "R17" },
    { "approve", "certificates.k8s.io", "signers", "R19s R19c R19k" },
    { "bind", "rbac.authorization.k8s.io", "roles", "R14r" },
    { "delete", "events.k8s.io", "events", "R35" },
    { "update", "", "configmaps", "R32" },
    { "get", "", "configmaps", "" },
    { "create", "policy", "poddisruptionbudgets", "" },
};

START_TEST(risks_are_by_the_catalogue)
{
    const char *yaml = (char *)str_to_c(
        &arena, str_printf(&arena, ROLE("r", "{apiGroups: ['%s'], resources: ['%s'], verbs: ['%s']}") WHOLE("b", "r", USER),
                           risk_rows[_i].group, risk_rows[_i].resource, risk_rows[_i].verb));
    struct escalate *e = graph_of(yaml, SERVER);
    struct rbac *r = arena_new(&arena, struct rbac);
    struct value all = from_yaml_all(&arena, yaml);
    rbac_init(r, &arena);
    for (uint32_t i = 0; i < all.n; i++)
        ck_assert(rbac_add(r, value_item(all, i)));
    rbac_finish(r);
    uint64_t has = escalate_risks(e, rbac_find_subject(r, RBAC_USER, STR(""), STR("jane")));
    struct str ids = STR("");
    for (size_t i = 0; i < RISK_COUNT; i++)
        if (has >> i & 1)
            ids = str_printf(&arena, "%.*s%s%s", STR_ARG(ids), ids.n ? " " : "", risk_info[i].id);
    ck_assert_text(ids, risk_rows[_i].ids);
}
END_TEST

/* Grows with what there is, not with its square: everybody of 3,000 accounts may make pods everywhere. */
START_TEST(thousands_stay_quick)
{
    enum { MANY = 3000 };
    struct escalate_account *many = arena_array(&arena, struct escalate_account, MANY);
    struct rbac *r = arena_new(&arena, struct rbac);
    rbac_init(r, &arena);
    struct value all =
        from_yaml_all(&arena, ROLE("p", CORE("pods", "create")) WHOLE("b", "p", "{kind: Group, name: 'system:serviceaccounts'}"));
    for (uint32_t i = 0; i < all.n; i++)
        (void)rbac_add(r, value_item(all, i));
    rbac_finish(r);
    for (size_t i = 0; i < MANY; i++)
        many[i] = (struct escalate_account){ str_printf(&arena, "ns%zu", i % 500), str_printf(&arena, "a%zu", i), { 0 }, true };
    const struct escalate_input input = { r, SERVER, many, MANY, NULL };
    struct escalate *e = escalate_open(&arena, &input);
    for (size_t i = 0; i < 50; i++)
        ck_assert_uint_eq(escalate_way(e, &arena, RBAC_SERVICE_ACCOUNT, many[i].ns, many[i].name, ESCALATE_NODE, STR("")).count, 2);
}
END_TEST

#define COUNT(x) (int)(sizeof(x) / sizeof *(x))

int main(void)
{
    Suite *s = suite_create("escalate");
    TCase *t = tcase_create("all");
    tcase_add_checked_fixture(t, NULL, teardown);
    tcase_set_timeout(t, 60);
    tcase_add_loop_test(t, ways_are_found_and_no_others, 0, COUNT(way_row));
    tcase_add_test(t, whoever_does_not_log_in_is_not_everybody);
    tcase_add_loop_test(t, risks_are_by_the_catalogue, 0, COUNT(risk_rows));
    tcase_add_test(t, thousands_stay_quick);
    suite_add_tcase(s, t);
    SRunner *runner = srunner_create(s);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
