/* Constant parts of a checked tree are made once: ['a', 'b'] in a check that runs on every pod. */
#include "cel/fold.h"

static bool all_constant(const struct ast *n)
{
    for (uint32_t i = 0; i < n->arg_count; i++)
        if (n->arg[i]->kind != AST_LITERAL)
            return false;
    return !n->entry_optional;
}

static struct value constant_list(const struct ast *n, struct arena *a)
{
    struct value *item = arena_array(a, struct value, n->arg_count);
    for (uint32_t i = 0; i < n->arg_count; i++)
        item[i] = n->arg[i]->literal;
    return value_list(item, n->arg_count);
}

void fold_constants(struct ast *n, struct arena *a)
{
    for (uint32_t i = 0; i < n->arg_count; i++)
        fold_constants(n->arg[i], a);
    bool list = n->kind == AST_LIST && all_constant(n),
         no_map = n->kind == AST_MAP && n->arg_count == 0;
    if (!list && !no_map)
        return;
    n->literal = list ? constant_list(n, a) : value_map(a, NULL, 0);
    n->kind = AST_LITERAL;
    n->arg_count = 0;
}
