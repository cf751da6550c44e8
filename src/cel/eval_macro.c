/* The comprehensions: all, exists, exists_one, map, filter and their two-variable forms. */
#include "cel/eval_macro.h"

/* What a comprehension goes over. */
struct walk {
    struct value range;
    bool two; /* index and element, or key and value; else element, or key */
};

static void set_variables(struct evaluation *e, const struct ast *n, const struct walk *w,
                          uint32_t i)
{
    bool list = w->range.kind == VALUE_LIST;
    if (!w->two) {
        e->local[n->slot] = list ? w->range.as.item[i] : w->range.as.map->entry[i].key;
        return;
    }
    e->local[n->slot] = list ? value_int(i) : w->range.as.map->entry[i].key;
    e->local[n->slot2] = list ? w->range.as.item[i] : w->range.as.map->entry[i].val;
}

static struct value not_bool(struct evaluation *e, const struct ast *body, struct value v)
{
    if (value_is_error(v))
        return v;
    return value_error(e->scratch, VALUE_ERROR_EVAL, body->offset,
                       "no such overload: %s where a bool is expected",
                       value_kind_name((enum value_kind)v.kind));
}

/* all is a chain of &&, exists one of ||: a deciding element wins over errors of the others. */
static struct value eval_quantifier(struct evaluation *e, const struct ast *n, const struct walk *w,
                                    bool deciding)
{
    struct value bad = value_null();
    for (uint32_t i = 0; i < w->range.n; i++) {
        set_variables(e, n, w, i);
        struct value v = eval(e, n->arg[1]);
        if (v.kind == VALUE_BOOL && v.as.b == deciding)
            return v;
        if (v.kind != VALUE_BOOL)
            bad = eval_worse(bad, not_bool(e, n->arg[1], v));
        if (e->act->cost_left == 0)
            break;
    }
    return value_is_error(bad) ? bad : value_bool(!deciding);
}

/* Every element must give a bool. */
static struct value eval_exists_one(struct evaluation *e, const struct ast *n, const struct walk *w)
{
    uint32_t found = 0;
    for (uint32_t i = 0; i < w->range.n; i++) {
        set_variables(e, n, w, i);
        struct value v = eval(e, n->arg[1]);
        if (v.kind != VALUE_BOOL)
            return not_bool(e, n->arg[1], v);
        found += v.as.b;
    }
    return value_bool(found == 1);
}

/* 1: in, 0: out, -1: *bad. Without a filter everything is in. */
static int passes(struct evaluation *e, const struct ast *filter, struct value *bad)
{
    if (!filter)
        return 1;
    struct value v = eval(e, filter);
    if (v.kind == VALUE_BOOL)
        return v.as.b;
    *bad = not_bool(e, filter, v);
    return -1;
}

static struct value eval_to_list(struct evaluation *e, const struct ast *n, const struct walk *w)
{
    const struct ast *filter = n->macro == MACRO_FILTER ? n->arg[1]
                               : n->arg_count > 2       ? n->arg[2]
                                                        : NULL;
    struct value bad = value_null();
    size_t count = 0;
    if (!eval_charge(e, n, w->range.n / 4, &bad))
        return bad;
    struct value *item = arena_array(e->scratch, struct value, w->range.n);
    for (uint32_t i = 0; i < w->range.n; i++) {
        set_variables(e, n, w, i);
        int in = passes(e, filter, &bad);
        if (in < 0)
            return bad;
        if (!in)
            continue;
        struct value v = n->macro == MACRO_FILTER ? e->local[n->slot] : eval(e, n->arg[1]);
        if (value_is_error(v))
            return v;
        item[count++] = v;
    }
    return value_list(item, count);
}

static struct value duplicate_key(struct evaluation *e, const struct ast *n, struct value key)
{
    struct str text = cel_value_text(e->scratch, key, 80);
    return value_error(e->scratch, VALUE_ERROR_EVAL, n->offset, "the key %.*s is there twice",
                       STR_ARG(text));
}

/* Adds key and value, or every entry of a map that the body gave. */
static struct value add_entries(struct evaluation *e, const struct ast *n, struct value_builder *b,
                                struct value key, struct value v)
{
    struct value over;
    if (n->macro == MACRO_TRANSFORM_MAP) {
        value_builder_put(b, key, v);
        return value_null();
    }
    if (v.kind != VALUE_MAP)
        return value_error(e->scratch, VALUE_ERROR_EVAL, n->arg[1]->offset,
                           "transformMapEntry's expression must give a map");
    for (uint32_t k = 0; k < v.n; k++) {
        if (!eval_charge(e, n, b->count / 8 + 1, &over))
            return over;
        for (size_t i = 0; i < b->count; i++)
            if (value_equal(b->entry[i].key, v.as.map->entry[k].key))
                return duplicate_key(e, n, v.as.map->entry[k].key);
        value_builder_put(b, v.as.map->entry[k].key, v.as.map->entry[k].val);
    }
    return value_null();
}

static struct value eval_to_map(struct evaluation *e, const struct ast *n, const struct walk *w)
{
    const struct ast *filter = n->arg_count > 2 ? n->arg[2] : NULL;
    struct value_builder b;
    struct value bad = value_null();
    value_builder_init(&b, e->scratch);
    for (uint32_t i = 0; i < w->range.n; i++) {
        set_variables(e, n, w, i);
        struct value key = e->local[n->slot];
        int in = passes(e, filter, &bad);
        if (in < 0)
            return bad;
        if (!in)
            continue;
        struct value v = eval(e, n->arg[1]);
        if (value_is_error(v))
            return v;
        bad = add_entries(e, n, &b, key, v);
        if (value_is_error(bad))
            return bad;
    }
    return value_builder_map(&b);
}

struct value eval_macro(struct evaluation *e, const struct ast *n)
{
    struct walk w = { .range = eval(e, n->arg[0]), .two = (n->flags & AST_TWO_VARS) != 0 };
    if (value_is_error(w.range))
        return w.range;
    if (w.range.kind != VALUE_LIST && w.range.kind != VALUE_MAP)
        return value_error(e->scratch, VALUE_ERROR_EVAL, n->arg[0]->offset,
                           "no such overload: %s is neither a list nor a map",
                           value_kind_name((enum value_kind)w.range.kind));
    switch ((enum ast_macro)n->macro) {
    case MACRO_ALL:
        return eval_quantifier(e, n, &w, false);
    case MACRO_EXISTS:
        return eval_quantifier(e, n, &w, true);
    case MACRO_EXISTS_ONE:
        return eval_exists_one(e, n, &w);
    case MACRO_MAP:
    case MACRO_FILTER:
    case MACRO_TRANSFORM_LIST:
        return eval_to_list(e, n, &w);
    case MACRO_TRANSFORM_MAP:
    case MACRO_TRANSFORM_MAP_ENTRY:
        break;
    }
    return eval_to_map(e, n, &w);
}
