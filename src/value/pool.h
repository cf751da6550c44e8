/* Values that are kept, equal parts of them once: names, label maps and rules repeat from object to
 * object.
 *
 * What is kept is as value_dup's copy, marks of taint included, but parts of it may be parts of
 * another. Texts that are an object's own (metadata's uid, resourceVersion, creationTimestamp) are
 * not looked for. */
#ifndef KUBEVOUCH_VALUE_POOL_H
#define KUBEVOUCH_VALUE_POOL_H

#include "base/index.h"
#include "base/rows.h"
#include "value/value.h"

struct value_pool {
    struct arena *arena, *scratch;
    ROWS_OF(struct str) text;
    ROWS_OF(const struct value_map *) map;
    ROWS_OF(struct value) list;
    struct index text_index, map_index, list_index;
};
/* Lives as long as the arena, where it stands. */
void value_pool_init(struct value_pool *p, struct arena *a);
struct value value_pool_keep(struct value_pool *p, struct value v);
/* NUL-terminated, as str_dup's. */
struct str value_pool_text(struct value_pool *p, struct str text);

#endif
