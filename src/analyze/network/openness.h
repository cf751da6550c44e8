/* Areas of addresses and ports, for the question whether rules together let everyone through. */
#ifndef KUBEVOUCH_ANALYZE_NETWORK_OPENNESS_H
#define KUBEVOUCH_ANALYZE_NETWORK_OPENNESS_H

#include "analyze/network/network.h"

struct net_area {
    struct ip from, till; /* both inside, of one family */
    struct port_span ports;
};
struct net_areas {
    struct net_area *item;
    size_t count, cap;
};
void net_areas_add(struct net_areas *to, struct arena *a, struct ip from, struct ip till,
                   struct port_set ports);
/* A CIDR without the holes of except, a list of CIDRs or null; holes that leave out only addresses
 * nobody has are none. */
void net_areas_add_block(struct net_areas *to, struct arena *a, struct cidr block,
                         struct value except, struct port_set ports);
/* The ports on which the areas hold every address of the family, of bytes 4 or 16; n log n in the
 * areas. */
struct port_set net_areas_full(const struct net_areas *area, uint8_t bytes, struct arena *a);

#endif
