/* Files: read whole under a limit, written so that a crash leaves the old one or the new one. */
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define READ_STEP_BYTES  ((size_t)64 << 10)
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
    return err_set(err, missing ? ERR_NOT_FOUND : ERR_IO, "cannot %s \"%s\": %s", verb, path,
                   errno_text(code));
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
        char *to =
            left ? buf_reserve(out, left < READ_STEP_BYTES ? left : READ_STEP_BYTES) : &extra;
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

static bool is_waiting(mode_t mode)
{
    return S_ISFIFO(mode) || S_ISSOCK(mode);
}

/* All of an open file, or out as it was. */
static bool take_all(int fd, const char *path, struct buf *out, struct err *err)
{
    size_t start = out->n;
    bool ok = read_all(fd, path, out, err);
    if (ok && out->over) {
        ok = err_set(err, ERR_LIMIT, "\"%s\" is larger than the limit of %zu bytes", path,
                     out->limit_bytes - start);
    }
    if (!ok && out->p) {
        out->n = start;
        out->p[start] = '\0';
    }
    return ok;
}

/* A pipe that whoever started this process made for it, as a shell's <(...) does. */
static bool is_handed_over(const char *path)
{
    struct str s = str_from_c(path);
    return str_eq_c(s, "/dev/stdin") || str_has_prefix(s, STR("/dev/fd/")) ||
           str_has_prefix(s, STR("/proc/self/fd/"));
}

bool file_read(const char *path, struct buf *out, struct err *err)
{
    bool handed = is_handed_over(path);
    struct stat st;
    if (!handed && stat(path, &st) == 0 && is_waiting(st.st_mode)) {
        return err_set(err, ERR_IO, "cannot read \"%s\": it is a pipe or socket, not a file", path);
    }
    int fd CLEANUP(close_fd) =
        open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | (handed ? 0 : O_NONBLOCK));
    if (fd < 0 || fstat(fd, &st) != 0) {
        return fail(err, "open", path);
    }
    if (S_ISDIR(st.st_mode)) {
        return err_set(err, ERR_IO, "cannot read \"%s\": it is a folder", path);
    }
    if (!handed && is_waiting(st.st_mode)) { /* it became one since */
        return err_set(err, ERR_IO, "cannot read \"%s\": it is a pipe or socket, not a file", path);
    }
    return take_all(fd, path, out, err);
}

/* The folder below dir that name goes through, step by step without links; *last is what is left of
 * name. */
static int open_step(int dir, struct str step, int how)
{
    char name[256]; /* NAME_MAX and the end */
    if (step.n == 0 || step.n >= sizeof name || str_eq_c(step, ".") || str_eq_c(step, "..") ||
        str_find_char(step, '\0', 0) != SIZE_MAX) {
        errno = EINVAL;
        return -1;
    }
    memcpy(name, step.p, step.n);
    name[step.n] = '\0';
    return openat(dir, name, how | O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
}

/* *out: a plain file inside dir, open. */
static bool open_inside(int *out, const char *dir, struct str name, const char *path,
                        struct err *err)
{
    int at CLEANUP(close_fd) = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct str rest = name, step;
    struct stat st;
    if (at < 0) {
        return fail(err, "open the folder", dir);
    }
    while (str_next_field(&rest, '/', &step)) {
        int next = open_step(at, step, rest.n ? O_DIRECTORY : 0);
        if (next < 0 && (errno == ENOENT || errno == EACCES)) {
            return fail(err, "open", path);
        }
        if (next < 0) {
            return err_set(err, ERR_INPUT,
                           "\"%.*s\" is not opened: it is no plain file inside \"%s\"",
                           STR_ARG(str_sub(name, 0, 200)), dir);
        }
        (void)close(at);
        at = next;
    }
    if (fstat(at, &st) != 0 || !S_ISREG(st.st_mode)) {
        return err_set(err, ERR_INPUT, "\"%.*s\" is not opened: it is no plain file inside \"%s\"",
                       STR_ARG(str_sub(name, 0, 200)), dir);
    }
    *out = at;
    at = -1;
    return true;
}

bool file_stream_inside(const char *dir, struct str name, size_t piece_bytes,
                        bool (*piece)(void *ctx, struct str bytes), void *ctx, struct err *err)
{
    struct arena scratch CLEANUP(arena_release) = { 0 };
    int fd CLEANUP(close_fd) = -1;
    const char *path = str_to_c(&scratch, file_join(&scratch, str_from_c(dir),
                                                    str_printf(&scratch, "./%.*s", STR_ARG(name))));
    if (!open_inside(&fd, dir, name, path, err)) {
        return false;
    }
    for (char *bytes = arena_alloc(&scratch, piece_bytes);;) {
        ssize_t got = read(fd, bytes, piece_bytes);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return fail(err, "read", path);
        }
        if (got == 0 || !piece(ctx, str_of(bytes, (size_t)got))) {
            return true;
        }
    }
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

/* Renaming over a pipe or a device would replace it: those are written in place. A link to one was
 * laid by somebody. */
static bool is_special(const char *path, bool *linked)
{
    struct stat st;
    *linked = lstat(path, &st) == 0 && S_ISLNK(st.st_mode);
    return stat(path, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode);
}

/* "DIR/.NAME.kubevouch-NUMBER.tmp", so that a sweep knows its own. No process number: two
 * containers that share a folder have the same ones. */
#define TMP_MARK ".kubevouch-"
#define TMP_END  ".tmp"
static char *tmp_path_of(struct arena *a, struct str path)
{
    size_t slash = str_find_last_char(path, '/'), name = slash == SIZE_MAX ? 0 : slash + 1;
    uint32_t number = 0;
    if (getrandom(&number, sizeof number, 0) < 0) {
        number = (uint32_t)getpid();
    }
    return str_to_c(a, str_printf(a, "%.*s.%.*s" TMP_MARK "%u" TMP_END,
                                  STR_ARG(str_sub(path, 0, name)),
                                  STR_ARG(str_sub(path, name, path.n)), number));
}

/* Made new and locked: a lock ends with its process, however that ends, so that file_sweep knows
 * whose files are left. */
static int create_locked(const char *path)
{
    struct stat st;
    for (int tries = 0; tries < 3; tries++) {
        int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY | O_CREAT | O_EXCL | O_NOFOLLOW, 0666);
        if (fd < 0) {
            return fd;
        }
        (void)flock(fd, LOCK_EX); /* where there are no locks nothing is swept either */
        if (fstat(fd, &st) == 0 && st.st_nlink) {
            return fd;
        }
        (void)close(fd); /* swept between the two */
    }
    errno = EAGAIN;
    return -1;
}

bool file_writer_open(struct file_writer *w, const char *path, struct err *err)
{
    struct file_writer made = { .fd = -1 };
    bool linked, special = is_special(path, &linked);
    if (special && linked) {
        return err_set(err, ERR_IO, "\"%s\" is not written: it is a link to a pipe or device",
                       path);
    }
    made.path = str_to_c(&made.arena, str_from_c(path));
    if (special) {
        made.fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW);
    } else {
        made.tmp_path = tmp_path_of(&made.arena, str_from_c(path));
        made.fd = create_locked(made.tmp_path);
    }
    if (made.fd < 0) {
        (void)fail(err, "create", path);
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

/* All that was added is on the disk, not yet in its place. */
static bool settle(struct file_writer *w, struct err *err)
{
    INVARIANT(w->open);
    return flush(w, err) && (!w->tmp_path || fsync(w->fd) == 0 || fail(err, "sync", w->path));
}

bool file_writer_commit(struct file_writer *w, struct err *err)
{
    bool ok = settle(w, err);
    if (ok && w->tmp_path) {
        ok = rename(w->tmp_path, w->path) == 0 || fail(err, "replace", w->path);
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
    return file_writer_open(&w, path, err) && file_writer_add(&w, bytes, err) &&
           file_writer_commit(&w, err);
}

/* ---- files that change together */

struct file_writer *file_set_add(struct file_set *s, const char *path, struct err *err)
{
    INVARIANT(s->count < FILE_SET_MAX);
    struct file_writer *w = &s->file[s->count];
    struct stat st;
    if (lstat(path, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISLNK(st.st_mode)) {
        (void)err_set(err, ERR_IO, "cannot write \"%s\": what is there is no regular file", path);
        return NULL;
    }
    if (!file_writer_open(w, path, err)) {
        return NULL;
    }
    s->count++;
    return w;
}

/* The old file, if there is one, is then under the temporary name: the way back is the same step
 * again. */
enum placed { PLACED_NOT, PLACED_NEW, PLACED_EXCHANGED, PLACED_OVER };
static enum placed place(const struct file_writer *w)
{
    if (renameat2(AT_FDCWD, w->tmp_path, AT_FDCWD, w->path, RENAME_NOREPLACE) == 0) {
        return PLACED_NEW;
    }
    if (errno == EEXIST &&
        renameat2(AT_FDCWD, w->tmp_path, AT_FDCWD, w->path, RENAME_EXCHANGE) == 0) {
        struct stat old;
        if (lstat(w->tmp_path, &old) == 0 && (S_ISREG(old.st_mode) || S_ISLNK(old.st_mode))) {
            return PLACED_EXCHANGED;
        }
        /* a folder came to stand there */
        (void)renameat2(AT_FDCWD, w->tmp_path, AT_FDCWD, w->path, RENAME_EXCHANGE);
        errno = EISDIR;
        return PLACED_NOT;
    }
    /* a file system that knows no such steps: there is no way back, each file is whole still */
    return (errno == EINVAL || errno == ENOSYS) && rename(w->tmp_path, w->path) == 0 ? PLACED_OVER
                                                                                     : PLACED_NOT;
}

static void take_back(const struct file_writer *w, enum placed how)
{
    if (how == PLACED_NEW) {
        (void)rename(w->path, w->tmp_path);
    } else if (how == PLACED_EXCHANGED) {
        (void)renameat2(AT_FDCWD, w->tmp_path, AT_FDCWD, w->path, RENAME_EXCHANGE);
    }
}

bool file_set_commit(struct file_set *s, struct err *err)
{
    enum placed how[FILE_SET_MAX] = { PLACED_NOT };
    size_t placed = 0;
    bool ok = true;
    for (size_t i = 0; ok && i < s->count; i++) {
        ok = settle(&s->file[i], err);
    }
    for (; ok && placed < s->count; placed += ok) {
        how[placed] = place(&s->file[placed]);
        ok = how[placed] != PLACED_NOT || fail(err, "replace", s->file[placed].path);
    }
    for (size_t i = 0; ok && i < s->count; i++) {
        ok = sync_dir(&s->file[i], err);
    }
    while (!ok && placed > 0) {
        placed--;
        take_back(&s->file[placed], how[placed]);
    }
    /* the temporary names: of the old files, or of the new ones that are not taken */
    file_set_abandon(s);
    return ok;
}

void file_set_abandon(struct file_set *s)
{
    for (size_t i = 0; i < s->count; i++) {
        file_writer_abandon(&s->file[i]);
    }
    s->count = 0;
}

/* A temporary file's name: ".NAME.kubevouch-123.tmp". */
static bool is_tmp_name(struct str name)
{
    struct str mark = STR(TMP_MARK), end = STR(TMP_END);
    size_t at = str_find(name, mark, 1);
    if (name.n < 2 || name.p[0] != '.' || at == SIZE_MAX || !str_has_suffix(name, end)) {
        return false;
    }
    struct str number = str_sub(name, at + mark.n, name.n - end.n);
    for (size_t i = 0; i < number.n; i++) {
        if (number.p[i] < '0' || number.p[i] > '9') {
            return false;
        }
    }
    return number.n > 0;
}

static void sweep_one(int dir, const char *name)
{
    int fd CLEANUP(close_fd) =
        openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
    struct stat st;
    if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == geteuid() &&
        flock(fd, LOCK_EX | LOCK_NB) == 0) {
        (void)unlinkat(dir, name, 0);
    }
}

static void close_dir(DIR **d)
{
    if (*d) {
        (void)closedir(*d);
    }
}

void file_sweep(const char *dir)
{
    DIR *d CLEANUP(close_dir) = opendir(dir);
    const struct dirent *e;
    while (d && (e = readdir(d)) != NULL) {
        if (is_tmp_name(str_from_c(e->d_name))) {
            sweep_one(dirfd(d), e->d_name);
        }
    }
}

/* ---- folders and names */

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
        if (mkdir(part.p, 0777) != 0 && errno != EEXIST) {
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
