/* The documents of a file one after the other, in memory that one document takes. Inside the
 * cluster room only. */
#ifndef KUBEVOUCH_CLUSTER_MANIFEST_STREAM_H
#define KUBEVOUCH_CLUSTER_MANIFEST_STREAM_H

#include "base/buf.h"

/* A document's bytes in its file. */
struct manifest_place {
    uint64_t offset;
    uint32_t length, lines_before;
};
struct manifest_stream {
    int fd;
    struct buf text; /* from offset on */
    size_t at;       /* in text: where the next document begins */
    uint64_t offset;
    uint32_t lines_before;
    bool ended;
};
/* fd is the caller's, and stands at the file's start. */
void manifest_stream_init(struct manifest_stream *s, int fd);
void manifest_stream_release(struct manifest_stream *s);
/* The next one: *text lives until the next call. *more false: there is none. False: reading failed,
 * or it is longer than MANIFEST_BYTES_MAX. */
bool manifest_stream_next(struct manifest_stream *s, struct str *text, struct manifest_place *place,
                          bool *more, struct err *err) WARN_UNUSED;
/* Bytes that were seen before, appended to out. */
bool manifest_stream_again(int fd, const struct manifest_place *place, struct buf *out,
                           struct err *err) WARN_UNUSED;
/* A file of its own without a name, at its start, of what fd gives to its end; -1 with err. */
int manifest_spool(int fd, struct err *err);
/* If a text in UTF-16 with its mark stands in fd: the same in UTF-8, as manifest_spool; else -1,
 * and *utf16 is false. */
int manifest_spool_utf16(int fd, bool *utf16, struct err *err);

#endif
