/* Kinds that kind.def lacks, as they are met in files. */
#include "cluster/kind_gather.h"

#include "cluster/kind_own.h"

static const struct kind_served {
    const char *group, *resource, *name;
    enum kind_scope scope;
} served[] = {
#define SERVED(group, resource, kind, scope) { group, resource, kind, SCOPE_##scope },
#include "cluster/kind_served.def"
};

static bool is_or_any(struct str wanted, struct str text)
{
    return str_eq_c(wanted, "*") || str_eq(wanted, text);
}

static bool is_wanted(const struct kind_gather *g, struct str group)
{
    for (size_t i = 0; i < g->group.count; i++)
        if (is_or_any(g->group.item[i], group))
            return true;
    return false;
}

/* ---- entering */

static const struct kind_served *find_served(struct str group, struct str kind)
{
    for (size_t i = 0; i < COUNT_OF(served); i++)
        if (str_eq_c(group, served[i].group) && str_eq_c(kind, served[i].name))
            return &served[i];
    return NULL;
}

static bool is_vowel(char c)
{
    return c == 'a' || c == 'e' || c == 'i' || c == 'o' || c == 'u';
}

struct str kind_plural_guess(struct arena *a, struct str kind)
{
    struct str s = str_lower_ascii(a, kind);
    char last = s.n ? s.p[s.n - 1] : '\0', before = s.n > 1 ? s.p[s.n - 2] : '\0';
    if (last == 'y' && !is_vowel(before))
        return str_printf(a, "%.*sies", STR_ARG(str_sub(s, 0, s.n - 1)));
    bool hisses = last == 's' || last == 'x' || last == 'z' || str_has_suffix(s, STR("ch")) ||
                  str_has_suffix(s, STR("sh"));
    return str_printf(a, "%.*s%s", STR_ARG(s), hisses ? "es" : "s");
}

static void leave(struct kind_gather *g, struct str group, struct str kind)
{
    struct str text =
        group.n ? str_printf(g->arena, "%.*s/%.*s", STR_ARG(group), STR_ARG(kind)) : kind;
    for (size_t i = 0; i < g->left.count; i++)
        if (str_eq(g->left.item[i], text))
            return;
    *VEC_PUSH(&g->left, g->arena) = str_dup(g->arena, text);
}

/* A name that no API server takes is none that a list can be asked for by. */
static bool is_plain(struct str s)
{
    return str_consists_of(s, STR_LOWER STR_UPPER STR_DIGITS ".-");
}

enum kind kind_gather_enter(struct kind_gather *g, struct str api_version, struct str kind)
{
    struct str group, version;
    if (!str_cut(api_version, '/', &group, &version))
        group = (struct str){ 0 };
    if (!is_wanted(g, group))
        return KIND_NONE;
    const struct kind_served *s = find_served(group, kind);
    struct kind_declaration d = { .group = group,
                                  .name = kind,
                                  .scope = s ? s->scope : SCOPE_NAMESPACED };
    bool is_secret = !group.n && str_eq_c(kind, "Secret");
    bool may_be = !is_secret && is_plain(group) && is_plain(kind);
    d.resource = s ? str_from_c(s->resource) : kind_plural_guess(g->arena, kind);
    enum kind k = may_be ? kind_enter(&d, !s) : KIND_NONE;
    if (k == KIND_NONE)
        leave(g, group, str_sub(kind, 0, 100));
    return k;
}

/* ---- definitions */

void kind_gather_definition(struct kind_gather *g, struct value crd)
{
    struct str group = value_text_at(crd, "spec", "group", NULL);
    if (!is_wanted(g, group))
        return;
    *VEC_PUSH(&g->definition, g->arena) = (struct kind_definition){
        .group = str_dup(g->arena, group),
        .resource = str_dup(g->arena, value_text_at(crd, "spec", "names", "plural", NULL)),
        .name = str_dup(g->arena, value_text_at(crd, "spec", "names", "kind", NULL)),
        .scope = str_eq_c(value_text_at(crd, "spec", "scope", NULL), "Cluster") ? SCOPE_CLUSTER
                                                                                : SCOPE_NAMESPACED,
    };
}

/* The last of them counts, as with apply. */
static const struct kind_definition *definition_of(const struct kind_gather *g,
                                                   const struct kind_info *i)
{
    for (size_t d = g->definition.count; d-- > 0;)
        if (str_eq_c(g->definition.item[d].group, i->group) &&
            str_eq_c(g->definition.item[d].name, i->name))
            return &g->definition.item[d];
    return NULL;
}

void kind_gather_settle(struct kind_gather *g)
{
    for (size_t k = KIND_OWN; k < kind_count(); k++) {
        const struct kind_info *i = kind_info((enum kind)k);
        const struct kind_definition *d = i->is_guessed ? definition_of(g, i) : NULL;
        if (d)
            kind_settle((enum kind)k, d->resource, d->scope);
    }
}

/* ---- what is lacking */

static bool is_known(const struct kind_gather *g, struct str group, struct str resource)
{
    for (size_t i = 0; i < COUNT_OF(served); i++)
        if (is_or_any(group, str_from_c(served[i].group)) && str_eq_c(resource, served[i].resource))
            return true;
    for (size_t i = 0; i < g->definition.count; i++)
        if (is_or_any(group, g->definition.item[i].group) &&
            str_eq(resource, g->definition.item[i].resource))
            return true;
    return false;
}

static bool find_left(const struct kind_gather *g, struct str group, struct str resource,
                      struct arena *a, struct str *why)
{
    for (size_t i = 0; i < g->left.count; i++) {
        struct str of, kind;
        if (!str_cut(g->left.item[i], '/', &of, &kind)) {
            of = (struct str){ 0 };
            kind = g->left.item[i];
        }
        bool is_secret = !of.n && str_eq_c(kind, "Secret");
        if (!is_or_any(group, of) || (is_secret && !is_or_any(resource, STR("secrets"))))
            continue;
        *why = is_secret ? STR("secrets")
                         : str_printf(a,
                                      "%.*s (its name is none, or it is one more than %u kinds "
                                      "that the table lacks)",
                                      STR_ARG(g->left.item[i]), KIND_GATHERED_MAX);
        return true;
    }
    return false;
}

void kind_gather_hide(struct kind_gather *g, struct str name, struct str where)
{
    for (size_t i = 0; i < g->hidden.count; i++)
        if (str_eq(g->hidden.item[i].name, name))
            return;
    *VEC_PUSH(&g->hidden, g->arena) =
        (struct kind_hidden){ str_dup(g->arena, name), str_dup(g->arena, where) };
}

/* Whether objects of a kind of that name may be what the resource is for. */
static bool may_be_of(const struct kind_gather *g, struct str name, struct str group,
                      struct str resource)
{
    bool is_told = false;
    for (size_t i = 0; i < COUNT_OF(served); i++) {
        if (!str_eq_c(name, served[i].name))
            continue;
        is_told = true;
        if (is_or_any(group, str_from_c(served[i].group)) &&
            is_or_any(resource, str_from_c(served[i].resource)))
            return true;
    }
    for (size_t i = 0; i < g->definition.count; i++) {
        const struct kind_definition *d = &g->definition.item[i];
        if (!str_eq(name, d->name))
            continue;
        is_told = true;
        if (is_or_any(group, d->group) && is_or_any(resource, d->resource))
            return true;
    }
    return !name.n || (!is_told && !is_known(g, group, resource));
}

static bool find_hidden(const struct kind_gather *g, struct str group, struct str resource,
                        struct arena *a, struct str *why)
{
    for (size_t i = 0; i < g->hidden.count; i++) {
        if (!may_be_of(g, g->hidden.item[i].name, group, resource))
            continue;
        *why = str_printf(a, "%.*s%s%.*s (some may stand in what cannot be read: %.*s)",
                          STR_ARG(group), group.n ? "/" : "", STR_ARG(resource),
                          STR_ARG(g->hidden.item[i].where));
        return true;
    }
    return false;
}

bool kind_gather_lacks(const struct kind_gather *g, struct str group, struct str resource,
                       struct arena *a, struct str *why)
{
    if (find_left(g, group, resource, a, why))
        return true;
    if (find_hidden(g, group, resource, a, why))
        return true;
    if (str_eq_c(resource, "*") || (!group.n && str_eq_c(resource, "secrets")) ||
        is_known(g, group, resource))
        return false;
    for (size_t k = KIND_OWN; k < kind_count(); k++) {
        const struct kind_info *i = kind_info((enum kind)k);
        if (!i->is_guessed || !is_or_any(group, str_from_c(i->group)))
            continue;
        *why = str_printf(a,
                          "%s%s%.*s (which may be the files' %s: no file has its "
                          "CustomResourceDefinition, which says so)",
                          i->group, i->group[0] ? "/" : "", STR_ARG(resource), i->name);
        return true;
    }
    return false;
}
