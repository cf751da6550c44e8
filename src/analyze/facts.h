/* Derived facts as values for CEL: cluster-wide ones (facts.NAME) and what is derived for one row of a
 * population (derived.NAME). What lacks its evidence is a VALUE_ERROR_UNAVAILABLE that names the
 * missing right, so that a verdict over it becomes UNKNOWN, never a pass. */
#ifndef KUBEVOUCH_ANALYZE_FACTS_H
#define KUBEVOUCH_ANALYZE_FACTS_H

#include "cel/program.h"
#include "model/cluster.h"

/* What to leave to the site: parameters by name, set in the benchmark or with --param. */
struct facts;
/* After the EARLY stage: indexes RBAC, namespaces, service accounts. cluster must outlive it. */
struct facts *facts_open(struct arena *a, const struct cluster *cluster);
/* After the STREAM stage: pods are known now. */
void facts_complete(struct facts *f);

/* One row a fact (facts.def): its name, the kinds and endpoints it is made from, what it holds. */
struct fact_info {
    const char *name;      /* "networkPlugin": facts.networkPlugin */
    struct kind_set needs;
    bool needs_metrics;
    bool after_stream;     /* only known after facts_complete */
    const char *summary;   /* for man pages: the shape of the value */
};
extern const struct fact_info fact_info[];
extern const size_t fact_count;
/* The value of fact i; made once, remembered. */
struct value facts_get(struct facts *f, size_t i);

/* Populations that are not plain kinds, or that are kinds with derived values (tables.def). */
struct table_info {
    const char *name;      /* "subjects", "namespaces", "serviceaccounts", "pods", "apiservers", "cluster" */
    enum kind kind;        /* the kind it walks, or KIND_NONE for a made-up one */
    struct kind_set needs; /* besides kind: without these a row may fail but not pass */
    const char *summary;   /* the shape of object and derived */
};
extern const struct table_info table_info[];
extern const size_t table_count;
/* NULL: no such table (then `over` must be a plain kind). */
const struct table_info *table_find(struct str name);
/* Rows of a table that is not streamed: calls row once per row, in a fixed order (by name).
 * object and derived live until facts is gone. */
typedef bool facts_row_fn(void *ctx, struct value object, struct value derived, struct err *err);
bool facts_walk(struct facts *f, const struct table_info *table, facts_row_fn *row, void *ctx,
                struct err *err) WARN_UNUSED;
/* derived for one streamed object (pods): service account, namespace. Made in scratch. */
struct value facts_derived(struct facts *f, enum kind kind, struct value object, struct arena *scratch);
/* The Namespace object of an object: VAP's namespaceObject. Null for cluster-scoped objects;
 * unavailable when namespaces could not be read. */
struct value facts_namespace(struct facts *f, struct str ns, struct arena *scratch);

/* holding, covers, ...: the functions that checks may call beside CEL's own. */
extern const struct cel_host_function facts_function[];
extern const size_t facts_function_count;

#endif
