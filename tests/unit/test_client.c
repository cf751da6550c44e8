/* Requests above the transport: retries, credentials renewed, limits, the record of calls. */
#include "kube/client.h"
#include "kube/endpoint.h"
#include "kube/jwt.h"
#include "kube/memory_transport.h"
#include "kube/probe.h"
#include "kube/status.h"

#include <check.h>

struct setup {
    struct arena arena;
    struct memory_transport transport;
    struct client client;
    struct reply reply;
    struct err err;
};

static void set_up(struct setup *s, const struct memory_answer *script)
{
    memset(s, 0, sizeof *s);
    memory_transport_init(&s->transport, script);
    client_init(&s->client, &s->transport.base, &s->arena, NULL);
}

static void tear_down(struct setup *s)
{
    arena_release(&s->arena);
}

static bool get(struct setup *s, const char *path)
{
    return client_get(&s->client, str_from_c(path), STR("application/json"), &s->reply, &s->err);
}

static const struct call *call_at(const struct setup *s, size_t i)
{
    ck_assert_uint_lt(i, s->client.calls.count);
    return &s->client.calls.item[i];
}

#define CONTAINS(text, part) ck_assert_msg(strstr((text), (part)) != NULL, "\"%s\" does not say \"%s\"", (text), (part))

/* ---- what may be sent ---- */

static const struct {
    enum http_verb verb;
    const char *path;
    bool allowed;
} allow_row[] = {
    { HTTP_GET, "/version", true },
    { HTTP_GET, "/api/v1/pods?limit=500&continue=abc%3D", true },
    { HTTP_GET, "/apis/rbac.authorization.k8s.io/v1/clusterroles/system:node", true },
    { HTTP_GET, "/api/v1/namespaces/a/pods/b/log", true },
    { HTTP_GET, "/api/v1/namespaces/a/pods/exec", true },
    { HTTP_GET, "/api/v1/namespaces/proxy/pods", true },
    { HTTP_GET, "/api/v1/nodes/n/proxy/configz", true },
    { HTTP_GET, "/api/v1/nodes/n/proxy/stats/summary", true },
    { HTTP_GET, "/api/v1/namespaces/a/pods/b/exec?command=id", false },
    { HTTP_GET, "/api/v1/namespaces/a/pods/b/attach", false },
    { HTTP_GET, "/api/v1/namespaces/a/pods/b/portforward", false },
    { HTTP_GET, "/api/v1/namespaces/a/pods/b/proxy/", false },
    { HTTP_GET, "/api/v1/namespaces/a/services/b:80/proxy/shutdown", false },
    { HTTP_GET, "/api/v1/nodes/n/proxy/run/a/b/c", false },
    { HTTP_GET, "/api/v1/nodes/n/proxy/exec/a/b/c", false },
    { HTTP_GET, "/api/v1/nodes/n/proxy", false },
    { HTTP_GET, "/apis/subresources.kubevirt.io/v1/namespaces/a/virtualmachineinstances/b/console", false },
    { HTTP_GET, "/api/v1/namespaces/a/pods/b%2Fexec", false },
    { HTTP_GET, "/api/v1/namespaces/a/pods/b/x/../exec", false },
    { HTTP_GET, "/api/v1//namespaces/a/pods/b/exec", false },
    { HTTP_GET, "api/v1/pods", false },
    { HTTP_GET, "", false },
    { HTTP_GET, "/api\r\nHost: elsewhere", false },
    { HTTP_GET, "/api/v1/pods?a=b c", false },
    { HTTP_POST_SELF_REVIEW, "/apis/authentication.k8s.io/v1/selfsubjectreviews", true },
    { HTTP_POST_SELF_REVIEW, "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", true },
    { HTTP_POST_SELF_REVIEW, "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews", true },
    { HTTP_POST_SELF_REVIEW, "/apis/authorization.k8s.io/v1/subjectaccessreviews", false },
    { HTTP_POST_SELF_REVIEW, "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews?dryRun=All", false },
    { HTTP_POST_SELF_REVIEW, "/api/v1/namespaces/a/pods", false },
    { HTTP_POST_SELF_REVIEW, "/api/v1/namespaces/a/pods?dryRun=All", false },
    { HTTP_POST_DRY_RUN_POD, "/api/v1/namespaces/a/pods?dryRun=All", true },
    { HTTP_POST_DRY_RUN_POD, "/api/v1/namespaces/kube-system-0/pods?dryRun=All", true },
    { HTTP_POST_DRY_RUN_POD, "/api/v1/namespaces/a/pods", false },
    { HTTP_POST_DRY_RUN_POD, "/api/v1/namespaces/a/pods?", false },
    { HTTP_POST_DRY_RUN_POD, "/api/v1/namespaces/a/pods?dryRun=", false },
    { HTTP_POST_DRY_RUN_POD, "/api/v1/namespaces/a/pods?dryRun=None", false },
    { HTTP_POST_DRY_RUN_POD, "/api/v1/namespaces/a/pods?dryrun=All", false },
    { HTTP_POST_DRY_RUN_POD, "/api/v1/namespaces/a/pods?dryRun=All&dryRun=", false },
    { HTTP_POST_DRY_RUN_POD, "/api/v1/namespaces/a/pods?x=1&dryRun=All", false },
    { HTTP_POST_DRY_RUN_POD, "/api/v1/namespaces/a/pods?x=/pods?dryRun=All", false },
    { HTTP_POST_DRY_RUN_POD, "/api/v1/namespaces/a/pods#/pods?dryRun=All", false },
    { HTTP_POST_DRY_RUN_POD, "/api/v1/namespaces/a/pods/b/eviction?dryRun=All", false },
    { HTTP_POST_DRY_RUN_POD, "/api/v1/namespaces/a/pods/b/exec/pods?dryRun=All", false },
    { HTTP_POST_DRY_RUN_POD, "/api/v1/namespaces/a/deployments?dryRun=All", false },
    { HTTP_POST_DRY_RUN_POD, "/api/v1/namespaces//pods?dryRun=All", false },
    { HTTP_POST_DRY_RUN_POD, "/api/v1/namespaces/../pods?dryRun=All", false },
    { HTTP_POST_DRY_RUN_POD, "/api/v1/namespaces/A/pods?dryRun=All", false },
    { HTTP_POST_DRY_RUN_POD, "/api/v1/namespaces/a%2fb/pods?dryRun=All", false },
    { HTTP_POST_DRY_RUN_POD, "/api/v1/pods?dryRun=All", false },
    { HTTP_POST_DRY_RUN_POD, "https://10.0.0.1:10250/configz", false },
    { HTTP_POST_DRY_RUN_POD, "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews", false },
    { HTTP_GET, "/api/v1/namespaces/a/pods?dryRun=All", true },
    { (enum http_verb)7, "/version", false },
};

START_TEST(sends_only_what_it_may)
{
    struct err err = { 0 };
    bool allowed = transport_allows(allow_row[_i].verb, str_from_c(allow_row[_i].path), &err);
    ck_assert_msg(allowed == allow_row[_i].allowed, "%s: %s", allow_row[_i].path, err.text);
    ck_assert_int_eq(err.code, allowed ? ERR_NONE : ERR_INTERNAL);
}
END_TEST

START_TEST(what_is_forbidden_never_reaches_the_transport)
{
    static const struct memory_answer script[] = { { .path = "*", .status = 200, .body = "{}" }, { 0 } };
    struct setup s;
    set_up(&s, script);
    ck_assert(!get(&s, "/api/v1/namespaces/a/pods/b/exec?command=id"));
    ck_assert_int_eq(s.err.code, ERR_INTERNAL);
    err_clear(&s.err);
    ck_assert(!client_post_review(&s.client, STR("/api/v1/namespaces/a/pods"), STR("{}"), &s.reply, &s.err));
    ck_assert_int_eq(s.err.code, ERR_INTERNAL);
    ck_assert_uint_eq(s.transport.sent_count, 0);
    ck_assert_uint_eq(s.client.calls.count, 2);
    tear_down(&s);
}
END_TEST

/* ---- one answer and its record ---- */

static bool is_uuid4(const char *id)
{
    static const char shape[] = "xxxxxxxx-xxxx-4xxx-vxxx-xxxxxxxxxxxx";
    if (strlen(id) != sizeof shape - 1)
        return false;
    for (size_t i = 0; id[i]; i++) {
        const char *set = shape[i] == 'x' ? "0123456789abcdef" : shape[i] == 'v' ? "89ab" : shape[i] == '4' ? "4" : "-";
        if (!strchr(set, id[i]))
            return false;
    }
    return true;
}

START_TEST(records_an_answer)
{
    static const struct memory_answer script[] = {
        { .path = "/version", .status = 200, .body = "{\"a\":1}", .chunk_bytes = 2, .warning = "old" }, { 0 }
    };
    struct setup s;
    char hex[SHA256_HEX_BYTES];
    set_up(&s, script);
    s.client.clock_start = (struct instant){ 1000, 999999999 };
    ck_assert_msg(get(&s, "/version"), "%s", s.err.text);
    ck_assert_int_eq(s.reply.status, 200);
    ck_assert(str_eq_c(s.reply.body, "{\"a\":1}"));
    ck_assert_uint_eq(s.reply.call_seq, 1);
    const struct call *c = call_at(&s, 0);
    ck_assert_uint_eq(c->seq, 1);
    ck_assert(str_eq_c(c->path, "/version"));
    ck_assert(str_eq_c(c->accept, "application/json"));
    ck_assert(is_uuid4(c->audit_id));
    ck_assert_str_eq(c->audit_id, s.transport.sent[0].audit_id);
    ck_assert_int_eq(c->status, 200);
    ck_assert_int_eq(c->err_code, ERR_NONE);
    ck_assert_uint_eq(c->retries, 0);
    ck_assert_uint_eq(c->body_bytes, 7);
    ck_assert_int_eq(c->item_count, -1);
    ck_assert(c->started.s >= 1000 && c->started.s < 1010 && c->started.ns >= 0 && c->started.ns < 1000000000);
    ck_assert(str_eq_c(c->warning, "old"));
    ck_assert(c->has_digest);
    sha256_hex(c->sha256, hex);
    ck_assert_str_eq(hex, "015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862");
    tear_down(&s);
}
END_TEST

static void keep_reply(void *ctx, const struct call *call, struct str request_body, struct str body)
{
    char *out = ctx;
    (void)snprintf(out + strlen(out), 200 - strlen(out), "%u %d %.*s>%.*s;", call->seq, call->status, STR_ARG(request_body), STR_ARG(body));
}

START_TEST(tells_the_recorder_of_every_answer)
{
    static const struct memory_answer script[] = { { .path = "/version", .status = 200, .body = "{}" },
                                                   { .path = "/apis*", .status = 403, .body = "no" },
                                                   { 0 } };
    struct setup s;
    char kept[200] = "";
    set_up(&s, script);
    s.client.replied = keep_reply;
    s.client.replied_ctx = kept;
    ck_assert(get(&s, "/version"));
    ck_assert(!client_post_review(&s.client, STR("/apis/authentication.k8s.io/v1/selfsubjectreviews"), STR("[]"), &s.reply, &s.err));
    ck_assert_str_eq(kept, "1 200 >{};2 403 []>no;");
    tear_down(&s);
}
END_TEST

START_TEST(trusts_the_audit_id_that_came_back)
{
    static const struct memory_answer script[] = { { .path = "/version", .status = 200, .body = "{}", .audit_id_echo = "by-the-proxy" },
                                                   { 0 } };
    struct setup s;
    set_up(&s, script);
    ck_assert(get(&s, "/version"));
    ck_assert_str_eq(call_at(&s, 0)->audit_id, "by-the-proxy");
    tear_down(&s);
}
END_TEST

/* ---- refusals: code and words ---- */

#define FAILURE(code, message) \
    "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\",\"code\":" #code ",\"message\":\"" message "\"}"

static const struct {
    const char *name;
    struct memory_answer answer;
    enum err_code code;
    const char *says, *hides;
} refusal_row[] = {
    { "403 of a server",
      { .status = 403, .body = FAILURE(403, "pods is forbidden: User \\\"jane\\\" cannot list resource") },
      ERR_DENIED,
      "403 pods is forbidden: User \"jane\" cannot list",
      NULL },
    { "403 without a body", { .status = 403 }, ERR_DENIED, "403 Forbidden", NULL },
    { "escapes removed",
      { .status = 403, .body = FAILURE(403, "a\\u001b[31mb\\r\\nc\\u202ed\\u009be") },
      ERR_DENIED,
      "a [31mb c d e",
      "\x1b" },
    { "401", { .status = 401, .body = FAILURE(401, "Unauthorized") }, ERR_AUTH, "cannot be renewed", NULL },
    { "404", { .status = 404, .body = FAILURE(404, "no") }, ERR_NOT_FOUND, "GET /x: 404 no", NULL },
    { "410", { .status = 410, .body = FAILURE(410, "gone") }, ERR_EXPIRED, "410 gone", NULL },
    { "text of a proxy", { .status = 418, .body = "  I am a proxy\n", .type = "text/plain" }, ERR_SERVER, "418 I am a proxy", NULL },
    { "a web page", { .status = 400, .body = "<html><script>x</script>", .type = "text/html" }, ERR_SERVER, "a web page", "script" },
    { "not JSON after all",
      {
          .status = 400,
          .body = "{\"kind\":\"Status\",",
      },
      ERR_SERVER,
      "400 {\"kind\"",
      NULL },
    { "redirect", { .status = 302, .location = "https://login.test/" }, ERR_SERVER, "redirects to \"https://login.test/\"", NULL },
    { "login page with 200",
      { .status = 200, .body = "<html>", .type = "text/html; charset=utf-8" },
      ERR_SERVER,
      "text/html; charset=utf-8 instead of JSON",
      NULL },
    { "first connection refused", { .err = ERR_NET, .loss = LOSS_UNREACHED }, ERR_NET, "was cut", NULL },
};

START_TEST(tells_why)
{
    struct memory_answer script[] = { refusal_row[_i].answer, { 0 } };
    struct setup s;
    script[0].path = "/x";
    set_up(&s, script);
    ck_assert(!get(&s, "/x"));
    ck_assert_msg(s.err.code == refusal_row[_i].code, "%s: %d %s", refusal_row[_i].name, (int)s.err.code, s.err.text);
    CONTAINS(s.err.text, refusal_row[_i].says);
    if (refusal_row[_i].hides)
        ck_assert_ptr_eq(strstr(s.err.text, refusal_row[_i].hides), NULL);
    ck_assert_int_eq(s.reply.status, refusal_row[_i].answer.status);
    ck_assert_uint_eq(s.transport.sent_count, 1);
    const struct call *c = call_at(&s, 0);
    ck_assert_int_eq(c->err_code, refusal_row[_i].code);
    ck_assert(str_eq_c(c->err_text, s.err.text));
    tear_down(&s);
}
END_TEST

START_TEST(cuts_a_long_message)
{
    char body[4000] = "{\"kind\":\"Status\",\"message\":\"";
    memset(body + strlen(body), 'm', 3000);
    memcpy(body + 3028, "\"}", 3);
    struct memory_answer script[] = { { .path = "/x", .status = 403, .body = body }, { 0 } };
    struct setup s;
    set_up(&s, script);
    ck_assert(!get(&s, "/x"));
    ck_assert_uint_lt(strlen(s.err.text), 320);
    CONTAINS(s.err.text, "mmm...");
    ck_assert_uint_gt(s.reply.body.n, 3000);
    ck_assert(call_at(&s, 0)->has_digest);
    tear_down(&s);
}
END_TEST

/* ---- tries ---- */

static const struct {
    const char *name;
    struct memory_answer answer; /* of every try */
    size_t tries;
    int64_t wait_min_ms, wait_max_ms; /* before the second */
} retry_row[] = {
    { "500", { .status = 500 }, 4, 125, 250 },
    { "503 without Retry-After", { .status = 503 }, 4, 125, 250 },
    { "501", { .status = 501 }, 1, 0, 0 },
    { "429 without Retry-After", { .status = 429, .body = "Too many requests" }, 9, 125, 250 },
    { "429 with", { .status = 429, .retry_after_s = 3 }, 9, 3000, 3250 },
    { "503 with", { .status = 503, .retry_after_s = 1 }, 9, 1000, 1250 },
    { "Retry-After at the cap", { .status = 429, .retry_after_s = 30 }, 9, 30000, 30000 },
    { "Retry-After over the cap", { .status = 429, .retry_after_s = 86400 }, 1, 0, 0 },
    { "Retry-After near overflow", { .status = 429, .retry_after_s = INT64_MAX }, 1, 0, 0 },
    { "in the Status", { .status = 500, .body = "{\"kind\":\"Status\",\"details\":{\"retryAfterSeconds\":2}}" }, 9, 2000, 2250 },
    { "cut before", { .err = ERR_NET, .loss = LOSS_CUT }, 4, 125, 250 },
    { "cut in the body", { .status = 200, .body = "{\"a\":1}", .err = ERR_NET, .loss = LOSS_CUT, .cut_bytes = 3 }, 4, 125, 250 },
    { "no time", { .err = ERR_NET, .loss = LOSS_NONE }, 1, 0, 0 },
    { "TLS", { .err = ERR_TLS, .loss = LOSS_NONE }, 1, 0, 0 },
    { "400", { .status = 400 }, 1, 0, 0 },
};

START_TEST(tries_again_as_often_as_it_helps)
{
    struct memory_answer script[] = { retry_row[_i].answer, { 0 } };
    struct setup s;
    script[0].path = "/x";
    set_up(&s, script);
    ck_assert(!get(&s, "/x"));
    ck_assert_msg(s.transport.sent_count == retry_row[_i].tries, "%s: %zu tries", retry_row[_i].name, s.transport.sent_count);
    ck_assert_uint_eq(call_at(&s, 0)->retries, retry_row[_i].tries - 1);
    if (retry_row[_i].tries > 1) {
        int64_t wait = s.transport.sent[1].delay_ms;
        ck_assert_msg(wait >= retry_row[_i].wait_min_ms && wait <= retry_row[_i].wait_max_ms, "%s: %lld ms", retry_row[_i].name,
                      (long long)wait);
        ck_assert_str_ne(s.transport.sent[0].audit_id, s.transport.sent[1].audit_id);
        ck_assert_str_eq(call_at(&s, 0)->audit_id, s.transport.sent[s.transport.sent_count - 1].audit_id);
    }
    tear_down(&s);
}
END_TEST

START_TEST(succeeds_after_trouble)
{
    static const struct memory_answer script[] = {
        { .path = "/x", .status = 429, .retry_after_s = 1, .times = 1 },
        { .path = "/x", .status = 200, .body = "{\"half", .err = ERR_NET, .loss = LOSS_CUT, .cut_bytes = 4, .times = 1 },
        { .path = "/x", .status = 200, .body = "{\"a\":1}" },
        { 0 }
    };
    struct setup s;
    char hex[SHA256_HEX_BYTES];
    set_up(&s, script);
    ck_assert_msg(get(&s, "/x"), "%s", s.err.text);
    ck_assert(str_eq_c(s.reply.body, "{\"a\":1}"));
    ck_assert_uint_eq(call_at(&s, 0)->retries, 2);
    ck_assert_uint_eq(call_at(&s, 0)->body_bytes, 11);
    sha256_hex(call_at(&s, 0)->sha256, hex);
    ck_assert_str_eq(hex, "015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862");
    tear_down(&s);
}
END_TEST

START_TEST(backs_off_longer_each_time)
{
    static const struct memory_answer script[] = { { .path = "/x", .status = 429 }, { 0 } };
    struct setup s;
    set_up(&s, script);
    ck_assert(!get(&s, "/x"));
    for (size_t i = 1; i < s.transport.sent_count; i++) {
        int64_t most = 250ll << (i - 1) < 30000 ? 250ll << (i - 1) : 30000;
        ck_assert_int_ge(s.transport.sent[i].delay_ms, most / 2);
        ck_assert_int_le(s.transport.sent[i].delay_ms, most);
    }
    tear_down(&s);
}
END_TEST

START_TEST(posts_are_not_repeated_after_a_cut)
{
    static const struct memory_answer script[] = { { .path = "*", .err = ERR_NET, .loss = LOSS_CUT }, { 0 } };
    struct setup s;
    set_up(&s, script);
    ck_assert(!client_post_review(&s.client, STR("/apis/authentication.k8s.io/v1/selfsubjectreviews"), STR("{\"k\":1}"), &s.reply, &s.err));
    ck_assert_uint_eq(s.transport.sent_count, 1);
    ck_assert_str_eq(s.transport.sent[0].body, "{\"k\":1}");
    ck_assert_int_eq(s.transport.sent[0].verb, HTTP_POST_SELF_REVIEW);
    tear_down(&s);
}
END_TEST

START_TEST(pods_are_created_in_dry_runs_alone_and_only_when_told)
{
    static const struct memory_answer script[] = { { .path = "*", .status = 201, .body = "{}" }, { 0 } };
    static const char *const no_namespace[] = { "", "a/pods?x=", "a/pods#", "a?", "A", "a b", "..", "a&" };
    struct setup s;
    set_up(&s, script);
    ck_assert(!client_dry_run_pod(&s.client, STR("a"), STR("{}"), &s.reply, &s.err));
    ck_assert_str_eq(s.err.text, "not sent: nobody asked for a probe of admission");
    s.client.transport->dry_run_pods = true;
    for (size_t i = 0; i < sizeof no_namespace / sizeof *no_namespace; i++) {
        err_clear(&s.err);
        ck_assert_msg(!client_dry_run_pod(&s.client, str_from_c(no_namespace[i]), STR("{}"), &s.reply, &s.err), "%s", no_namespace[i]);
    }
    ck_assert_uint_eq(s.transport.sent_count, 0);
    err_clear(&s.err);
    ck_assert(client_dry_run_pod(&s.client, STR("a"), STR("{\"kind\":\"Pod\"}"), &s.reply, &s.err));
    ck_assert_uint_eq(s.transport.sent_count, 1);
    ck_assert_str_eq(s.transport.sent[0].path, "/api/v1/namespaces/a/pods?dryRun=All");
    ck_assert_int_eq(s.transport.sent[0].verb, HTTP_POST_DRY_RUN_POD);
    tear_down(&s);
}
END_TEST

START_TEST(gives_a_vanished_server_a_few_seconds_once)
{
    static const struct memory_answer script[] = { { .path = "/version", .status = 200, .body = "{}", .times = 1 },
                                                   { .path = "*", .err = ERR_NET, .loss = LOSS_UNREACHED },
                                                   { 0 } };
    struct setup s;
    set_up(&s, script);
    ck_assert(get(&s, "/version"));
    ck_assert(!get(&s, "/api"));
    ck_assert_uint_eq(s.transport.sent_count, 1 + 5);
    err_clear(&s.err);
    ck_assert(!get(&s, "/apis"));
    ck_assert_uint_eq(s.transport.sent_count, 1 + 5 + 1);
    tear_down(&s);
}
END_TEST

/* ---- credentials ---- */

START_TEST(renews_the_credential_once)
{
    static const struct memory_answer script[] = { { .path = "/x", .status = 401, .times = 1 },
                                                   { .path = "/x", .status = 200, .body = "{}" },
                                                   { 0 } };
    struct setup s;
    set_up(&s, script);
    s.transport.can_renew = true;
    ck_assert_msg(get(&s, "/x"), "%s", s.err.text);
    ck_assert_uint_eq(s.transport.renewals, 1);
    ck_assert_uint_eq(call_at(&s, 0)->retries, 1);
    ck_assert_int_eq(s.transport.sent[1].delay_ms, 0);
    tear_down(&s);
}
END_TEST

START_TEST(a_new_credential_that_is_refused_is_the_end)
{
    static const struct memory_answer script[] = { { .path = "*", .status = 401 }, { 0 } };
    struct setup s;
    set_up(&s, script);
    s.transport.can_renew = true;
    ck_assert(!get(&s, "/x"));
    ck_assert_int_eq(s.err.code, ERR_AUTH);
    CONTAINS(s.err.text, "log in again");
    ck_assert_uint_eq(s.transport.renewals, 1);
    ck_assert_uint_eq(s.transport.sent_count, 2);
    tear_down(&s);
}
END_TEST

START_TEST(what_cannot_be_renewed_is_asked_for_once)
{
    static const struct memory_answer script[] = { { .path = "*", .status = 401 }, { 0 } };
    struct setup s;
    set_up(&s, script);
    ck_assert(!get(&s, "/x"));
    err_clear(&s.err);
    ck_assert(!get(&s, "/y"));
    CONTAINS(s.err.text, "the token in the kubeconfig cannot be renewed");
    ck_assert_uint_eq(s.transport.renewals, 1);
    tear_down(&s);
}
END_TEST

START_TEST(a_stranger_sends_and_renews_nothing)
{
    static const struct memory_answer script[] = { { .path = "/api", .status = 401, .body = "{\"kind\":\"Status\",\"code\":401}" },
                                                   { .path = "/livez", .status = 403, .body = "{\"kind\":\"Status\",\"code\":403}" },
                                                   { .path = "/readyz", .status = 401, .body = "<html>Log in</html>" },
                                                   { .path = "/version", .status = 200, .body = "{}" },
                                                   { .path = "/metrics", .err = ERR_NET, .loss = LOSS_NONE },
                                                   { .path = "*", .status = 404 },
                                                   { 0 } };
    struct probe_answer answer[PROBE_PATH_COUNT];
    struct setup s;
    set_up(&s, script);
    s.transport.can_renew = true;
    probe_anonymous(answer, &s.arena, &s.client);
    ck_assert_uint_eq(s.transport.sent_count, PROBE_PATH_COUNT);
    ck_assert_uint_eq(s.transport.renewals, 0);
    for (size_t i = 0; i < PROBE_PATH_COUNT; i++)
        ck_assert(s.transport.sent[i].no_credentials);
    ck_assert_int_eq(answer[0].access, ANONYMOUS_REFUSED);
    ck_assert_int_eq(answer[1].access, ANONYMOUS_KNOWN);
    ck_assert_int_eq(answer[2].access, ANONYMOUS_UNKNOWN);
    ck_assert(str_find(answer[2].reason, STR("something in front"), 0) != SIZE_MAX);
    ck_assert_int_eq(answer[3].access, ANONYMOUS_SERVED);
    ck_assert_int_eq(answer[4].access, ANONYMOUS_UNKNOWN);
    ck_assert(answer[4].reason.n > 0);
    ck_assert_int_eq(answer[5].access, ANONYMOUS_UNKNOWN);
    ck_assert_int_eq(probe_verdict(answer), ANONYMOUS_SERVED);
    tear_down(&s);
}
END_TEST

/* ---- limits ---- */

START_TEST(holds_no_more_than_its_limit)
{
    static const struct memory_answer script[] = { { .path = "/x", .status = 200, .body = "{\"aaaaaaaaaaaaaaaa\":1}", .chunk_bytes = 5 },
                                                   { 0 } };
    struct setup s;
    set_up(&s, script);
    s.client.limits.body_bytes = 12;
    ck_assert(!get(&s, "/x"));
    ck_assert_int_eq(s.err.code, ERR_LIMIT);
    CONTAINS(s.err.text, "12 bytes");
    ck_assert_uint_eq(s.transport.sent_count, 1);
    ck_assert(!call_at(&s, 0)->has_digest);
    tear_down(&s);
}
END_TEST

START_TEST(stops_when_told)
{
    static const struct memory_answer script[] = { { .path = "*", .status = 503, .retry_after_s = 1 }, { 0 } };
    struct setup s;
    int cancelled = 0;
    set_up(&s, script);
    s.client.cancelled = &cancelled;
    s.transport.cancel_after_first = &cancelled;
    ck_assert(!get(&s, "/x"));
    ck_assert_uint_eq(s.transport.sent_count, 1);
    err_clear(&s.err);
    ck_assert(!get(&s, "/y"));
    ck_assert_int_eq(s.err.code, ERR_CANCELLED);
    ck_assert_uint_eq(s.transport.sent_count, 1);
    ck_assert_uint_eq(s.reply.call_seq, 0);
    tear_down(&s);
}
END_TEST

START_TEST(keeps_to_the_time_of_the_whole)
{
    static const struct memory_answer script[] = { { .path = "*", .status = 503, .retry_after_s = 20 }, { 0 } };
    struct setup s;
    struct client_limits limits;
    memset(&s, 0, sizeof s);
    client_limits_default(&limits);
    limits.total_ms = 5000;
    memory_transport_init(&s.transport, script);
    client_init(&s.client, &s.transport.base, &s.arena, &limits);
    ck_assert(!get(&s, "/x"));
    ck_assert_uint_eq(s.transport.sent_count, 1);
    s.client.deadline_ms = clock_monotonic_ms() - 1;
    err_clear(&s.err);
    ck_assert(!get(&s, "/y"));
    ck_assert_int_eq(s.err.code, ERR_LIMIT);
    CONTAINS(s.err.text, "--timeout");
    ck_assert_uint_eq(s.transport.sent_count, 1);
    tear_down(&s);
}
END_TEST

START_TEST(says_who_asks_for_too_long_a_wait)
{
    static const struct memory_answer script[] = { { .path = "*", .status = 429, .retry_after_s = 86400 }, { 0 } };
    struct setup s;
    set_up(&s, script);
    ck_assert(!get(&s, "/x"));
    ck_assert_ptr_nonnull(strstr(s.err.text, "come back in 86400 s"));
    ck_assert_ptr_nonnull(strstr(s.err.text, "--retry-wait"));
    tear_down(&s);
}
END_TEST

/* A server that says nothing costs so long in all, however many requests and tries there are. */
START_TEST(a_silent_server_is_given_up_once)
{
    static const struct memory_answer script[] = { { .path = "*", .err = ERR_NET, .loss = LOSS_CUT }, { 0 } };
    struct setup s;
    set_up(&s, script);
    s.client.limits.silence_ms = 1; /* the first wait before a try is longer */
    ck_assert(!get(&s, "/x"));
    ck_assert_uint_eq(s.transport.sent_count, 1);
    ck_assert_int_ne(s.client.silent_since_ms, 0);
    s.client.silent_since_ms -= 60000;
    err_clear(&s.err);
    ck_assert(!get(&s, "/y"));
    ck_assert_int_eq(s.err.code, ERR_NET);
    CONTAINS(s.err.text, "/y was not asked for");
    CONTAINS(s.err.text, "--stall-timeout");
    ck_assert_uint_eq(s.transport.sent_count, 1);
    tear_down(&s);
}
END_TEST

START_TEST(any_answer_ends_the_silence)
{
    static const struct memory_answer script[] = { { .path = "/x", .err = ERR_NET, .loss = LOSS_CUT, .times = 4 },
                                                   { .path = "*", .status = 503, .retry_after_s = 86400 },
                                                   { 0 } };
    struct setup s;
    set_up(&s, script);
    ck_assert(!get(&s, "/x"));
    ck_assert_int_ne(s.client.silent_since_ms, 0);
    err_clear(&s.err);
    ck_assert(!get(&s, "/y"));
    ck_assert_int_eq(s.client.silent_since_ms, 0);
    tear_down(&s);
}
END_TEST

/* Ten a second: each begins a tenth after the one before, tries again as well. */
START_TEST(keeps_to_the_pace)
{
    static const struct memory_answer script[] = { { .path = "/x", .status = 429, .times = 1 },
                                                   { .path = "*", .status = 200, .body = "{}" },
                                                   { 0 } };
    struct setup s;
    set_up(&s, script);
    ck_assert(get(&s, "/y") && get(&s, "/y"));
    ck_assert_int_eq(s.transport.sent[1].delay_ms, 0);
    s.client.limits.per_second = 10;
    ck_assert(get(&s, "/y") && get(&s, "/y") && get(&s, "/x"));
    ck_assert_uint_eq(s.transport.sent_count, 6);
    ck_assert_int_eq(s.transport.sent[2].delay_ms, 0);
    /* this transport answers without waiting, so each wait holds those before it */
    int64_t passed = 0;
    for (size_t i = 3; i < 6; i++) {
        ck_assert_int_gt(s.transport.sent[i].delay_ms, passed + 50);
        passed = s.transport.sent[i].delay_ms;
    }
    ck_assert_int_ge(passed, 250);
    tear_down(&s);
}
END_TEST

/* ---- addresses ---- */

static const struct {
    const char *server;
    bool ok, https;
    const char *host;
    uint16_t port;
    const char *prefix;
    bool loopback;
} server_row[] = {
    { "https://10.0.0.1:6443", true, true, "10.0.0.1", 6443, "", false },
    { "https://k8s.example.test/", true, true, "k8s.example.test", 443, "", false },
    { "https://rancher.test/k8s/clusters/c-1/?x#y", true, true, "rancher.test", 443, "/k8s/clusters/c-1", false },
    { "http://localhost:8080", true, false, "localhost", 8080, "", true },
    { "HTTPS://[::1]:6443", true, true, "::1", 6443, "", true },
    { "https://[fd00::1]", true, true, "fd00::1", 443, "", false },
    /* as client-go's DefaultServerURL has it */
    { "127.8.9.1:6443", true, false, "127.8.9.1", 6443, "", true },
    { "api.localhost", true, false, "api.localhost", 80, "", true },
    { "api.localhost/", true, false, "api.localhost", 80, "", true },
    { "[::1]:8080", true, false, "::1", 8080, "", true },
    { "api.localhost:6443/prefix", false, false, "", 0, "", false },
    { "ftp://x", false, false, "", 0, "", false },
    { "https://", false, false, "", 0, "", false },
    { "https://a:0", false, false, "", 0, "", false },
    { "https://a:65536", false, false, "", 0, "", false },
    { "https://a:", false, false, "", 0, "", false },
    { "https://user:secret@a", false, false, "", 0, "", false },
    { "https://[::1", false, false, "", 0, "", false },
    { "https://[evil]", false, false, "", 0, "", false },
    { "https://a b", false, false, "", 0, "", false },
    { "https://a/b\r\nc", false, false, "", 0, "", false },
    { "https://a/../b", false, false, "", 0, "", false },
};

START_TEST(reads_a_server)
{
    struct endpoint e = { .port = 9 };
    struct err err = { 0 };
    bool ok = endpoint_parse(&e, str_from_c(server_row[_i].server), &err);
    ck_assert_msg(ok == server_row[_i].ok, "%s: %s", server_row[_i].server, err.text);
    if (!ok) {
        ck_assert_int_eq(err.code, ERR_INPUT);
        ck_assert_ptr_eq(strstr(err.text, "secret"), NULL);
        ck_assert_uint_eq(e.port, 9);
        return;
    }
    ck_assert_int_eq(e.https, server_row[_i].https);
    ck_assert(str_eq_c(e.host, server_row[_i].host));
    ck_assert_uint_eq(e.port, server_row[_i].port);
    ck_assert(str_eq_c(e.prefix, server_row[_i].prefix));
    ck_assert_int_eq(e.is_loopback, server_row[_i].loopback);
}
END_TEST

static const struct {
    const char *no_proxy, *server;
    bool excluded;
} no_proxy_row[] = {
    { "*", "https://a.test", true },
    { "a.test", "https://a.test", true },
    { "a.test", "https://x.a.test", true },
    { "a.test", "https://xa.test", false },
    { ".a.test", "https://a.test", false },
    { ".a.test", "https://x.a.test", true },
    { "*.a.test", "https://x.a.test", true },
    { "b.test, A.TEST ", "https://a.test", true },
    { "a.test:6443", "https://a.test:6443", true },
    { "a.test:6443", "https://a.test", false },
    { "10.0.0.0/8", "https://10.200.3.4", true },
    { "10.0.0.0/8", "https://11.0.0.1", false },
    { "10.0.0.0/9", "https://10.128.0.1", false },
    { "10.0.0.0/33", "https://10.0.0.1", false },
    { "10.0.0.1", "https://10.0.0.1:6443", true },
    { "10.0.0.1:443", "https://10.0.0.1", true },
    { "fd00::/8", "https://[fd12::1]", true },
    { "::1", "https://[::1]", true },
    { "", "https://a.test", false },
    { ",,.,", "https://a.test", false },
};

START_TEST(reads_no_proxy)
{
    struct endpoint e;
    struct err err = { 0 };
    ck_assert(endpoint_parse(&e, str_from_c(no_proxy_row[_i].server), &err));
    ck_assert_msg(proxy_excludes(str_from_c(no_proxy_row[_i].no_proxy), &e) == no_proxy_row[_i].excluded, "%s for %s",
                  no_proxy_row[_i].no_proxy, no_proxy_row[_i].server);
}
END_TEST

static const char *env_proxy(const char *name)
{
    if (strcmp(name, "HTTPS_PROXY") == 0)
        return "http://env:3128";
    if (strcmp(name, "http_proxy") == 0)
        return "plain.test:8";
    if (strcmp(name, "NO_PROXY") == 0)
        return "inside.test";
    return strcmp(name, "ALL_PROXY") == 0 ? "http://never:1" : NULL;
}

static const char *env_none(const char *name)
{
    return strcmp(name, "ALL_PROXY") == 0 ? "http://never:1" : NULL;
}

static const struct {
    const char *url, *server;
    const char *(*env)(const char *);
    bool ok;
    enum proxy_kind kind;
    const char *curl_url, *shown;
} proxy_row[] = {
    { "", "https://a.test", env_none, true, PROXY_NONE, "", "" },
    { "", "https://a.test", env_proxy, true, PROXY_HTTP, "http://env:3128", "env:3128" },
    { "", "https://x.inside.test", env_proxy, true, PROXY_NONE, "", "" },
    { "", "https://127.0.0.1:6443", env_proxy, true, PROXY_NONE, "", "" },
    { "", "http://a.test", env_proxy, true, PROXY_HTTP, "http://plain.test:8", "plain.test:8" },
    { "socks5://s.test", "https://127.0.0.1", env_proxy, true, PROXY_SOCKS5, "socks5h://s.test:1080", "s.test:1080" },
    { "https://u:p%40w@s.test:4/", "https://a", env_none, true, PROXY_HTTPS, "https://u:p%40w@s.test:4", "s.test:4" },
    { "http://[::1]:3", "https://a", env_none, true, PROXY_HTTP, "http://[::1]:3", "[::1]:3" },
    { "ftp://s.test", "https://a", env_none, false, PROXY_NONE, "", "" },
    { "http://u:hush@", "https://a", env_none, false, PROXY_NONE, "", "" },
    { "http://a b", "https://a", env_none, false, PROXY_NONE, "", "" },
};

START_TEST(chooses_a_proxy)
{
    struct arena a = { 0 };
    struct endpoint e;
    struct proxy p = { 0 };
    struct err err = { 0 };
    ck_assert(endpoint_parse(&e, str_from_c(proxy_row[_i].server), &err));
    bool ok = proxy_choose(&p, &a, str_from_c(proxy_row[_i].url), &e, proxy_row[_i].env, &err);
    ck_assert_msg(ok == proxy_row[_i].ok, "%s: %s", proxy_row[_i].url, err.text);
    ck_assert_ptr_eq(strstr(err.text, "hush"), NULL);
    ck_assert_int_eq(p.kind, proxy_row[_i].kind);
    ck_assert_msg(str_eq_c(p.url, proxy_row[_i].curl_url), "%.*s", STR_ARG(p.url));
    ck_assert(str_eq_c(p.shown, proxy_row[_i].shown));
    arena_release(&a);
}
END_TEST

/* ---- tokens ---- */

static const struct {
    const char *token;
    int64_t end_s; /* -1: not told */
} jwt_row[] = {
    /* {"sub":"???>","exp":1763704000} */
    { "eyJhbGciOiJub25lIn0.eyJzdWIiOiI_Pz8-IiwiZXhwIjoxNzYzNzA0MDAwfQ.c2ln", 1763704000 },
    { "h.eyJleHAiOjB9.s", 0 },
    { "h.eyJleHAiOi01fQ.s", -1 },
    { "h.eyJleHAiOiJzb29uIn0.s", -1 },
    { "h.eyJleHAiOjkyMjMzNzIwMzY4NTQ3NzU4MDd9.s", -1 },
    { "h.e30.s", -1 },
    { "h.bm90IGpzb24.s", -1 },
    { "h.!!.s", -1 },
    { "h..s", -1 },
    { "only.two", -1 },
    { "opaque", -1 },
    { "", -1 },
};

START_TEST(reads_when_a_token_ends)
{
    struct instant end = { .s = -1 };
    bool told = jwt_end(str_from_c(jwt_row[_i].token), &end);
    ck_assert_msg(told == (jwt_row[_i].end_s >= 0), "%s", jwt_row[_i].token);
    ck_assert_int_eq(end.s, jwt_row[_i].end_s);
}
END_TEST

#define ROWS(table) (int)(sizeof(table) / sizeof(table)[0])

int main(void)
{
    Suite *suite = suite_create("client");
    TCase *t = tcase_create("client");
    tcase_add_loop_test(t, sends_only_what_it_may, 0, ROWS(allow_row));
    tcase_add_test(t, what_is_forbidden_never_reaches_the_transport);
    tcase_add_test(t, records_an_answer);
    tcase_add_test(t, tells_the_recorder_of_every_answer);
    tcase_add_test(t, trusts_the_audit_id_that_came_back);
    tcase_add_loop_test(t, tells_why, 0, ROWS(refusal_row));
    tcase_add_test(t, cuts_a_long_message);
    tcase_add_loop_test(t, tries_again_as_often_as_it_helps, 0, ROWS(retry_row));
    tcase_add_test(t, succeeds_after_trouble);
    tcase_add_test(t, backs_off_longer_each_time);
    tcase_add_test(t, posts_are_not_repeated_after_a_cut);
    tcase_add_test(t, pods_are_created_in_dry_runs_alone_and_only_when_told);
    tcase_add_test(t, gives_a_vanished_server_a_few_seconds_once);
    tcase_add_test(t, renews_the_credential_once);
    tcase_add_test(t, a_new_credential_that_is_refused_is_the_end);
    tcase_add_test(t, what_cannot_be_renewed_is_asked_for_once);
    tcase_add_test(t, a_stranger_sends_and_renews_nothing);
    tcase_add_test(t, holds_no_more_than_its_limit);
    tcase_add_test(t, stops_when_told);
    tcase_add_test(t, keeps_to_the_time_of_the_whole);
    tcase_add_test(t, says_who_asks_for_too_long_a_wait);
    tcase_add_test(t, a_silent_server_is_given_up_once);
    tcase_add_test(t, any_answer_ends_the_silence);
    tcase_add_test(t, keeps_to_the_pace);
    tcase_add_loop_test(t, reads_when_a_token_ends, 0, ROWS(jwt_row));
    tcase_add_loop_test(t, reads_a_server, 0, ROWS(server_row));
    tcase_add_loop_test(t, reads_no_proxy, 0, ROWS(no_proxy_row));
    tcase_add_loop_test(t, chooses_a_proxy, 0, ROWS(proxy_row));
    suite_add_tcase(suite, t);
    SRunner *r = srunner_create(suite);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? 1 : 0;
}
