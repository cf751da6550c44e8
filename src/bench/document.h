/* The YAML of benchmarks and frameworks as it is written: decoded strictly, not yet compiled or
 * linked. load.c makes struct benchmark of it. */
#ifndef KUBEVOUCH_BENCH_DOCUMENT_H
#define KUBEVOUCH_BENCH_DOCUMENT_H

#include "bench/benchmark.h"
#include "value/decode.h"

/* A position is that of the value, with line 0 where it is missing or faulty; faulty says that a
 * fault of the struct has been told, so that what follows from it need not be. */
struct expression_doc {
    struct str name, text;
    struct pos pos; /* of the text */
};
struct validation_doc {
    bool faulty;
    struct str expression, message, message_expression;
    struct pos expression_pos, message_expression_pos;
    int otherwise;
};
struct part_doc {
    struct str name, over;
    struct str seen, wanted, defaulted, provenance;
    struct pos over_pos, seen_pos, wanted_pos, defaulted_pos, provenance_pos;
    struct decode_list match, except, variable, validation, evidence;
};
struct condition_doc {
    struct str text, expression;
    struct pos text_pos, expression_pos;
};
struct requirement_doc {
    struct str framework, requirement, rationale;
    struct condition_doc only, when;
    struct pos framework_pos, pos, rationale_pos, strength_pos;
    int strength;
};
struct attack_doc {
    struct str technique, reason;
    struct pos pos, reason_pos;
};
struct check_doc {
    struct str id, section, title, description, rationale, remediation, role, assessment;
    struct pos id_pos, section_pos, level_pos, assessment_pos, attestation_pos;
    int64_t level;
    int severity;
    bool attestation, faulty;
    struct decode_strs question, tag, reference;
    struct decode_list command; /* of struct command_line */
    struct str no_command;
    struct decode_list part, requirement, attack;
    struct part_doc single; /* over, validations ... written in the check itself */
    struct str like, unanswered;
};
struct param_doc {
    struct str name, description;
    int widens;
    struct value def;
    struct pos pos;
};
struct kind_doc {
    struct str group, resource, name;
    struct pos group_pos, resource_pos, name_pos, versions_pos;
    struct decode_strs version;
    int scope;
};
struct include_doc {
    struct str file; /* beside the including one */
    struct pos pos;
};
struct not_applicable_doc {
    struct decode_strs check;
    struct str expression, reason;
    struct pos pos;
};
struct edition_doc {
    struct edition edition;
    struct pos title_pos, version_pos, kubernetes_pos, published_pos, benchmark_pos;
};
struct benchmark_doc {
    struct edition_doc superseded_by;
    struct str base;
    struct decode_list not_applicable;
    struct str id, title, version, kubernetes, description;
    struct decode_list include, kind, section, profile, param, variable, check;
};
struct run_evidence_doc {
    struct str rationale;
    int strength;
};
struct framework_requirement_doc {
    struct str id, title, when, not_shown;
    struct pos pos, title_pos, evidenceable_pos, reason_pos, marks_pos, not_shown_pos;
    int evidenceable, reason;
    struct decode_strs mark, subject;
    struct run_evidence_doc run;
};
struct framework_param_doc {
    struct str name, requirement, reason;
    struct value value;
    struct pos requirement_pos;
};
struct framework_doc {
    struct str id, title, version, source;
    struct decode_strs conclusion;
    struct decode_list requirement, mark, param;
};
/* included_table fills a benchmark_doc too, of what an included file may hold. */
extern const struct decode_table benchmark_table, included_table, framework_table;

#endif
