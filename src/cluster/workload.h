/* Pod templates: where each workload kind keeps its, and a workload seen as the pod it would make.
 */
#ifndef KUBEVOUCH_CLUSTER_WORKLOAD_H
#define KUBEVOUCH_CLUSTER_WORKLOAD_H

#include "cluster/object.h"

/* True for the kinds that have a pod template (deployments ... cronjobs). */
bool kind_has_pod_template(enum kind k);
/* The template's {metadata, spec} inside a workload; NULL if missing. */
const struct value *workload_template(enum kind k, struct value object);
/* "spec.template" and the like. */
const char *workload_template_path(enum kind k);
/* The pod this workload makes: {apiVersion: v1, kind: Pod, metadata: {name: the workload's,
 * namespace, labels, annotations}, spec}. False if there is no template. */
bool workload_as_pod(struct value *out, struct arena *a, enum kind k, struct value object);

#endif
