/* Lists over the live transport: compression, overlap, cuts, a server that goes away. */
#include "cluster/lists.h"
#include "kube/rig.h"

#include <pthread.h>
#include <unistd.h>

static struct fake_pki pki;

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
    rig_open(&r, &pki, &(struct fake_options){ .script = script, .compress = true, .http2 = _i % 2 == 1 });
    struct fake_proxy *p = rig_behind_proxy(&r, "http://");
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
    rig_open(&r, &pki, &(struct fake_options){ .script = script, .compress = true });
    struct fake_proxy *p = rig_behind_proxy(&r, "http://");
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
    rig_open(&r, &pki, &(struct fake_options){ .script = script, .http2 = _i == 1 });
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
        { .path = "/l", .status = 200, .body = body },
        { 0 }
    };
    rig_open(&r, &pki, &(struct fake_options){ .script = script, .http2 = _i == 1 });
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
    const struct fake_answer script[] = { { .path = "/l", .status = 200, .body = body, .fault = FAKE_STALL, .cut_bytes = strlen(body) / 2 },
                                          { 0 } };
    rig_open(&r, &pki, &(struct fake_options){ .script = script, .http2 = _i == 1 });
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

/* ---- asked for ahead ---- */

struct ahead {
    struct rig *rig;
    struct list_job first, second;
    bool held, refuses;
    size_t first_items, second_items, asked_at_end, ends;
};

static bool ahead_item(struct list_job *job, struct str bytes, struct err *err)
{
    struct ahead *a = job->ctx;
    (void)bytes;
    if (job == &a->first) {
        a->first_items++;
        return true;
    }
    ck_assert_msg(!a->held, "an item of a list that is held");
    a->second_items++;
    return !a->refuses || err_set(err, ERR_INPUT, "refused by the test");
}

static void ahead_begin(struct list_job *job)
{
    struct ahead *a = job->ctx;
    if (job != &a->first)
        return;
    client_list_start(&a->rig->client, &a->second);
    client_start_waiting(&a->rig->client);
}

static void ahead_end(struct list_job *job)
{
    struct ahead *a = job->ctx;
    a->ends++;
    if (job != &a->first)
        return;
    a->asked_at_end = fake_api_request_count(a->rig->api);
    ck_assert_uint_eq(a->second_items, 0);
    a->held = false;
}

/* Its answer has begun while another is still being read, and its items come after those. The second
 * time they are refused, which ends the list as it does in the middle of one; the third time they are compressed. */
START_TEST(a_list_asked_for_ahead)
{
    struct rig r;
    char *body = make_list(LIST_ITEMS);
    size_t sent = strlen(body);
    if (_i == 2)
        free(fake_gzip(body, strlen(body), &sent));
    const struct fake_answer script[] = { { .path = "/first", .status = 200, .body = body, .fault = FAKE_DRIP, .cut_bytes = sent - 1 },
                                          { .path = "/second", .status = 200, .body = body },
                                          { 0 } };
    struct ahead a = { .rig = &r, .held = true, .refuses = _i == 1 };
    bool is_compressed = _i == 2;
    struct fake_proxy *p = NULL;
    a.first = (struct list_job){ .path = STR("/first"), .on_item = ahead_item, .on_begin = ahead_begin, .on_end = ahead_end, .ctx = &a };
    a.second = a.first;
    a.second.path = STR("/second");
    a.second.held = &a.held;
    rig_open(&r, &pki, &(struct fake_options){ .script = script, .compress = is_compressed });
    if (is_compressed)
        p = rig_behind_proxy(&r, "http://");
    ck_assert(rig_connect(&r));
    ck_assert(client_can_ask_ahead(&r.client));
    client_list_start(&r.client, &a.first);
    client_run(&r.client);
    ck_assert_uint_eq(a.ends, 2);
    ck_assert_uint_eq(a.asked_at_end, 2);
    ck_assert_uint_eq(a.first_items, LIST_ITEMS);
    ck_assert_uint_eq(a.second_items, a.refuses ? 1 : LIST_ITEMS);
    ck_assert_int_eq(a.second.err.code, a.refuses ? ERR_INPUT : ERR_NONE);
    r.client.limits.in_flight = 1; /* no room beside it for others */
    ck_assert(!client_can_ask_ahead(&r.client));
    if (p)
        fake_proxy_close(p);
    rig_close(&r);
    free(body);
}
END_TEST

/* Over HTTP/2 what is held would be kept by libcurl. */
START_TEST(nothing_ahead_over_http2)
{
    struct rig r;
    rig_open(&r, &pki, &(struct fake_options){ .script = rig_version_script, .http2 = true });
    r.options.http2 = true;
    ck_assert(rig_connect(&r));
    ck_assert(!client_can_ask_ahead(&r.client));
    rig_close(&r);
}
END_TEST

#define OBJECTS(kind, version, name)                                                                                                    \
    "{\"kind\":\"" kind "List\",\"apiVersion\":\"" version                                                                              \
    "\",\"metadata\":{\"resourceVersion\":\"7\"},\"items\":[{\"metadata\":{\"name\":\"" name "\",\"namespace\":\"n\",\"uid\":\"u-" name \
    "\"},\"spec\":{}}]}\n"
#define DEPLOYMENTS OBJECTS("Deployment", "apps/v1", "d")
#define REPLICASETS OBJECTS("ReplicaSet", "apps/v1", "r")

struct seen {
    struct rig *rig;
    char order[8];
    size_t count;
    size_t asked[KIND_COUNT]; /* requests, when the kind's list ended */
};

static void see(void *ctx, enum kind kind, struct value object, struct arena *scratch)
{
    struct seen *s = ctx;
    (void)object;
    (void)scratch;
    s->order[s->count++] = kind == KIND_PODS ? 'p' : kind == KIND_REPLICASETS ? 'r' : 'd';
}

static void see_end(void *ctx, enum kind kind, const struct list_job *job, const struct call *call)
{
    struct seen *s = ctx;
    (void)job;
    (void)call;
    s->asked[kind] = fake_api_request_count(s->rig->api);
}

/* Owners go by before what they own, though the server was asked for that while it still told of them; with one
 * request at a time nothing is asked for ahead. */
START_TEST(waves_overlap_and_keep_their_order)
{
    struct rig r;
    struct cluster c;
    struct seen s = { .rig = &r };
    struct discovery served = { 0 };
    struct collect_options want = { 0 };
    struct collect_observer observer = { .object = see, .list_end = see_end, .ctx = &s };
    const struct fake_answer script[] = { { .path = "/apis/apps/v1/deployments",
                                            .status = 200,
                                            .body = DEPLOYMENTS,
                                            .fault = FAKE_DRIP,
                                            .cut_bytes = strlen(DEPLOYMENTS) - 1 },
                                          { .path = "/apis/apps/v1/replicasets",
                                            .status = 200,
                                            .body = REPLICASETS,
                                            .fault = FAKE_DRIP,
                                            .cut_bytes = strlen(REPLICASETS) - 3 },
                                          { .path = "/api/v1/pods", .status = 200, .body = OBJECTS("Pod", "v1", "p") },
                                          { 0 } };
    kind_set_add(&want.kinds, KIND_DEPLOYMENTS);
    kind_set_add(&want.kinds, KIND_REPLICASETS);
    kind_set_add(&want.kinds, KIND_PODS);
    rig_open(&r, &pki, &(struct fake_options){ .script = script });
    ck_assert(rig_connect(&r));
    r.client.limits.in_flight = _i ? 4 : 1;
    cluster_init(&c, &r.arena);
    c.minor = 35;
    lists_run(&c, &r.client, &served, &want, STAGE_STREAM, &observer);
    ck_assert_str_eq(s.order, "drp");
    ck_assert_uint_eq(s.asked[KIND_DEPLOYMENTS], _i ? 2 : 1);
    ck_assert_uint_eq(s.asked[KIND_REPLICASETS], _i ? 3 : 2);
    ck_assert_int_eq(c.coverage[KIND_PODS].state, COVERAGE_COMPLETE);
    rig_close(&r);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("transfer");
    TCase *t = tcase_create("transfer");
    fake_pki_make(&pki);
    tcase_set_timeout(t, 60);
    tcase_add_loop_test(t, compression, 0, 4);
    tcase_add_test(t, a_bomb_is_stopped);
    tcase_add_loop_test(t, lists_overlap, 0, BOTH_VERSIONS);
    tcase_add_loop_test(t, a_cut_list, 0, 3);
    tcase_add_loop_test(t, a_killed_server, 0, BOTH_VERSIONS);
    tcase_add_loop_test(t, a_list_asked_for_ahead, 0, 3);
    tcase_add_test(t, nothing_ahead_over_http2);
    tcase_add_loop_test(t, waves_overlap_and_keep_their_order, 0, 2);
    suite_add_tcase(suite, t);
    SRunner *r = srunner_create(suite);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    fake_pki_free(&pki);
    return failed ? 1 : 0;
}
