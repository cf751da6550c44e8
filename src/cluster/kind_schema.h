/* The fields of Kubernetes' kinds, for checking expressions before there is an object: the bundled
 * OpenAPI document (benchmarks/schema/kubernetes.json), which is part of the program. */
#ifndef KUBEVOUCH_CLUSTER_KIND_SCHEMA_H
#define KUBEVOUCH_CLUSTER_KIND_SCHEMA_H

#include "cel/schema.h"
#include "cluster/kind.h"

struct kind_schemas {
    struct schema_document document;
};
/* Reads the bundled document into scratch, which must live as long as s; the schemas, made as they
 * are asked for, live in a. */
void kind_schemas_open(struct kind_schemas *s, struct arena *a, struct arena *scratch);
/* Of one object of the kind, whatever its version. NULL: the document does not have it. */
const struct cel_schema *kind_schema(struct kind_schemas *s, enum kind k);

#endif
