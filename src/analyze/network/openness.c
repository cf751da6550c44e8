/* Whether everyone is let through: judged over addresses, as the union of all rules, port by port.
 */
#include "analyze/network/openness.h"

/* ---- addresses nobody has: holes there leave nobody out */

static const char *const nobody[] = {
    "0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3",
    "::/128",    "::1/128",     "fe80::/10",      "ff00::/8",
};

static struct ip last_of(const struct cidr *c)
{
    struct ip ip = c->ip;
    for (size_t i = 0; i < ip.n; i++) {
        size_t kept = c->bits > i * 8 ? c->bits - i * 8 : 0;
        if (kept < 8)
            ip.byte[i] = (uint8_t)(ip.byte[i] | (0xffu >> kept));
    }
    return ip;
}

static int ip_cmp(const struct ip *a, const struct ip *b)
{
    return memcmp(a->byte, b->byte, a->n);
}

/* The address behind; false: there is none. */
static bool ip_next(struct ip *ip)
{
    for (size_t i = ip->n; i-- > 0;) {
        ip->byte[i]++;
        if (ip->byte[i])
            return true;
    }
    return false;
}

static bool is_nobody(const struct cidr *hole)
{
    for (size_t i = 0; i < COUNT_OF(nobody); i++) {
        struct cidr c;
        if (cidr_parse(&c, str_from_c(nobody[i])) && c.bits <= hole->bits &&
            cidr_contains(&c, &hole->ip))
            return true;
    }
    return false;
}

/* ---- rectangles of addresses and ports */

void net_areas_add(struct net_areas *to, struct arena *a, struct ip from, struct ip till,
                   struct port_set ports)
{
    for (size_t i = 0; i < ports.count && ip_cmp(&from, &till) <= 0; i++)
        *VEC_PUSH(to, a) = (struct net_area){ from, till, ports.item[i] };
}

static int by_first(const void *a, const void *b)
{
    return ip_cmp(&((const struct cidr *)a)->ip, &((const struct cidr *)b)->ip);
}

/* The block without its holes. */
void net_areas_add_block(struct net_areas *to, struct arena *a, struct cidr block,
                         struct value except, struct port_set ports)
{
    size_t count = 0;
    struct cidr *hole = arena_array(a, struct cidr, except.kind == VALUE_LIST ? except.n : 0);
    struct cidr whole = cidr_masked(&block);
    struct ip from = whole.ip, till = last_of(&whole);
    for (uint32_t i = 0; except.kind == VALUE_LIST && i < except.n; i++) {
        struct cidr c;
        if (cidr_parse(&c, value_text(value_item(except, i))) && c.ip.n == from.n && !is_nobody(&c))
            hole[count++] = cidr_masked(&c);
    }
    if (count)
        qsort(hole, count, sizeof *hole, by_first);
    for (size_t i = 0; i < count; i++) {
        struct ip last = last_of(&hole[i]), before = hole[i].ip;
        if (ip_cmp(&last, &from) < 0)
            continue;
        if (ip_cmp(&before, &till) > 0)
            break;
        for (size_t k = before.n; k-- > 0;)
            if (before.byte[k]--)
                break;
        if (ip_cmp(&hole[i].ip, &from) > 0)
            net_areas_add(to, a, from, before, ports);
        from = last;
        if (!ip_next(&from))
            return;
    }
    net_areas_add(to, a, from, till, ports);
}

/* ---- which ports have all addresses: a sweep over ports, with the addresses as leaves of a tree
 * that knows its least count */

struct tree {
    int32_t *least, *add;
    size_t leaves;
};

static void tree_add(struct tree *t, size_t node, size_t low, size_t high, size_t from, size_t to,
                     int32_t by)
{
    if (from >= high || to <= low)
        return;
    if (from <= low && high <= to) {
        t->least[node] += by;
        t->add[node] += by;
        return;
    }
    size_t middle = (low + high) / 2;
    tree_add(t, 2 * node, low, middle, from, to, by);
    tree_add(t, 2 * node + 1, middle, high, from, to, by);
    int32_t left = t->least[2 * node], right = t->least[2 * node + 1];
    t->least[node] = (left < right ? left : right) + t->add[node];
}

struct event {
    uint32_t port; /* key at which it happens */
    int32_t by;
    size_t from, to; /* leaves */
};

static int by_port(const void *a, const void *b)
{
    const struct event *x = a, *y = b;
    return (x->port > y->port) - (x->port < y->port);
}

static int by_address(const void *a, const void *b)
{
    return ip_cmp(a, b);
}

static size_t leaf_of(const struct ip *bound, size_t count, const struct ip *ip)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (ip_cmp(&bound[middle], ip) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The addresses at which something begins, in order, each once; the first is the first address
 * there is. */
static size_t bounds_of(struct ip *bound, const struct net_areas *area, uint8_t bytes)
{
    size_t n = 0, count = 0;
    bound[n++] = (struct ip){ .n = bytes };
    for (size_t i = 0; i < area->count; i++) {
        struct ip behind = area->item[i].till;
        bound[n++] = area->item[i].from;
        if (ip_next(&behind))
            bound[n++] = behind;
    }
    qsort(bound, n, sizeof *bound, by_address);
    for (size_t i = 0; i < n; i++)
        if (!count || ip_cmp(&bound[count - 1], &bound[i]))
            bound[count++] = bound[i];
    return count;
}

struct port_set net_areas_full(const struct net_areas *area, uint8_t bytes, struct arena *a)
{
    VEC(struct port_span) full = { 0 };
    if (!area->count)
        return (struct port_set){ 0 };
    struct ip *bound = arena_array(a, struct ip, 2 * area->count + 1);
    size_t leaves = bounds_of(bound, area, bytes), events = 2 * area->count;
    struct tree t = { arena_array(a, int32_t, 4 * leaves), arena_array(a, int32_t, 4 * leaves),
                      leaves };
    struct event *event = arena_array(a, struct event, events);
    for (size_t i = 0; i < area->count; i++) {
        struct ip behind = area->item[i].till;
        size_t from = leaf_of(bound, leaves, &area->item[i].from),
               to = ip_next(&behind) ? leaf_of(bound, leaves, &behind) : leaves;
        event[2 * i] = (struct event){ area->item[i].ports.from, 1, from, to };
        event[2 * i + 1] = (struct event){ area->item[i].ports.to + 1, -1, from, to };
    }
    qsort(event, events, sizeof *event, by_port);
    for (size_t i = 0; i < events;) {
        uint32_t port = event[i].port;
        for (; i < events && event[i].port == port; i++)
            tree_add(&t, 1, 0, leaves, event[i].from, event[i].to, event[i].by);
        if (t.least[1] > 0 && i < events)
            *VEC_PUSH(&full, a) = (struct port_span){ port, event[i].port - 1 };
    }
    return ports_of(a, full.item, full.count);
}
