/* What an API server's answer to the creation of a pod says of admission. */
#ifndef KUBEVOUCH_ANALYZE_POD_SECURITY_REFUSAL_H
#define KUBEVOUCH_ANALYZE_POD_SECURITY_REFUSAL_H

#include "base/arena.h"
#include "base/str.h"

enum refusal_kind {
    REFUSAL_NONE,    /* admitted */
    REFUSAL_TOLD,    /* an admission plugin, policy or webhook refused it */
    REFUSAL_INVALID, /* the API server takes it for no valid pod */
    /* it says nothing of admission: no right, a webhook that cannot be asked, a server at fault */
    REFUSAL_UNSURE
};
struct refusal {
    enum refusal_kind kind;
    /* "PodSecurity baseline:latest", "ValidatingAdmissionPolicy x", "webhook x", "an admission
     * plugin" */
    struct str by;
    struct str text; /* the server's words, or why nothing is told */
};
/* status: of HTTP, 0 for no answer; body: a Status as JSON, or whatever came. The texts live in a.
 */
struct refusal refusal_of(struct arena *a, int status, struct str body);

#endif
