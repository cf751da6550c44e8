/* RBAC: roles and bindings resolved to rights. */
#include "analyze/rbac/rbac.h"
#include "cluster/selector.h"
#include "unit/from_yaml.h"

static struct arena arena;

static void teardown(void)
{
    arena_release(&arena);
}

static struct rbac *unfinished_cluster_of(const char *yaml)
{
    struct rbac *r = arena_new(&arena, struct rbac);
    struct value all = from_yaml_all(&arena, yaml);
    rbac_init(r, &arena);
    for (uint32_t i = 0; i < all.n; i++)
        ck_assert(rbac_add(r, value_item(all, i)));
    return r;
}

static struct rbac *cluster_of(const char *yaml)
{
    struct rbac *r = unfinished_cluster_of(yaml);
    rbac_finish(r);
    return r;
}

/* The same numbers each time. */
struct random {
    uint32_t state;
};
static uint32_t random_below(struct random *r, uint32_t limit)
{
    r->state = r->state * 1664525u + 1013904223u;
    return (r->state >> 8) % limit;
}

static struct rbac_rule rule_of(const char *yaml)
{
    struct str damage = { 0 };
    struct value rule = from_yaml(&arena, yaml);
    struct rbac_rules rules = rbac_read_rules(&arena, value_list(&rule, 1), &damage);
    ck_assert_uint_eq(damage.n, 0);
    ck_assert_uint_eq(rules.count, 1);
    return rules.item[0];
}

static bool may(const struct rbac *r, const char *user, const char *verb, const char *resource, const char *ns)
{
    struct rbac_user u = { .name = str_from_c(user) };
    struct rbac_request q = { .verb = str_from_c(verb), .resource = str_from_c(resource), .ns = str_from_c(ns) };
    return rbac_authorize(r, &u, &q);
}

static bool may_reach(const struct rbac *r, const char *user, const char *path)
{
    struct rbac_user u = { .name = str_from_c(user) };
    struct rbac_request q = { .verb = STR("get"), .path = str_from_c(path), .ns = STR("ns") };
    return rbac_authorize(r, &u, &q);
}

/* ---- rules ---- */

static const struct {
    const char *rule, *verb, *group, *resource, *sub, *name, *path;
    bool allowed;
} match_row[] = {
    { "{verbs: [get], apiGroups: [''], resources: [pods]}", "get", "", "pods", "", "", "", true },
    { "{verbs: [get], apiGroups: [''], resources: [pods]}", "GET", "", "pods", "", "", "", false },
    { "{verbs: [get], apiGroups: [''], resources: [pods]}", "get", "apps", "pods", "", "", "", false },
    { "{verbs: [get], apiGroups: [''], resources: [pods]}", "get", "", "pods", "exec", "", "", false },
    { "{verbs: [get], apiGroups: [''], resources: ['pods/*']}", "get", "", "pods", "exec", "", "", false },
    { "{verbs: [get], apiGroups: [''], resources: ['*/exec']}", "get", "", "pods", "exec", "", "", true },
    { "{verbs: [get], apiGroups: [''], resources: ['*/exec']}", "get", "", "pods", "xexec", "", "", false },
    { "{verbs: [get], apiGroups: [''], resources: ['*/xexec']}", "get", "", "pods", "exec", "", "", false },
    { "{verbs: [get], apiGroups: [''], resources: ['*/exec']}", "get", "", "exec", "", "", "", false },
    { "{verbs: [get], apiGroups: [''], resources: ['*']}", "get", "", "pods", "exec", "", "", true },
    { "{verbs: ['*'], apiGroups: ['*'], resources: ['*']}", "impersonate", "x", "y", "z", "n", "", true },
    { "{verbs: [get], apiGroups: [''], resources: [pods], resourceNames: [a]}", "get", "", "pods", "", "a", "", true },
    { "{verbs: [get], apiGroups: [''], resources: [pods], resourceNames: [a]}", "get", "", "pods", "", "b", "", false },
    { "{verbs: [create], apiGroups: [''], resources: [pods], resourceNames: [a]}", "create", "", "pods", "", "", "", false },
    { "{verbs: ['*'], apiGroups: ['*'], resources: ['*']}", "get", "", "", "", "", "/metrics", false },
    { "{verbs: [get], nonResourceURLs: ['*']}", "get", "", "", "", "", "/metrics", true },
    { "{verbs: [get], nonResourceURLs: ['/api/*']}", "get", "", "", "", "", "/api", false },
    { "{verbs: [get], nonResourceURLs: ['/api/**']}", "get", "", "", "", "", "/api/v1", true },
    { "{verbs: [get], nonResourceURLs: ['/*/v1']}", "get", "", "", "", "", "/api/v1", false },
    { "{verbs: [get], nonResourceURLs: ['/api*']}", "get", "", "", "", "", "/apis", true },
};

START_TEST(rules_match_as_the_server_does)
{
    struct rbac_rule rule = rule_of(match_row[_i].rule);
    struct rbac_request q = {
        .verb = str_from_c(match_row[_i].verb),
        .group = str_from_c(match_row[_i].group),
        .resource = str_from_c(match_row[_i].resource),
        .subresource = str_from_c(match_row[_i].sub),
        .name = str_from_c(match_row[_i].name),
        .path = str_from_c(match_row[_i].path),
    };
    ck_assert_msg(rbac_rule_allows(&rule, &q) == match_row[_i].allowed, "row %d: %s", _i, match_row[_i].rule);
}
END_TEST

static const struct {
    const char *rule;
    bool in_namespace;
    const char *verb, *group, *resource;
    bool gives;
} give_row[] = {
    { "{verbs: [create], apiGroups: [''], resources: [pods]}", true, "create", "", "pods", true },
    { "{verbs: [create], apiGroups: [''], resources: [pods/exec]}", true, "create", "", "pods/exec", true },
    { "{verbs: [create], apiGroups: [''], resources: ['*/exec']}", true, "create", "", "pods/exec", true },
    { "{verbs: [create], apiGroups: [''], resources: [pods]}", true, "create", "", "pods/exec", false },
    { "{verbs: ['*'], apiGroups: ['*'], resources: ['*']}", true, "create", "", "persistentvolumes", false },
    { "{verbs: ['*'], apiGroups: ['*'], resources: ['*']}", false, "create", "", "persistentvolumes", true },
    { "{verbs: ['*'], apiGroups: ['*'], resources: ['*']}", true, "get", "", "nodes/proxy", false },
    { "{verbs: ['*'], apiGroups: ['*'], resources: ['*']}", true, "patch", "", "namespaces", true },
    { "{verbs: [bind], apiGroups: ['*'], resources: [clusterroles]}", true, "bind", "rbac.authorization.k8s.io", "clusterroles", true },
    { "{verbs: [escalate], apiGroups: ['*'], resources: [clusterroles]}", true, "escalate", "rbac.authorization.k8s.io", "clusterroles",
      false },
    { "{verbs: [create], apiGroups: [''], resources: [pods], resourceNames: [a]}", false, "create", "", "pods", false },
    { "{verbs: [deletecollection], apiGroups: [''], resources: [pods], resourceNames: [a]}", false, "deletecollection", "", "pods", false },
    { "{verbs: [create], apiGroups: [''], resources: [serviceaccounts/token], resourceNames: [a]}", false, "create", "",
      "serviceaccounts/token", true },
    { "{verbs: [get], apiGroups: [''], resources: [secrets], resourceNames: [a]}", false, "get", "", "secrets", true },
    { "{verbs: [get], apiGroups: [''], resources: [secrets]}", false, "*", "", "secrets", false },
    { "{verbs: ['*'], apiGroups: ['*'], resources: ['*']}", true, "*", "*", "*", true },
};

START_TEST(rules_give_what_an_auditor_asks)
{
    struct rbac_rule rule = rule_of(give_row[_i].rule);
    ck_assert_msg(rbac_rule_gives(&rule, give_row[_i].in_namespace, str_from_c(give_row[_i].verb), str_from_c(give_row[_i].group),
                                  str_from_c(give_row[_i].resource)) == give_row[_i].gives,
                  "row %d: %s", _i, give_row[_i].rule);
}
END_TEST

START_TEST(a_long_subresource_matches_as_any_other)
{
    char name[3000];
    memset(name, 'x', sizeof name);
    struct rbac_rule rule = rule_of("{verbs: ['*'], apiGroups: ['*'], resources: [pods/exec]}");
    struct rbac_request q = { .verb = STR("get"), .resource = STR("pods"), .subresource = str_of(name, sizeof name) };
    ck_assert(!rbac_rule_allows(&rule, &q));
    rule = rule_of("{verbs: ['*'], apiGroups: ['*'], resources: ['*']}");
    ck_assert(rbac_rule_allows(&rule, &q));
    char list[3100];
    (void)snprintf(list, sizeof list, "{verbs: ['*'], apiGroups: ['*'], resources: ['*/%.*s']}", (int)sizeof name, name);
    rule = rule_of(list);
    ck_assert(rbac_rule_allows(&rule, &q));
    (void)snprintf(list, sizeof list, "{verbs: ['*'], apiGroups: ['*'], resources: ['pods/%.*s']}", (int)sizeof name, name);
    rule = rule_of(list);
    ck_assert(rbac_rule_allows(&rule, &q));
    q.resource = STR("pod");
    ck_assert(!rbac_rule_allows(&rule, &q));
}
END_TEST

START_TEST(covering_stops_at_its_limit)
{
    struct value_builder b;
    struct str damage = { 0 };
    value_builder_init(&b, &arena);
    for (int i = 0; i < 300; i++)
        value_builder_push(&b, value_str(str_printf(&arena, "t%d", i)));
    struct rbac_rule huge = { .verbs = value_builder_list(&b),
                              .api_groups = value_builder_list(&b),
                              .resources = value_builder_list(&b),
                              .resource_names = value_builder_list(&b) };
    struct rbac_rules uncovered;
    ck_assert(!rbac_covers(&arena, (struct rbac_rules){ 0 }, (struct rbac_rules){ &huge, 1 }, &uncovered));
    ck_assert_uint_eq(uncovered.count, RBAC_UNCOVERED_MAX);
    ck_assert_uint_eq(damage.n, 0);
}
END_TEST

/* ---- bindings ---- */

static const char bindings[] =
    "{kind: ClusterRole, metadata: {name: reader}, rules: [{verbs: [get], apiGroups: [''], resources: [pods]}, {verbs: [get], "
    "nonResourceURLs: [/metrics]}]}\n"
    "---\n{kind: Role, metadata: {name: reader, namespace: other}, rules: [{verbs: [list], apiGroups: [''], resources: [pods]}]}\n"
    "---\n{kind: RoleBinding, metadata: {name: b, namespace: ns}, roleRef: {kind: ClusterRole, name: reader}, subjects: [{kind: "
    "ServiceAccount, name: robot}, {kind: User, name: jane}, {kind: User, name: jane}]}\n"
    "---\n{kind: RoleBinding, metadata: {name: wrong-ns, namespace: ns}, roleRef: {kind: Role, name: reader}, subjects: [{kind: User, "
    "name: joe}]}\n"
    "---\n{kind: ClusterRoleBinding, metadata: {name: all}, roleRef: {kind: ClusterRole, name: reader}, subjects: [{kind: Group, name: "
    "'system:authenticated'}]}\n"
    "---\n{kind: ClusterRoleBinding, metadata: {name: to-a-role}, roleRef: {kind: Role, name: reader}, subjects: [{kind: User, name: "
    "kim}]}\n"
    "---\n{kind: RoleBinding, metadata: {name: by-user-name, namespace: ns}, roleRef: {kind: ClusterRole, name: reader}, subjects: [{kind: "
    "User, name: 'system:serviceaccount:x:y'}]}\n";

START_TEST(bindings_reach_where_they_should)
{
    struct rbac *r = cluster_of(bindings);
    ck_assert(may(r, "jane", "get", "pods", "ns"));
    ck_assert(!may(r, "jane", "get", "pods", "other"));
    ck_assert(!may(r, "jane", "get", "pods", ""));
    ck_assert(!may_reach(r, "jane", "/metrics")); /* a RoleBinding grants no URL */
    ck_assert(may(r, "system:serviceaccount:ns:robot", "get", "pods", "ns"));
    ck_assert(!may(r, "system:serviceaccount:other:robot", "get", "pods", "ns"));
    ck_assert(may(r, "system:serviceaccount:x:y", "get", "pods", "ns"));
    ck_assert(!may(r, "joe", "list", "pods", "ns"));
    ck_assert(!may(r, "kim", "list", "pods", "other"));
    struct str group[] = { STR_INIT("system:authenticated") };
    struct rbac_user u = { .name = STR("anyone"), .group = group, .group_count = 1 };
    struct rbac_request q = { .verb = STR("get"), .path = STR("/metrics") };
    ck_assert(rbac_authorize(r, &u, &q));
    struct str masters[] = { STR_INIT("system:masters") };
    struct rbac_user root = { .name = STR("root"), .group = masters, .group_count = 1 };
    struct rbac_request any = { .verb = STR("delete"), .resource = STR("nodes") };
    ck_assert(rbac_authorize(r, &root, &any));
}
END_TEST

START_TEST(missing_roles_and_doubled_subjects_show)
{
    struct rbac *r = cluster_of(bindings);
    ck_assert_ptr_nonnull(rbac_role_of(r, &r->binding.item[0]));
    ck_assert_uint_eq(r->binding.item[0].subject_count, 2); /* jane once */
    ck_assert_ptr_null(rbac_role_of(r, &r->binding.item[1]));
    ck_assert_ptr_null(rbac_role_of(r, &r->binding.item[3]));
    const struct rbac_subject *robot = rbac_find_subject(r, RBAC_SERVICE_ACCOUNT, STR("ns"), STR("robot"));
    ck_assert_ptr_nonnull(robot);
    ck_assert_text(rbac_subject_text(&arena, robot), "ServiceAccount ns/robot");
    ck_assert_text(rbac_binding_text(&arena, &r->binding.item[0]), "RoleBinding ns/b");
    ck_assert_text(rbac_role_text(&arena, rbac_role_of(r, &r->binding.item[0])), "ClusterRole reader");
    ck_assert_ptr_null(rbac_find_subject(r, RBAC_GROUP, STR(""), STR("jane")));
}
END_TEST

START_TEST(names_cannot_be_taken_for_each_other)
{
    struct rbac *r = cluster_of("{kind: ClusterRole, metadata: {name: r}, rules: [{verbs: [get], apiGroups: [''], resources: [pods]}]}\n"
                                "---\n{kind: ClusterRoleBinding, metadata: {name: b}, roleRef: {kind: ClusterRole, name: r}, subjects: "
                                "[{kind: ServiceAccount, namespace: \"a\\nb\", name: c}]}\n");
    ck_assert_ptr_nonnull(rbac_find_subject(r, RBAC_SERVICE_ACCOUNT, STR("a\nb"), STR("c")));
    ck_assert_ptr_null(rbac_find_subject(r, RBAC_SERVICE_ACCOUNT, STR("a"), STR("b\nc")));
    ck_assert_ptr_null(rbac_find_subject(r, RBAC_SERVICE_ACCOUNT, STR("a\n"), STR("bc")));
}
END_TEST

START_TEST(a_long_user_name_is_found)
{
    struct rbac *r = arena_new(&arena, struct rbac);
    char *name = arena_alloc(&arena, 5000);
    memset(name, 'u', 5000);
    struct value_entry subject[] = { { value_cstr("kind"), value_cstr("User") }, { value_cstr("name"), value_str(str_of(name, 5000)) } };
    struct value who = value_map(&arena, subject, 2);
    struct value_entry top[] = {
        { value_cstr("kind"), value_cstr("ClusterRoleBinding") },
        { value_cstr("metadata"), from_yaml(&arena, "{name: b}") },
        { value_cstr("roleRef"), from_yaml(&arena, "{kind: ClusterRole, name: r}") },
        { value_cstr("subjects"), value_list(&who, 1) },
    };
    rbac_init(r, &arena);
    ck_assert(rbac_add(
        r, from_yaml(&arena, "{kind: ClusterRole, metadata: {name: r}, rules: [{verbs: [get], apiGroups: [''], resources: [pods]}]}")));
    ck_assert(rbac_add(r, value_map(&arena, top, 4)));
    rbac_finish(r);
    struct rbac_user u = { .name = str_of(name, 5000) };
    struct rbac_request q = { .verb = STR("get"), .resource = STR("pods") };
    ck_assert(rbac_authorize(r, &u, &q));
}
END_TEST

/* ---- aggregation ---- */

#define AGGREGATED(name, labels, label)                                                                                                    \
    "{kind: ClusterRole, metadata: {name: " name ", labels: {" labels "}}, aggregationRule: {clusterRoleSelectors: [{matchLabels: {" label \
    ": 'true'}}]}}\n---\n"
#define PLAIN(name, labels, resource)                                                                                                     \
    "{kind: ClusterRole, metadata: {name: " name ", labels: {" labels "}}, rules: [{verbs: [get], apiGroups: [''], resources: [" resource \
    "]}]}\n---\n"

static size_t rule_count_of(const struct rbac *r, const char *name)
{
    for (size_t i = 0; i < r->role.count; i++) {
        if (str_eq_c(r->role.item[i].name, name))
            return r->role.item[i].rule_count;
    }
    return SIZE_MAX;
}

START_TEST(aggregation_follows_chains_and_stands_loops)
{
    struct rbac *r = cluster_of(
        AGGREGATED("admin", "", "to-admin") AGGREGATED("edit", "to-admin: 'true'", "to-edit") AGGREGATED(
            "view", "to-edit: 'true'", "to-view") PLAIN("v1", "to-view: 'true'", "pods") PLAIN("v2", "to-view: 'true'", "pods")
            PLAIN("e1", "to-edit: 'true', to-view: 'true'", "secrets") AGGREGATED("left", "to-left: 'true', to-right: 'true'", "to-right")
                AGGREGATED("right", "to-right: 'true', to-left: 'true'",
                           "to-left") "{kind: ClusterRole, metadata: {name: filled}, aggregationRule: {clusterRoleSelectors: "
                                      "[{matchLabels: {to-view: 'true'}}]}, rules: [{verbs: [x], apiGroups: [y], resources: [z]}]}");
    ck_assert_uint_eq(rule_count_of(r, "view"), 2); /* pods once, secrets */
    ck_assert_uint_eq(rule_count_of(r, "edit"), 2);
    ck_assert_uint_eq(rule_count_of(r, "admin"), 2);
    ck_assert_uint_eq(rule_count_of(r, "left"), 0);
    ck_assert_uint_eq(rule_count_of(r, "filled"), 1); /* the server has filled it: as it is */
}
END_TEST

/* ---- beside a second, plain way: each union anew, rule by rule */

static bool plainly_selected(const struct rbac_role *by, const struct rbac_role *role)
{
    const struct value *selectors = value_at(by->object, "aggregationRule", "clusterRoleSelectors", NULL);
    const struct value *labels = value_at(role->object, "metadata", "labels", NULL);
    for (uint32_t i = 0; selectors && i < selectors->n; i++)
        if (role->cluster && selector_matches(value_item(*selectors, i), labels ? *labels : value_null()))
            return true;
    return false;
}

static void plainly_add(struct rbac_rule *out, size_t *count, const struct rbac_rule *rule)
{
    for (size_t k = 0; k < *count; k++)
        if (value_equal(out[k].verbs, rule->verbs) && value_equal(out[k].resources, rule->resources) &&
            value_equal(out[k].api_groups, rule->api_groups))
            return;
    out[(*count)++] = *rule;
}

#define PLAIN_RULES_MAX 256u
static size_t plainly_united(const struct rbac *before, size_t start, bool unfilled, struct rbac_rule *out)
{
    size_t todo[64] = { start }, left = 1, count = 0;
    bool seen[64] = { 0 };
    seen[start] = true;
    while (left) {
        const struct rbac_role *by = &before->role.item[todo[--left]];
        for (size_t i = 0; i < before->role.count; i++) {
            const struct rbac_role *role = &before->role.item[i];
            if (seen[i] || !plainly_selected(by, role))
                continue;
            seen[i] = true;
            for (size_t k = 0; (!role->aggregated || !unfilled) && k < role->rule_count; k++)
                plainly_add(out, &count, &role->rule[k]);
            if (role->aggregated && (role->rule_count == 0 || unfilled))
                todo[left++] = i;
        }
    }
    return count;
}

/* A role with some of three labels, of three rules, and of selectors by labels and by expressions. */
static struct str random_role(struct random *r, int i)
{
    static const char *const label[] = { "a: x", "a: y", "b: x" };
    static const char *const rule[] = { "{verbs: [get], apiGroups: [''], resources: [pods]}",
                                        "{verbs: [get, list], apiGroups: [''], resources: [pods]}",
                                        "{verbs: [get], apiGroups: [apps], resources: [pods]}" };
    static const char *const selector[] = { "{matchLabels: {a: x}}", "{matchLabels: {a: y, b: x}}",
                                            "{matchExpressions: [{key: b, operator: Exists}]}",
                                            "{matchLabels: {a: x}, matchExpressions: [{key: b, operator: DoesNotExist}]}", "{}" };
    struct str out = str_printf(&arena, "{kind: ClusterRole, metadata: {name: r%d, labels: {%s%s}}", i, label[random_below(r, 2)],
                                random_below(r, 2) ? ", b: x" : "");
    if (random_below(r, 2))
        out = str_printf(&arena, "%.*s, aggregationRule: {clusterRoleSelectors: [%s, %s]}", STR_ARG(out),
                         selector[random_below(r, random_below(r, 8) ? 4 : 5)], selector[random_below(r, 4)]);
    if (random_below(r, 3))
        out = str_printf(&arena, "%.*s, rules: [%s, %s]", STR_ARG(out), rule[random_below(r, 3)], rule[random_below(r, 3)]);
    return str_printf(&arena, "%s%.*s}\n", i ? "---\n" : "", STR_ARG(out));
}

static void compare_with_plain(const char *yaml, bool unfilled)
{
    struct rbac *before = unfinished_cluster_of(yaml), *r = unfinished_cluster_of(yaml);
    struct rbac_rule rule[PLAIN_RULES_MAX];
    r->unfilled = unfilled;
    rbac_finish(r);
    for (size_t i = 0; i < r->role.count; i++) {
        const struct rbac_role *was = &before->role.item[i], *is = &r->role.item[i];
        size_t count = was->aggregated && (was->rule_count == 0 || unfilled) ? plainly_united(before, i, unfilled, rule) : 0;
        if (!count) {
            ck_assert_uint_eq(is->rule_count, was->rule_count);
            continue;
        }
        ck_assert_uint_eq(is->rule_count, count);
        for (size_t k = 0; k < count; k++)
            ck_assert(value_equal(is->rule[k].verbs, rule[k].verbs) && value_equal(is->rule[k].api_groups, rule[k].api_groups));
    }
}

START_TEST(aggregation_is_what_a_plain_union_gives)
{
    struct random r = { 7 };
    for (int round = 0; round < 400; round++) {
        struct str yaml = { 0 };
        for (int i = 0; i < 12; i++) {
            struct str role = random_role(&r, i);
            yaml = str_printf(&arena, "%.*s%.*s", STR_ARG(yaml), STR_ARG(role));
        }
        compare_with_plain(str_to_c(&arena, yaml), round % 2);
        arena_reset(&arena);
    }
}
END_TEST

/* Each step looked through every role, for each start: a minute for a thousand. */
START_TEST(aggregation_takes_long_chains)
{
    struct rbac r;
    const int count = 3000;
    rbac_init(&r, &arena);
    for (int i = 0; i < count; i++) {
        struct str yaml = str_printf(&arena,
                                     "{kind: ClusterRole, metadata: {name: r%d, labels: {n: n%d}}, aggregationRule: {clusterRoleSelectors: "
                                     "[{matchLabels: {n: n%d}}]}}",
                                     i, i, i + 1);
        ck_assert(rbac_add(&r, from_yaml(&arena, str_to_c(&arena, yaml))));
    }
    ck_assert(rbac_add(
        &r,
        from_yaml(
            &arena,
            str_to_c(&arena,
                     str_printf(&arena,
                                "{kind: ClusterRole, metadata: {name: end, labels: {n: n%d}}, rules: [{verbs: [get], resources: [pods]}]}",
                                count)))));
    rbac_finish(&r);
    ck_assert_uint_eq(rule_count_of(&r, "r0"), 1);
    ck_assert_ptr_eq(r.role.item[0].rule, r.role.item[count - 1].rule); /* shared */
}
END_TEST

START_TEST(aggregation_reads_expressions)
{
    struct rbac *r =
        cluster_of("{kind: ClusterRole, metadata: {name: any}, aggregationRule: {clusterRoleSelectors: [{matchExpressions: [{key: tier, "
                   "operator: In, values: [a, b]}, {key: away, operator: DoesNotExist}]}]}}\n---\n" PLAIN("one", "tier: a", "pods")
                       PLAIN("two", "tier: b", "secrets") PLAIN("three", "tier: c", "nodes")
                           PLAIN("four", "tier: a, away: x",
                                 "configmaps") "{kind: ClusterRole, metadata: {name: bad}, aggregationRule: {clusterRoleSelectors: "
                                               "[{matchExpressions: [{key: tier, operator: Near}]}, 7]}}");
    ck_assert_uint_eq(rule_count_of(r, "any"), 2);
    ck_assert_uint_eq(rule_count_of(r, "bad"), 0);
}
END_TEST

/* ---- hostile objects ---- */

static const struct {
    const char *object;
    bool role; /* else binding */
} damaged_row[] = {
    { "{kind: ClusterRole, metadata: {name: r}, rules: 7}", true },
    { "{kind: ClusterRole, metadata: {name: r}, rules: [7]}", true },
    { "{kind: ClusterRole, metadata: {name: r}, rules: [{verbs: get}]}", true },
    { "{kind: ClusterRole, metadata: {name: r}, rules: [{verbs: [1, get]}]}", true },
    { "{kind: ClusterRole, metadata: {}}", true },
    { "{kind: ClusterRole}", true },
    { "{kind: Role, metadata: [1]}", true },
    { "{kind: RoleBinding, metadata: {name: b}, roleRef: {kind: ClusterRole, name: good}, subjects: 3}", false },
    { "{kind: RoleBinding, metadata: {name: b}, roleRef: {kind: ClusterRole, name: good}, subjects: [3]}", false },
    { "{kind: ClusterRoleBinding, metadata: {name: b}, roleRef: {kind: ClusterRole, name: good}, subjects: [{kind: ServiceAccount, name: "
      "x}]}",
      false },
    { "{kind: ClusterRoleBinding, metadata: {name: b}, roleRef: {kind: ClusterRole, name: good}, subjects: [{kind: Robot, name: x}]}",
      false },
    { "{kind: ClusterRoleBinding, metadata: {name: b}, roleRef: {kind: Deployment, name: good}}", false },
    { "{kind: ClusterRoleBinding, metadata: {name: b}}", false },
    { "{kind: ClusterRoleBinding, roleRef: [], subjects: {}}", false },
};

START_TEST(damage_is_told_and_hides_nothing)
{
    struct rbac *r = arena_new(&arena, struct rbac);
    rbac_init(r, &arena);
    ck_assert(rbac_add(
        r, from_yaml(&arena, "{kind: ClusterRole, metadata: {name: good}, rules: [{verbs: [get], apiGroups: [''], resources: [pods]}]}")));
    ck_assert(rbac_add(r, from_yaml(&arena, damaged_row[_i].object)));
    ck_assert(rbac_add(r, from_yaml(&arena, "{kind: ClusterRoleBinding, metadata: {name: ok}, roleRef: {kind: ClusterRole, name: good}, "
                                            "subjects: [{kind: User, name: jane}]}")));
    rbac_finish(r);
    ck_assert(may(r, "jane", "get", "pods", ""));
    if (damaged_row[_i].role)
        ck_assert_uint_gt(r->role.item[1].damage.n, 0);
    else
        ck_assert_uint_gt(r->binding.item[0].damage.n, 0);
    ck_assert_uint_eq(r->role.item[0].damage.n, 0);
}
END_TEST

START_TEST(what_is_legible_in_damage_counts)
{
    struct rbac *r = cluster_of("{kind: ClusterRole, metadata: {name: r}, rules: [{verbs: [1, get], apiGroups: [''], resources: [pods]}]}\n"
                                "---\n{kind: ClusterRoleBinding, metadata: {name: b}, roleRef: {kind: ClusterRole, name: r}, subjects: [9, "
                                "{kind: User, name: jane}]}");
    ck_assert(may(r, "jane", "get", "pods", ""));
    ck_assert(!may(r, "jane", "", "pods", ""));
}
END_TEST

START_TEST(other_kinds_are_not_taken)
{
    struct rbac *r = arena_new(&arena, struct rbac);
    rbac_init(r, &arena);
    ck_assert(!rbac_add(r, from_yaml(&arena, "{kind: Pod, metadata: {name: x}}")));
    ck_assert(!rbac_add(r, value_int(3)));
    ck_assert(!rbac_add(r, value_null()));
}
END_TEST

START_TEST(thousands_of_bindings_stay_quick)
{
    struct rbac *r = arena_new(&arena, struct rbac);
    rbac_init(r, &arena);
    const char *binding = "{kind: RoleBinding, metadata: {name: b%d, namespace: ns%d}, roleRef: {kind: ClusterRole, name: r%d}, subjects: "
                          "[{kind: ServiceAccount, name: sa%d}, {kind: Group, name: everyone}]}";
    for (int i = 0; i < 2000; i++)
        ck_assert(rbac_add(
            r,
            from_yaml(&arena,
                      str_to_c(&arena,
                               str_printf(
                                   &arena,
                                   "{kind: ClusterRole, metadata: {name: r%d}, rules: [{verbs: [get], apiGroups: [''], resources: [x%d]}]}",
                                   i, i)))));
    for (int i = 0; i < 10000; i++)
        ck_assert(rbac_add(r, from_yaml(&arena, str_to_c(&arena, str_printf(&arena, binding, i, i % 500, i % 2000, i % 700)))));
    rbac_finish(r);
    int64_t start = clock_monotonic_ms();
    for (int i = 0; i < 20000; i++) {
        char user[80];
        snprintf(user, sizeof user, "system:serviceaccount:ns%d:sa%d", i % 500, i % 700);
        (void)may(r, user, "get", "x7", "ns1");
    }
    ck_assert_int_lt(clock_monotonic_ms() - start, 5000);
    ck_assert(may(r, "system:serviceaccount:ns7:sa7", "get", "x7", "ns7"));
}
END_TEST

#define COUNT(x) (int)(sizeof(x) / sizeof *(x))

int main(void)
{
    Suite *s = suite_create("rbac");
    TCase *t = tcase_create("all");
    tcase_add_checked_fixture(t, NULL, teardown);
    tcase_set_timeout(t, 60);
    tcase_add_loop_test(t, rules_match_as_the_server_does, 0, COUNT(match_row));
    tcase_add_loop_test(t, rules_give_what_an_auditor_asks, 0, COUNT(give_row));
    tcase_add_test(t, a_long_subresource_matches_as_any_other);
    tcase_add_test(t, covering_stops_at_its_limit);
    tcase_add_test(t, bindings_reach_where_they_should);
    tcase_add_test(t, missing_roles_and_doubled_subjects_show);
    tcase_add_test(t, names_cannot_be_taken_for_each_other);
    tcase_add_test(t, a_long_user_name_is_found);
    tcase_add_test(t, aggregation_follows_chains_and_stands_loops);
    tcase_add_test(t, aggregation_is_what_a_plain_union_gives);
    tcase_add_test(t, aggregation_takes_long_chains);
    tcase_add_test(t, aggregation_reads_expressions);
    tcase_add_loop_test(t, damage_is_told_and_hides_nothing, 0, COUNT(damaged_row));
    tcase_add_test(t, what_is_legible_in_damage_counts);
    tcase_add_test(t, other_kinds_are_not_taken);
    tcase_add_test(t, thousands_of_bindings_stay_quick);
    suite_add_tcase(s, t);
    SRunner *runner = srunner_create(s);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
