/* The roles that every cluster has, for objects of files that do not hold them. */
#include "analyze/rbac/default_roles.h"

#define AGGREGATE_PREFIX "rbac.authorization.k8s.io/aggregate-to-"

/* A rule stands behind its role. */
static const struct {
    bool is_role;
    const char *text[5];
} row[] = {
#define DEFAULT_ROLE(ns, name, part_of, gathers) { true, { ns, name, part_of, gathers, NULL } },
#define DEFAULT_RULE(verbs, groups, resources, names, urls) { false, { verbs, groups, resources, names, urls } },
#include "analyze/rbac/default_role.def"
};

static struct value words(struct arena *a, const char *text)
{
    struct value_builder list;
    struct str rest = str_from_c(text), word;
    value_builder_init(&list, a);
    while (str_next_field(&rest, ' ', &word))
        value_builder_push(&list, str_eq_c(word, "-") ? value_cstr("") : value_str(word));
    return value_builder_list(&list);
}

static struct value rule_of(struct arena *a, const char *const text[5])
{
    static const char *const key[] = { "verbs", "apiGroups", "resources", "resourceNames", "nonResourceURLs" };
    struct value_builder b;
    value_builder_init(&b, a);
    for (size_t i = 0; i < COUNT_OF(key); i++)
        value_builder_set(&b, key[i], words(a, text[i]));
    return value_builder_map(&b);
}

/* {aggregate-to-admin: "true"} of each word. */
static void set_labels(struct value_builder *b, struct arena *a, const char *text)
{
    struct str rest = str_from_c(text), word;
    while (str_next_field(&rest, ' ', &word))
        value_builder_put(b, value_str(str_printf(a, AGGREGATE_PREFIX "%.*s", STR_ARG(word))), value_cstr("true"));
}

static struct value aggregation(struct arena *a, const char *text)
{
    struct value_builder labels, selector, rule;
    struct value *one = arena_new(a, struct value);
    value_builder_init(&labels, a);
    set_labels(&labels, a, text);
    value_builder_init(&selector, a);
    value_builder_set(&selector, "matchLabels", value_builder_map(&labels));
    *one = value_builder_map(&selector);
    value_builder_init(&rule, a);
    value_builder_set(&rule, "clusterRoleSelectors", value_list(one, 1));
    return value_builder_map(&rule);
}

static struct value role_of(struct arena *a, const char *const text[5], struct value rules)
{
    struct value_builder labels, meta, role;
    value_builder_init(&labels, a);
    value_builder_set(&labels, "kubernetes.io/bootstrapping", value_cstr("rbac-defaults"));
    set_labels(&labels, a, text[2]);
    value_builder_init(&meta, a);
    value_builder_set(&meta, "name", value_cstr(text[1]));
    if (*text[0])
        value_builder_set(&meta, "namespace", value_cstr(text[0]));
    value_builder_set(&meta, "labels", value_builder_map(&labels));
    value_builder_init(&role, a);
    value_builder_set(&role, "kind", value_cstr(*text[0] ? "Role" : "ClusterRole"));
    value_builder_set(&role, "metadata", value_builder_map(&meta));
    if (*text[3])
        value_builder_set(&role, "aggregationRule", aggregation(a, text[3]));
    value_builder_set(&role, "rules", rules);
    return value_builder_map(&role);
}

void default_roles_assume(struct rbac *r)
{
    for (size_t i = 0, next; i < COUNT_OF(row); i = next) {
        struct value_builder rules;
        value_builder_init(&rules, r->arena);
        for (next = i + 1; next < COUNT_OF(row) && !row[next].is_role; next++)
            value_builder_push(&rules, rule_of(r->arena, row[next].text));
        rbac_assume(r, role_of(r->arena, row[i].text, value_builder_list(&rules)));
    }
}
