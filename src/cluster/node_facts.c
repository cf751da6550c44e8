/* What kubevouch node-facts saw on one node: owners and modes of files, the flags of the kubelet
 * that say where they are. */
#include "cluster/node_facts.h"

const char *const node_role_name[NODE_ROLE_COUNT + 1] = {
#define NODE_ROLE(e, name, what) name,
#include "cluster/node_role.def"
#undef NODE_ROLE
};
const char *const node_role_what[NODE_ROLE_COUNT + 1] = {
#define NODE_ROLE(e, name, what) what,
#include "cluster/node_role.def"
#undef NODE_ROLE
};
const char *const node_state_name[NODE_STATE_COUNT + 1] = {
    "present", "absent", "not-configured", "not-visible", "forbidden", "unreadable",
};
