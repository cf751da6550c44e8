/* A period as a page: one file, no script, nothing loaded. */
#include "evidence/period.h"
#include "report/safe.h"

static const char style[] =
    ":root{color-scheme:light dark;--line:#767676}body{font:1rem/1.5 "
    "system-ui,sans-serif;max-width:80rem;margin:0 auto;padding:1rem;overflow-wrap:anywhere}"
    "table{border-collapse:collapse;width:100%;margin:0 0 "
    "1rem}caption{text-align:left;font-weight:600;padding:.25rem 0}"
    "th,td{border-bottom:1px solid var(--line);padding:.25rem "
    ".5rem;text-align:left;vertical-align:top}.n{text-align:right;white-space:nowrap}"
    ".wide{overflow-x:auto}dt{font-weight:600}@media "
    "print{@page{margin:15mm}tr{break-inside:avoid}.wide{overflow:visible}}";

static void put(struct buf *out, const char *markup)
{
    buf_add_c(out, markup);
}

static void put_text(struct buf *out, const char *before, struct str text, const char *after)
{
    put(out, before);
    safe_html(out, text);
    put(out, after);
}

static void put_head(struct buf *out, struct arena *a, const struct period *p)
{
    uint8_t digest[SHA256_BYTES];
    sha256_of(str_from_c(style), digest);
    put(out,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta "
        "http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-");
    enc_base64(out, str_of((const char *)digest, sizeof digest));
    put(out,
        "'; img-src data:; base-uri 'none'; form-action 'none'\">\n<meta name=\"viewport\" "
        "content=\"width=device-width, initial-scale=1\">\n<link rel=\"icon\" href=\"data:,\">\n");
    put_text(out, "<title>What held from ", period_time(a, p->from), "");
    put_text(out, " to ", period_time(a, p->to), "</title>\n<style>");
    put(out, style);
    put(out, "</style>\n</head>\n<body>\n<header>\n<h1>What held over a "
             "period</h1>\n</header>\n<main>\n<dl>\n");
    put_text(out, "<dt>From</dt><dd>", period_time(a, p->from), "</dd>\n");
    put_text(out, "<dt>To</dt><dd>", period_time(a, p->to), "</dd>\n");
    put_text(out, "<dt>Ledger</dt><dd>",
             str_printf(a, "%llu lines; hash of the last: %.*s", (unsigned long long)p->lines,
                        STR_ARG(p->head)),
             "</dd>\n</dl>\n");
    put_text(
        out,
        "<p>A check is seen only when a run looks. The time between two runs counts as what both "
        "found, if both found the same by the same benchmark and parameters and are at most ",
        str_printf(a, "%lld", (long long)(p->max_gap_ms / 3600000)),
        " hours apart. All other time is not observed, and never counts as in force.</p>\n");
}

/* What scrolls can be reached by keyboard, and has a name. */
static void put_wide(struct buf *out, const char *what, const struct period_stream *s)
{
    put(out, "<section class=\"wide\" tabindex=\"0\" aria-label=\"");
    put(out, what);
    put_text(out, ": ", s->cluster, "");
    put_text(out, ", ", s->benchmark, "\">");
}

static void put_gaps(struct buf *out, struct arena *a, const struct period_stream *s)
{
    if (!s->gap.count) {
        put(out, "<p>Runs were close enough together for the whole period.</p>\n");
        return;
    }
    put_wide(out, "Times without observation,", s);
    put(out, "<table>\n<caption>Times without a run close enough: nothing was "
             "observed</caption>\n<thead><tr><th scope=\"col\">From</th><th "
             "scope=\"col\">To</th></tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < s->gap.count; i++) {
        put_text(out, "<tr><td>", period_time(a, s->gap.item[i].from), "</td>");
        put_text(out, "<td>", period_time(a, s->gap.item[i].to), "</td></tr>\n");
    }
    put(out, "</tbody>\n</table></section>\n");
}

static struct str causes_text(struct arena *a, const struct period_check *c)
{
    struct str part[PERIOD_CAUSE_COUNT];
    size_t count = 0;
    for (size_t k = 0; k < PERIOD_CAUSE_COUNT; k++) {
        size_t times = 0;
        for (size_t i = 0; i < c->gap.count; i++)
            times += c->gap.item[i].cause == (enum period_cause)k;
        if (times)
            part[count++] = str_printf(a, "%s (%zu)", period_cause_text[k], times);
    }
    return str_join(a, part, count, STR("; "));
}

static void put_checks(struct buf *out, struct arena *a, const struct period *p,
                       const struct period_stream *s)
{
    put_wide(out, "Checks", s);
    put(out,
        "<table>\n<caption>Share of the period, in percent, rounded down</caption>\n<thead><tr><th "
        "scope=\"col\">Check</th><th scope=\"col\">Title</th><th scope=\"col\">Severity</th>"
        "<th scope=\"col\">In force</th><th scope=\"col\">In breach</th><th "
        "scope=\"col\">Waived</th><th scope=\"col\">Attested</th><th scope=\"col\">Not "
        "applicable</th>"
        "<th scope=\"col\">Not observed</th><th scope=\"col\">Breaches</th><th scope=\"col\">Why "
        "not observed</th></tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < s->check_count; i++) {
        const struct period_check *c = &s->check[i];
        put_text(out, "<tr><th scope=\"row\">", c->as->id, "</th>");
        put_text(out, "<td>", c->as->title, "</td>");
        put_text(out, "<td>", c->as->severity, "</td>");
        for (size_t m = 0; m < PERIOD_STATE_COUNT; m++)
            put_text(out, "<td class=\"n\">", period_share(a, c->ms[m], p->to - p->from), "</td>");
        put_text(out, "<td class=\"n\">", str_printf(a, "%zu", c->breach.count), "</td>");
        put_text(out, "<td>", causes_text(a, c), "</td></tr>\n");
    }
    put(out, "</tbody>\n</table></section>\n");
}

static void put_breach(struct buf *out, struct arena *a, const struct period_check *c,
                       const struct period_breach *b)
{
    put_text(out, "<tr><th scope=\"row\">", c->as->id, "</th>");
    put_text(out, "<td>",
             b->holds_before == INT64_MIN ? STR("never seen") : period_time(a, b->holds_before),
             "</td>");
    put_text(out, "<td>", period_time(a, b->first_seen), "</td>");
    put_text(out, "<td>", period_time(a, b->last_seen), "</td>");
    put_text(out, "<td>",
             b->ended == INT64_MIN ? STR("not seen to end")
                                   : str_printf(a, "%s at %.*s", verdict_label(b->ended_as),
                                                STR_ARG(period_time(a, b->ended))),
             "</td>");
    put_text(out, "<td class=\"n\">", str_printf(a, "%llu", (unsigned long long)b->findings),
             "</td><td>");
    for (size_t i = 0; i < b->object.count; i++) {
        const struct ledger_object *o = &b->object.item[i];
        put_text(out, i ? "<br>" : "",
                 str_printf(a, "%.*s %.*s%s%.*s", STR_ARG(o->kind), STR_ARG(o->ns),
                            o->ns.n ? "/" : "", STR_ARG(o->name)),
                 "");
    }
    put(out,
        b->more ? "<br>and more, which the reports of the runs name</td></tr>\n" : "</td></tr>\n");
}

static void put_breaches(struct buf *out, struct arena *a, const struct period_stream *s)
{
    size_t count = 0;
    for (size_t i = 0; i < s->check_count; i++)
        count += s->check[i].breach.count;
    if (!count) {
        put(out, "<p>No run found a check in breach in the period.</p>\n");
        return;
    }
    put_wide(out, "Breaches", s);
    put(out,
        "<table>\n<caption>Breaches</caption>\n<thead><tr><th scope=\"col\">Check</th><th "
        "scope=\"col\">Last seen otherwise before</th><th scope=\"col\">First seen</th>"
        "<th scope=\"col\">Last seen</th><th scope=\"col\">End</th><th scope=\"col\">Findings, at "
        "most</th><th scope=\"col\">Objects</th></tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < s->check_count; i++)
        for (size_t k = 0; k < s->check[i].breach.count; k++)
            put_breach(out, a, &s->check[i], &s->check[i].breach.item[k]);
    put(out, "</tbody>\n</table></section>\n");
}

void period_html(struct buf *out, struct arena *a, const struct period *p)
{
    put_head(out, a, p);
    for (size_t i = 0; i < p->stream_count; i++) {
        const struct period_stream *s = &p->stream[i];
        put_text(out, "<section>\n<h2>",
                 str_printf(a, "%.*s, %.*s", STR_ARG(s->cluster), STR_ARG(s->benchmark)),
                 "</h2>\n<p>");
        put_text(out, "",
                 str_printf(a,
                            "%zu run%s in the period; %.*s %% of it lies between two runs that are "
                            "close enough together. Cluster id: %.*s.",
                            s->runs, s->runs == 1 ? "" : "s",
                            STR_ARG(period_share(a, s->observed_ms, p->to - p->from)),
                            STR_ARG(s->cluster_id)),
                 "</p>\n");
        put_gaps(out, a, s);
        put_checks(out, a, p, s);
        put_breaches(out, a, s);
        put(out, "</section>\n");
    }
    if (!p->stream_count)
        put(out, "<p>The ledger tells of no run.</p>\n");
    put(out, "<section>\n<h2>Signed "
             "off</h2>\n<dl><dt>Name</dt><dd>&nbsp;</dd><dt>Date</dt><dd>&nbsp;</"
             "dd><dt>Conclusion</dt><dd>&nbsp;</dd></dl>\n</section>\n</main>\n</body>\n</html>\n");
}
