/* Network policies against a plain reading of them: generated policies and pods, pod by pod and port by port, and classes against their
 * pods.
 *
 * The reading here is written from the API's documentation and shares no code with the evaluator but labels and addresses of objects. */
#include "analyze/network/network.h"
#include "base/buf.h"
#include "unit/from_yaml.h"

#define WORLDS    400
#define PODS_MAX  14
#define PORTS     7
#define ADDRESSES 6

static uint64_t seed;
static uint32_t dice(uint32_t sides)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(seed >> 33) % sides;
}

static struct arena arena;

static void teardown(void)
{
    arena_release(&arena);
}

/* ---- generated objects, as text */

static const char *const space_name[] = { "a", "b", "c" };
static const char *const key[] = { "app", "tier", "x" };
static const char *const word[] = { "r", "s", "t" };
static const char *const protocol[] = { "TCP", "UDP", "SCTP" };
static const char *const port_name[] = { "web", "dns" };
static const struct {
    const char *protocol;
    int number;
} port_asked[PORTS] = { { "TCP", 80 }, { "TCP", 81 }, { "TCP", 443 }, { "UDP", 53 }, { "UDP", 80 }, { "SCTP", 80 }, { "TCP", 65535 } };
static const char *const address[ADDRESSES] = { "10.1.2.3", "10.2.0.1", "192.168.0.7", "8.8.8.8", "2001:db8::1", "fd00::1" };
static const char *const block[] = { "10.0.0.0/8", "10.1.0.0/16",    "0.0.0.0/0",   "5.5.5.5/0", "::/0",
                                     "fd00::/8",   "192.168.0.7/32", "128.0.0.0/1", "0.0.0.0/1" };

static void add(struct buf *out, const char *text)
{
    buf_add_c(out, text);
}

static void add_labels(struct buf *out)
{
    add(out, "{");
    for (size_t k = 0, n = 0; k < 3; k++)
        if (dice(2))
            buf_addf(out, "%s%s: %s", n++ ? ", " : "", key[k], word[dice(3)]);
    add(out, "}");
}

static void add_selector(struct buf *out)
{
    switch (dice(6)) {
    case 0:
    case 1:
        add(out, "{}");
        return;
    case 2:
        buf_addf(out, "{matchLabels: {%s: %s}}", key[dice(3)], word[dice(3)]);
        return;
    case 3:
        buf_addf(out, "{matchExpressions: [{key: %s, operator: %s, values: [%s, %s]}]}", key[dice(3)], dice(2) ? "In" : "NotIn",
                 word[dice(2)], word[2]);
        return;
    case 4:
        buf_addf(out, "{matchExpressions: [{key: %s, operator: %s}]}", key[dice(3)], dice(2) ? "Exists" : "DoesNotExist");
        return;
    default:
        buf_addf(out, "{matchLabels: {%s: %s}, matchExpressions: [{key: %s, operator: Exists}]}", key[dice(3)], word[dice(3)],
                 key[dice(3)]);
    }
}

static void add_plain_peer(struct buf *out)
{
    uint32_t which = dice(5);
    add(out, "{");
    if (which == 0)
        buf_addf(out, "ipBlock: {cidr: '%s'%s}", block[dice(9)], dice(2) ? ", except: [10.1.2.0/24]" : "");
    if (which == 1 || which == 2)
        add(out, "podSelector: ");
    if (which == 1 || which == 2)
        add_selector(out);
    if (which > 1)
        add(out, which == 2 ? ", namespaceSelector: " : "namespaceSelector: ");
    if (which > 1)
        add_selector(out);
    add(out, "}");
}

static void add_plain_port(struct buf *out)
{
    uint32_t which = dice(5);
    if (which == 0)
        buf_addf(out, "{protocol: %s}", protocol[dice(3)]);
    else if (which == 1)
        buf_addf(out, "{port: %s%s}", port_name[dice(2)], dice(2) ? ", protocol: UDP" : "");
    else if (which == 2)
        buf_addf(out, "{port: 79, endPort: %u, protocol: %s}", 79 + dice(500), protocol[dice(3)]);
    else
        buf_addf(out, "{port: %d, protocol: %s}", port_asked[dice(PORTS)].number, protocol[dice(3)]);
}

static void add_list(struct buf *out, const char *name, uint32_t count, void (*item)(struct buf *out))
{
    buf_addf(out, "%s: [", name);
    for (uint32_t i = 0; i < count; i++) {
        add(out, i ? ", " : "");
        item(out);
    }
    add(out, "]");
}

static void add_plain_rule(struct buf *out, const char *peers)
{
    bool with_peers = dice(5) > 0;
    add(out, "{");
    if (with_peers)
        add_list(out, peers, dice(3), add_plain_peer);
    if (dice(2)) {
        add(out, with_peers ? ", " : "");
        add_list(out, "ports", dice(3), add_plain_port);
    }
    add(out, "}");
}
static void add_from_rule(struct buf *out)
{
    add_plain_rule(out, "from");
}
static void add_to_rule(struct buf *out)
{
    add_plain_rule(out, "to");
}

static const char *add_plain(struct buf *out, size_t i)
{
    static const char *const types[] = { "", ", policyTypes: [Ingress]", ", policyTypes: [Egress]", ", policyTypes: [Ingress, Egress]" };
    buf_reset(out);
    buf_addf(out, "{metadata: {name: p%zu, namespace: %s}, spec: {podSelector: ", i, space_name[dice(3)]);
    add_selector(out);
    buf_addf(out, "%s, ", types[dice(4)]);
    add_list(out, "ingress", dice(3), add_from_rule);
    add(out, ", ");
    add_list(out, "egress", dice(3), add_to_rule);
    add(out, "}}");
    return str_to_c(&arena, buf_str(out));
}

static void add_admin_subject(struct buf *out)
{
    bool pods = dice(2);
    add(out, pods ? "{pods: {namespaceSelector: " : "{namespaces: ");
    add_selector(out);
    if (pods) {
        add(out, ", podSelector: ");
        add_selector(out);
        add(out, "}");
    }
    add(out, "}");
}

static bool is_egress, is_baseline;
static void add_admin_peer(struct buf *out)
{
    if (is_egress && !dice(3))
        buf_addf(out, "{networks: ['%s']}", block[dice(9)]);
    else
        add_admin_subject(out);
}

static void add_admin_port(struct buf *out)
{
    uint32_t which = dice(3);
    if (which == 0)
        buf_addf(out, "{namedPort: %s}", port_name[dice(2)]);
    else if (which == 1)
        buf_addf(out, "{portRange: {protocol: %s, start: 79, end: %u}}", protocol[dice(3)], 79 + dice(500));
    else
        buf_addf(out, "{portNumber: {protocol: %s, port: %d}}", protocol[dice(3)], port_asked[dice(PORTS)].number);
}

static void add_admin_rule(struct buf *out)
{
    static const char *const action[] = { "Allow", "Deny", "Pass" };
    buf_addf(out, "{action: %s, ", action[dice(is_baseline ? 2 : 3)]);
    add_list(out, is_egress ? "to" : "from", 1 + dice(2), add_admin_peer);
    if (dice(2)) {
        add(out, ", ");
        add_list(out, "ports", 1 + dice(2), add_admin_port);
    }
    add(out, "}");
}

static const char *add_admin(struct buf *out, size_t i, bool baseline)
{
    is_baseline = baseline;
    buf_reset(out);
    buf_addf(out, "{metadata: {name: %s%zu}, spec: {priority: %zu, subject: ", baseline ? "default" : "adm", i, (i * 7) % 10);
    add_admin_subject(out);
    add(out, ", ");
    is_egress = false;
    add_list(out, "ingress", dice(3), add_admin_rule);
    is_egress = true;
    add(out, ", ");
    add_list(out, "egress", dice(3), add_admin_rule);
    add(out, "}}");
    return str_to_c(&arena, buf_str(out));
}

/* ---- the plain reading */

struct end {
    const char *ns, *ip; /* ip: an address outside; NULL: a pod */
    const char *at;      /* its address; NULL: a pod that has none yet */
    struct value labels, pod;
};
struct world {
    struct value space[3], pod[PODS_MAX], plain[6], admin[3], baseline;
    size_t pods, plains, admins;
    bool has_baseline;
    struct end end[PODS_MAX + ADDRESSES];
    size_t ends;
};

static struct value get(struct value v, const char *name)
{
    const struct value *found = value_get(v, str_from_c(name));
    return found ? *found : value_null();
}

static bool selects(struct value selector, struct value labels)
{
    struct value equal = get(selector, "matchLabels"), expressions = get(selector, "matchExpressions");
    for (uint32_t i = 0; equal.kind == VALUE_MAP && i < equal.n; i++) {
        const struct value *has = value_get(labels, value_text(equal.as.map->entry[i].key));
        if (!has || !str_eq(value_text(*has), value_text(equal.as.map->entry[i].val)))
            return false;
    }
    for (uint32_t i = 0; expressions.kind == VALUE_LIST && i < expressions.n; i++) {
        struct value e = value_item(expressions, i), values = get(e, "values");
        const struct value *has = value_get(labels, value_text(get(e, "key")));
        struct str relation = value_text(get(e, "operator"));
        bool in = false;
        for (uint32_t k = 0; has && values.kind == VALUE_LIST && k < values.n; k++)
            in |= str_eq(value_text(*has), value_text(value_item(values, k)));
        bool holds = str_eq_c(relation, "In")       ? in
                     : str_eq_c(relation, "NotIn")  ? !in
                     : str_eq_c(relation, "Exists") ? has != NULL
                                                    : has == NULL;
        if (!holds)
            return false;
    }
    return true;
}

static struct value space_labels(const struct world *w, const char *ns)
{
    return get(get(w->space[*ns - 'a'], "metadata"), "labels");
}

static bool in_block(struct str cidr, const char *ip)
{
    struct cidr c;
    struct ip at;
    return cidr_parse(&c, cidr) && ip_parse(&at, str_from_c(ip), NULL) && cidr_contains(&c, &at);
}

static bool plain_peer(const struct world *w, struct value peer, const char *own, const struct end *e)
{
    struct value ip = get(peer, "ipBlock"), spaces = get(peer, "namespaceSelector"), pods = get(peer, "podSelector"),
                 except = get(ip, "except");
    if (ip.kind == VALUE_MAP) {
        for (uint32_t i = 0; e->at && except.kind == VALUE_LIST && i < except.n; i++)
            if (in_block(value_text(value_item(except, i)), e->at))
                return false;
        return e->at && in_block(value_text(get(ip, "cidr")), e->at);
    }
    if (e->ip)
        return false;
    bool space = spaces.kind == VALUE_MAP ? selects(spaces, space_labels(w, e->ns)) : !strcmp(own, e->ns);
    return space && (pods.kind != VALUE_MAP || selects(pods, e->labels));
}

/* The port by that name of the pod that is reached. */
static bool has_named(const struct end *to, struct str name, const char *proto, int number)
{
    struct value containers = get(get(to->pod, "spec"), "containers"),
                 ports = containers.kind == VALUE_LIST ? get(value_item(containers, 0), "ports") : value_null();
    for (uint32_t i = 0; ports.kind == VALUE_LIST && i < ports.n; i++) {
        struct value p = value_item(ports, i);
        if (str_eq(value_text(get(p, "name")), name) && str_eq_c(value_text(get(p, "protocol")), proto) &&
            get(p, "containerPort").as.i == number)
            return true;
    }
    return false;
}

static bool plain_port(struct value port, const struct end *to, const char *proto, int number)
{
    struct value p = get(port, "protocol"), n = get(port, "port"), last = get(port, "endPort");
    if (!str_eq_c(p.kind == VALUE_STRING ? value_text(p) : STR("TCP"), proto))
        return false;
    if (n.kind == VALUE_NULL)
        return true;
    if (n.kind == VALUE_STRING)
        return has_named(to, value_text(n), proto, number);
    return n.as.i <= number && number <= (last.kind == VALUE_INT ? last.as.i : n.as.i);
}

static bool plain_rule(const struct world *w, struct value rule, bool ingress, const char *own, const struct end *peer,
                       const struct end *to, const char *proto, int number)
{
    struct value peers = get(rule, ingress ? "from" : "to"), ports = get(rule, "ports");
    bool who = peers.kind != VALUE_LIST || !peers.n, what = ports.kind != VALUE_LIST || !ports.n;
    for (uint32_t i = 0; !who && i < peers.n; i++)
        who = plain_peer(w, value_item(peers, i), own, peer);
    for (uint32_t i = 0; !what && i < ports.n; i++)
        what = plain_port(value_item(ports, i), to, proto, number);
    return who && what;
}

static bool speaks_of(struct value spec, bool ingress)
{
    struct value types = get(spec, "policyTypes"), egress = get(spec, "egress");
    if (types.kind != VALUE_LIST || !types.n)
        return ingress || (egress.kind == VALUE_LIST && egress.n);
    for (uint32_t i = 0; i < types.n; i++)
        if (str_eq_c(value_text(value_item(types, i)), ingress ? "Ingress" : "Egress"))
            return true;
    return false;
}

/* -1: no NetworkPolicy decides. */
static int plain_says(const struct world *w, bool ingress, const struct end *from, const struct end *to, const char *proto, int number)
{
    const struct end *subject = ingress ? to : from, *peer = ingress ? from : to;
    int says = -1;
    for (size_t i = 0; i < w->plains; i++) {
        struct value spec = get(w->plain[i], "spec"), rules = get(spec, ingress ? "ingress" : "egress");
        const char *own = str_to_c(&arena, value_text(get(get(w->plain[i], "metadata"), "namespace")));
        if (strcmp(own, subject->ns) != 0 || !selects(get(spec, "podSelector"), subject->labels) || !speaks_of(spec, ingress))
            continue;
        says = says < 0 ? 0 : says;
        for (uint32_t r = 0; rules.kind == VALUE_LIST && r < rules.n; r++)
            if (plain_rule(w, value_item(rules, r), ingress, own, peer, to, proto, number))
                says = 1;
    }
    return says;
}

static bool admin_pods(const struct world *w, struct value of, const struct end *e)
{
    struct value spaces = get(of, "namespaces"), pods = get(of, "pods");
    if (e->ip)
        return false;
    if (spaces.kind == VALUE_MAP)
        return selects(spaces, space_labels(w, e->ns));
    return selects(get(pods, "namespaceSelector"), space_labels(w, e->ns)) && selects(get(pods, "podSelector"), e->labels);
}

static bool admin_port(struct value port, const struct end *to, const char *proto, int number)
{
    struct value one = get(port, "portNumber"), range = get(port, "portRange"), name = get(port, "namedPort");
    if (name.kind == VALUE_STRING)
        return has_named(to, value_text(name), proto, number);
    if (one.kind == VALUE_MAP)
        return str_eq_c(value_text(get(one, "protocol")), proto) && get(one, "port").as.i == number;
    return str_eq_c(value_text(get(range, "protocol")), proto) && get(range, "start").as.i <= number && number <= get(range, "end").as.i;
}

/* 'A', 'D', 'P', or 0. */
static char admin_says(const struct world *w, struct value policy, bool ingress, const struct end *from, const struct end *to,
                       const char *proto, int number)
{
    const struct end *subject = ingress ? to : from, *peer = ingress ? from : to;
    struct value spec = get(policy, "spec"), rules = get(spec, ingress ? "ingress" : "egress");
    if (!admin_pods(w, get(spec, "subject"), subject))
        return 0;
    for (uint32_t r = 0; rules.kind == VALUE_LIST && r < rules.n; r++) {
        struct value rule = value_item(rules, r), peers = get(rule, ingress ? "from" : "to"), ports = get(rule, "ports");
        bool who = false, what = ports.kind != VALUE_LIST;
        for (uint32_t i = 0; i < peers.n; i++) {
            struct value each = value_item(peers, i), networks = get(each, "networks");
            bool network = networks.kind == VALUE_LIST && peer->at && in_block(value_text(value_item(networks, 0)), peer->at);
            who |= networks.kind == VALUE_LIST ? network : admin_pods(w, each, peer);
        }
        for (uint32_t i = 0; ports.kind == VALUE_LIST && i < ports.n; i++)
            what |= admin_port(value_item(ports, i), to, proto, number);
        if (who && what)
            return value_text(get(rule, "action")).p[0];
    }
    return 0;
}

static bool one_way(const struct world *w, bool ingress, const struct end *from, const struct end *to, const char *proto, int number)
{
    if ((ingress ? to : from)->ip)
        return true;
    for (size_t priority = 0; priority < 10; priority++)
        for (size_t i = 0; i < w->admins; i++) {
            char says = (i * 7) % 10 == priority ? admin_says(w, w->admin[i], ingress, from, to, proto, number) : 0;
            if (says == 'A' || says == 'D')
                return says == 'A';
            if (says == 'P') {
                priority = 10;
                break;
            }
        }
    int plain = plain_says(w, ingress, from, to, proto, number);
    if (plain >= 0)
        return plain;
    return !w->has_baseline || admin_says(w, w->baseline, ingress, from, to, proto, number) != 'D';
}

/* ---- a world */

static void make_world(struct world *w)
{
    struct buf text CLEANUP(buf_release) = BUF_INIT((size_t)1 << 16);
    *w = (struct world){ .pods = 4 + dice(PODS_MAX - 4), .plains = dice(7), .admins = dice(3), .has_baseline = dice(3) == 0 };
    for (size_t i = 0; i < 3; i++) {
        buf_reset(&text);
        buf_addf(&text, "{metadata: {name: %s, labels: ", space_name[i]);
        add_labels(&text);
        add(&text, "}}");
        w->space[i] = from_yaml(&arena, str_to_c(&arena, buf_str(&text)));
    }
    for (size_t i = 0; i < w->pods; i++) {
        const char *ns = space_name[dice(3)], *at = dice(3) ? address[dice(ADDRESSES)] : NULL;
        buf_reset(&text);
        buf_addf(&text, "{metadata: {name: p%zu, namespace: %s, labels: ", i, ns);
        add_labels(&text);
        buf_addf(&text,
                 "}, spec: {containers: [{name: c, ports: [{name: %s, containerPort: 80, protocol: TCP}, {name: dns, containerPort: %d, "
                 "protocol: UDP}]}]}, status: {podIP: '%s'}}",
                 dice(2) ? "web" : "none", dice(2) ? 53 : 80, at ? at : "");
        w->pod[i] = from_yaml(&arena, str_to_c(&arena, buf_str(&text)));
        w->end[w->ends++] = (struct end){ .ns = ns, .at = at, .labels = get(get(w->pod[i], "metadata"), "labels"), .pod = w->pod[i] };
    }
    for (size_t i = 0; i < ADDRESSES; i++)
        w->end[w->ends++] = (struct end){ .ip = address[i], .at = address[i], .pod = value_null(), .labels = value_null() };
    for (size_t i = 0; i < w->plains; i++)
        w->plain[i] = from_yaml(&arena, add_plain(&text, i));
    for (size_t i = 0; i < w->admins; i++)
        w->admin[i] = from_yaml(&arena, add_admin(&text, i, false));
    if (w->has_baseline)
        w->baseline = from_yaml(&arena, add_admin(&text, 0, true));
}

static void load(struct network *n, const struct world *w)
{
    network_init(n, &arena);
    for (size_t i = 0; i < 3; i++)
        network_add_namespace(n, w->space[i]);
    for (size_t i = 0; i < w->plains; i++)
        network_add_policy(n, KIND_NETWORKPOLICIES, w->plain[i]);
    for (size_t i = 0; i < w->admins; i++)
        network_add_policy(n, KIND_ADMINNETWORKPOLICIES, w->admin[i]);
    if (w->has_baseline)
        network_add_policy(n, KIND_BASELINENETWORKPOLICIES, w->baseline);
    network_finish(n);
    for (size_t i = 0; i < w->pods; i++)
        network_add_pod(n, w->pod[i], NULL);
    network_judge_classes(n);
}

static struct net_end end_of(const struct end *e)
{
    if (!e->ip)
        return net_end_of_pod(&arena, e->pod);
    struct net_end end = { .ip_count = 1 };
    ck_assert(ip_parse(&end.ip[0], str_from_c(e->ip), NULL));
    return end;
}

/* The same end as its class has it. */
static struct net_end class_end(struct network *n, const struct end *e)
{
    if (e->ip)
        return end_of(e);
    size_t at = network_class_of(n, e->pod);
    ck_assert_uint_lt(at, n->klass.count);
    return n->klass.item[at].end;
}

static size_t denied, allowed;

static void compare(struct network *n, const struct world *w, const struct end *from, const struct end *to)
{
    struct net_end f = end_of(from), t = end_of(to), cf = class_end(n, from), ct = class_end(n, to);
    struct net_answer by_pod, by_class;
    network_between(n, &f, &t, &arena, &by_pod);
    network_between(n, &cf, &ct, &arena, &by_class);
    ck_assert_msg(ports_equal(by_pod.allowed, by_class.allowed), "a class is not as its pod: %.*s and %.*s",
                  STR_ARG(ports_text(&arena, by_class.allowed)), STR_ARG(ports_text(&arena, by_pod.allowed)));
    ck_assert_uint_eq(by_pod.doubtful.count, 0);
    for (size_t p = 0; p < PORTS; p++) {
        const char *proto = port_asked[p].protocol;
        int number = port_asked[p].number;
        bool want = one_way(w, false, from, to, proto, number) && one_way(w, true, from, to, proto, number);
        bool got = ports_have(by_pod.allowed, net_port_key(net_protocol_of(str_from_c(proto)), (uint32_t)number));
        ck_assert_msg(got == want, "%s %d from %s%.*s to %s%.*s: %d, not %d", proto, number, from->ip ? from->ip : from->ns,
                      STR_ARG(value_text(get(get(from->pod, "metadata"), "name"))), to->ip ? to->ip : to->ns,
                      STR_ARG(value_text(get(get(to->pod, "metadata"), "name"))), got, want);
        *(got ? &allowed : &denied) += 1;
    }
}

/* Is a whole protocol open between e and each of the ends [first, last)? */
static bool crowd_open(const struct world *w, bool ingress, const struct end *e, size_t first, size_t last, const char *proto)
{
    for (size_t i = first; i < last; i++)
        for (size_t p = 0; p < PORTS; p++)
            if (!strcmp(port_asked[p].protocol, proto) && &w->end[i] != e &&
                !one_way(w, ingress, ingress ? &w->end[i] : e, ingress ? e : &w->end[i], proto, port_asked[p].number))
                return false;
    return true;
}

/* What a class says of everyone must hold of the ends that there are: where it is open, some crowd gets in as a whole. What an
 * administrator's rule takes from a part of a crowd is left out there, and so here. */
static size_t check_openness(struct network *n, const struct world *w, const struct end *e)
{
    const struct net_class *c = &n->klass.item[network_class_of(n, e->pod)];
    size_t open = 0;
    for (int d = 0; d < 2; d++) {
        if (!c->way[d].open)
            continue;
        bool some = false;
        for (size_t p = 0; p < 3; p++)
            some |= crowd_open(w, d == NET_INGRESS, e, 0, w->pods, protocol[p]) ||
                    crowd_open(w, d == NET_INGRESS, e, w->pods, w->pods + 4, protocol[p]) ||
                    crowd_open(w, d == NET_INGRESS, e, w->pods + 4, w->ends, protocol[p]);
        ck_assert_msg(some, "said to be open for %s, and lets no crowd in", net_direction_name[d]);
        open++;
    }
    return open;
}

START_TEST(test_worlds)
{
    size_t open = 0;
    seed = 20260101;
    allowed = denied = 0;
    for (size_t i = 0; i < WORLDS; i++) {
        struct world w;
        struct network n;
        make_world(&w);
        load(&n, &w);
        for (size_t f = 0; f < w.ends; f++)
            for (size_t t = 0; t < w.ends; t++)
                if (f != t && (!w.end[f].ip || !w.end[t].ip))
                    compare(&n, &w, &w.end[f], &w.end[t]);
        for (size_t e = 0; e < w.pods && !w.admins && !w.has_baseline; e++)
            open += check_openness(&n, &w, &w.end[e]);
        arena_reset(&arena);
    }
    ck_assert_uint_gt(allowed, 10000);
    ck_assert_uint_gt(denied, 10000);
    ck_assert_uint_gt(open, 1000);
}
END_TEST

/* Another plugin's policy may come first: nothing that it covers is certain, and what the other direction refuses is. */
START_TEST(test_not_evaluated)
{
    static const struct {
        const char *plain;
        bool doubtful;
    } row[] = {
        { "{metadata: {name: z, namespace: b}, spec: {podSelector: {}, ingress: [{}]}}", true },
        { "{metadata: {name: a, namespace: b}, spec: {podSelector: {}, ingress: [{}]}}", true },
        { "{metadata: {name: a, namespace: b}, spec: {podSelector: {}}}", true },
        { "{metadata: {name: a, namespace: a}, spec: {podSelector: {}, policyTypes: [Egress]}}", false },
        { "{metadata: {name: a, namespace: a}, spec: {podSelector: {}, policyTypes: [Egress], egress: [{}]}}", true },
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct network n;
        struct net_answer answer;
        network_init(&n, &arena);
        network_add_policy(&n, KIND_NETWORKPOLICIES, from_yaml(&arena, row[i].plain));
        network_add_policy(&n, KIND_CILIUMNETWORKPOLICIES,
                           from_yaml(&arena, "{metadata: {name: m, namespace: b}, spec: {endpointSelector: {}, ingress: [{}]}}"));
        network_finish(&n);
        struct net_end from = { .is_pod = true, .ns = STR("a") }, to = { .is_pod = true, .ns = STR("b") };
        network_between(&n, &from, &to, &arena, &answer);
        ck_assert_int_eq(answer.doubtful.count > 0, row[i].doubtful);
        enum net_verdict v = network_verdict(&answer, ports_all(&arena), NET_ENFORCED, &arena);
        ck_assert_int_eq(v, row[i].doubtful ? NET_UNSURE : NET_CLOSED);
        ck_assert_int_eq(network_verdict(&answer, ports_all(&arena), NET_ENFORCED_NOT, &arena), NET_OPEN);
        ck_assert_int_eq(network_verdict(&answer, ports_all(&arena), NET_ENFORCED_PERHAPS, &arena), NET_UNSURE);
    }
}
END_TEST

/* Policies of Cilium and Calico: what is told of a connection from pod a/app=r (10.0.0.1) to pod b/app=s (10.0.0.2), port 80/TCP, by
 * policies of which one plugin runs. */
static const struct {
    enum kind kind;
    const char *policy, *plain;             /* plain: a NetworkPolicy beside it, or NULL */
    enum net_verdict verdict, from_address; /* from the pod; from 192.168.0.7 */
} vendor_row[] = {
#define CNP  KIND_CILIUMNETWORKPOLICIES
#define CCNP KIND_CILIUMCLUSTERWIDEPOLICIES
#define B    "metadata: {name: m, namespace: b}, spec: "
#define ALL  "endpointSelector: {}, "
    { CNP, "{" B "{" ALL "ingress: [{}]}}", NULL, NET_CLOSED, NET_CLOSED },
    { CNP, "{" B "{endpointSelector: {matchLabels: {app: t}}, ingress: [{}]}}", NULL, NET_OPEN, NET_OPEN },
    { CNP, "{" B "{endpointSelector: {matchLabels: {'k8s:app': s}}, ingress: [{}]}}", NULL, NET_CLOSED, NET_CLOSED },
    /* of its own namespace */
    { CNP, "{" B "{" ALL "ingress: [{fromEndpoints: [{}]}]}}", NULL, NET_CLOSED, NET_CLOSED },
    { CNP, "{" B "{" ALL "ingress: [{fromEndpoints: [{matchLabels: {'k8s:io.kubernetes.pod.namespace': a}}]}]}}", NULL, NET_OPEN,
      NET_CLOSED },
    { CNP, "{" B "{" ALL "ingress: [{fromEndpoints: [{matchLabels: {io.kubernetes.pod.namespace: a, app: r}}]}]}}", NULL, NET_OPEN,
      NET_CLOSED },
    { CNP, "{" B "{" ALL "ingress: [{fromEndpoints: [{matchLabels: {io.kubernetes.pod.namespace: a, app: s}}]}]}}", NULL, NET_CLOSED,
      NET_CLOSED },
    { CNP, "{" B "{" ALL "ingress: [{fromEndpoints: [{matchLabels: {io.kubernetes.pod.namespace: ''}}]}]}}", NULL, NET_UNSURE, NET_UNSURE },
    { CNP, "{" B "{" ALL "ingress: [{fromEndpoints: []}]}}", NULL, NET_CLOSED, NET_CLOSED },
    { CNP, "{" B "{" ALL "ingress: [{toPorts: [{ports: [{port: '80', protocol: TCP}]}]}]}}", NULL, NET_OPEN, NET_OPEN },
    { CNP, "{" B "{" ALL "ingress: [{toPorts: [{ports: [{port: '70', endPort: 90}]}]}]}}", NULL, NET_OPEN, NET_OPEN },
    { CNP, "{" B "{" ALL "ingress: [{toPorts: [{ports: [{port: '80', protocol: UDP}]}]}]}}", NULL, NET_CLOSED, NET_CLOSED },
    { CNP, "{" B "{" ALL "ingress: [{toPorts: [{ports: [{port: '0', protocol: TCP}]}]}]}}", NULL, NET_OPEN, NET_OPEN },
    { CNP, "{" B "{" ALL "ingress: [{toPorts: [{ports: [{port: web}]}]}]}}", NULL, NET_UNSURE, NET_UNSURE },
    { CNP, "{" B "{" ALL "ingress: [{toPorts: [{ports: [{port: '80'}], rules: {http: [{}]}}]}]}}", NULL, NET_UNSURE, NET_UNSURE },
    { CNP, "{" B "{" ALL "ingress: [{fromEntities: [world]}]}}", NULL, NET_UNSURE, NET_UNSURE },
    { CNP, "{" B "{" ALL "ingress: [{fromCIDR: [192.168.0.7/32]}]}}", NULL, NET_UNSURE, NET_UNSURE },
    { CNP, "{" B "{" ALL "ingress: [{fromEndpoints: [{}], authentication: {mode: required}}]}}", NULL, NET_UNSURE, NET_UNSURE },
    { CNP, "{" B "{" ALL "ingressDeny: [{fromEntities: [all]}]}}", NULL, NET_UNSURE, NET_UNSURE },
    /* of others */
    { CNP, "{" B "{endpointSelector: {matchLabels: {app: t}}, ingressDeny: [{fromEntities: [all]}]}}", NULL, NET_OPEN, NET_OPEN },
    /* no identity has it */
    { CNP, "{" B "{endpointSelector: {matchLabels: {pod-template-hash: t}}, ingress: [{}]}}", NULL, NET_UNSURE, NET_UNSURE },
    { CNP, "{" B "{endpointSelector: {matchLabels: {io.kubernetes.pod.namespace: a}}, ingress: [{}]}}", NULL, NET_UNSURE, NET_UNSURE },
    { CNP, "{" B "{" ALL "enableDefaultDeny: {ingress: false}, ingress: [{fromEndpoints: [{}]}]}}", NULL, NET_OPEN, NET_OPEN },
    { CNP, "{" B "{" ALL "enableDefaultDeny: {ingress: true}}}", NULL, NET_UNSURE, NET_UNSURE },
    { CNP, "{" B "{" ALL "egress: [{}]}}", NULL, NET_OPEN, NET_OPEN },
    { CNP, "{metadata: {name: m, namespace: a}, spec: {" ALL "egress: [{}]}}", NULL, NET_CLOSED, NET_OPEN },
    { CNP, "{metadata: {name: m, namespace: b}, specs: [{" ALL "ingress: [{}]}, {" ALL "ingress: [{toPorts: [{ports: [{port: '80'}]}]}]}]}",
      NULL, NET_OPEN, NET_OPEN },
    { CNP, "{" B "{" ALL "ingress: [{}]}}", "{" B "{podSelector: {}, ingress: [{ports: [{port: 80}]}]}}", NET_OPEN, NET_OPEN },
    { CNP, "{" B "{" ALL "ingress: [{toPorts: [{ports: [{port: '80'}]}]}]}}", "{" B "{podSelector: {}}}", NET_OPEN, NET_OPEN },
    { CNP, "{" B "7}", NULL, NET_UNSURE, NET_UNSURE },
    { CCNP, "{metadata: {name: m}, spec: {" ALL "ingress: [{}]}}", NULL, NET_CLOSED, NET_CLOSED },
    { CCNP, "{metadata: {name: m}, spec: {endpointSelector: {matchLabels: {io.kubernetes.pod.namespace: b}}, ingress: [{}]}}", NULL,
      NET_CLOSED, NET_CLOSED },
    { CCNP, "{metadata: {name: m}, spec: {endpointSelector: {matchLabels: {io.kubernetes.pod.namespace: a}}, ingress: [{}]}}", NULL,
      NET_OPEN, NET_OPEN },
    { CCNP, "{metadata: {name: m}, spec: {" ALL "ingress: [{fromEndpoints: [{}]}]}}", NULL, NET_OPEN, NET_CLOSED },
    { CCNP, "{metadata: {name: m}, spec: {nodeSelector: {}, ingress: [{}]}}", NULL, NET_UNSURE, NET_UNSURE },
#define NP  KIND_CALICONETWORKPOLICIES
#define GNP KIND_CALICOV3GLOBALPOLICIES
    { NP, "{" B "{}}", NULL, NET_CLOSED, NET_CLOSED },
    { NP, "{" B "{types: [Ingress], selector: all()}}", NULL, NET_CLOSED, NET_CLOSED },
    { NP, "{" B "{types: [Egress]}}", NULL, NET_OPEN, NET_OPEN },
    { NP, "{" B "{egress: [{action: Allow}]}}", NULL, NET_OPEN, NET_OPEN },
    { NP, "{" B "{selector: \"app == 's'\"}}", NULL, NET_CLOSED, NET_CLOSED },
    { NP, "{" B "{selector: \"app == 't'\"}}", NULL, NET_OPEN, NET_OPEN },
    { NP, "{" B "{selector: \"has(app) && app not in {'t', 'u'} && !has(x)\"}}", NULL, NET_CLOSED, NET_CLOSED },
    { NP, "{" B "{selector: \"x != 'y'\"}}", NULL, NET_CLOSED, NET_CLOSED },
    { NP, "{" B "{selector: \"app in {'t'}\"}}", NULL, NET_OPEN, NET_OPEN },
    { NP, "{" B "{selector: \"app == 't' || app == 's'\"}}", NULL, NET_UNSURE, NET_UNSURE },
    { NP, "{" B "{selector: \"has(x) || has(app)\"}}", NULL, NET_UNSURE, NET_UNSURE },
    { NP, "{" B "{selector: \"(app == 't')\"}}", NULL, NET_UNSURE, NET_UNSURE },
    { NP, "{" B "{selector: \"app contains 't'\"}}", NULL, NET_UNSURE, NET_UNSURE },
    { NP, "{" B "{selector: \"projectcalico.org/namespace == 'z'\"}}", NULL, NET_UNSURE, NET_UNSURE },
    { NP, "{" B "{ingress: [{action: Allow}]}}", NULL, NET_OPEN, NET_OPEN },
    { NP, "{" B "{ingress: [{action: Allow, protocol: TCP, destination: {ports: [80]}}]}}", NULL, NET_OPEN, NET_OPEN },
    { NP, "{" B "{ingress: [{action: Allow, protocol: TCP, destination: {ports: ['70:90']}}]}}", NULL, NET_OPEN, NET_OPEN },
    { NP, "{" B "{ingress: [{action: Allow, protocol: UDP, destination: {ports: [80]}}]}}", NULL, NET_CLOSED, NET_CLOSED },
    { NP, "{" B "{ingress: [{action: Allow, protocol: TCP}]}}", NULL, NET_OPEN, NET_OPEN },
    { NP, "{" B "{ingress: [{action: Allow, protocol: TCP, destination: {ports: [81]}}]}}", NULL, NET_CLOSED, NET_CLOSED },
    { NP, "{" B "{ingress: [{action: Allow, source: {nets: [192.168.0.0/16]}}]}}", NULL, NET_CLOSED, NET_OPEN },
    { NP, "{" B "{ingress: [{action: Allow, source: {nets: [10.0.0.0/8]}}]}}", NULL, NET_OPEN, NET_CLOSED },
    { NP, "{" B "{ingress: [{action: Allow, source: {nets: [ten]}}]}}", NULL, NET_UNSURE, NET_UNSURE },
    /* NetworkSets too */
    { NP, "{" B "{ingress: [{action: Allow, source: {selector: all()}}]}}", NULL, NET_UNSURE, NET_UNSURE },
    { NP, "{" B "{ingress: [{action: Allow, source: {ports: [80]}}]}}", NULL, NET_UNSURE, NET_UNSURE },
    { NP, "{" B "{ingress: [{action: Allow, source: {notNets: [10.0.0.0/8]}}]}}", NULL, NET_UNSURE, NET_UNSURE },
    { NP, "{" B "{ingress: [{action: Deny}]}}", NULL, NET_UNSURE, NET_UNSURE },
    { NP, "{" B "{ingress: [{action: Pass}]}}", NULL, NET_UNSURE, NET_UNSURE },
    { NP, "{" B "{ingress: [{}]}}", NULL, NET_UNSURE, NET_UNSURE },
    { NP, "{" B "{tier: security}}", NULL, NET_UNSURE, NET_UNSURE },
    { NP, "{" B "{tier: default, order: 10}}", NULL, NET_CLOSED, NET_CLOSED },
    { NP, "{" B "{serviceAccountSelector: all()}}", NULL, NET_UNSURE, NET_UNSURE },
    { NP, "{" B "{types: [Sideways]}}", NULL, NET_UNSURE, NET_UNSURE },
    { NP, "{" B "{}}", "{" B "{podSelector: {}, ingress: [{ports: [{port: 80}]}]}}", NET_OPEN, NET_OPEN },
    { GNP, "{metadata: {name: m}, spec: {}}", NULL, NET_CLOSED, NET_CLOSED },
    { GNP, "{metadata: {name: m}, spec: {selector: \"app == 's'\"}}", NULL, NET_CLOSED, NET_CLOSED },
    { GNP, "{metadata: {name: m}, spec: {types: [Egress]}}", NULL, NET_CLOSED, NET_OPEN },
    { GNP, "{metadata: {name: m}, spec: {namespaceSelector: all()}}", NULL, NET_UNSURE, NET_UNSURE },
    { GNP, "{metadata: {name: m}, spec: {doNotTrack: true, applyOnForward: true}}", NULL, NET_UNSURE, NET_UNSURE },
#undef B
#undef ALL
};

START_TEST(test_vendors)
{
    uint32_t asked = net_port_key(NET_TCP, 80);
    struct port_span span = { asked, asked };
    enum net_vendor of = net_kind_vendor(vendor_row[_i].kind);
    for (int runs = NET_OF_ALL; runs <= NET_OF_CALICO; runs++) {
        struct network n;
        network_init(&n, &arena);
        network_add_namespace(&n, from_yaml(&arena, "{metadata: {name: a}}"));
        network_add_namespace(&n, from_yaml(&arena, "{metadata: {name: b}}"));
        network_add_policy(&n, vendor_row[_i].kind, from_yaml(&arena, vendor_row[_i].policy));
        if (vendor_row[_i].plain)
            network_add_policy(&n, KIND_NETWORKPOLICIES, from_yaml(&arena, vendor_row[_i].plain));
        n.runs = (enum net_vendor)runs;
        network_finish(&n);
        struct net_end from =
            net_end_of_pod(&arena, from_yaml(&arena, "{metadata: {namespace: a, labels: {app: r}}, status: {podIP: 10.0.0.1}}"));
        struct net_end to =
            net_end_of_pod(&arena, from_yaml(&arena, "{metadata: {namespace: b, labels: {app: s}}, status: {podIP: 10.0.0.2}}"));
        struct net_end outside = { .ip_count = 1 };
        ck_assert(ip_parse(&outside.ip[0], STR("192.168.0.7"), NULL));
        const struct net_end *end[] = { &from, &outside };
        const enum net_verdict wanted[] = { vendor_row[_i].verdict, vendor_row[_i].from_address };
        for (size_t e = 0; e < 2; e++) {
            struct net_answer answer;
            network_between(&n, end[e], &to, &arena, &answer);
            enum net_verdict v = network_verdict(&answer, ports_of(&arena, &span, 1), NET_ENFORCED, &arena);
            /* Of a plugin that is not known to run: the same or nothing. */
            ck_assert_msg(runs == (int)of ? v == wanted[e] : v == NET_UNSURE || (v == NET_OPEN && wanted[e] == NET_OPEN),
                          "row %d, end %zu, plugin %d: %s", _i, e, runs, net_verdict_name[v]);
        }
        struct net_selecting s;
        struct net_openness o;
        network_selecting(&n, &to, &arena, &s);
        network_openness(&n, &s, NET_INGRESS, &arena, &o);
        if (wanted[0] == NET_UNSURE || runs != (int)of)
            ck_assert_msg(!o.isolated || vendor_row[_i].plain, "row %d isolates, plugin %d", _i, runs);
        if (wanted[0] == NET_CLOSED && wanted[1] == NET_CLOSED && runs == (int)of && n.policy.item[0].applies[NET_INGRESS])
            ck_assert_msg(o.isolated && !o.open && !o.other, "row %d is open", _i);
    }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("network");
    TCase *t = tcase_create("policies");
    tcase_set_timeout(t, 300);
    tcase_add_checked_fixture(t, NULL, teardown);
    tcase_add_test(t, test_worlds);
    tcase_add_test(t, test_not_evaluated);
    suite_add_tcase(s, t);
    t = tcase_create("vendors");
    tcase_add_checked_fixture(t, NULL, teardown);
    tcase_add_loop_test(t, test_vendors, 0, (int)(sizeof vendor_row / sizeof *vendor_row));
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? 1 : 0;
}
