/* The cluster administrator's policies (policy.networking.k8s.io): AdminNetworkPolicy and
 * BaselineAdminNetworkPolicy of v1alpha1, and ClusterNetworkPolicy of v1alpha2, which replaces
 * both. What names no peer that is known fails closed, as the API asks: it allows nothing and
 * denies everything. */
#include "analyze/network/policy.h"

static bool read_pods(struct net_pods *out, struct value of)
{
    const struct value *namespaces = value_get(of, STR("namespaces")),
                       *pods = value_get(of, STR("pods"));
    *out = (struct net_pods){ 0 };
    if (!net_absent(namespaces)) {
        out->namespaces = *namespaces;
        return true;
    }
    if (net_absent(pods))
        return false;
    const struct value *within = value_get(*pods, STR("namespaceSelector")),
                       *which = value_get(*pods, STR("podSelector"));
    out->namespaces = net_absent(within) ? value_null() : *within;
    out->pods = net_absent(which) ? value_null() : *which;
    return true;
}

static void add_networks(struct net_rule *r, const struct value *networks, bool *unknown)
{
    for (uint32_t i = 0; networks->kind == VALUE_LIST && i < networks->n; i++) {
        struct net_peer *p = &r->peer[r->peer_count];
        *p = (struct net_peer){ .kind = NET_PEER_ADDRESSES };
        if (cidr_parse(&p->cidr, value_text(value_item(*networks, i))))
            r->peer_count++;
        else
            *unknown = true;
    }
}

static bool is_out_of_sight(struct value peer)
{
    return !net_absent(value_get(peer, STR("nodes"))) ||
           !net_absent(value_get(peer, STR("domainNames")));
}

static size_t peers_most(struct value peers)
{
    size_t most = 0;
    for (uint32_t i = 0; i < peers.n; i++) {
        const struct value *networks = value_get(value_item(peers, i), STR("networks"));
        most += networks && networks->kind == VALUE_LIST ? networks->n + 1u : 1u;
    }
    return most;
}

static void read_peers(struct net_rule *r, struct arena *a, const struct value *peers)
{
    bool unknown = net_no_list(peers) || peers->kind != VALUE_LIST;
    r->peer = arena_array(a, struct net_peer, unknown ? 0 : peers_most(*peers));
    for (uint32_t i = 0; !unknown && i < peers->n; i++) {
        struct value peer = value_item(*peers, i);
        const struct value *networks = value_get(peer, STR("networks"));
        struct net_pods pods;
        if (read_pods(&pods, peer)) {
            r->peer[r->peer_count++] = (struct net_peer){ .kind = NET_PEER_PODS, .pods = pods };
        } else if (!net_absent(networks)) {
            add_networks(r, networks, &unknown);
        } else if (is_out_of_sight(peer)) {
            r->peer[r->peer_count++] = (struct net_peer){ .kind = NET_PEER_OUT_OF_SIGHT };
            r->doubtful = true;
        } else {
            unknown = true;
        }
    }
    if (unknown && r->action == NET_ALLOW)
        r->peer_count = 0;
    if (unknown && r->action != NET_ALLOW) {
        r->action = NET_DENY;
        r->any_peer = r->any_port = true;
    }
}

static bool add_span(struct net_rule *r, enum net_protocol protocol, int64_t from, int64_t to)
{
    if (protocol == NET_PROTOCOLS || from < 1 || to > NET_PORT_MAX || from > to)
        return false;
    r->port[r->port_count++] = (struct net_port){ .protocol = (uint8_t)protocol,
                                                  .from = (uint16_t)from,
                                                  .to = (uint16_t)to };
    return true;
}

static void add_name(struct net_rule *r, struct str name)
{
    r->port[r->port_count++] = (struct net_port){ .protocol = NET_PROTOCOLS, .name = name };
}

static bool protocol_at(enum net_protocol *out, struct value of)
{
    const struct value *protocol = value_get(of, STR("protocol"));
    *out = net_absent(protocol) ? NET_TCP : net_protocol_of(value_text(*protocol));
    return *out < NET_PROTOCOLS;
}

/* v1alpha1: portNumber, portRange or namedPort. */
static bool read_port(struct net_rule *r, struct value port)
{
    const struct value *number = value_get(port, STR("portNumber")),
                       *range = value_get(port, STR("portRange"));
    struct str name = value_text_at(port, "namedPort", NULL);
    enum net_protocol protocol;
    if (!net_absent(number)) {
        int64_t n = value_int_at(*number, 0, "port", NULL);
        return protocol_at(&protocol, *number) && add_span(r, protocol, n, n);
    }
    if (!net_absent(range))
        return protocol_at(&protocol, *range) &&
               add_span(r, protocol, value_int_at(*range, 0, "start", NULL),
                        value_int_at(*range, 0, "end", NULL));
    if (name.n)
        add_name(r, name);
    return name.n > 0;
}

/* v1alpha2: one of tcp, udp, sctp, each with a destinationPort or for all ports, or
 * destinationNamedPort. */
static bool read_protocol(struct net_rule *r, struct value of)
{
    static const char *const key[NET_PROTOCOLS] = { "tcp", "udp", "sctp" };
    struct str name = value_text_at(of, "destinationNamedPort", NULL);
    if (name.n) {
        add_name(r, name);
        return true;
    }
    for (size_t p = 0; p < NET_PROTOCOLS; p++) {
        const struct value *each = value_get(of, str_from_c(key[p]));
        if (net_absent(each))
            continue;
        const struct value *port = value_get(*each, STR("destinationPort"));
        if (net_absent(port))
            return add_span(r, (enum net_protocol)p, 1, NET_PORT_MAX);
        int64_t n = value_int_at(*port, 0, "number", NULL);
        if (n)
            return add_span(r, (enum net_protocol)p, n, n);
        return add_span(r, (enum net_protocol)p, value_int_at(*port, 0, "range", "start", NULL),
                        value_int_at(*port, 0, "range", "end", NULL));
    }
    return false;
}

static void read_ports(struct net_rule *r, struct arena *a, struct value rule)
{
    const struct value *ports = value_get(rule, STR("ports")),
                       *protocols = value_get(rule, STR("protocols"));
    const struct value *list = net_absent(ports) ? protocols : ports;
    bool known = true;
    if (r->any_port)
        return;
    r->any_port = net_no_list(list);
    r->port = arena_array(a, struct net_port, r->any_port ? 0 : list->n);
    for (uint32_t i = 0; !r->any_port && list->kind == VALUE_LIST && i < list->n; i++)
        known &= list == ports ? read_port(r, value_item(*list, i))
                               : read_protocol(r, value_item(*list, i));
    if (!known && r->action == NET_ALLOW)
        r->peer_count = 0;
    if (!known && r->action != NET_ALLOW) {
        r->action = NET_DENY;
        r->any_peer = r->any_port = true;
    }
}

static enum net_action action_of(struct str text)
{
    if (str_eq_c(text, "Allow") || str_eq_c(text, "Accept"))
        return NET_ALLOW;
    return str_eq_c(text, "Pass") ? NET_PASS : NET_DENY;
}

static struct net_rules read_rules(struct arena *a, const struct value *rules, const char *peers)
{
    size_t count = rules && rules->kind == VALUE_LIST ? rules->n : 0;
    struct net_rules out = { arena_array(a, struct net_rule, count), 0 };
    for (uint32_t i = 0; i < count; i++) {
        struct value rule = value_item(*rules, i);
        struct net_rule *r = &out.item[out.count++];
        r->index = i;
        r->name = value_text_at(rule, "name", NULL);
        r->action = action_of(value_text_at(rule, "action", NULL));
        read_peers(r, a, value_get(rule, str_from_c(peers)));
        read_ports(r, a, rule);
    }
    return out;
}

void net_read_admin(struct net_policies *out, struct arena *a, enum kind kind, struct value object)
{
    struct net_policy *p = net_policy_add(out, a, kind, object);
    const struct value *spec = value_get(object, STR("spec"));
    const struct value *subject = spec ? value_get(*spec, STR("subject")) : NULL;
    bool baseline = kind == KIND_BASELINENETWORKPOLICIES ||
                    (kind == KIND_CLUSTERNETWORKPOLICIES &&
                     str_eq_c(value_text_at(object, "spec", "tier", NULL), "Baseline"));
    p->tier = baseline ? NET_BASELINE : NET_ADMIN;
    p->order = (double)value_int_at(object, 0, "spec", "priority", NULL);
    if (net_absent(subject) || !read_pods(&p->subject, *subject))
        return;
    p->rules[NET_INGRESS] = read_rules(a, value_get(*spec, STR("ingress")), "from");
    p->rules[NET_EGRESS] = read_rules(a, value_get(*spec, STR("egress")), "to");
    for (size_t d = 0; d < NET_DIRECTIONS; d++)
        p->applies[d] = p->rules[d].count > 0;
}
