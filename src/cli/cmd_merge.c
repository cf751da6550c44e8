/* merge: one report of many clusters' reports. */
#include "base/file.h"
#include "base/map.h"
#include "base/vec.h"
#include "cli/command.h"
#include "cli/many.h"
#include "cli/shelf.h"
#include "evidence/fleet.h"

#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>

#define REPORT_NAME    "report.json"
#define LIST_BYTES_MAX ((size_t)4 << 20)
#define NAMES_SHOWN    10u

typedef VEC(struct str) names;

static int by_text(const void *a, const void *b)
{
    return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

/* The names of a list, sorted. */
static bool read_list(names *out, struct str path, struct arena *a, struct err *err)
{
    struct buf text CLEANUP(buf_release) = BUF_INIT(LIST_BYTES_MAX);
    struct str rest, line;
    if (!file_read(str_to_c(a, path), &text, err))
        return false;
    rest = str_dup(a, buf_str(&text));
    while (str_next_field(&rest, '\n', &line)) {
        line = str_trim(line);
        if (!line.n || line.p[0] == '#')
            continue;
        if (!str_eq(line, many_folder(a, line)))
            return err_set(err, ERR_INPUT, "%.*s: \"%.*s\" is no name of a cluster's folder",
                           STR_ARG(path), STR_ARG(line));
        *VEC_PUSH(out, a) = line;
    }
    if (!out->count)
        return err_set(err, ERR_INPUT, "%.*s names no cluster", STR_ARG(path));
    qsort(out->item, out->count, sizeof *out->item, by_text);
    for (size_t i = 1; i < out->count; i++)
        if (str_eq(out->item[i], out->item[i - 1]))
            return err_set(err, ERR_INPUT, "%.*s names %.*s twice", STR_ARG(path),
                           STR_ARG(out->item[i]));
    return true;
}

static bool same(const names *a, const names *b)
{
    bool is = a->count == b->count;
    for (size_t i = 0; is && i < a->count; i++)
        is = str_eq(a->item[i], b->item[i]);
    return is;
}

/* What must be there: the file that is named, or the list that all folders have. */
static bool expected(names *out, const struct options *o, struct arena *a, struct err *err)
{
    if (o->expect.n)
        return read_list(out, o->expect, a, err) || err_prefix(err, "--expect");
    for (size_t i = 0; i < o->argument.count; i++) {
        names one = { 0 };
        if (!read_list(&one, file_join(a, o->argument.item[i], STR(MANY_LIST)), a, err))
            return err_prefix(
                err, "which clusters must be there is not known (--expect FILE names them)");
        if (i && !same(out, &one))
            return err_set(err, ERR_INPUT,
                           "%.*s and %.*s are of other lists of clusters: audit them again, or "
                           "give --expect FILE",
                           STR_ARG(o->argument.item[0]), STR_ARG(o->argument.item[i]));
        *out = one;
    }
    return true;
}

/* Where the report of a cluster's folder is: the newest that --keep left, or the one straight in
 * it; empty: there is none. */
static struct str report_in(struct arena *a, struct str folder)
{
    struct stat st;
    struct str kept = shelf_newest(folder, STR(REPORT_NAME), a),
               plain = file_join(a, folder, STR(REPORT_NAME));
    if (kept.n)
        return kept;
    return lstat(str_to_c(a, plain), &st) == 0 && S_ISREG(st.st_mode) ? plain : (struct str){ 0 };
}

struct finding_reports {
    struct arena *arena;
    struct map path; /* cluster -> struct str */
    names missing, strange;
};

/* Each folder of dir with a report in it. */
static bool look_through(struct finding_reports *f, struct str dir, struct err *err)
{
    DIR *d = opendir(str_to_c(f->arena, dir));
    if (!d)
        return err_set(err, ERR_IO, "cannot list \"%.*s\": %s", STR_ARG(dir),
                       strerrordesc_np(errno));
    bool ok = true;
    for (struct dirent *e; ok && (e = readdir(d));) {
        struct str name = str_dup(f->arena, str_from_c(e->d_name)), report = { 0 };
        if (name.p[0] != '.')
            report = report_in(f->arena, file_join(f->arena, dir, name));
        if (!report.n)
            continue;
        const struct str *had = map_get(&f->path, name);
        if (had)
            ok = err_set(err, ERR_INPUT, "cluster %.*s is there twice: %.*s and %.*s",
                         STR_ARG(name), STR_ARG(*had), STR_ARG(report));
        struct str *kept = arena_new(f->arena, struct str);
        *kept = report;
        map_put(&f->path, name, kept);
    }
    (void)closedir(d);
    return ok;
}

static bool tell(const names *n, const char *what, const char *advice, struct arena *a,
                 struct err *err)
{
    if (n->count)
        qsort(n->item, n->count, sizeof *n->item, by_text);
    return !n->count ||
           err_set(err, ERR_INPUT, "%zu %s: %.*s%s; %s", n->count, what,
                   STR_ARG(str_join(a, n->item, n->count < NAMES_SHOWN ? n->count : NAMES_SHOWN,
                                    STR(", "))),
                   n->count > NAMES_SHOWN ? ", ..." : "", advice);
}

static bool is_among(const names *list, struct str name)
{
    return list->count && bsearch(&name, list->item, list->count, sizeof *list->item, by_text);
}

static bool find_reports(struct finding_reports *f, const names *list, const struct options *o,
                         struct err *err)
{
    map_init(&f->path, f->arena);
    for (size_t i = 0; i < o->argument.count; i++)
        if (!look_through(f, o->argument.item[i], err))
            return false;
    for (size_t i = 0; i < list->count; i++)
        if (!map_has(&f->path, list->item[i]))
            *VEC_PUSH(&f->missing, f->arena) = list->item[i];
    for (size_t i = 0; i < f->path.count; i++)
        if (!is_among(list, f->path.entry[i].key))
            *VEC_PUSH(&f->strange, f->arena) = f->path.entry[i].key;
    return tell(&f->missing, "clusters have no report",
                "a fleet's report without them would look better than the fleet is", f->arena,
                err) &&
           tell(&f->strange, "clusters were not expected",
                "name them in --expect FILE, or take their folders away", f->arena, err);
}

static bool add_all(struct fleet *fleet, const struct finding_reports *f, const names *list,
                    struct err *err)
{
    for (size_t i = 0; i < list->count; i++) {
        struct arena scratch CLEANUP(arena_release) = { 0 };
        struct document d;
        const struct str *path = map_get(&f->path, list->item[i]);
        if (!document_read(&d, &scratch, *path, err) || !document_agrees(&d, err) ||
            !fleet_add(fleet, list->item[i], &d, err))
            return false;
    }
    return true;
}

static bool write_one(struct file_set *set, const struct fleet *fleet, struct str path,
                      bool (*how)(const struct fleet *, struct sink *, struct err *),
                      struct arena *a, struct err *err)
{
    struct file_sink sink;
    struct file_writer *file = file_set_add(set, str_to_c(a, path), err);
    if (!file)
        return false;
    file_sink_init(&sink, file);
    return how(fleet, &sink.sink, err);
}

static bool write_both(const struct fleet *fleet, struct str dir, struct arena *a, struct err *err)
{
    struct file_set set CLEANUP(file_set_abandon) = { 0 };
    return file_make_dir(str_to_c(a, dir), err) &&
           write_one(&set, fleet, file_join(a, dir, STR("fleet.html")), fleet_html, a, err) &&
           write_one(&set, fleet, file_join(a, dir, STR("fleet.json")), fleet_json, a, err) &&
           file_set_commit(&set, err);
}

enum exit_status cmd_merge(const struct options *o, struct arena *run, struct err *err)
{
    struct fleet fleet;
    names list = { 0 };
    struct finding_reports found = { .arena = run };
    struct str dir = o->output.n ? o->output : STR(".");
    uint64_t failed = 0;
    if (!o->argument.count) {
        (void)err_set(err, ERR_USAGE,
                      "merge needs the folders that audit --contexts or --kubeconfig-dir wrote: "
                      "kubevouch merge shard-0 shard-1 -o fleet");
        return EXIT_USAGE;
    }
    fleet_init(&fleet, run);
    if (!expected(&list, o, run, err) || !find_reports(&found, &list, o, err) ||
        !add_all(&fleet, &found, &list, err) ||
        !fleet_is_of_one_run(&fleet, o->merge_max_age * 3600, err))
        return EXIT_USAGE;
    if (!write_both(&fleet, dir, run, err))
        return EXIT_COULD_NOT_RUN;
    for (size_t i = 0; i < fleet.cluster.count; i++)
        failed += fleet.cluster.item[i].score.count[VERDICT_FAIL];
    printf("%zu clusters, %llu failed checks, report %.*s\n", fleet.cluster.count,
           (unsigned long long)failed, STR_ARG(file_join(run, dir, STR("fleet.html"))));
    return EXIT_DONE;
}
