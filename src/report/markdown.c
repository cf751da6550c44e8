/* report.md: the summary as GitHub's Markdown, for a pull request, a ticket or a wiki. Text of a
 * cluster is no markup in it. */
#include "report/report.h"

#include "base/shown.h"

#define PIECE_BYTES_MAX ((size_t)8 << 20)
#define OBJECTS_SHOWN   5u

struct page {
    const struct result *r;
    struct sink *out;
    struct err *err;
    struct buf b, line;
    struct arena scratch;
    bool ok;
};

static void flush(struct page *p)
{
    p->ok = p->ok && buf_ok(&p->b, "one piece of the Markdown report", p->err) &&
            p->out->add(p->out, buf_str(&p->b), p->err);
    buf_reset(&p->b);
    arena_reset(&p->scratch);
}

/* One line, in which nothing is markup, a link or a mention. */
static void put_text(struct page *p, struct str s)
{
    buf_reset(&p->line);
    shown_line(&p->line, s);
    for (size_t i = 0; i < p->line.n; i++) {
        char c = p->line.p[i];
        if (c == '<' || c == '>' || c == '&' || c == '@')
            buf_addf(&p->b, "&#%d;", c);
        else if (strchr("\\`*_{}[]()#!|~:$^\"'", c) ||
                 (c == '.' && i >= 3 && strncasecmp(p->line.p + i - 3, "www", 3) == 0))
            buf_addf(&p->b, "\\%c", c);
        else
            buf_add_char(&p->b, c);
    }
}

static void put_row(struct page *p, const char *name, struct str text)
{
    if (!text.n)
        return;
    buf_addf(&p->b, "| %s | ", name);
    put_text(p, text);
    buf_add_c(&p->b, " |\n");
}

static void put_head(struct page *p)
{
    const struct result *r = p->r;
    struct arena *a = &p->scratch;
    buf_add_c(&p->b, "# ");
    put_text(p, r->bench->title);
    buf_add_c(&p->b, "\n\n| | |\n| --- | --- |\n");
    put_row(p, "Cluster", r->run.cluster_name.n ? r->run.cluster_name : r->run.source_text);
    put_row(p, "Cluster id", r->cluster->cluster_id);
    put_row(p, "Kubernetes", r->cluster->git_version);
    put_row(p, "Started", clock_format_rfc3339(a, r->run.started));
    put_row(p, "Finished", clock_format_rfc3339(a, r->run.finished));
    put_row(p, "Run", str_from_c(r->run.id));
    put_row(p, "Evidence reference", r->run.evidence_reference);
    put_row(p, "Purpose", r->run.purpose);
    if (r->score.has_score)
        put_row(p, "Score",
                str_printf(a, "%d.%d - %d.%d %% (what is unknown counts as failed, and as passed)",
                           r->score.low_permille / 10, r->score.low_permille % 10,
                           r->score.high_permille / 10, r->score.high_permille % 10));
    else
        put_row(p, "Score", STR("none: nothing was judged"));
    put_row(p, "Evidence",
            r->incomplete || r->broken_off_count ? STR("incomplete") : STR("complete"));
    flush(p);
}

static void put_counts(struct page *p)
{
    const struct result *r = p->r;
    buf_add_c(&p->b, "\n## Checks\n\n| Verdict | All | Critical | High | Medium | Low | Info |\n| "
                     "--- | --: | --: | --: | --: | --: | --: |\n");
    for (size_t v = VERDICT_COUNT; v-- > 0;) {
        size_t by[SEVERITY_COUNT] = { 0 }, all = 0;
        for (size_t i = 0; i < r->check_count; i++)
            if (r->check[i].verdict == (enum verdict)v && !r->check[i].is_outside) {
                by[r->check[i].check->severity]++;
                all++;
            }
        if (all)
            buf_addf(&p->b, "| %s | %zu | %zu | %zu | %zu | %zu | %zu |\n",
                     verdict_label((enum verdict)v), all, by[SEVERITY_CRITICAL], by[SEVERITY_HIGH],
                     by[SEVERITY_MEDIUM], by[SEVERITY_LOW], by[SEVERITY_INFO]);
    }
    flush(p);
}

static void put_objects(struct page *p, const struct check_result *c)
{
    size_t shown = 0, all = 0;
    for (size_t i = 0; i < c->finding_count && p->ok; i++) {
        struct finding f;
        p->ok = result_finding_glance(p->r, &f, c->first_finding + i, &p->scratch, p->err);
        if (!p->ok || f.outcome != VERDICT_FAIL)
            continue;
        if (all++ >= OBJECTS_SHOWN)
            continue;
        if (shown++)
            buf_add_c(&p->b, "<br>");
        put_text(p, object_ref_text(&p->scratch, f.object));
    }
    if (all > shown)
        buf_addf(&p->b, "<br>and %zu more", all - shown);
}

static void put_failures(struct page *p)
{
    const struct result *r = p->r;
    bool any = false;
    for (size_t s = SEVERITY_COUNT; s-- > 0;)
        for (size_t i = 0; i < r->check_count; i++) {
            const struct check_result *c = &r->check[i];
            if (c->verdict != VERDICT_FAIL || c->is_outside ||
                c->check->severity != (enum severity)s)
                continue;
            if (!any)
                buf_add_c(&p->b, "\n## Failed\n\n| Severity | Check | Title | Objects |\n| --- | "
                                 "--- | --- | --- |\n");
            any = true;
            buf_addf(&p->b, "| %s | ", severity_name[s]);
            put_text(p, c->check->id);
            buf_add_c(&p->b, " | ");
            put_text(p, c->check->title);
            buf_add_c(&p->b, " | ");
            put_objects(p, c);
            buf_add_c(&p->b, " |\n");
            flush(p);
        }
}

static void put_undecided(struct page *p)
{
    const struct result *r = p->r;
    bool any = false;
    for (size_t i = 0; i < r->check_count; i++) {
        const struct check_result *c = &r->check[i];
        if ((c->verdict != VERDICT_UNKNOWN && c->verdict != VERDICT_MANUAL) || c->is_outside)
            continue;
        if (!any)
            buf_add_c(&p->b, "\n## Not decided\n\n| Verdict | Check | Title | Why |\n| --- | --- | "
                             "--- | --- |\n");
        any = true;
        buf_addf(&p->b, "| %s | ", verdict_label(c->verdict));
        put_text(p, c->check->id);
        buf_add_c(&p->b, " | ");
        put_text(p, c->check->title);
        buf_add_c(&p->b, " | ");
        put_text(p, c->reason);
        buf_add_c(&p->b, " |\n");
        flush(p);
    }
}

static void put_notes(struct page *p)
{
    if (p->r->note_count)
        buf_add_c(&p->b, "\n## Limits\n\n");
    for (size_t i = 0; i < p->r->note_count; i++) {
        buf_add_c(&p->b, "- ");
        put_text(p, p->r->note[i]);
        buf_add_char(&p->b, '\n');
    }
    flush(p);
}

bool report_markdown(const struct result *r, struct sink *out, struct err *err)
{
    struct page p = { .r = r,
                      .out = out,
                      .err = err,
                      .b = BUF_INIT(PIECE_BYTES_MAX),
                      .line = BUF_INIT(PIECE_BYTES_MAX),
                      .ok = true };
    put_head(&p);
    put_counts(&p);
    put_failures(&p);
    put_undecided(&p);
    put_notes(&p);
    buf_release(&p.b);
    buf_release(&p.line);
    arena_release(&p.scratch);
    return p.ok;
}
