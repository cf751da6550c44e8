/* URLs as Kubernetes reads them: the grammar and the messages of Go's net/url. */
#include "cel/url.h"

#include "base/buf.h"
#include "base/ip.h"

/* Which part of a URL a text stands in: what must be escaped differs. */
enum part { PART_PATH, PART_HOST, PART_ZONE, PART_USER, PART_QUERY, PART_FRAGMENT };

static bool is_one_of(char c, const char *set)
{
    return c && strchr(set, c) != NULL;
}

static bool is_letter_or_digit(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool must_escape(char c, enum part part)
{
    if (is_letter_or_digit(c) || is_one_of(c, "-_.~"))
        return false;
    switch (part) {
    case PART_HOST:
    case PART_ZONE:
        return !is_one_of(c, "!$&'()*+,;=:[]<>\"");
    case PART_PATH:
        return !is_one_of(c, "$&+,/:;=@");
    case PART_USER:
        return !is_one_of(c, "$&+,;=");
    case PART_FRAGMENT:
        return !is_one_of(c, "$&+,/:;=?@!()*");
    case PART_QUERY:
        return true;
    }
    return true;
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static struct str quoted(struct arena *a, struct str s)
{
    struct buf out CLEANUP(buf_release) = BUF_INIT(s.n * 10 + 2);
    buf_add_char(&out, '"');
    for (size_t at = 0; at < s.n;) {
        uint32_t cp = 0;
        size_t n = str_utf8_at(s, at, &cp);
        unsigned char c = (unsigned char)s.p[at];
        if (c == '"' || c == '\\')
            buf_addf(&out, "\\%c", c);
        else if (c >= 0x07 && c <= 0x0D)
            buf_addf(&out, "\\%c", "abtnvfr"[c - 0x07]);
        else if (!n || c < 0x20 || c == 0x7F)
            buf_addf(&out, "\\x%02x", c);
        else
            buf_add(&out, str_sub(s, at, at + n));
        at += n ? n : 1;
    }
    buf_add_char(&out, '"');
    return str_dup(a, buf_str(&out));
}

/* Whether s has only well-formed escapes that its part allows. */
static bool check_escapes(struct arena *a, struct str s, enum part part, struct str *problem)
{
    for (size_t i = 0; i < s.n; i++) {
        bool host = part == PART_HOST || part == PART_ZONE;
        if (s.p[i] != '%') {
            if (host && !(s.p[i] & 0x80) && must_escape(s.p[i], part)) {
                *problem = str_printf(a, "invalid character %.*s in host name",
                                      STR_ARG(quoted(a, str_sub(s, i, i + 1))));
                return false;
            }
            continue;
        }
        struct str escape = str_sub(s, i, i + 3);
        bool fine = escape.n == 3 && hex_value(escape.p[1]) >= 0 && hex_value(escape.p[2]) >= 0;
        if (fine && host && !str_eq_c(escape, "%25")) {
            /* A host may escape bytes of UTF-8 only; a zone also what it could write directly, and
             * the space. */
            int v = hex_value(escape.p[1]) << 4 | hex_value(escape.p[2]);
            fine = part == PART_HOST ? v >= 0x80 : v == ' ' || !must_escape((char)v, PART_HOST);
        }
        if (!fine) {
            *problem = str_printf(a, "invalid URL escape %.*s", STR_ARG(quoted(a, escape)));
            return false;
        }
        i += 2;
    }
    return true;
}

static bool unescape(struct str *out, struct arena *a, struct str s, enum part part,
                     struct str *problem)
{
    if (!check_escapes(a, s, part, problem))
        return false;
    char *p = arena_alloc(a, s.n);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '%') {
            p[n++] = (char)(hex_value(s.p[i + 1]) << 4 | hex_value(s.p[i + 2]));
            i += 2;
        } else {
            p[n++] = s.p[i] == '+' && part == PART_QUERY ? ' ' : s.p[i];
        }
    }
    *out = str_of(p, n);
    return true;
}

bool url_unescape_query(struct str *out, struct arena *a, struct str text)
{
    struct str problem;
    return unescape(out, a, text, PART_QUERY, &problem);
}

static struct str escape(struct arena *a, struct str s, enum part part)
{
    static const char hex[] = "0123456789ABCDEF";
    char *p = arena_alloc(a, s.n * 3);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (must_escape(s.p[i], part)) {
            p[n++] = '%';
            p[n++] = hex[c >> 4];
            p[n++] = hex[c & 15];
        } else {
            p[n++] = s.p[i];
        }
    }
    return str_of(p, n);
}

/* text unescaped, and text itself in *raw when escaping again would give something else. */
static bool set_escaped(struct str *plain, struct str *raw, struct arena *a, struct str text,
                        enum part part, struct str *problem)
{
    if (!unescape(plain, a, text, part, problem))
        return false;
    *raw = str_eq(escape(a, *plain, part), text) ? STR("") : text;
    return true;
}

/* raw when it is a valid escaping (of plain, by how it was made), else plain escaped. */
static struct str escaped_form(struct arena *a, struct str plain, struct str raw, enum part part)
{
    bool valid = raw.n > 0;
    for (size_t i = 0; i < raw.n && valid; i++)
        valid = is_one_of(raw.p[i], "!$&'()*+,;=:@[]%") || !must_escape(raw.p[i], part);
    return valid ? raw : escape(a, plain, part);
}

static bool fail(struct str *problem, struct str text)
{
    *problem = text;
    return false;
}

/* "" or ":" and digits. */
static bool is_optional_port(struct str s)
{
    if (!s.n)
        return true;
    for (size_t i = 1; i < s.n; i++)
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
    return s.p[0] == ':';
}

static bool bad_port(struct arena *a, struct str port, struct str *problem)
{
    return fail(problem, str_printf(a, "invalid port %.*s after host", STR_ARG(quoted(a, port))));
}

/* "[fe80::1%25en0]:80" */
static bool parse_bracketed_host(struct url *u, struct arena *a, struct str host,
                                 struct str *problem)
{
    size_t close = str_find_last_char(host, ']');
    if (close == SIZE_MAX)
        return fail(problem, STR("missing ']' in host"));
    struct str port = str_sub(host, close + 1, host.n), name = str_sub(host, 1, close), zone, plain,
               unescaped_zone;
    struct ip ip;
    if (!is_optional_port(port))
        return bad_port(a, port, problem);
    size_t mark = str_find(name, STR("%25"), 0);
    zone = mark == SIZE_MAX ? STR("") : str_sub(name, mark, name.n);
    if (!unescape(&plain, a, mark == SIZE_MAX ? name : str_sub(name, 0, mark), PART_HOST,
                  problem) ||
        !unescape(&unescaped_zone, a, zone, PART_ZONE, problem))
        return false;
    struct str part[] = { plain, unescaped_zone };
    plain = str_join(a, part, 2, STR(""));
    if (!ip_parse(&ip, plain, &zone))
        return fail(problem, str_printf(a, "invalid host: %.*s is not an IP address",
                                        STR_ARG(quoted(a, plain))));
    if (ip.n == 4)
        return fail(problem, STR("invalid IP-literal"));
    u->host = str_printf(a, "[%.*s]%.*s", STR_ARG(plain), STR_ARG(port));
    return true;
}

static bool parse_host(struct url *u, struct arena *a, struct str host, struct str *problem)
{
    size_t open = str_find_last_char(host, '[');
    if (open == 0)
        return parse_bracketed_host(u, a, host, problem);
    if (open != SIZE_MAX)
        return fail(problem, STR("invalid IP-literal"));
    /* Only the web's schemes hold that there is one colon: others have lists of hosts. */
    bool strict = str_eq_c(u->scheme, "http") || str_eq_c(u->scheme, "https");
    size_t colon = strict ? str_find_char(host, ':', 0) : str_find_last_char(host, ':');
    if (colon != SIZE_MAX && !is_optional_port(str_sub(host, colon, host.n)))
        return bad_port(a, str_sub(host, colon, host.n), problem);
    return unescape(&u->host, a, host, PART_HOST, problem);
}

static bool parse_authority(struct url *u, struct arena *a, struct str authority,
                            struct str *problem)
{
    size_t at = str_find_last_char(authority, '@');
    struct str host = at == SIZE_MAX ? authority : str_sub(authority, at + 1, authority.n);
    if (!parse_host(u, a, host, problem))
        return false;
    if (at == SIZE_MAX)
        return true;
    struct str user = str_sub(authority, 0, at), password;
    for (size_t i = 0; i < user.n; i++)
        if (!is_letter_or_digit(user.p[i]) && !is_one_of(user.p[i], "-._:~!$&'()*+,;=%@"))
            return fail(problem, STR("net/url: invalid userinfo"));
    u->has_user = true;
    u->has_password = str_cut(user, ':', &user, &password);
    return unescape(&u->username, a, user, PART_USER, problem) &&
           unescape(&u->password, a, password, PART_USER, problem);
}

/* Takes "scheme:" off *rest, in lower case. */
static bool take_scheme(struct url *u, struct arena *a, struct str *rest, struct str *problem)
{
    struct str s = *rest;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (c == ':' && !i)
            return fail(problem, STR("missing protocol scheme"));
        if (c == ':') {
            u->scheme = str_lower_ascii(a, str_sub(s, 0, i));
            *rest = str_sub(s, i + 1, s.n);
            return true;
        }
        bool inner = (c >= '0' && c <= '9') || is_one_of(c, "+-.");
        if (!is_letter_or_digit(c) && !inner)
            return true;
        if (inner && !i)
            return true;
    }
    return true;
}

static void take_query(struct url *u, struct str *rest)
{
    size_t mark = str_find_char(*rest, '?', 0);
    if (mark == SIZE_MAX)
        return;
    u->raw_query = str_sub(*rest, mark + 1, rest->n);
    u->force_query = !u->raw_query.n;
    *rest = str_sub(*rest, 0, mark);
}

/* What follows the scheme is not a path from the root: opaque, or relative. *done: nothing is left
 * to do. */
static bool check_rootless(struct url *u, struct str rest, bool via_request, bool *done,
                           struct str *problem)
{
    struct str segment, tail;
    *done = u->scheme.n > 0;
    if (*done) {
        u->opaque = rest;
        return true;
    }
    if (via_request)
        return fail(problem, STR("invalid URI for request"));
    str_cut(rest, '/', &segment, &tail);
    if (str_find_char(segment, ':', 0) != SIZE_MAX)
        return fail(problem, STR("first path segment in URL cannot contain colon"));
    return true;
}

static bool parse(struct url *u, struct arena *a, struct str text, bool via_request,
                  struct str *problem)
{
    struct str rest = text;
    if (text.n > URL_BYTES_MAX)
        return fail(problem, STR("the URL is too long"));
    for (size_t i = 0; i < text.n; i++)
        if ((unsigned char)text.p[i] < 0x20 || text.p[i] == 0x7F)
            return fail(problem, STR("net/url: invalid control character in URL"));
    if (!text.n && via_request)
        return fail(problem, STR("empty url"));
    if (str_eq_c(text, "*")) {
        u->path = text;
        return true;
    }
    if (!take_scheme(u, a, &rest, problem))
        return false;
    take_query(u, &rest);
    if (!str_has_prefix(rest, STR("/"))) {
        bool done;
        if (!check_rootless(u, rest, via_request, &done, problem))
            return false;
        if (done)
            return true;
    }
    bool may_have_host = u->scheme.n || (!via_request && !str_has_prefix(rest, STR("///")));
    if (may_have_host && str_has_prefix(rest, STR("//"))) {
        struct str authority = str_sub(rest, 2, rest.n);
        size_t slash = str_find_char(authority, '/', 0);
        rest = slash == SIZE_MAX ? STR("") : str_sub(authority, slash, authority.n);
        authority = str_sub(authority, 0, slash);
        if (!parse_authority(u, a, authority, problem))
            return false;
    } else {
        u->omit_host = u->scheme.n && str_has_prefix(rest, STR("/"));
    }
    return set_escaped(&u->path, &u->raw_path, a, rest, PART_PATH, problem);
}

static struct str parse_error(struct arena *a, struct str text, struct str problem)
{
    struct str shown = quoted(a, str_sub(text, 0, 512));
    return str_printf(a, "parse %.*s: %.*s", STR_ARG(shown), STR_ARG(problem));
}

bool url_parse_request(struct url *out, struct arena *a, struct str text, struct str *problem)
{
    struct url u = { 0 };
    struct str what;
    if (!parse(&u, a, text, true, &what))
        return fail(problem, parse_error(a, text, what));
    *out = u;
    return true;
}

bool url_parse(struct url *out, struct arena *a, struct str text, struct str *problem)
{
    struct url u = { 0 };
    struct str base, fragment, what;
    bool has_fragment = str_cut(text, '#', &base, &fragment);
    if (!parse(&u, a, base, false, &what))
        return fail(problem, parse_error(a, base, what));
    if (has_fragment &&
        !set_escaped(&u.fragment, &u.raw_fragment, a, fragment, PART_FRAGMENT, &what))
        return fail(problem, parse_error(a, text, what));
    *out = u;
    return true;
}

static void split_port(const struct url *u, struct str *name, struct str *port)
{
    size_t colon = str_find_last_char(u->host, ':');
    *name = u->host;
    *port = STR("");
    if (colon != SIZE_MAX && is_optional_port(str_sub(u->host, colon, u->host.n))) {
        *name = str_sub(u->host, 0, colon);
        *port = str_sub(u->host, colon + 1, u->host.n);
    }
    if (name->n >= 2 && name->p[0] == '[' && name->p[name->n - 1] == ']')
        *name = str_sub(*name, 1, name->n - 1);
}

struct str url_hostname(const struct url *u)
{
    struct str name, port;
    split_port(u, &name, &port);
    return name;
}

struct str url_port(const struct url *u)
{
    struct str name, port;
    split_port(u, &name, &port);
    return port;
}

struct str url_escaped_path(const struct url *u, struct arena *a)
{
    return str_eq_c(u->path, "*") ? u->path : escaped_form(a, u->path, u->raw_path, PART_PATH);
}

static void add_authority(struct buf *out, const struct url *u, struct arena *a)
{
    if (u->omit_host && !u->host.n && !u->has_user)
        return;
    if (u->host.n || u->path.n || u->has_user)
        buf_add_c(out, "//");
    if (u->has_user) {
        buf_add(out, escape(a, u->username, PART_USER));
        if (u->has_password) {
            buf_add_char(out, ':');
            buf_add(out, escape(a, u->password, PART_USER));
        }
        buf_add_char(out, '@');
    }
    buf_add(out, escape(a, u->host, PART_HOST));
}

static void add_path(struct buf *out, const struct url *u, struct arena *a)
{
    struct str path = url_escaped_path(u, a), segment, rest;
    if (path.n && path.p[0] != '/' && u->host.n)
        buf_add_char(out, '/');
    str_cut(path, '/', &segment, &rest);
    /* else the segment would read as a scheme */
    if (!out->n && str_find_char(segment, ':', 0) != SIZE_MAX)
        buf_add_c(out, "./");
    buf_add(out, path);
}

struct str url_text(const struct url *u, struct arena *a)
{
    struct buf out CLEANUP(buf_release) = BUF_INIT((size_t)URL_BYTES_MAX * 4);
    if (u->scheme.n) {
        buf_add(&out, u->scheme);
        buf_add_char(&out, ':');
    }
    if (u->opaque.n) {
        buf_add(&out, u->opaque);
    } else {
        if (u->scheme.n || u->host.n || u->has_user)
            add_authority(&out, u, a);
        add_path(&out, u, a);
    }
    if (u->force_query || u->raw_query.n) {
        buf_add_char(&out, '?');
        buf_add(&out, u->raw_query);
    }
    if (u->fragment.n) {
        buf_add_char(&out, '#');
        buf_add(&out, escaped_form(a, u->fragment, u->raw_fragment, PART_FRAGMENT));
    }
    return str_dup(a, buf_str(&out));
}
