/* string.format: %s %d %f %e %b %o %x %X with a precision for %f and %e. Locales play no part.
 * Source: cel-go ext/README.md, "Strings", Format. */
#include "cel/lib_format.h"
#include "cel/lib.h"
#include "cel/lib_time.h"

#include <math.h>

#define FORMAT_BYTES_MAX         ((size_t)4 << 20)
#define FORMAT_PRECISION_DEFAULT 6
#define FORMAT_PRECISION_MAX     1000

struct str cel_double_text(struct arena *a, double d)
{
    if (isnan(d))
        return STR("NaN");
    if (isinf(d))
        return d < 0 ? STR("-Infinity") : STR("Infinity");
    /* The fewest digits that read back as the same number, then laid out without an exponent. */
    char text[40], digit[20];
    double back;
    for (int digits = 0; digits < 17; digits++) {
        int n = snprintf(text, sizeof text, "%.*e", digits, d);
        if (str_to_double(str_of(text, (size_t)n), &back) && back == d)
            break;
    }
    size_t count = 0;
    char *e = text;
    for (; *e != 'e'; e++)
        if (*e >= '0' && *e <= '9')
            digit[count++] = *e;
    while (count > 1 && digit[count - 1] == '0')
        count--;
    int64_t exponent = 0;
    INVARIANT(str_to_int64(str_from_c(e[1] == '+' ? e + 2 : e + 1), &exponent));
    struct buf out CLEANUP(buf_release) = BUF_INIT(400); /* 1e308 and 5e-324 are the longest */
    if (text[0] == '-')
        buf_add_char(&out, '-');
    for (int64_t place = exponent > 0 ? exponent : 0;
         place >= 0 || place > exponent - (int64_t)count; place--) {
        int64_t at = exponent - place;
        if (place == -1)
            buf_add_char(&out, '.');
        buf_add_char(&out, at >= 0 && at < (int64_t)count ? digit[at] : '0');
    }
    return str_dup(a, buf_str(&out));
}

/* One %s argument. False: it cannot be shown, and *bad says why. */
static bool add_text(struct buf *out, struct cel_call *call, struct value v, struct value *bad);

struct entry_text {
    struct str key, val;
    uint32_t index;
};

static int compare_entries(const void *a, const void *b)
{
    const struct entry_text *x = a, *y = b;
    size_t n = x->key.n < y->key.n ? x->key.n : y->key.n;
    int order = n ? memcmp(x->key.p, y->key.p, n) : 0;
    if (!order && x->key.n != y->key.n)
        order = x->key.n < y->key.n ? -1 : 1;
    return order ? order : (x->index > y->index) - (x->index < y->index);
}

static bool text_of(struct str *out, struct cel_call *call, struct value v, struct value *bad)
{
    struct buf b CLEANUP(buf_release) = BUF_INIT(FORMAT_BYTES_MAX);
    if (!add_text(&b, call, v, bad))
        return false;
    *out = str_dup(call->scratch, buf_str(&b));
    return lib_charge_bytes(call, b.n, bad);
}

/* "{key: value, ...}" in the order of the keys' texts. */
static bool add_map(struct buf *out, struct cel_call *call, struct value v, struct value *bad)
{
    uint32_t n = v.as.map->count;
    struct entry_text *entry = arena_array(call->scratch, struct entry_text, n);
    if (!lib_charge_items(call, n, bad))
        return false;
    for (uint32_t i = 0; i < n; i++) {
        entry[i].index = i;
        if (!text_of(&entry[i].key, call, v.as.map->entry[i].key, bad) ||
            !text_of(&entry[i].val, call, v.as.map->entry[i].val, bad))
            return false;
    }
    if (n)
        qsort(entry, n, sizeof *entry, compare_entries);
    buf_add_char(out, '{');
    for (uint32_t i = 0; i < n; i++) {
        if (i)
            buf_add_c(out, ", ");
        buf_add(out, entry[i].key);
        buf_add_c(out, ": ");
        buf_add(out, entry[i].val);
    }
    buf_add_char(out, '}');
    return true;
}

static bool add_list(struct buf *out, struct cel_call *call, struct value v, struct value *bad)
{
    if (!lib_charge_items(call, v.n, bad))
        return false;
    buf_add_char(out, '[');
    for (uint32_t i = 0; i < v.n; i++) {
        if (i)
            buf_add_c(out, ", ");
        if (!add_text(out, call, value_item(v, i), bad))
            return false;
    }
    buf_add_char(out, ']');
    return true;
}

static bool refuse(struct cel_call *call, const char *rule, struct value v, struct value *bad)
{
    *bad = lib_error(call, "error during formatting: %s, was given %s", rule,
                     value_kind_name((enum value_kind)v.kind));
    return false;
}

static bool add_text(struct buf *out, struct cel_call *call, struct value v, struct value *bad)
{
    switch ((enum value_kind)v.kind) {
    case VALUE_NULL:
        buf_add_c(out, "null");
        return true;
    case VALUE_BOOL:
        buf_add_c(out, v.as.b ? "true" : "false");
        return true;
    case VALUE_INT:
        buf_addf(out, "%lld", (long long)v.as.i);
        return true;
    case VALUE_UINT:
        buf_addf(out, "%llu", (unsigned long long)v.as.u);
        return true;
    case VALUE_DOUBLE:
        buf_add(out, cel_double_text(call->scratch, v.as.d));
        return true;
    case VALUE_STRING:
    case VALUE_BYTES:
        buf_add(out, value_text(v));
        return true;
    case VALUE_TYPE:
        buf_add(out, str_of(v.as.s, v.n));
        return true;
    case VALUE_TIMESTAMP:
        buf_add(out, cel_timestamp_text(call->scratch, v));
        return true;
    case VALUE_DURATION:
        buf_add(out, value_duration_text(call->scratch, v));
        return true;
    case VALUE_LIST:
        return add_list(out, call, v, bad);
    case VALUE_MAP:
        return add_map(out, call, v, bad);
    case VALUE_ERROR:
        *bad = v;
        return false;
    case VALUE_OPTIONAL:
    case VALUE_OPAQUE:
        break;
    }
    return refuse(
        call,
        "string clause can only be used on strings, bools, bytes, numbers, maps, lists, types, "
        "durations and timestamps",
        v, bad);
}

/* The size of v with its digits in base 2, 8 or 16; false if v is no whole number. */
static bool add_based(struct buf *out, struct value v, unsigned bits, bool upper)
{
    char text[64];
    size_t at = sizeof text;
    if (v.kind != VALUE_INT && v.kind != VALUE_UINT)
        return false;
    bool negative = v.kind == VALUE_INT && v.as.i < 0;
    uint64_t size = negative ? 0 - v.as.u : v.as.u;
    do {
        text[--at] = (upper ? "0123456789ABCDEF" : "0123456789abcdef")[size & ((1u << bits) - 1)];
        size >>= bits;
    } while (size);
    if (negative)
        buf_add_char(out, '-');
    buf_add(out, str_of(text + at, sizeof text - at));
    return true;
}

static bool add_hex(struct buf *out, struct cel_call *call, struct value v, bool upper,
                    struct value *bad)
{
    if (v.kind == VALUE_STRING || v.kind == VALUE_BYTES) {
        struct str s = value_text(v);
        for (size_t i = 0; i < s.n; i++)
            buf_addf(out, upper ? "%02X" : "%02x", (unsigned)(unsigned char)s.p[i]);
        return true;
    }
    return add_based(out, v, 4, upper) ||
           refuse(call, "only integers, byte buffers, and strings can be formatted as hex", v, bad);
}

static bool add_binary(struct buf *out, struct cel_call *call, struct value v, struct value *bad)
{
    if (v.kind == VALUE_BOOL) {
        buf_add_char(out, v.as.b ? '1' : '0');
        return true;
    }
    return add_based(out, v, 1, false) ||
           refuse(call, "only integers and bools can be formatted as binary", v, bad);
}

static bool add_decimal(struct buf *out, struct cel_call *call, struct value v, struct value *bad)
{
    if (v.kind == VALUE_INT || v.kind == VALUE_UINT || v.kind == VALUE_DOUBLE)
        return add_text(out, call, v, bad);
    return refuse(call, "decimal clause can only be used on numbers", v, bad);
}

/* %f and %e. */
static bool add_fixed(struct buf *out, struct cel_call *call, struct value v, int precision,
                      bool scientific, struct value *bad)
{
    double d;
    if (v.kind == VALUE_DOUBLE)
        d = v.as.d;
    else if (v.kind == VALUE_INT)
        d = (double)v.as.i;
    else if (v.kind == VALUE_UINT)
        d = (double)v.as.u;
    else
        return refuse(call, "fixed-point and scientific clauses can only be used on numbers", v,
                      bad);
    if (!isfinite(d))
        buf_add(out, cel_double_text(call->scratch, d));
    else if (scientific)
        buf_addf(out, "%.*e", precision, d);
    else
        buf_addf(out, "%.*f", precision, d);
    return true;
}

/* What stands between '%' and the value: ".3f" gives 3 and 'f'. Moves *at behind it. */
static bool take_clause(struct cel_call *call, struct str format, size_t *at, int *precision,
                        char *verb, struct value *bad)
{
    *precision = FORMAT_PRECISION_DEFAULT;
    if (*at < format.n && format.p[*at] == '.') {
        size_t from = ++*at;
        int n = 0;
        for (; *at < format.n && format.p[*at] >= '0' && format.p[*at] <= '9' &&
               n <= FORMAT_PRECISION_MAX;
             (*at)++)
            n = n * 10 + (format.p[*at] - '0');
        if (*at == from || n > FORMAT_PRECISION_MAX) {
            *bad = lib_error(
                call, "could not parse formatting clause: the precision must be a number up to %d",
                FORMAT_PRECISION_MAX);
            return false;
        }
        *precision = n;
    }
    if (*at >= format.n) {
        *bad = lib_error(call, "unexpected end of string");
        return false;
    }
    *verb = format.p[(*at)++];
    return true;
}

static bool add_clause(struct buf *out, struct cel_call *call, char verb, int precision,
                       struct value v, struct value *bad)
{
    switch (verb) {
    case 's':
        return add_text(out, call, v, bad);
    case 'd':
        return add_decimal(out, call, v, bad);
    case 'f':
    case 'e':
        return add_fixed(out, call, v, precision, verb == 'e', bad);
    case 'b':
        return add_binary(out, call, v, bad);
    case 'o':
        return add_based(out, v, 3, false) ||
               refuse(call, "octal clause can only be used on integers", v, bad);
    case 'x':
    case 'X':
        return add_hex(out, call, v, verb == 'X', bad);
    }
    *bad =
        lib_error(call, "could not parse formatting clause: unrecognized formatting clause \"%c\"",
                  verb >= 0x20 && verb < 0x7F ? verb : '?');
    return false;
}

static bool format_all(struct buf *out, struct cel_call *call, struct str format, struct value args,
                       struct value *bad)
{
    uint32_t used = 0;
    for (size_t at = 0; at < format.n;) {
        size_t mark = str_find_char(format, '%', at);
        buf_add(out, str_sub(format, at, mark));
        if (mark == SIZE_MAX)
            return true;
        at = mark + 1;
        if (at < format.n && format.p[at] == '%') {
            buf_add_char(out, '%');
            at++;
            continue;
        }
        int precision;
        char verb;
        if (!take_clause(call, format, &at, &precision, &verb, bad))
            return false;
        if (used >= args.n) {
            *bad = lib_error(
                call, "index %u out of range: the list has too few arguments for the format", used);
            return false;
        }
        if (!add_clause(out, call, verb, precision, value_item(args, used++), bad))
            return false;
    }
    return true;
}

/* Bytes formatted with %s need not be UTF-8; strings are. */
static struct str as_utf8(struct arena *a, struct str s)
{
    if (str_is_utf8(s))
        return s;
    struct buf out CLEANUP(buf_release) = BUF_INIT(s.n * 3);
    for (size_t at = 0; at < s.n;) {
        uint32_t cp;
        char text[4];
        at += lib_utf8_step(s, at, &cp);
        buf_add(&out, str_of(text, str_utf8_encode(cp, text)));
    }
    return str_dup(a, buf_str(&out));
}

struct value cel_string_format(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    (void)arg_count;
    struct buf out CLEANUP(buf_release) = BUF_INIT(FORMAT_BYTES_MAX);
    struct str format = value_text(arg[0]);
    struct value bad;
    if (!lib_charge_bytes(call, format.n, &bad) || !lib_charge_walk(call, arg[1], &bad) ||
        !format_all(&out, call, format, arg[1], &bad))
        return bad;
    if (!lib_charge_bytes(call, out.n, &bad))
        return bad;
    struct value v = lib_take_text(call, &out);
    return value_is_error(v) ? v : value_str(as_utf8(call->scratch, value_text(v)));
}
