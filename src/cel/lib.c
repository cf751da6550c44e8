/* What the function libraries share: errors as values, charging for work, arguments by kind. */
#include "cel/lib.h"

struct value lib_error(struct cel_call *call, const char *fmt, ...)
{
    char text[512];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    bool cut = n < 0 || (size_t)n >= sizeof text;
    return value_error(call->scratch, VALUE_ERROR_EVAL, call->offset, "%s%s", text,
                       cut ? "..." : "");
}

struct value lib_no_overload(struct cel_call *call)
{
    return lib_error(call, "no such overload: the function does not take values of these types");
}

static bool charge(struct cel_call *call, uint64_t units, struct value *over)
{
    if (cel_charge(call, units))
        return true;
    *over = value_error(call->scratch, VALUE_ERROR_LIMIT, call->offset,
                        "the expression's cost budget is spent; work on smaller values");
    return false;
}

bool lib_charge_bytes(struct cel_call *call, uint64_t bytes, struct value *over)
{
    return charge(call, bytes / 10 + 1, over);
}

bool lib_charge_items(struct cel_call *call, uint64_t items, struct value *over)
{
    return charge(call, items, over);
}

const void *lib_opaque(struct value v, const struct value_opaque_type *type)
{
    return v.kind == VALUE_OPAQUE && v.as.opaque->type == type ? v.as.opaque->self : NULL;
}

struct value lib_take_text(struct cel_call *call, struct buf *b)
{
    struct err err = { 0 };
    struct value out;
    if (buf_ok(b, "text", &err))
        out = value_str(str_dup(call->scratch, buf_str(b)));
    else
        out = value_error(call->scratch, VALUE_ERROR_LIMIT, call->offset, "%s", err.text);
    buf_release(b);
    return out;
}

struct value lib_str_list(struct cel_call *call, const struct str *item, size_t count)
{
    struct value *v = arena_array(call->scratch, struct value, count);
    for (size_t i = 0; i < count; i++)
        v[i] = value_str(item[i]);
    return value_list(v, count);
}

size_t lib_put(char *out, struct str s)
{
    if (s.n)
        memcpy(out, s.p, s.n);
    return s.n;
}

/* Takes the number of values in v from *left, text by its length. False: there are more, or they
 * are nested too deeply. The tree may be a small graph seen many times over ([b, b] with b = [a, a]
 * ...), so that the walk itself must end. */
static bool weigh_inner(struct value v, uint64_t *left, unsigned depth);

/* Most values hold no others. */
static inline bool weigh(struct value v, uint64_t *left, unsigned depth)
{
    uint64_t own = 1;
    if (v.kind == VALUE_STRING || v.kind == VALUE_BYTES)
        own += v.n / 100;
    if (*left < own || depth > CEL_VALUE_DEPTH_MAX)
        return false;
    *left -= own;
    return (v.kind != VALUE_LIST && v.kind != VALUE_MAP && v.kind != VALUE_OPTIONAL) ||
           weigh_inner(v, left, depth);
}

static bool weigh_inner(struct value v, uint64_t *left, unsigned depth)
{
    if (v.kind == VALUE_LIST)
        for (uint32_t i = 0; i < v.n; i++)
            if (!weigh(value_item(v, i), left, depth + 1))
                return false;
    if (v.kind == VALUE_MAP)
        for (uint32_t i = 0; i < v.n; i++)
            if (!weigh(v.as.map->entry[i].key, left, depth + 1) ||
                !weigh(v.as.map->entry[i].val, left, depth + 1))
                return false;
    return v.kind != VALUE_OPTIONAL || !v.as.boxed || weigh(*v.as.boxed, left, depth + 1);
}

bool lib_charge_walk(struct cel_call *call, struct value v, struct value *over)
{
    uint64_t before = call->cost_left ? *call->cost_left : CEL_COST_MAX, left = before;
    if (weigh(v, &left, 0))
        return charge(call, before - left, over);
    *over =
        value_error(call->scratch, VALUE_ERROR_LIMIT, call->offset,
                    "the value is too large or nested deeper than %u levels", CEL_VALUE_DEPTH_MAX);
    return false;
}

bool lib_charge_equal(struct cel_call *call, struct value a, struct value b, struct value *over)
{
    bool walks = a.kind == b.kind && a.n == b.n &&
                 (a.kind == VALUE_LIST || a.kind == VALUE_MAP || a.kind == VALUE_OPTIONAL);
    if (walks)
        return lib_charge_walk(call, a, over);
    bool text = a.kind == b.kind && a.n == b.n && (a.kind == VALUE_STRING || a.kind == VALUE_BYTES);
    return charge(call, text ? 1 + a.n / 100 : 1, over);
}

bool lib_equal(struct cel_call *call, struct value a, struct value b, bool *equal,
               struct value *over)
{
    if (!lib_charge_equal(call, a, b, over))
        return false;
    *equal = value_equal(a, b);
    return true;
}

size_t lib_utf8_step(struct str s, size_t at, uint32_t *code_point)
{
    size_t n = str_utf8_at(s, at, code_point);
    if (n)
        return n;
    *code_point = 0xFFFD;
    return 1;
}

size_t lib_utf8_offset(struct str s, uint64_t index)
{
    if (index > s.n)
        return SIZE_MAX;
    size_t at = 0;
    uint32_t cp;
    while (index && at < s.n) {
        at += lib_utf8_step(s, at, &cp);
        index--;
    }
    return index ? SIZE_MAX : at;
}
