/* The fleet's page: each cluster in a row, then each control with the clusters where it fails or is
 * undecided. No script. */
#include "evidence/fleet.h"

#include "report/html.h"

#define NAMES_SHOWN 50u /* clusters under one control; fleet.json has them all */

static void put_score(struct html *h, const struct score *s)
{
    if (!s->has_score) {
        html_raw(h, "none");
        return;
    }
    html_percent(h, s->low_permille);
    if (s->low_permille != s->high_permille) {
        html_raw(h, " \xe2\x80\x93 ");
        html_percent(h, s->high_permille);
    }
}

static void put_cell(struct html *h, uint32_t n)
{
    html_raw(h, "<td>");
    html_number(h, n);
    html_raw(h, "</td>");
}

static void put_cluster(struct html *h, const struct fleet_cluster *c)
{
    html_raw(h, "<tr><th scope=\"row\">");
    html_text(h, c->key);
    if (c->name.n && !str_eq(c->name, c->key)) {
        html_raw(h, " (");
        html_text(h, c->name);
        html_raw(h, ")");
    }
    html_raw(h, "</th><td>");
    put_score(h, &c->score);
    html_raw(h, "</td>");
    put_cell(h, c->score.count[VERDICT_FAIL]);
    put_cell(h, c->urgent);
    put_cell(h, c->score.count[VERDICT_UNKNOWN]);
    put_cell(h, c->score.count[VERDICT_WAIVED]);
    put_cell(h, c->score.count[VERDICT_MANUAL]);
    put_cell(h, c->score.count[VERDICT_PASS]);
    html_raw(h, "<td>");
    html_text(h, str_printf(&h->scratch, "%.*s %.*s", STR_ARG(c->benchmark_id),
                            STR_ARG(c->benchmark_version)));
    html_raw(h, "</td><td>");
    html_text(h, c->finished);
    html_raw(h, "</td></tr>\n");
}

static void put_clusters(struct html *h, const struct fleet *f)
{
    html_raw(h,
             "<section aria-labelledby=\"clusters\">\n<h2 id=\"clusters\">Clusters</h2>\n<section "
             "class=\"wide\" tabindex=\"0\" aria-label=\"Clusters, a row "
             "each\"><table>\n<caption>One row a cluster; the score's low end counts what "
             "could not be decided as failed</caption>\n<thead><tr><th "
             "scope=\"col\">Cluster</th><th scope=\"col\">Score</th><th scope=\"col\">Failed</th>"
             "<th scope=\"col\">Critical and high</th><th scope=\"col\">Unknown</th><th "
             "scope=\"col\">Waived</th><th scope=\"col\">Manual</th>"
             "<th scope=\"col\">Passed</th><th scope=\"col\">Benchmark</th><th "
             "scope=\"col\">Finished (UTC)</th></tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < f->cluster.count; i++) {
        put_cluster(h, &f->cluster.item[i]);
        html_flush(h);
    }
    html_raw(h, "</tbody>\n</table>\n</section>\n</section>\n");
}

static void put_names(struct html *h, const struct fleet *f, size_t control, enum verdict v)
{
    uint32_t count = f->control.item[control].count[v], shown = 0;
    if (!count)
        return;
    html_raw(h, "<p>");
    html_verdict(h, v);
    html_raw(h, " ");
    html_number(h, count);
    html_raw(h, ": ");
    for (size_t i = 0; i < f->cluster.count && shown < NAMES_SHOWN; i++)
        for (size_t k = 0; k < f->cluster.item[i].cell_count && shown < NAMES_SHOWN; k++)
            if (f->cluster.item[i].cell[k].control == control &&
                f->cluster.item[i].cell[k].verdict == v) {
                if (shown++)
                    html_raw(h, ", ");
                html_text(h, f->cluster.item[i].key);
            }
    if (count > shown)
        html_raw(h, " and others, in fleet.json");
    html_raw(h, "</p>");
}

static void put_control(struct html *h, const struct fleet *f, size_t i)
{
    const struct fleet_control *c = &f->control.item[i];
    uint32_t all = 0;
    for (size_t v = 0; v < VERDICT_COUNT; v++)
        all += c->count[v];
    html_raw(h, "<tr><th scope=\"row\">");
    html_text(h, c->id);
    html_raw(h, "</th><td>");
    html_text(h, c->title);
    html_raw(h, "</td><td>");
    html_text(h, c->severity);
    html_raw(h, "</td>");
    put_cell(h, all);
    put_cell(h, c->count[VERDICT_PASS]);
    html_raw(h, "<td>");
    for (size_t v = VERDICT_COUNT; v-- > 0;)
        if (v != VERDICT_PASS && v != VERDICT_NOT_APPLICABLE)
            put_names(h, f, i, (enum verdict)v);
    html_raw(h, "</td></tr>\n");
}

/* One table a benchmark; *next: where the one after it begins. */
static void put_benchmark(struct html *h, const struct fleet *f, size_t from, size_t *next)
{
    const struct fleet_control *first = &f->control.item[from];
    struct str id = str_printf(&h->scratch, "b%zu", from);
    html_raw(h, "<section aria-labelledby=\"");
    html_text(h, id);
    html_raw(h, "\">\n<h2 id=\"");
    html_text(h, id);
    html_raw(h, "\">");
    html_text(h, str_printf(&h->scratch, "%.*s %.*s", STR_ARG(first->benchmark_id),
                            STR_ARG(first->benchmark_version)));
    html_raw(h, "</h2>\n<section class=\"wide\" tabindex=\"0\" aria-label=\"Controls of ");
    html_text(h, str_printf(&h->scratch, "%.*s %.*s", STR_ARG(first->benchmark_id),
                            STR_ARG(first->benchmark_version)));
    html_raw(h, "\"><table>\n<caption>One row a control, with the clusters where it did not "
                "pass</caption>\n<thead><tr><th scope=\"col\">Control</th>"
                "<th scope=\"col\">Title</th><th scope=\"col\">Severity</th><th "
                "scope=\"col\">Clusters</th><th scope=\"col\">Passed</th>"
                "<th scope=\"col\">Otherwise</th></tr></thead>\n<tbody>\n");
    size_t i = from;
    for (; i < f->control.count &&
           str_eq(f->control.item[i].benchmark_id, f->control.item[from].benchmark_id) &&
           str_eq(f->control.item[i].benchmark_version, f->control.item[from].benchmark_version);
         i++) {
        put_control(h, f, i);
        html_flush(h);
    }
    html_raw(h, "</tbody>\n</table>\n</section>\n</section>\n");
    *next = i;
}

bool fleet_html(const struct fleet *f, struct sink *out, struct err *err)
{
    struct html h = { .out = out, .err = err, .b = BUF_INIT((size_t)64 << 20), .ok = true };
    html_page_head(&h, str_printf(&h.scratch, "%zu clusters", f->cluster.count), (struct str){ 0 });
    html_raw(&h, "<header>\n<h1>Clusters by control</h1>\n<p>");
    html_number(&h, f->cluster.count);
    html_raw(&h, " clusters, each by its own report; none of those expected is "
                 "missing.</p>\n</header>\n<main id=\"main\">\n");
    put_clusters(&h, f);
    for (size_t i = 0; i < f->control.count;)
        put_benchmark(&h, f, i, &i);
    html_raw(&h, "</main>\n<footer>\n<p>Made by kubevouch ");
    html_c(&h, PACKAGE_VERSION);
    html_raw(&h, " from the reports of these clusters. This file loads nothing and runs "
                 "nothing.</p>\n</footer>\n</body>\n</html>\n");
    html_flush(&h);
    buf_release(&h.b);
    arena_release(&h.scratch);
    return h.ok;
}
