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

/* Whose reports the folder holds, by its report.json or else by BESIDE_RECORD: the cluster that r
 * is of (also: nothing that would be replaced is there), another one (or files, which are no
 * cluster's), or nobody knows. name: the files that would be replaced. */
enum beside_whose { BESIDE_OWN, BESIDE_OTHER, BESIDE_NOBODYS };
enum beside_whose beside_whose(const struct result *r, struct arena *a, struct str folder,
                               const char *const *name, size_t count);
/* What tells whose reports a folder holds where no report.json does; most formats have no room for
 * it. Whether it is to be written, and its line. json: a report.json is among those written. */
#define BESIDE_RECORD ".kubevouch-cluster"
bool beside_record_wanted(struct str *line, const struct result *r, struct arena *a,
                          struct str folder, bool json);
/* "report.json" -> "report.NAME-20261129T160200Z.json": the cluster and when the run began. */
struct str beside_other_name(struct arena *a, const struct result *r, struct str name);

#endif
