/* Whether a direction of a pod is open to everyone: the tiers in their order, everyone as three
 * kinds of peer. */
#include "analyze/network/openness.h"
#include "analyze/network/strangers.h"
#include "cluster/selector.h"

enum crowd { CROWD_PODS, CROWD_V4, CROWD_V6, CROWDS };

/* What is decided for each crowd as a whole; a rule that speaks of a part of it decides nothing
 * here, but parts of plain policies add up. */
struct crowd_state {
    struct port_set open, passed, allowed;
};
struct judging {
    struct network *network;
    enum net_direction direction;
    struct arena *arena;
    struct crowd_state crowd[CROWDS];
    struct net_openness *out;
};

/* Ports by number: a name stands for one port at most, which is never all. */
static struct port_set ports_by_number(const struct net_rule *r, struct arena *a)
{
    size_t count = 0;
    if (r->any_port)
        return ports_all(a);
    struct port_span *span = arena_array(a, struct port_span, r->port_count * NET_PROTOCOLS);
    for (size_t i = 0; i < r->port_count; i++)
        for (size_t p = 0; p < NET_PROTOCOLS; p++)
            if (!r->port[i].name.n &&
                (r->port[i].protocol == p || r->port[i].protocol == NET_PROTOCOLS))
                span[count++] =
                    (struct port_span){ net_port_key((enum net_protocol)p, r->port[i].from),
                                        net_port_key((enum net_protocol)p, r->port[i].to) };
    return ports_of(a, span, count);
}

static bool is_every_pod(const struct net_peer *p)
{
    if (p->kind == NET_PEER_EVERYONE)
        return true;
    return p->kind == NET_PEER_PODS && !p->pods.own.n &&
           (p->pods.namespaces.kind == VALUE_NULL || selector_is_everything(p->pods.namespaces)) &&
           (p->pods.pods.kind == VALUE_NULL || selector_is_everything(p->pods.pods));
}

static void add_addresses(struct net_areas area[CROWDS], struct arena *a, const struct net_rule *r,
                          struct port_set ports)
{
    for (size_t i = 0; i < r->peer_count; i++) {
        const struct net_peer *p = &r->peer[i];
        if (p->kind == NET_PEER_ADDRESSES)
            net_areas_add_block(&area[p->cidr.ip.n == 4 ? CROWD_V4 : CROWD_V6], a, p->cidr,
                                p->except, ports);
    }
}

static bool has_every_pod(const struct net_rule *r)
{
    bool every = r->any_peer;
    for (size_t i = 0; !every && i < r->peer_count; i++)
        every = is_every_pod(&r->peer[i]);
    return every;
}

static bool has_everyone(const struct net_rule *r)
{
    bool every = r->any_peer;
    for (size_t i = 0; !every && i < r->peer_count; i++)
        every = r->peer[i].kind == NET_PEER_EVERYONE;
    return every;
}

/* ---- the administrator's tiers: rule by rule */

static void decide(struct judging *j, struct crowd_state *c, const struct net_rule *r,
                   struct port_set ports)
{
    struct port_set hit = ports_both(j->arena, c->open, ports);
    c->open = ports_without(j->arena, c->open, hit);
    if (r->action == NET_ALLOW)
        c->allowed = ports_union(j->arena, c->allowed, hit);
    if (r->action == NET_PASS)
        c->passed = ports_union(j->arena, c->passed, hit);
}

static void judge_in_order(struct judging *j, const struct net_rule *r)
{
    struct net_areas area[CROWDS] = { { 0 } };
    struct port_set ports = ports_by_number(r, j->arena), all = ports_all(j->arena);
    if (has_every_pod(r) ||
        (r->action == NET_ALLOW &&
         net_ports_for_everyone(j->network, &(struct net_letting){ r, ports }, 1, j->arena).count))
        decide(j, &j->crowd[CROWD_PODS], r, ports);
    add_addresses(area, j->arena, r, all);
    for (size_t c = CROWD_V4; c < CROWDS; c++)
        if (has_everyone(r) || net_areas_full(&area[c], c == CROWD_V4 ? 4 : 16, j->arena).count)
            decide(j, &j->crowd[c], r, ports);
}

/* ---- NetworkPolicies: all rules together */

struct gathered {
    struct net_areas area[CROWDS];
    /* rules that let some pods in, none of them all by its words */
    VEC(struct net_letting) letting;
    VEC(struct port_span) full[CROWDS];
};

static void add_full(struct gathered *g, struct arena *a, enum crowd c, struct port_set ports)
{
    for (size_t i = 0; i < ports.count; i++)
        *VEC_PUSH(&g->full[c], a) = ports.item[i];
}

static void gather(struct gathered *g, struct judging *j, const struct net_policy *p)
{
    for (size_t i = 0; i < p->rules[j->direction].count; i++) {
        const struct net_rule *r = &p->rules[j->direction].item[i];
        struct port_set ports = ports_by_number(r, j->arena);
        if (r->action != NET_ALLOW || r->doubtful)
            continue;
        if (has_every_pod(r))
            add_full(g, j->arena, CROWD_PODS, ports);
        else
            *VEC_PUSH(&g->letting, j->arena) = (struct net_letting){ r, ports };
        for (size_t c = CROWD_V4; has_everyone(r) && c < CROWDS; c++)
            add_full(g, j->arena, (enum crowd)c, ports);
        add_addresses(g->area, j->arena, r, ports);
        if (!j->out->opens &&
            (has_every_pod(r) ||
             net_ports_for_everyone(j->network, &(struct net_letting){ r, ports }, 1, j->arena)
                 .count ||
             g->area[CROWD_V4].count || g->area[CROWD_V6].count))
            j->out->opens = p;
    }
}

static void judge_plain(struct judging *j, struct gathered *g)
{
    add_full(g, j->arena, CROWD_PODS,
             net_ports_for_everyone(j->network, g->letting.item, g->letting.count, j->arena));
    for (size_t c = 0; c < CROWDS; c++) {
        struct port_set full =
            ports_union(j->arena, ports_of(j->arena, g->full[c].item, g->full[c].count),
                        net_areas_full(&g->area[c], c == CROWD_V4 ? 4 : 16, j->arena));
        struct crowd_state *s = &j->crowd[c];
        s->allowed = ports_union(j->arena, s->allowed, ports_both(j->arena, s->open, full));
        s->open =
            j->out->isolated ? (struct port_set){ 0 } : ports_without(j->arena, s->open, full);
    }
}

/* ---- all tiers */

static bool has_a_protocol(struct port_set s)
{
    for (size_t i = 0; i < s.count; i++)
        for (size_t p = 0; p < NET_PROTOCOLS; p++)
            if (s.item[i].from == net_port_key((enum net_protocol)p, 1) &&
                s.item[i].to == net_port_key((enum net_protocol)p, NET_PORT_MAX))
                return true;
    return false;
}

static bool speaks(const struct net_policy *p, enum net_direction d)
{
    return p->applies[d] || p->not_evaluated.n;
}

static void judge_tier(struct judging *j, const struct net_selecting *s, enum net_tier tier)
{
    struct gathered g = { 0 };
    for (size_t i = 0; i < s->policy.count; i++) {
        const struct net_policy *p = &j->network->policy.item[s->policy.item[i]];
        if (p->tier != tier || !speaks(p, j->direction))
            continue;
        j->out->selected = true;
        /* What is not evaluated may open what NetworkPolicies close; that it closes anything is not
         * known. */
        bool known = network_evaluates(j->network, p);
        j->out->isolated |= p->isolates[j->direction] && known;
        if (!known && !j->out->other)
            j->out->other = p;
        if (!known)
            continue;
        if (tier == NET_PLAIN)
            gather(&g, j, p);
        for (size_t r = 0; tier != NET_PLAIN && r < p->rules[j->direction].count; r++)
            judge_in_order(j, &p->rules[j->direction].item[r]);
    }
    if (tier == NET_PLAIN)
        judge_plain(j, &g);
    for (size_t c = 0; c < CROWDS; c++) {
        j->crowd[c].open = ports_union(j->arena, j->crowd[c].open, j->crowd[c].passed);
        j->crowd[c].passed = (struct port_set){ 0 };
    }
}

void network_openness(struct network *n, const struct net_selecting *s, enum net_direction d,
                      struct arena *a, struct net_openness *out)
{
    struct judging j = { .network = n, .direction = d, .arena = a, .out = out };
    size_t open = 0;
    *out = (struct net_openness){ 0 };
    for (size_t c = 0; c < CROWDS; c++)
        j.crowd[c].open = ports_all(a);
    for (size_t t = 0; t < NET_TIERS; t++)
        judge_tier(&j, s, (enum net_tier)t);
    for (size_t c = 0; c < CROWDS; c++)
        open += has_a_protocol(ports_union(a, j.crowd[c].allowed, j.crowd[c].open));
    /* What isolates is undone by letting any crowd in; what only denies restricts already by
     * keeping one out. */
    out->closed = open == 0;
    out->open = out->isolated ? open > 0 : open == CROWDS;
}
