/* Grants: each rule of each role by each binding, as values for CEL. There are as many as bindings times rules, so
 * that they are made for one subject at a time; only those of the bindings that come first are kept. */
#include "analyze/facts_state.h"

static const struct value no_items = { .kind = VALUE_LIST };

static const char *const default_name_prefix = "system:";
static const char *const default_role[] = { "admin", "cluster-admin", "edit", "view" };

bool facts_is_default(bool labelled, struct str name)
{
    bool named = str_has_prefix(name, str_from_c(default_name_prefix));
    for (size_t i = 0; i < sizeof default_role / sizeof *default_role; i++)
        named = named || str_eq_c(name, default_role[i]);
    return labelled && (named || str_eq_c(name, "extension-apiserver-authentication-reader"));
}

struct grant_head {
    struct str role, binding, ns, via;
    bool bootstrap;
};

/* Exactly the memory it needs. */
static struct value grant_value(struct arena *a, const struct rbac_rule *rule, const struct grant_head *h)
{
    const struct value_entry field[] = {
        { value_cstr("verbs"), rule->verbs },
        { value_cstr("apiGroups"), rule->api_groups },
        { value_cstr("resources"), rule->resources },
        { value_cstr("resourceNames"), rule->resource_names },
        { value_cstr("nonResourceURLs"), h->ns.n ? no_items : rule->urls },
        { value_cstr("namespace"), value_str(h->ns) },
        { value_cstr("role"), value_str(h->role) },
        { value_cstr("binding"), value_str(h->binding) },
        { value_cstr("bootstrap"), value_bool(h->bootstrap) },
        { value_cstr("via"), value_str(h->via) },
    };
    struct value_entry *kept = arena_alloc(a, sizeof field);
    memcpy(kept, field, sizeof field);
    return value_map(a, kept, sizeof field / sizeof *field);
}

/* In a namespace there are no URLs to grant. */
static bool grants_something(const struct rbac_rule *rule, const struct rbac_binding *binding)
{
    return rule->resources.n || (rule->urls.n && binding->cluster);
}

/* Every rule of the binding's role as a grant. */
static void add_grants(struct facts *f, struct value_builder *list, struct arena *a, const struct rbac_binding *binding,
                       struct str via)
{
    const struct rbac_role *role = rbac_role_of(&f->rbac, binding);
    if (!role)
        return;
    struct grant_head h = {
        .role = rbac_role_text(a, role),
        .binding = rbac_binding_text(a, binding),
        .ns = binding->ns,
        .via = via,
        .bootstrap = facts_is_default(binding->bootstrap, binding->name) && facts_is_default(role->bootstrap, role->name),
    };
    for (size_t i = 0; i < role->rule_count && list->count <= FACTS_GRANTS_MAX; i++) {
        if (grants_something(&role->rule[i], binding))
            value_builder_push(list, grant_value(a, &role->rule[i], &h));
    }
}

static void append(struct value_builder *to, struct value list)
{
    for (uint32_t i = 0; i < list.n && to->count <= FACTS_GRANTS_MAX; i++)
        value_builder_push(to, value_item(list, i));
}

/* A list of grants as it is told: too many for one subject are not looked through. */
static struct value finish(struct value_builder *list, struct arena *a)
{
    return list->count > FACTS_GRANTS_MAX ? facts_unavailable(a, "it has more than %u grants, too many to look through", FACTS_GRANTS_MAX)
                                          : value_builder_list(list);
}

/* ---- kept ones: most clusters have few, and thousands of subjects and pods share them */

#define KEPT_GRANTS_MAX 20000u

void facts_keep_grants(struct facts *f)
{
    size_t left = KEPT_GRANTS_MAX;
    f->binding_grants = arena_array(f->arena, struct value, f->rbac.binding.count);
    for (size_t i = 0; i < f->rbac.binding.count; i++) {
        const struct rbac_role *role = rbac_role_of(&f->rbac, &f->rbac.binding.item[i]);
        struct value_builder list;
        if (role && role->rule_count > left)
            continue;
        left -= role ? role->rule_count : 0;
        value_builder_init(&list, f->arena);
        add_grants(f, &list, f->arena, &f->rbac.binding.item[i], STR(""));
        f->binding_grants[i] = value_builder_list(&list);
    }
}

/* ---- of a subject ---- */

/* Grants by its own bindings. */
static void add_own_grants(struct facts *f, struct value_builder *list, struct arena *a, const struct rbac_subject *s)
{
    for (size_t i = 0; s && i < s->binding.count; i++) {
        uint32_t b = s->binding.item[i];
        if (f->binding_grants[b].kind == VALUE_LIST)
            append(list, f->binding_grants[b]);
        else
            add_grants(f, list, a, &f->rbac.binding.item[b], STR(""));
    }
}

struct value facts_own_grants(struct facts *f, struct arena *a, const struct rbac_subject *s)
{
    struct value_builder list;
    if (s->binding.count == 1 && f->binding_grants[s->binding.item[0]].kind == VALUE_LIST)
        return f->binding_grants[s->binding.item[0]];
    value_builder_init(&list, a);
    add_own_grants(f, &list, a, s);
    return finish(&list, a);
}

/* Grants that come to a service account by another name: a group, or a User of its name. */
static void add_grants_via(struct facts *f, struct value_builder *list, struct arena *a, const struct rbac_subject *s)
{
    struct str via = s ? rbac_subject_text(a, s) : STR("");
    for (size_t i = 0; s && i < s->binding.count; i++)
        add_grants(f, list, a, &f->rbac.binding.item[s->binding.item[i]], via);
}

static const struct rbac_subject *group(const struct facts *f, struct str name)
{
    return rbac_find_subject(&f->rbac, RBAC_GROUP, STR(""), name);
}

void facts_keep_common_grants(struct facts *f)
{
    struct value_builder list;
    value_builder_init(&list, f->arena);
    add_grants_via(f, &list, f->arena, group(f, STR("system:serviceaccounts")));
    add_grants_via(f, &list, f->arena, group(f, STR("system:authenticated")));
    f->common_grants = finish(&list, f->arena);
}

struct value facts_account_grants(struct facts *f, struct arena *a, struct str ns, struct str name)
{
    const struct account *account = facts_account(f, ns, name);
    const struct rbac_subject *of_namespace = group(f, str_printf(a, "system:serviceaccounts:%.*s", STR_ARG(ns)));
    struct value_builder list;
    if (value_is_error(f->common_grants) || (!of_namespace && !(account && (account->own || account->user))))
        return f->common_grants;
    value_builder_init(&list, a);
    add_own_grants(f, &list, a, account ? account->own : NULL);
    add_grants_via(f, &list, a, account ? account->user : NULL);
    add_grants_via(f, &list, a, of_namespace);
    append(&list, f->common_grants);
    return finish(&list, a);
}

bool facts_grants_anything(const struct facts *f, const struct rbac_subject *s)
{
    for (size_t i = 0; i < s->binding.count; i++) {
        const struct rbac_binding *binding = &f->rbac.binding.item[s->binding.item[i]];
        const struct rbac_role *role = rbac_role_of(&f->rbac, binding);
        for (size_t k = 0; role && k < role->rule_count; k++)
            if (grants_something(&role->rule[k], binding))
                return true;
    }
    return false;
}
