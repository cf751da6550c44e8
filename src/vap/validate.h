/* What an API server refuses of a policy or a binding when it is created, beside what does not
 * decode and does not compile: names, repeated entries, wildcards beside other entries, texts of
 * more than one line. */
#ifndef KUBEVOUCH_VAP_VALIDATE_H
#define KUBEVOUCH_VAP_VALIDATE_H

#include "value/faults.h"
#include "vap/document.h"

/* Each fault with its place; false if there was one.
 * Source: ValidateValidatingAdmissionPolicy and ValidateValidatingAdmissionPolicyBinding of
 * Kubernetes 1.35. */
bool policy_validate(const struct reading *r, const struct policy_doc *d);
bool policy_binding_validate(const struct reading *r, const struct policy_binding_doc *d);

#endif
