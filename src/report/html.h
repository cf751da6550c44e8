/* Writing HTML so that nothing from a cluster can become markup: literals go in by html_raw,
 * everything else by html_text (escaped) or html_number. Pieces are flushed to the sink as they
 * fill. */
#ifndef KUBEVOUCH_REPORT_HTML_H
#define KUBEVOUCH_REPORT_HTML_H

#include "report/report.h"
#include "report/tally.h"

/* At most this many objects are listed under a part of a check, and about so many on the whole
 * page, so that a browser can still show it; findings.jsonl and report.json have them all. */
#define HTML_FINDINGS_PER_PART 200u
#define HTML_FINDINGS_PER_PAGE 1200u
/* Of them so many are printed on paper, and so many carry the values of their subexpressions. */
#define HTML_FINDINGS_PRINTED   10u
#define HTML_FINDINGS_EXPLAINED 5u

struct html {
    const struct result *r;
    struct sink *out;
    struct err *err;
    struct buf b;
    struct arena scratch; /* reset between pieces */
    bool ok;
    int check_level;        /* of a check's own heading: 3 or 4, as what stands above it asks */
    struct tally tally;     /* of r; not of pages that are about no result */
    uint32_t rows_per_part; /* objects that are listed under each part of a check */
    struct namespace_counts *filter_place; /* namespaces to choose from, by name */
    size_t filter_place_count;
    bool is_extract; /* a page that has the checks of a framework alone, and few of their rows */
    uint64_t *filter_place_of; /* of each check: bit n, it found something in filter_place[n] */
};
/* The i-th finding, until the next flush; false: it could not be had, and the report fails. */
bool html_finding(struct html *h, struct finding *out, size_t i);
/* Only for string literals of this program. */
#define html_raw(h, literal) html_add((h), STR(literal))
void html_add(struct html *h, struct str markup);
void html_text(struct html *h, struct str text);
/* A name that a reader would not see is told in words. */
struct str html_name(struct str name);
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
/* "5-2-1": an id may hold anything, an anchor letters, digits, hyphens and underlines; two ids have
 * two anchors. */
void html_anchor(struct html *h, struct str id);
/* "check-5-2-1" */
void html_check_anchor(struct html *h, struct str id);
/* <h2 id="anchor">text</h2> and the way back to the top; both are of this program. */
void html_part(struct html *h, const char *anchor, const char *text);
/* The check's id, which leads to where the report tells of it. */
void html_check_link(struct html *h, const struct check *c);
/* <dt>name</dt><dd>text</dd>, nothing if the text is empty. */
void html_fact(struct html *h, const char *name, struct str text);
/* Why evidence is missing, and what would give it if that is known: paragraphs. */
void html_lacking(struct html *h, struct str reason, struct str remedy);
/* Hands what is written so far to the sink. */
void html_flush(struct html *h);

/* The page up to its body: the policy that forbids everything but the style sheet, the style sheet
 * with the page's own rules after it, the link to #main. */
void html_page_head(struct html *h, struct str title, struct str rules);
/* A page's own rules: what stands at the foot of each printed page (html_filter.c). */
void html_paper_rules(struct buf *out, const struct result *r);
/* Choosing what is shown, by verdict, severity, section and namespace, without a script: rules for
 * the style sheet, the controls, and the classes of a check and of a finding, which the rules hide
 * by. */
void html_filter_open(struct html *h, struct arena *a);
void html_filter_rules(struct buf *out, const struct html *h);
void html_filter(struct html *h); /* what the choice is about stands between it and the end */
void html_filter_end(struct html *h);
void html_filter_class(struct html *h, const struct check_result *c);
void html_filter_places(struct html *h, const struct check_result *c);
void html_filter_row_class(struct html *h, const struct finding *f);
/* Tables of what a check found, one a part: what fails stands first where one is cut, and what was
 * cut is counted (html_findings.c). */
void html_findings_open(struct html *h);
void html_findings(struct html *h, const struct check_result *c);
/* The same of some of them: indexes of the result's findings, all of this check. */
void html_findings_of(struct html *h, const struct check_result *c, const uint32_t *finding,
                      size_t count);
/* How to mend what a check found. */
void html_remedy(struct html *h, const struct check *c);
void html_object(struct html *h, const struct object_ref *o);
/* html_summary.c: counts by severity, section and namespace; the bar of the verdicts; what the
 * words mean. */
void html_summary(struct html *h);
void html_verdict_bar(struct html *h);
void html_legend(struct html *h);
/* What a page of a framework takes from the others: the run's facts, what was not seen, a
 * framework's requirements, a check whole. */
void html_run_facts(struct html *h);
void html_coverage(struct html *h);
void html_framework(struct html *h, const struct framework_result *f);
void html_check(struct html *h, const struct check_result *c);
/* The parts of the page, in files of their own. */
void html_head(struct html *h); /* html_overview.c: title, facts, score, what was not seen */
/* html_checks.c: failures, unknown, sections, passed, manual ... */
void html_checks(struct html *h);
void html_scopes(struct html *h); /* html_scope.c: what crosses the borders of scopes */
void html_frameworks(struct html *h, bool leading); /* html_frameworks.c */
void html_exceptions(struct html *h); /* html_exceptions.c: the register of exceptions */
/* html_evidence.c: population, identity, parameters, calls, sign-off */
void html_evidence(struct html *h);

#endif
