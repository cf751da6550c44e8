/* --keep: each run's reports in a folder of their own below --output, of which the newest stay. */
#include "cli/shelf.h"

#include "base/file.h"
#include "base/log.h"
#include "base/vec.h"
#include "cli/beside.h"
#include "report/report.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define SET_MARK    "kubevouch-"
#define SET_FORM    "0000-00-00T000000Z" /* 0 stands for any digit */
#define SET_TWINS   99u                  /* runs that began in the same second */
#define GOING_END   ".going"             /* "." before it: on its way out */
#define ENTRIES_MAX 200u                 /* more than a run writes: it is no folder of ours */
/* an empty folder that is younger may be of a run that is writing now */
#define UNFINISHED_S (24 * 60 * 60)

typedef VEC(struct str) names;

static bool matches_form(struct str s, const char *form)
{
    for (size_t i = 0; i < s.n; i++)
        if (form[i] == '0' ? s.p[i] < '0' || s.p[i] > '9' : s.p[i] != form[i])
            return false;
    return true;
}

static bool is_set_name(struct str name)
{
    const size_t mark = strlen(SET_MARK), whole = mark + strlen(SET_FORM);
    if (!str_has_prefix(name, STR(SET_MARK)) || name.n < whole ||
        !matches_form(str_sub(name, mark, whole), SET_FORM))
        return false;
    return name.n == whole ||
           (name.n == whole + 3 && matches_form(str_sub(name, whole, name.n), "-00"));
}

static bool is_going_name(struct str name)
{
    return name.n > 1 + strlen(GOING_END) && name.p[0] == '.' &&
           str_has_suffix(name, STR(GOING_END)) &&
           is_set_name(str_sub(name, 1, name.n - strlen(GOING_END)));
}

static bool is_report_name(struct arena *a, struct str name)
{
    for (size_t i = 0; i < renderer_count; i++)
        if (str_eq_c(name, renderer[i].file_name) ||
            str_eq(name, beside_name(a, str_from_c(renderer[i].file_name))))
            return true;
    return false;
}

/* Entries of the folder but "." and ".."; false: it could not be read, or holds more than
 * ENTRIES_MAX where `few` says that. */
static bool list(names *out, struct arena *a, int fd, bool few)
{
    int own = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *d = own < 0 ? NULL : fdopendir(own);
    if (!d) {
        if (own >= 0)
            (void)close(own);
        return false;
    }
    errno = 0;
    for (struct dirent *e; (e = readdir(d)) && !(few && out->count > ENTRIES_MAX);)
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
            *VEC_PUSH(out, a) = str_dup(a, str_from_c(e->d_name));
    bool whole = errno == 0 && !(few && out->count > ENTRIES_MAX);
    (void)closedir(d);
    return whole;
}

/* The number of the last run that began in the second of `name`, as far as its folder is there; 0:
 * none. */
static unsigned last_twin(struct str dir, struct str name, struct arena *a)
{
    names all = { 0 };
    unsigned last = 0;
    int fd = open(str_to_c(a, dir), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    (void)list(&all, a, fd, false);
    (void)close(fd);
    for (size_t i = 0; i < all.count; i++) {
        struct str s = all.item[i];
        if (!is_set_name(s) || !str_has_prefix(s, name))
            continue;
        unsigned twin = s.n == name.n
                            ? 1
                            : (unsigned)(s.p[s.n - 2] - '0') * 10 + (unsigned)(s.p[s.n - 1] - '0');
        last = twin > last ? twin : last;
    }
    return last;
}

bool shelf_make(struct str *folder, struct str dir, struct instant began, struct arena *a,
                struct err *err)
{
    struct civil c = clock_civil(began.s);
    struct str name = str_printf(a, SET_MARK "%04lld-%02d-%02dT%02d%02d%02dZ", (long long)c.year,
                                 c.month, c.day, c.hour, c.minute, c.second);
    if (!file_make_dir(str_to_c(a, dir), err))
        return false;
    for (unsigned twin = last_twin(dir, name, a) + 1; twin <= SET_TWINS; twin++) {
        struct str path =
            file_join(a, dir, twin == 1 ? name : str_printf(a, "%.*s-%02u", STR_ARG(name), twin));
        if (mkdir(str_to_c(a, path), 0777) == 0) {
            *folder = path;
            return true;
        }
        if (errno != EEXIST)
            return err_set(err, ERR_IO, "cannot make the folder \"%.*s\": %s", STR_ARG(path),
                           strerrordesc_np(errno));
    }
    return err_set(err, ERR_IO, "\"%.*s\" holds %u runs that began in the same second",
                   STR_ARG(dir), SET_TWINS);
}

static int newest_first(const void *a, const void *b)
{
    return str_cmp(*(const struct str *)b, *(const struct str *)a);
}

/* Names of runs' folders, newest first, and of those that are on their way out. */
static bool list_sets(names *set, names *going, struct arena *a, int fd)
{
    names all = { 0 };
    if (!list(&all, a, fd, false))
        return false;
    for (size_t i = 0; i < all.count; i++) {
        struct stat st;
        if ((!is_set_name(all.item[i]) && !is_going_name(all.item[i])) ||
            fstatat(fd, str_to_c(a, all.item[i]), &st, AT_SYMLINK_NOFOLLOW) != 0)
            continue;
        if (!S_ISDIR(st.st_mode))
            log_line(LOG_WARN,
                     "--keep: %.*s is named like the folder of a run and is none: it stays",
                     STR_ARG(all.item[i]));
        else if (is_set_name(all.item[i]))
            *VEC_PUSH(set, a) = all.item[i];
        else
            *VEC_PUSH(going, a) = all.item[i];
    }
    if (set->count)
        qsort(set->item, set->count, sizeof *set->item, newest_first);
    return true;
}

struct str shelf_newest(struct str dir, struct str name, struct arena *a)
{
    names set = { 0 }, going = { 0 };
    struct str found = { 0 };
    int fd = open(str_to_c(a, dir), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return found;
    if (list_sets(&set, &going, a, fd))
        for (size_t i = 0; i < set.count && !found.n; i++) {
            struct str path = file_join(a, set.item[i], name);
            struct stat st;
            if (fstatat(fd, str_to_c(a, path), &st, AT_SYMLINK_NOFOLLOW) == 0 &&
                S_ISREG(st.st_mode))
                found = file_join(a, dir, path);
        }
    (void)close(fd);
    return found;
}

/* Whether the open folder holds reports and nothing else; *file: which. *strange: what else there
 * is. */
static bool only_reports(names *file, struct str *strange, struct arena *a, int fd)
{
    if (!list(file, a, fd, true)) {
        *strange = STR("more than can be listed");
        return false;
    }
    for (size_t i = 0; i < file->count; i++) {
        struct stat st;
        if (is_report_name(a, file->item[i]) &&
            fstatat(fd, str_to_c(a, file->item[i]), &st, AT_SYMLINK_NOFOLLOW) == 0 &&
            S_ISREG(st.st_mode))
            continue;
        *strange = file->item[i];
        return false;
    }
    return true;
}

static void tell_kept(struct str name, const char *doing)
{
    log_line(LOG_WARN, "--keep: %s %.*s: %s", doing, STR_ARG(name), strerrordesc_np(errno));
}

/* The files of a folder, then the folder. What came into it since it was looked through keeps it.
 */
static void empty_and_remove(int dir, struct str name, struct arena *a)
{
    names file = { 0 };
    struct str strange = { 0 };
    char *path = str_to_c(a, name);
    int fd = openat(dir, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    bool ours = fd >= 0 && only_reports(&file, &strange, a, fd);
    for (size_t i = 0; ours && i < file.count; i++)
        if (unlinkat(fd, str_to_c(a, file.item[i]), 0) != 0)
            tell_kept(file.item[i], "cannot remove");
    if (fd >= 0)
        (void)close(fd);
    if (ours && unlinkat(dir, path, AT_REMOVEDIR) != 0)
        tell_kept(name, "cannot remove the folder");
    if (!ours)
        log_line(LOG_WARN, "--keep: %.*s stays: it holds %.*s, which is no report", STR_ARG(name),
                 STR_ARG(strange));
}

static void remove_set(int dir, struct str name, struct arena *a)
{
    struct str going = str_printf(a, ".%.*s" GOING_END, STR_ARG(name));
    if (renameat(dir, str_to_c(a, name), dir, str_to_c(a, going)) != 0) {
        tell_kept(name, "cannot remove");
        return;
    }
    empty_and_remove(dir, going, a);
    log_line(LOG_INFO, "--keep: removed %.*s", STR_ARG(name));
}

/* What a folder of a run is to --keep. */
enum set_state { SET_REPORTS, SET_EMPTY, SET_STRANGE };
static enum set_state state_of(int dir, struct str shelf, struct str name, struct str *strange,
                               time_t *changed, struct arena *a)
{
    names file = { 0 };
    struct stat st;
    int fd = openat(dir, str_to_c(a, name), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    *strange = STR("what cannot be read");
    if (fd < 0)
        return SET_STRANGE;
    *changed = fstat(fd, &st) == 0 ? st.st_mtime : 0;
    file_sweep(str_to_c(a, file_join(a, shelf, name)));
    bool ours = only_reports(&file, strange, a, fd);
    (void)close(fd);
    return !ours ? SET_STRANGE : file.count ? SET_REPORTS : SET_EMPTY;
}

void shelf_prune(struct str dir, struct str mine, size_t keep, struct arena *a)
{
    names set = { 0 }, going = { 0 };
    size_t slash = str_find_last_char(mine, '/'), seen = 1;
    struct str own = slash == SIZE_MAX ? mine : str_sub(mine, slash + 1, mine.n);
    int fd = open(str_to_c(a, dir), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || !list_sets(&set, &going, a, fd)) {
        log_line(LOG_WARN, "--keep: %.*s cannot be listed: nothing was removed", STR_ARG(dir));
        if (fd >= 0)
            (void)close(fd);
        return;
    }
    for (size_t i = 0; i < going.count; i++)
        empty_and_remove(fd, going.item[i], a);
    for (size_t i = 0; i < set.count; i++) {
        struct str strange;
        time_t changed = 0;
        if (str_eq(set.item[i], own))
            continue;
        enum set_state state = state_of(fd, dir, set.item[i], &strange, &changed, a);
        if (state == SET_EMPTY && clock_now().s - (int64_t)changed > UNFINISHED_S &&
            unlinkat(fd, str_to_c(a, set.item[i]), AT_REMOVEDIR) != 0)
            tell_kept(set.item[i], "cannot remove the folder");
        if (state == SET_EMPTY || seen++ < keep)
            continue;
        if (state == SET_REPORTS)
            remove_set(fd, set.item[i], a);
        else
            log_line(LOG_WARN, "--keep: %.*s stays: it holds %.*s, which is no report",
                     STR_ARG(set.item[i]), STR_ARG(strange));
    }
    (void)close(fd);
}
