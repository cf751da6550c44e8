/* Other tools' results: read with their places, joined with the checks they are about, and never a verdict. */
#include "audit/audit.h"
#include "audit/third_party.h"
#include "base/file.h"
#include "cluster/manifests.h"
#include "cluster/third_party_read.h"
#include "unit/from_yaml.h"

static struct arena arena;
static struct err err;

static void teardown(void)
{
    arena_release(&arena);
    err_clear(&err);
}

static struct str folder(void)
{
    const char *given = getenv("srcdir");
    return given ? str_from_c(given) : STR(".");
}

#define BENCH(version, results) \
    "{\"Controls\":[{\"version\":\"" version "\",\"node_type\":\"master\",\"tests\":[{\"results\":[" results "]}]}],\"Totals\":{}}"
#define RESULT(id, status) "{\"test_number\":\"" id "\",\"status\":\"" status "\"}"
#define TRIVY(check) \
    "kind: ClusterInfraAssessmentReport\nmetadata: {name: r, creationTimestamp: '2026-12-31T00:00:00Z'}\nreport: {checks: [" check "]}\n"
#define OCP(rule, status) \
    "kind: ComplianceCheckResult\nmetadata: {name: r, annotations: {compliance.openshift.io/rule: " rule "}}\nstatus: " status "\n"

static const struct {
    const char *text, *control, *verdict; /* of the first result; verdict NULL: refused */
} row[] = {
    { BENCH("cis-1.12", RESULT("1.1.1", "PASS")), "1.1.1", "PASS" },
    { BENCH("cis-1.12", RESULT("5.2.9", "WARN")), "5.2.9", "WARN" },
    { BENCH("cis-1.11", RESULT("5.2.10", "FAIL")), "5.2.9", "FAIL" },
    { BENCH("cis-1.11", RESULT("5.2.9", "FAIL")), "", "FAIL" }, /* another control */
    { BENCH("cis-1.10", RESULT("1.1.1", "PASS")), "1.1.1", "PASS" },
    { BENCH("cis-1.10", RESULT("1.1.20", "FAIL")), "", "FAIL" }, /* asked for another mode */
    { BENCH("cis-1.10", RESULT("5.2.9", "FAIL")), "", "FAIL" },
    { BENCH("rke2-cis-1.8", RESULT("4.1.5", "PASS")), "4.1.5", "PASS" },
    { BENCH("eks-1.5.0", RESULT("3.1.1", "PASS")), "", "PASS" },
    { "[{\"version\":\"cis-1.12\",\"tests\":[{\"results\":[" RESULT("2.1", "INFO") "]}]}]", "2.1", "INFO" },
    { "{\"version\":\"cis-1.12\",\"tests\":[{\"results\":[" RESULT("2.1", "INFO") "]}]}", "2.1", "INFO" },
    { BENCH("cis-1.12", RESULT("1.1.1", "OK")), NULL, NULL },
    { BENCH("cis-1.12", "{\"test_number\":\"1.1.1\"}"), NULL, NULL },
    { BENCH("cis-1.12", "{\"test_number\":\"\",\"status\":\"PASS\"}"), NULL, NULL },
    { "{\"Controls\": 5}", NULL, NULL },
    { TRIVY("{checkID: KCV0048, success: true}"), "1.1.1", "PASS" },
    { TRIVY("{checkID: AVD-KCV-0067, success: false}"), "1.1.21", "FAIL" },
    { TRIVY("{checkID: KCV0001, success: true}"), "", "PASS" },
    { TRIVY("{checkID: KCV0048, success: 'yes, surely'}"), NULL, NULL },
    { TRIVY("{success: true}"), NULL, NULL },
    { OCP("file-groupowner-kube-apiserver", "PASS"), "1.1.2", "PASS" },
    { OCP("file-permissions-kubelet-conf", "PASS"), "", "PASS" },
    { OCP("x", "NOT-APPLICABLE"), "", "NOT-APPLICABLE" },
    { OCP("x", "GREEN"), NULL, NULL },
    { "kind: ComplianceCheckResult\nmetadata: {name: r, creationTimestamp: noon}\nstatus: PASS\n", NULL, NULL },
    { "kind: List\nitems: [{kind: List, items: []}]\n", NULL, NULL },
    { "kind: Pod\n", NULL, NULL },
    { "", NULL, NULL },
};

START_TEST(test_read)
{
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct third_party t = { 0 };
        err_clear(&err);
        bool ok = third_party_parse(&t, &arena, str_from_c(row[i].text), "import", (struct instant){ 7, 0 }, &err);
        ck_assert_msg(ok == (row[i].verdict != NULL), "%s: %s", row[i].text, err.text);
        if (!ok)
            continue;
        ck_assert_uint_eq(t.result.count, 1);
        ck_assert_text(t.result.item[0].control, row[i].control);
        ck_assert_text(t.result.item[0].verdict, row[i].verdict);
    }
}
END_TEST

START_TEST(test_files)
{
    struct third_party t = { 0 };
    struct str corpus = file_join(&arena, folder(), STR("tests/fuzz/corpus/third_party"));
    ck_assert_msg(third_party_read(&t, &arena, str_to_c(&arena, file_join(&arena, corpus, STR("kube-bench.json"))), &err), "%s", err.text);
    ck_assert_uint_eq(t.result.count, 4);
    ck_assert(t.result.item[0].dated_by_file);
    ck_assert_text(t.result.item[0].where, "master");
    ck_assert_msg(third_party_read(&t, &arena, str_to_c(&arena, file_join(&arena, corpus, STR("trivy.yaml"))), &err), "%s", err.text);
    ck_assert_uint_eq(t.result.count, 7);
    ck_assert_text(third_party_text(&arena, &t.result.item[5]), "Trivy 0.57.1 says FAIL of KCV0077 (cp-1), as of 2026-12-30T10:00:00Z");
    ck_assert_msg(third_party_read(&t, &arena, str_to_c(&arena, file_join(&arena, corpus, STR("openshift.yaml"))), &err), "%s", err.text);
    ck_assert_uint_eq(t.result.count, 9);
    ck_assert_text(
        third_party_text(&arena, &t.result.item[7]),
        "OpenShift Compliance Operator says PASS of file-owner-kube-apiserver in cis (ocp4-cis-node-master), as of 2026-12-31T00:00:00Z");
    ck_assert(!third_party_read(&t, &arena, "/nonexistent/kubevouch", &err));
}
END_TEST

/* Whatever others say, the verdicts and the score stay ours. */
START_TEST(test_decides_nothing)
{
    static const char *const said[] = { "PASS", "FAIL" };
    struct benchmark bench;
    struct faults faults = { 0 };
    struct value params;
    ck_assert(benchmark_load(&bench, &arena, str_to_c(&arena, file_join(&arena, folder(), STR("benchmarks/cis-kubernetes-2.0.1.yaml"))),
                             &faults));
    ck_assert(benchmark_params(&bench, NULL, 0, &arena, &params, &err));
    for (int i = 0; i < 2; i++) {
        struct cluster *cluster = arena_new(&arena, struct cluster);
        struct collected collected = { .cluster = cluster };
        struct client_limits limits;
        struct client client;
        struct result r = { 0 };
        struct third_party t = { 0 };
        cluster_init(cluster, &arena);
        cluster->now.s = 1798761600;
        struct audit_options o = { .params = params };
        struct audit *au = audit_open(&arena, &bench, cluster, &o);
        struct collect_observer observer = { .object = audit_object, .early_done = audit_early_done, .ctx = au };
        struct collect_options needs = audit_needs(au);
        client_limits_default(&limits);
        client_init(&client, manifests_of(&arena, NULL, 0, value_null()), &arena, &limits);
        ck_assert(collect_run(&collected, &client, &needs, &observer, &err) && audit_finish(au, NULL, 0, &r, &err));
        enum verdict *before = arena_array(&arena, enum verdict, r.check_count);
        struct score score = r.score;
        for (size_t c = 0; c < r.check_count; c++)
            before[c] = r.check[c].verdict;
        struct str text =
            str_printf(&arena,
                       "{\"Controls\":[{\"version\":\"cis-1.12\",\"tests\":[{\"results\":[{\"test_number\":\"1.1.1\",\"status\":\"%s\"},"
                       "{\"test_number\":\"9.9.9\",\"status\":\"PASS\"}]}]}]}",
                       said[i]);
        ck_assert(third_party_parse(&t, &arena, text, "import", (struct instant){ 1798761600 - 86400 * 30, 0 }, &err));
        audit_join_third_party(&r, &t, 7 * 86400, &arena);
        size_t joined = 0;
        for (size_t c = 0; c < r.check_count; c++) {
            ck_assert_int_eq(r.check[c].verdict, before[c]);
            joined += r.check[c].third_party_count;
            if (!str_eq_c(r.check[c].check->id, "1.1.1"))
                continue;
            ck_assert_int_eq(r.check[c].verdict, VERDICT_UNKNOWN);
            ck_assert(str_contains(r.check[c].reason, str_from_c(said[i])));
            ck_assert(str_contains(r.check[c].reason, STR("decides nothing here")) && str_contains(r.check[c].reason, STR("which is old")));
        }
        ck_assert_uint_eq(joined, 1);
        ck_assert_int_eq(r.score.low_permille, score.low_permille);
        ck_assert_int_eq(r.score.high_permille, score.high_permille);
    }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("third party");
    TCase *t = tcase_create("third party");
    tcase_add_checked_fixture(t, NULL, teardown);
    tcase_add_test(t, test_read);
    tcase_add_test(t, test_files);
    tcase_add_test(t, test_decides_nothing);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? 1 : 0;
}
