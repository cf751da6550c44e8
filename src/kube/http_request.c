/* One request as libcurl is told of it: address, credential, trust, limits. */
#include "kube/http_parts.h"
#include "kube/status.h"

#define CURL_BUFFER_BYTES (512L << 10)
/* A server that gives less than this for as long as one may be silent gives nothing: one byte a
 * second is no answer. */
#define SLOW_BYTES_PER_SECOND 64L
/* A node that is down must not hold up the others. */
#define KUBELET_CONNECT_MS 5000

/* ---- the answer ---- */

static void keep_text(char *out, size_t size, struct str value)
{
    status_clean(out, size, value);
}

/* Warning: 299 - "text" (RFC 9111 had it removed, API servers still send it): the text, escapes
 * undone. */
static void keep_warning(char *out, size_t size, struct str value)
{
    size_t start = str_find_char(value, '"', 0), n = 0;
    char text[TRANSPORT_HEADER_TEXT_BYTES];
    if (start == SIZE_MAX || out[0])
        return;
    for (size_t i = start + 1; i < value.n && value.p[i] != '"' && n < sizeof text; i++) {
        if (value.p[i] == '\\' && i + 1 < value.n)
            i++;
        text[n++] = value.p[i];
    }
    status_clean(out, size, str_of(text, n));
}

static void keep_header(struct exchange *x, struct str name, struct str value)
{
    const struct {
        struct str name;
        char *out;
        size_t size;
    } row[] = {
        { STR("content-type"), x->content_type, sizeof x->content_type },
        { STR("date"), x->date, sizeof x->date },
        { STR("location"), x->location, sizeof x->location },
        { STR("audit-id"), x->audit_id_echo, sizeof x->audit_id_echo },
    };
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++)
        if (str_eq_nocase(name, row[i].name))
            keep_text(row[i].out, row[i].size, value);
    int64_t seconds;
    if (str_eq_nocase(name, STR("warning")))
        keep_warning(x->warning, sizeof x->warning, value);
    /* API servers send whole seconds; the other form, a date, is left to our own backoff. */
    if (str_eq_nocase(name, STR("retry-after")) && str_to_int64(value, &seconds) && seconds >= 0)
        x->retry_after_s = seconds;
}

static size_t on_header(char *p, size_t size, size_t count, void *ctx)
{
    struct transfer *t = ctx;
    struct exchange *x = t->x;
    struct str line = str_of(p, size * count), name, value;
    if (str_has_prefix(line, STR("HTTP/"))) {
        /* A new answer: the one before was a 1xx. */
        x->content_type[0] = x->date[0] = x->location[0] = x->audit_id_echo[0] = x->warning[0] =
            '\0';
        x->retry_after_s = -1;
    } else if (str_cut(line, ':', &name, &value)) {
        keep_header(x, name, str_trim(value));
    }
    return line.n;
}

static size_t on_write(char *p, size_t size, size_t count, void *ctx)
{
    struct transfer *t = ctx;
    struct exchange *x = t->x;
    struct str chunk = str_of(p, size * count);
    long status = 0;
    if (x->held && *x->held) { /* libcurl gives the same piece again */
        t->paused = true;
        return CURL_WRITEFUNC_PAUSE;
    }
    x->body_bytes += chunk.n;
    (void)curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
    x->status = (int)status;
    if (status < 200 || status > 299) {
        size_t room = TRANSPORT_ERROR_BODY_BYTES - x->error_body.n;
        buf_add(&x->error_body, str_sub(chunk, 0, room));
        t->error_body_full = chunk.n > room;
        return t->error_body_full ? 0 : chunk.n;
    }
    if (!x->on_body || x->on_body(x, chunk, &x->err))
        return chunk.n;
    (void)err_set(&x->err, ERR_INTERNAL, "stopped without a reason");
    t->stopped = true;
    return 0;
}

static CURLcode on_ssl_ctx(CURL *easy, void *ssl_ctx, void *ctx)
{
    struct transfer *t = ctx;
    (void)easy;
    const struct target *at = t->at;
    struct tls_expected expected = { 0 };
    if (at->is_kubelet)
        expected = (struct tls_expected){ .address = at->endpoint.host,
                                          .node = t->x->node,
                                          .node_by_name = t->http->options.kubelet_ca_file.n != 0,
                                          .tolerate = !at->verify };
    tls_watch(ssl_ctx, &t->at->peer, &expected);
    return CURLE_OK;
}

/* ---- the request ---- */

/* Every option is set by one of these: a failure is out of memory or a libcurl without a feature.
 */
struct options {
    CURL *easy;
    CURLcode first_fault;
    CURLoption at;
};
static void note(struct options *o, CURLoption option, CURLcode code)
{
    if (code != CURLE_OK && o->first_fault == CURLE_OK) {
        o->first_fault = code;
        o->at = option;
    }
}
static void set_long(struct options *o, CURLoption option, long v)
{
    note(o, option, curl_easy_setopt(o->easy, option, v));
}
static void set_text(struct options *o, CURLoption option, const char *v)
{
    note(o, option, curl_easy_setopt(o->easy, option, v));
}
static void set_blob(struct options *o, CURLoption option, struct str bytes)
{
    union {
        const char *from;
        void *to;
    } p = { .from = bytes.p };
    struct curl_blob blob = { .data = p.to, .len = bytes.n, .flags = CURL_BLOB_COPY };
    note(o, option, curl_easy_setopt(o->easy, option, &blob));
}

/* One header line. A value that could begin another line is refused: tokens come from files and
 * plugins. */
static bool add_header(struct transfer *t, const char *name, struct str value, struct err *err)
{
    struct buf line = BUF_INIT((size_t)1 << 20);
    line.secret = true;
    for (size_t i = 0; i < value.n; i++)
        if ((unsigned char)value.p[i] < ' ' || value.p[i] == 0x7f)
            return err_set(
                err, ERR_AUTH,
                "the value for header %s holds a control character: check the token or user name",
                name);
    buf_addf(&line, "%s: ", name);
    buf_add(&line, value);
    struct curl_slist *grown = line.over ? NULL : curl_slist_append(t->header, line.p);
    buf_release(&line);
    if (!grown)
        return err_set(err, ERR_LIMIT, "the value for header %s is too long", name);
    t->header = grown;
    return true;
}

static void set_address(struct transfer *t, struct options *o)
{
    const struct http *h = t->http;
    struct buf url = BUF_INIT((size_t)64 << 10);
    if (!t->at->is_kubelet)
        buf_add_c(&url, h->url_base);
    buf_add(&url, t->x->path);
    set_text(o, CURLOPT_URL, url.p);
    buf_release(&url);
    /* Paths are as transport_submit has seen them. */
    set_long(o, CURLOPT_PATH_AS_IS, 1);
    set_text(o, CURLOPT_PROTOCOLS_STR, t->at->endpoint.https ? "https" : "http");
    set_long(o, CURLOPT_FOLLOWLOCATION, 0);
    if (h->connect_to && !t->at->is_kubelet) {
        t->connect_to = curl_slist_append(NULL, h->connect_to);
        note(o, CURLOPT_CONNECT_TO, curl_easy_setopt(o->easy, CURLOPT_CONNECT_TO, t->connect_to));
    }
}

bool http_set_proxy(const struct target *at, struct arena *a, CURL *easy, bool tunnel)
{
    struct options o = { .easy = easy };
    /* An empty proxy, not none: libcurl would read ALL_PROXY and the rest itself. The URL's scheme
     * says what kind it is; socks5h has names resolved at the proxy, as Go does. */
    set_text(&o, CURLOPT_PROXY, at->proxy.kind == PROXY_NONE ? "" : str_to_c(a, at->proxy.url));
    set_text(&o, CURLOPT_NOPROXY, "");
    set_long(&o, CURLOPT_HEADEROPT, CURLHEADER_SEPARATE);
    set_long(&o, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1);
    set_long(&o, CURLOPT_HTTPPROXYTUNNEL,
             tunnel && (at->proxy.kind == PROXY_HTTP || at->proxy.kind == PROXY_HTTPS));
    return o.first_fault == CURLE_OK;
}

static void set_tls(struct transfer *t, struct options *o)
{
    const struct target *at = t->at;
    bool verify = at->verify;
    set_long(o, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
    /* A kubelet's certificate is always judged; tls_watch goes on in spite of it where that is
     * wanted. */
    set_long(o, CURLOPT_SSL_VERIFYPEER, verify || at->is_kubelet);
    set_long(o, CURLOPT_SSL_VERIFYHOST, verify ? 2 : 0);
    note(o, CURLOPT_SSL_CTX_FUNCTION,
         curl_easy_setopt(o->easy, CURLOPT_SSL_CTX_FUNCTION, on_ssl_ctx));
    note(o, CURLOPT_SSL_CTX_DATA, curl_easy_setopt(o->easy, CURLOPT_SSL_CTX_DATA, t));
    if (at->is_kubelet) {
        set_text(o, CURLOPT_CAINFO, NULL);
        set_text(o, CURLOPT_CAPATH, NULL);
    }
    if (at->ca_pem.n) {
        /* The blob alone would leave libcurl's default CAPATH trusted beside it. */
        set_text(o, CURLOPT_CAINFO, NULL);
        set_text(o, CURLOPT_CAPATH, NULL);
        set_blob(o, CURLOPT_CAINFO_BLOB, at->ca_pem);
    }
}

int64_t http_silence_ms(const struct transfer *t)
{
    int64_t own = t->http->options.stall_timeout_ms, asked = t->x->silence_ms;
    return asked > 0 && asked < own ? asked : own;
}

static void set_times(const struct transfer *t, struct options *o)
{
    const struct http_options *ho = &t->http->options;
    int64_t whole_ms = t->x->timeout_ms, silence_ms = http_silence_ms(t),
            connect_ms = t->at->connect_timeout_ms;
    if (ho->default_timeout_ms > 0 && (whole_ms == 0 || ho->default_timeout_ms < whole_ms))
        whole_ms = ho->default_timeout_ms;
    set_long(o, CURLOPT_NOSIGNAL, 1);
    set_long(o, CURLOPT_CONNECTTIMEOUT_MS,
             (long)(connect_ms < silence_ms ? connect_ms : silence_ms));
    set_long(o, CURLOPT_TIMEOUT_MS, (long)whole_ms);
    set_long(o, CURLOPT_LOW_SPEED_LIMIT, SLOW_BYTES_PER_SECOND);
    set_long(o, CURLOPT_LOW_SPEED_TIME, (long)((silence_ms + 999) / 1000));
    set_long(o, CURLOPT_TCP_KEEPALIVE, 1);
}

static void set_protocol(struct transfer *t, struct options *o)
{
    const struct http *h = t->http;
    set_long(o, CURLOPT_HTTP_VERSION,
             h->options.http2 && t->at->endpoint.https && !t->at->is_kubelet
                 ? CURL_HTTP_VERSION_2TLS
                 : CURL_HTTP_VERSION_1_1);
    set_long(o, CURLOPT_PIPEWAIT, h->options.http2);
    set_long(o, CURLOPT_BUFFERSIZE, CURL_BUFFER_BYTES);
    if (!t->at->endpoint.is_loopback && !h->settings->cluster.disable_compression)
        set_text(o, CURLOPT_ACCEPT_ENCODING, "gzip");
    note(o, CURLOPT_HEADERFUNCTION, curl_easy_setopt(o->easy, CURLOPT_HEADERFUNCTION, on_header));
    note(o, CURLOPT_HEADERDATA, curl_easy_setopt(o->easy, CURLOPT_HEADERDATA, t));
    note(o, CURLOPT_WRITEFUNCTION, curl_easy_setopt(o->easy, CURLOPT_WRITEFUNCTION, on_write));
    note(o, CURLOPT_WRITEDATA, curl_easy_setopt(o->easy, CURLOPT_WRITEDATA, t));
    note(o, CURLOPT_ERRORBUFFER, curl_easy_setopt(o->easy, CURLOPT_ERRORBUFFER, t->error_text));
    note(o, CURLOPT_PRIVATE, curl_easy_setopt(o->easy, CURLOPT_PRIVATE, t));
}

static bool set_body(struct transfer *t, struct options *o, struct err *err)
{
    const struct exchange *x = t->x;
    switch (x->verb) {
    case HTTP_GET:
        set_long(o, CURLOPT_HTTPGET, 1);
        return true;
    case TLS_HANDSHAKES:
        return err_set(err, ERR_INTERNAL, "handshakes are no request");
    case HTTP_POST_SELF_REVIEW:
    case HTTP_POST_DRY_RUN_POD:
        set_long(o, CURLOPT_POST, 1);
        set_long(o, CURLOPT_POSTFIELDSIZE, (long)x->body.n);
        set_text(o, CURLOPT_POSTFIELDS, x->body.n ? x->body.p : "");
        return add_header(t, "Content-Type", STR("application/json"), err) &&
               add_header(t, "Expect", STR(""), err);
    }
    return true;
}

/* Impersonate-Extra-KEY: the key percent-encoded, as client-go writes it. */
static bool add_extra(struct transfer *t, struct value extra, struct err *err)
{
    if (extra.kind != VALUE_MAP)
        return true;
    for (uint32_t i = 0; i < extra.n; i++) {
        const struct value_entry *e = &extra.as.map->entry[i];
        struct buf name CLEANUP(buf_release) = BUF_INIT(4096);
        buf_add_c(&name, "Impersonate-Extra-");
        enc_percent(&name, value_text(e->key));
        if (!buf_ok(&name, "as-user-extra", err))
            return false;
        for (uint32_t k = 0; e->val.kind == VALUE_LIST && k < e->val.n; k++)
            if (!add_header(t, name.p, value_text(value_item(e->val, k)), err))
                return false;
    }
    return true;
}

static bool add_impersonation(struct transfer *t, struct err *err)
{
    const struct kube_user *u = &t->http->settings->user;
    if (u->as.n && !add_header(t, "Impersonate-User", u->as, err))
        return false;
    if (u->as_uid.n && !add_header(t, "Impersonate-Uid", u->as_uid, err))
        return false;
    for (size_t i = 0; i < u->as_group_count; i++)
        if (!add_header(t, "Impersonate-Group", u->as_group[i], err))
            return false;
    return add_extra(t, u->as_user_extra, err);
}

/* A kubelet takes tokens and client certificates, and knows nothing of impersonation: it would
 * answer for whoever stands behind it. */
static bool suits_kubelet(const struct transfer *t, const struct auth_material *m, struct err *err)
{
    const struct kube_user *u = &t->http->settings->user;
    if (u->as.n || u->as_uid.n || u->as_group_count)
        return err_set(
            err, ERR_AUTH,
            "a kubelet knows no impersonation: ask as yourself, or with --kubelet proxy");
    if (m->cert_pem.n || str_has_prefix(m->authorization, STR("Bearer ")))
        return true;
    return err_set(
        err, ERR_AUTH,
        "the identity has neither a token nor a client certificate that a kubelet could check");
}

bool http_kubelet_target(struct transfer *t, struct err *err)
{
    struct http *h = t->http;
    struct target *own = &t->own;
    *own = (struct target){ .is_kubelet = true,
                            .verify = !h->options.kubelet_insecure && !t->x->no_credentials,
                            .ca_pem = h->kubelet_ca_pem,
                            .ca = h->kubelet_ca,
                            .connect_timeout_ms = h->options.connect_timeout_ms };
    if (own->connect_timeout_ms > KUBELET_CONNECT_MS)
        own->connect_timeout_ms = KUBELET_CONNECT_MS;
    t->at = own;
    if (!endpoint_parse(&own->endpoint, t->x->path, err) ||
        !proxy_choose(&own->proxy, h->arena, h->settings->cluster.proxy_url, &own->endpoint,
                      h->options.env, err))
        return false;
    own->text = endpoint_text(h->arena, &own->endpoint);
    return own->verify
               ? own->ca_pem.n ||
                     err_set(err, ERR_TLS,
                             "no certificate authority is known that could have signed a kubelet's "
                             "certificate: give --kubelet-certificate-authority")
               : true;
}

/* Over plain http nobody can tell who listens: no credential is sent. A stranger's request takes no
 * connection that a certificate has opened. */
static bool set_credentials(struct transfer *t, struct options *o, struct err *err)
{
    struct http *h = t->http;
    struct auth_material m = { 0 };
    if (t->x->no_credentials || t->at->is_kubelet) {
        set_long(o, CURLOPT_FRESH_CONNECT, 1);
        set_long(o, CURLOPT_FORBID_REUSE, 1);
        set_long(o, CURLOPT_SSL_SESSIONID_CACHE, 0);
    }
    if (t->x->no_credentials || !t->at->endpoint.https)
        return true;
    if (!http_credential(h, &m, err) || (t->at->is_kubelet && !suits_kubelet(t, &m, err)))
        return false;
    if (m.authorization.n && !add_header(t, "Authorization", m.authorization, err))
        return false;
    if (m.cert_pem.n) {
        /* libcurl's callback for a passphrase takes none at all for text. */
        set_text(o, CURLOPT_KEYPASSWD, "");
        set_text(o, CURLOPT_SSLCERTTYPE, "PEM");
        set_text(o, CURLOPT_SSLKEYTYPE, "PEM");
        set_blob(o, CURLOPT_SSLCERT_BLOB, m.cert_pem);
        set_blob(o, CURLOPT_SSLKEY_BLOB, m.key_pem);
    }
    return t->at->is_kubelet || add_impersonation(t, err);
}

static bool add_plain_headers(struct transfer *t, struct err *err)
{
    const struct http *h = t->http;
    return add_header(t, "User-Agent", h->options.user_agent, err) &&
           add_header(t, "Accept", t->x->accept, err) &&
           add_header(t, "Audit-ID", str_from_c(t->x->audit_id), err) &&
           (!h->host_header || t->at->is_kubelet ||
            add_header(t, "Host", str_from_c(h->host_header), err));
}

bool http_request_prepare(struct transfer *t, struct err *err)
{
    struct http *h = t->http;
    struct arena_mark mark = arena_mark(h->arena);
    struct options o = { .easy = curl_easy_init() };
    t->easy = o.easy;
    if (!o.easy)
        return err_set(err, ERR_INTERNAL, "libcurl has no handle left");
    set_address(t, &o);
    if (!http_set_proxy(t->at, h->arena, o.easy, t->at->endpoint.https))
        note(&o, CURLOPT_PROXY, CURLE_BAD_FUNCTION_ARGUMENT);
    set_tls(t, &o);
    set_times(t, &o);
    set_protocol(t, &o);
    bool ok = set_body(t, &o, err) && add_plain_headers(t, err) && set_credentials(t, &o, err);
    note(&o, CURLOPT_HTTPHEADER, curl_easy_setopt(o.easy, CURLOPT_HTTPHEADER, t->header));
    arena_reset_to(h->arena, mark);
    if (ok && o.first_fault != CURLE_OK)
        return err_set(err, ERR_INTERNAL, "libcurl refuses option %d: %s", (int)o.at,
                       curl_easy_strerror(o.first_fault));
    return ok;
}

void http_request_release(struct transfer *t)
{
    if (t->easy)
        curl_easy_cleanup(t->easy);
    for (struct curl_slist *l = t->header; l; l = l->next)
        enc_wipe(l->data, strlen(l->data));
    curl_slist_free_all(t->header);
    curl_slist_free_all(t->connect_to);
    t->easy = NULL;
    t->header = t->connect_to = NULL;
}
