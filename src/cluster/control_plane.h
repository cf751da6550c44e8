/* What tells of the control plane's flags beside its pods: /flagz of the API server, and the
 * ConfigMaps in which OpenShift's operators and kubeadm write what they configure. */
#ifndef KUBEVOUCH_CLUSTER_CONTROL_PLANE_H
#define KUBEVOUCH_CLUSTER_CONTROL_PLANE_H

#include "cluster/collect.h"

#define FLAGZ_FLAGS_MAX       5000u
#define FLAGZ_VALUE_BYTES_MAX 65536u

/* The flags in a body of /flagz, structured (config.k8s.io Flagz) or text ("name=value", "name:
 * value", "name value"): a map of names to texts in a. False when it is none, or not the API
 * server's. Source: k8s.io/component-base zpages/flagz. */
bool flagz_read(struct value *out, struct arena *a, struct str body, struct err *err) WARN_UNUSED;
void control_plane_ask(struct cluster *c, struct client *client,
                       const struct collect_options *options);

#endif
