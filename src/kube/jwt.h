/* When a bearer token ends, if it is a JSON Web Token (RFC 7519), as service account and OIDC
 * tokens are. For messages only: nothing is verified, nothing of it is kept. */
#ifndef KUBEVOUCH_KUBE_JWT_H
#define KUBEVOUCH_KUBE_JWT_H

#include "base/clock.h"

/* The "exp" claim. False: it is no such token, or says nothing of it. *out untouched then. */
bool jwt_end(struct str token, struct instant *out) WARN_UNUSED;

#endif
