/* Questions about rights in a file, and their answers: who-can --questions. */
#ifndef KUBEVOUCH_CLI_QUESTIONS_H
#define KUBEVOUCH_CLI_QUESTIONS_H

#include "analyze/rbac/rbac.h"

/* One question: what the API server is asked by a SubjectAccessReview. */
struct question {
    struct rbac_user user;
    struct rbac_request q;
};
struct questions {
    struct question *item;
    size_t count;
};
/* Reads a list of questions in YAML or JSON (path "-": standard input); the texts live in a. */
bool questions_read(struct questions *out, struct arena *a, struct str path,
                    struct err *err) WARN_UNUSED;
/* {"allowed": true, "by": "ClusterRoleBinding x", "role": "ClusterRole y"}; allowed is null, with
 * unknown, where a right that was not seen could give it: gap says why that may be, and is empty if
 * everything was seen. */
struct value question_answer(struct arena *a, const struct rbac *r, const struct question *asked,
                             struct str gap);
/* A binding that the request falls under: in the whole cluster, or in the namespace it is about. */
bool question_in_place(const struct rbac_binding *b, const struct rbac_request *q);
/* The role has a rule that allows it; role may be NULL. */
bool question_role_allows(const struct rbac_role *role, const struct rbac_request *q);

#endif
