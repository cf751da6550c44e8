/* The first page of report.html: what was audited, the score, what was not seen, and the failures
 * by severity. */
#include "report/html.h"

#include "bench/edition.h"
#include "report/undecided.h"

static void put_nav(struct html *h)
{
    static const struct {
        const char *anchor, *text;
    } row[] = {
        { "filter", "Choose" },         { "failures", "Failures" },
        { "unknown", "Not decided" },   { "sections", "Sections" },
        { "passed", "Passed" },         { "manual", "To attest" },
        { "frameworks", "Frameworks" }, { "exceptions", "Exceptions" },
        { "population", "Population" }, { "identity", "Identity" },
        { "parameters", "Parameters" }, { "calls", "Calls" },
        { "sign-off", "Sign-off" },
    };
    html_raw(h, "<nav aria-label=\"Parts of the report\"><ul>\n");
    if (h->r->scopes.kind == VALUE_LIST && h->r->scopes.n)
        html_raw(h, "<li><a href=\"#scopes\">Borders</a></li>\n");
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        html_raw(h, "<li><a href=\"#");
        html_c(h, row[i].anchor);
        html_raw(h, "\">");
        html_c(h, row[i].text);
        html_raw(h, "</a></li>\n");
    }
    html_raw(h, "</ul></nav>\n");
}

void html_run_facts(struct html *h)
{
    const struct result *r = h->r;
    html_raw(h, "<dl class=\"facts head\">\n");
    html_fact(h, "Evidence reference", r->run.evidence_reference);
    html_fact(h, "Purpose", r->run.purpose);
    html_fact(h, "Cluster", r->run.cluster_name);
    html_fact(h, "Cluster id", r->cluster->cluster_id);
    html_fact(h, "API server", r->cluster->server_url);
    html_fact(h, "Source",
              str_eq(r->run.source, STR("live")) ? STR("the live API server") : r->run.source_text);
    html_fact(h, "Kubernetes", r->cluster->git_version);
    html_fact(h, "Benchmark", r->bench->title);
    html_fact(h, "Chosen because", r->run.benchmark_reason);
    html_fact(h, "Newer edition", edition_text(&h->scratch, r->bench));
    html_fact(h, "Profile", r->run.profile.n ? r->run.profile : STR("all levels"));
    html_fact(h, "Tool", str_printf(&h->scratch, "kubevouch %.*s", STR_ARG(r->run.tool_version)));
    html_fact(h, "Started",
              clock_format_rfc3339(&h->scratch, (struct instant){ r->run.started.s, 0 }));
    html_fact(h, str_eq(r->run.source, STR("live")) ? "Finished" : "Judged",
              clock_format_rfc3339(&h->scratch, (struct instant){ r->run.finished.s, 0 }));
    html_fact(h, "Audited as", r->cluster->user);
    html_fact(h, "Run", str_from_c(r->run.id));
    html_raw(h, "</dl>\n");
}

static void put_score(struct html *h)
{
    const struct score *s = &h->r->score;
    html_raw(h, "<div class=\"score\"><div><div class=\"soft\">Score</div><div class=\"figure\">");
    if (!s->has_score) {
        html_raw(h, "none");
    } else {
        html_percent(h, s->low_permille);
        if (s->high_permille != s->low_permille) {
            html_raw(h, " \xe2\x80\x93 ");
            html_percent(h, s->high_permille);
        }
    }
    html_raw(h, "</div></div>\n<div class=\"all\">");
    html_verdict_bar(h);
    html_raw(h, "</div></div>\n");
}

void html_lacking(struct html *h, struct str reason, struct str remedy)
{
    html_raw(h, "<p>");
    html_text(h, reason);
    html_raw(h, "</p>");
    if (!remedy.n)
        return;
    html_raw(h, "<p>To have it: ");
    html_text(h, remedy);
    html_raw(h, "</p>");
}

static void put_gap(struct html *h, struct str what, const struct coverage *c)
{
    html_raw(h, "<div class=\"gap\"><p><strong>");
    html_text(h, what);
    html_raw(h, "</strong> (");
    html_c(h, coverage_state_name(c->state));
    html_raw(h, ")</p>");
    html_lacking(h, c->reason, c->remedy);
    html_raw(h, "</div>\n");
}

/* What several checks lack, whether it was refused or not asked for. */
static void put_lacking(struct html *h)
{
    struct arena a CLEANUP(arena_release) = { 0 };
    struct undecided *group;
    size_t count = undecided_groups(&a, h->r, &group), alone = 0;
    for (size_t i = 0; i < count; i++) {
        alone += group[i].count < 2;
        if (group[i].count < 2)
            continue;
        html_raw(h, "<div class=\"gap\"><p><strong>");
        html_number(h, group[i].count);
        html_raw(h, " checks</strong>: ");
        html_text(h, undecided_ids(&a, &group[i]));
        html_raw(h, "</p>");
        html_lacking(h, group[i].reason, group[i].remedy);
        html_raw(h, "</div>\n");
    }
    if (!alone)
        return;
    html_raw(h, "<p>");
    html_number(h, alone);
    html_add(h, alone == 1 ? STR(" check lacks evidence for a reason of its own")
                           : STR(" checks lack evidence for reasons of their own"));
    html_add(h, h->is_extract ? STR(": see <a href=\"#checks\">The checks</a>.</p>\n")
                              : STR(": see <a href=\"#unknown\">Not decided</a>.</p>\n"));
}

void html_coverage(struct html *h)
{
    size_t gaps = 0;
    html_part(h, "coverage", "What was not seen");
    for (size_t k = 0; k < KIND_COUNT; k++) {
        if (!coverage_is_gap(&h->r->cluster->coverage[k]))
            continue;
        put_gap(h, kind_text(&h->scratch, (enum kind)k), &h->r->cluster->coverage[k]);
        gaps++;
    }
    for (size_t e = 0; e < ENDPOINT_COUNT; e++) {
        if (!coverage_is_gap(&h->r->cluster->endpoint[e]))
            continue;
        put_gap(h, str_from_c(endpoint_what((enum endpoint)e)), &h->r->cluster->endpoint[e]);
        gaps++;
    }
    put_lacking(h);
    if (!gaps)
        html_raw(h, "<p>Every list and every answer that was asked for was seen to its end.</p>\n");
    html_raw(h, "<ul>\n");
    for (size_t i = 0; i < h->r->note_count; i++) {
        html_raw(h, "<li>");
        html_text(h, h->r->note[i]);
        html_raw(h, "</li>\n");
    }
    for (size_t i = 0; i < h->r->cluster->warnings.count; i++) {
        html_raw(h, "<li>The API server warned: ");
        html_text(h, h->r->cluster->warnings.item[i]);
        html_raw(h, "</li>\n");
    }
    html_raw(h, "</ul>\n");
}

void html_head(struct html *h)
{
    const struct result *r = h->r;
    html_raw(h, "<header>\n<h1>Configuration audit of ");
    html_text(h, r->run.cluster_name.n ? r->run.cluster_name : STR("a Kubernetes cluster"));
    html_raw(h, "</h1>\n<p class=\"soft\">");
    html_text(h, r->bench->title);
    html_raw(h, "</p>\n");
    html_run_facts(h);
    html_raw(h, "</header>\n");
    put_nav(h);
    html_raw(h, "<main id=\"main\">\n<h2 id=\"verdict\">Verdict</h2>\n");
    put_score(h);
    html_summary(h);
    html_legend(h);
    for (size_t i = 0; i < r->broken_off_count; i++) {
        html_raw(h, "<p><strong>This audit broke off:</strong> ");
        html_text(h, r->broken_off[i]);
        html_raw(h, ".</p>\n");
    }
    if (r->incomplete) {
        html_raw(h, "<p><strong>This audit is incomplete:</strong> ");
        html_number(h, r->score.count[VERDICT_UNKNOWN]);
        html_add(h, h->r->score.count[VERDICT_UNKNOWN] == 1
                        ? STR(" check lacks its evidence. It counts")
                        : STR(" checks lack their evidence. They count"));
        html_raw(h, " as failed in the low end of the score.</p>\n");
    }
    html_coverage(h);
}
