/* The record of one call, for the evidence: what was asked, what came, where to look it up. */
#ifndef KUBEVOUCH_KUBE_CALL_H
#define KUBEVOUCH_KUBE_CALL_H

#include "base/enc.h"
#include "base/vec.h"
#include "kube/transport.h"
#include "tls/peer.h"

struct call {
    uint32_t seq; /* from 1, in the order of the requests' submission */
    enum http_verb verb;
    bool no_credentials; /* sent as a stranger */
    struct str path, accept;
    /* of the last try; findable in the cluster's audit log. Empty: no request reached a server, or
     * it is not known */
    char audit_id[40];
    int status;             /* of the last try; 0: none came */
    enum err_code err_code; /* ERR_NONE: the answer is whole */
    struct str err_text;
    uint32_t retries;
    uint64_t wire_bytes, body_bytes; /* of all tries */
    int64_t duration_ms;             /* of all tries */
    struct instant started;          /* its first try */
    bool has_digest;                 /* the body came whole */
    uint8_t sha256[SHA256_BYTES];    /* of the body as received (decompressed) */
    /* a recording or a file answered: bytes, digest and times are those of reading it */
    bool is_replayed;
    struct received received;    /* of a recording: as it came from the server */
    struct str resource_version; /* of a list */
    int64_t item_count;          /* of a list; -1 otherwise */
    struct str warning;
    /* of a kubelet: the certificate it showed; NULL: none was looked at */
    const struct tls_peer *peer;
};
typedef VEC(struct call) call_log;

#endif
