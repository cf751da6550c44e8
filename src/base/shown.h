/* What of a text may be shown: credentials in a URL may not, and characters that change how others
 * are read are named. */
#ifndef KUBEVOUCH_BASE_SHOWN_H
#define KUBEVOUCH_BASE_SHOWN_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"

/* The url without what is before "@" in its authority and without its query and fragment, where
 * people put credentials; what is left out is told by "(redacted)". Any text will do: what looks
 * like no URL is treated as one. */
struct str shown_url(struct arena *a, struct str url);

/* What a character does to the text around it (deceptive.def). */
enum shown_class {
    SHOWN_PLAIN,
    SHOWN_CONTROL,   /* C0, DEL, C1: terminals and parsers obey them */
    SHOWN_DECEPTIVE, /* breaks lines, turns direction, is invisible, or passes for another */
};
enum shown_class shown_class(uint32_t code_point);
/* Adds one line of s for a terminal, a log or a comment: control characters and bad UTF-8 as \xNN,
 * deceptive ones as \u{NNNN}; a line break or tab as a space. */
void shown_line(struct buf *out, struct str s);

#endif
