/* The live transport: the only user of libcurl. */
#include "kube/http_parts.h"

#include "base/file.h"
#include "base/memory.h"
#include "kube/client_pair.h"
#include "kube/jwt.h"

#define CONNECT_TIMEOUT_MS 30000
#define STALL_TIMEOUT_MS   60000
#define POLL_MS            200
#define CA_BYTES_MAX       ((size_t)4 << 20)

static struct http *http_of(struct transport *t)
{
    return (struct http *)(void *)t;
}

/* ---- one transfer ---- */

static void submit(struct transport *base, struct exchange *x)
{
    struct http *h = http_of(base);
    struct transfer *t = h->spare;
    if (t)
        h->spare = t->next;
    else
        t = arena_new(h->arena, struct transfer);
    *t = (struct transfer){ .http = h, .x = x, .due_ms = clock_monotonic_ms() + x->delay_ms };
    buf_init(&x->error_body, TRANSPORT_ERROR_BODY_BYTES);
    x->status = 0;
    x->retry_after_s = -1;
    x->loss = LOSS_NONE;
    *h->queued_end = t;
    h->queued_end = &t->next;
}

/* Tells the exchange's owner, who may submit others, and keeps the memory for the next. */
static void end_transfer(struct transfer *t)
{
    struct http *h = t->http;
    struct exchange *x = t->x;
    http_request_release(t);
    t->next = h->spare;
    h->spare = t;
    x->on_end(x);
}

static void note_answer(struct transfer *t)
{
    struct exchange *x = t->x;
    struct http *h = t->http;
    long status = 0, header_bytes = 0;
    curl_off_t body_bytes = 0;
    (void)curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
    (void)curl_easy_getinfo(t->easy, CURLINFO_HEADER_SIZE, &header_bytes);
    (void)curl_easy_getinfo(t->easy, CURLINFO_SIZE_DOWNLOAD_T, &body_bytes);
    x->status = (int)status;
    x->wire_bytes = (uint64_t)header_bytes + (uint64_t)body_bytes;
    x->duration_ms = clock_monotonic_ms() - t->started_ms;
    if (x->peer)
        *x->peer = t->at->peer;
    if (t->at->is_kubelet)
        return;
    h->answered = h->answered || status != 0;
    if (status != 0 && !h->first_sha256[0])
        memcpy(h->first_sha256, h->server.peer.sha256, sizeof h->first_sha256);
}

static void start_transfer(struct transfer *t)
{
    struct http *h = t->http;
    t->started_ms = clock_monotonic_ms();
    t->at = &h->server;
    if (t->x->verb == TLS_HANDSHAKES) {
        http_probe_tls(t);
        end_transfer(t);
        return;
    }
    if (transport_is_kubelet(t->x->path) && !http_kubelet_target(t, &t->x->err)) {
        end_transfer(t);
        return;
    }
    if (!http_request_prepare(t, &t->x->err)) {
        end_transfer(t);
        return;
    }
    CURLMcode code = curl_multi_add_handle(h->multi, t->easy);
    if (code != CURLM_OK) {
        (void)err_set(&t->x->err, ERR_INTERNAL, "libcurl: %s", curl_multi_strerror(code));
        end_transfer(t);
        return;
    }
    t->next = h->active;
    h->active = t;
    h->active_count++;
}

static void leave_active(struct transfer *t)
{
    struct http *h = t->http;
    for (struct transfer **at = &h->active; *at; at = &(*at)->next) {
        if (*at == t) {
            *at = t->next;
            h->active_count--;
            break;
        }
    }
    (void)curl_multi_remove_handle(h->multi, t->easy);
}

/* ---- the loop ---- */

/* Starts what is due, in the order of submission; returns the milliseconds until more is. */
static int64_t start_due(struct http *h)
{
    struct transfer **at = &h->queued;
    int64_t wait_ms = POLL_MS, now = clock_monotonic_ms();
    while (*at) {
        struct transfer *t = *at;
        if (t->due_ms > now) {
            if (t->due_ms - now < wait_ms)
                wait_ms = t->due_ms - now;
            at = &t->next;
            continue;
        }
        *at = t->next;
        if (!*at)
            h->queued_end = at;
        t->next = NULL;
        start_transfer(t);
    }
    return wait_ms;
}

static void finish_done(struct http *h)
{
    CURLMsg *m;
    int left;
    while ((m = curl_multi_info_read(h->multi, &left))) {
        struct transfer *t = NULL;
        CURLcode code = m->data.result;
        if (m->msg != CURLMSG_DONE ||
            curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &t) != CURLE_OK || !t)
            continue;
        note_answer(t);
        http_explain(t, code);
        leave_active(t);
        end_transfer(t);
    }
}

/* Bodies that are held no longer go on. Failed in the middle: over the list again, which then has
 * changed. */
static void go_on(struct http *h)
{
    struct transfer *t = h->active;
    while (t) {
        struct transfer *next = t->next;
        if (t->paused && !*t->x->held) {
            t->paused = false;
            CURLcode code = curl_easy_pause(t->easy, CURLPAUSE_CONT);
            if (code != CURLE_OK) {
                note_answer(t);
                http_explain(t, code);
                leave_active(t);
                end_transfer(t);
                next = h->active;
            }
        }
        t = next;
    }
}

static void cancel_all(struct http *h)
{
    while (h->active || h->queued) {
        struct transfer *t = h->active;
        if (t) {
            note_answer(t);
            leave_active(t);
        } else {
            t = h->queued;
            h->queued = t->next;
            if (!h->queued)
                h->queued_end = &h->queued;
        }
        (void)err_set(&t->x->err, ERR_CANCELLED, "stopped by a signal");
        end_transfer(t);
    }
}

static void tell_wait(struct http *h)
{
    const struct transfer *t = h->active ? h->active : h->queued;
    struct transport_wait w = { .what = h->active ? WAIT_REST : WAIT_RETRY };
    curl_off_t sent = 0, came = 0;
    int64_t now = clock_monotonic_ms();
    if (!h->base.waits || !t)
        return;
    for (const struct transfer *i = t; i; i = i->next)
        if (h->active ? i->started_ms < t->started_ms : i->due_ms < t->due_ms)
            t = i;
    w.verb = t->x->verb;
    w.path = t->x->path;
    w.ms = h->active ? now - t->started_ms : t->due_ms - now;
    if (h->active) {
        (void)curl_easy_getinfo(t->easy, CURLINFO_PRETRANSFER_TIME_T, &sent);
        (void)curl_easy_getinfo(t->easy, CURLINFO_STARTTRANSFER_TIME_T, &came);
        w.what = !sent ? WAIT_CONNECTION : !came ? WAIT_ANSWER : WAIT_REST;
    }
    h->base.waits(h->base.waits_ctx, &w);
}

static void run(struct transport *base)
{
    struct http *h = http_of(base);
    while (h->queued || h->active) {
        if (h->options.cancelled && *h->options.cancelled) {
            cancel_all(h);
            return;
        }
        int64_t wait_ms = start_due(h);
        int running = 0;
        go_on(h);
        (void)curl_multi_perform(h->multi, &running);
        size_t before = h->active_count;
        finish_done(h);
        if (h->active_count == before && (h->active || h->queued)) {
            tell_wait(h);
            (void)curl_multi_poll(h->multi, NULL, 0, (int)wait_ms, NULL);
        }
    }
}

/* ---- the credential ---- */

bool http_credential(struct http *h, struct auth_material *out, struct err *err)
{
    struct auth_material m = { 0 };
    if (!auth_current(h->auth, &m, err))
        return false;
    bool seen = h->pair_checked && h->pair_generation == m.generation;
    if (m.cert_pem.n && !seen &&
        !client_pair_check(m.cert_pem, m.key_pem, m.cert_name, m.key_name, err))
        return false;
    h->pair_checked = true;
    h->pair_generation = m.generation;
    *out = m;
    return true;
}

/* The certificate's own end says more than that nothing is left to try. */
static bool explain_refusal(struct http *h, const struct err *why, struct err *err)
{
    struct auth_material m = { 0 };
    struct err ignored = { 0 };
    char end[TLS_TIME_BYTES];
    bool is_past;
    struct instant token_end;
    if (!auth_current(h->auth, &m, &ignored))
        return err_set(err, why->code, "%s", why->text);
    if (!m.authorization.n && tls_certificate_end(m.cert_pem, end, &is_past) && is_past)
        return err_set(
            err, ERR_AUTH,
            "the client certificate expired at %s: get a new one (kubeadm certs renew, or your "
            "cluster's log-in)",
            end);
    struct str bearer = STR("Bearer ");
    if (str_has_prefix(m.authorization, bearer) &&
        jwt_end(str_sub(m.authorization, bearer.n, m.authorization.n), &token_end)) {
        struct arena a CLEANUP(arena_release) = { 0 };
        return err_set(err, ERR_AUTH, "%s (%s %.*s)", why->text,
                       token_end.s <= clock_now().s ? "it expired at"
                                                    : "it says that it is valid until",
                       STR_ARG(clock_format_rfc3339(&a, token_end)));
    }
    return err_set(err, why->code, "%s", why->text);
}

static bool renew(struct transport *base, struct err *err)
{
    struct http *h = http_of(base);
    struct err why = { 0 };
    if (!h->server.endpoint.https)
        return err_set(err, ERR_AUTH,
                       "server begins with http://, where no credential is sent: use https://");
    return auth_renew(h->auth, &why) || explain_refusal(h, &why, err);
}

/* ---- opening and closing ---- */

/* The URL's host is the name that the certificate is checked against; with tls-server-name the way
 * goes to the real address all the same. */
static void make_url(struct http *h)
{
    struct arena *a = h->arena;
    const struct endpoint *e = &h->server.endpoint;
    struct str name = h->settings->cluster.tls_server_name;
    struct str shown =
        name.n && e->https ? str_printf(a, "%.*s:%u", STR_ARG(name), e->port) : h->server.text;
    h->url_base = str_to_c(a, str_printf(a, "%s://%.*s%.*s", e->https ? "https" : "http",
                                         STR_ARG(shown), STR_ARG(e->prefix)));
    if (!name.n || !e->https)
        return;
    h->connect_to =
        str_to_c(a, str_printf(a, "%.*s:%.*s", STR_ARG(shown), STR_ARG(h->server.text)));
    h->host_header = str_to_c(a, h->server.text);
}

static bool is_name(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                    c == '-' || c == '.' || c == '_';
        if (!word)
            return false;
    }
    return s.n <= 255;
}

static bool load_ca_file(struct str *pem_out, struct tls_bundle *out, struct arena *a,
                         const char *what, struct str file, struct err *err)
{
    struct buf pem CLEANUP(buf_release) = BUF_INIT(CA_BYTES_MAX);
    struct str named = str_printf(a, "%s \"%.*s\"", what, STR_ARG(file));
    if (!file_read(str_to_c(a, file), &pem, err))
        return err_prefix(err, "%.*s", STR_ARG(named));
    *pem_out = str_dup(a, buf_str(&pem));
    return tls_bundle_read(out, *pem_out, str_to_c(a, named), err);
}

/* certificate-authority-data wins over the file; either replaces the system's authorities, also
 * when it turns out to be empty. */
static bool load_authorities(struct http *h, struct err *err)
{
    const struct kube_cluster *c = &h->settings->cluster;
    struct arena *a = h->arena;
    if (c->insecure_skip_tls_verify || !h->server.endpoint.https ||
        (!c->ca_data.n && !c->ca_file.n))
        return true;
    if (c->ca_data.n) {
        h->server.ca_pem = c->ca_data;
        return tls_bundle_read(&h->server.ca, c->ca_data, "certificate-authority-data", err);
    }
    return load_ca_file(&h->server.ca_pem, &h->server.ca, a, "certificate-authority", c->ca_file,
                        err);
}

/* Kubelets' certificates are signed by the cluster's CA, unless another is given. Never by the
 * system's. */
static bool load_kubelet_authorities(struct http *h, struct err *err)
{
    struct str file = h->options.kubelet_ca_file;
    if (file.n)
        return load_ca_file(&h->kubelet_ca_pem, &h->kubelet_ca, h->arena,
                            "kubelet-certificate-authority", file, err);
    h->kubelet_ca_pem = h->server.ca_pem;
    h->kubelet_ca = h->server.ca;
    return true;
}

static void set_defaults(struct http_options *o)
{
    if (o->in_flight == 0)
        o->in_flight = 4;
    if (o->connect_timeout_ms <= 0)
        o->connect_timeout_ms = CONNECT_TIMEOUT_MS;
    if (o->stall_timeout_ms <= 0)
        o->stall_timeout_ms = STALL_TIMEOUT_MS;
}

static bool open_multi(struct http *h, struct err *err)
{
    if (curl_global_init_mem(CURL_GLOBAL_DEFAULT, memory_alloc, memory_free, memory_resize,
                             memory_copy_text, memory_alloc_zeroed) != CURLE_OK)
        return err_set(err, ERR_INTERNAL, "libcurl could not be started");
    h->multi = curl_multi_init();
    if (!h->multi) {
        curl_global_cleanup();
        return err_set(err, ERR_INTERNAL, "libcurl could not be started");
    }
    long connections = h->options.http2 ? 1 : (long)h->options.in_flight;
    (void)curl_multi_setopt(h->multi, CURLMOPT_PIPELINING,
                            h->options.http2 ? CURLPIPE_MULTIPLEX : CURLPIPE_NOTHING);
    (void)curl_multi_setopt(h->multi, CURLMOPT_MAX_HOST_CONNECTIONS, connections);
    (void)curl_multi_setopt(h->multi, CURLMOPT_MAXCONNECTS, connections);
    return true;
}

static void close_http(struct transport *base)
{
    struct http *h = http_of(base);
    cancel_all(h);
    (void)curl_multi_cleanup(h->multi);
    curl_global_cleanup();
    auth_close(h->auth);
}

static const struct transport_ops http_ops = {
    .name = "live",
    .submit = submit,
    .run = run,
    .close = close_http,
    .renew = renew,
};

bool http_open(struct transport **out, struct arena *a, const struct kube_settings *s,
               const struct http_options *o, struct err *err)
{
    struct http *h = arena_new(a, struct http);
    *h = (struct http){ .base.ops = &http_ops, .arena = a, .settings = s, .options = *o };
    h->queued_end = &h->queued;
    /* over HTTP/2 libcurl goes on reading for the others, and keeps what is held */
    h->base.can_hold = !o->http2;
    set_defaults(&h->options);
    struct str name = s->cluster.tls_server_name;
    if (!is_name(name))
        return err_set(err, ERR_INPUT, "tls-server-name \"%.*s\" is not a name",
                       STR_ARG(str_sub(name, 0, 100)));
    h->server.verify = !s->cluster.insecure_skip_tls_verify;
    h->server.connect_timeout_ms = h->options.connect_timeout_ms;
    if (!endpoint_parse(&h->server.endpoint, kube_settings_url(s, a), err) ||
        !proxy_choose(&h->server.proxy, a, s->cluster.proxy_url, &h->server.endpoint, o->env,
                      err) ||
        !load_authorities(h, err) || !load_kubelet_authorities(h, err))
        return false;
    h->server.text = endpoint_text(a, &h->server.endpoint);
    make_url(h);
    struct auth_options credential = { .policy = o->exec_policy,
                                       .stdin_is_terminal = o->stdin_is_terminal,
                                       .cancelled = o->cancelled,
                                       .plugin_timeout_ms = o->plugin_timeout_ms,
                                       .deadline_ms = o->deadline_ms };
    if (!auth_open(&h->auth, a, s, &credential, err))
        return false;
    struct auth_material first = { 0 };
    if ((h->server.endpoint.https && !http_credential(h, &first, err)) || !open_multi(h, err)) {
        auth_close(h->auth);
        return false;
    }
    *out = &h->base;
    return true;
}

struct str http_credential_kind(const struct transport *t)
{
    const struct http *h = (const struct http *)(const void *)t;
    return h->server.endpoint.https ? auth_kind(h->auth) : STR("none");
}

enum connection_trust http_connection_trust(const struct transport *t)
{
    const struct http *h = (const struct http *)(const void *)t;
    return !h->server.endpoint.https ? CONNECTION_PLAIN
           : h->server.verify        ? CONNECTION_VERIFIED
                                     : CONNECTION_UNVERIFIED;
}

struct str http_server_certificate_sha256(const struct transport *t)
{
    const struct http *h = (const struct http *)(const void *)t;
    return str_from_c(h->first_sha256);
}
