/* The kubelets of a cluster: the configuration that each said it runs with, or why it was not had.
 * Equal configurations are kept once: thousands of nodes have a handful. */
#ifndef KUBEVOUCH_CLUSTER_KUBELET_H
#define KUBEVOUCH_CLUSTER_KUBELET_H

#include "base/vec.h"
#include "tls/peer.h"
#include "value/value.h"

enum kubelet_way {
    KUBELET_NONE,   /* not asked */
    KUBELET_DIRECT, /* https://NODE:PORT/configz */
    KUBELET_PROXY,  /* /api/v1/nodes/NAME/proxy/configz */
    KUBELET_WAY_COUNT
};
extern const char *const kubelet_way_name[KUBELET_WAY_COUNT + 1]; /* "none" ... NULL */

enum kubelet_key {
#define KUBELET_KEY(e, path, flag, type, in_file, by_flags) KUBELET_##e,
#include "cluster/kubelet_key.def"
#undef KUBELET_KEY
    KUBELET_KEY_COUNT
};
enum kubelet_type { KUBELET_BOOL, KUBELET_INT, KUBELET_STRING, KUBELET_LIST, KUBELET_MAP };
struct kubelet_key_info {
    const char *path, *flag;
    enum kubelet_type type;
    const char *in_file, *by_flags;
};
extern const struct kubelet_key_info kubelet_key_info[KUBELET_KEY_COUNT];

/* Of a configuration (a map, as in a file or behind "kubeletconfig" of /configz) the keys of the
 * table, in their shape; of other types than the table's too, so that they can be told. */
struct value kubelet_project(struct arena *a, struct value config);

struct kubelet_row {
    struct str node;
    uint32_t config;                    /* in cluster.kubelet_config, from 1; 0: not had */
    struct str reason, remedy;          /* why not */
    uint32_t call;                      /* in the call log, from 1; 0: not asked */
    const struct tls_peer *certificate; /* that it serves with; NULL: not looked at */
    int stranger_status;    /* what a request without credentials got; 0: not asked, or no answer */
    bool stranger_verified; /* by a certificate of the cluster's CA for this node */
};
/* As was asked for, with projected configurations (kubelet_project). */
struct kubelets {
    enum kubelet_way way;
    bool insecure;               /* the credential was sent to kubelets that were not verified */
    VEC(struct kubelet_row) row; /* in the order of nodes */
    VEC(struct value) config;
    struct value intent; /* of ConfigMap kubelet-config; null: not had */
};

#endif
