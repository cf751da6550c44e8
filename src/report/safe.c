/* Text from a cluster is hostile everywhere: one escaper a context, so that none is forgotten. */
#include "report/safe.h"

#include "base/shown.h"

void safe_terminal(struct buf *out, struct str s)
{
    shown_line(out, s);
}

void safe_html(struct buf *out, struct str s)
{
    for (size_t at = 0; at < s.n;) {
        uint32_t c;
        size_t n = str_utf8_at(s, at, &c);
        enum shown_class class = n ? shown_class(c) : SHOWN_CONTROL;
        if (class == SHOWN_CONTROL && (n == 0 || (c != '\n' && c != '\t')))
            buf_add_c(out, "\xef\xbf\xbd");
        else if (c == '&')
            buf_add_c(out, "&amp;");
        else if (c == '<')
            buf_add_c(out, "&lt;");
        else if (c == '>')
            buf_add_c(out, "&gt;");
        else if (c == '"')
            buf_add_c(out, "&quot;");
        else if (c == '\'')
            buf_add_c(out, "&#39;");
        else if (class == SHOWN_DECEPTIVE)
            buf_addf(out, "\\u{%x}", c);
        else
            buf_add(out, str_sub(s, at, at + n));
        at += n ? n : 1;
    }
}

void safe_workflow(struct buf *out, struct str s, bool is_property)
{
    struct buf line = BUF_INIT(s.n * 16 + 64);
    shown_line(&line, s);
    for (size_t i = 0; i < line.n; i++) {
        char c = line.p[i];
        if (c == '%' || (is_property && (c == ':' || c == ',')))
            buf_addf(out, "%%%02X", (unsigned)c);
        else
            buf_add_char(out, c);
    }
    buf_release(&line);
}

void safe_csv(struct buf *out, struct str s)
{
    struct buf line = BUF_INIT(s.n * 16 + 64);
    size_t at = 0;
    shown_line(&line, s);
    while (at < line.n && (line.p[at] == ' ' || line.p[at] == '\'' || line.p[at] == '"'))
        at++;
    buf_add_char(out, '"');
    if (at < line.n && strchr("=+-@|%", line.p[at]))
        buf_add_char(out, '\'');
    for (size_t i = 0; i < line.n; i++)
        buf_add_c(out, line.p[i] == '"' ? "\"\"" : (char[2]){ line.p[i], 0 });
    buf_add_char(out, '"');
    buf_release(&line);
}
