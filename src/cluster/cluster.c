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

static struct str owner_key(struct arena *a, struct object_ref r)
{
    struct str group = { 0 }, version;
    if (!str_cut(r.api_version, '/', &group, &version))
        group = (struct str){ 0 };
    return str_printf(a, "%.*s|%.*s|%.*s|%.*s", STR_ARG(group), STR_ARG(r.kind), STR_ARG(r.ns), STR_ARG(r.name));
}

uint32_t cluster_owner_index(struct cluster *c, struct object_ref r)
{
    struct arena_mark mark = arena_mark(c->arena);
    struct str key = owner_key(c->arena, r);
    void *known = map_get(&c->owner_by_key, key);
    if (known) {
        arena_reset_to(c->arena, mark);
        return (uint32_t)(uintptr_t)known;
    }
    struct owner_row *row = VEC_PUSH(&c->owner, c->arena);
    row->ref = object_ref_dup(c->arena, r);
    map_put(&c->owner_by_key, key, (void *)(uintptr_t)c->owner.count);
    return (uint32_t)c->owner.count;
}

uint32_t cluster_note_owner(struct cluster *c, enum kind kind, struct value object)
{
    struct object_ref up;
    bool has_owner = object_controller(object, &up);
    if (!kind_has_pod_template(kind))
        return has_owner ? cluster_owner_index(c, up) : 0;
    uint32_t self = cluster_owner_index(c, object_ref_of(object));
    uint32_t parent = has_owner ? cluster_owner_index(c, up) : 0;
    if (!c->owner.item[self - 1].seen) /* others named it before; now it is here with all it has */
        c->owner.item[self - 1].ref = object_ref_dup(c->arena, object_ref_of(object));
    c->owner.item[self - 1].seen = true;
    if (parent != self)
        c->owner.item[self - 1].parent = parent;
    return parent;
}

uint32_t cluster_top_owner(const struct cluster *c, uint32_t owner)
{
    /* A chain is two long in practice; the bound ends a loop that hostile references make. */
    for (int step = 0; owner && step < 8; step++) {
        uint32_t up = c->owner.item[owner - 1].parent;
        if (!up)
            break;
        owner = up;
    }
    return owner;
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
