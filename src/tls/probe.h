/* What a TLS server offers, seen by shaking hands with it: versions, suites, certificates, whose
 * client certificates it asks for. No credential is sent and no request made. */
#ifndef KUBEVOUCH_TLS_PROBE_H
#define KUBEVOUCH_TLS_PROBE_H

#include "value/value.h"

/* A way to the server, one connection at a time. */
struct tls_wire {
    bool (*open)(void *ctx, struct err *err);
    bool (*send)(void *ctx, struct str bytes, struct err *err);
    /* Waits for at least one byte; *n 0: the server has closed. */
    bool (*receive)(void *ctx, char *out, size_t size, size_t *n, struct err *err);
    void (*close)(void *ctx);
    void *ctx;
};
struct tls_probe_options {
    struct str name;   /* that the certificate must be for; a DNS name is sent too */
    struct str ca_pem; /* authorities to trust; empty: the system's */
};
#define TLS_PROBE_CONNECTIONS_MAX 40u

/* A map, to be written down as it is:
 *   chain: [string]                as sent, PEM, the server's own first
 *   verifyFault: string            why the chain is not trusted for name; empty: it is
 *   clientCertificateAsked: bool, clientCas: [string] (names of the authorities it asks for, RFC
 * 2253) versions: [{version: "TLS 1.0", offered: bool or null, answer: string}], 1.0 to 1.3; null:
 * no clear answer suites: [{version, name: string}]  taken, in the server's order; of TLS 1.3 the
 * one that was agreed on suitesWhole: bool, suitesFault: string   whether all suites of 1.2 were
 * tried to the end connections: int False when not even one handshake came about: ERR_NET, ERR_TLS,
 * ERR_CANCELLED. */
bool tls_probe(struct value *out, struct arena *a, const struct tls_wire *w,
               const struct tls_probe_options *o, struct err *err) WARN_UNUSED;

#endif
