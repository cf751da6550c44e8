/* What a TLS handshake showed: kept so that an error can name the certificate, and the report its
 * digest. */
#ifndef KUBEVOUCH_TLS_PEER_H
#define KUBEVOUCH_TLS_PEER_H

#include "base/enc.h"
#include "value/value.h"

#define TLS_NAME_BYTES 160
#define TLS_TIME_BYTES 40
#define TLS_NODE_BYTES 256 /* a Node's name has up to 253 */

/* The certificate authorities of a PEM text. */
struct tls_bundle {
    size_t count;
    char first[TLS_NAME_BYTES]; /* subject of the first */
};
/* Counts the certificates in pem; ERR_INPUT naming what ("certificate-authority \"FILE\"") when
 * there is none or one cannot be read. */
bool tls_bundle_read(struct tls_bundle *out, struct str pem, const char *what,
                     struct err *err) WARN_UNUSED;

/* The server's certificate as it came, trusted or not. */
struct tls_peer {
    bool seen;
    char sha256[SHA256_HEX_BYTES]; /* of its DER */
    char subject[TLS_NAME_BYTES], issuer[TLS_NAME_BYTES];
    /* of the certificate that failed, if one did */
    char not_before[TLS_TIME_BYTES], not_after[TLS_TIME_BYTES];
    char names[2 * TLS_NAME_BYTES];      /* DNS names and addresses it is for, cut */
    int verify_error;                    /* OpenSSL's X509_V_ERR_...; 0: the chain is good */
    char failed_subject[TLS_NAME_BYTES]; /* the certificate in the chain that failed */
    char address[64];                    /* it must be for; empty: not looked at here */
    char node[TLS_NODE_BYTES];           /* the Node whose it must be; empty: not looked at */
    bool node_by_name;                   /* a DNS name that is the Node's will do */
    bool tolerated;                      /* whatever it is, the handshake goes on */
};
struct tls_expected {
    /* of another address it fails at once, before a client certificate is sent; empty: any */
    struct str address;
    struct str node; /* so does that of another than system:node:NODE; empty: any */
    /* the authority was named for kubelets: a DNS name that is the Node's will do */
    bool node_by_name;
    /* the handshake goes on whatever the outcome, which the peer tells all the same */
    bool tolerate;
};
/* Makes an SSL_CTX that verifies fill *peer at every handshake. peer must outlive the context. */
void tls_watch(void *ssl_ctx, struct tls_peer *peer, const struct tls_expected *expected);
/* Whose the certificate is can be told: an authority that is trusted made it (though for somebody
 * else, or for another time), or a kubelet made it for itself. Of any other, something in between
 * may have shown it in a kubelet's place. */
bool tls_peer_is_attributable(const struct tls_peer *peer);
/* What verification failed with, in OpenSSL's words; "ok" when it did not. */
const char *tls_error_text(const struct tls_peer *peer);
/* What is wrong with the chain and what to do, from peer->verify_error; the bundle is empty when
 * the system's authorities are used. Leaves err alone when nothing is wrong. */
void tls_explain(const struct tls_peer *peer, const struct tls_bundle *bundle, struct err *err);

/* notAfter of the first certificate in pem as text, and whether it is past. False: there is none.
 */
bool tls_certificate_end(struct str pem, char out[TLS_TIME_BYTES], bool *is_past);

/* As recordings have it: {verifyError, sha256, subject, issuer, notBefore, notAfter, names}, and
 * back; of anything but a map nothing was seen. */
struct value tls_peer_value(struct arena *a, const struct tls_peer *p);
void tls_peer_read(struct tls_peer *p, struct value v);

#endif
