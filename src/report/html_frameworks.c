/* The frameworks' requirements in report.html, with the checks that are evidence for them. */
#include "report/html.h"

static bool said_before(const struct requirement_result *q, size_t check)
{
    for (size_t i = 0; i < check; i++)
        if (str_eq(q->rationale[i], q->rationale[check]))
            return true;
    return false;
}

/* Each rationale once, before the checks that it holds for. */
static void put_rationales(struct html *h, const struct requirement_result *q)
{
    for (size_t c = 0; c < q->check_count; c++) {
        if (said_before(q, c))
            continue;
        html_raw(h, "<p class=\"small\">");
        html_text(h, q->rationale[c]);
        for (size_t i = c; i < q->check_count; i++) {
            const struct check_result *k = &h->r->check[q->check[i]];
            if (!str_eq(q->rationale[i], q->rationale[c]))
                continue;
            html_raw(h, " <span class=\"pair\">");
            html_check_link(h, k->check);
            html_raw(h, " ");
            html_verdict(h, k->verdict);
            html_raw(h, "</span>");
        }
        html_raw(h, "</p>");
    }
}

static void put_evidenced(struct html *h, const struct framework_result *f)
{
    html_raw(h, "<div class=\"wide\"><table class=\"stack\"><caption>Requirements with evidence in this audit, in the framework's order"
                "</caption><thead><tr><th scope=\"col\">Requirement</th><th scope=\"col\">Verdict</th><th scope=\"col\">Why these checks are evidence</th></tr></thead><tbody>\n");
    for (size_t i = 0; i < f->framework->requirement_count; i++) {
        const struct requirement_result *q = &f->requirement[i];
        if (!q->check_count)
            continue;
        html_raw(h, "<tr><th scope=\"row\">");
        html_text(h, q->requirement->id);
        html_raw(h, "<br><span class=\"small soft\">");
        html_text(h, q->requirement->title);
        html_raw(h, "</span></th><td class=\"keep\">");
        html_verdict(h, q->verdict);
        html_raw(h, "</td><td>");
        put_rationales(h, q);
        html_raw(h, "</td></tr>\n");
        html_flush(h);
    }
    html_raw(h, "</tbody></table></div>\n");
}

static void put_not_evidenced(struct html *h, const struct framework_result *f)
{
    html_raw(h, "<details><summary>");
    html_number(h, f->not_evidenced);
    html_raw(h, " requirements this audit has no evidence for</summary><div class=\"body\"><ul class=\"small columns\">\n");
    for (size_t i = 0; i < f->framework->requirement_count; i++) {
        const struct requirement_result *q = &f->requirement[i];
        if (q->check_count)
            continue;
        html_raw(h, "<li><strong>");
        html_text(h, q->requirement->id);
        html_raw(h, "</strong> ");
        html_text(h, q->requirement->title);
        if (q->requirement->note.n) {
            html_raw(h, " <span class=\"soft\">");
            html_text(h, q->requirement->note);
            html_raw(h, "</span>");
        }
        html_raw(h, "</li>\n");
    }
    html_raw(h, "</ul></div></details>\n");
    html_flush(h);
}

static void put_framework(struct html *h, const struct framework_result *f)
{
    html_raw(h, "<h3 id=\"framework-");
    html_text(h, f->framework->id);
    html_raw(h, "\">");
    html_text(h, f->framework->title);
    html_raw(h, " ");
    html_text(h, f->framework->version);
    html_raw(h, "</h3>\n<p>Of ");
    html_number(h, f->framework->requirement_count);
    html_raw(h, " requirements this audit contributes evidence to ");
    html_number(h, f->evidenced);
    html_raw(h, "; to ");
    html_number(h, f->not_evidenced);
    html_raw(h, " it does not. A check that passes is evidence for a requirement; it does not fulfil one.</p>\n");
    put_evidenced(h, f);
    put_not_evidenced(h, f);
}

void html_frameworks(struct html *h, bool leading)
{
    if (!leading)
        html_raw(h, "<h2 id=\"frameworks\">Frameworks</h2>\n");
    for (size_t i = 0; i < h->r->framework_count; i++) {
        const struct framework_result *f = &h->r->framework[i];
        bool leads = str_eq(f->framework->id, h->r->run.leading_framework);
        if (leads != leading) {
            if (leads)
                html_raw(h, "<p>The leading framework stands at the top of this report.</p>\n");
            continue;
        }
        if (leading)
            html_raw(h, "<h2 id=\"leading\">Evidence by requirement</h2>\n");
        put_framework(h, f);
    }
}
