/* Where a byte of a YAML scalar's content stands in the file: quoted, plain, literal (|) or folded
 * (>). */
#include "value/scalar.h"

#include "base/buf.h"

/* Bytes [*from, *to) of line (from 1), without its end. False if there is none. */
static bool line_bounds(struct str text, uint32_t line, size_t *from, size_t *to)
{
    size_t at = 0;
    for (uint32_t l = 1; l < line; l++) {
        at = str_find_char(text, '\n', at);
        if (at == SIZE_MAX)
            return false;
        at++;
    }
    size_t end = str_find_char(text, '\n', at);
    *from = at;
    *to = end == SIZE_MAX ? text.n : end;
    return at <= text.n;
}

static size_t indent_of(struct str line)
{
    size_t n = 0;
    while (n < line.n && line.p[n] == ' ')
        n++;
    return n;
}

static struct pos place_in_block(struct str text, struct pos start, size_t offset)
{
    struct pos p = { start.file, start.line + 1, 1 };
    size_t from, to;
    if (!line_bounds(text, p.line, &from, &to))
        return start;
    size_t indent = indent_of(str_sub(text, from, to));
    while (line_bounds(text, p.line, &from, &to)) {
        size_t length = to - from > indent ? to - from - indent : 0;
        if (offset <= length) {
            p.column = (uint32_t)(indent + offset + 1);
            return p;
        }
        offset -= length + 1; /* the line's end counts one: kept by |, a space by > */
        p.line++;
    }
    return start;
}

struct pos scalar_place(struct str file_text, struct pos start, size_t offset)
{
    size_t from, to;
    if (!line_bounds(file_text, start.line, &from, &to) || start.column == 0 ||
        from + start.column - 1 >= to)
        return start;
    char first = file_text.p[from + start.column - 1];
    if (first == '|' || first == '>')
        return place_in_block(file_text, start, offset);
    if (first == '"' || first == '\'')
        offset++;
    return (struct pos){ start.file, start.line, start.column + (uint32_t)offset };
}

struct pos scalar_fault_place(struct str file_text, struct str content, struct pos start,
                              struct pos within)
{
    size_t offset = 0;
    uint32_t line = 1;
    while (line < within.line && offset < content.n)
        line += content.p[offset++] == '\n';
    return scalar_place(file_text, start, offset + (within.column ? within.column - 1 : 0));
}

struct str scalar_excerpt(struct arena *a, struct str file_text, struct pos pos)
{
    size_t from, to;
    if (!pos.line || !line_bounds(file_text, pos.line, &from, &to) || from == to)
        return (struct str){ 0 };
    struct str line = str_sub(file_text, from, to);
    size_t column = pos.column ? pos.column - 1 : 0;
    /* A window around the column: benchmark lines can be long. */
    size_t left = column > 60 ? column - 60 : 0;
    struct str shown = str_sub(line, left, left + 110);
    struct buf b CLEANUP(buf_release) = BUF_INIT(1024);
    buf_addf(&b, "    %.*s\n    ", STR_ARG(shown));
    for (size_t i = left; i < column && i - left < shown.n; i++)
        buf_add_char(&b, line.p[i] == '\t' ? '\t' : ' ');
    buf_add_char(&b, '^');
    return str_dup(a, buf_str(&b));
}
