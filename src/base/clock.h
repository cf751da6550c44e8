/* Time as data: RFC 3339 text <-> seconds and nanoseconds. The current time is read in one place
 * (clock_now) by cli and handed down; nothing else asks for it. */
#ifndef KUBEVOUCH_BASE_CLOCK_H
#define KUBEVOUCH_BASE_CLOCK_H

#include "base/str.h"

struct instant {
    int64_t s;  /* since 1970-01-01T00:00:00Z, may be negative */
    int32_t ns; /* 0 .. 999,999,999 */
};
struct civil {
    int64_t year;
    int month, day, hour, minute, second; /* 1..12, 1..31, 0..23, 0..59, 0..60 */
    int weekday, yearday;                 /* 0 = Sunday; 0 = 1 January */
};

struct instant clock_now(void);
/* Milliseconds of a clock that never goes back, for durations and timeouts. */
int64_t clock_monotonic_ms(void);
/* UTC, proleptic Gregorian. */
struct civil clock_civil(int64_t s);
/* The reverse; fields out of range are carried over. */
int64_t clock_seconds(struct civil c);
/* "2026-11-21T06:13:00Z", with any offset and fraction (cut after nanoseconds). Years 0001 to 9999
 * in UTC, capital T and Z, no leap second: what the API server's own parser takes. */
bool clock_parse_rfc3339(struct str s, struct instant *out) WARN_UNUSED;
/* With as many fraction digits (0, 3, 6, 9) as it needs. */
struct str clock_format_rfc3339(struct arena *a, struct instant t);

#endif
