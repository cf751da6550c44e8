/* The program: finds the command, reads its options, and gives its exit status. */
#include "cli/command.h"

#include "base/enc.h"
#include "base/log.h"
#include "base/names.h"
#include "cel/re2.h"
#include "value/json_doc.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

const struct command command[] = {
#define COMMAND(name, bit, fn, arguments, summary, description) \
    { name, bit, fn, arguments, summary, description },
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
    const char *known[64];
    size_t count = 0;
    while (count < command_count && count < COUNT_OF(known)) {
        known[count] = command[count].name;
        count++;
    }
    const char *near = names_nearest(known, count, str_from_c(name));
    log_line(LOG_ERROR, "unknown command \"%s\"%s%s%s; kubevouch help lists them", name,
             near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
    return EXIT_USAGE;
}

static enum exit_status tell(const struct err *err, enum exit_status status)
{
    if (err->pos.file)
        log_line(LOG_ERROR, "%s:%u:%u: %s", err->pos.file, err->pos.line, err->pos.column,
                 err->text);
    else
        log_line(LOG_ERROR, "%s", err->text);
    return err->code == ERR_USAGE ? EXIT_USAGE : status;
}

static void end_without_memory(void)
{
    err_out_of_memory(0);
}

/* A library that is refused memory would answer something else than what is asked, and most would
 * not say so. */
static void take_memory_for_all(void)
{
    enc_use_memory();
    json_doc_use_memory();
    re2_on_out_of_memory(end_without_memory);
}

/* A standard stream that the caller closed must not become the next file that is opened: a report
 * that is written to the number of standard output would get the summary too. Opened the wrong way
 * round, so that using it is still an error. */
static void hold_standard_streams(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 &&
            open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) < 0)
            return;
}

/* Output that did not reach its reader was not done. */
static enum exit_status finish_output(enum exit_status status)
{
    bool failed = ferror(stdout) != 0;
    if (fflush(stdout) == 0 && !failed)
        return status;
    log_line(LOG_ERROR, "writing to standard output: %s",
             errno ? strerror(errno) : "not all could be written");
    return status == EXIT_DONE || status == EXIT_CHECK_FAILED ? EXIT_COULD_NOT_RUN : status;
}

/* Reports and recordings tell where a cluster is weak: unless it is asked for, nobody else may read
 * them. */
static void close_to_others(struct str readable_by)
{
    static const mode_t mask[READABLE_BY_COUNT] = {
        [READABLE_BY_OWNER] = 077, [READABLE_BY_GROUP] = 027, [READABLE_BY_ALL] = 022
    };
    int who = readable_by.n ? names_find(readable_by_name, READABLE_BY_COUNT, readable_by)
                            : READABLE_BY_OWNER;
    (void)umask(mask[who < 0 ? READABLE_BY_OWNER : who]);
}

static enum exit_status run_command(int argc, char **argv, struct arena *run)
{
    struct err err = { 0 };
    struct options o;
    if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        usage_overview();
        return argc < 2 ? EXIT_USAGE : EXIT_DONE;
    }
    const char *name = strcmp(argv[1], "--version") == 0 ? "version" : argv[1];
    const struct command *c = find_command(name);
    if (!c)
        return no_such_command(name);
    if (!options_parse(&o, run, c->bit, argc - 2, argv + 2, &err))
        return tell(&err, EXIT_USAGE);
    if (o.help) {
        usage_command(c);
        return EXIT_DONE;
    }
    const char *no_color = getenv("NO_COLOR");
    o.no_color |= no_color && *no_color;
    o.stdout_is_terminal = isatty(STDOUT_FILENO);
    o.stderr_is_terminal = isatty(STDERR_FILENO);
    o.command_line = str_printf(run, "kubevouch %s%.*s", c->name, STR_ARG(o.command_line));
    log_set_level(o.verbose ? LOG_DEBUG : o.quiet ? LOG_ERROR : LOG_INFO);
    close_to_others(o.readable_by);
    enum exit_status status = c->fn(&o, run, &err);
    return err.code != ERR_NONE ? tell(&err, status) : status;
}

int main(int argc, char **argv)
{
    struct arena run CLEANUP(arena_release) = { 0 };
    forbid_dumps();
    take_memory_for_all();
    hold_standard_streams();
    return (int)finish_output(run_command(argc, argv, &run));
}
