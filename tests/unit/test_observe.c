/* What a part shows of its rows, and what the grade of evidence allows it to say. */
#include "audit/audit.h"
#include "cluster/manifests.h"

#include <check.h>

static struct arena arena;

static void teardown(void)
{
    arena_release(&arena);
}

#define BENCHMARK(extra)                                                                                    \
    "benchmark: b\nversion: '1'\ntitle: t\nkubernetes: '1.30'\ndescription: d\n"                            \
    "sections: [{id: '1', title: s}]\nprofiles: [{id: L1, title: p, level: 1}]\n"                           \
    "params: [{name: least, description: d, default: 30}]\n"                                                \
    "checks:\n- {id: '1.1', section: '1', title: t, level: 1, role: r, severity: low, assessment: manual, " \
    "rationale: r, remediation: m, over: cluster, " extra "}\n"

/* The result of the one check, over a cluster of nothing. */
static const struct check_result *audit(struct result *r, const char *text)
{
    struct benchmark *b = arena_new(&arena, struct benchmark);
    struct faults faults = { 0 };
    struct cluster *cluster = arena_new(&arena, struct cluster);
    struct collected collected = { .cluster = cluster };
    struct client_limits limits;
    struct client client;
    struct err err = { 0 };
    bool read = benchmark_parse(b, &arena, str_from_c(text), "b.yaml", &faults);
    struct str fault = faults.item.count ? faults.item.item[0].text : (struct str){ 0 };
    ck_assert_msg(read, "%.*s", STR_ARG(fault));
    cluster_init(cluster, &arena);
    struct audit_options o = { 0 };
    ck_assert(benchmark_params(b, NULL, 0, &arena, &o.params, &err));
    struct audit *au = audit_open(&arena, b, cluster, &o);
    struct collect_observer observer = { .object = audit_object, .early_done = audit_early_done, .ctx = au };
    struct collect_options needs = audit_needs(au);
    client_limits_default(&limits);
    client_init(&client, manifests_of(&arena, NULL, 0, value_null()), &arena, &limits);
    ck_assert_msg(collect_run(&collected, &client, &needs, &observer, &err), "%s", err.text);
    ck_assert_msg(audit_finish(au, NULL, 0, r, &err), "%s", err.text);
    ck_assert_uint_eq(r->check_count, 1);
    return &r->check[0];
}

#define HOLDS     "validations: [{expression: 'true', message: m}]"
#define HOLDS_NOT "validations: [{expression: 'false', message: it is off}]"
#define GRADE(g)  ", provenance: \"{'grade': '" g "', 'source': 'ConfigMap a/b', 'instance': 'one'}\""

static const struct {
    const char *text;
    enum verdict want;
    const char *reason; /* part of it; NULL: any */
} grade_row[] = {
    { BENCHMARK(HOLDS), VERDICT_PASS, NULL },
    { BENCHMARK(HOLDS GRADE("observed")), VERDICT_PASS, NULL },
    { BENCHMARK(HOLDS GRADE("effective")), VERDICT_PASS, NULL },
    { BENCHMARK(HOLDS GRADE("declared")), VERDICT_UNKNOWN, "ConfigMap a/b declares it" },
    { BENCHMARK(HOLDS GRADE("")), VERDICT_UNKNOWN, NULL },
    { BENCHMARK(HOLDS GRADE("Effective")), VERDICT_UNKNOWN, NULL },
    { BENCHMARK(HOLDS ", provenance: \"{'instance': 'one'}\""), VERDICT_UNKNOWN, NULL },
    { BENCHMARK(HOLDS ", provenance: 'dyn(object).nothing'"), VERDICT_UNKNOWN, "where its evidence comes from" },
    { BENCHMARK(HOLDS_NOT GRADE("observed")), VERDICT_FAIL, "it is off" },
    { BENCHMARK(HOLDS_NOT GRADE("declared")), VERDICT_UNKNOWN, "declares otherwise (it is off)" },
    { BENCHMARK(HOLDS_NOT ", provenance: 'dyn(object).nothing'"), VERDICT_FAIL, NULL },
};

START_TEST(declared_evidence_decides_nothing)
{
    struct result r = { 0 };
    const struct check_result *c = audit(&r, grade_row[_i].text);
    ck_assert_msg(c->verdict == grade_row[_i].want, "row %d: %s", _i, verdict_name(c->verdict));
    if (grade_row[_i].reason)
        ck_assert_msg(str_contains(c->reason, str_from_c(grade_row[_i].reason)), "%.*s", STR_ARG(c->reason));
}
END_TEST

START_TEST(what_was_seen_is_shown)
{
    struct result r = { 0 };
    const struct check_result *c =
        audit(&r, BENCHMARK(HOLDS GRADE("effective") ", seen: 'params.least + 1', "
                                                     "wanted: 'at least {params.least} days', defaulted: 'params.least == 30'"));
    const struct part_result *p = &c->part[0];
    ck_assert_uint_eq(p->observation_count, 1);
    ck_assert(str_eq_c(p->wanted, "at least 30 days"));
    ck_assert(str_eq_c(p->observation[0].seen, "31"));
    ck_assert(str_eq_c(p->observation[0].grade, "effective"));
    ck_assert(str_eq_c(p->observation[0].source, "ConfigMap a/b"));
    ck_assert(str_eq_c(p->observation[0].instance[0], "one"));
    ck_assert_int_eq(p->observation[0].defaulted, 1);
    ck_assert_int_eq(p->observation[0].outcome, VERDICT_PASS);
    ck_assert_uint_eq(p->observation[0].count, 1);
}
END_TEST

START_TEST(what_could_not_be_seen_is_told_so)
{
    struct result r = { 0 };
    const struct check_result *c = audit(&r, BENCHMARK(HOLDS_NOT ", seen: 'dyn(object).nothing', wanted: x"));
    ck_assert_uint_eq(c->part[0].observation_count, 1);
    ck_assert(!c->part[0].observation[0].has_seen);
    ck_assert_int_eq(c->part[0].observation[0].defaulted, -1);
    ck_assert_uint_eq(r.finding_count, 1);
    struct finding f;
    struct err err = { 0 };
    ck_assert(result_finding(&r, &f, 0, &arena, &err));
    ck_assert_ptr_nonnull(f.observation);
    ck_assert_int_eq(f.observation->outcome, VERDICT_FAIL);
}
END_TEST

/* Each is within the budget of an expression; twelve of them are not within that of an object. */
#define COSTLY   "{expression: 'lists.range(400000).all(i, i >= 0)', message: m}"
#define COSTLY_3 COSTLY ", " COSTLY ", " COSTLY

static const struct {
    const char *text;
    enum verdict want;
} budget_row[] = {
    { BENCHMARK("validations: [" COSTLY_3 "]"), VERDICT_PASS },
    { BENCHMARK("validations: [" COSTLY_3 ", " COSTLY_3 ", " COSTLY_3 ", " COSTLY_3 "]"), VERDICT_UNKNOWN },
};

START_TEST(an_object_has_a_budget)
{
    struct result r = { 0 };
    const struct check_result *c = audit(&r, budget_row[_i].text);
    ck_assert_msg(c->verdict == budget_row[_i].want, "row %d: %s, %.*s", _i, verdict_name(c->verdict), STR_ARG(c->reason));
}
END_TEST

static const struct {
    const char *text, *fault;
} fault_row[] = {
    { BENCHMARK(HOLDS ", seen: 'params.least', wanted: 'at least {params.most}'"), "no parameter \"most\"" },
    { BENCHMARK(HOLDS ", wanted: 'x'"), "\"seen\", which is missing" },
    { BENCHMARK(HOLDS ", seen: 'nothing'"), "nothing" },
};

START_TEST(faults_in_what_is_shown)
{
    struct benchmark b;
    struct faults faults = { 0 };
    ck_assert(!benchmark_parse(&b, &arena, str_from_c(fault_row[_i].text), "b.yaml", &faults));
    ck_assert_msg(str_contains(faults.item.item[0].text, str_from_c(fault_row[_i].fault)), "%.*s", STR_ARG(faults.item.item[0].text));
}
END_TEST

int main(void)
{
    Suite *s = suite_create("observe");
    TCase *t = tcase_create("observe");
    tcase_add_checked_fixture(t, NULL, teardown);
    tcase_add_loop_test(t, declared_evidence_decides_nothing, 0, sizeof grade_row / sizeof *grade_row);
    tcase_add_test(t, what_was_seen_is_shown);
    tcase_add_test(t, what_could_not_be_seen_is_told_so);
    tcase_add_loop_test(t, an_object_has_a_budget, 0, sizeof budget_row / sizeof *budget_row);
    tcase_add_loop_test(t, faults_in_what_is_shown, 0, sizeof fault_row / sizeof *fault_row);
    suite_add_tcase(s, t);
    SRunner *run = srunner_create(s);
    srunner_run_all(run, CK_ENV);
    int failed = srunner_ntests_failed(run);
    srunner_free(run);
    return failed ? 1 : 0;
}
