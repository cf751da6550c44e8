/* The operators as functions: rows of overload.def like any other. */
#include "cel/operator.h"

#include "cel/lib.h"
#include "cel/lib_decl.h"

#include <math.h>

static struct value overflow(struct cel_call *call)
{
    return lib_error(call, "the result is out of range");
}

static bool both(const struct value *arg, enum value_kind kind)
{
    return arg[0].kind == kind && arg[1].kind == kind;
}

/* ---- arithmetic: int, uint and double do not mix */

static struct value join_text(struct cel_call *call, const struct value *arg)
{
    struct value over;
    size_t n = (size_t)arg[0].n + arg[1].n;
    if (n > UINT32_MAX)
        return overflow(call);
    if (!lib_charge_bytes(call, n, &over))
        return over;
    char *p = arena_alloc(call->scratch, n);
    memcpy(p, arg[0].n ? arg[0].as.s : "", arg[0].n);
    memcpy(p + arg[0].n, arg[1].n ? arg[1].as.s : "", arg[1].n);
    return arg[0].kind == VALUE_STRING ? value_str(str_of(p, n)) : value_bytes(str_of(p, n));
}

static struct value join_lists(struct cel_call *call, const struct value *arg)
{
    struct value over;
    size_t n = (size_t)arg[0].n + arg[1].n;
    if (!arg[1].n)
        return arg[0];
    if (!arg[0].n)
        return arg[1];
    if (!lib_charge_items(call, n, &over))
        return over;
    struct value *item = arena_array(call->scratch, struct value, n);
    memcpy(item, arg[0].as.item, arg[0].n * sizeof *item);
    memcpy(item + arg[0].n, arg[1].as.item, arg[1].n * sizeof *item);
    return value_list(item, n);
}

struct value cel_op_add(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    int64_t i;
    uint64_t u;
    if (both(arg, VALUE_INT))
        return __builtin_add_overflow(arg[0].as.i, arg[1].as.i, &i) ? overflow(call) : value_int(i);
    if (both(arg, VALUE_UINT))
        return __builtin_add_overflow(arg[0].as.u, arg[1].as.u, &u) ? overflow(call)
                                                                    : value_uint(u);
    if (both(arg, VALUE_DOUBLE))
        return value_double(arg[0].as.d + arg[1].as.d);
    if (both(arg, VALUE_STRING) || both(arg, VALUE_BYTES))
        return join_text(call, arg);
    if (both(arg, VALUE_LIST))
        return join_lists(call, arg);
    bool time0 = arg[0].kind == VALUE_TIMESTAMP, time1 = arg[1].kind == VALUE_TIMESTAMP;
    bool length0 = arg[0].kind == VALUE_DURATION, length1 = arg[1].kind == VALUE_DURATION;
    if ((length0 && length1) || (time0 && length1) || (length0 && time1))
        return cel_time_add(call, arg, arg_count);
    return lib_no_overload(call);
}

struct value cel_op_sub(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    int64_t i;
    uint64_t u;
    if (both(arg, VALUE_INT))
        return __builtin_sub_overflow(arg[0].as.i, arg[1].as.i, &i) ? overflow(call) : value_int(i);
    if (both(arg, VALUE_UINT))
        return __builtin_sub_overflow(arg[0].as.u, arg[1].as.u, &u) ? overflow(call)
                                                                    : value_uint(u);
    if (both(arg, VALUE_DOUBLE))
        return value_double(arg[0].as.d - arg[1].as.d);
    if (both(arg, VALUE_DURATION) || both(arg, VALUE_TIMESTAMP) ||
        (arg[0].kind == VALUE_TIMESTAMP && arg[1].kind == VALUE_DURATION))
        return cel_time_sub(call, arg, arg_count);
    return lib_no_overload(call);
}

struct value cel_op_mul(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    int64_t i;
    uint64_t u;
    (void)arg_count;
    if (both(arg, VALUE_INT))
        return __builtin_mul_overflow(arg[0].as.i, arg[1].as.i, &i) ? overflow(call) : value_int(i);
    if (both(arg, VALUE_UINT))
        return __builtin_mul_overflow(arg[0].as.u, arg[1].as.u, &u) ? overflow(call)
                                                                    : value_uint(u);
    if (both(arg, VALUE_DOUBLE))
        return value_double(arg[0].as.d * arg[1].as.d);
    return lib_no_overload(call);
}

struct value cel_op_div(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    (void)arg_count;
    if (both(arg, VALUE_DOUBLE))
        return value_double(arg[0].as.d / arg[1].as.d);
    if (!both(arg, VALUE_INT) && !both(arg, VALUE_UINT))
        return lib_no_overload(call);
    if (arg[1].as.u == 0)
        return lib_error(call, "division by zero");
    if (arg[0].kind == VALUE_UINT)
        return value_uint(arg[0].as.u / arg[1].as.u);
    if (arg[0].as.i == INT64_MIN && arg[1].as.i == -1)
        return overflow(call);
    return value_int(arg[0].as.i / arg[1].as.i);
}

struct value cel_op_mod(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    (void)arg_count;
    if (!both(arg, VALUE_INT) && !both(arg, VALUE_UINT))
        return lib_no_overload(call);
    if (arg[1].as.u == 0)
        return lib_error(call, "modulus by zero");
    if (arg[0].kind == VALUE_UINT)
        return value_uint(arg[0].as.u % arg[1].as.u);
    if (arg[0].as.i == INT64_MIN && arg[1].as.i == -1)
        return overflow(call);
    return value_int(arg[0].as.i % arg[1].as.i);
}

struct value cel_op_negate(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    (void)arg_count;
    if (arg[0].kind == VALUE_DOUBLE)
        return value_double(-arg[0].as.d);
    if (arg[0].kind != VALUE_INT)
        return lib_no_overload(call);
    return arg[0].as.i == INT64_MIN ? overflow(call) : value_int(-arg[0].as.i);
}

struct value cel_op_not(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    (void)arg_count;
    return arg[0].kind == VALUE_BOOL ? value_bool(!arg[0].as.b) : lib_no_overload(call);
}

/* ---- equality and order */

static struct value missing_between(struct value a, struct value b, bool *differ);

static struct value missing_in_maps(struct value a, struct value b, bool *differ)
{
    struct value bad = value_null();
    for (uint32_t i = 0; i < a.n && !*differ; i++) {
        const struct value *other = value_get_key(b, a.as.map->entry[i].key);
        struct value v =
            other ? missing_between(a.as.map->entry[i].val, *other, differ) : value_null();
        *differ |= !other;
        bad = value_is_error(bad) ? bad : v;
    }
    return bad;
}

/* Why it is not known whether two values are equal: a part that is an error (evidence that is
 * missing) where no other part tells them apart. Null, or *differ, if it is known. */
static struct value missing_between(struct value a, struct value b, bool *differ)
{
    struct value bad = value_null();
    if (value_is_error(a) || value_is_error(b))
        return value_is_error(a) ? a : b;
    if (a.kind == b.kind && a.n == b.n && a.kind == VALUE_MAP)
        return missing_in_maps(a, b, differ);
    if (a.kind == VALUE_OPTIONAL && b.kind == VALUE_OPTIONAL && a.as.boxed && b.as.boxed)
        return missing_between(*a.as.boxed, *b.as.boxed, differ);
    if (a.kind != VALUE_LIST || b.kind != VALUE_LIST || a.n != b.n) {
        *differ = !value_equal(a, b);
        return bad;
    }
    for (uint32_t i = 0; i < a.n && !*differ; i++) {
        struct value v = missing_between(a.as.item[i], b.as.item[i], differ);
        bad = value_is_error(bad) ? bad : v;
    }
    return bad;
}

static struct value equality(struct cel_call *call, const struct value *arg, bool wanted)
{
    struct value over;
    bool equal, differ = false;
    if (!lib_equal(call, arg[0], arg[1], &equal, &over))
        return over;
    struct value bad = equal ? value_null() : missing_between(arg[0], arg[1], &differ);
    return value_is_error(bad) && !differ ? bad : value_bool(equal == wanted);
}

struct value cel_op_eq(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    (void)arg_count;
    return equality(call, arg, true);
}

struct value cel_op_ne(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    (void)arg_count;
    return equality(call, arg, false);
}

static bool is_nan(struct value v)
{
    return v.kind == VALUE_DOUBLE && isnan(v.as.d);
}

static int sign_of(double a, double b)
{
    return (a > b) - (a < b);
}

/* An integer against a double is compared as doubles inside the integers' range (cel-spec: large
 * integers lose digits in an order, though not in equality). True: they are such a pair, *order is
 * set. */
static bool mixed_order(struct value a, struct value b, int *order)
{
    if (a.kind == VALUE_DOUBLE && b.kind != VALUE_DOUBLE) {
        bool mixed = mixed_order(b, a, order);
        *order = mixed ? -*order : 0;
        return mixed;
    }
    if (b.kind != VALUE_DOUBLE || (a.kind != VALUE_INT && a.kind != VALUE_UINT) || isnan(b.as.d))
        return false;
    *order = sign_of(a.kind == VALUE_INT ? (double)a.as.i : (double)a.as.u, b.as.d);
    return true;
}

/* Whether arg[0] stands to arg[1] in one of the orders allowed (-1, 0, 1 as bits 1, 2, 4). */
static struct value ordered(struct cel_call *call, const struct value *arg, unsigned allowed)
{
    int order;
    struct value over;
    bool text = arg[0].kind == VALUE_STRING || arg[0].kind == VALUE_BYTES;
    if (!lib_charge_bytes(call, text ? (arg[0].n < arg[1].n ? arg[0].n : arg[1].n) : 0, &over))
        return over;
    if (mixed_order(arg[0], arg[1], &order) || value_compare(arg[0], arg[1], &order))
        return value_bool((allowed & (1u << (order + 1))) != 0);
    bool numbers = ((KIND_BIT(arg[0].kind) & K_NUMBER) && (KIND_BIT(arg[1].kind) & K_NUMBER));
    return numbers && (is_nan(arg[0]) || is_nan(arg[1])) ? value_bool(false)
                                                         : lib_no_overload(call);
}

struct value cel_op_lt(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    (void)arg_count;
    return ordered(call, arg, 1);
}
struct value cel_op_le(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    (void)arg_count;
    return ordered(call, arg, 3);
}
struct value cel_op_gt(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    (void)arg_count;
    return ordered(call, arg, 4);
}
struct value cel_op_ge(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    (void)arg_count;
    return ordered(call, arg, 6);
}

struct value cel_op_in(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    struct value over;
    (void)arg_count;
    if (arg[1].kind == VALUE_MAP)
        return value_bool(value_get_key(arg[1], arg[0]) != NULL);
    if (arg[1].kind != VALUE_LIST)
        return lib_no_overload(call);
    if (!lib_charge_items(call, arg[1].n / 4, &over))
        return over;
    bool equal = false;
    struct value bad = value_null();
    for (uint32_t i = 0; i < arg[1].n && !equal; i++)
        if (value_is_error(arg[1].as.item[i]))
            bad = arg[1].as.item[i];
        else if (arg[0].kind != VALUE_LIST && arg[0].kind != VALUE_MAP &&
                 arg[0].kind != VALUE_OPTIONAL)
            equal = value_equal(arg[0], arg[1].as.item[i]);
        else if (!lib_equal(call, arg[0], arg[1].as.item[i], &equal, &over))
            return over;
    return equal || !value_is_error(bad) ? value_bool(equal) : bad;
}
