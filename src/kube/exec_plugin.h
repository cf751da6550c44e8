/* A kubeconfig's exec credential plugin (client.authentication.k8s.io/v1 and v1beta1): run by argv,
 * never by a shell; its answer read under limits of size and time. */
#ifndef KUBEVOUCH_KUBE_EXEC_PLUGIN_H
#define KUBEVOUCH_KUBE_EXEC_PLUGIN_H

#include "base/buf.h"
#include "base/clock.h"
#include "kube/config.h"

#define EXEC_PLUGIN_OUTPUT_BYTES_MAX ((size_t)1 << 20)
#define EXEC_PLUGIN_TIMEOUT_MS       120000
/* Arguments, and variables that the kubeconfig adds. */
#define EXEC_PLUGIN_WORDS_MAX 4096u

struct exec_plugin_options {
    bool stdin_is_terminal;        /* what interactiveMode asks for */
    int64_t timeout_ms;            /* from start to exit; 0: EXEC_PLUGIN_TIMEOUT_MS */
    volatile const int *cancelled; /* not 0: the plugin is ended; may be NULL */
};
struct exec_credential {
    struct buf token, cert, key; /* secret; cert and key in PEM */
    bool has_expiry;
    struct instant expiry;
};
/* Runs the plugin of s->user.exec and reads its ExecCredential. A bare command is looked up in the
 * absolute folders of PATH. The plugin's error output goes to ours; without a terminal its input is
 * empty. One that is over time is killed, with what it started unless it shares the terminal.
 * ERR_AUTH, ERR_LIMIT, ERR_CANCELLED: errors name the command, its exit status or what is wrong
 * with its answer, and the kubeconfig's installHint; never a part of the answer. */
bool exec_plugin_run(struct exec_credential *out, const struct kube_settings *s,
                     const struct exec_plugin_options *o, struct err *err) WARN_UNUSED;
void exec_credential_wipe(struct exec_credential *c);
/* Text from the kubeconfig for people to read: control and invisible characters out, cut to
 * bytes_max. */
struct str exec_plugin_shown(struct arena *a, struct str text, size_t bytes_max);

#endif
