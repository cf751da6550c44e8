/* The command line: struct options out of option.def. */
#include "cli/option.h"

#include "base/buf.h"
#include "base/names.h"
#include "base/shown.h"

const struct option_info option_info[] = {
#define OPTION_ROW(member, long_name, letter, of_type, of_value, in_group, in_commands, ...) \
    { .name = long_name,                                                                     \
      .short_name = letter,                                                                  \
      .type = OPTION_##of_type,                                                              \
      .value = of_value,                                                                     \
      .group = in_group,                                                                     \
      .commands = in_commands,                                                               \
      .offset = offsetof(struct options, member),                                            \
      __VA_ARGS__ },
#define OPTION(member, name, letter, type, value, group, commands, text) \
    OPTION_ROW(member, name, letter, type, value, group, commands, .help = text)
#define OPTION_SHOWN(member, name, letter, type, value, group, commands, how, text) \
    OPTION_ROW(member, name, letter, type, value, group, commands, .shown = how, .help = text)
#define OPTION_OF(member, name, letter, type, value, group, commands, source, text) \
    OPTION_ROW(member, name, letter, type, value, group, commands, .values = source, .help = text)
#define OPTION_NUMBER(member, name, value, group, commands, from, to, unset, text)          \
    OPTION_ROW(member, name, 0, INT, value, group, commands, .least = from, .greatest = to, \
               .initial = unset, .help = text)
#include "cli/option.def"
#undef OPTION_ROW
#undef OPTION
#undef OPTION_SHOWN
#undef OPTION_OF
#undef OPTION_NUMBER
};
const size_t option_info_count = sizeof option_info / sizeof *option_info;

const char *const readable_by_name[READABLE_BY_COUNT] = { "owner", "group", "all" };

_Static_assert(sizeof option_info / sizeof *option_info < OPTIONS_MAX,
               "the list of names for suggestions is fixed");

/* The value as the report's copy of the command line shows it. */
static struct str value_shown(struct arena *a, const struct option_info *i, struct str value)
{
    struct str name, rest;
    switch (i->shown) {
    case SHOWN_WHOLE:
        return value;
    case SHOWN_AS_URL:
        return shown_url(a, value);
    case SHOWN_TO_EQUALS:
        return str_cut(value, '=', &name, &rest) ? str_printf(a, "%.*s=(redacted)", STR_ARG(name))
                                                 : STR("(redacted)");
    case SHOWN_TO_PIN:
        return str_find(value, STR("pin-value="), 0) == SIZE_MAX
                   ? value
                   : str_printf(a, "%.*spin-value=(redacted)",
                                STR_ARG(str_sub(value, 0, str_find(value, STR("pin-value="), 0))));
    case SHOWN_NOT:
        break;
    }
    return STR("(redacted)");
}

static const struct option_info *find_long(struct str name, unsigned bit)
{
    for (size_t i = 0; i < option_info_count; i++)
        if (str_eq_c(name, option_info[i].name) && (option_info[i].commands & bit))
            return &option_info[i];
    return NULL;
}

static const struct option_info *find_short(char letter, unsigned bit)
{
    for (size_t i = 0; i < option_info_count; i++)
        if (letter && option_info[i].short_name == letter && (option_info[i].commands & bit))
            return &option_info[i];
    return NULL;
}

static bool unknown_option(struct str given, unsigned bit, struct err *err)
{
    const char *name[OPTIONS_MAX];
    size_t count = 0;
    for (size_t i = 0; i < option_info_count; i++)
        if (option_info[i].commands & bit)
            name[count++] = option_info[i].name;
    const char *near = names_nearest(name, count, given);
    if (near)
        return err_set(err, ERR_USAGE, "unknown option \"--%.*s\"; did you mean --%s?",
                       STR_ARG(given), near);
    return err_set(err, ERR_USAGE, "unknown option \"--%.*s\"; --help lists them", STR_ARG(given));
}

static void append(struct option_strs *s, struct arena *a, struct str text)
{
    struct str *grown = arena_array(a, struct str, s->count + 1);
    if (s->count)
        memcpy(grown, s->item, s->count * sizeof *grown);
    grown[s->count] = text;
    s->item = grown;
    s->count++;
}

static bool check_value(struct arena *a, const struct option_info *i, struct str value,
                        struct err *err)
{
    if (i->values == VALUES_ANY || i->values > VALUES_CLOSED)
        return true;
    struct option_strs known = option_values(a, i->values);
    const char **name = arena_array(a, const char *, known.count);
    for (size_t k = 0; k < known.count; k++) {
        if (str_eq(known.item[k], value))
            return true;
        name[k] = str_to_c(a, known.item[k]);
    }
    const char *near = names_nearest(name, known.count, value);
    struct str all = option_values_text(a, i->values);
    return err_set(err, ERR_USAGE, "--%s: \"%.*s\" is none of %.*s%s%s%s", i->name, STR_ARG(value),
                   STR_ARG(all), near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
}

static bool set_number(int64_t *member, const struct option_info *i, struct str value,
                       struct err *err)
{
    int64_t n;
    if (!str_to_int64(value, &n) || n < i->least || n > i->greatest)
        return err_set(err, ERR_USAGE, "--%s: \"%.*s\" is not a whole number from %lld to %lld",
                       i->name, STR_ARG(value), (long long)i->least, (long long)i->greatest);
    *member = n;
    return true;
}

static bool set(struct options *o, struct arena *a, const struct option_info *i, struct str value,
                struct err *err)
{
    void *member = (char *)o + i->offset;
    bool *given = &o->given[i - option_info];
    if (!check_value(a, i, value, err))
        return false;
    if (*given && (i->type == OPTION_STR || i->type == OPTION_INT))
        return err_set(err, ERR_USAGE,
                       "--%s stands twice on the command line: one value holds, so give it once",
                       i->name);
    *given = true;
    switch (i->type) {
    case OPTION_FLAG:
        *(bool *)member = true;
        return true;
    case OPTION_STR:
        *(struct str *)member = value;
        return true;
    case OPTION_STRS:
        append(member, a, value);
        return true;
    case OPTION_INT:
        return set_number(member, i, value, err);
    }
    return true;
}

/* What is chosen from a list may be a list: html,json. */
static bool set_all(struct options *o, struct arena *a, const struct option_info *i,
                    struct str value, struct err *err)
{
    bool is_list = i->type == OPTION_STRS && i->values != VALUES_ANY && i->values <= VALUES_CLOSED;
    size_t comma = is_list ? str_find_char(value, ',', 0) : SIZE_MAX;
    for (; comma != SIZE_MAX; comma = str_find_char(value, ',', 0)) {
        if (!set(o, a, i, str_sub(value, 0, comma), err))
            return false;
        value = str_sub(value, comma + 1, value.n);
    }
    return set(o, a, i, value, err);
}

/* The rest of argv while it is parsed. */
struct words {
    int argc, at;
    char **argv;
    struct buf *echo; /* the command line as the report shows it */
};

static void echo(struct words *w, const char *text)
{
    buf_add_char(w->echo, ' ');
    buf_add_c(w->echo, text);
}

static bool take_option(struct options *o, struct arena *a, const struct option_info *i,
                        struct str inline_value, bool has_inline, struct words *w, struct err *err)
{
    struct str value = inline_value;
    buf_addf(w->echo, " --%s", i->name);
    if (i->type == OPTION_FLAG) {
        if (!has_inline || str_eq(value, STR("true")))
            return set(o, a, i, value, err);
        if (str_eq(value, STR("false")))
            return true;
        return err_set(err, ERR_USAGE, "--%s takes no value", i->name);
    }
    if (!has_inline) {
        if (w->at >= w->argc)
            return err_set(err, ERR_USAGE, "--%s needs a value: --%s %s", i->name, i->name,
                           i->value);
        value = str_from_c(w->argv[w->at++]);
    }
    buf_addf(w->echo, "=%.*s", STR_ARG(value_shown(a, i, value)));
    return set_all(o, a, i, value, err);
}

static bool take_long(struct options *o, struct arena *a, unsigned bit, struct str text,
                      struct words *w, struct err *err)
{
    struct str name, value;
    bool has_inline = str_cut(text, '=', &name, &value);
    const struct option_info *i = find_long(name, bit);
    return i ? take_option(o, a, i, value, has_inline, w, err) : unknown_option(name, bit, err);
}

/* "-qo DIR", "-oDIR" */
static bool take_short(struct options *o, struct arena *a, unsigned bit, struct str letters,
                       struct words *w, struct err *err)
{
    for (size_t k = 0; k < letters.n; k++) {
        const struct option_info *i = find_short(letters.p[k], bit);
        if (!i)
            return err_set(
                err, ERR_USAGE,
                "unknown option \"-%c\"; --help lists them, and after -- nothing is an option",
                letters.p[k]);
        struct str rest = str_sub(letters, k + 1, letters.n);
        if (i->type != OPTION_FLAG)
            return take_option(o, a, i, rest, rest.n != 0, w, err);
        if (!take_option(o, a, i, (struct str){ 0 }, false, w, err))
            return false;
    }
    return true;
}

bool options_parse(struct options *out, struct arena *a, unsigned command_bit, int argc,
                   char **argv, struct err *err)
{
    struct options o = { 0 };
    struct buf text CLEANUP(buf_release) = BUF_INIT((size_t)1 << 20);
    struct words w = { argc, 0, argv, &text };
    bool only_arguments = false;
    for (size_t i = 0; i < option_info_count; i++)
        if (option_info[i].type == OPTION_INT)
            *(int64_t *)(void *)((char *)&o + option_info[i].offset) = option_info[i].initial;
    while (w.at < argc) {
        struct str word = str_from_c(argv[w.at++]);
        bool ok = true;
        if (only_arguments || word.n < 2 || word.p[0] != '-') {
            append(&o.argument, a, word);
            echo(&w, argv[w.at - 1]);
        } else if (str_eq(word, STR("--"))) {
            only_arguments = true;
        } else if (word.p[1] == '-') {
            ok = take_long(&o, a, command_bit, str_sub(word, 2, word.n), &w, err);
        } else {
            ok = take_short(&o, a, command_bit, str_sub(word, 1, word.n), &w, err);
        }
        if (!ok)
            return false;
    }
    o.kube.as_group = o.as_group.item;
    o.kube.as_group_count = o.as_group.count;
    o.kube.as_user_extra = o.as_user_extra.item;
    o.kube.as_user_extra_count = o.as_user_extra.count;
    o.command_line = str_dup(a, buf_str(&text));
    *out = o;
    return true;
}
