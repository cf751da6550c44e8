/* A page of text for a terminal: colours, and lines that are cut or wrapped to its width. */
#include "report/text_page.h"

#include "report/safe.h"

#define LINE_BYTES_MAX    65536u
#define WRAPPED_BYTES_MAX 1000u /* longer texts are cut to one line: the reports have them */

const char *const verdict_colour[VERDICT_COUNT] = {
    [VERDICT_NOT_APPLICABLE] = "2", [VERDICT_PASS] = "32",   [VERDICT_ATTESTED] = "36",
    [VERDICT_WAIVED] = "36",        [VERDICT_MANUAL] = "34", [VERDICT_UNKNOWN] = "33",
    [VERDICT_FAIL] = "31;1",
};

void text_coloured(struct text_page *p, const char *sgr, const char *text)
{
    if (p->o->colour)
        buf_addf(&p->b, "\033[%sm%s\033[0m", sgr, text);
    else
        buf_add_c(&p->b, text);
}

/* s from a cluster or a benchmark, cut to what is left of the line after indent columns, if there
 * is a width. */
void text_line(struct text_page *p, struct str s, int indent)
{
    struct buf safe CLEANUP(buf_release) = BUF_INIT(TEXT_BYTES_MAX);
    bool endless = s.n > LINE_BYTES_MAX;
    safe_terminal(&safe, str_sub(s, 0, LINE_BYTES_MAX));
    struct str text = buf_str(&safe);
    size_t room = !p->o->width                ? SIZE_MAX
                  : p->o->width > indent + 20 ? (size_t)(p->o->width - indent)
                                              : 60;
    size_t columns = 0, at = 0;
    while (at < text.n && columns < room) {
        uint32_t c;
        size_t n = str_utf8_at(text, at, &c);
        at += n ? n : 1;
        columns++;
    }
    if (at < text.n) {
        buf_add(&p->b, str_sub(text, 0, at > 3 ? at - 3 : 0));
        buf_add_c(&p->b, "...");
    } else {
        buf_add(&p->b, text);
        buf_add_c(&p->b, endless ? "..." : "");
    }
}

/* Bytes of text that go on a line of so many columns: up to the last space, or into a word that is
 * longer. */
static size_t line_bytes(struct str text, size_t room)
{
    size_t at = 0, columns = 0, space = 0;
    while (at < text.n && columns < room) {
        uint32_t c;
        size_t n = str_utf8_at(text, at, &c);
        if (text.p[at] == ' ')
            space = at;
        at += n ? n : 1;
        columns++;
    }
    return at >= text.n || !space || text.p[at] == ' ' ? at : space;
}

/* s from a cluster or a benchmark on lines of its own below each other: what must be read to its
 * end, such as what to do. */
void text_wrapped(struct text_page *p, struct str s, int indent)
{
    struct buf safe CLEANUP(buf_release) = BUF_INIT(TEXT_BYTES_MAX);
    if (!p->o->width || s.n > WRAPPED_BYTES_MAX) {
        text_line(p, s, indent);
        return;
    }
    safe_terminal(&safe, s);
    size_t room = p->o->width > indent + 20 ? (size_t)(p->o->width - indent) : 60;
    for (struct str rest = buf_str(&safe); rest.n;) {
        size_t n = line_bytes(rest, room);
        buf_add(&p->b, str_sub(rest, 0, n));
        while (n < rest.n && rest.p[n] == ' ')
            n++;
        rest = str_sub(rest, n, rest.n);
        if (rest.n)
            buf_addf(&p->b, "\n%*s", indent, "");
    }
}
