#include "bench/document.h"

#define COUNT(x) (sizeof(x) / sizeof *(x))
#define FIELD_AT(t, S, m, k, f, p) \
    { .key = (k), .type = DECODE_##t, .flags = (f), .offset = offsetof(S, m), .pos_offset_plus1 = offsetof(S, p) + 1 }
#define FIELD_FAULTY(S) { .key = "", .type = DECODE_FAULTY, .offset = offsetof(S, faulty) }
#define FIELD_LIST(S, m, k, f, tab) \
    { .key = (k), .type = DECODE_LIST, .flags = (f), .offset = offsetof(S, m), .table = &(tab) }
#define FIELD_ENUM(S, m, k, f, names) \
    { .key = (k), .type = DECODE_ENUM, .flags = (f), .offset = offsetof(S, m), .name = (names) }
#define TABLE(name, what, field, S) \
    const struct decode_table name = { what, field, COUNT(field), sizeof(struct S), 0 }

static const char *const otherwise_name[] = { "fail", "manual", NULL };
static const char *const evidenceable_name[] = { "contributes", "none", NULL };

static const struct decode_field named_expression_field[] = {
    DECODE(STR, struct expression_doc, name, "name", DECODE_REQUIRED),
    FIELD_AT(STR, struct expression_doc, text, "expression", DECODE_REQUIRED, pos),
};
static TABLE(named_expression_table, "a named expression", named_expression_field, expression_doc);

static const struct decode_field validation_field[] = {
    FIELD_AT(STR, struct validation_doc, expression, "expression", DECODE_REQUIRED, expression_pos),
    DECODE(STR, struct validation_doc, message, "message", 0),
    FIELD_AT(STR, struct validation_doc, message_expression, "messageExpression", 0, message_expression_pos),
    FIELD_ENUM(struct validation_doc, otherwise, "otherwise", 0, otherwise_name),
    FIELD_FAULTY(struct validation_doc),
};
static TABLE(validation_table, "a validation", validation_field, validation_doc);

/* A part's own fields, used in a check too when it has a single part. S and m: where the part_doc is. */
#define PART_FIELDS(S, m, over_flags, validation_flags)                                                                \
    FIELD_AT(STR, S, m over, "over", over_flags, m over_pos), FIELD_LIST(S, m match, "matchConditions", 0, named_expression_table), \
        FIELD_LIST(S, m except, "exceptions", 0, named_expression_table),                                              \
        FIELD_LIST(S, m variable, "variables", 0, named_expression_table),                                             \
        FIELD_LIST(S, m validation, "validations", validation_flags, validation_table),                                \
        FIELD_LIST(S, m evidence, "evidence", 0, named_expression_table),                                              \
        FIELD_AT(STR, S, m seen, "seen", 0, m seen_pos), FIELD_AT(STR, S, m wanted, "wanted", 0, m wanted_pos),         \
        FIELD_AT(STR, S, m defaulted, "defaulted", 0, m defaulted_pos),                                                \
        FIELD_AT(STR, S, m provenance, "provenance", 0, m provenance_pos)

static const struct decode_field part_field[] = {
    DECODE(STR, struct part_doc, name, "name", DECODE_REQUIRED),
    PART_FIELDS(struct part_doc, , DECODE_REQUIRED, DECODE_REQUIRED),
};
static TABLE(part_table, "a part of a check", part_field, part_doc);

static const struct decode_field requirement_field[] = {
    FIELD_AT(STR, struct requirement_doc, framework, "framework", DECODE_REQUIRED, framework_pos),
    FIELD_AT(STR, struct requirement_doc, requirement, "requirement", DECODE_REQUIRED, pos),
    DECODE(STR, struct requirement_doc, rationale, "rationale", DECODE_REQUIRED),
};
static TABLE(requirement_table, "a requirement", requirement_field, requirement_doc);

static const struct decode_field check_field[] = {
    FIELD_AT(STR, struct check_doc, id, "id", DECODE_REQUIRED, id_pos),
    FIELD_AT(STR, struct check_doc, section, "section", DECODE_REQUIRED, section_pos),
    DECODE(STR, struct check_doc, title, "title", DECODE_REQUIRED),
    DECODE(STR, struct check_doc, description, "description", 0),
    DECODE(STR, struct check_doc, rationale, "rationale", DECODE_REQUIRED),
    DECODE(STR, struct check_doc, remediation, "remediation", DECODE_REQUIRED),
    FIELD_AT(INT, struct check_doc, level, "level", DECODE_REQUIRED, level_pos),
    DECODE(STR, struct check_doc, role, "role", DECODE_REQUIRED),
    FIELD_ENUM(struct check_doc, severity, "severity", DECODE_REQUIRED, severity_name),
    FIELD_AT(STR, struct check_doc, assessment, "assessment", DECODE_REQUIRED, assessment_pos),
    FIELD_AT(BOOL, struct check_doc, attestation, "attestation", 0, attestation_pos),
    DECODE(STR, struct check_doc, like, "like", 0),
    DECODE(STR, struct check_doc, unanswered, "unanswered", 0),
    DECODE(STRS, struct check_doc, question, "questions", 0),
    DECODE(STRS, struct check_doc, tag, "tags", 0),
    DECODE(STRS, struct check_doc, reference, "references", 0),
    FIELD_LIST(struct check_doc, part, "parts", 0, part_table),
    FIELD_LIST(struct check_doc, requirement, "requirements", 0, requirement_table),
    PART_FIELDS(struct check_doc, single., 0, 0),
    FIELD_FAULTY(struct check_doc),
};
static TABLE(check_table, "a check", check_field, check_doc);

static const struct decode_field section_field[] = {
    DECODE(STR, struct section, id, "id", DECODE_REQUIRED),
    DECODE(STR, struct section, title, "title", DECODE_REQUIRED),
};
static TABLE(section_table, "a section", section_field, section);

static const struct decode_field profile_field[] = {
    DECODE(STR, struct profile, id, "id", DECODE_REQUIRED),
    DECODE(STR, struct profile, title, "title", DECODE_REQUIRED),
    DECODE(INT, struct profile, level, "level", DECODE_REQUIRED),
};
static TABLE(profile_table, "a profile", profile_field, profile);

static const struct decode_field param_field[] = {
    FIELD_AT(STR, struct param_doc, name, "name", DECODE_REQUIRED, pos),
    DECODE(STR, struct param_doc, description, "description", DECODE_REQUIRED),
    DECODE(VALUE, struct param_doc, def, "default", DECODE_REQUIRED),
};
static TABLE(param_table, "a parameter", param_field, param_doc);

static const struct decode_field not_applicable_field[] = {
    DECODE(STRS, struct not_applicable_doc, check, "checks", DECODE_REQUIRED),
    FIELD_AT(STR, struct not_applicable_doc, expression, "expression", DECODE_REQUIRED, pos),
    DECODE(STR, struct not_applicable_doc, reason, "reason", DECODE_REQUIRED),
};
static TABLE(not_applicable_table, "what is not applicable", not_applicable_field, not_applicable_doc);

static bool decode_include(void *member, const struct node *n, struct arena *a, struct err *err)
{
    struct decode_list *list = member;
    if (n->kind != NODE_LIST)
        return err_set_at(err, ERR_INPUT, n->pos, "include: expected a list of files");
    struct include_doc *item = arena_array(a, struct include_doc, n->child_count);
    for (size_t i = 0; i < n->child_count; i++) {
        if (n->child[i].kind != NODE_SCALAR || !n->child[i].text.n)
            return err_set_at(err, ERR_INPUT, n->child[i].pos, "include: expected the name of a file");
        item[i] = (struct include_doc){ n->child[i].text, n->child[i].pos };
    }
    *list = (struct decode_list){ item, n->child_count };
    return true;
}

static const struct decode_field benchmark_field[] = {
    DECODE(STR, struct benchmark_doc, id, "benchmark", DECODE_REQUIRED),
    DECODE(STR, struct benchmark_doc, title, "title", DECODE_REQUIRED),
    DECODE(STR, struct benchmark_doc, version, "version", DECODE_REQUIRED),
    DECODE(STR, struct benchmark_doc, kubernetes, "kubernetes", DECODE_REQUIRED),
    DECODE(STR, struct benchmark_doc, description, "description", DECODE_REQUIRED),
    FIELD_LIST(struct benchmark_doc, section, "sections", DECODE_REQUIRED, section_table),
    FIELD_LIST(struct benchmark_doc, profile, "profiles", DECODE_REQUIRED, profile_table),
    DECODE(STR, struct benchmark_doc, base, "base", 0),
    FIELD_LIST(struct benchmark_doc, not_applicable, "notApplicable", 0, not_applicable_table),
    { .key = "include", .type = DECODE_FN, .offset = offsetof(struct benchmark_doc, include), .fn = decode_include },
    FIELD_LIST(struct benchmark_doc, param, "params", 0, param_table),
    FIELD_LIST(struct benchmark_doc, variable, "variables", 0, named_expression_table),
    FIELD_LIST(struct benchmark_doc, check, "checks", 0, check_table),
};
TABLE(benchmark_table, "a benchmark", benchmark_field, benchmark_doc);

static const struct decode_field included_field[] = {
    FIELD_LIST(struct benchmark_doc, param, "params", 0, param_table),
    FIELD_LIST(struct benchmark_doc, variable, "variables", 0, named_expression_table),
    FIELD_LIST(struct benchmark_doc, check, "checks", DECODE_REQUIRED, check_table),
};
TABLE(included_table, "an included file", included_field, benchmark_doc);

static const struct decode_field framework_requirement_field[] = {
    FIELD_AT(STR, struct framework_requirement_doc, id, "id", DECODE_REQUIRED, pos),
    DECODE(STR, struct framework_requirement_doc, title, "title", DECODE_REQUIRED),
    DECODE(STR, struct framework_requirement_doc, note, "note", 0),
    FIELD_ENUM(struct framework_requirement_doc, evidenceable, "evidence", DECODE_REQUIRED, evidenceable_name),
};
static TABLE(framework_requirement_table, "a framework's requirement", framework_requirement_field, framework_requirement_doc);

static const struct decode_field framework_field[] = {
    DECODE(STR, struct framework_doc, id, "framework", DECODE_REQUIRED),
    DECODE(STR, struct framework_doc, title, "title", DECODE_REQUIRED),
    DECODE(STR, struct framework_doc, version, "version", DECODE_REQUIRED),
    DECODE(STR, struct framework_doc, source, "source", DECODE_REQUIRED),
    FIELD_LIST(struct framework_doc, requirement, "requirements", DECODE_REQUIRED, framework_requirement_table),
};
TABLE(framework_table, "a framework", framework_field, framework_doc);
