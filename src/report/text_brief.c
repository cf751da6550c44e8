/* The summary on one screen: how it stands, what cannot wait, section by section, what was not seen
 * and what is due. */
#include "report/text_page.h"

#define URGENT_SHOWN  14u /* checks of severity critical and high; the rest is named */
#define CAUSES_SHOWN  5u
#define NOTES_SHOWN   4u
#define TITLE_COLUMNS 30u /* the table is then narrower than 80 */

static const enum verdict column[] = { VERDICT_FAIL,   VERDICT_UNKNOWN,  VERDICT_WAIVED,
                                       VERDICT_MANUAL, VERDICT_ATTESTED, VERDICT_NOT_APPLICABLE,
                                       VERDICT_PASS };
#define COLUMNS (sizeof column / sizeof *column)

static void put_label(struct text_page *p, enum verdict v, size_t width)
{
    text_coloured(p, verdict_colour[v], verdict_label(v));
    for (size_t n = strlen(verdict_label(v)); n < width; n++)
        buf_add_char(&p->b, ' ');
}

/* Checks by verdict and severity. */
static void put_counts(struct text_page *p, const struct result *r)
{
    uint32_t count[VERDICT_COUNT][SEVERITY_COUNT] = { 0 };
    for (size_t i = 0; i < r->check_count; i++)
        if (!r->check[i].is_outside)
            count[r->check[i].verdict][r->check[i].check->severity]++;
    buf_add_c(&p->b, "\n                checks");
    for (int s = SEVERITY_COUNT - 1; s >= 0; s--)
        buf_addf(&p->b, "%10s", severity_name[s]);
    buf_add_char(&p->b, '\n');
    for (size_t i = 0; i < COLUMNS; i++) {
        enum verdict v = column[i];
        if (!r->score.count[v])
            continue;
        put_label(p, v, 16);
        buf_addf(&p->b, "%6u", r->score.count[v]);
        for (int s = SEVERITY_COUNT - 1; s >= 0; s--)
            buf_addf(&p->b, "%10u", count[v][s]);
        buf_add_char(&p->b, '\n');
    }
}

/* A failure of one workload says more than that of its namespace; of two, the one with more pods.
 */
static bool is_worse(const struct finding *f, const struct finding *than)
{
    bool place = str_eq(f->object.kind, STR("Namespace")),
         other = str_eq(than->object.kind, STR("Namespace"));
    return place != other ? other : f->pods > than->pods;
}

/* *worst is left alone where none of the check's findings is a failure. */
static size_t worst_of(struct finding *worst, struct text_page *p, const struct result *r,
                       const struct check_result *c, struct arena *a)
{
    size_t failures = 0;
    for (size_t i = 0; i < c->finding_count && p->ok; i++) {
        struct finding f;
        p->ok = result_finding_glance(r, &f, c->first_finding + i, a, p->err);
        if (!p->ok || f.outcome != VERDICT_FAIL)
            continue;
        if (!failures++ || is_worse(&f, worst))
            *worst = f;
    }
    return failures;
}

static void put_urgent_check(struct text_page *p, const struct result *r,
                             const struct check_result *c)
{
    struct arena a CLEANUP(arena_release) = { 0 };
    struct finding worst = { 0 };
    size_t failures = worst_of(&worst, p, r, c, &a);
    struct str id =
        str_printf(&a, "  %-8s %-7.*s", severity_name[c->check->severity], STR_ARG(c->check->id));
    buf_add(&p->b, id);
    struct str what = str_printf(&a, " %.*s", STR_ARG(c->check->title));
    if (failures)
        what = str_printf(
            &a, "%.*s: %.*s%s", STR_ARG(what), STR_ARG(object_ref_text(&a, worst.object)),
            failures == 1 ? "" : str_to_c(&a, str_printf(&a, " and %zu more", failures - 1)));
    text_line(p, what, (int)id.n);
    buf_add_char(&p->b, '\n');
}

/* Failed checks that cannot wait, each with its worst object. */
static void put_urgent(struct text_page *p, const struct result *r)
{
    struct arena a CLEANUP(arena_release) = { 0 };
    struct check_at *left = arena_array(&a, struct check_at, r->check_count);
    size_t shown = 0, unshown = 0;
    for (int s = SEVERITY_CRITICAL; s >= SEVERITY_HIGH; s--)
        for (size_t i = 0; i < r->check_count; i++) {
            const struct check_result *c = &r->check[i];
            if (c->verdict != VERDICT_FAIL || (int)c->check->severity != s)
                continue;
            if (shown == URGENT_SHOWN) {
                left[unshown++] = (struct check_at){ c->check, i };
                continue;
            }
            buf_add_c(&p->b, shown++ ? "" : "\nfailed, and cannot wait\n");
            put_urgent_check(p, r, c);
        }
    if (!unshown)
        return;
    struct str head = str_printf(&a, "  and %zu more: ", unshown);
    buf_add(&p->b, head);
    text_wrapped(p, check_ids_text(&a, left, unshown), (int)head.n);
    buf_add_char(&p->b, '\n');
}

/* Columns of s, at most so many; *bytes is what they take. */
static size_t columns_of(struct str s, size_t most, size_t *bytes)
{
    size_t columns = 0;
    for (*bytes = 0; *bytes < s.n && columns < most; columns++) {
        uint32_t c;
        size_t n = str_utf8_at(s, *bytes, &c);
        *bytes += n ? n : 1;
    }
    return columns;
}

static bool is_top(struct str id)
{
    return str_find(id, STR("."), 0) == SIZE_MAX;
}

/* The uppermost sections that hold a check of this run. */
static void put_sections(struct text_page *p, const struct result *r)
{
    if (r->bench->section_count < 2)
        return;
    buf_addf(&p->b, "\n%-*s   fail  unknown   manual     pass        score\n",
             (int)TITLE_COLUMNS + 2, "section");
    for (size_t i = 0; i < r->bench->section_count; i++) {
        struct arena a CLEANUP(arena_release) = { 0 };
        const struct section *s = &r->bench->section[i];
        const struct score *x = &r->section_score[i];
        uint32_t all = 0;
        for (size_t v = 0; v < VERDICT_COUNT; v++)
            all += x->count[v];
        if (!is_top(s->id) || !all)
            continue;
        size_t bytes, columns;
        struct str text = str_printf(&a, "%.*s %.*s", STR_ARG(s->id), STR_ARG(s->title));
        columns = columns_of(text, TITLE_COLUMNS, &bytes);
        buf_add_c(&p->b, "  ");
        text_line(p, str_sub(text, 0, bytes), 2);
        buf_addf(&p->b, "%*s", (int)(TITLE_COLUMNS - columns), "");
        buf_addf(&p->b, "%7u  %7u  %7u  %7u", x->count[VERDICT_FAIL], x->count[VERDICT_UNKNOWN],
                 x->count[VERDICT_MANUAL], x->count[VERDICT_PASS]);
        if (x->has_score && x->low_permille == x->high_permille)
            buf_addf(&p->b, "  %9d %%", x->low_permille / 10);
        else if (x->has_score)
            buf_addf(&p->b, "  %3d - %3d %%", x->low_permille / 10, x->high_permille / 10);
        buf_add_char(&p->b, '\n');
    }
}

static void put_listed(struct text_page *p, struct str head, struct str text)
{
    buf_add(&p->b, head);
    text_wrapped(p, text, (int)head.n);
    buf_add_char(&p->b, '\n');
}

/* Undecided checks that the same would decide; where nothing would, those with the same reason. */
struct lack {
    struct str reason, remedy;
    bool one_reason;
    struct check_at *check;
    size_t count;
};

static struct str bare_reason(struct str s)
{
    static const struct str head = STR_INIT("not decided: ");
    return str_has_prefix(s, head) ? str_sub(s, head.n, s.n) : s;
}

static size_t causes_of(struct arena *a, const struct result *r, struct lack **out)
{
    size_t unknown = 0, count = 0;
    for (size_t i = 0; i < r->check_count; i++)
        unknown += r->check[i].verdict == VERDICT_UNKNOWN;
    struct lack *cause = arena_array(a, struct lack, unknown);
    for (size_t i = 0; i < r->check_count; i++) {
        const struct check_result *c = &r->check[i];
        if (c->verdict != VERDICT_UNKNOWN || c->is_outside)
            continue;
        size_t at = 0;
        while (at < count && !(str_eq(cause[at].remedy, c->remedy) &&
                               (c->remedy.n || str_eq(cause[at].reason, c->reason))))
            at++;
        if (at == count)
            cause[count++] = (struct lack){ c->reason, c->remedy, true,
                                            arena_array(a, struct check_at, unknown), 0 };
        cause[at].one_reason &= str_eq(cause[at].reason, c->reason);
        cause[at].check[cause[at].count++] = (struct check_at){ c->check, i };
    }
    *out = cause;
    return count;
}

static void put_cause(struct text_page *p, const struct lack *c)
{
    struct arena a CLEANUP(arena_release) = { 0 };
    put_listed(p, str_printf(&a, "  %zu check%s: ", c->count, c->count == 1 ? "" : "s"),
               check_ids_text(&a, c->check, c->count));
    if (c->one_reason)
        put_listed(p, STR("      "), bare_reason(c->reason));
    if (c->remedy.n)
        put_listed(p, STR("      to know it: "), c->remedy);
}

/* The causes that leave the most checks undecided, first. */
static void put_unseen(struct text_page *p, const struct result *r)
{
    struct arena a CLEANUP(arena_release) = { 0 };
    struct lack *cause;
    size_t count = causes_of(&a, r, &cause), left = 0, shown = 0;
    for (; shown < count && shown < CAUSES_SHOWN; shown++) {
        size_t most = 0;
        for (size_t i = 1; i < count; i++)
            if (cause[i].count > cause[most].count)
                most = i;
        buf_add_c(&p->b, shown ? "" : "\nnot decided, by cause\n");
        put_cause(p, &cause[most]);
        cause[most].count = 0;
    }
    for (size_t i = 0; i < count; i++)
        left += cause[i].count;
    if (left)
        buf_addf(&p->b, "  and %zu more for %zu other reason%s\n", left, count - shown,
                 count - shown == 1 ? "" : "s");
}

/* What persons owe: attestations that are due, and statements without effect (expired, unused). */
static void put_due(struct text_page *p, const struct result *r)
{
    struct arena a CLEANUP(arena_release) = { 0 };
    struct check_at *at = arena_array(&a, struct check_at, r->check_count);
    size_t manual = 0;
    for (size_t i = 0; i < r->check_count; i++)
        if (r->check[i].verdict == VERDICT_MANUAL && !r->check[i].is_outside)
            at[manual++] = (struct check_at){ r->check[i].check, i };
    if (manual)
        put_listed(
            p, str_printf(&a, "\na person decides %zu check%s: ", manual, manual == 1 ? "" : "s"),
            check_ids_text(&a, at, manual));
    text_unapproved(p, r);
    for (size_t i = 0; i < r->statement_note_count && i < NOTES_SHOWN; i++)
        put_listed(p, STR("statement: "), r->statement_note[i]);
    if (r->statement_note_count > NOTES_SHOWN)
        buf_addf(&p->b, "and %zu more statements without effect\n",
                 r->statement_note_count - NOTES_SHOWN);
}

/* The check to read about: the first of the worst. */
static void put_next(struct text_page *p, const struct result *r)
{
    const struct check_result *worst = NULL;
    for (size_t i = 0; i < r->check_count; i++)
        if (r->check[i].verdict == VERDICT_FAIL &&
            (!worst || r->check[i].check->severity > worst->check->severity))
            worst = &r->check[i];
    buf_add_char(&p->b, '\n');
    if (!worst)
        return;
    struct arena a CLEANUP(arena_release) = { 0 };
    put_listed(p, STR("next    "),
               str_printf(&a, "kubevouch explain %.*s --benchmark %.*s", STR_ARG(worst->check->id),
                          STR_ARG(r->bench->id)));
    put_listed(p, STR("        "), STR("all findings: --summary full, and the report"));
}

void text_brief(struct text_page *p, const struct result *r)
{
    text_head(p, r);
    text_score(p, r);
    put_counts(p, r);
    put_urgent(p, r);
    put_sections(p, r);
    put_unseen(p, r);
    put_due(p, r);
    text_frameworks(p, r, true);
    text_outside(p, r);
    text_broken_off(p, r);
    put_next(p, r);
    text_end(p, r);
}
