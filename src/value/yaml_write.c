/* YAML that others apply: texts become scalars and comments here alone. */
#include "value/yaml_write.h"

#include "base/shown.h"
#include "value/yaml_scalar.h"

#include <yaml.h>

#define COMMENT_BYTES_MAX ((size_t)1 << 20)
#define WRITE_DEPTH_MAX   64u

static int add_bytes(void *ctx, unsigned char *bytes, size_t n)
{
    struct buf *out = ctx;
    buf_add(out, str_of((const char *)bytes, n));
    return !out->over;
}

/* Letters, digits and what names and paths are made of, which no reader takes for anything but
 * text. */
static bool is_plain(struct str s)
{
    bool letter = s.n && ((s.p[0] >= 'a' && s.p[0] <= 'z') || (s.p[0] >= 'A' && s.p[0] <= 'Z') ||
                          s.p[0] == '/');
    for (size_t i = 0; letter && i < s.n; i++) {
        char c = s.p[i];
        letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                 c == '.' || c == '_' || c == '/' || c == '-';
    }
    return letter && !(s.n == 1 && strchr("yYnN", s.p[0])) && yaml_resolve(s).kind == VALUE_STRING;
}

/* What reads better as a block than with escapes: one line, the same for every reader. */
static bool is_block(struct str s)
{
    bool has_quote = false;
    if (!s.n || s.p[0] == ' ' || s.p[s.n - 1] == ' ') {
        return false;
    }
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c < ' ' || c >= 0x7f) {
            return false;
        }
        has_quote |= c == '"' || c == '\\';
    }
    return has_quote;
}

static bool emit(yaml_emitter_t *e, yaml_event_t *event)
{
    return yaml_emitter_emit(e, event); /* which owns the event from then on */
}

static bool emit_text(yaml_emitter_t *e, struct str s, yaml_scalar_style_t style)
{
    yaml_event_t event;
    bool quoted = style != YAML_PLAIN_SCALAR_STYLE;
    return s.n <= INT32_MAX &&
           yaml_scalar_event_initialize(&event, NULL, NULL, (const yaml_char_t *)(s.n ? s.p : ""),
                                        (int)s.n, !quoted, quoted, style) &&
           emit(e, &event);
}

static bool emit_value(yaml_emitter_t *e, struct value v, unsigned depth);

static bool emit_list(yaml_emitter_t *e, struct value v, unsigned depth)
{
    yaml_event_t event;
    bool scalars = true;
    for (uint32_t i = 0; i < v.n; i++) {
        struct value item = value_item(v, i);
        scalars &= item.kind != VALUE_MAP && item.kind != VALUE_LIST;
    }
    if (!yaml_sequence_start_event_initialize(&event, NULL, NULL, 1,
                                              scalars ? YAML_FLOW_SEQUENCE_STYLE
                                                      : YAML_BLOCK_SEQUENCE_STYLE) ||
        !emit(e, &event)) {
        return false;
    }
    for (uint32_t i = 0; i < v.n; i++) {
        if (!emit_value(e, value_item(v, i), depth + 1)) {
            return false;
        }
    }
    return yaml_sequence_end_event_initialize(&event) && emit(e, &event);
}

static bool emit_map(yaml_emitter_t *e, struct value v, unsigned depth)
{
    yaml_event_t event;
    if (!yaml_mapping_start_event_initialize(&event, NULL, NULL, 1, YAML_BLOCK_MAPPING_STYLE) ||
        !emit(e, &event)) {
        return false;
    }
    for (uint32_t i = 0; i < v.n; i++) {
        struct value_entry entry = v.as.map->entry[i];
        if (entry.key.kind != VALUE_STRING || !emit_value(e, entry.key, depth + 1) ||
            !emit_value(e, entry.val, depth + 1)) {
            return false;
        }
    }
    return yaml_mapping_end_event_initialize(&event) && emit(e, &event);
}

static bool emit_value(yaml_emitter_t *e, struct value v, unsigned depth)
{
    struct str s = value_text(v);
    char number[32];
    if (depth > WRITE_DEPTH_MAX) {
        return false;
    }
    switch (v.kind) {
    case VALUE_STRING:
        return emit_text(e, s,
                         is_plain(s)   ? YAML_PLAIN_SCALAR_STYLE
                         : is_block(s) ? YAML_LITERAL_SCALAR_STYLE
                                       : YAML_DOUBLE_QUOTED_SCALAR_STYLE);
    case VALUE_BOOL:
        return emit_text(e, v.as.b ? STR("true") : STR("false"), YAML_PLAIN_SCALAR_STYLE);
    case VALUE_INT:
        (void)snprintf(number, sizeof number, "%lld", (long long)v.as.i);
        return emit_text(e, str_from_c(number), YAML_PLAIN_SCALAR_STYLE);
    case VALUE_LIST:
        return emit_list(e, v, depth);
    case VALUE_MAP:
        return emit_map(e, v, depth);
    default: /* not an enum: no other kind has a form here */
        return false;
    }
}

static bool emit_document(yaml_emitter_t *e, struct value v)
{
    yaml_event_t event;
    return yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING) && emit(e, &event) &&
           yaml_document_start_event_initialize(&event, NULL, NULL, NULL, 1) && emit(e, &event) &&
           emit_value(e, v, 0) && yaml_document_end_event_initialize(&event, 1) &&
           emit(e, &event) && yaml_stream_end_event_initialize(&event) && emit(e, &event);
}

bool yaml_write(struct buf *out, struct value v, struct err *err)
{
    yaml_emitter_t e;
    if (!yaml_emitter_initialize(&e)) {
        return err_set(err, ERR_INTERNAL, "no memory to write YAML");
    }
    yaml_emitter_set_output(&e, add_bytes, out);
    /* escapes: U+0085, U+2028 and U+2029 are line breaks for some readers */
    yaml_emitter_set_unicode(&e, 0);
    yaml_emitter_set_width(&e, -1);
    bool ok = emit_document(&e, v);
    if (!ok && !out->over) {
        (void)err_set(err, ERR_INPUT, "cannot be written as YAML: %s",
                      e.problem ? e.problem : "a value has no form there");
    } else if (!ok) {
        ok = buf_ok(out, "the YAML", err);
    }
    yaml_emitter_delete(&e);
    return ok;
}

void yaml_write_comment(struct buf *out, struct str text, size_t width)
{
    struct buf line CLEANUP(buf_release) = BUF_INIT(COMMENT_BYTES_MAX);
    size_t column = 1;
    shown_line(&line, text);
    struct str rest = line.over ? STR("(a text too long to show)") : buf_str(&line), word;
    buf_add_char(out, '#');
    while (str_next_field(&rest, ' ', &word)) {
        bool full = width && column + 1 + word.n > width;
        buf_add_c(out, full ? "\n#   " : " ");
        buf_add(out, word);
        column = (full ? 3 : column) + 1 + word.n;
    }
    buf_add_char(out, '\n');
}
