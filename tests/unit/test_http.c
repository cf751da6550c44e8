/* The live transport against the scripted server: what goes over the wire, and what each way of failing says. */
#include "kube/rig.h"

#include <arpa/inet.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

static struct fake_pki pki;

/* ---- what is sent ---- */

START_TEST(an_answer)
{
    struct rig r;
    rig_open(&r, &pki, &(struct fake_options){ .script = rig_version_script, .http2 = _i == 1 });
    ck_assert_msg(rig_connect_and_get(&r, "/version"), "%s", r.err.text);
    ck_assert(str_eq_c(r.reply.body, "{\"major\":\"1\"}"));
    ck_assert(str_eq_c(r.reply.date, "Sat, 21 Nov 2026 06:13:00 GMT"));
    ck_assert(str_eq_c(r.reply.content_type, "application/json"));
    const struct call *c = &r.client.calls.item[0];
    ck_assert(str_eq_c(c->warning, "old \"api\""));
    ck_assert_str_eq(c->audit_id, "echoed-1");
    ck_assert_uint_eq(c->body_bytes, 13);
    ck_assert_uint_gt(c->wire_bytes, 13);
    ck_assert(rig_get(&r, "/version"));
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
    rig_open(&r, &pki, &(struct fake_options){ .script = rig_version_script, .http2 = _i == 1 });
    ck_assert(rig_connect(&r));
    ck_assert_msg(
        client_post_review(&r.client, STR("/apis/authentication.k8s.io/v1/selfsubjectreviews"), STR("{\"a\":1}"), &r.reply, &r.err), "%s",
        r.err.text);
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
    rig_open(&r, &pki, &(struct fake_options){ .script = rig_version_script });
    r.settings.cluster.server = str_printf(&r.arena, "%.*s/prefix/", STR_ARG(r.settings.cluster.server));
    r.settings.user.as = STR("jane");
    r.settings.user.as_uid = STR("u-1");
    r.settings.user.as_group = group;
    r.settings.user.as_group_count = 2;
    r.settings.user.as_user_extra = value_map(&r.arena, &extra, 1);
    ck_assert_msg(rig_connect_and_get(&r, "/version"), "%s", r.err.text);
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
    rig_open(&r, &pki, &(struct fake_options){ .script = rig_version_script, .http2 = _i % 2 == 1 });
    r.settings.user.as = STR("jane");
    if (_i / 2 == 1) {
        r.settings.user.cert_data = str_from_c(pki.client.cert);
        r.settings.user.key_data = str_from_c(pki.client.key);
    }
    ck_assert_msg(rig_connect_and_get(&r, "/version"), "%s", r.err.text);
    ck_assert(client_get_anonymous(&r.client, STR("/version"), &r.reply, &r.err));
    ck_assert(rig_get(&r, "/version"));
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
    rig_open(&r, &pki, &(struct fake_options){ .script = rig_version_script, .tls = FAKE_PLAIN });
    r.settings.user.as = STR("jane");
    ck_assert_msg(rig_connect_and_get(&r, "/version"), "%s", r.err.text);
    char *sent = fake_api_request(r.api, 0);
    LACKS(sent, "Authorization");
    LACKS(sent, "good-token");
    LACKS(sent, "Impersonate");
    ck_assert(str_eq_c(http_credential_kind(r.transport), "none"));
    free(sent);
    rig_close(&r);
}
END_TEST

START_TEST(plain_http_says_why_it_was_refused)
{
    static const struct fake_answer script[] = { { .path = "*", .status = 401, .body = "Unauthorized" }, { 0 } };
    struct rig r;
    rig_open(&r, &pki, &(struct fake_options){ .script = script, .tls = FAKE_PLAIN });
    ck_assert(!rig_connect_and_get(&r, "/version"));
    ck_assert_int_eq(r.err.code, ERR_AUTH);
    CONTAINS(r.err.text, "no credential is sent: use https://");
    rig_close(&r);
}
END_TEST

/* Nothing that would begin a header line of its own gets out, nor into the error. */
START_TEST(a_line_end_in_a_credential_is_refused)
{
    struct rig r;
    struct str evil = STR("good\r\nX-Injected: secret");
    rig_open(&r, &pki, &(struct fake_options){ .script = rig_version_script });
    if (_i == 0)
        r.settings.user.token = evil;
    else
        r.settings.user.as = evil;
    ck_assert(!rig_connect_and_get(&r, "/version"));
    ck_assert_int_eq(r.err.code, _i == 0 ? ERR_INPUT : ERR_AUTH);
    CONTAINS(r.err.text, "control character");
    LACKS(r.err.text, "secret");
    ck_assert_uint_eq(fake_api_request_count(r.api), 0);
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
    rig_open(&r, &pki, o);
    r.limits.body_bytes = 1 << 20;
    bool ok = rig_connect_and_get(&r, refusal_row[i].path);
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
    rig_open(&r, &pki, &(struct fake_options){ .script = refusal_script });
    r.limits.retry_wait_max_ms = 30000;
    int64_t start = clock_monotonic_ms();
    ck_assert_msg(rig_connect_and_get(&r, "/busy"), "%s", r.err.text);
    ck_assert_int_ge(clock_monotonic_ms() - start, 2000);
    ck_assert_int_ge(r.client.calls.item[0].duration_ms, 2000);
    rig_close(&r);
}
END_TEST

/* ---- time ---- */

START_TEST(a_stalled_answer)
{
    struct rig r;
    rig_open(&r, &pki, &(struct fake_options){ .script = refusal_script, .http2 = _i == 1 });
    r.options.stall_timeout_ms = 1000;
    r.limits.retries = 0;
    ck_assert(!rig_connect_and_get(&r, "/stall"));
    ck_assert_int_eq(r.err.code, ERR_NET);
    CONTAINS(r.err.text, "sent nothing for 1 s");
    rig_close(&r);
}
END_TEST

START_TEST(a_slow_answer)
{
    struct rig r;
    rig_open(&r, &pki, &(struct fake_options){ .script = refusal_script, .http2 = _i == 1 });
    r.options.default_timeout_ms = 300;
    int64_t start = clock_monotonic_ms();
    ck_assert(!rig_connect_and_get(&r, "/slow"));
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
    rig_open(&r, &pki, &(struct fake_options){ .script = refusal_script });
    r.limits.total_ms = 1000;
    int64_t start = clock_monotonic_ms();
    ck_assert(!rig_connect_and_get(&r, "/slow"));
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
    rig_open(&r, &pki, &(struct fake_options){ .script = refusal_script });
    r.options.cancelled = &cancelled;
    ck_assert(rig_connect(&r));
    r.client.cancelled = &cancelled;
    ck_assert(signal(SIGALRM, on_alarm) != SIG_ERR);
    int64_t start = clock_monotonic_ms();
    ck_assert_int_eq(setitimer(ITIMER_REAL, &soon, NULL), 0);
    ck_assert(!rig_get(&r, "/stall"));
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
    rig_open(&r, &pki, &(struct fake_options){ .script = rig_version_script });
    uint16_t port = closed_port(&fd);
    r.settings.cluster.server = str_printf(&r.arena, "https://127.0.0.1:%u", port);
    ck_assert(!rig_connect_and_get(&r, "/version"));
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
    rig_open(&r, &pki, &(struct fake_options){ .script = rig_version_script });
    uint16_t port = closed_port(&fd);
    ck_assert_int_eq(listen(fd, 4), 0);
    r.settings.cluster.server = str_printf(&r.arena, "https://127.0.0.1:%u", port);
    r.options.connect_timeout_ms = 400;
    ck_assert(!rig_connect_and_get(&r, "/version"));
    ck_assert_int_eq(r.err.code, ERR_NET);
    CONTAINS(r.err.text, "within 400 ms");
    close(fd);
    rig_close(&r);
}
END_TEST

START_TEST(an_unknown_name)
{
    struct rig r;
    rig_open(&r, &pki, &(struct fake_options){ .script = rig_version_script });
    r.settings.cluster.server = STR("https://no-such-host.invalid:6443");
    ck_assert(!rig_connect_and_get(&r, "/version"));
    ck_assert_int_eq(r.err.code, ERR_NET);
    CONTAINS(r.err.text, "no-such-host.invalid:6443 could not be resolved");
    rig_close(&r);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("http");
    TCase *t = tcase_create("http");
    fake_pki_make(&pki);
    tcase_set_timeout(t, 60);
    tcase_add_loop_test(t, an_answer, 0, BOTH_VERSIONS);
    tcase_add_loop_test(t, a_self_review_is_posted, 0, BOTH_VERSIONS);
    tcase_add_test(t, a_prefix_and_impersonation);
    tcase_add_loop_test(t, a_stranger_shows_nothing, 0, 2 * BOTH_VERSIONS);
    tcase_add_test(t, plain_http_carries_no_credential);
    tcase_add_test(t, plain_http_says_why_it_was_refused);
    tcase_add_loop_test(t, a_line_end_in_a_credential_is_refused, 0, 2);
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
    suite_add_tcase(suite, t);
    SRunner *r = srunner_create(suite);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    fake_pki_free(&pki);
    return failed ? 1 : 0;
}
