/* The first words of TLS, up to 1.2: a ClientHello that offers what we choose, and what the server
 * answers. For asking which versions and suites a server takes, whatever the TLS library of this
 * machine has or allows. No keys are made and nothing is exchanged. Source: RFC 5246, RFC 8422. */
#ifndef KUBEVOUCH_TLS_HELLO_H
#define KUBEVOUCH_TLS_HELLO_H

#include "base/buf.h"

#define TLS_1_0 0x0301u
#define TLS_1_1 0x0302u
#define TLS_1_2 0x0303u

struct tls_suite {
    uint16_t number;
    const char *name; /* "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256" */
};
extern const struct tls_suite tls_suite[];
extern const size_t tls_suite_count;

/* Appends the record: version is the highest offered, skip[i] leaves suite i out, name (a DNS name)
 * may be empty. */
void tls_hello_write(struct buf *out, uint16_t version, const bool *skip, struct str name);

enum tls_answer_state {
    TLS_ANSWER_MORE,   /* begun well: more bytes are needed */
    TLS_ANSWER_CHOSEN, /* a ServerHello: version and suite are set */
    TLS_ANSWER_ALERT,  /* alert is set */
    TLS_ANSWER_OTHER,  /* not TLS */
};
struct tls_answer {
    enum tls_answer_state state;
    uint16_t version, suite;
    uint8_t alert;
};
/* bytes: all that came so far. */
struct tls_answer tls_answer_read(struct str bytes);
/* The server says that it does not take what was offered: handshake_failure, protocol_version,
 * insufficient_security. */
bool tls_alert_refuses(uint8_t alert);

#endif
