/* Findings as values: flat, for lines that stand alone, and with references to the tables of
 * report.json. Keys are the published names of reports/report.schema.json. */
#ifndef KUBEVOUCH_REPORT_FINDING_VALUE_H
#define KUBEVOUCH_REPORT_FINDING_VALUE_H

#include "report/tables.h"

/* Adds the keys of a line of findings.jsonl, all that is told of the finding. */
void finding_set_flat(struct value_builder *b, const struct result *r, const struct finding *f);
/* A finding of report.json; what repeats goes to the tables. */
struct value finding_value(struct arena *a, const struct result *r, const struct finding *f,
                           struct tables *t);
/* What a reader may paste to mend the finding, a failure; empty: there is nothing. */
struct str finding_command(struct arena *a, const struct check *d, const struct finding *f);
/* What a row showed. wanted: empty where it stands beside; grouped: of several rows, with their
 * verdict. */
struct value observation_value(struct arena *a, const struct observation *o, struct str wanted,
                               bool grouped);

#endif
