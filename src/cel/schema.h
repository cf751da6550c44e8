/* Schemas out of OpenAPI v3 documents, as an API server publishes them (/openapi/v3/api/v1) or as
 * they are bundled (benchmarks/schema).
 *
 * What a document leaves open stays open: a schema never claims more than the document says. */
#ifndef KUBEVOUCH_CEL_SCHEMA_H
#define KUBEVOUCH_CEL_SCHEMA_H

#include "base/map.h"
#include "cel/program.h"

/* Nested deeper, a schema is taken for any value. */
#define SCHEMA_DEPTH_MAX 100u

struct schema_document {
    struct arena *arena;
    struct value components; /* name -> schema, of the document */
    /* name -> struct cel_schema *: each is made once, so that they may be recursive */
    struct map made;
};
/* document lives as long as d and what is made of it. ERR_INPUT: it is no OpenAPI v3 document. */
bool schema_document_open(struct schema_document *d, struct arena *a, struct value document,
                          struct err *err) WARN_UNUSED;
/* The schema of a component ("io.k8s.api.core.v1.Pod"), or NULL if there is none of that name. */
const struct cel_schema *schema_of(struct schema_document *d, struct str component);
/* That of the objects of a kind, by the document's x-kubernetes-group-version-kind; version may be
 * empty: any. */
const struct cel_schema *schema_of_kind(struct schema_document *d, struct str group,
                                        struct str version, struct str kind);

#endif
