/* The exceptions of a run, as one register: findings that persons waive, and parameters that accept
 * more than they would by themselves; whose each is, who approved it, until when, and whether it
 * had an effect. */
#ifndef KUBEVOUCH_AUDIT_EXCEPTIONS_H
#define KUBEVOUCH_AUDIT_EXCEPTIONS_H

#include "bench/statements.h"

enum exception_state {
    EXCEPTION_IN_FORCE,
    EXCEPTION_UNUSED, /* nothing that fails, and no parameter, is excepted by it */
    EXCEPTION_EXPIRED,
    EXCEPTION_NOT_YET, /* it begins later */
    /* it does not say since when, and ends more than EXCEPTION_DAYS_MAX from now */
    EXCEPTION_TOO_LONG,
    EXCEPTION_OTHER_CLUSTER,
    EXCEPTION_STATE_COUNT
};
const char *exception_state_name(enum exception_state s); /* "in-force", for documents */
const char *exception_state_text(enum exception_state s); /* "in force", for people */

struct exception {
    struct str check, object; /* of a waiver */
    struct str param, value;  /* of a parameter, and what it accepts */
    struct str reason, owner, approver, ticket, compensating; /* may be empty */
    struct instant created, expires;                          /* .s 0: not given */
    enum exception_state state;
    bool approved;     /* in force, and another person than its owner approved it */
    uint64_t findings; /* of a waiver: that it covers */
};
/* Where an exception stands in time and place; in force as far as that goes. For a cluster by id or
 * name. */
enum exception_state exception_standing(struct instant created, struct instant expires,
                                        bool of_this_cluster, struct instant now);

struct audit;
struct result;
/* out->exception: unapproved ones first, then by state. */
void exceptions_list(struct audit *au, struct result *out);

#endif
