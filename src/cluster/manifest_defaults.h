/* What an API server fills in where an object in a file says nothing. Inside the cluster room only.
 */
#ifndef KUBEVOUCH_CLUSTER_MANIFEST_DEFAULTS_H
#define KUBEVOUCH_CLUSTER_MANIFEST_DEFAULTS_H

#include "cluster/kind.h"
#include "value/value.h"

/* The object with the defaults of manifest_default.def, those that depend on other fields (an
 * image's pull policy, a volume that has no source), and a Namespace's label of its own name. Made
 * in a; shares with object what did not change. */
struct value manifest_with_defaults(struct arena *a, enum kind k, struct value object);

#endif
