/* A kubeconfig's exec credential plugin (client.authentication.k8s.io/v1 and v1beta1): run by argv, never
 * by a shell; its answer read under limits of size and time. */
#ifndef KUBEVOUCH_KUBE_EXEC_PLUGIN_H
#define KUBEVOUCH_KUBE_EXEC_PLUGIN_H

#include "base/buf.h"
#include "kube/config.h"

#define EXEC_PLUGIN_OUTPUT_BYTES_MAX ((size_t)1 << 20)
#define EXEC_PLUGIN_TIMEOUT_MS 120000

struct exec_credential {
    struct buf token, cert, key; /* secret; PEM */
    bool has_expiry;
    struct instant expiry;
};
/* Errors name the command, its exit status or what is wrong with its answer, and the installHint. */
bool exec_plugin_run(struct exec_credential *out, const struct kube_settings *s, bool stdin_is_terminal, struct err *err) WARN_UNUSED;
void exec_credential_wipe(struct exec_credential *c);

#endif
