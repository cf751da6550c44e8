/* The comprehensions: all, exists, exists_one, map, filter and their two-variable forms. */
#ifndef KUBEVOUCH_CEL_EVAL_MACRO_H
#define KUBEVOUCH_CEL_EVAL_MACRO_H

#include "cel/eval.h"

struct value eval_macro(struct evaluation *e, const struct ast *n);

#endif
