/* Whom the live transport trusts, what it shows of itself, and the ways through proxies. */
#include "base/file.h"
#include "kube/rig.h"

#include <unistd.h>

static struct fake_pki pki;

/* ---- certificates ---- */

/* What a row changes in the rig, by name, since certificates exist only when the test runs. */
enum client_cert { NO_CERT, GOOD_CERT, EXPIRED_CERT, OTHER_CERT };
static const struct {
    const char *name;
    size_t server; /* offset of the server's certificate in struct fake_pki */
    enum fake_tls tls;
    const char *ca; /* NULL: the right one; "other", "none" (the system's) */
    enum client_cert client;
    const char *server_name;
    bool insecure, ok;
    enum err_code code;
    const char *says, *says_too;
} tls_row[] = {
    { "good", offsetof(struct fake_pki, server), FAKE_TLS, NULL, NO_CERT, "", false, true, ERR_NONE, NULL, NULL },
    { "same name, another CA", offsetof(struct fake_pki, server_other), FAKE_TLS, NULL, NO_CERT, "", false, false, ERR_TLS,
      "by another \"CN = kubernetes\"", "certificate-authority" },
    { "a stranger's CA", offsetof(struct fake_pki, server_stranger), FAKE_TLS, NULL, NO_CERT, "", false, false, ERR_TLS,
      "not signed by the certificate-authority in use but by another \"CN = kubernetes\"", NULL },
    { "system's CAs", offsetof(struct fake_pki, server), FAKE_TLS, "none", NO_CERT, "", false, false, ERR_TLS,
      "does not know: give certificate-authority", "CN = kubernetes" },
    { "insecure", offsetof(struct fake_pki, server_other), FAKE_TLS, NULL, NO_CERT, "", true, true, ERR_NONE, NULL, NULL },
    { "expired", offsetof(struct fake_pki, server_expired), FAKE_TLS, NULL, NO_CERT, "", false, false, ERR_TLS,
      "the server's certificate \"CN = kube-apiserver\" expired at 20", "clock" },
    { "another name", offsetof(struct fake_pki, server_misnamed), FAKE_TLS, NULL, NO_CERT, "", false, false, ERR_TLS,
      "is for elsewhere.test, 10.9.8.7", "tls-server-name" },
    { "a common name alone", offsetof(struct fake_pki, server_nameless), FAKE_TLS, NULL, NO_CERT, "", false, false, ERR_TLS,
      "names no host: it has only a common name", "subjectAltName" },
    { "a common name alone that fits", offsetof(struct fake_pki, server_nameless), FAKE_TLS, NULL, NO_CERT, "localhost", false, false,
      ERR_TLS, "names no host", NULL },
    { "a common name alone, insecure", offsetof(struct fake_pki, server_nameless), FAKE_TLS, NULL, NO_CERT, "", true, true, ERR_NONE, NULL,
      NULL },
    { "tls-server-name", offsetof(struct fake_pki, server_misnamed), FAKE_TLS, NULL, NO_CERT, "elsewhere.test", false, true, ERR_NONE, NULL,
      NULL },
    { "wrong tls-server-name", offsetof(struct fake_pki, server), FAKE_TLS, NULL, NO_CERT, "elsewhere.test", false, false, ERR_TLS,
      "localhost, fake.test, 127.0.0.1", "not for \"elsewhere.test\": correct tls-server-name" },
    { "plain server", offsetof(struct fake_pki, server), FAKE_PLAIN, NULL, NO_CERT, "", false, false, ERR_TLS, "does not speak TLS",
      "http://" },
    { "certificate wanted", offsetof(struct fake_pki, server), FAKE_TLS_WANTS_CLIENT, NULL, NO_CERT, "", false, false, ERR_TLS,
      "demands a client certificate", NULL },
    { "certificate given", offsetof(struct fake_pki, server), FAKE_TLS_WANTS_CLIENT, NULL, GOOD_CERT, "", false, true, ERR_NONE, NULL,
      NULL },
    { "certificate expired", offsetof(struct fake_pki, server), FAKE_TLS_WANTS_CLIENT, NULL, EXPIRED_CERT, "", false, false, ERR_TLS,
      "the client certificate", "expired" },
    { "certificate of another cluster", offsetof(struct fake_pki, server), FAKE_TLS_WANTS_CLIENT, NULL, OTHER_CERT, "", false, false,
      ERR_TLS, "client certificate", NULL },
};

START_TEST(certificates)
{
    struct rig r;
    const struct fake_cert *client[] = { NULL, &pki.client, &pki.client_expired, &pki.client_other };
    const struct fake_cert *server = (const struct fake_cert *)(const void *)((const char *)&pki + tls_row[_i].server);
    rig_open(&r, &pki, &(struct fake_options){ .script = rig_version_script, .tls = tls_row[_i].tls, .cert = server });
    r.settings.cluster.server = str_printf(&r.arena, "https://127.0.0.1:%u", fake_api_port(r.api));
    r.settings.cluster.insecure_skip_tls_verify = tls_row[_i].insecure;
    r.settings.cluster.tls_server_name = str_from_c(tls_row[_i].server_name);
    if (tls_row[_i].insecure || (tls_row[_i].ca && strcmp(tls_row[_i].ca, "none") == 0))
        r.settings.cluster.ca_data = (struct str){ 0 };
    if (client[tls_row[_i].client]) {
        r.settings.user.cert_data = str_from_c(client[tls_row[_i].client]->cert);
        r.settings.user.key_data = str_from_c(client[tls_row[_i].client]->key);
    }
    bool ok = rig_connect_and_get(&r, "/version");
    ck_assert_msg(ok == tls_row[_i].ok, "%s: %s", tls_row[_i].name, r.err.text);
    ck_assert_msg(r.err.code == tls_row[_i].code, "%s: %d %s", tls_row[_i].name, (int)r.err.code, r.err.text);
    if (!ok) {
        CONTAINS(r.err.text, tls_row[_i].says);
        if (tls_row[_i].says_too)
            CONTAINS(r.err.text, tls_row[_i].says_too);
        ck_assert_uint_eq(fake_api_request_count(r.api), 0);
        ck_assert_uint_eq(http_server_certificate_sha256(r.transport).n, 0);
    } else {
        ck_assert_uint_eq(http_server_certificate_sha256(r.transport).n, 64);
    }
    if (tls_row[_i].server_name[0] && ok) {
        char *sent = fake_api_request(r.api, 0), host[64];
        (void)snprintf(host, sizeof host, "Host: 127.0.0.1:%u\n", fake_api_port(r.api));
        CONTAINS(sent, host);
        free(sent);
    }
    rig_close(&r);
}
END_TEST

/* A CA file that is there but holds nothing must not fall back to the system's. */
static const struct {
    const char *content; /* NULL: no file */
    enum err_code code;
    const char *says;
} ca_row[] = {
    { "", ERR_INPUT, "is empty" },
    { "no PEM\n", ERR_INPUT, "certificate 1 is not readable" },
    { "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", ERR_INPUT, "certificate 1 is not readable" },
    { NULL, ERR_NOT_FOUND, "certificate-authority" },
};

START_TEST(authority_files)
{
    struct rig r;
    char dir[] = "/tmp/kubevouch-test-XXXXXX";
    rig_open(&r, &pki, &(struct fake_options){ .script = rig_version_script });
    ck_assert_ptr_ne(mkdtemp(dir), NULL);
    char *path = str_to_c(&r.arena, str_printf(&r.arena, "%s/ca.crt", dir));
    if (ca_row[_i].content)
        ck_assert(file_write_atomic(path, str_from_c(ca_row[_i].content), &r.err));
    r.settings.cluster.ca_data = (struct str){ 0 };
    r.settings.cluster.ca_file = str_from_c(path);
    ck_assert(!rig_connect(&r));
    ck_assert_int_eq(r.err.code, ca_row[_i].code);
    CONTAINS(r.err.text, ca_row[_i].says);
    CONTAINS(r.err.text, path);
    (void)unlink(path);
    (void)rmdir(dir);
    rig_close(&r);
}
END_TEST

START_TEST(a_good_authority_file)
{
    struct rig r;
    char dir[] = "/tmp/kubevouch-test-XXXXXX";
    rig_open(&r, &pki, &(struct fake_options){ .script = rig_version_script });
    ck_assert_ptr_ne(mkdtemp(dir), NULL);
    char *path = str_to_c(&r.arena, str_printf(&r.arena, "%s/ca.crt", dir));
    /* Two of them, as after a rotation. */
    ck_assert(file_write_atomic(path, str_printf(&r.arena, "# old\n%s\n# new\n%s", pki.other_ca.cert, pki.ca.cert), &r.err));
    r.settings.cluster.ca_data = (struct str){ 0 };
    r.settings.cluster.ca_file = str_from_c(path);
    ck_assert_msg(rig_connect_and_get(&r, "/version"), "%s", r.err.text);
    (void)unlink(path);
    (void)rmdir(dir);
    rig_close(&r);
}
END_TEST

START_TEST(a_key_of_another_certificate)
{
    struct rig r;
    rig_open(&r, &pki, &(struct fake_options){ .script = rig_version_script, .tls = FAKE_TLS_WANTS_CLIENT });
    r.settings.user.cert_data = str_from_c(pki.client.cert);
    r.settings.user.key_data = str_from_c(pki.client_other.key);
    ck_assert(!rig_connect_and_get(&r, "/version"));
    ck_assert_int_eq(r.err.code, ERR_INPUT);
    CONTAINS(r.err.text, "client-key");
    CONTAINS(r.err.text, "does not belong to client-certificate");
    ck_assert_uint_eq(fake_api_connection_count(r.api), 0);
    rig_close(&r);
}
END_TEST

/* ---- credentials that change ---- */

START_TEST(a_token_file_is_read_again_after_a_401)
{
    static const struct fake_answer script[] = {
        { .path = "/version", .want_header = "Authorization: Bearer new-token", .status = 200, .body = "{}" },
        { .path = "/version", .status = 401, .body = "Unauthorized" },
        { 0 }
    };
    struct rig r;
    char dir[] = "/tmp/kubevouch-test-XXXXXX";
    rig_open(&r, &pki, &(struct fake_options){ .script = script });
    ck_assert_ptr_ne(mkdtemp(dir), NULL);
    char *path = str_to_c(&r.arena, str_printf(&r.arena, "%s/token", dir));
    ck_assert(file_write_atomic(path, STR("old-token\n"), &r.err));
    r.settings.user.token = (struct str){ 0 };
    r.settings.user.token_file = str_from_c(path);
    ck_assert_msg(rig_connect(&r), "%s", r.err.text);
    ck_assert(file_write_atomic(path, STR("new-token\n"), &r.err));
    ck_assert_msg(rig_get(&r, "/version"), "%s", r.err.text);
    ck_assert_uint_eq(r.client.calls.item[0].retries, 1);
    char *sent = fake_api_request(r.api, 0);
    CONTAINS(sent, "Bearer old-token");
    free(sent);
    (void)unlink(path);
    (void)rmdir(dir);
    rig_close(&r);
}
END_TEST

static const struct {
    const char *token, *says;
} token_row[] = {
    { "h.eyJleHAiOjE3NjM3MDQwMDB9.s", "it expired at 2025-11-21T05:46:40Z" },
    { "h.eyJleHAiOjQxMDI0NDQ4MDB9.s", "it says that it is valid until 2100-01-01T00:00:00Z" },
};

START_TEST(the_end_of_a_refused_token_is_named)
{
    static const struct fake_answer refused_script[] = { { .path = "*", .status = 401, .body = "Unauthorized" }, { 0 } };
    struct rig r;
    rig_open(&r, &pki, &(struct fake_options){ .script = refused_script });
    r.settings.user.token = str_from_c(token_row[_i].token);
    ck_assert(!rig_connect_and_get(&r, "/version"));
    ck_assert_int_eq(r.err.code, ERR_AUTH);
    CONTAINS(r.err.text, "the server refused the token");
    CONTAINS(r.err.text, token_row[_i].says);
    LACKS(r.err.text, "eyJ");
    rig_close(&r);
}
END_TEST

START_TEST(an_expired_client_certificate_is_named)
{
    static const struct fake_answer refused_script[] = { { .path = "*", .status = 401, .body = "Unauthorized" }, { 0 } };
    struct rig r;
    rig_open(&r, &pki, &(struct fake_options){ .script = refused_script });
    r.settings.user.token = (struct str){ 0 };
    r.settings.user.cert_data = str_from_c(pki.client_expired.cert);
    r.settings.user.key_data = str_from_c(pki.client_expired.key);
    ck_assert(!rig_connect_and_get(&r, "/version"));
    ck_assert_int_eq(r.err.code, ERR_AUTH);
    CONTAINS(r.err.text, "the client certificate expired at 20");
    rig_close(&r);
}
END_TEST

/* ---- proxies ---- */

static uint16_t env_proxy_port;
static char env_proxy_text[64];
static const char *env_with_proxy(const char *name)
{
    (void)snprintf(env_proxy_text, sizeof env_proxy_text, "http://127.0.0.1:%u", env_proxy_port);
    return strcmp(name, "HTTPS_PROXY") == 0 ? env_proxy_text : rig_no_env(name);
}

static const struct {
    const char *url; /* proxy-url before the address; NULL: HTTPS_PROXY in the environment */
    const char *asked, *asked_too;
} proxy_row[] = {
    { "http://", "CONNECT fake.test:6443 HTTP/1.1", NULL },
    { "http://me:pass@", "CONNECT fake.test:6443 HTTP/1.1", "Proxy-Authorization: Basic bWU6cGFzcw==" },
    { "socks5://", "SOCKS5 fake.test:6443", NULL },
    { NULL, "CONNECT fake.test:6443 HTTP/1.1", NULL },
};

START_TEST(by_way_of_a_proxy)
{
    struct rig r;
    rig_open(&r, &pki, &(struct fake_options){ .script = rig_version_script });
    struct fake_proxy *p = rig_behind_proxy(&r, proxy_row[_i].url ? proxy_row[_i].url : "http://");
    if (!proxy_row[_i].url)
        r.settings.cluster.proxy_url = (struct str){ 0 };
    env_proxy_port = fake_proxy_port(p);
    r.options.env = proxy_row[_i].url ? rig_no_env : env_with_proxy;
    ck_assert_msg(rig_connect_and_get(&r, "/version"), "%s", r.err.text);
    char *asked = fake_proxy_asked(p);
    CONTAINS(asked, proxy_row[_i].asked);
    if (proxy_row[_i].asked_too)
        CONTAINS(asked, proxy_row[_i].asked_too);
    LACKS(asked, "good-token");
    free(asked);
    fake_proxy_close(p);
    rig_close(&r);
}
END_TEST

/* libcurl would read these by itself. */
START_TEST(the_environment_is_read_by_our_rules_only)
{
    struct rig r;
    ck_assert_int_eq(setenv("ALL_PROXY", "http://127.0.0.1:1", 1) | setenv("https_proxy", "http://127.0.0.1:1", 1), 0);
    rig_open(&r, &pki, &(struct fake_options){ .script = rig_version_script });
    ck_assert_msg(rig_connect_and_get(&r, "/version"), "%s", r.err.text);
    rig_close(&r);
    ck_assert_int_eq(unsetenv("ALL_PROXY") | unsetenv("https_proxy"), 0);
}
END_TEST

START_TEST(a_proxy_that_refuses)
{
    struct rig r;
    rig_open(&r, &pki, &(struct fake_options){ .script = rig_version_script });
    struct fake_proxy *p = fake_proxy_open(fake_api_port(r.api), 407);
    r.settings.cluster.server = STR("https://fake.test:6443");
    r.settings.cluster.proxy_url = str_printf(&r.arena, "http://me:hush@127.0.0.1:%u", fake_proxy_port(p));
    ck_assert(!rig_connect_and_get(&r, "/version"));
    ck_assert_int_eq(r.err.code, ERR_NET);
    CONTAINS(r.err.text, "refused the way to fake.test:6443 with 407");
    LACKS(r.err.text, "hush");
    ck_assert_uint_eq(r.client.calls.item[0].retries, 0);
    fake_proxy_close(p);
    rig_close(&r);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tls");
    TCase *t = tcase_create("tls");
    fake_pki_make(&pki);
    tcase_set_timeout(t, 60);
    tcase_add_loop_test(t, certificates, 0, ROWS(tls_row));
    tcase_add_loop_test(t, authority_files, 0, ROWS(ca_row));
    tcase_add_test(t, a_good_authority_file);
    tcase_add_test(t, a_key_of_another_certificate);
    tcase_add_loop_test(t, by_way_of_a_proxy, 0, ROWS(proxy_row));
    tcase_add_test(t, the_environment_is_read_by_our_rules_only);
    tcase_add_test(t, a_proxy_that_refuses);
    tcase_add_test(t, a_token_file_is_read_again_after_a_401);
    tcase_add_loop_test(t, the_end_of_a_refused_token_is_named, 0, ROWS(token_row));
    tcase_add_test(t, an_expired_client_certificate_is_named);
    suite_add_tcase(suite, t);
    SRunner *r = srunner_create(suite);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    fake_pki_free(&pki);
    return failed ? 1 : 0;
}
