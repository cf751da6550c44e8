/* A period as a document, as rows, and as lines for people. */
#include "base/shown.h"
#include "evidence/period.h"
#include "report/safe.h"

static void set_time(struct value_builder *b, struct arena *a, const char *key, int64_t ms)
{
    value_builder_set(b, key, ms == INT64_MIN ? value_null() : value_str(period_time(a, ms)));
}

/* ---- for programs ---- */

static struct value gap_value(struct arena *a, const struct period_gap *g)
{
    struct value_builder b;
    value_builder_init(&b, a);
    set_time(&b, a, "from", g->from);
    set_time(&b, a, "to", g->to);
    value_builder_set(&b, "cause", value_cstr(period_cause_name[g->cause]));
    return value_builder_map(&b);
}

static struct value gaps_value(struct arena *a, const struct period_gap *gap, size_t count)
{
    struct value_builder b;
    value_builder_init(&b, a);
    for (size_t i = 0; i < count; i++)
        value_builder_push(&b, gap_value(a, &gap[i]));
    return value_builder_list(&b);
}

static struct value breach_value(struct arena *a, const struct period_breach *x)
{
    struct value_builder b, list, o;
    value_builder_init(&b, a);
    set_time(&b, a, "heldBefore", x->holds_before);
    set_time(&b, a, "firstSeen", x->first_seen);
    set_time(&b, a, "lastSeen", x->last_seen);
    set_time(&b, a, "ended", x->ended);
    value_builder_set(&b, "endedAs",
                      x->ended == INT64_MIN ? value_null() : value_cstr(verdict_name(x->ended_as)));
    value_builder_set(&b, "findings", value_int((int64_t)x->findings));
    value_builder_init(&list, a);
    for (size_t i = 0; i < x->object.count; i++) {
        value_builder_init(&o, a);
        value_builder_set(&o, "kind", value_str(x->object.item[i].kind));
        if (x->object.item[i].ns.n)
            value_builder_set(&o, "namespace", value_str(x->object.item[i].ns));
        value_builder_set(&o, "name", value_str(x->object.item[i].name));
        value_builder_push(&list, value_builder_map(&o));
    }
    value_builder_set(&b, "objects", value_builder_list(&list));
    value_builder_set(&b, "moreObjects", value_bool(x->more));
    return value_builder_map(&b);
}

static struct value check_value(struct arena *a, const struct period *p,
                                const struct period_check *c)
{
    struct value_builder b, ms, list;
    value_builder_init(&b, a);
    value_builder_set(&b, "id", value_str(c->as->id));
    value_builder_set(&b, "title", value_str(c->as->title));
    value_builder_set(&b, "severity", value_str(c->as->severity));
    value_builder_set(&b, "inForcePermille",
                      value_int(c->ms[PERIOD_IN_FORCE] * 1000 / (p->to - p->from)));
    value_builder_init(&ms, a);
    for (size_t i = 0; i < PERIOD_STATE_COUNT; i++)
        value_builder_set(&ms, period_state_name[i], value_int(c->ms[i]));
    value_builder_set(&b, "milliseconds", value_builder_map(&ms));
    value_builder_init(&list, a);
    for (size_t i = 0; i < c->breach.count; i++)
        value_builder_push(&list, breach_value(a, &c->breach.item[i]));
    value_builder_set(&b, "breaches", value_builder_list(&list));
    value_builder_set(&b, "gaps", gaps_value(a, c->gap.item, c->gap.count));
    return value_builder_map(&b);
}

static struct value stream_value(struct arena *a, const struct period *p,
                                 const struct period_stream *s)
{
    struct value_builder b, list;
    value_builder_init(&b, a);
    value_builder_set(&b, "cluster", value_str(s->cluster));
    value_builder_set(&b, "clusterId", value_str(s->cluster_id));
    value_builder_set(&b, "benchmark", value_str(s->benchmark));
    value_builder_set(&b, "runs", value_int((int64_t)s->runs));
    set_time(&b, a, "firstRun", s->first_run);
    set_time(&b, a, "lastRun", s->last_run);
    value_builder_set(&b, "observedMilliseconds", value_int(s->observed_ms));
    value_builder_set(&b, "gaps", gaps_value(a, s->gap.item, s->gap.count));
    value_builder_init(&list, a);
    for (size_t i = 0; i < s->check_count; i++)
        value_builder_push(&list, check_value(a, p, &s->check[i]));
    value_builder_set(&b, "checks", value_builder_list(&list));
    return value_builder_map(&b);
}

struct value period_value(struct arena *a, const struct period *p)
{
    struct value_builder b, list, ledger;
    value_builder_init(&b, a);
    value_builder_set(&b, "schemaVersion", value_cstr("1.0.0"));
    set_time(&b, a, "from", p->from);
    set_time(&b, a, "to", p->to);
    value_builder_set(&b, "maxGapMilliseconds", value_int(p->max_gap_ms));
    value_builder_init(&ledger, a);
    value_builder_set(&ledger, "lines", value_int((int64_t)p->lines));
    value_builder_set(&ledger, "head", value_str(p->head));
    value_builder_set(&b, "ledger", value_builder_map(&ledger));
    value_builder_init(&list, a);
    for (size_t i = 0; i < p->stream_count; i++)
        value_builder_push(&list, stream_value(a, p, &p->stream[i]));
    value_builder_set(&b, "streams", value_builder_list(&list));
    return value_builder_map(&b);
}

static void put_cells(struct buf *out, const struct str *cell, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (i)
            buf_add_char(out, ',');
        safe_csv(out, cell[i]);
    }
    buf_add_c(out, "\r\n");
}

void period_csv(struct buf *out, struct arena *a, const struct period *p)
{
    static const struct str head[] = { STR_INIT("cluster"),        STR_INIT("benchmark"),
                                       STR_INIT("check"),          STR_INIT("title"),
                                       STR_INIT("severity"),       STR_INIT("in force %"),
                                       STR_INIT("in breach %"),    STR_INIT("waived %"),
                                       STR_INIT("attested %"),     STR_INIT("not applicable %"),
                                       STR_INIT("not observed %"), STR_INIT("breaches") };
    put_cells(out, head, COUNT_OF(head));
    for (size_t i = 0; i < p->stream_count; i++) {
        const struct period_stream *s = &p->stream[i];
        for (size_t k = 0; k < s->check_count; k++) {
            const struct period_check *c = &s->check[k];
            struct str cell[COUNT_OF(head)] = { s->cluster, s->benchmark, c->as->id, c->as->title,
                                                c->as->severity };
            for (size_t m = 0; m < PERIOD_STATE_COUNT; m++)
                cell[5 + m] = period_share(a, c->ms[m], p->to - p->from);
            cell[5 + PERIOD_STATE_COUNT] = str_printf(a, "%zu", c->breach.count);
            put_cells(out, cell, COUNT_OF(head));
        }
    }
}

/* ---- for people ---- */

static void put_line(struct buf *out, struct str line)
{
    shown_line(out, line);
    buf_add_char(out, '\n');
}

static void put_breach(struct buf *out, struct arena *a, const struct period_check *c,
                       const struct period_breach *b)
{
    enum { SHOWN = 5 };
    put_line(out, str_printf(a, "  %-8.*s %.*s %.*s", STR_ARG(c->as->severity), STR_ARG(c->as->id),
                             STR_ARG(c->as->title)));
    put_line(
        out,
        str_printf(a, "           seen %.*s to %.*s; %.*s%s%.*s",
                   STR_ARG(period_time(a, b->first_seen)), STR_ARG(period_time(a, b->last_seen)),
                   STR_ARG(b->ended == INT64_MIN ? STR("not seen to end")
                                                 : str_printf(a, "%s", verdict_label(b->ended_as))),
                   b->ended == INT64_MIN ? "" : " at ",
                   STR_ARG(b->ended == INT64_MIN ? STR("") : period_time(a, b->ended))));
    for (size_t i = 0; i < b->object.count && i < SHOWN; i++) {
        const struct ledger_object *o = &b->object.item[i];
        put_line(out, str_printf(a, "           %.*s %.*s%s%.*s", STR_ARG(o->kind), STR_ARG(o->ns),
                                 o->ns.n ? "/" : "", STR_ARG(o->name)));
    }
    if (b->object.count > SHOWN || b->more)
        put_line(out, str_printf(a, "           and %s%zu more", b->more ? "at least " : "",
                                 b->object.count > SHOWN ? b->object.count - SHOWN : 0));
}

static void put_stream(struct buf *out, struct arena *a, const struct period *p,
                       const struct period_stream *s)
{
    int64_t whole = p->to - p->from;
    size_t always = 0, breached = 0;
    for (size_t i = 0; i < s->check_count; i++) {
        always += s->check[i].ms[PERIOD_IN_FORCE] == whole;
        breached += s->check[i].breach.count > 0;
    }
    buf_add_char(out, '\n');
    put_line(out,
             str_printf(a, "%.*s, %.*s: %zu run%s, close enough together for %.*s %% of the time",
                        STR_ARG(s->cluster), STR_ARG(s->benchmark), s->runs,
                        s->runs == 1 ? "" : "s", STR_ARG(period_share(a, s->observed_ms, whole))));
    put_line(
        out,
        str_printf(
            a, "  %zu of %zu checks were observed in force all the time, %zu were found in breach",
            always, s->check_count, breached));
    for (size_t i = 0; i < s->gap.count; i++)
        put_line(out, str_printf(a, "  no run close enough: %.*s to %.*s",
                                 STR_ARG(period_time(a, s->gap.item[i].from)),
                                 STR_ARG(period_time(a, s->gap.item[i].to))));
    if (breached)
        buf_add_c(out, "\n  Breaches\n");
    for (size_t i = 0; i < s->check_count; i++)
        for (size_t k = 0; k < s->check[i].breach.count; k++)
            put_breach(out, a, &s->check[i], &s->check[i].breach.item[k]);
}

void period_text(struct buf *out, struct arena *a, const struct period *p)
{
    put_line(out, str_printf(a, "%.*s to %.*s; runs up to %lld hours apart count as observed",
                             STR_ARG(period_time(a, p->from)), STR_ARG(period_time(a, p->to)),
                             (long long)(p->max_gap_ms / 3600000)));
    put_line(out, str_printf(a, "ledger of %llu lines, the last is %.*s",
                             (unsigned long long)p->lines, STR_ARG(p->head)));
    for (size_t i = 0; i < p->stream_count; i++)
        put_stream(out, a, p, &p->stream[i]);
}
