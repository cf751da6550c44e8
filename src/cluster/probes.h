/* What the API server shows of itself beside its objects: what it answers a stranger, its own
 * checks, the authorities it publishes. Each has its row in cluster->endpoint. */
#ifndef KUBEVOUCH_CLUSTER_PROBES_H
#define KUBEVOUCH_CLUSTER_PROBES_H

#include "cluster/collect.h"

void probes_run(struct cluster *c, struct client *client, const struct collect_options *options);

#endif
