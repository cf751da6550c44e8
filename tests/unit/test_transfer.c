/* Lists over the live transport: compression, overlap, cuts, a server that goes away. */
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
    suite_add_tcase(suite, t);
    SRunner *r = srunner_create(suite);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    fake_pki_free(&pki);
    return failed ? 1 : 0;
}
