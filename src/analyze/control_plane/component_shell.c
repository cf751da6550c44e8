/* A shell's script as words: what runs a component, and what of it cannot be known. */
#include "analyze/control_plane/component.h"

#include "base/buf.h"
#include "base/map.h"

/* What becomes of the next word: it is an argument, or a redirection's file, or the delimiter of a
 * here-document. */
enum next_word {
    NEXT_ARGUMENT,
    NEXT_FILE,
    NEXT_DELIMITER,
};
struct here_document {
    struct str delimiter;
    bool tabs;   /* tabs in front of its lines do not count */
    bool quoted; /* nothing in it is expanded */
};

struct shell {
    struct component_words *out;
    struct arena *arena;
    struct str script;
    struct value env;
    size_t at;
    struct buf word;
    bool in_word; /* also for empty quotes */
    bool quoted;  /* part of the word was in quotes */
    enum next_word next;
    bool tabs;                      /* of the here-document whose delimiter is next */
    VEC(struct here_document) here; /* those whose text begins at the next line */
    VEC(struct str) front;          /* the command's words NAME=value in front of its program */
    bool branches;       /* whether what stands from here on is run depends on something */
    bool exports;        /* set -a: what is set is exported */
    struct map assigned; /* names of variables that the script sets */
    bool unsure;         /* a command that may set variables went by */
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
    if (s->next == NEXT_DELIMITER)
        *VEC_PUSH(&s->here, s->arena) =
            (struct here_document){ str_dup(s->arena, buf_str(&s->word)), s->tabs, s->quoted };
    if (s->next != NEXT_ARGUMENT)
        ;
    else if (s->out->word.count == COMPONENT_WORDS_MAX)
        doubt(s, STR("the shell script has too many words"));
    else
        *VEC_PUSH(&s->out->word, s->arena) = str_dup(s->arena, buf_str(&s->word));
    buf_reset(&s->word);
    s->next = NEXT_ARGUMENT;
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

/* The names that the script sets, in one pass: NAME= or NAME+= where a word starts, or NAME behind
 * a word that sets it. */
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
        struct str name = str_sub(script, start, i),
                   after = str_sub(script, i, i + 2 < script.n ? i + 2 : script.n);
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
    if (s->next == NEXT_FILE) {
        s->in_word = true;
        return;
    }
    if (!in_quotes && map_has(&s->assigned, STR("IFS")))
        doubt(s, str_printf(s->arena,
                            "the shell script sets IFS, which says where it parts $%.*s into words",
                            STR_ARG(name)));
    if (s->unsure || map_has(&s->assigned, name)) {
        doubt(s, str_printf(s->arena,
                            "the shell script uses $%.*s, which it or a file that it reads may set",
                            STR_ARG(name)));
        s->in_word = true;
        return;
    }
    if (!v || v->kind != VALUE_STRING) {
        doubt(s, str_printf(s->arena, "the shell script uses $%.*s, whose value is not in the pod",
                            STR_ARG(name)));
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
    if (s->next == NEXT_DELIMITER)
        doubt(s, STR("the shell script has a here-document whose end is not followed here"));
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
        if (quote == '"' && c == '\\' &&
            (next == '"' || next == '\\' || next == '$' || next == '`' || next == '\n')) {
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

/* "NAME=value" words in front of a command set its environment, and the shell's own words lead to
 * it; neither is the program. */
static void drop_front(struct shell *s)
{
    static const char *const lead[] = { "!",  "builtin", "command", "do",    "elif",  "else",
                                        "if", "then",    "time",    "until", "while", "{" };
    static const char *const plain[] = { "!", "builtin", "command", "time" };
    struct component_words *w = s->out;
    size_t skip = 0;
    s->front.count = 0;
    while (skip < w->word.count) {
        struct str word = w->word.item[skip], name, value;
        bool adds, leads = is_one_of(lead, COUNT_OF(lead), word);
        if (component_assigns(word, &name, &value, &adds))
            *VEC_PUSH(&s->front, s->arena) = word;
        else if (!leads)
            break;
        s->branches = s->branches || (leads && !is_one_of(plain, COUNT_OF(plain), word));
        skip++;
    }
    w->word.item += skip;
    w->word.count -= skip;
    w->word.cap -= skip;
}

/* The word sets a variable of every program that is run from here on. known: to what stands there.
 */
static void export_word(struct shell *s, struct str word, bool known)
{
    struct str name, value;
    bool adds;
    if (component_assigns(word, &name, &value, &adds))
        component_env_set(s->out, s->arena, name,
                          known && !adds && !s->branches && !s->found ? &value : NULL);
    else if (map_has(&s->assigned, word))
        component_env_set(s->out, s->arena, word, NULL);
}

/* What the command does to the shell's variables, and to those it exports. Source: POSIX.1-2024,
 * Shell Command Language. */
static void note_variables(struct shell *s)
{
    static const char *const setter[] = { ".",    "eval",      "getopts", "mapfile",
                                          "read", "readarray", "source",  "unset" };
    static const char *const declares[] = { "declare", "local", "readonly", "typeset" };
    const struct component_words *w = s->out;
    struct str program = w->word.count ? w->word.item[0] : STR(""),
               first = w->word.count > 1 ? w->word.item[1] : STR("");
    for (size_t i = 0; i < s->front.count; i++) {
        struct str name, value;
        bool adds, is_set = component_assigns(s->front.item[i], &name, &value, &adds);
        if (is_set && (program.n || s->exports || value_get(s->env, name)))
            export_word(s, s->front.item[i], !program.n);
    }
    bool exports = str_eq_c(program, "export"),
         option = str_has_prefix(first, STR("-")) || str_has_prefix(first, STR("+"));
    for (size_t i = 1;
         (exports || is_one_of(declares, COUNT_OF(declares), program)) && i < w->word.count; i++)
        export_word(s, w->word.item[i], exports && !option);
    bool sets = str_eq_c(program, "set");
    bool plain_set =
        sets && option &&
        (w->word.count == 2 || (w->word.count == 3 && str_has_suffix(first, STR("o")))) &&
        str_find_char(first, 'k', 0) == SIZE_MAX;
    s->exports =
        s->exports || (sets && (str_find_char(first, 'a', 0) != SIZE_MAX ||
                                (w->word.count > 2 && str_eq_c(w->word.item[2], "allexport"))));
    s->unsure = s->unsure || is_one_of(setter, COUNT_OF(setter), program) || (sets && !plain_set) ||
                (exports && option);
}

/* What stands behind exec of another program, or behind exit, is not run. */
static void note_end(struct shell *s)
{
    const struct component_words *w = s->out;
    if (!w->word.count)
        return;
    if (str_eq_c(w->word.item[0], "exec") && w->word.count > 1)
        doubt(s, STR("the shell script runs another program in its own place"));
    if ((str_eq_c(w->word.item[0], "exit") || str_eq_c(w->word.item[0], "return")) &&
        !s->branches && !s->found)
        doubt(s, STR("the shell script ends before it runs the component"));
}

/* The words so far are one command: the first that runs a component is kept; with another one
 * nobody can say which of them runs. */
static void end_command(struct shell *s)
{
    end_word(s);
    drop_front(s);
    if (!component_runs(s->out)) {
        note_variables(s);
        note_end(s);
        return;
    }
    if (s->found)
        doubt(s, STR("the shell script runs the component in more than one place"));
    else
        s->kept.word = s->out->word;
    for (size_t i = 0; i < s->front.count; i++) {
        struct str name, value;
        bool adds;
        if (component_assigns(s->front.item[i], &name, &value, &adds))
            component_env_set(s->out, s->arena, name, adds ? NULL : &value);
    }
    s->found = true;
    s->out->word.item = NULL;
    s->out->word.count = s->out->word.cap = 0;
}

/* ${NAME=word} in a here-document's text sets a variable; so may $((...)). */
static bool may_set(struct str text)
{
    for (size_t at = str_find_char(text, '$', 0); at != SIZE_MAX;
         at = str_find_char(text, '$', at + 1)) {
        struct str behind = str_sub(text, at + 1, text.n);
        size_t end = str_find_char(behind, '}', 0), equals = str_find_char(behind, '=', 0);
        if (str_has_prefix(behind, STR("((")) || (str_has_prefix(behind, STR("{")) && equals < end))
            return true;
    }
    return false;
}

/* At the end of a line: the here-documents that it began follow, and are no commands. Leaves at on
 * the last byte of them. */
static void skip_here_documents(struct shell *s)
{
    for (size_t i = 0; i < s->here.count; i++) {
        const struct here_document *h = &s->here.item[i];
        size_t begin = s->at + 1;
        for (bool ended = false; !ended && s->at < s->script.n;) {
            size_t start = s->at + 1,
                   end = start < s->script.n ? str_find_char(s->script, '\n', start) : SIZE_MAX;
            s->at = end == SIZE_MAX ? s->script.n : end;
            while (h->tabs && start < s->at && s->script.p[start] == '\t')
                start++;
            ended = start <= s->at && str_eq(str_sub(s->script, start, s->at), h->delimiter);
        }
        s->unsure =
            s->unsure || (!h->quoted && begin < s->at && may_set(str_sub(s->script, begin, s->at)));
    }
    s->here.count = 0;
}

/* At a byte that may end a word or the command. */
static void read_operator(struct shell *s, char c)
{
    end_word(s);
    if (c == ' ' || c == '\t')
        return;
    end_command(s);
    s->out->word.count = 0;
    s->next = NEXT_ARGUMENT;
    s->branches = s->branches || (c != '\n' && c != ';');
    if (c == '\n')
        skip_here_documents(s);
}

/* At '<' or '>': the word behind it is not an argument, nor is a number in front ("2>&1"). */
static void read_redirection(struct shell *s)
{
    if (!s->quoted && s->word.n == 1 && s->word.p[0] >= '0' && s->word.p[0] <= '9') {
        buf_reset(&s->word);
        s->in_word = false;
    }
    end_word(s);
    struct str rest = str_sub(s->script, s->at, s->script.n);
    if (str_has_prefix(rest, STR("<<")) && !str_has_prefix(rest, STR("<<<"))) {
        s->tabs = str_has_prefix(rest, STR("<<-"));
        s->at += s->tabs ? 2 : 1;
        s->next = NEXT_DELIMITER;
        return;
    }
    while (s->at + 1 < s->script.n && memchr("<>&|", s->script.p[s->at + 1], 4))
        s->at++;
    if (s->at + 1 < s->script.n && s->script.p[s->at + 1] == '(')
        doubt(s, STR("the shell script uses an expansion that is not followed here"));
    s->next = NEXT_FILE;
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
    s->quoted = true;
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

/* "&>": to bash a redirection, to sh the end of a command that runs on in the background. */
static bool is_ambiguous_redirection(const struct shell *s)
{
    return s->script.p[s->at] == '&' && s->at + 1 < s->script.n && s->script.p[s->at + 1] == '>';
}

static void read_byte(struct shell *s, char c)
{
    if (is_ambiguous_redirection(s)) {
        doubt(s, STR("the shell script redirects by &>, which shells read in different ways"));
        read_redirection(s);
        return;
    }
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

void component_split_shell(struct component_words *out, struct arena *a, struct str script,
                           struct value env)
{
    *out = (struct component_words){ 0 };
    struct shell s = { .out = out,
                       .arena = a,
                       .script = script,
                       .env = env,
                       .word = BUF_INIT(COMPONENT_WORD_BYTES_MAX) };
    map_init(&s.assigned, a);
    find_assigned(&s);
    for (; s.at < script.n; s.at++)
        read_byte(&s, script.p[s.at]);
    end_command(&s);
    if (s.found)
        out->word = s.kept.word;
    if (s.unsure)
        out->env_doubt = STR("the shell script or a file that it reads may set variables");
    buf_release(&s.word);
}
