#include "cli/auditing.h"

#include "base/file.h"
#include "base/log.h"
#include "base/names.h"
#include "report/report.h"

static const char *const default_format[] = { "html", "json" };

static bool write_one(const struct result *r, const struct renderer *how, struct str folder, struct arena *a, struct err *err)
{
    struct file_writer file CLEANUP(file_writer_abandon) = { 0 };
    struct file_sink sink;
    char *path = str_to_c(a, file_join(a, folder, str_from_c(how->file_name)));
    if (!file_writer_open(&file, path, err))
        return false;
    file_sink_init(&sink, &file);
    if (!how->write(r, &sink.sink, err) || !file_writer_commit(&file, err))
        return err_prefix(err, "%s", path);
    log_line(LOG_INFO, "wrote %s", path);
    return true;
}

bool reports_write(const struct result *r, const struct options *o, struct arena *a, struct err *err)
{
    struct str folder = o->output.n ? o->output : STR(".");
    if (!file_make_dir(str_to_c(a, folder), err))
        return false;
    for (size_t i = 0; i < o->format.count; i++)
        if (!write_one(r, renderer_find(o->format.item[i]), folder, a, err))
            return false;
    for (size_t i = 0; !o->format.count && i < sizeof default_format / sizeof *default_format; i++)
        if (!write_one(r, renderer_find(str_from_c(default_format[i])), folder, a, err))
            return false;
    return true;
}

enum exit_status reports_status(const struct result *r, const struct options *o, struct err *err)
{
    int threshold = names_find(severity_name, SEVERITY_COUNT, o->fail_on);
    if (r->incomplete && o->strict_coverage) {
        log_line(LOG_ERROR, "the audit is incomplete: %u %s", r->score.count[VERDICT_UNKNOWN],
                 r->score.count[VERDICT_UNKNOWN] == 1 ? "check lacks its evidence" : "checks lack their evidence");
        return EXIT_INCOMPLETE;
    }
    (void)err;
    for (size_t i = 0; threshold >= 0 && i < r->check_count; i++)
        if (r->check[i].verdict == VERDICT_FAIL && (int)r->check[i].check->severity >= threshold)
            return EXIT_CHECK_FAILED;
    return EXIT_DONE;
}
