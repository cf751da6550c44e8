/* Workloads by node, and those that can be reached from outside. */
#include "analyze/exposure/sharing.h"

#include "base/buf.h"
#include "cluster/selector.h"
#include <stdlib.h>

#define KEY_BYTES_MAX ((size_t)1 << 20)

struct sharing_space {
    struct map selector; /* name of a Service -> struct value *: what it selects */
    struct map label;    /* a label -> struct sharing_label */
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
        map_init(&space->label, s->arena);
        *at = space;
    }
    return *at;
}

static int by_key(const void *a, const void *b)
{
    return str_cmp(value_text(((const struct value_entry *)a)->key),
                   value_text(((const struct value_entry *)b)->key));
}

/* Lengths stand before texts: none can be made to look like another's. */
static void add_text(struct buf *key, struct str text)
{
    buf_addf(key, "%zu:", text.n);
    buf_add(key, text);
}

static struct sharing_class *class_of(struct sharing *s, struct str ns, struct value labels,
                                      struct str by)
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
        *c = (struct sharing_class){ .ns = str_dup(s->arena, ns),
                                     .by = str_dup(s->arena, by),
                                     .labels = value_dup(s->arena, labels) };
        (void)space_of(s, ns);
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
    struct str node = value_text_at(pod, "spec", "nodeName", NULL),
               phase = value_text_at(pod, "status", "phase", NULL),
               ns = value_text_at(pod, "metadata", "namespace", NULL);
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
    *map_at(&space_of(s, ns)->selector, value_text_at(object, "metadata", "name", NULL), NULL) =
        kept;
}

/* ---- what can be reached */

/* Pods that bear one label, of those that some public Service asks for. */
struct sharing_label {
    VEC(struct sharing_class *) klass;
};
struct asked {
    struct sharing_space *space;
    struct value selector;
};
struct marking {
    struct sharing *sharing;
    VEC(struct asked) asked;
};

static struct str label_key(struct arena *a, struct value key, struct value val)
{
    return str_printf(a, "%zu:%.*s%.*s", value_text(key).n, STR_ARG(value_text(key)),
                      STR_ARG(value_text(val)));
}

static void ask_service(struct marking *m, struct str ns, struct str name)
{
    struct sharing_space *space = map_get(&m->sharing->by_namespace, ns);
    struct value *selector = space ? map_get(&space->selector, name) : NULL;
    if (!selector)
        return;
    *VEC_PUSH(&m->asked, m->sharing->arena) = (struct asked){ space, *selector };
    map_put(&space->selector, name, NULL); /* once is enough */
}

/* "Service ns/name port 80", as exposures tell a backend. */
static void ask_backend(struct marking *m, struct str backend)
{
    struct str kind, rest, ns, name, port;
    if (!str_cut(backend, ' ', &kind, &rest) || !str_eq_c(kind, "Service"))
        return;
    (void)str_cut(rest, ' ', &rest, &port);
    if (str_cut(rest, '/', &ns, &name))
        ask_service(m, ns, name);
}

/* Label by label, who bears it: of those labels alone that are asked for. */
static void index_labels(struct marking *m, struct arena *scratch)
{
    struct sharing *s = m->sharing;
    for (size_t i = 0; i < m->asked.count; i++) {
        const struct value *labels = value_get(m->asked.item[i].selector, STR("matchLabels"));
        for (uint32_t k = 0; k < labels->n; k++) {
            void **at = map_at(
                &m->asked.item[i].space->label,
                label_key(scratch, labels->as.map->entry[k].key, labels->as.map->entry[k].val),
                NULL);
            *at = *at ? *at : arena_new(s->arena, struct sharing_label);
        }
        arena_reset(scratch);
    }
    for (size_t i = 0; i < s->klass.count; i++) {
        struct sharing_class *c = s->klass.entry[i].val;
        struct sharing_space *space = map_get(&s->by_namespace, c->ns);
        for (uint32_t k = 0; space->label.count && c->labels.kind == VALUE_MAP && k < c->labels.n;
             k++) {
            struct sharing_label *l =
                map_get(&space->label, label_key(scratch, c->labels.as.map->entry[k].key,
                                                 c->labels.as.map->entry[k].val));
            if (l)
                *VEC_PUSH(&l->klass, s->arena) = c;
        }
        arena_reset(scratch);
    }
}

/* Among those that bear the rarest of its labels. */
static void mark_asked(const struct asked *asked, struct arena *scratch)
{
    const struct value *labels = value_get(asked->selector, STR("matchLabels"));
    const struct sharing_label *rarest = NULL;
    for (uint32_t k = 0; k < labels->n; k++) {
        const struct sharing_label *l =
            map_get(&asked->space->label,
                    label_key(scratch, labels->as.map->entry[k].key, labels->as.map->entry[k].val));
        rarest = !rarest || l->klass.count < rarest->klass.count ? l : rarest;
    }
    for (size_t i = 0; i < rarest->klass.count; i++)
        rarest->klass.item[i]->is_public =
            rarest->klass.item[i]->is_public ||
            selector_matches(asked->selector, rarest->klass.item[i]->labels);
    arena_reset(scratch);
}

void sharing_mark(struct sharing *s, const struct exposures *x)
{
    struct arena scratch CLEANUP(arena_release) = { 0 };
    struct marking m = { .sharing = s };
    for (size_t i = 0; i < x->way.count; i++) {
        const struct exposure *e = x->way.item[i];
        struct value internet = exposure_internet(x, e);
        if (internet.kind == VALUE_BOOL && !internet.as.b)
            continue;
        if (strcmp(e->kind, "Service") == 0)
            ask_service(&m, e->ns, e->name);
        for (uint32_t k = 0; k < e->backends.n; k++)
            ask_backend(&m, value_text(value_item(e->backends, k)));
    }
    index_labels(&m, &scratch);
    for (size_t i = 0; i < m.asked.count; i++)
        mark_asked(&m.asked.item[i], &scratch);
}
