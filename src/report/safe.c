#include "report/safe.h"

/* Characters that change how the text around them is shown or read. */
static bool is_deceptive(uint32_t c)
{
    return (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0x200e || c == 0x200f || c == 0x061c ||
           (c >= 0x200b && c <= 0x200d) || c == 0x2060 || c == 0xfeff || c == 0x2028 || c == 0x2029;
}

static bool is_control(uint32_t c)
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0);
}

void safe_terminal(struct buf *out, struct str s)
{
    for (size_t at = 0; at < s.n;) {
        uint32_t c;
        size_t n = str_utf8_at(s, at, &c);
        if (n == 0)
            buf_addf(out, "\\x%02x", (unsigned char)s.p[at]);
        else if (c == '\n' || c == '\t' || c == '\r')
            buf_add_char(out, ' ');
        else if (is_control(c))
            buf_addf(out, "\\x%02x", c);
        else if (is_deceptive(c))
            buf_addf(out, "\\u{%x}", c);
        else
            buf_add(out, str_sub(s, at, at + n));
        at += n ? n : 1;
    }
}

void safe_html(struct buf *out, struct str s)
{
    for (size_t at = 0; at < s.n;) {
        uint32_t c;
        size_t n = str_utf8_at(s, at, &c);
        if (n == 0 || (is_control(c) && c != '\n' && c != '\t'))
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
        else if (is_deceptive(c))
            buf_addf(out, "\\u{%x}", c);
        else
            buf_add(out, str_sub(s, at, at + n));
        at += n ? n : 1;
    }
}
