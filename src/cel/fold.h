/* Constant parts of a checked tree are made once: ['a', 'b'] in a check that runs on every pod. */
#ifndef KUBEVOUCH_CEL_FOLD_H
#define KUBEVOUCH_CEL_FOLD_H

#include "cel/ast.h"

/* Turns lists of constants and empty maps into literals, in place. Nothing that can fail is
 * evaluated. */
void fold_constants(struct ast *root, struct arena *a);

#endif
