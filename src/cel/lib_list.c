/* Lists: Kubernetes' list library (isSorted, sum, min, max, indexOf, includes), the lists extension
 * of cel-go (slice, flatten, distinct, sort, range ...) and the sets extension. JSON does not tell
 * 1 from 1.0, so that numbers of different kinds are ordered and summed together. */
#include "cel/lib.h"
#include "cel/lib_time.h"

static bool is_number(struct value v)
{
    return v.kind == VALUE_INT || v.kind == VALUE_UINT || v.kind == VALUE_DOUBLE;
}

static bool is_ordered(struct value v)
{
    return is_number(v) || v.kind == VALUE_BOOL || v.kind == VALUE_STRING ||
           v.kind == VALUE_BYTES || v.kind == VALUE_DURATION || v.kind == VALUE_TIMESTAMP;
}

/* Compares two items of a list; false with *bad set when they have no order. */
static bool compare_items(struct cel_call *call, struct value a, struct value b, int *order,
                          struct value *bad)
{
    if (is_ordered(a) && is_ordered(b) && value_compare(a, b, order))
        return true;
    *bad = lib_error(call, "no such overload: the list's items have no common order (%s and %s)",
                     value_kind_name((enum value_kind)a.kind),
                     value_kind_name((enum value_kind)b.kind));
    return false;
}

struct value cel_list_is_sorted(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    (void)arg_count;
    struct value list = arg[0], bad;
    int order = 0;
    if (!lib_charge_items(call, list.n, &bad))
        return bad;
    for (uint32_t i = 0; i < list.n; i++) {
        struct value item = value_item(list, i);
        if (!compare_items(call, value_item(list, i ? i - 1 : 0), item, &order, &bad))
            return bad;
        if (order > 0)
            return value_bool(false);
    }
    return value_bool(true);
}

static struct value extreme(struct cel_call *call, struct value list, int wanted, const char *name)
{
    struct value bad;
    if (!lib_charge_items(call, list.n, &bad))
        return bad;
    if (!list.n)
        return lib_error(call, "%s called on empty list", name);
    struct value best = value_item(list, 0);
    for (uint32_t i = 0; i < list.n; i++) {
        int order = 0;
        if (!compare_items(call, value_item(list, i), best, &order, &bad))
            return bad;
        if (order == wanted)
            best = value_item(list, i);
    }
    return best;
}

struct value cel_list_min(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    (void)arg_count;
    return extreme(call, arg[0], -1, "min");
}

struct value cel_list_max(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    (void)arg_count;
    return extreme(call, arg[0], 1, "max");
}

static double as_double(struct value v)
{
    if (v.kind == VALUE_DOUBLE)
        return v.as.d;
    return v.kind == VALUE_UINT ? (double)v.as.u : (double)v.as.i;
}

/* One step of sum(). An int meeting a double becomes one; anything else must stay in its kind. */
static struct value add_item(struct cel_call *call, struct value sum, struct value item)
{
    if (sum.kind == VALUE_DURATION && item.kind == VALUE_DURATION)
        return cel_duration_sum(call, sum, item, false);
    if (!is_number(sum) || !is_number(item) ||
        (sum.kind != item.kind && sum.kind != VALUE_DOUBLE && item.kind != VALUE_DOUBLE))
        return lib_error(call, "no such overload: sum of %s and %s",
                         value_kind_name((enum value_kind)sum.kind),
                         value_kind_name((enum value_kind)item.kind));
    if (sum.kind == VALUE_DOUBLE || item.kind == VALUE_DOUBLE)
        return value_double(as_double(sum) + as_double(item));
    if (sum.kind == VALUE_INT)
        return __builtin_add_overflow(sum.as.i, item.as.i, &sum.as.i)
                   ? lib_error(call, "integer overflow")
                   : sum;
    return __builtin_add_overflow(sum.as.u, item.as.u, &sum.as.u)
               ? lib_error(call, "unsigned integer overflow")
               : sum;
}

struct value cel_list_sum(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    (void)arg_count;
    struct value list = arg[0], over;
    if (!lib_charge_items(call, list.n, &over))
        return over;
    if (!list.n)
        return value_int(0);
    struct value sum = value_item(list, 0);
    if (!is_number(sum) && sum.kind != VALUE_DURATION)
        return lib_error(call, "no such overload: sum of %s",
                         value_kind_name((enum value_kind)sum.kind));
    for (uint32_t i = 1; i < list.n && !value_is_error(sum); i++)
        sum = add_item(call, sum, value_item(list, i));
    return sum;
}

/* Index of the first (or last) item equal to wanted, -1 if none. False: the budget is spent. */
static bool find_item(struct cel_call *call, struct value list, struct value wanted, bool backwards,
                      int64_t *index, struct value *over)
{
    for (uint32_t i = 0; i < list.n; i++) {
        uint32_t at = backwards ? list.n - 1 - i : i;
        bool equal;
        if (!lib_equal(call, value_item(list, at), wanted, &equal, over))
            return false;
        if (equal) {
            *index = at;
            return true;
        }
    }
    *index = -1;
    return true;
}

struct value cel_list_index_of(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    (void)arg_count;
    int64_t index;
    struct value over;
    return find_item(call, arg[0], arg[1], false, &index, &over) ? value_int(index) : over;
}

struct value cel_list_last_index_of(struct cel_call *call, const struct value *arg,
                                    size_t arg_count)
{
    (void)arg_count;
    int64_t index;
    struct value over;
    return find_item(call, arg[0], arg[1], true, &index, &over) ? value_int(index) : over;
}

/* A single value stands for the list of itself: attributes may be one value or several. */
struct value cel_includes(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    (void)arg_count;
    int64_t index;
    struct value over, list = arg[0].kind == VALUE_LIST ? arg[0] : value_list(&arg[0], 1);
    return find_item(call, list, arg[1], false, &index, &over) ? value_bool(index >= 0) : over;
}

struct value cel_list_slice(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    (void)arg_count;
    struct value list = arg[0];
    int64_t start = arg[1].as.i, end = arg[2].as.i;
    if (start < 0 || end < 0)
        return lib_error(call, "cannot slice(%lld, %lld), negative indexes not supported",
                         (long long)start, (long long)end);
    if (start > end)
        return lib_error(
            call, "cannot slice(%lld, %lld), start index must be less than or equal to end index",
            (long long)start, (long long)end);
    if (end > list.n)
        return lib_error(call, "cannot slice(%lld, %lld), list is length %u", (long long)start,
                         (long long)end, list.n);
    return start == end ? value_list(NULL, 0)
                        : value_list(list.as.item + start, (size_t)(end - start));
}

/* Adds list's items, lists among them opened depth times, to out. */
static bool flatten(struct cel_call *call, struct value list, int64_t depth,
                    struct value_builder *out, struct value *over)
{
    if (!lib_charge_items(call, list.n, over))
        return false;
    for (uint32_t i = 0; i < list.n; i++) {
        struct value item = value_item(list, i);
        if (item.kind != VALUE_LIST || !depth)
            value_builder_push(out, item);
        else if (!flatten(call, item, depth - 1, out, over))
            return false;
    }
    return true;
}

struct value cel_list_flatten(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    int64_t depth = arg_count > 1 ? arg[1].as.i : 1;
    if (depth < 0)
        return lib_error(call, "level must be non-negative");
    struct value_builder out;
    struct value over;
    if (!lib_charge_walk(call, arg[0], &over))
        return over;
    value_builder_init(&out, call->scratch);
    return flatten(call, arg[0], depth, &out, &over) ? value_builder_list(&out) : over;
}

struct value cel_list_distinct(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    (void)arg_count;
    struct value list = arg[0], over;
    if (!lib_charge_items(call, list.n, &over))
        return over;
    struct value *item = arena_array(call->scratch, struct value, list.n);
    struct value seen = value_list(item, 0);
    for (uint32_t i = 0; i < list.n; i++) {
        int64_t index;
        if (!find_item(call, seen, value_item(list, i), false, &index, &over))
            return over;
        if (index < 0)
            item[seen.n++] = value_item(list, i);
    }
    return seen;
}

struct value cel_list_reverse(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    (void)arg_count;
    struct value list = arg[0], over;
    if (!lib_charge_items(call, list.n, &over))
        return over;
    struct value *item = arena_array(call->scratch, struct value, list.n);
    for (uint32_t i = 0; i < list.n; i++)
        item[i] = value_item(list, list.n - 1 - i);
    return value_list(item, list.n);
}

struct value cel_lists_range(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    (void)arg_count;
    int64_t n = arg[0].as.i > 0 ? arg[0].as.i : 0;
    struct value over;
    if (!lib_charge_items(call, (uint64_t)n, &over))
        return over;
    struct value *item = arena_array(call->scratch, struct value, (size_t)n);
    for (int64_t i = 0; i < n; i++)
        item[i] = value_int(i);
    return value_list(item, (size_t)n);
}

struct value cel_list_first(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    (void)arg_count;
    return arg[0].n ? value_optional(call->scratch, value_item(arg[0], 0)) : value_optional_none();
}

struct value cel_list_last(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    (void)arg_count;
    return arg[0].n ? value_optional(call->scratch, value_item(arg[0], arg[0].n - 1))
                    : value_optional_none();
}

/* What sorting moves: an item and the key that orders it. */
struct keyed {
    struct value key, item;
};

/* Two sorted runs of from that become one of to: [lo, mid) and [mid, hi). */
struct runs {
    const struct keyed *from;
    struct keyed *to;
    size_t lo, mid, hi;
};

/* False: two keys have no order. */
static bool merge(struct cel_call *call, const struct runs *r, struct value *bad)
{
    size_t left = r->lo, right = r->mid;
    for (size_t i = r->lo; i < r->hi; i++) {
        int order = 0;
        if (left < r->mid && right < r->hi &&
            !compare_items(call, r->from[left].key, r->from[right].key, &order, bad))
            return false;
        bool take_left = right >= r->hi || (left < r->mid && order <= 0);
        r->to[i] = take_left ? r->from[left++] : r->from[right++];
    }
    return true;
}

/* Stable merge sort, bottom up: no recursion, n log n comparisons whatever the input. */
static struct value sort_by_keys(struct cel_call *call, struct value list, struct value keys)
{
    struct value bad;
    size_t n = list.n;
    if (keys.n != n)
        return lib_error(call, "sortBy needs one key per item, got %u for %zu", keys.n, n);
    uint64_t passes = 1;
    for (size_t width = 1; width < n; width *= 2)
        passes++;
    if (!lib_charge_items(call, n * passes, &bad))
        return bad;
    struct keyed *a = arena_array(call->scratch, struct keyed, n),
                 *b = arena_array(call->scratch, struct keyed, n);
    for (size_t i = 0; i < n; i++) {
        a[i] = (struct keyed){ .key = value_item(keys, i), .item = value_item(list, i) };
        if (!is_ordered(a[i].key))
            return lib_error(call, "list elements must be comparable");
    }
    for (size_t width = 1; width < n; width *= 2) {
        for (size_t lo = 0; lo < n; lo += 2 * width) {
            size_t mid = lo + width < n ? lo + width : n, hi = mid + width < n ? mid + width : n;
            if (!merge(call, &(struct runs){ a, b, lo, mid, hi }, &bad))
                return bad;
        }
        struct keyed *t = a;
        a = b;
        b = t;
    }
    struct value *item = arena_array(call->scratch, struct value, n);
    for (size_t i = 0; i < n; i++)
        item[i] = a[i].item;
    return value_list(item, n);
}

struct value cel_list_sort(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    (void)arg_count;
    return sort_by_keys(call, arg[0], arg[0]);
}

struct value cel_list_sort_by_keys(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    (void)arg_count;
    return sort_by_keys(call, arg[0], arg[1]);
}

/* Whether every item of part is in list (or, with any set, whether one is). */
static bool covers(struct cel_call *call, struct value list, struct value part, bool any,
                   bool *result, struct value *over)
{
    for (uint32_t i = 0; i < part.n; i++) {
        int64_t index;
        if (!find_item(call, list, value_item(part, i), false, &index, over))
            return false;
        if ((index >= 0) == any) {
            *result = any;
            return true;
        }
    }
    *result = !any;
    return true;
}

struct value cel_sets_contains(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    (void)arg_count;
    bool result;
    struct value over;
    return covers(call, arg[0], arg[1], false, &result, &over) ? value_bool(result) : over;
}

struct value cel_sets_intersects(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    (void)arg_count;
    bool result;
    struct value over;
    return covers(call, arg[0], arg[1], true, &result, &over) ? value_bool(result) : over;
}

struct value cel_sets_equivalent(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    (void)arg_count;
    bool there, back;
    struct value over;
    if (!covers(call, arg[0], arg[1], false, &there, &over) ||
        !covers(call, arg[1], arg[0], false, &back, &over))
        return over;
    return value_bool(there && back);
}
