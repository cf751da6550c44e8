/* The UNKNOWN checks, put together by what they lack: many rest on one answer, and a reader wants
 * to hear of it once. */
#include "report/undecided.h"

static struct undecided *group_of(struct undecided *group, size_t count,
                                  const struct check_result *c)
{
    for (size_t i = 0; i < count; i++)
        if (str_eq(group[i].reason, c->reason) && str_eq(group[i].remedy, c->remedy))
            return &group[i];
    return NULL;
}

size_t undecided_groups(struct arena *a, const struct result *r, struct undecided **out)
{
    size_t unknown = 0, count = 0;
    /* a stored report may count otherwise than its checks are */
    for (size_t i = 0; i < r->check_count; i++)
        unknown += r->check[i].verdict == VERDICT_UNKNOWN;
    struct undecided *group = arena_array(a, struct undecided, unknown);
    for (size_t i = 0; i < r->check_count; i++) {
        const struct check_result *c = &r->check[i];
        if (c->verdict != VERDICT_UNKNOWN || c->is_outside)
            continue;
        struct undecided *g = group_of(group, count, c);
        if (!g) {
            g = &group[count++];
            *g =
                (struct undecided){ .reason = c->reason,
                                    .remedy = c->remedy,
                                    .check = arena_array(a, const struct check_result *, unknown) };
        }
        g->check[g->count++] = c;
    }
    *out = group;
    return count;
}

struct str undecided_ids(struct arena *a, const struct undecided *u)
{
    struct check_at *at = arena_array(a, struct check_at, u->count);
    for (size_t i = 0; i < u->count; i++)
        at[i] = (struct check_at){ u->check[i]->check, (size_t)(u->check[i] - u->check[0]) };
    return check_ids_text(a, at, u->count);
}
