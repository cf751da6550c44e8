/* Single answers and what is written down of them: each has its row in cluster->endpoint. */
#ifndef KUBEVOUCH_CLUSTER_ANSWER_H
#define KUBEVOUCH_CLUSTER_ANSWER_H

#include "cluster/collect.h"

/* It could not be had: state, reason and remedy from err and the reply's status. */
void endpoint_failed(struct cluster *c, enum endpoint e, const struct err *err,
                     const struct reply *r);
/* It was read whole. */
void endpoint_read(struct cluster *c, enum endpoint e, const struct reply *r);
/* The kind and apiVersion of the objects that a path answers with; false: of a path that is for
 * none by itself. */
bool answer_kind_of_path(struct str path, const char **kind, const char **api_version);
/* Whether an answer to a GET or a review of this path is of the kind that the path is for: a
 * ConfigMap of its name, a review. Other paths: any. ERR_INPUT naming both. */
bool answer_is_of(struct value answer, struct str path, struct err *err) WARN_UNUSED;
/* One JSON object as a value in the cluster's arena; its bytes are the client's and live as long.
 * False, and told as failed, when it is none. */
bool endpoint_json(struct cluster *c, enum endpoint e, struct client *client, const struct reply *r,
                   struct value *out);

#endif
