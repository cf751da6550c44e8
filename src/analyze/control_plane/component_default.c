/* What is in force where a command line does not say. */
#include "analyze/control_plane/component.h"

#include "base/map.h"

#define FIRST 0
#define LAST  INT32_MAX

static const struct {
    enum component_kind kind;
    const char *flag;
    int from, to;
    const char *value;
} row[] = {
#define DEFAULT(component, flag, from, to, value) { COMPONENT_##component, flag, from, to, value },
#include "analyze/control_plane/component_default.def"
#undef DEFAULT
};
#define ROWS (sizeof row / sizeof *row)

/* Flags with which another one has no default: both are never in force. */
static bool is_replaced(const struct component *c, const char *flag, struct value known)
{
    const struct value *config = value_get(known, STR("authorization-config"));
    return c->kind == COMPONENT_APISERVER && !strcmp(flag, "authorization-mode") && config &&
           (config->kind != VALUE_STRING || value_text(*config).n);
}

/* The scheduler reads profiling from its file when it has one, and ignores the flag. Source:
 * k8s.io/kubernetes cmd/kube-scheduler/app/options/deprecated.go. */
static bool is_in_file(const struct component *c, const char *flag, struct value known)
{
    return c->kind == COMPONENT_SCHEDULER && !strcmp(flag, "profiling") &&
           value_text_at(known, "config", NULL).n;
}

static struct value default_of(struct arena *a, size_t at, int minor)
{
    if (minor < 0 && (row[at].from != FIRST || row[at].to != LAST))
        return value_error(a, VALUE_ERROR_UNAVAILABLE, UINT32_MAX,
                           "--%s is not given and its default depends on the version, which is not "
                           "known (nonResourceURLs /version: get)",
                           row[at].flag);
    return value_cstr(row[at].value);
}

static bool is_row_of(const struct component *c, size_t at, int minor)
{
    if (row[at].kind != c->kind)
        return false;
    /* of a version that is not known one row stands for all: the flag's first */
    return minor < 0 ? at == 0 || row[at - 1].kind != c->kind ||
                           strcmp(row[at - 1].flag, row[at].flag) != 0
                     : row[at].from <= minor && minor <= row[at].to;
}

/* Whether /flagz shows what would be there if nothing had been given; on a pod's instance the
 * command line tells. */
static bool is_at_default(const struct component *c, const char *flag, struct value seen,
                          struct value def)
{
    if (c->given.kind == VALUE_MAP)
        return !value_get(c->given, str_from_c(flag));
    if (c->in_force.kind != VALUE_MAP)
        return false;
    return seen.kind == VALUE_STRING && def.kind == VALUE_STRING &&
           str_eq(value_text(seen), value_text(def));
}

struct value component_effective(struct arena *a, const struct component *c, int minor,
                                 struct value *defaulted)
{
    struct value known = c->in_force.kind == VALUE_MAP ? c->in_force : c->flags;
    struct value_builder b, names;
    value_builder_init(&b, a);
    value_builder_init(&names, a);
    for (size_t i = 0; c->source != COMPONENT_FROM_KUBEADM && i < ROWS; i++) {
        if (!is_row_of(c, i, minor) || is_replaced(c, row[i].flag, known))
            continue;
        const struct value *seen = value_get(known, str_from_c(row[i].flag));
        bool said = seen && (seen->kind != VALUE_STRING || value_text(*seen).n ||
                             c->in_force.kind != VALUE_MAP);
        struct value def = default_of(a, i, minor);
        if (is_in_file(c, row[i].flag, known)) {
            value_builder_put(&b, value_cstr(row[i].flag),
                              value_error(a, VALUE_ERROR_UNAVAILABLE, UINT32_MAX,
                                          "--%s is ignored beside --config; what that file says is "
                                          "not visible through the API: look at it on the node",
                                          row[i].flag));
            continue;
        }
        if (!said)
            value_builder_put(&b, value_cstr(row[i].flag), def);
        if (!said || is_at_default(c, row[i].flag, *seen, def))
            value_builder_push(&names, value_cstr(row[i].flag));
    }
    struct value added = value_builder_map(&b);
    for (uint32_t i = 0; known.kind == VALUE_MAP && i < known.n; i++)
        if (!value_get(added, value_text(known.as.map->entry[i].key)))
            value_builder_put(&b, known.as.map->entry[i].key, known.as.map->entry[i].val);
    *defaulted = value_builder_list(&names);
    return value_builder_map(&b);
}
