#include "report/undecided.h"

#include "base/vec.h"

static struct undecided *group_of(struct undecided *group, size_t count, const struct check_result *c)
{
    for (size_t i = 0; i < count; i++)
        if (str_eq(group[i].reason, c->reason) && str_eq(group[i].remedy, c->remedy))
            return &group[i];
    return NULL;
}

size_t undecided_groups(struct arena *a, const struct result *r, struct undecided **out)
{
    size_t unknown = r->score.count[VERDICT_UNKNOWN], count = 0;
    struct undecided *group = arena_array(a, struct undecided, unknown);
    for (size_t i = 0; i < r->check_count; i++) {
        const struct check_result *c = &r->check[i];
        if (c->verdict != VERDICT_UNKNOWN)
            continue;
        struct undecided *g = group_of(group, count, c);
        if (!g) {
            g = &group[count++];
            *g = (struct undecided){ .reason = c->reason, .remedy = c->remedy, .check = arena_array(a, const struct check_result *, unknown) };
        }
        g->check[g->count++] = c;
    }
    *out = group;
    return count;
}

struct str undecided_ids(struct arena *a, const struct undecided *u)
{
    VEC(struct str) part = { 0 };
    for (size_t i = 0, n; i < u->count; i += n) {
        n = 1;
        while (i + n < u->count && u->check[i + n] == u->check[i] + n && str_eq(u->check[i + n]->check->section, u->check[i]->check->section))
            n++;
        if (n < 3)
            n = 1;
        struct str first = u->check[i]->check->id, last = u->check[i + n - 1]->check->id;
        *VEC_PUSH(&part, a) = n == 1 ? first : str_printf(a, "%.*s - %.*s", STR_ARG(first), STR_ARG(last));
    }
    return str_join(a, part.item, part.count, STR(", "));
}
