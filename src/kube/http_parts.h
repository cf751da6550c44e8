/* What the files of http share: http.c (the loop), http_request.c (a request into libcurl's
 * options, an answer out of its callbacks), http_explain.c (libcurl's failures in words). Nobody
 * else includes it. */
#ifndef KUBEVOUCH_KUBE_HTTP_PARTS_H
#define KUBEVOUCH_KUBE_HTTP_PARTS_H

#include "kube/auth.h"
#include "kube/endpoint.h"
#include "kube/http.h"
#include "tls/peer.h"

#include <curl/curl.h>

/* Whom a transfer speaks to: the API server, or a kubelet. */
struct target {
    struct endpoint endpoint;
    struct proxy proxy;
    struct str text;   /* "host:port", for messages */
    struct str ca_pem; /* empty: the system's authorities */
    struct tls_bundle ca;
    struct tls_peer peer; /* of the newest handshake */
    int64_t connect_timeout_ms;
    bool verify, is_kubelet;
};

struct transfer;
struct http {
    struct transport base;
    struct arena *arena;
    const struct kube_settings *settings;
    struct http_options options;
    struct target server;
    struct str kubelet_ca_pem; /* what signs kubelets' certificates */
    struct tls_bundle kubelet_ca;
    struct auth *auth;
    bool pair_checked; /* the client certificate and key of pair_generation can be used */
    uint64_t pair_generation;
    char first_sha256[SHA256_HEX_BYTES]; /* of the first handshake that was accepted */
    bool answered;                       /* some request got a status */
    char *url_base;                      /* "https://name:port/prefix" */
    /* with tls-server-name: the name is in the URL, the address here */
    char *connect_to, *host_header;
    CURLM *multi;
    struct transfer *queued, **queued_end; /* submitted, not started */
    struct transfer *active, *spare;
    size_t active_count;
};

/* One exchange while libcurl carries it. */
struct transfer {
    struct http *http;
    struct exchange *x;
    struct target *at; /* the server's, or own */
    struct target own;
    CURL *easy;
    struct curl_slist *header, *connect_to;
    char error_text[CURL_ERROR_SIZE];
    int64_t due_ms, started_ms;
    bool stopped; /* by on_body: x->err says why */
    bool paused;  /* a piece of the body came while it was held */
    bool error_body_full;
    struct transfer *next;
};

/* The credential now in force; a client certificate and key were tried first, once each. */
bool http_credential(struct http *h, struct auth_material *out, struct err *err) WARN_UNUSED;
/* The kubelet that t->x is for, into t->own: its address is the exchange's path. */
bool http_kubelet_target(struct transfer *t, struct err *err) WARN_UNUSED;
/* All options of t->easy from t->x. False and an error when a credential cannot be had. */
bool http_request_prepare(struct transfer *t, struct err *err) WARN_UNUSED;
/* Frees what prepare made; header lines with credentials are wiped. */
void http_request_release(struct transfer *t);
/* The proxy, on an easy handle; tunnel: CONNECT, for what is not a request of ours. False if
 * libcurl refuses. */
bool http_set_proxy(const struct target *at, struct arena *a, CURL *easy, bool tunnel) WARN_UNUSED;
/* Carries out an exchange of verb TLS_HANDSHAKES: blocks until it has ended. */
void http_probe_tls(struct transfer *t);
/* How long nothing may come of t's answer. */
int64_t http_silence_ms(const struct transfer *t);
/* Fills x->err and x->loss from how the transfer ended; nothing when it ended well. */
void http_explain(const struct transfer *t, CURLcode code);

#endif
