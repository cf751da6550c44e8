/* A shell's script as words: what runs a component, and what of it cannot be known. */
#include "analyze/control_plane/component.h"

#include "base/buf.h"
#include "base/map.h"


struct shell {
    struct component_words *out;
    struct arena *arena;
    struct str script;
    struct value env;
    size_t at;
    struct buf word;
    bool in_word;  /* also for empty quotes */
    bool quoted;   /* part of the word was in quotes */
    struct map assigned; /* names of variables that the script sets */
    bool unsure;   /* a command that may set variables went by */
    bool found;
    struct component_words kept; /* of the command that runs a component */
};

static void doubt(struct shell *s, struct str text)
{
    if (!s->out->doubt.n)
        s->out->doubt = text;
}

static void end_word(struct shell *s)
{
    if (!s->in_word)
        return;
    if (s->word.over)
        doubt(s, STR("a word of the shell script is too long"));
    if (s->out->word.count == COMPONENT_WORDS_MAX)
        doubt(s, STR("the shell script has too many words"));
    else
        *VEC_PUSH(&s->out->word, s->arena) = str_dup(s->arena, buf_str(&s->word));
    buf_reset(&s->word);
    s->in_word = false;
    s->quoted = false;
}

static bool is_var_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static bool is_one_of(const char *const *name, size_t count, struct str s)
{
    for (size_t i = 0; i < count; i++)
        if (str_eq_c(s, name[i]))
            return true;
    return false;
}

/* The names that the script sets, in one pass: NAME= or NAME+= where a word starts, or NAME behind a word that sets it. */
static void find_assigned(struct shell *s)
{
    static const char *const setter[] = { "for", "read", "unset", "getopts" };
    struct str script = s->script, last = { 0 };
    for (size_t i = 0; i < script.n;) {
        size_t start = i;
        while (i < script.n && is_var_char(script.p[i]))
            i++;
        if (i == start) {
            last = script.p[i] == ' ' || script.p[i] == '\t' ? last : (struct str){ 0 };
            i++;
            continue;
        }
        struct str name = str_sub(script, start, i), after = str_sub(script, i, i + 2 < script.n ? i + 2 : script.n);
        bool starts = !start || memchr(" \t\n;(&|`{", script.p[start - 1], 9);
        bool sets = starts && (str_has_prefix(after, STR("=")) || str_has_prefix(after, STR("+=")));
        if (sets || is_one_of(setter, sizeof setter / sizeof *setter, last))
            map_put(&s->assigned, name, s);
        last = name;
    }
}

/* Adds a variable's value; outside quotes it is split at blanks, as the shell does. */
static void add_variable(struct shell *s, struct str name, bool in_quotes)
{
    const struct value *v = value_get(s->env, name);
    if (s->unsure || map_has(&s->assigned, name)) {
        doubt(s, str_printf(s->arena, "the shell script uses $%.*s, which it or a file that it reads may set", STR_ARG(name)));
        s->in_word = true;
        return;
    }
    if (!v || v->kind != VALUE_STRING) {
        doubt(s, str_printf(s->arena, "the shell script uses $%.*s, whose value is not in the pod", STR_ARG(name)));
        s->in_word = true;
        return;
    }
    struct str text = value_text(*v);
    for (size_t i = 0; i < text.n; i++) {
        bool blank = text.p[i] == ' ' || text.p[i] == '\t' || text.p[i] == '\n';
        if (blank && !in_quotes) {
            end_word(s);
        } else {
            buf_add_char(&s->word, text.p[i]);
            s->in_word = true;
        }
    }
    s->in_word = s->in_word || in_quotes;
}

/* At a '$'. Leaves at on the last byte used. */
static void read_dollar(struct shell *s, bool in_quotes)
{
    size_t i = s->at + 1;
    bool braces = i < s->script.n && s->script.p[i] == '{';
    size_t start = i += braces;
    while (i < s->script.n && is_var_char(s->script.p[i]))
        i++;
    struct str name = str_sub(s->script, start, i);
    bool closed = !braces || (i < s->script.n && s->script.p[i] == '}');
    if (!name.n || !closed) {
        doubt(s, STR("the shell script uses an expansion that is not followed here"));
        buf_add_char(&s->word, '$');
        s->in_word = true;
        return;
    }
    s->at = i - !braces;
    add_variable(s, name, in_quotes);
}

/* At an opening quote; leaves at on the closing one, or at the end. */
static void read_quotes(struct shell *s)
{
    char quote = s->script.p[s->at];
    s->in_word = true;
    s->quoted = true;
    for (s->at++; s->at < s->script.n && s->script.p[s->at] != quote; s->at++) {
        char c = s->script.p[s->at];
        char next = s->at + 1 < s->script.n ? s->script.p[s->at + 1] : 0;
        if (quote == '"' && c == '\\' && (next == '"' || next == '\\' || next == '$' || next == '`' || next == '\n')) {
            s->at++;
            if (next != '\n')
                buf_add_char(&s->word, next);
        } else if (quote == '"' && c == '$') {
            read_dollar(s, true);
        } else {
            if (quote == '"' && c == '`')
                doubt(s, STR("the shell script runs another command for a value"));
            buf_add_char(&s->word, c);
        }
    }
}

/* "NAME=value" words in front of a command set its environment, and the shell's own words lead to it; neither is the program. */
static void drop_front(struct component_words *w)
{
    static const char *const lead[] = { "!", "builtin", "command", "do", "elif", "else", "if", "then", "time", "until", "while", "{" };
    size_t skip = 0;
    while (skip < w->word.count) {
        struct str s = w->word.item[skip];
        size_t n = 0;
        while (n < s.n && is_var_char(s.p[n]))
            n++;
        bool assigns = n && n < s.n && s.p[n] == '=';
        if (!assigns && !is_one_of(lead, sizeof lead / sizeof *lead, s))
            break;
        skip++;
    }
    w->word.item += skip;
    w->word.count -= skip;
    w->word.cap -= skip;
}

/* The words so far are one command: the first that runs a component is kept; with another one nobody can say which of them runs. */
static void end_command(struct shell *s)
{
    static const char *const setter[] = { ".", "eval", "getopts", "mapfile", "read", "readarray", "set", "source", "unset" };
    end_word(s);
    drop_front(s->out);
    bool any = s->out->word.count > 0;
    s->unsure = s->unsure || (any && is_one_of(setter, sizeof setter / sizeof *setter, s->out->word.item[0]) &&
                              !(str_eq_c(s->out->word.item[0], "set") && s->out->word.count == 2 && str_has_prefix(s->out->word.item[1], STR("-"))));
    if (!component_runs(s->out))
        return;
    if (s->found)
        doubt(s, STR("the shell script runs the component in more than one place"));
    else
        s->kept.word = s->out->word;
    s->found = true;
    s->out->word.item = NULL;
    s->out->word.count = s->out->word.cap = 0;
}

/* At a byte that may end a word or the command. */
static void read_operator(struct shell *s, char c)
{
    end_word(s);
    if (c == ' ' || c == '\t')
        return;
    end_command(s);
    s->out->word.count = 0;
}

/* At '<' or '>': the file's name behind it is not an argument, nor is a number in front ("2>&1"). */
static void read_redirection(struct shell *s)
{
    if (!s->quoted && s->word.n == 1 && s->word.p[0] >= '0' && s->word.p[0] <= '9') {
        buf_reset(&s->word);
        s->in_word = false;
    }
    end_word(s);
    while (s->at + 1 < s->script.n && (s->script.p[s->at + 1] == '>' || s->script.p[s->at + 1] == '&' ||
                                       s->script.p[s->at + 1] == ' ' || s->script.p[s->at + 1] == '<'))
        s->at++;
    while (s->at + 1 < s->script.n && !memchr(" \t\n;|&<>", s->script.p[s->at + 1], 8))
        s->at++;
}

/* bash makes several words of {a,b}. What is longer than is looked at may be one. */
#define BRACE_BYTES_MAX 256u
static bool is_brace_list(struct shell *s)
{
    bool comma = false;
    for (size_t i = s->at; i < s->script.n && !memchr(" \t\n;|&<>", s->script.p[i], 8); i++) {
        if (i - s->at > BRACE_BYTES_MAX)
            return true;
        comma = comma || s->script.p[i] == ',' || s->script.p[i] == '.';
        if (s->script.p[i] == '}')
            return comma;
    }
    return false;
}

static void read_backslash(struct shell *s)
{
    s->at++;
    if (s->at < s->script.n && s->script.p[s->at] != '\n') {
        buf_add_char(&s->word, s->script.p[s->at]);
        s->in_word = true;
    }
}

/* At a '#': the rest of the line is a comment where a word could start. */
static bool read_comment(struct shell *s)
{
    if (s->in_word)
        return false;
    while (s->at + 1 < s->script.n && s->script.p[s->at + 1] != '\n')
        s->at++;
    return true;
}

static void read_byte(struct shell *s, char c)
{
    switch (c) {
    case ' ':
    case '\t':
    case '\n':
    case ';':
    case '|':
    case '&':
    case '(':
    case ')':
        read_operator(s, c);
        return;
    case '<':
    case '>':
        read_redirection(s);
        return;
    case '\'':
    case '"':
        read_quotes(s);
        return;
    case '$':
        read_dollar(s, false);
        return;
    case '\\':
        read_backslash(s);
        return;
    case '`':
        doubt(s, STR("the shell script runs another command for a value"));
        s->in_word = true;
        return;
    case '{':
        if (is_brace_list(s))
            doubt(s, STR("the shell script uses an expansion that is not followed here"));
        break;
    case '#':
        if (read_comment(s))
            return;
        break;
    default: /* not an enum: any other byte is text */
        break;
    }
    buf_add_char(&s->word, c);
    s->in_word = true;
}

void component_split_shell(struct component_words *out, struct arena *a, struct str script, struct value env)
{
    *out = (struct component_words){ 0 };
    struct shell s = { .out = out, .arena = a, .script = script, .env = env,
                       .word = BUF_INIT(COMPONENT_WORD_BYTES_MAX) };
    map_init(&s.assigned, a);
    find_assigned(&s);
    for (; s.at < script.n; s.at++)
        read_byte(&s, script.p[s.at]);
    end_command(&s);
    if (s.found)
        out->word = s.kept.word;
    buf_release(&s.word);
}
