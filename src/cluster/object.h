/* The identity of an object, and reading its well-known fields. */
#ifndef KUBEVOUCH_CLUSTER_OBJECT_H
#define KUBEVOUCH_CLUSTER_OBJECT_H

#include "cluster/kind.h"
#include "value/value.h"

struct object_ref {
    struct str api_version, kind, ns, name, uid, resource_version;
};
/* Borrowed from the object's value. */
struct object_ref object_ref_of(struct value object);
struct object_ref object_ref_dup(struct arena *a, struct object_ref r);
/* "Deployment ci-runners/dind", "Namespace qa". */
struct str object_ref_text(struct arena *a, struct object_ref r);
/* The owner with controller: true; false if there is none. ns is the object's own. */
bool object_controller(struct value object, struct object_ref *out);
/* True if the pod was made by a kubelet from a file on its node, which owns it. Its service account
 * is none, unless it names one. */
bool object_is_mirror(struct value pod);
/* The account that a pod names, by either of its two fields as the API server reads them; empty:
 * none (then it runs as default). */
struct str object_service_account(struct value pod);

#endif
