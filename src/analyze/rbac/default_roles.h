/* The roles that every cluster has, for objects of files that do not hold them. */
#ifndef KUBEVOUCH_ANALYZE_RBAC_DEFAULT_ROLES_H
#define KUBEVOUCH_ANALYZE_RBAC_DEFAULT_ROLES_H

#include "analyze/rbac/rbac.h"

/* Each of them as an object, handed to rbac_assume. Before rbac_finish. */
void default_roles_assume(struct rbac *r);

#endif
