/* Signatures over evidence: Ed25519, or ECDSA with SHA-256, by OpenSSL. */
#ifndef KUBEVOUCH_EVIDENCE_SIGN_H
#define KUBEVOUCH_EVIDENCE_SIGN_H

#include "base/buf.h"
#include "base/enc.h"

struct sign_key {
    void *key;                 /* OpenSSL's; NULL: none */
    char id[SHA256_HEX_BYTES]; /* SHA-256 of the public key's SubjectPublicKeyInfo (DER), in hex */
};
enum sign_use { SIGN_MAKE, SIGN_CHECK };
/* A PEM or DER file, or any URI that OpenSSL's store opens (pkcs11:... where its provider is
 * loaded). To check, a public key or a certificate. No passphrase is asked for. ERR_INPUT: none
 * there, or of another kind. */
bool sign_key_open(struct sign_key *out, struct arena *a, struct str file_or_uri, enum sign_use use,
                   struct err *err) WARN_UNUSED;
/* Accepts a zeroed or closed key. */
void sign_key_close(struct sign_key *k);
/* Appends the signature: 64 bytes of Ed25519, DER of ECDSA. */
bool sign_make(struct buf *out, const struct sign_key *k, struct str message,
               struct err *err) WARN_UNUSED;
bool sign_check(const struct sign_key *k, struct str message, struct str signature) WARN_UNUSED;

#endif
