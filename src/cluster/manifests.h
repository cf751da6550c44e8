/* Objects in files as a cluster: a transport that answers every list with what the files hold. For
 * tests of benchmarks, and for audits before anything is applied. */
#ifndef KUBEVOUCH_CLUSTER_MANIFESTS_H
#define KUBEVOUCH_CLUSTER_MANIFESTS_H

#include "cluster/manifest_index.h"
#include "kube/transport.h"

/* What could not be read ends the answers to the lists that it may belong to with an error, so that
 * they count as cut. */
bool manifests_open(struct transport **out, struct arena *a, const struct manifest_ask *ask,
                    struct err *err) WARN_UNUSED;
/* What was read; t is one that manifests_open made. */
struct manifest_index *manifests_index(const struct transport *t);
/* The same from objects at hand, with single answers: answer is null or a list of maps {path:
 * string, method: string (GET), status: int (200), anonymous: bool (false), body: string, or any
 * value as JSON; of an error a Status if it is left out, error: string (of status 0: why there was
 * none), certificate: that a kubelet shows, as tls_peer_read takes it}. One without credentials
 * that is not among them gets no answer. */
struct transport *manifests_of(struct arena *a, const struct value *object, size_t count,
                               struct value answer);

#endif
