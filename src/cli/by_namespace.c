/* --by namespace: a page for each namespace, in the folder "namespaces" of the reports; all change
 * together or none does. */
#include "cli/by_namespace.h"

#include "base/enc.h"
#include "base/file.h"
#include "base/log.h"
#include "report/html_namespace.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define WAITING_MARK ".namespaces.kubevouch-"
#define WAITING_END  ".pages"

static bool fail(struct err *err, const char *verb, const char *path)
{
    return err_set(err, ERR_IO, "cannot %s \"%s\": %s", verb, path, strerrordesc_np(errno));
}

/* Removes a folder of pages, and nothing else: what is no page keeps it. */
static void remove_pages(int at, const char *path)
{
    int fd = openat(at, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    DIR *d = fd < 0 ? NULL : fdopendir(fd);
    if (!d) {
        if (fd >= 0)
            (void)close(fd);
        return;
    }
    for (struct dirent *e; (e = readdir(d));)
        if (namespace_file_is(str_from_c(e->d_name)))
            (void)unlinkat(fd, e->d_name, 0);
    (void)closedir(d);
    if (unlinkat(at, path, AT_REMOVEDIR) != 0)
        log_line(LOG_WARN, "cannot remove \"%s\": %s", path, strerrordesc_np(errno));
}

/* What runs left that were killed: nobody holds their folders any more. */
static void sweep(const char *folder)
{
    DIR *d = opendir(folder);
    for (struct dirent *e; d && (e = readdir(d));) {
        struct str name = str_from_c(e->d_name);
        if (!str_has_prefix(name, STR(WAITING_MARK)) || !str_has_suffix(name, STR(WAITING_END)))
            continue;
        int fd = openat(dirfd(d), e->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
        if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
            remove_pages(dirfd(d), e->d_name);
        if (fd >= 0)
            (void)close(fd);
    }
    if (d)
        (void)closedir(d);
}

/* Pages of an earlier run may be replaced, and nothing else. */
static bool may_replace(const char *place, struct err *err)
{
    struct stat st;
    bool ok = true;
    if (lstat(place, &st) != 0)
        return errno == ENOENT || fail(err, "look at", place);
    DIR *d = S_ISDIR(st.st_mode) ? opendir(place) : NULL;
    if (!d)
        return err_set(err, ERR_IO,
                       "\"%s\" is not replaced by pages: it is no folder that can be read", place);
    for (struct dirent *e; ok && (e = readdir(d));)
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0 &&
            !namespace_file_is(str_from_c(e->d_name)))
            ok = err_set(err, ERR_IO,
                         "\"%s\" is not replaced: it holds \"%s\", which is no page of kubevouch; "
                         "name another folder with --output",
                         place, e->d_name);
    (void)closedir(d);
    return ok;
}

static bool make_waiting(struct by_namespace *b, struct str folder, struct str place,
                         struct arena *a, struct err *err)
{
    uint32_t number;
    enc_random(&number, sizeof number);
    b->place = str_to_c(a, file_join(a, folder, place));
    const char *waiting =
        str_to_c(a, file_join(a, folder, str_printf(a, WAITING_MARK "%u" WAITING_END, number)));
    if (mkdir(waiting, 0777) != 0)
        return fail(err, "make the folder", waiting);
    b->waiting = waiting;
    b->lock = open(waiting, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return (b->lock >= 0 && flock(b->lock, LOCK_EX | LOCK_NB) == 0) ||
           fail(err, "hold the folder", waiting);
}

struct page_sink {
    struct sink sink;
    FILE *file;
    const char *path;
};

static bool page_add(struct sink *s, struct str bytes, struct err *err)
{
    struct page_sink *p = (struct page_sink *)(void *)s;
    return fwrite(bytes.p, 1, bytes.n, p->file) == bytes.n || fail(err, "write", p->path);
}

/* place NULL: the index. */
static bool write_page(const struct by_namespace *b, const struct result *r,
                       const struct namespaces *all, const struct namespace_findings *place,
                       struct err *err)
{
    struct arena a CLEANUP(arena_release) = { 0 };
    char *name = str_to_c(&a, place ? namespace_file_name(&a, place->name) : STR(NAMESPACE_INDEX));
    int fd = openat(b->lock, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    struct page_sink s = { { page_add }, fd < 0 ? NULL : fdopen(fd, "w"), name };
    if (!s.file)
        return fail(err, "create", name);
    bool ok =
        place ? namespace_page(r, place, &s.sink, err) : namespace_index(r, all, &s.sink, err);
    return (fclose(s.file) == 0 || !ok || fail(err, "write", name)) && ok;
}

bool by_namespace_write(struct by_namespace *out, const struct result *r, struct str folder,
                        struct str place, struct arena *a, struct err *err)
{
    struct by_namespace b = { .lock = -1 };
    struct namespaces all;
    sweep(str_to_c(a, folder));
    bool ok = may_replace(str_to_c(a, file_join(a, folder, place)), err) &&
              namespaces_of(&all, a, r, err) && make_waiting(&b, folder, place, a, err);
    for (size_t i = 0; ok && i < all.count; i++)
        ok = write_page(&b, r, &all, &all.item[i], err);
    ok = ok && write_page(&b, r, &all, NULL, err);
    ok = ok && (syncfs(b.lock) == 0 || fail(err, "sync", b.waiting));
    if (!ok)
        by_namespace_end(&b, false);
    else
        *out = b;
    return ok || err_prefix(err, "--by namespace");
}

bool by_namespace_place(struct by_namespace *b, struct err *err)
{
    if (!b->waiting)
        return true;
    if (renameat2(AT_FDCWD, b->waiting, AT_FDCWD, b->place, RENAME_NOREPLACE) == 0) {
        b->placed = true;
        return true;
    }
    if (errno == EEXIST &&
        renameat2(AT_FDCWD, b->waiting, AT_FDCWD, b->place, RENAME_EXCHANGE) == 0) {
        b->exchanged = true;
        return true;
    }
    return fail(err, "replace", b->place);
}

void by_namespace_end(struct by_namespace *b, bool done)
{
    if (!b->waiting)
        return;
    if (!done && b->placed)
        remove_pages(AT_FDCWD, b->place);
    else if (!done && b->exchanged &&
             renameat2(AT_FDCWD, b->waiting, AT_FDCWD, b->place, RENAME_EXCHANGE) != 0)
        log_line(LOG_ERROR, "the pages of the earlier run are in \"%s\"", b->waiting);
    else if (!b->placed)
        remove_pages(AT_FDCWD, b->waiting);
    if (b->lock >= 0)
        (void)close(b->lock);
    *b = (struct by_namespace){ .lock = -1 };
}
