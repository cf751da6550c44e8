/* crosswalk: which check of one benchmark is which of another. */
#include "bench/crosswalk.h"
#include "cli/command.h"
#include "cli/data.h"

static void print_walk(const struct benchmark *from, const struct benchmark *to, struct arena *run)
{
    const struct crosswalk walk = crosswalk_of(run, from, to);
    const struct str none = STR("-");
    printf("%-10.*s %-10.*s\n", STR_ARG(from->id), STR_ARG(to->id));
    for (size_t i = 0; i < walk.count; i++) {
        const struct crosswalk_row *row = &walk.row[i];
        const struct check *shown = row->from ? row->from : row->to;
        printf("%-10.*s %-10.*s %.*s\n", STR_ARG(row->from ? row->from->id : none),
               STR_ARG(row->to ? row->to->id : none), STR_ARG(shown->title));
    }
}

enum exit_status cmd_crosswalk(const struct options *o, struct arena *run, struct err *err)
{
    struct benchmark b[2];
    if (o->argument.count != 2) {
        (void)err_set(err, ERR_USAGE,
                      "crosswalk needs two benchmarks: kubevouch crosswalk 1.12 2.0.1");
        return EXIT_USAGE;
    }
    for (size_t i = 0; i < 2; i++)
        if (!data_benchmark(&b[i], run, o->argument.item[i], err))
            return EXIT_USAGE;
    print_walk(&b[0], &b[1], run);
    return EXIT_DONE;
}
