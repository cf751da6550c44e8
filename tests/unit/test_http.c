/* The live transport against the scripted server: what goes over the wire, and what each way of failing says. */
#include "base/file.h"
#include "kube/client.h"
#include "kube/fakeapi.h"
#include "kube/fakeproxy.h"
#include "kube/http.h"

#include <arpa/inet.h>
#include <check.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

static struct fake_pki pki;

struct rig {
    struct arena arena;
    struct fake_api *api;
    struct kube_settings settings;
    struct http_options options;
    struct transport *transport;
    struct client client;
    struct client_limits limits;
    struct reply reply;
    struct err err;
};

#define CONTAINS(text, part) ck_assert_msg(strstr((text), (part)) != NULL, "\"%s\" does not say \"%s\"", (text), (part))
#define LACKS(text, part) ck_assert_msg(strstr((text), (part)) == NULL, "\"%s\" says \"%s\"", (text), (part))

static const char *no_env(const char *name)
{
    /* Never to be obeyed. */
    return strcmp(name, "ALL_PROXY") == 0 || strcmp(name, "all_proxy") == 0 ? "http://127.0.0.1:1" : NULL;
}

/* A server with the script, and settings that fit it; the test may change them before rig_connect. */
static void rig_open(struct rig *r, const struct fake_options *o)
{
    struct fake_options filled = *o;
    memset(r, 0, sizeof *r);
    if (!filled.cert)
        filled.cert = &pki.server;
    filled.client_ca = pki.ca.cert;
    r->api = fake_api_open(&filled);
    r->settings.cluster.server = str_printf(&r->arena, "%s://127.0.0.1:%u", o->tls == FAKE_PLAIN ? "http" : "https",
                                            fake_api_port(r->api));
    r->settings.cluster.ca_data = str_from_c(pki.ca.cert);
    r->settings.user.token = STR("good-token");
    r->options = (struct http_options){ .user_agent = STR("kubevouch/test (linux/amd64)"), .in_flight = 4, .http2 = o->http2,
                                        .env = no_env };
    client_limits_default(&r->limits);
    r->limits.retry_wait_max_ms = 20;
}

static bool rig_connect(struct rig *r)
{
    if (!http_open(&r->transport, &r->arena, &r->settings, &r->options, &r->err))
        return false;
    client_init(&r->client, r->transport, &r->arena, &r->limits);
    return true;
}

static void rig_close(struct rig *r)
{
    if (r->transport)
        transport_close(r->transport);
    fake_api_close(r->api);
    arena_release(&r->arena);
}

static bool get(struct rig *r, const char *path)
{
    err_clear(&r->err);
    return client_get(&r->client, str_from_c(path), STR("application/json"), &r->reply, &r->err);
}

static bool connect_and_get(struct rig *r, const char *path)
{
    return rig_connect(r) && get(r, path);
}

/* Each test of this runs over HTTP/1.1 and HTTP/2. */
#define BOTH_VERSIONS 2

/* ---- what is sent ---- */

static const struct fake_answer version_script[] = {
    { .path = "/version", .status = 200, .body = "{\"major\":\"1\"}",
      .header = "Audit-Id: echoed-1\r\nWarning: 299 - \"old \\\"api\\\"\"\r\nX-Long: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n" },
    { .path = "/prefix/version", .status = 200, .body = "{\"major\":\"2\"}" },
    { .method = "POST", .path = "/apis/authentication.k8s.io/v1/selfsubjectreviews", .status = 201, .body = "{\"kind\":\"S\"}" },
    { 0 },
};

START_TEST(an_answer)
{
    struct rig r;
    rig_open(&r, &(struct fake_options){ .script = version_script, .http2 = _i == 1 });
    ck_assert_msg(connect_and_get(&r, "/version"), "%s", r.err.text);
    ck_assert(str_eq_c(r.reply.body, "{\"major\":\"1\"}"));
    ck_assert(str_eq_c(r.reply.date, "Sat, 21 Nov 2026 06:13:00 GMT"));
    ck_assert(str_eq_c(r.reply.content_type, "application/json"));
    const struct call *c = &r.client.calls.item[0];
    ck_assert(str_eq_c(c->warning, "old \"api\""));
    ck_assert_str_eq(c->audit_id, "echoed-1");
    ck_assert_uint_eq(c->body_bytes, 13);
    ck_assert_uint_gt(c->wire_bytes, 13);
    ck_assert(get(&r, "/version"));
    ck_assert_uint_eq(fake_api_connection_count(r.api), 1);
    char *sent = fake_api_request(r.api, 0), *again = fake_api_request(r.api, 1);
    for (char *p = sent; *p; p++)
        *p = (char)(*p >= 'A' && *p <= 'Z' ? *p + 32 : *p);
    CONTAINS(sent, "get /version\n");
    CONTAINS(sent, "user-agent: kubevouch/test (linux/amd64)\n");
    CONTAINS(sent, "authorization: bearer good-token\n");
    CONTAINS(sent, "accept: application/json\n");
    CONTAINS(sent, "\naudit-id: ");
    LACKS(sent, "accept-encoding");
    ck_assert_str_ne(sent, again);
    free(sent);
    free(again);
    rig_close(&r);
}
END_TEST

START_TEST(a_self_review_is_posted)
{
    struct rig r;
    rig_open(&r, &(struct fake_options){ .script = version_script, .http2 = _i == 1 });
    ck_assert(rig_connect(&r));
    ck_assert_msg(client_post_review(&r.client, STR("/apis/authentication.k8s.io/v1/selfsubjectreviews"), STR("{\"a\":1}"), &r.reply,
                                     &r.err), "%s", r.err.text);
    ck_assert_int_eq(r.reply.status, 201);
    char *sent = fake_api_request(r.api, 0);
    CONTAINS(sent, "\n\n{\"a\":1}");
    ck_assert_ptr_ne(strcasestr(sent, "content-type: application/json\n"), NULL);
    ck_assert_ptr_eq(strcasestr(sent, "expect"), NULL);
    free(sent);
    rig_close(&r);
}
END_TEST

START_TEST(a_prefix_and_impersonation)
{
    struct rig r;
    struct str group[] = { STR("g1"), STR("g2") };
    struct value who = value_str(STR("x")), list = value_list(&who, 1);
    struct value_entry extra = { value_str(STR("acme.test/Scope")), list };
    rig_open(&r, &(struct fake_options){ .script = version_script });
    r.settings.cluster.server = str_printf(&r.arena, "%.*s/prefix/", STR_ARG(r.settings.cluster.server));
    r.settings.user.as = STR("jane");
    r.settings.user.as_uid = STR("u-1");
    r.settings.user.as_group = group;
    r.settings.user.as_group_count = 2;
    r.settings.user.as_user_extra = value_map(&r.arena, &extra, 1);
    ck_assert_msg(connect_and_get(&r, "/version"), "%s", r.err.text);
    char *sent = fake_api_request(r.api, 0);
    CONTAINS(sent, "GET /prefix/version\n");
    CONTAINS(sent, "Impersonate-User: jane\n");
    CONTAINS(sent, "Impersonate-Uid: u-1\n");
    CONTAINS(sent, "Impersonate-Group: g1\n");
    CONTAINS(sent, "Impersonate-Group: g2\n");
    CONTAINS(sent, "Impersonate-Extra-acme.test%2FScope: x\n");
    free(sent);
    rig_close(&r);
}
END_TEST

START_TEST(a_stranger_shows_nothing)
{
    struct rig r;
    rig_open(&r, &(struct fake_options){ .script = version_script, .http2 = _i == 1 });
    r.settings.user.as = STR("jane");
    r.settings.user.cert_data = str_from_c(pki.client.cert);
    r.settings.user.key_data = str_from_c(pki.client.key);
    ck_assert_msg(connect_and_get(&r, "/version"), "%s", r.err.text);
    ck_assert(client_get_anonymous(&r.client, STR("/version"), &r.reply, &r.err));
    ck_assert(get(&r, "/version"));
    char *sent = fake_api_request(r.api, 1), *with = fake_api_request(r.api, 2);
    ck_assert_ptr_eq(strcasestr(sent, "authorization"), NULL);
    ck_assert_ptr_eq(strcasestr(sent, "impersonate"), NULL);
    ck_assert_ptr_ne(strcasestr(with, "authorization"), NULL);
    ck_assert_uint_ge(fake_api_connection_count(r.api), 2);
    free(sent);
    free(with);
    rig_close(&r);
}
END_TEST

START_TEST(plain_http_carries_no_credential)
{
    struct rig r;
    rig_open(&r, &(struct fake_options){ .script = version_script, .tls = FAKE_PLAIN });
    r.settings.user.as = STR("jane");
    ck_assert_msg(connect_and_get(&r, "/version"), "%s", r.err.text);
    char *sent = fake_api_request(r.api, 0);
    LACKS(sent, "Authorization");
    LACKS(sent, "good-token");
    LACKS(sent, "Impersonate");
    ck_assert(str_eq_c(http_credential_kind(r.transport), "none"));
    free(sent);
    rig_close(&r);
}
END_TEST

/* Nothing that would begin a header line of its own gets out, nor into the error. */
START_TEST(a_line_end_in_a_credential_is_refused)
{
    struct rig r;
    struct str evil = STR("good\r\nX-Injected: secret");
    rig_open(&r, &(struct fake_options){ .script = version_script });
    if (_i == 0)
        r.settings.user.token = evil;
    else
        r.settings.user.as = evil;
    ck_assert(!connect_and_get(&r, "/version"));
    ck_assert_int_eq(r.err.code, _i == 0 ? ERR_INPUT : ERR_AUTH);
    CONTAINS(r.err.text, "control character");
    LACKS(r.err.text, "secret");
    ck_assert_uint_eq(fake_api_request_count(r.api), 0);
    rig_close(&r);
}
END_TEST

/* ---- certificates ---- */

/* What a row changes in the rig, by name, since certificates exist only when the test runs. */
enum client_cert { NO_CERT, GOOD_CERT, EXPIRED_CERT, OTHER_CERT };
static const struct {
    const char *name;
    size_t server;          /* offset of the server's certificate in struct fake_pki */
    enum fake_tls tls;
    const char *ca;         /* NULL: the right one; "other", "none" (the system's) */
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
    { "tls-server-name", offsetof(struct fake_pki, server_misnamed), FAKE_TLS, NULL, NO_CERT, "elsewhere.test", false, true, ERR_NONE,
      NULL, NULL },
    { "wrong tls-server-name", offsetof(struct fake_pki, server), FAKE_TLS, NULL, NO_CERT, "elsewhere.test", false, false, ERR_TLS,
      "localhost, fake.test, 127.0.0.1", NULL },
    { "plain server", offsetof(struct fake_pki, server), FAKE_PLAIN, NULL, NO_CERT, "", false, false, ERR_TLS,
      "does not speak TLS", "http://" },
    { "certificate wanted", offsetof(struct fake_pki, server), FAKE_TLS_WANTS_CLIENT, NULL, NO_CERT, "", false, false, ERR_TLS,
      "demands a client certificate", NULL },
    { "certificate given", offsetof(struct fake_pki, server), FAKE_TLS_WANTS_CLIENT, NULL, GOOD_CERT, "", false, true, ERR_NONE,
      NULL, NULL },
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
    rig_open(&r, &(struct fake_options){ .script = version_script, .tls = tls_row[_i].tls, .cert = server });
    r.settings.cluster.server = str_printf(&r.arena, "https://127.0.0.1:%u", fake_api_port(r.api));
    r.settings.cluster.insecure_skip_tls_verify = tls_row[_i].insecure;
    r.settings.cluster.tls_server_name = str_from_c(tls_row[_i].server_name);
    if (tls_row[_i].insecure || (tls_row[_i].ca && strcmp(tls_row[_i].ca, "none") == 0))
        r.settings.cluster.ca_data = (struct str){ 0 };
    if (client[tls_row[_i].client]) {
        r.settings.user.cert_data = str_from_c(client[tls_row[_i].client]->cert);
        r.settings.user.key_data = str_from_c(client[tls_row[_i].client]->key);
    }
    bool ok = connect_and_get(&r, "/version");
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
    rig_open(&r, &(struct fake_options){ .script = version_script });
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
    rig_open(&r, &(struct fake_options){ .script = version_script });
    ck_assert_ptr_ne(mkdtemp(dir), NULL);
    char *path = str_to_c(&r.arena, str_printf(&r.arena, "%s/ca.crt", dir));
    /* Two of them, as after a rotation. */
    ck_assert(file_write_atomic(path, str_printf(&r.arena, "# old\n%s\n# new\n%s", pki.other_ca.cert, pki.ca.cert), &r.err));
    r.settings.cluster.ca_data = (struct str){ 0 };
    r.settings.cluster.ca_file = str_from_c(path);
    ck_assert_msg(connect_and_get(&r, "/version"), "%s", r.err.text);
    (void)unlink(path);
    (void)rmdir(dir);
    rig_close(&r);
}
END_TEST

START_TEST(a_key_of_another_certificate)
{
    struct rig r;
    rig_open(&r, &(struct fake_options){ .script = version_script, .tls = FAKE_TLS_WANTS_CLIENT });
    r.settings.user.cert_data = str_from_c(pki.client.cert);
    r.settings.user.key_data = str_from_c(pki.client_other.key);
    ck_assert(!connect_and_get(&r, "/version"));
    ck_assert_int_eq(r.err.code, ERR_TLS);
    CONTAINS(r.err.text, "client-key");
    rig_close(&r);
}
END_TEST

/* ---- refusals ---- */

static const struct fake_answer refusal_script[] = {
    { .path = "/401", .status = 401, .body = "{\"kind\":\"Status\",\"message\":\"Unauthorized\",\"code\":401}" },
    { .path = "/403", .status = 403, .body = "{\"kind\":\"Status\",\"message\":\"pods is forbidden: User \\\"x\\\" cannot list\"}" },
    { .path = "/redirect", .status = 302, .header = "Location: /stolen\r\n" },
    { .path = "/stolen", .status = 200, .body = "{}" },
    { .path = "/busy", .status = 429, .type = "text/plain", .header = "Retry-After: 1\r\n", .body = "Too many requests", .times = 2 },
    { .path = "/busy", .status = 200, .body = "{}" },
    { .path = "/long", .status = 400, .body = "start", .filler_bytes = 5 << 20 },
    { .path = "/reset", .status = 200, .fault = FAKE_RESET, .times = 1 },
    { .path = "/reset", .status = 200, .body = "{}" },
    { .path = "/close", .status = 200, .fault = FAKE_CLOSE, .times = 1 },
    { .path = "/close", .status = 200, .body = "{}" },
    { .path = "/goaway", .status = 200, .fault = FAKE_GOAWAY, .times = 1 },
    { .path = "/goaway", .status = 200, .body = "{}" },
    { .path = "/cut", .status = 200, .body = "{\"a\":\"0123456789\"}", .fault = FAKE_CUT, .cut_bytes = 9, .times = 1 },
    { .path = "/cut", .status = 200, .body = "{\"a\":\"0123456789\"}" },
    { .path = "/huge", .status = 200, .body = "{", .filler_bytes = (uint64_t)1 << 40 },
    { .path = "/stall", .status = 200, .body = "{\"a\":1}", .fault = FAKE_STALL, .cut_bytes = 3 },
    { .path = "/slow", .status = 200, .body = "{}", .delay_ms = 5000 },
    { 0 },
};

static const struct {
    const char *path;
    bool ok;
    int status;
    enum err_code code;
    const char *says;
    uint32_t retries;
} refusal_row[] = {
    { "/401", false, 401, ERR_AUTH, "did not accept the credential", 0 },
    { "/403", false, 403, ERR_DENIED, "403 pods is forbidden: User \"x\" cannot list", 0 },
    { "/none", false, 404, ERR_NOT_FOUND, "could not find", 0 },
    { "/redirect", false, 302, ERR_SERVER, "redirects to \"/stolen\"", 0 },
    { "/busy", true, 200, ERR_NONE, NULL, 2 },
    { "/long", false, 400, ERR_SERVER, "400 start", 0 },
    { "/reset", true, 200, ERR_NONE, NULL, 1 },
    { "/close", true, 200, ERR_NONE, NULL, 1 },
    { "/goaway", true, 200, ERR_NONE, NULL, 1 },
    { "/cut", true, 200, ERR_NONE, NULL, 1 },
    { "/huge", false, 200, ERR_LIMIT, "1048576 bytes", 0 },
};

static void check_refusal(const struct fake_options *o, size_t i)
{
    struct rig r;
    rig_open(&r, o);
    r.limits.body_bytes = 1 << 20;
    bool ok = connect_and_get(&r, refusal_row[i].path);
    ck_assert_msg(ok == refusal_row[i].ok && r.err.code == refusal_row[i].code, "%s: %d %s", refusal_row[i].path, (int)r.err.code,
                  r.err.text);
    ck_assert_int_eq(r.reply.status, refusal_row[i].status);
    ck_assert_msg(r.client.calls.item[0].retries == refusal_row[i].retries ||
                      /* libcurl itself repeats a request that a kept connection lost. */
                      (o->http2 && r.client.calls.item[0].retries < refusal_row[i].retries),
                  "%s: %u retries", refusal_row[i].path, r.client.calls.item[0].retries);
    if (refusal_row[i].says)
        CONTAINS(r.err.text, refusal_row[i].says);
    for (size_t k = 0; k < fake_api_request_count(r.api); k++) {
        char *sent = fake_api_request(r.api, k);
        LACKS(sent, "/stolen");
        free(sent);
    }
    rig_close(&r);
}

START_TEST(refusals_http1)
{
    check_refusal(&(struct fake_options){ .script = refusal_script }, (size_t)_i);
}
END_TEST

START_TEST(refusals_http2)
{
    check_refusal(&(struct fake_options){ .script = refusal_script, .http2 = true }, (size_t)_i);
}
END_TEST

START_TEST(waits_as_long_as_it_is_told)
{
    struct rig r;
    rig_open(&r, &(struct fake_options){ .script = refusal_script });
    r.limits.retry_wait_max_ms = 30000;
    int64_t start = clock_monotonic_ms();
    ck_assert_msg(connect_and_get(&r, "/busy"), "%s", r.err.text);
    ck_assert_int_ge(clock_monotonic_ms() - start, 2000);
    ck_assert_int_ge(r.client.calls.item[0].duration_ms, 2000);
    rig_close(&r);
}
END_TEST

/* ---- time ---- */

START_TEST(a_stalled_answer)
{
    struct rig r;
    rig_open(&r, &(struct fake_options){ .script = refusal_script, .http2 = _i == 1 });
    r.options.stall_timeout_ms = 1000;
    r.limits.retries = 0;
    ck_assert(!connect_and_get(&r, "/stall"));
    ck_assert_int_eq(r.err.code, ERR_NET);
    CONTAINS(r.err.text, "sent nothing for 1 s");
    rig_close(&r);
}
END_TEST

START_TEST(a_slow_answer)
{
    struct rig r;
    rig_open(&r, &(struct fake_options){ .script = refusal_script, .http2 = _i == 1 });
    r.options.default_timeout_ms = 300;
    int64_t start = clock_monotonic_ms();
    ck_assert(!connect_and_get(&r, "/slow"));
    ck_assert_int_lt(clock_monotonic_ms() - start, 3000);
    ck_assert_int_eq(r.err.code, ERR_NET);
    CONTAINS(r.err.text, "--request-timeout");
    ck_assert_uint_eq(fake_api_request_count(r.api), 1);
    rig_close(&r);
}
END_TEST

START_TEST(the_whole_run_has_an_end)
{
    struct rig r;
    rig_open(&r, &(struct fake_options){ .script = refusal_script });
    r.limits.total_ms = 1000;
    int64_t start = clock_monotonic_ms();
    ck_assert(!connect_and_get(&r, "/slow"));
    ck_assert_int_lt(clock_monotonic_ms() - start, 4000);
    ck_assert_int_eq(r.err.code, ERR_LIMIT);
    CONTAINS(r.err.text, "1 s for the whole run");
    rig_close(&r);
}
END_TEST

static volatile int cancelled;
static void on_alarm(int number)
{
    (void)number;
    cancelled = 1;
}

START_TEST(a_signal_ends_it_at_once)
{
    struct rig r;
    struct itimerval soon = { .it_value.tv_usec = 300000 };
    rig_open(&r, &(struct fake_options){ .script = refusal_script });
    r.options.cancelled = &cancelled;
    ck_assert(rig_connect(&r));
    r.client.cancelled = &cancelled;
    ck_assert(signal(SIGALRM, on_alarm) != SIG_ERR);
    int64_t start = clock_monotonic_ms();
    ck_assert_int_eq(setitimer(ITIMER_REAL, &soon, NULL), 0);
    ck_assert(!get(&r, "/stall"));
    ck_assert_int_lt(clock_monotonic_ms() - start, 3000);
    ck_assert_int_eq(r.err.code, ERR_CANCELLED);
    rig_close(&r);
}
END_TEST

/* ---- no server ---- */

static uint16_t closed_port(int *fd)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t n = sizeof at;
    *fd = socket(AF_INET, SOCK_STREAM, 0);
    ck_assert(*fd >= 0 && bind(*fd, (struct sockaddr *)&at, sizeof at) == 0 && getsockname(*fd, (struct sockaddr *)&at, &n) == 0);
    return ntohs(at.sin_port);
}

START_TEST(nothing_listens)
{
    struct rig r;
    int fd;
    char says[64];
    rig_open(&r, &(struct fake_options){ .script = version_script });
    uint16_t port = closed_port(&fd);
    r.settings.cluster.server = str_printf(&r.arena, "https://127.0.0.1:%u", port);
    ck_assert(!connect_and_get(&r, "/version"));
    ck_assert_int_eq(r.err.code, ERR_NET);
    (void)snprintf(says, sizeof says, "connection refused by 127.0.0.1:%u", port);
    CONTAINS(r.err.text, says);
    ck_assert_int_eq(r.reply.status, 0);
    close(fd);
    rig_close(&r);
}
END_TEST

START_TEST(somebody_listens_and_says_nothing)
{
    struct rig r;
    int fd;
    rig_open(&r, &(struct fake_options){ .script = version_script });
    uint16_t port = closed_port(&fd);
    ck_assert_int_eq(listen(fd, 4), 0);
    r.settings.cluster.server = str_printf(&r.arena, "https://127.0.0.1:%u", port);
    r.options.connect_timeout_ms = 400;
    ck_assert(!connect_and_get(&r, "/version"));
    ck_assert_int_eq(r.err.code, ERR_NET);
    CONTAINS(r.err.text, "within 400 ms");
    close(fd);
    rig_close(&r);
}
END_TEST

START_TEST(an_unknown_name)
{
    struct rig r;
    rig_open(&r, &(struct fake_options){ .script = version_script });
    r.settings.cluster.server = STR("https://no-such-host.invalid:6443");
    ck_assert(!connect_and_get(&r, "/version"));
    ck_assert_int_eq(r.err.code, ERR_NET);
    CONTAINS(r.err.text, "no-such-host.invalid:6443 could not be resolved");
    rig_close(&r);
}
END_TEST

/* ---- proxies ---- */

static uint16_t env_proxy_port;
static char env_proxy_text[64];
static const char *env_with_proxy(const char *name)
{
    (void)snprintf(env_proxy_text, sizeof env_proxy_text, "http://127.0.0.1:%u", env_proxy_port);
    return strcmp(name, "HTTPS_PROXY") == 0 ? env_proxy_text : no_env(name);
}

static const struct {
    const char *scheme;   /* of proxy-url; NULL: HTTPS_PROXY in the environment */
    const char *user;
    const char *asked, *asked_too;
} proxy_row[] = {
    { "http", "", "CONNECT fake.test:6443 HTTP/1.1", NULL },
    { "http", "me:pass@", "CONNECT fake.test:6443 HTTP/1.1", "Proxy-Authorization: Basic bWU6cGFzcw==" },
    { "socks5", "", "SOCKS5 fake.test:6443", NULL },
    { NULL, "", "CONNECT fake.test:6443 HTTP/1.1", NULL },
};

START_TEST(by_way_of_a_proxy)
{
    struct rig r;
    rig_open(&r, &(struct fake_options){ .script = version_script });
    struct fake_proxy *p = fake_proxy_open(fake_api_port(r.api), 0);
    r.settings.cluster.server = STR("https://fake.test:6443");
    if (proxy_row[_i].scheme)
        r.settings.cluster.proxy_url = str_printf(&r.arena, "%s://%s127.0.0.1:%u", proxy_row[_i].scheme, proxy_row[_i].user,
                                                  fake_proxy_port(p));
    env_proxy_port = fake_proxy_port(p);
    r.options.env = proxy_row[_i].scheme ? no_env : env_with_proxy;
    ck_assert_msg(connect_and_get(&r, "/version"), "%s", r.err.text);
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
    rig_open(&r, &(struct fake_options){ .script = version_script });
    ck_assert_msg(connect_and_get(&r, "/version"), "%s", r.err.text);
    rig_close(&r);
    ck_assert_int_eq(unsetenv("ALL_PROXY") | unsetenv("https_proxy"), 0);
}
END_TEST

START_TEST(a_proxy_that_refuses)
{
    struct rig r;
    rig_open(&r, &(struct fake_options){ .script = version_script });
    struct fake_proxy *p = fake_proxy_open(fake_api_port(r.api), 407);
    r.settings.cluster.server = STR("https://fake.test:6443");
    r.settings.cluster.proxy_url = str_printf(&r.arena, "http://me:hush@127.0.0.1:%u", fake_proxy_port(p));
    ck_assert(!connect_and_get(&r, "/version"));
    ck_assert_int_eq(r.err.code, ERR_NET);
    CONTAINS(r.err.text, "refused the way to fake.test:6443 with 407");
    LACKS(r.err.text, "hush");
    ck_assert_uint_eq(r.client.calls.item[0].retries, 0);
    fake_proxy_close(p);
    rig_close(&r);
}
END_TEST

/* ---- lists and compression ---- */

#define LIST_ITEMS 2000
struct tally {
    size_t items, ends;
};
static bool count_item(struct list_job *job, struct str bytes, struct err *err)
{
    struct tally *t = job->ctx;
    (void)bytes;
    (void)err;
    t->items++;
    return true;
}
static void count_end(struct list_job *job)
{
    struct tally *t = job->ctx;
    t->ends++;
}

static char *make_list(size_t items)
{
    struct buf b = BUF_INIT((size_t)64 << 20);
    buf_add_c(&b, "{\"kind\":\"PodList\",\"metadata\":{\"resourceVersion\":\"77\"},\"items\":[");
    for (size_t i = 0; i < items; i++)
        buf_addf(&b, "%s{\"metadata\":{\"name\":\"p-%zu\",\"namespace\":\"n\"},\"spec\":{\"text\":\"%0100d\"}}", i ? "," : "", i, 0);
    buf_add_c(&b, "]}");
    return b.p;
}

static struct list_job list_of(const char *path, struct tally *t)
{
    return (struct list_job){ .path = str_from_c(path), .on_item = count_item, .on_end = count_end, .ctx = t };
}

/* By name, through a proxy: an address that is not the loopback's, so that gzip is asked for. */
START_TEST(compression)
{
    struct rig r;
    struct tally t = { 0 };
    uint8_t digest[SHA256_BYTES];
    char *body = make_list(LIST_ITEMS);
    const struct fake_answer script[] = { { .path = "/l", .status = 200, .body = body }, { 0 } };
    bool off = _i >= 2;
    rig_open(&r, &(struct fake_options){ .script = script, .compress = true, .http2 = _i % 2 == 1 });
    struct fake_proxy *p = fake_proxy_open(fake_api_port(r.api), 0);
    r.settings.cluster.server = STR("https://fake.test:6443");
    r.settings.cluster.proxy_url = str_printf(&r.arena, "http://127.0.0.1:%u", fake_proxy_port(p));
    r.settings.cluster.disable_compression = off;
    ck_assert(rig_connect(&r));
    struct list_job job = list_of("/l", &t);
    client_list_start(&r.client, &job);
    client_run(&r.client);
    ck_assert_msg(job.err.code == ERR_NONE, "%s", job.err.text);
    ck_assert_uint_eq(t.items, LIST_ITEMS);
    const struct call *c = &r.client.calls.item[0];
    ck_assert_uint_eq(c->body_bytes, strlen(body));
    if (off)
        ck_assert_uint_ge(c->wire_bytes, strlen(body));
    else
        ck_assert_uint_lt(c->wire_bytes, strlen(body) / 4);
    sha256_of(str_from_c(body), digest);
    ck_assert(c->has_digest && memcmp(digest, c->sha256, sizeof digest) == 0);
    fake_proxy_close(p);
    rig_close(&r);
    free(body);
}
END_TEST

/* 64 MiB of one letter in 64 KiB of gzip. */
START_TEST(a_bomb_is_stopped)
{
    struct rig r;
    struct tally t = { 0 };
    size_t n = (size_t)64 << 20;
    char *body = malloc(n + 1);
    memset(body, ' ', n);
    body[n] = '\0';
    const struct fake_answer script[] = { { .path = "/l", .status = 200, .body = body }, { 0 } };
    rig_open(&r, &(struct fake_options){ .script = script, .compress = true });
    struct fake_proxy *p = fake_proxy_open(fake_api_port(r.api), 0);
    r.settings.cluster.server = STR("https://fake.test:6443");
    r.settings.cluster.proxy_url = str_printf(&r.arena, "http://127.0.0.1:%u", fake_proxy_port(p));
    r.limits.list_bytes = 1 << 20;
    ck_assert(rig_connect(&r));
    struct list_job job = list_of("/l", &t);
    client_list_start(&r.client, &job);
    client_run(&r.client);
    ck_assert_int_eq(job.err.code, ERR_LIMIT);
    ck_assert_uint_lt(job.bytes, 3 << 20);
    fake_proxy_close(p);
    rig_close(&r);
    free(body);
}
END_TEST

START_TEST(lists_overlap)
{
    struct rig r;
    struct tally t = { 0 };
    struct list_job job[8];
    char path[8][16];
    char *body = make_list(50);
    const struct fake_answer script[] = { { .path = "/l*", .status = 200, .body = body, .delay_ms = 300 }, { 0 } };
    rig_open(&r, &(struct fake_options){ .script = script, .http2 = _i == 1 });
    ck_assert(rig_connect(&r));
    int64_t start = clock_monotonic_ms();
    for (size_t i = 0; i < 8; i++) {
        (void)snprintf(path[i], sizeof path[i], "/l%zu", i);
        job[i] = list_of(path[i], &t);
        client_list_start(&r.client, &job[i]);
    }
    client_run(&r.client);
    int64_t took = clock_monotonic_ms() - start;
    ck_assert_uint_eq(t.ends, 8);
    ck_assert_uint_eq(t.items, 400);
    for (size_t i = 0; i < 8; i++)
        ck_assert_msg(job[i].err.code == ERR_NONE, "%s", job[i].err.text);
    /* The scripted HTTP/2 server answers one after the other. */
    if (_i == 0)
        ck_assert_int_lt(took, 8 * 300);
    ck_assert_uint_le(fake_api_connection_count(r.api), _i == 0 ? 4 : 1);
    rig_close(&r);
    free(body);
}
END_TEST

/* Cut in the middle: begun again, nothing twice, told in the record. */
START_TEST(a_cut_list)
{
    struct rig r;
    struct tally t = { 0 };
    char *body = make_list(LIST_ITEMS);
    const struct fake_answer script[] = {
        { .path = "/l", .status = 200, .body = body, .fault = _i == 2 ? FAKE_SHORT : FAKE_CUT, .cut_bytes = strlen(body) / 2, .times = 1 },
        { .path = "/l", .status = 200, .body = body }, { 0 } };
    rig_open(&r, &(struct fake_options){ .script = script, .http2 = _i == 1 });
    ck_assert(rig_connect(&r));
    struct list_job job = list_of("/l", &t);
    client_list_start(&r.client, &job);
    client_run(&r.client);
    ck_assert_msg(job.err.code == ERR_NONE, "%s", job.err.text);
    ck_assert_uint_eq(t.items, LIST_ITEMS);
    ck_assert_uint_eq(job.restarts, 1);
    ck_assert(!job.inconsistent);
    ck_assert_uint_eq(r.client.calls.count, 2);
    ck_assert_int_eq(r.client.calls.item[0].err_code, ERR_NET);
    ck_assert_int_gt(r.client.calls.item[0].item_count, 100);
    rig_close(&r);
    free(body);
}
END_TEST

static void *kill_api(void *arg)
{
    usleep(200000);
    fake_api_kill(arg);
    return NULL;
}

/* The server goes away for good in the middle of a list: an error in time, what was seen is kept. */
START_TEST(a_killed_server)
{
    struct rig r;
    struct tally t = { 0 };
    pthread_t thread;
    char *body = make_list(LIST_ITEMS);
    const struct fake_answer script[] = {
        { .path = "/l", .status = 200, .body = body, .fault = FAKE_STALL, .cut_bytes = strlen(body) / 2 }, { 0 } };
    rig_open(&r, &(struct fake_options){ .script = script, .http2 = _i == 1 });
    ck_assert(rig_connect(&r));
    struct list_job job = list_of("/l", &t), after = list_of("/m", &t);
    client_list_start(&r.client, &job);
    ck_assert_int_eq(pthread_create(&thread, NULL, kill_api, r.api), 0);
    client_run(&r.client);
    pthread_join(thread, NULL);
    ck_assert_msg(job.err.code == ERR_NET, "%s", job.err.text);
    CONTAINS(job.err.text, "the list was cut after ");
    CONTAINS(job.err.text, "connection refused by 127.0.0.1");
    CONTAINS(job.err.text, "which answered before");
    ck_assert_uint_gt(job.items, 100);
    ck_assert_uint_eq(job.items, t.items);
    size_t calls = r.client.calls.count;
    client_list_start(&r.client, &after);
    client_run(&r.client);
    ck_assert_int_eq(after.err.code, ERR_NET);
    ck_assert_uint_eq(r.client.calls.item[calls].retries, 0);
    rig_close(&r);
    free(body);
}
END_TEST

/* ---- credentials that change ---- */

START_TEST(a_token_file_is_read_again_after_a_401)
{
    static const struct fake_answer script[] = {
        { .path = "/version", .want_header = "Authorization: Bearer new-token", .status = 200, .body = "{}" },
        { .path = "/version", .status = 401, .body = "Unauthorized" },
        { 0 } };
    struct rig r;
    char dir[] = "/tmp/kubevouch-test-XXXXXX";
    rig_open(&r, &(struct fake_options){ .script = script });
    ck_assert_ptr_ne(mkdtemp(dir), NULL);
    char *path = str_to_c(&r.arena, str_printf(&r.arena, "%s/token", dir));
    ck_assert(file_write_atomic(path, STR("old-token\n"), &r.err));
    r.settings.user.token = (struct str){ 0 };
    r.settings.user.token_file = str_from_c(path);
    ck_assert_msg(rig_connect(&r), "%s", r.err.text);
    ck_assert(file_write_atomic(path, STR("new-token\n"), &r.err));
    ck_assert_msg(get(&r, "/version"), "%s", r.err.text);
    ck_assert_uint_eq(r.client.calls.item[0].retries, 1);
    char *sent = fake_api_request(r.api, 0);
    CONTAINS(sent, "Bearer old-token");
    free(sent);
    (void)unlink(path);
    (void)rmdir(dir);
    rig_close(&r);
}
END_TEST

START_TEST(an_expired_client_certificate_is_named)
{
    struct rig r;
    rig_open(&r, &(struct fake_options){ .script = refusal_script });
    r.settings.user.token = (struct str){ 0 };
    r.settings.user.cert_data = str_from_c(pki.client_expired.cert);
    r.settings.user.key_data = str_from_c(pki.client_expired.key);
    ck_assert(!connect_and_get(&r, "/401"));
    ck_assert_int_eq(r.err.code, ERR_AUTH);
    CONTAINS(r.err.text, "the client certificate expired at 20");
    rig_close(&r);
}
END_TEST

#define ROWS(table) (int)(sizeof(table) / sizeof(table)[0])

int main(void)
{
    Suite *suite = suite_create("http");
    TCase *t = tcase_create("http");
    fake_pki_make(&pki);
    tcase_set_timeout(t, 60);
    tcase_add_loop_test(t, an_answer, 0, BOTH_VERSIONS);
    tcase_add_loop_test(t, a_self_review_is_posted, 0, BOTH_VERSIONS);
    tcase_add_test(t, a_prefix_and_impersonation);
    tcase_add_loop_test(t, a_stranger_shows_nothing, 0, BOTH_VERSIONS);
    tcase_add_test(t, plain_http_carries_no_credential);
    tcase_add_loop_test(t, a_line_end_in_a_credential_is_refused, 0, 2);
    tcase_add_loop_test(t, certificates, 0, ROWS(tls_row));
    tcase_add_loop_test(t, authority_files, 0, ROWS(ca_row));
    tcase_add_test(t, a_good_authority_file);
    tcase_add_test(t, a_key_of_another_certificate);
    tcase_add_loop_test(t, refusals_http1, 0, ROWS(refusal_row));
    tcase_add_loop_test(t, refusals_http2, 0, ROWS(refusal_row));
    tcase_add_test(t, waits_as_long_as_it_is_told);
    tcase_add_loop_test(t, a_stalled_answer, 0, BOTH_VERSIONS);
    tcase_add_loop_test(t, a_slow_answer, 0, BOTH_VERSIONS);
    tcase_add_test(t, the_whole_run_has_an_end);
    tcase_add_test(t, a_signal_ends_it_at_once);
    tcase_add_test(t, nothing_listens);
    tcase_add_test(t, somebody_listens_and_says_nothing);
    tcase_add_test(t, an_unknown_name);
    tcase_add_loop_test(t, by_way_of_a_proxy, 0, ROWS(proxy_row));
    tcase_add_test(t, the_environment_is_read_by_our_rules_only);
    tcase_add_test(t, a_proxy_that_refuses);
    tcase_add_loop_test(t, compression, 0, 4);
    tcase_add_test(t, a_bomb_is_stopped);
    tcase_add_loop_test(t, lists_overlap, 0, BOTH_VERSIONS);
    tcase_add_loop_test(t, a_cut_list, 0, 3);
    tcase_add_loop_test(t, a_killed_server, 0, BOTH_VERSIONS);
    tcase_add_test(t, a_token_file_is_read_again_after_a_401);
    tcase_add_test(t, an_expired_client_certificate_is_named);
    suite_add_tcase(suite, t);
    SRunner *r = srunner_create(suite);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    fake_pki_free(&pki);
    return failed ? 1 : 0;
}
