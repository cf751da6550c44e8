#include "bench/policy_document.h"

#define COUNT(x) (sizeof(x) / sizeof *(x))
#define FIELD_AT(t, S, m, k, f, p) \
    { .key = (k), .type = DECODE_##t, .flags = (f), .offset = offsetof(S, m), .pos_offset_plus1 = offsetof(S, p) + 1 }
#define FIELD_LIST(S, m, k, f, tab) \
    { .key = (k), .type = DECODE_LIST, .flags = (f), .offset = offsetof(S, m), .table = &(tab) }
#define FIELD_ENUM(S, m, k, names) \
    { .key = (k), .type = DECODE_ENUM, .offset = offsetof(S, m), .name = (names) }
/* A map in the document whose fields are members of the same struct. */
#define FIELD_PART(k, f, tab) { .key = (k), .type = DECODE_STRUCT, .flags = (f), .offset = 0, .table = &(tab) }
#define TABLE(name, what, field, S) const struct decode_table name = { what, field, COUNT(field), sizeof(struct S), 0 }
#define TABLE_OPEN(name, what, field, S) \
    const struct decode_table name = { what, field, COUNT(field), sizeof(struct S), DECODE_ALLOW_UNKNOWN }

static const char *const match_policy_name[] = { "Equivalent", "Exact", NULL };
static const char *const failure_policy_name[] = { "Fail", "Ignore", NULL };
static const char *const not_found_name[] = { "Allow", "Deny", NULL };

static const struct decode_field rule_field[] = {
    DECODE(STRS, struct policy_rule, operations, "operations", DECODE_REQUIRED),
    DECODE(STRS, struct policy_rule, groups, "apiGroups", DECODE_REQUIRED),
    DECODE(STRS, struct policy_rule, versions, "apiVersions", DECODE_REQUIRED),
    DECODE(STRS, struct policy_rule, resources, "resources", DECODE_REQUIRED),
    DECODE(STRS, struct policy_rule, names, "resourceNames", 0),
    DECODE(STR, struct policy_rule, scope, "scope", 0),
};
static TABLE(rule_table, "a resource rule", rule_field, policy_rule);

static const struct decode_field match_field[] = {
    FIELD_AT(VALUE, struct policy_match_doc, namespace_selector, "namespaceSelector", 0, namespace_selector_pos),
    FIELD_AT(VALUE, struct policy_match_doc, object_selector, "objectSelector", 0, object_selector_pos),
    FIELD_LIST(struct policy_match_doc, rule, "resourceRules", 0, rule_table),
    FIELD_LIST(struct policy_match_doc, exclude, "excludeResourceRules", 0, rule_table),
    FIELD_ENUM(struct policy_match_doc, match_policy, "matchPolicy", match_policy_name),
};
static TABLE(match_table, "a match of resources", match_field, policy_match_doc);

static const struct decode_field named_field[] = {
    DECODE(STR, struct policy_expression_doc, name, "name", DECODE_REQUIRED),
    FIELD_AT(STR, struct policy_expression_doc, text, "expression", DECODE_REQUIRED, pos),
};
static TABLE(named_table, "a named expression", named_field, policy_expression_doc);

static const struct decode_field validation_field[] = {
    FIELD_AT(STR, struct policy_expression_doc, text, "expression", DECODE_REQUIRED, pos),
    DECODE(STR, struct policy_expression_doc, message, "message", 0),
    FIELD_AT(STR, struct policy_expression_doc, message_text, "messageExpression", 0, message_pos),
    DECODE(STR, struct policy_expression_doc, reason, "reason", 0),
};
static TABLE(validation_table, "a validation", validation_field, policy_expression_doc);

static const struct decode_field annotation_field[] = {
    DECODE(STR, struct policy_expression_doc, name, "key", DECODE_REQUIRED),
    FIELD_AT(STR, struct policy_expression_doc, text, "valueExpression", DECODE_REQUIRED, pos),
};
static TABLE(annotation_table, "an audit annotation", annotation_field, policy_expression_doc);

static const struct decode_field param_kind_field[] = {
    DECODE(STR, struct policy_doc, param_api_version, "apiVersion", DECODE_REQUIRED),
    DECODE(STR, struct policy_doc, param_kind, "kind", DECODE_REQUIRED),
};
static TABLE(param_kind_table, "a paramKind", param_kind_field, policy_doc);

static const struct decode_field spec_field[] = {
    FIELD_ENUM(struct policy_doc, failure_policy, "failurePolicy", failure_policy_name),
    FIELD_PART("paramKind", 0, param_kind_table),
    { .key = "matchConstraints", .type = DECODE_STRUCT, .flags = DECODE_REQUIRED, .offset = offsetof(struct policy_doc, match),
      .table = &match_table },
    FIELD_LIST(struct policy_doc, condition, "matchConditions", 0, named_table),
    FIELD_LIST(struct policy_doc, variable, "variables", 0, named_table),
    FIELD_LIST(struct policy_doc, validation, "validations", 0, validation_table),
    FIELD_LIST(struct policy_doc, annotation, "auditAnnotations", 0, annotation_table),
};
static TABLE(spec_table, "a policy's spec", spec_field, policy_doc);

static const struct decode_field metadata_field[] = {
    FIELD_AT(STR, struct policy_doc, name, "name", DECODE_REQUIRED, name_pos),
};
static TABLE_OPEN(metadata_table, "metadata", metadata_field, policy_doc);

static const struct decode_field policy_field[] = {
    DECODE(STR, struct policy_doc, api_version, "apiVersion", DECODE_REQUIRED),
    DECODE(STR, struct policy_doc, kind, "kind", DECODE_REQUIRED),
    FIELD_PART("metadata", DECODE_REQUIRED, metadata_table),
    FIELD_PART("spec", DECODE_REQUIRED, spec_table),
    DECODE(NODE, struct policy_doc, status, "status", 0),
};
TABLE(policy_table, "a ValidatingAdmissionPolicy", policy_field, policy_doc);

static const struct decode_field param_ref_field[] = {
    DECODE(STR, struct policy_binding_doc, param_name, "name", 0),
    DECODE(STR, struct policy_binding_doc, param_namespace, "namespace", 0),
    DECODE(VALUE, struct policy_binding_doc, param_selector, "selector", 0),
    FIELD_ENUM(struct policy_binding_doc, not_found, "parameterNotFoundAction", not_found_name),
};
static TABLE(param_ref_table, "a paramRef", param_ref_field, policy_binding_doc);

static const struct decode_field binding_spec_field[] = {
    FIELD_AT(STR, struct policy_binding_doc, policy_name, "policyName", DECODE_REQUIRED, policy_name_pos),
    { .key = "paramRef", .type = DECODE_STRUCT, .offset = 0, .table = &param_ref_table,
      .pos_offset_plus1 = offsetof(struct policy_binding_doc, param_pos) + 1 },
    { .key = "matchResources", .type = DECODE_STRUCT, .offset = offsetof(struct policy_binding_doc, match), .table = &match_table },
    FIELD_AT(STRS, struct policy_binding_doc, actions, "validationActions", DECODE_REQUIRED, actions_pos),
};
static TABLE(binding_spec_table, "a binding's spec", binding_spec_field, policy_binding_doc);

static const struct decode_field binding_metadata_field[] = {
    FIELD_AT(STR, struct policy_binding_doc, name, "name", DECODE_REQUIRED, name_pos),
};
static TABLE_OPEN(binding_metadata_table, "metadata", binding_metadata_field, policy_binding_doc);

static const struct decode_field binding_field[] = {
    DECODE(STR, struct policy_binding_doc, api_version, "apiVersion", DECODE_REQUIRED),
    DECODE(STR, struct policy_binding_doc, kind, "kind", DECODE_REQUIRED),
    FIELD_PART("metadata", DECODE_REQUIRED, binding_metadata_table),
    FIELD_PART("spec", DECODE_REQUIRED, binding_spec_table),
    DECODE(NODE, struct policy_binding_doc, status, "status", 0),
};
TABLE(policy_binding_table, "a ValidatingAdmissionPolicyBinding", binding_field, policy_binding_doc);
