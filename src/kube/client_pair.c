/* A client certificate and its key, tried before they are used. */
#include "kube/client_pair.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

static void bio_cleanup(BIO **b)
{
    BIO_free_all(*b);
}

static void x509_cleanup(X509 **x)
{
    X509_free(*x);
}

static void key_cleanup(EVP_PKEY **k)
{
    EVP_PKEY_free(*k);
}

/* OpenSSL's pem_password_cb: it is only called for a key that is encrypted. There is no passphrase.
 */
static int no_passphrase(char *out, int size, int writing, void *ctx)
{
    bool *asked = ctx;
    (void)writing;
    if (size > 0)
        out[0] = '\0';
    *asked = true;
    return -1;
}

static BIO *bio_of(struct str pem)
{
    return pem.n <= INT32_MAX ? BIO_new_mem_buf(pem.n ? pem.p : "", (int)pem.n) : NULL;
}

static bool wrong_key(struct str pem, bool encrypted, const char *name, struct err *err)
{
    if (!str_trim(pem).n)
        return err_set(err, ERR_INPUT, "%s is empty: it must hold the private key, in PEM form",
                       name);
    if (encrypted || str_contains(pem, STR("ENCRYPTED")))
        return err_set(err, ERR_INPUT,
                       "%s is encrypted with a passphrase, which is never asked for: give the key "
                       "without one (openssl pkey -in "
                       "ENCRYPTED -out PLAIN, readable by you alone), or another credential, such "
                       "as --token-file",
                       name);
    if (str_contains(pem, STR("BEGIN CERTIFICATE")) && !str_contains(pem, STR("PRIVATE KEY")))
        return err_set(err, ERR_INPUT,
                       "%s holds a certificate, not a private key: give the key that the client "
                       "certificate was made for",
                       name);
    return err_set(err, ERR_INPUT,
                   "%s is not a readable private key in PEM form (-----BEGIN ... PRIVATE "
                   "KEY-----): it is cut, damaged, or something else",
                   name);
}

bool client_pair_check(struct str cert_pem, struct str key_pem, const char *cert_name,
                       const char *key_name, struct err *err)
{
    bool encrypted = false;
    BIO *cert_bio CLEANUP(bio_cleanup) = bio_of(cert_pem),
                  *key_bio CLEANUP(bio_cleanup) = bio_of(key_pem);
    X509 *cert CLEANUP(x509_cleanup) =
        cert_bio ? PEM_read_bio_X509(cert_bio, NULL, no_passphrase, &encrypted) : NULL;
    EVP_PKEY *key CLEANUP(key_cleanup) =
        key_bio ? PEM_read_bio_PrivateKey(key_bio, NULL, no_passphrase, &encrypted) : NULL;
    bool fits = cert && key && X509_check_private_key(cert, key) == 1;
    ERR_clear_error();
    if (!cert)
        return err_set(err, ERR_INPUT, "%s %s", cert_name,
                       str_trim(cert_pem).n
                           ? "is not a readable certificate in PEM form (-----BEGIN "
                             "CERTIFICATE-----): it is cut, damaged, or something else"
                           : "is empty: it must hold the client's certificate, in PEM form");
    if (!key)
        return wrong_key(key_pem, encrypted, key_name, err);
    return fits || err_set(err, ERR_INPUT,
                           "%s does not belong to %s: the certificate was made for another key; "
                           "take both from the same place",
                           key_name, cert_name);
}
