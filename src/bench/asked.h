/* An expression that somebody asks over a population, with a benchmark's parameters and variables:
 * as a benchmark of one check, so that an audit evaluates it. */
#ifndef KUBEVOUCH_BENCH_ASKED_H
#define KUBEVOUCH_BENCH_ASKED_H

#include "bench/benchmark.h"

/* over: a population's name; empty: no cluster, the object is of kind (KIND_NONE: of any). Faults
 * name the expression as "EXPRESSION". b must outlive out. */
bool benchmark_ask(struct benchmark *out, const struct benchmark *b, struct arena *a,
                   struct str over, enum kind kind, struct str expression,
                   struct faults *faults) WARN_UNUSED;
/* The part that it became. */
static inline const struct check_part *asked_part(const struct benchmark *b)
{
    return &b->check[0].part[0];
}

#endif
