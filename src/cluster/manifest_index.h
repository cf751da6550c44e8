/* What stands where in the files of a scan: they are read once to know what they hold, and a
 * document again when its objects are asked for, so that memory grows with how many objects there
 * are and not with what they say. */
#ifndef KUBEVOUCH_CLUSTER_MANIFEST_INDEX_H
#define KUBEVOUCH_CLUSTER_MANIFEST_INDEX_H

#include "base/index.h"
#include "base/rows.h"

#include "cluster/manifest_set.h"
#include "cluster/manifest_stream.h"
#include "cluster/object.h"

/* A file as it was when it was read first; where it cannot be read again as it stands, a copy
 * without a name. */
struct manifest_source {
    const char *name;
    bool is_spooled;
    int fd;                  /* of the copy */
    uint64_t bytes, changed; /* its size and its time of change */
};
struct manifest_doc {
    uint32_t file;  /* in source */
    uint32_t first; /* of its objects, in superseded */
    struct manifest_place place;
    struct kind_set kinds;
};
/* The object of a kind, namespace and name that counts. There may be hundreds of thousands: of what
 * it is called, the first half of the SHA-256 is kept. */
#define MANIFEST_DIGEST_BYTES 16u
struct manifest_key {
    uint8_t digest[MANIFEST_DIGEST_BYTES]; /* of "kind|ns|name" */
    uint32_t object, doc, line, column;    /* object: in superseded */
};
struct manifest_double {
    struct str what, first, last; /* "Deployment a/web", and both places */
    bool is_part;                 /* the last is no whole object: both are judged */
};
struct manifest_index {
    struct manifest_set set; /* faults and counts; no objects */
    VEC(struct manifest_source) source;
    VEC(struct manifest_doc) doc;
    VEC(bool) superseded; /* of each object: another of its name stands behind it */
    ROWS_OF(struct manifest_key) key;
    struct index key_by_digest;
    VEC(struct manifest_double) twice;
    size_t twice_count;
    uint32_t open_file; /* of open_fd; UINT32_MAX: none */
    int open_fd;
    uint32_t next; /* while a document is read again: its next object */
};

/* False: a path is not there, or nothing at all could be read; err has the first fault. Everything
 * lives in a, files and copies are closed with it. */
bool manifest_index_open(struct manifest_index *x, struct arena *a, const struct manifest_ask *ask,
                         struct err *err) WARN_UNUSED;
/* Each object of kind that counts, in the order of the files; what take is handed lives during the
 * call. False: a file is not what it was. */
typedef void manifest_take(void *ctx, const struct manifest_object *o);
bool manifest_index_each(struct manifest_index *x, enum kind kind, manifest_take *take, void *ctx,
                         struct err *err) WARN_UNUSED;
/* Where an object stands, some words each: there may be millions that are wanted. */
struct manifest_wanted {
    uint32_t whose;  /* the caller's */
    uint32_t object; /* in superseded */
};
/* ref: kind and API group, namespace, name; without an API group any kind of that name. False: no
 * file holds it. */
bool manifest_index_look(const struct manifest_index *x, struct object_ref ref,
                         struct manifest_wanted *out, struct arena *scratch) WARN_UNUSED;
typedef void manifest_there(void *ctx, const struct manifest_wanted *w,
                            const struct manifest_object *o);
/* Each as it stands in its file, document by document, each of which is read once. wanted is put in
 * another order. */
void manifest_index_find(struct manifest_index *x, struct manifest_wanted *wanted, size_t count,
                         manifest_there *there, void *ctx);

#endif
