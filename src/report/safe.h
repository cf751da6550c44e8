/* Text from a cluster is hostile everywhere: one escaper a context, so that none is forgotten. */
#ifndef KUBEVOUCH_REPORT_SAFE_H
#define KUBEVOUCH_REPORT_SAFE_H

#include "base/buf.h"

/* For a terminal: control characters, escapes, bidirectional overrides and bad UTF-8 are shown as
 * \xNN or \u{NNNN}; a line break as a space. */
void safe_terminal(struct buf *out, struct str s);
/* For HTML text and for attribute values in double quotes: & < > " ' escaped; what a page must not
 * hold (NUL, controls, bad UTF-8) becomes U+FFFD, bidirectional overrides are shown as \u{NNNN}. */
void safe_html(struct buf *out, struct str s);
/* For the message of a GitHub workflow command; is_property: for a value in its head, where : and ,
 * end it. On one line. */
void safe_workflow(struct buf *out, struct str s, bool is_property);
/* A cell of a CSV in quotes. One that a spreadsheet would take for a formula, whatever stands
 * before its sign, begins with an apostrophe. */
void safe_csv(struct buf *out, struct str s);

#endif
