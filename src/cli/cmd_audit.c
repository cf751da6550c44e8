/* audit: a cluster, a recording or files, judged and reported. */
#include "cli/auditing.h"
#include "cli/many.h"

enum exit_status cmd_audit(const struct options *o, struct arena *run, struct err *err)
{
    if (o->argument.count) {
        (void)err_set(err, ERR_USAGE, "audit takes no arguments, got \"%.*s\"",
                      STR_ARG(o->argument.item[0]));
        return EXIT_USAGE;
    }
    if (many_wanted(o))
        return many_audit(o, run, err);
    return auditing_run(o, o->snapshot.n ? str_to_c(run, o->snapshot) : NULL, run, err);
}
