/* scan: Kubernetes objects in files, judged and reported. */
#include "cli/auditing.h"

enum exit_status cmd_scan(const struct options *o, struct arena *run, struct err *err)
{
    struct options of_files = *o;
    if (!o->argument.count) {
        (void)err_set(err, ERR_USAGE, "scan takes files and folders; - is standard input");
        return EXIT_USAGE;
    }
    of_files.path = o->argument;
    of_files.manifests = o->argument.item[0];
    return auditing_run(&of_files, NULL, run, err);
}
