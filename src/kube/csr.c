/* What a certificate signing request (PKCS #10) asks to be called. */
#include "kube/csr.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

static void bio_cleanup(BIO **b)
{
    BIO_free_all(*b);
}

static void request_cleanup(X509_REQ **r)
{
    X509_REQ_free(*r);
}

/* An entry of the name in UTF-8, whatever string type it came in. Empty if it cannot be had. */
static struct str entry_text(struct arena *a, const X509_NAME *name, int at)
{
    unsigned char *utf8 = NULL;
    int n = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
    struct str text = n > 0 ? str_dup(a, str_of((const char *)utf8, (size_t)n)) : (struct str){ 0 };
    OPENSSL_free(utf8);
    return text;
}

bool csr_read_subject(struct csr_subject *out, struct arena *a, struct str pem, struct err *err)
{
    struct csr_subject s = { 0 };
    if (!pem.n || pem.n > INT32_MAX)
        return err_set(err, ERR_INPUT, "it is empty");
    BIO *b CLEANUP(bio_cleanup) = BIO_new_mem_buf(pem.p, (int)pem.n);
    X509_REQ *request CLEANUP(request_cleanup) =
        b ? PEM_read_bio_X509_REQ(b, NULL, NULL, NULL) : NULL;
    ERR_clear_error();
    if (!request)
        return err_set(err, ERR_INPUT, "it is no certificate request in PEM form");
    const X509_NAME *name = X509_REQ_get_subject_name(request);
    int at = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
    if (at >= 0)
        s.common_name = entry_text(a, name, at);
    for (at = X509_NAME_get_index_by_NID(name, NID_organizationName, -1); at >= 0;
         at = X509_NAME_get_index_by_NID(name, NID_organizationName, at)) {
        if (s.organization_count == CSR_ORGANIZATIONS_MAX)
            return err_set(err, ERR_INPUT, "its subject names more than %u organizations",
                           CSR_ORGANIZATIONS_MAX);
        s.organization[s.organization_count++] = entry_text(a, name, at);
    }
    *out = s;
    return true;
}
