/* Rows of one size by number, in blocks that never move: growing copies nothing and leaves nothing
 * behind in the arena.
 *
 * ROWS_OF(struct pair) pairs = { 0 }; *ROWS_PUSH(&pairs, a) = p; ROWS_AT(&pairs, i)->left */
#ifndef KUBEVOUCH_BASE_ROWS_H
#define KUBEVOUCH_BASE_ROWS_H

#include "base/vec.h"

#define ROWS_IN_BLOCK 512u
#define ROWS_OF(T)      \
    struct {            \
        VEC(T *) block; \
        size_t count;   \
    }
/* Adds one zeroed row and gives its address. */
#define ROWS_PUSH(r, a)                                                                      \
    ((r)->count % ROWS_IN_BLOCK ? (void)0                                                    \
                                : (void)(*VEC_PUSH(&(r)->block, a) = arena_alloc_array(      \
                                             (a), ROWS_IN_BLOCK, sizeof **(r)->block.item)), \
     (r)->count++, ROWS_AT((r), (r)->count - 1))
#define ROWS_AT(r, i) (&(r)->block.item[(i) / ROWS_IN_BLOCK][(i) % ROWS_IN_BLOCK])

#endif
