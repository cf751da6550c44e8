/* Single answers and what is written down of them: each has its row in cluster->endpoint. */
#include "cluster/answer.h"

#include "cluster/lists.h"

void endpoint_failed(struct cluster *c, enum endpoint e, const struct err *err, const struct reply *r)
{
    struct coverage *cov = &c->endpoint[e];
    coverage_from_failure(cov, c->arena, err, r->status, str_from_c(endpoint_what(e)), str_from_c(endpoint_remedy(e)));
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

bool endpoint_json(struct cluster *c, enum endpoint e, struct client *client, const struct reply *r, struct value *out)
{
    struct err err = { 0 };
    struct json_limits limits = { .depth = client->limits.json_depth };
    if (json_read(out, c->arena, r->body, &limits, NULL, 0, &err) && out->kind == VALUE_MAP) {
        endpoint_read(c, e, r);
        return true;
    }
    (void)err_set(&err, ERR_INPUT, "not a JSON object");
    err.code = ERR_INPUT;
    endpoint_failed(c, e, &err, r);
    return false;
}
