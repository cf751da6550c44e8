/* render: a stored report in other formats. */
#include "base/log.h"
#include "cli/auditing.h"
#include "report/stored.h"

enum exit_status cmd_render(const struct options *o, struct arena *run, struct err *err)
{
    struct result r;
    struct reports_written written = { 0 };
    if (o->argument.count != 1) {
        (void)err_set(err, ERR_USAGE, "render needs one report: kubevouch render report.json --format sarif --output FOLDER");
        return EXIT_USAGE;
    }
    if (!reports_may_be(o, err))
        return EXIT_USAGE;
    if (!stored_read(&r, run, str_to_c(run, o->argument.item[0]), err))
        return EXIT_USAGE;
    r.findings.spool_dir = reports_spool_dir(o, run);
    return reports_write(&written, &r, o, run, err) ? EXIT_DONE : EXIT_COULD_NOT_RUN;
}
