/* The shells' completions, out of the tables. */
#include "cli/command.h"

/* What an option's or argument's value is, as far as a shell can offer it. */
enum offer {
    OFFER_NOTHING,
    OFFER_VALUES,
    OFFER_FILES,
    OFFER_FOLDERS,
    OFFER_VALUES_AND_FILES,
    OFFER_CONTEXTS
};

static enum offer offer_of(const struct option_info *i)
{
    struct str value = str_from_c(i->value);
    bool file = str_has_prefix(value, STR("FILE")) || str_eq(value, STR("PATH"));
    if (i->values == VALUES_CONTEXT)
        return OFFER_CONTEXTS;
    if (i->values != VALUES_ANY)
        return file ? OFFER_VALUES_AND_FILES : OFFER_VALUES;
    return file ? OFFER_FILES : str_eq(value, STR("DIR")) ? OFFER_FOLDERS : OFFER_NOTHING;
}

/* What stands after the command's name. */
struct argument_offer {
    const char *command;
    enum offer offer;
    enum value_source values;
};
static struct argument_offer argument_of(const struct command *c)
{
    static const struct argument_offer row[] = {
        { "explain", OFFER_VALUES, VALUES_CHECK },
        { "help", OFFER_VALUES, VALUES_TOPIC },
        { "lint", OFFER_FILES, VALUES_ANY },
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++)
        if (strcmp(row[i].command, c->name) == 0)
            return row[i];
    return (struct argument_offer){ c->name, OFFER_NOTHING, VALUES_ANY };
}

static void print_words(enum value_source source)
{
    struct arena a CLEANUP(arena_release) = { 0 };
    struct option_strs s = option_values(&a, source);
    for (size_t i = 0; i < s.count; i++)
        printf("%s%.*s", i ? " " : "", STR_ARG(s.item[i]));
}

static void print_commands(void)
{
    for (size_t i = 0; i < command_count; i++)
        printf("%s%s", i ? " " : "", command[i].name);
}

static const char *const bash_action[] = {
    [OFFER_NOTHING] = "-",
    [OFFER_VALUES] = "-W",
    [OFFER_FILES] = "-f",
    [OFFER_FOLDERS] = "-d",
    [OFFER_VALUES_AND_FILES] = "-f -W",
    [OFFER_CONTEXTS] = "-c",
};

/* "--format|-f) kind=-W words='html json' ;;": an option stands in several commands, but has one
 * row */
static void bash_option(const struct option_info *i)
{
    if (i->type == OPTION_FLAG)
        return;
    printf("  --%s", i->name);
    if (i->short_name)
        printf("|-%c", i->short_name);
    printf(") kind='%s' words='", bash_action[offer_of(i)]);
    print_words(i->values);
    printf("' ;;\n");
}

static void bash_command(const struct command *c)
{
    struct argument_offer argument = argument_of(c);
    printf("    %s) flags='", c->name);
    for (size_t k = 0; k < option_info_count; k++)
        if (option_info[k].commands & c->bit)
            printf("--%s ", option_info[k].name);
    printf("' kind='%s' words='", bash_action[argument.offer]);
    print_words(argument.values);
    printf("' ;;\n");
}

/* Names out of a kubeconfig are anybody's text: they are compared and quoted, and never given to
 * compgen -W, which expands words. Bash parts words at colons, which names of clusters have: what
 * stands before the last one is typed already. */
static const char bash_contexts[] =
    "_kubevouch_contexts() {\n  local line=${COMP_LINE:0:COMP_POINT} file= word name i\n"
    "  word=${line##*[[:space:]]}; word=${word#--context=}; word=${word#--contexts=}\n"
    "  for ((i = 1; i < COMP_CWORD; i++)); do\n    if [ \"${COMP_WORDS[i]}\" = --kubeconfig ]; "
    "then file=${COMP_WORDS[i+1]}; [ \"$file\" != = ] || file=${COMP_WORDS[i+2]}; fi\n  done\n"
    "  file=${file/#\\~\\//$HOME/}\n"
    "  while IFS= read -r name; do\n    printf -v name %q \"$name\"\n"
    "    [[ $name != \"$word\"* ]] || { case $COMP_WORDBREAKS in *:*) case $word in *:*) "
    "name=${name#\"${word%:*}:\"} ;; esac ;; esac; COMPREPLY+=(\"$name\"); }\n"
    "  done < <(\"${COMP_WORDS[0]}\" help contexts ${file:+\"--kubeconfig=$file\"} "
    "2>/dev/null)\n}\n";

/* Bash makes three words of --format=html. */
static void completion_bash(void)
{
    printf("%s", bash_contexts);
    printf("_kubevouch() {\n  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} "
           "kind= words= flags=\n"
           "  if [ \"$cur\" = = ]; then cur=; elif [ \"$prev\" = = ]; then "
           "prev=${COMP_WORDS[COMP_CWORD-2]}; fi\n"
           "  case $prev in\n");
    for (size_t i = 0; i < option_info_count; i++)
        bash_option(&option_info[i]);
    printf("  esac\n  if [ \"$COMP_CWORD\" -eq 1 ]; then\n    kind=-W words='");
    print_commands();
    printf("'\n  elif [ -z \"$kind\" ]; then\n    case ${COMP_WORDS[1]} in\n");
    for (size_t i = 0; i < command_count; i++)
        bash_command(&command[i]);
    printf("    esac\n    if [ \"$prev\" = completion ]; then words='");
    print_words(VALUES_SHELL);
    printf(
        "'; fi\n    case $cur in -*) kind=-W words=$flags ;; esac\n  fi\n  COMPREPLY=()\n"
        "  case $kind in -c) _kubevouch_contexts ;; esac\n"
        "  case $kind in *-W) mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\") ;; esac\n"
        "  case $kind in -[fd]*) compopt -o filenames 2>/dev/null\n"
        "    mapfile -t -O \"${#COMPREPLY[@]}\" COMPREPLY < <(compgen \"${kind%%%% *}\" -- "
        "\"$cur\") ;;\n  esac\n}\n"
        "complete -F _kubevouch kubevouch\n");
}

/* Inside single quotes; characters of special, which zsh's _arguments gives a meaning, after a
 * backslash. */
static void shell_quoted(const char *text, const char *special)
{
    for (; *text; text++) {
        if (*text == '\'')
            printf("'\\''");
        else
            printf("%s%c", strchr(special, *text) ? "\\" : "", *text);
    }
}
#define ZSH_SPECIAL "[]:"

static void zsh_action(enum offer offer, enum value_source source)
{
    if (offer == OFFER_CONTEXTS)
        printf("_kubevouch_contexts");
    else if (offer == OFFER_FOLDERS)
        printf("_files -/");
    else if (offer == OFFER_FILES)
        printf("_files");
    else if (offer == OFFER_VALUES_AND_FILES)
        printf("_files");
    else if (offer == OFFER_VALUES) {
        putchar('(');
        print_words(source);
        putchar(')');
    } else {
        putchar(' ');
    }
}

static void zsh_command(const struct command *c)
{
    struct arena a CLEANUP(arena_release) = { 0 };
    struct argument_offer argument = argument_of(c);
    printf("  %s) _arguments", c->name);
    for (size_t k = 0; k < option_info_count; k++) {
        const struct option_info *i = &option_info[k];
        if (!(i->commands & c->bit))
            continue;
        printf(" \\\n    '%s--%s%s[", i->type == OPTION_STRS ? "*" : "", i->name,
               i->value ? "=" : "");
        shell_quoted(str_to_c(&a, option_help(&a, i)), ZSH_SPECIAL);
        putchar(']');
        if (i->value) {
            printf(":%s:", i->name);
            zsh_action(offer_of(i), i->values);
        }
        putchar('\'');
    }
    if (argument.offer != OFFER_NOTHING) {
        printf(" \\\n    '%s:argument:", strcmp(c->name, "help") == 0 ? "1" : "*");
        zsh_action(argument.offer, argument.values);
        putchar('\'');
    }
    if (strcmp(c->name, "help") == 0) {
        printf(" \\\n    '2:shell:");
        zsh_action(OFFER_VALUES, VALUES_SHELL);
        putchar('\'');
    }
    printf(" ;;\n");
}

static void completion_zsh(void)
{
    printf("#compdef kubevouch\n_kubevouch_contexts() {\n  local file=${opt_args[--kubeconfig]-}; "
           "local -a names\n"
           "  names=(${(f)\"$(${service:-kubevouch} help contexts ${file:+--kubeconfig=$file} "
           "2>/dev/null)\"})\n"
           "  compadd -a names\n}\n_kubevouch() {\n  local curcontext=$curcontext state; typeset "
           "-A opt_args; local -a commands; commands=(\n");
    for (size_t i = 0; i < command_count; i++) {
        printf("    '%s:", command[i].name);
        shell_quoted(command[i].summary, ZSH_SPECIAL);
        printf("'\n");
    }
    printf("  )\n  if (( CURRENT == 2 )); then _describe command commands; return; fi\n  local "
           "cmd=$words[2]\n"
           "  shift words; (( CURRENT-- ))\n  case $cmd in\n");
    for (size_t i = 0; i < command_count; i++)
        zsh_command(&command[i]);
    printf("  esac\n}\n_kubevouch \"$@\"\n");
}

static void fish_option(const struct command *c, const struct option_info *i)
{
    struct arena a CLEANUP(arena_release) = { 0 };
    enum offer offer = i->value ? offer_of(i) : OFFER_NOTHING;
    printf("complete -c kubevouch -n '__fish_seen_subcommand_from %s' -l %s", c->name, i->name);
    if (i->short_name)
        printf(" -s %c", i->short_name);
    if (i->value)
        printf(offer == OFFER_NOTHING || offer == OFFER_VALUES || offer == OFFER_CONTEXTS ? " -x"
                                                                                          : " -r");
    if (offer == OFFER_CONTEXTS)
        printf(" -a '(kubevouch help contexts 2>/dev/null)'");
    if (offer == OFFER_FOLDERS)
        printf(" -a '(__fish_complete_directories)'");
    if (offer == OFFER_VALUES || offer == OFFER_VALUES_AND_FILES) {
        printf(" -a '");
        print_words(i->values);
        putchar('\'');
    }
    printf(" -d '");
    shell_quoted(str_to_c(&a, option_help(&a, i)), "");
    printf("'\n");
}

static void completion_fish(void)
{
    for (size_t i = 0; i < command_count; i++) {
        printf("complete -c kubevouch -n __fish_use_subcommand -f -a %s -d '", command[i].name);
        shell_quoted(command[i].summary, "");
        printf("'\n");
    }
    for (size_t i = 0; i < command_count; i++) {
        struct argument_offer argument = argument_of(&command[i]);
        if (argument.offer == OFFER_VALUES) {
            printf("complete -c kubevouch -n '__fish_seen_subcommand_from %s' -f -a '",
                   command[i].name);
            print_words(argument.values);
            printf("'\n");
        }
        for (size_t k = 0; k < option_info_count; k++)
            if (option_info[k].commands & command[i].bit)
                fish_option(&command[i], &option_info[k]);
    }
    printf("complete -c kubevouch -n '__fish_seen_subcommand_from completion' -f -a '");
    print_words(VALUES_SHELL);
    printf("'\n");
}

const struct topic completion[] = { { "bash", completion_bash },
                                    { "zsh", completion_zsh },
                                    { "fish", completion_fish } };
const size_t completion_count = sizeof completion / sizeof *completion;
