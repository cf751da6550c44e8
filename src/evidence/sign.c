/* Signatures by OpenSSL: keys from its store, one-shot sign and verify. */
#include "evidence/sign.h"

/* Hardware keys by the engine are all that OpenSSL 3.0 has where no provider is installed. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/engine.h>
#include <openssl/evp.h>
#include <openssl/store.h>
#include <openssl/ui.h>
#include <openssl/x509.h>

#define SIGNATURE_BYTES_MAX 1024u

static EVP_PKEY *key_of(OSSL_STORE_INFO *info, enum sign_use use)
{
    int type = OSSL_STORE_INFO_get_type(info);
    if (type == OSSL_STORE_INFO_PKEY && use == SIGN_MAKE)
        return OSSL_STORE_INFO_get1_PKEY(info);
    if (type == OSSL_STORE_INFO_PUBKEY && use == SIGN_CHECK)
        return OSSL_STORE_INFO_get1_PUBKEY(info);
    if (type == OSSL_STORE_INFO_CERT && use == SIGN_CHECK)
        return X509_get_pubkey(OSSL_STORE_INFO_get0_CERT(info));
    return NULL;
}

static EVP_PKEY *first_key(const char *uri, enum sign_use use)
{
    EVP_PKEY *key = NULL;
    OSSL_STORE_CTX *store = OSSL_STORE_open(uri, UI_null(), NULL, NULL, NULL);
    while (store && !key && !OSSL_STORE_eof(store)) {
        OSSL_STORE_INFO *info = OSSL_STORE_load(store);
        if (!info)
            break;
        key = key_of(info, use);
        OSSL_STORE_INFO_free(info);
    }
    if (store)
        (void)OSSL_STORE_close(store);
    return key;
}

/* pkcs11: where no provider of that name is loaded, by the engine of that name if it is installed.
 */
static EVP_PKEY *engine_key(const char *uri, enum sign_use use)
{
    EVP_PKEY *key = NULL;
#ifndef OPENSSL_NO_ENGINE
    ENGINE_load_dynamic();
    ENGINE *e = ENGINE_by_id("pkcs11");
    if (e && ENGINE_init(e)) {
        UI_METHOD *nobody = (UI_METHOD *)(uintptr_t)UI_null(); /* it is not written to */
        key = use == SIGN_MAKE ? ENGINE_load_private_key(e, uri, nobody, NULL)
                               : ENGINE_load_public_key(e, uri, nobody, NULL);
        (void)ENGINE_finish(e); /* a key holds its engine itself */
    }
    ENGINE_free(e);
#endif
    return key;
}

static bool name_key(struct sign_key *k)
{
    unsigned char *der = NULL;
    uint8_t digest[SHA256_BYTES];
    int n = i2d_PUBKEY(k->key, &der);
    if (n <= 0)
        return false;
    sha256_of(str_of((const char *)der, (size_t)n), digest);
    sha256_hex(digest, k->id);
    OPENSSL_free(der);
    return true;
}

/* A URI for people: without what may be a PIN. */
static struct str shown_pin(struct arena *a, struct str uri)
{
    size_t at = str_find(uri, STR("pin-value="), 0);
    return at == SIZE_MAX ? uri
                          : str_printf(a, "%.*spin-value=(redacted)", STR_ARG(str_sub(uri, 0, at)));
}

bool sign_key_open(struct sign_key *out, struct arena *a, struct str file_or_uri, enum sign_use use,
                   struct err *err)
{
    bool token = str_has_prefix(file_or_uri, STR("pkcs11:"));
    struct sign_key k = { .key = first_key(str_to_c(a, file_or_uri), use) };
    if (!k.key && token)
        k.key = engine_key(str_to_c(a, file_or_uri), use);
    const char *what =
        use == SIGN_MAKE ? "private key without a passphrase" : "public key or certificate";
    if (!k.key && token)
        return err_set(err, ERR_INPUT,
                       "\"%.*s\" holds no %s that OpenSSL can reach: it takes a pkcs11 provider "
                       "that openssl.cnf loads (pkcs11-provider) or the engine "
                       "(libengine-pkcs11-openssl), the token's module (PKCS11_MODULE_PATH), and "
                       "the PIN in the URI (pin-value, pin-source)",
                       STR_ARG(shown_pin(a, file_or_uri)), what);
    if (!k.key)
        return err_set(err, ERR_INPUT, "\"%.*s\" holds no %s that OpenSSL can read",
                       STR_ARG(file_or_uri), what);
    if ((!EVP_PKEY_is_a(k.key, "ED25519") && !EVP_PKEY_is_a(k.key, "EC")) || !name_key(&k)) {
        sign_key_close(&k);
        return err_set(err, ERR_INPUT,
                       "\"%.*s\": the key is neither Ed25519 nor of an elliptic curve for ECDSA",
                       STR_ARG(file_or_uri));
    }
    *out = k;
    return true;
}

void sign_key_close(struct sign_key *k)
{
    EVP_PKEY_free(k->key);
    *k = (struct sign_key){ 0 };
}

/* Ed25519 takes no digest of its own. */
static const EVP_MD *digest_of(const struct sign_key *k)
{
    return EVP_PKEY_is_a(k->key, "ED25519") ? NULL : EVP_sha256();
}

bool sign_make(struct buf *out, const struct sign_key *k, struct str message, struct err *err)
{
    unsigned char signature[SIGNATURE_BYTES_MAX];
    size_t n = sizeof signature;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool ok = ctx && EVP_DigestSignInit(ctx, NULL, digest_of(k), NULL, k->key) == 1 &&
              EVP_DigestSign(ctx, signature, &n, (const unsigned char *)message.p, message.n) == 1;
    EVP_MD_CTX_free(ctx);
    if (!ok)
        return err_set(err, ERR_INTERNAL, "OpenSSL could not sign with this key");
    buf_add(out, str_of((const char *)signature, n));
    return true;
}

bool sign_check(const struct sign_key *k, struct str message, struct str signature)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool ok = ctx && signature.n &&
              EVP_DigestVerifyInit(ctx, NULL, digest_of(k), NULL, k->key) == 1 &&
              EVP_DigestVerify(ctx, (const unsigned char *)signature.p, signature.n,
                               (const unsigned char *)message.p, message.n) == 1;
    EVP_MD_CTX_free(ctx);
    return ok;
}
