/* help: the manual pages, a command's options, completions. */
#include "cli/command.h"

static const struct topic *find_topic(const struct topic *t, size_t count, struct str name)
{
    for (size_t i = 0; i < count; i++)
        if (str_eq_c(name, t[i].name))
            return &t[i];
    return NULL;
}

static enum exit_status wrong(struct err *err, const char *what, struct str given, struct str known)
{
    (void)err_set(err, ERR_USAGE, "no %s \"%.*s\"; there are %.*s", what, STR_ARG(given), STR_ARG(known));
    return EXIT_USAGE;
}

static enum exit_status help_completion(const struct options *o, struct arena *run, struct err *err)
{
    struct str shell = o->argument.count > 1 ? o->argument.item[1] : STR("");
    const struct topic *t = find_topic(completion, completion_count, shell);
    if (!t)
        return wrong(err, "completion for the shell", shell, option_values_text(run, VALUES_SHELL));
    t->print();
    return EXIT_DONE;
}

enum exit_status cmd_help(const struct options *o, struct arena *run, struct err *err)
{
    if (!o->argument.count) {
        usage_overview();
        return EXIT_DONE;
    }
    struct str what = o->argument.item[0];
    if (str_eq(what, STR("completion")))
        return help_completion(o, run, err);
    const struct topic *t = find_topic(manual, manual_count, what);
    if (t) {
        t->print();
        return EXIT_DONE;
    }
    for (size_t i = 0; i < command_count; i++) {
        if (!str_eq_c(what, command[i].name))
            continue;
        usage_command(&command[i]);
        return EXIT_DONE;
    }
    return wrong(err, "help on", what, option_values_text(run, VALUES_TOPIC));
}
