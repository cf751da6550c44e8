/* Rules that let everybody's pods in without saying so: all namespaces that there are, and any that
 * somebody may yet make. */
#include "analyze/network/strangers.h"
#include "cluster/selector.h"

#define NAME_LABEL "kubernetes.io/metadata.name"

/* Of no label but its name. */
static struct net_namespace bare_namespace(struct arena *a, const char *name)
{
    struct value_builder labels;
    value_builder_init(&labels, a);
    value_builder_set(&labels, NAME_LABEL, value_cstr(name));
    return (struct net_namespace){ .name = str_from_c(name), .labels = value_builder_map(&labels) };
}

/* Says only what labels must not be: whoever makes a pod without labels is let in. */
static bool only_excludes(struct value pods)
{
    const struct value *labels = value_get(pods, STR("matchLabels")),
                       *expressions = value_get(pods, STR("matchExpressions"));
    if (pods.kind != VALUE_MAP || (labels && labels->n))
        return false;
    for (uint32_t i = 0; expressions && expressions->kind == VALUE_LIST && i < expressions->n;
         i++) {
        struct str op = value_text_at(value_item(*expressions, i), "operator", NULL);
        if (!str_eq_c(op, "NotIn") && !str_eq_c(op, "DoesNotExist"))
            return false;
    }
    return selector_matches(pods, value_null());
}

/* Every pod that there is, of whatever namespace, and one without labels. */
static bool takes_every_pod(const struct network *n, struct value pods)
{
    if (pods.kind == VALUE_NULL || selector_is_everything(pods))
        return true;
    if (!only_excludes(pods))
        return false;
    for (size_t i = 0; i < n->klass.count; i++)
        if (!n->klass.item[i].end.host_network &&
            !selector_matches(pods, n->klass.item[i].end.labels))
            return false;
    return true;
}

static bool takes_namespace(const struct net_peer *p, const struct net_namespace *s)
{
    if (p->pods.own.n)
        return str_eq(p->pods.own, s->name);
    return p->pods.namespaces.kind == VALUE_NULL || selector_matches(p->pods.namespaces, s->labels);
}

static bool rule_takes(const struct network *n, const struct net_rule *r,
                       const struct net_namespace *s)
{
    for (size_t i = 0; i < r->peer_count; i++)
        if (r->peer[i].kind == NET_PEER_PODS && takes_namespace(&r->peer[i], s) &&
            takes_every_pod(n, r->peer[i].pods.pods))
            return true;
    return false;
}

static struct port_set ports_for(const struct network *n, const struct net_letting *letting,
                                 size_t count, const struct net_namespace *s, struct arena *a)
{
    struct port_set ports = { 0 };
    for (size_t i = 0; i < count; i++)
        if (rule_takes(n, letting[i].rule, s))
            ports = ports_union(a, ports, letting[i].ports);
    return ports;
}

struct port_set net_ports_for_everyone(const struct network *n, const struct net_letting *letting,
                                       size_t count, struct arena *a)
{
    static const char *const always[] = { "default", "kube-node-lease", "kube-public",
                                          "kube-system" };
    /* no namespace has a dot in its name */
    struct net_namespace nobodys = bare_namespace(a, "strangers.invalid");
    /* Most rules name what they let in: for them a stranger is all that is asked. */
    struct port_set ports = ports_for(n, letting, count, &nobodys, a);
    for (size_t i = 0; ports.count && i < COUNT_OF(always); i++) {
        struct net_namespace bare = bare_namespace(a, always[i]);
        const struct net_namespace *known = map_get(&n->space, bare.name);
        if (!known || !known->listed)
            ports = ports_both(a, ports, ports_for(n, letting, count, &bare, a));
    }
    for (size_t i = 0; ports.count && i < n->space.count; i++) {
        const struct net_namespace *s = n->space.entry[i].val;
        if (s->listed)
            ports = ports_both(a, ports, ports_for(n, letting, count, s, a));
    }
    return ports;
}
