/* What the policies say of two ends: direction by direction, tier by tier, policy by policy, until
 * every port is decided. */
#include "analyze/network/network.h"

/* ---- does a rule speak of this connection */

static bool in_except(struct value except, const struct ip *ip)
{
    for (uint32_t i = 0; except.kind == VALUE_LIST && i < except.n; i++) {
        struct cidr hole;
        if (cidr_parse(&hole, value_text(value_item(except, i))) && cidr_contains(&hole, ip))
            return true;
    }
    return false;
}

static bool peer_matches(struct network *n, const struct net_peer *peer, const struct net_end *end)
{
    switch (peer->kind) {
    case NET_PEER_EVERYONE:
        return true;
    case NET_PEER_PODS:
        return net_pods_match(n, &peer->pods, end);
    case NET_PEER_ADDRESSES:
        for (size_t i = 0; i < end->ip_count && !(peer->spares_pods && end->is_pod); i++)
            if (cidr_contains(&peer->cidr, &end->ip[i]) && !in_except(peer->except, &end->ip[i]))
                return true;
        return false;
    case NET_PEER_OUT_OF_SIGHT:
        return false;
    }
    return false;
}

static bool rule_matches_peer(struct network *n, const struct net_rule *r,
                              const struct net_end *end)
{
    for (size_t i = 0; !r->any_peer && i < r->peer_count; i++)
        if (peer_matches(n, &r->peer[i], end))
            return true;
    return r->any_peer;
}

/* Ports that the destination's containers give the name. */
static size_t named_spans(struct port_span *out, const struct net_port *port, struct value ports)
{
    size_t count = 0;
    for (uint32_t i = 0; ports.kind == VALUE_LIST && i < ports.n; i++) {
        struct value each = value_item(ports, i);
        enum net_protocol protocol = net_protocol_of(value_text_at(each, "protocol", NULL));
        int64_t number = value_int_at(each, 0, "port", NULL);
        if (!str_eq(value_text_at(each, "name", NULL), port->name) || protocol == NET_PROTOCOLS ||
            number < 1 || number > NET_PORT_MAX ||
            (port->protocol != NET_PROTOCOLS && port->protocol != protocol))
            continue;
        uint32_t key = net_port_key(protocol, (uint32_t)number);
        out[count++] = (struct port_span){ key, key };
    }
    return count;
}

static struct port_set rule_ports(const struct net_rule *r, const struct net_end *to,
                                  struct arena *a)
{
    if (r->any_port)
        return ports_all(a);
    size_t most = NET_PROTOCOLS + (to->ports.kind == VALUE_LIST ? to->ports.n : 0u), count = 0;
    struct port_span *span = arena_array(a, struct port_span, r->port_count * most);
    for (size_t i = 0; i < r->port_count; i++) {
        const struct net_port *port = &r->port[i];
        if (port->name.n) {
            count += named_spans(span + count, port, to->ports);
            continue;
        }
        for (size_t p = 0; p < NET_PROTOCOLS; p++)
            if (port->protocol == p || port->protocol == NET_PROTOCOLS)
                span[count++] = (struct port_span){ net_port_key((enum net_protocol)p, port->from),
                                                    net_port_key((enum net_protocol)p, port->to) };
    }
    return ports_of(a, span, count);
}

/* ---- one direction */

struct judging {
    struct network *network;
    enum net_direction direction;
    const struct net_end *peer, *to;
    struct arena *arena;
    struct net_answer *answer;
    struct port_set open;   /* of this tier, not decided yet */
    struct port_set passed; /* to the next tier */
    struct port_set allowed;
    /* what rules of one action in a row have hit: subtracted at once, so that many rules stay quick
     */
    VEC(struct port_span) run;
    enum net_action run_action;
    /* rules of NetworkPolicies that may let it through: of what no other rule of theirs does */
    VEC(struct net_step) unseen;
};

static void end_run(struct judging *j)
{
    struct port_set hit = ports_of(j->arena, j->run.item, j->run.count);
    j->run.count = 0;
    if (!hit.count)
        return;
    j->open = ports_without(j->arena, j->open, hit);
    if (j->run_action == NET_ALLOW)
        j->allowed = ports_union(j->arena, j->allowed, hit);
    if (j->run_action == NET_PASS)
        j->passed = ports_union(j->arena, j->passed, hit);
}

static void say(struct judging *j, enum net_reason reason, enum net_action action,
                const struct net_policy *p, const struct net_rule *r, struct port_set ports)
{
    if (ports.count)
        *VEC_PUSH(&j->answer->step, j->arena) =
            (struct net_step){ j->direction, reason, action, p, r, ports };
}

static void judge_rule(struct judging *j, const struct net_policy *p, const struct net_rule *r)
{
    if (r->action != j->run_action)
        end_run(j);
    j->run_action = r->action;
    if (!j->open.count || !rule_matches_peer(j->network, r, j->peer))
        return;
    struct port_set hit = ports_both(j->arena, j->open, rule_ports(r, j->to, j->arena));
    if (!hit.count)
        return;
    say(j, NET_BY_RULE, r->action, p, r, hit);
    for (size_t i = 0; i < hit.count; i++)
        *VEC_PUSH(&j->run, j->arena) = hit.item[i];
    if (r->doubtful)
        j->answer->doubtful = ports_union(j->arena, j->answer->doubtful, hit);
}

/* What of them is still open now is doubtful. */
static void end_unseen(struct judging *j)
{
    for (size_t i = 0; i < j->unseen.count; i++) {
        struct net_step *s = &j->unseen.item[i];
        struct port_set ports = ports_both(j->arena, j->open, s->ports);
        say(j, s->reason, s->action, s->policy, s->rule, ports);
        j->answer->doubtful = ports_union(j->arena, j->answer->doubtful, ports);
    }
    j->unseen.count = 0;
}

/* Parts of a rule that cannot be seen here may match an address, and blocks of addresses what has
 * one that is not known. */
static void note_out_of_sight(struct judging *j, const struct net_policy *p,
                              const struct net_rule *r)
{
    bool unseen = false, is_pod = j->peer->is_pod && !j->peer->host_network;
    for (size_t i = 0; i < r->peer_count; i++)
        unseen |= (r->peer[i].kind == NET_PEER_OUT_OF_SIGHT && !is_pod) ||
                  (r->peer[i].kind == NET_PEER_ADDRESSES && j->peer->address_unknown);
    if (!unseen)
        return;
    struct port_set ports = ports_both(j->arena, j->open, rule_ports(r, j->to, j->arena));
    *VEC_PUSH(&j->unseen, j->arena) =
        (struct net_step){ j->direction, NET_BY_OTHER, r->action, p, r, ports };
    if (p->tier != NET_PLAIN)
        end_unseen(j);
}

static void judge_policy(struct judging *j, const struct net_policy *p)
{
    if (!network_evaluates(j->network, p)) {
        end_run(j);
        /* It may come before all others, and deny what they let through. */
        say(j, NET_BY_OTHER, NET_DENY, p, NULL, ports_all(j->arena));
        j->answer->doubtful = ports_all(j->arena);
        return;
    }
    for (size_t r = 0; r < p->rules[j->direction].count; r++) {
        judge_rule(j, p, &p->rules[j->direction].item[r]);
        note_out_of_sight(j, p, &p->rules[j->direction].item[r]);
    }
}

/* Policies [from, to) are of one tier. Isolation is judged behind the last of them: rules add up.
 */
static void judge_tier(struct judging *j, const struct net_selecting *s, size_t from, size_t to)
{
    const struct net_policy *isolating = NULL;
    for (size_t i = from; i < to; i++) {
        const struct net_policy *p = &j->network->policy.item[s->policy.item[i]];
        if (!p->applies[j->direction] && !p->not_evaluated.n)
            continue;
        if (p->isolates[j->direction] && !isolating && network_evaluates(j->network, p))
            isolating = p;
        judge_policy(j, p);
    }
    end_run(j);
    end_unseen(j);
    if (isolating && j->open.count) {
        say(j, NET_BY_ISOLATION, NET_DENY, isolating, NULL, j->open);
        j->open = (struct port_set){ 0 };
    }
}

struct port_set network_one_way(struct network *n, enum net_direction d, const struct net_end *from,
                                const struct net_end *to, struct arena *a, struct net_answer *out)
{
    const struct net_end *subject = d == NET_INGRESS ? to : from;
    struct judging j = { .network = n,
                         .direction = d,
                         .peer = d == NET_INGRESS ? from : to,
                         .to = to,
                         .arena = a,
                         .answer = out,
                         .open = ports_all(a) };
    struct net_selecting s;
    network_selecting(n, subject, a, &s);
    for (size_t at = 0; at < s.policy.count;) {
        enum net_tier tier = n->policy.item[s.policy.item[at]].tier;
        size_t end = at;
        while (end < s.policy.count && n->policy.item[s.policy.item[end]].tier == tier)
            end++;
        judge_tier(&j, &s, at, end);
        j.open = ports_union(a, j.open, j.passed);
        j.passed = (struct port_set){ 0 };
        at = end;
    }
    say(&j, NET_BY_DEFAULT, NET_ALLOW, NULL, NULL, j.open);
    return ports_union(a, j.allowed, j.open);
}

void network_between(struct network *n, const struct net_end *from, const struct net_end *to,
                     struct arena *a, struct net_answer *out)
{
    struct port_set way[NET_DIRECTIONS], perhaps[NET_DIRECTIONS], surely[NET_DIRECTIONS];
    *out = (struct net_answer){ 0 };
    for (size_t i = 0; i < NET_DIRECTIONS; i++) {
        /* the order in which a packet meets them */
        enum net_direction d = i ? NET_INGRESS : NET_EGRESS;
        out->doubtful = (struct port_set){ 0 };
        way[d] = network_one_way(n, d, from, to, a, out);
        perhaps[d] = ports_union(a, way[d], out->doubtful);
        surely[d] = ports_without(a, way[d], out->doubtful);
    }
    out->allowed = ports_both(a, way[NET_EGRESS], way[NET_INGRESS]);
    /* What one direction refuses for certain stays refused, whatever the other comes to. */
    out->doubtful = ports_without(a, ports_both(a, perhaps[NET_EGRESS], perhaps[NET_INGRESS]),
                                  ports_both(a, surely[NET_EGRESS], surely[NET_INGRESS]));
}

/* ---- in a word */

const char *const net_verdict_name[NET_VERDICTS] = { "allowed", "denied", "partly", "unknown" };

enum net_verdict network_verdict(const struct net_answer *answer, struct port_set asked,
                                 enum net_enforcement enforcement, struct arena *a)
{
    if (enforcement == NET_ENFORCED_NOT)
        return NET_OPEN;
    struct port_set open = ports_both(a, answer->allowed, asked);
    if (ports_both(a, answer->doubtful, asked).count)
        return NET_UNSURE;
    if (ports_equal(open, asked))
        return NET_OPEN;
    if (enforcement == NET_ENFORCED_PERHAPS)
        return NET_UNSURE;
    return open.count ? NET_PARTLY : NET_CLOSED;
}
