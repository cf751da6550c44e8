/* Addresses that no policy tells apart: the intervals between the ends of all blocks that rules
 * name. */
#include "analyze/network/network.h"

#define BOUNDS_MAX 100000u

bool net_next_address(struct ip *ip)
{
    for (size_t i = ip->n; i-- > 0;)
        if (++ip->byte[i])
            return true;
    return false;
}

static void previous_address(struct ip *ip)
{
    for (size_t i = ip->n; i-- > 0;)
        if (ip->byte[i]--)
            return;
}

typedef VEC(struct ip) ips;

static void add_bounds(ips *of, struct arena *a, struct cidr c)
{
    struct cidr m = cidr_masked(&c);
    struct ip behind = m.ip;
    if (of->count >= BOUNDS_MAX)
        return;
    *VEC_PUSH(of, a) = m.ip;
    for (size_t bit = m.bits; bit < behind.n * 8u; bit++)
        behind.byte[bit / 8] |= (uint8_t)(0x80u >> bit % 8);
    if (net_next_address(&behind))
        *VEC_PUSH(of, a) = behind;
}

static void bounds_of_rules(ips *of, struct arena *a, const struct net_rules *rules)
{
    for (size_t r = 0; r < rules->count; r++) {
        for (size_t i = 0; i < rules->item[r].peer_count; i++) {
            const struct net_peer *p = &rules->item[r].peer[i];
            struct cidr hole;
            if (p->kind == NET_PEER_ADDRESSES)
                add_bounds(of, a, p->cidr);
            for (uint32_t k = 0;
                 p->kind == NET_PEER_ADDRESSES && p->except.kind == VALUE_LIST && k < p->except.n;
                 k++)
                if (cidr_parse(&hole, value_text(value_item(p->except, k))))
                    add_bounds(of, a, hole);
        }
    }
}

static int by_ip(const void *a, const void *b)
{
    const struct ip *x = a, *y = b;
    return x->n != y->n ? (x->n > y->n) - (x->n < y->n) : memcmp(x->byte, y->byte, x->n);
}

void network_find_intervals(struct network *n)
{
    struct arena scratch CLEANUP(arena_release) = { 0 }, *a = &scratch;
    ips bound = { 0 };
    *VEC_PUSH(&bound, a) = (struct ip){ .n = 4 };
    *VEC_PUSH(&bound, a) = (struct ip){ .n = 16 };
    for (size_t i = 0; i < n->policy.count; i++)
        for (size_t d = 0; d < NET_DIRECTIONS; d++)
            bounds_of_rules(&bound, a, &n->policy.item[i].rules[d]);
    n->names_addresses = bound.count > 2;
    n->intervals_over = bound.count >= BOUNDS_MAX;
    qsort(bound.item, bound.count, sizeof *bound.item, by_ip);
    for (size_t i = 0; i < bound.count; i++) {
        struct net_interval each = { bound.item[i], bound.item[i] };
        if (i && ip_equal(&bound.item[i], &bound.item[i - 1]))
            continue;
        size_t next = i + 1;
        while (next < bound.count && ip_equal(&bound.item[next], &bound.item[i]))
            next++;
        bool last = next == bound.count || bound.item[next].n != each.from.n;
        memset(each.till.byte, 0xFF, each.till.n);
        if (!last) {
            each.till = bound.item[next];
            previous_address(&each.till);
        }
        *VEC_PUSH(&n->interval, n->arena) = each;
    }
}

size_t network_interval_of(const struct network *n, const struct ip *ip)
{
    size_t low = 0, high = n->interval.count;
    while (high - low > 1) {
        size_t middle = (low + high) / 2;
        if (by_ip(&n->interval.item[middle].from, ip) <= 0)
            low = middle;
        else
            high = middle;
    }
    return low;
}
