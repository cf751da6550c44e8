/* Durations as Go's time.ParseDuration reads them and String writes them: "1h30m0s", "1.5s",
 * "500ms". */
#ifndef KUBEVOUCH_BASE_DURATION_H
#define KUBEVOUCH_BASE_DURATION_H

#include "base/str.h"

/* Nanoseconds. False: no duration, or one beyond what int64_t holds. What is below a nanosecond is
 * lost, as in Go. */
bool duration_parse(struct str text, int64_t *ns) WARN_UNUSED;
struct str duration_text(struct arena *a, int64_t ns);

#endif
