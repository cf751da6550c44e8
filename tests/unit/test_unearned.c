/* No unearned pass: whatever answer of a recorded cluster is taken away, forbidden, cut, delayed past its
 * limit or corrupted, no verdict turns into PASS, no FAIL into anything but FAIL or UNKNOWN, and the low
 * end of the score does not rise. */
#include "audit/audit.h"
#include "base/file.h"
#include "collect/snapshot.h"

#include <check.h>

#ifndef TEST_CLUSTER
#define TEST_CLUSTER "tests/clusters/mix"
#endif
#ifndef TEST_KUBELETS
#define TEST_KUBELETS "tests/clusters/kubelets"
#endif
#ifndef TEST_BENCHMARK
#define TEST_BENCHMARK "benchmarks/cis-kubernetes-2.0.1.yaml"
#endif

enum damage { DAMAGE_NONE, DAMAGE_REMOVED, DAMAGE_FORBIDDEN, DAMAGE_CUT, DAMAGE_DELAYED, DAMAGE_CORRUPTED, DAMAGE_COUNT };
static const char *const damage_name[] = { "none", "removed (404)", "forbidden (403)", "cut", "delayed", "corrupted" };

/* A transport that replays a snapshot with one or two of its answers damaged. */
struct damaged {
    struct transport base;
    const struct snapshot *snapshot;
    struct arena *arena;
    size_t victim[2];
    enum damage damage[2];
    struct exchange *first, **last;
};

static struct str folder(void)
{
    const char *given = getenv("srcdir");
    return given ? str_from_c(given) : STR(".");
}

static void submit(struct transport *t, struct exchange *x)
{
    struct damaged *d = (struct damaged *)(void *)t;
    x->next = NULL;
    *d->last = x;
    d->last = &x->next;
}

static bool asks_for(const struct exchange *x, const struct snapshot_answer *a)
{
    struct str path, recorded, query;
    (void)str_cut(x->path, '?', &path, &query);
    (void)str_cut(a->path, '?', &recorded, &query);
    return str_eq(path, recorded) && str_eq(x->body, a->request_body) && x->no_credentials == a->anonymous &&
           str_eq(a->verb, str_from_c(http_verb_name(x->verb)));
}

/* Breaks one item in the middle of a list, or the document if it is no list. */
static void corrupt(char *p, size_t n)
{
    size_t at = n / 2;
    while (at < n && p[at] != ':')
        at++;
    if (at < n)
        p[at] = '#';
}

static void deliver(struct exchange *x, struct buf *body, enum damage damage)
{
    size_t n = damage == DAMAGE_CUT ? body->n / 2 : body->n;
    if (damage == DAMAGE_CORRUPTED)
        corrupt(body->p, body->n);
    x->status = 200;
    x->body_bytes = n;
    if (x->on_body && !x->on_body(x, str_of(body->p, n), &x->err))
        return;
    if (damage == DAMAGE_CUT)
        (void)err_set(&x->err, ERR_NET, "the connection was cut");
}

static void answer(struct damaged *d, struct exchange *x)
{
    struct arena scratch CLEANUP(arena_release) = { 0 };
    struct buf body CLEANUP(buf_release) = BUF_INIT((size_t)64 << 20);
    enum damage damage = DAMAGE_NONE;
    const struct snapshot_answer *found = NULL;
    x->retry_after_s = -1;
    for (size_t i = 0; i < d->snapshot->answer_count; i++) {
        if (!asks_for(x, &d->snapshot->answer[i]))
            continue;
        found = &d->snapshot->answer[i];
        for (size_t k = 0; k < 2; k++)
            if (d->victim[k] == i && d->damage[k] != DAMAGE_NONE)
                damage = d->damage[k];
    }
    if (found && x->peer && damage != DAMAGE_DELAYED)
        tls_peer_read(x->peer, found->certificate);
    if (!found || damage == DAMAGE_REMOVED)
        x->status = 404;
    else if (damage == DAMAGE_FORBIDDEN)
        x->status = 403;
    else if (damage == DAMAGE_DELAYED)
        (void)err_set(&x->err, ERR_NET, "timed out");
    else if (found->status != 200)
        x->status = (int)found->status;
    else {
        ck_assert(file_read(str_to_c(&scratch, file_join(&scratch, d->snapshot->dir, found->file)), &body, &x->err));
        deliver(x, &body, damage);
    }
}

static void run(struct transport *t)
{
    struct damaged *d = (struct damaged *)(void *)t;
    while (d->first) {
        struct exchange *x = d->first;
        d->first = x->next;
        if (!d->first)
            d->last = &d->first;
        answer(d, x);
        x->on_end(x);
    }
}
static void close_nothing(struct transport *t)
{
    (void)t;
}
static bool renew_nothing(struct transport *t, struct err *err)
{
    (void)t;
    return err_set(err, ERR_AUTH, "nothing to renew");
}
static const struct transport_ops damaged_ops = { .name = "snapshot", .submit = submit, .run = run, .close = close_nothing,
                                                  .renew = renew_nothing };

/* ---- one audit */

static struct arena keep;       /* benchmark, snapshot, the baseline */
static struct benchmark bench;
static struct snapshot snapshot;
static struct value params;
static enum verdict *baseline;
static struct score baseline_score;

/* False: the audit could not run at all, which earns nothing either. */
static bool audit_with(struct arena *a, size_t victim0, enum damage damage0, size_t victim1, enum damage damage1, struct result *r)
{
    struct damaged d = { .base = { &damaged_ops }, .snapshot = &snapshot, .arena = a, .victim = { victim0, victim1 },
                         .damage = { damage0, damage1 } };
    struct cluster *cluster = arena_new(a, struct cluster);
    struct collected collected = { .cluster = cluster };
    struct audit_options o = { .params = params };
    struct client_limits limits;
    struct client client;
    struct err err = { 0 };
    d.last = &d.first;
    cluster_init(cluster, a);
    struct audit *au = audit_open(a, &bench, cluster, &o);
    struct collect_observer observer = { .object = audit_object, .early_done = audit_early_done, .ctx = au };
    struct collect_options needs = audit_needs(au);
    needs.kubelets = snapshot.kubelets;
    client_limits_default(&limits);
    limits.retries = 1;
    client_init(&client, &d.base, a, &limits);
    if (!collect_run(&collected, &client, &needs, &observer, &err))
        return false;
    ck_assert_msg(audit_finish(au, NULL, 0, r, &err), "%s", err.text);
    return true;
}

static void compare(const struct result *r, const char *what)
{
    for (size_t i = 0; i < r->check_count; i++) {
        enum verdict before = baseline[i], now = r->check[i].verdict;
        struct str id = r->check[i].check->id;
        if (before == now)
            continue;
        ck_assert_msg(now != VERDICT_PASS, "%s: check %.*s was %s and is PASS", what, STR_ARG(id), verdict_label(before));
        ck_assert_msg(before != VERDICT_FAIL || now == VERDICT_UNKNOWN, "%s: check %.*s was FAIL and is %s", what, STR_ARG(id),
                      verdict_label(now));
        ck_assert_msg(now == VERDICT_UNKNOWN || now == VERDICT_FAIL || before == VERDICT_NOT_APPLICABLE,
                      "%s: check %.*s was %s and is %s", what, STR_ARG(id), verdict_label(before), verdict_label(now));
    }
    ck_assert_msg(!r->score.has_score || r->score.low_permille <= baseline_score.low_permille, "%s: the score rose from %d to %d", what,
                  baseline_score.low_permille, r->score.low_permille);
}

static void setup(const char *cluster)
{
    struct err err = { 0 };
    struct bench_faults faults = { 0 };
    struct result r = { 0 };
    char *file = str_to_c(&keep, file_join(&keep, folder(), STR(TEST_BENCHMARK)));
    char *dir = str_to_c(&keep, file_join(&keep, folder(), str_from_c(cluster)));
    ck_assert_msg(benchmark_load(&bench, &keep, file, &faults), "%s", file);
    ck_assert_msg(snapshot_read(&snapshot, &keep, dir, &err), "%s", err.text);
    ck_assert(benchmark_params(&bench, NULL, 0, &keep, &params, &err));
    ck_assert(audit_with(&keep, 0, DAMAGE_NONE, 0, DAMAGE_NONE, &r));
    baseline = arena_array(&keep, enum verdict, r.check_count);
    for (size_t i = 0; i < r.check_count; i++)
        baseline[i] = r.check[i].verdict;
    baseline_score = r.score;
}
static void setup_mix(void)
{
    setup(TEST_CLUSTER);
}
/* Three kubelets that were asked directly, one of them configured otherwise. */
static void setup_kubelets(void)
{
    setup(TEST_KUBELETS);
}
static void teardown(void)
{
    arena_release(&keep);
}

START_TEST(test_baseline_has_all_verdicts)
{
    ck_assert_uint_gt(baseline_score.count[VERDICT_PASS], 0);
    ck_assert_uint_gt(baseline_score.count[VERDICT_FAIL], 0);
    ck_assert_uint_eq(bench.check_count, 131);
    ck_assert_uint_gt(snapshot.answer_count, 25);
}
END_TEST

START_TEST(test_each_answer_damaged)
{
    struct arena a CLEANUP(arena_release) = { 0 };
    size_t changed = 0;
    enum damage damage = (enum damage)_i;
    for (size_t v = 0; v < snapshot.answer_count; v++) {
        char what[512];
        struct result r = { 0 };
        arena_reset(&a);
        if (!audit_with(&a, v, damage, v, damage, &r))
            continue;
        (void)snprintf(what, sizeof what, "%s %s", str_to_c(&a, snapshot.answer[v].path), damage_name[damage]);
        compare(&r, what);
        for (size_t i = 0; i < r.check_count; i++)
            changed += r.check[i].verdict != baseline[i];
    }
    ck_assert_msg(changed > 0, "%s: no damage changed any verdict: the test damages nothing", damage_name[damage]);
}
END_TEST

/* Each of their answers decides something: taken away, the checks that all others pass are UNKNOWN. */
START_TEST(test_kubelets_were_judged)
{
    struct arena a CLEANUP(arena_release) = { 0 };
    size_t asked = 0;
    for (size_t v = 0; v < snapshot.answer_count; v++) {
        struct result r = { 0 };
        size_t lost = 0;
        if (!str_has_suffix(snapshot.answer[v].path, STR("/configz")))
            continue;
        asked++;
        arena_reset(&a);
        ck_assert(audit_with(&a, v, DAMAGE_FORBIDDEN, v, DAMAGE_FORBIDDEN, &r));
        for (size_t i = 0; i < r.check_count; i++)
            lost += baseline[i] == VERDICT_PASS && r.check[i].verdict == VERDICT_UNKNOWN;
        ck_assert_uint_ge(lost, 5);
    }
    ck_assert_uint_eq(asked, 3);
}
END_TEST

/* Pairs, drawn by a fixed sequence. */
START_TEST(test_pairs_damaged)
{
    struct arena a CLEANUP(arena_release) = { 0 };
    uint32_t seed = 12345;
    for (int i = 0; i < 40; i++) {
        char what[512];
        struct result r = { 0 };
        size_t pick[2];
        enum damage damage[2];
        for (int k = 0; k < 2; k++) {
            seed = seed * 1664525u + 1013904223u;
            pick[k] = (seed >> 8) % snapshot.answer_count;
            damage[k] = (enum damage)(1 + (seed >> 4) % (DAMAGE_COUNT - 1));
        }
        arena_reset(&a);
        if (!audit_with(&a, pick[0], damage[0], pick[1], damage[1], &r))
            continue;
        (void)snprintf(what, sizeof what, "%s %s and %s %s", str_to_c(&a, snapshot.answer[pick[0]].path), damage_name[damage[0]],
                       str_to_c(&a, snapshot.answer[pick[1]].path), damage_name[damage[1]]);
        compare(&r, what);
    }
}
END_TEST

/* The roll-up of verdicts is a maximum: commutative, associative, idempotent. */
START_TEST(test_roll_up)
{
    for (int a = 0; a < VERDICT_COUNT; a++) {
        ck_assert_int_eq(verdict_roll_up((enum verdict)a, (enum verdict)a), a);
        for (int b = 0; b < VERDICT_COUNT; b++) {
            enum verdict ab = verdict_roll_up((enum verdict)a, (enum verdict)b);
            ck_assert_int_eq(ab, verdict_roll_up((enum verdict)b, (enum verdict)a));
            for (int c = 0; c < VERDICT_COUNT; c++)
                ck_assert_int_eq(verdict_roll_up(ab, (enum verdict)c),
                                 verdict_roll_up((enum verdict)a, verdict_roll_up((enum verdict)b, (enum verdict)c)));
        }
    }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("no unearned pass");
    TCase *t = tcase_create("damage");
    tcase_set_timeout(t, 900);
    tcase_add_unchecked_fixture(t, setup_mix, teardown);
    tcase_add_test(t, test_baseline_has_all_verdicts);
    tcase_add_loop_test(t, test_each_answer_damaged, DAMAGE_REMOVED, DAMAGE_COUNT);
    tcase_add_test(t, test_pairs_damaged);
    tcase_add_test(t, test_roll_up);
    suite_add_tcase(s, t);
    t = tcase_create("damage, kubelets asked");
    tcase_set_timeout(t, 900);
    tcase_add_unchecked_fixture(t, setup_kubelets, teardown);
    tcase_add_test(t, test_baseline_has_all_verdicts);
    tcase_add_test(t, test_kubelets_were_judged);
    tcase_add_loop_test(t, test_each_answer_damaged, DAMAGE_REMOVED, DAMAGE_COUNT);
    tcase_add_test(t, test_pairs_damaged);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? 1 : 0;
}
