/* Editions of a benchmark: ranges of versions, and what lint says of a newer edition that cannot be one. */
#include "bench/edition.h"

#include <check.h>
#include <stdlib.h>

static struct arena arena;

static void setup(void)
{
}
static void teardown(void)
{
    arena_release(&arena);
}

static const struct {
    const char *range;
    bool read;
    int low, high;
} range_row[] = {
    { "1.34 - 1.35", true, 34, 35 }, { "1.28", true, 28, 28 },      { "1.28-1.30", true, 28, 30 },
    { "1.35 - 1.34", false, 0, 0 },  { "", false, 0, 0 },           { "1.34 -", false, 0, 0 },
    { "2.1 - 2.3", false, 0, 0 },    { "1.x - 1.35", false, 0, 0 }, { "1.-1", false, 0, 0 },
    { "all of them", false, 0, 0 },
};
START_TEST(ranges)
{
    int64_t from = -7, to = -7;
    struct str range = str_from_c(range_row[_i].range);
    ck_assert_msg(edition_range(range, &from, &to) == range_row[_i].read, "\"%s\"", range_row[_i].range);
    ck_assert_int_eq(from, range_row[_i].read ? range_row[_i].low : -7);
    ck_assert_int_eq(to, range_row[_i].read ? range_row[_i].high : -7);
    for (int minor = -1; minor < 50; minor++)
        ck_assert(edition_covers(range, minor) == (range_row[_i].read && minor >= range_row[_i].low && minor <= range_row[_i].high));
}
END_TEST

#define HEAD                                                                                                                               \
    "benchmark: cis-x\nversion: \"1.12\"\ntitle: X\nkubernetes: \"1.30 - 1.31\"\ndescription: d\nsections: [{id: \"1\", title: One}]\n"    \
    "profiles: [{id: L1, title: One, level: 1}]\nchecks: [{id: \"1.1\", section: \"1\", title: T, level: 1, role: worker, severity: low, " \
    "assessment: manual, rationale: r, remediation: m, attestation: true, questions: [q]}]\n"
/* What supersededBy holds, and the fault; NULL: none. The benchmark stands in benchmarks/. */
static const struct {
    const char *edition, *fault;
} fault_row[] = {
    { "{title: X 2.0, version: \"2.0\", kubernetes: \"1.32 - 1.33\", published: \"2026-03\", note: not public}", NULL },
    { "{title: X 1.12.1, version: \"1.12.1\", kubernetes: \"1.32\", published: \"2026\", benchmark: cis-kubernetes-2.1.0}", NULL },
    { "{title: X 1.12, version: \"1.12\", kubernetes: \"1.32\"}", "version \"1.12\" is not newer" },
    { "{title: X 1.9, version: \"1.9\", kubernetes: \"1.32\"}", "version \"1.9\" is not newer" },
    { "{title: X two, version: two, kubernetes: \"1.32\"}", "version \"two\" is not newer" },
    { "{title: X 2.0, version: \"2.0\", kubernetes: \"1.33 - 1.32\"}", "\"1.33 - 1.32\" is no range" },
    { "{title: X 2.0, version: \"2.0\", kubernetes: \"1.32\", published: \"2026-13\"}", "published \"2026-13\"" },
    { "{title: X 2.0, version: \"2.0\", kubernetes: \"1.32\", published: soon}", "published \"soon\"" },
    { "{title: X 2.0, version: \"2.0\", kubernetes: \"1.32\", benchmark: cis-nothing-9}", "no cis-nothing-9.yaml beside this file" },
    { "{title: X 2.0, version: \"2.0\", kubernetes: \"1.32\", benchmark: frameworks/soc2}", "no frameworks/soc2.yaml beside this file" },
    { "{version: \"2.0\", kubernetes: \"1.32\"}", "title" },
    { "{title: X 2.0, version: \"2.0\", kubernetes: \"1.32\", when: now}", "when" },
};
START_TEST(faults)
{
    const char *top = getenv("srcdir");
    char *name = str_to_c(&arena, str_printf(&arena, "%s/benchmarks/x.yaml", top ? top : "."));
    struct faults found = { 0 };
    struct benchmark b;
    bool ok = benchmark_parse(&b, &arena, str_printf(&arena, HEAD "supersededBy: %s\n", fault_row[_i].edition), name, &found);
    ck_assert_msg(ok == !fault_row[_i].fault, "%s: %s", fault_row[_i].edition,
                  found.item.count ? str_to_c(&arena, found.item.item[0].text) : "no fault");
    if (!ok)
        ck_assert_msg(str_contains(found.item.item[0].text, str_from_c(fault_row[_i].fault)), "%.*s", STR_ARG(found.item.item[0].text));
}
END_TEST

START_TEST(texts)
{
    struct benchmark b = { .superseded_by = { .title = STR("X 2.0"), .version = STR("2.0"), .kubernetes = STR("1.32 - 1.33") } };
    ck_assert_str_eq(str_to_c(&arena, edition_text(&arena, &b)), "X 2.0, for Kubernetes 1.32 - 1.33");
    b.superseded_by.published = STR("2026"), b.superseded_by.note = STR("not public"), b.superseded_by.benchmark = STR("cis-x-2.0");
    ck_assert_str_eq(str_to_c(&arena, edition_text(&arena, &b)),
                     "X 2.0, for Kubernetes 1.32 - 1.33, published 2026: not public (--benchmark cis-x-2.0)");
    b.superseded_by.title = STR("");
    ck_assert_uint_eq(edition_text(&arena, &b).n, 0);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("edition");
    TCase *t = tcase_create("edition");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_loop_test(t, ranges, 0, COUNT_OF(range_row));
    tcase_add_loop_test(t, faults, 0, COUNT_OF(fault_row));
    tcase_add_test(t, texts);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
