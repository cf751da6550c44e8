/* Text and rows of manual pages. */
#include "cli/roff.h"

void roff_text(struct buf *out, const char *text)
{
    if (*text == '.' || *text == '\'')
        buf_add_c(out, "\\&");
    for (; *text; text++) {
        switch (*text) {
        case '\\':
            buf_add_c(out, "\\e");
            break;
        case '-':
            buf_add_c(out, "\\-");
            break;
        case '\'':
            buf_add_c(out, "\\(aq");
            break;
        case '^':
            buf_add_c(out, "\\(ha");
            break;
        case '~':
            buf_add_c(out, "\\(ti");
            break;
        case '`':
            buf_add_c(out, "\\(ga");
            break;
        default:
            buf_add_char(out, *text);
        }
    }
}

void roff_row(struct buf *out, const char *name, const char *summary)
{
    buf_addf(out, ".TP\n\\fB");
    roff_text(out, name);
    buf_addf(out, "\\fR\n");
    roff_text(out, summary);
    buf_add_char(out, '\n');
}
