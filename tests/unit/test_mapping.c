/* Which check is evidence for which requirement: what lint asks of a pair, what a framework's file must say, and what a
 * run says of a requirement, which is never a verdict. */
#include "audit/requirements.h"
#include "base/file.h"
#include "cli/data.h"
#include "value/faults.h"

#include <check.h>
#include <stdlib.h>

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

static struct arena arena;

static void setup(void)
{
    arena = (struct arena){ 0 };
}
static void teardown(void)
{
    arena_release(&arena);
}

static const char framework_head[] = "framework: f\ntitle: F\nversion: '1'\nsource: s\n";
static const char benchmark_text[] = "benchmark: b\nversion: '1'\ntitle: t\nkubernetes: '1.35'\ndescription: d\n"
                                     "sections: [{id: '1', title: s}]\nprofiles: [{id: L1, title: l, level: 1}]\nchecks:\n"
                                     "- id: '1.1'\n  section: '1'\n  title: t\n  level: 1\n  role: r\n  severity: low\n  assessment: "
                                     "automated\n  rationale: r\n  remediation: r\n"
                                     "  over: subjects\n  validations: [{expression: 'true', message: m}]\n  requirements: [%s]\n"
                                     "- id: '1.2'\n  section: '1'\n  title: t\n  level: 1\n  role: r\n  severity: low\n  assessment: "
                                     "automated\n  rationale: r\n  remediation: r\n"
                                     "  over: namespaces\n  validations: [{expression: 'true', message: m}]\n  requirements: [%s]\n";

#define SENTENCE                          "Says how one thing follows from another."
#define PAIR(requirement, more, sentence) "{framework: f, requirement: '" requirement "', " more "rationale: '" sentence "'}"

static struct framework framework_of(const char *requirements)
{
    struct framework f;
    struct faults faults = { 0 };
    ck_assert_msg(framework_parse(&f, &arena, str_printf(&arena, "%s%s", framework_head, requirements), "f.yaml", &faults), "%s",
                  faults.item.count ? str_to_c(&arena, faults.item.item[0].text) : "no framework");
    return f;
}

/* ---- pairs */

static const struct {
    const char *first, *second; /* requirements of the two checks */
    const char *fault;          /* "": lint finds none */
} pair_row[] = {
    { PAIR("a", "strength: direct, ", SENTENCE), "", "" },
    { "", "", "" }, /* a check may serve no requirement */
    { PAIR("a", "", SENTENCE), "", "does not say how far it is evidence" },
    { PAIR("a", "strength: strong, ", SENTENCE), "", "\"strong\" is no \"strength\"" },
    { PAIR("a", "strength: direct, ", "No sentence"), "", "is no sentence" },
    { PAIR("a", "strength: direct, ", "It is so."), "", "is no sentence" },
    { PAIR("a", "strength: direct, ", "It says this without an end"), "", "is no sentence" },
    { PAIR("a", "strength: direct, ", SENTENCE), PAIR("a", "strength: direct, ", SENTENCE), "that of another pair (b-1/1.1 f a)" },
    { PAIR("a", "strength: direct, ", SENTENCE), PAIR("c", "strength: direct, ", "says  HOW one thing follows from another."),
      "that of another pair" },
    { PAIR("a", "strength: direct, ", SENTENCE) ", " PAIR("c", "strength: direct, ", SENTENCE), "", "that of another pair" },
    { PAIR("a", "strength: direct, ", SENTENCE) ", " PAIR("a", "strength: direct, ", "Says something else of the same thing."), "",
      "names requirement \"a\" twice" },
    { PAIR("users", "strength: direct, ", SENTENCE), "", "is about User and Group alone" },
    { PAIR("users", "strength: direct, only: {text: ' ', expression: 'true'}, ", SENTENCE), "",
      "does not say in words which rows are meant" },
    { PAIR("users", "strength: direct, only: {text: rows of kind User, expression: 'object.kind == \"User\"'}, ", SENTENCE), "", "" },
    { PAIR("a", "strength: direct, only: rows of kind User, ", SENTENCE), "", "must be a map" },
    { PAIR("a", "strength: direct, only: {text: words}, ", SENTENCE), "", "needs the key \"expression\"" },
    { PAIR("a", "strength: direct, only: {text: words, expression: 'object.king == \"User\"'}, ", SENTENCE), "", "king" },
    { PAIR("a", "strength: direct, only: {text: words, expression: 'object.kind'}, ", SENTENCE), "", "never gives true or false" },
    { PAIR("a", "strength: direct, when: {text: words, expression: 'facts.serverMinor > 30'}, ", SENTENCE), "", "" },
    { PAIR("a", "strength: direct, when: {text: ' ', expression: 'facts.serverMinor > 30'}, ", SENTENCE), "",
      "does not say in words under which condition" },
    { PAIR("a", "strength: direct, when: {text: words, expression: 'object.kind == \"User\"'}, ", SENTENCE), "",
      "by facts and params alone" },
    { PAIR("a", "strength: direct, when: {text: words, expression: 'facts.nothing'}, ", SENTENCE), "", "nothing" },
    { "", PAIR("users", "strength: direct, ", SENTENCE), "" }, /* its population is not subjects */
    { PAIR("paper", "strength: direct, ", SENTENCE), "", "has no requirement \"paper\" that configuration can evidence" },
    { PAIR("later", "strength: direct, ", SENTENCE), "", "has no requirement \"later\" that configuration can evidence" },
};

START_TEST(pairs_are_linted)
{
    struct faults faults = { 0 };
    struct benchmark b;
    struct framework f = framework_of("requirements:\n"
                                      "- {id: a, title: one, evidence: contributes, notShown: open}\n"
                                      "- {id: c, title: two, evidence: contributes, notShown: open}\n"
                                      "- {id: users, title: three, evidence: contributes, notShown: open, subjects: [User, Group]}\n"
                                      "- {id: paper, title: four, evidence: none, reason: documents}\n"
                                      "- {id: later, title: five, evidence: possible, notShown: open}\n");
    bool ok = benchmark_parse(&b, &arena, str_printf(&arena, benchmark_text, pair_row[_i].first, pair_row[_i].second), "b.yaml", &faults);
    ok = benchmark_check_frameworks(&b, &f, 1, &arena, &faults) && ok;
    benchmark_lint_mapping(&b, &f, 1, &arena, &faults);
    bool told = !pair_row[_i].fault[0] && !faults.item.count;
    for (size_t i = 0; i < faults.item.count && pair_row[_i].fault[0]; i++)
        told |= str_find(faults.item.item[i].text, str_from_c(pair_row[_i].fault), 0) != SIZE_MAX;
    ck_assert_msg(told, "row %d: got %s", _i, faults.item.count ? str_to_c(&arena, faults.item.item[0].text) : "nothing");
    for (size_t i = 0; i < faults.item.count; i++)
        ck_assert_msg(faults.item.item[i].pos.line >= 8, "a fault has no place: %s", str_to_c(&arena, faults.item.item[i].text));
    (void)ok;
}
END_TEST

/* No strength is the least, where it is not linted. */
START_TEST(no_strength_is_the_least)
{
    struct faults faults = { 0 };
    struct benchmark b;
    ck_assert(benchmark_parse(&b, &arena, str_printf(&arena, benchmark_text, PAIR("a", "", SENTENCE), ""), "b.yaml", &faults));
    ck_assert_int_eq(b.check[0].requirement[0].strength, STRENGTH_SUPPORT);
}
END_TEST

/* ---- techniques of attackers */

static const char attack_text[] =
    "benchmark: b\nversion: '1'\ntitle: t\nkubernetes: '1.35'\ndescription: d\n"
    "sections: [{id: '1', title: s}]\nprofiles: [{id: L1, title: l, level: 1}]\nchecks:\n"
    "- {id: '1.1', section: '1', title: t, level: 1, role: r, severity: low, assessment: automated, rationale: r, remediation: r, "
    "unanswered: u, tags: [rbac], attack: [%s]}\n"
    "- {id: '1.2', section: '1', title: t, level: 1, role: r, severity: low, assessment: automated, rationale: r, remediation: r, "
    "unanswered: u, tags: [network], attack: [{technique: T1610, reason: '" SENTENCE "'}]}\n";

static const struct {
    const char *attack, *fault; /* "": none */
} attack_row[] = {
    { "", "" },
    { "{technique: T1552.007, reason: '" SENTENCE "'}", "" },
    { "{technique: T1552.008, reason: '" SENTENCE "'}",
      "no technique \"T1552.008\" of ATT&CK for containers that kubevouch knows; did you mean" },
    { "{technique: t1610, reason: '" SENTENCE "'}", "no technique \"t1610\"" },
    { "{technique: T1610}", "needs the key \"reason\"" },
    { "{technique: T1610, reason: Stops it.}", "the reason is no sentence" },
    { "{technique: T1610, reason: 'Says this without an end to it'}", "the reason is no sentence" },
    { "{technique: T1610, reason: '" SENTENCE "'}, {technique: T1610, reason: 'Says something else of the same thing.'}",
      "names technique T1610 twice" },
};

START_TEST(techniques_are_linted)
{
    struct faults faults = { 0 };
    struct benchmark b;
    bool ok = benchmark_parse(&b, &arena, str_printf(&arena, attack_text, attack_row[_i].attack), "b.yaml", &faults);
    if (ok)
        benchmark_lint_mapping(&b, NULL, 0, &arena, &faults);
    struct str told = faults.item.count ? faults.item.item[0].text : STR("");
    ck_assert_msg(attack_row[_i].fault[0] ? str_find(told, str_from_c(attack_row[_i].fault), 0) != SIZE_MAX : !told.n, "row %d: %s", _i,
                  str_to_c(&arena, told));
}
END_TEST

static const struct {
    const char *tag[2];
    /* of 1.1 (rbac, T1552.007) and 1.2 (network, T1610); or what the error says */
    const char *want;
} tag_row[] = {
    { { "rbac" }, "+-" },
    { { "net*" }, "-+" },
    { { "rbac", "network" }, "++" },
    { { "attack:T1610" }, "-+" },
    { { "attack:T1552.007" }, "+-" },
    { { "attack:T1552" }, "+-" },
    { { "attack:*" }, "++" },
    { { "attack:T1610", "rbac" }, "++" },
    { { "attack:T15" }, "no check of b-1 bears \"attack:T15\"" },
    { { "T1610" }, "bears" },
    { { "attack:T1552.00" }, "bears" },
    { { "rbac", "nothing" }, "\"nothing\"" },
    { { "" }, "bears" },
    { { "attack:" }, "bears" },
};

START_TEST(tags_select)
{
    struct faults faults = { 0 };
    struct benchmark b;
    struct err err = { 0 };
    bool selected[2] = { false };
    struct str tag[2];
    struct selection s = { .tag = tag };
    ck_assert(benchmark_parse(&b, &arena, str_printf(&arena, attack_text, attack_row[1].attack), "b.yaml", &faults));
    for (; s.tag_count < COUNT(tag) && tag_row[_i].tag[s.tag_count]; s.tag_count++)
        tag[s.tag_count] = str_from_c(tag_row[_i].tag[s.tag_count]);
    bool ok = benchmark_select(&b, &s, selected, &err);
    const char *got = ok ? str_to_c(&arena, str_printf(&arena, "%c%c", selected[0] ? '+' : '-', selected[1] ? '+' : '-')) : err.text;
    ck_assert_msg(ok ? !strcmp(got, tag_row[_i].want) : strstr(got, tag_row[_i].want) != NULL, "row %d: %s", _i, got);
    struct str include = STR("1.2");
    s.include = &include, s.include_count = 1;
    if (ok && selected[1]) { /* both ask */
        ck_assert(benchmark_select(&b, &s, selected, &err));
        ck_assert(!selected[0] && selected[1]);
    } else if (ok) {
        ck_assert(!benchmark_select(&b, &s, selected, &err));
    }
}
END_TEST

/* ---- frameworks */

static const struct {
    const char *text, *fault; /* fault "": none */
} framework_row[] = {
    { "requirements:\n- {id: a, title: t, evidence: none, reason: acts}\n", "" },
    { "requirements:\n- {id: a, title: t, evidence: none}\n", "give it the reason" },
    { "requirements:\n- {id: a, title: t, evidence: none, reason: laziness}\n", "is no \"reason\"" },
    { "requirements:\n- {id: a, title: t, evidence: contributes}\n", "needs \"notShown\": what stays open" },
    { "requirements:\n- {id: a, title: t, evidence: contributes, notShown: ' '}\n", "needs \"notShown\"" },
    { "requirements:\n- {id: a, title: t, evidence: possible}\n", "needs \"notShown\": what would have to be looked at" },
    { "requirements:\n- {id: a, title: t, evidence: possible, notShown: open, reason: acts}\n", "reason: of requirements with" },
    { "requirements:\n- {id: a, title: t, evidence: none, reason: acts, when: w}\n", "run, when and subjects" },
    { "requirements:\n- {id: a, title: t, evidence: none, reason: acts, run: {strength: direct, rationale: r}}\n",
      "run, when and subjects" },
    { "requirements:\n- {id: a, title: t, evidence: contributes, notShown: open, run: {rationale: r}}\n", "needs the key \"strength\"" },
    { "requirements:\n- {id: a, title: t, evidence: none, reason: acts}\n- {id: a, title: u, evidence: none, reason: acts}\n",
      "listed twice" },
    { "requirements:\n- {id: a, title: t, evidence: none, reason: acts}\n- {id: c, title: t, evidence: none, reason: acts}\n",
      "titles tell requirements apart" },
    { "requirements:\n- {id: a, title: t, evidence: none, reason: acts, marks: [m]}\n", "no mark \"m\"" },
    { "marks: [{id: m, text: x}]\nrequirements:\n- {id: a, title: t, evidence: none, reason: acts, marks: [m]}\n", "" },
    { "parameters: [{name: p, value: 1, requirement: z, reason: r}]\nrequirements:\n- {id: a, title: t, evidence: none, reason: acts}\n",
      "no requirement \"z\"" },
    { "parameters: [{name: p, value: 1, requirement: a, reason: r}]\nrequirements:\n- {id: a, title: t, evidence: none, reason: acts}\n",
      "" },
};

START_TEST(frameworks_are_read_strictly)
{
    struct framework f;
    struct faults faults = { 0 };
    bool ok = framework_parse(&f, &arena, str_printf(&arena, "%s%s", framework_head, framework_row[_i].text), "f.yaml", &faults);
    const char *told = faults.item.count ? str_to_c(&arena, faults.item.item[0].text) : "";
    ck_assert_msg(ok == !framework_row[_i].fault[0] && (ok || strstr(told, framework_row[_i].fault)), "row %d: got %s", _i, told);
}
END_TEST

/* ---- thresholds: the benchmark's own, then what the leading framework asks for, then what is given */

static const char thresholds_text[] = "benchmark: b\nversion: '1'\ntitle: t\nkubernetes: '1.35'\ndescription: d\nsections: [{id: '1', "
                                      "title: s}]\nprofiles: [{id: L1, title: l, level: 1}]\n"
                                      "params: [{name: days, description: d, default: 30}, {name: other, description: d, default: 1}]\n"
                                      "checks:\n- {id: '1.1', section: '1', title: t, level: 1, role: r, severity: low, assessment: "
                                      "automated, rationale: r, remediation: r, unanswered: u}\n";

static const struct {
    const char *asked, *given, *want; /* want: days, or what the error says */
} threshold_row[] = {
    { NULL, NULL, "30" },
    { "90", NULL, "90" },
    { "90", "days=365", "365" },
    { NULL, "days=365", "365" },
    { "90", "other=2", "90" },
    { "90", "days=30", "30" },
    { "ninety", NULL, "parameter days is of type int in b-1, not of type string" },
    { "90", "days=long", "its default is of type int" },
};

START_TEST(thresholds_have_an_order)
{
    struct benchmark b;
    struct faults faults = { 0 };
    struct err err = { 0 };
    struct value out;
    const char *asked = threshold_row[_i].asked;
    ck_assert(benchmark_parse(&b, &arena, str_from_c(thresholds_text), "b.yaml", &faults));
    struct framework f = { 0 };
    if (asked)
        f = framework_of(str_to_c(
            &arena,
            str_printf(
                &arena,
                "parameters: [{name: days, value: %s, requirement: a, reason: r}, {name: not-there, value: 1, requirement: a, reason: r}]\n"
                "requirements:\n- {id: a, title: t, evidence: none, reason: acts}\n",
                asked)));
    struct str given = str_from_c(threshold_row[_i].given ? threshold_row[_i].given : "");
    bool ok = benchmark_params_for(&b, asked ? &f : NULL, &given, given.n > 0, &arena, &out, &err);
    struct str got = ok ? cel_value_text(&arena, *value_get(out, STR("days")), 100) : str_from_c(err.text);
    ck_assert_msg(ok ? str_eq_c(got, threshold_row[_i].want) : str_find(got, str_from_c(threshold_row[_i].want), 0) != SIZE_MAX,
                  "row %d: %s", _i, str_to_c(&arena, got));
}
END_TEST

/* ---- what a run says of a requirement */

#define CHECKS 3
#define STATES (VERDICT_COUNT * STRENGTH_COUNT)

static bool tested(enum verdict v)
{
    return v == VERDICT_PASS || v == VERDICT_FAIL || v == VERDICT_WAIVED;
}

/* Every three checks of every verdict and strength, with the run as evidence or not. */
START_TEST(what_was_found_follows_from_what_was_tested)
{
    struct framework f = framework_of(
        _i ? "requirements:\n- {id: a, title: t, evidence: contributes, notShown: open, run: {strength: partial, rationale: r}}\n"
           : "requirements:\n- {id: a, title: t, evidence: contributes, notShown: open}\n");
    struct requirement_ref ref[CHECKS];
    struct check check[CHECKS];
    struct judged_check judged[CHECKS];
    for (unsigned state = 0; state < STATES * STATES * STATES; state++) {
        bool exception = false, passed = false, input = false, any = false;
        for (unsigned i = 0, rest = state; i < CHECKS; i++, rest /= STATES) {
            enum verdict v = (enum verdict)(rest % VERDICT_COUNT);
            enum strength s = (enum strength)(rest / VERDICT_COUNT % STRENGTH_COUNT);
            ref[i] = (struct requirement_ref){ .framework = STR("f"), .requirement = STR("a"), .strength = s };
            check[i] = (struct check){ .requirement = &ref[i], .requirement_count = 1 };
            judged[i] = (struct judged_check){ .check = &check[i], .verdict = v };
            exception |= s != STRENGTH_SUPPORT && (v == VERDICT_FAIL || v == VERDICT_WAIVED);
            passed |= s != STRENGTH_SUPPORT && v == VERDICT_PASS;
            input |= s == STRENGTH_SUPPORT && tested(v);
            any |= tested(v);
        }
        struct arena_mark mark = arena_mark(&arena);
        struct framework_result fr = framework_judge(&arena, &f, judged, CHECKS);
        const struct requirement_result *q = &fr.requirement[0];
        enum found want = exception   ? FOUND_EXCEPTIONS
                          : passed    ? FOUND_NO_EXCEPTION
                          : _i && any ? FOUND_RUN
                          : input     ? FOUND_INPUT
                                      : FOUND_NOTHING;
        ck_assert_msg(q->found == want, "state %u: %s, not %s", state, found_name(q->found), found_name(want));
        ck_assert_int_eq(q->contributes, any);
        ck_assert_uint_eq(fr.contributed, any);
        ck_assert_uint_eq(q->pair_count, CHECKS);
        for (size_t i = 1; i < q->pair_count; i++)
            ck_assert_msg(q->pair[i - 1].verdict >= q->pair[i].verdict, "a failure stands behind what is less");
        arena_reset_to(&arena, mark);
    }
}
END_TEST

/* What was not decided, and what is not there, is no evidence: an empty folder contributes to nothing. */
START_TEST(nothing_decided_contributes_to_nothing)
{
    struct framework f = framework_of(
        "requirements:\n- {id: a, title: t, evidence: contributes, notShown: open, when: w, run: {strength: direct, rationale: r}}\n");
    struct framework_result none = framework_judge(&arena, &f, NULL, 0);
    ck_assert_uint_eq(none.contributed, 0);
    ck_assert_int_eq(none.requirement[0].found, FOUND_NOTHING);
    struct check other = { 0 };
    struct judged_check passed = { .check = &other, .verdict = VERDICT_PASS };
    struct framework_result run = framework_judge(&arena, &f, &passed, 1);
    ck_assert_int_eq(run.requirement[0].found, FOUND_RUN);
    ck_assert_uint_eq(run.conditional, 1);
    passed.is_outside = true; /* of files, it needs a cluster */
    ck_assert_uint_eq(framework_judge(&arena, &f, &passed, 1).contributed, 0);
    struct requirement_ref ref = { .framework = STR("f"), .requirement = STR("a"), .strength = STRENGTH_DIRECT };
    other = (struct check){ .requirement = &ref, .requirement_count = 1 };
    ck_assert_uint_eq(framework_judge(&arena, &f, &passed, 1).requirement[0].pair_count, 0);
}
END_TEST

/* ---- the shipped files */

static const struct {
    const char *file;
    size_t requirements;
} shipped[] = { { "pci-dss", 257 },     { "hipaa", 66 },         { "soc2", 61 },     { "bsi-app-4.4", 21 },   { "iso-27001", 93 },
                { "nist-800-53", 290 }, { "cis-controls", 153 }, { "nsa-cisa", 33 }, { "pci-containers", 16 } };

static const char *in_tree(struct str path)
{
    const char *src = getenv("srcdir");
    return str_to_c(&arena, file_join(&arena, str_from_c(src ? src : "."), path));
}

static const struct judged_condition *all_hold(const struct check *c)
{
    struct judged_condition *out = arena_array(&arena, struct judged_condition, c->requirement_count);
    for (size_t i = 0; i < c->requirement_count; i++)
        out[i].state = CONDITION_HOLDS;
    return out;
}

static const char *const mapped_by[] = { "cis-kubernetes-2.0.1", "kubevouch-hardening", "nsa-cisa-1.2" };

/* Marks the requirements that a check of the benchmark, or the run itself, is evidence for. */
static void note_contributed(bool *contributed, const struct framework *f, const char *benchmark)
{
    struct faults faults = { 0 };
    struct benchmark b;
    ck_assert(benchmark_load(&b, &arena, in_tree(str_printf(&arena, "benchmarks/%s.yaml", benchmark)), &faults));
    struct judged_check *judged = arena_array(&arena, struct judged_check, b.check_count);
    for (size_t i = 0; i < b.check_count; i++)
        judged[i] = (struct judged_check){ .check = &b.check[i], .verdict = VERDICT_PASS, .condition = all_hold(&b.check[i]) };
    struct framework_result fr = framework_judge(&arena, f, judged, b.check_count);
    for (size_t i = 0; i < f->requirement_count; i++)
        contributed[i] |= fr.requirement[i].contributes;
}

/* Each requirement that is said to have a check has one in a benchmark that others are like, or the run itself; and no other has. */
START_TEST(what_contributes_has_a_check)
{
    struct faults faults = { 0 };
    struct framework f;
    ck_assert(framework_load(&f, &arena, in_tree(str_printf(&arena, "benchmarks/frameworks/%s.yaml", shipped[_i].file)), &faults));
    ck_assert_uint_eq(f.requirement_count, shipped[_i].requirements);
    bool *contributed = arena_array(&arena, bool, f.requirement_count);
    for (size_t i = 0; i < COUNT(mapped_by); i++)
        note_contributed(contributed, &f, mapped_by[i]);
    for (size_t i = 0; i < f.requirement_count; i++) {
        const struct requirement *q = &f.requirement[i];
        ck_assert_msg(contributed[i] == (q->evidenceable == EVIDENCE_CONTRIBUTES), "%s %s", shipped[_i].file, str_to_c(&arena, q->id));
        bool addressable = false;
        for (size_t k = 0; k < q->mark_count; k++)
            addressable |= str_eq(q->mark[k]->id, STR("addressable"));
        ck_assert_msg(addressable == str_has_suffix(q->title, STR("(addressable)")), "%s", str_to_c(&arena, q->id));
    }
}
END_TEST

/* What --framework takes is what is shipped, and tried above. */
START_TEST(all_that_is_shipped_is_tried)
{
    ck_assert_uint_eq(data_framework_count, COUNT(shipped));
    for (size_t i = 0; i < COUNT(shipped); i++)
        ck_assert_str_eq(data_framework[i], shipped[i].file);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("mapping");
    TCase *t = tcase_create("mapping");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_loop_test(t, pairs_are_linted, 0, (int)COUNT(pair_row));
    tcase_add_test(t, no_strength_is_the_least);
    tcase_add_loop_test(t, techniques_are_linted, 0, (int)COUNT(attack_row));
    tcase_add_loop_test(t, tags_select, 0, (int)COUNT(tag_row));
    tcase_add_loop_test(t, frameworks_are_read_strictly, 0, (int)COUNT(framework_row));
    tcase_add_loop_test(t, thresholds_have_an_order, 0, (int)COUNT(threshold_row));
    tcase_add_loop_test(t, what_was_found_follows_from_what_was_tested, 0, 2);
    tcase_add_test(t, nothing_decided_contributes_to_nothing);
    tcase_add_loop_test(t, what_contributes_has_a_check, 0, (int)COUNT(shipped));
    tcase_add_test(t, all_that_is_shipped_is_tried);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
