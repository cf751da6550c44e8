/* The reports that the options ask for, written together, and the exit status that they give. */
#include "cli/auditing.h"

#include "base/file.h"
#include "base/log.h"
#include "base/names.h"
#include "cli/beside.h"
#include "cli/by_namespace.h"
#include "cli/shelf.h"
#include "cli/stop.h"
#include "report/report.h"

#include <unistd.h>

static const char *const default_format[] = { "html", "json" };

static bool write_one(const struct result *r, const struct renderer *how, struct file_set *set,
                      const char *path, struct err *err)
{
    struct file_writer *file = file_set_add(set, path, err);
    struct file_sink sink;
    if (!file)
        return false;
    file_sink_init(&sink, file);
    return how->write(r, &sink.sink, err) || err_prefix(err, "%s", path);
}

/* A format that is asked for twice is written once. */
static bool is_wanted(const struct options *o, const char *name)
{
    bool wanted = false;
    for (size_t i = 0; i < o->format.count; i++)
        wanted |= str_eq_c(o->format.item[i], name);
    for (size_t i = 0; !o->format.count && i < COUNT_OF(default_format); i++)
        wanted |= strcmp(default_format[i], name) == 0;
    wanted |= !o->format.count && o->framework.n && strcmp(name, "framework") == 0;
    return wanted;
}

bool reports_to_stdout(const struct options *o)
{
    return str_eq_c(o->output, "-");
}

const char *reports_spool_dir(const struct options *o, struct arena *a)
{
    if (o->spool_dir.n)
        return str_to_c(a, o->spool_dir);
    return reports_to_stdout(o) ? NULL : str_to_c(a, o->output.n ? o->output : STR("."));
}

bool reports_may_be(const struct options *o, struct err *err)
{
    size_t wanted = 0;
    if (o->by.n && (o->keep || o->upload.n || reports_to_stdout(o)))
        return err_set(err, ERR_USAGE,
                       "--by namespace writes a folder of pages: none of --keep, --upload and "
                       "--output - goes with it");
    if (!reports_to_stdout(o))
        return true;
    for (size_t i = 0; i < renderer_count; i++)
        wanted += is_wanted(o, renderer[i].name);
    if (wanted != 1)
        return err_set(err, ERR_USAGE,
                       "--output - writes one report to standard output: name one format, such as "
                       "--format json");
    if (o->keep || o->upload.n)
        return err_set(err, ERR_USAGE,
                       "--output - leaves no file: neither --keep nor --upload goes with it");
    return true;
}

static bool stdout_add(struct sink *s, struct str bytes, struct err *err)
{
    (void)s;
    return fwrite(bytes.p, 1, bytes.n, stdout) == bytes.n ||
           err_set(err, ERR_IO, "writing the report to standard output");
}

static bool write_to_stdout(struct reports_written *out, const struct result *r,
                            const struct options *o, struct err *err)
{
    struct sink sink = { stdout_add };
    stop_phase("writing the report");
    for (size_t i = 0; i < renderer_count; i++)
        if (is_wanted(o, renderer[i].name) && !renderer[i].write(r, &sink, err))
            return false;
    out->first = STR("on standard output");
    return fflush(stdout) == 0 || err_set(err, ERR_IO, "writing the report to standard output");
}

static void warn_other(enum beside_whose whose, struct str folder)
{
    if (whose == BESIDE_OTHER)
        log_line(LOG_WARN,
                 "%.*s holds a report of another cluster, which stays: this one stands beside it, "
                 "in files that carry its name and time",
                 STR_ARG(folder));
    if (whose == BESIDE_NOBODYS)
        log_line(LOG_WARN,
                 "%.*s holds reports that do not say which cluster they are of, and stay: this one "
                 "stands beside them, in files that carry its name and time",
                 STR_ARG(folder));
}

/* Whether what is there is of another cluster, or might be, so that nothing of it is replaced. */
static bool is_of_another(const struct result *r, const struct options *o, struct str folder,
                          struct arena *a)
{
    const char **name = arena_array(a, const char *, renderer_count + 1);
    size_t count = 0;
    for (size_t i = 0; i < renderer_count; i++)
        if (is_wanted(o, renderer[i].name))
            name[count++] = renderer[i].file_name;
    if (o->by.n)
        name[count++] = BY_NAMESPACE_PLACE;
    enum beside_whose whose = beside_whose(r, a, folder, name, count);
    warn_other(whose, folder);
    return whose != BESIDE_OWN;
}

/* Where each report that is asked for goes; NULL: it is not. other: beside those of another
 * cluster. */
static void choose_paths(char **path, const struct result *r, const struct options *o, bool other,
                         struct str folder, struct arena *a)
{
    bool beside = false;
    for (size_t i = 0; i < renderer_count; i++)
        beside |= is_wanted(o, renderer[i].name) &&
                  beside_wanted(r, a, folder, str_from_c(renderer[i].file_name));
    if (beside)
        log_line(LOG_WARN,
                 "%.*s holds a more complete report of this cluster, which stays: what could be "
                 "read now stands beside it, in *.incomplete.*",
                 STR_ARG(folder));
    for (size_t i = 0; i < renderer_count; i++) {
        struct str name = str_from_c(renderer[i].file_name);
        if (beside)
            name = beside_name(a, name);
        if (other)
            name = beside_other_name(a, r, name);
        path[i] = is_wanted(o, renderer[i].name) ? str_to_c(a, file_join(a, folder, name)) : NULL;
    }
}

/* A folder of --keep is a run's own, and needs no word of whose it is. */
static bool write_record(struct file_set *set, const struct result *r, const struct options *o,
                         struct str folder, struct arena *a, struct err *err)
{
    struct str line;
    struct file_writer *file;
    if (o->keep || !beside_record_wanted(&line, r, a, folder, is_wanted(o, "json")))
        return true;
    file = file_set_add(set, str_to_c(a, file_join(a, folder, STR(BESIDE_RECORD))), err);
    return file && file_writer_add(file, line, err);
}

/* All of a run change together: a reader never finds the page of one audit beside the data of
 * another. */
static bool commit(struct file_set *set, struct by_namespace *pages, struct err *err)
{
    stop_hold(true);
    bool done = by_namespace_place(pages, err) && file_set_commit(set, err);
    by_namespace_end(pages, done);
    stop_hold(false);
    return done;
}

static bool write_into(struct reports_written *out, struct str folder, const struct result *r,
                       const struct options *o, struct arena *a, struct err *err)
{
    struct file_set set CLEANUP(file_set_abandon) = { 0 };
    char **path = arena_array(a, char *, renderer_count);
    stop_phase("writing the reports");
    file_sweep(str_to_c(a, folder));
    bool other = is_of_another(r, o, folder, a);
    choose_paths(path, r, o, other, folder, a);
    for (size_t i = 0; i < renderer_count; i++)
        if (path[i] && !write_one(r, &renderer[i], &set, path[i], err))
            return false;
    if (!other && !write_record(&set, r, o, folder, a, err))
        return false;
    struct by_namespace pages = { 0 };
    struct str place = STR(BY_NAMESPACE_PLACE);
    if (other)
        place = beside_other_name(a, r, place);
    if (o->by.n && !by_namespace_write(&pages, r, folder, place, a, err))
        return false;
    if (!stop_may_go_on(err)) {
        by_namespace_end(&pages, false);
        return false;
    }
    if (!commit(&set, &pages, err))
        return false;
    for (size_t i = 0; i < renderer_count; i++)
        if (path[i])
            log_line(LOG_INFO, "wrote %s", path[i]);
    *out = (struct reports_written){ .path = path, .count = renderer_count };
    for (size_t i = renderer_count; i-- > 0;)
        if (path[i])
            out->first = str_from_c(path[i]);
    return true;
}

bool reports_write(struct reports_written *out, const struct result *r, const struct options *o,
                   struct arena *a, struct err *err)
{
    struct str folder = o->output.n ? o->output : STR("."), own;
    if (reports_to_stdout(o))
        return write_to_stdout(out, r, o, err);
    if (!o->keep)
        return file_make_dir(str_to_c(a, folder), err) && write_into(out, folder, r, o, a, err);
    if (!shelf_make(&own, folder, r->run.started, a, err))
        return false;
    if (!write_into(out, own, r, o, a, err)) {
        (void)rmdir(str_to_c(a, own)); /* empty, unless a file could not be taken back */
        return false;
    }
    return true;
}

enum exit_status reports_status(const struct result *r, const struct options *o, struct err *err)
{
    int threshold = names_find(severity_name, SEVERITY_COUNT, o->fail_on);
    for (size_t i = 0; i < r->broken_off_count; i++)
        log_line(o->allow_incomplete ? LOG_WARN : LOG_ERROR, "the audit broke off: %.*s",
                 STR_ARG(r->broken_off[i]));
    if (r->broken_off_count && !o->allow_incomplete)
        return EXIT_INCOMPLETE;
    if (r->incomplete && o->strict_coverage) {
        log_line(LOG_ERROR, "the audit is incomplete: %u %s", r->score.count[VERDICT_UNKNOWN],
                 r->score.count[VERDICT_UNKNOWN] == 1 ? "check lacks its evidence"
                                                      : "checks lack their evidence");
        return EXIT_INCOMPLETE;
    }
    (void)err;
    if (o->fail_on_new)
        return baseline_has_new(r, o) ? EXIT_CHECK_FAILED : EXIT_DONE;
    for (size_t i = 0; threshold >= 0 && i < r->check_count; i++)
        if (r->check[i].verdict == VERDICT_FAIL && (int)r->check[i].check->severity >= threshold)
            return EXIT_CHECK_FAILED;
    return EXIT_DONE;
}
