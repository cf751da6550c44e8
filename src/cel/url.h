/* URLs as Kubernetes reads them: the grammar and the messages of Go's net/url.
 * Source: RFC 3986 with net/url's leniencies; its messages are part of format.uri().validate()'s
 * results. */
#ifndef KUBEVOUCH_CEL_URL_H
#define KUBEVOUCH_CEL_URL_H

#include "base/str.h"

#define URL_BYTES_MAX 65536u

struct url {
    struct str scheme, opaque, username, password;
    struct str host;           /* with the port, brackets kept, unescaped */
    struct str path, fragment; /* unescaped */
    /* as given, when escaping path again would not give it; else empty */
    struct str raw_path, raw_fragment;
    struct str raw_query;
    bool has_user, has_password, force_query, omit_host;
};

/* A request target: an absolute URL or an absolute path; '#' is an ordinary byte. *problem gets the
 * message. */
bool url_parse_request(struct url *out, struct arena *a, struct str text,
                       struct str *problem) WARN_UNUSED;
/* Any reference, with its fragment. */
bool url_parse(struct url *out, struct arena *a, struct str text, struct str *problem) WARN_UNUSED;

/* Without port and brackets; the port's digits, empty if none. */
struct str url_hostname(const struct url *u);
struct str url_port(const struct url *u);
struct str url_escaped_path(const struct url *u, struct arena *a);
/* The whole URL, escaped anew. */
struct str url_text(const struct url *u, struct arena *a);
/* One part of a query: "+" is a space. False: a bad escape. */
bool url_unescape_query(struct str *out, struct arena *a, struct str text) WARN_UNUSED;

#endif
