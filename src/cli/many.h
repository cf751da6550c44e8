/* --contexts, --kubeconfig-dir: many clusters, one after the other, each into a folder of its own.
 */
#ifndef KUBEVOUCH_CLI_MANY_H
#define KUBEVOUCH_CLI_MANY_H

#include "cli/command.h"

/* In the output folder: the folders of all clusters of all shards, a name a line, in order. */
#define MANY_LIST "clusters.txt"

bool many_wanted(const struct options *o);
/* Goes on after a cluster that fails; the status is the worst of all. */
enum exit_status many_audit(const struct options *o, struct arena *run, struct err *err);
/* The name of a cluster's folder: what is no letter, digit, ".", "_" or "-" becomes "_", and it
 * begins with none of "." and "-". */
struct str many_folder(struct arena *a, struct str name);

#endif
