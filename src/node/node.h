/* What a node's own files and processes say, for the controls that the API cannot answer: owners
 * and modes of files, the kubelet's command line, the audit policy. Reads only; never the contents
 * of keys and kubeconfigs. */
#ifndef KUBEVOUCH_NODE_NODE_H
#define KUBEVOUCH_NODE_NODE_H

#include "cluster/node_facts.h"

struct node_options {
    const char *root;        /* where the node's root folder is: "/", or where it was mounted */
    const struct str *mount; /* folders of it that were mounted; none: all of it is there */
    size_t mount_count;
    struct str node_name; /* empty: the kubelet's --hostname-override, else host_name */
    struct str host_name, tool_version;
    struct instant now;
};
/* ERR_IO when root is no folder; whatever else cannot be seen is told in *out. */
bool node_gather(struct node_facts *out, struct arena *a, const struct node_options *o,
                 struct err *err) WARN_UNUSED;
/* As the document that audit --node-facts reads. */
struct value node_facts_value(struct arena *a, const struct node_facts *f);

#endif
