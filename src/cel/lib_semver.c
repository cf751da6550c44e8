/* Kubernetes' semver library. Source: semver.org 2.0.0; with the normalize flag a "v" before the
 * version, missing minor and patch numbers and leading zeros are accepted. */
#include "cel/lib.h"

struct semver {
    uint64_t number[3];    /* major, minor, patch */
    struct str pre, build; /* without their mark; empty: none */
};
#define SEMVER_BYTES_MAX 1024u

static bool is_digits(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
    return s.n > 0;
}

static bool is_identifier(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
              c == '-'))
            return false;
    }
    return s.n > 0;
}

static bool has_leading_zero(struct str s)
{
    return s.n > 1 && s.p[0] == '0';
}

static bool parse_number(struct str s, uint64_t *out)
{
    return is_digits(s) && !has_leading_zero(s) && str_to_uint64(s, out);
}

/* Dot-separated identifiers; in a prerelease, those of digits only are numbers. */
static bool are_identifiers(struct str s, bool prerelease)
{
    struct str part, rest = s;
    bool more = true;
    while (more) {
        uint64_t n;
        more = str_cut(rest, '.', &part, &rest);
        if (!is_identifier(part) || (prerelease && is_digits(part) && !parse_number(part, &n)))
            return false;
    }
    return true;
}

static bool parse_semver(struct semver *out, struct str text)
{
    struct semver v = { .pre = STR_INIT(""), .build = STR_INIT("") };
    struct str major, minor, patch, rest;
    if (text.n > SEMVER_BYTES_MAX || !str_cut(text, '.', &major, &rest) ||
        !str_cut(rest, '.', &minor, &patch))
        return false;
    bool has_build = str_cut(patch, '+', &patch, &v.build);
    bool has_pre = str_cut(patch, '-', &patch, &v.pre);
    if (!parse_number(major, &v.number[0]) || !parse_number(minor, &v.number[1]) ||
        !parse_number(patch, &v.number[2]))
        return false;
    if ((has_pre && !are_identifiers(v.pre, true)) ||
        (has_build && !are_identifiers(v.build, false)))
        return false;
    *out = v;
    return true;
}

/* One of the three parts without its leading zeros; what is left always starts with a digit. */
static void add_normalized(struct buf *out, struct str part)
{
    struct str s = part;
    if (part.n > 1) {
        while (s.n && s.p[0] == '0')
            s = str_sub(s, 1, s.n);
        if (!s.n || s.p[0] < '0' || s.p[0] > '9')
            buf_add_char(out, '0');
    }
    buf_add(out, s);
}

/* Brings "v1", "1.2" and "01.02.03" into the strict form, kept in the arena. False: cannot be. */
static bool normalize(struct str *text, struct arena *a)
{
    struct buf out CLEANUP(buf_release) = BUF_INIT(SEMVER_BYTES_MAX + 8);
    struct str part, rest = *text;
    if (rest.n > SEMVER_BYTES_MAX)
        return false;
    if (str_has_prefix(rest, STR("v")))
        rest = str_sub(rest, 1, rest.n);
    int count = 1;
    struct str tail;
    for (; count < 3 && str_cut(rest, '.', &part, &tail); count++) {
        add_normalized(&out, part);
        buf_add_char(&out, '.');
        rest = tail;
    }
    /* rest is now the last part there is: a short version may not carry prerelease or build. */
    if (count < 3 &&
        (str_find_char(rest, '+', 0) != SIZE_MAX || str_find_char(rest, '-', 0) != SIZE_MAX))
        return false;
    add_normalized(&out, rest);
    for (; count < 3; count++)
        buf_add_c(&out, ".0");
    *text = str_dup(a, buf_str(&out));
    return true;
}

static bool read_args(struct cel_call *call, const struct value *arg, size_t arg_count,
                      struct semver *out)
{
    struct str text = value_text(arg[0]);
    if (arg_count > 1 && arg[1].as.b && !normalize(&text, call->scratch))
        return false;
    return parse_semver(out, text);
}

static int compare_numbers(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

static int compare_identifiers(struct str a, struct str b)
{
    bool da = is_digits(a), db = is_digits(b);
    uint64_t na = 0, nb = 0;
    if (da != db)
        return da ? -1 : 1;
    if (da && str_to_uint64(a, &na) && str_to_uint64(b, &nb))
        return compare_numbers(na, nb);
    size_t n = a.n < b.n ? a.n : b.n; /* ASCII order, a prefix is less */
    int order = n ? memcmp(a.p, b.p, n) : 0;
    return order ? (order > 0) - (order < 0) : compare_numbers(a.n, b.n);
}

static int compare_prereleases(struct str a, struct str b)
{
    if (!a.n || !b.n)
        return (b.n > 0) - (a.n > 0); /* a release comes after its prereleases */
    bool more_a = true, more_b = true;
    while (more_a && more_b) {
        struct str ia, ib;
        more_a = str_cut(a, '.', &ia, &a);
        more_b = str_cut(b, '.', &ib, &b);
        int order = compare_identifiers(ia, ib);
        if (order)
            return order;
    }
    return more_a - more_b;
}

static int compare_semver(const struct semver *a, const struct semver *b)
{
    for (int i = 0; i < 3; i++)
        if (a->number[i] != b->number[i])
            return compare_numbers(a->number[i], b->number[i]);
    return compare_prereleases(a->pre, b->pre);
}

/* Build metadata does not count. */
static bool semver_equal(const void *a, const void *b)
{
    return compare_semver(a, b) == 0;
}

static struct str semver_text(const void *self, struct arena *a)
{
    const struct semver *v = self;
    return str_printf(a, "%llu.%llu.%llu%s%.*s%s%.*s", (unsigned long long)v->number[0],
                      (unsigned long long)v->number[1], (unsigned long long)v->number[2],
                      v->pre.n ? "-" : "", STR_ARG(v->pre), v->build.n ? "+" : "",
                      STR_ARG(v->build));
}

const struct value_opaque_type cel_semver_type = {
    .name = "kubernetes.Semver",
    .equal = semver_equal,
    .text = semver_text,
};

struct value cel_semver(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    struct semver v;
    struct value over;
    if (!lib_charge_bytes(call, arg[0].n, &over))
        return over;
    if (!read_args(call, arg, arg_count, &v))
        return lib_error(
            call, "\"%.*s\" is not a semantic version; write MAJOR.MINOR.PATCH as in \"1.2.3\"",
            STR_ARG(str_sub(value_text(arg[0]), 0, 80)));
    struct semver *copy = arena_new(call->scratch, struct semver);
    *copy = v;
    copy->pre = str_dup(call->scratch, v.pre);
    copy->build = str_dup(call->scratch, v.build);
    return value_opaque(call->scratch, &cel_semver_type, copy);
}

struct value cel_is_semver(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    struct semver v;
    struct value over;
    if (!lib_charge_bytes(call, arg[0].n, &over))
        return over;
    return value_bool(read_args(call, arg, arg_count, &v));
}

static struct value number_of(struct cel_call *call, const struct value *arg, int which)
{
    const struct semver *v = lib_opaque(arg[0], &cel_semver_type);
    if (!v)
        return lib_no_overload(call);
    if (v->number[which] > INT64_MAX)
        return lib_error(call, "integer overflow");
    return value_int((int64_t)v->number[which]);
}

struct value cel_semver_major(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    (void)arg_count;
    return number_of(call, arg, 0);
}

struct value cel_semver_minor(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    (void)arg_count;
    return number_of(call, arg, 1);
}

struct value cel_semver_patch(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    (void)arg_count;
    return number_of(call, arg, 2);
}

bool cel_semver_order(const struct value *arg, int *order)
{
    const struct semver *a = lib_opaque(arg[0], &cel_semver_type),
                        *b = lib_opaque(arg[1], &cel_semver_type);
    if (!a || !b)
        return false;
    *order = compare_semver(a, b);
    return true;
}
