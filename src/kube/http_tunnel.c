/* Raw connections to the API server by the way that requests take, proxy included, and the TLS
 * probe over them. */
#include "kube/http_parts.h"
#include "tls/probe.h"
#include "value/json_doc.h"

#include <poll.h>

/* Of one connection, from its start to its end; a shorter --request-timeout counts. */
#define TUNNEL_TIMEOUT_MS  10000
#define POLL_STEP_MS       200
#define DOCUMENT_BYTES_MAX ((size_t)4 << 20)

struct tunnel {
    const struct http *http;
    const struct target *at;
    CURL *easy;
    int64_t end_ms, audit_end_ms;
};

static void tunnel_close(void *ctx)
{
    struct tunnel *t = ctx;
    if (t->easy)
        curl_easy_cleanup(t->easy);
    t->easy = NULL;
}

static bool tunnel_open(void *ctx, struct err *err)
{
    struct tunnel *t = ctx;
    const struct http *h = t->http;
    struct arena a CLEANUP(arena_release) = { 0 };
    int64_t timeout_ms = TUNNEL_TIMEOUT_MS, now = clock_monotonic_ms();
    tunnel_close(t);
    if (h->options.default_timeout_ms > 0 && h->options.default_timeout_ms < timeout_ms)
        timeout_ms = h->options.default_timeout_ms;
    if (t->audit_end_ms && t->audit_end_ms - now < timeout_ms)
        timeout_ms = t->audit_end_ms - now;
    if (timeout_ms <= 0)
        return err_set(err, ERR_NET, "there is no time left to connect");
    if (h->options.cancelled && *h->options.cancelled)
        return err_set(err, ERR_CANCELLED, "stopped by a signal");
    t->end_ms = now + timeout_ms;
    t->easy = curl_easy_init();
    char *url = str_to_c(&a, str_printf(&a, "http://%.*s/", STR_ARG(t->at->text)));
    bool ok = t->easy && curl_easy_setopt(t->easy, CURLOPT_URL, url) == CURLE_OK &&
              curl_easy_setopt(t->easy, CURLOPT_CONNECT_ONLY, 1L) == CURLE_OK &&
              curl_easy_setopt(t->easy, CURLOPT_PROTOCOLS_STR, "http") == CURLE_OK &&
              curl_easy_setopt(t->easy, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
              curl_easy_setopt(t->easy, CURLOPT_CONNECTTIMEOUT_MS, (long)timeout_ms) == CURLE_OK &&
              http_set_proxy(t->at, &a, t->easy, true);
    if (!ok)
        return err_set(err, ERR_INTERNAL, "libcurl refuses an option for a raw connection");
    CURLcode code = curl_easy_perform(t->easy);
    return code == CURLE_OK ||
           err_set(err, ERR_NET, "no connection to %.*s for a TLS handshake: %s",
                   STR_ARG(t->at->text), curl_easy_strerror(code));
}

/* Until the socket may be ready for events. */
static bool wait_for(struct tunnel *t, short events, struct err *err)
{
    curl_socket_t socket = CURL_SOCKET_BAD;
    (void)curl_easy_getinfo(t->easy, CURLINFO_ACTIVESOCKET, &socket);
    struct pollfd p = { .fd = socket, .events = events };
    if (socket == CURL_SOCKET_BAD)
        return err_set(err, ERR_NET, "the connection to %.*s is gone", STR_ARG(t->at->text));
    for (;;) {
        int64_t left = t->end_ms - clock_monotonic_ms();
        if (t->http->options.cancelled && *t->http->options.cancelled)
            return err_set(err, ERR_CANCELLED, "stopped by a signal");
        if (left <= 0)
            return err_set(err, ERR_NET, "%.*s did not go on with the TLS handshake in time",
                           STR_ARG(t->at->text));
        if (poll(&p, 1, left < POLL_STEP_MS ? (int)left : POLL_STEP_MS) > 0)
            return true;
    }
}

static bool tunnel_send(void *ctx, struct str bytes, struct err *err)
{
    struct tunnel *t = ctx;
    while (bytes.n) {
        size_t sent = 0;
        CURLcode code = curl_easy_send(t->easy, bytes.p, bytes.n, &sent);
        if (code == CURLE_AGAIN) {
            if (!wait_for(t, POLLOUT, err))
                return false;
            continue;
        }
        if (code != CURLE_OK)
            return err_set(err, ERR_NET, "sending to %.*s: %s", STR_ARG(t->at->text),
                           curl_easy_strerror(code));
        bytes = str_sub(bytes, sent, bytes.n);
    }
    return true;
}

static bool tunnel_receive(void *ctx, char *out, size_t size, size_t *n, struct err *err)
{
    struct tunnel *t = ctx;
    for (;;) {
        CURLcode code = curl_easy_recv(t->easy, out, size, n);
        if (code == CURLE_OK)
            return true;
        if (code == CURLE_GOT_NOTHING || code == CURLE_UNSUPPORTED_PROTOCOL) {
            *n = 0;
            return true;
        }
        if (code != CURLE_AGAIN)
            return err_set(err, ERR_NET, "receiving from %.*s: %s", STR_ARG(t->at->text),
                           curl_easy_strerror(code));
        if (!wait_for(t, POLLIN, err))
            return false;
    }
}

/* Where it was seen, then what. */
static struct value document(const struct http *h, const struct target *at, struct arena *a,
                             struct value seen)
{
    struct value_builder b;
    value_builder_init(&b, a);
    value_builder_set(&b, "server", value_str(at->text));
    value_builder_set(&b, "serverName", value_str(h->settings->cluster.tls_server_name));
    value_builder_set(
        &b, "proxy", value_str(at->proxy.kind == PROXY_NONE ? (struct str){ 0 } : at->proxy.shown));
    value_builder_set(&b, "prefix", value_str(at->endpoint.prefix));
    for (uint32_t i = 0; i < seen.n; i++)
        value_builder_put(&b, seen.as.map->entry[i].key, seen.as.map->entry[i].val);
    return value_builder_map(&b);
}

void http_probe_tls(struct transfer *t)
{
    struct http *h = t->http;
    struct exchange *x = t->x;
    struct arena a CLEANUP(arena_release) = { 0 };
    struct buf text CLEANUP(buf_release) = BUF_INIT(DOCUMENT_BYTES_MAX);
    struct tunnel tunnel = { .http = h,
                             .at = t->at,
                             .audit_end_ms = x->timeout_ms ? t->started_ms + x->timeout_ms : 0 };
    struct tls_wire wire = { tunnel_open, tunnel_send, tunnel_receive, tunnel_close, &tunnel };
    struct str name = h->settings->cluster.tls_server_name;
    struct tls_probe_options o = { .name = name.n ? name : t->at->endpoint.host,
                                   .ca_pem = t->at->ca_pem };
    struct value seen;
    if (!t->at->endpoint.https) {
        (void)err_set(&x->err, ERR_TLS, "server begins with http://: there is no TLS to look at");
        return;
    }
    bool ok = tls_probe(&seen, &a, &wire, &o, &x->err);
    tunnel_close(&tunnel);
    x->duration_ms = clock_monotonic_ms() - t->started_ms;
    if (!ok)
        return;
    json_doc_write(&text, document(h, t->at, &a, seen), 0);
    x->status = 200;
    x->body_bytes = text.n;
    (void)snprintf(x->content_type, sizeof x->content_type, "application/json");
    if (buf_ok(&text, "what the TLS handshakes showed", &x->err) && x->on_body)
        (void)x->on_body(x, buf_str(&text), &x->err);
}
