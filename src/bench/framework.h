/* A framework (benchmarks/frameworks/ID.yaml): its requirements in our own words, whether the
 * configuration of a cluster can be evidence for each, and if not, why. Which check is evidence for
 * which stands beside the checks. */
#ifndef KUBEVOUCH_BENCH_FRAMEWORK_H
#define KUBEVOUCH_BENCH_FRAMEWORK_H

#include "base/enc.h"
#include "value/value.h"

/* How far a check, or the run itself, is evidence for a requirement. */
enum strength {
    /* an input that a person needs; it decides nothing, and stands for no strength given */
    STRENGTH_SUPPORT,
    STRENGTH_PARTIAL, /* part of what it asks, or for part of the components */
    STRENGTH_DIRECT,  /* what it asks of this component is what is tested */
    STRENGTH_COUNT
};
extern const char *const strength_name[STRENGTH_COUNT + 1]; /* "support" ... NULL */

enum evidenceable {
    EVIDENCE_CONTRIBUTES, /* a check, or the run itself, is evidence */
    EVIDENCE_POSSIBLE,    /* a cluster could show something of it, and no check does */
    EVIDENCE_NONE,        /* no configuration of a cluster can show it */
    EVIDENCE_COUNT
};
extern const char *const evidenceable_name[EVIDENCE_COUNT + 1];

/* Why no configuration can show a requirement. */
enum no_evidence {
    NO_EVIDENCE_DOCUMENTS,
    NO_EVIDENCE_ACTS,
    NO_EVIDENCE_PREMISES,
    NO_EVIDENCE_DATA,
    NO_EVIDENCE_ELSEWHERE,
    NO_EVIDENCE_ORGANISATION,
    NO_EVIDENCE_COUNT
};
extern const char *const no_evidence_name[NO_EVIDENCE_COUNT + 1]; /* "documents" ... NULL */
/* "a document or a role that is assigned" */
extern const char *const no_evidence_text[NO_EVIDENCE_COUNT];

/* What a reader must know of a requirement where it is shown: that it is for service providers
 * only, that it is addressable. */
struct requirement_mark {
    struct str id, text;
};
struct requirement {
    struct str id, title; /* title: our own words, no two alike */
    enum evidenceable evidenceable;
    enum no_evidence reason; /* of NONE */
    /* the condition that the run cannot see under which its checks are evidence; empty: none */
    struct str when;
    /* of CONTRIBUTES: what stays open; of POSSIBLE: what would have to be looked at */
    struct str not_shown;
    const struct requirement_mark **mark;
    size_t mark_count;
    /* "User", "Group": it asks about these alone; a pair of a check over subjects must narrow
     * itself */
    struct str *subject;
    size_t subject_count;
    bool by_run; /* the run itself is evidence */
    enum strength run_strength;
    struct str run_rationale;
};
/* A parameter of checks as the framework asks for it, where it leads the report. */
struct framework_param {
    struct str name, requirement, reason;
    struct value value;
};
struct framework {
    struct str id, title, version, file;
    struct requirement *requirement; /* in the framework's order */
    size_t requirement_count;
    struct requirement_mark *mark;
    size_t mark_count;
    struct str *conclusion; /* columns that stay empty for the assessor */
    size_t conclusion_count;
    struct framework_param *param;
    size_t param_count;
    uint8_t sha256[SHA256_BYTES];
};
const struct requirement *framework_find(const struct framework *f, struct str requirement);

#endif
