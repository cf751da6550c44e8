/* What a recording must not hold: literal environment values, and the data of objects that may carry
 * credentials. The shape stays, so that checks judge the recording as they judge the cluster. */
#ifndef KUBEVOUCH_COLLECT_REDACT_H
#define KUBEVOUCH_COLLECT_REDACT_H

#include "model/object.h"

/* A copy of object with every literal env value in any pod spec inside it replaced by its length. */
struct value redact_object(struct arena *a, struct value object);

#endif
