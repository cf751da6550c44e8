/* A page for each namespace, which can be handed to those whose it is: what was found there, why it
 * matters, how to mend it. */
#include "report/html_namespace.h"

#include "base/map.h"
#include "report/html.h"

#define ROWS_PER_PART 300u
#define PAGES_MAX     20000u

static struct str name_of(const struct object_ref *o)
{
    return !o->ns.n && str_eq_c(o->kind, "Namespace") ? o->name : o->ns;
}

/* ---- which findings are whose ---- */

struct sorting {
    struct map by_name;
    VEC(struct namespace_findings) place;
    uint32_t *place_of; /* of each finding: its place + 1 */
};

static bool assign(struct sorting *s, struct arena *a, const struct result *r, struct err *err)
{
    struct arena scratch CLEANUP(arena_release) = { 0 };
    for (size_t i = 0; i < r->finding_count; i++) {
        struct finding f;
        bool created;
        if (!result_finding_glance(r, &f, i, &scratch, err))
            return false;
        void **at = map_at(&s->by_name, name_of(&f.object), &created);
        if (created && s->place.count == PAGES_MAX)
            return err_set(
                err, ERR_LIMIT,
                "there are findings in more than %u namespaces: no page of each is written",
                PAGES_MAX);
        if (created) {
            struct namespace_findings *x = VEC_PUSH(&s->place, a);
            x->name = str_dup(a, name_of(&f.object));
            *at = (void *)(uintptr_t)s->place.count;
        }
        s->place_of[i] = (uint32_t)(uintptr_t)*at;
        struct namespace_findings *x = &s->place.item[s->place_of[i] - 1];
        x->count++;
        x->verdict[f.outcome]++;
        if (f.outcome == VERDICT_FAIL)
            x->failures[r->check[f.check].check->severity]++;
        arena_reset(&scratch);
    }
    return true;
}

static int worst_first(const void *a, const void *b)
{
    const struct namespace_findings *x = a, *y = b;
    for (int s = SEVERITY_COUNT - 1; s >= 0; s--)
        if (x->failures[s] != y->failures[s])
            return x->failures[s] < y->failures[s] ? 1 : -1;
    return str_cmp(x->name, y->name);
}

bool namespaces_of(struct namespaces *out, struct arena *a, const struct result *r, struct err *err)
{
    struct sorting s = { .place_of = arena_array(a, uint32_t, r->finding_count) };
    map_init(&s.by_name, a);
    if (!assign(&s, a, r, err))
        return false;
    for (size_t i = 0; i < s.place.count; i++) {
        s.place.item[i].finding = arena_array(a, uint32_t, s.place.item[i].count);
        s.place.item[i].count = 0;
    }
    for (size_t i = 0; i < r->finding_count; i++) {
        struct namespace_findings *x = &s.place.item[s.place_of[i] - 1];
        x->finding[x->count++] = (uint32_t)i;
    }
    if (s.place.count)
        qsort(s.place.item, s.place.count, sizeof *s.place.item, worst_first);
    *out = (struct namespaces){ s.place.item, s.place.count };
    return true;
}

/* A name that Kubernetes would take is one that a file may have; any other may hold anything, and
 * is told by its digest. */
static bool is_plain(struct str name)
{
    for (size_t i = 0; i < name.n; i++)
        if (!((name.p[i] >= 'a' && name.p[i] <= 'z') || (name.p[i] >= '0' && name.p[i] <= '9') ||
              (i && i + 1 < name.n && name.p[i] == '-')))
            return false;
    return name.n && name.n <= 63;
}

struct str namespace_file_name(struct arena *a, struct str name)
{
    uint8_t digest[SHA256_BYTES];
    char hex[SHA256_HEX_BYTES];
    if (!name.n)
        return STR("_no-namespace.html");
    if (is_plain(name))
        return str_printf(a, "%.*s.html", STR_ARG(name));
    sha256_of(name, digest);
    sha256_hex(digest, hex);
    return str_printf(a, "_%.32s.html", hex);
}

bool namespace_file_is(struct str file)
{
    size_t end = file.n > 5 ? file.n - 5 : 0;
    if (!str_has_suffix(file, STR(".html")))
        return false;
    if (str_eq_c(file, "_index.html") || str_eq_c(file, "_no-namespace.html") ||
        is_plain(str_sub(file, 0, end)))
        return true;
    return file.p[0] == '_' && end == 33 &&
           str_consists_of(str_sub(file, 1, end), STR_DIGITS "abcdef");
}

/* ---- a page ---- */

static struct str title_of(const struct namespace_findings *p)
{
    return p->name.n ? html_name(p->name) : STR("What is of no namespace");
}

static void put_facts(struct html *h)
{
    const struct result *r = h->r;
    html_raw(h, "<dl class=\"facts head\">\n");
    html_fact(h, "Cluster", r->run.cluster_name);
    html_fact(h, "Cluster id", r->cluster->cluster_id);
    html_fact(h, "API server", r->cluster->server_url);
    html_fact(h, "Source", r->run.source_text);
    html_fact(h, "Benchmark", r->bench->title);
    html_fact(h, "Purpose", r->run.purpose);
    html_fact(h, "Tool", str_printf(&h->scratch, "kubevouch %.*s", STR_ARG(r->run.tool_version)));
    html_fact(h, "Started",
              clock_format_rfc3339(&h->scratch, (struct instant){ r->run.started.s, 0 }));
    html_fact(h, "Finished",
              clock_format_rfc3339(&h->scratch, (struct instant){ r->run.finished.s, 0 }));
    html_fact(h, "Run", str_from_c(r->run.id));
    html_raw(h, "</dl>\n");
}

static void put_counts(struct html *h, const struct namespace_findings *p)
{
    html_raw(h, "<ul class=\"counts\">");
    for (int s = SEVERITY_COUNT - 1; s >= 0; s--) {
        if (!p->failures[s])
            continue;
        html_raw(h, "<li class=\"fail\">");
        html_number(h, p->failures[s]);
        html_raw(h, " ");
        html_c(h, severity_name[s]);
        html_add(h, p->failures[s] == 1 ? STR(" failure</li>") : STR(" failures</li>"));
    }
    for (int v = VERDICT_COUNT - 1; v >= 0; v--) {
        if (!p->verdict[v] || v == VERDICT_FAIL)
            continue;
        html_raw(h, "<li class=\"");
        html_c(h, verdict_name((enum verdict)v));
        html_raw(h, "\">");
        html_number(h, p->verdict[v]);
        html_raw(h, " ");
        html_c(h, verdict_label((enum verdict)v));
        html_raw(h, "</li>");
    }
    html_raw(h, "</ul>\n");
}

static void put_check(struct html *h, const struct check_result *c, const uint32_t *finding,
                      size_t count)
{
    const struct check *d = c->check;
    html_raw(h, "<section aria-labelledby=\"");
    html_check_anchor(h, d->id);
    html_raw(h, "\">\n<h3 id=\"");
    html_check_anchor(h, d->id);
    html_raw(h, "\">");
    html_text(h, d->id);
    html_raw(h, " ");
    html_text(h, d->title);
    html_raw(h, " <span class=\"sev\">");
    html_c(h, severity_name[d->severity]);
    html_raw(h, "</span></h3>\n<p>");
    html_text(h, d->rationale);
    html_raw(h, "</p>\n");
    html_remedy(h, d);
    html_findings_of(h, c, finding, count);
    html_raw(h, "</section>\n");
    html_flush(h);
}

/* Checks of one severity; findings of a check follow each other. */
static size_t put_severity(struct html *h, const struct namespace_findings *p, enum severity s)
{
    size_t shown = 0;
    for (size_t i = 0, end; i < p->count && h->ok; i = end) {
        const struct check_result *c = NULL;
        for (size_t k = 0; k < h->r->check_count && !c; k++)
            if (p->finding[i] >= h->r->check[k].first_finding &&
                p->finding[i] < h->r->check[k].first_finding + h->r->check[k].finding_count)
                c = &h->r->check[k];
        for (end = i + 1;
             c && end < p->count && p->finding[end] < c->first_finding + c->finding_count;)
            end++;
        if (!c || c->check->severity != s)
            continue;
        if (!shown++) {
            html_raw(h, "<h2>Severity ");
            html_c(h, severity_name[s]);
            html_raw(h, "</h2>\n");
        }
        put_check(h, c, &p->finding[i], end - i);
    }
    return shown;
}

static void put_limits(struct html *h)
{
    struct arena a CLEANUP(arena_release) = { 0 };
    struct check_at *at = arena_array(&a, struct check_at, h->r->check_count);
    size_t unknown = 0;
    for (size_t i = 0; i < h->r->check_count; i++)
        if (h->r->check[i].verdict == VERDICT_UNKNOWN && !h->r->check[i].is_outside)
            at[unknown++] = (struct check_at){ h->r->check[i].check, i };
    html_raw(
        h, "<h2>What this page does not say</h2>\n<ul>\n<li>It lists what was found of objects "
           "here. A check that is not listed passed here, does not apply, or could not be decided: "
           "the report of the whole cluster tells which.</li>\n<li>It is the state at one point in "
           "time.</li>\n");
    if (unknown) {
        html_raw(h, "<li>Not decided for want of evidence, in the whole cluster: ");
        html_text(h, check_ids_text(&a, at, unknown));
        html_raw(h, ".</li>\n");
    }
    for (size_t i = 0; i < h->r->broken_off_count; i++) {
        html_raw(h, "<li>The audit broke off: ");
        html_text(h, h->r->broken_off[i]);
        html_raw(h, ".</li>\n");
    }
    html_raw(h, "</ul>\n");
}

static void open_page(struct html *h, struct str title)
{
    struct buf rules CLEANUP(buf_release) = BUF_INIT((size_t)64 << 10);
    html_paper_rules(&rules, h->r);
    html_page_head(h,
                   str_printf(&h->scratch, "%.*s \xc2\xb7 %.10s", STR_ARG(str_sub(title, 0, 50)),
                              clock_format_rfc3339(&h->scratch, h->r->run.finished).p),
                   buf_str(&rules));
}

static bool close_page(struct html *h)
{
    html_raw(h, "</main>\n<footer>\n<p>Made by kubevouch ");
    html_text(h, h->r->run.tool_version);
    html_raw(h, ". This file loads nothing and runs nothing.</p>\n</footer>\n</body>\n</html>\n");
    html_flush(h);
    buf_release(&h->b);
    arena_release(&h->scratch);
    return h->ok;
}

bool namespace_page(const struct result *r, const struct namespace_findings *p, struct sink *out,
                    struct err *err)
{
    struct html h = { .r = r,
                      .out = out,
                      .err = err,
                      .b = BUF_INIT((size_t)64 << 20),
                      .ok = true,
                      .check_level = 4,
                      .rows_per_part = ROWS_PER_PART };
    open_page(&h, title_of(p));
    html_raw(&h, "<header>\n<h1>");
    html_add(&h, p->name.n ? STR("Namespace ") : STR(""));
    html_text(&h, title_of(p));
    html_raw(&h, "</h1>\n<p class=\"soft\">Configuration audit: what was found here, and how to "
                 "mend it</p>\n");
    put_facts(&h);
    html_raw(&h, "</header>\n<main id=\"main\">\n");
    put_counts(&h, p);
    for (int s = SEVERITY_COUNT - 1; s >= 0; s--)
        (void)put_severity(&h, p, (enum severity)s);
    put_limits(&h);
    return close_page(&h);
}

/* ---- the index ---- */

static void put_row(struct html *h, const struct namespace_findings *p)
{
    html_raw(h, "<tr><th scope=\"row\"><a href=\"");
    html_text(h, namespace_file_name(&h->scratch, p->name));
    html_raw(h, "\">");
    html_text(h, title_of(p));
    html_raw(h, "</a></th>");
    const uint64_t cell[] = { p->failures[SEVERITY_CRITICAL], p->failures[SEVERITY_HIGH],
                              p->verdict[VERDICT_FAIL], p->verdict[VERDICT_UNKNOWN] };
    for (size_t i = 0; i < COUNT_OF(cell); i++) {
        html_raw(h, "<td class=\"num\">");
        html_number(h, cell[i]);
        html_raw(h, "</td>");
    }
    html_raw(h, "</tr>\n");
    html_flush(h);
}

bool namespace_index(const struct result *r, const struct namespaces *all, struct sink *out,
                     struct err *err)
{
    struct html h = { .r = r, .out = out, .err = err, .b = BUF_INIT((size_t)64 << 20), .ok = true };
    open_page(&h, STR("Namespaces"));
    html_raw(&h, "<header>\n<h1>Findings by namespace</h1>\n");
    put_facts(&h);
    html_raw(
        &h, "</header>\n<main id=\"main\">\n<p>A page for each namespace in which something was "
            "found; of a namespace without one nothing was found, or nothing could be seen. "
            "Each page stands alone.</p>\n<table class=\"narrow\"><caption>The worst "
            "first</caption><thead><tr><th scope=\"col\">Namespace</th><th scope=\"col\" "
            "class=\"num\">Critical</th>"
            "<th scope=\"col\" class=\"num\">High</th><th scope=\"col\" class=\"num\">Fail</th><th "
            "scope=\"col\" class=\"num\">Unknown</th></tr></thead><tbody>\n");
    for (size_t i = 0; i < all->count; i++)
        put_row(&h, &all->item[i]);
    html_raw(&h, "</tbody></table>\n");
    return close_page(&h);
}
