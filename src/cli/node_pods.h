/* --node-facts-pods: the facts of nodes out of the logs of the pods that gathered them. */
#ifndef KUBEVOUCH_CLI_NODE_PODS_H
#define KUBEVOUCH_CLI_NODE_PODS_H

#include "base/buf.h"
#include "cluster/node_facts_read.h"
#include "kube/client.h"

/* What such pods are called by: a label of theirs, and the container whose log it is. */
#define NODE_PODS_LABEL     "kubevouch-node-facts"
#define NODE_PODS_CONTAINER "node-facts"

/* Asks for the pods of a DaemonSet in ns that have the label, and for each one's log. A log is
 * taken for the node that the API server says the pod is on, and not at all where it says that it
 * is another's: whoever has one node shall not speak for the rest. What could not be had is told in
 * out->unread and on standard error, and leaves that node without facts. False: the pods could not
 * be listed. */
bool node_pods_read(struct node_evidence *out, struct arena *a, struct client *client,
                    struct str ns, struct err *err) WARN_UNUSED;
/* Appends the Role that this takes. */
void node_pods_role(struct buf *out, struct str ns);

#endif
