/* Memory by lifetime: everything taken from an arena is given back at once.
 *
 * arena_alloc never returns NULL: the process ends when memory does. Limits on what input may ask
 * for are the callers' (every buffer, depth and count has a named maximum). Memory is zeroed.
 * A zeroed struct arena is ready for use. Reset memory is poisoned under AddressSanitizer. */
#ifndef KUBEVOUCH_BASE_ARENA_H
#define KUBEVOUCH_BASE_ARENA_H

#include "base/err.h"

struct arena_block;
struct arena_defer;
struct arena {
    struct arena_block *head;
    struct arena_defer *defer; /* newest first */
    size_t used_bytes;         /* handed out and not reset */
    size_t held_bytes;         /* taken from the system */
};
struct arena_mark {
    struct arena_block *block;
    struct arena_defer *defer;
    size_t block_used, used_bytes;
};

/* size bytes, aligned for any type, zeroed; size 0 gives a valid pointer. */
void *arena_alloc(struct arena *a, size_t size);
/* count * size bytes with the product checked. */
void *arena_alloc_array(struct arena *a, size_t count, size_t size);
/* Grows old (old_size bytes, from this arena) to new_size, in place when it is the newest
 * allocation. */
void *arena_grow(struct arena *a, void *old, size_t old_size, size_t new_size);
/* What p held is not read again: if it is large, its pages go back to the system. It stays taken
 * until the arena is reset. */
void arena_forget(void *p, size_t size);
/* Whether p points into memory that a handed out. */
bool arena_holds(const struct arena *a, const void *p);
/* Calls fn(object) when the memory taken now is given back, newest first: for what foreign
 * libraries allocate and arena memory points to. fn must not use the arena. */
void arena_defer(struct arena *a, void (*fn)(void *object), void *object);
struct arena_mark arena_mark(const struct arena *a);
/* Gives back all that was taken since the mark. Blocks are kept for reuse. */
void arena_reset_to(struct arena *a, struct arena_mark mark);
/* Gives back everything, keeps one block. */
void arena_reset(struct arena *a);
void arena_release(struct arena *a);

#define arena_new(a, T)          ((T *)arena_alloc((a), sizeof(T)))
#define arena_array(a, T, count) ((T *)arena_alloc_array((a), (count), sizeof(T)))

#endif
