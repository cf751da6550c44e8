/* What an API server serves: groups, versions, resources. */
#include "kube/discover.h"

#include "base/map.h"

#define AGGREGATED \
    "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json"
/* Answers that a hostile or broken server may not make us ask beyond. */
#define GROUP_VERSIONS_MAX 1000
#define RESOURCES_MAX      20000

struct reading {
    struct discovery *out;
    struct arena *arena;
    struct client *client;
    uint32_t asked;   /* group versions, of the fallback */
    struct map known; /* "group/resource": a version serves it already */
    struct err err;   /* the first that discovery_read returns */
};

static struct discovery_gap *add_gap(struct reading *r, struct str group, struct str version,
                                     const char *reason)
{
    struct discovery_gap *gap = VEC_PUSH(&r->out->gap, r->arena);
    *gap = (struct discovery_gap){ .group = group,
                                   .version = version,
                                   .reason = str_dup(r->arena, str_from_c(reason)) };
    return gap;
}

/* What another kind of document says is no answer, however alike it looks. */
static bool is_of_kind(struct value doc, const char *kind, struct err *err)
{
    return str_eq_c(value_text_at(doc, "kind", NULL), kind) ||
           err_set(err, ERR_INPUT, "the answer is not a %s", kind);
}

static bool get_json(struct reading *r, struct str path, const char *accept, struct value *out,
                     struct err *err)
{
    struct reply reply = { 0 };
    struct json_limits limits = { .depth = r->client->limits.json_depth };
    if (!client_get(r->client, path, str_from_c(accept), &reply, err))
        return false;
    if (!json_read(out, r->arena, reply.body, &limits, NULL, 0, err))
        return err_prefix(err, "GET %.*s", STR_ARG(path));
    return out->kind == VALUE_MAP ||
           err_set(err, ERR_INPUT, "GET %.*s: not a JSON object", STR_ARG(path));
}

/* The list under key; an absent or null one is empty, anything else is false. */
static bool get_list(struct value v, const char *key, struct value *out)
{
    const struct value *list = value_get(v, str_from_c(key));
    *out = list && list->kind == VALUE_LIST ? *list : value_list(NULL, 0);
    return !list || list->kind == VALUE_LIST || list->kind == VALUE_NULL;
}

static void set_verbs(struct reading *r, struct discovery_resource *to, struct value verbs)
{
    to->verb = arena_array(r->arena, struct str, verbs.n);
    for (size_t i = 0; i < verbs.n; i++)
        if (value_text(value_item(verbs, i)).n)
            to->verb[to->verb_count++] = value_text(value_item(verbs, i));
}

/* One resource; false when it is not one. */
static bool add_resource(struct reading *r, struct discovery_resource row, struct value verbs)
{
    if (row.resource.n == 0 || r->out->resource.count >= RESOURCES_MAX)
        return false;
    struct str key = str_printf(r->arena, "%.*s/%.*s", STR_ARG(row.group), STR_ARG(row.resource));
    (void)map_at(&r->known, key, &row.preferred);
    set_verbs(r, &row, verbs);
    *VEC_PUSH(&r->out->resource, r->arena) = row;
    return true;
}

/* ---- aggregated: APIGroupDiscoveryList ---- */

/* versions[]: {version, freshness, resources[]: {resource, responseKind{kind}, scope, verbs[]}} */
static bool read_version(struct reading *r, struct str group, struct value v)
{
    struct value resources, verbs;
    struct str version = value_text_at(v, "version", NULL);
    bool whole = version.n > 0 && get_list(v, "resources", &resources);
    if (str_eq_c(value_text_at(v, "freshness", NULL), "Stale"))
        add_gap(r, group, version,
                "its API server is unavailable; the list of its resources is an old copy")
            ->stale = true;
    for (size_t i = 0; whole && i < resources.n; i++) {
        struct value one = value_item(resources, i);
        struct discovery_resource row = {
            .group = group,
            .version = version,
            .resource = value_text_at(one, "resource", NULL),
            .kind = value_text_at(one, "responseKind", "kind", NULL),
            .namespaced = str_eq_c(value_text_at(one, "scope", NULL), "Namespaced"),
        };
        whole = get_list(one, "verbs", &verbs) && add_resource(r, row, verbs);
    }
    if (!whole)
        add_gap(r, group, version, "its entry in the discovery document is malformed");
    return whole;
}

static bool read_aggregated(struct reading *r, struct value doc, struct err *err)
{
    struct value items, versions;
    if (!get_list(doc, "items", &items) || !value_get(doc, STR("items")))
        return err_set(err, ERR_INPUT, "the aggregated discovery document has no list of groups");
    r->out->aggregated = true;
    for (size_t i = 0; i < items.n; i++) {
        struct value item = value_item(items, i);
        struct str group = value_text_at(item, "metadata", "name", NULL);
        if (!get_list(item, "versions", &versions)) {
            add_gap(r, group, (struct str){ 0 },
                    "its entry in the discovery document is malformed");
            continue;
        }
        for (size_t k = 0; k < versions.n; k++)
            (void)read_version(r, group, value_item(versions, k));
    }
    return true;
}

/* ---- fallback: APIVersions, APIGroupList, APIResourceList ---- */

static bool read_resource_list(struct reading *r, struct str group, struct str version,
                               struct err *err)
{
    struct value doc, resources, verbs;
    struct str path =
        group.n ? str_printf(r->arena, "/apis/%.*s/%.*s", STR_ARG(group), STR_ARG(version))
                : str_printf(r->arena, "/api/%.*s", STR_ARG(version));
    if (r->asked++ >= GROUP_VERSIONS_MAX)
        return err_set(err, ERR_LIMIT, "more than %d group versions", GROUP_VERSIONS_MAX);
    if (!get_json(r, path, "application/json", &doc, err))
        return false;
    if (!is_of_kind(doc, "APIResourceList", err))
        return err_prefix(err, "GET %.*s", STR_ARG(path));
    if (!get_list(doc, "resources", &resources) || !value_get(doc, STR("resources")))
        return err_set(err, ERR_INPUT, "GET %.*s: no list of resources", STR_ARG(path));
    for (size_t i = 0; i < resources.n; i++) {
        struct value one = value_item(resources, i);
        struct str name = value_text_at(one, "name", NULL);
        if (str_find_char(name, '/', 0) != SIZE_MAX)
            continue;
        struct discovery_resource row = {
            .group = group,
            .version = version,
            .resource = name,
            .kind = value_text_at(one, "kind", NULL),
            .namespaced = value_bool_at(one, false, "namespaced", NULL),
        };
        if (!get_list(one, "verbs", &verbs) || !add_resource(r, row, verbs))
            return err_set(err, ERR_INPUT, "GET %.*s: a malformed resource", STR_ARG(path));
    }
    return true;
}

static void read_group_version(struct reading *r, struct str group, struct str version)
{
    struct err err = { 0 };
    if (!read_resource_list(r, group, version, &err))
        add_gap(r, group, version, err.text);
}

/* {"kind":"APIVersions","versions":["v1"]} */
static bool read_core(struct reading *r, struct value doc, struct err *err)
{
    struct value versions;
    if (!is_of_kind(doc, "APIVersions", err))
        return err_prefix(err, "GET /api");
    if (!get_list(doc, "versions", &versions) || versions.n == 0)
        return err_set(err, ERR_INPUT, "GET /api: no list of versions");
    for (size_t i = 0; i < versions.n; i++)
        read_group_version(r, (struct str){ 0 }, value_text(value_item(versions, i)));
    return true;
}

/* groups[]: {name, versions[]: {version}, preferredVersion{version}}; the preferred one is read
 * first. */
static bool read_groups(struct reading *r, struct value doc, struct err *err)
{
    struct value groups, versions;
    if (!is_of_kind(doc, "APIGroupList", err))
        return err_prefix(err, "GET /apis");
    if (!get_list(doc, "groups", &groups) || !value_get(doc, STR("groups")))
        return err_set(err, ERR_INPUT, "GET /apis: no list of groups");
    for (size_t i = 0; i < groups.n; i++) {
        struct value group = value_item(groups, i);
        struct str name = value_text_at(group, "name", NULL);
        struct str preferred = value_text_at(group, "preferredVersion", "version", NULL);
        if (name.n == 0 || !get_list(group, "versions", &versions)) {
            add_gap(r, name, (struct str){ 0 }, "its entry in /apis is malformed")->all_groups =
                name.n == 0;
            continue;
        }
        if (preferred.n)
            read_group_version(r, name, preferred);
        for (size_t k = 0; k < versions.n; k++) {
            struct str version = value_text_at(value_item(versions, k), "version", NULL);
            if (!str_eq(version, preferred))
                read_group_version(r, name, version);
        }
    }
    return true;
}

/* ---- both ---- */

/* /api or /apis, in whichever form the server answers. */
static void read_root(struct reading *r, struct str path, bool is_core,
                      bool (*fallback)(struct reading *r, struct value doc, struct err *err))
{
    struct err err = { 0 };
    struct value doc;
    bool ok = get_json(r, path, AGGREGATED, &doc, &err);
    if (!ok && err.code == ERR_SERVER) {
        /* 406, or a type of its own: a server that does not take the question. */
        err_clear(&err);
        ok = get_json(r, path, "application/json", &doc, &err);
    }
    if (ok && str_eq_c(value_text_at(doc, "kind", NULL), "APIGroupDiscoveryList"))
        ok = read_aggregated(r, doc, &err);
    else if (ok)
        ok = fallback(r, doc, &err);
    if (ok)
        return;
    add_gap(r, (struct str){ 0 }, (struct str){ 0 }, err.text)->all_groups = !is_core;
    if (r->err.code == ERR_NONE)
        r->err = err;
}

bool discovery_read(struct discovery *out, struct arena *a, struct client *c, struct err *err)
{
    struct reading r = { .out = out, .arena = a, .client = c };
    *out = (struct discovery){ 0 };
    map_init(&r.known, a);
    read_root(&r, STR("/api"), true, read_core);
    read_root(&r, STR("/apis"), false, read_groups);
    if (r.err.code != ERR_NONE && err->code == ERR_NONE)
        *err = r.err;
    return r.err.code == ERR_NONE;
}

const struct discovery_resource *discovery_row(const struct discovery *d, struct str group,
                                               struct str resource)
{
    for (size_t i = 0; i < d->resource.count; i++) {
        const struct discovery_resource *row = &d->resource.item[i];
        if (row->preferred && str_eq(row->group, group) && str_eq(row->resource, resource))
            return row;
    }
    return NULL;
}

bool discovery_serves(const struct discovery *d, struct str group, struct str resource,
                      struct str version)
{
    for (size_t i = 0; i < d->resource.count; i++) {
        const struct discovery_resource *row = &d->resource.item[i];
        if (str_eq(row->version, version) && str_eq(row->group, group) &&
            str_eq(row->resource, resource))
            return true;
    }
    return false;
}

bool discovery_can(const struct discovery_resource *r, const char *verb)
{
    for (size_t i = 0; i < r->verb_count; i++)
        if (str_eq_c(r->verb[i], verb))
            return true;
    return false;
}

static bool gap_covers(const struct discovery_gap *gap, struct str group)
{
    return gap->all_groups ? group.n > 0 : str_eq(gap->group, group);
}

enum discovery_answer discovery_find(const struct discovery *d, struct str group,
                                     struct str resource, struct str *version)
{
    const struct discovery_resource *row = discovery_row(d, group, resource);
    if (row) {
        if (version)
            *version = row->version;
        return DISCOVERY_SERVED;
    }
    for (size_t i = 0; i < d->gap.count; i++)
        if (gap_covers(&d->gap.item[i], group))
            return DISCOVERY_UNKNOWN;
    /* A server that names no core resource at all has told nothing. */
    return d->resource.count == 0 ? DISCOVERY_UNKNOWN : DISCOVERY_NOT_SERVED;
}

void discovery_stale_groups(const struct discovery *d, struct arena *a, struct str **text,
                            size_t *count)
{
    *text = arena_array(a, struct str, d->gap.count);
    *count = d->gap.count;
    for (size_t i = 0; i < d->gap.count; i++) {
        const struct discovery_gap *g = &d->gap.item[i];
        struct str name = g->all_groups ? STR("all groups") : g->group.n ? g->group : STR("core");
        (*text)[i] = str_printf(a, "%.*s%s%.*s: %.*s", STR_ARG(name), g->version.n ? "/" : "",
                                STR_ARG(g->version), STR_ARG(g->reason));
    }
}
