/* The single answers: version, discovery, who we are, what we may do beyond need, metrics,
 * kubeadm's configuration. */
#include "cluster/server.h"

#include "cluster/answer.h"
#include "cluster/control_plane.h"
#include "cluster/lists.h"
#include "cluster/metrics.h"
#include "cluster/probes.h"

/* What an audit does not need; said in the report when the identity has it all the same. */
static const struct excess_right excess_row[EXCESS_RIGHT_COUNT] = {
    { .verb = "list", .group = "", .resource = "secrets", .what = "read every Secret's data" },
    { .verb = "get",
      .group = "",
      .resource = "nodes/proxy",
      .what = "run commands on every node through its kubelet" },
    { .verb = "create",
      .group = "",
      .resource = "pods",
      .what = "run workloads in every namespace" },
};

static bool ask_version(struct cluster *c, struct client *client, struct err *err)
{
    struct reply r = { 0 };
    struct value v;
    bool got = client_get(client, STR("/version"), STR("application/json"), &r, err);
    if (!got) {
        endpoint_failed(c, ENDPOINT_VERSION, err, &r);
        /* A server that answers 403 or 500 here is still one to audit. */
        if (r.status != 0 && err->code != ERR_AUTH) {
            err_clear(err);
            return true;
        }
        return false;
    }
    c->server_date = str_dup(c->arena, r.date);
    if (!endpoint_json(c, ENDPOINT_VERSION, client, &r, &v))
        return true;
    c->git_version = value_text_at(v, "gitVersion", NULL);
    c->platform = value_text_at(v, "platform", NULL);
    /* "35", "27+" */
    struct str minor = value_text_at(v, "minor", NULL);
    int64_t n;
    size_t digits = 0;
    while (digits < minor.n && minor.p[digits] >= '0' && minor.p[digits] <= '9')
        digits++;
    if (str_to_int64(str_sub(minor, 0, digits), &n) && n >= 0 && n < 1000)
        c->minor = (int)n;
    return true;
}

static void ask_self(struct cluster *c, struct client *client)
{
    struct err err = { 0 };
    struct reply r = { 0 };
    struct value v;
    struct str body =
        STR("{\"apiVersion\":\"authentication.k8s.io/v1\",\"kind\":\"SelfSubjectReview\"}");
    struct str path = STR("/apis/authentication.k8s.io/v1/selfsubjectreviews");
    bool got = client_post_review(client, path, body, &r, &err);
    if (!got) {
        endpoint_failed(c, ENDPOINT_SELF, &err, &r);
        return;
    }
    if (!endpoint_json(c, ENDPOINT_SELF, client, &r, &v))
        return;
    c->user = value_text_at(v, "status", "userInfo", "username", NULL);
    c->user_uid = value_text_at(v, "status", "userInfo", "uid", NULL);
    const struct value *groups = value_at(v, "status", "userInfo", "groups", NULL);
    if (!groups || groups->kind != VALUE_LIST)
        return;
    c->group = arena_array(c->arena, struct str, groups->n);
    for (size_t i = 0; i < groups->n; i++)
        c->group[c->group_count++] = value_text(value_item(*groups, i));
}

/* Every group but core with its versions, as far as all groups were told. */
static struct value served_groups(struct arena *a, const struct discovery *served)
{
    struct map seen;
    struct value_builder groups;
    map_init(&seen, a);
    value_builder_init(&groups, a);
    for (size_t i = 0; i < served->resource.count; i++) {
        const struct discovery_resource *r = &served->resource.item[i];
        struct value_builder versions;
        if (map_has(&seen, r->group))
            continue;
        map_put(&seen, r->group, served->resource.item);
        value_builder_init(&versions, a);
        for (size_t k = i; k < served->resource.count; k++)
            if (str_eq(served->resource.item[k].group, r->group) &&
                (!versions.count || !str_eq(value_text(versions.item[versions.count - 1]),
                                            served->resource.item[k].version)))
                value_builder_push(&versions, value_str(served->resource.item[k].version));
        value_builder_put(&groups, value_str(r->group), value_builder_list(&versions));
    }
    return value_builder_map(&groups);
}

bool server_greet(struct collected *out, struct client *client, struct discovery *served,
                  struct err *err)
{
    struct cluster *c = out->cluster;
    if (!ask_version(c, client, err))
        return false;
    ask_self(c, client);
    struct err why = { 0 };
    uint32_t first = (uint32_t)client->calls.count + 1;
    struct coverage *cov = &c->endpoint[ENDPOINT_DISCOVERY];
    if (discovery_read(served, c->arena, client, &why)) {
        cov->state = COVERAGE_COMPLETE;
        cov->items = 1;
        c->api_groups = served_groups(c->arena, served);
    } else {
        coverage_from_failure(cov, c->arena, &why, 0, str_from_c(endpoint_what(ENDPOINT_DISCOVERY)),
                              str_from_c(endpoint_remedy(ENDPOINT_DISCOVERY)));
    }
    cov->first_call = first;
    cov->last_call = (uint32_t)client->calls.count;
    return true;
}

static void ask_excess(struct collected *out, struct client *client)
{
    struct cluster *c = out->cluster;
    struct str path = STR("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews");
    for (size_t i = 0; i < EXCESS_RIGHT_COUNT; i++) {
        struct excess_right *x = &out->excess[i];
        struct err err = { 0 };
        struct reply r = { 0 };
        struct value v;
        struct str resource, sub;
        bool has_sub = str_cut(str_from_c(x->resource), '/', &resource, &sub);
        struct str body = str_printf(
            c->arena,
            "{\"apiVersion\":\"authorization.k8s.io/"
            "v1\",\"kind\":\"SelfSubjectAccessReview\",\"spec\":{\"resourceAttributes\":"
            "{\"verb\":\"%s\",\"group\":\"%s\",\"resource\":\"%.*s\",\"subresource\":\"%.*s\"}}}",
            x->verb, x->group, STR_ARG(resource), has_sub ? (int)sub.n : 0, has_sub ? sub.p : "");
        bool got = client_post_review(client, path, body, &r, &err);
        if (!got) {
            endpoint_failed(c, ENDPOINT_RIGHTS, &err, &r);
            return;
        }
        if (!endpoint_json(c, ENDPOINT_RIGHTS, client, &r, &v))
            return;
        const struct value *allowed = value_at(v, "status", "allowed", NULL);
        x->known = allowed && allowed->kind == VALUE_BOOL; /* what is not said is not "no" */
        x->allowed = x->known && value_bool_at(v, false, "status", "allowed", NULL);
    }
}

static void ask_metrics(struct cluster *c, struct client *client)
{
    struct err err = { 0 };
    struct reply r = { 0 };
    bool got = client_get(client, STR("/metrics"), STR("text/plain"), &r, &err);
    if (!got) {
        endpoint_failed(c, ENDPOINT_METRICS, &err, &r);
        return;
    }
    if (!metrics_read(&c->metrics, c->arena, r.body, &err)) {
        endpoint_failed(c, ENDPOINT_METRICS, &err, &r);
        return;
    }
    endpoint_read(c, ENDPOINT_METRICS, &r);
    client_reply_forget(&r); /* megabytes, of which a few series are kept */
}

void server_extras(struct collected *out, struct client *client,
                   const struct collect_options *options)
{
    for (size_t i = 0; i < EXCESS_RIGHT_COUNT; i++)
        out->excess[i] = excess_row[i];
    if (options->want_rights)
        ask_excess(out, client);
    if (endpoint_set_has(options->endpoints, ENDPOINT_METRICS))
        ask_metrics(out->cluster, client);
    control_plane_ask(out->cluster, client, options);
    probes_run(out->cluster, client, options);
}
