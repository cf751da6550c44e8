/* ValidatingAdmissionPolicies and their bindings: read strictly, compiled, matched to objects and
 * evaluated as the API server does for a create. What an audit cannot know of a request (who sent
 * it) is unavailable, and the outcome is then unknown. Source: kubernetes.io, Validating Admission
 * Policy; k8s.io/apiserver pkg/admission/plugin/policy/{matching,validating}. */
#ifndef KUBEVOUCH_VAP_POLICY_H
#define KUBEVOUCH_VAP_POLICY_H

#include "cel/expression.h"
#include "cluster/kind_gather.h"
#include "value/decode.h"
#include "value/faults.h"

#define POLICY_API_GROUP "admissionregistration.k8s.io"

/* One resourceRule. */
struct policy_rule {
    struct decode_strs operations, groups, versions, resources, names;
    struct str scope; /* "", "*", "Cluster", "Namespaced" */
    struct pos pos;   /* of its operations */
};
/* Without rules: every resource (of a binding: what its policy matches). */
struct policy_constraints {
    struct policy_rule *rule, *exclude;
    size_t rule_count, exclude_count;
    struct value namespace_selector, object_selector; /* null: everything */
    bool exact;                                       /* matchPolicy: Exact */
};
struct policy_validation {
    struct expression expression, message_expression;
    struct str message, reason; /* reason: "Forbidden" ... */
};
struct policy {
    struct str name, source; /* source: the file, or "the cluster" */
    struct str text;         /* all of the source */
    struct pos pos;
    struct str fault; /* why it cannot be judged (of the cluster's own policies); empty: it can */
    struct policy_constraints constraints;
    /* how kinds were entered that the table lacks; NULL: they are not read */
    const struct kind_gather *gather;
    bool ignores_errors;                      /* failurePolicy: Ignore */
    struct str param_api_version, param_kind; /* empty: it takes no parameters */
    struct expression *condition;             /* matchConditions */
    size_t condition_count;
    struct expression *variable;
    size_t variable_count;
    struct policy_validation *validation;
    size_t validation_count;
    struct expression *annotation; /* auditAnnotations: name is the key */
    size_t annotation_count;
};
enum policy_action { POLICY_DENY = 1, POLICY_WARN = 2, POLICY_AUDIT = 4 };
struct policy_binding {
    struct str name, policy_name, source;
    struct pos pos;
    const struct policy *policy; /* NULL: there is none of that name among those read */
    struct policy_constraints constraints;
    unsigned actions; /* enum policy_action, or-ed */
    bool has_params;
    struct str param_name, param_namespace;
    struct value param_selector; /* null: by name */
    uint32_t index;              /* in policies.binding */
    /* the parameter objects of its paramRef that the files hold: a list; null: none */
    struct value given;
    bool deny_without_params; /* parameterNotFoundAction: Deny */
};
/* An object of another kind in the files: parameters, or left out with the note. */
struct policy_other {
    struct value object;
    struct str note;
};
/* All that were read. Begins zeroed. */
struct policies {
    /* set before reading: what an API server refuses on creation is a fault too (lint) */
    bool as_created;
    VEC(struct policy *) policy;
    VEC(struct policy_binding *) binding;
    VEC(struct policy_other) other;
    VEC(struct str) note; /* what was left out, one sentence each */
    VEC(struct str) text; /* of every file, for the digest */
};
/* path: a YAML or JSON file of one or more documents, or a folder of such files. Other kinds than
 * the two are parameters, or left out with a note. Strict: unknown keys, expressions that do not
 * compile are faults with file:line:column. */
bool policies_read(struct policies *p, struct arena *a, const char *path,
                   struct faults *faults) WARN_UNUSED;
/* The same from text in memory. */
bool policies_parse(struct policies *p, struct arena *a, struct str text, const char *name,
                    struct faults *faults) WARN_UNUSED;
/* One object as an API server has it, text and all. A fault makes a policy that cannot be judged,
 * and says why. */
void policies_add(struct policies *p, struct arena *a, struct value object);
/* Whether the object, of the policy's paramKind, is one that the binding's paramRef names or
 * selects, namespaces aside. */
bool policy_binding_selects(const struct policy_binding *b, struct value object);
/* After the last: bindings find their policies, and the parameters that are in the files. A name
 * that is given twice is a fault. */
bool policies_link(struct policies *p, struct arena *a, struct faults *faults) WARN_UNUSED;

/* ---- which objects */

/* An object as the one of a request to create it, or another one that is named. */
struct facts;
struct policy_object {
    struct value object;
    struct str group, version, resource, kind, ns, name;
    struct str operation, subresource; /* "": CREATE; of the object itself */
    struct value old;                  /* what there was; null of a create */
    /* whoever makes it gives it the name he likes: rules by resourceNames do not hold him */
    bool name_is_free;
    bool namespaced;
    bool scope_is_unknown; /* it names no namespace, and nothing says whether its kind is in one */
    /* null for what is in no namespace; may be an unavailable error */
    struct value namespace_object;
    struct facts *facts; /* what authorizer is asked of; NULL: its answers are unavailable */
};
enum policy_match { POLICY_NO_MATCH, POLICY_MATCH, POLICY_MATCH_UNKNOWN };
/* Whether the request is for the policy, or for the binding. *why of POLICY_MATCH_UNKNOWN, made in
 * scratch. */
enum policy_match policy_matches(const struct policy_constraints *c, const struct policy_object *o,
                                 struct arena *scratch, struct str *why);
/* Whether a create of some object of the resource could match, whatever its name, namespace and
 * labels. */
bool policy_may_match(const struct policy_constraints *c, struct str group, struct str resource,
                      bool namespaced);
/* Resources that rules name and are not in the kinds table: "secrets", "apps/controllerrevisions",
 * "*"; where kinds are gathered, those that are not read even so, or of which it is not known. */
struct str policy_unread(const struct policy_constraints *c, const struct kind_gather *g,
                         struct arena *a);

/* Whether an expression of the policy asks the authorizer: roles and bindings must be read. */
bool policy_asks_authorizer(const struct policy *p, struct arena *a);
/* What expressions of the policy ask of objects of these kinds and is skipped when objects are
 * read; empty: nothing. */
struct str policy_absent(const struct policy *p, struct kind_set kinds, struct arena *a);

/* ---- what it says of one */

enum policy_outcome { POLICY_SKIPS, POLICY_ADMITS, POLICY_DENIES, POLICY_UNKNOWN };
struct policy_decision {
    enum policy_outcome outcome;
    struct str message; /* of DENIES and UNKNOWN, in scratch */
    struct value value; /* of the expression that decided */
};
/* One object and one params object; its variables are made when they are first asked for, each
 * once. */
struct policy_run {
    const struct policy *policy;
    const struct policy_object *object;
    struct value params;
    struct arena *scratch;
    struct value *slot;
    uint8_t *made;
    uint64_t cost_left;
    struct cel_activation act;
};
void policy_run_open(struct policy_run *r, const struct policy *p, const struct policy_object *o,
                     struct value params, struct arena *scratch);
/* SKIPS: a condition is false. ADMITS: all are true; what the validations say decides. */
struct policy_decision policy_run_conditions(struct policy_run *r);
struct policy_decision policy_run_validation(struct policy_run *r, size_t i);
/* As cel_explain, of the validation's expression. */
size_t policy_run_explain(struct policy_run *r, size_t i, struct cel_explained *row, size_t cap);
/* An audit annotation that cannot be had denies, as failurePolicy says. */
struct policy_decision policy_run_annotations(struct policy_run *r);

#endif
