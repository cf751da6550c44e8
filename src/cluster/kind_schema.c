/* The fields of Kubernetes' kinds, for checking expressions before there is an object. */
#include "cluster/kind_schema.h"

#include "cluster/kubernetes_json.h"
#include "value/json_read.h"

void kind_schemas_open(struct kind_schemas *s, struct arena *a, struct arena *scratch)
{
    struct value document;
    struct err err = { 0 };
    bool ok = json_read(&document, scratch, str_of(kubernetes_json, sizeof kubernetes_json - 1),
                        NULL, NULL, 0, &err) &&
              schema_document_open(&s->document, a, document, &err);
    if (!ok) /* it is part of the program: its tests read it */
        s->document = (struct schema_document){ 0 };
}

const struct cel_schema *kind_schema(struct kind_schemas *s, enum kind k)
{
    const struct kind_info *i = kind_info(k);
    return schema_of_kind(&s->document, str_from_c(i->group), (struct str){ 0 },
                          str_from_c(i->name));
}
