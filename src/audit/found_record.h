/* One finding as it stands in the spool: what only a report reads of it. */
#ifndef KUBEVOUCH_AUDIT_FOUND_RECORD_H
#define KUBEVOUCH_AUDIT_FOUND_RECORD_H

#include "audit/part.h"
#include "base/spool.h"

/* More than the limits of audit/trim.h let together. */
#define RECORD_BYTES_MAX ((size_t)16 << 20)

/* A subexpression by its place in the expression, and what it gave. */
struct explained_at {
    uint32_t offset, length;
    struct str value;
};
struct record {
    struct object_ref object; /* of an object by itself */
    enum cause cause;
    struct str message;
    struct value evidence; /* map or null; read: of JSON's kinds alone */
    /* of its object alone; its outcome is the finding's, its count 1 */
    const struct observation *observation;
    struct explained_at explained[EXPLAINED_ROWS];
    size_t explained_count;
};
/* *out is emptied first. */
void record_write(struct buf *out, const struct record *r, struct arena *scratch);
/* The record at the place, its texts in a. */
bool record_read(struct record *out, struct spool *s, uint64_t at, struct buf *bytes,
                 struct arena *a, struct err *err) WARN_UNUSED;

#endif
