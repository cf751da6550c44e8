/* The single answers: version, discovery, who we are, what we may do beyond need, metrics,
 * kubeadm's configuration. Each has its row in cluster->endpoint. */
#ifndef KUBEVOUCH_CLUSTER_SERVER_H
#define KUBEVOUCH_CLUSTER_SERVER_H

#include "cluster/collect.h"
#include "kube/discover.h"

/* Version, identity and discovery. False when there is nothing to talk to: no answer at all, or the
 * credential refused (401) at the first question. */
bool server_greet(struct collected *out, struct client *client, struct discovery *served,
                  struct err *err) WARN_UNUSED;
/* The rest of what options ask for; outcomes in coverage. */
void server_extras(struct collected *out, struct client *client,
                   const struct collect_options *options);

#endif
