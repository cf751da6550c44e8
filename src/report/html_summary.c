/* The first screen of report.html in numbers: checks by severity and by section, as bars and as
 * tables, and the worst namespaces. */
#include "report/html.h"

#define PLACES_SHOWN   8u
#define SECTIONS_SHOWN 12u
#define BAR_UNITS      200u

/* As bars and legends list them: what is wrong first. */
static const enum verdict order[] = { VERDICT_FAIL,          VERDICT_UNKNOWN,  VERDICT_MANUAL,
                                      VERDICT_WAIVED,        VERDICT_ATTESTED, VERDICT_PASS,
                                      VERDICT_NOT_APPLICABLE };

static uint64_t sum_of(const uint64_t count[VERDICT_COUNT])
{
    uint64_t all = 0;
    for (size_t v = 0; v < VERDICT_COUNT; v++)
        all += count[v];
    return all;
}

/* The numbers stand in the cells beside it. */
static void put_bar(struct html *h, const uint64_t count[VERDICT_COUNT])
{
    uint64_t all = sum_of(count), before = 0;
    html_raw(h, "<svg viewBox=\"0 0 200 10\" preserveAspectRatio=\"none\" aria-hidden=\"true\" "
                "class=\"bar\">");
    for (size_t i = 0; i < COUNT_OF(order) && all; i++) {
        uint64_t x = before * BAR_UNITS / all, end = (before + count[order[i]]) * BAR_UNITS / all;
        before += count[order[i]];
        if (end == x)
            continue;
        buf_addf(&h->b, "<rect x=\"%llu\" y=\"0\" width=\"%llu\" height=\"10\" class=\"",
                 (unsigned long long)x, (unsigned long long)(end - x));
        html_c(h, verdict_name(order[i]));
        html_raw(h, "\"/>");
    }
    html_raw(h, "</svg>");
}

static void put_head(struct html *h, const char *caption, const char *first)
{
    html_raw(h, "<table class=\"narrow\"><caption>");
    html_c(h, caption);
    html_raw(h, "</caption><thead><tr><th scope=\"col\">");
    html_c(h, first);
    html_raw(h, "</th><th scope=\"col\" class=\"num\">Fail</th><th scope=\"col\" "
                "class=\"num\">Unknown</th><th scope=\"col\" class=\"num\">Pass</th>"
                "<th scope=\"col\" class=\"num\">Findings</th></tr></thead><tbody>\n");
}

static void put_number(struct html *h, uint64_t n)
{
    html_raw(h, "<td class=\"num\">");
    html_number(h, n);
    html_raw(h, "</td>");
}

static void put_counts(struct html *h, const struct counts *c)
{
    put_number(h, c->checks[VERDICT_FAIL]);
    put_number(h, c->checks[VERDICT_UNKNOWN]);
    put_number(h, c->checks[VERDICT_PASS]);
    put_number(h, c->findings[VERDICT_FAIL]);
    html_raw(h, "</tr>\n");
}

static void put_severities(struct html *h)
{
    html_raw(h, "<div class=\"panel\">");
    put_head(h, "Checks by severity; failing findings", "Severity");
    for (int s = SEVERITY_COUNT - 1; s >= 0; s--) {
        const struct counts *c = &h->tally.severity[s];
        if (!sum_of(c->checks))
            continue;
        html_raw(h, "<tr><th scope=\"row\">");
        html_c(h, severity_name[s]);
        put_bar(h, c->checks);
        html_raw(h, "</th>");
        put_counts(h, c);
    }
    html_raw(h, "</tbody></table></div>\n");
}

/* Whether no other section holds it. */
static bool is_top(const struct benchmark *b, size_t s)
{
    for (size_t i = 0; i < b->section_count; i++) {
        struct str in = b->section[s].id, other = b->section[i].id;
        if (i != s && in.n > other.n && str_has_prefix(in, other) && in.p[other.n] == '.')
            return false;
    }
    return true;
}

static void put_sections(struct html *h)
{
    const struct benchmark *b = h->r->bench;
    size_t shown = 0, left = 0;
    html_raw(h, "<div class=\"panel\">");
    put_head(h, "Checks by section; failing findings", "Section");
    for (size_t s = 0; s < b->section_count; s++) {
        const struct counts *c = &h->tally.section[s];
        if (!is_top(b, s) || !sum_of(c->checks))
            continue;
        left += shown == SECTIONS_SHOWN;
        if (shown == SECTIONS_SHOWN)
            continue;
        shown++;
        html_raw(h, "<tr><th scope=\"row\">");
        html_text(h, b->section[s].id);
        html_raw(h, " ");
        html_text(h, b->section[s].title);
        put_bar(h, c->checks);
        html_raw(h, "</th>");
        put_counts(h, c);
    }
    html_raw(h, "</tbody></table>");
    if (left) {
        html_raw(h, "<p class=\"small\">");
        html_number(h, left);
        html_raw(h, " more: <a href=\"#sections\">all sections</a></p>");
    }
    html_raw(h, "</div>\n");
}

static void put_place(struct html *h, const struct namespace_counts *p)
{
    html_raw(h, "<tr><th scope=\"row\">");
    html_text(h, p->name.n ? html_name(p->name) : STR("of no namespace"));
    html_raw(h, "</th>");
    put_number(h, p->counts.failures[SEVERITY_CRITICAL]);
    put_number(h, p->counts.failures[SEVERITY_HIGH]);
    put_number(h, p->counts.findings[VERDICT_FAIL]);
    put_number(h, p->counts.findings[VERDICT_UNKNOWN]);
    html_raw(h, "</tr>\n");
}

static void put_places(struct html *h)
{
    const struct tally *t = &h->tally;
    size_t shown = 0;
    if (!t->place_count)
        return;
    html_raw(
        h, "<div class=\"panel\"><table class=\"narrow\"><caption>Worst namespaces, by "
           "findings</caption><thead><tr><th scope=\"col\">Namespace</th><th scope=\"col\" "
           "class=\"num\">Critical</th>"
           "<th scope=\"col\" class=\"num\">High</th><th scope=\"col\" class=\"num\">Fail</th><th "
           "scope=\"col\" class=\"num\">Unknown</th></tr></thead><tbody>\n");
    for (; shown < t->place_count && shown < PLACES_SHOWN; shown++)
        put_place(h, &t->place[shown]);
    html_raw(h, "</tbody></table>");
    if (shown < t->place_count || t->has_elsewhere) {
        html_raw(h, "<p class=\"small\">");
        html_number(h, t->place_count - shown);
        html_add(h, t->has_elsewhere ? STR(" more, and others that were not counted one by one")
                                     : STR(" more, in report.json"));
        html_raw(h, "</p>");
    }
    html_raw(h, "</div>\n");
}

static void put_trend(struct html *h)
{
    if (!h->r->has_baseline)
        return;
    html_raw(h, "<p>Since the report that this run was compared with: <strong>");
    html_number(h, h->tally.fresh);
    html_raw(h, "</strong> new failing findings.</p>\n");
}

void html_summary(struct html *h)
{
    html_raw(h, "<div class=\"panels\">\n");
    put_severities(h);
    put_sections(h);
    put_places(h);
    html_raw(h, "</div>\n");
    put_trend(h);
    html_flush(h);
}

/* One bar of the verdicts, its title the same in words. */
void html_verdict_bar(struct html *h)
{
    const struct score *s = &h->r->score;
    uint64_t count[VERDICT_COUNT];
    if (!h->r->check_count)
        return;
    for (size_t v = 0; v < VERDICT_COUNT; v++)
        count[v] = s->count[v];
    put_bar(h, count);
    html_raw(h, "<ul class=\"counts\">");
    for (size_t i = 0; i < COUNT_OF(order); i++) {
        if (!s->count[order[i]])
            continue;
        html_raw(h, "<li class=\"");
        html_c(h, verdict_name(order[i]));
        html_raw(h, "\">");
        html_number(h, s->count[order[i]]);
        html_raw(h, " ");
        html_c(h, verdict_label(order[i]));
        html_raw(h, "</li>");
    }
    html_raw(h, "</ul>");
}

/* What the words mean. */
void html_legend(struct html *h)
{
    static const char *const meaning[VERDICT_COUNT] = {
        [VERDICT_NOT_APPLICABLE] =
            "nothing here that it is about, or the platform or version leaves no room for it",
        [VERDICT_PASS] = "everything it is about was seen, and satisfies it",
        [VERDICT_ATTESTED] = "a named person states it, until a date",
        [VERDICT_WAIVED] =
            "fails, and a named person accepts that until a date; never counted as passed",
        [VERDICT_MANUAL] = "a person must answer",
        [VERDICT_UNKNOWN] = "evidence is missing; counted as failed in the low end of the score",
        [VERDICT_FAIL] = "something that was seen does not satisfy it",
    };
    html_raw(h, "<dl class=\"legend small\">");
    for (size_t i = 0; i < COUNT_OF(order); i++) {
        html_raw(h, "<div><dt>");
        html_verdict(h, order[i]);
        html_raw(h, "</dt><dd>");
        html_c(h, meaning[order[i]]);
        html_raw(h, "</dd></div>");
    }
    html_raw(h, "</dl>\n<p class=\"small soft\">" SCORE_FORMULA ".</p>\n");
}
