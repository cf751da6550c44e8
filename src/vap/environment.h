/* The names that a policy's expressions may use: Kubernetes' own, no more. */
#ifndef KUBEVOUCH_VAP_ENVIRONMENT_H
#define KUBEVOUCH_VAP_ENVIRONMENT_H

#include "vap/policy.h"

enum policy_slot {
    POLICY_SLOT_OBJECT,
    POLICY_SLOT_OLD_OBJECT,
    POLICY_SLOT_REQUEST,
    POLICY_SLOT_NAMESPACE_OBJECT,
    POLICY_SLOT_AUTHORIZER,
    /* then variables.NAME, in their order */
    POLICY_SLOT_AUTHORIZER_RESOURCE,
    POLICY_SLOT_PARAMS,
    POLICY_SLOT_COUNT
};
struct policy_environment {
    struct arena *arena;
    struct cel_variable *variable;
    struct cel_env env;
};
/* params is a name only where the policy has a paramKind. as_created: with the types that an API
 * server checks with when a policy is created (request and namespaceObject have known fields,
 * objects have none). */
void policy_environment_open(struct policy_environment *e, struct arena *a, bool has_params,
                             size_t variable_max, bool as_created);
void policy_environment_add(struct policy_environment *e, struct str name,
                            const struct cel_schema *schema);

#endif
