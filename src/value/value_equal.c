/* Equality and order of values, as CEL has them. */
#include "value/value_number.h"

#include <math.h>

#define TWO_63 9223372036854775808.0
#define TWO_64 18446744073709551616.0

bool value_number_of(struct value v, struct value_number *out)
{
    if (v.kind == VALUE_UINT || (v.kind == VALUE_INT && v.as.i >= 0)) {
        *out = (struct value_number){ NUMBER_WHOLE, v.as.u };
        return true;
    }
    if (v.kind == VALUE_INT) {
        *out = (struct value_number){ NUMBER_NEGATIVE, 0 - (uint64_t)v.as.i };
        return true;
    }
    if (v.kind != VALUE_DOUBLE) {
        return false;
    }
    double d = v.as.d;
    if (d >= 0 && d < TWO_64 && trunc(d) == d) {
        *out = (struct value_number){ NUMBER_WHOLE, (uint64_t)d };
    } else if (d < 0 && d >= -TWO_63 && trunc(d) == d) {
        *out = (struct value_number){ NUMBER_NEGATIVE, (uint64_t)-d };
    } else {
        d = isnan(d) ? (double)NAN : d;
        *out = (struct value_number){ .form = NUMBER_OTHER };
        memcpy(&out->magnitude, &d, sizeof d);
    }
    return true;
}

static bool is_number(struct value v)
{
    return v.kind == VALUE_INT || v.kind == VALUE_UINT || v.kind == VALUE_DOUBLE;
}

static int order_of(bool less, bool greater)
{
    return (int)greater - (int)less;
}

static int compare_int(int64_t a, int64_t b)
{
    return order_of(a < b, b < a);
}

/* The fraction of d decides when its whole part equals the integer; no conversion loses a bit. */
static int compare_int_double(int64_t i, double d)
{
    if (d >= TWO_63) {
        return -1;
    }
    if (d < -TWO_63) {
        return 1;
    }
    double whole = trunc(d);
    int order = compare_int(i, (int64_t)whole);
    return order ? order : order_of(whole < d, d < whole);
}

static int compare_uint_double(uint64_t u, double d)
{
    if (d >= TWO_64) {
        return -1;
    }
    if (d < 0) {
        return 1;
    }
    double whole = trunc(d);
    int order = order_of(u < (uint64_t)whole, (uint64_t)whole < u);
    return order ? order : order_of(whole < d, d < whole);
}

static int compare_int_uint(int64_t i, uint64_t u)
{
    return i < 0 ? -1 : order_of((uint64_t)i < u, u < (uint64_t)i);
}

/* False if one of them is NaN. */
static bool compare_numbers(struct value a, struct value b, int *order)
{
    bool a_double = a.kind == VALUE_DOUBLE, b_double = b.kind == VALUE_DOUBLE;
    if ((a_double && isnan(a.as.d)) || (b_double && isnan(b.as.d))) {
        return false;
    }
    if (a_double && b_double) {
        *order = order_of(a.as.d < b.as.d, b.as.d < a.as.d);
    } else if (b_double) {
        *order = a.kind == VALUE_INT ? compare_int_double(a.as.i, b.as.d)
                                     : compare_uint_double(a.as.u, b.as.d);
    } else if (a_double) {
        *order = -(b.kind == VALUE_INT ? compare_int_double(b.as.i, a.as.d)
                                       : compare_uint_double(b.as.u, a.as.d));
    } else if (a.kind == b.kind) {
        *order = a.kind == VALUE_INT ? compare_int(a.as.i, b.as.i)
                                     : order_of(a.as.u < b.as.u, b.as.u < a.as.u);
    } else {
        *order = a.kind == VALUE_INT ? compare_int_uint(a.as.i, b.as.u)
                                     : -compare_int_uint(b.as.i, a.as.u);
    }
    return true;
}

static bool equal_lists(struct value a, struct value b)
{
    bool same = a.n == b.n;
    for (uint32_t i = 0; same && i < a.n; i++) {
        same = value_equal(a.as.item[i], b.as.item[i]);
    }
    return same;
}

static bool equal_maps(struct value a, struct value b)
{
    bool same = a.n == b.n;
    for (uint32_t i = 0; same && i < a.n; i++) {
        const struct value_entry *e = &a.as.map->entry[i];
        const struct value *other = value_get_key(b, e->key);
        same = other && value_equal(e->val, *other);
    }
    return same;
}

static bool equal_optionals(struct value a, struct value b)
{
    if (!a.as.boxed || !b.as.boxed) {
        return !a.as.boxed && !b.as.boxed;
    }
    return value_equal(*a.as.boxed, *b.as.boxed);
}

static bool equal_opaques(const struct value_opaque *a, const struct value_opaque *b)
{
    return a->type == b->type && a->type->equal(a->self, b->self);
}

bool value_equal(struct value a, struct value b)
{
    int order;
    if (is_number(a) && is_number(b)) {
        return compare_numbers(a, b, &order) && order == 0;
    }
    if (a.kind != b.kind) {
        return false;
    }
    switch ((enum value_kind)a.kind) {
    case VALUE_NULL:
        return true;
    case VALUE_BOOL:
        return a.as.b == b.as.b;
    case VALUE_INT:
    case VALUE_UINT:
    case VALUE_DOUBLE:
        return false; /* numbers are above */
    case VALUE_STRING:
    case VALUE_BYTES:
    case VALUE_TYPE:
        return str_eq(str_of(a.as.s, a.n), str_of(b.as.s, b.n));
    case VALUE_LIST:
        return equal_lists(a, b);
    case VALUE_MAP:
        return equal_maps(a, b);
    case VALUE_TIMESTAMP:
    case VALUE_DURATION:
        return a.as.i == b.as.i && a.n == b.n;
    case VALUE_OPTIONAL:
        return equal_optionals(a, b);
    case VALUE_OPAQUE:
        return equal_opaques(a.as.opaque, b.as.opaque);
    case VALUE_ERROR:
        return a.as.error == b.as.error;
    }
    return false;
}

/* Whether two values of this kind have an order. */
static bool is_ordered(enum value_kind kind)
{
    return kind == VALUE_BOOL || kind == VALUE_STRING || kind == VALUE_BYTES ||
           kind == VALUE_TIMESTAMP || kind == VALUE_DURATION;
}

bool value_compare(struct value a, struct value b, int *order)
{
    if (is_number(a) && is_number(b)) {
        return compare_numbers(a, b, order);
    }
    if (a.kind != b.kind || !is_ordered((enum value_kind)a.kind)) {
        return false;
    }
    if (a.kind == VALUE_BOOL) {
        *order = order_of(a.as.b < b.as.b, b.as.b < a.as.b);
    } else if (a.kind == VALUE_STRING || a.kind == VALUE_BYTES) {
        int bytes = str_cmp(value_text(a), value_text(b));
        *order = order_of(bytes < 0, 0 < bytes);
    } else {
        int seconds = compare_int(a.as.i, b.as.i);
        *order = seconds ? seconds : compare_int((int32_t)a.n, (int32_t)b.n);
    }
    return true;
}
