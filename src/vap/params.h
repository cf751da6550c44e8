/* The parameter objects of admission policies: read from the cluster when the bindings are known,
 * and before those of the same names the ones in the policies' files; found for each object as the
 * API server finds them. Source: kubernetes.io, Validating Admission Policy, "Parameter resources";
 * k8s.io/apiserver pkg/admission/plugin/policy/generic (CollectParams). */
#ifndef KUBEVOUCH_VAP_PARAMS_H
#define KUBEVOUCH_VAP_PARAMS_H

#include "kube/client.h"
#include "kube/discover.h"
#include "vap/part.h"

enum params_state {
    PARAMS_NULL, /* the policy takes none, or its binding gives none: params is null */
    PARAMS_FOUND,
    PARAMS_NONE,    /* there are none, and the policy then says nothing */
    PARAMS_FAULT,   /* the server could not tell them either: failurePolicy decides */
    PARAMS_UNKNOWN, /* the audit could not read them */
};
struct params_found {
    enum params_state state;
    const struct value *item; /* of PARAMS_FOUND; the policy is for each of them */
    size_t count;
    struct str why; /* of PARAMS_FAULT and PARAMS_UNKNOWN */
};
/* What was read for each binding, by its index; NULL: nothing was. Begins zeroed. */
struct policy_params {
    struct binding_params **binding;
    size_t count;
};
/* While no list is running: what the bindings of the parts name. served: what the server told of
 * itself. Without it, what takes parameters is unknown. */
void policy_params_read(struct policy_params *out, struct arena *a,
                        const struct policy_part *const *part, size_t count, struct client *client,
                        const struct discovery *served);
/* Those for one object; lists and texts are made in scratch. */
struct params_found policy_params_for(const struct policy_params *params,
                                      const struct policy_part *p, const struct policy_object *o,
                                      struct arena *scratch);

#endif
