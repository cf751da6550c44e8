/* Cluster roles that are put together of others, filled where no controller has done so. */
#ifndef KUBEVOUCH_ANALYZE_RBAC_AGGREGATE_H
#define KUBEVOUCH_ANALYZE_RBAC_AGGREGATE_H

#include "analyze/rbac/rbac.h"

/* Gives each aggregated role that has no rules (where r->unfilled, each) those of the roles that
 * its selectors select; selected ones that are to be filled themselves are followed. Time goes with
 * roles times the steps of their chains: which roles a selector selects is looked for once. */
void rbac_aggregate(struct rbac *r);

#endif
