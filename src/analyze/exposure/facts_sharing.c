/* Nodes with those of their workloads that can be reached from outside and those that cannot, as
 * rows. */
#include "analyze/facts_state.h"

#include <stdlib.h>

#define NAMES_SHOWN 10u

/* What runs on one node. */
struct neighbours {
    struct str node;
    VEC(const struct sharing_class *) klass;
};

static int by_node(const void *a, const void *b)
{
    return str_cmp(((const struct neighbours *)a)->node, ((const struct neighbours *)b)->node);
}

static int by_text(const void *a, const void *b)
{
    return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

/* Their namespaces, or the first NAMES_SHOWN of who they are; sorted, each once. */
static struct value texts_of(const struct neighbours *n, bool is_public, bool namespaces,
                             struct arena *a)
{
    struct value_builder b;
    VEC(struct str) text = { 0 };
    for (size_t i = 0; i < n->klass.count; i++)
        if (n->klass.item[i]->is_public == is_public)
            *VEC_PUSH(&text, a) = namespaces ? n->klass.item[i]->ns : n->klass.item[i]->by;
    if (text.count)
        qsort(text.item, text.count, sizeof *text.item, by_text);
    value_builder_init(&b, a);
    for (size_t i = 0; i < text.count && (namespaces || b.count < NAMES_SHOWN); i++)
        if (!i || !str_eq(text.item[i - 1], text.item[i]))
            value_builder_push(&b, value_str(text.item[i]));
    return value_builder_list(&b);
}

static size_t count_of(const struct neighbours *n, bool is_public)
{
    size_t count = 0;
    for (size_t i = 0; i < n->klass.count; i++)
        count += n->klass.item[i]->is_public == is_public;
    return count;
}

void facts_make_neighbours(struct facts *f, struct facts_rows *out)
{
    struct sharing *s = f->sharing;
    size_t count = s ? s->node.count : 0;
    struct neighbours *row = arena_array(f->arena, struct neighbours, count);
    if (!s)
        return;
    sharing_mark(s, &f->exposures);
    for (size_t i = 0; i < count; i++)
        row[i].node = s->node.item[i];
    for (size_t i = 0; i < s->klass.count; i++) {
        const struct sharing_class *c = s->klass.entry[i].val;
        for (size_t k = 0; k < c->node.count; k++)
            *VEC_PUSH(&row[c->node.item[k]].klass, f->arena) = c;
    }
    if (count)
        qsort(row, count, sizeof *row, by_node);
    for (size_t i = 0; i < count; i++) {
        struct value_builder object, derived;
        value_builder_init(&object, out->arena);
        value_builder_set(&object, "kind", value_cstr("Node"));
        value_builder_set(&object, "name", value_str(row[i].node));
        value_builder_init(&derived, out->arena);
        value_builder_set(&derived, "public", texts_of(&row[i], true, false, out->arena));
        value_builder_set(&derived, "private", texts_of(&row[i], false, false, out->arena));
        value_builder_set(&derived, "publicCount", value_int((int64_t)count_of(&row[i], true)));
        value_builder_set(&derived, "privateCount", value_int((int64_t)count_of(&row[i], false)));
        value_builder_set(&derived, "privateNamespaces",
                          texts_of(&row[i], false, true, out->arena));
        facts_add_row(f, out, value_builder_map(&object), value_builder_map(&derived));
    }
}
