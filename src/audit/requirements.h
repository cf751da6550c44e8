/* What this run tested and found for each requirement of a framework. A requirement has no verdict:
 * PASS, FAIL and WAIVED are words of checks, and whoever assesses concludes. */
#ifndef KUBEVOUCH_AUDIT_REQUIREMENTS_H
#define KUBEVOUCH_AUDIT_REQUIREMENTS_H

#include "audit/verdict.h"
#include "base/arena.h"
#include "bench/benchmark.h"

enum found {
    FOUND_NOTHING, /* none of its checks was decided */
    /* what was decided supports it only: of the requirement itself nothing was tested */
    FOUND_INPUT,
    FOUND_RUN,          /* the run itself is the evidence */
    FOUND_NO_EXCEPTION, /* every check that was decided passed */
    FOUND_EXCEPTIONS,   /* one failed at least, waived or not */
    FOUND_COUNT
};
const char *found_name(enum found f); /* "exceptions", for documents */
const char *found_text(enum found f); /* "exceptions found", for people */

/* Of a check's rows those that a pair narrows itself to ("only"). */
struct share {
    enum verdict verdict;
    uint64_t population, passed, failed, waived, unknown, manual;
    uint64_t unsure; /* of unknown: whether the row is one of them cannot be told */
};
/* Whether the condition of a pair ("when") holds in the cluster. */
enum pair_condition {
    CONDITION_NONE,
    CONDITION_HOLDS,
    CONDITION_FAILS,
    CONDITION_UNSEEN,
    CONDITION_COUNT
};
/* "holds", "does-not-hold", "cannot-be-seen"; of NONE "none" */
const char *pair_condition_name(enum pair_condition c);

/* A check that is evidence, and how far. */
struct requirement_pair {
    uint32_t check; /* index into result.check */
    const struct requirement_ref *ref;
    enum verdict verdict;      /* of the rows that it is about */
    const struct share *share; /* NULL: it is about all */
    enum pair_condition condition;
    struct str unseen; /* of UNSEEN: why */
};
/* Under a condition that does not hold, or that cannot be seen, a check is no evidence: it is told
 * of, and not counted. */
static inline bool pair_counts(const struct requirement_pair *p)
{
    return p->condition == CONDITION_NONE || p->condition == CONDITION_HOLDS;
}
struct requirement_result {
    const struct requirement *requirement;
    enum found found;
    bool contributes; /* this run decided something for it */
    /* failures first, then by strength; in the benchmark's order where these are equal */
    struct requirement_pair *pair;
    size_t pair_count;
    /* pairs whose condition does not hold or cannot be seen: in none of the counts below */
    uint32_t uncounted;
    uint32_t verdict[VERDICT_COUNT];   /* its checks by verdict */
    uint32_t strength[STRENGTH_COUNT]; /* its checks by how far they are evidence */
    uint32_t tested;                   /* checks that passed, failed or were waived */
};
struct framework_result {
    const struct framework *framework;
    struct requirement_result *requirement; /* as framework->requirement */
    /* requirements that a check or the run could be evidence for, by what was found */
    uint32_t found[FOUND_COUNT];
    uint32_t contributed; /* requirements that this run contributes evidence to */
    uint32_t conditional; /* of them: under a condition that the run cannot see */
};
/* One check of the run, for what follows from it. */
struct judged_check {
    const struct check *check;
    enum verdict verdict;
    bool is_outside;           /* of files: it needs a cluster, and is evidence for nothing */
    const struct share *share; /* of each of its filters; NULL: it has none */
    const struct judged_condition *condition; /* of each of its requirements; NULL: none has one */
};
struct judged_condition {
    enum pair_condition state;
    struct str why;
};
/* Adds a pair to the counts of its requirement. */
void requirement_count(struct requirement_result *q, const struct requirement_pair *p);
/* All of a framework, out of the checks of a run in the benchmark's order. */
struct framework_result framework_judge(struct arena *a, const struct framework *f,
                                        const struct judged_check *check, size_t check_count);

#endif
