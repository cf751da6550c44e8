/* Rules by themselves: reading, matching, covering, compacting. */
#include "analyze/rbac/rbac.h"

static const struct value empty_list = { .kind = VALUE_LIST };

static bool has_text(struct value list, struct str text)
{
    for (uint32_t i = 0; i < list.n; i++) {
        if (str_eq(value_text(value_item(list, i)), text))
            return true;
    }
    return false;
}

/* The member key of rule as a list of strings; damage if it is something else. */
static struct value read_texts(struct arena *a, struct value rule, const char *key,
                               struct str *damage)
{
    const struct value *v = value_get(rule, str_from_c(key));
    if (!v || v->kind == VALUE_NULL)
        return empty_list;
    if (v->kind != VALUE_LIST) {
        if (!damage->n)
            *damage = str_printf(a, "%s in a rule is not a list", key);
        return empty_list;
    }
    uint32_t good = 0;
    while (good < v->n && value_item(*v, good).kind == VALUE_STRING)
        good++;
    if (good == v->n)
        return *v;
    if (!damage->n)
        *damage = str_printf(a, "%s in a rule holds something that is not text", key);
    struct value_builder b;
    value_builder_init(&b, a);
    for (uint32_t i = 0; i < v->n; i++) {
        if (value_item(*v, i).kind == VALUE_STRING)
            value_builder_push(&b, value_item(*v, i));
    }
    return value_builder_list(&b);
}

struct rbac_rules rbac_read_rules(struct arena *a, struct value rules, struct str *damage)
{
    if (rules.kind == VALUE_NULL)
        return (struct rbac_rules){ 0 };
    if (rules.kind != VALUE_LIST) {
        *damage = STR("rules is not a list");
        return (struct rbac_rules){ 0 };
    }
    struct rbac_rule *rule = arena_array(a, struct rbac_rule, rules.n);
    size_t count = 0;
    for (uint32_t i = 0; i < rules.n; i++) {
        struct value v = value_item(rules, i);
        if (v.kind != VALUE_MAP) {
            if (!damage->n)
                *damage = STR("a rule is not an object");
            continue;
        }
        rule[count++] = (struct rbac_rule){
            .verbs = read_texts(a, v, "verbs", damage),
            .api_groups = read_texts(a, v, "apiGroups", damage),
            .resources = read_texts(a, v, "resources", damage),
            .resource_names = read_texts(a, v, "resourceNames", damage),
            .urls = read_texts(a, v, "nonResourceURLs", damage),
        };
    }
    return (struct rbac_rules){ rule, count };
}

/* ---- matching ---- */

static bool is_star(struct str s)
{
    return s.n == 1 && *s.p == '*';
}

static bool matches_or_star(struct value list, struct str wanted)
{
    for (uint32_t i = 0; i < list.n; i++) {
        struct str s = value_text(value_item(list, i));
        if (is_star(s) || str_eq(s, wanted))
            return true;
    }
    return false;
}

/* Whether text is "resource", or "resource/subresource". */
static bool is_combined(struct str text, struct str resource, struct str subresource)
{
    if (!subresource.n)
        return str_eq(text, resource);
    return text.n == resource.n + 1 + subresource.n && str_has_prefix(text, resource) &&
           text.p[resource.n] == '/' && str_has_suffix(text, subresource);
}

/* "*" and "*" "/sub" are the only wildcards that resources know. */
static bool resource_matches(struct value list, struct str resource, struct str subresource)
{
    for (uint32_t i = 0; i < list.n; i++) {
        struct str s = value_text(value_item(list, i));
        if (is_star(s) || is_combined(s, resource, subresource))
            return true;
        if (subresource.n && s.n == subresource.n + 2 && str_has_prefix(s, STR("*/")) &&
            str_has_suffix(s, subresource))
            return true;
    }
    return false;
}

bool rbac_lists_resource(struct value resources, struct str resource)
{
    struct str parent, sub;
    bool whole = !str_cut(resource, '/', &parent, &sub);
    return resource_matches(resources, whole || !sub.n ? resource : parent, sub);
}

bool rbac_lists_group(struct value groups, struct str group)
{
    return matches_or_star(groups, group);
}

bool rbac_url_covers(struct str owner, struct str requested)
{
    if (str_eq(owner, requested))
        return true;
    if (!owner.n || owner.p[owner.n - 1] != '*')
        return false;
    while (owner.n && owner.p[owner.n - 1] == '*')
        owner.n--;
    return str_has_prefix(requested, owner);
}

static bool url_matches(struct value list, struct str path)
{
    for (uint32_t i = 0; i < list.n; i++) {
        if (rbac_url_covers(value_text(value_item(list, i)), path))
            return true;
    }
    return false;
}

static bool rule_matches(const struct rbac_rule *rule, struct str verb, struct str group,
                         struct str resource, struct str subresource)
{
    return matches_or_star(rule->verbs, verb) && matches_or_star(rule->api_groups, group) &&
           resource_matches(rule->resources, resource, subresource);
}

bool rbac_rule_allows(const struct rbac_rule *rule, const struct rbac_request *q)
{
    if (q->path.n)
        return matches_or_star(rule->verbs, q->verb) && url_matches(rule->urls, q->path);
    return rule_matches(rule, q->verb, q->group, q->resource, q->subresource) &&
           (rule->resource_names.n == 0 || has_text(rule->resource_names, q->name));
}

static const struct {
    struct str group, resource;
} cluster_scoped[] = {
#define CLUSTER_SCOPED(group, resource) { STR_INIT(group), STR_INIT(resource) },
#include "analyze/rbac/cluster_scoped.def"
#undef CLUSTER_SCOPED
};

bool rbac_is_cluster_scoped(struct str group, struct str resource)
{
    struct str parent, sub;
    str_cut(resource, '/', &parent, &sub);
    for (size_t i = 0; i < sizeof cluster_scoped / sizeof *cluster_scoped; i++) {
        if (str_eq(cluster_scoped[i].resource, parent) && str_eq(cluster_scoped[i].group, group))
            return true;
    }
    return false;
}

bool rbac_rule_gives(const struct rbac_rule *rule, bool in_namespace, struct str verb,
                     struct str group, struct str resource)
{
    struct str parent, sub;
    bool whole = !str_cut(resource, '/', &parent, &sub);
    if (!rule_matches(rule, verb, group, whole || !sub.n ? resource : parent, sub))
        return false;
    if (whole && rule->resource_names.n &&
        (str_eq_c(verb, "create") || str_eq_c(verb, "deletecollection")))
        return false;
    /* bind is asked in the namespace of the binding that is to be written, even for a ClusterRole.
     */
    return !in_namespace || str_eq_c(verb, "bind") || !rbac_is_cluster_scoped(group, resource);
}

/* ---- covering ---- */

/* One verb on one thing: url, or group, resource and maybe a name. NULL: not there. */
struct tuple {
    const struct value *verb, *group, *resource, *name, *url;
};

static bool owner_covers(const struct rbac_rule *owner, const struct tuple *t)
{
    if (!matches_or_star(owner->verbs, value_text(*t->verb)))
        return false;
    if (t->url)
        return owner->resource_names.n == 0 && url_matches(owner->urls, value_text(*t->url));
    if (!matches_or_star(owner->api_groups, value_text(*t->group)) ||
        !rbac_lists_resource(owner->resources, value_text(*t->resource)))
        return false;
    return owner->resource_names.n == 0 ||
           (t->name && has_text(owner->resource_names, value_text(*t->name)));
}

struct cover {
    struct arena *arena;
    struct rbac_rules owner;
    VEC(struct rbac_rule) uncovered;
    bool covered;
};

static struct value one(const struct value *v)
{
    return v ? value_list(v, 1) : empty_list;
}

static void cover_tuple(struct cover *c, struct tuple t)
{
    for (size_t i = 0; i < c->owner.count; i++) {
        if (owner_covers(&c->owner.item[i], &t))
            return;
    }
    c->covered = false;
    if (c->uncovered.count < RBAC_UNCOVERED_MAX)
        *VEC_PUSH(&c->uncovered, c->arena) = (struct rbac_rule){
            .verbs = one(t.verb),
            .api_groups = one(t.group),
            .resources = one(t.resource),
            .resource_names = one(t.name),
            .urls = one(t.url),
        };
}

/* Once enough is uncovered the answer and the list cannot change any more. */
static bool is_cover_done(const struct cover *c)
{
    return c->uncovered.count >= RBAC_UNCOVERED_MAX;
}

static void cover_names(struct cover *c, const struct rbac_rule *rule, struct tuple t)
{
    if (rule->resource_names.n == 0)
        cover_tuple(c, t);
    for (uint32_t n = 0; n < rule->resource_names.n && !is_cover_done(c); n++) {
        t.name = &rule->resource_names.as.item[n];
        cover_tuple(c, t);
    }
}

static void cover_rule(struct cover *c, const struct rbac_rule *rule)
{
    for (uint32_t g = 0; g < rule->api_groups.n; g++) {
        for (uint32_t r = 0; r < rule->resources.n; r++) {
            for (uint32_t v = 0; v < rule->verbs.n && !is_cover_done(c); v++)
                cover_names(c, rule,
                            (struct tuple){ .verb = &rule->verbs.as.item[v],
                                            .group = &rule->api_groups.as.item[g],
                                            .resource = &rule->resources.as.item[r] });
        }
    }
    for (uint32_t u = 0; u < rule->urls.n; u++) {
        for (uint32_t v = 0; v < rule->verbs.n && !is_cover_done(c); v++)
            cover_tuple(c, (struct tuple){ .verb = &rule->verbs.as.item[v],
                                           .url = &rule->urls.as.item[u] });
    }
}

bool rbac_covers(struct arena *a, struct rbac_rules owner, struct rbac_rules servant,
                 struct rbac_rules *uncovered)
{
    struct cover c = { .arena = a, .owner = owner, .covered = true };
    for (size_t i = 0; i < servant.count && !is_cover_done(&c); i++)
        cover_rule(&c, &servant.item[i]);
    if (uncovered)
        *uncovered = (struct rbac_rules){ c.uncovered.item, c.uncovered.count };
    return c.covered;
}

/* ---- compacting ---- */

static bool is_simple(const struct rbac_rule *rule)
{
    return rule->resource_names.n <= 1 && rule->urls.n == 0 && rule->api_groups.n == 1 &&
           rule->resources.n == 1;
}

static void merge_verbs(struct arena *a, struct rbac_rule *into, struct value verbs)
{
    struct value_builder b;
    value_builder_init(&b, a);
    for (uint32_t i = 0; i < into->verbs.n; i++)
        value_builder_push(&b, value_item(into->verbs, i));
    for (uint32_t i = 0; i < verbs.n; i++) {
        if (!has_text(value_list(b.item, b.count), value_text(value_item(verbs, i))))
            value_builder_push(&b, value_item(verbs, i));
    }
    into->verbs = value_builder_list(&b);
}

struct rbac_rules rbac_compact(struct arena *a, struct rbac_rules rules)
{
    VEC(struct rbac_rule) out = { 0 };
    struct map by_key;
    map_init(&by_key, a);
    for (size_t i = 0; i < rules.count; i++) {
        if (!is_simple(&rules.item[i]))
            *VEC_PUSH(&out, a) = rules.item[i];
    }
    for (size_t i = 0; i < rules.count; i++) {
        const struct rbac_rule *rule = &rules.item[i];
        if (!is_simple(rule))
            continue;
        /* A name may be empty, which is not the same as none. */
        bool has_name = rule->resource_names.n == 1;
        struct str name = has_name ? value_text(value_item(rule->resource_names, 0)) : STR("");
        bool created;
        void **at = map_at(&by_key,
                           str_printf(a, "%.*s|%.*s|%d|%.*s",
                                      STR_ARG(value_text(value_item(rule->api_groups, 0))),
                                      STR_ARG(value_text(value_item(rule->resources, 0))), has_name,
                                      STR_ARG(name)),
                           &created);
        if (created) {
            *VEC_PUSH(&out, a) = *rule;
            *at = (void *)(uintptr_t)out.count;
        } else {
            merge_verbs(a, &out.item[(uintptr_t)*at - 1], rule->verbs);
        }
    }
    return (struct rbac_rules){ out.item, out.count };
}
