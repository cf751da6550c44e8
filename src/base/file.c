#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define READ_STEP_BYTES ((size_t)64 << 10)
#define WRITE_STEP_BYTES ((size_t)256 << 10)

/* errno as text; strerror may share a buffer between threads, this may not. */
static const char *errno_text(int code)
{
    const char *text = strerrordesc_np(code);
    return text ? text : "unknown error";
}

static bool fail(struct err *err, const char *verb, const char *path)
{
    int code = errno;
    bool missing = code == ENOENT || code == ENOTDIR;
    return err_set(err, missing ? ERR_NOT_FOUND : ERR_IO, "cannot %s \"%s\": %s", verb, path, errno_text(code));
}

static void close_fd(const int *fd)
{
    if (*fd >= 0) {
        (void)close(*fd);
    }
}

/* Reads until the end of the file or the limit of out; one byte more than the limit sets .over. */
static bool read_all(int fd, const char *path, struct buf *out, struct err *err)
{
    for (;;) {
        size_t left = out->limit_bytes - out->n;
        char extra;
        char *to = left ? buf_reserve(out, left < READ_STEP_BYTES ? left : READ_STEP_BYTES) : &extra;
        if (!to) {
            return true;
        }
        ssize_t got = read(fd, to, left == 0 ? 1 : left < READ_STEP_BYTES ? left : READ_STEP_BYTES);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return fail(err, "read", path);
        }
        if (got == 0) {
            return true;
        }
        if (left == 0) {
            out->over = true;
            return true;
        }
        buf_commit(out, (size_t)got);
    }
}

bool file_read(const char *path, struct buf *out, struct err *err)
{
    int fd CLEANUP(close_fd) = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    struct stat st;
    if (fd < 0 || fstat(fd, &st) != 0) {
        return fail(err, "open", path);
    }
    if (S_ISDIR(st.st_mode)) {
        return err_set(err, ERR_IO, "cannot read \"%s\": it is a folder", path);
    }
    size_t start = out->n;
    bool ok = read_all(fd, path, out, err);
    if (ok && out->over) {
        ok = err_set(err, ERR_LIMIT, "\"%s\" is larger than the limit of %zu bytes", path, out->limit_bytes - start);
    }
    if (!ok && out->p) {
        out->n = start;
        out->p[start] = '\0';
    }
    return ok;
}

static bool write_all(int fd, const char *path, struct str bytes, struct err *err)
{
    while (bytes.n) {
        ssize_t put = write(fd, bytes.p, bytes.n);
        if (put < 0 && errno == EINTR) {
            continue;
        }
        if (put < 0) {
            return fail(err, "write", path);
        }
        bytes = str_sub(bytes, (size_t)put, bytes.n);
    }
    return true;
}

/* Renaming over a pipe or a device would replace it: those are written in place. */
static bool is_special(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode);
}

bool file_writer_open(struct file_writer *w, const char *path, struct err *err)
{
    struct file_writer made = { .fd = -1 };
    made.path = str_to_c(&made.arena, str_from_c(path));
    const char *target = made.path;
    int how = O_WRONLY | O_CLOEXEC | O_NOCTTY;
    if (!is_special(path)) {
        made.tmp_path = str_printf(&made.arena, "%s.tmp.%ld", path, (long)getpid()).p;
        target = made.tmp_path;
        how |= O_CREAT | O_EXCL | O_NOFOLLOW;
    }
    made.fd = open(target, how, 0644);
    if (made.fd < 0 && errno == EEXIST && unlink(target) == 0) {
        made.fd = open(target, how, 0644); /* left by a run that crashed and had this process number */
    }
    if (made.fd < 0) {
        (void)fail(err, "create", target);
        arena_release(&made.arena);
        return false;
    }
    made.open = true;
    buf_init(&made.pending, WRITE_STEP_BYTES);
    *w = made;
    return true;
}

static bool flush(struct file_writer *w, struct err *err)
{
    bool ok = write_all(w->fd, w->path, buf_str(&w->pending), err);
    buf_reset(&w->pending);
    return ok;
}

bool file_writer_add(struct file_writer *w, struct str bytes, struct err *err)
{
    if (bytes.n > WRITE_STEP_BYTES - w->pending.n && !flush(w, err)) {
        return false;
    }
    if (bytes.n >= WRITE_STEP_BYTES) {
        return write_all(w->fd, w->path, bytes, err);
    }
    buf_add(&w->pending, bytes);
    return true;
}

static void writer_close(struct file_writer *w)
{
    if (w->open) {
        (void)close(w->fd);
    }
    buf_release(&w->pending);
    arena_release(&w->arena);
    *w = (struct file_writer){ .fd = -1 };
}

/* A rename is safe from a crash only when the folder is on the disk too. */
static bool sync_dir(struct file_writer *w, struct err *err)
{
    const char *dir = str_to_c(&w->arena, file_dir_of(str_from_c(w->path)));
    int fd CLEANUP(close_fd) = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return errno == EACCES ? true : fail(err, "open the folder", dir); /* may be write-only */
    }
    if (fsync(fd) != 0 && errno != EINVAL) {
        return fail(err, "sync the folder", dir);
    }
    return true;
}

bool file_writer_commit(struct file_writer *w, struct err *err)
{
    INVARIANT(w->open);
    bool ok = flush(w, err);
    if (ok && w->tmp_path) {
        ok = fsync(w->fd) == 0 || fail(err, "sync", w->path);
        if (ok && rename(w->tmp_path, w->path) != 0) {
            ok = fail(err, "replace", w->path);
        }
        ok = ok && sync_dir(w, err);
    }
    if (!ok) {
        file_writer_abandon(w);
        return false;
    }
    writer_close(w);
    return true;
}

void file_writer_abandon(struct file_writer *w)
{
    if (w->open && w->tmp_path) {
        (void)unlink(w->tmp_path);
    }
    writer_close(w);
}

bool file_write_atomic(const char *path, struct str bytes, struct err *err)
{
    struct file_writer w CLEANUP(file_writer_abandon) = { .fd = -1 };
    return file_writer_open(&w, path, err) && file_writer_add(&w, bytes, err) && file_writer_commit(&w, err);
}

bool file_make_dir(const char *path, struct err *err)
{
    struct buf part CLEANUP(buf_release) = BUF_INIT(4096);
    struct str all = str_from_c(path);
    for (size_t at = 0; at < all.n;) {
        size_t slash = str_find_char(all, '/', at + 1);
        size_t end = slash == SIZE_MAX ? all.n : slash;
        buf_reset(&part);
        buf_add(&part, str_sub(all, 0, end));
        if (!buf_ok(&part, "a folder's name", err)) {
            return false;
        }
        if (mkdir(part.p, 0755) != 0 && errno != EEXIST) {
            int made = errno;
            struct stat st;
            if (stat(part.p, &st) != 0 || !S_ISDIR(st.st_mode)) {
                errno = made;
                return fail(err, "make the folder", part.p);
            }
        }
        at = end;
    }
    struct stat st;
    if (stat(path, &st) != 0) {
        return fail(err, "make the folder", path);
    }
    if (!S_ISDIR(st.st_mode)) {
        return err_set(err, ERR_IO, "cannot make the folder \"%s\": a file has that name", path);
    }
    return true;
}

struct str file_dir_of(struct str path)
{
    size_t slash = str_find_last_char(path, '/');
    if (slash == SIZE_MAX) {
        return STR(".");
    }
    return slash == 0 ? STR("/") : str_sub(path, 0, slash);
}

struct str file_join(struct arena *a, struct str base, struct str name)
{
    if (base.n == 0 || (name.n && name.p[0] == '/')) {
        return str_dup(a, name);
    }
    const char *between = base.p[base.n - 1] == '/' ? "" : "/";
    return str_printf(a, "%.*s%s%.*s", STR_ARG(base), between, STR_ARG(name));
}
