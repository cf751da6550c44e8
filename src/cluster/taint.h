/* Which parts of an object may hold a credential (taint.def), and which flags of a component do
 * (flag_secret.def). */
#ifndef KUBEVOUCH_CLUSTER_TAINT_H
#define KUBEVOUCH_CLUSTER_TAINT_H

#include "value/taint.h"

/* object with every value marked that stands where people leave credentials; shares what is not
 * with it. A text there that a recording has masked is an unavailable error: what reads it is
 * UNKNOWN. */
struct value taint_object(struct arena *a, struct value object);
/* Whether key, under the key above (empty: of the object itself), is such a place. */
bool taint_is_place(struct str key, struct str above);

/* What stands in a recording for a text that it must not hold, "(masked: 24 bytes)", and whether a
 * text is that. */
struct str taint_mask(struct arena *a, struct str text);
bool taint_is_mask(struct str text);

/* Whether the flag (its name without dashes in front) may carry a credential in this value: by its
 * name, or because the value looks like one (a URL with a password, a bearer token). */
bool taint_flag_is_secret(struct str name, struct str value);
/* Whether an annotation of that value holds no credential: one of annotation_plain.def. */
bool taint_annotation_is_plain(struct str key, struct str value);

#endif
