/* Who can reach whom: all policies of a cluster, and what they say of two ends.
 *
 * Policies say what is allowed; whether anything enforces them is the network plugin's business
 * (facts.networkPlugin). Sources: kubernetes.io, Network Policies; network-policy-api.sigs.k8s.io.
 */
#ifndef KUBEVOUCH_ANALYZE_NETWORK_NETWORK_H
#define KUBEVOUCH_ANALYZE_NETWORK_NETWORK_H

#include "analyze/network/policy.h"
#include "base/map.h"
#include "value/pool.h"

/* Plain policies of one namespace that select the same pods. */
struct net_group {
    struct value pods;    /* selector; null: all */
    VEC(uint32_t) policy; /* in network.policy */
};
struct net_namespace {
    struct str name;
    struct value labels; /* with kubernetes.io/metadata.name, which every namespace has */
    bool listed;
    VEC(struct net_group) group;
    struct map group_by_digest; /* of the selector: to the index + 1 */
    /* "key=value" that a selector cannot do without: to a struct net_indices of groups */
    struct map by_label;
    VEC(uint32_t) general; /* groups without one */
};
struct net_indices {
    VEC(uint32_t) item;
};
struct net_class;
/* Addresses that no policy tells apart. */
struct net_interval {
    struct ip from, till; /* both inside */
};
struct network {
    struct arena *arena;
    struct value_pool pool; /* labels and ports of classes */
    /* whose own policies are enforced, for it is known to run; NET_OF_ALL: nobody's. Before
     * anything is asked */
    enum net_vendor runs;
    /* what enforces NetworkPolicies is not known to enforce the administrator's. Before anything is
     * asked */
    bool admin_unsure;
    struct net_policies policy;
    struct map space; /* name -> struct net_namespace */
    /* policies that are not of one namespace, in the order that they are judged */
    VEC(uint32_t) wide[NET_TIERS];
    VEC(struct str) label_key; /* that selectors of pods ask for, each once, sorted */
    struct map label_keys;
    bool names_ports;                  /* some rule names a port */
    VEC(struct net_interval) interval; /* all IPv4, then all IPv6 addresses, in order */
    bool names_addresses;              /* some rule names a block of them */
    bool intervals_over;               /* there are more than are told apart */
    VEC(struct net_class) klass;       /* pods that no policy tells apart */
    struct map class_by_key;
};
void network_init(struct network *n, struct arena *a);
void network_add_namespace(struct network *n, struct value object);
void network_add_policy(struct network *n, enum kind kind, struct value object);
/* Keys of a selector that a question asks with, to be told apart too; before network_finish. */
void network_note_selector(struct network *n, struct value selector);
void network_finish(struct network *n);
/* The policy says what it does: it was read as rules, and what enforces it runs. */
bool network_evaluates(const struct network *n, const struct net_policy *p);
/* Made if nothing named it before. */
struct net_namespace *network_space(struct network *n, struct str name);

/* One end of a connection: a pod (or those a workload makes), or an address. */
struct net_end {
    /* policies do not select pods of the host's network, nor know them as pods */
    bool is_pod, host_network;
    /* what rules say of addresses may be said of it; without this, and without ip, it is not */
    bool address_unknown;
    struct str ns;
    struct value labels; /* map, or anything else for none */
    struct value ports;  /* list of {name, port, protocol}, as in containers; null: none */
    struct ip ip[2];     /* what is known of its addresses */
    size_t ip_count;
};
/* labels and ports borrow from pod; ports are gathered in a. */
struct net_end net_end_of_pod(struct arena *a, struct value pod);
/* The named ports of a pod's containers: a list of {name, port, protocol}, null if there is none.
 */
struct value net_pod_ports(struct arena *a, struct value pod);

/* What decided about some ports, in the order of judging. */
enum net_reason {
    NET_BY_RULE, /* a rule of policy */
    /* selected for this direction, and no rule lets it through; policy: one of those that select */
    NET_BY_ISOLATION,
    NET_BY_DEFAULT, /* nothing selects it */
    /* policy is not evaluated, or its plugin is not known to run: it may allow or deny */
    NET_BY_OTHER,
};
struct net_step {
    enum net_direction direction;
    enum net_reason reason;
    enum net_action action;
    const struct net_policy *policy; /* NULL: NET_BY_DEFAULT */
    const struct net_rule *rule;
    struct port_set ports;
};
struct net_answer {
    struct port_set allowed;
    /* of those, and of the others, what policies that are not evaluated may change */
    struct port_set doubtful;
    VEC(struct net_step) step;
};
/* From one pod to itself all is allowed: the caller's to say. */
void network_between(struct network *n, const struct net_end *from, const struct net_end *to,
                     struct arena *a, struct net_answer *out);
/* Whether anything enforces what policies say. */
enum net_enforcement { NET_ENFORCED_NOT, NET_ENFORCED, NET_ENFORCED_PERHAPS };
/* What it comes to on the ports that are asked for. What policies deny is denied only where
 * something is known to enforce them, and what they allow is allowed whatever does. */
enum net_verdict { NET_OPEN, NET_CLOSED, NET_PARTLY, NET_UNSURE, NET_VERDICTS };
/* "allowed", "denied", "partly", "unknown" */
extern const char *const net_verdict_name[NET_VERDICTS];
enum net_verdict network_verdict(const struct net_answer *answer, struct port_set asked,
                                 enum net_enforcement enforcement, struct arena *a);
/* "NetworkPolicy shop/x, ingress rule 1, allows it". */
struct str net_step_text(struct arena *a, const struct net_step *s);
/* One direction of it: what to's (ingress) or from's (egress) policies let through. */
struct port_set network_one_way(struct network *n, enum net_direction d, const struct net_end *from,
                                const struct net_end *to, struct arena *a, struct net_answer *out);
/* Policies that select the pod, in the order of judging (indices in network.policy); only NET_PLAIN
 * of its namespace and what is wide. */
struct net_selecting {
    VEC(uint32_t) policy;
    VEC(uint32_t) wide;  /* those of them that are not of one namespace */
    VEC(uint32_t) group; /* of its namespace */
};
/* wide and group alone, which say all there is to say; network_expand makes policy of them. */
void network_select(struct network *n, const struct net_end *pod, struct arena *a,
                    struct net_selecting *out);
void network_expand(struct network *n, struct str ns, struct arena *a, struct net_selecting *s);
void network_selecting(struct network *n, const struct net_end *pod, struct arena *a,
                       struct net_selecting *out);
bool net_pods_match(struct network *n, const struct net_pods *which, const struct net_end *end);

/* ---- intervals (intervals.c) */

/* Part of network_finish. */
void network_find_intervals(struct network *n);
size_t network_interval_of(const struct network *n, const struct ip *ip);
/* False: there is none. */
bool net_next_address(struct ip *ip);

/* ---- classes (classes.c) */

/* Pods of one namespace with the same labels, of those that selectors ask for, the same ports,
 * where some rule names one, and addresses of the same intervals. */
struct net_class {
    struct net_end end;             /* ip: of the first of them */
    struct str example;             /* of a pod, else of a workload: "Deployment api" */
    uint32_t pods, workloads;       /* workloads: templates that make such pods */
    const struct net_openness *way; /* of each direction, after network_judge_classes */
};
/* Counts a pod, or the pod that a workload would make (of: its kind's name; NULL: a pod) to its
 * class; after network_finish. */
void network_add_pod(struct network *n, struct value pod, const char *of);
/* The class of a pod that was added, in network.klass; SIZE_MAX: none like it was. */
size_t network_class_of(struct network *n, struct value pod);
/* way of every class. */
void network_judge_classes(struct network *n);

/* ---- everyone (everyone.c) */

/* What of one direction of a pod is open. Everyone is all pods of all namespaces, all IPv4 or all
 * IPv6 addresses, in whatever spelling and by however many rules (strangers.h); addresses that no
 * peer can have (loopback, link-local ...) need not be among them. */
struct net_openness {
    bool selected; /* some policy speaks of this direction */
    bool isolated; /* what no rule lets through is refused */
    bool open;     /* everyone is let through on all ports of a protocol */
    bool closed;   /* no kind of peer is let through as a whole, whatever the pod */
    const struct net_policy *opens; /* a policy that has its part in that, NULL: none was needed */
    const struct net_policy *other; /* selects it, and is not evaluated */
};
void network_openness(struct network *n, const struct net_selecting *s, enum net_direction d,
                      struct arena *a, struct net_openness *out);

#endif
