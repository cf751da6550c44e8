/* ValidatingAdmissionPolicies and bindings as they are written. */
#include "vap/document.h"

/* A map in the document whose fields are members of the same struct. */
#define FIELD_PART(k, f, tab)                                                         \
    {                                                                                 \
        .key = (k), .type = DECODE_STRUCT, .flags = (f), .offset = 0, .table = &(tab) \
    }

static const char *const match_policy_name[] = { "Equivalent", "Exact", NULL };
static const char *const failure_policy_name[] = { "Fail", "Ignore", NULL };
static const char *const not_found_name[] = { "Allow", "Deny", NULL };

static const struct decode_field rule_field[] = {
    DECODE_AT(STRS, struct policy_rule, operations, "operations", DECODE_REQUIRED, pos),
    DECODE(STRS, struct policy_rule, groups, "apiGroups", DECODE_REQUIRED),
    DECODE(STRS, struct policy_rule, versions, "apiVersions", DECODE_REQUIRED),
    DECODE(STRS, struct policy_rule, resources, "resources", DECODE_REQUIRED),
    DECODE(STRS, struct policy_rule, names, "resourceNames", 0),
    DECODE(STR, struct policy_rule, scope, "scope", 0),
};
static const struct decode_table rule_table =
    DECODE_TABLE("a resource rule", rule_field, struct policy_rule, 0);

static const struct decode_field match_field[] = {
    DECODE_AT(VALUE, struct policy_match_doc, namespace_selector, "namespaceSelector", 0,
              namespace_selector_pos),
    DECODE_AT(VALUE, struct policy_match_doc, object_selector, "objectSelector", 0,
              object_selector_pos),
    DECODE_ITEMS(struct policy_match_doc, rule, "resourceRules", 0, rule_table),
    DECODE_ITEMS(struct policy_match_doc, exclude, "excludeResourceRules", 0, rule_table),
    DECODE_NAMED(struct policy_match_doc, match_policy, "matchPolicy", 0, match_policy_name),
};
static const struct decode_table match_table =
    DECODE_TABLE("a match of resources", match_field, struct policy_match_doc, 0);

static const struct decode_field named_field[] = {
    DECODE(STR, struct policy_expression_doc, name, "name", DECODE_REQUIRED),
    DECODE_AT(STR, struct policy_expression_doc, text, "expression", DECODE_REQUIRED, pos),
};
static const struct decode_table named_table =
    DECODE_TABLE("a named expression", named_field, struct policy_expression_doc, 0);

static const struct decode_field validation_field[] = {
    DECODE_AT(STR, struct policy_expression_doc, text, "expression", DECODE_REQUIRED, pos),
    DECODE(STR, struct policy_expression_doc, message, "message", 0),
    DECODE_AT(STR, struct policy_expression_doc, message_text, "messageExpression", 0, message_pos),
    DECODE(STR, struct policy_expression_doc, reason, "reason", 0),
};
static const struct decode_table validation_table =
    DECODE_TABLE("a validation", validation_field, struct policy_expression_doc, 0);

static const struct decode_field annotation_field[] = {
    DECODE(STR, struct policy_expression_doc, name, "key", DECODE_REQUIRED),
    DECODE_AT(STR, struct policy_expression_doc, text, "valueExpression", DECODE_REQUIRED, pos),
};
static const struct decode_table annotation_table =
    DECODE_TABLE("an audit annotation", annotation_field, struct policy_expression_doc, 0);

static const struct decode_field param_kind_field[] = {
    DECODE(STR, struct policy_doc, param_api_version, "apiVersion", DECODE_REQUIRED),
    DECODE(STR, struct policy_doc, param_kind, "kind", DECODE_REQUIRED),
};
static const struct decode_table param_kind_table =
    DECODE_TABLE("a paramKind", param_kind_field, struct policy_doc, 0);

static const struct decode_field spec_field[] = {
    DECODE_NAMED(struct policy_doc, failure_policy, "failurePolicy", 0, failure_policy_name),
    FIELD_PART("paramKind", 0, param_kind_table),
    DECODE_PART(struct policy_doc, match, "matchConstraints", DECODE_REQUIRED, match_table),
    DECODE_ITEMS(struct policy_doc, condition, "matchConditions", 0, named_table),
    DECODE_ITEMS(struct policy_doc, variable, "variables", 0, named_table),
    DECODE_ITEMS(struct policy_doc, validation, "validations", 0, validation_table),
    DECODE_ITEMS(struct policy_doc, annotation, "auditAnnotations", 0, annotation_table),
};
static const struct decode_table spec_table =
    DECODE_TABLE("a policy's spec", spec_field, struct policy_doc, 0);

static const struct decode_field metadata_field[] = {
    DECODE_AT(STR, struct policy_doc, name, "name", DECODE_REQUIRED, name_pos),
};
static const struct decode_table metadata_table =
    DECODE_TABLE("metadata", metadata_field, struct policy_doc, DECODE_ALLOW_UNKNOWN);

static const struct decode_field policy_field[] = {
    DECODE(STR, struct policy_doc, api_version, "apiVersion", DECODE_REQUIRED),
    DECODE(STR, struct policy_doc, kind, "kind", DECODE_REQUIRED),
    FIELD_PART("metadata", DECODE_REQUIRED, metadata_table),
    FIELD_PART("spec", DECODE_REQUIRED, spec_table),
    DECODE(NODE, struct policy_doc, status, "status", 0),
};
const struct decode_table policy_table =
    DECODE_TABLE("a ValidatingAdmissionPolicy", policy_field, struct policy_doc, 0);

static const struct decode_field param_ref_field[] = {
    DECODE(STR, struct policy_binding_doc, param_name, "name", 0),
    DECODE(STR, struct policy_binding_doc, param_namespace, "namespace", 0),
    DECODE(VALUE, struct policy_binding_doc, param_selector, "selector", 0),
    DECODE_NAMED(struct policy_binding_doc, not_found, "parameterNotFoundAction", 0,
                 not_found_name),
};
static const struct decode_table param_ref_table =
    DECODE_TABLE("a paramRef", param_ref_field, struct policy_binding_doc, 0);

static const struct decode_field binding_spec_field[] = {
    DECODE_AT(STR, struct policy_binding_doc, policy_name, "policyName", DECODE_REQUIRED,
              policy_name_pos),
    { .key = "paramRef",
      .type = DECODE_STRUCT,
      .offset = 0,
      .table = &param_ref_table,
      .pos_offset_plus1 = offsetof(struct policy_binding_doc, param_pos) + 1 },
    DECODE_PART(struct policy_binding_doc, match, "matchResources", 0, match_table),
    DECODE_AT(STRS, struct policy_binding_doc, actions, "validationActions", DECODE_REQUIRED,
              actions_pos),
};
static const struct decode_table binding_spec_table =
    DECODE_TABLE("a binding's spec", binding_spec_field, struct policy_binding_doc, 0);

static const struct decode_field binding_metadata_field[] = {
    DECODE_AT(STR, struct policy_binding_doc, name, "name", DECODE_REQUIRED, name_pos),
};
static const struct decode_table binding_metadata_table = DECODE_TABLE(
    "metadata", binding_metadata_field, struct policy_binding_doc, DECODE_ALLOW_UNKNOWN);

static const struct decode_field binding_field[] = {
    DECODE(STR, struct policy_binding_doc, api_version, "apiVersion", DECODE_REQUIRED),
    DECODE(STR, struct policy_binding_doc, kind, "kind", DECODE_REQUIRED),
    FIELD_PART("metadata", DECODE_REQUIRED, binding_metadata_table),
    FIELD_PART("spec", DECODE_REQUIRED, binding_spec_table),
    DECODE(NODE, struct policy_binding_doc, status, "status", 0),
};
const struct decode_table policy_binding_table =
    DECODE_TABLE("a ValidatingAdmissionPolicyBinding", binding_field, struct policy_binding_doc, 0);
