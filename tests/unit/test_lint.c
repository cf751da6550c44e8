/* What lint says of expressions in a benchmark before there is an object: names, fields and types of the
 * population, of what is derived, of parameters, facts and variables. */
#include "analyze/shape.h"
#include "bench/benchmark.h"
#include "cel/overload.h"
#include "cluster/kind_schema.h"

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

static const char benchmark[] =
    "benchmark: b\nversion: '1'\ntitle: t\nkubernetes: '1.35'\ndescription: d\n"
    "sections: [{id: '1', title: s}]\nprofiles: [{id: L1, title: l, level: 1}]\n"
    "params:\n- {name: allowed, description: d, default: [a]}\n- {name: limit, description: d, default: 3}\n"
    "variables:\n- {name: spec, expression: \"object.spec\"}\n- {name: images, expression: \"variables.spec.containers.map(c, c.image)\"}\n"
    "checks:\n- id: '1'\n  section: '1'\n  title: t\n  level: 1\n  role: worker\n  severity: low\n  assessment: automated\n  rationale: "
    "r\n  remediation: r\n"
    "  requirements: []\n  over: %s\n"
    "  variables: [{name: own, expression: \"string(params.limit)\"}]\n"
    "  validations:\n  - expression: |-\n      %s\n    message: m\n";

/* over, a validation, what the first fault says after its place; "": there is none. */
static const struct {
    const char *over, *expression, *fault;
} lint_row[] = {
    { "pods", "object.spec.containers.all(c, c.image in params.allowed)", "" },
    { "pods", "object.spec.contaners.size() == 0", "29:19: no field \"contaners\"; did you mean \"containers\"?" },
    { "pods", "object.spec.?securtyContext.hasValue()", "29:20: no field \"securtyContext\"; did you mean \"securityContext\"?" },
    { "pods", "has(object.status.ephemeralContainerStatuses)",
      "29:7: field \"ephemeralContainerStatuses\" is left out when objects are read: nothing can be told by it" },
    { "pods", "has(object.metadata.managedFields)",
      "29:7: field \"managedFields\" is left out when objects are read: nothing can be told by it" },
    { "pods", "object.status.phase == 'Running'", "" },
    { "pods", "params.alowed.size() == 0", "29:14: no field \"alowed\"; did you mean \"allowed\"?" },
    { "pods", "params.limit + 1 == 4", "" },
    { "pods", "params.limit + 'a' == 'b'", "29:20: no such overload: int + string" },
    { "pods", "params['alowed'] == []", "29:14: no field \"alowed\"; did you mean \"allowed\"?" },
    { "pods", "variables.images.size() > 0", "" },
    { "pods", "variables.images.all(i, i > 0)", "29:33: no such overload: string > int" },
    { "pods", "variables.own > 0", "29:21: no such overload: string > int" },
    { "pods", "variables.on == 'a'", "29:7: no variable \"variables.on\"; did you mean \"variables.own\"?" },
    { "namespaces", "variables.images.size() > 0", "13:46: over namespaces: no field \"containers\"" },
    { "namespaces", "variables.own.size() > 0 && object.spec.finalizers == []", "" },
    { "deployments", "object.spec.template.spec.hostPid", "29:33: no field \"hostPid\"; did you mean \"hostPID\"?" },
    { "pods", "namespaceObject != null && namespaceObject.metadata.label['a'] == 'b'",
      "29:59: no field \"label\"; did you mean \"labels\"?" },
    { "pods", "derived.automount && derived.grants.all(g, g.verbs != [])", "" },
    { "pods", "derived.autmount", "29:15: no field \"autmount\"; did you mean \"automount\"?" },
    { "pods", "derived.serviceAccount.automount == 'yes'", "29:43: null or bool is never equal to string" },
    { "pods", "derived.grants.exists(g, g.verb == 'get')", "29:34: no field \"verb\"; did you mean \"verbs\"?" },
    { "subjects", "object.kind == 'User' && derived.clusterAdmin", "" },
    { "subjects", "object.metadata.name == 'a'", "29:14: no field \"metadata\"" },
    { "roles", "derived.rules.exists(r, r.verbs == [] && derived.boundTo.exists(b, b.knd == 'Group'))",
      "29:76: no field \"knd\"; did you mean \"kind\"?" },
    { "cluster", "facts.networkPlugin.enforces == true", "" },
    { "cluster", "facts.netwrokPlugin.enforces == true",
      "29:7: no variable \"facts.netwrokPlugin\"; did you mean \"facts.networkPlugin\"?" },
    { "cluster", "facts.networkPlugin.enforced == true", "29:27: no field \"enforced\"; did you mean \"enforces\"?" },
    { "cluster", "facts.apiServers.all(s, s.flags['any-name'] == 'x')", "" },
    { "cluster", "facts.apiServers.all(s, s.flags['any-name'] == 1)", "29:54: string is never equal to int" },
    { "subjects", "holding(derived.grants, 'get', '', 'secrets').all(g, g.bootstrap)", "" },
    { "subjects", "holding(derived.grants, 'get', '', 'secrets').all(g, g.bootstap)",
      "29:62: no field \"bootstap\"; did you mean \"bootstrap\"?" },
    { "subjects", "holding('get', derived.grants, '', 'secrets').size() == 0", "29:15: argument 1 of holding() must be list, not string" },
    { "subjects", "holdin(derived.grants, 'get', '', 'secrets').size() == 0", "29:7: no function \"holdin\"; did you mean \"holding\"?" },
    { "subjects", "holding(derived.grants).size() == 0", "29:7: holding() does not take 1 argument" },
    { "pods", "object.spec.containers", "28:17: the expression never gives true or false, as it must" },
};

START_TEST(lint_tells)
{
    struct faults faults = { 0 };
    struct benchmark b;
    struct str text = str_printf(&arena, benchmark, lint_row[_i].over, lint_row[_i].expression);
    bool ok = benchmark_parse(&b, &arena, text, "b.yaml", &faults);
    ck_assert_int_eq(ok, faults.item.count == 0);
    const char *fault = faults.item.count ? str_to_c(&arena, faults.item.item[0].text) : "";
    ck_assert_msg(lint_row[_i].fault[0] ? strstr(fault, lint_row[_i].fault) != NULL : !fault[0], "%s: got %s", lint_row[_i].expression,
                  fault);
}
END_TEST

/* ---- shapes: every summary that people read can be read by the checker */

START_TEST(facts_have_shapes)
{
    for (size_t i = 0; i < fact_count; i++) {
        const struct cel_schema *s;
        struct err err = { 0 };
        ck_assert_msg(shape_of_fact(&s, &arena, &fact_info[i], &err), "facts.def: %s", err.text);
        ck_assert_msg(s->kinds && s->kinds != K_ANY, "facts.def: %s is anything", fact_info[i].name);
    }
}
END_TEST

START_TEST(tables_have_shapes)
{
    for (size_t i = 0; i < table_count; i++) {
        const struct cel_schema *object, *derived;
        struct err err = { 0 };
        ck_assert_msg(shape_of_table(&object, &derived, &arena, &table_info[i], &err), "tables.def: %s", err.text);
        ck_assert_msg((object == NULL) == (table_info[i].kind != KIND_NONE),
                      "tables.def: %s: object is \"the KIND\" for a kind's table, and else a shape", table_info[i].name);
        ck_assert_uint_eq(derived->kinds, K_MAP);
    }
}
END_TEST

START_TEST(functions_have_shapes)
{
    for (size_t i = 0; i < facts_function_count; i++) {
        struct cel_host_function f = facts_function[i];
        struct err err = { 0 };
        ck_assert_msg(shape_of_function(&f, &arena, &err), "function.def: %s", err.text);
        ck_assert_ptr_nonnull(f.result);
        for (uint8_t k = 0; k < f.arg_count; k++)
            ck_assert_ptr_nonnull(f.arg[k]);
    }
}
END_TEST

static const struct {
    const char *shape, *fault; /* "": none */
} shape_row[] = {
    { "bool!: x", "" },
    { "[{a, b: [string]!, c: the same, name: 'x', 'y' or 'z'}]", "" },
    { "{name: {name: int|string}?} (why (so))", "" },
    { "texts", "expected a type (string, int, bool, double, any, [T], {name: T}, 'text' or a name in shape.def) at \"texts\"" },
    { "[string", "expected \"]\" at \"\"" },
    { "{a: string", "expected \",\" or \"}\" at \"\"" },
    { "{a, b}", "expected \":\" and a type at \"}\"" },
    { "{: int}", "expected a field's name at \": int}\"" },
    { "'a", "expected the end of a quoted text at \"a\"" },
    { "[[[[[[[[[[[[[[[[[[string]]]]]]]]]]]]]]]]]]", "expected a flatter shape" },
};

START_TEST(shapes_are_read_strictly)
{
    struct fact_info f = { .name = "f", .summary = shape_row[_i].shape };
    const struct cel_schema *s;
    struct err err = { 0 };
    bool ok = shape_of_fact(&s, &arena, &f, &err);
    ck_assert_msg(ok == !shape_row[_i].fault[0] && (ok || strstr(err.text, shape_row[_i].fault)), "%s: %s", f.summary, err.text);
}
END_TEST

/* ---- every kind that Kubernetes itself has and an audit reads is in the bundled document; of a custom resource nothing is claimed */

START_TEST(kinds_have_schemas)
{
    struct kind_schemas s;
    kind_schemas_open(&s, &arena, &arena);
    for (size_t k = 0; k < KIND_COUNT; k++) {
        const struct cel_schema *of = kind_schema(&s, (enum kind)k);
        if (kind_info((enum kind)k)->versions[0]) {
            ck_assert_ptr_null(of);
            continue;
        }
        ck_assert_msg(of && of->kinds == K_MAP && of->field_count >= 3 && !of->open,
                      "benchmarks/schema/kubernetes.json lacks %s: make it anew with tests/tools/compact-schema.py",
                      kind_info((enum kind)k)->name);
    }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("lint");
    TCase *t = tcase_create("lint");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_loop_test(t, lint_tells, 0, (int)COUNT(lint_row));
    tcase_add_loop_test(t, shapes_are_read_strictly, 0, (int)COUNT(shape_row));
    tcase_add_test(t, facts_have_shapes);
    tcase_add_test(t, tables_have_shapes);
    tcase_add_test(t, functions_have_shapes);
    tcase_add_test(t, kinds_have_schemas);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
