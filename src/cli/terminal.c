/* Text that came from a cluster, onto a terminal or into a pipe. */
#include "cli/terminal.h"

#include "report/safe.h"

void terminal_put(FILE *to, bool is_terminal, struct str text)
{
    /* a byte becomes ten at most */
    struct buf safe CLEANUP(buf_release) = BUF_INIT(text.n * 16 + 64);
    if (is_terminal)
        safe_terminal(&safe, text);
    text = is_terminal ? buf_str(&safe) : text;
    (void)fwrite(text.p ? text.p : "", 1, text.n, to);
}
