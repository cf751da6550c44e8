/* What a stranger gets: GETs without any credential, to see whether anonymous requests are let in.
 */
#ifndef KUBEVOUCH_KUBE_PROBE_H
#define KUBEVOUCH_KUBE_PROBE_H

#include "kube/client.h"

enum anonymous_access {
    ANONYMOUS_UNKNOWN, /* no answer, or one that tells neither */
    ANONYMOUS_REFUSED, /* 401: anonymous authentication is off */
    ANONYMOUS_KNOWN,   /* 403: authenticated as system:anonymous, then denied by the authorizer */
    ANONYMOUS_SERVED,  /* 2xx: and the authorizer lets it read this path */
};
struct probe_answer {
    const char *path;
    enum anonymous_access access;
    int status;
    struct str reason; /* of ANONYMOUS_UNKNOWN */
    uint32_t call_seq;
};

/* Paths that tell most: discovery, health, public information, and what only a misconfigured server
 * shows. */
#define PROBE_PATH_COUNT 6
/* Asks each; never fails. Text is in a. */
void probe_anonymous(struct probe_answer out[PROBE_PATH_COUNT], struct arena *a, struct client *c);
/* Whether anonymous authentication is on, from all of them: any answer but 401 shows that it is. A
 * server that is configured to let strangers in on some paths only is ANONYMOUS_SERVED by those. */
enum anonymous_access probe_verdict(const struct probe_answer answer[PROBE_PATH_COUNT]);

#endif
