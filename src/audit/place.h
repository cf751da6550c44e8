/* Where in files the findings of an audit stand. */
#ifndef KUBEVOUCH_AUDIT_PLACE_H
#define KUBEVOUCH_AUDIT_PLACE_H

#include "audit/result.h"
#include "cluster/manifest_index.h"

/* Sets place of each finding about an object that a file holds: the field that its expression and
 * message speak of, in the container that the message names; where there is no such field what
 * should hold it, or the object. A subject's is that of a binding that names it. r->place is in a;
 * scratch is emptied. ERR_IO where a finding cannot be had. */
bool result_note_places(struct result *r, struct manifest_index *x, struct arena *a,
                        struct arena *scratch, struct err *err) WARN_UNUSED;

#endif
