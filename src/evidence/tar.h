/* A bundle as one file: ustar (POSIX.1-1988), the same bytes for the same files, and read back more
 * strictly than tar reads. */
#ifndef KUBEVOUCH_EVIDENCE_TAR_H
#define KUBEVOUCH_EVIDENCE_TAR_H

#include "base/arena.h"
#include "base/str.h"

/* Of all files of an archive together. */
#define TAR_BYTES_MAX ((uint64_t)16 << 30)
/* Writes the files below dir, by name, as archive: owner, rights and times are the same for all.
 * ERR_IO, ERR_LIMIT: a name that does not fit into ustar. */
bool tar_write(struct arena *a, struct str dir, struct str archive, struct err *err) WARN_UNUSED;
/* Unpacks archive into dir, which is empty. Refused, with nothing outside dir touched: what is no
 * plain ustar of regular files, names that are absolute, lead out or stand twice, what is cut,
 * larger than TAR_BYTES_MAX, or has bytes after its end. ERR_INPUT, ERR_LIMIT, ERR_IO. */
bool tar_unpack(struct arena *a, struct str archive, struct str dir, struct err *err) WARN_UNUSED;
/* Removes a folder of our own and all below it; links are removed, not followed. */
void tar_remove_folder(struct str dir);

#endif
