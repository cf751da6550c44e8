/* The frameworks' requirements in report.html: what was tested and found for each, and what is left
 * to whoever assesses. */
#include "report/html.h"

/* So many of a requirement's checks are told at once, failures before all others; the rest is
 * folded away. */
#define PAIRS_SHOWN 3u

static void put_verdict_count(struct html *h, uint32_t n, enum verdict v)
{
    html_raw(h, "<span class=\"pair\">");
    html_number(h, n);
    html_raw(h, " ");
    html_verdict(h, v);
    html_raw(h, "</span> ");
}

static void put_verdict_counts(struct html *h, const uint32_t count[VERDICT_COUNT])
{
    for (int v = VERDICT_COUNT - 1; v >= 0; v--)
        if (count[v])
            put_verdict_count(h, count[v], (enum verdict)v);
}

/* "2 of kind User and Group:" of what the pair narrows itself to. */
static void put_only(struct html *h, const struct requirement_pair *p)
{
    if (!p->ref->only.n)
        return;
    html_raw(h, "<span class=\"soft\">only ");
    html_text(h, p->ref->only);
    if (p->share) {
        html_raw(h, " (");
        html_number(h, p->share->population);
        html_raw(h, " judged");
        if (p->share->unsure) {
            html_raw(h, ", of which ");
            html_number(h, p->share->unsure);
            html_raw(h, " may be none of them");
        }
        html_raw(h, ")");
    }
    html_raw(h, ":</span> ");
}

static void put_condition(struct html *h, const struct requirement_pair *p)
{
    if (p->condition == CONDITION_NONE)
        return;
    html_raw(h, "<span class=\"soft\">");
    html_c(h, pair_counts(p) ? "Only where " : "Not counted: it is evidence only where ");
    html_text(h, p->ref->when->reason);
    html_c(h, p->condition == CONDITION_HOLDS   ? ", which holds here:"
              : p->condition == CONDITION_FAILS ? ", which does not hold here:"
                                                : ", which cannot be seen here");
    if (p->condition == CONDITION_UNSEEN) {
        html_c(h, p->unseen.n ? " (" : "");
        html_text(h, p->unseen);
        html_c(h, p->unseen.n ? "):" : ":");
    }
    html_raw(h, "</span> ");
}

static void put_pair(struct html *h, const struct requirement_pair *p)
{
    const struct check_result *c = &h->r->check[p->check];
    html_raw(h, "<li>");
    html_check_link(h, c->check);
    html_raw(h, " ");
    if (pair_counts(p))
        html_verdict(h, p->verdict);
    html_raw(h, " <span class=\"sev\">");
    html_c(h, strength_name[p->ref->strength]);
    html_raw(h, "</span> ");
    put_only(h, p);
    put_condition(h, p);
    html_text(h, p->ref->rationale);
    html_raw(h, "</li>");
}

/* What a condition keeps out of the counts is told beside them. */
static void put_uncounted(struct html *h, uint32_t n)
{
    if (!n)
        return;
    html_raw(h, "<span class=\"pair\">");
    html_number(h, n);
    html_raw(h, " not counted</span> ");
}

static void put_pair_list(struct html *h, const struct requirement_result *q, size_t first,
                          size_t end)
{
    html_raw(h, "<ul class=\"small pairs\">");
    for (size_t i = first; i < end; i++)
        put_pair(h, &q->pair[i]);
    html_raw(h, "</ul>");
}

/* The list is cut by itself, and what was cut is counted by verdict. */
static void put_pairs(struct html *h, const struct requirement_result *q)
{
    uint32_t left[VERDICT_COUNT] = { 0 }, uncounted = 0;
    size_t shown = q->pair_count <= PAIRS_SHOWN + 1 ? q->pair_count : PAIRS_SHOWN;
    if (!q->pair_count)
        return;
    put_pair_list(h, q, 0, shown);
    if (shown == q->pair_count)
        return;
    for (size_t i = shown; i < q->pair_count; i++) {
        left[q->pair[i].verdict] += pair_counts(&q->pair[i]);
        uncounted += !pair_counts(&q->pair[i]);
    }
    html_raw(h, "<details class=\"brief\"><summary><span>");
    html_number(h, q->pair_count - shown);
    html_raw(h, " more, of which ");
    put_verdict_counts(h, left);
    put_uncounted(h, uncounted);
    html_raw(h, "</span></summary><div class=\"body\">");
    put_pair_list(h, q, shown, q->pair_count);
    html_raw(h, "</div></details>");
}

static void put_marks(struct html *h, const struct requirement *q)
{
    for (size_t i = 0; i < q->mark_count; i++) {
        html_raw(h, "<br><span class=\"small\">");
        html_text(h, q->mark[i]->text);
        html_raw(h, "</span>");
    }
}

static void put_found(struct html *h, const struct requirement_result *q)
{
    html_raw(h, "<p><strong>");
    html_c(h, found_text(q->found));
    html_raw(h, "</strong></p>");
    if (!q->pair_count)
        return;
    html_raw(h, "<p class=\"small\">");
    put_verdict_counts(h, q->verdict);
    put_uncounted(h, q->uncounted);
    html_raw(h, "</p><p class=\"small soft\">");
    for (int s = STRENGTH_COUNT - 1, any = 0; s >= 0; s--) {
        if (!q->strength[s])
            continue;
        if (any++)
            html_raw(h, ", ");
        html_number(h, q->strength[s]);
        html_raw(h, " ");
        html_c(h, strength_name[s]);
    }
    html_raw(h, "</p>");
}

static void put_line(struct html *h, const char *head, struct str text)
{
    if (!text.n)
        return;
    html_raw(h, "<p class=\"small\"><span class=\"soft\">");
    html_c(h, head);
    html_raw(h, "</span> ");
    html_text(h, text);
    html_raw(h, "</p>");
}

static void put_run(struct html *h, const struct requirement *q)
{
    if (!q->by_run)
        return;
    html_raw(
        h, "<ul class=\"small pairs\"><li><a href=\"#verdict\">this run</a> <span class=\"sev\">");
    html_c(h, strength_name[q->run_strength]);
    html_raw(h, "</span> ");
    html_text(h, q->run_rationale);
    html_raw(h, "</li></ul>");
}

/* A threshold of the framework's, and the one that its checks were judged by. */
static void put_thresholds(struct html *h, const struct framework *f, const struct requirement *q)
{
    for (size_t i = 0; i < f->param_count; i++) {
        const struct value *v = value_get(h->r->params, f->param[i].name);
        if (!str_eq(f->param[i].requirement, q->id) || !v)
            continue;
        html_raw(h, "<p class=\"small\"><span class=\"soft\">Asked:</span> <span class=\"mono\">");
        html_text(h, f->param[i].name);
        html_raw(h, " ");
        html_value(h, f->param[i].value);
        html_raw(h, "</span>, judged by <span class=\"mono\">");
        html_value(h, *v);
        html_raw(h, "</span>. ");
        html_text(h, f->param[i].reason);
        if (!value_equal(*v, f->param[i].value))
            html_raw(h, " <strong>Not in force in this run.</strong>");
        html_raw(h, "</p>");
    }
}

/* Empty, and to stay so until a person fills them. */
static void put_conclusions(struct html *h, const struct framework *f)
{
    if (!f->conclusion_count)
        return;
    html_raw(h, "<p class=\"small conclude\"><span class=\"soft\">To be concluded:</span>");
    for (size_t i = 0; i < f->conclusion_count; i++) {
        html_raw(h, " <span class=\"pair\">\xe2\x98\x90 ");
        html_text(h, f->conclusion[i]);
        html_raw(h, "</span>");
    }
    html_raw(h, "</p>");
}

static void put_requirement(struct html *h, const struct framework *f,
                            const struct requirement_result *q)
{
    html_raw(h, "<tr><th scope=\"row\">");
    html_text(h, q->requirement->id);
    html_raw(h, "<br><span class=\"small soft\">");
    html_text(h, q->requirement->title);
    html_raw(h, "</span>");
    put_marks(h, q->requirement);
    html_raw(h, "</th><td class=\"tested\">");
    put_found(h, q);
    html_raw(h, "</td><td>");
    put_line(h, "Only if:", q->requirement->when);
    put_thresholds(h, f, q->requirement);
    put_run(h, q->requirement);
    put_pairs(h, q);
    put_line(h, "Not shown:", q->requirement->not_shown);
    put_conclusions(h, f);
    html_raw(h, "</td></tr>\n");
    html_flush(h);
}

static bool has_evidence(const struct requirement_result *q)
{
    return q->pair_count || q->requirement->by_run;
}

static void put_evidenced(struct html *h, const struct framework_result *f)
{
    html_raw(h,
             "<div class=\"wide\"><table class=\"stack requirements\"><caption>Requirements that "
             "checks of this run are evidence for, in the framework's order"
             "</caption><thead><tr><th scope=\"col\">Requirement</th><th scope=\"col\">Tested and "
             "found</th><th scope=\"col\">Evidence, how far and why</th></tr></thead><tbody>\n");
    for (size_t i = 0; i < f->framework->requirement_count; i++)
        if (has_evidence(&f->requirement[i]))
            put_requirement(h, f->framework, &f->requirement[i]);
    html_raw(h, "</tbody></table></div>\n");
}

/* ---- those without */

static bool is_without(const struct requirement_result *q, enum evidenceable e,
                       enum no_evidence reason)
{
    return !has_evidence(q) && q->requirement->evidenceable == e &&
           (e != EVIDENCE_NONE || q->requirement->reason == reason);
}

static void put_without_list(struct html *h, const struct framework_result *f, enum evidenceable e,
                             enum no_evidence reason, const char *head)
{
    size_t count = 0;
    for (size_t i = 0; i < f->framework->requirement_count; i++)
        count += is_without(&f->requirement[i], e, reason);
    if (!count)
        return;
    html_raw(h, "<h4>");
    html_c(h, head);
    html_raw(h, " (");
    html_number(h, count);
    html_raw(h, ")</h4><ul class=\"small columns\">\n");
    for (size_t i = 0; i < f->framework->requirement_count; i++) {
        const struct requirement *q = f->requirement[i].requirement;
        if (!is_without(&f->requirement[i], e, reason))
            continue;
        html_raw(h, "<li><strong>");
        html_text(h, q->id);
        html_raw(h, "</strong> ");
        html_text(h, q->title);
        if (e == EVIDENCE_POSSIBLE) {
            html_raw(h, " <span class=\"soft\">");
            html_text(h, q->not_shown);
            html_raw(h, "</span>");
        }
        put_marks(h, q);
        html_raw(h, "</li>\n");
        html_flush(h);
    }
    html_raw(h, "</ul>\n");
}

static void put_without(struct html *h, const struct framework_result *f)
{
    size_t without = 0;
    for (size_t i = 0; i < f->framework->requirement_count; i++)
        without += !has_evidence(&f->requirement[i]);
    if (!without)
        return;
    html_raw(h, "<details><summary>");
    html_number(h, without);
    html_raw(h, " requirements that no check of this run is evidence for, and why</summary><div "
                "class=\"body\">\n");
    put_without_list(h, f, EVIDENCE_CONTRIBUTES, NO_EVIDENCE_DOCUMENTS,
                     "Configuration can show something of it; no check that was run does");
    put_without_list(h, f, EVIDENCE_POSSIBLE, NO_EVIDENCE_DOCUMENTS,
                     "A cluster could show something of it; no check looks for it");
    for (size_t i = 0; i < NO_EVIDENCE_COUNT; i++)
        put_without_list(h, f, EVIDENCE_NONE, (enum no_evidence)i, no_evidence_text[i]);
    html_raw(h, "</div></details>\n");
    html_flush(h);
}

/* ---- a framework */

static void put_mark_counts(struct html *h, const struct framework *f)
{
    if (!f->mark_count)
        return;
    html_raw(h, "<ul class=\"small\">");
    for (size_t m = 0; m < f->mark_count; m++) {
        size_t count = 0;
        for (size_t i = 0; i < f->requirement_count; i++)
            for (size_t k = 0; k < f->requirement[i].mark_count; k++)
                count += f->requirement[i].mark[k] == &f->mark[m];
        html_raw(h, "<li>");
        html_number(h, count);
        html_raw(h, " of them: ");
        html_text(h, f->mark[m].text);
        html_raw(h, "</li>");
    }
    html_raw(h, "</ul>\n");
}

static void put_found_counts(struct html *h, const struct framework_result *f)
{
    html_raw(h, "<ul class=\"counts\">");
    for (int i = FOUND_COUNT - 1; i >= 0; i--) {
        if (!f->found[i])
            continue;
        html_raw(h, "<li class=\"not-applicable\">");
        html_number(h, f->found[i]);
        html_raw(h, " ");
        html_c(h, found_text((enum found)i));
        html_raw(h, "</li>");
    }
    html_raw(h, "</ul>\n");
}

/* Of a framework that does not lead the requirements are folded away: there may be hundreds. */
static void put_framework(struct html *h, const struct framework_result *f, bool leads)
{
    html_raw(h, "<h3 id=\"framework-");
    html_anchor(h, f->framework->id);
    html_raw(h, "\">");
    html_text(h, f->framework->title);
    html_raw(h, " ");
    html_text(h, f->framework->version);
    html_raw(h, "</h3>\n<p>Of ");
    html_number(h, f->framework->requirement_count);
    html_raw(h, " requirements this run contributes evidence to ");
    html_number(h, f->contributed);
    if (f->conditional) {
        html_raw(h, ", to ");
        html_number(h, f->conditional);
        html_raw(h, " of these under a condition that it cannot see");
    }
    html_raw(h, "; to ");
    html_number(h, f->framework->requirement_count - f->contributed);
    html_raw(h, " it does not. A requirement has no verdict here: whoever assesses concludes. "
                "<em>direct</em>: what it asks of this component is what was tested; "
                "<em>partial</em>: part of it, or for part of the components; <em>support</em>: an "
                "input that decides nothing.</p>\n");
    put_found_counts(h, f);
    put_mark_counts(h, f->framework);
    if (!leads)
        html_raw(h, "<details><summary>Requirement by requirement</summary><div class=\"body\">\n");
    put_evidenced(h, f);
    if (!leads)
        html_raw(h, "</div></details>\n");
    put_without(h, f);
}

void html_framework(struct html *h, const struct framework_result *f)
{
    put_framework(h, f, true);
}

/* Beside one that leads the others are told in a line each. */
static void put_others(struct html *h)
{
    html_raw(h,
             "<div class=\"wide\"><table class=\"stack\"><caption>Other frameworks, by what this "
             "run contributes to their requirements</caption><thead><tr>"
             "<th scope=\"col\">Framework</th><th scope=\"col\">Requirements</th><th "
             "scope=\"col\">Contributed to</th><th scope=\"col\">Found</th></tr></thead><tbody>\n");
    for (size_t i = 0; i < h->r->framework_count; i++) {
        const struct framework_result *f = &h->r->framework[i];
        if (str_eq(f->framework->id, h->r->run.leading_framework))
            continue;
        html_raw(h, "<tr><th scope=\"row\">");
        html_text(h, f->framework->title);
        html_raw(h, " ");
        html_text(h, f->framework->version);
        html_raw(h, "</th><td>");
        html_number(h, f->framework->requirement_count);
        html_raw(h, "</td><td>");
        html_number(h, f->contributed);
        html_raw(h, "</td><td>");
        put_found_counts(h, f);
        html_raw(h, "</td></tr>\n");
    }
    html_raw(h,
             "</tbody></table></div>\n<p class=\"small\">kubevouch render report.json --framework "
             "ID makes the page of another, and with -f framework one that stands alone.</p>\n");
}

static const struct framework_result *leader(const struct result *r)
{
    for (size_t i = 0; i < r->framework_count; i++)
        if (str_eq(r->framework[i].framework->id, r->run.leading_framework))
            return &r->framework[i];
    return NULL;
}

void html_frameworks(struct html *h, bool leading)
{
    const struct framework_result *first = leader(h->r);
    if (leading) {
        if (!first)
            return;
        html_part(h, "leading", "Evidence by requirement");
        put_framework(h, first, true);
        return;
    }
    html_part(h, "frameworks", "Frameworks");
    if (first)
        html_raw(h, "<p>The leading framework stands at the top of this report.</p>\n");
    if (first && h->r->framework_count > 1) {
        put_others(h);
        return;
    }
    for (size_t i = 0; i < h->r->framework_count && !first; i++)
        put_framework(h, &h->r->framework[i], false);
}
