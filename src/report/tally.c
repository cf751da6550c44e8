/* Findings and checks, counted: what summaries and dashboards are made of. */
#include "report/tally.h"

#include "base/map.h"

struct tallying {
    struct tally *out;
    const struct result *r;
    struct arena *a;
    struct map by_name;
    VEC(struct namespace_counts) place;
    bool **in_framework; /* by framework, by check */
};

static void count_check(struct tallying *t, size_t i)
{
    const struct check_result *c = &t->r->check[i];
    const struct benchmark *b = t->r->bench;
    if (c->is_outside)
        return;
    t->out->severity[c->check->severity].checks[c->verdict]++;
    for (size_t s = 0; s < b->section_count; s++)
        if (section_holds(b->section[s].id, c->check))
            t->out->section[s].checks[c->verdict]++;
    for (size_t f = 0; f < t->r->framework_count; f++)
        if (t->in_framework[f][i])
            t->out->framework[f].checks[c->verdict]++;
    if (c->verdict == VERDICT_UNKNOWN)
        t->out->cause[c->cause]++;
}

/* A Namespace is counted where it is one. */
static struct counts *counts_of_place(struct tallying *t, const struct object_ref *o)
{
    struct str name = !o->ns.n && str_eq_c(o->kind, "Namespace") ? o->name : o->ns;
    struct namespace_counts *known = NULL;
    void *at = map_get(&t->by_name, name);
    if (at)
        return &t->place.item[(uintptr_t)at - 1].counts;
    if (t->place.count == NAMESPACES_COUNTED) {
        t->out->has_elsewhere = true;
        return &t->out->elsewhere;
    }
    known = VEC_PUSH(&t->place, t->a);
    known->name = str_dup(t->a, name);
    map_put(&t->by_name, known->name, (void *)(uintptr_t)t->place.count);
    return &known->counts;
}

static void add(struct counts *c, enum verdict v, enum severity s)
{
    c->findings[v]++;
    if (v == VERDICT_FAIL)
        c->failures[s]++;
}

static void count_finding(struct tallying *t, const struct finding *f)
{
    const struct check *c = t->r->check[f->check].check;
    const struct benchmark *b = t->r->bench;
    add(&t->out->severity[c->severity], f->outcome, c->severity);
    for (size_t s = 0; s < b->section_count; s++)
        if (section_holds(b->section[s].id, c))
            add(&t->out->section[s], f->outcome, c->severity);
    for (size_t k = 0; k < t->r->framework_count; k++)
        if (t->in_framework[k][f->check])
            add(&t->out->framework[k], f->outcome, c->severity);
    add(counts_of_place(t, &f->object), f->outcome, c->severity);
}

/* Failures of the worst severity first, then by name. */
static int by_failures(const void *a, const void *b)
{
    const struct namespace_counts *x = a, *y = b;
    for (int s = SEVERITY_COUNT - 1; s >= 0; s--)
        if (x->counts.failures[s] != y->counts.failures[s])
            return x->counts.failures[s] < y->counts.failures[s] ? 1 : -1;
    return str_cmp(x->name, y->name);
}

static void merge(struct counts *into, const struct counts *from)
{
    for (size_t v = 0; v < VERDICT_COUNT; v++)
        into->findings[v] += from->findings[v];
    for (size_t s = 0; s < SEVERITY_COUNT; s++)
        into->failures[s] += from->failures[s];
}

static void list_places(struct tallying *t)
{
    struct tally *out = t->out;
    if (t->place.count)
        qsort(t->place.item, t->place.count, sizeof *t->place.item, by_failures);
    out->place = t->place.item;
    out->place_count = t->place.count < NAMESPACES_TOLD ? t->place.count : NAMESPACES_TOLD;
    out->has_elsewhere |= out->place_count < t->place.count;
    for (size_t i = out->place_count; i < t->place.count; i++)
        merge(&out->elsewhere, &t->place.item[i].counts);
}

static void find_frameworks(struct tallying *t)
{
    t->in_framework = arena_array(t->a, bool *, t->r->framework_count);
    for (size_t f = 0; f < t->r->framework_count; f++) {
        const struct framework_result *x = &t->r->framework[f];
        t->in_framework[f] = arena_array(t->a, bool, t->r->check_count);
        for (size_t i = 0; i < x->framework->requirement_count; i++)
            for (size_t k = 0; k < x->requirement[i].pair_count; k++)
                if (pair_counts(&x->requirement[i].pair[k]))
                    t->in_framework[f][x->requirement[i].pair[k].check] = true;
    }
}

bool tally_make(struct tally *out, struct arena *a, const struct result *r, struct err *err)
{
    struct tallying t = { .out = out, .r = r, .a = a };
    struct arena scratch CLEANUP(arena_release) = { 0 };
    *out = (struct tally){ .section = arena_array(a, struct counts, r->bench->section_count),
                           .framework = arena_array(a, struct counts, r->framework_count) };
    map_init(&t.by_name, a);
    find_frameworks(&t);
    for (size_t i = 0; i < r->check_count; i++)
        count_check(&t, i);
    for (size_t i = 0; i < r->finding_count; i++) {
        struct finding f;
        if (!result_finding_glance(r, &f, i, &scratch, err))
            return false;
        count_finding(&t, &f);
        out->fresh += f.is_new;
        arena_reset(&scratch);
    }
    list_places(&t);
    return true;
}
