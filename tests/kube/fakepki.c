/* Keys and certificates made for one test run: nothing of them is ever stored in the repository. */
#include "kube/fakepki.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void must(int ok, const char *what)
{
    if (ok)
        return;
    fprintf(stderr, "fakepki: %s failed\n", what);
    abort();
}

struct issued {
    X509 *cert;
    EVP_PKEY *key;
};

static char *pem_text(BIO *b)
{
    char *p = NULL;
    long n = BIO_get_mem_data(b, &p);
    char *text = strndup(p, (size_t)n);
    BIO_free(b);
    must(text != NULL, "strndup");
    return text;
}

static void extend(X509 *x, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX ctx;
    X509V3_set_ctx_nodb(&ctx);
    X509V3_set_ctx(&ctx, issuer, x, NULL, NULL, 0);
    X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
    must(e && X509_add_ext(x, e, -1), "an extension");
    X509_EXTENSION_free(e);
}

/* by NULL: self-signed. names NULL: not a server's. from and to in seconds from now. */
static struct issued issue(const char *cn, const struct issued *by, const char *names, long from, long to, long serial, int with_key_id)
{
    struct issued i = { X509_new(), EVP_EC_gen("P-256") };
    must(i.cert && i.key, "a key");
    const struct issued *issuer = by ? by : &i;
    X509_NAME *subject = X509_get_subject_name(i.cert);
    X509_set_version(i.cert, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(i.cert), serial);
    X509_gmtime_adj(X509_getm_notBefore(i.cert), from);
    X509_gmtime_adj(X509_getm_notAfter(i.cert), to);
    must(X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, (const unsigned char *)cn, -1, -1, 0), "a name");
    X509_set_issuer_name(i.cert, X509_get_subject_name(issuer->cert));
    X509_set_pubkey(i.cert, i.key);
    extend(i.cert, issuer->cert, NID_basic_constraints, by ? "critical,CA:FALSE" : "critical,CA:TRUE");
    /* Key identifiers tell authorities of one name apart, as in real clusters; without them only the signature does. */
    if (!by)
        extend(i.cert, i.cert, NID_subject_key_identifier, "hash");
    else if (with_key_id)
        extend(i.cert, issuer->cert, NID_authority_key_identifier, "keyid:always");
    if (names)
        extend(i.cert, issuer->cert, NID_subject_alt_name, names);
    must(X509_sign(i.cert, issuer->key, EVP_sha256()) > 0, "signing");
    return i;
}

static struct fake_cert as_pem(struct issued i, int keep)
{
    struct fake_cert c;
    BIO *cert = BIO_new(BIO_s_mem()), *key = BIO_new(BIO_s_mem());
    must(cert && key && PEM_write_bio_X509(cert, i.cert) && PEM_write_bio_PrivateKey(key, i.key, NULL, NULL, 0, NULL, NULL), "writing PEM");
    c.cert = pem_text(cert);
    c.key = pem_text(key);
    if (!keep) {
        X509_free(i.cert);
        EVP_PKEY_free(i.key);
    }
    return c;
}

void fake_pki_make(struct fake_pki *p)
{
    const char *names = "DNS:localhost,DNS:fake.test,IP:127.0.0.1";
    const long day = 86400;
    struct issued ca = issue("kubernetes", NULL, NULL, -2 * day, 30 * day, 1, 0);
    struct issued other = issue("kubernetes", NULL, NULL, -2 * day, 30 * day, 2, 0);
    p->ca = as_pem(ca, 1);
    p->other_ca = as_pem(other, 1);
    p->server = as_pem(issue("kube-apiserver", &ca, names, -day, 10 * day, 3, 1), 0);
    p->server_expired = as_pem(issue("kube-apiserver", &ca, names, -2 * day, -day, 4, 1), 0);
    p->server_other = as_pem(issue("kube-apiserver", &other, names, -day, 10 * day, 5, 0), 0);
    p->server_stranger = as_pem(issue("kube-apiserver", &other, names, -day, 10 * day, 10, 1), 0);
    p->server_misnamed = as_pem(issue("kube-apiserver", &ca, "DNS:elsewhere.test,IP:10.9.8.7", -day, 10 * day, 6, 1), 0);
    p->server_nameless = as_pem(issue("localhost", &ca, NULL, -day, 10 * day, 11, 1), 0);
    struct issued own = issue("a-ca@1700000000", NULL, NULL, -2 * day, 30 * day, 12, 0);
    p->kubelet = as_pem(issue("system:node:a", &ca, names, -day, 10 * day, 13, 1), 0);
    p->kubelet_b = as_pem(issue("system:node:b", &ca, "DNS:a,DNS:localhost,IP:127.0.0.1", -day, 10 * day, 16, 1), 0);
    p->kubelet_other = as_pem(issue("a.nodes.test", &other, "DNS:a,DNS:localhost,IP:127.0.0.1", -day, 10 * day, 14, 1), 0);
    p->kubelet_own = as_pem(issue("a@1700000000", &own, "DNS:a,IP:127.0.0.1", -day, 10 * day, 15, 1), 0);
    X509_free(own.cert);
    EVP_PKEY_free(own.key);
    p->client = as_pem(issue("tester", &ca, NULL, -day, 10 * day, 7, 1), 0);
    p->client_expired = as_pem(issue("tester", &ca, NULL, -2 * day, -day, 8, 1), 0);
    p->client_other = as_pem(issue("tester", &other, NULL, -day, 10 * day, 9, 1), 0);
    X509_free(ca.cert);
    EVP_PKEY_free(ca.key);
    X509_free(other.cert);
    EVP_PKEY_free(other.key);
}

void fake_pki_free(struct fake_pki *p)
{
    struct fake_cert *all[] = { &p->ca,           &p->other_ca,        &p->server,          &p->server_expired,
                                &p->server_other, &p->server_stranger, &p->server_misnamed, &p->server_nameless,
                                &p->kubelet,      &p->kubelet_b,       &p->kubelet_other,   &p->kubelet_own,
                                &p->client,       &p->client_expired,  &p->client_other };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        free(all[i]->cert);
        free(all[i]->key);
    }
}
