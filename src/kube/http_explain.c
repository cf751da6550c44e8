/* libcurl's failures in words that name the cause and the way out. */
#include "kube/http_parts.h"
#include "kube/status.h"

#include <errno.h>

#define KUBELET_ADDRESS                                                                          \
    "the InternalIP and kubelet port in the Node's status, and that this machine may reach the " \
    "nodes"

static void fail(const struct transfer *t, enum exchange_loss loss, enum err_code code,
                 const char *fmt, ...) PRINTF_LIKE(4, 5);
static void fail(const struct transfer *t, enum exchange_loss loss, enum err_code code,
                 const char *fmt, ...)
{
    char text[sizeof t->x->err.text];
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    (void)err_set(&t->x->err, code, "%s", text);
    t->x->loss = loss;
}

static bool says(const struct transfer *t, const char *words)
{
    return strstr(t->error_text, words) != NULL;
}

/* libcurl's own words, for what has none of ours; proxies and servers may have put theirs into
 * them. */
static const char *curl_words(const struct transfer *t, CURLcode code, char out[160])
{
    status_clean(out, 160, str_from_c(t->error_text[0] ? t->error_text : curl_easy_strerror(code)));
    return out;
}

static void explain_unreached(const struct transfer *t, CURLcode code)
{
    const struct http *h = t->http;
    const struct target *to = t->at;
    bool by_proxy = to->proxy.kind != PROXY_NONE;
    struct str at = by_proxy ? to->proxy.shown : to->text;
    const char *what = by_proxy ? "proxy" : to->is_kubelet ? "kubelet" : "API server";
    const char *check = by_proxy         ? to->proxy.from
                        : to->is_kubelet ? KUBELET_ADDRESS
                                         : "server in the kubeconfig";
    char words[160];
    long os_errno = 0;
    (void)curl_easy_getinfo(t->easy, CURLINFO_OS_ERRNO, &os_errno);
    if (os_errno == ECONNREFUSED && h->answered && !to->is_kubelet)
        fail(t, LOSS_UNREACHED, ERR_NET,
             "connection refused by %.*s, which answered before: the %s has gone away or restarts; "
             "run again when it is back",
             STR_ARG(at), what);
    else if (os_errno == ECONNREFUSED)
        fail(t, LOSS_UNREACHED, ERR_NET,
             "connection refused by %.*s: nothing listens there; check %s, and that the %s runs",
             STR_ARG(at), check, what);
    else if (os_errno == ENETUNREACH || os_errno == EHOSTUNREACH)
        fail(t, LOSS_UNREACHED, ERR_NET, "no route to %s %.*s: check the network or VPN, and %s",
             what, STR_ARG(at), check);
    else
        fail(t, LOSS_UNREACHED, ERR_NET, "could not connect to %s %.*s (%s): check %s", what,
             STR_ARG(at), curl_words(t, code, words), check);
}

static void explain_timeout(const struct transfer *t)
{
    const struct target *at = t->at;
    curl_off_t connected = 0;
    int64_t silence_ms = http_silence_ms(t),
            connect_ms = at->connect_timeout_ms < silence_ms ? at->connect_timeout_ms : silence_ms;
    (void)curl_easy_getinfo(t->easy, CURLINFO_PRETRANSFER_TIME_T, &connected);
    if (at->is_kubelet && connected == 0)
        fail(t, LOSS_UNREACHED, ERR_NET,
             "no connection to kubelet %.*s within %lld ms: check that this machine may reach the "
             "nodes, or take "
             "--kubelet proxy",
             STR_ARG(at->text), (long long)connect_ms);
    else if (says(t, "Operation too slow"))
        fail(t, LOSS_CUT, ERR_NET, "%.*s sent nothing for %lld s%s to %.*s", STR_ARG(at->text),
             (long long)((silence_ms + 999) / 1000),
             t->x->body_bytes ? " (or next to nothing)" : "", STR_ARG(str_sub(t->x->path, 0, 120)));
    else if (connected == 0)
        fail(
            t, LOSS_UNREACHED, ERR_NET,
            "no connection to %.*s within %lld ms: check server in the kubeconfig, and the network "
            "or firewall on the way",
            STR_ARG(at->text), (long long)connect_ms);
    else
        fail(t, LOSS_NONE, ERR_NET,
             "no whole answer from %.*s to %.*s in time: raise --request-timeout",
             STR_ARG(at->text), STR_ARG(str_sub(t->x->path, 0, 120)));
}

/* The handshake was ended before anything of ours was sent. */
static void explain_kubelet_certificate(const struct transfer *t)
{
    const struct tls_peer *p = &t->at->peer;
    char words[160];
    status_clean(words, sizeof words, str_from_c(tls_error_text(p)));
    fail(t, LOSS_NONE, ERR_TLS,
         "the certificate that kubelet %.*s shows (issued by \"%s\") could not be verified against "
         "the cluster's CA (%s), so no "
         "credential was sent",
         STR_ARG(t->at->text), p->issuer, words);
}

/* The certificate is good, and another's. */
static void explain_name(const struct transfer *t)
{
    const struct tls_peer *peer = &t->at->peer;
    const char *names = peer->names[0] ? peer->names : peer->subject;
    struct str wanted = t->http->settings->cluster.tls_server_name;
    if (wanted.n)
        fail(t, LOSS_NONE, ERR_TLS,
             "the server's certificate is for %s, not for \"%.*s\": correct tls-server-name "
             "(--tls-server-name), or leave it "
             "out to check the name in server",
             names, STR_ARG(str_sub(wanted, 0, 100)));
    else
        fail(t, LOSS_NONE, ERR_TLS,
             "the server's certificate is for %s, not for the name in server: correct server, or "
             "give "
             "tls-server-name (--tls-server-name)",
             names);
}

static void explain_verification(const struct transfer *t, CURLcode code)
{
    struct target *at = t->at;
    char words[160];
    struct err why = { 0 };
    if (at->is_kubelet) {
        explain_kubelet_certificate(t);
        return;
    }
    tls_explain(&at->peer, &at->ca, &why);
    /* Told once: the next failure has its own reason. */
    at->peer.verify_error = 0;
    if (why.code != ERR_NONE)
        fail(t, LOSS_NONE, why.code, "%s", why.text);
    else if (at->peer.seen)
        explain_name(t);
    else
        fail(t, LOSS_NONE, ERR_TLS, "the server's certificate is not trusted: %s",
             curl_words(t, code, words));
}

/* Handshakes that broke, and TLS 1.3 refusals of our certificate, which come with the first read.
 */
static bool explain_alert(const struct transfer *t)
{
    static const struct {
        const char *words, *text;
    } row[] = {
        { "certificate required",
          "the server demands a client certificate: the kubeconfig's user has none" },
        { "certificate expired",
          "the server refused the client certificate because it expired: get a new one" },
        { "unknown ca", "the server does not know who signed the client certificate: it belongs to "
                        "another cluster" },
        { "decrypt error",
          "the server could not verify the client certificate: it belongs to another cluster" },
        { "bad certificate", "the server refused the client certificate, or demands one: check the "
                             "kubeconfig's user" },
        { "handshake failure", "the server refused the handshake: it may demand a client "
                               "certificate, or other TLS versions" },
        { "protocol version",
          "the server offers no TLS version that is still safe (1.2 or newer)" },
        { "wrong version number", "the server does not speak TLS on this port: should server begin "
                                  "with http://, or have another port?" },
        { "unrecognized name",
          "the server does not know the name it was asked for: check tls-server-name" },
    };
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        if (!says(t, row[i].words))
            continue;
        fail(t, LOSS_NONE, ERR_TLS, "%.*s: %s", STR_ARG(t->at->text), row[i].text);
        return true;
    }
    return false;
}

static void explain_cut(const struct transfer *t, CURLcode code)
{
    const struct target *at = t->at;
    char words[160];
    long proxy_status = 0;
    (void)curl_easy_getinfo(t->easy, CURLINFO_HTTP_CONNECTCODE, &proxy_status);
    if (proxy_status >= 300)
        fail(t, LOSS_NONE, ERR_NET, "the proxy %.*s refused the way to %.*s with %ld: check %s",
             STR_ARG(at->proxy.shown), STR_ARG(at->text), proxy_status, at->proxy.from);
    else if (!explain_alert(t))
        fail(t, LOSS_CUT, ERR_NET, "the connection to %.*s was cut %s (%s)", STR_ARG(at->text),
             t->x->body_bytes ? "in the middle of the answer" : "before an answer came",
             curl_words(t, code, words));
}

static void explain_handshake(const struct transfer *t, CURLcode code)
{
    char words[160];
    bool reset = says(t, "Connection reset") || says(t, "Broken pipe") || says(t, "Send failure") ||
                 says(t, "Recv failure") || says(t, "SSL_ERROR_SYSCALL") ||
                 says(t, "unexpected eof");
    if (!explain_alert(t))
        fail(t, reset ? LOSS_CUT : LOSS_NONE, reset ? ERR_NET : ERR_TLS,
             "the TLS handshake with %.*s failed (%s)", STR_ARG(t->at->text),
             curl_words(t, code, words));
}

static void explain_rest(const struct transfer *t, CURLcode code)
{
    const struct target *at = t->at;
    char words[160];
    switch ((int)code) {
    case CURLE_COULDNT_RESOLVE_HOST:
        fail(t, LOSS_UNREACHED, ERR_NET,
             "the name of the API server %.*s could not be resolved: check server in the "
             "kubeconfig, "
             "and the network or VPN",
             STR_ARG(at->text));
        return;
    case CURLE_COULDNT_RESOLVE_PROXY:
        fail(t, LOSS_UNREACHED, ERR_NET,
             "the name of the proxy %.*s could not be resolved: check %s", STR_ARG(at->proxy.shown),
             at->proxy.from);
        return;
    case CURLE_PROXY:
        fail(t, LOSS_NONE, ERR_NET, "the proxy %.*s did not open the way to %.*s: check %s",
             STR_ARG(at->proxy.shown), STR_ARG(at->text), at->proxy.from);
        return;
    case CURLE_SSL_CERTPROBLEM:
        fail(
            t, LOSS_NONE, ERR_TLS,
            "the client certificate and key cannot be used (%s): check that client-certificate and "
            "client-key belong together",
            curl_words(t, code, words));
        return;
    case CURLE_SSL_CACERT_BADFILE:
        if (at->ca_pem.n)
            fail(t, LOSS_NONE, ERR_TLS, "certificate-authority cannot be used (%s)",
                 curl_words(t, code, words));
        else
            fail(t, LOSS_NONE, ERR_TLS,
                 "the server's certificate could not be checked: this system has no list of public "
                 "authorities (%s): give "
                 "certificate-authority (--certificate-authority), or install ca-certificates",
                 curl_words(t, code, words));
        return;
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_WEIRD_SERVER_REPLY:
        fail(t, LOSS_NONE, ERR_SERVER,
             "%.*s does not answer in HTTP: check server in the kubeconfig", STR_ARG(at->text));
        return;
    default:
        fail(t, LOSS_NONE, ERR_NET, "the request to %.*s failed: %s", STR_ARG(at->text),
             curl_words(t, code, words));
    }
}

void http_explain(const struct transfer *t, CURLcode code)
{
    if (code == CURLE_OK || t->x->err.code != ERR_NONE ||
        (code == CURLE_WRITE_ERROR && t->error_body_full))
        return;
    switch ((int)code) {
    case CURLE_COULDNT_CONNECT:
        explain_unreached(t, code);
        return;
    case CURLE_OPERATION_TIMEDOUT:
        explain_timeout(t);
        return;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_ISSUER_ERROR:
        explain_verification(t, code);
        return;
    case CURLE_SSL_CONNECT_ERROR:
        explain_handshake(t, code);
        return;
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_PARTIAL_FILE:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
    case CURLE_BAD_CONTENT_ENCODING:
        explain_cut(t, code);
        return;
    default:
        explain_rest(t, code);
    }
}
