/* Any bytes as the facts of a node: refused with a place, or rows of the tables of nodes, each of which is a map or
 * says what is missing. The same file is given for a second node, whose name it does not bear. */
#include "analyze/facts.h"
#include "cluster/node_facts_read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct counted {
    size_t rows, unavailable;
};

static bool check_row(void *ctx, struct value object, struct value derived, struct err *err)
{
    struct counted *c = ctx;
    (void)err;
    INVARIANT(object.kind == VALUE_MAP && value_text_at(object, "name", NULL).n && value_text_at(object, "role", NULL).n);
    INVARIANT(derived.kind == VALUE_MAP || derived.kind == VALUE_ERROR);
    INVARIANT(derived.kind != VALUE_ERROR || derived.as.error->text.n);
    if (derived.kind == VALUE_MAP && value_bool_at(derived, false, "exists", NULL))
        INVARIANT(value_int_at(derived, -1, "mode", NULL) >= 0 && value_int_at(derived, -1, "mode", NULL) <= 07777 &&
                  value_int_at(derived, -1, "uid", NULL) >= 0);
    c->rows++;
    c->unavailable += derived.kind == VALUE_ERROR;
    return true;
}

static struct value node_named(struct arena *a, struct str name)
{
    struct value_builder meta, b;
    value_builder_init(&meta, a);
    value_builder_init(&b, a);
    value_builder_set(&meta, "name", value_str(name));
    value_builder_set(&b, "metadata", value_builder_map(&meta));
    return value_builder_map(&b);
}

static void check_tables(struct arena *a, const struct node_evidence *e)
{
    static const char *const table[] = { "nodefiles", "nodeprocesses" };
    struct cluster cluster;
    struct err err = { 0 };
    cluster_init(&cluster, a);
    cluster.coverage[KIND_NODES].state = COVERAGE_COMPLETE;
    cluster.now = e->node[0].collected;
    *VEC_PUSH(&cluster.kept[KIND_NODES], a) = node_named(a, e->node[0].node_name);
    *VEC_PUSH(&cluster.kept[KIND_NODES], a) = node_named(a, STR("another node"));
    struct facts *f = facts_open(a, &cluster);
    facts_give_nodes(f, e);
    facts_complete(f);
    for (size_t i = 0; i < 2; i++) {
        struct counted c = { 0 };
        INVARIANT(facts_walk(f, table_find(str_from_c(table[i])), check_row, &c, &err));
        /* the other node always lacks every role */
        INVARIANT(c.unavailable >= (i ? 1 : NODE_ROLE_COUNT) || str_eq_c(e->node[0].node_name, "another node"));
        INVARIANT(c.rows >= (i ? 1 : NODE_ROLE_COUNT));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a = { 0 };
    struct node_facts f;
    struct err err = { 0 };
    if (!node_facts_parse(&f, &a, str_of((const char *)data, size), "facts", &err)) {
        INVARIANT((err.code == ERR_INPUT || err.code == ERR_LIMIT) && err.text[0]);
        arena_release(&a);
        return 0;
    }
    for (size_t i = 0; i < f.file.count; i++) {
        INVARIANT(f.file.item[i].role >= 0 && f.file.item[i].role < NODE_ROLE_COUNT && f.file.item[i].mode <= 07777);
        INVARIANT(!f.file.item[i].policy || f.file.item[i].role == NODE_AUDIT_POLICY);
    }
    check_tables(&a, &(struct node_evidence){ .node = &f, .count = 1 });
    arena_release(&a);
    return 0;
}
