/* PersistentVolumes: what they are made of, whether their class asked for encryption, and which
 * workloads mount them. */
#ifndef KUBEVOUCH_ANALYZE_STORAGE_VOLUMES_H
#define KUBEVOUCH_ANALYZE_STORAGE_VOLUMES_H

#include "base/map.h"
#include "base/vec.h"
#include "cluster/cluster.h"

/* Of one claim at most so many workloads are remembered by name; the others are counted. */
#define VOLUME_MOUNTERS_MAX 20u

struct volume {
    struct str name, storage_class, driver, phase, claim_ns, claim;
    /* of annotation pv.kubernetes.io/provisioned-by; empty: made by hand */
    struct str provisioned_by;
    struct str attribute; /* of the volume itself: what it says of encryption; empty: nothing */
};
struct volume_mounters {
    VEC(struct str) by; /* "StatefulSet shop/db", "Pod shop/p" */
    uint32_t more;      /* pods of workloads beyond those */
};
struct volumes {
    struct arena *arena;
    VEC(struct volume) volume;
    struct map mounted; /* "ns/claim" -> struct volume_mounters */
};
void volumes_init(struct volumes *v, struct arena *a);
void volumes_add(struct volumes *v, struct value object);
/* The claims that a pod, or the pod that a workload's template would make, mounts. by: who that is,
 * as it is told. */
void volumes_add_pod(struct volumes *v, struct value pod, struct str by, struct arena *scratch);
/* NULL: none. */
const struct volume_mounters *volumes_mounters(const struct volumes *v, struct str ns,
                                               struct str claim, struct arena *scratch);
/* The parameter by which the driver's class asks for encryption; empty: none is known. */
struct str volume_encryption_parameter(struct str driver);

#endif
