/* Requests with retries, credential renewal and a record of each: what the rest of the program uses
 * to talk to an API server, live or recorded. */
#ifndef KUBEVOUCH_KUBE_CLIENT_H
#define KUBEVOUCH_KUBE_CLIENT_H

#include "kube/call.h"
#include "kube/proto_table.h"
#include "value/json_read.h"

struct client_limits {
    uint32_t in_flight; /* requests at once; default 4 */
    uint32_t retries;   /* per request; default 8 */
    /* requests begun, retries included; default 0: no limit but the server's */
    uint32_t per_second;
    /* of one wait; a server that asks for more is not asked again; default 30,000 */
    int64_t retry_wait_max_ms;
    /* of one request, tries and waits together, and of the server as a whole, without an answer;
     * default 60,000 */
    int64_t silence_ms;
    int64_t total_ms;    /* for the whole audit; 0: none */
    size_t body_bytes;   /* of one small answer held in memory; default 32 MiB */
    size_t item_bytes;   /* of one list item; default 4 MiB */
    uint64_t list_bytes; /* of one list; default 8 GiB */
    uint64_t list_items; /* of one list; default 2,000,000 */
    uint32_t page_items; /* of a chunk before streaming lists; default 500 */
    uint32_t json_depth; /* default JSON_DEPTH_MAX */
};
void client_limits_default(struct client_limits *l);

struct client_job;
struct client {
    struct transport *transport;
    struct arena *arena; /* for the call log and small answers */
    struct client_limits limits;
    call_log calls;
    /* the wall clock at client_init, for calls' started: the caller's to set */
    struct instant clock_start;
    int64_t clock_start_ms; /* the monotonic clock then */
    int64_t deadline_ms;    /* clock_monotonic_ms; 0: none */
    bool json_lists;        /* lists are asked for as JSON alone, whatever their jobs could read */
    volatile const int *cancelled; /* a signal came: stop; may be NULL */
    void (*progress)(void *ctx, const struct client *c, struct str path, uint64_t items,
                     uint64_t bytes);
    void *progress_ctx;
    /* What is told as it happens: a call that ended, and a try that failed and is made again after
     * delay_ms. May be NULL. */
    void (*ended)(void *ctx, const struct call *call);
    void (*retrying)(void *ctx, const struct call *call, const char *why, int64_t delay_ms);
    void *told_ctx;
    /* Called with each answer that is held whole, however it ended: the recorder. Lists have their
     * items instead. May be NULL. */
    void (*replied)(void *ctx, const struct call *call, struct str request_body, struct str body);
    void *replied_ctx;

    /* client.c's */
    /* with per_second: when the next request may begin, on the monotonic clock */
    int64_t next_begin_us;
    struct client_job *waiting, **waiting_end;
    uint32_t pending; /* submitted and not ended */
    bool pumping;
    bool answered;           /* the server has answered before */
    int64_t heard_ms;        /* when anything came last */
    int64_t silent_since_ms; /* since then no try has brought anything; 0: the last one did */
    bool lost;               /* its answers have ceased for good: later requests are tried once */
    uint32_t renewals;       /* of the credential */
    struct err renew_fault;  /* it cannot be renewed */
};
/* limits may be NULL: the defaults. Sets deadline_ms from limits.total_ms. */
void client_init(struct client *c, struct transport *t, struct arena *a,
                 const struct client_limits *l);

/* Calls that have ended, and all that are known of by now. */
void client_calls_known(const struct client *c, size_t *ended, size_t *known);

/* One answer, whole in memory. status 2xx: body is set. Otherwise err says what and why: 401
 * ERR_AUTH, 403 ERR_DENIED (with the server's message), 404 ERR_NOT_FOUND, no answer ERR_NET or
 * ERR_TLS ... */
struct reply {
    int status;
    struct str body; /* in the client's arena; after a failure what the server said, cut */
    struct str content_type;
    struct str date;
    uint32_t call_seq; /* the call in client.calls that this is, 1-based */
};
/* The body is not read any more: the memory of a long one goes back to the system. */
void client_reply_forget(struct reply *r);
/* Blocking: runs the transport until this answer, and every other that is pending, is there. On
 * failure *out is set too, as far as there was an answer. Not to be called from a list's callbacks.
 * When accept begins with application/json, an answer of another type is an error. */
bool client_get(struct client *c, struct str path, struct str accept, struct reply *out,
                struct err *err) WARN_UNUSED;
/* The same without any credential, on a connection of its own. */
bool client_get_anonymous(struct client *c, struct str path, struct reply *out,
                          struct err *err) WARN_UNUSED;
/* Handshakes with the server, without a request: the document of tls/probe.h as JSON. */
bool client_probe_tls(struct client *c, struct reply *out, struct err *err) WARN_UNUSED;
/* path must be one of the three self-reviews. */
bool client_post_review(struct client *c, struct str path, struct str body, struct reply *out,
                        struct err *err) WARN_UNUSED;

/* What the API server says of a pod's creation in a namespace, as a dry run: 201 admitted;
 * otherwise body has its words. Only with a transport that may (dry_run_pods). */
bool client_dry_run_pod(struct client *c, struct str ns, struct str pod, struct reply *out,
                        struct err *err) WARN_UNUSED;

/* One of many small answers, with others in flight: to the API server, or to a kubelet
 * (exchange.path). */
struct get_job {
    /* in */
    struct str path, accept; /* live until on_end */
    /* of a kubelet: whose certificate it must show; empty: that is not looked at */
    struct str node;
    /* as a stranger; a kubelet's certificate is then looked at, and asked of whatever it is */
    bool no_credentials;
    size_t body_bytes;  /* of the answer; 0: the client's limit */
    int64_t timeout_ms; /* 0: none */
    /* of all that belong together, clock_monotonic_ms; 0: the client's alone */
    int64_t deadline_ms;
    /* Once, with the whole answer (err ERR_NONE) or what there was of it; valid during the call.
     * Returns what a recorder is to have in its place. */
    struct str (*on_end)(struct get_job *job, struct str body);
    void (*on_next)(struct get_job *job); /* after it: may start this or others; may be NULL */
    void *ctx;
    /* out */
    struct err err;
    int status;
    uint32_t call_seq;       /* 0: never sent */
    struct tls_peer peer;    /* the certificate that a kubelet showed */
    struct get_state *state; /* get.c's; kept for the next start */
};
/* Queues it. It is tried once more where the API server's answer may change, a kubelet not. */
void client_get_start(struct client *c, struct get_job *job);
/* The memory of a job that is not started again. */
void client_get_release(struct get_job *job);

/* One list, streamed. Many may be started; client_run drives them together. */
struct list_job {
    /* in */
    struct str path;   /* "/api/v1/pods"; may hold a query (fieldSelector ...) */
    struct str accept; /* empty: application/json; with proto too: protobuf rather than that */
    /* what its items are as protobuf; NULL: it is asked for as JSON */
    const struct proto_root *proto;
    /* that each page must say of itself: "PodList", "v1"; empty: any that ends in List */
    struct str kind, api_version;
    bool chunked; /* pages of limits.page_items; otherwise one unpaged list */
    /* Each item's bytes, valid during the call; seen before (after a restart) are not told again,
     * by namespace/name. False stops the list with its err; with is_unreadable, it is asked for
     * again as JSON, where this item and what was not told before come again. */
    bool (*on_item)(struct list_job *job, struct str bytes, struct err *err);
    /* once, when the server has begun to answer, if it does; may start others; may be NULL */
    void (*on_begin)(struct list_job *job);
    void (*on_end)(struct list_job *job); /* once; may start others */
    /* asked for ahead: while it is true, the items wait at the server; NULL: they come at once. At
     * most one list at a time, where client_can_ask_ahead. */
    const bool *held;
    void *ctx;
    bool is_proto;      /* while on_item runs: bytes are protobuf */
    bool is_unreadable; /* set by on_item: they are what proto does not know */
    /* out, whole when on_end is called */
    /* why it was asked for again as JSON, in the client's arena; empty: it was not */
    struct str json_reason;
    struct err err; /* ERR_NONE: the list was seen to its end */
    int status;
    struct str resource_version; /* in the client's arena */
    uint64_t items, bytes;
    uint32_t pages, restarts; /* restarts: the list was begun again (410, cut connection) */
    uint32_t oversize_items;  /* over limits.item_bytes: not told, only counted */
    /* during on_item: the page has said its kind and version; it may do so after its items */
    bool kind_is_told;
    bool is_of_files;  /* during on_item: struct exchange has it */
    bool inconsistent; /* put together from more than one snapshot, or it cannot be known */
    uint32_t first_call, last_call; /* in client.calls, 1-based */
    struct list_state *state;       /* list.c's */
};
/* Queues the list. Limits met are ERR_LIMIT, a body that is not a list ERR_INPUT; after a 410 or a
 * cut connection it is begun again by the rules in list.c, and job.items holds what was told even
 * when it ends with an error. */
void client_list_start(struct client *c, struct list_job *job);
/* Until nothing is waiting or pending. */
void client_run(struct client *c);
/* In a callback of a list that goes on: begins what was started in it as far as there is room,
 * rather than when the next request ends. */
void client_start_waiting(struct client *c);
/* A list can be asked for ahead (list_job.held) and leave room for others. */
bool client_can_ask_ahead(const struct client *c);

#endif
