/* The parameter objects of admission policies: read from the cluster when the bindings are known, and before those of the
 * same names the ones in the policies' files; found for each object as the API server finds them.
 * Source: kubernetes.io, Validating Admission Policy, "Parameter resources"; k8s.io/apiserver
 * pkg/admission/plugin/policy/generic (CollectParams). */
#ifndef KUBEVOUCH_AUDIT_PARAMS_H
#define KUBEVOUCH_AUDIT_PARAMS_H

#include "audit/policy.h"

enum params_state {
    PARAMS_NULL,    /* the policy takes none, or its binding gives none: params is null */
    PARAMS_FOUND,
    PARAMS_NONE,    /* there are none, and the policy then says nothing */
    PARAMS_FAULT,   /* the server could not tell them either: failurePolicy decides */
    PARAMS_UNKNOWN, /* the audit could not read them */
};
struct params_found {
    enum params_state state;
    const struct value *item; /* of PARAMS_FOUND; the policy is for each of them */
    size_t count;
    struct str why;           /* of PARAMS_FAULT and PARAMS_UNKNOWN */
};
/* Those for one object; lists and texts are made in scratch. */
struct params_found params_for(const struct audit *au, const struct policy_part *p, const struct policy_object *o, struct arena *scratch);

#endif
