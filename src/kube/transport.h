/* One HTTP request and its answer, and what can carry it: a live API server (http), a recorded
 * snapshot, a test. Retries, credentials renewal, paging and the call log stand above (client,
 * list).
 *
 * Events: an exchange is submitted, then transport_run drives every submitted exchange until none
 * is left, calling on_body with 2xx bytes as they arrive and on_end once. on_end may submit more.
 */
#ifndef KUBEVOUCH_KUBE_TRANSPORT_H
#define KUBEVOUCH_KUBE_TRANSPORT_H

#include "base/buf.h"
#include "base/clock.h"
#include "base/enc.h"

/* The whole of what this program may ever send: enforced in transport_submit, nowhere else.
 * POST goes only to the three self-reviews (selfsubjectreviews, selfsubjectaccessreviews,
 * selfsubjectrulesreviews), and, from a transport that was told that it may (dry_run_pods), to
 * /api/v1/namespaces/NAMESPACE/pods?dryRun=All, written exactly so. GET goes nowhere that acts on
 * what it reaches: not to exec, attach, portforward or a proxy, except a node proxy's paths that
 * only read. To a kubelet itself, only GET /configz of an address in digits. */
enum http_verb {
    HTTP_GET,
    HTTP_POST_SELF_REVIEW,
    /* a pod, created with dryRun=All: the API server goes through admission and stores nothing */
    HTTP_POST_DRY_RUN_POD,
    /* no request: handshakes with the server, path "/"; the answer is the document of tls/probe.h
     * as JSON, with server, serverName, proxy and prefix in front */
    TLS_HANDSHAKES,
};
/* "GET", "POST", "TLS" */
const char *http_verb_name(enum http_verb verb);

/* Why an exchange has no whole answer, where asking again may help. */
enum exchange_loss {
    LOSS_NONE,      /* it has one, or asking again would not help */
    LOSS_CUT,       /* there was a connection: reset, ended early, told to go away, stalled */
    LOSS_UNREACHED, /* no connection came about: refused, no route, timed out */
};

#define TRANSPORT_ERROR_BODY_BYTES  ((size_t)64 << 10)
#define TRANSPORT_HEADER_TEXT_BYTES 256

/* What a recording tells of an answer as it was received, before anything was left out or masked.
 */
struct received {
    bool is_told, has_digest;
    uint64_t bytes;
    uint8_t sha256[SHA256_BYTES];
    struct instant started; /* .s 0: not told */
    int64_t duration_ms;
};

struct tls_peer;
struct exchange {
    /* the request; all text lives until on_end */
    enum http_verb verb;
    /* from the root, with the query: "/api/v1/pods?limit=500"; of a kubelet, with its address:
     * "https://10.0.0.7:10250/configz" */
    struct str path;
    struct str accept;
    struct str body;     /* of a self-review, JSON */
    char audit_id[40];   /* set by the client: a UUID, sent as Audit-ID */
    bool no_credentials; /* the anonymous probe: sent without any */
    /* from its start to its end; 0: none but the transport's own; the shorter counts */
    int64_t timeout_ms;
    /* without anything from the server, until it counts as gone; 0: the transport's own; the
     * shorter counts */
    int64_t silence_ms;
    /* start no sooner than this after submission (a retry); a snapshot does not wait */
    int64_t delay_ms;
    /* while it is true, the answer's body waits for the transport; NULL: it does not wait. Only
     * where the transport can_hold. */
    const bool *held;

    /* of a kubelet: the Node whose certificate it must show before a credential is sent; empty:
     * that is not looked at */
    struct str node;
    struct tls_peer *peer; /* where the certificate that the server showed goes; may be NULL */

    /* events; on_body is called for 2xx only, false stops the transfer with its err */
    bool (*on_body)(struct exchange *x, struct str chunk, struct err *err);
    void (*on_end)(struct exchange *x);
    void *ctx;

    /* the answer, whole when on_end is called */
    int status;     /* 0: none came */
    struct err err; /* why none came, or why it was cut; code ERR_NONE when the body is whole */
    enum exchange_loss loss;
    struct buf error_body; /* of a non-2xx answer, cut at TRANSPORT_ERROR_BODY_BYTES */
    int64_t retry_after_s; /* -1: no such header */
    char content_type[TRANSPORT_HEADER_TEXT_BYTES];
    char date[TRANSPORT_HEADER_TEXT_BYTES]; /* the server's Date header */
    /* the first Warning's text, control characters removed */
    char warning[TRANSPORT_HEADER_TEXT_BYTES];
    char location[TRANSPORT_HEADER_TEXT_BYTES]; /* of a redirect, which is never followed */
    char audit_id_echo[40];                     /* the server's Audit-ID, empty if it sent none */
    /* objects in files answered, of one kind whichever version each is written in */
    bool is_of_files;
    /* no request was made: a recording or a file answered; audit_id_echo is then what was recorded
     */
    bool is_replayed;
    struct received received;        /* of a recording: the answer as it came from the server */
    uint64_t wire_bytes, body_bytes; /* headers and body as sent; the body decompressed */
    int64_t duration_ms;

    struct exchange *next; /* the transport's */
};

/* What proves that answers are the server's: its certificate was checked, was not
 * (--insecure-skip-tls-verify), there was no TLS (http://), or nothing tells: a recording that does
 * not say, or files. */
enum connection_trust {
    CONNECTION_UNTOLD,
    CONNECTION_VERIFIED,
    CONNECTION_UNVERIFIED,
    CONNECTION_PLAIN,
    CONNECTION_TRUST_COUNT
};
/* "verified", "unverified", "plain"; NULL: not told */
extern const char *const connection_trust_name[CONNECTION_TRUST_COUNT];

/* What is waited for: the exchange that has been under way for the longest, or that begins next. */
struct transport_wait {
    enum http_verb verb;
    struct str path;
    enum { WAIT_CONNECTION, WAIT_ANSWER, WAIT_REST, WAIT_RETRY } what;
    int64_t ms; /* since it began; of WAIT_RETRY: until it begins */
};
struct transport {
    const struct transport_ops *ops;
    /* Called about five times a second while a live transport waits. May be NULL. */
    void (*waits)(void *ctx, const struct transport_wait *w);
    void *waits_ctx;
    /* an operator asked for a probe of admission: HTTP_POST_DRY_RUN_POD may be sent */
    bool dry_run_pods;
    bool can_hold; /* exchange.held is heeded, at no more memory than one piece of the body */
};
struct transport_ops {
    const char *name; /* "live", "snapshot", "manifests" */
    void (*submit)(struct transport *t, struct exchange *x);
    /* Until no exchange is pending. */
    void (*run)(struct transport *t);
    void (*close)(struct transport *t);
    /* The credential was refused (401): get a new one. False: there is no other. */
    bool (*renew)(struct transport *t, struct err *err);
};

/* Hands x to the transport. What the rules above forbid is not sent: on_end is called at once with
 * ERR_INTERNAL and status 0. */
void transport_submit(struct transport *t, struct exchange *x);
/* Whether path is a kubelet's: a whole https URL. */
bool transport_is_kubelet(struct str path);
/* Whether the rules allow it; false says which one does not. */
bool transport_allows(enum http_verb verb, struct str path, struct err *err) WARN_UNUSED;
void transport_run(struct transport *t);
void transport_close(struct transport *t);

#endif
