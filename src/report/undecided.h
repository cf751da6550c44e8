/* The UNKNOWN checks, put together by what they lack: many rest on one answer, and a reader wants
 * to hear of it once. */
#ifndef KUBEVOUCH_REPORT_UNDECIDED_H
#define KUBEVOUCH_REPORT_UNDECIDED_H

#include "audit/result.h"

struct undecided {
    struct str reason, remedy;         /* the same for all of them */
    const struct check_result **check; /* in the benchmark's order */
    size_t count;                      /* at least 1 */
};
/* Groups in the order of their first checks; returns how many. */
size_t undecided_groups(struct arena *a, const struct result *r, struct undecided **out);
/* "1.1.1 - 1.1.21, 3.2.2": three and more that follow each other in a section are a range. */
struct str undecided_ids(struct arena *a, const struct undecided *u);

#endif
