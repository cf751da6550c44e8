/* Everyone by rules that do not say so: a selector that every namespace there is satisfies, and
 * that of a stranger as well. */
#ifndef KUBEVOUCH_ANALYZE_NETWORK_STRANGERS_H
#define KUBEVOUCH_ANALYZE_NETWORK_STRANGERS_H

#include "analyze/network/network.h"

/* A rule that lets its peers through, and on which ports. */
struct net_letting {
    const struct net_rule *rule;
    struct port_set ports;
};
/* The ports on which the rules together let in every pod of every namespace that was listed, of
 * those that every cluster has, and of one that is not there yet and has no label but its name. */
struct port_set net_ports_for_everyone(const struct network *n, const struct net_letting *letting,
                                       size_t count, struct arena *a);

#endif
