/* Small answers, many at a time. */
#include "kube/job.h"

#define GET_RETRIES_MAX 1

struct get_state {
    struct client_job job;
    struct buf body;
};

static bool add(struct client_job *j, struct str chunk, struct err *err)
{
    struct get_job *g = j->ctx;
    buf_add(&g->state->body, chunk);
    return buf_ok(&g->state->body, "one answer", err);
}

static void again(struct client_job *j)
{
    struct get_job *g = j->ctx;
    buf_reset(&g->state->body);
}

/* In the record, for whoever looks at it without us. */
static void note_peer(struct client *c, struct client_job *j, const struct tls_peer *peer)
{
    struct tls_peer *copy;
    if (!peer->seen)
        return;
    copy = arena_new(c->arena, struct tls_peer);
    *copy = *peer;
    client_job_call(j)->peer = copy;
}

static void end(struct client_job *j)
{
    struct get_job *g = j->ctx;
    struct get_state *s = g->state;
    struct client *c = j->client;
    uint32_t seq = j->call_seq;
    if (j->err.code == ERR_NONE && !status_check_type(&j->x, &j->err)) {
        client_job_call(j)->err_code = j->err.code;
        client_job_call(j)->err_text = str_dup(c->arena, str_from_c(j->err.text));
    }
    bool ok = j->x.status >= 200 && j->x.status <= 299;
    g->err = j->err;
    g->status = j->x.status;
    g->call_seq = seq;
    if (seq)
        note_peer(c, j, &g->peer);
    struct str body = buf_str(ok ? &s->body : &j->x.error_body);
    struct str record = g->on_end(g, body);
    if (c->replied && seq)
        c->replied(c->replied_ctx, &c->calls.item[seq - 1], (struct str){ 0 }, record);
    if (g->on_next)
        g->on_next(g);
}

void client_get_start(struct client *c, struct get_job *g)
{
    bool elsewhere = transport_is_kubelet(g->path);
    if (!g->state) {
        g->state = arena_new(c->arena, struct get_state);
        buf_init(&g->state->body, g->body_bytes ? g->body_bytes : c->limits.body_bytes);
    }
    buf_reset(&g->state->body);
    buf_release(&g->state->job.x.error_body);
    g->peer = (struct tls_peer){ 0 };
    g->state->job = (struct client_job){
        .verb = HTTP_GET,
        .path = g->path,
        .accept = g->accept,
        .node = g->node,
        .no_credentials = g->no_credentials,
        .elsewhere = elsewhere,
        .retries_max = GET_RETRIES_MAX,
        .timeout_ms = g->timeout_ms,
        .deadline_ms = g->deadline_ms,
        .peer = elsewhere ? &g->peer : NULL,
        .on_body = add,
        .on_again = again,
        .on_end = end,
        .ctx = g,
    };
    client_job_start(c, &g->state->job);
}

void client_get_release(struct get_job *g)
{
    if (!g->state)
        return;
    buf_release(&g->state->body);
    buf_release(&g->state->job.x.error_body);
}
