/* The subexpressions of a validation that failed, as a report quotes them. */
#ifndef KUBEVOUCH_AUDIT_EXPLAIN_H
#define KUBEVOUCH_AUDIT_EXPLAIN_H

#include "audit/part.h"

#define EXPLAINED_VALUE_BYTES 120u

/* The value as CEL writes it, cut at EXPLAINED_VALUE_BYTES; what is tainted by its type and size.
 */
struct str explained_text(struct arena *scratch, struct value v);

#endif
