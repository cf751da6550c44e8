/* Whether a client certificate and its key can be used, before a library is handed them: one that
 * is given an encrypted key asks for a passphrase that nobody is there to type. */
#ifndef KUBEVOUCH_KUBE_CLIENT_PAIR_H
#define KUBEVOUCH_KUBE_CLIENT_PAIR_H

#include "base/str.h"

/* Reads the first certificate and the first private key of the two PEM texts. ERR_INPUT naming
 * cert_name or key_name ("client-key \"FILE\"") when one of them is empty, not readable, encrypted,
 * or when they do not belong together. No part of the key is ever told. */
bool client_pair_check(struct str cert_pem, struct str key_pem, const char *cert_name,
                       const char *key_name, struct err *err) WARN_UNUSED;

#endif
