/* Findings and checks, counted: what summaries and dashboards are made of. */
#ifndef KUBEVOUCH_REPORT_TALLY_H
#define KUBEVOUCH_REPORT_TALLY_H

#include "audit/result.h"

/* Checks and findings by verdict, and the failures among the findings by severity. */
struct counts {
    uint64_t checks[VERDICT_COUNT], findings[VERDICT_COUNT];
    uint64_t failures[SEVERITY_COUNT];
};
struct namespace_counts {
    struct str name; /* empty: what is of no namespace */
    struct counts counts;
};
struct tally {
    struct counts severity[SEVERITY_COUNT];
    struct counts *section; /* as bench->section; what is below counts too */
    /* as result.framework: checks that it names, whose findings count once */
    struct counts *framework;
    struct namespace_counts *place; /* the worst first */
    size_t place_count;
    /* in namespaces that are not listed: of what is met after NAMESPACES_COUNTED, and below
     * NAMESPACES_TOLD */
    struct counts elsewhere;
    bool has_elsewhere;
    uint64_t cause[CAUSE_COUNT]; /* checks that are UNKNOWN */
    uint64_t fresh;              /* failures that are not in the baseline */
};
#define NAMESPACES_COUNTED 20000u
#define NAMESPACES_TOLD    1000u
/* Checks outside do not count. ERR_IO where a finding cannot be had. */
bool tally_make(struct tally *out, struct arena *a, const struct result *r,
                struct err *err) WARN_UNUSED;

#endif
