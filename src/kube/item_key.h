/* Who an object is, found in its bytes without reading the whole of them. */
#ifndef KUBEVOUCH_KUBE_ITEM_KEY_H
#define KUBEVOUCH_KUBE_ITEM_KEY_H

#include "base/str.h"

/* metadata.namespace (empty if none) and metadata.name of one JSON object, as written: escapes
 * stay. They point into bytes. False when there is no name, or the bytes are not JSON up to it. */
bool item_key_read(struct str bytes, struct str *ns, struct str *name);

/* The objects seen so far, as 128-bit keyed hashes: a set of n objects takes 24 to 48 n bytes, and
 * two of two million meet with a chance below 1e-25. A zeroed set is empty. */
struct seen_set {
    struct arena arena;
    struct seen_hash {
        uint64_t a, b; /* both 0: free */
    } * slot;
    size_t count, slot_count;
};
/* True when it was not there. */
bool seen_add(struct seen_set *s, struct str ns, struct str name);
void seen_release(struct seen_set *s);

#endif
