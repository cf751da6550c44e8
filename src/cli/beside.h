/* Where the reports of an audit that broke off go: beside a more complete report of the same
 * cluster, never over it. */
#ifndef KUBEVOUCH_CLI_BESIDE_H
#define KUBEVOUCH_CLI_BESIDE_H

#include "audit/result.h"

/* Whether the folder holds a report that r, which broke off, must not replace. One that cannot be
 * read, or says of no cluster, is taken for such. name is a report's file, "report.html". */
bool beside_wanted(const struct result *r, struct arena *a, struct str folder, struct str name);
/* "report.html" to "report.incomplete.html" */
struct str beside_name(struct arena *a, struct str name);

/* Whether the folder's report.json is of another cluster, by what both clusters say of themselves.
 */
bool beside_other_cluster(const struct result *r, struct arena *a, struct str folder);
/* "report.json" -> "report.NAME-20261129T160200Z.json": the cluster and when the run began. */
struct str beside_other_name(struct arena *a, const struct result *r, struct str name);

#endif
