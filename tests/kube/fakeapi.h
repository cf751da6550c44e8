/* A scripted API server for tests: TLS on 127.0.0.1, a thread per connection, answers from a table of
 * rows or from a function. It misbehaves on request: slow, cut, stalled, huge, wrong.
 *
 *   struct fake_answer script[] = {
 *       { .path = "/version", .status = 200, .body = "{}" },
 *       { .path = "/api/v1/pods*", .status = 429, .header = "Retry-After: 1\r\n", .times = 1 },
 *       { .path = "/api/v1/pods*", .status = 200, .body = "...", .fault = FAKE_CUT, .cut_bytes = 100 },
 *       { 0 } };
 *
 * The first row that matches and has not been used up answers; none: 404 with a Status. */
#ifndef KUBEVOUCH_TESTS_KUBE_FAKEAPI_H
#define KUBEVOUCH_TESTS_KUBE_FAKEAPI_H

#include "kube/fakepki.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum fake_fault {
    FAKE_WHOLE,
    FAKE_CLOSE, /* the connection ends in good order before an answer */
    FAKE_RESET, /* the same by a TCP reset */
    FAKE_CUT,   /* after cut_bytes of the body the connection is reset */
    FAKE_STALL, /* after cut_bytes of the body nothing comes any more */
    FAKE_DRIP,  /* after cut_bytes of the body a byte a second (HTTP/1.1 only) */
    /* cut_bytes of the body with no length declared, then a close in good order (HTTP/1.1 only) */
    FAKE_SHORT,
    FAKE_GOAWAY, /* HTTP/2: GOAWAY instead of an answer; HTTP/1.1: as FAKE_CLOSE */
};
struct fake_answer {
    const char *method; /* NULL: GET */
    const char *path;   /* with the query; a final '*' matches any rest */
    /* a line the request must have ("Authorization: Bearer x"), else the row does not match */
    const char *want_header;
    int status;
    const char *header; /* lines, each with \r\n */
    const char *type;   /* content type; NULL: application/json */
    const char *body;
    size_t body_bytes;     /* 0: strlen(body) */
    uint64_t filler_bytes; /* spaces sent after the body: a huge answer that nobody has to hold */
    enum fake_fault fault;
    size_t cut_bytes;
    unsigned delay_ms; /* before the answer */
    unsigned times;    /* answers this often; 0: always */
};
struct fake_request {
    const char *method, *path;
    const char *header; /* lines "Name: value\n"; HTTP/2 names are lower case */
    const char *body;
};
enum fake_tls { FAKE_TLS, FAKE_TLS_WANTS_CLIENT, FAKE_PLAIN };

struct fake_options {
    enum fake_tls tls;
    const struct fake_cert *cert;     /* the server's */
    const char *client_ca;            /* PEM, with FAKE_TLS_WANTS_CLIENT */
    bool http2;                       /* offer h2 in ALPN */
    bool compress;                    /* gzip when the request allows it */
    const struct fake_answer *script; /* ends with a row without path; may be NULL */
    /* Asked before the script; false: not mine. *out is empty before, memory it points to must live on. Called
     * from the connections' threads. */
    bool (*answer)(void *ctx, const struct fake_request *request, struct fake_answer *out);
    void *ctx;
};
struct fake_api;
struct fake_api *fake_api_open(const struct fake_options *o);
uint16_t fake_api_port(const struct fake_api *f);
/* Requests so far, and a copy of one (from 0) as "METHOD PATH\nName: value\n...\n\nBODY", to be freed. */
size_t fake_api_request_count(struct fake_api *f);
char *fake_api_request(struct fake_api *f, size_t i);
/* Connections accepted so far. */
size_t fake_api_connection_count(struct fake_api *f);
/* As a killed server: no more connections are taken, those there are reset. */
void fake_api_kill(struct fake_api *f);
void fake_api_close(struct fake_api *f);

/* ---- for the protocol files ---- */

struct fake_connection {
    struct fake_api *api;
    int fd;
    void *ssl;          /* NULL: plain */
    atomic_bool *ended; /* the server is being closed: do not linger */
};
/* -1: the connection is at its end. */
int fake_read(struct fake_connection *c, void *out, size_t n);
bool fake_write(struct fake_connection *c, const void *bytes, size_t n);
/* Looks up and counts the answer; records the request. */
struct fake_answer fake_answer_for(struct fake_api *f, const struct fake_request *request);
bool fake_wants_compression(struct fake_api *f);
/* gzip of bytes, to be freed. */
char *fake_gzip(const char *bytes, size_t n, size_t *out_n);
void fake_sleep_ms(struct fake_connection *c, unsigned ms);
/* The next close of the connection resets it. */
void fake_reset_on_close(struct fake_connection *c);
void fake_http1_serve(struct fake_connection *c);
void fake_http2_serve(struct fake_connection *c);

#endif
