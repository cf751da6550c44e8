/* Bytes that are written once and read again in any order, without staying in memory: a file
 * without a name. */
#include "base/spool.h"

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define PENDING_BYTES ((size_t)128 << 10)

void spool_init(struct spool *s, const char *dir)
{
    *s = (struct spool){ .dir = dir, .fd = -1 };
    buf_init(&s->pending, SIZE_MAX / 2);
}

static bool fail(struct spool *s, const char *verb)
{
    const char *why = strerrordesc_np(errno);
    return err_set(
        &s->err, ERR_IO,
        "cannot %s what was found in the folder \"%s\": %s; --spool-dir names another one for it",
        verb, s->dir, why ? why : "unknown error");
}

/* Where the file system makes no file without a name, one that loses its name at once. */
static int open_unnamed(const char *dir)
{
    int fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    struct arena scratch CLEANUP(arena_release) = { 0 };
    if (fd >= 0 || errno == ENOSPC || errno == EDQUOT || errno == EACCES || errno == ENOENT ||
        errno == EROFS)
        return fd;
    struct str name = str_printf(&scratch, ".spool.kubevouch-%ld.tmp", (long)getpid());
    const char *path = str_to_c(&scratch, file_join(&scratch, str_from_c(dir), name));
    fd = open(path, O_CREAT | O_EXCL | O_NOFOLLOW | O_RDWR | O_CLOEXEC, 0600);
    if (fd >= 0)
        (void)unlink(path);
    return fd;
}

static bool open_file(struct spool *s)
{
    if (s->fd >= 0)
        return true;
    if (!file_make_dir(s->dir, &s->err))
        return false;
    s->fd = open_unnamed(s->dir);
    return s->fd >= 0 || fail(s, "keep");
}

static void flush(struct spool *s)
{
    size_t at = 0;
    bool ok = open_file(s);
    while (ok && at < s->pending.n) {
        ssize_t n = pwrite(s->fd, s->pending.p + at, s->pending.n - at, (off_t)(s->written + at));
        if (n < 0 && errno == EINTR)
            continue;
        ok = n > 0 || fail(s, "keep");
        at += n > 0 ? (size_t)n : 0;
    }
    s->written += s->pending.n;
    buf_reset(&s->pending);
}

uint64_t spool_size(const struct spool *s)
{
    return s->written + s->pending.n;
}

uint64_t spool_add(struct spool *s, struct str bytes)
{
    uint64_t at = spool_size(s);
    if (s->err.code != ERR_NONE)
        return at;
    buf_add(&s->pending, bytes);
    if (s->pending.n >= PENDING_BYTES)
        flush(s);
    return at;
}

bool spool_ok(const struct spool *s, struct err *err)
{
    return s->err.code == ERR_NONE || err_set(err, s->err.code, "%s", s->err.text);
}

static size_t read_pending(const struct spool *s, uint64_t at, char *out, size_t n)
{
    struct str rest = str_sub(buf_str(&s->pending), (size_t)(at - s->written), s->pending.n);
    n = n < rest.n ? n : rest.n;
    if (n)
        memcpy(out, rest.p, n);
    return n;
}

bool spool_read(struct spool *s, uint64_t at, char *out, size_t n, size_t *got, struct err *err)
{
    size_t have = 0;
    while (have < n && at + have < s->written && spool_ok(s, err)) {
        uint64_t left = s->written - at - have;
        ssize_t more =
            pread(s->fd, out + have, n - have < left ? n - have : (size_t)left, (off_t)(at + have));
        if (more < 0 && errno == EINTR)
            continue;
        if (more == 0)
            errno = EIO;
        if (more <= 0)
            (void)fail(s, "read again");
        else
            have += (size_t)more;
    }
    if (!spool_ok(s, err))
        return false;
    if (have < n && at + have < spool_size(s))
        have += read_pending(s, at + have, out + have, n - have);
    *got = have;
    return true;
}

void spool_release(struct spool *s)
{
    if (s->fd >= 0)
        (void)close(s->fd);
    buf_release(&s->pending);
    s->fd = -1;
}
