/* A page of text for a terminal: what the forms of the summary (text.c, text_brief.c) are made of.
 */
#ifndef KUBEVOUCH_REPORT_TEXT_PAGE_H
#define KUBEVOUCH_REPORT_TEXT_PAGE_H

#include "report/report.h"

#define TEXT_BYTES_MAX ((size_t)4 << 20)

struct text_page {
    struct buf b;
    const struct text_options *o;
    struct err *err;
    bool ok; /* false, with err: a finding could not be had */
};
/* SGR parameters of each verdict. */
extern const char *const verdict_colour[VERDICT_COUNT];
void text_coloured(struct text_page *p, const char *sgr, const char *text);
/* s from a cluster or a benchmark, cut to what is left of the line after indent columns, if there
 * is a width. */
void text_line(struct text_page *p, struct str s, int indent);
/* The same on lines of its own below each other: what must be read to its end, such as what to do.
 */
void text_wrapped(struct text_page *p, struct str s, int indent);

/* What both forms begin with, and end with: never cut, and nothing comes after the end. */
void text_head(struct text_page *p, const struct result *r);
/* Of files: the checks that need a cluster. */
void text_outside(struct text_page *p, const struct result *r);
/* Exceptions that have an effect and nobody approved. */
void text_unapproved(struct text_page *p, const struct result *r);
void text_broken_off(struct text_page *p, const struct result *r);
void text_score(struct text_page *p, const struct result *r);
void text_end(struct text_page *p, const struct result *r);
/* For each framework (or the one that leads alone) what was found for how many requirements: no
 * verdict of any. */
void text_frameworks(struct text_page *p, const struct result *r, bool leading_alone);
/* The summary on one screen. */
void text_brief(struct text_page *p, const struct result *r);

#endif
