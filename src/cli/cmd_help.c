/* help: the manual pages, a command's options, completions. */
#include "base/shown.h"
#include "cli/command.h"

#include <sys/ioctl.h>
#include <unistd.h>

#define WIDTH_MOST 100 /* longer lines are hard to read */

static const struct topic *find_topic(const struct topic *t, size_t count, struct str name)
{
    for (size_t i = 0; i < count; i++)
        if (str_eq_c(name, t[i].name))
            return &t[i];
    return NULL;
}

static enum exit_status wrong(struct err *err, const char *what, struct str given, struct str known)
{
    (void)err_set(err, ERR_USAGE, "no %s \"%.*s\"; there are %.*s", what, STR_ARG(given),
                  STR_ARG(known));
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

static const char *environment(const char *name)
{
    return getenv(name);
}

static bool is_plain(struct str text)
{
    for (size_t at = 0, n; at < text.n; at += n) {
        uint32_t c = 0;
        n = str_utf8_at(text, at, &c);
        if (!n || shown_class(c) != SHOWN_PLAIN)
            return false;
    }
    return text.n != 0;
}

/* For completions: a name that would be shown as something else is nothing to type. */
static enum exit_status help_contexts(const struct options *o, struct arena *run, struct err *err)
{
    struct kube_environment env = { .get = environment };
    struct kubeconfig k = { 0 };
    if (!kubeconfig_load(&k, run, &o->kube, &env, err))
        return err->code == ERR_USAGE ? EXIT_USAGE : EXIT_COULD_NOT_RUN;
    for (size_t i = 0; i < k.context.count; i++)
        if (is_plain(k.context.item[i].name))
            printf("%.*s\n", STR_ARG(k.context.item[i].name));
    return EXIT_DONE;
}

static size_t terminal_width(void)
{
    struct winsize w = { 0 };
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) != 0 || w.ws_col < 40)
        return 80;
    return w.ws_col < WIDTH_MOST ? w.ws_col : WIDTH_MOST;
}

/* Laid out for whoever reads it; as roff for what is made of it (man/, man -l -). */
static enum exit_status help_page(const struct options *o, const struct page *p, struct err *err)
{
    struct buf page CLEANUP(buf_release) = BUF_INIT(MANUAL_BYTES_MAX),
                    text CLEANUP(buf_release) = BUF_INIT(MANUAL_BYTES_MAX);
    bool reads = o->stdout_is_terminal || o->text;
    p->write(&page);
    if (reads)
        manual_lay_out(&text, buf_str(&page), o->stdout_is_terminal ? terminal_width() : 80,
                       o->stdout_is_terminal && !o->no_color);
    if (!buf_ok(&page, "the page", err) || !buf_ok(&text, "the page", err))
        return EXIT_COULD_NOT_RUN;
    struct str put = buf_str(reads ? &text : &page);
    if (fwrite(put.p, 1, put.n, stdout) == put.n)
        return EXIT_DONE;
    (void)err_set(err, ERR_IO, "writing to standard output");
    return EXIT_COULD_NOT_RUN;
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
    if (str_eq(what, STR("contexts")))
        return help_contexts(o, run, err);
    for (size_t i = 0; i < manual_count; i++)
        if (str_eq_c(what, manual[i].name))
            return help_page(o, &manual[i], err);
    for (size_t i = 0; i < command_count; i++) {
        if (!str_eq_c(what, command[i].name))
            continue;
        usage_command(&command[i]);
        return EXIT_DONE;
    }
    return wrong(err, "help on", what, option_values_text(run, VALUES_TOPIC));
}
