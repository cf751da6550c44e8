/* What the cluster keeps about its nodes' programs: the ConfigMaps that kubeadm gives to kubelets,
 * and that kube-proxy runs with. Of each only what checks read is kept and recorded. */
#ifndef KUBEVOUCH_CLUSTER_NODE_CONFIG_H
#define KUBEVOUCH_CLUSTER_NODE_CONFIG_H

#include "cluster/collect.h"

void node_config_read(struct cluster *cluster, struct client *client,
                      const struct collect_options *options);

#endif
