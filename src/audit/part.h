/* One part of one check while it is judged: its counts and what was found, grouped by workload. */
#ifndef KUBEVOUCH_AUDIT_PART_H
#define KUBEVOUCH_AUDIT_PART_H

#include "audit/audit.h"

/* What judging one object gave. */
struct judgement {
    enum verdict outcome;       /* PASS, FAIL, MANUAL, UNKNOWN; NOT_APPLICABLE: not in the population */
    bool excepted;
    uint32_t validation;
    struct str message;         /* in the scratch arena */
    struct value evidence;      /* in the scratch arena */
    struct observation observation; /* texts in the scratch arena; instance[0] alone */
    bool observed;              /* the part shows what it saw */
};

/* A finding before its workload is known: findings of one owner are merged at the end. */
struct pending {
    uint32_t owner;             /* in cluster.owner, from 1; 0: an object by itself */
    bool told_by_template;      /* whose judgement the finding tells: the template's, else this pod's */
    struct str told_by_pod;
    uint64_t failed;            /* objects judged FAIL that it stands for */
    struct finding finding;
};
struct part_state {
    uint32_t check, part;       /* indexes in the benchmark */
    const struct check_part *def;
    struct part_result result;
    VEC(struct pending *) pending; /* one by one: growing moves the pointers alone */
    VEC(struct observation) observation;
    uint32_t *by_owner;         /* owner -> index in pending + 1 */
    size_t by_owner_count;
};

/* The whole of an audit in progress. */
struct audit {
    struct arena *arena;
    const struct benchmark *bench;
    struct cluster *cluster;
    struct facts *facts;        /* NULL before audit_early_done */
    const struct audit_asking *ask; /* NULL: it judges */
    struct value params;
    const struct encryption_config *encryption; /* given by the operator, or NULL */
    const struct admission_config *admission;   /* the same */
    const struct net_scopes *scopes; /* given; NULL: none */
    const struct node_evidence *nodes; /* the same */
    const struct statements *statements; /* the same */
    struct str cluster_name;    /* that the operator gave */
    bool *attestation_used, *waiver_used; /* as in statements */
    VEC(struct part_state) part; /* of the selected checks, in their order */
    struct binding_params **binding_params; /* by the bindings' index; NULL: not read */
    size_t binding_params_count;
    bool *selected;
    struct value *slot;         /* scratch for judging: one value per slot of the environment */
    uint8_t *slot_state;
};

/* Judges object by the part. derived is null to make it on demand (streamed kinds). */
struct judgement judge(struct audit *au, struct part_state *part, struct value object, const struct value *derived,
                       struct arena *scratch);
/* Right after judge of the same object: the subexpressions of the validation that failed, into *f. */
void judge_explain(struct audit *au, const struct part_state *part, struct value object, const struct value *derived,
                   struct arena *scratch, struct finding *f);
#define EXPLAINED_ROWS 8u
/* Keeps up to EXPLAINED_ROWS rows of p, as a report may quote them, in *f. */
void explain_failure(struct audit *au, struct finding *f, const struct cel_program *p, const struct cel_explained *row, size_t count);
/* Instead of judge: evaluates the part's one validation and tells its value. */
void judge_ask(struct audit *au, const struct part_state *part, struct value object, const struct value *derived, struct object_ref ref,
               struct arena *scratch);
/* Counts a judgement and keeps its finding: the one that now tells of this object, NULL if none does. owner as in struct pending; from_template: object is the
 * pod that a workload would make and ref is that workload. */
struct finding *part_note(struct audit *au, struct part_state *part, const struct judgement *j, struct object_ref ref,
               uint32_t owner, bool from_template, struct str pod_name);

/* False, with the reason: a rule of the benchmark says that the check does not apply here. One that cannot be told
 * (the facts are unavailable) says nothing. After facts_complete. */
bool audit_is_applicable(struct audit *au, const struct check *c, struct str *reason) WARN_UNUSED;

/* Adds what a row showed to its like. */
void part_observe(struct audit *au, struct part_state *part, const struct judgement *j);
/* The text of wanted with parameters filled in. */
struct str part_wanted(struct audit *au, const struct check_part *part);

#endif
