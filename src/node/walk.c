/* Looking at a file system that may be hostile, below one folder. */
#include "node/walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define LINK_BYTES_MAX 4096u
#define PATH_BYTES_MAX 65536u /* what links can make of a path */

static void shut(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
    *fd = -1;
}

bool walk_open(struct walk_root *out, const char *path, struct err *err)
{
    struct walk_root r = { .fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC) };
    if (r.fd < 0)
        return err_set(err, ERR_IO, "cannot open the folder \"%s\": %s", path,
                       strerrordesc_np(errno));
    *out = r;
    return true;
}

void walk_close(struct walk_root *r)
{
    shut(&r->fd);
}

/* The folders from the root down to where a path has come. */
struct trail {
    struct arena *arena;
    int fd[WALK_DEPTH_MAX + 1];
    struct str name[WALK_DEPTH_MAX + 1];
    size_t depth; /* fd[0] is the root's; fd[depth] where we stand */
};

static struct str trail_text(const struct trail *t, struct str last)
{
    struct str text = STR("");
    for (size_t i = 1; i <= t->depth; i++)
        text = str_printf(t->arena, "%.*s/%.*s", STR_ARG(text), STR_ARG(t->name[i]));
    if (last.n)
        text = str_printf(t->arena, "%.*s/%.*s", STR_ARG(text), STR_ARG(last));
    return text.n ? text : STR("/");
}

static void trail_up(struct trail *t)
{
    if (t->depth > 0)
        shut(&t->fd[t->depth--]);
}

static void trail_close(struct trail *t)
{
    while (t->depth > 0)
        trail_up(t);
}

/* Strictly below: a mount that is not there proves nothing. */
static bool is_below_mount(const struct walk_root *r, struct str path, bool itself)
{
    for (size_t i = 0; i < r->mount_count; i++) {
        struct str m = r->mount[i];
        while (m.n && m.p[m.n - 1] == '/')
            m.n--;
        if (!str_has_prefix(path, m))
            continue;
        if (path.n > m.n ? path.p[m.n] == '/' : itself)
            return true;
    }
    return r->mount_count == 0;
}

static void end_with(struct walk_seen *out, enum node_state state, const char *reason)
{
    out->state = state;
    out->reason = reason;
}

static void end_with_errno(struct walk_seen *out, const struct walk_root *r, const struct trail *t,
                           struct str name, int code)
{
    out->resolved = trail_text(t, name);
    if (code == ENOENT || code == ENOTDIR) {
        if (is_below_mount(r, out->resolved, false))
            end_with(out, NODE_ABSENT, NULL);
        else
            end_with(out, NODE_NOT_VISIBLE, "it is outside the folders that were mounted");
    } else if (code == EACCES || code == EPERM) {
        end_with(out, NODE_FORBIDDEN,
                 "the file system refused: search rights on its folder are needed (root, or "
                 "CAP_DAC_READ_SEARCH)");
    } else {
        end_with(out, NODE_UNREADABLE,
                 code == ENAMETOOLONG ? "a name in its path is too long"
                                      : "the file system gave an error");
    }
}

/* The rest of the path with the link's target put before it. */
static bool through_link(struct trail *t, int link, struct str *rest, unsigned *links,
                         struct walk_seen *out)
{
    char target[LINK_BYTES_MAX];
    ssize_t n = readlinkat(link, "", target, sizeof target);
    if (n <= 0 || n == (ssize_t)sizeof target) {
        end_with(out, NODE_UNREADABLE, "a symbolic link in its path cannot be read");
        return false;
    }
    if (++*links > WALK_LINKS_MAX) {
        end_with(out, NODE_UNREADABLE, "symbolic links lead in a loop, or through too many others");
        return false;
    }
    if (rest->n + (size_t)n + 1 > PATH_BYTES_MAX) {
        end_with(out, NODE_UNREADABLE, "symbolic links make its path too long");
        return false;
    }
    *rest = str_printf(t->arena, "%.*s/%.*s", (int)n, target, STR_ARG(*rest));
    while (target[0] == '/' && t->depth > 0)
        trail_up(t);
    return true;
}

static bool take_name(struct str *rest, struct str *name)
{
    size_t from = 0;
    while (from < rest->n && rest->p[from] == '/')
        from++;
    size_t to = str_find_char(*rest, '/', from);
    to = to == SIZE_MAX ? rest->n : to;
    *name = str_sub(*rest, from, to);
    *rest = str_sub(*rest, to, rest->n);
    return name->n > 0;
}

static bool nothing_left(struct str rest)
{
    for (size_t i = 0; i < rest.n; i++)
        if (rest.p[i] != '/')
            return false;
    return true;
}

static void found(struct walk_seen *out, const struct walk_root *r, const struct trail *t, int fd,
                  struct str name, const struct stat *st)
{
    out->resolved = str_eq_c(name, ".") ? trail_text(t, STR("")) : trail_text(t, name);
    if (!is_below_mount(r, out->resolved, true)) {
        end_with(out, NODE_NOT_VISIBLE, "it is outside the folders that were mounted");
        return;
    }
    out->state = NODE_PRESENT;
    out->reason = NULL;
    out->st = *st;
    out->name = name;
    out->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    out->parent = fcntl(t->fd[t->depth], F_DUPFD_CLOEXEC, 0);
    if (out->fd < 0 || out->parent < 0)
        end_with(out, NODE_UNREADABLE, "there are too many open files");
}

/* One name of the path; false: the walk is over. */
static bool step(struct walk_seen *out, const struct walk_root *r, struct trail *t, struct str name,
                 struct str *rest, unsigned *links)
{
    struct stat st;
    int fd = openat(t->fd[t->depth], str_to_c(t->arena, name), O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) != 0) {
        end_with_errno(out, r, t, name, errno);
        shut(&fd);
        return false;
    }
    bool last = nothing_left(*rest), is_link = S_ISLNK(st.st_mode);
    if (last && *links == 0)
        out->last_is_link = is_link;
    if (is_link) {
        bool ok = through_link(t, fd, rest, links, out);
        shut(&fd);
        return ok;
    }
    if (last) {
        found(out, r, t, fd, name, &st);
        shut(&fd);
        return false;
    }
    if (t->depth == WALK_DEPTH_MAX) {
        end_with(out, NODE_UNREADABLE, "its path has too many folders");
        shut(&fd);
        return false;
    }
    t->fd[++t->depth] = fd;
    t->name[t->depth] = name;
    return true;
}

void walk_look(struct walk_seen *out, struct arena *a, const struct walk_root *r, struct str path)
{
    struct trail t = { .arena = a, .fd = { [0] = r->fd } };
    struct str rest = path, name;
    struct stat st;
    unsigned links = 0;
    *out = (struct walk_seen){ .state = NODE_UNREADABLE,
                               .reason = "its path cannot be read",
                               .fd = -1,
                               .parent = -1,
                               .resolved = path };
    if (str_find_char(path, '\0', 0) != SIZE_MAX || path.n > LINK_BYTES_MAX)
        return;
    while (take_name(&rest, &name)) {
        if (str_eq_c(name, "."))
            continue;
        if (str_eq_c(name, "..")) {
            trail_up(&t);
            continue;
        }
        if (!step(out, r, &t, name, &rest, &links)) {
            trail_close(&t);
            return;
        }
    }
    /* "/", "a/..", a link to such: where we stand. */
    if (fstat(t.fd[t.depth], &st) == 0) {
        struct str last = t.depth ? t.name[t.depth] : STR(".");
        int here = fcntl(t.fd[t.depth], F_DUPFD_CLOEXEC, 0);
        trail_up(&t);
        found(out, r, &t, here, last, &st);
        shut(&here);
    }
    trail_close(&t);
}

void walk_seen_close(struct walk_seen *s)
{
    shut(&s->fd);
    shut(&s->parent);
}

/* O_NOATIME is for owners only; whoever may not use it leaves the access time to the mount. */
static int open_to_read(int at, const char *name, int how)
{
    int fd = openat(at, name,
                    how | O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | O_NOATIME);
    if (fd < 0 && errno == EPERM)
        fd = openat(at, name, how | O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    return fd;
}

static bool read_to_end(int fd, struct buf *out)
{
    for (;;) {
        char *to = buf_reserve(out, 4096);
        ssize_t got = to ? read(fd, to, 4096) : -1;
        if (got < 0 && to && errno == EINTR)
            continue;
        if (got <= 0)
            return got == 0;
        buf_commit(out, (size_t)got);
    }
}

bool walk_read(const struct walk_seen *s, struct buf *out, const char **reason)
{
    struct arena scratch CLEANUP(arena_release) = { 0 };
    struct stat st;
    if (s->state != NODE_PRESENT || !S_ISREG(s->st.st_mode)) {
        *reason = "it is no regular file";
        return false;
    }
    int fd = open_to_read(s->parent, str_to_c(&scratch, s->name), 0);
    if (fd < 0) {
        *reason = errno == EACCES || errno == EPERM ? "the file system refused to read it"
                                                    : "it cannot be opened";
        return false;
    }
    bool same = fstat(fd, &st) == 0 && st.st_dev == s->st.st_dev && st.st_ino == s->st.st_ino &&
                S_ISREG(st.st_mode);
    bool ok = same && read_to_end(fd, out);
    shut(&fd);
    if (!ok)
        *reason = !same       ? "it was replaced while it was read"
                  : out->over ? "it is too large"
                              : "it cannot be read";
    return ok;
}

static int by_bytes(const void *a, const void *b)
{
    return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

bool walk_list(const struct walk_seen *s, struct arena *a, struct walk_names *out,
               const char **reason)
{
    int fd = s->state == NODE_PRESENT && S_ISDIR(s->st.st_mode)
                 ? open_to_read(s->fd, ".", O_DIRECTORY)
                 : -1;
    DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
    if (!d) {
        *reason = errno == EACCES || errno == EPERM ? "the file system refused to list the folder"
                                                    : "the folder cannot be listed";
        shut(&fd);
        return false;
    }
    errno = 0;
    for (struct dirent *e; (e = readdir(d)); errno = 0) {
        struct str name = str_from_c(e->d_name);
        if (str_eq_c(name, ".") || str_eq_c(name, ".."))
            continue;
        if (out->item.count == WALK_LIST_MAX) {
            out->cut = true;
            break;
        }
        *VEC_PUSH(&out->item, a) = str_dup(a, name);
    }
    bool whole = errno == 0;
    (void)closedir(d);
    if (out->item.count)
        qsort(out->item.item, out->item.count, sizeof *out->item.item, by_bytes);
    if (!whole)
        *reason = "the folder cannot be listed to its end";
    return whole;
}

struct str walk_text(struct arena *a, struct str bytes)
{
    struct buf text CLEANUP(buf_release) = BUF_INIT(4 * PATH_BYTES_MAX);
    for (size_t i = 0; i < bytes.n;) {
        uint32_t code;
        size_t n = str_utf8_at(bytes, i, &code);
        if (n && code >= 0x20 && code != 0x7f && !(code >= 0x80 && code < 0xa0)) {
            buf_add(&text, str_sub(bytes, i, i + n));
            i += n;
        } else {
            buf_addf(&text, "\\x%02x", (unsigned char)bytes.p[i++]);
        }
    }
    return str_dup(a, buf_str(&text));
}
