/* No unearned pass: whatever answer of a recorded cluster is taken away, forbidden, cut, delayed past its
 * limit or corrupted, no verdict turns into PASS, no FAIL into anything but FAIL or UNKNOWN, and the low
 * end of the score does not rise. */
#include "audit/audit.h"
#include "audit/third_party.h"
#include "base/file.h"
#include "cluster/kind_schema.h"
#include "cluster/snapshot.h"
#include "cluster/third_party_read.h"
#include "unit/damage.h"

#include <check.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef TEST_CLUSTER
#define TEST_CLUSTER "tests/clusters/mix"
#endif
#ifndef TEST_KUBELETS
#define TEST_KUBELETS "tests/clusters/kubelets"
#endif
#ifndef TEST_BENCHMARK
#define TEST_BENCHMARK "benchmarks/cis-kubernetes-2.0.1.yaml"
#endif

static struct str folder(void)
{
    const char *given = getenv("srcdir");
    return given ? str_from_c(given) : STR(".");
}

/* ---- one audit */

static struct arena keep; /* benchmark, snapshot, the baseline */
static struct benchmark bench;
static struct snapshot snapshot;
static struct kind_schemas schemas; /* read once for all audits */
static struct value params;
static struct damage_request *asked; /* what the audit of the whole snapshot asked for */
static size_t asked_count;
static enum verdict *baseline;
static struct score baseline_score;
static const struct statements *given; /* NULL: none */

/* ---- one damage of each answer in turn: what comes before the answer is the same each time, so the audit is forked where it is asked for
 */

struct told { /* by the processes, in memory that they share */
    char text[1200];
    size_t changed;
};
static struct {
    enum damage damage; /* DAMAGE_NONE: nothing is forked */
    bool is_child;
    char what[512];
    struct told *told;
} forking;

/* A sanitizer looks for errors in memory, and makes an audit ten times as long: with one each damage meets a quarter of the answers,
 * another quarter than the next damage does. Without one it meets them all. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { STRIDE = 4 };
#else
enum { STRIDE = 1 };
#endif

static bool may_damage(struct str text)
{
    bool of_items = forking.damage == DAMAGE_OVERSIZE || forking.damage == DAMAGE_OTHER_ITEMS || forking.damage == DAMAGE_ENDLESS;
    for (size_t i = 0; i < asked_count; i++)
        if (str_eq(asked[i].text, text))
            return (i + (size_t)forking.damage) % STRIDE == 0 && (!of_items || asked[i].has_items);
    return true;
}

static void fork_here(void *ctx, struct damage_transport *d, struct str text)
{
    int status = 0;
    (void)ctx;
    if (!may_damage(text))
        return;
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child) {
        ck_assert_int_eq(waitpid(child, &status, 0), child);
        ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "%s",
                      forking.told->text[0] ? forking.told->text : "an audit of a damaged answer ended by itself");
        return;
    }
    forking.is_child = true;
    d->first_asked = NULL;
    d->victim[0] = (struct damage_victim){ .text = text, .damage = forking.damage };
    (void)snprintf(forking.what, sizeof forking.what, "%.*s %s", STR_ARG(text), damage_name[forking.damage]);
}

static void child_ends(bool ok)
{
    _exit(ok ? 0 : 1);
}

static struct damage_victim victim_of(size_t request, enum damage damage)
{
    return (struct damage_victim){ .text = asked_count ? asked[request].text : STR(""), .damage = damage };
}

/* False: the audit could not run at all, which earns nothing either. *seen: what was asked for; may be NULL. */
static bool audit_with(struct arena *a, struct damage_victim victim0, struct damage_victim victim1, struct result *r,
                       struct damage_transport **seen)
{
    struct damage_transport *d = damage_open(a, snapshot_transport(a, &snapshot));
    struct cluster *cluster = arena_new(a, struct cluster);
    struct collected collected = { .cluster = cluster };
    struct audit_options o = { .params = params, .statements = given };
    struct client_limits limits;
    struct client client;
    struct err err = { 0 };
    d->first_asked = forking.damage != DAMAGE_NONE ? fork_here : NULL;
    d->victim[0] = victim0;
    d->victim[1] = victim1;
    cluster_init(cluster, a);
    cluster->now = snapshot.recorded;
    cluster->schemas = &schemas;
    struct audit *au = audit_open(a, &bench, cluster, &o);
    struct collect_observer observer = { .object = audit_object, .early_done = audit_early_done, .ctx = au };
    struct collect_options needs = audit_needs(au);
    needs.kubelets = snapshot.kubelets;
    client_limits_default(&limits);
    limits.retries = 1;
    limits.item_bytes = DAMAGE_ITEM_BYTES;
    client_init(&client, &d->base, a, &limits);
    bool ran = collect_run(&collected, &client, &needs, &observer, &err);
    if (seen)
        *seen = d;
    if (!ran)
        return false;
    bool finished = audit_finish(au, NULL, 0, r, &err);
    if (!finished && forking.is_child) {
        (void)snprintf(forking.told->text, sizeof forking.told->text, "%s: %s", forking.what, err.text);
        child_ends(false);
    }
    ck_assert_msg(finished, "%s", err.text);
    return true;
}

/* What is better than it was, into text; true: nothing is. */
static bool is_no_better(const struct result *r, const char *what, char *text, size_t size)
{
    for (size_t i = 0; i < r->check_count; i++) {
        enum verdict before = baseline[i], now = r->check[i].verdict;
        bool to_pass = now == VERDICT_PASS, from_fail = before == VERDICT_FAIL && now != VERDICT_UNKNOWN;
        bool other = now != VERDICT_UNKNOWN && now != VERDICT_FAIL && before != VERDICT_NOT_APPLICABLE;
        if (before == now || !(to_pass || from_fail || other))
            continue;
        (void)snprintf(text, size, "%s: check %.*s was %s and is %s", what, STR_ARG(r->check[i].check->id), verdict_label(before),
                       verdict_label(now));
        return false;
    }
    if (!r->score.has_score || r->score.low_permille <= baseline_score.low_permille)
        return true;
    (void)snprintf(text, size, "%s: the score rose from %d to %d", what, baseline_score.low_permille, r->score.low_permille);
    return false;
}

static void compare(const struct result *r, const char *what)
{
    char text[1200] = "";
    bool ok = is_no_better(r, what, text, sizeof text);
    ck_assert_msg(ok, "%s", text);
}

static void setup(const char *cluster)
{
    struct err err = { 0 };
    struct faults faults = { 0 };
    struct result r = { 0 };
    char *file = str_to_c(&keep, file_join(&keep, folder(), STR(TEST_BENCHMARK)));
    char *dir = str_to_c(&keep, file_join(&keep, folder(), str_from_c(cluster)));
    ck_assert_msg(benchmark_load(&bench, &keep, file, &faults), "%s", file);
    ck_assert_msg(snapshot_read(&snapshot, &keep, dir, &err), "%s", err.text);
    ck_assert(benchmark_params(&bench, NULL, 0, &keep, &params, &err));
    kind_schemas_open(&schemas, &keep, &keep);
    struct damage_transport *d;
    ck_assert(audit_with(&keep, (struct damage_victim){ 0 }, (struct damage_victim){ 0 }, &r, &d));
    asked = d->asked.item;
    asked_count = d->asked.count;
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
    given = NULL;
    asked = NULL;
    asked_count = 0;
    arena_release(&keep);
}

START_TEST(test_baseline_has_all_verdicts)
{
    ck_assert_uint_gt(baseline_score.count[VERDICT_PASS], 0);
    ck_assert_uint_gt(baseline_score.count[VERDICT_FAIL], 0);
    ck_assert_uint_eq(bench.check_count, 131);
    ck_assert_uint_gt(asked_count, 25);
}
END_TEST

START_TEST(test_each_answer_damaged)
{
    struct arena a CLEANUP(arena_release) = { 0 };
    struct result r = { 0 };
    forking.told = mmap(NULL, sizeof *forking.told, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    ck_assert(forking.told != MAP_FAILED);
    forking.damage = (enum damage)_i;
    bool ran = audit_with(&a, (struct damage_victim){ 0 }, (struct damage_victim){ 0 }, &r, NULL);
    if (forking.is_child) {
        for (size_t i = 0; ran && i < r.check_count; i++)
            forking.told->changed += r.check[i].verdict != baseline[i];
        child_ends(!ran || is_no_better(&r, forking.what, forking.told->text, sizeof forking.told->text));
    }
    forking.damage = DAMAGE_NONE;
    compare(&r, "nothing damaged");
    ck_assert_msg(forking.told->changed > 0, "%s: no damage changed any verdict: the test damages nothing", damage_name[_i]);
    ck_assert_int_eq(munmap(forking.told, sizeof *forking.told), 0);
}
END_TEST

/* Each of their answers decides something: taken away, the checks that all others pass are UNKNOWN. */
START_TEST(test_kubelets_were_judged)
{
    struct arena a CLEANUP(arena_release) = { 0 };
    size_t kubelets = 0;
    for (size_t v = 0; v < asked_count; v++) {
        struct result r = { 0 };
        size_t lost = 0;
        if (!str_has_suffix(asked[v].text, STR("/configz")))
            continue;
        kubelets++;
        arena_reset(&a);
        ck_assert(audit_with(&a, victim_of(v, DAMAGE_FORBIDDEN), (struct damage_victim){ 0 }, &r, NULL));
        for (size_t i = 0; i < r.check_count; i++)
            lost += baseline[i] == VERDICT_PASS && r.check[i].verdict == VERDICT_UNKNOWN;
        ck_assert_uint_ge(lost, 5);
    }
    ck_assert_uint_eq(kubelets, 3);
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
            pick[k] = (seed >> 8) % asked_count;
            damage[k] = (enum damage)(1 + (seed >> 4) % (DAMAGE_COUNT - 1));
        }
        arena_reset(&a);
        if (!audit_with(&a, victim_of(pick[0], damage[0]), victim_of(pick[1], damage[1]), &r, NULL))
            continue;
        (void)snprintf(what, sizeof what, "%s %s and %s %s", str_to_c(&a, asked[pick[0]].text), damage_name[damage[0]],
                       str_to_c(&a, asked[pick[1]].text), damage_name[damage[1]]);
        compare(&r, what);
    }
}
END_TEST

/* Every control attested and everything waived by somebody: no control passes that did not, and none goes away. Void statements
 * leave all as it was. */
START_TEST(test_statements_earn_nothing)
{
    struct arena a CLEANUP(arena_release) = { 0 };
    struct result r = { 0 };
    struct faults faults = { 0 };
    struct statements all = { 0 };
    /* the cluster was recorded in 2026 */
    const char *expires = _i ? "2026-01-02" : "2099-01-01", *until = _i ? "2026-01-02" : "2027-06-01";
    struct str text = STR("attestations:\n");
    size_t stated = 0, waived = 0;
    for (size_t i = 0; i < bench.check_count; i++)
        text = str_printf(
            &a, "%.*s- {check: '%.*s', by: Jane Doe, date: 2026-01-01, expires: %s, conclusion: satisfied, statement: All is well.}\n",
            STR_ARG(text), STR_ARG(bench.check[i].id), expires);
    text = str_printf(&a, "%.*swaivers:\n", STR_ARG(text));
    for (size_t i = 0; i < bench.check_count; i++)
        text = str_printf(&a, "%.*s- {check: '%.*s', by: Jane Doe, reason: It is accepted., expires: %s}\n", STR_ARG(text),
                          STR_ARG(bench.check[i].id), until);
    ck_assert_msg(statements_parse(&all, &a, text, "s", &bench, &faults), "%.*s", STR_ARG(faults.item.item[0].text));
    given = &all;
    ck_assert(audit_with(&a, (struct damage_victim){ 0 }, (struct damage_victim){ 0 }, &r, NULL));
    given = NULL;
    for (size_t i = 0; i < r.check_count; i++) {
        enum verdict now = r.check[i].verdict;
        bool is_stated = now == VERDICT_ATTESTED || now == VERDICT_WAIVED;
        ck_assert_msg(now == baseline[i] || (is_stated && !_i), "%.*s was %s and is %s", STR_ARG(r.check[i].check->id),
                      verdict_label(baseline[i]), verdict_label(now));
        stated += is_stated;
        waived += now == VERDICT_WAIVED;
    }
    ck_assert(_i ? stated == 0 : waived > 0 && stated > waived);
    ck_assert_int_le(r.score.low_permille, baseline_score.low_permille);
}
END_TEST

/* Whatever another tool says of every control, verdicts and score are as they were. */
START_TEST(test_imports_earn_nothing)
{
    static const char *const said[] = { "PASS", "FAIL", "WARN", "INFO" };
    struct arena a CLEANUP(arena_release) = { 0 };
    struct result r = { 0 };
    struct third_party t = { 0 };
    struct err err = { 0 };
    struct str text = STR("{\"Controls\":[{\"version\":\"cis-1.12\",\"node_type\":\"master\",\"tests\":[{\"results\":[");
    size_t joined = 0;
    for (size_t i = 0; i < bench.check_count; i++)
        text = str_printf(&a, "%.*s%s{\"test_number\":\"%.*s\",\"status\":\"%s\"}", STR_ARG(text), i ? "," : "", STR_ARG(bench.check[i].id),
                          said[_i]);
    text = str_printf(&a, "%.*s]}]}],\"Totals\":{}}", STR_ARG(text));
    ck_assert_msg(third_party_parse(&t, &a, text, "import", snapshot.recorded, &err), "%s", err.text);
    ck_assert(audit_with(&a, (struct damage_victim){ 0 }, (struct damage_victim){ 0 }, &r, NULL));
    audit_join_third_party(&r, &t, 86400, &a);
    for (size_t i = 0; i < r.check_count; i++) {
        ck_assert_int_eq(r.check[i].verdict, baseline[i]);
        joined += r.check[i].third_party_count;
    }
    ck_assert_uint_gt(joined, 100);
    ck_assert_int_eq(r.score.low_permille, baseline_score.low_permille);
    ck_assert_int_eq(r.score.high_permille, baseline_score.high_permille);
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

/* Each damage a case of its own, so that one can be tried alone: CK_RUN_CASE=mix-oversize. */
static void add_damages(Suite *s, const char *recording, void (*setup_one)(void))
{
    static const char *const name[DAMAGE_COUNT] = {
        [DAMAGE_REMOVED] = "removed",     [DAMAGE_FORBIDDEN] = "forbidden", [DAMAGE_CUT] = "cut",         [DAMAGE_DELAYED] = "delayed",
        [DAMAGE_CORRUPTED] = "corrupted", [DAMAGE_OVERSIZE] = "oversize",   [DAMAGE_OTHER_KIND] = "kind", [DAMAGE_OTHER_ITEMS] = "items",
        [DAMAGE_PART] = "part",           [DAMAGE_ENDLESS] = "endless"
    };
    for (int damage = DAMAGE_REMOVED; damage < DAMAGE_COUNT; damage++) {
        static char title[2 * DAMAGE_COUNT][32]; /* Check keeps the name, not its text */
        char *one = title[damage + (setup_one == setup_kubelets ? DAMAGE_COUNT : 0)];
        (void)snprintf(one, sizeof *title, "%s-%s", recording, name[damage]);
        TCase *t = tcase_create(one);
        tcase_set_timeout(t, 900);
        tcase_add_unchecked_fixture(t, setup_one, teardown);
        tcase_add_loop_test(t, test_each_answer_damaged, damage, damage + 1);
        suite_add_tcase(s, t);
    }
}

static TCase *add_case(Suite *s, const char *name, void (*setup_one)(void))
{
    TCase *t = tcase_create(name);
    tcase_set_timeout(t, 900);
    tcase_add_unchecked_fixture(t, setup_one, teardown);
    tcase_add_test(t, test_baseline_has_all_verdicts);
    tcase_add_test(t, test_pairs_damaged);
    suite_add_tcase(s, t);
    return t;
}

int main(void)
{
    Suite *s = suite_create("no unearned pass");
    TCase *t = add_case(s, "mix", setup_mix);
    tcase_add_loop_test(t, test_statements_earn_nothing, 0, 2);
    tcase_add_loop_test(t, test_imports_earn_nothing, 0, 4);
    tcase_add_test(t, test_roll_up);
    add_damages(s, "mix", setup_mix);
    t = add_case(s, "kubelets", setup_kubelets);
    tcase_add_test(t, test_kubelets_were_judged);
    add_damages(s, "kubelets", setup_kubelets);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? 1 : 0;
}
