/* Kubernetes' format library: named formats, each with the checks and the messages of its API
 * server. The messages are compared by those who test policies: they keep upstream's words. Source:
 * apimachinery util/validation, kube-openapi strfmt. */
#include "cel/lib_named.h"
#include "base/clock.h"
#include "cel/lib.h"
#include "cel/url.h"

/* What a check adds its messages to. */
struct findings {
    struct arena *arena;
    struct value_builder list;
};

struct named_format {
    const char *name;
    void (*validate)(struct findings *f, struct str s);
};

static void add(struct findings *f, const char *prefix, const char *text)
{
    value_builder_push(&f->list, value_str(str_printf(f->arena, "%s%s", prefix, text)));
}

static void add_too_long(struct findings *f, const char *prefix, size_t max)
{
    value_builder_push(
        &f->list, value_str(str_printf(f->arena, "%smust be no more than %zu bytes", prefix, max)));
}

#define LABEL_BYTES_MAX     63u
#define SUBDOMAIN_BYTES_MAX 253u
#define LABEL_FMT           "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
#define NAME_FMT            "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
#define BY_REGEX            "regex used for validation is '"
static const char label_message[] =
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and "
    "must start and end "
    "with an alphanumeric character (e.g. 'my-name',  or '123-abc', " BY_REGEX LABEL_FMT "')";
static const char subdomain_message[] =
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or "
    "'.', and must start "
    "and end with an alphanumeric character (e.g. 'example.com', " BY_REGEX LABEL_FMT
    "(\\." LABEL_FMT ")*')";
static const char label_1035_message[] =
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an "
    "alphabetic character, "
    "and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', " BY_REGEX
    "[a-z]([-a-z0-9]*[a-z0-9])?')";
static const char name_message[] =
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an "
    "alphanumeric character "
    "(e.g. 'MyName',  or 'my.name',  or '123-abc', " BY_REGEX NAME_FMT "')";
static const char label_value_message[] =
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', "
    "and must start and "
    "end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', " BY_REGEX
    "(" NAME_FMT ")?')";

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_lower_or_digit(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'z');
}

static bool is_letter_or_digit(char c)
{
    return is_lower_or_digit(c) || (c >= 'A' && c <= 'Z');
}

/* LABEL_FMT */
static bool is_label(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!is_lower_or_digit(s.p[i]) && (s.p[i] != '-' || i == 0 || i + 1 == s.n))
            return false;
    return s.n > 0;
}

static bool is_subdomain(struct str s)
{
    struct str part;
    bool more = true;
    while (more) {
        more = str_cut(s, '.', &part, &s);
        if (!is_label(part))
            return false;
    }
    return true;
}

/* NAME_FMT */
static bool is_name(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        bool inner = i > 0 && i + 1 < s.n && (s.p[i] == '-' || s.p[i] == '_' || s.p[i] == '.');
        if (!is_letter_or_digit(s.p[i]) && !inner)
            return false;
    }
    return s.n > 0;
}

static void check_label(struct findings *f, struct str s)
{
    if (s.n > LABEL_BYTES_MAX)
        add_too_long(f, "", LABEL_BYTES_MAX);
    if (!is_label(s))
        add(f, "", is_subdomain(s) ? "must not contain dots" : label_message);
}

static void check_subdomain_part(struct findings *f, const char *prefix, struct str s)
{
    if (s.n > SUBDOMAIN_BYTES_MAX)
        add_too_long(f, prefix, SUBDOMAIN_BYTES_MAX);
    if (!is_subdomain(s))
        add(f, prefix, subdomain_message);
}

static void check_subdomain(struct findings *f, struct str s)
{
    check_subdomain_part(f, "", s);
}

static void check_label_1035(struct findings *f, struct str s)
{
    if (s.n > LABEL_BYTES_MAX)
        add_too_long(f, "", LABEL_BYTES_MAX);
    if (!is_label(s) || is_digit(s.p[0]))
        add(f, "", label_1035_message);
}

/* A prefix may end in dashes, for a generated rest will follow: upstream puts an 'a' for its last
 * two bytes. */
static struct str masked(struct findings *f, struct str s)
{
    if (s.n < 2 || s.p[s.n - 1] != '-')
        return s;
    struct str kept = str_sub(s, 0, s.n - 2);
    return str_join(f->arena, (struct str[]){ kept, STR("a") }, 2, STR(""));
}

static void check_label_prefix(struct findings *f, struct str s)
{
    check_label(f, masked(f, s));
}

static void check_subdomain_prefix(struct findings *f, struct str s)
{
    check_subdomain(f, masked(f, s));
}

static void check_label_1035_prefix(struct findings *f, struct str s)
{
    check_label_1035(f, masked(f, s));
}

static void check_qualified_name(struct findings *f, struct str s)
{
    struct str prefix = STR(""), name = s, rest;
    if (str_cut(s, '/', &prefix, &rest)) {
        name = rest;
        if (str_find_char(name, '/', 0) != SIZE_MAX) {
            value_builder_push(&f->list, value_str(str_printf(
                                             f->arena,
                                             "a valid label key %s with an optional DNS subdomain "
                                             "prefix and '/' (e.g. 'example.com/MyName')",
                                             name_message)));
            return;
        }
        if (!prefix.n)
            add(f, "prefix part ", "must be non-empty");
        else
            check_subdomain_part(f, "prefix part ", prefix);
    }
    if (!name.n)
        add(f, "name part ", "must be non-empty");
    else if (name.n > LABEL_BYTES_MAX)
        add_too_long(f, "name part ", LABEL_BYTES_MAX);
    if (!is_name(name))
        add(f, "name part ", name_message);
}

static void check_label_value(struct findings *f, struct str s)
{
    if (s.n > LABEL_BYTES_MAX)
        add_too_long(f, "", LABEL_BYTES_MAX);
    if (s.n && !is_name(s))
        add(f, "", label_value_message);
}

static void check_uri(struct findings *f, struct str s)
{
    struct url u;
    struct str problem;
    if (!url_parse_request(&u, f->arena, s, &problem))
        value_builder_push(&f->list, value_str(problem));
}

static bool is_hex(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* 8-4-4-4-12 hex digits, each dash optional. */
static void check_uuid(struct findings *f, struct str s)
{
    static const uint8_t group[] = { 8, 4, 4, 4, 12 };
    size_t at = 0;
    bool fine = true;
    for (size_t g = 0; g < sizeof group && fine; g++) {
        if (g && at < s.n && s.p[at] == '-')
            at++;
        for (int i = 0; i < group[g] && fine; i++, at++)
            fine = at < s.n && is_hex(s.p[at]);
    }
    if (!fine || at != s.n)
        add(f, "", "does not match the UUID format");
}

/* Whole groups of four, the last one padded. */
static void check_byte(struct findings *f, struct str s)
{
    size_t n = s.n;
    for (int i = 0; i < 2 && n && s.p[n - 1] == '='; i++)
        n--;
    bool fine = s.n && s.n % 4 == 0;
    for (size_t i = 0; i < n && fine; i++)
        fine = is_letter_or_digit(s.p[i]) || s.p[i] == '+' || s.p[i] == '/';
    if (!fine)
        add(f, "", "invalid base64");
}

/* n digits at s.p[at] as a number, -1 if they are not there. */
static int number_at(struct str s, size_t at, size_t n)
{
    int v = 0;
    if (at + n > s.n)
        return -1;
    for (size_t i = at; i < at + n; i++) {
        if (!is_digit(s.p[i]))
            return -1;
        v = v * 10 + (s.p[i] - '0');
    }
    return v;
}

static bool is_date(struct str s)
{
    int year = number_at(s, 0, 4), month = number_at(s, 5, 2), day = number_at(s, 8, 2);
    if (s.n != 10 || s.p[4] != '-' || s.p[7] != '-' || year < 0 || month < 1 || month > 12 ||
        day < 1 || day > 31)
        return false;
    struct civil c =
        clock_civil(clock_seconds((struct civil){ .year = year, .month = month, .day = day }));
    return c.month == month;
}

static void check_date(struct findings *f, struct str s)
{
    if (!is_date(s))
        add(f, "", "invalid date");
}

/* "z" or "+hh:mm" */
static bool is_zone(struct str s)
{
    if (s.n == 1)
        return s.p[0] == 'z' || s.p[0] == 'Z';
    return s.n == 6 && (s.p[0] == '+' || s.p[0] == '-') && number_at(s, 1, 2) >= 0 &&
           s.p[3] == ':' && number_at(s, 4, 2) >= 0;
}

/* hh:mm:ss with an optional fraction (after any one character, as strfmt has it) and a zone. */
static bool is_time(struct str s)
{
    int hour = number_at(s, 0, 2), minute = number_at(s, 3, 2), second = number_at(s, 6, 2);
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59 ||
        s.p[2] != ':' || s.p[5] != ':')
        return false;
    struct str rest = str_sub(s, 8, s.n);
    if (is_zone(rest))
        return true;
    uint32_t cp;
    size_t at = rest.n && rest.p[0] != '\n' ? lib_utf8_step(rest, 0, &cp) : 0, from = at;
    while (at < rest.n && is_digit(rest.p[at]))
        at++;
    return at > from && is_zone(str_sub(rest, at, rest.n));
}

static void check_datetime(struct findings *f, struct str s)
{
    struct str low = str_lower_ascii(f->arena, s), date, time, rest;
    bool fine = str_cut(low, 't', &date, &rest) && is_date(date);
    if (fine) {
        str_cut(rest, 't', &time, &rest); /* what follows a second 't' is not looked at upstream */
        fine = is_time(time);
    }
    if (!fine)
        add(f, "", "invalid datetime");
}

/* Name, check: the functions format.NAME() below are made from the same rows. */
#define NAMED_FORMATS(row)                                                                   \
    row(byte, check_byte) row(date, check_date) row(datetime, check_datetime)                \
        row(dns1035Label, check_label_1035) row(dns1035LabelPrefix, check_label_1035_prefix) \
            row(dns1123Label, check_label) row(dns1123LabelPrefix, check_label_prefix)       \
                row(dns1123Subdomain, check_subdomain)                                       \
                    row(dns1123SubdomainPrefix, check_subdomain_prefix)                      \
                        row(labelValue, check_label_value)                                   \
                            row(qualifiedName, check_qualified_name) row(uri, check_uri)     \
                                row(uuid, check_uuid)

#define FORMAT_INDEX(name, check) FORMAT_##name,
enum { NAMED_FORMATS(FORMAT_INDEX) FORMAT_COUNT };
#define FORMAT_ROW(name, check) { #name, check },
static const struct named_format format_table[] = { NAMED_FORMATS(FORMAT_ROW) };

bool cel_named_format_fits(const char *name, struct str s, struct arena *scratch)
{
    struct findings f = { .arena = scratch };
    value_builder_init(&f.list, scratch);
    for (size_t i = 0; i < sizeof format_table / sizeof *format_table; i++)
        if (strcmp(format_table[i].name, name) == 0)
            format_table[i].validate(&f, s);
    return value_builder_list(&f.list).n == 0;
}

static bool formats_equal(const void *a, const void *b)
{
    return a == b;
}

static struct str format_text(const void *self, struct arena *a)
{
    (void)a;
    return str_from_c(((const struct named_format *)self)->name);
}

const struct value_opaque_type cel_format_type = {
    .name = "kubernetes.NamedFormat",
    .equal = formats_equal,
    .text = format_text,
};

#define FORMAT_FUNCTION(name, check)                                                        \
    struct value cel_format_##name(struct cel_call *call, const struct value *arg,          \
                                   size_t arg_count)                                        \
    {                                                                                       \
        (void)arg, (void)arg_count;                                                         \
        return value_opaque(call->scratch, &cel_format_type, &format_table[FORMAT_##name]); \
    }
NAMED_FORMATS(FORMAT_FUNCTION)

struct value cel_format_named(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    (void)arg_count;
    for (size_t i = 0; i < FORMAT_COUNT; i++)
        if (str_eq_c(value_text(arg[0]), format_table[i].name))
            return value_optional(call->scratch,
                                  value_opaque(call->scratch, &cel_format_type, &format_table[i]));
    return value_optional_none();
}

struct value cel_format_validate(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    (void)arg_count;
    const struct named_format *format = lib_opaque(arg[0], &cel_format_type);
    struct findings f = { .arena = call->scratch };
    struct value over;
    if (!format)
        return lib_no_overload(call);
    if (!lib_charge_bytes(call, (uint64_t)arg[1].n * 4, &over))
        return over;
    value_builder_init(&f.list, call->scratch);
    format->validate(&f, value_text(arg[1]));
    if (!f.list.count)
        return value_optional_none();
    return value_optional(call->scratch, value_builder_list(&f.list));
}
