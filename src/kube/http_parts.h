/* What the files of http share: http.c (the loop), http_request.c (a request into libcurl's options,
 * an answer out of its callbacks), http_explain.c (libcurl's failures in words). Nobody else includes it. */
#ifndef KUBEVOUCH_KUBE_HTTP_PARTS_H
#define KUBEVOUCH_KUBE_HTTP_PARTS_H

#include "kube/auth.h"
#include "kube/endpoint.h"
#include "kube/http.h"
#include "kube/tls.h"

#include <curl/curl.h>

struct transfer;
struct http {
    struct transport base;
    struct arena *arena;
    const struct kube_settings *settings;
    struct http_options options;
    struct endpoint endpoint;
    struct proxy proxy;
    struct auth *auth;
    struct str ca_pem;             /* empty: the system's authorities */
    struct tls_bundle ca;
    struct tls_peer peer;          /* of the newest handshake */
    char first_sha256[SHA256_HEX_BYTES]; /* of the first handshake that was accepted */
    bool answered;                 /* some request got a status */
    char *url_base;                /* "https://name:port/prefix" */
    struct str server_text;        /* "host:port", for messages */
    char *connect_to, *host_header;/* with tls-server-name: the name is in the URL, the address here */
    CURLM *multi;
    struct transfer *queued, **queued_end; /* submitted, not started */
    struct transfer *active, *spare;
    size_t active_count;
};

/* One exchange while libcurl carries it. */
struct transfer {
    struct http *http;
    struct exchange *x;
    CURL *easy;
    struct curl_slist *header, *connect_to;
    char error_text[CURL_ERROR_SIZE];
    int64_t due_ms, started_ms;
    bool stopped;                  /* by on_body: x->err says why */
    bool error_body_full;
    struct transfer *next;
};

/* All options of t->easy from t->x. False and an error when a credential cannot be had. */
bool http_request_prepare(struct transfer *t, struct err *err) WARN_UNUSED;
/* Frees what prepare made; header lines with credentials are wiped. */
void http_request_release(struct transfer *t);
/* Fills x->err and x->loss from how the transfer ended; nothing when it ended well. */
void http_explain(const struct transfer *t, CURLcode code);

#endif
