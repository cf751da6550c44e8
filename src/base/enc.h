/* Encodings and digests: base64, percent-encoding, hex, SHA-256 (the only user of OpenSSL's
 * digests). */
#ifndef KUBEVOUCH_BASE_ENC_H
#define KUBEVOUCH_BASE_ENC_H

#include "base/buf.h"

void enc_base64(struct buf *out, struct str bytes);
/* Standard alphabet, padding required unless allow_unpadded, line breaks skipped. False on anything
 * else. */
bool enc_base64_decode(struct buf *out, struct str text, bool allow_unpadded) WARN_UNUSED;
/* RFC 3986 unreserved characters stay. */
void enc_percent(struct buf *out, struct str text);
void enc_hex(struct buf *out, struct str bytes);

#define SHA256_BYTES     32
#define SHA256_HEX_BYTES 65 /* with the NUL */
struct sha256 {
    void *ctx;
};
void sha256_open(struct sha256 *h);
void sha256_add(struct sha256 *h, struct str bytes);
/* Finishes and frees. */
void sha256_close(struct sha256 *h, uint8_t out[SHA256_BYTES]);
/* The same, and another begins: to open one costs more than to digest a line. */
void sha256_next(struct sha256 *h, uint8_t out[SHA256_BYTES]);
/* Frees without a result; fine on a zeroed or closed one. */
void sha256_abandon(struct sha256 *h);
void sha256_of(struct str bytes, uint8_t out[SHA256_BYTES]);
/* The digest that 64 lower-case hexadecimal digits are; false for any other text, *out as it was.
 */
bool sha256_parse(uint8_t out[SHA256_BYTES], struct str hex) WARN_UNUSED;
void sha256_hex(const uint8_t digest[SHA256_BYTES], char out[SHA256_HEX_BYTES]);
/* n random bytes from the system. */
void enc_random(void *out, size_t n);
/* Overwrites so that the compiler keeps it. */
void enc_wipe(void *p, size_t n);

/* OpenSSL takes its memory from base/memory.h from now on: before anything else of it is used. */
void enc_use_memory(void);

#endif
