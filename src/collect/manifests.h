/* Objects in files as a cluster: a transport that answers every list with what the files hold. For
 * tests of benchmarks, and for audits before anything is applied. */
#ifndef KUBEVOUCH_COLLECT_MANIFESTS_H
#define KUBEVOUCH_COLLECT_MANIFESTS_H

#include "kube/transport.h"
#include "model/kind.h"
#include "value/value.h"

#define MANIFEST_BYTES_MAX ((size_t)64 << 20) /* of one file */
#define MANIFEST_FILES_MAX 20000u

/* path: a YAML or JSON file of one or more documents (Lists are taken apart), or a folder of such files,
 * read in order of their names, not deeper. Objects of kinds that are not audited are left out. Errors
 * have file:line:column. */
bool manifests_open(struct transport **out, struct arena *a, const char *path, struct err *err) WARN_UNUSED;
/* The same from objects at hand, with single answers: answer is null or a list of maps {path: string, method: string (GET),
 * status: int (200), anonymous: bool (false), body: string, or any value as JSON; of an
 * error a Status if it is left out, error: string (of status 0: why there was none), certificate: that a kubelet shows, as tls_peer_read
 * takes it}. One without credentials that is not among them gets no answer. */
struct transport *manifests_of(struct arena *a, const struct value *object, size_t count, struct value answer);

#endif
