/* Walks a resolved tree. Errors are values; && || ?: and the macros absorb them as CEL says. */
#ifndef KUBEVOUCH_CEL_EVAL_H
#define KUBEVOUCH_CEL_EVAL_H

#include "cel/ast.h"

struct evaluation {
    struct cel_activation *act;
    struct arena *scratch;
    struct value *local;    /* the frame: one place a macro's variable */
    uint32_t depth_left;
    /* Told of each subexpression's value when it is known; NULL normally (explain sets it). */
    void (*seen)(void *ctx, const struct ast *n, struct value v);
    void *seen_ctx;
};
struct value eval(struct evaluation *e, const struct ast *n);
/* The worse of two errors: evidence that could not be had outweighs a faulty expression. */
struct value eval_worse(struct value a, struct value b);

#endif
