/* Where the API server is, and the proxy on the way there. Pure: no network, no libcurl. */
#ifndef KUBEVOUCH_KUBE_ENDPOINT_H
#define KUBEVOUCH_KUBE_ENDPOINT_H

#include "base/str.h"

struct endpoint {
    bool https;      /* otherwise http: the kubeconfig says so, and no credential is sent */
    struct str host; /* name or address, no brackets */
    uint16_t port;
    struct str prefix; /* path before /api, without a final slash; often empty */
    bool is_ipv6, is_loopback;
};
/* server as in a kubeconfig: "https://host:port/prefix", or "host:port": http, as client-go
 * takes it. A query or fragment is
 * dropped; a user name in it is refused. Text points into server. ERR_INPUT. */
bool endpoint_parse(struct endpoint *out, struct str server, struct err *err) WARN_UNUSED;
/* "host:port" with brackets where they are due. */
struct str endpoint_text(struct arena *a, const struct endpoint *e);

enum proxy_kind { PROXY_NONE, PROXY_HTTP, PROXY_HTTPS, PROXY_SOCKS5 };
struct proxy {
    enum proxy_kind kind;
    struct str url;   /* its scheme is libcurl's for the kind; may hold a password: never shown */
    struct str shown; /* "host:port" */
    const char *from; /* "proxy-url in the kubeconfig", "HTTPS_PROXY" ... */
};
/* proxy_url of the kubeconfig, else HTTPS_PROXY (HTTP_PROXY for a http server) unless NO_PROXY or
 * the loopback says otherwise: as Go's httpproxy reads them, in upper then lower case. ALL_PROXY is
 * not read. env may be NULL: the process's environment. */
bool proxy_choose(struct proxy *out, struct arena *a, struct str proxy_url,
                  const struct endpoint *e, const char *(*env)(const char *name),
                  struct err *err) WARN_UNUSED;
/* NO_PROXY's value against an endpoint: "*", names with their subdomains, ".name" for subdomains
 * only, addresses, CIDRs, each optionally with ":port". */
bool proxy_excludes(struct str no_proxy, const struct endpoint *e);

#endif
