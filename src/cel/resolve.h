/* Names of a tree to what they mean: variables to slots, macros' variables to places in the frame,
 * calls to their candidate overloads. What does not exist is an error here, with a suggestion. */
#ifndef KUBEVOUCH_CEL_RESOLVE_H
#define KUBEVOUCH_CEL_RESOLVE_H

#include "cel/ast.h"

/* Changes the tree in place. *local_count: how many places a frame needs. err->pos is in the
 * source. */
bool resolve_expression(struct ast *root, struct arena *a, struct str source,
                        const struct cel_env *env, uint32_t *local_count,
                        struct err *err) WARN_UNUSED;
/* The type that a name stands for ("int", "google.protobuf.Timestamp"), or null. */
struct value resolve_type_name(struct str name);

#endif
