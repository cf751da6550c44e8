/* ValidatingAdmissionPolicies and bindings as they are written: decoded strictly, not yet compiled.
 * policy.c makes struct policy of them. */
#ifndef KUBEVOUCH_VAP_DOCUMENT_H
#define KUBEVOUCH_VAP_DOCUMENT_H

#include "vap/policy.h"

struct policy_match_doc {
    struct value namespace_selector, object_selector;
    struct pos namespace_selector_pos, object_selector_pos;
    struct decode_list rule, exclude; /* struct policy_rule */
    int match_policy;
};
/* A match condition, variable, validation or audit annotation. */
struct policy_expression_doc {
    struct str name, text, message, message_text, reason;
    struct pos pos, message_pos;
};
struct policy_doc {
    struct str api_version, kind, name;
    struct pos name_pos;
    int failure_policy;
    struct str param_api_version, param_kind;
    struct policy_match_doc match;
    /* struct policy_expression_doc */
    struct decode_list condition, variable, validation, annotation;
    const struct node *status;
};
struct policy_binding_doc {
    struct str api_version, kind, name, policy_name;
    struct pos name_pos, policy_name_pos, actions_pos, param_pos;
    struct policy_match_doc match;
    struct decode_strs actions;
    struct str param_name, param_namespace;
    struct value param_selector;
    int not_found; /* POLICY_NOT_FOUND_... */
    const struct node *status;
};
enum { POLICY_NOT_FOUND_ALLOW, POLICY_NOT_FOUND_DENY };
extern const struct decode_table policy_table, policy_binding_table;

#endif
