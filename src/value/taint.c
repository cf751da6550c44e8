/* Taint by origin: marks of values that came out of places where people leave credentials. */
#include "value/taint.h"

static bool has_content(struct value v)
{
    return v.kind != VALUE_NULL && v.kind != VALUE_BOOL && v.kind != VALUE_TYPE &&
           v.kind != VALUE_ERROR;
}

bool taint_hides(struct value v)
{
    if (v.kind == VALUE_MAP) {
        for (uint32_t i = 0; i < v.n; i++) {
            if (taint_is(v.as.map->entry[i].key)) {
                return true;
            }
        }
    }
    return taint_is(v);
}

/* Recursion is bounded: readers limit nesting, and expressions build no deeper than their own. */
struct value taint_mark(struct arena *a, struct value v)
{
    if (!has_content(v)) {
        return v;
    }
    if (v.kind == VALUE_LIST) {
        struct value *item = arena_array(a, struct value, v.n);
        for (uint32_t i = 0; i < v.n; i++) {
            item[i] = taint_mark(a, v.as.item[i]);
        }
        v = value_list(item, v.n);
    } else if (v.kind == VALUE_MAP) {
        struct value_entry *entry = arena_array(a, struct value_entry, v.n);
        for (uint32_t i = 0; i < v.n; i++) {
            entry[i] = (struct value_entry){ taint_mark(a, v.as.map->entry[i].key),
                                             taint_mark(a, v.as.map->entry[i].val) };
        }
        v = value_map(a, entry, v.n);
    } else if (v.kind == VALUE_OPTIONAL && v.as.boxed) {
        v = value_optional(a, taint_mark(a, *v.as.boxed));
    }
    v.flags |= VALUE_TAINTED;
    return v;
}

/* Counts *left down; at 0 the answer is yes. */
static bool within(struct value v, uint32_t *left)
{
    if (taint_is(v) || *left == 0) {
        return true;
    }
    --*left;
    if (v.kind == VALUE_LIST) {
        for (uint32_t i = 0; i < v.n; i++) {
            if (within(v.as.item[i], left)) {
                return true;
            }
        }
    } else if (v.kind == VALUE_MAP) {
        for (uint32_t i = 0; i < v.n; i++) {
            if (within(v.as.map->entry[i].key, left) || within(v.as.map->entry[i].val, left)) {
                return true;
            }
        }
    }
    return v.kind == VALUE_OPTIONAL && v.as.boxed && within(*v.as.boxed, left);
}

bool taint_within(struct value v)
{
    uint32_t left = TAINT_PARTS_MAX;
    return within(v, &left);
}

/* How large something is may be told, and where in it something stands. */
static bool is_measure(struct str function)
{
    return str_eq_c(function, "size") || str_eq_c(function, "indexOf") ||
           str_eq_c(function, "lastIndexOf");
}

struct value taint_carry(struct arena *a, struct value made, const struct value *arg, size_t count,
                         struct str function)
{
    bool marked = false, error = made.kind == VALUE_ERROR;
    bool parts = error || made.kind == VALUE_STRING || made.kind == VALUE_BYTES ||
                 made.kind == VALUE_OPAQUE || made.kind == VALUE_DOUBLE || made.kind == VALUE_INT ||
                 made.kind == VALUE_UINT;
    if ((!error && !has_content(made)) || taint_is(made) || is_measure(function)) {
        return made;
    }
    for (size_t i = 0; i < count && !marked; i++) {
        bool holds =
            arg[i].kind == VALUE_LIST || arg[i].kind == VALUE_MAP || arg[i].kind == VALUE_OPTIONAL;
        marked = taint_is(arg[i]) || (parts && holds && taint_within(arg[i]));
    }
    if (!marked) {
        return made;
    }
    if (!error) {
        return taint_mark(a, made);
    }
    if (made.as.error->code != VALUE_ERROR_EVAL) {
        return made;
    }
    return value_error(a, VALUE_ERROR_EVAL, made.as.error->offset,
                       "%.*s cannot take this value, which is not quoted", STR_ARG(function));
}

struct str taint_text(struct arena *a, struct value v)
{
    const char *kind = value_kind_name((enum value_kind)v.kind);
    if (v.kind == VALUE_STRING || v.kind == VALUE_BYTES) {
        return str_printf(a, "(%s of %u %s)", kind, v.n, v.n == 1 ? "byte" : "bytes");
    }
    return v.kind == VALUE_LIST || v.kind == VALUE_MAP ? str_printf(a, "(%s of %u)", kind, v.n)
                                                       : str_printf(a, "(%s)", kind);
}
