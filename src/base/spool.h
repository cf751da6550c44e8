/* Bytes that are written once and read again in any order, without staying in memory: a file
 * without a name.
 *
 * What is small stays in memory and makes no file. The first failure (a full disk) is kept and told
 * by every later call: writers need no checks, whoever reads does. A struct spool is ready after
 * spool_init. */
#ifndef KUBEVOUCH_BASE_SPOOL_H
#define KUBEVOUCH_BASE_SPOOL_H

#include "base/buf.h"

struct spool {
    const char *dir;    /* where the file is made; borrowed */
    int fd;             /* -1: none is needed yet */
    uint64_t written;   /* bytes in the file */
    struct buf pending; /* what follows them */
    struct err err;     /* the first failure */
};
/* The folder is made if it is missing once a file is needed. */
void spool_init(struct spool *s, const char *dir);
/* Returns where bytes now stand. */
uint64_t spool_add(struct spool *s, struct str bytes);
/* Bytes that are in the spool. */
uint64_t spool_size(const struct spool *s);
/* Up to n bytes that stand at the place, fewer at the end; *got tells how many. ERR_IO naming the
 * folder. */
bool spool_read(struct spool *s, uint64_t at, char *out, size_t n, size_t *got,
                struct err *err) WARN_UNUSED;
/* False and the first failure, if there was one. */
bool spool_ok(const struct spool *s, struct err *err) WARN_UNUSED;
/* The file is gone with it. Accepts a released one. */
void spool_release(struct spool *s);

#endif
