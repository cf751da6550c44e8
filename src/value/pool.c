/* Values that are kept, equal parts of them once. */
#include "value/pool.h"

/* A part that is its object's own makes what it is in its own as well: that is not looked for
 * either. */
struct kept {
    struct value v;
    bool is_own;
};

static void release(void *scratch)
{
    arena_release(scratch);
}

void value_pool_init(struct value_pool *p, struct arena *a)
{
    *p = (struct value_pool){ .arena = a, .scratch = arena_new(a, struct arena) };
    arena_defer(a, release, p->scratch);
}

/* ---- texts */

struct text_key {
    const struct value_pool *pool;
    struct str text;
};

static bool same_text(const void *key, uint32_t row)
{
    const struct text_key *k = key;
    return str_eq(*ROWS_AT(&k->pool->text, row - 1), k->text);
}

struct str value_pool_text(struct value_pool *p, struct str text)
{
    struct text_key key = { p, text };
    uint64_t hash = str_hash(text, str_hash_seed());
    uint32_t row = index_find(&p->text_index, hash, same_text, &key);
    if (!row) {
        *ROWS_PUSH(&p->text, p->arena) = str_dup(p->arena, text);
        row = (uint32_t)p->text.count;
        index_add(&p->text_index, p->arena, hash, row);
    }
    return *ROWS_AT(&p->text, row - 1);
}

/* ---- lists and maps, whose parts are kept already: equal ones are at one address */

/* The word that tells a kept value from another of its kind. */
static uint64_t word_of(struct value v)
{
    return v.kind == VALUE_BOOL ? v.as.b : v.kind == VALUE_NULL ? 0 : v.as.u;
}

static bool same(struct value a, struct value b)
{
    return a.kind == b.kind && a.flags == b.flags && a.n == b.n && word_of(a) == word_of(b);
}

static uint64_t mixed(uint64_t hash, struct value v)
{
    const uint64_t word[] = { word_of(v), (uint64_t)v.n << 16 | (uint64_t)v.flags << 8 | v.kind };
    return str_hash(str_of((const char *)word, sizeof word), hash);
}

struct list_key {
    const struct value_pool *pool;
    struct value list;
};

static bool same_list(const void *key, uint32_t row)
{
    const struct list_key *k = key;
    struct value had = *ROWS_AT(&k->pool->list, row - 1);
    bool equal = had.n == k->list.n;
    for (uint32_t i = 0; equal && i < had.n; i++)
        equal = same(had.as.item[i], k->list.as.item[i]);
    return equal;
}

struct map_key {
    const struct value_pool *pool;
    const struct value_entry *entry;
    uint32_t count;
};

static bool same_map(const void *key, uint32_t row)
{
    const struct map_key *k = key;
    const struct value_map *had = *ROWS_AT(&k->pool->map, row - 1);
    bool equal = had->count == k->count;
    for (uint32_t i = 0; equal && i < k->count; i++)
        equal =
            same(had->entry[i].key, k->entry[i].key) && same(had->entry[i].val, k->entry[i].val);
    return equal;
}

static struct kept keep(struct value_pool *p, struct value v);

/* Items are put together in the scratch: they stay only if such a list is not there. */
static struct kept keep_list(struct value_pool *p, struct value v)
{
    struct value *item = arena_array(p->scratch, struct value, v.n), list;
    uint64_t hash = str_hash_seed();
    bool is_own = false;
    for (uint32_t i = 0; i < v.n; i++) {
        struct kept part = keep(p, v.as.item[i]);
        item[i] = part.v;
        is_own |= part.is_own;
        hash = mixed(hash, part.v);
    }
    struct list_key key = { p, value_list(item, v.n) };
    uint32_t row = is_own ? 0 : index_find(&p->list_index, hash, same_list, &key);
    if (row)
        return (struct kept){ *ROWS_AT(&p->list, row - 1), false };
    struct value *stays = arena_array(p->arena, struct value, v.n);
    memcpy(stays, item, v.n * sizeof *item);
    list = value_list(stays, v.n);
    if (!is_own) {
        *ROWS_PUSH(&p->list, p->arena) = list;
        index_add(&p->list_index, p->arena, hash, (uint32_t)p->list.count);
    }
    return (struct kept){ list, is_own };
}

static struct value map_of(const struct value_map *m)
{
    return (struct value){ .kind = VALUE_MAP, .n = m->count, .as.map = m };
}

/* metadata's that no two objects have. */
static bool is_own_key(struct value key)
{
    struct str text = value_text(key);
    return str_eq_c(text, "uid") || str_eq_c(text, "resourceVersion") ||
           str_eq_c(text, "creationTimestamp");
}

static struct kept keep_map(struct value_pool *p, struct value v)
{
    struct value_entry *entry = arena_array(p->scratch, struct value_entry, v.n);
    uint64_t hash = str_hash_seed();
    bool is_own = false;
    for (uint32_t i = 0; i < v.n; i++) {
        const struct value_entry *e = &v.as.map->entry[i];
        bool own = e->val.kind == VALUE_STRING && is_own_key(e->key);
        struct kept val =
            own ? (struct kept){ value_dup(p->arena, e->val), true } : keep(p, e->val);
        entry[i] = (struct value_entry){ keep(p, e->key).v, val.v };
        is_own |= val.is_own;
        hash = mixed(mixed(hash, entry[i].key), entry[i].val);
    }
    struct map_key key = { p, entry, v.n };
    uint32_t row = is_own ? 0 : index_find(&p->map_index, hash, same_map, &key);
    if (row)
        return (struct kept){ map_of(*ROWS_AT(&p->map, row - 1)), false };
    struct value_entry *stays = arena_array(p->arena, struct value_entry, v.n);
    memcpy(stays, entry, v.n * sizeof *entry);
    struct value map = value_map(p->arena, stays, v.n);
    if (!is_own) {
        *ROWS_PUSH(&p->map, p->arena) = map.as.map;
        index_add(&p->map_index, p->arena, hash, (uint32_t)p->map.count);
    }
    return (struct kept){ map, is_own };
}

static struct kept keep(struct value_pool *p, struct value v)
{
    struct arena_mark mark = arena_mark(p->scratch);
    struct kept out = { v, false };
    if (v.kind == VALUE_STRING)
        out.v.as.s = value_pool_text(p, value_text(v)).p;
    else if (v.kind == VALUE_LIST && v.n)
        out = keep_list(p, v);
    else if (v.kind == VALUE_MAP && v.n)
        out = keep_map(p, v);
    else
        out.v = value_dup(p->arena, v);
    out.v.flags = v.flags;
    arena_reset_to(p->scratch, mark);
    return out;
}

struct value value_pool_keep(struct value_pool *p, struct value v)
{
    struct value kept = keep(p, v).v;
    arena_reset(p->scratch);
    return kept;
}
