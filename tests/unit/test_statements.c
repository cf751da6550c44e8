/* Attestations and waivers as files: what is taken, and each way of being refused, with its place. */
#include "bench/statements.h"

#include <check.h>
#include <stdlib.h>

static struct arena arena;
static struct check check[] = { { .id = STR_INIT("5.1.7") }, { .id = STR_INIT("5.2.2") } };
static struct param param[] = { { .name = STR_INIT("allowed") } };
static const struct benchmark bench = { .id = STR_INIT("b-1"), .check = check, .check_count = 2, .param = param, .param_count = 1 };

static bool parse(struct statements *out, struct faults *faults, const char *text)
{
    return statements_parse(out, &arena, str_from_c(text), "s.yaml", &bench, faults);
}

#define ATTESTED(check, by, date, expires, conclusion, statement)                                                          \
    "attestations:\n- check: " check "\n  by: " by "\n  date: " date "\n  expires: " expires "\n  conclusion: " conclusion \
    "\n  statement: " statement "\n"
#define WAIVED(check, more, expires) "waivers:\n- check: " check "\n  by: jane\n  reason: agreed\n  expires: " expires "\n" more

#define APPROVED(parameter, owner, approver, created, expires)                                               \
    "parameters:\n- parameter: " parameter "\n  value: Group:ops\n  owner: " owner "\n  approver: " approver \
    "\n  reason: agreed\n  created: " created "\n  expires: " expires "\n"

START_TEST(taken)
{
    struct statements s = { 0 };
    struct faults faults = { 0 };
    ck_assert(parse(&s, &faults,
                    ATTESTED("'5.1.7'", "Jane", "2026-10-01", "2027-04-01T12:00:00+02:00", "not-satisfied", "two found")
                        WAIVED("5.2.*", "  object: Pod a/*\n  cluster: x\n", "2027-01-01")));
    ck_assert_uint_eq(s.attestation.count, 1);
    ck_assert(!s.attestation.item[0].satisfied);
    ck_assert_int_eq(s.attestation.item[0].date.s, 1790812800);
    ck_assert_int_eq(s.attestation.item[0].expires.s, 1806573600);
    ck_assert_uint_eq(s.waiver.count, 1);
    ck_assert(str_eq_c(s.waiver.item[0].object, "Pod a/*") && str_eq_c(s.waiver.item[0].cluster, "x"));
    ck_assert(str_eq_c(s.waiver.item[0].by, "jane") && !s.waiver.item[0].approver.n && !s.waiver.item[0].created.s);
    ck_assert(parse(
        &s, &faults,
        WAIVED("5.2.2", "  owner: joe\n  approver: ann\n  ticket: t\n  compensatingControl: c\n  created: 2026-01-02\n", "2027-01-01")));
    ck_assert(str_eq_c(s.waiver.item[1].by, "joe") && str_eq_c(s.waiver.item[1].approver, "ann") &&
              str_eq_c(s.waiver.item[1].compensating, "c"));
    ck_assert(parse(&s, &faults, APPROVED("allowed", "joe", "ann", "2026-01-01", "2027-01-02")));
    ck_assert(s.approval.count == 1 && str_eq_c(s.approval.item[0].value, "Group:ops"));
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
    { WAIVED("'*'", "", "2027-01-01"), "s.yaml:2:10: \"*\" waives every check" },
    { WAIVED("'5.*'", "", "2027-01-01"), "waives every check" },
    { WAIVED("5.2.2", "  approver: ' jane '\n", "2027-01-01"), "the owner approved it" },
    { WAIVED("5.2.2", "  approver: 'J a  NE'\n", "2027-01-01"), "the owner approved it" },
    { WAIVED("5.2.2", "  created: 2026-01-01\n", "2027-01-03"), "s.yaml:5:12: expires: more than 366 days" },
    { WAIVED("5.2.2", "  created: 2027-01-01\n", "2027-01-01"), "expires before it was created" },
    { WAIVED("5.2.2", "  created: soon\n", "2027-01-01"), "created: \"soon\" is no date" },
    { "waivers:\n- check: 5.2.2\n  reason: agreed\n  expires: 2027-01-01\n", "owner is empty" },
    { "waivers:\n- check: 5.2.2\n  by: jane\n  reason: agreed\n", "needs the key \"expires\"" },
    { APPROVED("allwed", "joe", "ann", "2026-01-01", "2027-01-01"), "s.yaml:2:14: b-1 has no parameter \"allwed\"" },
    { APPROVED("allowed", "joe", "joe", "2026-01-01", "2027-01-01"), "the owner approved it" },
    { APPROVED("allowed", "joe", "''", "2026-01-01", "2027-01-01"), "approver is empty" },
    { APPROVED("allowed", "joe", "ann", "2026-01-01", "2027-02-01"), "more than 366 days" },
    { "parameters:\n- {parameter: allowed, value: x, owner: o, approver: a, reason: r, expires: 2027-01-01}\n",
      "needs the key \"created\"" },
    { "- 1\n", "s.yaml:1:1" },
    { "", "expected one YAML document" },
};

START_TEST(refused)
{
    struct statements s = { 0 };
    struct faults faults = { 0 };
    ck_assert(!parse(&s, &faults, refused_row[_i].text));
    ck_assert_uint_ge(faults.item.count, 1);
    ck_assert_uint_eq(s.attestation.count + s.waiver.count + s.approval.count, 0);
    ck_assert_msg(str_find(faults.item.item[0].text, str_from_c(refused_row[_i].says), 0) != SIZE_MAX, "%.*s",
                  STR_ARG(faults.item.item[0].text));
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
