/* Text and rows of manual pages, appended as roff. */
#ifndef KUBEVOUCH_CLI_ROFF_H
#define KUBEVOUCH_CLI_ROFF_H

#include "base/buf.h"

/* Text in a manual page: dots and quotes at the start of a line, and characters that would come out
 * as others. */
void roff_text(struct buf *out, const char *text);
/* A name in bold, and what it means, indented below. */
void roff_row(struct buf *out, const char *name, const char *summary);

#endif
