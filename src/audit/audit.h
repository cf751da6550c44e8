/* Applies a benchmark to a cluster while it is collected.
 *
 *   audit_open           before collection: which checks, which parameters
 *   audit_observer       what collect tells: streamed objects are judged as they go by
 *   audit_finish         after it: whole-cluster checks, grouping, verdicts, score
 *
 * Judging is deterministic: the order of arrival changes nothing in the result. */
#ifndef KUBEVOUCH_AUDIT_AUDIT_H
#define KUBEVOUCH_AUDIT_AUDIT_H

#include "audit/result.h"
#include "cluster/collect.h"

struct audit;
struct admission_config;
struct authentication_config;
struct facts;
struct encryption_config;
struct statements;
struct node_evidence;
/* What an expression gave for one row of its population: kubevouch eval. */
struct audit_answer {
    struct object_ref ref;
    struct value value;              /* an error may be the answer */
    const struct cel_explained *row; /* of each subexpression, if explain was set */
    size_t row_count;
};
/* Instead of judging: the one validation of a benchmark that benchmark_ask made is evaluated for
 * every row of its population and told. Everything in an answer lives during the call. */
struct audit_asking {
    void (*told)(void *ctx, const struct audit_answer *answer);
    void *ctx;
    bool explain;
    /* Or, instead of each row: all that is known of the cluster, once, when everything was read. */
    void (*whole)(void *ctx, struct facts *facts, const struct cluster *cluster);
    /* After it, when everything is told: the server may be asked more. NULL: nothing is. */
    void (*more)(void *ctx, struct client *client, const struct cluster *cluster);
    /* Before it, each object of the kinds that stream, as it goes by; NULL: none is wanted. */
    void (*see)(void *ctx, struct facts *facts, enum kind kind, struct value object,
                struct arena *scratch);
};
struct audit_options {
    const struct audit_asking *ask; /* NULL: judge */
    const bool *selected;           /* by check; NULL: all */
    struct value params;            /* in force */
    /* what they would be if none were given; null: the benchmark's own */
    struct value params_asked;
    const struct encryption_config *encryption; /* that the operator gave as evidence; NULL: none */
    const struct admission_config *admission;   /* the same */
    const struct authentication_config *authentication; /* the same */
    const struct node_evidence *nodes;   /* what was collected on the nodes; NULL: nothing */
    const struct statements *statements; /* attestations and waivers; NULL: none */
    const struct net_scopes *scopes;     /* whose border is looked at; NULL: none */
    struct str cluster_name;             /* that statements may be bound to; may be empty */
    /* where what was found is kept until it is reported; NULL: the folder for temporary files */
    const char *spool_dir;
};

/* cluster is being filled by collect and must outlive the audit. */
struct audit *audit_open(struct arena *a, const struct benchmark *b, struct cluster *cluster,
                         const struct audit_options *o);
/* The hooks of struct collect_observer; ctx is the audit. */
void audit_object(void *audit, enum kind kind, struct value object, struct arena *scratch);
void audit_early_done(void *audit);
/* After it, while no list is running: what parameter objects the policies' bindings name. served:
 * what the server told of itself. Without it, what takes parameters is UNKNOWN. */
void audit_read_params(struct audit *au, struct client *client, const struct discovery *served);
/* What the selected checks need collected. */
struct collect_options audit_needs(const struct audit *au);
/* Fills checks, findings, scores and frameworks of *out; the caller fills out->run, calls and
 * notes. The findings are read from the audit's spool: the result lives no longer than the audit.
 * ERR_IO: the spool's disk is full. */
bool audit_finish(struct audit *au, const struct framework *framework, size_t framework_count,
                  struct result *out, struct err *err) WARN_UNUSED;

#endif
