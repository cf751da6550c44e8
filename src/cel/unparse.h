/* A tree back to text that parses to the same tree: what the parser is tested with, and a normal
 * form. */
#ifndef KUBEVOUCH_CEL_UNPARSE_H
#define KUBEVOUCH_CEL_UNPARSE_H

#include "cel/ast.h"

#define CEL_UNPARSE_BYTES_MAX (1u << 22)

/* One line, with no more parentheses than the tree needs. For trees that are not resolved.
 * ERR_LIMIT past CEL_UNPARSE_BYTES_MAX. */
bool unparse(struct str *out, struct arena *a, const struct ast *root, struct err *err) WARN_UNUSED;
/* Whether two trees that are not resolved say the same, wherever they stand in their sources. */
bool unparse_same(const struct ast *a, const struct ast *b);

#endif
