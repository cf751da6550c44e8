/* Choosing what report.html shows by verdict, severity, section and namespace: radio buttons, and
 * rules of the style sheet that hide the rest. */
#include "report/html.h"

/* Of the namespaces with the worst failures so many can be chosen. */
#define PLACES_MAX 40u /* a bit each */
/* A cell of a table that has no namespace. */
#define NO_PLACE SIZE_MAX

static size_t section_of(const struct html *h, const struct check *c)
{
    size_t s = 0;
    while (s < h->r->bench->section_count && !str_eq(h->r->bench->section[s].id, c->section))
        s++;
    return s;
}

static int by_name(const void *a, const void *b)
{
    return str_cmp(((const struct namespace_counts *)a)->name,
                   ((const struct namespace_counts *)b)->name);
}

static size_t place_of(const struct html *h, const struct object_ref *o)
{
    struct namespace_counts key = { .name = !o->ns.n && str_eq_c(o->kind, "Namespace") ? o->name
                                                                                       : o->ns };
    const struct namespace_counts *found =
        h->filter_place_count
            ? bsearch(&key, h->filter_place, h->filter_place_count, sizeof key, by_name)
            : NULL;
    return found ? (size_t)(found - h->filter_place) : NO_PLACE;
}

/* Which of the namespaces each check found something in. */
static void find_places(struct html *h, struct arena *a)
{
    struct arena scratch CLEANUP(arena_release) = { 0 };
    h->filter_place_of = arena_array(a, uint64_t, h->r->check_count);
    for (size_t i = 0; i < h->r->finding_count && h->ok; i++) {
        struct finding f;
        h->ok = result_finding_glance(h->r, &f, i, &scratch, h->err);
        size_t place = h->ok ? place_of(h, &f.object) : NO_PLACE;
        if (place != NO_PLACE)
            h->filter_place_of[f.check] |= (uint64_t)1 << place;
        arena_reset(&scratch);
    }
}

void html_filter_open(struct html *h, struct arena *a)
{
    h->filter_place = arena_array(a, struct namespace_counts, PLACES_MAX);
    for (size_t i = 0; i < h->tally.place_count && h->filter_place_count < PLACES_MAX; i++)
        if (h->tally.place[i].name.n)
            h->filter_place[h->filter_place_count++] = h->tally.place[i];
    if (h->filter_place_count)
        qsort(h->filter_place, h->filter_place_count, sizeof *h->filter_place, by_name);
    find_places(h, a);
}

/* ---- rules ---- */

/* :has() looks at the controls alone: over the whole page it makes a browser minutes slow. */
static void put_rule(struct buf *out, const char *what, size_t i)
{
    buf_addf(out, ".filter:has(#only-%s-%zu:checked)~.checks .c:not(.%s-%zu){display:none}\n", what,
             i, what, i);
}

static uint32_t checks_in(const struct html *h, size_t section)
{
    uint32_t n = 0;
    for (size_t i = 0; i < h->r->check_count; i++)
        n += section_of(h, h->r->check[i].check) == section;
    return n;
}

void html_filter_rules(struct buf *out, const struct html *h)
{
    buf_add_c(out, "@media screen {\n");
    for (size_t v = 0; v < VERDICT_COUNT; v++)
        if (h->r->score.count[v])
            put_rule(out, "v", v);
    for (size_t s = 0; s < SEVERITY_COUNT; s++)
        put_rule(out, "w", s);
    for (size_t s = 0; s < h->r->bench->section_count; s++)
        if (checks_in(h, s))
            put_rule(out, "s", s);
    for (size_t n = 0; n < h->filter_place_count; n++)
        buf_addf(out,
                 ".filter:has(#only-n-%zu:checked)~.checks "
                 ":is(details.c,.f):not(.n-%zu){display:none}\n",
                 n, n);
    buf_add_c(out, "}\n");
}

/* ---- classes ---- */

void html_filter_class(struct html *h, const struct check_result *c)
{
    buf_addf(&h->b, "c v-%d w-%d s-%zu", (int)c->verdict, (int)c->check->severity,
             section_of(h, c->check));
}

void html_filter_places(struct html *h, const struct check_result *c)
{
    uint64_t places = h->filter_place_of ? h->filter_place_of[c - h->r->check] : 0;
    for (size_t n = 0; n < h->filter_place_count; n++)
        if (places >> n & 1)
            buf_addf(&h->b, " n-%zu", n);
}

void html_filter_row_class(struct html *h, const struct finding *f)
{
    size_t place = place_of(h, &f->object);
    html_raw(h, "f");
    if (place != NO_PLACE)
        buf_addf(&h->b, " n-%zu", place);
}

/* ---- controls ---- */

static void open_group(struct html *h, const char *what, const char *legend)
{
    html_raw(h, "<fieldset><legend>");
    html_c(h, legend);
    buf_addf(&h->b,
             "</legend><input type=\"radio\" name=\"only-%s\" id=\"only-%s\" checked><label "
             "for=\"only-%s\">all</label>",
             what, what, what);
}

static void put_choice(struct html *h, const char *what, size_t i, struct str name, uint64_t count)
{
    buf_addf(
        &h->b,
        "\n<input type=\"radio\" name=\"only-%s\" id=\"only-%s-%zu\"><label for=\"only-%s-%zu\">",
        what, what, i, what, i);
    html_text(h, name);
    html_raw(h, " <span class=\"soft\">");
    html_number(h, count);
    html_raw(h, "</span></label>");
}

static void put_verdicts_and_severities(struct html *h)
{
    open_group(h, "v", "Verdict");
    for (int v = VERDICT_COUNT - 1; v >= 0; v--)
        if (h->r->score.count[v])
            put_choice(h, "v", (size_t)v, str_from_c(verdict_name((enum verdict)v)),
                       h->r->score.count[v]);
    html_raw(h, "</fieldset>\n");
    open_group(h, "w", "Severity");
    for (int s = SEVERITY_COUNT - 1; s >= 0; s--) {
        uint64_t count = 0;
        for (size_t i = 0; i < h->r->check_count; i++)
            count += (int)h->r->check[i].check->severity == s;
        if (count)
            put_choice(h, "w", (size_t)s, str_from_c(severity_name[s]), count);
    }
    html_raw(h, "</fieldset>\n");
}

void html_filter(struct html *h)
{
    html_part(h, "filter", "Choose what is shown");
    html_raw(h,
             "<p class=\"screen\">Checks and findings below that are of another verdict, severity, "
             "section or namespace are hidden while one is chosen; numbers are of checks, "
             "of namespaces of failing findings. Nothing is hidden on paper.</p>\n<div "
             "class=\"filter screen\">\n");
    put_verdicts_and_severities(h);
    open_group(h, "s", "Section");
    for (size_t s = 0; s < h->r->bench->section_count; s++)
        if (checks_in(h, s))
            put_choice(h, "s", s,
                       str_printf(&h->scratch, "%.*s %.*s", STR_ARG(h->r->bench->section[s].id),
                                  STR_ARG(h->r->bench->section[s].title)),
                       checks_in(h, s));
    html_raw(h, "</fieldset>\n");
    if (h->filter_place_count) {
        open_group(h, "n", "Namespace");
        for (size_t n = 0; n < h->filter_place_count; n++)
            put_choice(h, "n", n, html_name(h->filter_place[n].name),
                       h->filter_place[n].counts.findings[VERDICT_FAIL]);
        html_raw(h, "</fieldset>\n");
    }
    html_raw(h, "</div>\n<div class=\"checks\">\n<p class=\"chosen screen small\"><a "
                "href=\"#filter\">Not all is shown</a></p>\n");
    html_flush(h);
}

void html_filter_end(struct html *h)
{
    html_raw(h, "</div>\n");
}

/* ---- paper ---- */

/* A string of the style sheet: what is not plain is escaped by its number, so that nothing ends it.
 */
static void put_css_string(struct buf *out, struct str s)
{
    enum { BYTES = 90 };
    for (size_t i = 0; i < s.n && i < BYTES; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
            (c && strchr(" -_.:,;()/@+", c)))
            buf_add_char(out, (char)c);
        else
            buf_addf(out, "\\%x ", c >= 0x20 && c < 0x7f ? c : '?');
    }
}

void html_paper_rules(struct buf *out, const struct result *r)
{
    struct arena a CLEANUP(arena_release) = { 0 };
    struct str cluster = r->run.cluster_name.n      ? r->run.cluster_name
                         : r->cluster->server_url.n ? r->cluster->server_url
                                                    : r->run.source_text;
    buf_add_c(out, "@page { @bottom-left { content: \"");
    put_css_string(out, cluster);
    buf_add_c(out, "\\a run ");
    put_css_string(out, str_from_c(r->run.id));
    buf_add_c(out, ", ");
    put_css_string(out, clock_format_rfc3339(&a, (struct instant){ r->run.finished.s, 0 }));
    buf_add_c(out, "\"; white-space: pre; text-align: left; font-size: 8pt; } }\n");
}
