#include "cel/lib.h"

struct value lib_error(struct cel_call *call, const char *fmt, ...)
{
    char text[512];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    bool cut = n < 0 || (size_t)n >= sizeof text;
    return value_error(call->scratch, VALUE_ERROR_EVAL, call->offset, "%s%s", text, cut ? "..." : "");
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

/* Values in v, itself included, text by its length. Depth is bounded by the readers and the parser. */
static uint64_t weight(struct value v)
{
    uint64_t sum = 1;
    if (v.kind == VALUE_STRING || v.kind == VALUE_BYTES)
        sum += v.n / 100;
    if (v.kind == VALUE_LIST)
        for (uint32_t i = 0; i < v.n; i++)
            sum += weight(value_item(v, i));
    if (v.kind == VALUE_MAP)
        for (uint32_t i = 0; i < v.n; i++)
            sum += 1 + weight(v.as.map->entry[i].val);
    if (v.kind == VALUE_OPTIONAL && v.as.boxed)
        sum += weight(*v.as.boxed);
    return sum;
}

bool lib_equal(struct cel_call *call, struct value a, struct value b, bool *equal, struct value *over)
{
    uint64_t units = a.kind == b.kind && a.n == b.n ? weight(a) : 1;
    if (!charge(call, units, over))
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
