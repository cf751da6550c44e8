/* The Date header of HTTP: "Sat, 21 Nov 2026 07:00:00 GMT" (RFC 9110 section 5.6.7, the preferred
 * form). */
#ifndef KUBEVOUCH_BASE_HTTP_DATE_H
#define KUBEVOUCH_BASE_HTTP_DATE_H

#include "base/clock.h"

bool http_date_parse(struct str s, struct instant *out) WARN_UNUSED;

#endif
