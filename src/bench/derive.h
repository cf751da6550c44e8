/* Checks that are like those of another benchmark: rows with "like" completed from the base's rows
 * before they are decoded, so that a derived benchmark holds no copies. */
#ifndef KUBEVOUCH_BENCH_DERIVE_H
#define KUBEVOUCH_BENCH_DERIVE_H

#include "bench/sources.h"

/* What is known of a row before it is decoded. */
struct derived_check {
    struct str id;
    const struct node *node; /* completed */
    /* "cis-kubernetes-2.0.1/5.2.9": the first of its line, itself when it is like none */
    struct str origin;
    const struct derived_check *parent; /* in the base, or in a base of that; NULL: like none */
    unsigned levels;                    /* how many benchmarks up that is: 1 of the base */
    bool inherited;                     /* judged exactly as its parent is */
};
/* The document with its checks completed; they are entered in out->check. A row like a check that
 * is not there is a fault and left out. */
const struct node *derive_checks(struct bench_sources *out, const struct reading *read,
                                 const struct node *doc);

#endif
