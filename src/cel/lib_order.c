/* isGreaterThan, isLessThan and compareTo: one set of names for quantities and for versions. */
#include "cel/lib.h"

static bool order_of(struct cel_call *call, const struct value *arg, int *order)
{
    return cel_quantity_order(call, arg, order) || cel_semver_order(arg, order);
}

struct value cel_is_greater(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    (void)arg_count;
    int order;
    return order_of(call, arg, &order) ? value_bool(order > 0) : lib_no_overload(call);
}

struct value cel_is_less(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    (void)arg_count;
    int order;
    return order_of(call, arg, &order) ? value_bool(order < 0) : lib_no_overload(call);
}

struct value cel_compare_to(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    (void)arg_count;
    int order;
    return order_of(call, arg, &order) ? value_int(order) : lib_no_overload(call);
}
