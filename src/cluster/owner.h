/* Whose an object is. An ownerReference is written by whoever may write the object: it counts where
 * the owner that it names was listed, of the same uid, and selects the object; of a ReplicaSet or
 * Job, which are made from their owner's pod template, where theirs is the same, or makes no pods
 * any more. */
#ifndef KUBEVOUCH_CLUSTER_OWNER_H
#define KUBEVOUCH_CLUSTER_OWNER_H

#include "cluster/cluster.h"

enum owner_claim {
    OWNER_NONE, /* no workload is named as its controller */
    OWNER_VERIFIED,
    /* one is named that does not exist, is another by its uid, does not select the object, or has
       another pod template */
    OWNER_FALSE,
    OWNER_UNSEEN, /* one is named that was not seen, and such workloads were not all seen */
};
/* Kinds of the STREAM stage go by in waves, owners first; from 0. */
unsigned owner_wave(enum kind kind);
unsigned owner_waves(void);
/* The workload that controls a pod, a ReplicaSet or a Job, in cluster.owner from 1; 0 unless
 * OWNER_VERIFIED. Those that may own others must have gone by before (owner_wave). kind, which may
 * be NULL, is that of the owner that is named. */
enum owner_claim cluster_owner(const struct cluster *c, struct value object, uint32_t *owner,
                               enum kind *kind);
/* Remembers a workload that went by, and its owner: gives the latter's index (from 1), 0 for none.
 * Of other kinds the owner alone. */
uint32_t cluster_note_owner(struct cluster *c, enum kind kind, struct value object);
/* The row of an object that owns pods, from 1; made if it is new. */
uint32_t cluster_owner_index(struct cluster *c, struct object_ref ref);
/* The topmost owner, from 1; 0 stays 0. */
uint32_t cluster_top_owner(const struct cluster *c, uint32_t owner);

/* By its labels node-role.kubernetes.io/control-plane or master, which kubelets may not give
 * themselves (admission plugin NodeRestriction refuses a kubelet all of kubernetes.io but a few);
 * of_etcd: or etcd. */
bool cluster_node_is_control_plane(struct value node, bool of_etcd);
/* Why a mirror pod is not believed to be of the control plane; empty: it is. Any kubelet makes what
 * mirror pods it likes of its own node. Where the cluster was seen to have no Node at all, there is
 * none to doubt. */
struct str cluster_control_plane_doubt(const struct cluster *c, struct arena *a, struct value pod,
                                       bool of_etcd);

#endif
