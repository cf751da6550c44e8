/* Sets of ports as disjoint spans in order, and their algebra. */
#include "analyze/network/ports.h"

#include "base/buf.h"

const char *const net_protocol_name[NET_PROTOCOLS] = { "TCP", "UDP", "SCTP" };

enum net_protocol net_protocol_of(struct str name)
{
    for (size_t i = 0; i < NET_PROTOCOLS; i++)
        if (str_eq_c(name, net_protocol_name[i]))
            return (enum net_protocol)i;
    return NET_PROTOCOLS;
}

static int by_from(const void *a, const void *b)
{
    const struct port_span *x = a, *y = b;
    return (x->from > y->from) - (x->from < y->from);
}

struct port_set ports_of(struct arena *a, const struct port_span *span, size_t count)
{
    struct port_set s = { arena_array(a, struct port_span, count), 0 };
    if (!count)
        return s;
    memcpy(s.item, span, count * sizeof *span);
    qsort(s.item, count, sizeof *s.item, by_from);
    for (size_t i = 0; i < count; i++) {
        struct port_span each = s.item[i];
        if (each.from > each.to)
            continue;
        if (s.count && each.from <= s.item[s.count - 1].to + 1) {
            if (each.to > s.item[s.count - 1].to)
                s.item[s.count - 1].to = each.to;
        } else {
            s.item[s.count++] = each;
        }
    }
    return s;
}

struct port_set ports_all(struct arena *a)
{
    struct port_set s = { arena_array(a, struct port_span, NET_PROTOCOLS), NET_PROTOCOLS };
    for (size_t p = 0; p < NET_PROTOCOLS; p++)
        s.item[p] = (struct port_span){ net_port_key((enum net_protocol)p, 1),
                                        net_port_key((enum net_protocol)p, NET_PORT_MAX) };
    return s;
}

struct port_set ports_union(struct arena *a, struct port_set x, struct port_set y)
{
    if (!x.count || !y.count)
        return x.count ? x : y;
    struct port_span *both = arena_array(a, struct port_span, x.count + y.count);
    memcpy(both, x.item, x.count * sizeof *both);
    memcpy(both + x.count, y.item, y.count * sizeof *both);
    return ports_of(a, both, x.count + y.count);
}

struct port_set ports_both(struct arena *a, struct port_set x, struct port_set y)
{
    struct port_set s = { arena_array(a, struct port_span, x.count + y.count), 0 };
    size_t i = 0, k = 0;
    while (i < x.count && k < y.count) {
        uint32_t from = x.item[i].from > y.item[k].from ? x.item[i].from : y.item[k].from;
        uint32_t to = x.item[i].to < y.item[k].to ? x.item[i].to : y.item[k].to;
        if (from <= to)
            s.item[s.count++] = (struct port_span){ from, to };
        if (x.item[i].to < y.item[k].to)
            i++;
        else
            k++;
    }
    return s;
}

struct port_set ports_without(struct arena *a, struct port_set x, struct port_set y)
{
    struct port_set s = { arena_array(a, struct port_span, x.count + y.count), 0 };
    size_t k = 0;
    for (size_t i = 0; i < x.count; i++) {
        uint32_t from = x.item[i].from, to = x.item[i].to;
        while (k < y.count && y.item[k].to < from)
            k++;
        for (size_t cut = k; cut < y.count && y.item[cut].from <= to && from <= to; cut++) {
            if (y.item[cut].from > from)
                s.item[s.count++] = (struct port_span){ from, y.item[cut].from - 1 };
            from = y.item[cut].to + 1;
        }
        if (from <= to)
            s.item[s.count++] = (struct port_span){ from, to };
    }
    return s;
}

bool ports_have(struct port_set s, uint32_t key)
{
    for (size_t i = 0; i < s.count; i++)
        if (key >= s.item[i].from && key <= s.item[i].to)
            return true;
    return false;
}

bool ports_equal(struct port_set x, struct port_set y)
{
    return x.count == y.count && (!x.count || !memcmp(x.item, y.item, x.count * sizeof *x.item));
}

bool ports_are_all(struct port_set s)
{
    for (size_t p = 0; p < NET_PROTOCOLS; p++)
        if (s.count != NET_PROTOCOLS || s.item[p].from != net_port_key((enum net_protocol)p, 1) ||
            s.item[p].to != net_port_key((enum net_protocol)p, NET_PORT_MAX))
            return false;
    return true;
}

#define TEXT_BYTES_MAX 400u /* hostile sets have thousands of spans */

struct str ports_text(struct arena *a, struct port_set s)
{
    struct buf out CLEANUP(buf_release) = BUF_INIT(TEXT_BYTES_MAX + 64);
    uint32_t last = NET_PROTOCOLS;
    if (!s.count || ports_are_all(s))
        return s.count ? STR("all ports") : STR("none");
    for (size_t i = 0; i < s.count; i++) {
        uint32_t protocol = s.item[i].from >> 16, from = s.item[i].from & NET_PORT_MAX,
                 to = s.item[i].to & NET_PORT_MAX;
        if (out.n > TEXT_BYTES_MAX) {
            buf_addf(&out, " and %zu more", s.count - i);
            break;
        }
        if (protocol != last)
            buf_addf(&out, "%s%s ", i ? "; " : "", net_protocol_name[protocol]);
        else
            buf_add_c(&out, ", ");
        last = protocol;
        if (from == 1 && to == NET_PORT_MAX)
            buf_add_c(&out, "all ports");
        else if (from == to)
            buf_addf(&out, "%u", from);
        else
            buf_addf(&out, "%u-%u", from, to);
    }
    return str_dup(a, buf_str(&out));
}
