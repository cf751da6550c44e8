/* One line on a terminal while an audit runs: what is read, how much, how fast, what is waited for;
 * with --verbose a line for each call as it ends instead. Silent elsewhere. */
#ifndef KUBEVOUCH_CLI_PROGRESS_H
#define KUBEVOUCH_CLI_PROGRESS_H

#include "kube/client.h"

struct progress {
    bool on, shown;
    const struct client *client;
    int64_t began_ms, last_ms;
    int64_t heard_ms;     /* when anything came last */
    int64_t told_wait_ms; /* with --verbose: a wait is told once it is so long */
};
/* p is told of c's calls for as long as c makes any: it lives as long. */
void progress_open(struct progress *p, struct client *c, bool on);
/* Clears the line; none is written any more. */
void progress_close(struct progress *p);

#endif
