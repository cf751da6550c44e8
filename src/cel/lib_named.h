/* Kubernetes' named formats for whoever checks names outside an expression. */
#ifndef KUBEVOUCH_CEL_LIB_NAMED_H
#define KUBEVOUCH_CEL_LIB_NAMED_H

#include "base/arena.h"
#include "base/str.h"

/* Whether s is of the format: "dns1123Subdomain", "dns1035Label", "qualifiedName", "labelValue" ...
 * (the names of format.NAME). Source: apimachinery util/validation. */
bool cel_named_format_fits(const char *name, struct str s, struct arena *scratch);

#endif
