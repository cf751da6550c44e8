/* The file of a ledger: one writer at a time, whole lines on the disk, a torn last one taken off.
 */
#include "evidence/ledger.h"

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define READ_BYTES     ((size_t)64 << 10)
#define LINE_BYTES_MAX ((size_t)64 << 20)

static bool fail(struct err *err, const char *verb, const char *path)
{
    int code = errno;
    return err_set(err, code == ENOENT || code == ENOTDIR ? ERR_NOT_FOUND : ERR_IO,
                   "cannot %s \"%s\": %s", verb, path, strerrordesc_np(code));
}

static void close_fd(const int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
}

/* The lock ends with the process, however that ends. Waits for whoever has it. */
static bool lock(int fd, int how, const char *path, struct err *err)
{
    while (flock(fd, how) != 0)
        if (errno != EINTR)
            return fail(err, "lock", path);
    return true;
}

static bool open_ledger(int *out, const char *path, int flags, int how, struct err *err)
{
    struct stat st;
    *out = open(path, flags | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW | O_NONBLOCK, 0666);
    if (*out < 0)
        return fail(err, "open", path);
    if (fstat(*out, &st) != 0 || !S_ISREG(st.st_mode))
        return err_set(err, ERR_IO, "\"%s\" is no regular file", path);
    return lock(*out, how, path, err);
}

static bool read_all(int fd, struct buf *out, const char *path, struct err *err)
{
    for (;;) {
        char *room = buf_reserve(out, READ_BYTES);
        ssize_t got = room ? read(fd, room, READ_BYTES) : 0;
        if (got < 0 && errno != EINTR)
            return fail(err, "read", path);
        if (got > 0)
            buf_commit(out, (size_t)got);
        if (got == 0)
            return buf_ok(out, "the ledger", err);
    }
}

bool ledger_load(struct buf *out, struct arena *a, struct str dir, struct err *err)
{
    const char *path = str_to_c(a, file_join(a, dir, STR(LEDGER_FILE)));
    int fd CLEANUP(close_fd) = -1;
    return open_ledger(&fd, path, O_RDONLY, LOCK_SH, err) && read_all(fd, out, path, err);
}

/* All of the line, or none of it: a disk that is full leaves the ledger as it was. */
static bool write_line(int fd, struct str line, off_t end, const char *path, struct err *err)
{
    while (line.n) {
        ssize_t put = write(fd, line.p, line.n);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0) {
            (void)fail(err, "write", path);
            if (ftruncate(fd, end) != 0)
                return false; /* the next writer takes the torn line off */
            return false;
        }
        line = str_sub(line, (size_t)put, line.n);
    }
    return fsync(fd) == 0 || fail(err, "sync", path);
}

/* That a file is new must be on the disk too. */
static bool sync_folder(const char *dir, struct err *err)
{
    int fd CLEANUP(close_fd) = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return (fd >= 0 && (fsync(fd) == 0 || errno == EINVAL)) || fail(err, "sync", dir);
}

/* Bytes after the last end of line: a run that was killed while it wrote. */
static bool take_off(int fd, size_t *end, size_t torn, const char *path, struct err *err)
{
    *end -= torn;
    return !torn || ftruncate(fd, (off_t)*end) == 0 || fail(err, "repair", path);
}

static bool is_sound(const struct verify *v, const char *path, struct err *err)
{
    if (!verify_has_fault(v))
        return true;
    return err_set(err, ERR_INPUT,
                   "\"%s\" is at fault and nothing was added: %s: %.*s; kubevouch verify tells all "
                   "of it, and a new folder begins another ledger",
                   path, bundle_fault_name[v->row.item[0].fault], STR_ARG(v->row.item[0].text));
}

bool ledger_append(size_t *repaired, struct arena *a, struct str dir, const struct result *r,
                   const struct sign_key *key, struct err *err)
{
    const char *path = str_to_c(a, file_join(a, dir, STR(LEDGER_FILE)));
    struct buf text CLEANUP(buf_release) = BUF_INIT(LEDGER_BYTES_MAX),
                    line CLEANUP(buf_release) = BUF_INIT(LINE_BYTES_MAX);
    struct verify v = { .arena = a };
    struct ledger l;
    int fd CLEANUP(close_fd) = -1;
    if (!file_make_dir(str_to_c(a, dir), err) ||
        !open_ledger(&fd, path, O_RDWR | O_CREAT | O_APPEND, LOCK_EX, err) ||
        !read_all(fd, &text, path, err))
        return false;
    size_t end = text.n;
    ledger_read(&l, a, buf_str(&text), NULL, &v);
    if (l.is_open)
        buf_add_char(&line, '\n');
    if (!is_sound(&v, path, err) || !ledger_line(&line, a, r, &l, l.torn_bytes, key, err))
        return false;
    buf_add_char(&line, '\n');
    if (!buf_ok(&line, "a line of the ledger", err) ||
        !take_off(fd, &end, l.torn_bytes, path, err) ||
        !write_line(fd, buf_str(&line), (off_t)end, path, err))
        return false;
    *repaired = l.torn_bytes;
    return end > 0 || sync_folder(str_to_c(a, dir), err);
}
