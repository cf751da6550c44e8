/* Pods that are made to be judged: by them it shows what admission policies refuse in a namespace.
 */
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

/* Where the canary's fault stands: in its container, or in an init container (which the pod's own
 * fields make no difference for). The others are the ways past a policy that refuses the first, for
 * canary_judge alone. */
enum canary_place {
    CANARY_CONTAINER,
    CANARY_INIT_CONTAINER,
    CANARY_FIRST,
    CANARY_SECOND, /* before, behind a clean container */
    CANARY_INIT_FIRST,
    CANARY_INIT_SECOND,
    CANARY_NO_INIT,
    CANARY_NO_RESOURCES, /* the pod, the container, says nothing of these */
    CANARY_NO_SECURITY,  /* nothing else in a securityContext */
    CANARY_BARE,         /* nothing at all but names, an image, and the fault; no labels */
    CANARY_UNSET,        /* the same without the fault, which is what holds where nothing is said */
    CANARY_EPHEMERAL,    /* in a container that is added to the clean pod while it runs */
    CANARY_PLACES
};
/* Whether the place makes another pod of it. */
bool canary_has_place(const struct canary *c, enum canary_place place);
/* Whether the second place is another pod. */
bool canary_has_init(const struct canary *c);
/* Whether API servers may refuse such a pod for themselves, as no valid one, before any admission:
 * an unmasked /proc without a user namespace (1.30 and newer), a probe of an init container that is
 * no sidecar. */
bool canary_is_invalid(const struct canary *c, enum canary_place place);
/* The pod in a namespace, with the API server's defaults; c NULL: the clean one. It lives in a. */
struct value canary_pod(struct arena *a, const struct canary *c, enum canary_place place,
                        struct str ns);
/* The canary with all that no policy holds its author to, as unavailable errors: labels,
 * annotations, owners, names, account, images, commands, and where it is to run. A policy that
 * decides by one of these is no refusal. Made in a. */
struct value canary_pod_free(struct arena *a, struct value pod);
/* The same canary in another namespace, for much less than making it; borrows from pod and ns. Null
 * where canary_pod gives null. */
struct value canary_pod_in(struct arena *a, struct value pod, struct str ns);

#endif
