/* Metrics read line by line as they arrive. */
#include "cluster/metrics.h"

#include <check.h>

static struct arena arena;
static struct err err;

static void teardown(void)
{
    arena_release(&arena);
    err_clear(&err);
}

static const char sample[] =
    "# HELP apiserver_audit_event_total Counter of audit events\n"
    "# TYPE apiserver_audit_event_total counter\n"
    "apiserver_audit_event_total 0\n"
    "apiserver_request_total{code=\"200\",path=\"a \\\" b\"} 12\n"
    "apiserver_admission_controller_admission_duration_seconds_count{name=\"PodSecurity\",operation=\"CREATE\",rejected=\"false\",type="
    "\"validate\"} 3\n"
    "apiserver_admission_controller_admission_duration_seconds_count{name=\"PodSecurity\",operation=\"UPDATE\",rejected=\"false\",type="
    "\"validate\"} 4\n"
    "apiserver_storage_transformation_operations_total{resource=\"secrets\",status=\"OK\",transformation_type=\"to_storage\",transformer_"
    "prefix=\"k8s:enc:aescbc:v1:\"} 1.5e+01\n"
    "apiserver_storage_transformation_operations_total { status = \"OK\" , transformer_prefix=\"\", } 2 1700000000000\n"
    "kubernetes_feature_enabled{name=\"a\\\\b\\n\\\"c\",stage=\"\"} +Inf\r\n"
    "process_start_time_seconds 1.7e9\n";

static double number_at(struct value m, const char *family, uint32_t row)
{
    const struct value *list = value_get(m, str_from_c(family));
    ck_assert_ptr_nonnull(list);
    ck_assert_uint_lt(row, list->n);
    const struct value *v = value_get(value_item(*list, row), STR("value"));
    ck_assert_int_eq(v->kind, VALUE_DOUBLE);
    return v->as.d;
}

static struct str label_at(struct value m, const char *family, uint32_t row, const char *label)
{
    return value_text_at(value_item(*value_get(m, str_from_c(family)), row), label, NULL);
}

static void check_sample(struct value m)
{
    ck_assert_uint_eq(m.n, 5);
    ck_assert(number_at(m, "apiserver_audit_event_total", 0) == 0);
    ck_assert_uint_eq(value_get(m, STR("apiserver_admission_controller_admission_duration_seconds_count"))->n, 1);
    ck_assert(number_at(m, "apiserver_admission_controller_admission_duration_seconds_count", 0) == 7);
    ck_assert(number_at(m, "apiserver_storage_transformation_operations_total", 0) == 15);
    ck_assert(str_eq_c(label_at(m, "apiserver_storage_transformation_operations_total", 0, "transformer_prefix"), "k8s:enc:aescbc:v1:"));
    ck_assert(number_at(m, "apiserver_storage_transformation_operations_total", 1) == 2);
    ck_assert(str_eq_c(label_at(m, "apiserver_storage_transformation_operations_total", 1, "status"), "OK"));
    ck_assert(str_eq_c(label_at(m, "apiserver_storage_transformation_operations_total", 1, "resource"), ""));
    ck_assert(str_eq_c(label_at(m, "kubernetes_feature_enabled", 0, "name"), "a\\b\n\"c"));
    ck_assert(number_at(m, "kubernetes_feature_enabled", 0) > 1e300);
    ck_assert_ptr_null(value_get(m, STR("apiserver_request_total")));
}

START_TEST(reads_what_is_kept)
{
    struct value m;
    ck_assert_msg(metrics_read(&m, &arena, str_from_c(sample), &err), "%s", err.text);
    check_sample(m);
}
END_TEST

START_TEST(chunks_may_be_cut_anywhere)
{
    for (size_t step = 1; step < 40; step++) {
        struct metrics m;
        struct value v;
        struct str all = str_from_c(sample);
        metrics_open(&m, &arena);
        for (size_t at = 0; at < all.n; at += step)
            ck_assert_msg(metrics_feed(&m, str_sub(all, at, at + step), &err), "%s", err.text);
        ck_assert(metrics_end(&m, &v, &err));
        metrics_close(&m);
        check_sample(v);
    }
}
END_TEST

static const struct {
    const char *text, *error;
} bad_row[] = {
    { "apiserver_audit_event_total\n", "line 1" },
    { "apiserver_audit_event_total x\n", "line 1" },
    { "\n\napiserver_audit_level_total{level=\"a\" 1\n", "line 3" },
    { "apiserver_audit_level_total{level=\"a} 1\n", "line 1" },
    { "apiserver_audit_level_total{level=\"a\\\n", "line 1" },
    { "apiserver_audit_level_total{level} 1\n", "line 1" },
    { "apiserver_audit_level_total{=\"x\"} 1\n", "line 1" },
    { "apiserver_audit_level_total{level=\"a\"\n", "line 1" },
    { "apiserver_audit_level_total{\n", "line 1" },
    { "apiserver_audit_event_total 1", "ends inside line 1" },
    { "a 1\n# cut here", "ends inside line 2" },
};

START_TEST(says_what_is_wrong)
{
    struct value m;
    ck_assert(!metrics_read(&m, &arena, str_from_c(bad_row[_i].text), &err));
    ck_assert_int_eq(err.code, ERR_INPUT);
    ck_assert_msg(strstr(err.text, bad_row[_i].error) != NULL, "%s", err.text);
}
END_TEST

START_TEST(other_families_may_be_anything)
{
    struct value m;
    ck_assert(
        metrics_read(&m, &arena, STR("nonsense{{{\n\x80\xff\n}{\napiserver_audit_event_totals x\napiserver_audit_event_total 4\n"), &err));
    ck_assert_uint_eq(m.n, 1);
    ck_assert(number_at(m, "apiserver_audit_event_total", 0) == 4);
}
END_TEST

static void feed_long_line(struct metrics *m, const char *start, bool *ok)
{
    static char filler[1000];
    memset(filler, 'x', sizeof filler);
    *ok = metrics_feed(m, str_from_c(start), &err);
    for (int i = 0; *ok && i < 40; i++)
        *ok = metrics_feed(m, str_of(filler, sizeof filler), &err);
    *ok = *ok && metrics_feed(m, STR("\n"), &err);
}

START_TEST(a_long_line_is_skipped_or_refused)
{
    struct metrics m;
    struct value v;
    bool ok;
    metrics_open(&m, &arena);
    feed_long_line(&m, "other_family{a=\"", &ok);
    ck_assert_msg(ok, "%s", err.text);
    ck_assert(metrics_feed(&m, STR("apiserver_audit_event_total 4\n"), &err));
    ck_assert(metrics_end(&m, &v, &err));
    ck_assert(number_at(v, "apiserver_audit_event_total", 0) == 4);
    metrics_close(&m);
    metrics_open(&m, &arena);
    feed_long_line(&m, "apiserver_audit_level_total{level=\"", &ok);
    ck_assert(!ok);
    ck_assert_int_eq(err.code, ERR_LIMIT);
    metrics_close(&m);
}
END_TEST

START_TEST(series_are_limited)
{
    struct buf b = BUF_INIT((size_t)8 << 20);
    struct value v;
    for (unsigned i = 0; i <= METRICS_SERIES_MAX; i++)
        buf_addf(&b, "apiserver_audit_level_total{level=\"%u\"} 1\n", i);
    ck_assert(!metrics_read(&v, &arena, buf_str(&b), &err));
    ck_assert_int_eq(err.code, ERR_LIMIT);
    buf_release(&b);
}
END_TEST

START_TEST(labels_are_limited)
{
    struct buf b = BUF_INIT((size_t)8 << 20);
    struct value v;
    buf_add_c(&b, "apiserver_audit_level_total{");
    for (unsigned i = 0; i <= METRICS_LABELS_MAX; i++)
        buf_addf(&b, "l%u=\"\",", i);
    buf_add_c(&b, "} 1\n");
    ck_assert(!metrics_read(&v, &arena, buf_str(&b), &err));
    buf_release(&b);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("metrics");
    TCase *t = tcase_create("all");
    tcase_add_checked_fixture(t, NULL, teardown);
    tcase_set_timeout(t, 60);
    tcase_add_test(t, reads_what_is_kept);
    tcase_add_test(t, chunks_may_be_cut_anywhere);
    tcase_add_loop_test(t, says_what_is_wrong, 0, (int)(sizeof bad_row / sizeof *bad_row));
    tcase_add_test(t, other_families_may_be_anything);
    tcase_add_test(t, a_long_line_is_skipped_or_refused);
    tcase_add_test(t, series_are_limited);
    tcase_add_test(t, labels_are_limited);
    suite_add_tcase(s, t);
    SRunner *runner = srunner_create(s);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
