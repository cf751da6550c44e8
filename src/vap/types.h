/* Policies held against the fields of the kinds they are for, as the API server does in
 * status.typeChecking: a policy is compiled without them, because it may be over several kinds. */
#ifndef KUBEVOUCH_VAP_TYPES_H
#define KUBEVOUCH_VAP_TYPES_H

#include "vap/policy.h"

/* An expression that can only fail at one place, whichever of its policy's kinds the object is of,
 * is a fault with file:line:column. Policies for resources whose fields are not known are passed
 * over. */
bool policies_check_types(const struct policies *p, struct arena *a,
                          struct faults *faults) WARN_UNUSED;

#endif
