/* Memory by lifetime: everything taken from an arena is given back at once. */
#include "base/arena.h"

#include "base/vec.h"

#include <sys/mman.h>
#include <unistd.h>

#ifndef __has_feature
#define __has_feature(x) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
#include <sanitizer/asan_interface.h>
#define POISON(p, n)   ASAN_POISON_MEMORY_REGION((p), (n))
#define UNPOISON(p, n) ASAN_UNPOISON_MEMORY_REGION((p), (n))
#define REDZONE_BYTES  16
#else
#define POISON(p, n)   ((void)(p), (void)(n))
#define UNPOISON(p, n) ((void)(p), (void)(n))
#define REDZONE_BYTES  0
#endif

#define ALIGN_BYTES     ((size_t)16)
#define BLOCK_BYTES_MIN ((size_t)64 << 10)
#define BLOCK_BYTES_MAX ((size_t)1 << 20)
/* How many kept blocks are looked at before a new one is taken. */
#define SPARE_LOOK_MAX 8
/* What is smaller is not worth a system call; under AddressSanitizer everything is, so that it
 * finds who reads it still. */
#define FORGOTTEN_BYTES_MIN (REDZONE_BYTES ? (size_t)1 : (size_t)128 << 10)

/* Blocks form a list. Those up to arena.head hold data, those after it are kept for reuse:
 *
 *   first <-> ... <-> head <-> spare <-> spare
 *
 * Bytes at and above dirty have never been handed out and are still zero from calloc, so that
 * memory is zeroed once: by the system when it is fresh, by arena_alloc when it is used again.
 * Of a block of the least size all is dirty from the start. */
struct arena_block {
    struct arena_block *prev, *next;
    size_t cap, used, dirty;
    _Alignas(16) unsigned char data[];
};

static size_t rounded(size_t size)
{
    return (size + ALIGN_BYTES - 1) & ~(ALIGN_BYTES - 1);
}

/* The bytes that an allocation of size takes from its block. */
static size_t footprint(size_t size)
{
    if (size > SIZE_MAX / 2) {
        err_out_of_memory(size);
    }
    return rounded(size ? size : 1) + REDZONE_BYTES;
}

static void unlink_block(struct arena_block *b)
{
    if (b->prev) {
        b->prev->next = b->next;
    }
    if (b->next) {
        b->next->prev = b->prev;
    }
}

static void link_after(struct arena_block *at, struct arena_block *b)
{
    b->prev = at;
    b->next = at ? at->next : NULL;
    if (b->next) {
        b->next->prev = b;
    }
    if (at) {
        at->next = b;
    }
}

static struct arena_block *take_spare(const struct arena *a, size_t need)
{
    struct arena_block *b = a->head ? a->head->next : NULL;
    for (int looked = 0; b && looked < SPARE_LOOK_MAX; b = b->next, looked++) {
        if (b->cap >= need) {
            unlink_block(b);
            return b;
        }
    }
    return NULL;
}

static struct arena_block *new_block(struct arena *a, size_t need)
{
    size_t cap = a->held_bytes < BLOCK_BYTES_MIN ? BLOCK_BYTES_MIN : a->held_bytes;
    cap = cap > BLOCK_BYTES_MAX ? BLOCK_BYTES_MAX : rounded(cap);
    if (cap > sizeof(struct arena_block)) {
        cap -= sizeof(struct arena_block);
    }
    if (cap < need) {
        cap = need;
    }
    /* A small block is mostly memory that the process had before: zeroed whole, it would cost more
     * than what is taken of it. */
    bool small = cap <= BLOCK_BYTES_MIN;
    struct arena_block *b = small ? malloc(sizeof *b + cap) : calloc(1, sizeof *b + cap);
    if (!b) {
        err_out_of_memory(cap);
    }
    if (small) {
        *b = (struct arena_block){ .dirty = cap };
    }
    b->cap = cap;
    a->held_bytes += cap + sizeof *b;
    POISON(b->data, cap);
    return b;
}

static void free_block(struct arena *a, struct arena_block *b)
{
    a->held_bytes -= b->cap + sizeof *b;
    UNPOISON(b->data, b->cap);
    free(b);
}

/* Makes [from, b->used) unreadable and gives it back to the block. */
static void empty_from(struct arena_block *b, size_t from)
{
#ifdef KUBEVOUCH_DEBUG
    UNPOISON(b->data + from, b->used - from);
    memset(b->data + from, 0xA5, b->used - from);
#endif
    POISON(b->data + from, b->used - from);
    b->used = from;
}

/* Hands out the next size bytes of the head, of which need are taken. */
static unsigned char *take(struct arena *a, size_t size, size_t need)
{
    struct arena_block *b = a->head;
    unsigned char *p = b->data + b->used;
    size_t end = b->used + need;
    UNPOISON(p, size);
    if (b->used < b->dirty) {
        size_t stale = b->dirty - b->used;
        memset(p, 0, stale < size ? stale : size);
    }
    b->used = end;
    if (b->dirty < end) {
        b->dirty = end;
    }
    a->used_bytes += need;
    return p;
}

void *arena_alloc(struct arena *a, size_t size)
{
    size_t need = footprint(size);
    if (!a->head || a->head->cap - a->head->used < need) {
        struct arena_block *b = take_spare(a, need);
        if (!b) {
            b = new_block(a, need);
        }
        link_after(a->head, b);
        a->head = b;
    }
    return take(a, size, need);
}

void *arena_alloc_array(struct arena *a, size_t count, size_t size)
{
    size_t total;
    if (__builtin_mul_overflow(count, size, &total)) {
        err_out_of_memory(SIZE_MAX);
    }
    return arena_alloc(a, total);
}

void *arena_grow(struct arena *a, void *old, size_t old_size, size_t new_size)
{
    if (!old) {
        return arena_alloc(a, new_size);
    }
    if (new_size <= old_size) {
        return old;
    }
    struct arena_block *b = a->head;
    size_t old_need = footprint(old_size), need = footprint(new_size);
    bool newest =
        b && b->used >= old_need && (unsigned char *)old == b->data + (b->used - old_need);
    if (newest && b->cap - (b->used - old_need) >= need) {
        size_t start = b->used - old_need;
        size_t dirty = b->dirty < start + new_size ? b->dirty : start + new_size;
        UNPOISON(old, new_size);
        if (dirty > start + old_size) {
            memset((unsigned char *)old + old_size, 0, dirty - start - old_size);
        }
        b->used = start + need;
        b->dirty = b->dirty < b->used ? b->used : b->dirty;
        a->used_bytes += need - old_need;
        return old;
    }
    void *grown = arena_alloc(a, new_size);
    memcpy(grown, old, old_size);
    return grown;
}

void arena_forget(void *p, size_t size)
{
    if (size < FORGOTTEN_BYTES_MIN) {
        return;
    }
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    uintptr_t from = ((uintptr_t)p + page - 1) & ~(page - 1),
              to = ((uintptr_t)p + size) & ~(page - 1);
    UNPOISON(p, size);
    if (from < to) {
        /* it reads as zeros from now on, as fresh memory does */
        (void)madvise((void *)from, to - from, MADV_DONTNEED);
    }
    POISON(p, size);
}

/* Lives in the arena itself, so that it is there exactly as long as what it is for. */
struct arena_defer {
    void (*fn)(void *object);
    void *object;
    struct arena_defer *older;
};

bool arena_holds(const struct arena *a, const void *p)
{
    for (const struct arena_block *b = a->head; b; b = b->prev)
        if ((uintptr_t)p >= (uintptr_t)b->data && (uintptr_t)p < (uintptr_t)(b->data + b->used))
            return true;
    return false;
}

void arena_defer(struct arena *a, void (*fn)(void *object), void *object)
{
    struct arena_defer *d = arena_new(a, struct arena_defer);
    *d = (struct arena_defer){ .fn = fn, .object = object, .older = a->defer };
    a->defer = d;
}

struct arena_mark arena_mark(const struct arena *a)
{
    return (struct arena_mark){
        .defer = a->defer,
        .block = a->head,
        .block_used = a->head ? a->head->used : 0,
        .used_bytes = a->used_bytes,
    };
}

void arena_reset_to(struct arena *a, struct arena_mark mark)
{
    while (a->defer && a->defer != mark.defer) {
        struct arena_defer *d = a->defer;
        a->defer = d->older;
        d->fn(d->object);
    }
    while (a->head && a->head != mark.block) {
        empty_from(a->head, 0);
        if (!a->head->prev) {
            break;
        }
        a->head = a->head->prev;
    }
    if (a->head && a->head == mark.block) {
        INVARIANT(mark.block_used <= a->head->used);
        empty_from(a->head, mark.block_used);
    }
    a->used_bytes = mark.used_bytes;
}

void arena_reset(struct arena *a)
{
    arena_reset_to(a, (struct arena_mark){ 0 });
    /* Keeps the largest block of ordinary size: the next use is likely to be as large as this one.
     */
    struct arena_block *kept = a->head;
    for (struct arena_block *b = a->head; b; b = b->next) {
        bool ordinary = b->cap <= BLOCK_BYTES_MAX;
        if (ordinary && (kept->cap > BLOCK_BYTES_MAX || b->cap > kept->cap)) {
            kept = b;
        }
    }
    for (struct arena_block *b = a->head, *next; b; b = next) {
        next = b->next;
        if (b != kept) {
            free_block(a, b);
        }
    }
    if (kept) {
        kept->prev = kept->next = NULL;
    }
    a->head = kept;
}

void arena_release(struct arena *a)
{
    arena_reset(a);
    if (a->head) {
        free_block(a, a->head);
    }
    *a = (struct arena){ 0 };
}

void *vec_grow(struct arena *a, void *item, size_t *cap, size_t item_size)
{
    size_t grown_cap = *cap < 8 ? 8 : *cap * 2;
    size_t old_bytes = *cap * item_size, new_bytes;
    if (__builtin_mul_overflow(grown_cap, item_size, &new_bytes)) {
        err_out_of_memory(SIZE_MAX);
    }
    void *grown = arena_grow(a, item, old_bytes, new_bytes);
    if (item && grown != item) {
        arena_forget(item, old_bytes);
    }
    *cap = grown_cap;
    return grown;
}
