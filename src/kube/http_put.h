/* A file sent by PUT to where the operator said: not to the API server, whose verbs are
 * transport.h's alone. */
#ifndef KUBEVOUCH_KUBE_HTTP_PUT_H
#define KUBEVOUCH_KUBE_HTTP_PUT_H

#include "base/err.h"
#include "base/str.h"

struct http_put {
    /* whole, of the file: https://, or http:// of a loopback address; of unreserved characters */
    struct str url;
    struct str path; /* of the file that is sent */
    struct str content_type;
    struct str bearer; /* a token; empty: none */
    /* of S3: signed by AWS Signature Version 4 where there is a key_id */
    struct str key_id, secret, session_token, region;
    struct str ca_file; /* authorities that sign the server's certificate; empty: the system's */
    volatile const int *cancelled; /* may be NULL */
};
/* Tries three times where the server is away or says 429 or 5xx. ERR_NET, ERR_TLS, ERR_DENIED (401,
 * 403), ERR_SERVER, ERR_IO (the file); the text names the url and what the server said, never a
 * credential. */
bool http_put_file(const struct http_put *p, struct arena *a, struct err *err) WARN_UNUSED;
/* Whether such a URL is allowed: https, or http to this machine; no user, query or fragment;
 * unreserved characters. ERR_USAGE. */
bool http_put_may(struct str url, struct err *err) WARN_UNUSED;

#endif
