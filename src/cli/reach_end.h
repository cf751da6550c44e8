/* The ends that kubevouch reach asks about: an address, or pods and workloads, by name or by
 * labels, found as they go by. */
#ifndef KUBEVOUCH_CLI_REACH_END_H
#define KUBEVOUCH_CLI_REACH_END_H

#include "analyze/network/network.h"

#define REACH_PEERS_MAX 1000u /* of one end */

/* One pod, what one workload makes, one class of pods that no policy tells apart, or an address. */
struct reach_peer {
    struct net_end end;
    struct str node; /* of one pod that has one, else empty */
    bool is_one_pod; /* and no other */
    struct str name; /* "Pod shop/web", "Deployment shop/api", "10.0.0.1" */
    /* of a class: its index, and how many pods and workloads besides the one named are of it */
    size_t klass, more;
};
struct reach_end {
    struct str text;       /* as given */
    struct str ns, name;   /* ns "*": all; name: empty for many */
    enum kind kind;        /* of name; KIND_NONE: whatever has it */
    struct value selector; /* of many */
    VEC(struct reach_peer) peer;
    bool over; /* there were more than REACH_PEERS_MAX */
};

/* "10.0.0.1", "shop/web", "shop/deployment/api", "shop/app=web,tier!=db", "shop/ *" (without the
 * blank), "web" in ns. */
bool reach_end_parse(struct reach_end *out, struct arena *a, struct str text, struct str ns,
                     struct err *err) WARN_UNUSED;
/* An object of a kind that is a pod or makes pods, to be looked at; after it was added to n. */
void reach_end_see(struct reach_end *e, struct arena *a, struct network *n, enum kind kind,
                   struct value object, struct arena *scratch);
/* Labels as kubectl writes them, "app=web,tier!=db,canary,!old", as a selector of Kubernetes. */
bool label_selector_parse(struct value *out, struct arena *a, struct str text,
                          struct err *err) WARN_UNUSED;

#endif
