/* A part of the cluster that somebody answers for, such as what holds cardholder data: which pods
 * are in it, and who says so. */
#ifndef KUBEVOUCH_ANALYZE_NETWORK_SCOPE_H
#define KUBEVOUCH_ANALYZE_NETWORK_SCOPE_H

#include "base/vec.h"
#include "value/value.h"

struct net_scope_member {
    struct str text;       /* as given */
    struct str ns;         /* "*": all */
    struct value selector; /* null: all pods */
};
struct net_scope {
    struct str name, owner, date; /* the last two empty where they are not told */
    VEC(struct net_scope_member) member;
};
struct net_scopes {
    VEC(struct net_scope) item;
};

#endif
