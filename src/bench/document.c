/* The YAML of benchmarks and frameworks as it is written. */
#include "bench/document.h"

#define FIELD_FAULTY(S)                                                 \
    {                                                                   \
        .key = "", .type = DECODE_FAULTY, .offset = offsetof(S, faulty) \
    }

static const char *const widens_name[WIDENS_COUNT + 1] = { "never", "more", "less", NULL };
static const char *const otherwise_name[] = { "fail", "manual", NULL };

static const struct decode_field named_expression_field[] = {
    DECODE(STR, struct expression_doc, name, "name", DECODE_REQUIRED),
    DECODE_AT(STR, struct expression_doc, text, "expression", DECODE_REQUIRED, pos),
};
static const struct decode_table named_expression_table =
    DECODE_TABLE("a named expression", named_expression_field, struct expression_doc, 0);

static const struct decode_field validation_field[] = {
    DECODE_AT(STR, struct validation_doc, expression, "expression", DECODE_REQUIRED,
              expression_pos),
    DECODE(STR, struct validation_doc, message, "message", 0),
    DECODE_AT(STR, struct validation_doc, message_expression, "messageExpression", 0,
              message_expression_pos),
    DECODE_NAMED(struct validation_doc, otherwise, "otherwise", 0, otherwise_name),
    FIELD_FAULTY(struct validation_doc),
};
static const struct decode_table validation_table =
    DECODE_TABLE("a validation", validation_field, struct validation_doc, 0);

/* A part's own fields, used in a check too when it has a single part. S and m: where the part_doc
 * is. */
#define PART_FIELDS(S, m, over_flags, validation_flags)                                   \
    DECODE_AT(STR, S, m over, "over", over_flags, m over_pos),                            \
        DECODE_ITEMS(S, m match, "matchConditions", 0, named_expression_table),           \
        DECODE_ITEMS(S, m except, "exceptions", 0, named_expression_table),               \
        DECODE_ITEMS(S, m variable, "variables", 0, named_expression_table),              \
        DECODE_ITEMS(S, m validation, "validations", validation_flags, validation_table), \
        DECODE_ITEMS(S, m evidence, "evidence", 0, named_expression_table),               \
        DECODE_AT(STR, S, m seen, "seen", 0, m seen_pos),                                 \
        DECODE_AT(STR, S, m wanted, "wanted", 0, m wanted_pos),                           \
        DECODE_AT(STR, S, m defaulted, "defaulted", 0, m defaulted_pos),                  \
        DECODE_AT(STR, S, m provenance, "provenance", 0, m provenance_pos)

static const struct decode_field part_field[] = {
    DECODE(STR, struct part_doc, name, "name", DECODE_REQUIRED),
    PART_FIELDS(struct part_doc, , DECODE_REQUIRED, DECODE_REQUIRED),
};
static const struct decode_table part_table =
    DECODE_TABLE("a part of a check", part_field, struct part_doc, 0);

static const struct decode_field condition_field[] = {
    DECODE_AT(STR, struct condition_doc, text, "text", DECODE_REQUIRED, text_pos),
    DECODE_AT(STR, struct condition_doc, expression, "expression", DECODE_REQUIRED, expression_pos),
};
static const struct decode_table condition_table =
    DECODE_TABLE("a condition of a requirement", condition_field, struct condition_doc, 0);

static const struct decode_field requirement_field[] = {
    DECODE_AT(STR, struct requirement_doc, framework, "framework", DECODE_REQUIRED, framework_pos),
    DECODE_AT(STR, struct requirement_doc, requirement, "requirement", DECODE_REQUIRED, pos),
    DECODE_AT(STR, struct requirement_doc, rationale, "rationale", DECODE_REQUIRED, rationale_pos),
    DECODE_PART(struct requirement_doc, only, "only", 0, condition_table),
    DECODE_PART(struct requirement_doc, when, "when", 0, condition_table),
    DECODE_NAMED_AT(struct requirement_doc, strength, "strength", 0, strength_name, strength_pos),
};
static const struct decode_table requirement_table =
    DECODE_TABLE("a requirement", requirement_field, struct requirement_doc, 0);

static const struct decode_field attack_field[] = {
    DECODE_AT(STR, struct attack_doc, technique, "technique", DECODE_REQUIRED, pos),
    DECODE_AT(STR, struct attack_doc, reason, "reason", DECODE_REQUIRED, reason_pos),
};
static const struct decode_table attack_table =
    DECODE_TABLE("a technique of attackers", attack_field, struct attack_doc, 0);

static const struct decode_field command_field[] = {
    DECODE(STR, struct command_line, of, "of", 0),
    DECODE(STR, struct command_line, run, "run", DECODE_REQUIRED),
};
static const struct decode_table command_table =
    DECODE_TABLE("a command", command_field, struct command_line, 0);

static const struct decode_field check_field[] = {
    DECODE_AT(STR, struct check_doc, id, "id", DECODE_REQUIRED, id_pos),
    DECODE_AT(STR, struct check_doc, section, "section", DECODE_REQUIRED, section_pos),
    DECODE(STR, struct check_doc, title, "title", DECODE_REQUIRED),
    DECODE(STR, struct check_doc, description, "description", 0),
    DECODE(STR, struct check_doc, rationale, "rationale", DECODE_REQUIRED),
    DECODE(STR, struct check_doc, remediation, "remediation", DECODE_REQUIRED),
    DECODE_AT(INT, struct check_doc, level, "level", DECODE_REQUIRED, level_pos),
    DECODE(STR, struct check_doc, role, "role", DECODE_REQUIRED),
    DECODE_NAMED(struct check_doc, severity, "severity", DECODE_REQUIRED, severity_name),
    DECODE_AT(STR, struct check_doc, assessment, "assessment", DECODE_REQUIRED, assessment_pos),
    DECODE_AT(BOOL, struct check_doc, attestation, "attestation", 0, attestation_pos),
    DECODE(STR, struct check_doc, like, "like", 0),
    DECODE(STR, struct check_doc, unanswered, "unanswered", 0),
    DECODE(STRS, struct check_doc, question, "questions", 0),
    DECODE(STRS, struct check_doc, tag, "tags", 0),
    DECODE(STRS, struct check_doc, reference, "references", 0),
    DECODE_ITEMS(struct check_doc, command, "commands", 0, command_table),
    DECODE(STR, struct check_doc, no_command, "noCommand", 0),
    DECODE_ITEMS(struct check_doc, part, "parts", 0, part_table),
    DECODE_ITEMS(struct check_doc, requirement, "requirements", 0, requirement_table),
    DECODE_ITEMS(struct check_doc, attack, "attack", 0, attack_table),
    PART_FIELDS(struct check_doc, single., 0, 0),
    FIELD_FAULTY(struct check_doc),
};
static const struct decode_table check_table =
    DECODE_TABLE("a check", check_field, struct check_doc, 0);

static const struct decode_field section_field[] = {
    DECODE(STR, struct section, id, "id", DECODE_REQUIRED),
    DECODE(STR, struct section, title, "title", DECODE_REQUIRED),
};
static const struct decode_table section_table =
    DECODE_TABLE("a section", section_field, struct section, 0);

static const struct decode_field profile_field[] = {
    DECODE(STR, struct profile, id, "id", DECODE_REQUIRED),
    DECODE(STR, struct profile, title, "title", DECODE_REQUIRED),
    DECODE(INT, struct profile, level, "level", DECODE_REQUIRED),
};
static const struct decode_table profile_table =
    DECODE_TABLE("a profile", profile_field, struct profile, 0);

static const struct decode_field param_field[] = {
    DECODE_AT(STR, struct param_doc, name, "name", DECODE_REQUIRED, pos),
    DECODE(STR, struct param_doc, description, "description", DECODE_REQUIRED),
    DECODE(VALUE, struct param_doc, def, "default", DECODE_REQUIRED),
    DECODE_NAMED(struct param_doc, widens, "widens", 0, widens_name),
};
static const struct decode_table param_table =
    DECODE_TABLE("a parameter", param_field, struct param_doc, 0);

static const struct decode_field not_applicable_field[] = {
    DECODE(STRS, struct not_applicable_doc, check, "checks", DECODE_REQUIRED),
    DECODE_AT(STR, struct not_applicable_doc, expression, "expression", DECODE_REQUIRED, pos),
    DECODE(STR, struct not_applicable_doc, reason, "reason", DECODE_REQUIRED),
};
static const struct decode_table not_applicable_table =
    DECODE_TABLE("what is not applicable", not_applicable_field, struct not_applicable_doc, 0);

static bool decode_include(void *member, const struct node *n, struct arena *a, struct err *err)
{
    struct decode_list *list = member;
    if (n->kind != NODE_LIST)
        return err_set_at(err, ERR_INPUT, n->pos, "include: expected a list of files");
    struct include_doc *item = arena_array(a, struct include_doc, n->child_count);
    for (size_t i = 0; i < n->child_count; i++) {
        if (n->child[i].kind != NODE_SCALAR || !n->child[i].text.n)
            return err_set_at(err, ERR_INPUT, n->child[i].pos,
                              "include: expected the name of a file");
        item[i] = (struct include_doc){ n->child[i].text, n->child[i].pos };
    }
    *list = (struct decode_list){ item, n->child_count };
    return true;
}

static const struct decode_field edition_field[] = {
    DECODE_AT(STR, struct edition_doc, edition.title, "title", DECODE_REQUIRED, title_pos),
    DECODE_AT(STR, struct edition_doc, edition.version, "version", DECODE_REQUIRED, version_pos),
    DECODE_AT(STR, struct edition_doc, edition.kubernetes, "kubernetes", DECODE_REQUIRED,
              kubernetes_pos),
    DECODE_AT(STR, struct edition_doc, edition.published, "published", 0, published_pos),
    DECODE_AT(STR, struct edition_doc, edition.benchmark, "benchmark", 0, benchmark_pos),
    DECODE(STR, struct edition_doc, edition.note, "note", 0),
};
static const struct decode_table edition_table =
    DECODE_TABLE("another edition", edition_field, struct edition_doc, 0);

static const char *const scope_name[] = { "Namespaced", "Cluster", NULL };
static const struct decode_field kind_field[] = {
    DECODE_AT(STR, struct kind_doc, group, "group", DECODE_REQUIRED, group_pos),
    DECODE_AT(STR, struct kind_doc, resource, "resource", DECODE_REQUIRED, resource_pos),
    DECODE_AT(STR, struct kind_doc, name, "kind", DECODE_REQUIRED, name_pos),
    DECODE_AT(STRS, struct kind_doc, version, "versions", DECODE_REQUIRED, versions_pos),
    DECODE_NAMED(struct kind_doc, scope, "scope", DECODE_REQUIRED, scope_name),
};
static const struct decode_table kind_table =
    DECODE_TABLE("a kind", kind_field, struct kind_doc, 0);

static const struct decode_field benchmark_field[] = {
    DECODE(STR, struct benchmark_doc, id, "benchmark", DECODE_REQUIRED),
    DECODE(STR, struct benchmark_doc, title, "title", DECODE_REQUIRED),
    DECODE(STR, struct benchmark_doc, version, "version", DECODE_REQUIRED),
    DECODE(STR, struct benchmark_doc, kubernetes, "kubernetes", DECODE_REQUIRED),
    DECODE(STR, struct benchmark_doc, description, "description", DECODE_REQUIRED),
    DECODE_PART(struct benchmark_doc, superseded_by, "supersededBy", 0, edition_table),
    DECODE_ITEMS(struct benchmark_doc, section, "sections", DECODE_REQUIRED, section_table),
    DECODE_ITEMS(struct benchmark_doc, profile, "profiles", DECODE_REQUIRED, profile_table),
    DECODE(STR, struct benchmark_doc, base, "base", 0),
    DECODE_ITEMS(struct benchmark_doc, not_applicable, "notApplicable", 0, not_applicable_table),
    { .key = "include",
      .type = DECODE_FN,
      .offset = offsetof(struct benchmark_doc, include),
      .fn = decode_include },
    DECODE_ITEMS(struct benchmark_doc, kind, "kinds", 0, kind_table),
    DECODE_ITEMS(struct benchmark_doc, param, "params", 0, param_table),
    DECODE_ITEMS(struct benchmark_doc, variable, "variables", 0, named_expression_table),
    DECODE_ITEMS(struct benchmark_doc, check, "checks", 0, check_table),
};
const struct decode_table benchmark_table =
    DECODE_TABLE("a benchmark", benchmark_field, struct benchmark_doc, 0);

static const struct decode_field included_field[] = {
    DECODE_ITEMS(struct benchmark_doc, param, "params", 0, param_table),
    DECODE_ITEMS(struct benchmark_doc, variable, "variables", 0, named_expression_table),
    DECODE_ITEMS(struct benchmark_doc, check, "checks", DECODE_REQUIRED, check_table),
};
const struct decode_table included_table =
    DECODE_TABLE("an included file", included_field, struct benchmark_doc, 0);

static const struct decode_field run_evidence_field[] = {
    DECODE_NAMED(struct run_evidence_doc, strength, "strength", DECODE_REQUIRED, strength_name),
    DECODE(STR, struct run_evidence_doc, rationale, "rationale", DECODE_REQUIRED),
};
static const struct decode_table run_evidence_table = DECODE_TABLE(
    "what the run itself is evidence for", run_evidence_field, struct run_evidence_doc, 0);

static const struct decode_field framework_requirement_field[] = {
    DECODE_AT(STR, struct framework_requirement_doc, id, "id", DECODE_REQUIRED, pos),
    DECODE_AT(STR, struct framework_requirement_doc, title, "title", DECODE_REQUIRED, title_pos),
    DECODE_NAMED_AT(struct framework_requirement_doc, evidenceable, "evidence", DECODE_REQUIRED,
                    evidenceable_name, evidenceable_pos),
    DECODE_NAMED_AT(struct framework_requirement_doc, reason, "reason", 0, no_evidence_name,
                    reason_pos),
    DECODE_AT(STRS, struct framework_requirement_doc, mark, "marks", 0, marks_pos),
    DECODE(STRS, struct framework_requirement_doc, subject, "subjects", 0),
    DECODE(STR, struct framework_requirement_doc, when, "when", 0),
    DECODE_AT(STR, struct framework_requirement_doc, not_shown, "notShown", 0, not_shown_pos),
    DECODE_PART(struct framework_requirement_doc, run, "run", 0, run_evidence_table),
};
static const struct decode_table framework_requirement_table = DECODE_TABLE(
    "a framework's requirement", framework_requirement_field, struct framework_requirement_doc, 0);

static const struct decode_field mark_field[] = {
    DECODE(STR, struct requirement_mark, id, "id", DECODE_REQUIRED),
    DECODE(STR, struct requirement_mark, text, "text", DECODE_REQUIRED),
};
static const struct decode_table mark_table =
    DECODE_TABLE("a mark of requirements", mark_field, struct requirement_mark, 0);

static const struct decode_field framework_param_field[] = {
    DECODE(STR, struct framework_param_doc, name, "name", DECODE_REQUIRED),
    DECODE(VALUE, struct framework_param_doc, value, "value", DECODE_REQUIRED),
    DECODE_AT(STR, struct framework_param_doc, requirement, "requirement", DECODE_REQUIRED,
              requirement_pos),
    DECODE(STR, struct framework_param_doc, reason, "reason", DECODE_REQUIRED),
};
static const struct decode_table framework_param_table = DECODE_TABLE(
    "a parameter of a framework", framework_param_field, struct framework_param_doc, 0);

static const struct decode_field framework_field[] = {
    DECODE(STR, struct framework_doc, id, "framework", DECODE_REQUIRED),
    DECODE(STR, struct framework_doc, title, "title", DECODE_REQUIRED),
    DECODE(STR, struct framework_doc, version, "version", DECODE_REQUIRED),
    DECODE(STR, struct framework_doc, source, "source", DECODE_REQUIRED),
    DECODE(STRS, struct framework_doc, conclusion, "conclusions", 0),
    DECODE_ITEMS(struct framework_doc, mark, "marks", 0, mark_table),
    DECODE_ITEMS(struct framework_doc, param, "parameters", 0, framework_param_table),
    DECODE_ITEMS(struct framework_doc, requirement, "requirements", DECODE_REQUIRED,
                 framework_requirement_table),
};
const struct decode_table framework_table =
    DECODE_TABLE("a framework", framework_field, struct framework_doc, 0);
