/* Each node's kubelet asked for the configuration it runs with (/configz): by its own port, or by
 * way of the API server. One that does not answer is a row that says why; the others are asked all
 * the same. */
#ifndef KUBEVOUCH_CLUSTER_KUBELETS_H
#define KUBEVOUCH_CLUSTER_KUBELETS_H

#include "cluster/collect.h"

#define KUBELET_REQUEST_MS   10000 /* of one kubelet's answer */
#define KUBELET_ANSWER_BYTES ((size_t)1 << 20)
#define KUBELET_CONFIG_BYTES ((size_t)32 << 10) /* of what is kept of it, as JSON */
#define KUBELETS_IN_FLIGHT   32u /* when asked directly; by way of the API server: its own limit */

/* The nodes that were listed, in their order; nothing when options do not ask for it. Outcomes are
 * rows of cluster->kubelets, summed up in its ENDPOINT_KUBELETS. */
void kubelets_read(struct cluster *cluster, struct client *client,
                   const struct collect_options *options);

/* Whether the Node's InternalIP is of no private range: clusters seldom number their nodes so, and
 * a kubelet writes its own address. */
bool kubelets_is_unusual(struct value node);

/* Whether a Node's name is one that the API server gives out, and safe in a path. */
bool kubelets_is_node_name(struct str name);

#endif
