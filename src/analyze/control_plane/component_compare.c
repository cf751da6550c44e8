/* Instances of one component beside each other: they should be configured alike. */
#include "analyze/control_plane/component.h"

#include "value/taint.h"

/* What every instance has of its own. */
static const char *const own_flag[] = {
    "advertise-address",
    "advertise-client-urls",
    "bind-address",
    "external-hostname",
    "initial-advertise-peer-urls",
    "initial-cluster",
    "initial-cluster-state",
    "listen-client-http-urls",
    "listen-client-urls",
    "listen-metrics-urls",
    "listen-peer-urls",
    "name",
    "peer-advertise-ip",
};

static bool is_own(struct str flag)
{
    for (size_t i = 0; i < sizeof own_flag / sizeof *own_flag; i++)
        if (str_eq_c(flag, own_flag[i]))
            return true;
    return false;
}

/* The command line as flags; null where it is not known, or is another source's. */
static struct value command_line(const struct component *c)
{
    if (c->source != COMPONENT_FROM_POD || c->doubt.n)
        return value_null();
    return c->in_force.kind == VALUE_MAP ? c->given : c->flags;
}

static void add_difference(struct arena *a, struct value_builder *out, struct str flag,
                           const struct value *mine, const struct value *theirs,
                           const struct component *other)
{
    struct str text = component_text(a, other), here = mine ? value_text(*mine) : STR("(not set)");
    struct str there = theirs ? value_text(*theirs) : STR("(not set)");
    if (is_own(flag) || str_eq(here, there))
        return;
    if (mine && taint_is(*mine))
        here = taint_text(a, *mine);
    if (theirs && taint_is(*theirs))
        there = taint_text(a, *theirs);
    value_builder_push(out,
                       value_str(str_printf(a, "--%.*s is %.*s, but %.*s in %.*s", STR_ARG(flag),
                                            STR_ARG(here), STR_ARG(there), STR_ARG(text))));
}

struct value component_differences(struct arena *a, const struct component_list *list,
                                   const struct component *c)
{
    struct value_builder out;
    struct value mine = command_line(c);
    value_builder_init(&out, a);
    for (size_t i = 0; mine.kind == VALUE_MAP && i < list->found.count; i++) {
        const struct component *other = &list->found.item[i];
        struct value theirs = command_line(other);
        if (other->kind != c->kind || (str_eq(other->ns, c->ns) && str_eq(other->pod, c->pod)) ||
            theirs.kind != VALUE_MAP)
            continue;
        for (uint32_t k = 0; k < mine.n; k++) {
            struct str flag = value_text(mine.as.map->entry[k].key);
            add_difference(a, &out, flag, &mine.as.map->entry[k].val, value_get(theirs, flag),
                           other);
        }
        for (uint32_t k = 0; k < theirs.n; k++) {
            struct str flag = value_text(theirs.as.map->entry[k].key);
            if (!value_get(mine, flag))
                add_difference(a, &out, flag, NULL, &theirs.as.map->entry[k].val, other);
        }
    }
    return value_builder_list(&out);
}
