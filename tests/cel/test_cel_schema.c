/* Schemas out of OpenAPI documents: the bundled one of Kubernetes' kinds, and small ones for each form. */
#include "base/file.h"
#include "cel/overload.h"
#include "cel/schema.h"
#include "value/json_read.h"

#include <check.h>

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

static struct schema_document open_text(struct str text)
{
    struct schema_document d;
    struct value v;
    struct err err = { 0 };
    ck_assert_msg(json_read(&v, &arena, text, NULL, NULL, 0, &err), "%s", err.text);
    ck_assert_msg(schema_document_open(&d, &arena, v, &err), "%s", err.text);
    return d;
}

/* What the compiler says of an expression over x; empty: nothing. */
static struct str fault_of(const struct cel_schema *schema, const char *expression)
{
    const struct cel_variable variable = { .name = STR("x"), .schema = schema };
    struct cel_env env = { .variable = &variable, .variable_count = 1 };
    struct cel_program *p;
    struct err err = { 0 };
    bool ok = cel_compile(&p, &arena, str_from_c(expression), (struct pos){ "t", 1, 1 }, &env, &err);
    return ok ? (struct str){ 0 } : str_dup(&arena, str_from_c(err.text));
}

/* ---- Kubernetes' kinds */

static const struct {
    const char *group, *kind, *expression, *fault;
} kind_row[] = {
    { "", "Pod", "x.spec.containers.all(c, c.image != '')", "" },
    { "", "Pod", "x.spec.contaners.size()", "no field \"contaners\"; did you mean \"containers\"?" },
    { "", "Pod", "x.spec.containers.all(c, c.securityContext.priviledged)", "no field \"priviledged\"; did you mean \"privileged\"?" },
    { "", "Pod", "x.spec.?initContainers.orValue([]).exists(c, c.?securityContext.?runAsNonroot.orValue(false))",
      "no field \"runAsNonroot\"; did you mean \"runAsNonRoot\"?" },
    { "", "Pod", "x.metadata.labels['app'] == 'a' && x.metadata.annotations.all(k, v, v != k)", "" },
    { "", "Pod", "x.metadata.labels.app == 1", "string is never equal to int" },
    { "", "Pod", "x.spec.containers[0].resources.limits.memory == '1Gi' || x.spec.containers[0].resources.limits['cpu'] == 2", "" },
    { "", "Pod", "x.spec.containers[0].livenessProbe.httpGet.port in [80, 'http']", "" },
    { "", "Pod", "x.spec.hostNetwork == 'true'", "bool is never equal to string" },
    { "", "Pod", "x.spec.priority > 'high'", "no such overload: int > string" },
    { "", "Pod", "x.apiVersion.startsWith('v') && x.kind == 'Pod' && has(x.status.podIPs)", "" },
    { "apps", "Deployment", "x.spec.template.spec.hostPid", "no field \"hostPid\"; did you mean \"hostPID\"?" },
    { "batch", "CronJob", "x.spec.jobTemplate.spec.template.spec.volumes.exists(v, has(v.hostPath))", "" },
    { "batch", "CronJob", "x.spec.jobTemplate.spec.template.spec.volumes.exists(v, has(v.hostpath))",
      "no field \"hostpath\"; did you mean \"hostPath\"?" },
    { "rbac.authorization.k8s.io", "ClusterRole", "x.rules.exists(r, '*' in r.verbs && 'secrets' in r.resources)", "" },
    { "rbac.authorization.k8s.io", "ClusterRole", "x.rules.exists(r, '*' in r.verb)", "no field \"verb\"; did you mean \"verbs\"?" },
    { "rbac.authorization.k8s.io", "ClusterRole", "x.rules.exists(r, 1 in r.verbs)", "int is never equal to string" },
    { "networking.k8s.io", "NetworkPolicy",
      "x.spec.ingress.exists(i, i.from.exists(p, has(p.ipBlock) && cidr(p.ipBlock.cidr).prefixLength() == 0))", "" },
    { "networking.k8s.io", "NetworkPolicy", "x.spec.podselector", "no field \"podselector\"; did you mean \"podSelector\"?" },
    { "apiextensions.k8s.io", "CustomResourceDefinition",
      "x.spec.versions.all(v, v.schema.openAPIV3Schema.properties['a'].properties['b'].properties.c.type == 'string')", "" },
    { "apiextensions.k8s.io", "CustomResourceDefinition",
      "x.spec.versions.all(v, v.schema.openAPIV3Schema.properties['a'].properties['b'].tpe == 'string')",
      "no field \"tpe\"; did you mean \"type\"?" },
};

START_TEST(test_kind)
{
    const char *top = getenv("srcdir");
    struct str path = str_printf(&arena, "%s/benchmarks/schema/kubernetes.json", top ? top : ".");
    struct buf text CLEANUP(buf_release) = BUF_INIT(1 << 20);
    struct err err = { 0 };
    ck_assert_msg(file_read(str_to_c(&arena, path), &text, &err), "%s", err.text);
    struct schema_document d = open_text(str_dup(&arena, buf_str(&text)));
    const struct cel_schema *s = schema_of_kind(&d, str_from_c(kind_row[_i].group), STR("v1"), str_from_c(kind_row[_i].kind));
    ck_assert_ptr_nonnull(s);
    ck_assert_ptr_eq(s, schema_of_kind(&d, str_from_c(kind_row[_i].group), (struct str){ 0 }, str_from_c(kind_row[_i].kind)));
    ck_assert_ptr_null(schema_of_kind(&d, STR("no.such"), STR("v1"), STR("Pod")));
    struct str fault = fault_of(s, kind_row[_i].expression);
    ck_assert_msg(str_eq_c(fault, kind_row[_i].fault), "got %.*s", STR_ARG(fault));
}
END_TEST

/* ---- each form of a schema: component A of a document */

static const struct {
    const char *components, *expression, *fault;
} form_row[] = {
    { "{\"A\":{\"type\":\"string\"}}", "x + 1", "no such overload: string + int" },
    { "{\"A\":{\"type\":\"integer\",\"format\":\"int64\"}}", "x + 'a'", "no such overload: int + string" },
    { "{\"A\":{\"type\":\"number\"}}", "x + 1 > 0 || x + 1.5 > 0.0", "" },
    { "{\"A\":{\"type\":\"boolean\"}}", "x > 1", "no such overload: bool > int" },
    { "{\"A\":{\"type\":\"array\",\"items\":{\"type\":\"string\"}}}", "x[0] + 1", "no such overload: string + int" },
    { "{\"A\":{\"type\":\"array\"}}", "x[0] + 1", "" },
    { "{\"A\":{\"type\":\"object\"}}", "x.anything", "" },
    { "{\"A\":{\"type\":\"object\",\"properties\":{\"b\":{\"type\":\"string\"}}}}", "x.c", "no field \"c\"" },
    { "{\"A\":{\"type\":\"object\",\"properties\":{\"c\":{},\"b\":{\"type\":\"string\"},\"a\":{},\"d\":{}}}}",
      "x.a == x.c && x.b + 1 == x.d", "no such overload: string + int" },
    { "{\"A\":{\"type\":\"object\",\"properties\":{\"b\":{}},\"x-kubernetes-preserve-unknown-fields\":true}}", "x.c", "" },
    { "{\"A\":{\"type\":\"object\",\"properties\":{\"b\":{}},\"additionalProperties\":{\"type\":\"string\"}}}", "x.c", "" },
    { "{\"A\":{\"type\":\"object\",\"additionalProperties\":{\"type\":\"string\"}}}", "x.c + 1", "no such overload: string + int" },
    { "{\"A\":{\"type\":\"object\",\"additionalProperties\":true}}", "x.c + 1", "" },
    { "{\"A\":{\"type\":\"string\",\"nullable\":true}}", "x == null || x + 1 == 1", "no such overload: null or string + int" },
    { "{\"A\":{\"x-kubernetes-int-or-string\":true}}", "x == 1 || x == 'a'", "" },
    { "{\"A\":{\"x-kubernetes-int-or-string\":true}}", "x == true", "int or string is never equal to bool" },
    { "{\"A\":{\"oneOf\":[{\"type\":\"string\"},{\"type\":\"number\"}]}}", "x == true", "int or double or string is never equal to bool" },
    { "{\"A\":{\"oneOf\":[{\"type\":\"object\"},{\"type\":\"number\"}]}}", "x == true", "" },
    { "{\"A\":{\"allOf\":[{\"$ref\":\"#/components/schemas/B\"}],\"default\":{}},\"B\":{\"type\":\"string\"}}", "x + 1",
      "no such overload: string + int" },
    { "{\"A\":{\"allOf\":[{\"type\":\"string\"},{\"type\":\"string\"}]}}", "x + 1", "" },
    { "{\"A\":{\"$ref\":\"#/components/schemas/A\"}}", "x.a", "" },
    { "{\"A\":{\"$ref\":\"#/components/schemas/None\"}}", "x.a", "" },
    { "{\"A\":{\"$ref\":\"http://elsewhere\"}}", "x.a", "" },
    { "{\"A\":{\"type\":\"object\",\"properties\":{\"a\":{\"$ref\":\"#/components/schemas/A\"},\"b\":{\"type\":\"string\"}}}}", "x.a.a.a.c",
      "no field \"c\"" },
    { "{\"A\":null}", "x.a", "" },
    { "{\"A\":{\"type\":[\"string\"]}}", "x.a", "" },
    { "{\"A\":{\"type\":\"object\",\"properties\":[1]}}", "x.a", "" },
    { "{\"A\":{\"type\":\"object\",\"properties\":{\"a\":null}}}", "x.a.b", "" },
    { "{\"A\":{\"oneOf\":{}}}", "x.a", "" },
};

START_TEST(test_form)
{
    struct str text = str_printf(&arena, "{\"components\":{\"schemas\":%s}}", form_row[_i].components);
    struct schema_document d = open_text(text);
    const struct cel_schema *s = schema_of(&d, STR("A"));
    ck_assert_ptr_nonnull(s);
    struct str fault = fault_of(s, form_row[_i].expression);
    ck_assert_msg(str_eq_c(fault, form_row[_i].fault), "got %.*s", STR_ARG(fault));
}
END_TEST

START_TEST(test_no_document)
{
    static const char *const text[] = { "{}", "[]", "1", "{\"components\":{}}", "{\"components\":{\"schemas\":[]}}" };
    for (size_t i = 0; i < COUNT(text); i++) {
        struct schema_document d;
        struct value v;
        struct err err = { 0 };
        ck_assert(json_read(&v, &arena, str_from_c(text[i]), NULL, NULL, 0, &err));
        ck_assert(!schema_document_open(&d, &arena, v, &err));
        ck_assert_str_eq(err.text, "no components.schemas: this is not an OpenAPI v3 document");
    }
}
END_TEST

/* A chain of references and a schema in a schema end at the limit, as anything. */
START_TEST(test_deep)
{
    struct buf b CLEANUP(buf_release) = BUF_INIT(1 << 20);
    buf_add_c(&b, "{\"components\":{\"schemas\":{");
    for (int i = 0; i < 5000; i++)
        buf_addf(&b, "\"R%d\":{\"$ref\":\"#/components/schemas/R%d\"},", i, i + 1);
    buf_add_c(&b, "\"R5000\":{\"type\":\"string\"},\"S\":{\"type\":\"string\"}}}}");
    struct schema_document d = open_text(str_dup(&arena, buf_str(&b)));
    ck_assert_uint_eq(schema_of(&d, STR("R0"))->kinds, K_ANY);
    ck_assert_uint_eq(schema_of(&d, STR("R4990"))->kinds, K_STRING);
    ck_assert_uint_eq(schema_of(&d, STR("S"))->kinds, K_STRING);
    ck_assert_ptr_null(schema_of(&d, STR("T")));
}
END_TEST

int main(void)
{
    Suite *s = suite_create("cel_schema");
    TCase *t = tcase_create("cel_schema");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_loop_test(t, test_kind, 0, COUNT(kind_row));
    tcase_add_loop_test(t, test_form, 0, COUNT(form_row));
    tcase_add_test(t, test_no_document);
    tcase_add_test(t, test_deep);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? 1 : 0;
}
