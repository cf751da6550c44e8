/* Time zones by IANA name, from the system's tz database, without the C library's process-wide TZ.
 */
#ifndef KUBEVOUCH_CEL_ZONE_H
#define KUBEVOUCH_CEL_ZONE_H

#include "base/str.h"

#define ZONE_FILE_BYTES_MAX (256u << 10)
#define ZONE_NAME_BYTES_MAX 64u

/* Seconds east of UTC at t (since 1970) in the zone name: "Australia/Sydney", "UTC", "" (UTC).
 * ERR_INPUT for a name that is not one, ERR_NOT_FOUND for a zone the system does not know. */
bool zone_offset(struct str name, int64_t t, int32_t *offset_s, struct err *err) WARN_UNUSED;
/* The same from the bytes of a TZif file (RFC 8536, versions 1 to 4). ERR_INPUT when they are
 * damaged. */
bool zone_offset_from(struct str tzif, int64_t t, int32_t *offset_s, struct err *err) WARN_UNUSED;

#endif
