/* What the API server shows of itself beside its objects: what it answers a stranger, its own
 * checks, the authorities it publishes. */
#include "cluster/probes.h"

#include "cluster/answer.h"
#include "cluster/lists.h"

#define READY_CHECKS_MAX 500u

static void note_switched_off(struct cluster *c, enum endpoint e)
{
    c->endpoint[e] =
        (struct coverage){ .state = COVERAGE_NOT_ASKED,
                           .reason =
                               STR("this run probes nothing (--no-probes, or objects in files)"),
                           .remedy = STR("audit the live server, without --no-probes") };
}

/* A list of answers, of which one is enough to tell something: the row stands for all. */
static void ask_anonymous(struct cluster *c, struct client *client)
{
    struct probe_answer *answer = c->anonymous =
        arena_array(c->arena, struct probe_answer, PROBE_PATH_COUNT);
    struct coverage *cov = &c->endpoint[ENDPOINT_ANONYMOUS];
    probe_anonymous(answer, c->arena, client);
    for (size_t i = 0; i < PROBE_PATH_COUNT; i++) {
        if (answer[i].call_seq && !cov->first_call)
            cov->first_call = answer[i].call_seq;
        if (answer[i].call_seq)
            cov->last_call = answer[i].call_seq;
        cov->items += answer[i].access != ANONYMOUS_UNKNOWN;
        if (answer[i].access == ANONYMOUS_UNKNOWN && !cov->reason.n)
            cov->reason = str_printf(c->arena, "a request for %s without credentials: %.*s",
                                     answer[i].path, STR_ARG(answer[i].reason));
    }
    cov->state = !cov->reason.n ? COVERAGE_COMPLETE : cov->items ? COVERAGE_CUT : COVERAGE_FAILED;
    cov->cause = cov->reason.n ? CAUSE_NO_ANSWER : CAUSE_NONE;
    if (cov->reason.n)
        cov->remedy = STR("run the audit again, with a connection to the API server itself");
}

/* "[+]etcd ok", "[-]etcd failed: reason withheld". Anything else is not a check. */
static void read_ready(struct cluster *c, struct str body)
{
    struct str line;
    while (str_next_field(&body, '\n', &line) && c->ready.count < READY_CHECKS_MAX) {
        struct str rest, name;
        bool ok = str_has_prefix(line, STR("[+]"));
        if (!ok && !str_has_prefix(line, STR("[-]")))
            continue;
        rest = str_sub(line, 3, line.n);
        if (!str_cut(rest, ' ', &name, &rest) || !name.n)
            continue;
        *VEC_PUSH(&c->ready, c->arena) =
            (struct ready_check){ .name = str_dup(c->arena, name), .ok = ok };
    }
}

/* A server that is not ready answers 500 with the same lines. */
static void ask_ready(struct cluster *c, struct client *client)
{
    struct err err = { 0 };
    struct reply r = { 0 };
    bool got =
        client_get(client, str_from_c(endpoint_path(ENDPOINT_READYZ)), STR("text/plain"), &r, &err);
    if (got || r.status == 500)
        read_ready(c, r.body);
    if (c->ready.count) {
        endpoint_read(c, ENDPOINT_READYZ, &r);
        return;
    }
    if (got)
        (void)err_set(&err, ERR_INPUT, "the answer lists no check");
    endpoint_failed(c, ENDPOINT_READYZ, &err, &r);
}

static void ask_extension_auth(struct cluster *c, struct client *client)
{
    struct err err = { 0 };
    struct reply r = { 0 };
    struct value v;
    bool got = client_get(client, str_from_c(endpoint_path(ENDPOINT_EXTENSION_AUTH)),
                          STR("application/json"), &r, &err);
    if (!got) {
        endpoint_failed(c, ENDPOINT_EXTENSION_AUTH, &err, &r);
        return;
    }
    if (endpoint_json(c, ENDPOINT_EXTENSION_AUTH, client, &r, &v))
        c->extension_auth = v;
}

static void ask_tls(struct cluster *c, struct client *client)
{
    struct err err = { 0 };
    struct reply r = { 0 };
    struct value v;
    if (!client_probe_tls(client, &r, &err))
        endpoint_failed(c, ENDPOINT_TLS, &err, &r);
    else if (endpoint_json(c, ENDPOINT_TLS, client, &r, &v))
        c->tls = v;
}

void probes_run(struct cluster *c, struct client *client, const struct collect_options *options)
{
    static const struct {
        enum endpoint endpoint;
        bool is_probe;
        void (*ask)(struct cluster *c, struct client *client);
    } row[] = {
        { ENDPOINT_READYZ, false, ask_ready },
        { ENDPOINT_EXTENSION_AUTH, false, ask_extension_auth },
        { ENDPOINT_ANONYMOUS, true, ask_anonymous },
        { ENDPOINT_TLS, true, ask_tls },
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        if (!endpoint_set_has(options->endpoints, row[i].endpoint))
            continue;
        if (row[i].is_probe && options->no_probes)
            note_switched_off(c, row[i].endpoint);
        else
            row[i].ask(c, client);
    }
}
