/* What was seen of a source of evidence, and what was not: one row per kind and per single
 * endpoint. */
#include "cluster/coverage.h"

static const char *const state_name[] = {
    [COVERAGE_NOT_ASKED] = "not-asked",
    [COVERAGE_COMPLETE] = "complete",
    [COVERAGE_NOT_SERVED] = "not-served",
    [COVERAGE_DENIED] = "denied",
    [COVERAGE_CUT] = "cut",
    [COVERAGE_DAMAGED] = "damaged",
    [COVERAGE_FAILED] = "failed",
};

const char *coverage_state_name(enum coverage_state s)
{
    return state_name[s];
}

enum cause coverage_cause(const struct coverage *c)
{
    static const enum cause of_state[] = {
        [COVERAGE_NOT_ASKED] = CAUSE_NOT_ASKED,
        [COVERAGE_COMPLETE] = CAUSE_NONE,
        [COVERAGE_NOT_SERVED] = CAUSE_NOT_SERVED,
        [COVERAGE_DENIED] = CAUSE_REFUSED,
        [COVERAGE_CUT] = CAUSE_CUT,
        [COVERAGE_DAMAGED] = CAUSE_MALFORMED,
        [COVERAGE_FAILED] = CAUSE_OTHER,
    };
    return c->state != COVERAGE_COMPLETE && c->cause != CAUSE_NONE ? c->cause : of_state[c->state];
}
