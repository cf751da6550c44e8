/* Tokens into a tree. The productions are cel-spec's, one function each, in parse.c. */
#ifndef KUBEVOUCH_CEL_PARSE_H
#define KUBEVOUCH_CEL_PARSE_H

#include "cel/ast.h"

/* Macros are expanded (macro.c); names are not resolved. err->pos is the place in the source: line
 * and column counted from 1 in it. */
bool parse_expression(struct ast **out, struct arena *a, struct str source,
                      const struct cel_limits *limits, struct err *err) WARN_UNUSED;
/* Line and column of an offset in a source. */
struct pos parse_place(struct str source, uint32_t offset);

/* What macro.c needs of a parse in progress. */
struct parser;
struct ast *parse_node(struct parser *p, enum ast_kind kind, uint32_t offset, uint32_t end,
                       struct ast *const *arg, size_t arg_count);
bool parse_fault(struct parser *p, uint32_t offset, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* The macro that call is (has, all, cel.bind ...), expanded into *out; *out stays call if it is
 * none. False: it is one, wrongly used. */
bool macro_expand(struct parser *p, struct ast *call, struct ast **out) WARN_UNUSED;
/* The macro's name nearest to name (name itself, if it is one), or NULL. */
const char *macro_nearest(struct str name, bool member);

#endif
