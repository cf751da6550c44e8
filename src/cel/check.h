/* Types of a resolved tree, as far as they are known without evaluating: literals, results of
 * functions (overload.def) and variables with a schema. What can only fail is an error here; what
 * may succeed is let pass. */
#ifndef KUBEVOUCH_CEL_CHECK_H
#define KUBEVOUCH_CEL_CHECK_H

#include "cel/ast.h"

/* *result: what the result may be, in the arena. err->pos is in the source. */
bool check_expression(const struct ast *root, struct arena *a, struct str source,
                      const struct cel_env *env, uint32_t local_count,
                      const struct cel_schema **result, struct err *err) WARN_UNUSED;

#endif
