/* The pieces of a result as values: what report.json and findings.jsonl are written from. Keys are
 * the published names of reports/report.schema.json. */
#ifndef KUBEVOUCH_REPORT_RESULT_VALUE_H
#define KUBEVOUCH_REPORT_RESULT_VALUE_H

#include "audit/result.h"

struct node_facts;

struct value run_value(struct arena *a, const struct result *r);
/* Whether files were judged, and no server answered. */
bool is_of_files(const struct result *r);
struct value target_value(struct arena *a, const struct result *r);
struct value identity_value(struct arena *a, const struct result *r);
struct value benchmark_value(struct arena *a, const struct result *r);
struct value score_value(struct arena *a, const struct score *s);
/* ERR_IO where a finding cannot be had. */
bool summary_value(struct value *out, struct arena *a, const struct result *r,
                   struct err *err) WARN_UNUSED;
struct value section_value(struct arena *a, const struct result *r, size_t section);
struct value check_value(struct arena *a, const struct result *r, size_t check);
struct value exception_value(struct arena *a, const struct result *r, size_t exception);
struct value framework_value(struct arena *a, const struct result *r, size_t framework);
/* One row of coverage: a kind, or an endpoint. */
struct value coverage_value(struct arena *a, struct str source, const struct coverage *c);
struct value call_value(struct arena *a, const struct call *c);
struct value params_value(struct arena *a, const struct result *r);
/* What was given of one node: who, when, by what; its files are the rows that checks name. */
struct value node_facts_given_value(struct arena *a, const struct node_facts *f);
struct value rights_value(struct arena *a, const struct result *r);

/* What was read of files, and what was not. */
struct value files_value(struct arena *a, const struct result *r);

#endif
