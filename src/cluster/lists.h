/* The lists of one stage, streamed together: items to the observer and the model, outcomes to
 * coverage. */
#ifndef KUBEVOUCH_CLUSTER_LISTS_H
#define KUBEVOUCH_CLUSTER_LISTS_H

#include "cluster/collect.h"
#include "kube/discover.h"

/* Lists every kind of the stage that options ask for. Outcomes are in cluster->coverage. */
void lists_run(struct cluster *cluster, struct client *client, const struct discovery *served,
               const struct collect_options *options, enum kind_stage stage,
               const struct collect_observer *observer);
/* What a failed answer means: state, reason and remedy from an error and a status. */
void coverage_from_failure(struct coverage *c, struct arena *a, const struct err *err, int status,
                           struct str what, struct str right);

#endif
