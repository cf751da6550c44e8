/* What a kubelet runs with, whole: each key of kubelet_key.def has a value, from /configz, from a
 * configuration file. */
#include "analyze/nodes/kubelet_config.h"
#include "base/duration.h"

#include "analyze/secrets/encryption.h"
#include "base/map.h"

enum origin { FROM_CONFIGZ, FROM_FILE, FROM_FLAGS };

/* Where keys are looked for. */
struct reading {
    struct arena *arena;
    enum origin origin;
    struct value config; /* projected; of FROM_FLAGS the file's, null when it was not seen */
    struct value flags;
    bool has_file; /* FROM_FLAGS: --config is given */
};

static struct value unavailable(struct reading *r, const char *path, const char *why)
{
    return value_error(r->arena, VALUE_ERROR_UNAVAILABLE, UINT32_MAX,
                       "the kubelet's %s is not known: %s", path, why);
}

static struct value read_list(struct arena *a, struct str text)
{
    struct value_builder b;
    struct str field;
    value_builder_init(&b, a);
    while (str_next_field(&text, ',', &field))
        if (str_trim(field).n)
            value_builder_push(&b, value_str(str_trim(field)));
    return value_builder_list(&b);
}

/* As strconv.ParseBool. */
static bool read_bool(struct str s, bool *out)
{
    static const char *const yes[] = { "1", "t", "T", "true", "TRUE", "True" }, *const no[] = {
        "0", "f", "F", "false", "FALSE", "False"
    };
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++) {
        *out = str_eq_c(s, yes[i]);
        if (*out || str_eq_c(s, no[i]))
            return true;
    }
    return false;
}

/* "A=true,B=false" over what is there. */
static struct value read_gates(struct arena *a, struct value base, struct str text)
{
    struct map gate;
    struct value_builder b;
    struct str field, name, value;
    bool on;
    map_init(&gate, a);
    for (uint32_t i = 0; base.kind == VALUE_MAP && i < base.n; i++) {
        struct value *v = arena_new(a, struct value);
        *v = base.as.map->entry[i].val;
        map_put(&gate, value_text(base.as.map->entry[i].key), v);
    }
    while (str_next_field(&text, ',', &field)) {
        bool given = str_cut(field, '=', &name, &value);
        struct value *v = arena_new(a, struct value);
        *v = given && read_bool(str_trim(value), &on) ? value_bool(on) : value_str(str_trim(value));
        if (str_trim(name).n)
            map_put(&gate, str_trim(name), v);
    }
    value_builder_init(&b, a);
    for (size_t i = 0; i < gate.count; i++)
        value_builder_put(&b, value_str(gate.entry[i].key), *(struct value *)gate.entry[i].val);
    return value_builder_map(&b);
}

static bool has_type(struct value v, enum kubelet_type type)
{
    static const uint8_t kind[] = { [KUBELET_BOOL] = VALUE_BOOL,
                                    [KUBELET_INT] = VALUE_INT,
                                    [KUBELET_STRING] = VALUE_STRING,
                                    [KUBELET_LIST] = VALUE_LIST,
                                    [KUBELET_MAP] = VALUE_MAP };
    for (uint32_t i = 0; type == KUBELET_LIST && v.kind == VALUE_LIST && i < v.n; i++)
        if (value_item(v, i).kind != VALUE_STRING)
            return false;
    for (uint32_t i = 0; type == KUBELET_MAP && v.kind == VALUE_MAP && i < v.n; i++)
        if (v.as.map->entry[i].val.kind != VALUE_BOOL)
            return false;
    return v.kind == kind[type];
}

/* With a value of another type, a time that is none, or an authorizer that kubelets do not have, a
 * kubelet does not start. Source: k8s.io/kubernetes pkg/kubelet/server/auth.go,
 * cmd/kubelet/app/auth.go. */
static struct value checked(struct reading *r, const struct kubelet_key_info *k, struct value v)
{
    int64_t ns;
    if (v.kind == VALUE_ERROR)
        return v;
    if (!has_type(v, k->type))
        return unavailable(r, k->path, "it has a type that the kubelet would refuse");
    if (k == &kubelet_key_info[KUBELET_IDLE_TIMEOUT] && value_text(v).n &&
        !duration_parse(value_text(v), &ns))
        return unavailable(r, k->path, "its text is not a time");
    if (k == &kubelet_key_info[KUBELET_AUTHORIZATION] && v.n &&
        !str_eq_c(value_text(v), "AlwaysAllow") && !str_eq_c(value_text(v), "Webhook"))
        return unavailable(r, k->path, "it is no authorization mode of a kubelet");
    return v;
}

/* Text, of a flag or of our own table, as the key's type; an error value when it is none. */
static struct value read_text(struct reading *r, const struct kubelet_key_info *k, struct str text,
                              struct value base)
{
    bool b;
    int64_t i;
    switch (k->type) {
    case KUBELET_BOOL:
        return read_bool(text, &b) ? value_bool(b)
                                   : unavailable(r, k->path, "its text is neither true nor false");
    case KUBELET_INT:
        return str_to_int64(text, &i) ? value_int(i)
                                      : unavailable(r, k->path, "its text is not a whole number");
    case KUBELET_STRING:
        return value_str(text);
    case KUBELET_LIST:
        return read_list(r->arena, text);
    case KUBELET_MAP:
        return read_gates(r->arena, base, text);
    }
    return value_null();
}

static const struct value *find(struct value config, struct str path)
{
    const struct value *at = &config;
    struct str field;
    while (at && str_next_field(&path, '.', &field))
        at = value_get(*at, field);
    return at;
}

/* An idle time-out of nothing in a file is taken for none given. Source: defaults.go, zeroDuration.
 */
static bool is_zero_time(struct str text)
{
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] >= '1' && text.p[i] <= '9')
            return false;
    return true;
}

static struct value zero_of(struct reading *r, const struct kubelet_key_info *k)
{
    switch (k->type) {
    case KUBELET_BOOL:
        return value_bool(false);
    case KUBELET_INT:
        return value_int(0);
    case KUBELET_STRING:
        return value_str(STR(""));
    case KUBELET_LIST:
        return value_list(NULL, 0);
    case KUBELET_MAP:
        return value_map(r->arena, NULL, 0);
    }
    return value_null();
}

static struct value from_config(struct reading *r, const struct kubelet_key_info *k)
{
    const struct value *v = find(r->config, str_from_c(k->path));
    bool in_file = r->origin != FROM_CONFIGZ;
    if (v && v->kind != VALUE_NULL && checked(r, k, *v).kind == VALUE_ERROR)
        return checked(r, k, *v);
    if (v && v->kind != VALUE_NULL && in_file && k == &kubelet_key_info[KUBELET_IDLE_TIMEOUT] &&
        is_zero_time(value_text(*v)))
        v = NULL;
    if (v && v->kind == VALUE_STRING && v->n == 0 && in_file)
        v = NULL;
    if (v && v->kind != VALUE_NULL)
        return *v;
    return in_file ? read_text(r, k, str_from_c(k->in_file), value_null()) : zero_of(r, k);
}

static struct value value_of(struct reading *r, const struct kubelet_key_info *k)
{
    const struct value *flag =
        r->origin == FROM_FLAGS ? value_get(r->flags, str_from_c(k->flag)) : NULL;
    if (r->origin != FROM_FLAGS)
        return from_config(r, k);
    bool seen = r->config.kind == VALUE_MAP;
    if (flag && value_is_error(*flag))
        return unavailable(r, k->path, "the kubelet would refuse the text of its flag");
    if (flag && flag->kind == VALUE_STRING && !(k->type == KUBELET_MAP && r->has_file && !seen))
        return checked(
            r, k,
            read_text(r, k, value_text(*flag),
                      k->type == KUBELET_MAP && seen ? from_config(r, k) : value_null()));
    if (!r->has_file)
        return read_text(r, k, str_from_c(k->by_flags), value_null());
    return seen ? from_config(r, k)
                : unavailable(
                      r, k->path,
                      "its command line names a configuration file (--config) that was not read");
}

/* The map behind prefix, from row *at on. */
static struct value build(struct reading *r, size_t *at, struct str prefix)
{
    struct value_builder b;
    value_builder_init(&b, r->arena);
    while (*at < KUBELET_KEY_COUNT &&
           str_has_prefix(str_from_c(kubelet_key_info[*at].path), prefix)) {
        const struct kubelet_key_info *k = &kubelet_key_info[*at];
        struct str path = str_from_c(k->path), rest = str_sub(path, prefix.n, path.n), head, tail;
        if (str_cut(rest, '.', &head, &tail)) {
            value_builder_put(&b, value_str(head),
                              build(r, at, str_sub(path, 0, prefix.n + head.n + 1)));
        } else {
            value_builder_put(&b, value_str(rest), value_of(r, k));
            ++*at;
        }
    }
    return value_builder_map(&b);
}

static struct value read_all(struct reading *r)
{
    size_t at = 0;
    return build(r, &at, (struct str){ 0 });
}

struct value kubelet_config_of_configz(struct arena *a, struct value config)
{
    return read_all(&(struct reading){ .arena = a, .origin = FROM_CONFIGZ, .config = config });
}

struct value kubelet_config_of_file(struct arena *a, struct value config)
{
    return read_all(&(struct reading){ .arena = a, .origin = FROM_FILE, .config = config });
}

struct value kubelet_config_of_flags(struct arena *a, struct value flags, const struct value *file)
{
    struct reading r = { .arena = a, .origin = FROM_FLAGS, .flags = flags };
    /* Drop-in files of --config-dir add to the file; they are not seen. */
    bool dropins = value_text_at(flags, "config-dir", NULL).n > 0;
    r.has_file = value_text_at(flags, "config", NULL).n > 0 || dropins;
    r.config = r.has_file && file && !dropins ? *file : value_null();
    return read_all(&r);
}

struct value kubelet_config_difference(struct arena *a, struct value one, struct value other)
{
    struct value_builder b;
    value_builder_init(&b, a);
    for (size_t i = 0; i < KUBELET_KEY_COUNT; i++) {
        struct str path = str_from_c(kubelet_key_info[i].path);
        const struct value *x = find(one, path), *y = find(other, path);
        if (!x || !y || !value_equal(*x, *y))
            value_builder_push(&b, value_str(path));
    }
    return value_builder_list(&b);
}
