/* Single answers and what is written down of them: each has its row in cluster->endpoint. */
#ifndef KUBEVOUCH_CLUSTER_ANSWER_H
#define KUBEVOUCH_CLUSTER_ANSWER_H

#include "cluster/collect.h"

/* It could not be had: state, reason and remedy from err and the reply's status. */
void endpoint_failed(struct cluster *c, enum endpoint e, const struct err *err, const struct reply *r);
/* It was read whole. */
void endpoint_read(struct cluster *c, enum endpoint e, const struct reply *r);
/* One JSON object as a value in the cluster's arena; its bytes are the client's and live as long. False, and told as failed,
 * when it is none. */
bool endpoint_json(struct cluster *c, enum endpoint e, struct client *client, const struct reply *r, struct value *out);

#endif
