/* Reports of many clusters as one: clusters by control. A pure function of the reports: it does not
 * matter who wrote which, or where they lay, and no clock is asked. */
#ifndef KUBEVOUCH_EVIDENCE_FLEET_H
#define KUBEVOUCH_EVIDENCE_FLEET_H

#include "evidence/document.h"
#include "report/report.h"

struct fleet_cluster {
    struct str key; /* what the list of clusters calls it: the name of its folder */
    struct str name, cluster_id, server, benchmark_id, benchmark_version, benchmark_sha256, run_id,
        started, finished;
    struct instant at; /* finished */
    struct score score;
    uint32_t urgent; /* failed checks of severity critical and high */
    struct fleet_cell {
        size_t control;
        enum verdict verdict;
    } * cell;
    size_t cell_count;
};
struct fleet_control {
    struct str benchmark_id, benchmark_version, id, title, severity;
    uint32_t count[VERDICT_COUNT]; /* of clusters */
};
struct fleet {
    struct arena *arena;
    VEC(struct fleet_cluster) cluster;
    /* in the order of the benchmark, as the first cluster by name has it */
    VEC(struct fleet_control) control;
    struct map by_control, by_cluster_id;
};
void fleet_init(struct fleet *f, struct arena *a);
/* Adds one cluster's report, of which nothing is pointed to afterwards. To be called in order of
 * the keys. ERR_INPUT where two are of the same cluster, or the report has no time. */
bool fleet_add(struct fleet *f, struct str key, const struct document *d,
               struct err *err) WARN_UNUSED;
/* ERR_INPUT naming every cluster whose report is over max_age_s older than the newest: it is not of
 * the same run. */
bool fleet_is_of_one_run(const struct fleet *f, int64_t max_age_s, struct err *err) WARN_UNUSED;
bool fleet_json(const struct fleet *f, struct sink *out, struct err *err) WARN_UNUSED;
/* fleet_html.c */
bool fleet_html(const struct fleet *f, struct sink *out, struct err *err) WARN_UNUSED;

#endif
