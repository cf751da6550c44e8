/* What kubevouch node-facts saw on one node: owners and modes of files, the flags of the kubelet
 * that say where they are. Made in room node, written as JSON, read back by collect, judged by
 * analyze. */
#ifndef KUBEVOUCH_CLUSTER_NODE_FACTS_H
#define KUBEVOUCH_CLUSTER_NODE_FACTS_H

#include "base/clock.h"
#include "cluster/audit_policy.h"

#define NODE_FACTS_SCHEMA 1

enum node_role {
#define NODE_ROLE(e, name, what) NODE_##e,
#include "cluster/node_role.def"
#undef NODE_ROLE
    NODE_ROLE_COUNT
};
/* By enum node_role, NULL ends. */
extern const char *const node_role_name[NODE_ROLE_COUNT + 1];
extern const char *const node_role_what[NODE_ROLE_COUNT + 1];

enum node_state {
    NODE_PRESENT,
    NODE_ABSENT,         /* the folder that would hold it was seen, and it is not there */
    NODE_NOT_CONFIGURED, /* the component's own settings were read, and name no such file */
    NODE_NOT_VISIBLE,    /* outside the folders that were mounted */
    NODE_FORBIDDEN,      /* the file system refused */
    NODE_UNREADABLE,     /* a loop of links, too many entries, not what it should be ... */
    NODE_STATE_COUNT
};
extern const char *const node_state_name[NODE_STATE_COUNT + 1]; /* "present", "not-visible" ... */

/* Texts that came from the node are UTF-8: other bytes are written \xNN. */
struct node_file {
    int role, state;         /* enum node_role, enum node_state */
    struct str platform;     /* whose path it is: "kubeadm", "k3s", "rke2" */
    struct str source;       /* how it was found: "default", "flag --config of kubelet" ... */
    struct str path, target; /* target: where links lead, empty if there is none */
    struct str reason;       /* why it is not known; empty if it is */
    struct str type;         /* "file", "directory", "other" */
    uint32_t mode;           /* 07777 at most */
    int64_t uid, gid;
    struct str owner, group; /* names on that node; empty: not known */
    int64_t size;
    struct audit_policy *policy; /* of NODE_AUDIT_POLICY: NULL if it is none; reason says why */
};
struct node_process {
    struct str name; /* "kubelet", "kube-proxy" ... */
    int64_t pid;
    bool in_container;
    struct value flags; /* map of texts: only those of node/flag.def */
};
struct node_facts {
    struct str file_name; /* where it was read from; empty when it was made here */
    struct str node_name, collected_at, tool_version, root;
    struct instant collected;
    struct str *mount; /* folders of root that are the node's; none: all of it is */
    size_t mount_count;
    bool processes_visible;
    struct str processes_reason; /* why not */
    VEC(struct node_process) process;
    VEC(struct node_file) file;
};
#define NODE_FACTS_MAX_AGE_HOURS 168
/* What was given of a cluster's nodes, each node once. */
struct node_evidence {
    struct node_facts *node;
    size_t count;
    struct str unread; /* what was asked for and could not be had, a sentence; empty: nothing */
    int64_t max_age_s; /* facts older at the audit's time decide nothing; 0: any age does */
};

#endif
