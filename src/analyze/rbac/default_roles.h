/* The roles and bindings that every API server makes: for objects of files that do not hold them,
 * and to tell whether what bears their names is what the API server made. */
#ifndef KUBEVOUCH_ANALYZE_RBAC_DEFAULT_ROLES_H
#define KUBEVOUCH_ANALYZE_RBAC_DEFAULT_ROLES_H

#include "analyze/rbac/rbac.h"

/* Each of them as an object, handed to rbac_assume. Before rbac_finish. */
void default_roles_assume(struct rbac *r);
/* Sets .is_default of rules, roles and bindings. Behind rbac_finish. Labels and names can be
 * written by whoever may write the object, so that both must be the API server's own and the
 * content as well: a rule gives no more than the default role of that name does in some version of
 * Kubernetes that default_role.def and default_before.def hold, a role has only such rules, a
 * binding refers to the role and names only subjects that the default one does. */
void default_roles_mark(struct rbac *r);

#endif
