/* Pairs of checks and requirements that are about some rows ("only"), or hold under a condition ("when"): what a run counts for them,
 * against a second, plain count of the same. */
#include "audit/audit.h"
#include "bench/statements.h"
#include "cluster/manifests.h"
#include "unit/damage.h"
#include "value/faults.h"
#include "value/yaml.h"

#include <check.h>
#include <stdlib.h>

static struct arena arena;
static uint32_t seed;

static void setup(void)
{
    arena = (struct arena){ 0 };
}
static void teardown(void)
{
    arena_release(&arena);
}

static uint32_t dice(uint32_t sides)
{
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) % sides;
}

/* What the labels of an object make of it: the expressions below read nothing else. */
enum outcome { PASSES, FAILS, ASKS, CANNOT_TELL, OUTCOMES };
enum membership { IN_A, IN_B, MEMBERSHIP_UNKNOWN, MEMBERSHIPS };
static const char *const outcome_label[OUTCOMES] = { ", o: pass", ", o: fail", ", o: ask", "" };
static const char *const membership_label[MEMBERSHIPS] = { ", g: a", ", g: b", "" };

struct thing {
    bool is_class; /* of the first part, or of the second */
    enum outcome outcome;
    enum membership membership;
    bool waived;
};
#define THINGS_MAX 9u

#define VALIDATIONS                                                                                                                        \
    "validations: [{expression: \"object.metadata.labels.o != 'fail'\", message: m}, {expression: \"object.metadata.labels.o != 'ask'\", " \
    "otherwise: manual, message: m}]"
#define SENTENCE(n) "rationale: 'Says how one thing follows from another " n ".'"

/* Requirement a: rows of a; b: rows of b; all: every row; and these under conditions that hold, do not hold and cannot be told. */
static const char benchmark_text[] =
    "benchmark: b\nversion: '1'\ntitle: t\nkubernetes: '1.35'\ndescription: d\nsections: [{id: '1', title: s}]\nprofiles: [{id: L1, title: "
    "l, level: 1}]\n"
    "params: [{name: p, description: d, default: 5}]\nchecks:\n"
    "- id: '1.1'\n  section: '1'\n  title: t\n  level: 1\n  role: r\n  severity: low\n  assessment: automated\n  rationale: r\n  "
    "remediation: r\n"
    "  parts:\n  - {name: one, over: storageclasses, " VALIDATIONS "}\n  - {name: two, over: services, " VALIDATIONS "}\n  requirements:\n"
    "  - {framework: f, requirement: a, strength: direct, only: {text: of a, expression: \"object.metadata.labels.g == 'a'\"}, " SENTENCE(
        "a") "}\n"
             "  - {framework: f, requirement: b, strength: direct, only: {text: of b, expression: \"object.metadata.labels.g == "
             "'b'\"}, " SENTENCE(
                 "b") "}\n"
                      "  - {framework: f, requirement: all, strength: direct, " SENTENCE(
                          "all") "}\n"
                                 "  - {framework: f, requirement: holds, strength: direct, when: {text: p is more than four, expression: "
                                 "params.p > 4}, only: {text: of a, expression: \"object.metadata.labels.g == 'a'\"}, " SENTENCE(
                                     "h") "}\n"
                                          "  - {framework: f, requirement: fails, strength: direct, when: {text: p is more than five, "
                                          "expression: params.p > 5}, " SENTENCE(
                                              "f") "}\n"
                                                   "  - {framework: f, requirement: unseen, strength: direct, when: {text: p has more, "
                                                   "expression: dyn(params).q > 5}, " SENTENCE("u") "}\n";
static const char framework_text[] =
    "framework: f\ntitle: F\nversion: '1'\nsource: s\nrequirements:\n"
    "- {id: a, title: one, evidence: contributes, notShown: open}\n- {id: b, title: two, evidence: contributes, notShown: open}\n"
    "- {id: all, title: three, evidence: contributes, notShown: open}\n- {id: holds, title: four, evidence: contributes, notShown: open}\n"
    "- {id: fails, title: five, evidence: contributes, notShown: open}\n- {id: unseen, title: six, evidence: contributes, notShown: "
    "open}\n";

static struct value parsed(struct str text)
{
    struct node *doc;
    size_t docs;
    struct err err = { 0 };
    ck_assert_msg(yaml_read(&doc, &docs, &arena, text, "t.yaml", &err), "%s", err.text);
    return node_value(&arena, &doc[0]);
}

static struct value objects_of(const struct thing *t, size_t count)
{
    struct str text = STR("[");
    for (size_t i = 0; i < count; i++)
        text = str_printf(&arena, "%.*s%s{apiVersion: %s, kind: %s, %smetadata: {%sname: %s%zu, labels: {x: is%s%s}}}", STR_ARG(text),
                          i ? ", " : "", t[i].is_class ? "storage.k8s.io/v1" : "v1", t[i].is_class ? "StorageClass" : "Service",
                          t[i].is_class ? "provisioner: p, " : "", t[i].is_class ? "" : "namespace: house, ", t[i].waived ? "waived" : "n",
                          i, outcome_label[t[i].outcome], membership_label[t[i].membership]);
    return parsed(str_printf(&arena, "%.*s]", STR_ARG(text)));
}

static struct statements waivers(const struct benchmark *b)
{
    struct statements s = { 0 };
    struct faults faults = { 0 };
    ck_assert(statements_parse(
        &s, &arena,
        STR("waivers: [{check: '1.1', object: '* *waived*', owner: o, approver: p, reason: r, created: 2026-12-01, expires: 2027-06-01}]"),
        "w.yaml", b, &faults));
    return s;
}

/* forbidden: Services cannot be listed. */
static struct result audited(const struct benchmark *b, const struct framework *f, const struct thing *t, size_t count, bool forbidden)
{
    struct result r = { 0 };
    struct err err = { 0 };
    struct client client;
    struct client_limits limits;
    struct statements stated = waivers(b);
    struct audit_options o = { .statements = &stated };
    struct cluster *cluster = arena_new(&arena, struct cluster);
    struct collected collected = { .cluster = cluster };
    struct value objects = objects_of(t, count), *object = arena_array(&arena, struct value, count);
    for (uint32_t i = 0; i < count; i++)
        object[i] = value_item(objects, i);
    cluster_init(cluster, &arena);
    cluster->now.s = INT64_C(1798761600); /* 2027-01-01 */
    ck_assert(benchmark_params(b, NULL, 0, &arena, &o.params, &err));
    struct audit *au = audit_open(&arena, b, cluster, &o);
    struct collect_observer observer = { .object = audit_object, .early_done = audit_early_done, .ctx = au };
    struct collect_options needs = audit_needs(au);
    needs.no_probes = true;
    client_limits_default(&limits);
    struct damage_transport *damaged = damage_open(&arena, manifests_of(&arena, object, count, value_null()));
    if (forbidden)
        damaged->victim[0] = (struct damage_victim){ .text = STR("GET /api/v1/services"), .damage = DAMAGE_FORBIDDEN };
    limits.retries = 0;
    client_init(&client, &damaged->base, &arena, &limits);
    ck_assert_msg(collect_run(&collected, &client, &needs, &observer, &err) && audit_finish(au, f, 1, &r, &err), "%s", err.text);
    return r;
}

/* ---- the plain count */

static enum verdict plain(const struct thing *t, size_t count, enum membership of, bool all, bool forbidden)
{
    bool fail = false, unknown = false, waived = false, ask = false, any = false;
    for (size_t i = 0; i < count; i++) {
        bool doubt = !all && t[i].membership == MEMBERSHIP_UNKNOWN;
        if ((forbidden && !t[i].is_class) || (!all && !doubt && t[i].membership != of))
            continue;
        any = true;
        unknown |= doubt || t[i].outcome == CANNOT_TELL;
        fail |= !doubt && t[i].outcome == FAILS && !t[i].waived;
        waived |= !doubt && t[i].outcome == FAILS && t[i].waived;
        ask |= !doubt && t[i].outcome == ASKS;
    }
    return fail                   ? VERDICT_FAIL
           : unknown || forbidden ? VERDICT_UNKNOWN
           : waived               ? VERDICT_WAIVED
           : ask                  ? VERDICT_MANUAL
           : any                  ? VERDICT_PASS
                                  : VERDICT_NOT_APPLICABLE;
}

static enum found found_of(enum verdict v)
{
    return v == VERDICT_FAIL || v == VERDICT_WAIVED ? FOUND_EXCEPTIONS : v == VERDICT_PASS ? FOUND_NO_EXCEPTION : FOUND_NOTHING;
}

static void is_counted(const struct framework_result *f, size_t at, enum verdict want, const char *of)
{
    const struct requirement_result *q = &f->requirement[at];
    ck_assert_uint_eq(q->pair_count, 1);
    ck_assert_uint_eq(q->uncounted, 0);
    ck_assert_msg(q->pair[0].verdict == want, "%s: %s, and plainly it is %s", of, verdict_name(q->pair[0].verdict), verdict_name(want));
    ck_assert_uint_eq(q->verdict[want], 1);
    ck_assert_msg(q->found == found_of(want), "%s: %s", of, found_name(q->found));
}

static void is_not_counted(const struct framework_result *f, size_t at, enum pair_condition want)
{
    const struct requirement_result *q = &f->requirement[at];
    ck_assert_uint_eq(q->pair_count, 1);
    ck_assert_uint_eq(q->uncounted, 1);
    ck_assert_int_eq(q->pair[0].condition, want);
    ck_assert_int_eq(q->pair[0].unseen.n > 0, want == CONDITION_UNSEEN);
    ck_assert_int_eq(q->found, FOUND_NOTHING);
    ck_assert(!q->contributes && !q->tested);
    for (size_t v = 0; v < VERDICT_COUNT; v++)
        ck_assert_uint_eq(q->verdict[v], 0);
    for (size_t s = 0; s < STRENGTH_COUNT; s++)
        ck_assert_uint_eq(q->strength[s], 0);
}

static void is_share(const struct share *s, const struct thing *t, size_t count, enum membership of, bool forbidden)
{
    struct share want = { 0 };
    for (size_t i = 0; i < count; i++) {
        bool doubt = t[i].membership == MEMBERSHIP_UNKNOWN;
        if ((forbidden && !t[i].is_class) || (!doubt && t[i].membership != of))
            continue;
        want.population++;
        want.unsure += doubt;
        want.unknown += doubt || t[i].outcome == CANNOT_TELL;
        want.passed += !doubt && t[i].outcome == PASSES;
        want.manual += !doubt && t[i].outcome == ASKS;
        want.waived += !doubt && t[i].outcome == FAILS && t[i].waived;
        want.failed += !doubt && t[i].outcome == FAILS && !t[i].waived;
    }
    ck_assert_uint_eq(s->population, want.population);
    ck_assert_uint_eq(s->passed, want.passed);
    ck_assert_uint_eq(s->failed, want.failed);
    ck_assert_uint_eq(s->waived, want.waived);
    ck_assert_uint_eq(s->unknown, want.unknown);
    ck_assert_uint_eq(s->manual, want.manual);
    ck_assert_uint_eq(s->unsure, want.unsure);
}

START_TEST(narrowed_pairs_count_their_rows)
{
    struct benchmark b;
    struct framework f;
    struct faults faults = { 0 };
    seed = 100u + (uint32_t)_i;
    ck_assert_msg(benchmark_parse(&b, &arena, str_from_c(benchmark_text), "b.yaml", &faults), "%s",
                  faults.item.count ? str_to_c(&arena, faults.item.item[0].text) : "");
    ck_assert(framework_parse(&f, &arena, str_from_c(framework_text), "f.yaml", &faults));
    for (int round = 0; round < 60; round++) {
        struct thing thing[THINGS_MAX];
        size_t count = dice(THINGS_MAX + 1);
        /* few of them, or all fails */
        uint32_t kinds = 1 + dice(OUTCOMES), groups = 1 + dice(MEMBERSHIPS);
        bool forbidden = dice(4) == 0;
        struct arena_mark mark = arena_mark(&arena);
        for (size_t i = 0; i < count; i++)
            thing[i] = (struct thing){ dice(2), (enum outcome)dice(kinds), (enum membership)dice(groups), dice(2) };
        struct result r = audited(&b, &f, thing, count, forbidden);
        const struct framework_result *fr = &r.framework[0];
        is_counted(fr, 0, plain(thing, count, IN_A, false, forbidden), "a");
        is_counted(fr, 1, plain(thing, count, IN_B, false, forbidden), "b");
        is_counted(fr, 2, plain(thing, count, IN_A, true, forbidden), "all");
        is_counted(fr, 3, plain(thing, count, IN_A, false, forbidden), "a, where a condition holds");
        is_not_counted(fr, 4, CONDITION_FAILS);
        is_not_counted(fr, 5, CONDITION_UNSEEN);
        is_share(fr->requirement[0].pair[0].share, thing, count, IN_A, forbidden);
        is_share(fr->requirement[1].pair[0].share, thing, count, IN_B, forbidden);
        ck_assert_ptr_null(fr->requirement[2].pair[0].share);
        arena_reset_to(&arena, mark);
    }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("narrowed");
    TCase *t = tcase_create("narrowed");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_loop_test(t, narrowed_pairs_count_their_rows, 0, 10);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
