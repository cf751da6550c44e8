/* What an answer without 2xx says: kind Status as API servers write it, or plain text as proxies
 * and flow control do. Its words are the server's or a stranger's: control characters are removed,
 * length is cut. */
#ifndef KUBEVOUCH_KUBE_STATUS_H
#define KUBEVOUCH_KUBE_STATUS_H

#include "kube/transport.h"

#define STATUS_TEXT_BYTES 300

struct status {
    bool is_status; /* the body was a Status; otherwise message is the body's beginning */
    char message[STATUS_TEXT_BYTES];
    char reason[64];
    int64_t retry_after_s;     /* of details; -1: none */
    struct str continue_token; /* of a 410 Expired: goes on at a newer snapshot */
};
/* Reads x->error_body; never fails. The token is in the arena. */
void status_read(struct status *out, struct arena *a, const struct exchange *x);

/* The error that a finished exchange means; leaves err alone when it is a whole 2xx answer.
 *   401 ERR_AUTH, 403 ERR_DENIED, 404 ERR_NOT_FOUND, 410 ERR_EXPIRED, any other status ERR_SERVER,
 * no whole answer: x->err. Returns false when there is an error. */
bool status_judge(const struct exchange *x, const struct status *s, struct err *err) WARN_UNUSED;

/* The answer says that it is Kubernetes' protobuf, and that was asked for. */
bool status_is_proto(const struct exchange *x);

/* A login page or a load balancer answers with 200 too: false and ERR_SERVER when JSON was asked
 * for, or protobuf, and the answer says that it is something else. */
bool status_check_type(const struct exchange *x, struct err *err) WARN_UNUSED;

/* Copies text to out[size], NUL-terminated: no control characters, valid UTF-8, cut with "...". */
void status_clean(char *out, size_t size, struct str text);

#endif
