/* Growable bytes with a mandatory limit: the only way to build text.
 *
 * Appending past the limit appends nothing, sets .over and stays that way: appenders need no
 * checks, the reader asks buf_ok once. p is NUL-terminated whenever it is not NULL. */
#ifndef KUBEVOUCH_BASE_BUF_H
#define KUBEVOUCH_BASE_BUF_H

#include "base/str.h"

struct buf {
    char *p;
    size_t n, cap_bytes, limit_bytes;
    bool over;
    /* set before adding a credential: growing and releasing wipe the memory left behind */
    bool secret;
};

#define BUF_INIT(limit)        \
    {                          \
        .limit_bytes = (limit) \
    }
void buf_init(struct buf *b, size_t limit_bytes);
/* Empties, keeps the memory, clears .over. */
void buf_reset(struct buf *b);
void buf_release(struct buf *b);
void buf_add(struct buf *b, struct str s);
void buf_add_c(struct buf *b, const char *c);
void buf_add_char(struct buf *b, char c);
void buf_addf(struct buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
void buf_vaddf(struct buf *b, const char *fmt, va_list ap) PRINTF_LIKE(2, 0);
/* Room for n bytes at the end, or NULL (and .over) past the limit; then buf_commit what was
 * written. */
char *buf_reserve(struct buf *b, size_t n);
void buf_commit(struct buf *b, size_t n);
/* Removes the first n bytes. */
void buf_drop_front(struct buf *b, size_t n);
static inline struct str buf_str(const struct buf *b)
{
    return (struct str){ b->p, b->n };
}
/* False and ERR_LIMIT naming what and the limit, if it was exceeded. */
bool buf_ok(const struct buf *b, const char *what, struct err *err) WARN_UNUSED;
/* Overwrites the whole memory, then releases it: for credentials. */
void buf_wipe(struct buf *b);

#endif
