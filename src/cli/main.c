#include "cli/command.h"

#include "base/log.h"
#include "base/names.h"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

const struct command command[] = {
#define COMMAND(name, bit, fn, arguments, summary, description) { name, bit, fn, arguments, summary, description },
#include "cli/command.def"
#undef COMMAND
};
const size_t command_count = sizeof command / sizeof *command;

/* Credentials are in memory: no core file, no debugger of the same user. */
static void forbid_dumps(void)
{
    struct rlimit none = { 0, 0 };
    (void)setrlimit(RLIMIT_CORE, &none);
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

static const struct command *find_command(const char *name)
{
    for (size_t i = 0; i < command_count; i++)
        if (strcmp(command[i].name, name) == 0)
            return &command[i];
    return NULL;
}

static enum exit_status no_such_command(const char *name)
{
    const char *known[16];
    size_t count = 0;
    while (count < command_count && count < 16) {
        known[count] = command[count].name;
        count++;
    }
    const char *near = names_nearest(known, count, str_from_c(name));
    log_line(LOG_ERROR, "unknown command \"%s\"%s%s%s; kubevouch help lists them", name, near ? "; did you mean " : "", near ? near : "",
             near ? "?" : "");
    return EXIT_USAGE;
}

static enum exit_status tell(const struct err *err, enum exit_status status)
{
    if (err->pos.file)
        log_line(LOG_ERROR, "%s:%u:%u: %s", err->pos.file, err->pos.line, err->pos.column, err->text);
    else
        log_line(LOG_ERROR, "%s", err->text);
    return err->code == ERR_USAGE ? EXIT_USAGE : status;
}

int main(int argc, char **argv)
{
    struct arena run CLEANUP(arena_release) = { 0 };
    struct err err = { 0 };
    struct options o;

    forbid_dumps();
    if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        usage_overview();
        return argc < 2 ? EXIT_USAGE : EXIT_DONE;
    }
    const char *name = strcmp(argv[1], "--version") == 0 ? "version" : argv[1];
    const struct command *c = find_command(name);
    if (!c)
        return (int)no_such_command(name);
    if (!options_parse(&o, &run, c->bit, argc - 2, argv + 2, &err))
        return (int)tell(&err, EXIT_USAGE);
    if (o.help) {
        usage_command(c);
        return EXIT_DONE;
    }
    const char *no_color = getenv("NO_COLOR");
    o.no_color |= no_color && *no_color;
    o.stdout_is_terminal = isatty(STDOUT_FILENO);
    o.stderr_is_terminal = isatty(STDERR_FILENO);
    o.command_line = str_printf(&run, "kubevouch %s%.*s", c->name, STR_ARG(o.command_line));
    log_set_level(o.verbose ? LOG_DEBUG : o.quiet ? LOG_ERROR : LOG_INFO);
    enum exit_status status = c->fn(&o, &run, &err);
    return (int)(err.code != ERR_NONE ? tell(&err, status) : status);
}
