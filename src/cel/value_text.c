/* A value written as CEL, for messages, reports and kubevouch eval. */
#include "base/buf.h"
#include "cel/lib_core.h"
#include "cel/lib_format.h"
#include "cel/lib_time.h"
#include "cel/program.h"
#include "value/taint.h"

#define TEXT_DEPTH_MAX 64

static void put(struct buf *b, struct arena *a, struct value v, int depth);

static void put_quoted(struct buf *b, struct str s, bool bytes)
{
    buf_add_c(b, bytes ? "b'" : "'");
    for (size_t i = 0; i < s.n && !b->over; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c == '\'' || c == '\\')
            buf_addf(b, "\\%c", c);
        else if (c == '\n')
            buf_add_c(b, "\\n");
        else if (c < 0x20 || c == 0x7f || (bytes && c >= 0x80))
            buf_addf(b, "\\x%02x", c);
        else
            buf_add_char(b, (char)c);
    }
    buf_add_char(b, '\'');
}

static void put_list(struct buf *b, struct arena *a, struct value v, int depth)
{
    buf_add_char(b, '[');
    for (uint32_t i = 0; i < v.n && !b->over; i++) {
        buf_add_c(b, i ? ", " : "");
        put(b, a, v.as.item[i], depth);
    }
    buf_add_char(b, ']');
}

static void put_map(struct buf *b, struct arena *a, struct value v, int depth)
{
    buf_add_char(b, '{');
    for (uint32_t i = 0; i < v.n && !b->over; i++) {
        buf_add_c(b, i ? ", " : "");
        put(b, a, v.as.map->entry[i].key, depth);
        buf_add_c(b, ": ");
        put(b, a, v.as.map->entry[i].val, depth);
    }
    buf_add_char(b, '}');
}

static void put_double(struct buf *b, struct arena *a, double d)
{
    struct str s = cel_double_text(a, d);
    buf_add(b, s);
    if (str_find_char(s, '.', 0) == SIZE_MAX && s.n && s.p[s.n - 1] >= '0' && s.p[s.n - 1] <= '9')
        buf_add_c(b, ".0");
}

static void put(struct buf *b, struct arena *a, struct value v, int depth)
{
    if (depth > TEXT_DEPTH_MAX) {
        buf_add_c(b, "...");
        return;
    }
    if (taint_hides(v)) {
        buf_add(b, taint_text(a, v));
        return;
    }
    switch ((enum value_kind)v.kind) {
    case VALUE_NULL:
        buf_add_c(b, "null");
        return;
    case VALUE_BOOL:
        buf_add_c(b, v.as.b ? "true" : "false");
        return;
    case VALUE_INT:
        buf_addf(b, "%lld", (long long)v.as.i);
        return;
    case VALUE_UINT:
        buf_addf(b, "%lluu", (unsigned long long)v.as.u);
        return;
    case VALUE_DOUBLE:
        put_double(b, a, v.as.d);
        return;
    case VALUE_STRING:
    case VALUE_BYTES:
        put_quoted(b, value_text(v), v.kind == VALUE_BYTES);
        return;
    case VALUE_LIST:
        put_list(b, a, v, depth + 1);
        return;
    case VALUE_MAP:
        put_map(b, a, v, depth + 1);
        return;
    case VALUE_TIMESTAMP:
        buf_addf(b, "timestamp('%.*s')", STR_ARG(cel_timestamp_text(a, v)));
        return;
    case VALUE_DURATION:
        buf_addf(b, "duration('%.*s')", STR_ARG(value_duration_text(a, v)));
        return;
    case VALUE_TYPE:
        buf_add(b, str_of(v.as.s, v.n));
        return;
    case VALUE_OPTIONAL:
        if (!v.as.boxed) {
            buf_add_c(b, "optional.none()");
            return;
        }
        buf_add_c(b, "optional.of(");
        put(b, a, *v.as.boxed, depth + 1);
        buf_add_char(b, ')');
        return;
    case VALUE_OPAQUE:
        buf_addf(b, "%s('", v.as.opaque->type->name);
        if (v.as.opaque->type->text)
            buf_add(b, v.as.opaque->type->text(v.as.opaque->self, a));
        buf_add_c(b, "')");
        return;
    case VALUE_ERROR:
        buf_addf(b, "error: %.*s", STR_ARG(v.as.error->text));
        return;
    }
}

struct str cel_value_text(struct arena *a, struct value v, size_t limit)
{
    struct buf b CLEANUP(buf_release) = BUF_INIT(limit + 4096);
    put(&b, a, v, 0);
    struct str s = buf_str(&b);
    if (s.n <= limit && !b.over)
        return str_dup(a, s);
    /* never in the middle of a code point */
    size_t cut = limit < s.n ? limit : s.n;
    while (cut > 0 && ((unsigned char)s.p[cut < s.n ? cut : s.n - 1] & 0xc0) == 0x80)
        cut--;
    return str_printf(a, "%.*s...", STR_ARG(str_sub(s, 0, cut)));
}
