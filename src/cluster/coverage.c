/* What was seen of a source of evidence, and what was not: one row per kind and per single endpoint. */
#include "cluster/coverage.h"

static const char *const state_name[] = {
    [COVERAGE_NOT_ASKED] = "not-asked", [COVERAGE_COMPLETE] = "complete", [COVERAGE_NOT_SERVED] = "not-served",
    [COVERAGE_DENIED] = "denied",       [COVERAGE_CUT] = "cut",           [COVERAGE_DAMAGED] = "damaged",
    [COVERAGE_FAILED] = "failed",
};

const char *coverage_state_name(enum coverage_state s)
{
    return state_name[s];
}
