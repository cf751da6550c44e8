/* The result of an audit: everything a report says, and nothing that a report must still find out.
 * Reports are pure functions of it. */
#ifndef KUBEVOUCH_AUDIT_RESULT_H
#define KUBEVOUCH_AUDIT_RESULT_H

#include "audit/exceptions.h"
#include "audit/requirements.h"
#include "bench/benchmark.h"
#include "bench/statements.h"
#include "kube/call.h"

/* A subexpression of a validation, and its value. */
struct explained {
    struct str text, value;
};
/* What one or several instances showed a part of a check that says "seen", passing or not. */
struct observation {
    enum verdict outcome;
    struct str grade, source; /* "effective", "mirror pod"; empty where the row tells none */
    struct str seen;          /* the value; empty when it could not be had */
    bool has_seen;
    int defaulted;  /* 1: nothing was set, seen is the default; 0: it was set; -1: not told */
    uint64_t count; /* instances that showed the same */
    struct str instance[10]; /* examples, in their table's order; .n 0 ends */
};
#define OBSERVATIONS_MAX 200u /* of a part; the rest is counted */
/* One object (or workload with its pods) that does not satisfy a part of a check. */
struct finding {
    uint32_t check, part;     /* indexes: result.check[check], its part */
    enum verdict outcome;     /* FAIL, UNKNOWN, MANUAL, WAIVED */
    enum cause cause;         /* of UNKNOWN */
    struct object_ref object; /* the workload for pods that have one */
    struct str message;
    uint32_t validation;    /* which one was false or could not be had */
    struct value evidence;  /* map of the part's evidence, or null */
    uint32_t pods;          /* how many pods of the workload; 0 when it is not about pods */
    bool in_template;       /* the workload's template says it too (or only it, when pods is 0) */
    struct str pod_name[3]; /* examples; .n 0 ends */
    const struct waiver *waiver; /* of outcome WAIVED */
    struct explained *explained; /* of failures: outermost first */
    uint32_t explained_count;
    const struct observation *observation; /* of its object alone; NULL: the part shows none */
    /* of files: where the field stands that it is about, or the object; file NULL: in none */
    struct pos place;
    bool is_new;          /* a baseline was given, and it is not in it */
    char fingerprint[33]; /* hex; stable from run to run: check, part, object, validation */
};

/* Findings stand where one by one is read: there may be millions. */
struct finding_source {
    bool (*read)(void *ctx, struct finding *out, size_t i, struct arena *a, struct err *err);
    bool (*glance)(void *ctx, struct finding *out, size_t i, struct arena *a, struct err *err);
    void *ctx;
    /* for files without a name that a report takes while it is written; NULL: the folder for
     * temporary files */
    const char *spool_dir;
};

struct part_result {
    enum verdict verdict;
    uint64_t population; /* objects that the match conditions let in, excepted ones not counted */
    uint64_t templates;  /* of them: pod templates of workloads (over pods only) */
    uint64_t passed, failed, waived, unknown, manual, excepted;
    struct str excepted_name[10];    /* examples */
    struct str reason;               /* for UNKNOWN and NOT_APPLICABLE */
    enum cause cause;                /* of UNKNOWN */
    struct str wanted;               /* the value wanted, parameters filled in; empty: not told */
    struct observation *observation; /* by the order of their first instance */
    size_t observation_count;
    uint64_t observations_left_out;
    struct share *share; /* as the part's filters */
};
struct check_result {
    const struct check *check;
    enum verdict verdict;
    struct str reason; /* one sentence: why this verdict */
    enum cause cause;  /* of UNKNOWN */
    struct str remedy; /* UNKNOWN: what would give the evidence */
    /* objects of files were judged, and it needs a cluster: neither its verdict nor findings count
     */
    bool is_outside;
    const struct attestation *attestation; /* that decided it; NULL: none */
    struct part_result *part;              /* as check->part */
    struct share *share;  /* of each filter, over all parts; check->filter_count of them */
    size_t first_finding; /* of the result's, in object order */
    size_t finding_count;
    uint32_t *call; /* seqs of the calls its evidence came from */
    size_t call_count;
    uint32_t *third_party; /* indexes into result.third_party: what other tools said of it */
    size_t third_party_count;
};
struct access_right {
    struct str verb, group, resource; /* or resource = a non-resource path */
    bool known, allowed;
    struct str checks; /* ids that rest on it, "5.1.1, 5.1.2" */
};
struct run_info {
    char id[40];                           /* UUID */
    struct str tool_version, command_line; /* credentials redacted */
    struct instant started, finished;
    struct str host_name;
    int64_t clock_skew_ms;  /* ours minus the server's Date; INT64_MIN unknown */
    struct str source;      /* "live", "snapshot", "manifests" */
    struct str source_text; /* server URL, or the folder's name */
    struct str cluster_name, purpose, evidence_reference; /* operator-given, may be empty */
    struct str leading_framework;                         /* --framework; empty: none leads */
    struct str profile;                                   /* empty: all */
    struct str benchmark_reason; /* why --benchmark auto took this one; empty: it was named */
    int64_t wall_ms;
};
struct node_evidence;
struct third_party;
struct manifest_index;
struct result {
    struct run_info run;
    const struct cluster *cluster;         /* target, identity, coverage */
    const struct third_party *third_party; /* what other tools said; NULL: nothing was given */
    const struct node_evidence *nodes;  /* what was collected on nodes; NULL: nothing was given */
    const struct manifest_index *files; /* that were read instead of a cluster; NULL: none */
    struct value scopes;                /* a list: what crosses the border of each (facts_scopes) */
    const struct benchmark *bench;
    struct value params;         /* in force */
    struct value params_changed; /* those that differ from the defaults: name -> value */
    struct check_result *check;  /* selected checks, in the benchmark's order */
    size_t check_count;
    struct finding_source findings; /* ordered by check, part, object */
    size_t finding_count;
    struct pos *place; /* of each finding, in files; NULL: no files were judged */
    bool *is_new;      /* of each finding, where has_baseline */
    struct score score;
    struct score *section_score; /* as bench->section */
    struct framework_result *framework;
    size_t framework_count;
    const struct call *call;
    size_t call_count;
    struct access_right *right;
    size_t right_count;
    /* ids of the checks that need a cluster where files were judged; empty: there are none */
    struct str outside;
    size_t outside_count;
    bool has_baseline; /* findings say whether they are new */
    bool incomplete;   /* some evidence that a check needs is missing */
    /* what broke off so that this is no audit of the whole (audit/broken_off.h), a sentence each */
    struct str *broken_off;
    size_t broken_off_count;
    /* waivers, and what parameters accept beyond their own: unapproved ones first */
    struct exception *exception;
    size_t exception_count;
    struct str *statement_note; /* attestations and waivers without effect */
    size_t statement_note_count;
    struct str *note; /* limits and oddities a reader must know, one sentence each */
    size_t note_count;
};

/* Makes score and section_score from the verdicts of the checks; bench tells the sections. */
void result_score(struct result *r, struct arena *a);
/* The i-th finding, its texts in a; ERR_IO where it cannot be had. */
bool result_finding(const struct result *r, struct finding *out, size_t i, struct arena *a,
                    struct err *err) WARN_UNUSED;
/* Of it at least check, part, outcome, pods and its object's kind, namespace and name: what looks
 * at all of them needs no texts. */
bool result_finding_glance(const struct result *r, struct finding *out, size_t i, struct arena *a,
                           struct err *err) WARN_UNUSED;

#endif
