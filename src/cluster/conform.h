/* Objects as Kubernetes' types read them. This is the one place where null and values of the wrong
 * type are dealt with: every object that is listed, whether by an API server, a recording or files,
 * goes through it before it is kept or judged. */
#ifndef KUBEVOUCH_CLUSTER_CONFORM_H
#define KUBEVOUCH_CLUSTER_CONFORM_H

#include "cel/program.h"

/* A copy of object, where it differs, such that by the schema of its kind
 *   - a field that is null is not there; a null among the items of a list, or the values of a map,
 * is the empty value of its type (an empty object, "", 0, false), as Go decodes it;
 *   - a value that no API server would decode is an unavailable error that names the field: what
 * reads it is UNKNOWN;
 *   - a number that is whole, where a whole one is wanted, is an int.
 * What the schema leaves open (custom resources, raw extensions, fields it does not have) stays as
 * it is, null included. Made in a; shares what did not change with object. *fault: empty, or the
 * first value of the wrong type ("spec.hostPID is a string ..."). */
struct conform_result {
    struct value object;
    struct str fault;
    /* a fault is where more than the expressions of checks look: names, owners, accounts, programs
     */
    bool is_structural;
};
struct conform_result conform_object(struct arena *a, const struct cel_schema *schema,
                                     struct value object);

#endif
