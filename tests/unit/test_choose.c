/* Which benchmark --benchmark auto takes, and why. */
#include "cli/choose.h"

#include "base/log.h"
#include "cli/data.h"

#include <check.h>
#include <stdlib.h>

static struct arena arena;
static struct cluster cluster;

static void setup(void)
{
    cluster = (struct cluster){ 0 }; /* tests may run in one process */
    cluster_init(&cluster, &arena);
    for (size_t k = 0; k < KIND_COUNT; k++)
        cluster.coverage[k].state = COVERAGE_COMPLETE;
    for (size_t e = 0; e < ENDPOINT_COUNT; e++)
        cluster.endpoint[e].state = COVERAGE_COMPLETE;
    cluster.endpoint[ENDPOINT_KUBEADM_CONFIG].state = COVERAGE_NOT_SERVED;
    struct value_builder groups;
    value_builder_init(&groups, &arena);
    value_builder_set(&groups, "apps", value_list(NULL, 0));
    cluster.api_groups = value_builder_map(&groups);
}
static void teardown(void)
{
    arena_release(&arena);
}

static const struct {
    const char *version;
    int minor;
    const char *benchmark, *why;
} row[] = {
    { "v1.25.9", 25, "cis-kubernetes-1.10", "the server is Kubernetes v1.25.9" },
    { "v1.28.9", 28, "cis-kubernetes-1.10", "the server is Kubernetes v1.28.9" },
    { "v1.29.0", 29, "cis-kubernetes-1.11", "Kubernetes v1.29.0" },
    { "v1.31.4", 31, "cis-kubernetes-1.11", "Kubernetes v1.31.4" },
    { "v1.32.0", 32, "cis-kubernetes-1.12", "Kubernetes v1.32.0" },
    { "v1.33.7", 33, "cis-kubernetes-1.12", "Kubernetes v1.33.7" },
    { "v1.34.0", 34, "cis-kubernetes-2.0.1", "Kubernetes v1.34.0" },
    { "v1.35.4", 35, "cis-kubernetes-2.0.1", "nothing tells of a platform" },
    { "v1.36.0", 36, "cis-kubernetes-2.0.1", "no final benchmark is written for so new a version yet" },
    { "v1.33.4+k3s1", 33, "cis-k3s-1.12", "the platform is k3s (the API server's version v1.33.4+k3s1)" },
    { "v1.33.4+rke2r1", 33, "cis-rke2-1.12", "the platform is rke2" },
    { "v1.33.1-eks-595af52", 33, "cis-eks-1.8", "the platform is eks" },
    { "v1.33.2-gke.1111000", 33, "cis-gke-1.9", "the platform is gke" },
    { "v1.33.4+k0s", 33, "cis-kubernetes-1.12", "the platform is k0s" },
    { "", -1, "cis-kubernetes-2.0.1", "the server's version is not known" },
};

START_TEST(choices)
{
    cluster.git_version = str_from_c(row[_i].version);
    cluster.minor = row[_i].minor;
    struct choice c = choose_of(&arena, &cluster);
    ck_assert_msg(str_eq_c(c.benchmark, row[_i].benchmark), "%s: %.*s", row[_i].version, STR_ARG(c.benchmark));
    ck_assert_int_eq(c.minor, row[_i].minor);
    ck_assert_msg(str_contains(c.reason, str_from_c(row[_i].why)), "%s: %.*s", row[_i].version, STR_ARG(c.reason));
}
END_TEST

/* What is newer is told where it is for the server's version, and only there. */
START_TEST(newer_edition)
{
    static const struct {
        int minor;
        const char *reason;
    } newer[] = {
        { 33, "why" },
        { 34, "why; a newer edition, X 2.0, is written for this version" },
        { 36, "why" },
        { -1, "why" },
    };
    struct benchmark b = { .superseded_by = { .title = STR("X 2.0"), .version = STR("2.0"), .kubernetes = STR("1.34 - 1.35") } };
    for (size_t i = 0; i < COUNT_OF(newer); i++) {
        struct choice c = { .reason = STR("why"), .minor = newer[i].minor };
        ck_assert_str_eq(str_to_c(&arena, choose_reason(&arena, &c, &b)), newer[i].reason);
    }
    b.superseded_by.title = (struct str){ 0 };
    ck_assert_str_eq(str_to_c(&arena, choose_reason(&arena, &(struct choice){ .reason = STR("why"), .minor = 34 }, &b)), "why");
}
END_TEST

START_TEST(openshift_by_its_groups)
{
    struct value_builder groups;
    value_builder_init(&groups, &arena);
    value_builder_set(&groups, "config.openshift.io", value_list(NULL, 0));
    cluster.api_groups = value_builder_map(&groups);
    cluster.git_version = STR("v1.32.6");
    cluster.minor = 32;
    struct choice c = choose_of(&arena, &cluster);
    ck_assert(str_eq_c(c.benchmark, "cis-openshift-1.9"));
    ck_assert_msg(str_contains(c.reason, STR("config.openshift.io")), "%.*s", STR_ARG(c.reason));
}
END_TEST

/* What is chosen is shipped. */
START_TEST(chosen_ones_are_there)
{
    struct str *name;
    size_t count;
    const char *src = getenv("srcdir");
    ck_assert_int_eq(setenv("KUBEVOUCH_DATA_DIR", src ? src : ".", 1), 0);
    data_benchmark_names(&name, &count, &arena);
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        bool found = false;
        for (size_t k = 0; k < count; k++)
            found |= str_eq_c(name[k], row[i].benchmark);
        ck_assert_msg(found, "%s is not shipped", row[i].benchmark);
    }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("choose");
    TCase *t = tcase_create("choose");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_loop_test(t, choices, 0, (int)(sizeof row / sizeof *row));
    tcase_add_test(t, newer_edition);
    tcase_add_test(t, openshift_by_its_groups);
    tcase_add_test(t, chosen_ones_are_there);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
