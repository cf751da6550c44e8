/* The table of resources (kind.def) and its look-ups. */
#include "cluster/kind_own.h"

static const struct kind_info table[KIND_OWN] = {
#define ENTRY(e, g, r, n, of_scope, of_stage, to_keep, ...) \
    [KIND_##e] = { .group = g,                              \
                   .resource = r,                           \
                   .name = n,                               \
                   .scope = SCOPE_##of_scope,               \
                   .stage = STAGE_##of_stage,               \
                   .keep = KEEP_##to_keep,                  \
                   __VA_ARGS__ },
#define KIND(e, g, r, n, scope, stage, keep, is_core) \
    ENTRY(e, g, r, n, scope, stage, keep, .core = is_core, .versions = "")
#define CUSTOM(e, g, r, n, scope, understood) \
    ENTRY(e, g, r, n, scope, EARLY, WHOLE, .versions = understood)
#define CUSTOM_MANY(e, g, r, n, scope, understood) \
    ENTRY(e, g, r, n, scope, STREAM, NONE, .versions = understood)
#include "cluster/kind.def"
#undef KIND
#undef ENTRY
};

const struct kind_info *kind_info(enum kind k)
{
    INVARIANT(k < KIND_COUNT);
    return k < KIND_OWN ? &table[k] : kind_own_info(k);
}

enum kind kind_by_resource(struct str resource)
{
    for (size_t i = 0; i < KIND_COUNT; i++)
        if (str_eq_c(resource, kind_info((enum kind)i)->resource))
            return (enum kind)i;
    struct str name, group;
    return str_cut(resource, '.', &name, &group) ? kind_by_group(group, name) : KIND_NONE;
}

enum kind kind_by_group(struct str group, struct str resource)
{
    for (size_t i = 0; i < KIND_COUNT; i++)
        if (str_eq_c(resource, kind_info((enum kind)i)->resource) &&
            str_eq_c(group, kind_info((enum kind)i)->group))
            return (enum kind)i;
    return KIND_NONE;
}

bool kind_knows_version(enum kind k, struct str version)
{
    struct str rest = str_from_c(kind_info(k)->versions), known;
    bool any = !rest.n;
    while (!any && str_next_field(&rest, ' ', &known))
        any = str_eq(known, version);
    return any;
}

static const struct {
    const char *group, *kind, *now;
} former[] = {
#define FORMER_KIND(group, kind, now) { group, kind, now },
#include "cluster/former.def"
};

static const struct {
    const char *group, *kind, *what;
} unread[] = {
#define UNREAD_KIND(group, kind, what) { group, kind, what },
#include "cluster/former.def"
};

static struct str group_of(struct str api_version)
{
    struct str group, version;
    return str_cut(api_version, '/', &group, &version) ? group : (struct str){ 0 };
}

bool kind_is_former(struct str api_version, struct str kind)
{
    struct str group = group_of(api_version);
    for (size_t i = 0; i < COUNT_OF(former); i++)
        if (str_eq_c(group, former[i].group) && str_eq_c(kind, former[i].kind))
            return true;
    return false;
}

const char *kind_unread(struct str api_version, struct str kind)
{
    struct str group = group_of(api_version);
    for (size_t i = 0; i < COUNT_OF(unread); i++)
        if (str_eq_c(group, unread[i].group) && str_eq_c(kind, unread[i].kind))
            return unread[i].what;
    return NULL;
}

enum kind kind_by_api(struct str api_version, struct str kind)
{
    struct str group = group_of(api_version);
    for (size_t i = 0; i < COUNT_OF(former); i++)
        if (str_eq_c(group, former[i].group) && str_eq_c(kind, former[i].kind))
            group = str_from_c(former[i].now);
    for (size_t i = 0; i < KIND_COUNT; i++)
        if (str_eq_c(kind, kind_info((enum kind)i)->name) &&
            str_eq_c(group, kind_info((enum kind)i)->group))
            return (enum kind)i;
    return KIND_NONE;
}

struct str kind_api_of_path(struct str path)
{
    size_t from = str_has_prefix(path, STR("/apis/"))  ? 6
                  : str_has_prefix(path, STR("/api/")) ? 5
                                                       : path.n,
           to = from;
    for (int parts = from == 6 ? 2 : 1; to < path.n && path.p[to] != '?'; to++)
        if (path.p[to] == '/' && --parts == 0)
            break;
    return str_sub(path, from, to);
}

struct str kind_text(struct arena *a, enum kind k)
{
    const struct kind_info *i = kind_info(k);
    return i->group[0] ? str_printf(a, "%s/%s", i->group, i->resource) : str_from_c(i->resource);
}
