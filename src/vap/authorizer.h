/* authorizer, the policies' question of who may do what: answered for service accounts, from the
 * roles and bindings that were read. Who sent the request is not known of what runs already: of
 * authorizer itself every answer is unavailable. Source: kubernetes.io, Common Expression Language
 * in Kubernetes, "Kubernetes authorizer library". */
#ifndef KUBEVOUCH_VAP_AUTHORIZER_H
#define KUBEVOUCH_VAP_AUTHORIZER_H

#include "vap/policy.h"

/* The functions' host is the object's struct facts, or NULL. */
extern const struct cel_host_function policy_authorizer_function[];
extern const size_t policy_authorizer_function_count;

struct value policy_authorizer(struct arena *a);
/* authorizer.requestResource. */
struct value policy_authorizer_resource(struct arena *a, const struct policy_object *o);

#endif
