/* Typed growable arrays on an arena: VEC(struct finding) findings = {0}; *VEC_PUSH(&findings, a) =
 * f; Elements are item[0] .. item[count - 1]; growing moves them. */
#ifndef KUBEVOUCH_BASE_VEC_H
#define KUBEVOUCH_BASE_VEC_H

#include "base/arena.h"

#define VEC(T)        \
    struct {          \
        T *item;      \
        size_t count; \
        size_t cap;   \
    }
/* Adds one zeroed element and gives its address. */
#define VEC_PUSH(v, a)                                                                 \
    (((v)->count == (v)->cap                                                           \
          ? (void)((v)->item = vec_grow((a), (v)->item, &(v)->cap, sizeof *(v)->item)) \
          : (void)0),                                                                  \
     &(v)->item[(v)->count++])

/* Doubles *cap (at least 8), copying into the arena; used by VEC_PUSH only. */
void *vec_grow(struct arena *a, void *item, size_t *cap, size_t item_size);

#endif
