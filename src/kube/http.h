/* The live transport: the only user of libcurl. Settings in, struct transport out. */
#ifndef KUBEVOUCH_KUBE_HTTP_H
#define KUBEVOUCH_KUBE_HTTP_H

#include "kube/config.h"
#include "kube/transport.h"

enum exec_policy { EXEC_ALLOW, EXEC_DENY };
struct http_options {
    struct str user_agent; /* "kubevouch/VERSION (linux/amd64)" */
    uint32_t in_flight;
    int64_t connect_timeout_ms; /* to a finished handshake; 0: 30,000 */
    int64_t stall_timeout_ms;   /* without a byte, whole seconds; 0: 60,000 */
    int64_t default_timeout_ms; /* of one request; 0: none */
    int64_t plugin_timeout_ms;  /* of an exec plugin, each time; 0: 120,000 */
    int64_t deadline_ms;        /* of the whole run, clock_monotonic_ms; 0: none */
    bool http2;                 /* HTTP/1.1 otherwise: the measured default */
    enum exec_policy exec_policy;
    bool stdin_is_terminal; /* for exec plugins' interactiveMode */
    volatile const int *cancelled;
    struct str kubelet_ca_file; /* what signs kubelets' certificates; empty: the cluster's CA */
    bool kubelet_insecure; /* send the credential to kubelets whose certificate is not verified */
    const char *(*env)(const char *name); /* for HTTPS_PROXY and NO_PROXY; NULL: the process's */
};
/* Opens nothing on the network yet; reads certificates, keys and the first token, runs an exec
 * plugin if one is set. */
bool http_open(struct transport **out, struct arena *a, const struct kube_settings *s,
               const struct http_options *o, struct err *err) WARN_UNUSED;
/* What kind of credential is in use, for the report: "client certificate", "token", "exec plugin
 * NAME", "service account token", "basic", "none". Never the secret. */
struct str http_credential_kind(const struct transport *t);
/* SHA-256 of the server's leaf certificate (DER) seen on the first connection, as hex; empty
 * before. */
/* Whose answers they are: proven by the server's certificate, or not. */
enum connection_trust http_connection_trust(const struct transport *t);
struct str http_server_certificate_sha256(const struct transport *t);

#endif
