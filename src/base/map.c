/* The one hash map: str -> void *, on an arena, iterated in insertion order. */
#include "base/map.h"

#define SLOT_COUNT_MIN 16

void map_init(struct map *m, struct arena *a)
{
    *m = (struct map){ .arena = a };
}

/* The slot of key, or the empty slot where it belongs. Slots are never more than half full. */
static size_t find_slot(const struct map *m, struct str key, uint64_t hash)
{
    size_t mask = m->slot_count - 1, at = (size_t)hash & mask;
    while (m->slot[at]) {
        const struct map_entry *e = &m->entry[m->slot[at] - 1];
        if (e->hash == hash && str_eq(e->key, key)) {
            break;
        }
        at = (at + 1) & mask;
    }
    return at;
}

static struct map_entry *find(const struct map *m, struct str key)
{
    if (m->count == 0) {
        return NULL;
    }
    uint32_t at = m->slot[find_slot(m, key, str_hash(key, str_hash_seed()))];
    return at ? &m->entry[at - 1] : NULL;
}

static void rehash(struct map *m)
{
    m->slot_count = m->slot_count ? m->slot_count * 2 : SLOT_COUNT_MIN;
    if (m->slot) {
        arena_forget(m->slot, m->slot_count / 2 * sizeof *m->slot);
    }
    m->slot = arena_array(m->arena, uint32_t, m->slot_count);
    size_t mask = m->slot_count - 1;
    for (size_t i = 0; i < m->count; i++) {
        size_t at = (size_t)m->entry[i].hash & mask;
        while (m->slot[at]) {
            at = (at + 1) & mask;
        }
        m->slot[at] = (uint32_t)(i + 1);
    }
}

static struct map_entry *insert(struct map *m, struct str key)
{
    INVARIANT(m->count < UINT32_MAX);
    if (m->count * 2 >= m->slot_count) {
        rehash(m);
    }
    if (m->count == m->entry_cap) {
        size_t cap = m->entry_cap ? m->entry_cap * 2 : SLOT_COUNT_MIN / 2;
        struct map_entry *grown =
            arena_grow(m->arena, m->entry, m->entry_cap * sizeof *m->entry, cap * sizeof *m->entry);
        if (m->entry && grown != m->entry) {
            arena_forget(m->entry, m->entry_cap * sizeof *m->entry);
        }
        m->entry = grown;
        m->entry_cap = cap;
    }
    uint64_t hash = str_hash(key, str_hash_seed());
    size_t at = find_slot(m, key, hash);
    struct map_entry *e = &m->entry[m->count++];
    *e = (struct map_entry){ .key = key, .hash = hash };
    m->slot[at] = (uint32_t)m->count;
    return e;
}

void *map_get(const struct map *m, struct str key)
{
    const struct map_entry *e = find(m, key);
    return e ? e->val : NULL;
}

bool map_has(const struct map *m, struct str key)
{
    return find(m, key) != NULL;
}

void map_put(struct map *m, struct str key, void *val)
{
    struct map_entry *e = find(m, key);
    if (!e) {
        e = insert(m, key);
    }
    e->val = val;
}

void **map_at(struct map *m, struct str key, bool *created)
{
    struct map_entry *e = find(m, key);
    if (created) {
        *created = !e;
    }
    if (!e) {
        e = insert(m, str_dup(m->arena, key));
    }
    return &e->val;
}
