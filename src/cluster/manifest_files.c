/* Which files a scan reads: those that are named, and all below folders that are. */
#include "cluster/manifest_files.h"

#include "base/file.h"
#include "base/map.h"

#include <dirent.h>
#include <sys/stat.h>

static const struct {
    const char *what, *hint;
} pass_row[MANIFEST_PASS_COUNT] = {
#define PASSED(e, what, hint) [MANIFEST_PASS_##e] = { what, hint },
#include "cluster/manifest_pass.def"
};

const char *manifest_pass_what(enum manifest_pass p)
{
    return pass_row[p].what;
}
const char *manifest_pass_hint(enum manifest_pass p)
{
    return pass_row[p].hint;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool is_manifest(struct str s)
{
    return str_has_suffix(s, STR(".yaml")) || str_has_suffix(s, STR(".yml")) ||
           str_has_suffix(s, STR(".json"));
}

static void close_dir(DIR **d)
{
    if (*d)
        (void)closedir(*d);
}

static struct str name_of(struct str path)
{
    size_t slash = str_find_last_char(path, '/');
    return slash == SIZE_MAX ? path : str_sub(path, slash + 1, path.n);
}

/* ---- folders and all below */

struct finding_files {
    const struct manifest_ask *ask;
    const struct manifest_found *out;
    struct arena *arena;
    struct map seen; /* "device:file" */
    size_t count;
    struct err *err;
};

/* --exclude: of the whole path, of any folder on the way, or of a name in it. */
static bool is_excluded(const struct manifest_ask *ask, struct str path)
{
    for (size_t i = 0; i < ask->exclude_count; i++) {
        struct str glob = ask->exclude[i];
        while (glob.n > 1 && glob.p[glob.n - 1] == '/')
            glob.n--;
        struct str without_dot = str_has_prefix(path, STR("./")) ? str_sub(path, 2, path.n) : path;
        if (str_glob(glob, path) || str_glob(glob, without_dot) ||
            (str_find_char(glob, '/', 0) == SIZE_MAX && str_glob(glob, name_of(path))))
            return true;
    }
    return false;
}

static void pass(struct finding_files *w, enum manifest_pass why, const char *path)
{
    w->out->passed(w->out->ctx, why, path);
}

static bool take_file(struct finding_files *w, const char *path, const struct stat *st,
                      bool is_given)
{
    struct str key = str_printf(w->arena, "%llu:%llu", (unsigned long long)st->st_dev,
                                (unsigned long long)st->st_ino);
    bool created;
    (void)map_at(&w->seen, key, &created);
    if (!created) {
        pass(w, MANIFEST_PASS_AGAIN, path);
        return true;
    }
    if (w->count++ == MANIFEST_FILES_MAX)
        return err_set(w->err, ERR_LIMIT,
                       "there are more than %u manifests: name fewer folders, or leave some out "
                       "with --exclude",
                       MANIFEST_FILES_MAX);
    w->out->file(w->out->ctx, &(struct manifest_file){ path, is_given });
    return true;
}

static bool walk(struct finding_files *w, const char *dir, unsigned depth);

static bool take_entry(struct finding_files *w, const char *path, unsigned depth)
{
    struct stat st;
    struct str s = str_from_c(path), name = name_of(s);
    if (is_excluded(w->ask, s)) {
        pass(w, MANIFEST_PASS_EXCLUDED, path);
        return true;
    }
    if (lstat(path, &st) != 0) /* gone since the folder was read */
        return true;
    if (S_ISLNK(st.st_mode)) {
        pass(w, MANIFEST_PASS_LINK, path);
        return true;
    }
    if (S_ISDIR(st.st_mode)) {
        bool is_history = str_eq_c(name, ".git") || str_eq_c(name, ".hg") || str_eq_c(name, ".svn");
        if (is_history || depth == MANIFEST_FOLDERS_DEEP_MAX)
            pass(w, is_history ? MANIFEST_PASS_HISTORY : MANIFEST_PASS_DEEP, path);
        return is_history || depth == MANIFEST_FOLDERS_DEEP_MAX || walk(w, path, depth + 1);
    }
    if (!S_ISREG(st.st_mode) || !is_manifest(name)) {
        pass(w, S_ISREG(st.st_mode) ? MANIFEST_PASS_NAME : MANIFEST_PASS_SPECIAL, path);
        return true;
    }
    return take_file(w, path, &st, false);
}

static bool walk(struct finding_files *w, const char *dir, unsigned depth)
{
    DIR *d = opendir(dir);
    VEC(const char *) name = { 0 };
    const struct dirent *e;
    if (!d && depth) {
        w->out->unreadable(w->out->ctx, dir);
        return true;
    }
    if (!d)
        return err_set(w->err, ERR_IO, "%s: the folder could not be opened", dir);
    while ((e = readdir(d)) != NULL)
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0 &&
            name.count < MANIFEST_FILES_MAX * 2)
            *VEC_PUSH(&name, w->arena) =
                str_to_c(w->arena, file_join(w->arena, str_from_c(dir), str_from_c(e->d_name)));
    (void)closedir(d);
    if (name.count == MANIFEST_FILES_MAX * 2)
        return err_set(w->err, ERR_LIMIT, "%s holds more than %u files", dir,
                       MANIFEST_FILES_MAX * 2);
    if (name.count)
        qsort(name.item, name.count, sizeof *name.item, compare_names);
    bool ok = true;
    for (size_t i = 0; i < name.count && ok; i++)
        ok = take_entry(w, name.item[i], depth);
    return ok;
}

/* What the caller names is followed where it is a link; a pipe is not, for nobody may ever write
 * into it. */
static bool take_given(struct finding_files *w, const char *path)
{
    struct stat st;
    if (strcmp(path, "-") == 0) {
        w->out->file(w->out->ctx, &(struct manifest_file){ path, true });
        return true;
    }
    if (stat(path, &st) != 0)
        return err_set(w->err, ERR_NOT_FOUND, "no manifests at \"%s\"", path);
    if (S_ISDIR(st.st_mode))
        return walk(w, path, 0);
    if (!S_ISREG(st.st_mode))
        return err_set(w->err, ERR_IO,
                       "\"%s\" is no regular file: pipe what it gives to kubevouch scan -", path);
    return take_file(w, path, &st, true);
}

bool manifest_find(const struct manifest_ask *ask, const struct manifest_found *out,
                   struct arena *a, struct err *err)
{
    struct finding_files w = { .ask = ask, .out = out, .arena = a, .err = err };
    bool ok = true;
    map_init(&w.seen, a);
    for (size_t i = 0; i < ask->path_count && ok; i++)
        ok = take_given(&w, str_to_c(a, ask->path[i]));
    return ok;
}

bool manifest_is_in_chart(struct arena *a, const char *path)
{
    struct str s = str_from_c(path);
    const struct str step = STR("templates/");
    struct stat st;
    for (size_t at = str_find(s, step, 0); at != SIZE_MAX; at = str_find(s, step, at + 1)) {
        if (at && s.p[at - 1] != '/')
            continue;
        struct str chart = str_printf(a, "%.*sChart.yaml", (int)at, s.p);
        if (stat(str_to_c(a, chart), &st) == 0)
            return true;
    }
    return false;
}

/* ---- one folder, not deeper */

static bool list_folder(const char ***out, size_t *count, size_t *folders, struct arena *a,
                        const char *path, struct err *err)
{
    DIR *d CLEANUP(close_dir) = opendir(path);
    VEC(const char *) name = { 0 };
    const struct dirent *e;
    if (!d)
        return err_set(err, ERR_IO, "%s: the folder could not be opened", path);
    while ((e = readdir(d)) != NULL) {
        *folders += e->d_type == DT_DIR && e->d_name[0] != '.';
        if (e->d_name[0] == '.' || !is_manifest(str_from_c(e->d_name)) || e->d_type == DT_DIR)
            continue;
        if (name.count == MANIFEST_FILES_MAX)
            return err_set(err, ERR_LIMIT, "%s holds more than %u manifests", path,
                           MANIFEST_FILES_MAX);
        *VEC_PUSH(&name, a) = str_to_c(a, str_from_c(e->d_name));
    }
    if (!name.count)
        return err_set(err, ERR_INPUT, "%s holds no .yaml, .yml or .json file", path);
    qsort(name.item, name.count, sizeof *name.item, compare_names);
    for (size_t i = 0; i < name.count; i++)
        name.item[i] = str_to_c(a, file_join(a, str_from_c(path), str_from_c(name.item[i])));
    *out = name.item;
    *count = name.count;
    return true;
}

bool manifest_files(const char ***out, size_t *count, size_t *folders, struct arena *a,
                    const char *path, struct err *err)
{
    struct stat st;
    *folders = 0;
    if (stat(path, &st) != 0)
        return err_set(err, ERR_NOT_FOUND, "no manifests at \"%s\"", path);
    if (S_ISDIR(st.st_mode))
        return list_folder(out, count, folders, a, path, err);
    const char **one = arena_array(a, const char *, 1);
    one[0] = str_to_c(a, str_from_c(path));
    *out = one;
    *count = 1;
    return true;
}
