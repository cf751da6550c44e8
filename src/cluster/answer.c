/* Single answers and what is written down of them: each has its row in cluster->endpoint. */
#include "cluster/answer.h"

#include "cluster/lists.h"

void endpoint_failed(struct cluster *c, enum endpoint e, const struct err *err,
                     const struct reply *r)
{
    struct coverage *cov = &c->endpoint[e];
    coverage_from_failure(cov, c->arena, err, r->status, str_from_c(endpoint_what(e)),
                          str_from_c(endpoint_remedy(e)));
    cov->first_call = cov->last_call = r->call_seq;
}

void endpoint_read(struct cluster *c, enum endpoint e, const struct reply *r)
{
    struct coverage *cov = &c->endpoint[e];
    cov->state = COVERAGE_COMPLETE;
    cov->items = 1;
    cov->bytes = r->body.n;
    cov->first_call = cov->last_call = r->call_seq;
}

static const struct {
    const char *part, *kind, *api_version;
} answer_row[] = {
    { "/configmaps/", "ConfigMap", "v1" },
    { "/selfsubjectreviews", "SelfSubjectReview", "authentication.k8s.io/v1" },
    { "/selfsubjectaccessreviews", "SelfSubjectAccessReview", "authorization.k8s.io/v1" },
};

bool answer_kind_of_path(struct str path, const char **kind, const char **api_version)
{
    for (size_t i = 0; i < COUNT_OF(answer_row); i++) {
        *kind = answer_row[i].kind;
        *api_version = answer_row[i].api_version;
        if (str_contains(path, str_from_c(answer_row[i].part)))
            return true;
    }
    return false;
}

static bool is_last_of(struct str path, struct str name)
{
    return path.n > name.n && path.p[path.n - name.n - 1] == '/' && str_has_suffix(path, name);
}

bool answer_is_of(struct value answer, struct str path, struct err *err)
{
    const char *kind, *version;
    struct str name = value_text_at(answer, "metadata", "name", NULL),
               shown = str_sub(path, 0, 120);
    if (!answer_kind_of_path(path, &kind, &version))
        return true;
    if (!str_eq_c(value_text_at(answer, "kind", NULL), kind) ||
        !str_eq_c(value_text_at(answer, "apiVersion", NULL), version))
        return err_set(err, ERR_INPUT, "%.*s: the answer is not a %s of %s", STR_ARG(shown), kind,
                       version);
    return !name.n || is_last_of(path, name) ||
           err_set(err, ERR_INPUT, "%.*s: the answer is another object", STR_ARG(shown));
}

bool endpoint_json(struct cluster *c, enum endpoint e, struct client *client, const struct reply *r,
                   struct value *out)
{
    struct err err = { 0 };
    struct json_limits limits = { .depth = client->limits.json_depth };
    bool is_object =
        json_read(out, c->arena, r->body, &limits, NULL, 0, &err) && out->kind == VALUE_MAP;
    if (is_object && answer_is_of(*out, str_from_c(endpoint_path(e)), &err)) {
        endpoint_read(c, e, r);
        return true;
    }
    if (!is_object)
        (void)err_set(&err, ERR_INPUT, "not a JSON object");
    err.code = ERR_INPUT;
    endpoint_failed(c, e, &err, r);
    return false;
}
