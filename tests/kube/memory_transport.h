/* A transport without a network: answers from a table, at once, in the order of submission. What was
 * sent and how long a retry would have waited is kept for the test to look at. */
#ifndef KUBEVOUCH_TESTS_KUBE_MEMORY_TRANSPORT_H
#define KUBEVOUCH_TESTS_KUBE_MEMORY_TRANSPORT_H

#include "kube/transport.h"

struct memory_answer {
    const char *path; /* a final '*' matches any rest */
    int status;       /* 0: no answer; loss and err say why */
    const char *body;
    const char *type; /* NULL: application/json */
    const char *location, *warning, *audit_id_echo;
    int64_t retry_after_s; /* 0: no such header */
    enum err_code err;     /* ends the answer after cut_bytes of the body */
    enum exchange_loss loss;
    size_t cut_bytes;
    size_t chunk_bytes; /* 0: the body in one piece */
    unsigned times;     /* 0: always */
    size_t body_bytes;  /* 0: up to its NUL */
};
#define MEMORY_SENT_MAX 128
struct memory_transport {
    struct transport base;
    const struct memory_answer *script; /* ends with a row without path */
    unsigned used[64];
    struct exchange *first, **last;
    struct memory_sent {
        char path[512], body[256], audit_id[40], accept[80];
        enum http_verb verb;
        int64_t delay_ms;
        bool no_credentials;
    } sent[MEMORY_SENT_MAX];
    size_t sent_count, most_pending, pending;
    bool many; /* more may be sent than sent[] holds: its last row is then the newest */
    bool can_renew;
    unsigned renewals;
    int *cancel_after_first; /* set to 1 once the first answer is given */
};
void memory_transport_init(struct memory_transport *m, const struct memory_answer *script);

#endif
