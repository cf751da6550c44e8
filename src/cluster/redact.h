/* What a recording must not hold. The shape stays, so that checks judge it as they judge the
 * cluster; what is masked is evidence that is missing when the recording is read (taint_object). */
#ifndef KUBEVOUCH_CLUSTER_REDACT_H
#define KUBEVOUCH_CLUSTER_REDACT_H

#include "cluster/object.h"

/* A copy of object in which every text that stands where people leave credentials (taint.def) is
 * its mask. Numbers and keys stay, and so do annotations of annotation_plain.def. shows_flags: its
 * containers run components of the control plane: of their command lines, and of etcd's variables,
 * only values of flags that carry credentials are masked, each as an argument of its own. */
struct value redact_object(struct arena *a, struct value object, bool shows_flags);

/* A configuration that a ConfigMap holds as one text (YAML, the first document): as JSON, with
 * masks in place of variables and of what flags and fields with a credential's name are set to, and
 * without comments. Empty: it is none. */
struct str redact_config(struct arena *a, struct str text);

/* The body of an answer that is one document: JSON in which the same is masked but what is under
 * data, which such documents are read for, and flags of /flagz that carry credentials, which become
 * the server's own word for it. What is neither is body itself. */
struct str redact_answer(struct arena *a, struct str path, struct str body);

#endif
