/* A check over objects as a ValidatingAdmissionPolicy: what it found once is refused from then on.
 */
#ifndef KUBEVOUCH_VAP_EXPORT_H
#define KUBEVOUCH_VAP_EXPORT_H

#include "base/buf.h"
#include "vap/policy.h"

#define POLICY_EXPORT_BYTES_MAX ((size_t)16 << 20)

/* How what is exported is in force: the same for all policies of one export. */
struct policy_force {
    unsigned actions; /* enum policy_action, or-ed; at least one, and not DENY with WARN */
    /* names of namespaces (labels of DNS) in which nothing is refused */
    const struct str *except_namespace;
    size_t except_namespace_count;
    bool tells_why; /* what cannot be a policy stands there as a comment */
};

/* What is to be written as one policy: one population of a check, and what must hold for each of
 * its objects. */
struct policy_export {
    /* ids; the title says what is refused where no message does */
    struct str benchmark, check, title;
    struct str part, over; /* "admitted", "pods"; part is empty where there is one */
    bool decides;   /* false: there is no population at all, no expression decides the check */
    enum kind kind; /* KIND_NONE: rows that nobody creates */
    /* variables.NAME: those of every check, then the part's */
    const struct expression *shared, *own;
    size_t shared_count, own_count;
    const struct expression *match, *except;
    size_t match_count, except_count;
    const struct policy_validation *validation; /* those that refuse */
    size_t validation_count;
    const struct policy_force *force;
    struct value params; /* in force; they stand as literals in the expressions */
};
/* Appends YAML: a policy and a binding, true; or nothing, or a comment that says why it cannot be
 * one, false. */
bool policy_export_write(struct buf *out, const struct policy_export *e);

/* One expression in Kubernetes' own names: parameters as literals, globMatch() as a regular
 * expression. used[i] is set for each variable that it names: shared ones first, then the part's.
 * False and why in err: there is no such text. */
bool policy_export_expression(struct str *out, struct arena *a, const struct policy_export *e,
                              struct str text, bool *used, struct err *err) WARN_UNUSED;

#endif
