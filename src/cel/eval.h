/* Walks a resolved tree. Errors are values; && || ?: and the macros absorb them as CEL says. */
#ifndef KUBEVOUCH_CEL_EVAL_H
#define KUBEVOUCH_CEL_EVAL_H

#include "cel/ast.h"

struct evaluation {
    struct cel_activation *act;
    struct arena *scratch;
    struct value *local; /* the frame: one place a macro's variable */
    /* Told of each subexpression's value when it is known; NULL normally (explain sets it). */
    void (*seen)(void *ctx, const struct ast *n, struct value v);
    void *seen_ctx;
};
struct value eval(struct evaluation *e, const struct ast *n);
/* Takes units from the budget. False: it is spent, *over is the error value. Every step costs one;
 * what a step does beyond a bounded amount is charged so, memory at one unit for 64 bytes. */
bool eval_charge(struct evaluation *e, const struct ast *n, uint64_t units,
                 struct value *over) WARN_UNUSED;
/* The worse of two errors: evidence that could not be had outweighs a faulty expression. */
struct value eval_worse(struct value a, struct value b);

#endif
