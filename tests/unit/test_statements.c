/* Attestations and waivers as files: what is taken, and each way of being refused, with its place. */
#include "bench/statements.h"

#include <check.h>
#include <stdlib.h>

static struct arena arena;
static struct check check[] = { { .id = STR_INIT("5.1.7") }, { .id = STR_INIT("5.2.2") } };
static const struct benchmark bench = { .id = STR_INIT("b-1"), .check = check, .check_count = 2 };

static bool parse(struct statements *out, struct bench_faults *faults, const char *text)
{
    return statements_parse(out, &arena, str_from_c(text), "s.yaml", &bench, faults);
}

#define ATTESTED(check, by, date, expires, conclusion, statement)                                                     \
    "attestations:\n- check: " check "\n  by: " by "\n  date: " date "\n  expires: " expires "\n  conclusion: " conclusion \
    "\n  statement: " statement "\n"
#define WAIVED(check, more, expires) "waivers:\n- check: " check "\n  by: jane\n  reason: agreed\n  expires: " expires "\n" more

START_TEST(taken)
{
    struct statements s = { 0 };
    struct bench_faults faults = { 0 };
    ck_assert(parse(&s, &faults, ATTESTED("'5.1.7'", "Jane", "2026-10-01", "2027-04-01T12:00:00+02:00", "not-satisfied", "two found")
                    WAIVED("5.2.*", "  object: Pod a/*\n  cluster: x\n", "2027-01-01")));
    ck_assert_uint_eq(s.attestation.count, 1);
    ck_assert(!s.attestation.item[0].satisfied);
    ck_assert_int_eq(s.attestation.item[0].date.s, 1790812800);
    ck_assert_int_eq(s.attestation.item[0].expires.s, 1806573600);
    ck_assert_uint_eq(s.waiver.count, 1);
    ck_assert(str_eq_c(s.waiver.item[0].object, "Pod a/*") && str_eq_c(s.waiver.item[0].cluster, "x"));
}
END_TEST

static const struct {
    const char *text, *says;
} refused_row[] = {
    { "attestation: []\n", "did you mean" },
    { ATTESTED("'9.9'", "J", "2026-10-01", "2027-04-01", "satisfied", "x"), "s.yaml:2:10: b-1 has no check \"9.9\"" },
    { ATTESTED("'5.1.7'", "J", "yesterday", "2027-04-01", "satisfied", "x"), "s.yaml:4:9: date: \"yesterday\" is no date" },
    { ATTESTED("'5.1.7'", "J", "2026-13-01", "2027-04-01", "satisfied", "x"), "is no date" },
    { ATTESTED("'5.1.7'", "J", "2027-04-01", "2027-04-01", "satisfied", "x"), "expires before it was made" },
    { ATTESTED("'5.1.7'", "J", "2026-10-01", "2027-04-01", "perhaps", "x"), "perhaps" },
    { ATTESTED("'5.1.7'", "' '", "2026-10-01", "2027-04-01", "satisfied", "x"), "by is empty" },
    { ATTESTED("'5.1.7'", "J", "2026-10-01", "2027-04-01", "satisfied", "''"), "statement is empty" },
    { WAIVED("4.*", "", "2027-01-01"), "s.yaml:2:10: b-1 has no check \"4.*\"" },
    { WAIVED("5.2.2", "  objects: x\n", "2027-01-01"), "s.yaml:6:3: " },
    { WAIVED("5.2.2", "", "never"), "expires: \"never\" is no date" },
    { "- 1\n", "s.yaml:1:1" },
    { "", "expected one YAML document" },
};

START_TEST(refused)
{
    struct statements s = { 0 };
    struct bench_faults faults = { 0 };
    ck_assert(!parse(&s, &faults, refused_row[_i].text));
    ck_assert_uint_ge(faults.item.count, 1);
    ck_assert_uint_eq(s.attestation.count + s.waiver.count, 0);
    ck_assert_msg(str_find(faults.item.item[0].text, str_from_c(refused_row[_i].says), 0) != SIZE_MAX, "%.*s", STR_ARG(faults.item.item[0].text));
}
END_TEST

int main(void)
{
    Suite *s = suite_create("statements");
    TCase *t = tcase_create("statements");
    tcase_add_test(t, taken);
    tcase_add_loop_test(t, refused, 0, (int)(sizeof refused_row / sizeof *refused_row));
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
