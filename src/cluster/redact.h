/* What a recording, and what a report, must not hold of an object. Of a recording the shape stays, and command lines do, so that
 * checks judge it as they judge the cluster. */
#ifndef KUBEVOUCH_CLUSTER_REDACT_H
#define KUBEVOUCH_CLUSTER_REDACT_H

#include "cluster/object.h"

/* A copy of object with every literal env value in any pod spec inside it replaced by its length. */
struct value redact_object(struct arena *a, struct value object);

#endif
