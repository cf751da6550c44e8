/* Whose an object is: owners that exist, of the uid that is named, and that select it; and whose a
 * mirror pod is. */
#include "cluster/owner.h"

#include "base/buf.h"
#include "cluster/selector.h"
#include "cluster/workload.h"

/* A chain is two long in practice; the bound ends a loop that hostile references make. */
#define CHAIN_MAX 8

struct row_key {
    const struct cluster *cluster;
    struct object_ref ref;
};

static struct str group_of(struct object_ref r)
{
    struct str group, version;
    return str_cut(r.api_version, '/', &group, &version) ? group : (struct str){ 0 };
}

/* Of the same API group, whatever the version. */
static bool is_row_of(const void *key, uint32_t row)
{
    const struct row_key *k = key;
    struct object_ref r = k->cluster->owner.item[row - 1].ref;
    return str_eq(r.name, k->ref.name) && str_eq(r.ns, k->ref.ns) && str_eq(r.kind, k->ref.kind) &&
           str_eq(group_of(r), group_of(k->ref));
}

static uint64_t hash_of(struct object_ref r)
{
    return str_hash(r.name, str_hash(r.ns, str_hash(r.kind, str_hash_seed())));
}

static uint32_t find_row(const struct cluster *c, struct object_ref r)
{
    return index_find(&c->owner_by_ref, hash_of(r), is_row_of, &(struct row_key){ c, r });
}

uint32_t cluster_owner_index(struct cluster *c, struct object_ref r)
{
    uint32_t known = find_row(c, r);
    if (known)
        return known;
    *VEC_PUSH(&c->owner, c->arena) =
        (struct owner_row){ .ref = {
                                .api_version = cluster_intern(c, r.api_version),
                                .kind = cluster_intern(c, r.kind),
                                .ns = cluster_intern(c, r.ns),
                                .name = str_dup(c->arena, r.name),
                                .uid = r.uid.n ? str_dup(c->arena, r.uid) : STR(""),
                                /* files have neither */
                                .resource_version = r.resource_version.n
                                                        ? str_dup(c->arena, r.resource_version)
                                                        : STR(""),
                            } };
    index_add(&c->owner_by_ref, c->arena, hash_of(r), (uint32_t)c->owner.count);
    return (uint32_t)c->owner.count;
}

/* ---- when they go by */

#define WAVES 3u
unsigned owner_wave(enum kind kind)
{
    if (kind == KIND_PODS)
        return WAVES - 1;
    return kind == KIND_REPLICASETS || kind == KIND_JOBS || kind == KIND_REPLICATIONCONTROLLERS;
}
unsigned owner_waves(void)
{
    return WAVES;
}

/* ---- claims */

/* Which controllers own what. Anything else that a reference says is its author's word alone. */
static const struct {
    enum kind owner, owned;
} controls[] = {
    { KIND_REPLICASETS, KIND_PODS },
    { KIND_DAEMONSETS, KIND_PODS },
    { KIND_STATEFULSETS, KIND_PODS },
    { KIND_JOBS, KIND_PODS },
    { KIND_REPLICATIONCONTROLLERS, KIND_PODS },
    { KIND_DEPLOYMENTS, KIND_REPLICASETS },
    { KIND_CRONJOBS, KIND_JOBS },
};

static bool may_own(enum kind owner, struct value object)
{
    enum kind owned =
        kind_by_api(value_text_at(object, "apiVersion", NULL), value_text_at(object, "kind", NULL));
    for (size_t i = 0; i < COUNT_OF(controls); i++)
        if (controls[i].owner == owner && controls[i].owned == owned)
            return true;
    return false;
}

/* ---- selectors: there is one for each ReplicaSet, and all but a few are labels alone. Those are
 * kept as bytes, "key\0value\0" for each; others as they are. */

static bool is_packable(struct value selector)
{
    const struct value *labels = value_get(selector, STR("matchLabels")),
                       *more = value_get(selector, STR("matchExpressions"));
    if (!labels || labels->kind != VALUE_MAP || !labels->n || (more && more->kind != VALUE_NULL))
        return false;
    for (uint32_t i = 0; i < labels->n; i++) {
        const struct value_entry *e = &labels->as.map->entry[i];
        if (e->val.kind != VALUE_STRING || str_find_char(value_text(e->key), '\0', 0) != SIZE_MAX ||
            str_find_char(value_text(e->val), '\0', 0) != SIZE_MAX)
            return false;
    }
    return true;
}

static struct value kept_selector(struct cluster *c, struct value selector)
{
    struct buf packed CLEANUP(buf_release) = BUF_INIT((size_t)64 << 20);
    if (!is_packable(selector))
        return value_pool_keep(&c->pool, selector);
    const struct value *labels = value_get(selector, STR("matchLabels"));
    for (uint32_t i = 0; i < labels->n; i++) {
        buf_add(&packed, value_text(labels->as.map->entry[i].key));
        buf_add_char(&packed, '\0');
        buf_add(&packed, value_text(labels->as.map->entry[i].val));
        buf_add_char(&packed, '\0');
    }
    return packed.over ? value_pool_keep(&c->pool, selector)
                       : value_bytes(str_dup(c->arena, buf_str(&packed)));
}

static bool packed_matches(struct str packed, struct value labels)
{
    struct str key, wanted;
    while (str_next_field(&packed, '\0', &key) && str_next_field(&packed, '\0', &wanted)) {
        const struct value *has = value_get(labels, key);
        if (!has || has->kind != VALUE_STRING || !str_eq(value_text(*has), wanted))
            return false;
    }
    return true;
}

/* Only a CronJob has no selector: it knows its Jobs by their references alone. An empty one is none
 * that the API server takes. */
static bool selects(const struct owner_row *row, enum kind kind, struct value object)
{
    const struct value *labels = value_at(object, "metadata", "labels", NULL);
    if (kind == KIND_CRONJOBS)
        return true;
    struct value has = labels ? *labels : value_null();
    if (row->selector.kind == VALUE_BYTES)
        return packed_matches(value_text(row->selector), has);
    return !selector_is_everything(row->selector) && selector_matches(row->selector, has);
}

/* ---- pod templates */

/* What controllers put on the templates of what they make. */
static bool is_of_controller(struct str key)
{
    static const char *const name[] = { "pod-template-hash", "controller-uid", "job-name",
                                        "batch.kubernetes.io/controller-uid",
                                        "batch.kubernetes.io/job-name" };
    for (size_t i = 0; i < COUNT_OF(name); i++)
        if (str_eq_c(key, name[i]))
            return true;
    return false;
}

static struct value words_of(struct arena *a, struct value template, const char *which)
{
    const struct value *map = value_at(template, "metadata", which, NULL);
    struct value_builder b;
    value_builder_init(&b, a);
    for (uint32_t i = 0; map && map->kind == VALUE_MAP && i < map->n; i++)
        if (!is_of_controller(value_text(map->as.map->entry[i].key)))
            value_builder_put(&b, map->as.map->entry[i].key, map->as.map->entry[i].val);
    return value_builder_map(&b);
}

static void template_digest(enum kind kind, struct value object, uint8_t out[32])
{
    struct arena a CLEANUP(arena_release) = { 0 };
    const struct value *template = workload_template(kind, object),
                       *spec = template ? value_get(*template, STR("spec")) : NULL;
    struct value_builder b;
    value_builder_init(&b, &a);
    if (template) {
        value_builder_set(&b, "labels", words_of(&a, *template, "labels"));
        value_builder_set(&b, "annotations", words_of(&a, *template, "annotations"));
        value_builder_set(&b, "spec", spec ? *spec : value_null());
    }
    value_digest(value_builder_map(&b), out);
}

/* A ReplicaSet of no pods, as a Deployment keeps them of its former templates; a Job that has
 * ended. */
static bool makes_no_pods(enum kind kind, struct value object)
{
    const struct value *conditions = value_at(object, "status", "conditions", NULL);
    if (kind == KIND_REPLICASETS)
        return value_int_at(object, 1, "spec", "replicas", NULL) == 0;
    for (uint32_t i = 0; conditions && conditions->kind == VALUE_LIST && i < conditions->n; i++) {
        struct value c = value_item(*conditions, i);
        struct str type = value_text_at(c, "type", NULL);
        if ((str_eq_c(type, "Complete") || str_eq_c(type, "Failed")) &&
            str_eq_c(value_text_at(c, "status", NULL), "True"))
            return true;
    }
    return false;
}

static bool makes_templates(enum kind kind)
{
    return kind == KIND_DEPLOYMENTS || kind == KIND_CRONJOBS;
}

/* Whoever may write a ReplicaSet or a Job may write any owner into it: what runs is its own
 * template. */
static bool is_made_by(const struct owner_row *row, enum kind kind, struct value object)
{
    enum kind owned = kind == KIND_DEPLOYMENTS ? KIND_REPLICASETS : KIND_JOBS;
    uint8_t digest[32];
    if (!makes_templates(kind) || makes_no_pods(owned, object))
        return true;
    template_digest(owned, object, digest);
    return memcmp(digest, row->made_from, sizeof digest) == 0;
}

enum owner_claim cluster_owner(const struct cluster *c, struct value object, uint32_t *owner,
                               enum kind *kind)
{
    struct object_ref up;
    enum kind k = object_controller(object, &up) ? kind_by_api(up.api_version, up.kind) : KIND_NONE;
    *owner = 0;
    if (k == KIND_NONE || !kind_has_pod_template(k))
        return OWNER_NONE;
    if (kind)
        *kind = k;
    if (!may_own(k, object))
        return OWNER_FALSE;
    uint32_t at = find_row(c, up);
    const struct owner_row *row = at ? &c->owner.item[at - 1] : NULL;
    if (row && row->seen && str_eq(row->ref.uid, up.uid) && selects(row, k, object) &&
        is_made_by(row, k, object)) {
        *owner = at;
        return OWNER_VERIFIED;
    }
    bool whole = c->coverage[k].state == COVERAGE_COMPLETE && !c->is_open;
    return (row && row->seen) || whole ? OWNER_FALSE : OWNER_UNSEEN;
}

/* A ReplicationController's is the map of labels itself. */
static struct value selector_of(struct cluster *c, enum kind kind, struct value object)
{
    const struct value *selector = value_at(object, "spec", "selector", NULL);
    struct value_builder b;
    if (!selector || selector->kind != VALUE_MAP)
        return value_null();
    if (kind != KIND_REPLICATIONCONTROLLERS)
        return kept_selector(c, *selector);
    value_builder_init(&b, c->pool.scratch);
    value_builder_set(&b, "matchLabels", *selector);
    return kept_selector(c, value_builder_map(&b));
}

uint32_t cluster_note_owner(struct cluster *c, enum kind kind, struct value object)
{
    uint32_t parent;
    (void)cluster_owner(c, object, &parent, NULL);
    if (!kind_has_pod_template(kind))
        return parent;
    uint32_t self = cluster_owner_index(c, object_ref_of(object));
    struct owner_row *row = &c->owner.item[self - 1];
    row->seen = true;
    row->selector = selector_of(c, kind, object);
    if (makes_templates(kind))
        template_digest(kind, object, row->made_from);
    if (parent != self)
        row->parent = parent;
    return parent;
}

uint32_t cluster_top_owner(const struct cluster *c, uint32_t owner)
{
    for (int step = 0; owner && step < CHAIN_MAX; step++) {
        uint32_t up = c->owner.item[owner - 1].parent;
        if (!up)
            break;
        owner = up;
    }
    return owner;
}

/* ---- the control plane */

bool cluster_node_is_control_plane(struct value node, bool of_etcd)
{
    const struct value *labels = value_at(node, "metadata", "labels", NULL);
    return labels && (value_get(*labels, STR("node-role.kubernetes.io/control-plane")) ||
                      value_get(*labels, STR("node-role.kubernetes.io/master")) ||
                      (of_etcd && value_get(*labels, STR("node-role.kubernetes.io/etcd"))));
}

/* The uid of the Node that owns a mirror pod. */
static struct str owner_uid(struct value pod)
{
    const struct value *owners = value_at(pod, "metadata", "ownerReferences", NULL);
    for (uint32_t i = 0; owners && owners->kind == VALUE_LIST && i < owners->n; i++)
        if (str_eq_c(value_text_at(value_item(*owners, i), "kind", NULL), "Node"))
            return value_text_at(value_item(*owners, i), "uid", NULL);
    return (struct str){ 0 };
}

struct str cluster_control_plane_doubt(const struct cluster *c, struct arena *a, struct value pod,
                                       bool of_etcd)
{
    const struct coverage *nodes = &c->coverage[KIND_NODES];
    struct str name = value_text_at(pod, "spec", "nodeName", NULL);
    const struct value *node = name.n ? cluster_find(c, KIND_NODES, (struct str){ 0 }, name) : NULL;
    /* empty: of files, not of an API server */
    struct str uid = node ? value_text_at(*node, "metadata", "uid", NULL) : (struct str){ 0 };
    if (uid.n && !str_eq(owner_uid(pod), uid))
        return str_printf(a, "it is of another node %.*s than there is", STR_ARG(name));
    if (node && cluster_node_is_control_plane(*node, of_etcd))
        return (struct str){ 0 };
    if (node)
        return str_printf(
            a,
            "node %.*s is not labelled as one of the control plane "
            "(node-role.kubernetes.io/control-plane), and any node may make such a pod of its own",
            STR_ARG(name));
    if (nodes->state != COVERAGE_COMPLETE)
        return str_printf(
            a, "whether node %.*s is one of the control plane is not known: %.*s", STR_ARG(name),
            STR_ARG(nodes->reason.n ? nodes->reason : STR("nodes were not asked for in this run")));
    if (c->kept[KIND_NODES].count)
        return str_printf(a, "there is no node %.*s", STR_ARG(name));
    return (struct str){ 0 };
}
