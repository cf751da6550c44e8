/* Sets of ports of the protocols that policies speak of: disjoint spans in order, protocol in the
 * upper 16 bits. */
#ifndef KUBEVOUCH_ANALYZE_NETWORK_PORTS_H
#define KUBEVOUCH_ANALYZE_NETWORK_PORTS_H

#include "base/str.h"
#include "base/vec.h"

enum net_protocol { NET_TCP, NET_UDP, NET_SCTP, NET_PROTOCOLS };
extern const char *const net_protocol_name[NET_PROTOCOLS];
/* By its name as in a policy; NET_PROTOCOLS: another one, of which no port is ever asked. Absent
 * means TCP, which is the caller's to say. */
enum net_protocol net_protocol_of(struct str name);

#define NET_PORT_MAX 65535u
static inline uint32_t net_port_key(enum net_protocol p, uint32_t port)
{
    return (uint32_t)p << 16 | port;
}

struct port_span {
    uint32_t from, to; /* keys, both inside */
};
struct port_set {
    struct port_span *item;
    size_t count;
};
/* Ports 1 to 65535 of every protocol. */
struct port_set ports_all(struct arena *a);
/* Spans in any order, overlapping or touching. */
struct port_set ports_of(struct arena *a, const struct port_span *span, size_t count);
struct port_set ports_union(struct arena *a, struct port_set x, struct port_set y);
struct port_set ports_both(struct arena *a, struct port_set x, struct port_set y);
struct port_set ports_without(struct arena *a, struct port_set x, struct port_set y);
bool ports_have(struct port_set s, uint32_t key);
bool ports_equal(struct port_set x, struct port_set y);
bool ports_are_all(struct port_set s);
/* "all ports", "none", "TCP 80, 443; UDP 53". */
struct str ports_text(struct arena *a, struct port_set s);

#endif
