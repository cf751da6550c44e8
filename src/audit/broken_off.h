/* Whether an audit's answers broke off: a server that died is not a cluster with little in it. */
#ifndef KUBEVOUCH_AUDIT_BROKEN_OFF_H
#define KUBEVOUCH_AUDIT_BROKEN_OFF_H

#include "audit/result.h"

/* Sets out->broken_off, texts in a, from the coverage and verdicts that are there: what of
 * namespaces, RBAC and pods was begun and not read whole, and that most checks lack evidence for
 * such a reason. What the identity may not read is not broken off. out->call must be set: a
 * credential that ends in the middle shows there. */
void result_note_broken_off(struct result *out, struct arena *a);

#endif
