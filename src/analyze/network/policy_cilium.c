/* Policies of Cilium (cilium.io/v2), as far as they are what NetworkPolicies are too: they let pods
 * in or out, told by their labels and namespaces, on ports told by number. Any other part (denials,
 * addresses, entities, names, layer 7 ...) leaves the whole policy not evaluated. Source:
 * docs.cilium.io, Layer 3 and Layer 4 examples, Policy enforcement modes; pkg/policy/api of
 * cilium/cilium. */
#include "analyze/network/policy.h"

#define NAMESPACE_KEY "io.kubernetes.pod.namespace"

/* Labels that are no part of a pod's identity are not matched (the agent's default filter), and
 * some are not a pod's own. */
static bool key_of(struct str *out, struct str key)
{
    static const char *const front[] = { "k8s:", "any:" };
    for (size_t i = 0; i < COUNT_OF(front); i++)
        if (str_has_prefix(key, str_from_c(front[i]))) {
            key = str_sub(key, strlen(front[i]), key.n);
            break;
        }
    *out = key;
    if (str_eq_c(key, NAMESPACE_KEY) || str_has_prefix(key, STR("app.kubernetes.io/")))
        return true;
    return key.n && !str_contains(key, STR(":")) && !str_contains(key, STR("kubernetes.io")) &&
           !str_contains(key, STR("k8s.io")) && !str_has_prefix(key, STR("io.cilium")) &&
           !str_has_prefix(key, STR("pod-template-")) && !str_has_prefix(key, STR("annotation")) &&
           !str_eq_c(key, "controller-revision-hash") && !str_eq_c(key, "etcd_node");
}

static bool read_labels(struct net_pods *out, struct value_builder *to, const struct value *labels,
                        bool fixed)
{
    if (net_absent(labels))
        return true;
    for (uint32_t i = 0; labels->kind == VALUE_MAP && i < labels->n; i++) {
        const struct value_entry *e = &labels->as.map->entry[i];
        struct str key;
        if (!key_of(&key, value_text(e->key)) || e->val.kind != VALUE_STRING)
            return false;
        if (!str_eq_c(key, NAMESPACE_KEY)) {
            value_builder_put(to, value_str(key), e->val);
            continue;
        }
        if (!value_text(e->val).n || (fixed && out->own.n && !str_eq(out->own, value_text(e->val))))
            return false; /* of a namespace that it cannot speak of */
        out->own = value_text(e->val);
    }
    return labels->kind == VALUE_MAP;
}

static bool read_expressions(struct value_builder *to, struct arena *a,
                             const struct value *expressions)
{
    if (net_absent(expressions))
        return true;
    for (uint32_t i = 0; expressions->kind == VALUE_LIST && i < expressions->n; i++) {
        struct value e = value_item(*expressions, i);
        const struct value *values = value_get(e, STR("values"));
        struct value_builder one;
        struct str key;
        if (!key_of(&key, value_text_at(e, "key", NULL)) || str_eq_c(key, NAMESPACE_KEY))
            return false;
        value_builder_init(&one, a);
        value_builder_set(&one, "key", value_str(key));
        value_builder_set(&one, "operator", value_str(value_text_at(e, "operator", NULL)));
        if (!net_absent(values))
            value_builder_set(&one, "values", *values);
        value_builder_push(to, value_builder_map(&one));
    }
    return expressions->kind == VALUE_LIST;
}

/* ns: of a policy of one namespace, whose selectors stay there unless they name another; fixed:
 * they cannot. */
static bool read_selector(struct net_pods *out, struct arena *a, const struct value *of,
                          struct str ns, bool fixed)
{
    struct value_builder labels, expressions, selector;
    *out = (struct net_pods){ .own = ns };
    if (net_absent(of) || of->kind != VALUE_MAP)
        return false;
    for (uint32_t i = 0; i < of->n; i++)
        if (!str_eq_c(value_text(of->as.map->entry[i].key), "matchLabels") &&
            !str_eq_c(value_text(of->as.map->entry[i].key), "matchExpressions"))
            return false;
    value_builder_init(&labels, a);
    value_builder_init(&expressions, a);
    value_builder_init(&selector, a);
    if (!read_labels(out, &labels, value_get(*of, STR("matchLabels")), fixed) ||
        !read_expressions(&expressions, a, value_get(*of, STR("matchExpressions"))))
        return false;
    value_builder_set(&selector, "matchLabels", value_builder_map(&labels));
    value_builder_set(&selector, "matchExpressions", value_builder_list(&expressions));
    out->pods = value_builder_map(&selector);
    return true;
}

static bool read_port(struct net_port *out, struct value of)
{
    static const char *const known[] = { "port", "protocol", "endPort" };
    const struct value *protocol = value_get(of, STR("protocol")),
                       *end = value_get(of, STR("endPort"));
    int64_t from, to;
    if (!net_only_keys(of, known, COUNT_OF(known)) ||
        !str_to_int64(value_text_at(of, "port", NULL), &from))
        return false;
    bool any = net_absent(protocol) || str_eq_c(value_text(*protocol), "ANY");
    *out = (struct net_port){ .protocol = any ? NET_PROTOCOLS
                                              : (uint8_t)net_protocol_of(value_text(*protocol)),
                              .from = 1,
                              .to = NET_PORT_MAX };
    to = net_absent(end) || (end->kind == VALUE_INT && end->as.i == 0) ? from
         : end->kind == VALUE_INT                                      ? end->as.i
                                                                       : -1;
    if ((!any && out->protocol == NET_PROTOCOLS) || from < 0 || from > NET_PORT_MAX || to < from ||
        to > NET_PORT_MAX)
        return false;
    if (from) { /* 0 is every port */
        out->from = (uint16_t)from;
        out->to = (uint16_t)to;
    }
    return from || to == from;
}

static bool read_ports(struct net_rule *r, struct arena *a, const struct value *list)
{
    static const char *const known[] = { "ports" };
    VEC(struct net_port) out = { 0 };
    r->any_port = net_no_list(list);
    for (uint32_t i = 0; !r->any_port && list->kind == VALUE_LIST && i < list->n; i++) {
        const struct value *ports = value_get(value_item(*list, i), STR("ports"));
        if (!net_only_keys(value_item(*list, i), known, COUNT_OF(known)) || net_no_list(ports) ||
            ports->kind != VALUE_LIST)
            return false;
        for (uint32_t k = 0; k < ports->n; k++)
            if (!read_port(VEC_PUSH(&out, a), value_item(*ports, k)))
                return false;
    }
    r->port = out.item;
    r->port_count = out.count;
    return r->any_port || list->kind == VALUE_LIST;
}

/* An empty rule lets nothing through; one with ports alone lets everyone. */
static bool read_rule(struct net_rule *r, struct arena *a, struct value of, const char *peers,
                      struct str ns)
{
    const char *const known[] = { peers, "toPorts" };
    const struct value *list = value_get(of, str_from_c(peers));
    if (!net_only_keys(of, known, COUNT_OF(known)) ||
        !read_ports(r, a, value_get(of, STR("toPorts"))))
        return false;
    r->any_peer = net_absent(list) && !r->any_port;
    if (net_absent(list))
        return true;
    if (list->kind != VALUE_LIST)
        return false;
    r->peer = arena_array(a, struct net_peer, list->n);
    for (uint32_t i = 0; i < list->n; i++) {
        r->peer[r->peer_count].kind = NET_PEER_PODS;
        struct value selector = value_item(*list, i);
        if (!read_selector(&r->peer[r->peer_count++].pods, a, &selector, ns, false))
            return false;
    }
    return true;
}

static bool read_direction(struct net_policy *p, struct arena *a, struct value spec,
                           enum net_direction d)
{
    const struct value *rules = value_get(spec, str_from_c(net_direction_name[d]));
    const struct value *denies = value_at(spec, "enableDefaultDeny", net_direction_name[d], NULL);
    if (!net_absent(denies) && denies->kind != VALUE_BOOL)
        return false;
    if (net_no_list(rules))
        return net_absent(denies); /* a default without rules: versions differ */
    if (rules->kind != VALUE_LIST)
        return false;
    p->applies[d] = true;
    p->isolates[d] = net_absent(denies) || denies->as.b;
    p->rules[d].item = arena_array(a, struct net_rule, rules->n);
    for (uint32_t i = 0; i < rules->n; i++) {
        struct net_rule *r = &p->rules[d].item[p->rules[d].count++];
        r->index = i;
        if (!read_rule(r, a, value_item(*rules, i),
                       d == NET_INGRESS ? "fromEndpoints" : "toEndpoints", p->ns))
            return false;
    }
    return true;
}

static void read_spec(struct net_policies *out, struct arena *a, enum kind kind,
                      struct value object, const struct value *spec)
{
    static const char *const known[] = { "endpointSelector",  "ingress",     "egress",
                                         "enableDefaultDeny", "description", "labels" };
    struct net_policy *p = net_policy_add(out, a, kind, object), read = *p;
    p->not_evaluated = STR("not evaluated: it has parts that NetworkPolicies have not");
    p->subject.own = p->ns;
    if (net_absent(spec) || spec->kind != VALUE_MAP ||
        !read_selector(&read.subject, a, value_get(*spec, STR("endpointSelector")), p->ns, true))
        return;
    p->subject = read.subject;
    if (net_only_keys(*spec, known, COUNT_OF(known)) &&
        read_direction(&read, a, *spec, NET_INGRESS) &&
        read_direction(&read, a, *spec, NET_EGRESS) &&
        (read.applies[NET_INGRESS] || read.applies[NET_EGRESS]))
        *p = read;
}

void net_read_cilium(struct net_policies *out, struct arena *a, enum kind kind, struct value object)
{
    const struct value *spec = value_get(object, STR("spec")),
                       *specs = value_get(object, STR("specs"));
    if (!net_absent(spec) || net_no_list(specs) || specs->kind != VALUE_LIST)
        read_spec(out, a, kind, object, spec);
    for (uint32_t i = 0; !net_no_list(specs) && specs->kind == VALUE_LIST && i < specs->n; i++)
        read_spec(out, a, kind, object, &specs->as.item[i]);
}
