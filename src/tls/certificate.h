/* X.509 certificates as values: what a report says of an authority or of a server's chain. */
#ifndef KUBEVOUCH_TLS_CERTIFICATE_H
#define KUBEVOUCH_TLS_CERTIFICATE_H

#include "base/clock.h"
#include "value/value.h"

#define CERTIFICATES_MAX 256u

/* Every certificate of a PEM text, as a list of maps:
 *   subject, issuer: string (RFC 2253), notBefore, notAfter: string (RFC 3339), expired: bool and
 * daysLeft: int (at now), keyAlgorithm: "RSA", "EC", "ED25519" ..., curve: string, keyBits: int,
 * keyStrong: bool (RSA from 2048, curves from 256), signature: string ("sha256WithRSAEncryption"),
 * selfSigned, isCa: bool, generated: bool (by the API server itself: it then names certificate and
 * authority HOST@TIME and HOST-ca@TIME), names: [string] (DNS names and addresses), sha256: string
 * (of the DER) Text between certificates is skipped, as Go does. ERR_INPUT naming what when there
 * is none or one cannot be read. */
bool certificates_read(struct value *out, struct arena *a, struct str pem, struct instant now,
                       const char *what, struct err *err) WARN_UNUSED;

#endif
