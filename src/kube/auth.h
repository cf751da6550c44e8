/* The credential of a run: client certificate, bearer token (given, from a file that is re-read, or
 * from an exec plugin), basic authentication. Secrets live in memory of their own that is wiped. No
 * message holds any part of one. */
#ifndef KUBEVOUCH_KUBE_AUTH_H
#define KUBEVOUCH_KUBE_AUTH_H

#include "kube/config.h"
#include "kube/http.h"

/* A token file is read again when what was read is older than this (projected tokens rotate). */
#define AUTH_TOKEN_FILE_MS 50000

struct auth;
struct auth_options {
    enum exec_policy policy;
    bool stdin_is_terminal;    /* for the plugin's interactiveMode */
    int64_t plugin_timeout_ms; /* 0: EXEC_PLUGIN_TIMEOUT_MS */
    int64_t deadline_ms; /* of the whole run, clock_monotonic_ms; 0: none. A plugin ends by then */
    int64_t token_file_ms;         /* 0: AUTH_TOKEN_FILE_MS */
    volatile const int *cancelled; /* ends a running plugin; may be NULL */
};
/* What a request carries; borrowed until the next call on the auth. Empty texts: nothing of that
 * kind. */
struct auth_material {
    struct str authorization; /* the header's value: "Bearer ...", "Basic ..." */
    struct str cert_pem, key_pem;
    const char *cert_name, *key_name; /* where they are from, for messages: "client-key \"FILE\"" */
    uint64_t generation;              /* another number: another credential */
};
/* Reads certificates and keys, and the first token; runs the exec plugin if one is set and policy
 * allows. A removed auth-provider is refused with the exec plugin that replaces it. For a server
 * without https nothing is read or run, and there is never a credential. s must outlive the auth.
 */
bool auth_open(struct auth **out, struct arena *a, const struct kube_settings *s,
               const struct auth_options *o, struct err *err) WARN_UNUSED;
/* The material now in force, renewed when it is past its time. */
bool auth_current(struct auth *a, struct auth_material *out, struct err *err) WARN_UNUSED;
/* After a 401: reads the token file again, runs the plugin again. ERR_AUTH when there is nothing
 * else to try, saying what to do. */
bool auth_renew(struct auth *a, struct err *err) WARN_UNUSED;
/* "client certificate", "token", "token file", "service account token", "exec plugin NAME",
 * "basic", "none". */
struct str auth_kind(const struct auth *a);
/* Wipes; fine on NULL. */
void auth_close(struct auth *a);

#endif
