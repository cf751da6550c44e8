/* What a certificate signing request (PKCS #10) asks to be called. A client certificate's
 * organizations are the groups of whoever shows it. */
#ifndef KUBEVOUCH_KUBE_CSR_H
#define KUBEVOUCH_KUBE_CSR_H

#include "base/arena.h"
#include "base/str.h"

#define CSR_ORGANIZATIONS_MAX 64u
struct csr_subject {
    struct str common_name; /* the first one; empty: none */
    struct str organization[CSR_ORGANIZATIONS_MAX];
    size_t organization_count;
};
/* pem: the text in spec.request once base64 is undone. Names are UTF-8, in a. ERR_INPUT when it is
 * no request, or names more organizations than there is room for. */
bool csr_read_subject(struct csr_subject *out, struct arena *a, struct str pem,
                      struct err *err) WARN_UNUSED;

#endif
