/* The shapes that the summaries of facts.def, tables.def and function.def tell people, read as
 * schemas: what the manual page says of a value and what the checker holds a check to are one text.
 *
 *   string, int, bool, double, any      a value of that kind
 *   [T]                                 a list of T
 *   {a: T, b, c: U}                     a map with these fields and no others; b is a U too
 *   {name: T}                           a map from any names to T
 *   'x', 'y' or 'z'                     one of these texts
 *   T|U                                 either
 *   T? and T!                           T or null; T or unavailable
 *   grant, rule                         a row of shape.def
 *   the same, [the same]                as the field before
 * Words in parentheses after a type are for people. */
#ifndef KUBEVOUCH_ANALYZE_SHAPE_H
#define KUBEVOUCH_ANALYZE_SHAPE_H

#include "analyze/facts.h"

/* The rows of shape.def. */
struct shape_info {
    const char *name, *shape;
};
extern const struct shape_info shape_info[];
extern const size_t shape_count;

/* Each: false and err (with the text at which reading stopped) where a summary does not say its
 * shape; the result is then NULL: anything. Schemas are made in the arena. */
bool shape_of_fact(const struct cel_schema **out, struct arena *a, const struct fact_info *fact,
                   struct err *err) WARN_UNUSED;
/* What derived is, and what object is unless it is a kind's (then *object is NULL). */
bool shape_of_table(const struct cel_schema **object, const struct cel_schema **derived,
                    struct arena *a, const struct table_info *table, struct err *err) WARN_UNUSED;
/* "covers(grant, string|[string] verbs) -> bool: ..." into the function's arg and result. */
bool shape_of_function(struct cel_host_function *f, struct arena *a, struct err *err) WARN_UNUSED;

#endif
