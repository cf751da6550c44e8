/* What this run tested and found for each requirement of a framework. A requirement has no verdict: PASS, FAIL and
 * WAIVED are words of checks, and whoever assesses concludes. */
#ifndef KUBEVOUCH_AUDIT_REQUIREMENTS_H
#define KUBEVOUCH_AUDIT_REQUIREMENTS_H

#include "audit/verdict.h"
#include "base/arena.h"
#include "bench/benchmark.h"

enum found {
    FOUND_NOTHING,      /* none of its checks was decided */
    FOUND_INPUT,        /* what was decided supports it only: of the requirement itself nothing was tested */
    FOUND_RUN,          /* the run itself is the evidence */
    FOUND_NO_EXCEPTION, /* every check that was decided passed */
    FOUND_EXCEPTIONS,   /* one failed at least, waived or not */
    FOUND_COUNT
};
const char *found_name(enum found f); /* "exceptions", for documents */
const char *found_text(enum found f); /* "exceptions found", for people */

/* A check that is evidence, and how far. */
struct requirement_pair {
    uint32_t check; /* index into result.check */
    const struct requirement_ref *ref;
};
struct requirement_result {
    const struct requirement *requirement;
    enum found found;
    bool contributes;                    /* this run decided something for it */
    struct requirement_pair *pair;       /* failures first, then by strength; in the benchmark's order where these are equal */
    size_t pair_count;
    uint32_t verdict[VERDICT_COUNT];     /* its checks by verdict */
    uint32_t strength[STRENGTH_COUNT];   /* its checks by how far they are evidence */
    uint32_t tested;                     /* checks that passed, failed or were waived */
};
struct framework_result {
    const struct framework *framework;
    struct requirement_result *requirement; /* as framework->requirement */
    uint32_t found[FOUND_COUNT];         /* requirements that a check or the run could be evidence for, by what was found */
    uint32_t contributed;                /* requirements that this run contributes evidence to */
    uint32_t conditional;                /* of them: under a condition that the run cannot see */
};
/* One check of the run, for what follows from it. */
struct judged_check {
    const struct check *check;
    enum verdict verdict;
    bool is_outside; /* of files: it needs a cluster, and is evidence for nothing */
};
/* All of a framework, out of the checks of a run in the benchmark's order. */
struct framework_result framework_judge(struct arena *a, const struct framework *f, const struct judged_check *check, size_t check_count);

#endif
