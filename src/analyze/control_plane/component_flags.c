/* Command lines as flags: the shell's words, and what the components' flag parsers make of them. */
#include "analyze/control_plane/component.h"

#include "analyze/control_plane/flag_value.h"
#include "base/buf.h"
#include "base/map.h"
#include "cluster/taint.h"

bool component_list_has(struct str list, const char *item)
{
    struct str field;
    while (str_next_field(&list, ',', &field)) {
        if (str_eq_c(field, item))
            return true;
    }
    return false;
}

void component_flag_set(struct map *flags, struct arena *a, struct str name, struct str value)
{
    bool created;
    void **at = map_at(flags, name, &created);
    struct value *kept = arena_new(a, struct value);
    *kept = flag_value_add(a, name, created ? NULL : *at, value);
    *at = kept;
}

static void set_error(struct map *flags, struct arena *a, struct str name, const char *why)
{
    bool created;
    void **at = map_at(flags, name, &created);
    struct value *kept = arena_new(a, struct value);
    *kept = value_error(a, VALUE_ERROR_UNAVAILABLE, UINT32_MAX, "--%.*s %s", STR_ARG(name), why);
    *at = kept;
}

/* "-1" is a value, "-v" a flag. */
static bool looks_like_flag(struct str s)
{
    return s.n >= 2 && s.p[0] == '-' && !(s.p[1] >= '0' && s.p[1] <= '9') && s.p[1] != '.';
}

/* A command line being read. */
struct line {
    const struct str *arg;
    size_t count, at;
    struct arena *arena;
    struct map flags;
};

/* Sets the flag from what stands behind "=", or from the next word as its type has it. A flag that
 * we do not know may be a boolean: it takes the next word only where that is no flag. */
static void set_flag(struct line *l, struct str name, struct str value, bool has_value)
{
    struct flag_info info = flag_info_of(name);
    bool more = l->at + 1 < l->count;
    if (has_value) {
        component_flag_set(&l->flags, l->arena, name, value);
    } else if (info.type == FLAG_BOOL ||
               (!info.known && (!more || looks_like_flag(l->arg[l->at + 1])))) {
        component_flag_set(&l->flags, l->arena, name, STR("true"));
    } else if (more && taint_is_mask(l->arg[l->at + 1])) {
        l->at++;
        set_error(&l->flags, l->arena, name, "has a value that the recording masks");
    } else if (more) {
        component_flag_set(&l->flags, l->arena, name, l->arg[++l->at]);
    } else {
        set_error(&l->flags, l->arena, name, "has no value");
    }
}

/* All components take _ for -. */
static struct str with_dashes(struct arena *a, struct str s)
{
    char *name = str_to_c(a, s);
    for (size_t i = 0; i < s.n; i++)
        name[i] = name[i] == '_' ? '-' : name[i];
    return str_of(name, s.n);
}

/* Of shorthands -v has a value (-v2, -v=2, -v 2) and -h none; a long name with one dash is refused
 * by all. */
static void read_short(struct line *l, struct str word)
{
    struct str rest = str_sub(word, 2, word.n), left, value;
    if (word.p[1] == 'v') {
        bool has_value = rest.n > 0;
        set_flag(l, STR("v"),
                 has_value && rest.p[0] == '=' && rest.n > 1 ? str_sub(rest, 1, rest.n) : rest,
                 has_value);
    } else if (word.n == 2 && word.p[1] == 'h') {
        component_flag_set(&l->flags, l->arena, STR("help"), STR("true"));
    } else {
        (void)str_cut(str_sub(word, 1, word.n), '=', &left, &value);
        if (left.n)
            set_error(&l->flags, l->arena, with_dashes(l->arena, left),
                      "is written with one dash, which the component refuses");
    }
}

struct value component_flags(struct arena *a, const struct str *arg, size_t arg_count)
{
    struct line l = { .arg = arg, .count = arg_count, .arena = a };
    map_init(&l.flags, a);
    for (; l.at < arg_count && !str_eq_c(arg[l.at], "--"); l.at++) {
        struct str word = arg[l.at], left, value;
        if (word.n < 2 || word.p[0] != '-')
            continue;
        if (word.p[1] != '-') {
            read_short(&l, word);
            continue;
        }
        bool has_value = str_cut(str_sub(word, 2, word.n), '=', &left, &value);
        if (left.n)
            set_flag(&l, with_dashes(a, left), value, has_value);
    }
    return component_flags_of_map(a, &l.flags);
}

struct value component_go_flags(struct arena *a, const struct str *arg, size_t arg_count)
{
    struct line l = { .arg = arg, .count = arg_count, .arena = a };
    map_init(&l.flags, a);
    for (; l.at < arg_count; l.at++) {
        struct str word = arg[l.at], left, value;
        size_t dashes = word.n > 1 && word.p[1] == '-' ? 2 : 1;
        if (word.n < 2 || word.p[0] != '-' || word.n == dashes)
            break; /* the first word that is no flag ends them */
        bool has_value = str_cut(str_sub(word, dashes, word.n), '=', &left, &value);
        if (left.n)
            set_flag(&l, left, value, has_value);
    }
    return component_flags_of_map(a, &l.flags);
}

struct value component_flag_marked(struct str name, struct value v)
{
    if (v.kind == VALUE_STRING && taint_flag_is_secret(name, value_text(v)))
        v.flags |= VALUE_TAINTED;
    return v;
}

struct value component_flags_of_map(struct arena *a, const struct map *flags)
{
    struct value_builder b;
    value_builder_init(&b, a);
    for (size_t i = 0; i < flags->count; i++)
        value_builder_put(
            &b, value_str(flags->entry[i].key),
            component_flag_marked(flags->entry[i].key, *(struct value *)flags->entry[i].val));
    return value_builder_map(&b);
}

/* Lists print as "[a,b]" (github.com/spf13/pflag, stringSlice and stringArray), a record of CSV;
 * what is sensitive as CLASSIFIED (k8s.io/component-base zpages/flagz). */
struct value component_flagz(struct arena *a, struct value printed)
{
    struct value_builder b;
    value_builder_init(&b, a);
    for (uint32_t i = 0; printed.kind == VALUE_MAP && i < printed.n; i++) {
        struct str name = value_text(printed.as.map->entry[i].key),
                   text = value_text(printed.as.map->entry[i].val);
        enum flag_type type = flag_info_of(name).type;
        bool boxed = text.n >= 2 && text.p[0] == '[' && text.p[text.n - 1] == ']';
        if (boxed && (type == FLAG_LIST || type == FLAG_ARRAY || text.n == 2))
            text = str_sub(text, 1, text.n - 1);
        /* what a server runs with is a value already; an address or a number that was never given
         * is empty text */
        struct value v = text.n ? flag_value_add(a, name, NULL, text) : value_str(text);
        if (str_eq_c(text, "CLASSIFIED"))
            v = value_error(a, VALUE_ERROR_UNAVAILABLE, UINT32_MAX,
                            "/flagz does not show the value of --%.*s", STR_ARG(name));
        value_builder_put(&b, value_str(name), component_flag_marked(name, v));
    }
    return value_builder_map(&b);
}
