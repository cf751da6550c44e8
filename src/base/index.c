/* A hash index over rows that others hold. */
#include "base/index.h"

#define SLOTS_LEAST 16u

static uint32_t folded(uint64_t hash)
{
    return (uint32_t)(hash ^ hash >> 32);
}

uint32_t index_find(const struct index *x, uint64_t hash, index_same *same, const void *key)
{
    uint32_t h = folded(hash);
    if (!x->count)
        return 0;
    size_t mask = x->slot_count - 1;
    for (size_t at = h & mask; x->slot[at].row; at = (at + 1) & mask)
        if (x->slot[at].hash == h && same(key, x->slot[at].row))
            return x->slot[at].row;
    return 0;
}

static void put(struct index *x, struct index_slot s)
{
    size_t mask = x->slot_count - 1, at = s.hash & mask;
    while (x->slot[at].row)
        at = (at + 1) & mask;
    x->slot[at] = s;
}

/* Slots are never more than three quarters full. */
static void grow(struct index *x, struct arena *a)
{
    struct index old = *x;
    x->slot_count = old.slot_count ? old.slot_count * 2 : SLOTS_LEAST;
    x->slot = arena_array(a, struct index_slot, x->slot_count);
    for (size_t i = 0; i < old.slot_count; i++)
        if (old.slot[i].row)
            put(x, old.slot[i]);
    if (old.slot)
        arena_forget(old.slot, old.slot_count * sizeof *old.slot);
}

void index_add(struct index *x, struct arena *a, uint64_t hash, uint32_t row)
{
    if (x->count >= x->slot_count / 4 * 3)
        grow(x, a);
    put(x, (struct index_slot){ .hash = folded(hash), .row = row });
    x->count++;
}
