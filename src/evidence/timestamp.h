/* Time-stamps over the statement of a bundle (RFC 3161): the request, and an authority's response
 * checked. */
#ifndef KUBEVOUCH_EVIDENCE_TIMESTAMP_H
#define KUBEVOUCH_EVIDENCE_TIMESTAMP_H

#include "base/buf.h"
#include "evidence/verify.h"

/* Adds the request for a time-stamp of message: its SHA-256, with the authority's certificate asked
 * for, without a nonce, so that the same bundle asks the same. DER. */
bool timestamp_request(struct buf *out, struct str message, struct err *err) WARN_UNUSED;
/* Tells into v what is wrong with response (DER, a TimeStampResp) as one of message, signed by an
 * authority that ca_file (PEM) holds the root of; ca_file empty: who signed is unchecked. *when:
 * the time that was stamped, empty if there is none that holds. ERR_INPUT: no response, or no
 * certificates in ca_file. */
bool timestamp_check(struct str *when, struct verify *v, struct str message, struct str response,
                     struct str ca_file, struct err *err) WARN_UNUSED;

#endif
