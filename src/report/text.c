/* The summary for a terminal: what failed, what is not known and why, the score, and where to read
 * on. */
#include "report/text_page.h"

#include "bench/edition.h"
#include "report/safe.h"
#include "report/undecided.h"

#define UNAPPROVED_SHOWN 5u
#define SHOWN_PER_CHECK  3u

const char *const summary_name[SUMMARY_COUNT] = {
    [SUMMARY_BRIEF] = "brief", [SUMMARY_FULL] = "full", [SUMMARY_LINE] = "line"
};

void text_head(struct text_page *p, const struct result *r)
{
    buf_add_c(&p->b, "\n");
    text_line(p, r->bench->title, 0);
    if (r->run.benchmark_reason.n) {
        buf_add_c(&p->b, "\nchosen because ");
        text_line(p, r->run.benchmark_reason, 15);
    }
    struct arena a CLEANUP(arena_release) = { 0 };
    struct str newer = edition_text(&a, r->bench);
    if (newer.n) {
        buf_add_c(&p->b, "\nnewer edition  ");
        text_wrapped(p, newer, 15);
    }
    buf_add_c(&p->b, "\ncluster  ");
    text_line(p, r->run.cluster_name.n ? r->run.cluster_name : r->run.source_text, 9);
    if (r->cluster->git_version.n) {
        buf_add_c(&p->b, "\nserver  ");
        text_line(p, r->cluster->git_version, 8);
    }
    if (r->cluster->connection == CONNECTION_UNVERIFIED ||
        r->cluster->connection == CONNECTION_PLAIN) {
        buf_add_c(&p->b, "\n");
        text_coloured(p, verdict_colour[VERDICT_FAIL], "not proven");
        buf_add_c(&p->b, "  ");
        text_wrapped(p,
                     r->cluster->connection == CONNECTION_PLAIN
                         ? STR("whose answers these are: the server was asked over plain http")
                         : str_printf(&a,
                                      "whose answers these are: the server's certificate was not "
                                      "checked, and it was sent the credential (%.*s)",
                                      STR_ARG(r->cluster->credential_kind)),
                     12);
    }
    buf_add_c(&p->b, "\naudited as  ");
    text_line(p, r->cluster->user.n ? r->cluster->user : STR("(the server did not say)"), 12);
    buf_add_c(&p->b, "\n\n");
}

static void put_finding(struct text_page *p, const struct result *r, size_t i)
{
    struct arena a CLEANUP(arena_release) = { 0 };
    struct finding f;
    p->ok = p->ok && result_finding(r, &f, i, &a, p->err);
    if (!p->ok)
        return;
    struct str what = object_ref_text(&a, f.object);
    if (f.pods > 1)
        what = str_printf(&a, "%.*s (%u pods)", STR_ARG(what), f.pods);
    buf_add_c(&p->b, "             ");
    text_line(p, str_printf(&a, "%.*s: %.*s", STR_ARG(what), STR_ARG(f.message)), 13);
    buf_add_char(&p->b, '\n');
}

static void put_remedy(struct text_page *p, struct str remedy)
{
    if (!remedy.n)
        return;
    buf_add_c(&p->b, "             to know it: ");
    text_wrapped(p, remedy, 26);
    buf_add_char(&p->b, '\n');
}

static void put_check(struct text_page *p, const struct result *r, const struct check_result *c)
{
    text_coloured(p, verdict_colour[c->verdict], verdict_label(c->verdict));
    for (size_t n = strlen(verdict_label(c->verdict)); n < 8; n++)
        buf_add_char(&p->b, ' ');
    /* a policy's name may be long, and is the cluster's to choose */
    text_line(p, c->check->id, 16);
    for (size_t n = c->check->id.n; n < 6; n++)
        buf_add_char(&p->b, ' ');
    buf_add_char(&p->b, ' ');
    text_line(p, c->check->title, 16 + (int)strlen(severity_name[c->check->severity]) + 4);
    buf_addf(&p->b, "  [%s]\n             ", severity_name[c->check->severity]);
    text_wrapped(p, c->reason, 13);
    buf_add_char(&p->b, '\n');
    for (size_t i = 0; i < c->finding_count && i < SHOWN_PER_CHECK && c->verdict == VERDICT_FAIL;
         i++)
        put_finding(p, r, c->first_finding + i);
    if (c->verdict == VERDICT_FAIL && c->finding_count > SHOWN_PER_CHECK)
        buf_addf(&p->b, "             and %zu more\n", c->finding_count - SHOWN_PER_CHECK);
    if (c->verdict == VERDICT_UNKNOWN)
        put_remedy(p, c->remedy);
}

/* Checks that lack the same are told together. */
static void put_undecided(struct text_page *p, const struct result *r)
{
    struct arena a CLEANUP(arena_release) = { 0 };
    struct undecided *group;
    size_t count = undecided_groups(&a, r, &group);
    for (size_t i = 0; i < count; i++) {
        if (group[i].count == 1) {
            put_check(p, r, group[i].check[0]);
            continue;
        }
        text_coloured(p, verdict_colour[VERDICT_UNKNOWN], verdict_label(VERDICT_UNKNOWN));
        buf_addf(&p->b, " %zu checks: ", group[i].count);
        text_wrapped(p, undecided_ids(&a, &group[i]), 20);
        buf_add_c(&p->b, "\n             ");
        text_wrapped(p, group[i].reason, 13);
        buf_add_char(&p->b, '\n');
        put_remedy(p, group[i].remedy);
    }
}

/* Failures by severity, worst first; then what is unknown; passed ones are only counted. */
static void put_checks(struct text_page *p, const struct result *r)
{
    for (int s = SEVERITY_COUNT - 1; s >= 0; s--)
        for (size_t i = 0; i < r->check_count; i++)
            if (r->check[i].verdict == VERDICT_FAIL && (int)r->check[i].check->severity == s)
                put_check(p, r, &r->check[i]);
    put_undecided(p, r);
    text_outside(p, r);
}

/* What a reason says after the name of the list that it is about. */
static struct str reason_of(const struct coverage *c)
{
    size_t at = str_find(c->reason, STR(": "), 0);
    return at == SIZE_MAX ? c->reason : str_sub(c->reason, at + 2, c->reason.n);
}

static bool same_gap(const struct coverage *a, const struct coverage *b)
{
    return coverage_is_gap(a) && coverage_is_gap(b) && str_eq(reason_of(a), reason_of(b)) &&
           str_eq(a->remedy, b->remedy);
}

/* One entry for all lists that lack the same for the same reason. */
static void put_gap(struct text_page *p, const struct cluster *c, size_t first)
{
    struct arena a CLEANUP(arena_release) = { 0 };
    struct str name[KIND_COUNT];
    size_t count = 0;
    for (size_t k = first; k < KIND_COUNT; k++)
        if (same_gap(&c->coverage[first], &c->coverage[k]))
            name[count++] = kind_text(&a, (enum kind)k);
    buf_add_c(&p->b, "  ");
    text_line(p, count == 1 ? c->coverage[first].reason : reason_of(&c->coverage[first]), 2);
    if (count > 1) {
        buf_add_c(&p->b, "\n    holds for: ");
        text_line(p, str_join(&a, name, count, STR(", ")), 15);
    }
    buf_add_c(&p->b, "\n    ");
    text_wrapped(p, c->coverage[first].remedy, 4);
    buf_add_char(&p->b, '\n');
}

static void put_gaps(struct text_page *p, const struct result *r)
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

void text_outside(struct text_page *p, const struct result *r)
{
    bool one = r->outside_count == 1;
    if (!r->outside_count)
        return;
    buf_addf(&p->b, "\n%zu check%s a cluster, and stand%s outside the score:\n", r->outside_count,
             one ? " needs" : "s need", one ? "s" : "");
    text_wrapped(p, r->outside, 0);
    buf_add_char(&p->b, '\n');
}

void text_broken_off(struct text_page *p, const struct result *r)
{
    if (r->broken_off_count)
        buf_add_c(&p->b, "\nThis audit broke off, and is none of the whole cluster:\n");
    for (size_t i = 0; i < r->broken_off_count; i++) {
        buf_add_c(&p->b, "  ");
        text_wrapped(p, r->broken_off[i], 2);
        buf_add_char(&p->b, '\n');
    }
}

static void put_counts(struct text_page *p, const struct score *s)
{
    buf_add_char(&p->b, '\n');
    for (int v = VERDICT_COUNT - 1; v >= 0; v--) {
        if (!s->count[v])
            continue;
        buf_addf(&p->b, "%u ", s->count[v]);
        text_coloured(p, verdict_colour[v], verdict_label((enum verdict)v));
        buf_add_c(&p->b, "   ");
    }
    buf_add_char(&p->b, '\n');
}

void text_score(struct text_page *p, const struct result *r)
{
    const struct score *s = &r->score;
    if (!s->has_score)
        buf_add_c(&p->b, "no score: no check could be judged\n");
    else if (s->low_permille == s->high_permille)
        buf_addf(&p->b, "score %d.%d %%\n", s->low_permille / 10, s->low_permille % 10);
    else
        buf_addf(&p->b, "score between %d.%d %% and %d.%d %%: %u %s\n", s->low_permille / 10,
                 s->low_permille % 10, s->high_permille / 10, s->high_permille % 10,
                 s->count[VERDICT_UNKNOWN],
                 s->count[VERDICT_UNKNOWN] == 1 ? "check lacks its evidence"
                                                : "checks lack their evidence");
}

static struct str framework_text(struct arena *a, const struct framework_result *f)
{
    struct str text = str_printf(a, "%.*s %.*s  evidence for %u of %zu requirements",
                                 STR_ARG(f->framework->title), STR_ARG(f->framework->version),
                                 f->contributed, f->framework->requirement_count);
    for (int k = FOUND_COUNT - 1; k >= 0; k--)
        if (f->found[k])
            text =
                str_printf(a, "%.*s, %s %u", STR_ARG(text), found_text((enum found)k), f->found[k]);
    return text;
}

void text_unapproved(struct text_page *p, const struct result *r)
{
    struct arena a CLEANUP(arena_release) = { 0 };
    struct str text = { 0 };
    size_t count = 0;
    for (size_t i = 0; i < r->exception_count; i++) {
        const struct exception *e = &r->exception[i];
        if (e->approved ||
            (e->check.n ? e->state != EXCEPTION_IN_FORCE : e->state == EXCEPTION_UNUSED))
            continue;
        if (count++ >= UNAPPROVED_SHOWN)
            continue;
        text = str_printf(&a, "%.*s%s%.*s%s%.*s", STR_ARG(text), text.n ? ", " : "",
                          STR_ARG(e->check.n ? e->check : e->param), e->check.n ? " for " : " ",
                          STR_ARG(e->check.n ? e->object : e->value));
    }
    if (!count)
        return;
    text_wrapped(p,
                 str_printf(&a, "accepted, and approved by nobody (%zu): %.*s%s", count,
                            STR_ARG(text), count > UNAPPROVED_SHOWN ? " ..." : ""),
                 2);
    buf_add_char(&p->b, '\n');
}

/* "auditLogHistoryDays 365 (benchmark 0)", of what a framework asks for and the run was judged by.
 */
static struct str thresholds_text(struct arena *a, const struct result *r,
                                  const struct framework *f)
{
    struct str text = { 0 };
    for (size_t i = 0; i < f->param_count; i++) {
        const struct value *v = value_get(r->params, f->param[i].name);
        for (size_t k = 0; v && k < r->bench->param_count; k++)
            if (str_eq(r->bench->param[k].name, f->param[i].name) &&
                value_equal(*v, f->param[i].value) && !value_equal(*v, r->bench->param[k].def))
                text = str_printf(a, "%.*s%s%.*s %.*s (benchmark %.*s)", STR_ARG(text),
                                  text.n ? ", " : "  judged by its thresholds: ",
                                  STR_ARG(f->param[i].name), STR_ARG(cel_value_text(a, *v, 200)),
                                  STR_ARG(cel_value_text(a, r->bench->param[k].def, 200)));
    }
    return text;
}

void text_frameworks(struct text_page *p, const struct result *r, bool leading_alone)
{
    struct arena a CLEANUP(arena_release) = { 0 };
    bool any = false;
    for (size_t i = 0; i < r->framework_count; i++) {
        if (leading_alone && !str_eq(r->framework[i].framework->id, r->run.leading_framework))
            continue;
        buf_add_c(&p->b, any ? "" : "\n");
        text_wrapped(p, framework_text(&a, &r->framework[i]), 2);
        buf_add_char(&p->b, '\n');
        struct str thresholds = thresholds_text(&a, r, r->framework[i].framework);
        text_wrapped(p, thresholds, 4);
        buf_add_c(&p->b, thresholds.n ? "\n" : "");
        any = true;
    }
}

/* Failed checks by severity. */
static void count_failed(uint32_t failed[SEVERITY_COUNT], const struct result *r)
{
    for (size_t i = 0; i < r->check_count; i++)
        if (r->check[i].verdict == VERDICT_FAIL)
            failed[r->check[i].check->severity]++;
}

/* What the reader is left with: never cut, and nothing comes after it. */
void text_end(struct text_page *p, const struct result *r)
{
    uint32_t failed[SEVERITY_COUNT] = { 0 };
    count_failed(failed, r);
    if (p->o->report.n) {
        buf_add_c(&p->b, "report  ");
        safe_terminal(&p->b, p->o->report);
        buf_add_char(&p->b, '\n');
    }
    for (int s = SEVERITY_CRITICAL; s >= SEVERITY_HIGH; s--) {
        buf_addf(&p->b, "%u ", failed[s]);
        text_coloured(
            p, failed[s] ? verdict_colour[VERDICT_FAIL] : verdict_colour[VERDICT_NOT_APPLICABLE],
            severity_name[s]);
        buf_add_c(&p->b, s == SEVERITY_HIGH ? " failures\n" : ", ");
    }
}

/* For logs: one line says how it stands. */
static void put_one_line(struct text_page *p, const struct result *r)
{
    uint32_t failed[SEVERITY_COUNT] = { 0 };
    count_failed(failed, r);
    const struct score *s = &r->score;
    text_line(p, r->run.cluster_name.n ? r->run.cluster_name : r->run.source_text, 0);
    buf_add_c(&p->b, ": ");
    if (!s->has_score)
        buf_add_c(&p->b, "no score");
    else if (s->low_permille == s->high_permille)
        buf_addf(&p->b, "score %d.%d %%", s->low_permille / 10, s->low_permille % 10);
    else
        buf_addf(&p->b, "score %d.%d - %d.%d %%", s->low_permille / 10, s->low_permille % 10,
                 s->high_permille / 10, s->high_permille % 10);
    buf_addf(&p->b, ", %u failed (%u critical, %u high), %u unknown%s", s->count[VERDICT_FAIL],
             failed[SEVERITY_CRITICAL], failed[SEVERITY_HIGH], s->count[VERDICT_UNKNOWN],
             r->broken_off_count ? ", broken off" : "");
    if (r->has_baseline) {
        size_t fresh = 0;
        for (size_t i = 0; i < r->finding_count; i++)
            fresh += r->is_new[i];
        buf_addf(&p->b, ", %zu new failures", fresh);
    }
    if (p->o->report.n) {
        buf_add_c(&p->b, ", report ");
        safe_terminal(&p->b, p->o->report);
    }
    buf_add_char(&p->b, '\n');
}

static void put_full(struct text_page *p, const struct result *r)
{
    text_head(p, r);
    put_checks(p, r);
    put_gaps(p, r);
    text_broken_off(p, r);
    text_unapproved(p, r);
    text_frameworks(p, r, false);
    put_counts(p, &r->score);
    text_score(p, r);
    text_end(p, r);
}

bool report_text(const struct result *r, const struct text_options *o, struct sink *out,
                 struct err *err)
{
    static void (*const put[])(struct text_page *, const struct result *) = {
        [SUMMARY_BRIEF] = text_brief,
        [SUMMARY_FULL] = put_full,
        [SUMMARY_LINE] = put_one_line,
    };
    struct text_page p = { .b = BUF_INIT(TEXT_BYTES_MAX), .o = o, .err = err, .ok = true };
    put[o->summary](&p, r);
    bool ok =
        p.ok && buf_ok(&p.b, "the terminal summary", err) && out->add(out, buf_str(&p.b), err);
    buf_release(&p.b);
    return ok;
}
