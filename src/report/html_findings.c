/* What a check found, in report.html: a table a part, failures first where one is cut. */
#include "report/finding_value.h"
#include "report/html.h"

/* Of one value of the evidence. */
#define EVIDENCE_TEXT_BYTES 400u

void html_object(struct html *h, const struct object_ref *o)
{
    html_text(h, o->kind);
    html_raw(h, " <span class=\"mono\">");
    if (o->ns.n) {
        html_text(h, o->ns);
        html_raw(h, "/");
    }
    html_text(h, o->name);
    html_raw(h, "</span>");
}

static void put_object(struct html *h, const struct finding *f)
{
    html_object(h, &f->object);
    if (f->pods) {
        html_raw(h, "<br><span class=\"soft small\">");
        html_number(h, f->pods);
        html_add(h, f->pods == 1 ? STR(" pod") : STR(" pods"));
        html_add(h, f->in_template ? STR(" and the template") : STR(""));
        html_raw(h, "</span>");
    } else if (f->in_template) {
        html_raw(h, "<br><span class=\"soft small\">template only, no pod runs</span>");
    }
}

/* The values of subexpressions, folded: who wants to recompute the verdict opens them. */
static void put_explained(struct html *h, const struct finding *f)
{
    html_raw(h, "<details class=\"why\"><summary>values</summary>");
    for (size_t i = 0; i < f->explained_count; i++) {
        html_raw(h, "<p class=\"small\"><code>");
        html_text(h, f->explained[i].text);
        html_raw(h, "</code> is <span class=\"mono\">");
        html_text(h, f->explained[i].value);
        html_raw(h, "</span></p>");
    }
    html_raw(h, "</details>");
}

static void put_evidence_value(struct html *h, struct value v)
{
    struct str text = v.kind == VALUE_STRING ? value_text(v)
                                             : cel_value_text(&h->scratch, v, EVIDENCE_TEXT_BYTES);
    html_text(h, str_sub(text, 0, EVIDENCE_TEXT_BYTES));
    html_add(h, text.n > EVIDENCE_TEXT_BYTES ? STR(" ...") : STR(""));
}

static void put_evidence(struct html *h, const struct finding *f, bool explained)
{
    for (uint32_t i = 0; f->evidence.kind == VALUE_MAP && i < f->evidence.n; i++) {
        html_raw(h, "<span class=\"soft\">");
        html_value(h, f->evidence.as.map->entry[i].key);
        html_raw(h, "</span> <span class=\"mono\">");
        put_evidence_value(h, f->evidence.as.map->entry[i].val);
        html_raw(h, "</span><br>");
    }
    if (explained && f->explained_count)
        put_explained(h, f);
}

static void put_waiver(struct html *h, const struct finding *f)
{
    if (!f->waiver)
        return;
    html_raw(h, "<br><span class=\"soft\">Waived by</span> ");
    html_text(h, f->waiver->by);
    html_raw(h, " <span class=\"soft\">until</span> ");
    html_text(h, clock_format_rfc3339(&h->scratch, f->waiver->expires));
    html_raw(h, "<span class=\"soft\">:</span> ");
    html_text(h, f->waiver->reason);
}

/* Of a check that lacks its evidence the one row often says what the check's reason says. */
static bool says_the_reason(struct html *h, const struct check_result *c)
{
    struct finding f;
    return c->verdict == VERDICT_UNKNOWN && c->finding_count == 1 &&
           html_finding(h, &f, c->first_finding) && str_find(c->reason, f.message, 0) != SIZE_MAX;
}

static void put_command(struct html *h, const struct finding *f)
{
    struct str command = finding_command(&h->scratch, h->r->check[f->check].check, f);
    if (!command.n)
        return;
    html_raw(h, "<br><span class=\"soft\">Command</span> <code>");
    html_text(h, command);
    html_raw(h, "</code>");
}

static void put_finding(struct html *h, size_t i, bool printed, bool explained)
{
    struct finding f;
    if (!html_finding(h, &f, i))
        return;
    html_raw(h, "<tr class=\"");
    html_filter_row_class(h, &f);
    html_add(h, printed ? STR("\"><td class=\"keep\">") : STR(" screen\"><td class=\"keep\">"));
    html_verdict(h, f.outcome);
    html_raw(h, "</td><th scope=\"row\" class=\"object\">");
    put_object(h, &f);
    html_raw(h, "</th><td class=\"found\">");
    html_text(h, f.message);
    put_waiver(h, &f);
    if (explained)
        put_command(h, &f);
    html_raw(h, "</td><td class=\"small\">");
    put_evidence(h, &f, explained);
    html_raw(h, "</td></tr>\n");
    html_flush(h);
}

/* ---- which of them ---- */

/* The findings of one part: of each verdict how many there are, and the first that may be listed.
 */
struct part_rows {
    uint32_t count[VERDICT_COUNT], kept[VERDICT_COUNT];
    size_t *first[VERDICT_COUNT];
    uint64_t all;
};

/* Of the findings of a check; finding: which of the result's, NULL: count from its first on. */
static bool gather(struct html *h, struct arena *a, const struct check_result *c,
                   struct part_rows *part, const uint32_t *finding, size_t count)
{
    struct arena scratch CLEANUP(arena_release) = { 0 };
    for (size_t k = 0; k < count && h->ok; k++) {
        struct finding f;
        size_t at = finding ? finding[k] : c->first_finding + k;
        h->ok = result_finding_glance(h->r, &f, at, &scratch, h->err);
        arena_reset(&scratch);
        if (!h->ok || f.part >= c->check->part_count)
            continue;
        struct part_rows *p = &part[f.part];
        if (!p->first[f.outcome])
            p->first[f.outcome] = arena_array(a, size_t, h->rows_per_part);
        if (p->kept[f.outcome] < h->rows_per_part)
            p->first[f.outcome][p->kept[f.outcome]++] = at;
        p->count[f.outcome]++;
        p->all++;
    }
    return h->ok;
}

static int by_place(const void *a, const void *b)
{
    size_t x = *(const size_t *)a, y = *(const size_t *)b;
    return x < y ? -1 : x > y;
}

/* Where all are listed they stand in the order of their objects; where not, what fails comes first,
 * then what is not known; of an extract each verdict is cut by itself. */
static size_t choose(const struct html *h, size_t *row, uint32_t left[VERDICT_COUNT],
                     const struct part_rows *p)
{
    size_t n = 0;
    for (int v = VERDICT_COUNT - 1; v >= 0; v--) {
        uint32_t i = 0;
        for (; i < p->kept[v] && (h->is_extract || n < h->rows_per_part); i++)
            row[n++] = p->first[v][i];
        left[v] = p->count[v] - i;
    }
    if (n == p->all)
        qsort(row, n, sizeof *row, by_place);
    return n;
}

static void put_left_out(struct html *h, const uint32_t left[VERDICT_COUNT])
{
    html_raw(h, "; left out here, and told in findings.jsonl and report.json:");
    for (int v = VERDICT_COUNT - 1; v >= 0; v--) {
        if (!left[v])
            continue;
        html_raw(h, " ");
        html_number(h, left[v]);
        html_raw(h, " ");
        html_verdict(h, (enum verdict)v);
    }
}

static void put_caption(struct html *h, const struct check_result *c, size_t part,
                        const struct part_rows *p, size_t shown, const uint32_t left[VERDICT_COUNT])
{
    const struct check_part *d = &c->check->part[part];
    html_raw(h, "<caption>");
    if (c->check->part_count > 1) {
        html_text(h, d->name.n ? d->name : d->over);
        html_raw(h, ": ");
    }
    html_number(h, p->all);
    html_add(h, p->all == 1 ? STR(" finding") : STR(" findings"));
    if (shown < p->all) {
        html_raw(h, ", ");
        html_number(h, shown);
        html_raw(h, " here, failures first");
        put_left_out(h, left);
    }
    html_raw(h, "</caption>");
}

static void put_rows(struct html *h, const struct check_result *c, size_t part,
                     const struct part_rows *p)
{
    struct arena a CLEANUP(arena_release) = { 0 };
    uint32_t left[VERDICT_COUNT] = { 0 };
    size_t *row = arena_array(&a, size_t, (size_t)h->rows_per_part * VERDICT_COUNT);
    size_t shown = choose(h, row, left, p);
    html_raw(h, "<div class=\"wide\"><table class=\"stack\">");
    put_caption(h, c, part, p, shown, left);
    html_raw(h, "<thead><tr><th scope=\"col\">Verdict</th><th scope=\"col\">Object</th><th "
                "scope=\"col\">What was found</th>"
                "<th scope=\"col\">Evidence</th></tr></thead><tbody>\n");
    for (size_t i = 0; i < shown; i++)
        put_finding(h, row[i], i < HTML_FINDINGS_PRINTED, i < HTML_FINDINGS_EXPLAINED);
    html_raw(h, "</tbody></table></div>\n");
    if (shown <= HTML_FINDINGS_PRINTED)
        return;
    html_raw(h, "<p class=\"paper small\">");
    html_number(h, HTML_FINDINGS_PRINTED);
    html_raw(h, " of ");
    html_number(h, p->all);
    html_raw(h, " findings are printed; report.json and findings.jsonl have all.</p>\n");
}

static void put_tables(struct html *h, const struct check_result *c, const uint32_t *finding,
                       size_t count)
{
    struct arena a CLEANUP(arena_release) = { 0 };
    struct part_rows *part = arena_array(&a, struct part_rows, c->check->part_count);
    if (!gather(h, &a, c, part, finding, count))
        return;
    for (size_t i = 0; i < c->check->part_count; i++)
        if (part[i].all)
            put_rows(h, c, i, &part[i]);
}

void html_findings(struct html *h, const struct check_result *c)
{
    if (c->finding_count && !says_the_reason(h, c))
        put_tables(h, c, NULL, c->finding_count);
}

void html_findings_of(struct html *h, const struct check_result *c, const uint32_t *finding,
                      size_t count)
{
    put_tables(h, c, finding, count);
}

/* The most rows a check may have so that all together are no more than a page may have. */
void html_findings_open(struct html *h)
{
    for (h->rows_per_part = HTML_FINDINGS_PER_PART; h->rows_per_part > 5; h->rows_per_part--) {
        uint64_t all = 0;
        for (size_t i = 0; i < h->r->check_count; i++)
            all += h->r->check[i].finding_count < h->rows_per_part ? h->r->check[i].finding_count
                                                                   : h->rows_per_part;
        if (all <= HTML_FINDINGS_PER_PAGE)
            return;
    }
}
