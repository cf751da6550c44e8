/* Workloads by node, and those that can be reached from outside. */
#include "analyze/exposure/sharing.h"

#include "base/buf.h"
#include "cluster/selector.h"
#include <stdlib.h>

#define KEY_BYTES_MAX ((size_t)1 << 20)

struct sharing_space {
    VEC(struct sharing_class *) klass;
    struct map selector; /* name of a Service -> struct value *: what it selects */
};

void sharing_init(struct sharing *s, struct arena *a)
{
    s->arena = a;
    map_init(&s->klass, a);
    map_init(&s->node_index, a);
    map_init(&s->by_namespace, a);
}

static struct sharing_space *space_of(struct sharing *s, struct str ns)
{
    bool created;
    void **at = map_at(&s->by_namespace, ns, &created);
    if (created) {
        struct sharing_space *space = arena_new(s->arena, struct sharing_space);
        map_init(&space->selector, s->arena);
        *at = space;
    }
    return *at;
}

static int by_key(const void *a, const void *b)
{
    return str_cmp(value_text(((const struct value_entry *)a)->key), value_text(((const struct value_entry *)b)->key));
}

/* Lengths stand before texts: none can be made to look like another's. */
static void add_text(struct buf *key, struct str text)
{
    buf_addf(key, "%zu:", text.n);
    buf_add(key, text);
}

static struct sharing_class *class_of(struct sharing *s, struct str ns, struct value labels, struct str by)
{
    struct arena scratch CLEANUP(arena_release) = { 0 };
    struct buf key CLEANUP(buf_release) = BUF_INIT(KEY_BYTES_MAX);
    uint32_t count = labels.kind == VALUE_MAP ? labels.n : 0;
    struct value_entry *sorted = arena_array(&scratch, struct value_entry, count);
    bool created;
    for (uint32_t i = 0; i < count; i++)
        sorted[i] = labels.as.map->entry[i];
    if (count)
        qsort(sorted, count, sizeof *sorted, by_key);
    add_text(&key, ns);
    for (uint32_t i = 0; i < count; i++) {
        add_text(&key, value_text(sorted[i].key));
        add_text(&key, value_text(sorted[i].val));
    }
    void **at = map_at(&s->klass, buf_str(&key), &created);
    if (created) {
        struct sharing_class *c = arena_new(s->arena, struct sharing_class);
        *c = (struct sharing_class){ .ns = str_dup(s->arena, ns), .by = str_dup(s->arena, by), .labels = value_dup(s->arena, labels) };
        *VEC_PUSH(&space_of(s, ns)->klass, s->arena) = c;
        *at = c;
    }
    return *at;
}

static uint32_t node_of(struct sharing *s, struct str name)
{
    bool created;
    void **at = map_at(&s->node_index, name, &created);
    if (created) {
        *VEC_PUSH(&s->node, s->arena) = str_dup(s->arena, name);
        *at = (void *)(uintptr_t)s->node.count;
    }
    return (uint32_t)(uintptr_t)*at - 1;
}

void sharing_add_pod(struct sharing *s, struct value pod, struct str by)
{
    struct str node = value_text_at(pod, "spec", "nodeName", NULL), phase = value_text_at(pod, "status", "phase", NULL), ns = value_text_at(pod, "metadata", "namespace", NULL);
    const struct value *labels = value_at(pod, "metadata", "labels", NULL);
    if (!node.n || str_eq_c(phase, "Succeeded") || str_eq_c(phase, "Failed"))
        return;
    struct sharing_class *c = class_of(s, ns, labels ? *labels : value_null(), by);
    uint32_t index = node_of(s, node);
    for (size_t i = 0; i < c->node.count; i++)
        if (c->node.item[i] == index)
            return;
    *VEC_PUSH(&c->node, s->arena) = index;
}

void sharing_add_service(struct sharing *s, struct value object)
{
    const struct value *selector = value_at(object, "spec", "selector", NULL);
    struct str ns = value_text_at(object, "metadata", "namespace", NULL);
    if (!selector || selector->kind != VALUE_MAP || !selector->n)
        return; /* its endpoints are written by somebody else */
    struct value_builder b;
    value_builder_init(&b, s->arena);
    value_builder_set(&b, "matchLabels", value_dup(s->arena, *selector));
    struct value *kept = arena_new(s->arena, struct value);
    *kept = value_builder_map(&b);
    *map_at(&space_of(s, ns)->selector, value_text_at(object, "metadata", "name", NULL), NULL) = kept;
}

static void mark_service(struct sharing *s, struct str ns, struct str name)
{
    struct sharing_space *space = map_get(&s->by_namespace, ns);
    struct value *selector = space ? map_get(&space->selector, name) : NULL;
    for (size_t k = 0; selector && k < space->klass.count; k++)
        space->klass.item[k]->is_public |= selector_matches(*selector, space->klass.item[k]->labels);
    if (selector)
        map_put(&space->selector, name, NULL); /* once is enough */
}

/* "Service ns/name port 80", as exposures tell a backend. */
static void mark_backend(struct sharing *s, struct str backend)
{
    struct str kind, rest, ns, name, port;
    if (!str_cut(backend, ' ', &kind, &rest) || !str_eq_c(kind, "Service"))
        return;
    (void)str_cut(rest, ' ', &rest, &port);
    if (str_cut(rest, '/', &ns, &name))
        mark_service(s, ns, name);
}

void sharing_mark(struct sharing *s, const struct exposures *x)
{
    for (size_t i = 0; i < x->way.count; i++) {
        const struct exposure *e = x->way.item[i];
        struct value internet = exposure_internet(x, e);
        if (internet.kind == VALUE_BOOL && !internet.as.b)
            continue;
        if (strcmp(e->kind, "Service") == 0)
            mark_service(s, e->ns, e->name);
        for (uint32_t k = 0; k < e->backends.n; k++)
            mark_backend(s, value_text(value_item(e->backends, k)));
    }
}
