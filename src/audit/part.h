/* One part of one check while it is judged: its counts and what was found, grouped by workload. */
#ifndef KUBEVOUCH_AUDIT_PART_H
#define KUBEVOUCH_AUDIT_PART_H

#include "audit/audit.h"
#include "base/vec.h"
#include "vap/judge.h"

/* What judging one object gave. */
struct judgement {
    enum verdict outcome; /* PASS, FAIL, MANUAL, UNKNOWN; NOT_APPLICABLE: not in the population */
    bool excepted;
    uint32_t validation;
    enum cause cause;               /* of UNKNOWN */
    struct str message;             /* in the scratch arena */
    struct value evidence;          /* in the scratch arena */
    struct observation observation; /* texts in the scratch arena; instance[0] alone */
    bool observed;                  /* the part shows what it saw */
    /* filters of the part that it is a row of, and those of which that cannot be told; a bit each
     */
    uint16_t in, unsure;
};

/* A row that failed, for the filters that it is a row of: it may be waived yet. */
struct filtered_failure {
    const struct pending *found;
    uint16_t in;
};
struct part_state {
    uint32_t check, part;  /* indexes in the benchmark */
    uint32_t check_result; /* index in the result, once there is one */
    const struct check_part *def;
    struct part_result result;
    uint32_t first_finding, finding_count; /* in found.order, from findings_gather on */
    VEC(struct observation) observation;
    VEC(struct filtered_failure) filtered;
};

/* A variable that was made, and what that took of an expression's cost. */
struct shared_value {
    bool is_made;
    uint64_t cost;
    struct value value;
};
/* The whole of an audit in progress. */
struct audit {
    struct arena *arena;
    const struct benchmark *bench;
    struct cluster *cluster;
    struct facts *facts;            /* NULL before audit_early_done */
    const struct audit_asking *ask; /* NULL: it judges */
    struct value params;
    const struct encryption_config *encryption;         /* given by the operator, or NULL */
    const struct admission_config *admission;           /* the same */
    const struct authentication_config *authentication; /* the same */
    const struct net_scopes *scopes;                    /* given; NULL: none */
    const struct node_evidence *nodes;                  /* the same */
    const struct statements *statements;                /* the same */
    struct str cluster_name;                            /* that the operator gave */
    bool *attestation_used, *approval_used;             /* as in statements */
    uint64_t *waiver_used;                              /* findings that it covers */
    /* what the parameters would be if none were given: defaults, and what the leading framework
     * asks */
    struct value params_asked;
    VEC(struct part_state) part; /* of the selected checks, in their order */
    struct findings *found;
    struct policy_params policy_params;
    bool *selected;
    struct value *slot; /* scratch for judging: one value per slot of the environment */
    uint8_t *slot_state;
    /* the benchmark's own variables of the object that goes by, which all parts read */
    struct shared_value *shared; /* as bench->variable */
    struct arena shared_arena;
    bool is_sharing; /* between two judgements the object stays */
};

/* Judges object by the part. derived is null to make it on demand (streamed kinds). */
struct judgement judge(struct audit *au, struct part_state *part, struct value object,
                       const struct value *derived, struct arena *scratch);
/* Why the validation at j failed, by its subexpressions, outermost first; none for anything but a
 * failure. Of the same object right after judge: the values that it made are still there. In
 * scratch; program NULL: nothing to explain. */
#define EXPLAINED_ROWS 8u
struct explanation {
    const struct cel_program *program;
    struct cel_explained row[EXPLAINED_ROWS];
    size_t count;
};
void judge_explain(struct explanation *out, struct audit *au, const struct part_state *part,
                   const struct judgement *j, struct value object, const struct value *derived,
                   struct arena *scratch);
/* Instead of judge: evaluates the part's one validation and tells its value. */
void judge_ask(struct audit *au, const struct part_state *part, struct value object,
               const struct value *derived, struct object_ref ref, struct arena *scratch);
/* Counts a judgement. What its object is told by from now on, for found_tell; NULL: not by this
 * judgement. owner: in cluster.owner, from 1, 0: an object by itself; from_template: object is the
 * pod that a workload would make and ref is that workload. */
struct pending *part_note(struct audit *au, struct part_state *part, const struct judgement *j,
                          struct object_ref ref, uint32_t owner, bool from_template,
                          struct str pod_name);

/* Counts a judgement for each filter that its row is one of. found: of what is no PASS. */
void part_share_note(struct audit *au, struct part_state *part, const struct judgement *j,
                     const struct pending *found);
/* Once waivers are applied. */
void part_share_waive(struct part_state *part);

/* The verdict of each of the check's filters, once its own is told. */
void check_share(struct audit *au, struct check_result *c);

/* Whether a pair's condition holds in this cluster; why: of UNSEEN. After facts_complete. */
enum pair_condition audit_condition(struct audit *au, const struct not_applicable *when,
                                    struct str *why);
/* False, with the reason: a rule of the benchmark says that the check does not apply here. One that
 * cannot be told (the facts are unavailable) says nothing. After facts_complete. */
bool audit_is_applicable(struct audit *au, const struct check *c, struct str *reason) WARN_UNUSED;

/* Adds what a row showed to its like. */
void part_observe(struct audit *au, struct part_state *part, const struct judgement *j);
/* The text of wanted with parameters filled in. */
struct str part_wanted(struct audit *au, const struct check_part *part);

#endif
