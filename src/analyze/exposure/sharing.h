/* Which workloads run on which nodes, and which of them can be reached from outside: so that it
 * shows where the two kinds are neighbours. */
#ifndef KUBEVOUCH_ANALYZE_EXPOSURE_SHARING_H
#define KUBEVOUCH_ANALYZE_EXPOSURE_SHARING_H

#include "analyze/exposure/exposure.h"

/* Pods of one namespace with the same labels. */
struct sharing_class {
    struct str ns, by; /* by: one of those that they are of, "Deployment shop/web" */
    struct value labels;
    bool is_public;
    VEC(uint32_t) node; /* indexes in sharing.node, each once */
};
struct sharing {
    struct arena *arena;
    struct map klass;      /* ns and labels -> struct sharing_class */
    struct map node_index; /* name -> index + 1 */
    VEC(struct str) node;
    struct map by_namespace; /* name -> classes and Services of it */
};
void sharing_init(struct sharing *s, struct arena *a);
/* A pod that was given a node and is not over. by: who made it. */
void sharing_add_pod(struct sharing *s, struct value pod, struct str by);
void sharing_add_service(struct sharing *s, struct value object);
/* Marks what the ways in lead to, by the selectors of the Services that they name. An address that
 * is known to be private is no way in. */
void sharing_mark(struct sharing *s, const struct exposures *x);

#endif
