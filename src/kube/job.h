/* One request on its way through the client: queue, tries, record. What client.c offers to list.c;
 * everyone else uses client.h. */
#ifndef KUBEVOUCH_KUBE_JOB_H
#define KUBEVOUCH_KUBE_JOB_H

#include "kube/client.h"
#include "kube/status.h"

struct client_job {
    /* the request; text lives until on_end */
    enum http_verb verb;
    struct str path, accept, body, node;
    bool no_credentials;
    bool elsewhere;        /* not the API server: its silence and its 401 say nothing of that one */
    uint32_t retries_max;  /* below the client's own limit; 0: that one. elsewhere: none */
    int64_t timeout_ms;    /* of one try; 0: none */
    int64_t deadline_ms;   /* clock_monotonic_ms; 0: the client's alone */
    struct tls_peer *peer; /* where the server's certificate goes; may be NULL */
    int64_t delay_ms;      /* before the first try */
    const bool *held;      /* exchange.held of each try */
    /* Bytes of a 2xx answer; false stops with err. */
    bool (*on_body)(struct client_job *j, struct str chunk, struct err *err);
    /* The answer begins again: forget what came. NULL: an answer of which bytes were seen is not
     * asked for again. */
    void (*on_again)(struct client_job *j);
    /* Once; may queue this or other jobs again. The job and its exchange are as the answer left
     * them. */
    void (*on_end)(struct client_job *j);
    void *ctx;

    /* the outcome */
    struct err err;       /* ERR_NONE: a whole 2xx answer */
    struct status status; /* of an answer without 2xx */
    uint32_t call_seq;    /* 0: never submitted */

    /* client.c's */
    struct client *client;
    struct exchange x;
    struct sha256 digest;
    uint32_t renewals_seen;
    int64_t heard_ms; /* when something came last */
    /* begin of the first of its tries after which none has brought anything; kept from one start to
     * the next */
    int64_t silent_since_ms;
    bool renewed;
    struct client_job *next;
};

/* Queues j, zeroed but for the request and not in the queue already. Whoever owns it releases
 * j->x.error_body after the last on_end. Nothing runs until client_run, or the end of the
 * callback this is called from. */
void client_job_start(struct client *c, struct client_job *j);
/* The record of j; good until the next call is added. */
struct call *client_job_call(struct client_job *j);
/* Its server has been silent as long as one may be: the same job is not started again. */
bool client_job_is_spent(const struct client_job *j);
/* Milliseconds before try number retry + 1: exponential from 250, with jitter, within the limit. */
int64_t client_backoff_ms(const struct client *c, uint32_t retry);

#endif
