/* Lists of names and values in the API server's words. */
#include "analyze/podsecurity/control.h"

#include "base/buf.h"

void words_add(struct words *w, struct str text)
{
    *VEC_PUSH(&w->list, w->arena) = text;
}

static int by_text(const void *a, const void *b)
{
    return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

void words_make_set(struct words *w)
{
    size_t kept = 0;
    if (w->list.count)
        qsort(w->list.item, w->list.count, sizeof *w->list.item, by_text);
    for (size_t i = 0; i < w->list.count; i++)
        if (!kept || !str_eq(w->list.item[kept - 1], w->list.item[i]))
            w->list.item[kept++] = w->list.item[i];
    w->list.count = kept;
}

static struct str written(const struct words *w, const char *around, const char *between)
{
    struct buf b = BUF_INIT(WORDS_MAX_BYTES);
    for (size_t i = 0; i < w->list.count; i++) {
        buf_add_c(&b, i ? between : "");
        buf_add_c(&b, around);
        buf_add(&b, w->list.item[i]);
        buf_add_c(&b, around);
    }
    struct str text = str_dup(w->arena, buf_str(&b));
    buf_release(&b);
    return text;
}

struct str words_quoted(const struct words *w)
{
    return written(w, "\"", ", ");
}

struct str words_joined(const struct words *w, const char *between)
{
    return written(w, "", between);
}

const char *words_number(const struct words *w, const char *one, const char *many)
{
    return w->list.count == 1 ? one : many;
}

void words_add_containers(struct words *setters, const struct words *containers)
{
    if (containers->list.count)
        words_add(setters, str_printf(setters->arena, "%s %.*s",
                                      words_number(containers, "container", "containers"),
                                      STR_ARG(words_quoted(containers))));
}

/* What Go's unicode.IsPrint has no picture for, as far as annotations meet it: controls, formats
 * and spaces beside ' '. */
static bool is_printed(uint32_t c)
{
    static const uint32_t hidden[][2] = {
        { 0x00, 0x1f },     { 0x7f, 0xa0 },     { 0xad, 0xad },     { 0x0600, 0x0605 },
        { 0x061c, 0x061c }, { 0x1680, 0x1680 }, { 0x180e, 0x180e }, { 0x2000, 0x200f },
        { 0x2028, 0x202f }, { 0x205f, 0x206f }, { 0x3000, 0x3000 }, { 0xd800, 0xf8ff },
        { 0xfeff, 0xfeff }, { 0xfff0, 0xfffb }, { 0xfffe, 0xffff }, { 0xe0000, 0x10ffff },
    };
    for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++)
        if (c >= hidden[i][0] && c <= hidden[i][1])
            return false;
    return true;
}

static void add_escaped(struct buf *b, uint32_t c)
{
    static const char named[] = "\a"
                                "a"
                                "\b"
                                "b"
                                "\f"
                                "f"
                                "\n"
                                "n"
                                "\r"
                                "r"
                                "\t"
                                "t"
                                "\v"
                                "v";
    for (size_t i = 0; i + 1 < sizeof named - 1; i += 2) {
        if (c == (unsigned char)named[i]) {
            buf_addf(b, "\\%c", named[i + 1]);
            return;
        }
    }
    buf_addf(b,
             c < ' ' || c == 0x7f ? "\\x%02x"
             : c < 0x10000        ? "\\u%04x"
                                  : "\\U%08x",
             (unsigned)c);
}

struct str words_go_quote(struct arena *a, struct str text)
{
    struct buf b = BUF_INIT(WORDS_MAX_BYTES);
    buf_add_char(&b, '"');
    for (size_t i = 0; i < text.n;) {
        uint32_t c;
        size_t n = str_utf8_at(text, i, &c);
        if (!n)
            buf_addf(&b, "\\x%02x", (unsigned char)text.p[i]);
        else if (c == '"' || c == '\\')
            buf_addf(&b, "\\%c", (char)c);
        else if (is_printed(c))
            buf_add(&b, str_sub(text, i, i + n));
        else
            add_escaped(&b, c);
        i += n ? n : 1;
    }
    buf_add_char(&b, '"');
    struct str out = str_dup(a, buf_str(&b));
    buf_release(&b);
    return out;
}
