/* Growable bytes with a mandatory limit: the only way to build text. */
#include "base/buf.h"

#define BUF_BYTES_MIN 256

void buf_init(struct buf *b, size_t limit_bytes)
{
    *b = (struct buf){ .limit_bytes = limit_bytes };
}

void buf_reset(struct buf *b)
{
    b->n = 0;
    b->over = false;
    if (b->p) {
        b->p[0] = '\0';
    }
}

void buf_release(struct buf *b)
{
    if (b->secret) {
        buf_wipe(b);
        return;
    }
    free(b->p);
    *b = (struct buf){ .limit_bytes = b->limit_bytes };
}

void buf_wipe(struct buf *b)
{
    if (b->p) {
        explicit_bzero(b->p, b->cap_bytes);
    }
    free(b->p);
    *b = (struct buf){ .limit_bytes = b->limit_bytes, .secret = b->secret };
}

/* Memory for at least need bytes and a NUL; need is within the limit. */
static void grow(struct buf *b, size_t need)
{
    size_t cap = b->cap_bytes < BUF_BYTES_MIN ? BUF_BYTES_MIN : b->cap_bytes;
    while (cap <= need) {
        cap = cap > SIZE_MAX / 2 ? need + 1 : cap * 2;
    }
    if (b->limit_bytes < SIZE_MAX && cap > b->limit_bytes + 1) {
        cap = b->limit_bytes + 1;
    }
    char *grown;
    if (b->secret) {
        /* realloc could leave a readable copy behind. */
        grown = malloc(cap);
        if (grown && b->p) {
            memcpy(grown, b->p, b->n);
            explicit_bzero(b->p, b->cap_bytes);
            free(b->p);
        }
    } else {
        grown = realloc(b->p, cap);
    }
    if (!grown) {
        err_out_of_memory(cap);
    }
    b->p = grown;
    b->cap_bytes = cap;
}

char *buf_reserve(struct buf *b, size_t n)
{
    if (b->over || n > b->limit_bytes - b->n || b->n + n == SIZE_MAX) {
        b->over = true;
        return NULL;
    }
    if (!b->p || b->n + n >= b->cap_bytes) {
        grow(b, b->n + n);
        b->p[b->n] = '\0';
    }
    return b->p + b->n;
}

void buf_commit(struct buf *b, size_t n)
{
    INVARIANT(b->p && n < b->cap_bytes - b->n);
    b->n += n;
    b->p[b->n] = '\0';
}

void buf_add(struct buf *b, struct str s)
{
    char *to = buf_reserve(b, s.n);
    if (to && s.n) {
        memcpy(to, s.p, s.n);
        buf_commit(b, s.n);
    }
}

void buf_add_c(struct buf *b, const char *c)
{
    buf_add(b, str_from_c(c));
}

void buf_add_char(struct buf *b, char c)
{
    buf_add(b, str_of(&c, 1));
}

void buf_addf(struct buf *b, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    buf_vaddf(b, fmt, ap);
    va_end(ap);
}

void buf_vaddf(struct buf *b, const char *fmt, va_list ap)
{
    if (b->over) {
        return;
    }
    size_t room = b->p ? b->cap_bytes - b->n : 0;
    va_list again;
    va_copy(again, ap);
    int n = vsnprintf(room ? b->p + b->n : NULL, room, fmt, ap);
    if (n >= 0 && (size_t)n < room) {
        b->n += (size_t)n;
    } else if (n >= 0) {
        char *to = buf_reserve(b, (size_t)n);
        if (to) {
            (void)vsnprintf(to, (size_t)n + 1, fmt, again);
            b->n += (size_t)n;
        } else if (b->p) {
            b->p[b->n] = '\0';
        }
    }
    va_end(again);
}

void buf_drop_front(struct buf *b, size_t n)
{
    if (n == 0) {
        return;
    }
    n = n > b->n ? b->n : n;
    memmove(b->p, b->p + n, b->n - n);
    b->n -= n;
    b->p[b->n] = '\0';
}

bool buf_ok(const struct buf *b, const char *what, struct err *err)
{
    if (b->over) {
        return err_set(err, ERR_LIMIT, "%s is larger than its limit of %zu bytes", what,
                       b->limit_bytes);
    }
    return true;
}
