/* The inside of node_gather, shared by the files of the room. */
#ifndef KUBEVOUCH_NODE_GATHER_H
#define KUBEVOUCH_NODE_GATHER_H

#include "base/map.h"
#include "node/node.h"
#include "node/walk.h"

#define NODE_FILES_MAX      20000u
#define NODE_TREE_DEPTH_MAX 16u
#define NODE_TEXT_BYTES_MAX ((size_t)1 << 20) /* of a file that is read */

enum node_platform { PLATFORM_KUBEADM, PLATFORM_K3S, PLATFORM_RKE2, PLATFORM_COUNT };
extern const char *const node_platform_name[PLATFORM_COUNT];
enum node_shape { SHAPE_FILE, SHAPE_TREE, SHAPE_DROPINS };

struct node_account {
    int64_t id;
    struct str name;
};
struct node_accounts {
    VEC(struct node_account) item;
};
/* What the kubelet was told; of its configuration file only what says where files are. */
struct node_kubelet {
    bool found; /* its process was seen */
    bool read;  /* its configuration file was */
    struct str config, config_dir, kubeconfig, client_ca, static_pods, hostname_override;
};
struct gather {
    struct arena *arena;
    const struct walk_root *root;
    struct node_facts *out;
    struct node_accounts user, group;
    struct map told;             /* "role path" of each row: no file is told twice in one role */
    bool has[PLATFORM_COUNT];    /* or may have: it could not be told */
    bool moved[NODE_ROLE_COUNT]; /* a setting says where the files are: no default counts */
    struct node_kubelet kubelet;
    bool apiserver_found;  /* its audit policy was told about */
    bool manifests_hidden; /* a folder of manifests may hold what was not seen */
};
struct node_place {
    enum node_role role;
    enum node_platform platform;
    struct str source, path;
};
/* Looks and adds a row; the row is good until the next one. */
struct node_file *gather_file(struct gather *g, struct node_place at);
/* Adds a row about what cannot be told. */
struct node_file *gather_told(struct gather *g, struct node_place at, enum node_state state,
                              const char *reason);
void gather_shape(struct gather *g, struct node_place at, enum node_shape shape);
/* The YAML document in a file of the node; NULL with a fixed reason. */
const struct node *gather_document(struct gather *g, struct str path, const char **reason);

void gather_accounts(struct gather *g);
void gather_processes(struct gather *g);
void gather_kubelet(struct gather *g);
void gather_manifests(struct gather *g);
void gather_defaults(struct gather *g);
/* From a flag of kube-apiserver: path empty means that there is none. */
void gather_audit_policy(struct gather *g, enum node_platform platform, struct str source,
                         struct str path);
/* The first process of that name that runs on the node itself; NULL if there is none. */
const struct node_process *gather_process(const struct gather *g, const char *name);
struct str node_flag(const struct node_process *p, const char *flag);

#endif
