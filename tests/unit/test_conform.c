/* Nulls and wrong types of objects, by the bundled schema: what is left of them, and what is told. */
#include "cluster/conform.h"
#include "cluster/kind_schema.h"
#include "unit/from_yaml.h"
#include "value/json_doc.h"

#include <stdlib.h>

static struct conform_result as_kind(struct arena *a, enum kind kind, const char *yaml)
{
    struct kind_schemas s;
    kind_schemas_open(&s, a, a);
    return conform_object(a, kind_schema(&s, kind), from_yaml(a, yaml));
}

START_TEST(null_is_as_go_decodes_it)
{
    static const struct {
        enum kind kind;
        const char *given, *want;
    } row[] = {
        { KIND_PODS,
          "spec: {initContainers: null, securityContext: null, hostPID: null, volumes: [{name: v, hostPath: null, emptyDir: {}}]}",
          "spec: {volumes: [{name: v, emptyDir: {}}]}" },
        { KIND_PODS, "metadata: {annotations: null, labels: {a: null, b: x}, creationTimestamp: null}",
          "metadata: {labels: {a: '', b: x}}" },
        { KIND_PODS, "spec: {containers: [null, {name: a, args: [x, null], resources: {limits: {cpu: null}}}]}",
          "spec: {containers: [{}, {name: a, args: [x, ''], resources: {limits: {cpu: '0'}}}]}" },
        { KIND_DEPLOYMENTS, "spec: {template: {metadata: null, spec: {containers: [{name: a, env: null, livenessProbe: null}]}}}",
          "spec: {template: {spec: {containers: [{name: a}]}}}" },
        { KIND_NETWORKPOLICIES, "spec: {podSelector: null, ingress: [null], egress: null, policyTypes: null}", "spec: {ingress: [{}]}" },
        { KIND_ADMISSIONPOLICIES, "spec: {matchConditions: null, paramKind: null, validations: [{expression: 'true', message: null}]}",
          "spec: {validations: [{expression: 'true'}]}" },
        /* what no schema describes, and what is unstructured, keeps its nulls */
        { KIND_PODS, "status: {phase: Running}\nunknown: null", "status: {phase: Running}\nunknown: null" },
        { KIND_PODS, "spec: {securityContext: {runAsUser: 1000.0}, priority: 0}",
          "spec: {securityContext: {runAsUser: 1000}, priority: 0}" },
        { KIND_PODS,
          "spec: {containers: [{name: a, ports: [{containerPort: 80}], livenessProbe: {httpGet: {port: http}}, resources: {limits: {cpu: "
          "1, memory: 1Gi}}}]}",
          "spec: {containers: [{name: a, ports: [{containerPort: 80}], livenessProbe: {httpGet: {port: http}}, resources: {limits: {cpu: "
          "1, memory: 1Gi}}}]}" },
    };
    struct arena a CLEANUP(arena_release) = { 0 };
    for (size_t i = 0; i < COUNT_OF(row); i++) {
        struct conform_result r = as_kind(&a, row[i].kind, row[i].given);
        struct buf got CLEANUP(buf_release) = BUF_INIT(65536);
        json_doc_write(&got, r.object, 0);
        ck_assert_msg(!r.fault.n && value_equal(r.object, from_yaml(&a, row[i].want)), "row %zu: %.*s; %.*s", i, STR_ARG(buf_str(&got)),
                      STR_ARG(r.fault));
    }
}
END_TEST

/* A value of the wrong type becomes an error that names the field, there and nowhere else. */
START_TEST(a_wrong_type_is_an_error_where_it_stands)
{
    static const struct {
        enum kind kind;
        const char *given, *fault;
        bool is_structural;
    } row[] = {
        { KIND_PODS, "spec: {containers: [{name: a, securityContext: {privileged: 'true'}}]}",
          "spec.containers[0].securityContext.privileged is of type string, which no API server takes there", false },
        { KIND_PODS, "spec: {volumes: {a: {}}}", "spec.volumes is of type map, which no API server takes there", false },
        { KIND_PODS, "spec: {hostPID: 1}", "spec.hostPID is of type int, which no API server takes there", false },
        { KIND_PODS, "spec: {securityContext: {runAsUser: 0.5}}",
          "spec.securityContext.runAsUser is of type double, which no API server takes there", false },
        { KIND_PODS, "spec: {serviceAccountName: [a]}", "spec.serviceAccountName is of type list, which no API server takes there", true },
        { KIND_PODS, "metadata: {annotations: {a: true}}", "metadata.annotations.a is of type bool, which no API server takes there",
          false },
        { KIND_PODS, "metadata: {annotations: {kubernetes.io/config.mirror: true}}",
          "metadata.annotations.kubernetes.io/config.mirror is of type bool, which no API server takes there", true },
        { KIND_PODS, "metadata: {ownerReferences: {}}", "metadata.ownerReferences is of type map, which no API server takes there", true },
        { KIND_CRONJOBS, "spec: {jobTemplate: x}", "spec.jobTemplate is of type string, which no API server takes there", true },
        { KIND_ROLES, "rules: [{verbs: get}]", "rules[0].verbs is of type string, which no API server takes there", false },
        { KIND_PODS, "spec: text", "spec is of type string, which no API server takes there", false },
    };
    struct arena a CLEANUP(arena_release) = { 0 };
    for (size_t i = 0; i < COUNT_OF(row); i++) {
        struct conform_result r = as_kind(&a, row[i].kind, row[i].given);
        ck_assert_text(r.fault, row[i].fault);
        ck_assert_msg(r.is_structural == row[i].is_structural, "row %zu", i);
    }
    struct conform_result r = as_kind(&a, KIND_PODS, "spec: {hostPID: 'no', hostIPC: true}");
    ck_assert_int_eq(value_at(r.object, "spec", "hostPID", NULL)->kind, VALUE_ERROR);
    ck_assert_int_eq(value_at(r.object, "spec", "hostIPC", NULL)->kind, VALUE_BOOL);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("conform");
    TCase *t = tcase_create("all");
    tcase_add_test(t, null_is_as_go_decodes_it);
    tcase_add_test(t, a_wrong_type_is_an_error_where_it_stands);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
