/* Timestamps and durations beside the functions of overload.def: text and range-checked sums.
 *
 * A timestamp lies in 0001-01-01T00:00:00Z to 9999-12-31T23:59:59.999999999Z, a duration in what 64
 * bits of nanoseconds hold (about 292 years), as in Kubernetes. Results outside are error values.
 */
#ifndef KUBEVOUCH_CEL_LIB_TIME_H
#define KUBEVOUCH_CEL_LIB_TIME_H

#include "cel/lib.h"

/* Nanoseconds in all; false if a duration made elsewhere is out of range. */
bool cel_duration_ns(struct value duration, int64_t *ns) WARN_UNUSED;
/* a + b, or a - b with subtract. */
struct value cel_duration_sum(struct cel_call *call, struct value a, struct value b, bool subtract);
/* RFC 3339 in UTC with as many fraction digits as needed. */
struct str cel_timestamp_text(struct arena *a, struct value timestamp);

#endif
