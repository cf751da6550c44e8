/* The math extension. Source: cel-go ext/README.md, "Math".
 * No function here can overflow silently: what does not fit is an error value. */
#include "cel/lib.h"

#include <math.h>

/* The greatest (wanted 1) or least (-1) of n numbers; the first of equals, in its own kind. */
static struct value pick(struct cel_call *call, const struct value *item, size_t n, int wanted,
                         const char *name)
{
    struct value over;
    if (!lib_charge_items(call, n, &over))
        return over;
    if (!n)
        return lib_error(call, "%s() of an empty list", name);
    const struct value *best = NULL;
    for (size_t i = 0; i < n; i++) {
        int order = 0;
        if (item[i].kind != VALUE_INT && item[i].kind != VALUE_UINT && item[i].kind != VALUE_DOUBLE)
            return lib_error(call, "no such overload: %s() takes numbers or one list of numbers",
                             name);
        if (best && !value_compare(item[i], *best, &order))
            return lib_error(call, "%s(): NaN values cannot be ordered", name);
        if (!best || order == wanted)
            best = &item[i];
    }
    return *best;
}

static struct value pick_args(struct cel_call *call, const struct value *arg, size_t arg_count,
                              int wanted, const char *name)
{
    if (arg_count == 1 && arg[0].kind == VALUE_LIST)
        return pick(call, arg[0].as.item, arg[0].n, wanted, name);
    return pick(call, arg, arg_count, wanted, name);
}

struct value cel_math_greatest(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    return pick_args(call, arg, arg_count, 1, "math.greatest");
}

struct value cel_math_least(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    return pick_args(call, arg, arg_count, -1, "math.least");
}

struct value cel_math_ceil(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    (void)call, (void)arg_count;
    return value_double(ceil(arg[0].as.d));
}

struct value cel_math_floor(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    (void)call, (void)arg_count;
    return value_double(floor(arg[0].as.d));
}

/* Halves go away from zero. */
struct value cel_math_round(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    (void)call, (void)arg_count;
    return value_double(round(arg[0].as.d));
}

struct value cel_math_trunc(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    (void)call, (void)arg_count;
    return value_double(trunc(arg[0].as.d));
}

struct value cel_math_sqrt(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    (void)arg_count;
    if (arg[0].kind == VALUE_DOUBLE)
        return value_double(sqrt(arg[0].as.d));
    if (arg[0].kind == VALUE_INT)
        return value_double(sqrt((double)arg[0].as.i));
    if (arg[0].kind == VALUE_UINT)
        return value_double(sqrt((double)arg[0].as.u));
    return lib_no_overload(call);
}

struct value cel_math_abs(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    (void)arg_count;
    if (arg[0].kind == VALUE_DOUBLE)
        return value_double(fabs(arg[0].as.d));
    if (arg[0].kind == VALUE_UINT)
        return arg[0];
    if (arg[0].kind != VALUE_INT)
        return lib_no_overload(call);
    if (arg[0].as.i == INT64_MIN)
        return lib_error(call, "integer overflow");
    return value_int(arg[0].as.i < 0 ? -arg[0].as.i : arg[0].as.i);
}

struct value cel_math_sign(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    (void)arg_count;
    struct value v = arg[0];
    if (v.kind == VALUE_DOUBLE)
        return isnan(v.as.d) ? v : value_double(v.as.d > 0 ? 1 : v.as.d < 0 ? -1 : 0);
    if (v.kind == VALUE_INT)
        return value_int((v.as.i > 0) - (v.as.i < 0));
    if (v.kind == VALUE_UINT)
        return value_uint(v.as.u > 0);
    return lib_no_overload(call);
}

struct value cel_math_is_nan(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    (void)call, (void)arg_count;
    return value_bool(isnan(arg[0].as.d));
}

struct value cel_math_is_inf(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    (void)call, (void)arg_count;
    return value_bool(isinf(arg[0].as.d));
}

struct value cel_math_is_finite(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    (void)call, (void)arg_count;
    return value_bool(isfinite(arg[0].as.d));
}

/* Bit functions take two ints or two uints and give the same kind: a value's bits lie in as.u for
 * both. */
static bool are_bits(const struct value *arg)
{
    return arg[0].kind == arg[1].kind && (arg[0].kind == VALUE_INT || arg[0].kind == VALUE_UINT);
}

static struct value with_bits(struct value v, uint64_t bits)
{
    v.as.u = bits;
    return v;
}

struct value cel_math_bit_and(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    (void)arg_count;
    return are_bits(arg) ? with_bits(arg[0], arg[0].as.u & arg[1].as.u) : lib_no_overload(call);
}

struct value cel_math_bit_or(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    (void)arg_count;
    return are_bits(arg) ? with_bits(arg[0], arg[0].as.u | arg[1].as.u) : lib_no_overload(call);
}

struct value cel_math_bit_xor(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    (void)arg_count;
    return are_bits(arg) ? with_bits(arg[0], arg[0].as.u ^ arg[1].as.u) : lib_no_overload(call);
}

struct value cel_math_bit_not(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    (void)arg_count;
    if (arg[0].kind != VALUE_INT && arg[0].kind != VALUE_UINT)
        return lib_no_overload(call);
    return with_bits(arg[0], ~arg[0].as.u);
}

/* Shifts are logical on both kinds; 64 places and more leave nothing. */
static struct value shift(struct cel_call *call, const struct value *arg, bool left,
                          const char *name)
{
    if ((arg[0].kind != VALUE_INT && arg[0].kind != VALUE_UINT) || arg[1].kind != VALUE_INT)
        return lib_no_overload(call);
    int64_t places = arg[1].as.i;
    if (places < 0)
        return lib_error(call, "%s() negative offset: %lld", name, (long long)places);
    if (places > 63)
        return with_bits(arg[0], 0);
    return with_bits(arg[0], left ? arg[0].as.u << places : arg[0].as.u >> places);
}

struct value cel_math_bit_shift_left(struct cel_call *call, const struct value *arg,
                                     size_t arg_count)
{
    (void)arg_count;
    return shift(call, arg, true, "math.bitShiftLeft");
}

struct value cel_math_bit_shift_right(struct cel_call *call, const struct value *arg,
                                      size_t arg_count)
{
    (void)arg_count;
    return shift(call, arg, false, "math.bitShiftRight");
}
