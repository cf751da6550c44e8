/* What held over a period: runs in the order of their time, and what stands between two of them. */
#include "evidence/period.h"

const char *const period_state_name[PERIOD_STATE_COUNT] = { "inForce",       "inBreach",
                                                            "waived",        "attested",
                                                            "notApplicable", "notObserved" };
const char *const period_cause_name[PERIOD_CAUSE_COUNT] = { "no-run", "not-run", "undecided",
                                                            "other-rules", "changed" };
const char *const period_cause_text[PERIOD_CAUSE_COUNT] = {
    "no run close enough",      "not among the checks of a run",
    "not decided by a run",     "judged by another benchmark or other parameters",
    "changed between two runs",
};

/* A run with what each check was after it. */
struct point {
    int64_t at;
    const struct ledger_run *run;
    const struct ledger_check **state; /* by check; NULL: never run so far */
};
struct line {
    struct point *point;
    size_t count;
    struct map index; /* check -> its period_check */
};

static int64_t ms_of(struct instant t)
{
    return t.s * 1000 + t.ns / 1000000;
}

static int by_time(const void *a, const void *b)
{
    const struct point *x = a, *y = b;
    if (x->at != y->at)
        return x->at < y->at ? -1 : 1;
    return (x->run->sequence > y->run->sequence) - (x->run->sequence < y->run->sequence);
}

/* ---- runs and what they found ---- */

static void collect_checks(struct line *l, struct period_stream *s, struct arena *a,
                           const struct ledger_stream *from)
{
    map_init(&l->index, a);
    for (const struct ledger_run *run = from->first; run; run = run->next)
        for (size_t i = 0; i < run->changed_count; i++)
            (void)map_at(&l->index, run->changed[i].id, NULL);
    s->check_count = l->index.count;
    s->check = arena_array(a, struct period_check, s->check_count);
    for (size_t i = 0; i < s->check_count; i++)
        l->index.entry[i].val = &s->check[i];
}

/* Changes follow the ledger's order, which a recording that is judged late does not share. */
static void collect_points(struct line *l, struct period_stream *s, struct arena *a,
                           const struct ledger_stream *from)
{
    const struct ledger_check **now = arena_array(a, const struct ledger_check *, s->check_count);
    l->point = arena_array(a, struct point, from->count);
    for (const struct ledger_run *run = from->first; run; run = run->next) {
        struct point *p = &l->point[l->count++];
        for (size_t i = 0; i < run->changed_count; i++) {
            struct period_check *c = map_get(&l->index, run->changed[i].id);
            now[c - s->check] = &run->changed[i];
            c->as = &run->changed[i];
        }
        *p = (struct point){ ms_of(run->observed), run,
                             arena_array(a, const struct ledger_check *, s->check_count) };
        for (size_t i = 0; i < s->check_count; i++)
            p->state[i] = now[i];
    }
    qsort(l->point, l->count, sizeof *l->point, by_time);
}

/* ---- what stands between two runs ---- */

static bool is_near(const struct point *x, const struct point *y, int64_t max_gap_ms)
{
    return x && y && y->at - x->at <= max_gap_ms;
}

static bool was_run(const struct ledger_check *c)
{
    return c && c->verdict != VERDICT_COUNT;
}

static bool is_decided(const struct ledger_check *c)
{
    return was_run(c) && c->verdict != VERDICT_UNKNOWN && c->verdict != VERDICT_MANUAL;
}

static enum period_state state_between(enum period_cause *cause, const struct point *x,
                                       const struct point *y, size_t check, int64_t max_gap_ms)
{
    static const enum period_state as[VERDICT_COUNT] = {
        [VERDICT_NOT_APPLICABLE] = PERIOD_NOT_APPLICABLE,
        [VERDICT_PASS] = PERIOD_IN_FORCE,
        [VERDICT_ATTESTED] = PERIOD_ATTESTED,
        [VERDICT_MANUAL] = PERIOD_NOT_OBSERVED,
        [VERDICT_WAIVED] = PERIOD_WAIVED,
        [VERDICT_UNKNOWN] = PERIOD_NOT_OBSERVED,
        [VERDICT_FAIL] = PERIOD_IN_BREACH,
    };
    *cause = PERIOD_NO_RUN;
    if (!is_near(x, y, max_gap_ms))
        return PERIOD_NOT_OBSERVED;
    const struct ledger_check *p = x->state[check], *q = y->state[check];
    if (was_run(p) && was_run(q) && is_decided(p) && is_decided(q) &&
        str_eq(x->run->rules, y->run->rules) && p->verdict == q->verdict)
        return as[p->verdict];
    *cause = !was_run(p) || !was_run(q)              ? PERIOD_NOT_RUN
             : !is_decided(p) || !is_decided(q)      ? PERIOD_UNDECIDED
             : !str_eq(x->run->rules, y->run->rules) ? PERIOD_OTHER_RULES
                                                     : PERIOD_CHANGED;
    return PERIOD_NOT_OBSERVED;
}

#define PUSH_GAP(list, a, gap_from, gap_to, why)                                            \
    do {                                                                                    \
        struct period_gap *last_ = (list)->count ? &(list)->item[(list)->count - 1] : NULL; \
        if (last_ && last_->to == (gap_from) && last_->cause == (why))                      \
            last_->to = (gap_to);                                                           \
        else                                                                                \
            *VEC_PUSH((list), (a)) = (struct period_gap){ (gap_from), (gap_to), (why) };    \
    } while (0)

/* The i-th of count + 1 stretches that the runs part the period into; false: it is empty. */
static bool stretch(int64_t *from, int64_t *to, const struct line *l, size_t i,
                    const struct period *p)
{
    *from = i && l->point[i - 1].at > p->from ? l->point[i - 1].at : p->from;
    *to = i < l->count && l->point[i].at < p->to ? l->point[i].at : p->to;
    return *from < *to;
}

static void measure_check(struct period_check *c, const struct line *l, size_t check,
                          const struct period *p, struct arena *a)
{
    int64_t from, to;
    enum period_cause cause;
    for (size_t i = 0; i <= l->count; i++) {
        if (!stretch(&from, &to, l, i, p))
            continue;
        enum period_state s =
            state_between(&cause, i ? &l->point[i - 1] : NULL, i < l->count ? &l->point[i] : NULL,
                          check, p->max_gap_ms);
        c->ms[s] += to - from;
        if (s == PERIOD_NOT_OBSERVED)
            PUSH_GAP(&c->gap, a, from, to, cause);
    }
}

static void measure_runs(struct period_stream *s, const struct line *l, const struct period *p,
                         struct arena *a)
{
    int64_t from, to;
    s->first_run = s->last_run = INT64_MIN;
    for (size_t i = 0; i < l->count; i++) {
        if (l->point[i].at < p->from || l->point[i].at >= p->to)
            continue;
        s->first_run = s->runs++ ? s->first_run : l->point[i].at;
        s->last_run = l->point[i].at;
    }
    for (size_t i = 0; i <= l->count; i++) {
        if (!stretch(&from, &to, l, i, p))
            continue;
        if (is_near(i ? &l->point[i - 1] : NULL, i < l->count ? &l->point[i] : NULL, p->max_gap_ms))
            s->observed_ms += to - from;
        else
            PUSH_GAP(&s->gap, a, from, to, PERIOD_NO_RUN);
    }
}

/* ---- breaches ---- */

static void add_objects(struct period_breach *b, struct arena *a, const struct ledger_check *c)
{
    for (size_t i = 0; i < c->object_count; i++) {
        const struct ledger_object *o = &c->object[i];
        bool there = false;
        for (size_t k = 0; k < b->object.count && !there; k++)
            there = str_eq(b->object.item[k].kind, o->kind) &&
                    str_eq(b->object.item[k].ns, o->ns) && str_eq(b->object.item[k].name, o->name);
        if (!there)
            *VEC_PUSH(&b->object, a) = *o;
    }
    b->findings = c->findings > b->findings ? c->findings : b->findings;
    b->more |= c->object_count == LEDGER_OBJECTS_MAX;
}

/* It reaches into the period: what ended before it or began after it is none of its. */
static bool is_within(const struct period_breach *b, const struct period *p)
{
    return b->first_seen < p->to &&
           (b->ended != INT64_MIN ? b->ended > p->from : b->last_seen >= p->from);
}

static void find_breaches(struct period_check *c, const struct line *l, size_t check,
                          const struct period *p, struct arena *a)
{
    struct period_breach open = { 0 };
    bool is_open = false;
    int64_t held = INT64_MIN;
    const struct ledger_check *last = NULL;
    for (size_t i = 0; i < l->count; i++) {
        const struct ledger_check *s = l->point[i].state[check];
        if (!is_decided(s))
            continue;
        if (s->verdict != VERDICT_FAIL) {
            open.ended = l->point[i].at;
            open.ended_as = s->verdict;
            if (is_open && is_within(&open, p))
                *VEC_PUSH(&c->breach, a) = open;
            is_open = false;
            held = l->point[i].at;
            continue;
        }
        if (!is_open)
            open = (struct period_breach){ .first_seen = l->point[i].at,
                                           .holds_before = held,
                                           .ended = INT64_MIN };
        if (!is_open || s != last)
            add_objects(&open, a, s);
        last = s;
        is_open = true;
        open.last_seen = l->point[i].at;
    }
    if (is_open && is_within(&open, p))
        *VEC_PUSH(&c->breach, a) = open;
}

void period_make(struct period *out, struct arena *a, const struct ledger *l,
                 const struct period_options *o)
{
    *out = (struct period){ .from = o->from,
                            .to = o->to,
                            .max_gap_ms = o->max_gap_ms,
                            .lines = l->run.count,
                            .head = l->run.count ? l->run.item[l->run.count - 1]->hash
                                                 : (struct str){ 0 } };
    out->stream = arena_array(a, struct period_stream, l->stream.count);
    for (; out->stream_count < l->stream.count; out->stream_count++) {
        struct period_stream *s = &out->stream[out->stream_count];
        const struct ledger_stream *from = l->stream.entry[out->stream_count].val;
        struct line points = { 0 };
        *s = (struct period_stream){ .cluster = from->last->cluster,
                                     .cluster_id = from->last->cluster_id,
                                     .benchmark = from->last->benchmark };
        collect_checks(&points, s, a, from);
        collect_points(&points, s, a, from);
        measure_runs(s, &points, out, a);
        for (size_t i = 0; i < s->check_count; i++) {
            measure_check(&s->check[i], &points, i, out, a);
            find_breaches(&s->check[i], &points, i, out, a);
        }
    }
}

bool period_has_gap(const struct period *p)
{
    bool gap = !p->stream_count;
    for (size_t i = 0; i < p->stream_count && !gap; i++) {
        gap = p->stream[i].gap.count > 0;
        for (size_t k = 0; k < p->stream[i].check_count && !gap; k++)
            gap = p->stream[i].check[k].ms[PERIOD_NOT_OBSERVED] > 0;
    }
    return gap;
}

struct str period_time(struct arena *a, int64_t ms)
{
    int64_t s = ms / 1000, rest = ms % 1000;
    return clock_format_rfc3339(
        a, (struct instant){ rest < 0 ? s - 1 : s,
                             (int32_t)(rest < 0 ? rest + 1000 : rest) * 1000000 });
}

struct str period_share(struct arena *a, int64_t part, int64_t whole)
{
    int64_t permille = whole > 0 ? part * 1000 / whole : 0;
    return str_printf(a, "%lld.%lld", (long long)(permille / 10), (long long)(permille % 10));
}
