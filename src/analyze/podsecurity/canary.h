/* Pods that are made to be judged: by them it shows what admission policies refuse in a namespace. */
#ifndef KUBEVOUCH_ANALYZE_POD_SECURITY_CANARY_H
#define KUBEVOUCH_ANALYZE_POD_SECURITY_CANARY_H

#include "analyze/podsecurity/pod_security.h"

struct canary {
    const char *name;
    enum pod_security_level level; /* as in canary.def */
    const char *word;
    const char *spec, *container, *security;
};
extern const struct canary canary[];
extern const size_t canary_count;
#define CANARY_NAME "kubevouch-canary"

/* Where the canary's fault stands: in its container, or in an init container (which the pod's own fields make no difference for). */
enum canary_place { CANARY_CONTAINER, CANARY_INIT_CONTAINER };
/* Whether the second place is another pod. */
bool canary_has_init(const struct canary *c);
/* Whether API servers may refuse such a pod for themselves, as no valid one, before any admission: an unmasked /proc without a user
 * namespace (1.30 and newer), a probe of an init container that is no sidecar. */
bool canary_is_invalid(const struct canary *c, enum canary_place place);
/* The pod in a namespace, with the API server's defaults; c NULL: the clean one. It lives in a. */
struct value canary_pod(struct arena *a, const struct canary *c, enum canary_place place, struct str ns);
/* The same canary in another namespace, for much less than making it; borrows from pod and ns. Null where canary_pod gives null. */
struct value canary_pod_in(struct arena *a, struct value pod, struct str ns);

#endif
