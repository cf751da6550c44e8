/* render: a stored report in other formats. */
#include "base/log.h"
#include "cli/auditing.h"
#include "report/stored.h"

/* Its requirements stand in the report, whichever led the run. */
static bool set_leading(struct result *r, const struct options *o, struct err *err)
{
    for (size_t i = 0; i < r->framework_count; i++)
        if (str_eq(r->framework[i].framework->id, o->framework))
            r->run.leading_framework = o->framework;
    return !o->framework.n || str_eq(r->run.leading_framework, o->framework) ||
           err_set(err, ERR_USAGE, "--framework: the report says nothing of %.*s",
                   STR_ARG(o->framework));
}

enum exit_status cmd_render(const struct options *o, struct arena *run, struct err *err)
{
    struct result r;
    struct reports_written written = { 0 };
    if (o->argument.count != 1) {
        (void)err_set(
            err, ERR_USAGE,
            "render needs one report: kubevouch render report.json --format sarif --output FOLDER");
        return EXIT_USAGE;
    }
    if (!reports_may_be(o, err))
        return EXIT_USAGE;
    if (!stored_read(&r, run, str_to_c(run, o->argument.item[0]), err) || !set_leading(&r, o, err))
        return EXIT_USAGE;
    r.findings.spool_dir = reports_spool_dir(o, run);
    return reports_write(&written, &r, o, run, err) ? EXIT_DONE : EXIT_COULD_NOT_RUN;
}
