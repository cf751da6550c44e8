/* The TLS probe against servers of all kinds: OpenSSL's own over memory, bytes made by hand, and a socket through proxies. */
#include "kube/rig.h"
#include "tls/hello.h"
#include "tls/probe.h"
#include "value/json_doc.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

static struct fake_pki pki;

/* ---- a server in memory */

struct server {
    SSL_CTX *ctx;
    SSL *ssl;
    unsigned opened;
    unsigned silent_from; /* this connection and later ones are closed without a word; 0: none */
};

static bool server_open(void *ctx, struct err *err)
{
    struct server *s = ctx;
    (void)err;
    s->opened++;
    SSL_free(s->ssl);
    s->ssl = SSL_new(s->ctx);
    SSL_set_bio(s->ssl, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_set_accept_state(s->ssl);
    return true;
}
static bool server_send(void *ctx, struct str bytes, struct err *err)
{
    struct server *s = ctx;
    (void)err;
    ck_assert_int_eq(BIO_write(SSL_get_rbio(s->ssl), bytes.p, (int)bytes.n), (int)bytes.n);
    (void)SSL_do_handshake(s->ssl);
    ERR_clear_error();
    return true;
}
static bool server_receive(void *ctx, char *out, size_t size, size_t *n, struct err *err)
{
    struct server *s = ctx;
    (void)err;
    int got = s->silent_from && s->opened >= s->silent_from ? 0 : BIO_read(SSL_get_wbio(s->ssl), out, size > 700 ? 700 : (int)size);
    *n = got > 0 ? (size_t)got : 0;
    return true;
}
static void server_close(void *ctx)
{
    struct server *s = ctx;
    SSL_free(s->ssl);
    s->ssl = NULL;
}

static void use_certificate(SSL_CTX *ctx, const struct fake_cert *c)
{
    BIO *b = BIO_new_mem_buf(c->cert, -1), *k = BIO_new_mem_buf(c->key, -1);
    X509 *x = PEM_read_bio_X509(b, NULL, NULL, NULL);
    EVP_PKEY *key = PEM_read_bio_PrivateKey(k, NULL, NULL, NULL);
    ck_assert(SSL_CTX_use_certificate(ctx, x) == 1 && SSL_CTX_use_PrivateKey(ctx, key) == 1);
    X509_free(x);
    EVP_PKEY_free(key);
    BIO_free(b);
    BIO_free(k);
}

struct setting {
    int min, max;
    const char *suites; /* OpenSSL's names, of 1.2 and below */
    bool asks;
    const char *want_versions; /* of 1.3, 1.0, 1.1, 1.2: y, n or ? */
    const char *want_suites;   /* of 1.2 */
};

static struct value probe(struct arena *a, struct server *s, const struct setting *set, const struct fake_cert *cert, const char *name,
                          struct err *err)
{
    struct tls_wire wire = { server_open, server_send, server_receive, server_close, s };
    struct tls_probe_options o = { .name = str_from_c(name), .ca_pem = str_from_c(pki.ca.cert) };
    struct value v = value_null();
    s->ctx = SSL_CTX_new(TLS_server_method());
    SSL_CTX_set_security_level(s->ctx, 0);
    use_certificate(s->ctx, cert);
    SSL_CTX_set_min_proto_version(s->ctx, set->min);
    SSL_CTX_set_max_proto_version(s->ctx, set->max);
    ck_assert_int_eq(SSL_CTX_set_cipher_list(s->ctx, set->suites), 1);
    SSL_CTX_set_options(s->ctx, SSL_OP_CIPHER_SERVER_PREFERENCE);
    if (set->asks) {
        BIO *b = BIO_new_mem_buf(pki.ca.cert, -1);
        X509 *x = PEM_read_bio_X509(b, NULL, NULL, NULL);
        SSL_CTX_set_verify(s->ctx, SSL_VERIFY_PEER, NULL);
        ck_assert_int_eq(SSL_CTX_add_client_CA(s->ctx, x), 1);
        X509_free(x);
        BIO_free(b);
    }
    bool ok = tls_probe(&v, a, &wire, &o, err);
    ck_assert(ok == (err->code == ERR_NONE));
    SSL_CTX_free(s->ctx);
    return v;
}

static struct str versions_of(struct arena *a, struct value v)
{
    const struct value *rows = value_get(v, STR("versions"));
    struct str part[8] = { 0 };
    for (uint32_t i = 0; i < rows->n; i++) {
        const struct value *offered = value_get(value_item(*rows, i), STR("offered"));
        part[i] = offered->kind != VALUE_BOOL ? STR("?") : offered->as.b ? STR("y") : STR("n");
    }
    return str_join(a, part, rows->n, STR(""));
}
static struct str suites_of(struct arena *a, struct value v, const char *version)
{
    const struct value *rows = value_get(v, STR("suites"));
    struct str part[64] = { 0 };
    size_t n = 0;
    for (uint32_t i = 0; i < rows->n && n < 64; i++)
        if (str_eq_c(value_text_at(value_item(*rows, i), "version", NULL), version))
            part[n++] = value_text_at(value_item(*rows, i), "name", NULL);
    return str_join(a, part, n, STR(" "));
}
#define IS(got, want)                                                                                      \
    do {                                                                                                   \
        struct str got_text = (got);                                                                       \
        ck_assert_msg(str_eq_c(got_text, (want)), "got \"%.*s\", want \"%s\"", STR_ARG(got_text), (want)); \
    } while (0)

#define GCM "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"
#define CBC "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA"
static const struct setting setting_row[] = {
    { TLS1_2_VERSION, TLS1_3_VERSION, "ECDHE-ECDSA-AES128-GCM-SHA256", true, "ynny", GCM },
    { TLS1_2_VERSION, TLS1_3_VERSION, "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES128-SHA", false, "ynny", GCM " " CBC },
    { TLS1_3_VERSION, TLS1_3_VERSION, "ECDHE-ECDSA-AES128-GCM-SHA256", false, "ynnn", "" },
    { TLS1_VERSION, TLS1_2_VERSION, "ECDHE-ECDSA-AES128-SHA", true, "nyyy", CBC },
    { TLS1_VERSION, TLS1_1_VERSION, "ECDHE-ECDSA-AES128-SHA", true, "nyyn", "" },
    { TLS1_2_VERSION, TLS1_2_VERSION, "ECDHE-ECDSA-AES128-GCM-SHA256", true, "nnny", GCM },
};

START_TEST(a_server_s_versions_and_suites)
{
    const struct setting *set = &setting_row[_i];
    struct arena a CLEANUP(arena_release) = { 0 };
    struct server s = { 0 };
    struct err err = { 0 };
    struct value v = probe(&a, &s, set, &pki.server, "fake.test", &err);
    ck_assert_msg(err.code == ERR_NONE, "%s", err.text);
    IS(versions_of(&a, v), set->want_versions);
    IS(suites_of(&a, v, "TLS 1.2"), set->want_suites);
    ck_assert(value_bool_at(v, false, "suitesWhole", NULL));
    ck_assert_int_eq(value_bool_at(v, false, "clientCertificateAsked", NULL), set->asks);
    ck_assert_uint_eq(value_get(v, STR("clientCas"))->n, set->asks ? 1 : 0);
    ck_assert_int_eq(value_int_at(v, 0, "connections", NULL), (int64_t)s.opened);
    ck_assert_uint_eq(value_get(v, STR("chain"))->n, 1);
    IS(value_text_at(v, "verifyFault", NULL), "");
}
END_TEST

START_TEST(a_chain_is_judged_for_the_name)
{
    struct arena a CLEANUP(arena_release) = { 0 };
    const struct {
        const struct fake_cert *cert;
        const char *name, *says;
    } row[] = {
        { &pki.server, "127.0.0.1", "" },
        { &pki.server, "elsewhere.test", "hostname mismatch" },
        { &pki.server_expired, "fake.test", "expired" },
        { &pki.server_stranger, "fake.test", "issuer certificate" },
        { &pki.server, "10.9.8.7", "IP address mismatch" },
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct server s = { 0 };
        struct err err = { 0 };
        struct value v = probe(&a, &s, &setting_row[0], row[i].cert, row[i].name, &err);
        ck_assert_msg(err.code == ERR_NONE, "%s", err.text);
        struct str fault = value_text_at(v, "verifyFault", NULL);
        if (row[i].says[0])
            CONTAINS(str_to_c(&a, fault), row[i].says);
        else
            IS(fault, "");
    }
}
END_TEST

/* One that stops answering shows what it showed before, and nothing else. */
START_TEST(a_server_that_falls_silent)
{
    struct arena a CLEANUP(arena_release) = { 0 };
    struct server s = { .silent_from = 1 };
    struct err err = { 0 };
    (void)probe(&a, &s, &setting_row[0], &pki.server, "fake.test", &err);
    ck_assert_int_eq(err.code, ERR_TLS);
    for (unsigned from = 2; from <= 5; from++) {
        s = (struct server){ .silent_from = from };
        err = (struct err){ 0 };
        struct value v = probe(&a, &s, &setting_row[1], &pki.server, "fake.test", &err);
        ck_assert_int_eq(err.code, ERR_NONE);
        ck_assert(!value_bool_at(v, true, "suitesWhole", NULL));
        CONTAINS(str_to_c(&a, value_text_at(v, "suitesFault", NULL)), "without an alert");
        IS(versions_of(&a, v), from == 2 ? "y???" : from == 3 ? "yn??" : from == 4 ? "ynn?" : "ynny");
    }
}
END_TEST

/* ---- first words */

#define HELLO_TAIL "\x00\xc0\x2b\x00"
static const struct {
    const char *bytes;
    size_t n;
    enum tls_answer_state state;
    int value; /* the suite, or the alert */
} answer_row[] = {
    { "", 0, TLS_ANSWER_MORE, 0 },
    { "\x15\x03\x03\x00\x02\x02\x28", 7, TLS_ANSWER_ALERT, 40 },
    { "\x15\x03\x01\x00\x02\x02\x46", 7, TLS_ANSWER_ALERT, 70 },
    { "\x15\x03\x03\x00\x02\x02", 6, TLS_ANSWER_MORE, 0 },
    /* A warning is passed over. */
    { "\x15\x03\x03\x00\x02\x01\x70\x15\x03\x03\x00\x02\x02\x28", 14, TLS_ANSWER_ALERT, 40 },
    { "HTTP/1.1 400 Bad Request", 24, TLS_ANSWER_OTHER, 0 },
    { "H", 1, TLS_ANSWER_OTHER, 0 },
    { "\x16\x03\x03\x00\x00", 5, TLS_ANSWER_OTHER, 0 },
    { "\x16\x03\x03\xff\xff", 5, TLS_ANSWER_OTHER, 0 },
    { "\x16\x02\x03\x00\x04\x02\x00\x00\x00", 9, TLS_ANSWER_OTHER, 0 },
    /* Another handshake message, and a ServerHello too short for its suite. */
    { "\x16\x03\x03\x00\x04\x0b\x00\x00\x00", 9, TLS_ANSWER_OTHER, 0 },
    { "\x16\x03\x03\x00\x2c\x02\x00\x00\x10\x03\x03"
      "01234567890123456789012345678901"
      "\x00\xc0\x2b\x00\x00\x00",
      49, TLS_ANSWER_OTHER, 0 },
    { "\x16\x03\x03\x00\x2c\x02\x00\x00\x28\x03\x03"
      "01234567890123456789012345678901" HELLO_TAIL "\x00\x00",
      49, TLS_ANSWER_CHOSEN, 0xc02b },
    /* A session of its own, and the suite cut off. */
    { "\x16\x03\x03\x00\x4c\x02\x00\x00\x48\x03\x03"
      "01234567890123456789012345678901"
      "\x20",
      44, TLS_ANSWER_MORE, 0 },
};

START_TEST(first_words_are_read)
{
    struct tls_answer r = tls_answer_read(str_of(answer_row[_i].bytes, answer_row[_i].n));
    ck_assert_int_eq(r.state, answer_row[_i].state);
    if (r.state == TLS_ANSWER_CHOSEN)
        ck_assert_int_eq(r.suite, answer_row[_i].value);
    if (r.state == TLS_ANSWER_ALERT)
        ck_assert_int_eq(r.alert, answer_row[_i].value);
    for (size_t cut = 0; cut < answer_row[_i].n && r.state == TLS_ANSWER_CHOSEN; cut++)
        ck_assert_int_ne(tls_answer_read(str_of(answer_row[_i].bytes, cut)).state, TLS_ANSWER_ALERT);
}
END_TEST

/* ---- over sockets */

static struct value read_reply(struct rig *r)
{
    struct value v = value_null();
    struct err err = { 0 };
    ck_assert_msg(json_doc_read(&v, &r->arena, r->reply.body, "answer", &err), "%s", err.text);
    return v;
}

START_TEST(through_the_transport)
{
    static const char *const way[] = { "", "http://", "socks5://" };
    struct rig r;
    rig_open(&r, &pki, &(struct fake_options){ .script = rig_version_script, .tls = FAKE_TLS });
    struct fake_proxy *proxy = _i ? rig_behind_proxy(&r, way[_i]) : NULL;
    ck_assert_msg(rig_connect(&r), "%s", r.err.text);
    bool ok = client_probe_tls(&r.client, &r.reply, &r.err);
    ck_assert_msg(ok, "%s", r.err.text);
    struct value v = read_reply(&r);
    IS(value_text_at(v, "verifyFault", NULL), "");
    ck_assert(value_bool_at(v, false, "suitesWhole", NULL));
    ck_assert_int_eq(value_text_at(v, "proxy", NULL).n > 0, _i > 0);
    ck_assert_uint_eq(r.client.calls.count, 1);
    ck_assert(r.client.calls.item[0].has_digest);
    if (proxy)
        fake_proxy_close(proxy);
    rig_close(&r);
}
END_TEST

START_TEST(what_is_no_tls_server_is_told)
{
    static const enum fake_tls kind[] = { FAKE_PLAIN, FAKE_TLS };
    static const int stop = 1;
    struct rig r;
    rig_open(&r, &pki, &(struct fake_options){ .script = rig_version_script, .tls = kind[_i] });
    struct str server = r.settings.cluster.server, scheme, rest;
    if (str_cut(server, ':', &scheme, &rest))
        r.settings.cluster.server = str_printf(&r.arena, "https:%.*s", STR_ARG(rest));
    if (_i == 1)
        r.options.cancelled = &stop;
    r.options.default_timeout_ms = 2000;
    ck_assert_msg(rig_connect(&r), "%s", r.err.text);
    ck_assert(!client_probe_tls(&r.client, &r.reply, &r.err));
    ck_assert_int_eq(r.reply.status, 0);
    CONTAINS(r.err.text, _i ? "signal" : "TLS handshake");
    rig_close(&r);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("TLS probe");
    TCase *t = tcase_create("all");
    fake_pki_make(&pki);
    tcase_set_timeout(t, 60);
    tcase_add_loop_test(t, a_server_s_versions_and_suites, 0, ROWS(setting_row));
    tcase_add_test(t, a_chain_is_judged_for_the_name);
    tcase_add_test(t, a_server_that_falls_silent);
    tcase_add_loop_test(t, first_words_are_read, 0, ROWS(answer_row));
    tcase_add_loop_test(t, through_the_transport, 0, 3);
    tcase_add_loop_test(t, what_is_no_tls_server_is_told, 0, 2);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    fake_pki_free(&pki);
    return failed ? 1 : 0;
}
