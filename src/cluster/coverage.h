/* What was seen of a source of evidence, and what was not: one row per kind and per single
 * endpoint. Only COVERAGE_COMPLETE lets a check over it pass. */
#ifndef KUBEVOUCH_CLUSTER_COVERAGE_H
#define KUBEVOUCH_CLUSTER_COVERAGE_H

#include "base/cause.h"

enum coverage_state {
    COVERAGE_NOT_ASKED,  /* no check needs it */
    COVERAGE_COMPLETE,   /* seen to the end, every item read */
    COVERAGE_NOT_SERVED, /* discovery was read and does not have it, and a cluster may lack it */
    COVERAGE_DENIED,     /* 401, 403 */
    COVERAGE_CUT,        /* begun, not seen to the end */
    COVERAGE_DAMAGED,    /* seen to the end, but some items could not be read */
    COVERAGE_FAILED,     /* not had for another reason */
};
const char *coverage_state_name(enum coverage_state s); /* "complete", "denied" ... */

struct coverage {
    enum coverage_state state;
    enum cause cause;         /* why not complete, where the state leaves it open; coverage_cause */
    uint64_t items, bytes;    /* items read well */
    uint32_t bad_items;       /* malformed or over the size limit */
    struct str bad_item_text; /* the first one's fault, with what is known of its name */
    struct str reason;        /* why not complete, for people; empty if complete */
    struct str remedy;        /* "grant list on pods in group \"\" ...", empty if complete */
    struct str resource_version;
    uint32_t pages, restarts;
    bool inconsistent;      /* put together from more than one snapshot */
    struct str json_reason; /* why it was read again as JSON after protobuf; empty: it was not */
    uint32_t first_call, last_call; /* in the call log, from 1; 0: none */
};

/* Why it is not complete; CAUSE_NONE if it is. */
enum cause coverage_cause(const struct coverage *c);

/* It was asked for, and not all of it came. */
static inline bool coverage_is_gap(const struct coverage *c)
{
    return c->state != COVERAGE_COMPLETE && c->state != COVERAGE_NOT_SERVED &&
           c->state != COVERAGE_NOT_ASKED;
}

#endif
