/* Which check of one benchmark is which of another: both are like the same first one. */
#ifndef KUBEVOUCH_BENCH_CROSSWALK_H
#define KUBEVOUCH_BENCH_CROSSWALK_H

#include "bench/benchmark.h"

/* One row: a check of either benchmark, or NULL where the other has none. */
struct crosswalk_row {
    const struct check *from, *to;
};
struct crosswalk {
    /* from's checks in their order, each with all that are alike; then what to alone has */
    struct crosswalk_row *row;
    size_t count;
};
/* Of two benchmarks that live as long as the rows. */
struct crosswalk crosswalk_of(struct arena *a, const struct benchmark *from,
                              const struct benchmark *to);

#endif
