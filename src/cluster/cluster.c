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
    map_init(&c->workload_ns, a);
    value_pool_init(&c->pool, a);
}

struct str cluster_intern(struct cluster *c, struct str text)
{
    return value_pool_text(&c->pool, text);
}

struct pods_key {
    const struct cluster *cluster;
    struct str ns, account;
};

static bool are_pods_of(const void *key, uint32_t row)
{
    const struct pods_key *k = key;
    const struct pod_group *g = &k->cluster->pods.item[row - 1];
    return str_eq(g->ns, k->ns) && str_eq(g->service_account, k->account);
}

void cluster_count_pod(struct cluster *c, struct str ns, struct str service_account,
                       enum pod_token token)
{
    struct pods_key key = { c, ns, service_account };
    uint64_t hash = str_hash(service_account, str_hash(ns, str_hash_seed()));
    uint32_t row = index_find(&c->pods_by_account, hash, are_pods_of, &key);
    if (!row) {
        *VEC_PUSH(&c->pods, c->arena) =
            (struct pod_group){ .ns = cluster_intern(c, ns),
                                .service_account = cluster_intern(c, service_account) };
        row = (uint32_t)c->pods.count;
        index_add(&c->pods_by_account, c->arena, hash, row);
    }
    c->pods.item[row - 1].pods++;
    c->pods.item[row - 1].token[token]++;
    c->pod_count++;
}

const struct value *cluster_find(const struct cluster *c, enum kind kind, struct str ns,
                                 struct str name)
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
