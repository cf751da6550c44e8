/* The roles and bindings that every API server makes: assumed where files do not hold them, and
 * told from what bears their names. */
#include "analyze/rbac/default_roles.h"

#define AGGREGATE_PREFIX "rbac.authorization.k8s.io/aggregate-to-"

/* A rule stands behind its role. */
struct row {
    bool is_role;
    const char *text[5];
};
#define DEFAULT_ROLE(ns, name, part_of, gathers) { true, { ns, name, part_of, gathers, NULL } },
#define DEFAULT_RULE(verbs, groups, resources, names, urls) \
    { false, { verbs, groups, resources, names, urls } },
static const struct row now[] = {
#include "analyze/rbac/default_role.def"
};
#define DEFAULT_ROLE(ns, name, part_of, gathers) { true, { ns, name, part_of, gathers, NULL } },
#define DEFAULT_RULE(verbs, groups, resources, names, urls) \
    { false, { verbs, groups, resources, names, urls } },
static const struct row before[] = {
#include "analyze/rbac/default_before.def"
};

static const struct {
    const char *ns, *name, *role, *subjects;
} binding[] = {
#define DEFAULT_BINDING(ns, name, role, subjects) { ns, name, role, subjects },
#include "analyze/rbac/default_binding.def"
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
    static const char *const key[] = { "verbs", "apiGroups", "resources", "resourceNames",
                                       "nonResourceURLs" };
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
        value_builder_put(b, value_str(str_printf(a, AGGREGATE_PREFIX "%.*s", STR_ARG(word))),
                          value_cstr("true"));
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

static void assume(struct rbac *r, const struct row *row, size_t count)
{
    for (size_t i = 0, next; i < count; i = next) {
        struct value_builder rules;
        value_builder_init(&rules, r->arena);
        for (next = i + 1; next < count && !row[next].is_role; next++)
            value_builder_push(&rules, rule_of(r->arena, row[next].text));
        rbac_assume(r, role_of(r->arena, row[i].text, value_builder_list(&rules)));
    }
}

void default_roles_assume(struct rbac *r)
{
    assume(r, now, COUNT_OF(now));
}

/* ---- telling them from what bears their names ---- */

/* The API server's own roles, put together as it does. */
struct own_roles {
    struct rbac now, before;
};

static void make_own_roles(struct own_roles *own, struct arena *a)
{
    rbac_init(&own->now, a);
    assume(&own->now, now, COUNT_OF(now));
    rbac_finish(&own->now);
    rbac_init(&own->before, a);
    assume(&own->before, before, COUNT_OF(before));
    rbac_finish(&own->before);
}

static void add_rules(struct rbac_rules *to, struct arena *a, const struct rbac_role *role)
{
    if (!role || !role->rule_count)
        return;
    struct rbac_rule *all = arena_array(a, struct rbac_rule, to->count + role->rule_count);
    if (to->count)
        memcpy(all, to->item, to->count * sizeof *all);
    memcpy(all + to->count, role->rule, role->rule_count * sizeof *all);
    *to = (struct rbac_rules){ all, to->count + role->rule_count };
}

static void mark_role(const struct own_roles *own, struct arena *a, struct rbac_role *role)
{
    const struct rbac_role *today = rbac_find_role(&own->now, role->cluster, role->ns, role->name);
    const struct rbac_role *once =
        rbac_find_role(&own->before, role->cluster, role->ns, role->name);
    struct rbac_rules given = { 0 };
    if (!role->bootstrap || role->damage.n || (!today && !once))
        return;
    add_rules(&given, a, today);
    add_rules(&given, a, once);
    role->is_default = true;
    for (size_t i = 0; i < role->rule_count; i++) {
        role->rule[i].is_default =
            rbac_covers(a, given, (struct rbac_rules){ &role->rule[i], 1 }, NULL);
        role->is_default = role->is_default && role->rule[i].is_default;
    }
}

static bool names_subject(const char *subjects, const struct rbac_subject *s)
{
    struct str rest = str_from_c(subjects), word, kind, name, ns = STR("");
    while (str_next_field(&rest, ' ', &word)) {
        str_cut(word, ':', &kind, &name);
        if (s->kind == RBAC_SERVICE_ACCOUNT)
            str_cut(name, ':', &ns, &name);
        if (str_eq_c(kind, rbac_subject_kind_name(s->kind)) && str_eq(ns, s->ns) &&
            str_eq(name, s->name))
            return true;
    }
    return false;
}

static bool is_default_binding(const struct rbac *r, const struct rbac_binding *b)
{
    for (size_t i = 0; i < COUNT_OF(binding); i++) {
        bool same = str_eq_c(b->ns, binding[i].ns) && str_eq_c(b->name, binding[i].name) &&
                    str_eq_c(b->role_name, binding[i].role) && b->cluster == !*binding[i].ns &&
                    b->role_is_cluster == b->cluster;
        for (size_t s = 0; same && s < b->subject_count; s++)
            same = names_subject(binding[i].subjects, &r->subject.item[b->subject[s]]);
        if (same)
            return true;
    }
    return false;
}

void default_roles_mark(struct rbac *r)
{
    struct own_roles own;
    make_own_roles(&own, r->arena);
    for (size_t i = 0; i < r->role.count; i++)
        mark_role(&own, r->arena, &r->role.item[i]);
    for (size_t i = 0; i < r->binding.count; i++) {
        struct rbac_binding *b = &r->binding.item[i];
        b->is_default = b->bootstrap && !b->damage.n && is_default_binding(r, b);
    }
}
