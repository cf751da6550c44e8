/* Command lines as flags: the shell's words, and what the components' flag parsers make of them. */
#include "analyze/control_plane/component.h"

#include "base/buf.h"
#include "base/map.h"

enum flag_type { FLAG_TEXT, FLAG_BOOL, FLAG_LIST, FLAG_MAP };

static const struct {
    const char *name;
    enum flag_type type;
} flag_row[] = {
#define FLAG(name, type) { name, FLAG_##type },
#include "analyze/control_plane/flag.def"
#undef FLAG
};

static enum flag_type type_of(struct str name)
{
    for (size_t i = 0; i < sizeof flag_row / sizeof *flag_row; i++) {
        if (str_eq_c(name, flag_row[i].name))
            return flag_row[i].type;
    }
    return FLAG_TEXT;
}

bool component_list_has(struct str list, const char *item)
{
    struct str field;
    while (str_next_field(&list, ',', &field)) {
        if (str_eq_c(str_trim(field), item))
            return true;
    }
    return false;
}

/* As Go's strconv.ParseBool; what it refuses stays as it is. */
static struct str bool_text(struct str s)
{
    static const char *const yes[] = { "1", "t", "T", "true", "TRUE", "True" };
    static const char *const no[] = { "0", "f", "F", "false", "FALSE", "False" };
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++) {
        if (str_eq_c(s, yes[i]))
            return STR("true");
        if (str_eq_c(s, no[i]))
            return STR("false");
    }
    return s;
}

static struct str joined(struct arena *a, struct str old, struct str more)
{
    return old.n ? str_printf(a, "%.*s,%.*s", STR_ARG(old), STR_ARG(more)) : more;
}

/* old without the pairs whose keys more gives anew, then more. */
static struct str merged(struct arena *a, struct str old, struct str more)
{
    struct str out = STR(""), pair, key, rest;
    while (str_next_field(&old, ',', &pair)) {
        struct str again = more, other, other_key;
        bool replaced = false;
        str_cut(pair, '=', &key, &rest);
        while (!replaced && str_next_field(&again, ',', &other)) {
            str_cut(other, '=', &other_key, &rest);
            replaced = str_eq(str_trim(key), str_trim(other_key));
        }
        if (!replaced)
            out = joined(a, out, pair);
    }
    return joined(a, out, more);
}

void component_flag_set(struct map *flags, struct arena *a, struct str name, struct str value)
{
    bool created;
    void **at = map_at(flags, name, &created);
    if (created)
        *at = arena_new(a, struct str);
    struct str *kept = *at;
    switch (type_of(name)) {
    case FLAG_BOOL:
        *kept = bool_text(value);
        return;
    case FLAG_LIST:
        *kept = joined(a, *kept, value);
        return;
    case FLAG_MAP:
        *kept = merged(a, *kept, value);
        return;
    case FLAG_TEXT:
        *kept = value;
        return;
    }
}

/* "-1" is a value, "-v" a flag. */
static bool looks_like_flag(struct str s)
{
    return s.n >= 2 && s.p[0] == '-' && !(s.p[1] >= '0' && s.p[1] <= '9') && s.p[1] != '.';
}

static struct str flag_name(struct arena *a, struct str s)
{
    size_t dashes = s.n > 1 && s.p[1] == '-' ? 2 : 1;
    char *name = str_to_c(a, str_sub(s, dashes, s.n));
    for (size_t i = 0; i < s.n - dashes; i++)
        name[i] = name[i] == '_' ? '-' : name[i];
    return str_of(name, s.n - dashes);
}

struct value component_flags(struct arena *a, const struct str *arg, size_t arg_count)
{
    struct map flags;
    map_init(&flags, a);
    for (size_t i = 0; i < arg_count && !str_eq_c(arg[i], "--"); i++) {
        struct str left, value;
        if (!looks_like_flag(arg[i]))
            continue;
        bool has_value = str_cut(arg[i], '=', &left, &value);
        struct str name = flag_name(a, left);
        if (!name.n)
            continue;
        if (!has_value) {
            bool takes_next = type_of(name) != FLAG_BOOL && i + 1 < arg_count && !looks_like_flag(arg[i + 1]);
            value = takes_next ? arg[++i] : STR("true");
        }
        component_flag_set(&flags, a, name, value);
    }
    return component_flags_of_map(a, &flags);
}

struct value component_flags_of_map(struct arena *a, const struct map *flags)
{
    struct value_builder b;
    value_builder_init(&b, a);
    for (size_t i = 0; i < flags->count; i++)
        value_builder_put(&b, value_str(flags->entry[i].key), value_str(*(struct str *)flags->entry[i].val));
    return value_builder_map(&b);
}

/* Lists print as "[a,b]" (github.com/spf13/pflag, stringSlice and stringArray); what is sensitive as CLASSIFIED
 * (k8s.io/component-base zpages/flagz). */
struct value component_flagz(struct arena *a, struct value printed)
{
    struct value_builder b;
    value_builder_init(&b, a);
    for (uint32_t i = 0; printed.kind == VALUE_MAP && i < printed.n; i++) {
        struct str name = value_text(printed.as.map->entry[i].key), text = value_text(printed.as.map->entry[i].val);
        enum flag_type type = type_of(name);
        bool boxed = text.n >= 2 && text.p[0] == '[' && text.p[text.n - 1] == ']';
        if (boxed && (type == FLAG_LIST || text.n == 2))
            text = str_sub(text, 1, text.n - 1);
        struct value v = type == FLAG_BOOL ? value_str(bool_text(text)) : value_str(text);
        if (str_eq_c(text, "CLASSIFIED"))
            v = value_error(a, VALUE_ERROR_UNAVAILABLE, UINT32_MAX, "/flagz does not show the value of --%.*s", STR_ARG(name));
        value_builder_put(&b, value_str(name), v);
    }
    return value_builder_map(&b);
}

/* ---- the shell ---- */

struct shell {
    struct component_words *out;
    struct arena *arena;
    struct str script;
    struct value env;
    size_t at;
    struct buf word;
    bool in_word;  /* also for empty quotes */
    bool quoted;   /* part of the word was in quotes */
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

/* Adds a variable's value; outside quotes it is split at blanks, as the shell does. */
static void add_variable(struct shell *s, struct str name, bool in_quotes)
{
    const struct value *v = value_get(s->env, name);
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

/* Words so far end a command. If it runs none of the components, forget it. */
static bool is_command_of_interest(const struct component_words *w)
{
    static const char *const program[] = { "kube-apiserver", "kube-controller-manager", "kube-scheduler", "etcd",
                                           "hyperkube" };
    for (size_t i = 0; i < w->word.count && i < 16; i++) {
        struct str s = w->word.item[i];
        size_t slash = str_find_last_char(s, '/');
        struct str base = slash == SIZE_MAX ? s : str_sub(s, slash + 1, s.n);
        for (size_t k = 0; k < sizeof program / sizeof *program; k++) {
            if (str_eq_c(base, program[k]))
                return true;
        }
    }
    return false;
}

/* "NAME=value" words in front of a command set its environment; they are not the program. */
static void drop_assignments(struct component_words *w)
{
    size_t skip = 0;
    while (skip < w->word.count) {
        struct str s = w->word.item[skip];
        size_t n = 0;
        while (n < s.n && is_var_char(s.p[n]))
            n++;
        if (!n || n == s.n || s.p[n] != '=')
            break;
        skip++;
    }
    w->word.item += skip;
    w->word.count -= skip;
    w->word.cap -= skip;
}

/* At a byte that may end a word or the command. True: the command of interest is complete. */
static bool read_operator(struct shell *s, char c)
{
    end_word(s);
    if (c == ' ' || c == '\t')
        return false;
    drop_assignments(s->out);
    if (is_command_of_interest(s->out))
        return true;
    s->out->word.count = 0;
    return false;
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

static bool read_byte(struct shell *s, char c)
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
        return read_operator(s, c);
    case '<':
    case '>':
        read_redirection(s);
        return false;
    case '\'':
    case '"':
        read_quotes(s);
        return false;
    case '$':
        read_dollar(s, false);
        return false;
    case '\\':
        s->at++;
        if (s->at < s->script.n && s->script.p[s->at] != '\n') {
            buf_add_char(&s->word, s->script.p[s->at]);
            s->in_word = true;
        }
        return false;
    case '`':
        doubt(s, STR("the shell script runs another command for a value"));
        s->in_word = true;
        return false;
    case '#':
        if (!s->in_word) {
            while (s->at + 1 < s->script.n && s->script.p[s->at + 1] != '\n')
                s->at++;
            return false;
        }
        break;
    default: /* not an enum: any other byte is text */
        break;
    }
    buf_add_char(&s->word, c);
    s->in_word = true;
    return false;
}

void component_split_shell(struct component_words *out, struct arena *a, struct str script, struct value env)
{
    *out = (struct component_words){ 0 };
    struct shell s = { .out = out, .arena = a, .script = script, .env = env,
                       .word = BUF_INIT(COMPONENT_WORD_BYTES_MAX) };
    bool done = false;
    for (; s.at < script.n && !done; s.at++)
        done = read_byte(&s, script.p[s.at]);
    end_word(&s);
    if (!done)
        drop_assignments(out);
    buf_release(&s.word);
}
