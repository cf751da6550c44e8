/* The one hash map: str -> void *, on an arena, iterated in insertion order, seeded per process so
 * that names from a cluster cannot be made to collide. Keys are borrowed unless put copies them. */
#ifndef KUBEVOUCH_BASE_MAP_H
#define KUBEVOUCH_BASE_MAP_H

#include "base/str.h"

struct map_entry {
    struct str key;
    void *val;
    uint64_t hash;
};
struct map {
    struct arena *arena;
    struct map_entry *entry; /* in insertion order */
    uint32_t *slot;          /* index + 1, 0 empty */
    size_t count, entry_cap, slot_count;
};

void map_init(struct map *m, struct arena *a);
/* NULL: not there. */
void *map_get(const struct map *m, struct str key);
bool map_has(const struct map *m, struct str key);
/* Sets or replaces. key is borrowed: dup it first if it does not live as long as the map. */
void map_put(struct map *m, struct str key, void *val);
/* Address of the value for key, created as NULL if new; created may be NULL. Copies a new key.
 * The address is good until the next new key. */
void **map_at(struct map *m, struct str key, bool *created);

#endif
