/* framework.html: what a run shows for one framework, or for each if none leads, to be handed over
 * alone: cover, scope, population, requirement by requirement, the checks behind them with rows
 * that passed and failed, exceptions, limits, sign-off. */
#include "report/html.h"

/* Of each verdict, under each part of a check. */
#define ROWS_PER_PART 4u

static bool is_shown(const struct result *r, const struct framework_result *f)
{
    return !r->run.leading_framework.n || str_eq(f->framework->id, r->run.leading_framework);
}

static struct str title_of(struct arena *a, const struct result *r)
{
    for (size_t i = 0; i < r->framework_count; i++)
        if (r->run.leading_framework.n && is_shown(r, &r->framework[i]))
            return str_printf(a, "%.*s %.*s", STR_ARG(r->framework[i].framework->title),
                              STR_ARG(r->framework[i].framework->version));
    return STR("frameworks");
}

static void put_cover(struct html *h)
{
    const struct result *r = h->r;
    html_raw(h, "<header class=\"cover\">\n<h1>Evidence for ");
    html_text(h, title_of(&h->scratch, r));
    html_raw(h, "</h1>\n<p>What a configuration audit of ");
    html_text(h, r->run.cluster_name.n ? r->run.cluster_name : STR("a Kubernetes cluster"));
    html_raw(h, " tested and found, by ");
    html_text(h, r->bench->title);
    html_raw(h, ".</p>\n");
    html_run_facts(h);
    html_raw(h, "</header>\n<nav aria-label=\"Parts of the report\"><ul>\n");
    static const char *const part[][2] = {
        { "verdict", "Scope" },     { "coverage", "Not seen" },     { "leading", "Requirements" },
        { "checks", "Checks" },     { "exceptions", "Exceptions" }, { "population", "Population" },
        { "identity", "Identity" }, { "parameters", "Parameters" }, { "calls", "Calls" },
        { "sign-off", "Sign-off" }
    };
    for (size_t i = 0; i < COUNT_OF(part); i++) {
        html_raw(h, "<li><a href=\"#");
        html_c(h, part[i][0]);
        html_raw(h, "\">");
        html_c(h, part[i][1]);
        html_raw(h, "</a></li>\n");
    }
    html_raw(h, "</ul></nav>\n<main id=\"main\">\n");
}

/* ---- which checks */

static bool *checks_of(struct arena *a, const struct result *r)
{
    bool *named = arena_array(a, bool, r->check_count);
    for (size_t i = 0; i < r->framework_count; i++)
        for (size_t q = 0;
             is_shown(r, &r->framework[i]) && q < r->framework[i].framework->requirement_count; q++)
            for (size_t k = 0; k < r->framework[i].requirement[q].pair_count; k++)
                named[r->framework[i].requirement[q].pair[k].check] = true;
    return named;
}

static void put_scope(struct html *h, const bool *named)
{
    size_t count = 0, unknown = 0;
    for (size_t i = 0; i < h->r->check_count; i++) {
        count += named[i];
        unknown += named[i] && h->r->check[i].verdict == VERDICT_UNKNOWN;
    }
    html_part(h, "verdict", "Scope");
    html_add(
        h,
        h->r->files
            ? STR("<ul>\n<li>The objects in the files named above; what no file holds was not "
                  "seen, nor what a cluster runs.</li>\n<li>")
            : STR("<ul>\n<li>The configuration of the cluster named above, as its API server told "
                  "it; nothing behind it, no process of people, no other system.</li>\n<li>"));
    html_number(h, h->r->check_count);
    html_raw(h, " checks were made, of which ");
    html_number(h, count);
    html_raw(h, " are evidence for the requirements here; ");
    html_number(h, unknown);
    html_raw(h,
             " of these could not be decided for want of evidence.</li>\n"
             "<li>No sampling: every object of each <a href=\"#population\">population</a> that "
             "was read was judged; which lists were read to their end is told there, what was not "
             "seen <a href=\"#coverage\">below</a>.</li>\n"
             "<li>A point in time, from the start to the finish above.</li>\n<li>Whether the "
             "cluster, or what part of it, is in the scope of the assessment is the entity's word");
    html_add(h, h->r->scopes.kind == VALUE_LIST && h->r->scopes.n
                    ? STR("; what crosses the borders of the scopes that it named stands under <a "
                          "href=\"#scopes\">Borders</a>")
                    : STR(""));
    html_raw(h, ".</li>\n</ul>\n");
    html_flush(h);
}

static void put_requirements(struct html *h)
{
    bool any = false;
    html_part(h, "leading", "Evidence by requirement");
    for (size_t i = 0; i < h->r->framework_count; i++)
        if (is_shown(h->r, &h->r->framework[i])) {
            html_framework(h, &h->r->framework[i]);
            any = true;
        }
    if (!any)
        html_raw(h, "<p>The benchmark names no framework's requirements.</p>\n");
}

static void put_checks(struct html *h, const bool *named)
{
    bool any = false;
    html_part(h, "checks", "The checks, with rows that passed and failed");
    html_raw(h, "<p>An extract: of each verdict the first ");
    html_number(h, ROWS_PER_PART);
    html_raw(h, " rows under each population; what is left out is counted by verdict, and "
                "findings.jsonl and report.json of the same run have all. "
                "Rows that passed are shown where a check shows what it saw of each; elsewhere "
                "they are counted.</p>\n");
    for (int v = VERDICT_COUNT - 1; v >= 0; v--)
        for (size_t i = 0; i < h->r->check_count; i++)
            if (named[i] && (int)h->r->check[i].verdict == v) {
                html_check(h, &h->r->check[i]);
                any = true;
            }
    if (!any)
        html_raw(h, "<p>No check of this run is evidence for a requirement.</p>\n");
}

bool report_assessment(const struct result *r, struct sink *out, struct err *err)
{
    struct html h = { .r = r,
                      .out = out,
                      .err = err,
                      .b = BUF_INIT((size_t)64 << 20),
                      .ok = true,
                      .check_level = 3,
                      .rows_per_part = ROWS_PER_PART,
                      .is_extract = true };
    struct arena page CLEANUP(arena_release) = { 0 };
    struct buf rules CLEANUP(buf_release) = BUF_INIT((size_t)64 << 10);
    const bool *named = checks_of(&page, r);
    html_paper_rules(&rules, r);
    html_page_head(&h,
                   str_printf(&page, "%.*s \xc2\xb7 %.10s",
                              STR_ARG(str_sub(title_of(&page, r), 0, 50)),
                              clock_format_rfc3339(&page, r->run.finished).p),
                   buf_str(&rules));
    put_cover(&h);
    put_scope(&h, named);
    html_coverage(&h);
    put_requirements(&h);
    put_checks(&h, named);
    html_scopes(&h);
    html_exceptions(&h);
    html_evidence(&h);
    html_raw(&h, "</main>\n<footer>\n<p>Made by kubevouch ");
    html_text(&h, r->run.tool_version);
    html_raw(&h, ". This file loads nothing and runs nothing.</p>\n</footer>\n</body>\n</html>\n");
    html_flush(&h);
    buf_release(&h.b);
    arena_release(&h.scratch);
    return h.ok;
}
