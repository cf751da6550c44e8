/* Client certificates and keys that cannot be used: told before anything is sent, wherever they come from. */
#include "base/file.h"
#include "kube/client_pair.h"
#include "kube/rig.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <sys/stat.h>
#include <unistd.h>

#define PASSPHRASE "correct horse"

static struct fake_pki pki;
static char *encrypted_pkcs8, *encrypted_traditional, *traditional;

static char *taken(BIO *b)
{
    char *p = NULL;
    long n = BIO_get_mem_data(b, &p);
    char *text = strndup(p, (size_t)n);
    BIO_free(b);
    return text;
}

static void make_keys(void)
{
    fake_pki_make(&pki);
    union {
        const char *from;
        unsigned char *to;
    } pass = { .from = PASSPHRASE };
    BIO *in = BIO_new_mem_buf(pki.client.key, -1), *out[3] = { BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()) };
    EVP_PKEY *key = PEM_read_bio_PrivateKey(in, NULL, NULL, NULL);
    INVARIANT(key != NULL);
    INVARIANT(PEM_write_bio_PKCS8PrivateKey(out[0], key, EVP_aes_256_cbc(), NULL, 0, NULL, pass.to));
    INVARIANT(PEM_write_bio_PrivateKey_traditional(out[1], key, EVP_aes_128_cbc(), pass.to, (int)strlen(PASSPHRASE), NULL, NULL));
    INVARIANT(PEM_write_bio_PrivateKey_traditional(out[2], key, NULL, NULL, 0, NULL, NULL));
    encrypted_pkcs8 = taken(out[0]);
    encrypted_traditional = taken(out[1]);
    traditional = taken(out[2]);
    EVP_PKEY_free(key);
    BIO_free(in);
}

static void free_keys(void)
{
    fake_pki_free(&pki);
    free(encrypted_pkcs8);
    free(encrypted_traditional);
    free(traditional);
}

/* Texts are made when the tests run: rows hold their addresses. */
static const struct {
    const char *name;
    char **key;
    const char *text;            /* where key is NULL */
    const char *says, *says_too; /* NULL: it is fine */
} key_row[] = {
    { "the right one", &pki.client.key, NULL, NULL, NULL },
    { "the right one, as older tools write it", &traditional, NULL, NULL, NULL },
    { "encrypted", &encrypted_pkcs8, NULL, "is encrypted with a passphrase", "openssl pkey" },
    { "encrypted, as older tools write it", &encrypted_traditional, NULL, "is encrypted with a passphrase", "--token-file" },
    { "encrypted by what nobody knows", NULL,
      "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: ROT13,00\n\nAAAA\n-----END RSA PRIVATE KEY-----\n",
      "is encrypted", NULL },
    { "another's", &pki.client_other.key, NULL, "does not belong to", "made for another key" },
    { "a certificate", &pki.client.cert, NULL, "holds a certificate, not a private key", NULL },
    { "garbage", NULL, "garbage", "is not a readable private key in PEM form", NULL },
    { "a damaged one", NULL, "-----BEGIN PRIVATE KEY-----\nMIGHAgEA\n-----END PRIVATE KEY-----\n", "is not a readable private key", NULL },
    { "nothing", NULL, "\n", "is empty", NULL },
};

enum way { BY_DATA, BY_FILE, BY_PLUGIN, WAY_COUNT };

/* A plugin that prints the pair as a kubeconfig would have it. */
static void use_plugin(struct rig *r, const char *dir, const char *key)
{
    struct buf script = BUF_INIT((size_t)1 << 20);
    buf_add_c(&script, "#!/bin/sh\ncat "
                       "<<'END'\n{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/"
                       "v1\",\"status\":{\"clientCertificateData\":\"");
    const char *pem[] = { pki.client.cert, key };
    for (size_t i = 0; i < 2; i++) {
        for (const char *p = pem[i]; *p; p++)
            buf_addf(&script, *p == '\n' ? "\\n" : "%c", *p);
        buf_add_c(&script, i ? "\"}}\nEND\n" : "\",\"clientKeyData\":\"");
    }
    char *path = str_to_c(&r->arena, str_printf(&r->arena, "%s/plugin", dir));
    ck_assert(file_write_atomic(path, buf_str(&script), &r->err));
    ck_assert_int_eq(chmod(path, 0700), 0);
    buf_release(&script);
    r->settings.user.exec = (struct kube_exec){
        .is_set = true, .command = str_from_c(path), .api_version = STR("client.authentication.k8s.io/v1"), .interactive_mode = STR("Never")
    };
}

static void use_key(struct rig *r, enum way way, const char *dir, const char *key)
{
    char *path = str_to_c(&r->arena, str_printf(&r->arena, "%s/client.key", dir));
    r->settings.user.token = (struct str){ 0 };
    r->settings.user.name = STR("somebody");
    switch (way) {
    case BY_DATA:
        r->settings.user.cert_data = str_from_c(pki.client.cert);
        r->settings.user.key_data = str_from_c(key);
        return;
    case BY_FILE:
        ck_assert(file_write_atomic(path, str_from_c(key), &r->err));
        r->settings.user.cert_data = str_from_c(pki.client.cert);
        r->settings.user.key_file = str_from_c(path);
        return;
    case BY_PLUGIN:
    case WAY_COUNT:
        use_plugin(r, dir, key);
    }
}

START_TEST(keys)
{
    static const char *const named[] = { "client-key-data of user \"somebody\"", "client-key \"/tmp/",
                                         "the client key from plugin \"/tmp/" };
    char dir[] = "/tmp/kubevouch-test-XXXXXX";
    ck_assert_ptr_nonnull(mkdtemp(dir));
    const char *key = key_row[_i].key ? *key_row[_i].key : key_row[_i].text;
    for (enum way way = BY_DATA; way < WAY_COUNT; way++) {
        struct rig r;
        rig_open(&r, &pki, &(struct fake_options){ .script = rig_version_script, .tls = FAKE_TLS_WANTS_CLIENT, .client_ca = pki.ca.cert });
        use_key(&r, way, dir, key);
        bool ok = rig_connect_and_get(&r, "/version");
        ck_assert_msg(ok == !key_row[_i].says, "%s, way %d: %s", key_row[_i].name, (int)way, r.err.text);
        if (!ok) {
            ck_assert_int_eq(r.err.code, ERR_INPUT);
            CONTAINS(r.err.text, named[way]);
            CONTAINS(r.err.text, key_row[_i].says);
            if (key_row[_i].says_too)
                CONTAINS(r.err.text, key_row[_i].says_too);
            ck_assert_uint_eq(fake_api_connection_count(r.api), 0); /* before anything went out */
        }
        rig_close(&r);
    }
    char path[64];
    (void)snprintf(path, sizeof path, "%s/client.key", dir);
    (void)unlink(path);
    (void)snprintf(path, sizeof path, "%s/plugin", dir);
    (void)unlink(path);
    ck_assert_int_eq(rmdir(dir), 0);
}
END_TEST

START_TEST(certificates)
{
    static const struct {
        const char *cert, *says;
    } row[] = {
        { "garbage", "the certificate is not a readable certificate" },
        { "", "the certificate is empty" },
        { "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "is not a readable certificate" },
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct err err = { 0 };
        ck_assert(!client_pair_check(str_from_c(row[i].cert), str_from_c(pki.client.key), "the certificate", "the key", &err));
        CONTAINS(err.text, row[i].says);
    }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("client_pair");
    TCase *c = tcase_create("client_pair");
    tcase_set_timeout(c, 60);
    make_keys();
    tcase_add_loop_test(c, keys, 0, ROWS(key_row));
    tcase_add_test(c, certificates);
    suite_add_tcase(s, c);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    free_keys();
    return failed ? 1 : 0;
}
