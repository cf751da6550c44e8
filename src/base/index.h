/* Rows of a table by what they hold: a hash index that keeps no keys, eight bytes a slot. Who has
 * the rows compares.
 *
 *   uint32_t row = index_find(&index, hash, is_same, &key);   from 1; 0: there is none
 *   index_add(&index, a, hash, row);                          what index_find did not find
 *
 * Hashes are the caller's, seeded (str_hash), so that names from a cluster cannot be made to
 * collide. */
#ifndef KUBEVOUCH_BASE_INDEX_H
#define KUBEVOUCH_BASE_INDEX_H

#include "base/arena.h"

struct index_slot {
    uint32_t hash, row;
};
struct index {
    struct index_slot *slot;
    size_t slot_count, count;
};
/* Whether the row is the one that key asks for. */
typedef bool index_same(const void *key, uint32_t row);

uint32_t index_find(const struct index *x, uint64_t hash, index_same *same, const void *key);
void index_add(struct index *x, struct arena *a, uint64_t hash, uint32_t row);

#endif
