/* The register of exceptions in report.html. */
#include "report/html.h"

static void put_day(struct html *h, struct instant t)
{
    if (t.s)
        html_text(h, str_sub(clock_format_rfc3339(&h->scratch, (struct instant){ t.s, 0 }), 0, 10));
}

static void put_labelled(struct html *h, const char *label, struct str text)
{
    if (!text.n)
        return;
    html_raw(h, "<br><span class=\"small\"><span class=\"soft\">");
    html_c(h, label);
    html_raw(h, "</span> ");
    html_text(h, text);
    html_raw(h, "</span>");
}

static void put_exception(struct html *h, const struct exception *e)
{
    html_raw(h, "<tr><th scope=\"row\">");
    html_text(h, e->check.n ? e->check : e->param);
    html_raw(h, "<br><span class=\"small mono\">");
    html_text(h, e->check.n ? e->object : e->value);
    html_raw(h, "</span></th><td>");
    html_c(h, e->param.n && e->state == EXCEPTION_IN_FORCE && !e->approved
                  ? "accepted"
                  : exception_state_text(e->state));
    if (!e->approved &&
        (e->state == EXCEPTION_IN_FORCE || (e->param.n && e->state != EXCEPTION_UNUSED)))
        html_raw(h, "<br><strong>unapproved</strong>");
    html_raw(h, "</td><td class=\"num\" data-label=\"findings \">");
    if (e->check.n)
        html_number(h, e->findings);
    html_raw(h, "</td><td>");
    html_text(h, e->reason.n ? e->reason : STR("(none given)"));
    put_labelled(h, "compensating control", e->compensating);
    put_labelled(h, "ticket", e->ticket);
    html_raw(h, "</td><td>");
    html_text(h, e->owner);
    put_labelled(h, "approved by", e->approver);
    html_raw(h, "</td><td class=\"keep\" data-label=\"created, expires \">");
    put_day(h, e->created);
    html_raw(h, "<br>");
    put_day(h, e->expires);
    html_raw(h, "</td></tr>\n");
    html_flush(h);
}

void html_exceptions(struct html *h)
{
    html_part(h, "exceptions", "Exceptions");
    if (!h->r->exception_count) {
        html_raw(h, "<p>None: no finding is waived, and no parameter accepts more than its own "
                    "value does.</p>\n");
        return;
    }
    html_raw(h,
             "<p>What is waived fails, and counts as not passed. What a parameter accepts beyond "
             "its own value is left out of what is judged, approved or not.</p>\n"
             "<section class=\"wide\" tabindex=\"0\" aria-label=\"Register of exceptions\"><table "
             "class=\"stack\"><caption>Register: unapproved ones first, then those in force, then "
             "those without effect"
             "</caption><thead><tr><th scope=\"col\">Check and object, or parameter and "
             "value</th><th scope=\"col\">State</th><th scope=\"col\" class=\"num\">Findings</th>"
             "<th scope=\"col\">Reason</th><th scope=\"col\">Owner</th><th scope=\"col\">Created, "
             "expires</th></tr></thead><tbody>\n");
    for (size_t i = 0; i < h->r->exception_count; i++)
        put_exception(h, &h->r->exception[i]);
    html_raw(h, "</tbody></table></section>\n");
    html_flush(h);
}
