/* The language's own functions: sizes, conversions, text basics, optionals. */
#include "cel/lib_core.h"

#include "cel/lib.h"
#include "cel/lib_format.h"
#include "cel/lib_time.h"

#include <math.h>

/* ---- sizes and types */

struct value cel_size(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    struct value over;
    (void)arg_count;
    if (arg[0].kind != VALUE_STRING)
        return value_int(arg[0].n);
    return lib_charge_bytes(call, arg[0].n, &over)
               ? value_int((int64_t)str_utf8_length(value_text(arg[0])))
               : over;
}

struct value cel_type_value(struct value v)
{
    static const char *const name[] = {
        [VALUE_NULL] = "null_type",
        [VALUE_BOOL] = "bool",
        [VALUE_INT] = "int",
        [VALUE_UINT] = "uint",
        [VALUE_DOUBLE] = "double",
        [VALUE_STRING] = "string",
        [VALUE_BYTES] = "bytes",
        [VALUE_LIST] = "list",
        [VALUE_MAP] = "map",
        [VALUE_TIMESTAMP] = "google.protobuf.Timestamp",
        [VALUE_DURATION] = "google.protobuf.Duration",
        [VALUE_TYPE] = "type",
        [VALUE_OPTIONAL] = "optional_type",
    };
    const char *text = v.kind == VALUE_OPAQUE ? v.as.opaque->type->name : name[v.kind];
    return (struct value){ .kind = VALUE_TYPE, .n = (uint32_t)strlen(text), .as.s = text };
}

struct value cel_type_of(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    (void)call, (void)arg_count;
    return cel_type_value(arg[0]);
}

struct value cel_dyn(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    (void)call, (void)arg_count;
    return arg[0];
}

/* ---- conversions */

static struct value no_number(struct cel_call *call, struct value v, const char *kind)
{
    return lib_error(call, "\"%.*s\" is not a %s", STR_ARG(str_sub(value_text(v), 0, 60)), kind);
}

static struct value out_of_range(struct cel_call *call, const char *kind)
{
    return lib_error(call, "the value is out of the range of %s", kind);
}

/* Go's parser takes one sign in front. */
static struct str without_plus(struct str s)
{
    return s.n > 1 && s.p[0] == '+' ? str_sub(s, 1, s.n) : s;
}

struct value cel_to_int(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    int64_t i;
    struct value v = arg[0];
    (void)arg_count;
    if (v.kind == VALUE_UINT)
        return v.as.u <= INT64_MAX ? value_int((int64_t)v.as.u) : out_of_range(call, "int");
    if (v.kind == VALUE_DOUBLE) /* the limits themselves are out: they are not exact in a double */
        return v.as.d > -9223372036854775808.0 && v.as.d < 9223372036854775808.0
                   ? value_int((int64_t)v.as.d)
                   : out_of_range(call, "int");
    if (v.kind == VALUE_TIMESTAMP)
        return value_int(v.as.i);
    if (v.kind == VALUE_DURATION)
        return cel_duration_ns(v, &i) ? value_int(i) : out_of_range(call, "int");
    if (v.kind == VALUE_STRING)
        return str_to_int64(without_plus(value_text(v)), &i) ? value_int(i)
                                                             : no_number(call, v, "whole number");
    return v;
}

struct value cel_to_uint(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    uint64_t u;
    struct value v = arg[0];
    (void)arg_count;
    if (v.kind == VALUE_INT)
        return v.as.i >= 0 ? value_uint((uint64_t)v.as.i) : out_of_range(call, "uint");
    if (v.kind == VALUE_DOUBLE)
        return v.as.d > -1.0 && v.as.d < 18446744073709551616.0 && v.as.d >= 0
                   ? value_uint((uint64_t)v.as.d)
                   : out_of_range(call, "uint");
    if (v.kind == VALUE_STRING)
        return str_to_uint64(without_plus(value_text(v)), &u)
                   ? value_uint(u)
                   : no_number(call, v, "whole number from 0");
    return v;
}

/* Besides decimal notation: the names of what is no number. */
static bool special_double(struct str s, double *out)
{
    static const struct {
        const char *text;
        double value;
    } row[] = { { "NaN", (double)NAN },
                { "nan", (double)NAN },
                { "Infinity", (double)INFINITY },
                { "inf", (double)INFINITY },
                { "Inf", (double)INFINITY },
                { "+Infinity", (double)INFINITY },
                { "-Infinity", -(double)INFINITY },
                { "+Inf", (double)INFINITY },
                { "-Inf", -(double)INFINITY },
                { "+inf", (double)INFINITY },
                { "-inf", -(double)INFINITY } };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        if (!str_eq_c(s, row[i].text))
            continue;
        *out = row[i].value;
        return true;
    }
    return false;
}

struct value cel_to_double(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    double d;
    struct value v = arg[0];
    (void)arg_count;
    if (v.kind == VALUE_INT)
        return value_double((double)v.as.i);
    if (v.kind == VALUE_UINT)
        return value_double((double)v.as.u);
    if (v.kind == VALUE_STRING)
        return special_double(value_text(v), &d) || str_to_double(without_plus(value_text(v)), &d)
                   ? value_double(d)
                   : no_number(call, v, "number");
    return v;
}

/* As Go prints a float64 with %g and the fewest digits: an exponent below -4 and from 6 on. */
static struct str double_text(struct arena *a, double d)
{
    char text[40];
    double back;
    if (isnan(d) || isinf(d))
        return isnan(d) ? STR("NaN") : d > 0 ? STR("+Inf") : STR("-Inf");
    int digits = 1;
    do {
        (void)snprintf(text, sizeof text, "%.*e", digits - 1, d);
    } while (digits++ < 17 && (!str_to_double(str_from_c(text), &back) || back != d));
    int exponent = 0;
    const char *e = strchr(text, 'e');
    bool negative_exponent = e[1] == '-';
    for (const char *c = e + 2; *c; c++)
        exponent = exponent * 10 + (*c - '0');
    if (negative_exponent)
        exponent = -exponent;
    if (exponent >= -4 && exponent < 6)
        return cel_double_text(a, d);
    struct str mantissa = str_of(text, (size_t)(e - text));
    return str_printf(a, "%.*se%c%02d", STR_ARG(mantissa), exponent < 0 ? '-' : '+',
                      exponent < 0 ? -exponent : exponent);
}

struct value cel_to_string(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    struct value v = arg[0], over;
    (void)arg_count;
    switch ((enum value_kind)v.kind) {
    case VALUE_STRING:
        return v;
    case VALUE_BOOL:
        return value_cstr(v.as.b ? "true" : "false");
    case VALUE_INT:
        return value_str(str_printf(call->scratch, "%lld", (long long)v.as.i));
    case VALUE_UINT:
        return value_str(str_printf(call->scratch, "%llu", (unsigned long long)v.as.u));
    case VALUE_DOUBLE:
        return value_str(double_text(call->scratch, v.as.d));
    case VALUE_BYTES:
        if (!lib_charge_bytes(call, v.n, &over))
            return over;
        return str_is_utf8(value_text(v)) ? value_str(value_text(v))
                                          : lib_error(call, "the bytes are not UTF-8");
    case VALUE_TIMESTAMP:
        return value_str(cel_timestamp_text(call->scratch, v));
    case VALUE_DURATION:
        return value_str(value_duration_text(call->scratch, v));
    case VALUE_TYPE:
        return value_str(str_of(v.as.s, v.n));
    case VALUE_OPAQUE:
        if (!v.as.opaque->type->text)
            break;
        v = value_str(v.as.opaque->type->text(v.as.opaque->self, call->scratch));
        return lib_charge_bytes(call, v.n, &over) ? v : over;
    case VALUE_NULL:
    case VALUE_LIST:
    case VALUE_MAP:
    case VALUE_OPTIONAL:
    case VALUE_ERROR:
        break;
    }
    return lib_no_overload(call);
}

struct value cel_to_bytes(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    (void)call, (void)arg_count;
    return value_bytes(value_text(arg[0]));
}

struct value cel_to_bool(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    static const char *const yes[] = { "1", "t", "T", "true", "TRUE", "True" };
    static const char *const no[] = { "0", "f", "F", "false", "FALSE", "False" };
    (void)arg_count;
    if (arg[0].kind == VALUE_BOOL)
        return arg[0];
    for (size_t i = 0; i < 6; i++) {
        if (str_eq_c(value_text(arg[0]), yes[i]))
            return value_bool(true);
        if (str_eq_c(value_text(arg[0]), no[i]))
            return value_bool(false);
    }
    return no_number(call, arg[0], "truth value (true, false, 1, 0 ...)");
}

/* ---- text */

struct value cel_contains(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    struct value over;
    (void)arg_count;
    return lib_charge_bytes(call, arg[0].n, &over)
               ? value_bool(str_contains(value_text(arg[0]), value_text(arg[1])))
               : over;
}
struct value cel_starts_with(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    struct value over;
    (void)arg_count;
    return lib_charge_bytes(call, arg[1].n, &over)
               ? value_bool(str_has_prefix(value_text(arg[0]), value_text(arg[1])))
               : over;
}
struct value cel_ends_with(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    struct value over;
    (void)arg_count;
    return lib_charge_bytes(call, arg[1].n, &over)
               ? value_bool(str_has_suffix(value_text(arg[0]), value_text(arg[1])))
               : over;
}

/* ---- optionals */

struct value cel_optional_of(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    (void)arg_count;
    return value_optional(call->scratch, arg[0]);
}

struct value cel_optional_none(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    (void)call, (void)arg, (void)arg_count;
    return value_optional_none();
}

static bool is_zero(struct value v)
{
    switch ((enum value_kind)v.kind) {
    case VALUE_NULL:
        return true;
    case VALUE_BOOL:
        return !v.as.b;
    case VALUE_INT:
    case VALUE_UINT:
        return v.as.u == 0;
    case VALUE_DOUBLE:
        return v.as.d == 0;
    case VALUE_STRING:
    case VALUE_BYTES:
    case VALUE_LIST:
    case VALUE_MAP:
        return v.n == 0;
    case VALUE_DURATION:
        return v.as.i == 0 && v.n == 0;
    case VALUE_TIMESTAMP: /* Go's zero time: the first second of year 1 */
        return v.as.i == -62135596800 && v.n == 0;
    case VALUE_TYPE:
    case VALUE_OPTIONAL:
    case VALUE_OPAQUE:
    case VALUE_ERROR:
        return false;
    }
    return false;
}

struct value cel_optional_of_non_zero(struct cel_call *call, const struct value *arg,
                                      size_t arg_count)
{
    (void)arg_count;
    return is_zero(arg[0]) ? value_optional_none() : value_optional(call->scratch, arg[0]);
}

struct value cel_optional_has_value(struct cel_call *call, const struct value *arg,
                                    size_t arg_count)
{
    (void)call, (void)arg_count;
    return value_bool(arg[0].as.boxed != NULL);
}

struct value cel_optional_value(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    (void)arg_count;
    return arg[0].as.boxed ? *arg[0].as.boxed : lib_error(call, "optional.none() has no value");
}

struct value cel_optional_or(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    (void)call, (void)arg_count;
    return arg[0].as.boxed ? arg[0] : arg[1];
}

struct value cel_optional_or_value(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    (void)call, (void)arg_count;
    return arg[0].as.boxed ? *arg[0].as.boxed : arg[1];
}

struct value cel_optional_unwrap(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    struct value over;
    (void)arg_count;
    if (!lib_charge_items(call, arg[0].n, &over))
        return over;
    struct value *item = arena_array(call->scratch, struct value, arg[0].n);
    size_t count = 0;
    for (uint32_t i = 0; i < arg[0].n; i++) {
        struct value o = arg[0].as.item[i];
        if (o.kind != VALUE_OPTIONAL)
            return lib_no_overload(call);
        if (o.as.boxed)
            item[count++] = *o.as.boxed;
    }
    return value_list(item, count);
}
