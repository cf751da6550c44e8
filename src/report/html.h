/* Writing HTML so that nothing from a cluster can become markup: literals go in by html_raw, everything
 * else by html_text (escaped) or html_number. Pieces are flushed to the sink as they fill. */
#ifndef KUBEVOUCH_REPORT_HTML_H
#define KUBEVOUCH_REPORT_HTML_H

#include "report/report.h"

/* At most this many objects are listed under a check; findings.jsonl and report.json have them all. */
#define HTML_FINDINGS_PER_CHECK 200u
/* Of them so many are printed on paper, and so many carry the values of their subexpressions. */
#define HTML_FINDINGS_PRINTED 10u
#define HTML_FINDINGS_EXPLAINED 5u

struct html {
    const struct result *r;
    struct sink *out;
    struct err *err;
    struct buf b;
    struct arena scratch; /* reset between pieces */
    bool ok;
    int check_level;      /* of a check's own heading: 3 or 4, as what stands above it asks */
};
/* The i-th finding, until the next flush; false: it could not be had, and the report fails. */
bool html_finding(struct html *h, struct finding *out, size_t i);
/* Only for string literals of this program. */
#define html_raw(h, literal) html_add((h), STR(literal))
void html_add(struct html *h, struct str markup);
void html_text(struct html *h, struct str text);
void html_c(struct html *h, const char *text);
void html_number(struct html *h, uint64_t n);
void html_percent(struct html *h, int permille);
/* A value as text: CEL notation, cut. */
void html_value(struct html *h, struct value v);
/* <h3> of a check (below 0), or of what stands in it (below 1), and its end. */
void html_heading(struct html *h, int below);
void html_heading_end(struct html *h, int below);
/* <span class="v fail">FAIL</span> with its icon. */
void html_verdict(struct html *h, enum verdict v);
/* The check's id, which leads to where the report tells of it. */
void html_check_link(struct html *h, const struct check *c);
/* <dt>name</dt><dd>text</dd>, nothing if the text is empty. */
void html_fact(struct html *h, const char *name, struct str text);
/* Why evidence is missing, and what would give it if that is known: paragraphs. */
void html_lacking(struct html *h, struct str reason, struct str remedy);
/* Hands what is written so far to the sink. */
void html_flush(struct html *h);

/* The page up to its body: the policy that forbids everything but the style sheet, the style sheet, the link to #main. */
void html_page_head(struct html *h, struct str title);
/* The parts of the page, in files of their own. */
void html_head(struct html *h);           /* html_overview.c: title, facts, score, what was not seen */
void html_checks(struct html *h);         /* html_checks.c: failures, unknown, sections, passed, manual ... */
void html_scopes(struct html *h);         /* html_scope.c: what crosses the borders of scopes */
void html_frameworks(struct html *h, bool leading);  /* html_frameworks.c */
void html_exceptions(struct html *h);     /* html_exceptions.c: the register of exceptions */
void html_evidence(struct html *h);       /* html_evidence.c: population, identity, parameters, calls, sign-off */

#endif
