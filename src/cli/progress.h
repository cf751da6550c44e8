/* One line on a terminal while an audit runs: what is read, how much, how fast. Silent elsewhere. */
#ifndef KUBEVOUCH_CLI_PROGRESS_H
#define KUBEVOUCH_CLI_PROGRESS_H

#include "kube/client.h"

struct progress {
    bool on, shown;
    int64_t began_ms, last_ms;
};
void progress_open(struct progress *p, struct client *c, bool on);
/* Clears the line. */
void progress_close(struct progress *p);

#endif
