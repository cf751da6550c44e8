/* Texts of flags as values: booleans, numbers, addresses, CSV records and maps, as pflag reads
 * them. */
#include "analyze/control_plane/flag_value.h"
#include "base/duration.h"
#include "base/ip.h"

#include "analyze/secrets/encryption.h"
#include "base/buf.h"

static const struct {
    const char *name;
    enum flag_type type;
} flag_row[] = {
#define FLAG(name, type) { name, FLAG_##type },
#include "analyze/control_plane/flag.def"
#undef FLAG
};

struct flag_info flag_info_of(struct str name)
{
    for (size_t i = 0; i < sizeof flag_row / sizeof *flag_row; i++)
        if (str_eq_c(name, flag_row[i].name))
            return (struct flag_info){ flag_row[i].type, true };
    return (struct flag_info){ FLAG_TEXT, false };
}

static struct value refused(struct arena *a, struct str name, const char *why)
{
    return value_error(a, VALUE_ERROR_UNAVAILABLE, UINT32_MAX, "the value of --%.*s %s",
                       STR_ARG(name), why);
}

/* ---- single values */

bool flag_read_bool(struct str s, bool *out)
{
    static const char *const yes[] = { "1", "t", "T", "true", "TRUE", "True" };
    static const char *const no[] = { "0", "f", "F", "false", "FALSE", "False" };
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++) {
        *out = str_eq_c(s, yes[i]);
        if (*out || str_eq_c(s, no[i]))
            return true;
    }
    return false;
}

/* 0x, 0o and 0b in either case, a leading 0 for octal. *rest is what stands behind. */
static unsigned base_of(struct str s, struct str *rest)
{
    static const struct {
        char letter;
        unsigned base;
    } row[] = { { 'x', 16 }, { 'o', 8 }, { 'b', 2 } };
    *rest = s;
    if (s.n < 2 || s.p[0] != '0')
        return 10;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        if ((s.p[1] | 0x20) == row[i].letter) {
            *rest = str_sub(s, 2, s.n);
            return row[i].base;
        }
    }
    *rest = str_sub(s, 1, s.n);
    return 8;
}

static unsigned digit_of(char c)
{
    if (c >= '0' && c <= '9')
        return (unsigned)(c - '0');
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10 : 99;
}

/* A _ stands between two digits, or behind the prefix, and only in numbers with one. */
static bool underscores_are_fine(struct str digits, bool prefixed)
{
    for (size_t i = 0; i < digits.n; i++) {
        if (digits.p[i] != '_')
            continue;
        bool before = i ? digits.p[i - 1] != '_' : true;
        if (!prefixed || !before || i + 1 == digits.n || digits.p[i + 1] == '_')
            return false;
    }
    return true;
}

bool flag_read_int(struct str s, int64_t *out)
{
    bool negative = s.n && s.p[0] == '-';
    if (s.n && (s.p[0] == '-' || s.p[0] == '+'))
        s = str_sub(s, 1, s.n);
    struct str digits;
    unsigned base = base_of(s, &digits);
    int64_t total = 0;
    /* without a prefix a _ is taken too when the base is told by the text: "1_000" */
    if (!digits.n || !underscores_are_fine(digits, digits.n < s.n || digits.p[0] != '_'))
        return false;
    for (size_t i = 0; i < digits.n; i++) {
        if (digits.p[i] == '_')
            continue;
        unsigned d = digit_of(digits.p[i]);
        if (d >= base || __builtin_mul_overflow(total, (int64_t)base, &total) ||
            __builtin_add_overflow(total, negative ? -(int64_t)d : (int64_t)d, &total))
            return false;
    }
    *out = total;
    return true;
}

static bool read_ip(struct arena *a, struct str s, struct str *out)
{
    struct ip ip;
    if (!ip_parse(&ip, str_trim(s), NULL))
        return false;
    if (ip_is_v4_in_v6(&ip)) {
        memmove(ip.byte, ip.byte + 12, 4);
        ip.n = 4;
    }
    *out = ip_text(a, &ip);
    return true;
}

/* ---- CSV */

/* The end of the line that starts at; *next is where the following one starts. A CR in front of the
 * LF, or at the very end, is no text. */
static size_t line_end(struct str text, size_t at, size_t *next)
{
    size_t end = str_find_char(text, '\n', at);
    *next = end == SIZE_MAX ? text.n : end + 1;
    if (end == SIZE_MAX)
        end = text.n;
    return end > at && text.p[end - 1] == '\r' ? end - 1 : end;
}

struct record {
    struct str text;
    size_t at, end, next; /* of the line being read */
};

/* A field in quotes, which may go on over lines; at stands behind the opening one. */
static bool read_quoted(struct record *r, struct buf *field)
{
    for (;;) {
        size_t quote = str_find_char(r->text, '"', r->at);
        if (quote == SIZE_MAX || quote >= r->end) {
            buf_add(field, str_sub(r->text, r->at, r->end));
            if (r->next >= r->text.n)
                return false; /* never closed */
            buf_add_char(field, '\n');
            r->at = r->next;
            r->end = line_end(r->text, r->at, &r->next);
            continue;
        }
        buf_add(field, str_sub(r->text, r->at, quote));
        r->at = quote + 1;
        if (r->at < r->end && r->text.p[r->at] == '"') {
            buf_add_char(field, '"');
            r->at++;
            continue;
        }
        return r->at == r->end || r->text.p[r->at] == ',';
    }
}

static bool read_field(struct record *r, struct buf *field)
{
    if (r->at < r->end && r->text.p[r->at] == '"') {
        r->at++;
        return read_quoted(r, field);
    }
    size_t comma = str_find_char(r->text, ',', r->at);
    size_t stop = comma == SIZE_MAX || comma > r->end ? r->end : comma;
    struct str plain = str_sub(r->text, r->at, stop);
    buf_add(field, plain);
    r->at = stop;
    return str_find_char(plain, '"', 0) == SIZE_MAX;
}

bool flag_read_record(struct flag_items *out, struct arena *a, struct str text)
{
    struct record r = { .text = text };
    struct flag_items found = { 0 };
    bool ok = true;
    do { /* empty lines are passed over */
        r.at = r.next;
        r.end = line_end(text, r.at, &r.next);
    } while (r.at == r.end && r.next < text.n);
    if (r.at == r.end && text.n)
        return false;
    while (text.n && ok) {
        struct buf field CLEANUP(buf_release) = BUF_INIT(65536);
        ok = read_field(&r, &field) && !field.over;
        *VEC_PUSH(&found.item, a) = str_dup(a, buf_str(&field));
        if (r.at >= r.end)
            break;
        r.at++; /* the comma */
    }
    if (ok)
        *out = found;
    return ok;
}

/* ---- what adds up */

static struct str joined(struct arena *a, struct str old, struct str more)
{
    return old.n ? str_printf(a, "%.*s,%.*s", STR_ARG(old), STR_ARG(more)) : more;
}

static struct value add_record(struct arena *a, struct str name, struct str old, struct str text)
{
    struct flag_items items;
    if (!flag_read_record(&items, a, text))
        return refused(a, name, "is no list that the component can read: its quotes do not match");
    for (size_t i = 0; i < items.item.count; i++)
        if (str_find_char(items.item.item[i], ',', 0) != SIZE_MAX)
            return refused(a, name, "holds a comma within one item");
    struct str more = str_join(a, items.item.item, items.item.count, STR(","));
    return value_str(old.n && items.item.count
                         ? str_printf(a, "%.*s,%.*s", STR_ARG(old), STR_ARG(more))
                     : old.n ? old
                             : more);
}

/* One pair, in one spelling; false: the component refuses it. */
static bool read_pair(struct arena *a, enum flag_type type, struct str pair, struct str *key,
                      struct str *shown)
{
    struct str value;
    bool given = str_cut(pair, '=', key, &value), on;
    *key = str_trim(*key);
    *shown = given ? str_printf(a, "%.*s=%.*s", STR_ARG(*key), STR_ARG(str_trim(value))) : *key;
    if (type != FLAG_GATES)
        return true;
    if (!given || !flag_read_bool(str_trim(value), &on))
        return false;
    *shown = str_printf(a, "%.*s=%s", STR_ARG(*key), on ? "true" : "false");
    return true;
}

/* old without the pair of key. */
static struct str without_key(struct arena *a, struct str old, struct str key)
{
    struct str out = STR(""), pair, other, rest;
    while (str_next_field(&old, ',', &pair)) {
        (void)str_cut(pair, '=', &other, &rest);
        if (!str_eq(str_trim(other), key))
            out = joined(a, out, pair);
    }
    return out;
}

static struct value add_pairs(struct arena *a, struct str name, enum flag_type type, struct str old,
                              struct str text)
{
    struct str pair, key, shown;
    size_t count = 0;
    while (str_next_field(&text, ',', &pair)) {
        if (!str_trim(pair).n)
            continue;
        if (++count > FLAG_PAIRS_MAX)
            return refused(a, name, "holds more than is looked at");
        if (!read_pair(a, type, pair, &key, &shown))
            return refused(a, name, "is no list of NAME=true and NAME=false");
        old = joined(a, without_key(a, old, key), shown);
    }
    return value_str(old);
}

struct value flag_value_add(struct arena *a, struct str name, const struct value *old,
                            struct str text)
{
    enum flag_type type = flag_info_of(name).type;
    struct str before = old ? value_text(*old) : STR(""), ip;
    int64_t number;
    bool on;
    if (old && value_is_error(*old))
        return *old; /* the component stopped there */
    if (type >= FLAG_LIST && before.n + text.n > FLAG_VALUE_BYTES_MAX)
        return refused(a, name, "holds more than is looked at");
    switch (type) {
    case FLAG_TEXT:
        return value_str(text);
    case FLAG_BOOL:
        return flag_read_bool(text, &on) ? value_str(on ? STR("true") : STR("false"))
                                         : refused(a, name, "is neither true nor false");
    case FLAG_INT:
        return flag_read_int(text, &number) ? value_str(str_printf(a, "%lld", (long long)number))
                                            : refused(a, name, "is no whole number");
    case FLAG_DURATION:
        return duration_parse(text, &number) ? value_str(text)
                                             : refused(a, name, "is no duration such as 1m0s");
    case FLAG_IP:
        if (!text.n) /* changes nothing */
            return value_str(before);
        return read_ip(a, text, &ip) ? value_str(ip) : refused(a, name, "is no IP address");
    case FLAG_LIST:
        return add_record(a, name, before, text);
    case FLAG_ARRAY:
        return value_str(old ? str_printf(a, "%.*s,%.*s", STR_ARG(before), STR_ARG(text)) : text);
    case FLAG_MAP:
    case FLAG_GATES:
        return add_pairs(a, name, type, before, text);
    }
    return value_str(text);
}
