/* What --help prints, out of the tables of commands and options. */
#include "cli/command.h"

void usage_wrap(struct str text, size_t indent, size_t width)
{
    struct str rest = text, word;
    size_t column = indent;
    while (str_next_field(&rest, ' ', &word)) {
        if (!word.n)
            continue;
        if (column > indent && column + 1 + word.n > width) {
            printf("\n%*s", (int)indent, "");
            column = indent;
        }
        if (column > indent) {
            putchar(' ');
            column++;
        }
        printf("%.*s", STR_ARG(word));
        column += word.n;
    }
    putchar('\n');
}

static size_t heading(const struct option_info *i, char *out, size_t size)
{
    int n = snprintf(out, size, "  %c%c%s--%s%s%s", i->short_name ? '-' : ' ',
                     i->short_name ? i->short_name : ' ', i->short_name ? ", " : "  ", i->name,
                     i->value ? " " : "", i->value ? i->value : "");
    return n > 0 ? (size_t)n : 0;
}

static void option_lines(unsigned bit)
{
    struct arena a CLEANUP(arena_release) = { 0 };
    const char *group = "";
    for (size_t k = 0; k < option_info_count; k++) {
        const struct option_info *i = &option_info[k];
        char head[128];
        if (!(i->commands & bit))
            continue;
        if (strcmp(group, i->group) != 0)
            printf("\n%s:\n", i->group);
        group = i->group;
        size_t n = heading(i, head, sizeof head);
        printf("%s", head);
        if (n > 36)
            printf("\n%*s", 38, "");
        else
            printf("%*s", (int)(38 - n), "");
        usage_wrap(option_help(&a, i), 38, 110);
    }
}

void usage_command(const struct command *c)
{
    printf("usage: kubevouch %s [OPTION]...%s%s\n\n", c->name, c->arguments[0] ? " " : "",
           c->arguments);
    usage_wrap(str_from_c(c->description), 0, 100);
    option_lines(c->bit);
    usage_examples(c->bit);
}

void usage_overview(void)
{
    printf("usage: kubevouch COMMAND [OPTION]... [ARGUMENT]...\n\n"
           "Audits a Kubernetes cluster's configuration through its API server alone, "
           "read-only.\n\nCommands:\n");
    for (size_t i = 0; i < command_count; i++)
        printf("  %-15s%s\n", command[i].name, command[i].summary);
    printf("\nExit status: 0 done; 1 a check failed at or above --fail-on; 2 usage; 3 answers "
           "broke off, or\n"
           "evidence is missing with --strict-coverage; 4 could not run.\n\nkubevouch COMMAND "
           "--help explains a command.\n");
}
