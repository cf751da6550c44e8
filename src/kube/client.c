/* Requests with retries, credential renewal and a record of each. */
#include "kube/job.h"

/* Tries of what the server did not ask us to repeat: a 5xx without Retry-After, a lost connection.
 */
#define BLIND_RETRIES_MAX 3
/* Tries to reach a server that answered before: about four seconds, a restart behind a load
 * balancer. */
#define UNREACHED_RETRIES_MAX 4
#define BACKOFF_START_MS      250
/* A transport's clock may ring a moment before ours; nothing begun in that moment would end in
 * time. */
#define DEADLINE_SLACK_MS     10
#define BACKOFF_DOUBLINGS_MAX 16
/* So much at once comes from a server that answers; one that sends byte by byte to hold us says
 * nothing. */
#define HEARD_BYTES 256u

void client_limits_default(struct client_limits *l)
{
    *l = (struct client_limits){
        .in_flight = 4,
        .retries = 8,
        .retry_wait_max_ms = 30000,
        .silence_ms = 60000,
        .body_bytes = (size_t)32 << 20,
        .item_bytes = (size_t)4 << 20,
        .list_bytes = (uint64_t)8 << 30,
        .list_items = 2000000,
        .page_items = 500,
        .json_depth = JSON_DEPTH_MAX,
    };
}

void client_init(struct client *c, struct transport *t, struct arena *a,
                 const struct client_limits *l)
{
    *c = (struct client){ .transport = t, .arena = a };
    if (l)
        c->limits = *l;
    else
        client_limits_default(&c->limits);
    if (c->limits.in_flight == 0)
        c->limits.in_flight = 1;
    c->waiting_end = &c->waiting;
    c->clock_start_ms = clock_monotonic_ms();
    if (c->limits.total_ms > 0)
        c->deadline_ms = c->clock_start_ms + c->limits.total_ms;
}

struct call *client_job_call(struct client_job *j)
{
    INVARIANT(j->call_seq > 0 && j->call_seq <= j->client->calls.count);
    return &j->client->calls.item[j->call_seq - 1];
}

int64_t client_backoff_ms(const struct client *c, uint32_t retry)
{
    uint32_t doublings = retry < BACKOFF_DOUBLINGS_MAX ? retry : BACKOFF_DOUBLINGS_MAX, random;
    int64_t wait = (int64_t)BACKOFF_START_MS << doublings;
    if (wait > c->limits.retry_wait_max_ms)
        wait = c->limits.retry_wait_max_ms;
    enc_random(&random, sizeof random);
    return wait / 2 + (int64_t)(random % (uint32_t)(wait / 2 + 1));
}

/* RFC 9562 version 4. */
static void make_audit_id(char out[40])
{
    uint8_t r[16];
    char hex[33];
    enc_random(r, sizeof r);
    r[6] = (uint8_t)((r[6] & 0x0f) | 0x40);
    r[8] = (uint8_t)((r[8] & 0x3f) | 0x80);
    for (size_t i = 0; i < sizeof r; i++)
        (void)snprintf(hex + 2 * i, 3, "%02x", r[i]);
    (void)snprintf(out, 40, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16,
                   hex + 20);
}

static struct instant clock_at(const struct client *c, int64_t monotonic_ms)
{
    int64_t passed = monotonic_ms - c->clock_start_ms;
    struct instant t = c->clock_start;
    int64_t ns = t.ns + passed % 1000 * 1000000;
    t.s += passed / 1000 + ns / 1000000000;
    t.ns = (int32_t)(ns % 1000000000);
    return t;
}

/* False: there is no time or wish left to send anything. */
static bool may_go_on(const struct client_job *j, struct err *err)
{
    const struct client *c = j->client;
    struct str path = j->path;
    int64_t now = clock_monotonic_ms() + DEADLINE_SLACK_MS;
    if (c->cancelled && *c->cancelled)
        return err_set(err, ERR_CANCELLED, "stopped before %.*s", STR_ARG(str_sub(path, 0, 120)));
    if (c->deadline_ms && now >= c->deadline_ms)
        return err_set(err, ERR_LIMIT,
                       "the time limit of %lld s for the whole run was reached before the end of "
                       "%.*s: raise --timeout",
                       (long long)(c->limits.total_ms / 1000), STR_ARG(str_sub(path, 0, 120)));
    if (j->deadline_ms && now >= j->deadline_ms)
        return err_set(err, ERR_LIMIT,
                       "the time limit for all of its kind was reached before the end of %.*s",
                       STR_ARG(str_sub(path, 0, 120)));
    return true;
}

/* The server has given nothing to anybody for so long that nobody needs to ask it any more. */
static bool is_silent(const struct client_job *j, struct err *err)
{
    const struct client *c = j->client;
    int64_t now = clock_monotonic_ms();
    if (j->elsewhere || !c->limits.silence_ms || !c->silent_since_ms ||
        now - c->silent_since_ms < c->limits.silence_ms)
        return false;
    return !err_set(err, ERR_NET,
                    "%.*s was not asked for: the server has given nothing for %lld s; if it is "
                    "only slow, raise --stall-timeout",
                    STR_ARG(str_sub(j->path, 0, 120)),
                    (long long)((now - c->silent_since_ms) / 1000));
}

static void note_heard(struct client_job *j)
{
    struct client *c = j->client;
    j->silent_since_ms = 0;
    j->heard_ms = clock_monotonic_ms();
    if (j->elsewhere)
        return;
    c->silent_since_ms = 0;
    c->heard_ms = j->heard_ms;
}

/* What a try that is over has brought. Less than this in a second is no answer, see http_request.c.
 */
static void note_silence(struct client_job *j)
{
    const struct exchange *x = &j->x;
    struct client *c = j->client;
    int64_t began_ms = clock_monotonic_ms() - x->duration_ms;
    if (x->status != 0 && x->err.code == ERR_NONE) {
        note_heard(j);
        return;
    }
    if (x->loss == LOSS_NONE)
        return;
    if (!j->silent_since_ms)
        j->silent_since_ms = began_ms > j->heard_ms ? began_ms : j->heard_ms;
    if (!j->elsewhere && !c->silent_since_ms)
        c->silent_since_ms = began_ms > c->heard_ms ? began_ms : c->heard_ms;
}

static bool on_exchange_body(struct exchange *x, struct str chunk, struct err *err)
{
    struct client_job *j = x->ctx;
    if (chunk.n >= HEARD_BYTES)
        note_heard(j);
    if (!j->digest.ctx)
        sha256_open(&j->digest);
    sha256_add(&j->digest, chunk);
    return j->on_body(j, chunk, err);
}

static void on_exchange_end(struct exchange *x);

/* Takes the next free place in the row of requests; how long until then, at least delay_ms. */
static int64_t paced(struct client *c, int64_t delay_ms)
{
    if (!c->limits.per_second)
        return delay_ms;
    int64_t now_us = clock_monotonic_ms() * 1000, at_us = now_us + delay_ms * 1000;
    if (at_us < c->next_begin_us)
        at_us = c->next_begin_us;
    c->next_begin_us = at_us + 1000000 / c->limits.per_second;
    return (at_us - now_us + 999) / 1000;
}

static void limit_time(struct exchange *x, int64_t deadline_ms, int64_t delay_ms)
{
    int64_t left = deadline_ms - clock_monotonic_ms() - delay_ms;
    if (deadline_ms && (x->timeout_ms == 0 || left < x->timeout_ms))
        x->timeout_ms = left > 1 ? left : 1;
}

bool client_job_is_spent(const struct client_job *j)
{
    int64_t most = j->client->limits.silence_ms;
    return most && j->silent_since_ms && clock_monotonic_ms() - j->silent_since_ms >= most;
}

/* What is left of the time that the job's server may be silent. */
static int64_t silence_left(const struct client_job *j)
{
    int64_t most = j->client->limits.silence_ms;
    if (!most || !j->silent_since_ms)
        return most;
    int64_t left = most - (clock_monotonic_ms() - j->silent_since_ms);
    return left > 1000 ? left : 1000;
}

static void begin_try(struct client_job *j, int64_t delay_ms)
{
    struct client *c = j->client;
    delay_ms = paced(c, delay_ms);
    struct call *call = client_job_call(j);
    sha256_abandon(&j->digest);
    buf_release(&j->x.error_body);
    j->x = (struct exchange){
        .verb = j->verb,
        .path = j->path,
        .accept = j->accept,
        .body = j->body,
        .no_credentials = j->no_credentials,
        .node = j->node,
        .peer = j->peer,
        .timeout_ms = j->timeout_ms,
        .silence_ms = silence_left(j),
        .delay_ms = delay_ms,
        .held = c->transport->can_hold ? j->held : NULL,
        .retry_after_s = -1,
        .on_body = on_exchange_body,
        .on_end = on_exchange_end,
        .ctx = j,
    };
    limit_time(&j->x, c->deadline_ms, delay_ms);
    limit_time(&j->x, j->deadline_ms, delay_ms);
    make_audit_id(j->x.audit_id);
    memcpy(call->audit_id, j->x.audit_id, sizeof call->audit_id);
    j->renewals_seen = c->renewals;
    transport_submit(c->transport, &j->x);
}

static void add_call(struct client_job *j)
{
    struct client *c = j->client;
    struct call *call = VEC_PUSH(&c->calls, c->arena);
    j->call_seq = (uint32_t)c->calls.count;
    call->seq = j->call_seq;
    call->verb = j->verb;
    call->no_credentials = j->no_credentials;
    call->path = str_dup(c->arena, j->path);
    call->accept = str_dup(c->arena, j->accept);
    call->started = clock_at(c, clock_monotonic_ms());
    call->item_count = -1;
}

/* Starts what may start. Safe to be reached again from a callback: the outer call goes on. */
static void pump(struct client *c)
{
    if (c->pumping)
        return;
    c->pumping = true;
    while (c->waiting && c->pending < c->limits.in_flight) {
        struct client_job *j = c->waiting;
        c->waiting = j->next;
        if (!c->waiting)
            c->waiting_end = &c->waiting;
        j->next = NULL;
        if (!may_go_on(j, &j->err) || is_silent(j, &j->err)) {
            j->on_end(j);
            continue;
        }
        add_call(j);
        c->pending++;
        begin_try(j, j->delay_ms);
    }
    c->pumping = false;
}

void client_start_waiting(struct client *c)
{
    pump(c);
}

bool client_can_ask_ahead(const struct client *c)
{
    return c->transport->can_hold && c->limits.in_flight > 1;
}

void client_calls_known(const struct client *c, size_t *ended, size_t *known)
{
    *ended = c->calls.count - c->pending;
    *known = c->calls.count;
    for (const struct client_job *j = c->waiting; j; j = j->next)
        ++*known;
}

void client_job_start(struct client *c, struct client_job *j)
{
    err_clear(&j->err);
    buf_release(&j->x.error_body);
    j->client = c;
    j->call_seq = 0;
    j->renewed = false;
    j->status = (struct status){ .retry_after_s = -1 };
    j->x = (struct exchange){ .retry_after_s = -1 };
    j->digest = (struct sha256){ 0 };
    j->next = NULL;
    *c->waiting_end = j;
    c->waiting_end = &j->next;
}

void client_run(struct client *c)
{
    while (c->waiting) {
        pump(c);
        transport_run(c->transport);
        INVARIANT(c->pending == 0);
    }
}

/* A 401 is asked again once with a new credential; requests in flight together renew it only once.
 */
static bool may_renew(struct client_job *j)
{
    struct client *c = j->client;
    if (j->x.status != 401 || j->no_credentials || j->elsewhere || j->renewed)
        return false;
    if (j->renewals_seen == c->renewals) {
        if (c->renew_fault.code != ERR_NONE || !c->transport->ops->renew)
            return false;
        if (!c->transport->ops->renew(c->transport, &c->renew_fault)) {
            (void)err_set(&c->renew_fault, ERR_AUTH, "there is no way to renew it");
            return false;
        }
        c->renewals++;
    }
    j->renewed = true;
    return true;
}

/* Retries that an outcome deserves at all. */
static uint32_t retries_due(const struct client_job *j, int64_t retry_after_s)
{
    const struct client *c = j->client;
    const struct exchange *x = &j->x;
    uint32_t most =
        j->retries_max && j->retries_max < c->limits.retries ? j->retries_max : c->limits.retries;
    if (j->elsewhere)
        return 0;
    if (x->err.code != ERR_NONE) {
        bool begun_for_good = x->body_bytes > 0 && !j->on_again;
        if (j->verb != HTTP_GET || begun_for_good)
            return 0;
        switch (x->loss) {
        case LOSS_NONE:
            return 0;
        case LOSS_CUT:
            return most < BLIND_RETRIES_MAX ? most : BLIND_RETRIES_MAX;
        case LOSS_UNREACHED:
            return !c->answered || c->lost        ? 0
                   : most < UNREACHED_RETRIES_MAX ? most
                                                  : UNREACHED_RETRIES_MAX;
        }
    }
    if (x->status == 429 || (x->status >= 500 && retry_after_s >= 0))
        return most;
    /* 501 and 505 say that it will never be otherwise. */
    if (x->status >= 500 && x->status != 501 && x->status != 505)
        return most < BLIND_RETRIES_MAX ? most : BLIND_RETRIES_MAX;
    return 0;
}

/* -1: the server names no time. */
static int64_t asked_wait_s(const struct client_job *j)
{
    return j->x.retry_after_s >= 0 ? j->x.retry_after_s : j->status.retry_after_s;
}

static bool asks_too_long(const struct client_job *j)
{
    return asked_wait_s(j) > (j->client->limits.retry_wait_max_ms + 999) / 1000;
}

/* True with the wait before the next try. */
static bool wants_retry(struct client_job *j, int64_t *delay_ms)
{
    struct client *c = j->client;
    uint32_t done = client_job_call(j)->retries;
    int64_t after_s = asked_wait_s(j);
    struct err ignored = { 0 };

    if (!may_go_on(j, &ignored) || is_silent(j, &ignored))
        return false;
    *delay_ms = 0;
    if (may_renew(j))
        return true;
    if (done >= retries_due(j, after_s) || asks_too_long(j))
        return false;
    *delay_ms = client_backoff_ms(c, done);
    if (after_s >= 0) {
        /* Jitter keeps requests that were refused together from coming back together. */
        int64_t most = c->limits.retry_wait_max_ms,
                asked = after_s > most / 1000 ? most : after_s * 1000;
        int64_t jitter = *delay_ms < BACKOFF_START_MS ? *delay_ms : BACKOFF_START_MS;
        *delay_ms = asked + jitter > most ? most : asked + jitter;
    }
    int64_t start = clock_monotonic_ms() + *delay_ms;
    if (c->limits.silence_ms && j->silent_since_ms &&
        start - j->silent_since_ms >= c->limits.silence_ms)
        return false;
    return (!c->deadline_ms || start < c->deadline_ms) &&
           (!j->deadline_ms || start < j->deadline_ms);
}

/* What the last try adds to the record. */
static void note_try(struct client_job *j)
{
    struct call *call = client_job_call(j);
    const struct exchange *x = &j->x;
    call->status = x->status;
    call->wire_bytes += x->wire_bytes;
    call->body_bytes += x->body_bytes;
    /* Nobody can look up what no server was asked. */
    if (x->is_replayed || x->verb == TLS_HANDSHAKES || x->loss == LOSS_UNREACHED)
        call->audit_id[0] = '\0';
    if (x->audit_id_echo[0])
        memcpy(call->audit_id, x->audit_id_echo, sizeof call->audit_id);
    call->is_replayed = x->is_replayed;
    call->received = x->received;
    if (x->warning[0] && call->warning.n == 0)
        call->warning = str_dup(j->client->arena, str_from_c(x->warning));
    j->client->answered = j->client->answered || (x->status != 0 && !j->elsewhere);
}

static void digest_body(struct client_job *j, struct call *call)
{
    const struct exchange *x = &j->x;
    bool ok = x->status >= 200 && x->status <= 299,
         whole = x->err.code == ERR_NONE && x->status != 0;
    if (whole && j->digest.ctx) {
        sha256_close(&j->digest, call->sha256);
        call->has_digest = true;
    } else if (whole && (ok || x->error_body.n < TRANSPORT_ERROR_BODY_BYTES)) {
        sha256_of(ok ? (struct str){ 0 } : buf_str(&x->error_body), call->sha256);
        call->has_digest = true;
    }
    sha256_abandon(&j->digest);
}

/* The error in its final words. */
static void judge(struct client_job *j)
{
    struct client *c = j->client;
    const struct exchange *x = &j->x;
    struct err now = { 0 };
    if (x->err.code == ERR_NET && !may_go_on(j, &now)) {
        j->err = now;
        return;
    }
    if (status_judge(x, &j->status, &j->err))
        return;
    if (x->err.code == ERR_NONE && (x->status == 429 || x->status >= 500) && asks_too_long(j)) {
        struct err why = { 0 };
        (void)err_set(
            &why, j->err.code,
            "%s; it asks to come back in %lld s, and one wait may take %lld (--retry-wait)",
            j->err.text, (long long)asked_wait_s(j),
            (long long)(c->limits.retry_wait_max_ms / 1000));
        j->err = why;
    }
    if (x->status == 401 && !j->no_credentials && c->renew_fault.code != ERR_NONE) {
        struct err why = { 0 };
        (void)err_set(&why, ERR_AUTH, "the server did not accept the credential (401 %s): %s",
                      j->status.message, c->renew_fault.text);
        j->err = why;
    }
}

static void on_exchange_end(struct exchange *x)
{
    struct client_job *j = x->ctx;
    struct client *c = j->client;
    struct call *call = client_job_call(j);
    int64_t delay_ms;

    j->status = (struct status){ .retry_after_s = -1 };
    if (x->status != 0 && (x->status < 200 || x->status > 299))
        status_read(&j->status, c->arena, x);
    note_try(j);
    note_silence(j);
    if (wants_retry(j, &delay_ms)) {
        call->retries++;
        if (c->retrying)
            c->retrying(c->told_ctx, call,
                        x->err.code != ERR_NONE ? x->err.text : j->status.message, delay_ms);
        if (x->body_bytes > 0 && j->on_again)
            j->on_again(j);
        begin_try(j, delay_ms);
        return;
    }
    judge(j);
    digest_body(j, call);
    struct instant end = clock_at(c, clock_monotonic_ms());
    call->duration_ms = (end.s - call->started.s) * 1000 + (end.ns - call->started.ns) / 1000000;
    call->err_code = j->err.code;
    if (j->err.code != ERR_NONE)
        call->err_text = str_dup(c->arena, str_from_c(j->err.text));
    if (!j->elsewhere)
        c->lost = x->loss == LOSS_UNREACHED && c->answered;
    c->pending--;
    if (c->ended)
        c->ended(c->told_ctx, call);
    j->on_end(j);
    pump(c);
}

/* ---- one answer, whole in memory ---- */

struct whole {
    struct client_job job;
    struct buf body;
};

static bool whole_add(struct client_job *j, struct str chunk, struct err *err)
{
    struct whole *w = j->ctx;
    buf_add(&w->body, chunk);
    if (!w->body.over)
        return true;
    return err_set(err, ERR_LIMIT,
                   "the answer to %.*s is longer than the %zu bytes that one answer may have",
                   STR_ARG(str_sub(j->path, 0, 120)), w->body.limit_bytes);
}

static void whole_again(struct client_job *j)
{
    struct whole *w = j->ctx;
    buf_reset(&w->body);
}

static void whole_end(struct client_job *j)
{
    (void)j;
}

static bool ask(struct client *c, const struct client_job *request, struct reply *out,
                struct err *err)
{
    struct whole w = { .job = *request };
    struct client_job *j = &w.job;
    buf_init(&w.body, c->limits.body_bytes);
    j->on_body = whole_add;
    j->on_again = whole_again;
    j->on_end = whole_end;
    j->ctx = &w;
    client_job_start(c, j);
    client_run(c);
    if (j->err.code == ERR_NONE && !status_check_type(&j->x, &j->err)) {
        client_job_call(j)->err_code = j->err.code;
        client_job_call(j)->err_text = str_dup(c->arena, str_from_c(j->err.text));
    }
    bool ok = j->x.status >= 200 && j->x.status <= 299;
    *out = (struct reply){
        .status = j->x.status,
        .body = str_dup(c->arena, ok ? buf_str(&w.body) : buf_str(&j->x.error_body)),
        .content_type = str_dup(c->arena, str_from_c(j->x.content_type)),
        .date = str_dup(c->arena, str_from_c(j->x.date)),
        .call_seq = j->call_seq,
    };
    buf_release(&w.body);
    buf_release(&j->x.error_body);
    if (c->replied && j->call_seq)
        c->replied(c->replied_ctx, client_job_call(j), j->body, out->body);
    if (j->err.code != ERR_NONE && err->code == ERR_NONE)
        *err = j->err;
    return j->err.code == ERR_NONE;
}

void client_reply_forget(struct reply *r)
{
    union {
        const char *kept;
        void *taken;
    } p = { .kept = r->body.p };
    if (r->body.n)
        arena_forget(p.taken, r->body.n);
    r->body = (struct str){ 0 };
}

bool client_get(struct client *c, struct str path, struct str accept, struct reply *out,
                struct err *err)
{
    return ask(c, &(struct client_job){ .verb = HTTP_GET, .path = path, .accept = accept }, out,
               err);
}

bool client_get_anonymous(struct client *c, struct str path, struct reply *out, struct err *err)
{
    return ask(c,
               &(struct client_job){
                   .verb = HTTP_GET, .path = path, .accept = STR("*/*"), .no_credentials = true },
               out, err);
}

bool client_post_review(struct client *c, struct str path, struct str body, struct reply *out,
                        struct err *err)
{
    return ask(c,
               &(struct client_job){ .verb = HTTP_POST_SELF_REVIEW,
                                     .path = path,
                                     .accept = STR("application/json"),
                                     .body = body },
               out, err);
}

bool client_dry_run_pod(struct client *c, struct str ns, struct str pod, struct reply *out,
                        struct err *err)
{
    struct str path = str_printf(c->arena, "/api/v1/namespaces/%.*s/pods?dryRun=All", STR_ARG(ns));
    return ask(c,
               &(struct client_job){ .verb = HTTP_POST_DRY_RUN_POD,
                                     .path = path,
                                     .accept = STR("application/json"),
                                     .body = pod },
               out, err);
}

bool client_probe_tls(struct client *c, struct reply *out, struct err *err)
{
    return ask(c,
               &(struct client_job){
                   .verb = TLS_HANDSHAKES, .path = STR("/"), .accept = STR("application/json") },
               out, err);
}
