/* What a YAML scalar means. Inside the value room only. */
#ifndef KUBEVOUCH_VALUE_YAML_SCALAR_H
#define KUBEVOUCH_VALUE_YAML_SCALAR_H

#include "value/value.h"

/* A plain (unquoted) scalar by the rules of sigs.k8s.io/yaml. A string borrows text. */
struct value yaml_resolve(struct str text);
/* A scalar with an explicit tag such as "tag:yaml.org,2002:int"; unknown tags make strings.
 * False with *expected ("a whole number") if text is not what the tag says. */
bool yaml_resolve_tagged(struct value *out, struct arena *a, const char *tag, struct str text,
                         const char **expected) WARN_UNUSED;

#endif
