/* One network policy of any API, read into one shape: whom it selects, in which directions, and its
 * rules in order.
 *
 * Text and selectors are borrowed from the object. What cannot be understood never closes anything:
 * a rule of a NetworkPolicy that is malformed lets everyone through, a selector that is none
 * selects nothing. A policy with parts that are not evaluated says which. */
#ifndef KUBEVOUCH_ANALYZE_NETWORK_POLICY_H
#define KUBEVOUCH_ANALYZE_NETWORK_POLICY_H

#include "analyze/network/ports.h"
#include "base/ip.h"
#include "cluster/kind.h"
#include "value/value.h"

enum net_direction { NET_INGRESS, NET_EGRESS, NET_DIRECTIONS };
extern const char *const net_direction_name[NET_DIRECTIONS]; /* "ingress", "egress" */
enum net_action { NET_ALLOW, NET_DENY, NET_PASS };
extern const char *const net_action_name[]; /* "allows", "denies", "passes" */
/* Judged in this order; what the first two leave open and no baseline denies is allowed. */
enum net_tier { NET_ADMIN, NET_PLAIN, NET_BASELINE, NET_TIERS };

/* Pods by their namespace and themselves. */
struct net_pods {
    struct str own;          /* a namespace by name; empty: by selector */
    struct value namespaces; /* selector; null: all, unless own says which */
    struct value pods;       /* selector; null: all */
};
enum net_peer_kind {
    NET_PEER_PODS,
    NET_PEER_ADDRESSES,
    NET_PEER_EVERYONE,
    NET_PEER_OUT_OF_SIGHT, /* nodes, domain names ...: never a pod, perhaps an address */
};
struct net_peer {
    enum net_peer_kind kind;
    bool spares_pods; /* addresses outside the cluster only, whatever a pod's address is (Cilium) */
    struct net_pods pods;
    struct cidr cidr;
    struct value except; /* list of CIDRs, or null */
};
struct net_port {
    uint8_t protocol; /* net_protocol; NET_PROTOCOLS: any */
    uint16_t from, to;
    struct str name; /* of a container's port; empty: from .. to */
};
struct net_rule {
    enum net_action action;
    bool any_peer, any_port;
    bool doubtful;  /* holds what is not evaluated: what it lets through may be less */
    uint32_t index; /* in the object, from 0 */
    struct str name;
    struct net_peer *peer;
    struct net_port *port;
    size_t peer_count, port_count;
};
struct net_rules {
    struct net_rule *item;
    size_t count;
};
struct net_policy {
    enum kind kind;
    struct str ns, name;
    struct value object;
    enum net_tier tier;
    double order; /* within the tier, the lower first */
    struct net_pods subject;
    bool applies[NET_DIRECTIONS];
    bool isolates[NET_DIRECTIONS]; /* what no rule of its order and later lets through is refused */
    struct net_rules rules[NET_DIRECTIONS];
    struct str not_evaluated; /* why it was not read as rules; empty: it was */
};

/* of NetworkPolicies among Calico's; Cilium's denials go before all */
#define NET_ORDER_PLAIN 1000.0

/* Of object, which is of one of the kinds of policies. A Cilium object holds several. */
struct net_policies {
    struct net_policy *item;
    size_t count, cap;
};
bool net_kind_is_policy(enum kind k);
/* Whose policies a kind is, if only that plugin enforces them. */
enum net_vendor { NET_OF_ALL, NET_OF_CILIUM, NET_OF_CALICO };
enum net_vendor net_kind_vendor(enum kind k);
void net_policy_read(struct net_policies *out, struct arena *a, enum kind kind,
                     struct value object);
/* "NetworkPolicy shop/deny". */
struct str net_policy_text(struct arena *a, const struct net_policy *p);

/* ---- for the readers of one API each */

struct net_policy *net_policy_add(struct net_policies *out, struct arena *a, enum kind kind,
                                  struct value object);
bool net_absent(const struct value *v);  /* missing or null, which are the same everywhere */
bool net_no_list(const struct value *v); /* or an empty list */
/* A map without other keys than these, but those that are null; null is an empty one. */
bool net_only_keys(struct value map, const char *const *key, size_t count);
void net_read_plain(struct net_policies *out, struct arena *a, enum kind kind, struct value object);
void net_read_admin(struct net_policies *out, struct arena *a, enum kind kind, struct value object);
void net_read_cilium(struct net_policies *out, struct arena *a, enum kind kind,
                     struct value object);
void net_read_calico(struct net_policies *out, struct arena *a, enum kind kind,
                     struct value object);

#endif
