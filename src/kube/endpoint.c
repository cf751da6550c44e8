/* Where the API server is, and the proxy on the way there. */
#include "kube/endpoint.h"

#include "base/ip.h"
#include "base/shown.h"

#define HOST_BYTES_MAX 255

static bool is_loopback(struct str host)
{
    static const uint8_t six[16] = { [15] = 1 };
    struct ip ip;
    if (ip_parse(&ip, host, NULL))
        return ip.n == 4 ? ip.byte[0] == 127 : memcmp(ip.byte, six, sizeof six) == 0;
    struct str suffix = STR(".localhost");
    return str_eq_nocase(host, STR("localhost")) ||
           (host.n > suffix.n && str_eq_nocase(str_sub(host, host.n - suffix.n, host.n), suffix));
}

static bool is_host(struct str host, bool bracketed)
{
    if (host.n == 0 || host.n > HOST_BYTES_MAX)
        return false;
    for (size_t i = 0; i < host.n; i++) {
        char c = host.p[i];
        bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                    c == '-' || c == '.' || c == '_';
        if (!word && !(bracketed && c == ':'))
            return false;
    }
    struct ip ip;
    return !bracketed || (ip_parse(&ip, host, NULL) && ip.n == 16);
}

/* "host", "host:port", "[v6]", "[v6]:port". */
static bool split_port(struct str authority, struct str *host, struct str *port, bool *bracketed)
{
    *port = (struct str){ 0 };
    *bracketed = authority.n > 0 && authority.p[0] == '[';
    if (!*bracketed) {
        (void)str_cut(authority, ':', host, port);
        return authority.n == host->n || port->n > 0;
    }
    size_t end = str_find_char(authority, ']', 0);
    if (end == SIZE_MAX)
        return false;
    *host = str_sub(authority, 1, end);
    struct str rest = str_sub(authority, end + 1, authority.n);
    if (rest.n == 0)
        return true;
    *port = str_sub(rest, 1, rest.n);
    return rest.p[0] == ':' && port->n > 0;
}

static bool parse_port(struct str text, uint16_t otherwise, uint16_t *out)
{
    int64_t n = otherwise;
    if (text.n && (!str_to_int64(text, &n) || n < 1 || n > 65535))
        return false;
    *out = (uint16_t)n;
    return true;
}

/* A prefix goes before every path that is asked for, so it must be as plain as those. */
static bool is_plain_prefix(struct str prefix)
{
    for (size_t i = 0; i < prefix.n; i++)
        if (prefix.p[i] <= ' ' || prefix.p[i] > '~')
            return false;
    return !str_contains(prefix, STR("/."));
}

/* Whatever was mistyped: a password may be in it. */
static bool bad_server(struct err *err, struct str server, const char *why)
{
    struct arena scratch CLEANUP(arena_release) = { 0 };
    return err_set(err, ERR_INPUT, "server \"%.*s\"%s", STR_ARG(shown_url(&scratch, server)), why);
}

bool endpoint_parse(struct endpoint *out, struct str server, struct err *err)
{
    struct str rest = str_trim(server), scheme = STR("http"), authority, port;
    size_t at = str_find(rest, STR("://"), 0);
    bool bracketed, has_scheme = at != SIZE_MAX;
    if (has_scheme) {
        scheme = str_sub(rest, 0, at);
        rest = str_sub(rest, at + 3, rest.n);
    }
    struct endpoint e = { .https = str_eq_nocase(scheme, STR("https")) };
    if (!e.https && !str_eq_nocase(scheme, STR("http")))
        return bad_server(err, server, ": the scheme must be https (or http, without credentials)");
    size_t end = 0;
    while (end < rest.n && !strchr("/?#", rest.p[end]))
        end++;
    authority = str_sub(rest, 0, end);
    rest = str_sub(rest, end, rest.n);
    if (str_find_char(authority, '@', 0) != SIZE_MAX)
        return err_set(err, ERR_INPUT,
                       "server holds a user name or password before \"@\": put them into the "
                       "kubeconfig's user");
    end = 0;
    while (end < rest.n && rest.p[end] != '?' && rest.p[end] != '#')
        end++;
    e.prefix = str_sub(rest, 0, end);
    while (e.prefix.n && e.prefix.p[e.prefix.n - 1] == '/')
        e.prefix.n--;
    if (!split_port(authority, &e.host, &port, &bracketed) || !is_host(e.host, bracketed) ||
        !parse_port(port, e.https ? 443 : 80, &e.port) || !is_plain_prefix(e.prefix))
        return bad_server(err, server, " is not a URL: expected https://HOST:PORT");
    if (!has_scheme && e.prefix.n)
        return bad_server(err, server, " must be a URL, or HOST:PORT alone");
    e.is_ipv6 = bracketed;
    e.is_loopback = is_loopback(e.host);
    *out = e;
    return true;
}

struct str endpoint_text(struct arena *a, const struct endpoint *e)
{
    return str_printf(a, e->is_ipv6 ? "[%.*s]:%u" : "%.*s:%u", STR_ARG(e->host), e->port);
}

/* ---- proxy ---- */

/* "10.0.0.0/8" */
static bool cidr_holds(struct str entry, struct str host)
{
    struct cidr range;
    struct ip ip;
    return cidr_parse(&range, entry) && ip_parse(&ip, host, NULL) && cidr_contains(&range, &ip);
}

static bool name_matches(struct str entry, struct str host)
{
    bool subdomains_only = entry.p[0] == '.';
    struct str name = subdomains_only ? str_sub(entry, 1, entry.n) : entry;
    if (name.n == 0)
        return false;
    if (!subdomains_only && str_eq_nocase(name, host))
        return true;
    return host.n > name.n && host.p[host.n - name.n - 1] == '.' &&
           str_eq_nocase(str_sub(host, host.n - name.n, host.n), name);
}

static bool entry_matches(struct str entry, const struct endpoint *e)
{
    struct str host, port;
    bool bracketed;
    uint16_t wanted;
    if (str_eq(entry, STR("*")))
        return true;
    if (str_find_char(entry, '/', 0) != SIZE_MAX)
        return cidr_holds(entry, e->host);
    struct ip ip, target;
    bool is_address = ip_parse(&target, e->host, NULL);
    if (ip_parse(&ip, entry, NULL))
        return is_address && ip_equal(&ip, &target);
    if (!split_port(entry, &host, &port, &bracketed) || !parse_port(port, e->port, &wanted) ||
        wanted != e->port)
        return false;
    if (ip_parse(&ip, host, NULL))
        return is_address && ip_equal(&ip, &target);
    if (str_has_prefix(host, STR("*.")))
        host = str_sub(host, 1, host.n);
    return host.n > 0 && name_matches(host, e->host);
}

bool proxy_excludes(struct str no_proxy, const struct endpoint *e)
{
    struct str field;
    while (str_next_field(&no_proxy, ',', &field)) {
        struct str entry = str_trim(field);
        if (entry.n && entry_matches(entry, e))
            return true;
    }
    return false;
}

static const char *process_env(const char *name)
{
    return getenv(name);
}

/* The first of upper and lower case that is set and not empty. */
static struct str read_env(const char *(*env)(const char *name), const char *upper,
                           const char *lower)
{
    struct str v = str_trim(str_from_c(env(upper)));
    return v.n ? v : str_trim(str_from_c(env(lower)));
}

static bool proxy_parse(struct proxy *out, struct arena *a, struct str url, const char *from,
                        struct err *err)
{
    static const struct {
        struct str scheme;
        enum proxy_kind kind;
        uint16_t port;
    } row[] = {
        { STR_INIT("http"), PROXY_HTTP, 80 },
        { STR_INIT("https"), PROXY_HTTPS, 443 },
        { STR_INIT("socks5"), PROXY_SOCKS5, 1080 },
        { STR_INIT("socks5h"), PROXY_SOCKS5, 1080 },
    };
    struct str scheme = STR("http"), rest = url, host, port_text;
    size_t at = str_find(url, STR("://"), 0);
    bool bracketed;
    if (at != SIZE_MAX) {
        scheme = str_sub(url, 0, at);
        rest = str_sub(url, at + 3, url.n);
    }
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        uint16_t port;
        if (!str_eq_nocase(scheme, row[i].scheme))
            continue;
        (void)str_cut(rest, '/', &rest, &port_text);
        size_t user = str_find_last_char(rest, '@');
        struct str authority = user == SIZE_MAX ? rest : str_sub(rest, user + 1, rest.n);
        if (!split_port(authority, &host, &port_text, &bracketed) || !is_host(host, bracketed) ||
            !parse_port(port_text, row[i].port, &port))
            return err_set(err, ERR_INPUT,
                           "%s is not a URL: expected http://HOST:PORT or socks5://HOST:PORT",
                           from);
        *out = (struct proxy){
            .kind = row[i].kind,
            .from = from,
            .url = str_printf(a, "%.*s://%.*s:%u",
                              STR_ARG(row[i].kind == PROXY_SOCKS5 ? STR("socks5h") : row[i].scheme),
                              (int)(rest.n - authority.n + host.n + (bracketed ? 2 : 0)), rest.p,
                              port),
            .shown = str_printf(a, bracketed ? "[%.*s]:%u" : "%.*s:%u", STR_ARG(host), port),
        };
        return true;
    }
    return err_set(err, ERR_INPUT, "%s: scheme \"%.*s\" is not one of http, https, socks5", from,
                   STR_ARG(str_sub(scheme, 0, 40)));
}

bool proxy_choose(struct proxy *out, struct arena *a, struct str proxy_url,
                  const struct endpoint *e, const char *(*env)(const char *name), struct err *err)
{
    if (proxy_url.n)
        return proxy_parse(out, a, proxy_url, "proxy-url in the kubeconfig", err);
    if (!env)
        env = process_env;
    struct str url = e->https ? read_env(env, "HTTPS_PROXY", "https_proxy")
                              : read_env(env, "HTTP_PROXY", "http_proxy");
    if (url.n == 0 || e->is_loopback || proxy_excludes(read_env(env, "NO_PROXY", "no_proxy"), e)) {
        *out = (struct proxy){ .kind = PROXY_NONE };
        return true;
    }
    return proxy_parse(out, a, url, e->https ? "HTTPS_PROXY" : "HTTP_PROXY", err);
}
