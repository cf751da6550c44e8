/* What certificate requests ask to be called. */
#include "analyze/facts.h"
#include "base/buf.h"
#include "base/enc.h"
#include "kube/csr.h"

#include <check.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdlib.h>

static struct arena arena;

/* A request for common_name in the organizations given (type: MBSTRING_UTF8, V_ASN1_T61STRING ...), NULL ends. */
static struct str request(const char *common_name, int type, const char *const *organization)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509_REQ *r = X509_REQ_new();
    X509_NAME *name = X509_NAME_new();
    BIO *b = BIO_new(BIO_s_mem());
    char *p = NULL;
    ck_assert(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)common_name, -1, -1, 0));
    for (; *organization; organization++)
        ck_assert(X509_NAME_add_entry_by_txt(name, "O", type, (const unsigned char *)*organization, -1, -1, 0));
    ck_assert(X509_REQ_set_subject_name(r, name) && X509_REQ_set_pubkey(r, key) && X509_REQ_sign(r, key, EVP_sha256()));
    ck_assert(PEM_write_bio_X509_REQ(b, r));
    long n = BIO_get_mem_data(b, &p);
    struct str pem = str_dup(&arena, str_of(p, (size_t)n));
    BIO_free(b);
    X509_NAME_free(name);
    X509_REQ_free(r);
    EVP_PKEY_free(key);
    return pem;
}

START_TEST(subject)
{
    struct csr_subject s;
    struct err err = { 0 };
    ck_assert(csr_read_subject(&s, &arena, request("jane", MBSTRING_UTF8, (const char *const[]){ "system:masters", "dév", NULL }), &err));
    ck_assert(str_eq_c(s.common_name, "jane"));
    ck_assert_uint_eq(s.organization_count, 2);
    ck_assert(str_eq_c(s.organization[0], "system:masters") && str_eq_c(s.organization[1], "dév"));
}
END_TEST

/* The same group written in another string type is the same group. */
START_TEST(string_types)
{
    static const int type[] = { V_ASN1_T61STRING, V_ASN1_PRINTABLESTRING, V_ASN1_IA5STRING, V_ASN1_UTF8STRING };
    for (size_t i = 0; i < sizeof type / sizeof *type; i++) {
        struct csr_subject s;
        struct err err = { 0 };
        ck_assert(csr_read_subject(&s, &arena, request("x", type[i], (const char *const[]){ "system:masters", NULL }), &err));
        ck_assert_uint_eq(s.organization_count, 1);
        ck_assert(str_eq_c(s.organization[0], "system:masters"));
    }
}
END_TEST

START_TEST(refused)
{
    const char *many[CSR_ORGANIZATIONS_MAX + 2] = { 0 };
    for (size_t i = 0; i <= CSR_ORGANIZATIONS_MAX; i++)
        many[i] = "o";
    const struct {
        struct str pem;
        const char *says;
    } row[] = {
        { STR(""), "empty" },
        { STR("hello"), "no certificate request" },
        { STR("-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n"), "no certificate request" },
        { request("x", MBSTRING_UTF8, many), "more than 64 organizations" },
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct csr_subject s;
        struct err err = { 0 };
        ck_assert(!csr_read_subject(&s, &arena, row[i].pem, &err));
        ck_assert_msg(strstr(err.text, row[i].says) != NULL, "%s", err.text);
    }
}
END_TEST

static struct value derived(struct str base64)
{
    struct cluster cluster;
    struct value_builder spec, object;
    cluster_init(&cluster, &arena);
    value_builder_init(&spec, &arena);
    value_builder_set(&spec, "request", value_str(base64));
    value_builder_init(&object, &arena);
    value_builder_set(&object, "spec", value_builder_map(&spec));
    struct facts *f = facts_open(&arena, &cluster);
    return facts_derived(f, KIND_CERTIFICATESIGNINGREQUESTS, value_builder_map(&object), &arena);
}

START_TEST(as_values)
{
    struct buf base64 = BUF_INIT(1 << 16);
    enc_base64(&base64, request("jane", MBSTRING_UTF8, (const char *const[]){ "system:masters", NULL }));
    struct value d = derived(buf_str(&base64));
    const struct value *organizations = value_get(d, STR("organizations"));
    ck_assert(str_eq_c(value_text_at(d, "commonName", NULL), "jane"));
    ck_assert(organizations && organizations->n == 1 && str_eq_c(value_text(value_item(*organizations, 0)), "system:masters"));
    buf_release(&base64);
}
END_TEST

/* What could not be read is no empty list: a check over it must not pass. */
START_TEST(unread)
{
    static const char *const text[] = { "", "!", "aGVsbG8=" };
    for (size_t i = 0; i < sizeof text / sizeof *text; i++) {
        const struct value *v = value_get(derived(str_from_c(text[i])), STR("organizations"));
        ck_assert(v && v->kind == VALUE_ERROR && v->as.error->code == VALUE_ERROR_UNAVAILABLE);
    }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("csr");
    TCase *t = tcase_create("csr");
    tcase_add_test(t, subject);
    tcase_add_test(t, string_types);
    tcase_add_test(t, refused);
    tcase_add_test(t, as_values);
    tcase_add_test(t, unread);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
