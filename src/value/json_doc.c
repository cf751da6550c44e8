/* JSON that we write, and small documents that we read: the boundary to jansson, in one file. */
#include "value/json_doc.h"

#include "base/enc.h"
#include "base/memory.h"
#include "value/taint.h"

#include <jansson.h>
#include <math.h>

void json_doc_use_memory(void)
{
    json_set_alloc_funcs(memory_alloc, memory_free);
}

static void json_release(json_t **j)
{
    json_decref(*j);
}

/* Reading. */

static struct value from_json(struct arena *a, const json_t *j, uint32_t depth, bool *too_deep);

static struct value text_from(struct arena *a, const json_t *j)
{
    return value_str(str_dup(a, str_of(json_string_value(j), json_string_length(j))));
}

static struct value list_from(struct arena *a, const json_t *j, uint32_t depth, bool *too_deep)
{
    size_t count = json_array_size(j);
    struct value *item = arena_array(a, struct value, count);
    for (size_t i = 0; i < count; i++) {
        item[i] = from_json(a, json_array_get(j, i), depth, too_deep);
    }
    return value_list(item, count);
}

static struct value map_from(struct arena *a, json_t *j, uint32_t depth, bool *too_deep)
{
    struct value_entry *entry = arena_array(a, struct value_entry, json_object_size(j));
    size_t count = 0;
    for (void *at = json_object_iter(j); at; at = json_object_iter_next(j, at)) {
        struct str key = str_of(json_object_iter_key(at), json_object_iter_key_len(at));
        entry[count].key = value_str(str_dup(a, key));
        entry[count].val = from_json(a, json_object_iter_value(at), depth, too_deep);
        count++;
    }
    return value_map(a, entry, count);
}

static struct value from_json(struct arena *a, const json_t *j, uint32_t depth, bool *too_deep)
{
    if (depth > JSON_DOC_DEPTH_MAX) {
        *too_deep = true;
        return value_null();
    }
    switch (json_typeof(j)) {
    case JSON_OBJECT:
        /* iterating takes no const */
        return map_from(a, (json_t *)(uintptr_t)j, depth + 1, too_deep);
    case JSON_ARRAY:
        return list_from(a, j, depth + 1, too_deep);
    case JSON_STRING:
        return text_from(a, j);
    case JSON_INTEGER:
        return value_int(json_integer_value(j));
    case JSON_REAL:
        return value_double(json_real_value(j));
    case JSON_TRUE:
    case JSON_FALSE:
        return value_bool(json_is_true(j));
    case JSON_NULL:
        break;
    }
    return value_null();
}

/* jansson counts characters in a line; a place counts bytes. */
static struct pos place_of(struct str text, const json_error_t *e, const char *file)
{
    size_t line_start = 0;
    for (int line = 1; line < e->line; line++) {
        size_t end = str_find_char(text, '\n', line_start);
        if (end == SIZE_MAX) {
            break;
        }
        line_start = end + 1;
    }
    size_t at = line_start;
    for (int column = 1; column < e->column && at < text.n; column++) {
        uint32_t code_point;
        size_t n = str_utf8_at(text, at, &code_point);
        at += n ? n : 1;
    }
    uint32_t line = e->line > 0 ? (uint32_t)e->line : 0;
    return (struct pos){ .file = file, .line = line, .column = (uint32_t)(at - line_start) + 1 };
}

bool json_doc_read(struct value *out, struct arena *a, struct str text, const char *file,
                   struct err *err)
{
    struct pos start = { .file = file };
    if (text.n > JSON_DOC_BYTES_MAX) {
        return err_set_at(err, ERR_LIMIT, start, "%zu bytes of JSON are more than the limit of %zu",
                          text.n, JSON_DOC_BYTES_MAX);
    }
    json_error_t e;
    size_t flags = JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_ALLOW_NUL;
    json_t *root CLEANUP(json_release) = json_loadb(text.p ? text.p : "", text.n, flags, &e);
    if (!root) {
        return err_set_at(err, ERR_INPUT, place_of(text, &e, file), "not valid JSON: %s", e.text);
    }
    bool too_deep = false;
    struct value v = from_json(a, root, 0, &too_deep);
    if (too_deep) {
        return err_set_at(err, ERR_LIMIT, start, "JSON is nested deeper than %d levels",
                          JSON_DOC_DEPTH_MAX);
    }
    *out = v;
    return true;
}

/* Writing is our own, by jansson's forms. Given the whole tree, jansson would hold the document a
 * second time (a report of a large cluster is hundreds of megabytes), it has no integers above
 * INT64_MAX, and asked for each string alone it takes a third of an audit in which everything
 * fails. */

struct writer {
    struct buf *out;
    struct buf text; /* a string whose UTF-8 is being repaired */
    struct arena scratch;
    unsigned flags;
    unsigned depth;
};

/* Appends s with every byte that is not UTF-8 shown as U+FFFD. */
static void add_repaired(struct buf *out, struct str s)
{
    size_t good = 0;
    for (size_t at = 0; at < s.n;) {
        uint32_t code_point;
        size_t n = str_utf8_at(s, at, &code_point);
        if (n == 0) {
            buf_add(out, str_sub(s, good, at));
            buf_add(out, STR("\xEF\xBF\xBD"));
            good = at + 1;
        }
        at += n ? n : 1;
    }
    buf_add(out, str_sub(s, good, s.n));
}

/* Of an ASCII character that does not stand for itself, what stands for it after the backslash: 'u'
 * and four digits where it has no letter. */
static char escape_of(unsigned char c)
{
    switch (c) {
    case '"':
    case '\\':
        return (char)c;
    case '\b':
        return 'b';
    case '\f':
        return 'f';
    case '\n':
        return 'n';
    case '\r':
        return 'r';
    case '\t':
        return 't';
    default:
        return c < 0x20 ? 'u' : '\0';
    }
}

static void add_escaped(struct buf *out, struct str s)
{
    size_t plain = 0;
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        char e = c >= 0x20 && c != '"' && c != '\\' ? '\0' : escape_of(c);
        if (!e) {
            continue;
        }
        buf_add(out, str_sub(s, plain, i));
        buf_add_char(out, '\\');
        buf_add_char(out, e);
        if (e == 'u') {
            buf_addf(out, "%04X", c);
        }
        plain = i + 1;
    }
    buf_add(out, str_sub(s, plain, s.n));
}

static void write_string(struct writer *w, struct str s)
{
    struct str good = s;
    if (!str_is_utf8(s)) {
        buf_reset(&w->text);
        w->text.limit_bytes = 3 * s.n; /* U+FFFD is three bytes */
        add_repaired(&w->text, s);
        good = buf_str(&w->text);
    }
    buf_add_char(w->out, '"');
    add_escaped(w->out, good);
    buf_add_char(w->out, '"');
}

/* JSON has no NaN and no infinities: as in protobuf's JSON they are text. */
static void write_double(struct writer *w, double d)
{
    if (isnan(d) || isinf(d)) {
        write_string(w, isnan(d) ? STR("NaN") : d > 0 ? STR("Infinity") : STR("-Infinity"));
        return;
    }
    char text[40];
    for (int digits = 15; digits <= 17; digits++) {
        (void)snprintf(text, sizeof text, "%.*g", digits, d);
        if (strtod(text, NULL) == d) {
            break;
        }
    }
    buf_add_c(w->out, text);
    if (!strpbrk(text, ".e")) {
        buf_add_c(w->out, ".0"); /* so that it is a double again when it is read */
    }
}

static void write_break(struct writer *w)
{
    if (w->flags & JSON_DOC_INDENT) {
        buf_add_char(w->out, '\n');
        for (unsigned i = 0; i < w->depth; i++) {
            buf_add_c(w->out, "  ");
        }
    }
}

static void write_value(struct writer *w, struct value v);

static void write_list(struct writer *w, struct value v)
{
    buf_add_char(w->out, '[');
    w->depth++;
    for (uint32_t i = 0; i < v.n; i++) {
        buf_add_c(w->out, i ? "," : "");
        write_break(w);
        write_value(w, v.as.item[i]);
    }
    w->depth--;
    if (v.n) {
        write_break(w);
    }
    buf_add_char(w->out, ']');
}

/* Any value as the text that stands for it where JSON wants a string. */
static struct str text_of(struct writer *w, struct value v)
{
    struct arena *a = &w->scratch;
    if (taint_hides(v)) {
        return taint_text(a, v);
    }
    switch ((enum value_kind)v.kind) {
    case VALUE_STRING:
    case VALUE_TYPE:
        return str_of(v.as.s, v.n);
    case VALUE_BOOL:
        return v.as.b ? STR("true") : STR("false");
    case VALUE_INT:
        return str_printf(a, "%lld", (long long)v.as.i);
    case VALUE_UINT:
        return str_printf(a, "%llu", (unsigned long long)v.as.u);
    case VALUE_DOUBLE:
        return str_printf(a, "%.17g", v.as.d);
    case VALUE_TIMESTAMP:
        return clock_format_rfc3339(a, (struct instant){ .s = v.as.i, .ns = (int32_t)v.n });
    case VALUE_DURATION:
        return value_duration_text(a, v);
    case VALUE_OPAQUE:
        return v.as.opaque->type->text(v.as.opaque->self, a);
    case VALUE_ERROR:
        return v.as.error->text;
    case VALUE_BYTES: {
        struct buf coded CLEANUP(buf_release) = BUF_INIT((size_t)v.n / 3 * 4 + 4);
        enc_base64(&coded, value_text(v));
        return str_dup(a, buf_str(&coded));
    }
    case VALUE_NULL:
    case VALUE_LIST:
    case VALUE_MAP:
    case VALUE_OPTIONAL:
        break;
    }
    return str_from_c(value_kind_name((enum value_kind)v.kind));
}

static void write_text(struct writer *w, struct value v)
{
    struct arena_mark mark = arena_mark(&w->scratch);
    write_string(w, text_of(w, v));
    arena_reset_to(&w->scratch, mark);
}

static int compare_entries(const void *left, const void *right)
{
    const struct value_entry *a = *(const struct value_entry *const *)left;
    const struct value_entry *b = *(const struct value_entry *const *)right;
    return str_cmp(value_text(a->key), value_text(b->key));
}

static void write_map(struct writer *w, struct value v)
{
    struct arena_mark mark = arena_mark(&w->scratch);
    const struct value_entry **entry = NULL;
    if (w->flags & JSON_DOC_SORTED) {
        entry = arena_array(&w->scratch, const struct value_entry *, v.n);
        for (uint32_t i = 0; i < v.n; i++) {
            entry[i] = &v.as.map->entry[i];
        }
        qsort(entry, v.n, sizeof *entry, compare_entries);
    }
    buf_add_char(w->out, '{');
    w->depth++;
    for (uint32_t i = 0; i < v.n; i++) {
        const struct value_entry *e = entry ? entry[i] : &v.as.map->entry[i];
        buf_add_c(w->out, i ? "," : "");
        write_break(w);
        write_text(w, e->key);
        buf_add_c(w->out, w->flags & JSON_DOC_INDENT ? ": " : ":");
        write_value(w, e->val);
    }
    w->depth--;
    if (v.n) {
        write_break(w);
    }
    buf_add_char(w->out, '}');
    arena_reset_to(&w->scratch, mark);
}

static void write_value(struct writer *w, struct value v)
{
    if (taint_hides(v)) {
        write_text(w, v);
        return;
    }
    switch ((enum value_kind)v.kind) {
    case VALUE_NULL:
        buf_add_c(w->out, "null");
        break;
    case VALUE_BOOL:
        buf_add_c(w->out, v.as.b ? "true" : "false");
        break;
    case VALUE_INT:
        buf_addf(w->out, "%lld", (long long)v.as.i);
        break;
    case VALUE_UINT:
        buf_addf(w->out, "%llu", (unsigned long long)v.as.u);
        break;
    case VALUE_DOUBLE:
        write_double(w, v.as.d);
        break;
    case VALUE_LIST:
        write_list(w, v);
        break;
    case VALUE_MAP:
        write_map(w, v);
        break;
    case VALUE_OPTIONAL:
        write_value(w, v.as.boxed ? *v.as.boxed : value_null());
        break;
    case VALUE_STRING:
    case VALUE_BYTES:
    case VALUE_TIMESTAMP:
    case VALUE_DURATION:
    case VALUE_TYPE:
    case VALUE_OPAQUE:
    case VALUE_ERROR:
        write_text(w, v);
        break;
    }
}

void json_doc_write(struct buf *out, struct value v, unsigned flags)
{
    struct writer w = { .out = out, .flags = flags };
    write_value(&w, v);
    buf_release(&w.text);
    arena_release(&w.scratch);
}
