#include "cli/command.h"

/* Lines of words under a hanging indent. */
static void wrap(const char *text, size_t indent, size_t width)
{
    struct str rest = str_from_c(text), word;
    size_t column = indent;
    while (str_next_field(&rest, ' ', &word)) {
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
    int n = snprintf(out, size, "  %c%c%s--%s%s%s", i->short_name ? '-' : ' ', i->short_name ? i->short_name : ' ',
                     i->short_name ? ", " : "  ", i->name, i->value ? " " : "", i->value ? i->value : "");
    return n > 0 ? (size_t)n : 0;
}

static void option_lines(unsigned bit)
{
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
        wrap(i->help, 38, 110);
    }
}

void usage_command(const struct command *c)
{
    printf("usage: kubevouch %s [OPTION]...%s%s\n\n", c->name, c->arguments[0] ? " " : "", c->arguments);
    wrap(c->description, 0, 100);
    option_lines(c->bit);
}

void usage_overview(void)
{
    printf("usage: kubevouch COMMAND [OPTION]... [ARGUMENT]...\n\n"
           "Audits a Kubernetes cluster's configuration through its API server alone, read-only.\n\nCommands:\n");
    for (size_t i = 0; i < command_count; i++)
        printf("  %-9s %s\n", command[i].name, command[i].summary);
    printf("\nExit status: 0 done; 1 a check failed at or above --fail-on; 2 usage; 3 evidence missing with\n"
           "--strict-coverage; 4 could not run.\n\nkubevouch COMMAND --help explains a command.\n");
}

static void completion_bash(void)
{
    printf("_kubevouch() {\n  local cur=${COMP_WORDS[COMP_CWORD]} cmd=${COMP_WORDS[1]} words=\n  case $cmd in\n");
    for (size_t i = 0; i < command_count; i++) {
        printf("  %s) words='", command[i].name);
        for (size_t k = 0; k < option_info_count; k++)
            if (option_info[k].commands & command[i].bit)
                printf("--%s ", option_info[k].name);
        printf("' ;;\n");
    }
    printf("  esac\n  if [ \"$COMP_CWORD\" -eq 1 ]; then words='");
    for (size_t i = 0; i < command_count; i++)
        printf("%s ", command[i].name);
    printf("'; fi\n  case $cur in\n  -*) ;;\n  *) [ \"$COMP_CWORD\" -eq 1 ] || words= ;;\n  esac\n"
           "  mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\"; [ -n \"$words\" ] || compgen -f -- \"$cur\")\n}\n"
           "complete -o filenames -F _kubevouch kubevouch\n");
}

/* Single quotes inside single quotes. */
static void shell_quoted(const char *text)
{
    for (; *text; text++) {
        if (*text == '\'')
            printf("'\\''");
        else if (*text != '[' && *text != ']' && *text != ':')
            putchar(*text);
    }
}

static void completion_zsh(void)
{
    printf("#compdef kubevouch\n_kubevouch() {\n  local -a commands; commands=(\n");
    for (size_t i = 0; i < command_count; i++) {
        printf("    '%s:", command[i].name);
        shell_quoted(command[i].summary);
        printf("'\n");
    }
    printf("  )\n  if (( CURRENT == 2 )); then _describe command commands; return; fi\n  case $words[2] in\n");
    for (size_t i = 0; i < command_count; i++) {
        printf("  %s) _arguments", command[i].name);
        for (size_t k = 0; k < option_info_count; k++) {
            if (!(option_info[k].commands & command[i].bit))
                continue;
            printf(" \\\n    '%s--%s%s[", option_info[k].type == OPTION_STRS ? "*" : "", option_info[k].name, option_info[k].value ? "=" : "");
            shell_quoted(option_info[k].help);
            printf("]%s'", option_info[k].value ? ":value:_files" : "");
        }
        printf(" \\\n    '*:file:_files' ;;\n");
    }
    printf("  esac\n}\n_kubevouch \"$@\"\n");
}

static void completion_fish(void)
{
    for (size_t i = 0; i < command_count; i++) {
        printf("complete -c kubevouch -n __fish_use_subcommand -f -a %s -d '", command[i].name);
        shell_quoted(command[i].summary);
        printf("'\n");
    }
    for (size_t i = 0; i < command_count; i++) {
        for (size_t k = 0; k < option_info_count; k++) {
            if (!(option_info[k].commands & command[i].bit))
                continue;
            printf("complete -c kubevouch -n '__fish_seen_subcommand_from %s' -l %s%s -d '", command[i].name, option_info[k].name,
                   option_info[k].value ? " -r" : "");
            shell_quoted(option_info[k].help);
            printf("'\n");
        }
    }
}

bool usage_completion(struct str shell)
{
    static const struct {
        const char *name;
        void (*print)(void);
    } row[] = { { "bash", completion_bash }, { "zsh", completion_zsh }, { "fish", completion_fish } };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        if (!str_eq_c(shell, row[i].name))
            continue;
        row[i].print();
        return true;
    }
    return false;
}
