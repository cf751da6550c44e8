/* Keys and certificates made for one test run: nothing of them is ever stored in the repository. */
#ifndef KUBEVOUCH_TESTS_KUBE_FAKEPKI_H
#define KUBEVOUCH_TESTS_KUBE_FAKEPKI_H

#include <stddef.h>

/* A certificate with its key, as PEM text. */
struct fake_cert {
    char *cert, *key;
};
/* Two authorities of the same name, as two kubeadm clusters have. Server certificates are for localhost,
 * fake.test and 127.0.0.1. */
struct fake_pki {
    struct fake_cert ca, other_ca;
    struct fake_cert server;          /* by ca */
    struct fake_cert server_expired;  /* by ca, ended yesterday */
    struct fake_cert server_other;    /* by other_ca, told apart by its signature only */
    struct fake_cert server_stranger; /* by other_ca */
    struct fake_cert server_misnamed; /* by ca, for elsewhere.test */
    struct fake_cert server_nameless; /* by ca, "localhost" as its common name alone */
    struct fake_cert kubelet;         /* by ca, of node a: CN=system:node:a */
    /* by ca, of node b: CN=system:node:b, for a's name and address too */
    struct fake_cert kubelet_b;
    struct fake_cert kubelet_other; /* by other_ca, for the DNS name a too */
    struct fake_cert kubelet_own;   /* by a kubelet itself: CN=a@1700000000, by CN=a-ca@1700000000 */
    struct fake_cert client;        /* by ca, CN=tester */
    struct fake_cert client_expired;
    struct fake_cert client_other; /* by other_ca */
};
/* Ends the process when OpenSSL fails. */
void fake_pki_make(struct fake_pki *p);
void fake_pki_free(struct fake_pki *p);

#endif
