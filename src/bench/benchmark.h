/* What a benchmark says: sections, profiles, parameters, checks with compiled expressions, and
 * which framework requirement each check is evidence for. Immutable after loading. */
#ifndef KUBEVOUCH_BENCH_BENCHMARK_H
#define KUBEVOUCH_BENCH_BENCHMARK_H

#include "analyze/facts.h"
#include "base/enc.h"
#include "bench/framework.h"
#include "cel/expression.h"
#include "value/faults.h"

enum severity {
    SEVERITY_INFO,
    SEVERITY_LOW,
    SEVERITY_MEDIUM,
    SEVERITY_HIGH,
    SEVERITY_CRITICAL,
    SEVERITY_COUNT
};
extern const char *const severity_name[SEVERITY_COUNT + 1]; /* "info" ... NULL */

enum otherwise { OTHERWISE_FAIL, OTHERWISE_MANUAL }; /* what a false validation means */
struct validation {
    struct expression expression;
    struct str message; /* fixed text, or */
    struct expression message_expression;
    enum otherwise otherwise;
};
struct policy_part; /* vap/part.h */
/* One population and what must hold for each of its objects. A check has one or more. */
struct check_part {
    struct str name;                /* "admitted", "running"; empty when there is one */
    struct str over;                /* a kind's plural resource name or a fact table */
    const struct table_info *table; /* NULL: a plain kind */
    enum kind kind;                 /* KIND_NONE: a made-up table */
    struct expression *match; /* all must be true, otherwise the object is not in the population */
    size_t match_count;
    struct expression *except; /* one true: the object is excepted (listed apart, not judged) */
    size_t except_count;
    struct expression *variable; /* variables.NAME, in order */
    size_t variable_count;
    struct validation *validation;
    size_t validation_count;
    struct expression *evidence;
    size_t evidence_count;
    /* What the report shows of every row, passing ones too: the value seen, the value wanted
     * ("{params.NAME}" in it is the parameter's value), whether it is a default because nothing was
     * set, and where it comes from. */
    struct expression seen; /* any value; program NULL: the part shows none */
    struct str wanted;
    struct expression defaulted; /* bool */
    /* {grade, source, instance: string}; not given: derived.evidence */
    struct expression provenance;
    /* what the pairs of its check narrow themselves by ("only"), each once: bool, of a row that was
     * judged */
    struct expression *filter;
    size_t filter_count;
    /* not NULL: it is over the objects that a policy is for; only name, over, needs,
     * reads and validation are set beside it */
    const struct policy_part *policy;
    struct kind_set needs; /* kinds without which it cannot pass: the population and its table's */
    struct kind_set reads; /* these and the kinds behind each fact it names: what to collect */
    struct endpoint_set endpoints; /* single answers behind each fact it names */
};
#define WANTED_PARAM "{params."
#define FILTERS_MAX  16u /* of a check */
struct not_applicable;
struct requirement_ref {
    struct str framework;   /* "pci-dss" */
    struct str requirement; /* "7.2.1" */
    enum strength strength; /* SUPPORT where none is given */
    struct str only;        /* "rows of kind User": of what of the check's population; empty: all */
    struct str only_expression;
    uint32_t filter; /* from 1, in the filters of each part: true of such a row; 0: all rows */
    const struct not_applicable *when; /* its reason is the condition in words; NULL: always */
    struct str rationale;          /* one sentence of its own: why this check is evidence for it */
    struct pos framework_pos, pos; /* of the two names */
    struct pos strength_pos, rationale_pos; /* strength_pos: line 0 where none is given */
};
/* Over facts and params alone. Of a check: when it is true the check does not apply, unless it
 * fails all the same. Of a pair: when it is not true the check is no evidence. */
struct not_applicable {
    struct expression expression;
    struct str reason;
    struct kind_set kinds; /* behind the facts it names */
    struct endpoint_set endpoints;
};
/* A technique of attackers that the check stands in the way of (bench/attack.h). */
struct attack_ref {
    struct str technique, reason; /* "T1610", one sentence */
    struct pos pos, reason_pos;
};
/* A template (bench/commands.h) for findings about objects of a kind; of empty: of any. */
struct command_line {
    struct str of, run;
};
struct check {
    struct str id, section, title, description, rationale, remediation;
    struct pos pos;
    int level;       /* 1 or 2 */
    struct str role; /* "control-plane", "worker" */
    enum severity severity;
    struct str assessment; /* "automated" or "manual": what the benchmark's publisher says of it */
    bool attestation;      /* true: no expression can decide it; MANUAL with hints */
    struct str unanswered; /* what would give the evidence that the API does not; empty: it does */
    /* "cis-kubernetes-2.0.1/5.2.9": what it is like, the first of its line; its own otherwise */
    struct str origin;
    struct str like; /* the id in the base; empty: none */
    bool inherited;  /* judged exactly as its like is, which has the tests */
    const struct not_applicable **not_applicable;
    size_t not_applicable_count;
    struct str *question; /* what a person must answer, for attestation and MANUAL verdicts */
    size_t question_count;
    struct check_part *part;
    size_t part_count;
    struct requirement_ref *requirement;
    size_t requirement_count;
    size_t filter_count; /* of each part */
    struct attack_ref *attack;
    size_t attack_count;
    struct str *tag;
    size_t tag_count;
    struct str *reference; /* public documentation, https://... */
    size_t reference_count;
    struct command_line *command; /* the first that is of a finding's kind is for it */
    size_t command_count;
    struct str no_command; /* why there is none, or none for some findings */
};
struct section {
    struct str id, title;
};
struct profile {
    struct str id, title;
    int64_t level; /* checks of this level and below */
};
/* Which change of a parameter accepts more than its default does: an item more, true, a higher
 * number or another text; or a lower number. */
enum widens { WIDENS_NOT, WIDENS_MORE, WIDENS_LESS, WIDENS_COUNT };
struct param {
    struct str name, description;
    enum widens widens;
    struct value def; /* the default; --param must give the same kind */
    struct pos pos;
};
/* Another edition of a benchmark, which its publisher says is newer (bench/edition.h). */
struct edition {
    struct str title, version; /* an empty title: none is known of */
    struct str kubernetes;     /* "1.34 - 1.35" */
    struct str published;      /* "2026", "2026-03"; empty: not known */
    /* the file that holds it, by its name without folder and ending; empty: there is none */
    struct str benchmark;
    struct str note; /* why it is not judged by, in our own words */
};
struct benchmark {
    struct str id, title, version, kubernetes, description, file;
    struct edition superseded_by;
    struct str base; /* id of the benchmark whose checks its own are like; empty: none */
    /* of the base's files, of the file, and of those it includes in their order */
    uint8_t sha256[SHA256_BYTES];
    struct str *digested;      /* paths of the files of sha256, one after the other */
    struct str *digested_text; /* and what is in them */
    size_t digested_count;
    struct str *source;      /* paths of the file and of those it includes */
    struct str *source_text; /* what is in them, for messages */
    size_t source_count;
    struct section *section;
    size_t section_count;
    struct profile *profile;
    size_t profile_count;
    struct param *param;
    size_t param_count;
    struct expression *variable; /* shared variables.NAME of every check */
    size_t variable_count;
    struct check *check; /* by id: 5.2.9 before 5.2.10 */
    size_t check_count;
    const struct cel_env *env;
};
/* Slots of the variables that every check's environment begins with. */
enum check_slot { SLOT_OBJECT, SLOT_PARAMS, SLOT_DERIVED, SLOT_NAMESPACE_OBJECT, SLOT_FIXED_COUNT };
/* After these: facts.NAME for each fact, then variables.NAME shared, then the part's own. The slot
 * of fact i is SLOT_FIXED_COUNT + i. */

/* Reads and compiles. Strict: unknown keys, unknown ids, unknown functions are errors with
 * file:line:column. All faults of all parts are gathered. False if there is one; *out is then what
 * could be read, for a linter to look at what stands beside it, and good for nothing else. */
bool benchmark_load(struct benchmark *out, struct arena *a, const char *path,
                    struct faults *faults) WARN_UNUSED;
bool framework_load(struct framework *out, struct arena *a, const char *path,
                    struct faults *faults) WARN_UNUSED;
/* The same from bytes in memory; included files are read from the folder of name. */
bool benchmark_parse(struct benchmark *out, struct arena *a, struct str text, const char *name,
                     struct faults *faults) WARN_UNUSED;
bool framework_parse(struct framework *out, struct arena *a, struct str text, const char *name,
                     struct faults *faults) WARN_UNUSED;
/* Whether check c stands in the section, or in one below it: "5" and "5.2" hold 5.2.1. */
bool section_holds(struct str section, const struct check *c);
const struct check *benchmark_find(const struct benchmark *b, struct str id);
/* Every requirement that a check names must exist in the framework. */
bool benchmark_check_frameworks(const struct benchmark *b, const struct framework *f,
                                size_t framework_count, struct arena *a,
                                struct faults *faults) WARN_UNUSED;

/* For a linter: each pair of a check and a requirement says how far it is evidence, in a sentence
 * of its own, once, and narrows itself where the requirement is about some subjects alone. */
void benchmark_lint_mapping(const struct benchmark *b, const struct framework *f,
                            size_t framework_count, struct arena *a, struct faults *faults);

/* For a linter: addresses that are none, and checks without one where others of the benchmark have
 * one. */
void benchmark_lint_references(const struct benchmark *b, struct arena *a, struct faults *faults);
/* https:// and signs of addresses alone: it may be the target of a link. */
bool reference_is_address(struct str s);
/* The file of the benchmark that pos is in, for faults in it. */
struct reading benchmark_reading(const struct benchmark *b, struct pos pos, struct arena *a,
                                 struct faults *faults);

/* Which checks to run: a profile, ids or globs to include and exclude, tags. */
struct selection {
    struct str profile;            /* empty: all */
    struct str *include, *exclude; /* ids with globs ("5.2.*") */
    size_t include_count, exclude_count;
    /* tags with globs, and techniques: "rbac", "attack:T1610"; a check with one of them is meant */
    struct str *tag;
    size_t tag_count;
};
/* A check, and where it stands among those it is told with. */
struct check_at {
    const struct check *check;
    size_t place;
};
/* "5.1.1, 5.2.2 - 5.2.12": three and more of a section in places that follow each other are a
 * range. In order of place. */
struct str check_ids_text(struct arena *a, const struct check_at *c, size_t count);
/* selected[check index]; false and err for an unknown profile or a pattern that names no check. */
bool benchmark_select(const struct benchmark *b, const struct selection *s, bool *selected,
                      struct err *err) WARN_UNUSED;
/* What the selected checks (NULL: all) rest on, and what every audit reads: to be collected, and to
 * be granted. */
struct bench_reads {
    struct kind_set kinds;
    struct endpoint_set endpoints;
};
struct bench_reads benchmark_reads(const struct benchmark *b, const bool *selected);
bool check_reads_kind(const struct check *c, enum kind k);
bool check_reads_endpoint(const struct check *c, enum endpoint e);
/* Parameters in force: defaults with NAME=VALUE texts (YAML values) applied. */
bool benchmark_params(const struct benchmark *b, const struct str *setting, size_t setting_count,
                      struct arena *a, struct value *out, struct err *err) WARN_UNUSED;
/* The same with what a framework (NULL: none) asks for between the defaults and the settings. */
bool benchmark_params_for(const struct benchmark *b, const struct framework *f,
                          const struct str *setting, size_t setting_count, struct arena *a,
                          struct value *out, struct err *err) WARN_UNUSED;

#endif
