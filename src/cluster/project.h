/* What of an object is read, kept and recorded: projections by kind. */
#ifndef KUBEVOUCH_CLUSTER_PROJECT_H
#define KUBEVOUCH_CLUSTER_PROJECT_H

#include "cluster/cluster.h"
#include "value/json_read.h"

/* Keys that are skipped while reading any object: managedFields, last-applied-configuration, node
 * images, pod status but its phase ... */
const struct json_skip *project_skip(enum kind kind, size_t *count);
/* The item of a list as an object: with the apiVersion and kind that list items lack. */
struct value project_object(struct arena *a, enum kind kind, struct str api_version,
                            struct value item);
/* Keeps of object in the cluster what its kind's row in kind.def says. */
void project_keep(struct cluster *c, enum kind kind, struct value object);

/* Whether the object's containers are where the control plane's flags are read from: a mirror pod
 * where those of a control plane stand, or a DaemonSet that runs kube-proxy. */
bool project_shows_flags(enum kind kind, struct value object);

#endif
