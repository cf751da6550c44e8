/* The rows between two benchmarks, by the checks that theirs are like. */
#include "bench/crosswalk.h"

#include "base/vec.h"

static const struct check *next_alike(const struct benchmark *b, const struct check *c, size_t *at)
{
    while (*at < b->check_count) {
        const struct check *other = &b->check[(*at)++];
        if (str_eq(other->origin, c->origin))
            return other;
    }
    return NULL;
}

struct crosswalk crosswalk_of(struct arena *a, const struct benchmark *from,
                              const struct benchmark *to)
{
    VEC(struct crosswalk_row) row = { 0 };
    for (size_t i = 0; i < from->check_count; i++) {
        const struct check *c = &from->check[i], *other;
        size_t at = 0, found = 0;
        for (; (other = next_alike(to, c, &at)) != NULL; found++)
            *VEC_PUSH(&row, a) = (struct crosswalk_row){ c, other };
        if (!found)
            *VEC_PUSH(&row, a) = (struct crosswalk_row){ c, NULL };
    }
    for (size_t i = 0; i < to->check_count; i++) {
        size_t at = 0;
        if (!next_alike(from, &to->check[i], &at))
            *VEC_PUSH(&row, a) = (struct crosswalk_row){ NULL, &to->check[i] };
    }
    return (struct crosswalk){ row.item, row.count };
}
