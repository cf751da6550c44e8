/* Recorded questions of who can reach whom, and whole connection graphs, put to our evaluator. */
#include "cases/cases.h"

#include "analyze/network/network.h"
#include "cluster/kind.h"
#include "cluster/manifest_set.h"
#include "cluster/workload.h"

/* A pod, a workload's pods, or addresses. */
struct vertex {
    struct str ns, name, kind;
    struct net_end end;
};
struct graph {
    struct network network;
    VEC(struct vertex) node;
    VEC(struct ip) bound; /* IPv4 addresses at which an answer may change */
};

static bool is_external(const struct vertex *n)
{
    return !n->end.is_pod;
}

/* Pods that a listed controller makes stand for it, as the graphs have it: one of them is as good as the others. */
static void add_pod(struct graph *g, struct arena *a, struct value pod)
{
    const struct value *owners = value_at(pod, "metadata", "ownerReferences", NULL);
    struct vertex n = { .ns = value_text_at(pod, "metadata", "namespace", NULL),
                        .name = value_text_at(pod, "metadata", "name", NULL),
                        .kind = STR("Pod") };
    /* some of these references have no kind */
    if (owners && owners->kind == VALUE_LIST && owners->n) {
        struct str kind = value_text_at(value_item(*owners, 0), "kind", NULL);
        n.name = value_text_at(value_item(*owners, 0), "name", NULL);
        n.kind = kind.n ? kind : n.kind;
    }
    for (size_t i = 0; i < g->node.count; i++)
        if (str_eq(g->node.item[i].ns, n.ns) && str_eq(g->node.item[i].name, n.name) && str_eq(g->node.item[i].kind, n.kind))
            return;
    n.end = net_end_of_pod(a, pod);
    /* these graphs judge pods of the host's network as if policies could select them */
    n.end.host_network = false;
    *VEC_PUSH(&g->node, a) = n;
}

static void add_bound(struct graph *g, struct arena *a, struct ip ip)
{
    if (ip.n == 4)
        *VEC_PUSH(&g->bound, a) = ip;
}

static void add_cidr(struct graph *g, struct arena *a, struct cidr c)
{
    struct cidr m = cidr_masked(&c);
    struct ip behind = m.ip;
    add_bound(g, a, m.ip);
    if (m.ip.n != 4 || m.bits == 0)
        return;
    uint32_t n = (uint32_t)m.ip.byte[0] << 24 | (uint32_t)m.ip.byte[1] << 16 | (uint32_t)m.ip.byte[2] << 8 | m.ip.byte[3];
    n += m.bits == 32 ? 1u : (uint32_t)1 << (32 - m.bits);
    for (int i = 0; i < 4; i++)
        behind.byte[i] = (uint8_t)(n >> (24 - 8 * i));
    add_bound(g, a, behind);
}

static void bound_rules(struct graph *g, struct arena *a, const struct net_rules *rules)
{
    for (size_t r = 0; r < rules->count; r++) {
        for (size_t i = 0; i < rules->item[r].peer_count; i++) {
            const struct net_peer *p = &rules->item[r].peer[i];
            struct cidr hole;
            if (p->kind == NET_PEER_ADDRESSES)
                add_cidr(g, a, p->cidr);
            for (uint32_t k = 0; p->except.kind == VALUE_LIST && k < p->except.n; k++)
                if (cidr_parse(&hole, value_text(value_item(p->except, k))))
                    add_cidr(g, a, hole);
        }
    }
}

static void load(struct graph *g, struct cases *c, struct value row, const char *folder, struct arena *a)
{
    /* pods without images are pods here */
    struct manifest_set set = { .arena = a, .strict = true };
    const struct value *files = value_at(row, "input_files", NULL);
    *g = (struct graph){ 0 };
    network_init(&g->network, a);
    for (uint32_t i = 0; files && i < files->n; i++) {
        struct str name = value_text(value_item(*files, i));
        manifest_set_read_text(&set, cases_file(c, a, folder, name), str_to_c(a, name), 0);
    }
    for (size_t k = 0; k < KIND_COUNT; k++) {
        for (size_t i = 0; i < set.object[k].count; i++) {
            struct value object = set.object[k].item[i], pod;
            struct object_ref owner;
            if (k == KIND_NAMESPACES)
                network_add_namespace(&g->network, object);
            else if (net_kind_is_policy((enum kind)k))
                network_add_policy(&g->network, (enum kind)k, object);
            else if (k == KIND_PODS)
                add_pod(g, a, object);
            else if (kind_has_pod_template((enum kind)k) && !object_controller(object, &owner) &&
                     workload_as_pod(&pod, a, (enum kind)k, object))
                *VEC_PUSH(&g->node, a) =
                    (struct vertex){ value_text_at(object, "metadata", "namespace", NULL), value_text_at(object, "metadata", "name", NULL),
                                     str_from_c(kind_info((enum kind)k)->name), net_end_of_pod(a, pod) };
        }
    }
    for (size_t i = 0; i < g->node.count; i++)
        g->node.item[i].end.host_network = false;
    network_finish(&g->network);
    for (size_t i = 0; i < g->network.policy.count; i++)
        for (size_t d = 0; d < NET_DIRECTIONS; d++)
            bound_rules(g, a, &g->network.policy.item[i].rules[d]);
}

static struct net_end end_of_address(struct str text)
{
    struct net_end e = { .ip_count = 1 };
    if (!ip_parse(&e.ip[0], text, NULL))
        e.ip_count = 0;
    return e;
}

static const struct vertex *find(const struct graph *g, struct value of)
{
    for (size_t i = 0; i < g->node.count; i++) {
        const struct vertex *n = &g->node.item[i];
        if (str_eq(n->ns, value_text_at(of, "ns", NULL)) && str_eq(n->name, value_text_at(of, "name", NULL)) &&
            str_eq(n->kind, value_text_at(of, "kind", NULL)))
            return n;
    }
    return NULL;
}

static bool end_at(struct net_end *out, const struct graph *g, struct value of)
{
    struct str ip = value_text_at(of, "ip", NULL);
    const struct vertex *n = find(g, of);
    if (ip.n)
        *out = end_of_address(ip);
    else if (n)
        *out = n->end;
    return ip.n || n;
}

static bool query(struct cases *c, struct value row, struct arena *a)
{
    struct graph g;
    struct net_end from, to;
    struct net_answer answer;
    struct value input = *value_get(row, STR("input"));
    const struct value *expect = value_at(row, "expect", "allowed", NULL);
    load(&g, c, row, "netpol", a);
    if (!expect || !end_at(&from, &g, *value_get(input, STR("src"))) || !end_at(&to, &g, *value_get(input, STR("dst"))))
        return false;
    network_between(&g.network, &from, &to, a, &answer);
    uint32_t key = net_port_key(net_protocol_of(value_text_at(input, "proto", NULL)), (uint32_t)value_int_at(input, 0, "port", NULL));
    return ports_have(answer.allowed, key) == expect->as.b;
}

/* ---- graphs */

static int by_ip(const void *a, const void *b)
{
    return memcmp(((const struct ip *)a)->byte, ((const struct ip *)b)->byte, 4);
}

static bool in_ranges(struct value ranges, const struct ip *ip)
{
    for (uint32_t i = 0; ranges.kind == VALUE_LIST && i < ranges.n; i++) {
        struct ip low, high;
        struct value each = value_item(ranges, i);
        if (ip_parse(&low, value_text(value_item(each, 0)), NULL) && ip_parse(&high, value_text(value_item(each, 1)), NULL) &&
            by_ip(&low, ip) <= 0 && by_ip(ip, &high) <= 0)
            return true;
    }
    return false;
}

static bool is_end(struct value of, const struct vertex *n)
{
    const struct value *ranges = value_get(of, STR("ip"));
    if (ranges)
        return is_external(n) && in_ranges(*ranges, &n->end.ip[0]);
    return !is_external(n) && str_eq(n->ns, value_text_at(of, "ns", NULL)) && str_eq(n->name, value_text_at(of, "name", NULL)) &&
           str_eq(n->kind, value_text_at(of, "kind", NULL));
}

static struct port_set ports_expected(struct arena *a, struct value conns)
{
    VEC(struct port_span) span = { 0 };
    if (conns.kind == VALUE_STRING)
        return ports_all(a);
    for (uint32_t i = 0; conns.kind == VALUE_MAP && i < conns.n; i++) {
        enum net_protocol p = net_protocol_of(value_text(conns.as.map->entry[i].key));
        struct value list = conns.as.map->entry[i].val;
        for (uint32_t k = 0; k < list.n; k++) {
            struct value pair = value_item(list, k);
            *VEC_PUSH(&span, a) = (struct port_span){ net_port_key(p, (uint32_t)value_item(pair, 0).as.i),
                                                      net_port_key(p, (uint32_t)value_item(pair, 1).as.i) };
        }
    }
    return ports_of(a, span.item, span.count);
}

struct edge {
    struct value src, dst;
    struct port_set ports;
};

/* What is expected of each pair: row f, column t. */
static struct port_set *expectations(const struct graph *g, const struct edge *edge, size_t count, struct arena *a)
{
    size_t n = g->node.count;
    struct port_set *expected = arena_array(a, struct port_set, n * n);
    for (size_t i = 0; i < count; i++) {
        bool *dst = arena_array(a, bool, n);
        for (size_t t = 0; t < n; t++)
            dst[t] = is_end(edge[i].dst, &g->node.item[t]);
        for (size_t f = 0; f < n; f++) {
            bool src = is_end(edge[i].src, &g->node.item[f]);
            for (size_t t = 0; src && t < n; t++)
                if (dst[t])
                    expected[f * n + t] = ports_union(a, expected[f * n + t], edge[i].ports);
        }
    }
    return expected;
}

static bool check_pair(struct graph *g, struct port_set expected, const struct vertex *from, const struct vertex *to, struct arena *a)
{
    struct net_answer answer;
    /* another arena than the network's, which grows with what it is asked */
    struct arena_mark mark = arena_mark(a);
    network_between(&g->network, &from->end, &to->end, a, &answer);
    bool same = ports_equal(expected, answer.allowed);
    if (!same && getenv("CASES_VERBOSE"))
        fprintf(stderr, "  %.*s/%.*s -> %.*s/%.*s: expected %.*s, got %.*s\n", STR_ARG(from->ns), STR_ARG(from->name), STR_ARG(to->ns),
                STR_ARG(to->name), STR_ARG(ports_text(a, expected)), STR_ARG(ports_text(a, answer.allowed)));
    arena_reset_to(a, mark);
    return same;
}

static bool graph(struct cases *c, struct value row, const char *folder, struct arena *a)
{
    struct graph g;
    const struct value *edges = value_at(row, "expect", "edges", NULL);
    load(&g, c, row, folder, a);
    struct edge *edge = arena_array(a, struct edge, edges->n);
    size_t count = 0, pods = g.node.count;
    for (uint32_t i = 0; i < edges->n; i++) {
        struct value e = value_item(*edges, i);
        struct value src = *value_get(e, STR("src"));
        if (value_get(src, STR("ingress_controller")))
            /* by way of an Ingress: what is exposed is another question than what policies allow */
            continue;
        edge[count++] = (struct edge){ src, *value_get(e, STR("dst")), ports_expected(a, *value_get(e, STR("conns"))) };
        const struct value *range[] = { value_get(src, STR("ip")), value_get(edge[count - 1].dst, STR("ip")) };
        for (size_t r = 0; r < 2; r++)
            for (uint32_t k = 0; range[r] && k < range[r]->n; k++)
                add_bound(&g, a, end_of_address(value_text(value_item(value_item(*range[r], k), 0))).ip[0]);
    }
    add_bound(&g, a, end_of_address(STR("0.0.0.0")).ip[0]);
    qsort(g.bound.item, g.bound.count, sizeof *g.bound.item, by_ip);
    for (size_t i = 0; i < g.bound.count; i++)
        if (!i || !ip_equal(&g.bound.item[i], &g.bound.item[i - 1]))
            *VEC_PUSH(&g.node, a) =
                (struct vertex){ .name = ip_text(a, &g.bound.item[i]), .end = { .ip = { g.bound.item[i] }, .ip_count = 1 } };
    bool ok = true;
    struct arena scratch CLEANUP(arena_release) = { 0 };
    const struct port_set *expected = expectations(&g, edge, count, a);
    for (size_t f = 0; f < g.node.count; f++)
        for (size_t t = 0; t < g.node.count && (ok || getenv("CASES_VERBOSE") != NULL); t++)
            if (f != t && (f < pods || t < pods))
                ok = check_pair(&g, expected[f * g.node.count + t], &g.node.item[f], &g.node.item[t], &scratch) && ok;
    if (!ok && getenv("CASES_VERBOSE"))
        fprintf(stderr, "%.*s\n", STR_ARG(value_text_at(row, "id", NULL)));
    return ok;
}

static bool index_row(struct cases *c, struct value row, struct arena *a)
{
    return graph(c, row, "netpol", a);
}

static bool cluster_row(struct cases *c, struct value row, struct arena *a)
{
    return graph(c, row, "clusters", a);
}

/* ---- truth tables */

static bool table(struct graph *g, struct value names, struct str what, struct value rows, struct arena *a)
{
    struct str protocol, port;
    int64_t number = 0;
    (void)str_cut(what, '/', &protocol, &port);
    if (!str_to_int64(port, &number))
        return false;
    for (uint32_t f = 0; f < names.n; f++) {
        for (uint32_t t = 0; t < names.n; t++) {
            const struct vertex *end[2] = { NULL, NULL };
            for (size_t i = 0; i < g->node.count; i++) {
                struct str name = str_printf(a, "%.*s/%.*s", STR_ARG(g->node.item[i].ns), STR_ARG(g->node.item[i].name));
                end[0] = str_eq(name, value_text(value_item(names, f))) ? &g->node.item[i] : end[0];
                end[1] = str_eq(name, value_text(value_item(names, t))) ? &g->node.item[i] : end[1];
            }
            char cell = value_text(value_item(rows, f)).p[t];
            struct net_answer answer;
            if (!end[0] || !end[1])
                return false;
            if (cell == '-')
                continue;
            network_between(&g->network, &end[0]->end, &end[1]->end, a, &answer);
            if (ports_have(answer.allowed, net_port_key(net_protocol_of(protocol), (uint32_t)number)) != (cell == '.'))
                return false;
        }
    }
    return true;
}

static bool cyclonus(struct cases *c, struct value row, struct arena *a)
{
    struct graph g;
    const struct value *tables = value_at(row, "expect", "tables", NULL), *names = value_at(row, "expect", "rows_from_cols_to", NULL);
    load(&g, c, row, "cyclonus", a);
    bool ok = tables && tables->n && names && names->n;
    for (uint32_t i = 0; ok && i < tables->n; i++)
        ok = table(&g, *names, value_text(tables->as.map->entry[i].key), tables->as.map->entry[i].val, a);
    return ok;
}

int main(int argc, char **argv)
{
    struct cases c;
    if (!cases_open(&c, argc, argv))
        return 2;
    cases_run(&c, "netpol/queries", query);
    cases_run(&c, "netpol/index", index_row);
    cases_run(&c, "cyclonus/index", cyclonus);
    cases_run(&c, "clusters/netpol_expect", cluster_row);
    return cases_close(&c);
}
