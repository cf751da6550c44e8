/* One HTTP request and its answer, and what can carry it: a live API server (http), a recorded
 * snapshot, a test. */
#include "kube/transport.h"

#include "base/ip.h"
#include "base/names.h"

#define PATH_BYTES_MAX    8192
#define SEGMENT_COUNT_MAX 32

const char *const connection_trust_name[CONNECTION_TRUST_COUNT] = {
    [CONNECTION_VERIFIED] = "verified",
    [CONNECTION_UNVERIFIED] = "unverified",
    [CONNECTION_PLAIN] = "plain",
};

static const struct str review_path[] = {
    STR_INIT("/apis/authentication.k8s.io/v1/selfsubjectreviews"),
    STR_INIT("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"),
    STR_INIT("/apis/authorization.k8s.io/v1/selfsubjectrulesreviews"),
};

/* Subresources whose GET opens a channel into what runs: the API server authorises exec and attach
 * over a WebSocket as "get". Source: k8s.io/kubernetes pkg/registry/core/pod/rest, and KubeVirt's
 * console. */
static const char *const acting_subresource[] = { "attach",      "console", "exec",
                                                  "portforward", "proxy",   "vnc" };

/* What a kubelet answers without doing anything. Its run, exec, attach and portForward do. */
static const struct str kubelet_path[] = {
    STR_INIT("configz"), STR_INIT("flagz"),         STR_INIT("healthz"),
    STR_INIT("metrics"), STR_INIT("pods"),          STR_INIT("metrics/cadvisor"),
    STR_INIT("statusz"), STR_INIT("stats/summary"),
};

static bool is_listed(const struct str *table, size_t count, struct str s)
{
    for (size_t i = 0; i < count; i++)
        if (str_eq(table[i], s))
            return true;
    return false;
}

/* Printable ASCII from the root; no way to write a segment in two manners ("..", "%2F", "//"),
 * since the rules below and the server must read the same path. */
static bool is_plain(struct str path)
{
    if (path.n == 0 || path.n > PATH_BYTES_MAX || path.p[0] != '/')
        return false;
    for (size_t i = 0; i < path.n; i++) {
        char c = path.p[i], next = i + 1 < path.n ? path.p[i + 1] : '\0';
        if (c <= ' ' || c > '~' || c == '%' || c == '#' || c == '\\' || c == ';')
            return false;
        if (c == '/' && (next == '/' || next == '.'))
            return false;
    }
    return true;
}

static bool is_printable(struct str query)
{
    for (size_t i = 0; i < query.n; i++)
        if (query.p[i] <= ' ' || query.p[i] > '~' || query.p[i] == '#')
            return false;
    return true;
}

/* The subresource in /api/V/..., /apis/G/V/...; with what comes after it in *tail. Empty: none.
 *   [namespaces/NS/]RESOURCE/NAME/SUBRESOURCE[/TAIL] */
static struct str subresource_of(struct str path, struct str *resource, struct str *tail)
{
    struct str segment[SEGMENT_COUNT_MAX] = { 0 }, rest = str_sub(path, 1, path.n), field;
    size_t count = 0, start;
    while (count < SEGMENT_COUNT_MAX && str_next_field(&rest, '/', &field))
        segment[count++] = field;
    if (count > 0 && str_eq_c(segment[0], "api"))
        start = 2;
    else if (count > 0 && str_eq_c(segment[0], "apis"))
        start = 3;
    else
        return (struct str){ 0 };
    if (count >= start + 5 && str_eq_c(segment[start], "namespaces"))
        start += 2;
    if (count < start + 3)
        return (struct str){ 0 };
    *resource = segment[start];
    struct str sub = segment[start + 2];
    size_t end = (size_t)(sub.p + sub.n - path.p);
    *tail = end < path.n ? str_sub(path, end + 1, path.n) : (struct str){ 0 };
    return sub;
}

bool transport_is_kubelet(struct str path)
{
    return str_has_prefix(path, STR("https://"));
}

/* "https://10.0.0.7:10250/configz", "https://[fd00::7]:10250/configz": the address comes from a
 * Node object, which its kubelet writes. */
static bool is_kubelet_configz(struct str path)
{
    struct str rest = str_sub(path, STR("https://").n, path.n), authority, tail;
    int64_t port;
    if (!str_cut(rest, '/', &authority, &tail) || !str_eq_c(tail, "configz"))
        return false;
    size_t colon = str_find_last_char(authority, ':');
    if (colon == SIZE_MAX || !str_to_int64(str_sub(authority, colon + 1, authority.n), &port) ||
        port < 1 || port > 65535)
        return false;
    struct str name = str_sub(authority, 0, colon);
    bool six = name.n > 2 && name.p[0] == '[' && name.p[name.n - 1] == ']';
    if (six)
        name = str_sub(name, 1, name.n - 1);
    struct ip ip;
    return ip_parse(&ip, name, NULL) && (ip.n == 16) == six;
}

const char *http_verb_name(enum http_verb verb)
{
    static const char *const name[] = { [HTTP_GET] = "GET",
                                        [HTTP_POST_SELF_REVIEW] = "POST",
                                        [HTTP_POST_DRY_RUN_POD] = "POST",
                                        [TLS_HANDSHAKES] = "TLS" };
    return name[verb];
}

/* "/api/v1/namespaces/NAMESPACE/pods?dryRun=All", whose NAMESPACE is a DNS label: nothing else is a
 * creation that creates nothing. */
static bool is_dry_run_pod(struct str path)
{
    static const struct str front = STR_INIT("/api/v1/namespaces/"),
                            back = STR_INIT("/pods?dryRun=All");
    if (path.n <= front.n + back.n || path.n > front.n + 63 + back.n ||
        !str_has_prefix(path, front) || !str_has_suffix(path, back))
        return false;
    for (size_t i = front.n; i < path.n - back.n; i++)
        if (!((path.p[i] >= 'a' && path.p[i] <= 'z') || (path.p[i] >= '0' && path.p[i] <= '9') ||
              path.p[i] == '-'))
            return false;
    return true;
}

bool transport_allows(enum http_verb verb, struct str path, struct err *err)
{
    struct str bare, query = { 0 }, resource = { 0 }, tail = { 0 };
    if (transport_is_kubelet(path)) {
        if (verb == HTTP_GET && is_kubelet_configz(path))
            return true;
        return err_set(err, ERR_INTERNAL,
                       "not sent: \"%.*s\" is not a kubelet's /configz at an address in digits",
                       STR_ARG(str_sub(path, 0, 200)));
    }
    (void)str_cut(path, '?', &bare, &query);
    if (!is_plain(bare) || !is_printable(query) || query.n > PATH_BYTES_MAX)
        return err_set(err, ERR_INTERNAL, "not sent: \"%.*s\" is not a plain path",
                       STR_ARG(str_sub(path, 0, 200)));
    switch (verb) {
    case TLS_HANDSHAKES:
        return str_eq_c(path, "/") ||
               err_set(err, ERR_INTERNAL, "not sent: handshakes have no path");
    case HTTP_POST_SELF_REVIEW:
        if (query.n == 0 && bare.n == path.n && is_listed(review_path, COUNT_OF(review_path), path))
            return true;
        return err_set(err, ERR_INTERNAL,
                       "not sent: POST %.*s is not a self-review, and nothing else may be posted",
                       STR_ARG(str_sub(path, 0, 200)));
    case HTTP_POST_DRY_RUN_POD:
        return is_dry_run_pod(path) ||
               err_set(err, ERR_INTERNAL,
                       "not sent: POST %.*s is not the creation of a pod with dryRun=All",
                       STR_ARG(str_sub(path, 0, 200)));
    case HTTP_GET: {
        struct str sub = subresource_of(bare, &resource, &tail);
        if (names_find(acting_subresource, COUNT_OF(acting_subresource), sub) < 0)
            return true;
        if (str_eq_c(resource, "nodes") && str_eq_c(sub, "proxy") &&
            is_listed(kubelet_path, COUNT_OF(kubelet_path), tail))
            return true;
        return err_set(err, ERR_INTERNAL, "not sent: GET %.*s can act on what it reaches",
                       STR_ARG(str_sub(path, 0, 200)));
    }
    }
    return err_set(err, ERR_INTERNAL, "not sent: neither a GET nor a self-review");
}

void transport_submit(struct transport *t, struct exchange *x)
{
    struct err refused = { 0 };
    bool allowed = transport_allows(x->verb, x->path, &refused);
    if (allowed && x->verb == HTTP_POST_DRY_RUN_POD && !t->dry_run_pods)
        allowed =
            err_set(&refused, ERR_INTERNAL, "not sent: nobody asked for a probe of admission");
    if (allowed) {
        t->ops->submit(t, x);
        return;
    }
    x->status = 0;
    x->err = refused;
    x->loss = LOSS_NONE;
    x->retry_after_s = -1;
    x->on_end(x);
}

void transport_run(struct transport *t)
{
    t->ops->run(t);
}

void transport_close(struct transport *t)
{
    t->ops->close(t);
}
