/* NetworkPolicies (networking.k8s.io/v1) as rules, and which reader another API's policy has. */
#include "analyze/network/policy.h"

#include "base/map.h"
#include "base/names.h"

const char *const net_direction_name[NET_DIRECTIONS] = { "ingress", "egress" };
const char *const net_action_name[] = { "allows", "denies", "passes" };

static const struct {
    enum kind kind;
    void (*read)(struct net_policies *out, struct arena *a, enum kind kind, struct value object);
} reader[] = {
    { KIND_NETWORKPOLICIES, net_read_plain },
    { KIND_ADMINNETWORKPOLICIES, net_read_admin },
    { KIND_BASELINENETWORKPOLICIES, net_read_admin },
    { KIND_CLUSTERNETWORKPOLICIES, net_read_admin },
    { KIND_CILIUMNETWORKPOLICIES, net_read_cilium },
    { KIND_CILIUMCLUSTERWIDEPOLICIES, net_read_cilium },
    { KIND_CALICONETWORKPOLICIES, net_read_calico },
    { KIND_CALICOGLOBALPOLICIES, net_read_calico },
    { KIND_CALICOV3NETWORKPOLICIES, net_read_calico },
    { KIND_CALICOV3GLOBALPOLICIES, net_read_calico },
};

bool net_kind_is_policy(enum kind k)
{
    for (size_t i = 0; i < COUNT_OF(reader); i++)
        if (reader[i].kind == k)
            return true;
    return false;
}

enum net_vendor net_kind_vendor(enum kind k)
{
    for (size_t i = 0; i < COUNT_OF(reader); i++)
        if (reader[i].kind == k)
            return reader[i].read == net_read_cilium   ? NET_OF_CILIUM
                   : reader[i].read == net_read_calico ? NET_OF_CALICO
                                                       : NET_OF_ALL;
    return NET_OF_ALL;
}

void net_policy_read(struct net_policies *out, struct arena *a, enum kind kind, struct value object)
{
    for (size_t i = 0; i < COUNT_OF(reader); i++)
        if (reader[i].kind == kind)
            reader[i].read(out, a, kind, object);
}

struct net_policy *net_policy_add(struct net_policies *out, struct arena *a, enum kind kind,
                                  struct value object)
{
    if (out->count == out->cap)
        out->item = vec_grow(a, out->item, &out->cap, sizeof *out->item);
    struct net_policy *p = &out->item[out->count++];
    *p = (struct net_policy){ .kind = kind,
                              .object = object,
                              .ns = value_text_at(object, "metadata", "namespace", NULL),
                              .name = value_text_at(object, "metadata", "name", NULL),
                              .tier = NET_PLAIN,
                              .order = NET_ORDER_PLAIN };
    return p;
}

struct str net_policy_text(struct arena *a, const struct net_policy *p)
{
    const char *kind = kind_info(p->kind)->name;
    return p->ns.n ? str_printf(a, "%s %.*s/%.*s", kind, STR_ARG(p->ns), STR_ARG(p->name))
                   : str_printf(a, "%s %.*s", kind, STR_ARG(p->name));
}

bool net_absent(const struct value *v)
{
    return !v || v->kind == VALUE_NULL;
}

bool net_no_list(const struct value *v)
{
    return net_absent(v) || (v->kind == VALUE_LIST && v->n == 0);
}

bool net_only_keys(struct value map, const char *const *key, size_t count)
{
    if (map.kind == VALUE_NULL)
        return true;
    for (uint32_t i = 0; map.kind == VALUE_MAP && i < map.n; i++)
        if (map.as.map->entry[i].val.kind != VALUE_NULL &&
            names_find(key, count, value_text(map.as.map->entry[i].key)) < 0)
            return false;
    return map.kind == VALUE_MAP;
}

/* ---- one rule */

/* False: malformed, which must not be taken for less than everyone. */
static bool read_peer(struct net_peer *out, struct str ns, struct value peer)
{
    const struct value *block = value_get(peer, STR("ipBlock"));
    const struct value *namespaces = value_get(peer, STR("namespaceSelector")),
                       *pods = value_get(peer, STR("podSelector"));
    *out = (struct net_peer){ .kind = NET_PEER_PODS };
    if (peer.kind != VALUE_MAP)
        return false;
    if (!net_absent(block)) {
        const struct value *except = value_get(*block, STR("except"));
        out->kind = NET_PEER_ADDRESSES;
        out->except = net_no_list(except) ? value_null() : *except;
        return cidr_parse(&out->cidr, value_text_at(*block, "cidr", NULL));
    }
    if (net_absent(namespaces) && net_absent(pods))
        return false;
    if (net_absent(namespaces))
        out->pods.own = ns;
    else
        out->pods.namespaces = *namespaces;
    out->pods.pods = net_absent(pods) ? value_null() : *pods;
    return (net_absent(namespaces) || namespaces->kind == VALUE_MAP) &&
           (net_absent(pods) || pods->kind == VALUE_MAP);
}

/* False: malformed. A port of a protocol that is none of ours is left out by the caller. */
static bool read_port(struct net_port *out, struct value port)
{
    const struct value *protocol = value_get(port, STR("protocol")),
                       *number = value_get(port, STR("port"));
    const struct value *end = value_get(port, STR("endPort"));
    *out = (struct net_port){ .from = 1, .to = NET_PORT_MAX };
    out->protocol =
        net_absent(protocol) ? NET_TCP : (uint8_t)net_protocol_of(value_text(*protocol));
    if (port.kind != VALUE_MAP || (!net_absent(protocol) && protocol->kind != VALUE_STRING))
        return false;
    if (net_absent(number))
        return true;
    if (number->kind == VALUE_STRING) {
        out->name = value_text(*number);
        return true;
    }
    int64_t from = number->kind == VALUE_INT ? number->as.i : 0, to = net_absent(end) ? from
                                                                      : end->kind == VALUE_INT
                                                                          ? end->as.i
                                                                          : 0;
    if (from < 1 || from > NET_PORT_MAX || to < 1 || to > NET_PORT_MAX)
        return false;
    out->from = (uint16_t)from;
    out->to = (uint16_t)to;
    return true;
}

static void read_peers(struct net_rule *r, struct arena *a, struct str ns,
                       const struct value *peers)
{
    VEC(struct net_peer) out = { 0 };
    r->any_peer = net_no_list(peers) || peers->kind != VALUE_LIST;
    for (uint32_t i = 0; !r->any_peer && i < peers->n; i++)
        if (!i || !value_equal(value_item(*peers, i), value_item(*peers, i - 1)))
            r->any_peer = !read_peer(VEC_PUSH(&out, a), ns, value_item(*peers, i));
    r->peer = out.item;
    r->peer_count = out.count;
}

static void read_ports(struct net_rule *r, struct arena *a, const struct value *ports)
{
    r->any_port = net_no_list(ports) || ports->kind != VALUE_LIST;
    r->port = arena_array(a, struct net_port, r->any_port ? 0 : ports->n);
    for (uint32_t i = 0; !r->any_port && i < ports->n; i++) {
        struct net_port port;
        r->any_port = !read_port(&port, value_item(*ports, i));
        if (port.protocol < NET_PROTOCOLS)
            r->port[r->port_count++] = port;
    }
}

/* ---- all rules of a direction: equal ones once, and nothing beside one that lets everyone through
 */

static bool is_open(const struct net_rule *r)
{
    return r->any_peer && r->any_port;
}

static bool is_empty_rule(struct value rule)
{
    return rule.kind != VALUE_MAP || rule.n == 0;
}

/* Has this rule been read before? Neighbours are compared first: that is what a generated list
 * repeats. */
static bool is_repeated(struct map *seen, struct value list, uint32_t i)
{
    uint8_t digest[32];
    bool created;
    if (i && value_equal(value_item(list, i), value_item(list, i - 1)))
        return true;
    value_digest(value_item(list, i), digest);
    void **at = map_at(seen, str_of((const char *)digest, sizeof digest), &created);
    *at = seen;
    return !created;
}

static struct net_rules read_rules(struct arena *a, struct str ns, const struct value *rules,
                                   const char *peers)
{
    VEC(struct net_rule) out = { 0 };
    struct arena keys CLEANUP(arena_release) = { 0 };
    struct map seen;
    map_init(&seen, &keys);
    for (uint32_t i = 0; rules && rules->kind == VALUE_LIST && i < rules->n; i++) {
        struct value rule = value_item(*rules, i);
        if (!is_empty_rule(rule) && is_repeated(&seen, *rules, i))
            continue;
        struct net_rule r = { .index = i, .any_peer = true, .any_port = true };
        if (rule.kind == VALUE_MAP) {
            r.any_peer = r.any_port = false;
            read_peers(&r, a, ns, value_get(rule, str_from_c(peers)));
            read_ports(&r, a, value_get(rule, STR("ports")));
        }
        if (is_open(&r)) {
            out.count = 0;
            *VEC_PUSH(&out, a) = r;
            break;
        }
        *VEC_PUSH(&out, a) = r;
    }
    return (struct net_rules){ out.item, out.count };
}

/* policyTypes when it is missing: ingress always, egress if there are rules for it.
 * Source: kubernetes.io, Network Policies. */
static void read_types(bool applies[NET_DIRECTIONS], struct value spec)
{
    const struct value *types = value_get(spec, STR("policyTypes"));
    if (net_no_list(types)) {
        applies[NET_INGRESS] = true;
        applies[NET_EGRESS] = !net_no_list(value_get(spec, STR("egress")));
        return;
    }
    for (uint32_t i = 0; types->kind == VALUE_LIST && i < types->n; i++) {
        applies[NET_INGRESS] |= str_eq_c(value_text(value_item(*types, i)), "Ingress");
        applies[NET_EGRESS] |= str_eq_c(value_text(value_item(*types, i)), "Egress");
    }
}

void net_read_plain(struct net_policies *out, struct arena *a, enum kind kind, struct value object)
{
    struct net_policy *p = net_policy_add(out, a, kind, object);
    const struct value *spec = value_get(object, STR("spec"));
    p->subject.own = p->ns;
    if (net_absent(spec) || spec->kind != VALUE_MAP)
        return; /* isolates nothing that we can tell */
    const struct value *selector = value_get(*spec, STR("podSelector"));
    p->subject.pods = net_absent(selector) ? value_null() : *selector;
    read_types(p->applies, *spec);
    memcpy(p->isolates, p->applies, sizeof p->isolates);
    if (p->applies[NET_INGRESS])
        p->rules[NET_INGRESS] = read_rules(a, p->ns, value_get(*spec, STR("ingress")), "from");
    if (p->applies[NET_EGRESS])
        p->rules[NET_EGRESS] = read_rules(a, p->ns, value_get(*spec, STR("egress")), "to");
}
