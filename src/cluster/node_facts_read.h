/* Reading what kubevouch node-facts printed on the nodes: a folder with one file NODE.json for
 * each. */
#ifndef KUBEVOUCH_CLUSTER_NODE_FACTS_READ_H
#define KUBEVOUCH_CLUSTER_NODE_FACTS_READ_H

#include "cluster/node_facts.h"

#define NODE_FACTS_NODES_MAX 20000u
#define NODE_FACTS_FILES_MAX 25000u /* rows of one node */
/* One document; strict. The text it was read from is not pointed to. Errors have the place. */
bool node_facts_of_node(struct node_facts *out, struct arena *a, const struct node *doc,
                        struct err *err) WARN_UNUSED;
bool node_facts_parse(struct node_facts *out, struct arena *a, struct str text, const char *file,
                      struct err *err) WARN_UNUSED;
/* Every *.json of the folder, in order of their names. A file is taken for the node its name says,
 * and refused when it says that it is another's: whoever has one node shall not speak for the rest.
 */
bool node_facts_read(struct node_evidence *out, struct arena *a, const char *dir,
                     struct err *err) WARN_UNUSED;

#endif
