/* What is kept of a cluster after its objects have gone by. */
#include "cluster/cluster.h"

static const struct {
    const char *path, *what, *remedy;
} endpoint_row[ENDPOINT_COUNT] = {
#define ENDPOINT(e, path, what, remedy) [ENDPOINT_##e] = { path, what, remedy },
#include "cluster/endpoint.def"
#undef ENDPOINT
};

const char *endpoint_path(enum endpoint e)
{
    return endpoint_row[e].path;
}
const char *endpoint_what(enum endpoint e)
{
    return endpoint_row[e].what;
}
const char *endpoint_remedy(enum endpoint e)
{
    return endpoint_row[e].remedy;
}

void cluster_init(struct cluster *c, struct arena *a)
{
    *c = (struct cluster){ .arena = a, .minor = -1 };
    map_init(&c->owner_by_key, a);
    map_init(&c->interned, a);
}

struct str cluster_intern(struct cluster *c, struct str text)
{
    bool created;
    void **at = map_at(&c->interned, text, &created);
    if (created) {
        struct str *copy = arena_new(c->arena, struct str);
        *copy = str_dup(c->arena, text);
        *at = copy;
    }
    return *(struct str *)*at;
}

const struct value *cluster_find(const struct cluster *c, enum kind kind, struct str ns, struct str name)
{
    for (size_t i = 0; i < c->kept[kind].count; i++) {
        const struct value *o = &c->kept[kind].item[i];
        if (str_eq(value_text_at(*o, "metadata", "name", NULL), name) &&
            str_eq(value_text_at(*o, "metadata", "namespace", NULL), ns))
            return o;
    }
    return NULL;
}

enum kind cluster_first_gap(const struct cluster *c, struct kind_set set)
{
    for (size_t k = 0; k < KIND_COUNT; k++) {
        if (!kind_set_has(set, (enum kind)k))
            continue;
        enum coverage_state s = c->coverage[k].state;
        if (s != COVERAGE_COMPLETE && !(s == COVERAGE_NOT_SERVED && !kind_info((enum kind)k)->core))
            return (enum kind)k;
    }
    return KIND_NONE;
}

bool cluster_is_openshift(const struct cluster *c)
{
    return c->api_groups.kind == VALUE_MAP && value_get(c->api_groups, STR("config.openshift.io"));
}
