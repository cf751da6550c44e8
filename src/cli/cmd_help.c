#include "cli/command.h"

enum exit_status cmd_help(const struct options *o, struct arena *run, struct err *err)
{
    (void)run;
    if (!o->argument.count) {
        usage_overview();
        return EXIT_DONE;
    }
    struct str what = o->argument.item[0];
    static const struct {
        const char *name;
        void (*print)(void);
    } manual[] = { { "man", usage_man }, { "cel", usage_man_cel }, { "benchmark", usage_man_benchmark } };
    for (size_t i = 0; i < sizeof manual / sizeof *manual; i++) {
        if (!str_eq_c(what, manual[i].name))
            continue;
        manual[i].print();
        return EXIT_DONE;
    }
    if (str_eq(what, STR("completion"))) {
        if (o->argument.count == 2 && usage_completion(o->argument.item[1]))
            return EXIT_DONE;
        (void)err_set(err, ERR_USAGE, "help completion needs a shell: bash, zsh or fish");
        return EXIT_USAGE;
    }
    for (size_t i = 0; i < command_count; i++) {
        if (!str_eq_c(what, command[i].name))
            continue;
        usage_command(&command[i]);
        return EXIT_DONE;
    }
    (void)err_set(err, ERR_USAGE, "no command \"%.*s\"", STR_ARG(what));
    return EXIT_USAGE;
}
