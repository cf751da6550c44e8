/* The names that a check's expressions may use, and what the checker knows of each: the
 * population's objects, what is derived for them, parameters, facts, functions. */
#ifndef KUBEVOUCH_BENCH_ENVIRONMENT_H
#define KUBEVOUCH_BENCH_ENVIRONMENT_H

#include "bench/benchmark.h"
#include "cluster/kind_schema.h"

struct environment {
    struct arena *arena;
    struct kind_schemas kinds;
    struct cel_variable *variable; /* object ... facts.*, then room for own_max more */
    struct cel_env env;
};
/* scratch: for what is needed only while compiling; schemas of results are kept in a. */
void environment_open(struct environment *e, struct arena *a, struct arena *scratch,
                      size_t own_max);
/* params.NAME is of the kind of NAME's default, and there are no others. */
void environment_set_params(struct environment *e, const struct param *param, size_t count);
/* From here on object, derived and namespaceObject are those of the population; both NULL and
 * KIND_NONE: of any. What an audit does not read of an object is told as a fault. */
void environment_set_population(struct environment *e, const struct table_info *table,
                                enum kind kind);

#endif
