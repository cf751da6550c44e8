/* The front door of the expression language: compile once, evaluate often. */
#include "cel/check.h"
#include "cel/eval.h"
#include "cel/fold.h"
#include "cel/lib.h"
#include "cel/parse.h"
#include "cel/resolve.h"

/* Few: the compiler zeroes them at every evaluation, and most checks have one variable. */
#define FRAME_ON_STACK 4

struct cel_program {
    const struct ast *root;
    struct str source;
    uint32_t local_count;
    const struct cel_schema *result;
    size_t variable_count;
};

bool cel_compile(struct cel_program **out, struct arena *a, struct str source, struct pos pos,
                 const struct cel_env *env, struct err *err)
{
    static const struct cel_schema any = { .kinds = K_ANY };
    struct err fault = { 0 };
    struct cel_program *p = arena_new(a, struct cel_program);
    struct ast *root;
    p->source = source;
    p->variable_count = env->variable_count;
    p->result = &any;
    if (!parse_expression(&root, a, source, &env->limits, &fault) ||
        !resolve_expression(root, a, source, env, &p->local_count, &fault) ||
        (!env->lenient &&
         !check_expression(root, a, source, env, p->local_count, &p->result, &fault))) {
        /* the place in the expression, moved to where the expression stands in its file */
        struct pos at = { pos.file, pos.line + (fault.pos.line ? fault.pos.line - 1 : 0),
                          fault.pos.line > 1
                              ? fault.pos.column
                              : pos.column + (fault.pos.column ? fault.pos.column - 1 : 0) };
        return err_set_at(err, fault.code, at, "%s", fault.text);
    }
    fold_constants(root, a);
    p->root = root;
    *out = p;
    return true;
}

static struct value run(const struct cel_program *p, struct evaluation *e)
{
    struct value few[FRAME_ON_STACK];
    e->local = p->local_count <= FRAME_ON_STACK
                   ? few
                   : arena_array(e->scratch, struct value, p->local_count);
    return eval(e, p->root);
}

/* A value that the expression built may hold one part many times over: whoever writes or keeps it
 * would walk it all. What is no part of scratch came from outside, and is as large as the input. */
static bool is_built(struct value v, const struct arena *scratch)
{
    switch (v.kind) {
    case VALUE_LIST:
        return arena_holds(scratch, v.as.item);
    case VALUE_MAP:
        return arena_holds(scratch, v.as.map);
    case VALUE_OPTIONAL:
        return arena_holds(scratch, v.as.boxed);
    default:
        return false;
    }
}

struct value cel_eval(const struct cel_program *p, struct cel_activation *act,
                      struct arena *scratch)
{
    struct evaluation e = { .act = act, .scratch = scratch };
    struct value v = run(p, &e), over;
    struct cel_call call = { .scratch = scratch,
                             .offset = p->root->offset,
                             .cost_left = &act->cost_left };
    bool selected =
        p->root->kind == AST_SELECT || p->root->kind == AST_VARIABLE || p->root->kind == AST_INDEX;
    return !selected && is_built(v, scratch) && !lib_charge_walk(&call, v, &over) ? over : v;
}

struct str cel_source(const struct cel_program *p)
{
    return p->source;
}

const struct cel_schema *cel_result(const struct cel_program *p)
{
    return p->result;
}

static void note_variables(const struct ast *n, bool *used)
{
    if (n->kind == AST_VARIABLE)
        used[n->slot] = true;
    for (uint32_t i = 0; n->kind != AST_VARIABLE && i < n->arg_count; i++)
        note_variables(n->arg[i], used);
}

void cel_used_variables(const struct cel_program *p, bool *used)
{
    note_variables(p->root, used);
}

/* ---- explain: the tree's values, outermost first */

struct explaining {
    const struct ast **node; /* in the order they were finished: innermost first */
    struct value *value;
    size_t count, cap;
    struct arena *scratch;
};

static bool worth_showing(const struct ast *n)
{
    return n->kind != AST_LITERAL && n->kind != AST_LIST;
}

/* In a macro the last value of each part is kept: evaluation stops at the element that decided. */
static void note(void *ctx, const struct ast *n, struct value v)
{
    struct explaining *x = ctx;
    if (!worth_showing(n))
        return;
    for (size_t i = 0; i < x->count; i++) {
        if (x->node[i] != n)
            continue;
        x->value[i] = v;
        return;
    }
    if (x->count == x->cap)
        return;
    x->node[x->count] = n;
    x->value[x->count++] = v;
}

size_t cel_explain(const struct cel_program *p, struct cel_activation *act, struct arena *scratch,
                   struct cel_explained *row, size_t cap)
{
    enum { NODES_MAX = 256 };
    struct explaining x = {
        .node = arena_array(scratch, const struct ast *, NODES_MAX),
        .value = arena_array(scratch, struct value, NODES_MAX),
        .cap = NODES_MAX,
        .scratch = scratch,
    };
    struct evaluation e = { .act = act, .scratch = scratch, .seen = note, .seen_ctx = &x };
    (void)run(p, &e);
    size_t shown = 0;
    for (size_t i = x.count; i-- > 0;) {
        const struct ast *n = x.node[i];
        if (shown < cap)
            row[shown] = (struct cel_explained){ n->start, n->end - n->start, x.value[i] };
        shown++;
    }
    return shown;
}
