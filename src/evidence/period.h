/* What held over a period, out of a ledger: of each check the time it was observed in force, its
 * breaches, and what was not observed.
 *
 * A check is seen only when a run looks. The time between two runs counts as what both found, if
 * both found the same by the same benchmark and parameters and are no further apart than
 * max_gap_ms; everything else is not observed, and never in force. */
#ifndef KUBEVOUCH_EVIDENCE_PERIOD_H
#define KUBEVOUCH_EVIDENCE_PERIOD_H

#include "evidence/ledger.h"

enum period_state {
    PERIOD_IN_FORCE,  /* PASS at both ends */
    PERIOD_IN_BREACH, /* FAIL */
    PERIOD_WAIVED,    /* it failed, and a named person accepted it */
    PERIOD_ATTESTED,  /* a person said so; not seen */
    PERIOD_NOT_APPLICABLE,
    PERIOD_NOT_OBSERVED,
    PERIOD_STATE_COUNT
};
extern const char *const period_state_name[PERIOD_STATE_COUNT];
/* Why not observed; the first that applies. */
enum period_cause {
    PERIOD_NO_RUN,      /* no run before or after, or two that are too far apart */
    PERIOD_NOT_RUN,     /* the check was not among those of a run */
    PERIOD_UNDECIDED,   /* UNKNOWN or MANUAL at an end */
    PERIOD_OTHER_RULES, /* another benchmark file or other parameters */
    PERIOD_CHANGED,     /* the ends differ: when it changed was not seen */
    PERIOD_CAUSE_COUNT
};
extern const char *const period_cause_name[PERIOD_CAUSE_COUNT];
extern const char *const period_cause_text[PERIOD_CAUSE_COUNT];

/* Times are milliseconds since 1970. */
struct period_gap {
    int64_t from, to;
    enum period_cause cause;
};
struct period_breach {
    int64_t first_seen, last_seen; /* runs that found it */
    /* the last run before and the first after that found something else; INT64_MIN: none did */
    int64_t holds_before, ended;
    enum verdict ended_as;
    VEC(struct ledger_object) object; /* that any of its runs named */
    uint64_t findings;                /* the most of one run */
    bool more;                        /* a run found more than it named */
};
struct period_check {
    const struct ledger_check *as; /* as it was last told: id, title, severity */
    int64_t ms[PERIOD_STATE_COUNT];
    VEC(struct period_breach) breach;
    VEC(struct period_gap) gap;
};
struct period_stream {
    struct str cluster, cluster_id, benchmark;
    size_t runs;                 /* in the period */
    int64_t first_run, last_run; /* in the period; INT64_MIN: none */
    int64_t observed_ms;         /* with runs close enough around it */
    struct period_check *check;
    size_t check_count;
    VEC(struct period_gap) gap; /* of runs: PERIOD_NO_RUN alone */
};
struct period {
    int64_t from, to; /* to is outside */
    int64_t max_gap_ms;
    struct period_stream *stream;
    size_t stream_count;
    struct str head; /* hash of the ledger's last line */
    uint64_t lines;
};
struct period_options {
    int64_t from, to, max_gap_ms;
};
void period_make(struct period *out, struct arena *a, const struct ledger *l,
                 const struct period_options *o);
/* Some check was not observed some of the time. */
bool period_has_gap(const struct period *p);
/* The whole as one document (reports/period.schema.json), a row a check as CSV, a page, and lines
 * for people. */
struct value period_value(struct arena *a, const struct period *p);
void period_csv(struct buf *out, struct arena *a, const struct period *p);
void period_html(struct buf *out, struct arena *a, const struct period *p);
void period_text(struct buf *out, struct arena *a, const struct period *p);
/* Milliseconds since 1970 as RFC 3339. */
struct str period_time(struct arena *a, int64_t ms);
/* "12.3": tenths of a percent of whole, rounded down. */
struct str period_share(struct arena *a, int64_t part, int64_t whole);

#endif
