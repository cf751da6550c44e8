/* The summary for a terminal: what failed, what is not known and why, the score, and where to read on. */
#include "report/report.h"

#include "bench/edition.h"
#include "report/safe.h"
#include "report/undecided.h"

#define TEXT_BYTES_MAX ((size_t)4 << 20)
#define SHOWN_PER_CHECK 3u
#define LINE_BYTES_MAX 65536u
#define WRAPPED_BYTES_MAX 1000u /* longer texts are cut to one line: the reports have them */

struct page {
    struct buf b;
    const struct text_options *o;
};

static const char *const verdict_colour[VERDICT_COUNT] = {
    [VERDICT_NOT_APPLICABLE] = "2", [VERDICT_PASS] = "32",    [VERDICT_ATTESTED] = "36", [VERDICT_WAIVED] = "36",
    [VERDICT_MANUAL] = "34",        [VERDICT_UNKNOWN] = "33", [VERDICT_FAIL] = "31;1",
};

static void coloured(struct page *p, const char *sgr, const char *text)
{
    if (p->o->colour)
        buf_addf(&p->b, "\033[%sm%s\033[0m", sgr, text);
    else
        buf_add_c(&p->b, text);
}

/* s from a cluster or a benchmark, cut to what is left of the line after indent columns, if there is a width. */
static void line_text(struct page *p, struct str s, int indent)
{
    struct buf safe CLEANUP(buf_release) = BUF_INIT(TEXT_BYTES_MAX);
    bool endless = s.n > LINE_BYTES_MAX;
    safe_terminal(&safe, str_sub(s, 0, LINE_BYTES_MAX));
    struct str text = buf_str(&safe);
    size_t room = !p->o->width ? SIZE_MAX : p->o->width > indent + 20 ? (size_t)(p->o->width - indent) : 60;
    size_t columns = 0, at = 0;
    while (at < text.n && columns < room) {
        uint32_t c;
        size_t n = str_utf8_at(text, at, &c);
        at += n ? n : 1;
        columns++;
    }
    if (at < text.n) {
        buf_add(&p->b, str_sub(text, 0, at > 3 ? at - 3 : 0));
        buf_add_c(&p->b, "...");
    } else {
        buf_add(&p->b, text);
        buf_add_c(&p->b, endless ? "..." : "");
    }
}

/* Bytes of text that go on a line of so many columns: up to the last space, or into a word that is longer. */
static size_t line_bytes(struct str text, size_t room)
{
    size_t at = 0, columns = 0, space = 0;
    while (at < text.n && columns < room) {
        uint32_t c;
        size_t n = str_utf8_at(text, at, &c);
        if (text.p[at] == ' ')
            space = at;
        at += n ? n : 1;
        columns++;
    }
    return at >= text.n || !space || text.p[at] == ' ' ? at : space;
}

/* s from a cluster or a benchmark on lines of its own below each other: what must be read to its end, such as what to do. */
static void wrapped_text(struct page *p, struct str s, int indent)
{
    struct buf safe CLEANUP(buf_release) = BUF_INIT(TEXT_BYTES_MAX);
    if (!p->o->width || s.n > WRAPPED_BYTES_MAX) {
        line_text(p, s, indent);
        return;
    }
    safe_terminal(&safe, s);
    size_t room = p->o->width > indent + 20 ? (size_t)(p->o->width - indent) : 60;
    for (struct str rest = buf_str(&safe); rest.n;) {
        size_t n = line_bytes(rest, room);
        buf_add(&p->b, str_sub(rest, 0, n));
        while (n < rest.n && rest.p[n] == ' ')
            n++;
        rest = str_sub(rest, n, rest.n);
        if (rest.n)
            buf_addf(&p->b, "\n%*s", indent, "");
    }
}

static void put_head(struct page *p, const struct result *r)
{
    buf_add_c(&p->b, "\n");
    line_text(p, r->bench->title, 0);
    if (r->run.benchmark_reason.n) {
        buf_add_c(&p->b, "\nchosen because ");
        line_text(p, r->run.benchmark_reason, 15);
    }
    struct arena a CLEANUP(arena_release) = { 0 };
    struct str newer = edition_text(&a, r->bench);
    if (newer.n) {
        buf_add_c(&p->b, "\nnewer edition  ");
        wrapped_text(p, newer, 15);
    }
    buf_add_c(&p->b, "\ncluster  ");
    line_text(p, r->run.cluster_name.n ? r->run.cluster_name : r->run.source_text, 9);
    if (r->cluster->git_version.n) {
        buf_add_c(&p->b, "\nserver  ");
        line_text(p, r->cluster->git_version, 8);
    }
    buf_add_c(&p->b, "\naudited as  ");
    line_text(p, r->cluster->user.n ? r->cluster->user : STR("(the server did not say)"), 12);
    buf_add_c(&p->b, "\n\n");
}

static void put_finding(struct page *p, const struct finding *f)
{
    struct arena a CLEANUP(arena_release) = { 0 };
    struct str what = object_ref_text(&a, f->object);
    if (f->pods > 1)
        what = str_printf(&a, "%.*s (%u pods)", STR_ARG(what), f->pods);
    buf_add_c(&p->b, "             ");
    line_text(p, str_printf(&a, "%.*s: %.*s", STR_ARG(what), STR_ARG(f->message)), 13);
    buf_add_char(&p->b, '\n');
}

static void put_remedy(struct page *p, struct str remedy)
{
    if (!remedy.n)
        return;
    buf_add_c(&p->b, "             to know it: ");
    wrapped_text(p, remedy, 26);
    buf_add_char(&p->b, '\n');
}

static void put_check(struct page *p, const struct result *r, const struct check_result *c)
{
    coloured(p, verdict_colour[c->verdict], verdict_label(c->verdict));
    for (size_t n = strlen(verdict_label(c->verdict)); n < 8; n++)
        buf_add_char(&p->b, ' ');
    line_text(p, c->check->id, 16); /* a policy's name may be long, and is the cluster's to choose */
    for (size_t n = c->check->id.n; n < 6; n++)
        buf_add_char(&p->b, ' ');
    buf_add_char(&p->b, ' ');
    line_text(p, c->check->title, 16 + (int)strlen(severity_name[c->check->severity]) + 4);
    buf_addf(&p->b, "  [%s]\n             ", severity_name[c->check->severity]);
    wrapped_text(p, c->reason, 13);
    buf_add_char(&p->b, '\n');
    for (size_t i = 0; i < c->finding_count && i < SHOWN_PER_CHECK && c->verdict == VERDICT_FAIL; i++)
        put_finding(p, &r->finding[c->finding[i]]);
    if (c->verdict == VERDICT_FAIL && c->finding_count > SHOWN_PER_CHECK)
        buf_addf(&p->b, "             and %zu more\n", c->finding_count - SHOWN_PER_CHECK);
    if (c->verdict == VERDICT_UNKNOWN)
        put_remedy(p, c->remedy);
}

/* Checks that lack the same are told together. */
static void put_undecided(struct page *p, const struct result *r)
{
    struct arena a CLEANUP(arena_release) = { 0 };
    struct undecided *group;
    size_t count = undecided_groups(&a, r, &group);
    for (size_t i = 0; i < count; i++) {
        if (group[i].count == 1) {
            put_check(p, r, group[i].check[0]);
            continue;
        }
        coloured(p, verdict_colour[VERDICT_UNKNOWN], verdict_label(VERDICT_UNKNOWN));
        buf_addf(&p->b, " %zu checks: ", group[i].count);
        wrapped_text(p, undecided_ids(&a, &group[i]), 20);
        buf_add_c(&p->b, "\n             ");
        wrapped_text(p, group[i].reason, 13);
        buf_add_char(&p->b, '\n');
        put_remedy(p, group[i].remedy);
    }
}

/* Failures by severity, worst first; then what is unknown; passed ones are only counted. */
static void put_checks(struct page *p, const struct result *r)
{
    for (int s = SEVERITY_COUNT - 1; s >= 0; s--)
        for (size_t i = 0; i < r->check_count; i++)
            if (r->check[i].verdict == VERDICT_FAIL && (int)r->check[i].check->severity == s)
                put_check(p, r, &r->check[i]);
    put_undecided(p, r);
}

/* What a reason says after the name of the list that it is about. */
static struct str reason_of(const struct coverage *c)
{
    size_t at = str_find(c->reason, STR(": "), 0);
    return at == SIZE_MAX ? c->reason : str_sub(c->reason, at + 2, c->reason.n);
}

static bool same_gap(const struct coverage *a, const struct coverage *b)
{
    return coverage_is_gap(a) && coverage_is_gap(b) && str_eq(reason_of(a), reason_of(b)) && str_eq(a->remedy, b->remedy);
}

/* One entry for all lists that lack the same for the same reason. */
static void put_gap(struct page *p, const struct cluster *c, size_t first)
{
    struct arena a CLEANUP(arena_release) = { 0 };
    struct str name[KIND_COUNT];
    size_t count = 0;
    for (size_t k = first; k < KIND_COUNT; k++)
        if (same_gap(&c->coverage[first], &c->coverage[k]))
            name[count++] = kind_text(&a, (enum kind)k);
    buf_add_c(&p->b, "  ");
    line_text(p, count == 1 ? c->coverage[first].reason : reason_of(&c->coverage[first]), 2);
    if (count > 1) {
        buf_add_c(&p->b, "\n    holds for: ");
        line_text(p, str_join(&a, name, count, STR(", ")), 15);
    }
    buf_add_c(&p->b, "\n    ");
    wrapped_text(p, c->coverage[first].remedy, 4);
    buf_add_char(&p->b, '\n');
}

static void put_gaps(struct page *p, const struct result *r)
{
    bool any = false;
    for (size_t k = 0; k < KIND_COUNT; k++) {
        const struct coverage *c = &r->cluster->coverage[k];
        size_t before = 0;
        while (before < k && !same_gap(c, &r->cluster->coverage[before]))
            before++;
        if (!coverage_is_gap(c) || before < k)
            continue;
        if (!any)
            buf_add_c(&p->b, "\nNot seen:\n");
        any = true;
        put_gap(p, r->cluster, k);
    }
}

static void put_broken_off(struct page *p, const struct result *r)
{
    if (r->broken_off_count)
        buf_add_c(&p->b, "\nThis audit broke off, and is none of the whole cluster:\n");
    for (size_t i = 0; i < r->broken_off_count; i++) {
        buf_add_c(&p->b, "  ");
        wrapped_text(p, r->broken_off[i], 2);
        buf_add_char(&p->b, '\n');
    }
}

static void put_score(struct page *p, const struct result *r)
{
    const struct score *s = &r->score;
    buf_add_char(&p->b, '\n');
    for (int v = VERDICT_COUNT - 1; v >= 0; v--) {
        if (!s->count[v])
            continue;
        buf_addf(&p->b, "%u ", s->count[v]);
        coloured(p, verdict_colour[v], verdict_label((enum verdict)v));
        buf_add_c(&p->b, "   ");
    }
    if (!s->has_score)
        buf_add_c(&p->b, "\nno score: no check could be judged\n");
    else if (s->low_permille == s->high_permille)
        buf_addf(&p->b, "\nscore %d.%d %%\n", s->low_permille / 10, s->low_permille % 10);
    else
        buf_addf(&p->b, "\nscore between %d.%d %% and %d.%d %%: %u %s\n", s->low_permille / 10,
                 s->low_permille % 10, s->high_permille / 10, s->high_permille % 10, s->count[VERDICT_UNKNOWN],
                 s->count[VERDICT_UNKNOWN] == 1 ? "check lacks its evidence" : "checks lack their evidence");
}

/* What the reader is left with: never cut, and nothing comes after it. */
static void put_end(struct page *p, const struct result *r)
{
    uint32_t failed[SEVERITY_COUNT] = { 0 };
    for (size_t i = 0; i < r->check_count; i++)
        if (r->check[i].verdict == VERDICT_FAIL)
            failed[r->check[i].check->severity]++;
    if (p->o->report.n) {
        buf_add_c(&p->b, "report  ");
        safe_terminal(&p->b, p->o->report);
        buf_add_char(&p->b, '\n');
    }
    for (int s = SEVERITY_CRITICAL; s >= SEVERITY_HIGH; s--) {
        buf_addf(&p->b, "%u ", failed[s]);
        coloured(p, failed[s] ? verdict_colour[VERDICT_FAIL] : verdict_colour[VERDICT_NOT_APPLICABLE], severity_name[s]);
        buf_add_c(&p->b, s == SEVERITY_HIGH ? " failures\n" : ", ");
    }
}

bool report_text(const struct result *r, const struct text_options *o, struct sink *out, struct err *err)
{
    struct page p = { .b = BUF_INIT(TEXT_BYTES_MAX), .o = o };
    put_head(&p, r);
    put_checks(&p, r);
    put_gaps(&p, r);
    put_broken_off(&p, r);
    put_score(&p, r);
    put_end(&p, r);
    bool ok = buf_ok(&p.b, "the terminal summary", err) && out->add(out, buf_str(&p.b), err);
    buf_release(&p.b);
    return ok;
}
