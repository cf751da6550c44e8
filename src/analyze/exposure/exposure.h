/* Ways into the cluster from outside: Services, Ingresses, Gateways and their routes, ports of
 * nodes that pods take.
 *
 * What an object opens, by what it says and by the addresses that controllers wrote into its
 * status; whether something in front of it stands in the way is not seen. Sources: kubernetes.io,
 * Service, Ingress; gateway-api.sigs.k8s.io. */
#ifndef KUBEVOUCH_ANALYZE_EXPOSURE_EXPOSURE_H
#define KUBEVOUCH_ANALYZE_EXPOSURE_EXPOSURE_H

#include "base/ip.h"
#include "base/map.h"
#include "base/vec.h"
#include "cluster/kind.h"
#include "value/value.h"

/* One way: object {kind, namespace, name}, and what derived is made of. */
struct exposure {
    const char *kind;
    struct str ns, name, by; /* by: "load-balancer", "node-port" ...: tables.def */
    struct value ports, addresses, hosts, sources, through, backends; /* lists of texts */
    struct value selector;                                            /* of a Service; null: none */
    bool on_nodes; /* at the addresses of nodes */
    bool tls;      /* some host has it */
    /* of an Ingress: hosts without TLS; of a Gateway: its HTTP listeners, as they are */
    struct value plain;
    struct value parent; /* of a route that leads to a backend: its parentRefs */
    uint32_t pods;       /* of a pod: how many of its owner are like it */
};
struct exposures {
    struct arena *arena;
    VEC(struct exposure *) way;
    struct map pod;    /* of one owner and the same ports: to the way */
    bool nodes_public; /* some node has an address of the internet */
};
void exposures_init(struct exposures *x, struct arena *a);
void exposures_add_node(struct exposures *x, struct value node);
/* An object of any kind; what opens nothing adds nothing. What is kept is copied. owned: another
 * workload that is seen makes it. */
void exposures_add(struct exposures *x, enum kind kind, struct value object, bool owned,
                   struct arena *scratch);
/* Whether it is open to the internet: true by an address that is of it, false where all that are
 * known are of private networks, else null. */
struct value exposure_internet(const struct exposures *x, const struct exposure *e);
/* Hosts that are answered without TLS, "a.example": of an Ingress those that no entry of its
 * spec.tls names, of a Gateway those of HTTP listeners that a route leads on from to a backend (one
 * that only redirects is harmless). A list of texts. Source: kubernetes.io, Ingress: the hosts in
 * the tls section need to match those in the rules. */
struct value exposure_plain(const struct exposures *x, const struct exposure *e, struct arena *a);
/* "load balancer: TCP 443 at 203.0.113.5". */
struct str exposure_text(struct arena *a, const struct exposure *e);
/* Not of a private, local or reserved network. */
bool ip_is_public(const struct ip *ip);

#endif
