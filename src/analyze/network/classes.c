/* Pods in classes that no policy tells apart, so that what is asked of every pod is asked once a
 * class. */
#include "analyze/network/network.h"

#include "base/buf.h"

#define KEY_BYTES_MAX ((size_t)1 << 20)

static int by_label(const void *a, const void *b)
{
    return str_cmp(value_text(((const struct value_entry *)a)->key),
                   value_text(((const struct value_entry *)b)->key));
}

/* The labels that some selector asks for, in order. */
static struct value labels_that_matter(struct network *n, struct arena *a, struct value labels)
{
    size_t count = 0;
    struct value_entry *kept =
        arena_array(a, struct value_entry, labels.kind == VALUE_MAP ? labels.n : 0);
    for (uint32_t i = 0; labels.kind == VALUE_MAP && i < labels.n; i++)
        if (map_has(&n->label_keys, value_text(labels.as.map->entry[i].key)))
            kept[count++] = labels.as.map->entry[i];
    if (count)
        qsort(kept, count, sizeof *kept, by_label);
    return value_map(a, kept, count);
}

/* Lengths stand before texts: none can be made to look like another's. */
static void add_text(struct buf *key, struct str s)
{
    buf_addf(key, "%zu:", s.n);
    buf_add(key, s);
}

static void make_key(struct buf *key, const struct network *n, const struct net_end *e)
{
    for (size_t i = 0; n->names_addresses && i < e->ip_count; i++)
        buf_addf(key, "%zu,", network_interval_of(n, &e->ip[i]));
    add_text(key, e->ns);
    buf_add_char(key, e->host_network ? 'h' : 'p');
    for (uint32_t i = 0; i < e->labels.n; i++) {
        add_text(key, value_text(e->labels.as.map->entry[i].key));
        add_text(key, value_text(e->labels.as.map->entry[i].val));
    }
    for (uint32_t i = 0; e->ports.kind == VALUE_LIST && i < e->ports.n; i++) {
        struct value port = value_item(e->ports, i);
        add_text(key, value_text_at(port, "name", NULL));
        add_text(key, value_text_at(port, "protocol", NULL));
        buf_addf(key, "%lld;", (long long)value_int_at(port, 0, "port", NULL));
    }
}

/* What decides for a class: its namespace's groups and the wide policies that select it. */
static struct str signature(struct buf *key, const struct net_class *c,
                            const struct net_selecting *s)
{
    buf_reset(key);
    if (s->group.count)
        add_text(key, c->end.ns);
    for (size_t i = 0; i < s->group.count; i++)
        buf_add(key, str_of((const char *)&s->group.item[i], sizeof(uint32_t)));
    buf_add_char(key, '|');
    for (size_t i = 0; i < s->wide.count; i++)
        buf_add(key, str_of((const char *)&s->wide.item[i], sizeof(uint32_t)));
    return buf_str(key);
}

void network_judge_classes(struct network *n)
{
    struct arena scratch CLEANUP(arena_release) = { 0 }, keys CLEANUP(arena_release) = { 0 };
    struct buf key CLEANUP(buf_release) = BUF_INIT((size_t)64 << 20);
    struct map known;
    map_init(&known, &keys);
    for (size_t i = 0; i < n->klass.count; i++) {
        struct net_class *c = &n->klass.item[i];
        struct net_selecting s;
        arena_reset(&scratch);
        network_select(n, &c->end, &scratch, &s);
        void **at = map_at(&known, signature(&key, c, &s), NULL);
        if (!*at) {
            struct net_openness *way = arena_array(n->arena, struct net_openness, NET_DIRECTIONS);
            network_expand(n, c->end.ns, &scratch, &s);
            for (size_t d = 0; d < NET_DIRECTIONS; d++)
                network_openness(n, &s, (enum net_direction)d, &scratch, &way[d]);
            *at = way;
        }
        c->way = *at;
    }
}

/* What of a pod is the same for all of its class, made in a. */
static struct net_end end_of_class(struct network *n, struct arena *a, struct value pod)
{
    struct net_end e = net_end_of_pod(a, pod);
    e.labels = labels_that_matter(n, a, e.labels);
    if (!n->names_ports)
        e.ports = value_null();
    return e;
}

size_t network_class_of(struct network *n, struct value pod)
{
    struct arena scratch CLEANUP(arena_release) = { 0 };
    struct buf key CLEANUP(buf_release) = BUF_INIT(KEY_BYTES_MAX);
    struct net_end e = end_of_class(n, &scratch, pod);
    make_key(&key, n, &e);
    return (size_t)(uintptr_t)map_get(&n->class_by_key, buf_str(&key)) - 1;
}

void network_add_pod(struct network *n, struct value pod, const char *of)
{
    struct arena scratch CLEANUP(arena_release) = { 0 };
    struct buf key CLEANUP(buf_release) = BUF_INIT(KEY_BYTES_MAX);
    struct net_end e = end_of_class(n, &scratch, pod);
    make_key(&key, n, &e);
    void **at = map_at(&n->class_by_key, buf_str(&key), NULL);
    if (!*at) {
        struct net_class *made = VEC_PUSH(&n->klass, n->arena);
        struct str name = value_text_at(pod, "metadata", "name", NULL);
        made->end = e;
        made->end.ns = network_space(n, e.ns)->name;
        made->end.labels = value_pool_keep(&n->pool, e.labels);
        made->end.ports = value_pool_keep(&n->pool, e.ports);
        made->example =
            of ? str_printf(n->arena, "%s %.*s", of, STR_ARG(name)) : str_dup(n->arena, name);
        *at = (void *)(uintptr_t)n->klass.count;
    }
    struct net_class *c = &n->klass.item[(uintptr_t)*at - 1];
    if (!of && !c->pods)
        c->example = str_dup(n->arena, value_text_at(pod, "metadata", "name", NULL));
    c->pods += !of;
    c->workloads += of != NULL;
}
