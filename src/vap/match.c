/* Which objects a policy and its bindings are for: rules, selectors and match conditions. */
#include "base/vec.h"
#include "cluster/selector.h"
#include "vap/policy.h"

static bool has(const struct decode_strs *list, struct str text)
{
    for (size_t i = 0; i < list->count; i++)
        if (str_eq_c(list->item[i], "*") || str_eq(list->item[i], text))
            return true;
    return false;
}

/* "pods", "*", and either with every subresource (a slash and a star) are for a create of a pod;
 * "pods/status" is not. A subresource is reached by its name or by that star alone. */
static bool has_resource(const struct decode_strs *list, struct str resource,
                         struct str subresource)
{
    for (size_t i = 0; i < list->count; i++) {
        struct str name, sub;
        if (!str_cut(list->item[i], '/', &name, &sub))
            sub = (struct str){ 0 };
        if ((str_eq_c(name, "*") || str_eq(name, resource)) &&
            (str_eq(sub, subresource) || str_eq_c(sub, "*")))
            return true;
    }
    return false;
}

/* A Namespace is in none, though requests about it name it. */
static bool scope_fits(struct str scope, bool namespaced)
{
    if (!scope.n || str_eq_c(scope, "*"))
        return true;
    return str_eq_c(scope, namespaced ? "Namespaced" : "Cluster");
}

static bool rule_is_about(const struct policy_rule *r, const struct policy_object *o)
{
    return has(&r->operations, o->operation.n ? o->operation : STR("CREATE")) &&
           has(&r->groups, o->group) && has_resource(&r->resources, o->resource, o->subresource) &&
           scope_fits(r->scope, o->namespaced);
}

/* Objects that no policy is asked about: those that say what is admitted, and questions that are
 * never stored. */
static bool is_exempt(struct str group, struct str resource)
{
    static const char *const exempt[][2] = {
        { POLICY_API_GROUP, "validatingwebhookconfigurations" },
        { POLICY_API_GROUP, "mutatingwebhookconfigurations" },
        { POLICY_API_GROUP, "validatingadmissionpolicies" },
        { POLICY_API_GROUP, "validatingadmissionpolicybindings" },
        { POLICY_API_GROUP, "mutatingadmissionpolicies" },
        { POLICY_API_GROUP, "mutatingadmissionpolicybindings" },
    };
    for (size_t i = 0; i < sizeof exempt / sizeof *exempt; i++)
        if (str_eq_c(group, exempt[i][0]) && str_eq_c(resource, exempt[i][1]))
            return true;
    return false;
}

bool policy_may_match(const struct policy_constraints *c, struct str group, struct str resource,
                      bool namespaced)
{
    struct policy_object o = { .group = group, .resource = resource, .namespaced = namespaced };
    bool any = c->rule_count == 0;
    for (size_t i = 0; i < c->rule_count; i++)
        any |= rule_is_about(&c->rule[i], &o);
    return any && !is_exempt(group, resource);
}

/* ---- one object */

enum rule_fit { FIT_NO, FIT_OTHER_VERSION, FIT_YES };

/* wanted: whoever names an object freely names it so that the rule is for it, else so that it is
 * not. */
static enum rule_fit rule_fits(const struct policy_rule *r, const struct policy_object *o,
                               bool wanted)
{
    if (!rule_is_about(r, o))
        return FIT_NO;
    if (r->names.count && !(o->name_is_free ? wanted : has(&r->names, o->name)))
        return FIT_NO;
    return has(&r->versions, o->version) ? FIT_YES : FIT_OTHER_VERSION;
}

static enum rule_fit rules_fit(const struct policy_rule *rule, size_t count,
                               const struct policy_object *o, bool wanted)
{
    enum rule_fit best = FIT_NO;
    for (size_t i = 0; i < count; i++) {
        enum rule_fit fit = rule_fits(&rule[i], o, wanted);
        best = fit > best ? fit : best;
    }
    return best;
}

static struct value labels_of(struct value object)
{
    const struct value *labels = value_at(object, "metadata", "labels", NULL);
    return labels ? *labels : value_null();
}

static enum policy_match namespace_matches(const struct policy_constraints *c,
                                           const struct policy_object *o, struct str *why)
{
    bool is_namespace = !o->group.n && str_eq_c(o->resource, "namespaces");
    if (c->namespace_selector.kind == VALUE_NULL || selector_is_everything(c->namespace_selector) ||
        (!o->namespaced && !is_namespace))
        return POLICY_MATCH;
    if (!is_namespace && value_is_error(o->namespace_object)) {
        *why = o->namespace_object.as.error->text;
        return POLICY_MATCH_UNKNOWN;
    }
    struct value labels = labels_of(is_namespace ? o->object : o->namespace_object);
    return selector_matches(c->namespace_selector, labels) ? POLICY_MATCH : POLICY_NO_MATCH;
}

static enum policy_match matches(const struct policy_constraints *c, const struct policy_object *o,
                                 struct arena *scratch, struct str *why)
{
    if (is_exempt(o->group, o->resource))
        return POLICY_NO_MATCH;
    struct value labels = labels_of(o->object);
    bool selects =
        c->object_selector.kind != VALUE_NULL && !selector_is_everything(c->object_selector);
    if (selects && !value_is_error(labels) && !selector_matches(c->object_selector, labels))
        return POLICY_NO_MATCH;
    enum rule_fit excluded = rules_fit(c->exclude, c->exclude_count, o, true);
    enum rule_fit fit = c->rule_count ? rules_fit(c->rule, c->rule_count, o, false) : FIT_YES;
    if (excluded == FIT_YES || fit == FIT_NO || (fit == FIT_OTHER_VERSION && c->exact))
        return POLICY_NO_MATCH;
    enum policy_match in = namespace_matches(c, o, why);
    if (in == POLICY_MATCH && selects && value_is_error(labels)) {
        *why = labels.as.error->text;
        return POLICY_MATCH_UNKNOWN;
    }
    if (in != POLICY_MATCH || (fit == FIT_YES && (excluded == FIT_NO || c->exact)))
        return in;
    /* Equivalent: the server asks in the version that the rule names, if it serves that; the object
     * was read in another. */
    *why = str_printf(scratch,
                      "it is for another version of %.*s than %.*s, in which the object was read",
                      STR_ARG(o->resource), STR_ARG(o->version));
    return POLICY_MATCH_UNKNOWN;
}

enum policy_match policy_matches(const struct policy_constraints *c, const struct policy_object *o,
                                 struct arena *scratch, struct str *why)
{
    struct policy_object other = *o;
    enum policy_match m = matches(c, o, scratch, why);
    if (!o->scope_is_unknown)
        return m;
    other.namespaced = !o->namespaced;
    if (matches(c, &other, scratch, why) == m)
        return m;
    *why = str_printf(scratch,
                      "it is for some scopes alone, and no file says whether %.*s are in a "
                      "namespace: give the file of their CustomResourceDefinition too",
                      STR_ARG(o->resource));
    return POLICY_MATCH_UNKNOWN;
}

/* ---- what an audit does not read */

static enum kind kind_of(struct str group, struct str resource)
{
    for (size_t k = 0; k < KIND_COUNT; k++)
        if (str_eq_c(resource, kind_info((enum kind)k)->resource) &&
            (str_eq_c(group, kind_info((enum kind)k)->group) || str_eq_c(group, "*")))
            return (enum kind)k;
    return KIND_NONE;
}

struct unread {
    struct arena *arena;
    const struct kind_gather *gather;
    VEC(struct str) text;
};
static void add_text(struct unread *u, struct str text)
{
    for (size_t i = 0; i < u->text.count; i++)
        if (str_eq(u->text.item[i], text))
            return;
    *VEC_PUSH(&u->text, u->arena) = text;
}

static void add_unread(struct unread *u, struct str group, struct str name)
{
    add_text(u, group.n ? str_printf(u->arena, "%.*s/%.*s", STR_ARG(group), STR_ARG(name)) : name);
}

/* A rule is for every one of its resources in every one of its groups: a resource that is read in
 * one of them is not looked for in the others, where there is none of its name. */
static void add_unread_of(struct unread *u, const struct decode_strs *groups, struct str resource)
{
    struct str why;
    struct str name, sub;
    if (!str_cut(resource, '/', &name, &sub))
        sub = (struct str){ 0 };
    if (sub.n && !str_eq_c(sub, "*"))
        return; /* a subresource is not created */
    for (size_t g = 0; g < groups->count; g++)
        if (kind_of(groups->item[g], name) != KIND_NONE || is_exempt(groups->item[g], name))
            return;
    for (size_t g = 0; g < groups->count; g++)
        if (!u->gather)
            add_unread(u, groups->item[g], name);
        else if (kind_gather_lacks(u->gather, groups->item[g], name, u->arena, &why))
            add_text(u, why);
}

struct str policy_unread(const struct policy_constraints *c, const struct kind_gather *g,
                         struct arena *a)
{
    struct unread u = { .arena = a, .gather = g };
    for (size_t i = 0; i < c->rule_count; i++) {
        const struct policy_rule *r = &c->rule[i];
        for (size_t k = 0; has(&r->operations, STR("CREATE")) && k < r->resources.count; k++)
            add_unread_of(&u, &r->groups, r->resources.item[k]);
    }
    return str_join(a, u.text.item, u.text.count, STR(", "));
}
