/* Checks as admission policies: what is rewritten, what cannot be one, and that what is written is a policy. */
#include "base/file.h"
#include "bench/export.h"
#include "unit/from_yaml.h"
#include "vap/policy.h"

static struct arena arena;

static void teardown(void)
{
    arena_release(&arena);
}

#define HEAD                                                                                                                          \
    "benchmark: b\nversion: '1'\ntitle: t\nkubernetes: '1.30'\ndescription: d\n"                                                      \
    "sections: [{id: '1', title: s}]\nprofiles: [{id: L1, title: p, level: 1}]\n"                                                     \
    "params: [{name: names, description: d, default: [\"a*\", \"b.c\"]}, {name: none, description: d, default: []}, {name: most, "    \
    "description: d, default: 3}]\n"                                                                                                  \
    "variables: [{name: unused, expression: '1'}, {name: containers, expression: object.spec.containers}, {name: many, expression: "  \
    "'variables.containers.size() > params.most'}]\n"                                                                                 \
    "checks:\n- {id: '1.1', section: '1', title: \"a 'title'\", level: 1, role: r, severity: low, assessment: manual, rationale: r, " \
    "remediation: m, "

static struct benchmark *load(const char *rest)
{
    struct benchmark *b = arena_new(&arena, struct benchmark);
    struct faults faults = { 0 };
    struct str text = str_printf(&arena, HEAD "%s}\n", rest);
    bool ok = benchmark_parse(b, &arena, text, "b.yaml", &faults);
    struct str fault = faults.item.count ? faults.item.item[0].text : (struct str){ 0 };
    ck_assert_msg(ok, "%.*s", STR_ARG(fault));
    return b;
}

static struct value params_of(const struct benchmark *b)
{
    struct value params;
    struct err err = { 0 };
    ck_assert(benchmark_params(b, NULL, 0, &arena, &params, &err));
    return params;
}

/* ---- one expression */

static const struct {
    const char *text, *want; /* want NULL: it cannot be, for the reason why */
    const char *why;
} row[] = {
    { "object.spec.x == 1", "object.spec.x == 1", NULL },
    { "object.metadata.name in params.names", "object.metadata.name in ['a*', 'b.c']", NULL },
    { "object.spec.x > params.most", "object.spec.x > 3", NULL },
    { "globMatch(object.metadata.name, params.names)", "object.metadata.name.matches('(?s)^(?:a.*|b\\\\.c)$')", NULL },
    { "globMatch(object.metadata.name, 'x*')", "object.metadata.name.matches('(?s)^(?:x.*)$')", NULL },
    { "globMatch(object.metadata.name, params.none)", "false", NULL },
    { "!globMatch(object.a + object.b, 'x')", "!(object.a + object.b).matches('(?s)^(?:x)$')", NULL },
    { "globMatch(object.metadata.name, object.spec.patterns)", NULL, "patterns that are not written down" },
    { "derived.x == 1", NULL, "derived.x" },
    { "derived.ofControlPlane && object.spec.x == 1",
      "(object.metadata.namespace == 'kube-system' && 'kubernetes.io/config.mirror' in object.metadata.?annotations.orValue({}) && "
      "object.metadata.?ownerReferences.orValue([]).exists(o, o.?controller.orValue(false) && o.kind == 'Node')) && object.spec.x == 1",
      NULL },
    { "globMatch('a/' + derived.workload, params.names)",
      "('a/' + (object.metadata.?ownerReferences.orValue([]).exists(o, o.?controller.orValue(false)) ? "
      "object.metadata.ownerReferences.filter(o, o.?controller.orValue(false))[0].name : "
      "object.metadata.name)).matches('(?s)^(?:a.*|b\\\\.c)$')",
      NULL },
    { "object.a.exists(x, facts.y == x)", NULL, "facts.y" },
    { "holding(object.a, 'get', '', 'pods').size() == 0", NULL, "holding()" },
    { "math.greatest(1, 2) == 2", NULL, "math.greatest()" },
    { "cel.bind(x, object.a, x == 1)", NULL, "cel.bind()" },
    { "object.?a.optMap(x, x + 1).orValue(0) == 1", "object.?a.optMap(x, x + 1).orValue(0) == 1", NULL },
    { "params.nothing == 1", NULL, "\"nothing\"" },
    { "variables.nothing == 1", NULL, "\"nothing\"" },
};

static const struct policy_force denies = { .actions = POLICY_DENY, .tells_why = true };

START_TEST(expressions_are_rewritten)
{
    const struct benchmark *b = load("over: pods, validations: [{expression: 'true', message: m}]");
    bool *used = arena_array(&arena, bool, b->variable_count);
    struct err err = { 0 };
    struct str got = { 0 };
    struct policy_export e = check_export(&arena, b, &b->check[0], &b->check[0].part[0], params_of(b), &denies);
    bool ok = policy_export_expression(&got, &arena, &e, str_from_c(row[_i].text), used, &err);
    if (row[_i].want) {
        ck_assert_msg(ok, "%s", err.text);
        ck_assert_text(got, row[_i].want);
    } else {
        ck_assert_msg(!ok, "gave %.*s", STR_ARG(got));
        ck_assert_msg(strstr(err.text, row[_i].why) != NULL, "%s", err.text);
    }
}
END_TEST

/* ---- whole checks */

static struct str written_with(const struct benchmark *b, const struct policy_force *force, struct export_count *count)
{
    struct buf out CLEANUP(buf_release) = BUF_INIT(POLICY_EXPORT_BYTES_MAX);
    *count = (struct export_count){ 0 };
    for (size_t i = 0; i < b->check_count; i++)
        check_export_write(&out, b, &b->check[i], params_of(b), force, count);
    return str_dup(&arena, buf_str(&out));
}

static struct str written(const struct benchmark *b, struct export_count *count)
{
    return written_with(b, &denies, count);
}

static struct policies *read_back(struct str text)
{
    struct policies *p = arena_new(&arena, struct policies);
    struct faults faults = { 0 };
    bool ok = policies_parse(p, &arena, text, "written.yaml", &faults) && policies_link(p, &arena, &faults);
    struct str fault = faults.item.count ? faults.item.item[0].text : (struct str){ 0 };
    ck_assert_msg(ok, "%.*s in %.*s", STR_ARG(fault), STR_ARG(text));
    return p;
}

START_TEST(a_check_is_a_policy_and_its_binding)
{
    struct export_count count;
    const struct benchmark *b =
        load("over: pods, exceptions: [{name: x, expression: \"object.metadata.name == 'x'\"}], validations: "
             "[{expression: '!variables.many', message: \"too 'many'\"}, {expression: 'false', message: m, otherwise: manual}]");
    const struct policies *p = read_back(written(b, &count));
    ck_assert_uint_eq(count.written, 1);
    ck_assert_uint_eq(p->policy.count, 1);
    ck_assert_uint_eq(p->binding.count, 1);
    ck_assert_ptr_eq(p->binding.item[0]->policy, p->policy.item[0]);
    ck_assert_uint_eq(p->binding.item[0]->actions, POLICY_DENY);
    ck_assert_text(p->policy.item[0]->name, "b-1-1.1");
    /* containers, many, inPopulation: what is not used is left out */
    ck_assert_uint_eq(p->policy.item[0]->variable_count, 3);
    ck_assert_text(p->policy.item[0]->variable[1].text, "variables.containers.size() > 3");
    /* nothing refuses what a person decides */
    ck_assert_uint_eq(p->policy.item[0]->validation_count, 1);
    ck_assert_text(p->policy.item[0]->validation[0].message, "too 'many'");
    ck_assert(policy_may_match(&p->policy.item[0]->constraints, STR(""), STR("pods"), true));
}
END_TEST

START_TEST(what_cannot_be_one_is_told_in_a_comment)
{
    struct export_count count;
    const struct benchmark *b = load("over: subjects, validations: [{expression: 'true', message: m}]");
    struct str text = written(b, &count);
    ck_assert_uint_eq(count.written, 0);
    ck_assert_uint_eq(count.not_written, 1);
    ck_assert(str_has_prefix(text, STR("# 1.1 is not written: it is over subjects")));
    ck_assert_uint_eq(read_back(text)->policy.count, 0);
}
END_TEST

/* One that is told nothing of writes nothing; actions and namespaces stand in each binding as they were given. */
START_TEST(how_it_is_in_force_is_the_binding_s)
{
    static const struct str except[] = { STR_INIT("kube-system"), STR_INIT("null"), STR_INIT("1e3") };
    const struct policy_force force = { .actions = POLICY_WARN | POLICY_AUDIT, .except_namespace = except, .except_namespace_count = 3 };
    struct export_count count;
    const struct benchmark *b = load("over: pods, validations: [{expression: 'false', message: m}]");
    const struct policies *p = read_back(written_with(b, &force, &count));
    const struct policy_binding *binding = p->binding.item[0];
    ck_assert_uint_eq(binding->actions, POLICY_WARN | POLICY_AUDIT);
    struct value expressions = *value_at(binding->constraints.namespace_selector, "matchExpressions", NULL);
    ck_assert_uint_eq(expressions.n, 1);
    ck_assert_text(value_text_at(value_item(expressions, 0), "key", NULL), "kubernetes.io/metadata.name");
    ck_assert_text(value_text_at(value_item(expressions, 0), "operator", NULL), "NotIn");
    struct value names = *value_get(value_item(expressions, 0), STR("values"));
    ck_assert_uint_eq(names.n, 3);
    for (uint32_t i = 0; i < 3; i++)
        ck_assert(str_eq(value_text(value_item(names, i)), except[i]));
    b = load("over: subjects, validations: [{expression: 'true', message: m}]");
    ck_assert_uint_eq(written_with(b, &force, &count).n, 0);
    ck_assert_uint_eq(count.checks_without, 1);
    ck_assert_uint_eq(count.checks, 0);
}
END_TEST

START_TEST(the_shipped_benchmark_s_policies_can_be_read)
{
    struct benchmark b;
    struct faults faults = { 0 };
    struct export_count count;
    const char *given = getenv("srcdir");
    char *file = str_to_c(&arena, file_join(&arena, str_from_c(given ? given : "."), STR("benchmarks/cis-kubernetes-2.0.1.yaml")));
    ck_assert(benchmark_load(&b, &arena, file, &faults));
    const struct policies *p = read_back(written(&b, &count));
    /* every check over one object alone; 5.3.2 takes every policy of the namespace */
    ck_assert_uint_eq(count.written, 19);
    ck_assert_uint_eq(p->policy.count, count.written);
    ck_assert_uint_eq(p->binding.count, count.written);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("admission");
    TCase *c = tcase_create("admission");
    tcase_add_checked_fixture(c, NULL, teardown);
    tcase_add_loop_test(c, expressions_are_rewritten, 0, (int)(sizeof row / sizeof *row));
    tcase_add_test(c, a_check_is_a_policy_and_its_binding);
    tcase_add_test(c, what_cannot_be_one_is_told_in_a_comment);
    tcase_add_test(c, how_it_is_in_force_is_the_binding_s);
    tcase_add_test(c, the_shipped_benchmark_s_policies_can_be_read);
    suite_add_tcase(s, c);
    SRunner *runner = srunner_create(s);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
