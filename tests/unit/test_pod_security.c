/* The Pod Security Standards: what is absent, what has the wrong type, and what holds of every level and version. */
#include "analyze/podsecurity/canary.h"
#include "analyze/podsecurity/pod_security.h"
#include "unit/from_yaml.h"

#include <stdlib.h>

static struct pod_security_result judged(struct arena *a, const char *yaml, enum pod_security_level level, int version)
{
    return pod_security_evaluate(a, from_yaml(a, yaml), level, version);
}

START_TEST(null_is_absent)
{
    struct arena a CLEANUP(arena_release) = { 0 };
    static const char restricted[] =
        "metadata: {annotations: null}\n"
        "spec: {os: null, hostPID: null, hostUsers: null, initContainers: null, ephemeralContainers: null, volumes: [{name: v, emptyDir: "
        "{}, hostPath: null}, null],\n"
        "  securityContext: {runAsNonRoot: true, runAsUser: null, sysctls: null, seLinuxOptions: null, windowsOptions: null, "
        "seccompProfile: {type: RuntimeDefault}},\n"
        "  containers: [{name: a, ports: null, livenessProbe: null, lifecycle: {preStop: null}, securityContext: {privileged: null, "
        "procMount: null,\n"
        "    appArmorProfile: null, allowPrivilegeEscalation: false, capabilities: {drop: [ALL], add: null}}}]}\n";
    for (int version = 0; version <= POD_SECURITY_NEWEST; version++) {
        struct pod_security_result r = judged(&a, restricted, POD_SECURITY_RESTRICTED, version);
        ck_assert_msg(pod_security_is_met(&r), "v1.%d: %.*s", version, STR_ARG(r.fault));
    }
}
END_TEST

/* Whatever a control looks at, a value of another type there keeps the pod from every level. */
START_TEST(nothing_passes_by_a_wrong_type)
{
    static const char *const row[] = {
        "spec: {hostPID: 1}",
        "spec: {hostUsers: \"false\"}",
        "spec: {volumes: {a: {}}}",
        "spec: {volumes: [x]}",
        "spec: {volumes: [{name: v, hostPath: /etc}]}",
        "spec: {containers: {name: a}}",
        "spec: {containers: [a]}",
        "spec: {securityContext: [{}]}",
        "spec: {securityContext: {sysctls: {}}}",
        "spec: {securityContext: {windowsOptions: {hostProcess: \"true\"}}}",
        "spec: {securityContext: {seLinuxOptions: t}}",
        "spec: {securityContext: {appArmorProfile: {type: 1}}}",
        "spec: {containers: [{name: a, securityContext: {privileged: \"true\"}}]}",
        "spec: {containers: [{name: a, securityContext: {capabilities: {add: ALL}}}]}",
        "spec: {containers: [{name: a, ports: [{hostPort: \"80\"}]}]}",
        "spec: {containers: [{name: a, securityContext: {procMount: {}}}]}",
        "spec: {containers: [{name: a, livenessProbe: {httpGet: {host: 1}}}]}",
        "metadata: {annotations: [a]}\nspec: {}",
        "metadata: {annotations: {container.apparmor.security.beta.kubernetes.io/a: 1}}\nspec: {}",
        "spec: x",
        "metadata: {}\nspec: {os: linux}",
    };
    struct arena a CLEANUP(arena_release) = { 0 };
    for (size_t i = 0; i < COUNT_OF(row); i++) {
        for (int level = POD_SECURITY_BASELINE; level <= POD_SECURITY_RESTRICTED; level++) {
            struct pod_security_result r = judged(&a, row[i], (enum pod_security_level)level, POD_SECURITY_LATEST);
            ck_assert_msg(!pod_security_is_met(&r) && r.fault.n, "%s", row[i]);
        }
    }
}
END_TEST

START_TEST(what_is_relaxed_is_relaxed_from_its_version_on)
{
    static const struct {
        const char *pod;
        const char *control;
        int from, to; /* the versions that the control is broken at, by level restricted */
    } row[] = {
        { "spec: {hostUsers: false, securityContext: {runAsUser: 0}, containers: [{name: a}]}", "runAsUser", 23, 34 },
        { "spec: {hostUsers: false, containers: [{name: a}]}", "runAsNonRoot", 0, 34 },
        { "spec: {hostUsers: false, containers: [{name: a, securityContext: {procMount: Unmasked}}]}", "procMount", 0, 34 },
        { "spec: {hostUsers: false, containers: [{name: a, securityContext: {procMount: Unmasked}}]}", "procMount_restricted", 35, 37 },
        { "spec: {os: {name: windows}, containers: [{name: a}]}", "allowPrivilegeEscalation", 8, 24 },
        { "spec: {os: {name: windows}, containers: [{name: a}]}", "capabilities_restricted", 22, 24 },
        { "spec: {os: {name: windows}, containers: [{name: a}]}", "seccompProfile_restricted", 19, 24 },
        { "spec: {nodeSelector: {kubernetes.io/os: windows}, containers: [{name: a}]}", "seccompProfile_restricted", 19, 37 },
        { "spec: {securityContext: {seLinuxOptions: {type: container_engine_t}}}", "seLinuxOptions", 0, 30 },
        { "spec: {securityContext: {sysctls: [{name: net.ipv4.tcp_notsent_lowat}]}}", "sysctls", 0, 36 },
        { "spec: {containers: [{name: a, livenessProbe: {tcpSocket: {host: h}}}]}", "hostProbesAndHostLifecycle", 34, 37 },
        { "spec: {containers: [{name: a, securityContext: {capabilities: {drop: [CAP_NET_RAW]}}}]}", "capabilities_restricted", 22, 37 },
        { "spec: {containers: [{name: a, securityContext: {capabilities: {drop: [all]}}}]}", "capabilities_restricted", 22, 37 },
    };
    struct arena a CLEANUP(arena_release) = { 0 };
    for (size_t i = 0; i < COUNT_OF(row); i++) {
        for (int version = 0; version <= POD_SECURITY_NEWEST + 3; version++) {
            struct pod_security_result r = judged(&a, row[i].pod, POD_SECURITY_RESTRICTED, version);
            bool broken = false;
            for (size_t k = 0; k < r.violation.count; k++)
                broken |= strcmp(r.violation.item[k].control, row[i].control) == 0;
            bool wanted = version >= row[i].from && (version <= row[i].to || row[i].to == POD_SECURITY_NEWEST);
            ck_assert_msg(broken == wanted, "%s at v1.%d: %d", row[i].pod, version, broken);
        }
    }
}
END_TEST

START_TEST(words_are_the_servers)
{
    struct arena a CLEANUP(arena_release) = { 0 };
    struct pod_security_result r = judged(&a,
                                          "metadata: {annotations: {container.apparmor.security.beta.kubernetes.io/b: "
                                          "\"un\\\"conf\\n\\u200bé\", container.apparmor.security.beta.kubernetes.io/a: x}}\n"
                                          "spec: {securityContext: {appArmorProfile: {type: Unconfined}}, containers: [{name: c, ports: "
                                          "[{hostPort: 9}, {hostPort: 80}, {hostPort: 9}]}]}",
                                          POD_SECURITY_BASELINE, POD_SECURITY_LATEST);
    ck_assert_uint_eq(r.violation.count, 2);
    ck_assert_text(r.violation.item[0].reason, "forbidden AppArmor profiles");
    ck_assert_text(r.violation.item[0].detail, "pod and annotations must not set AppArmor profile type to \"Unconfined\", "
                                               "\"container.apparmor.security.beta.kubernetes.io/a=\"x\"\", "
                                               "\"container.apparmor.security.beta.kubernetes.io/b=\"un\\\"conf\\n\\u200b\xc3\xa9\"\"");
    ck_assert_text(r.violation.item[1].detail, "container \"c\" uses hostPorts 80, 9");
}
END_TEST

START_TEST(labels_are_read_as_the_server_reads_them)
{
    static const struct {
        const char *labels;
        const char *want; /* enforce, audit, warn, valid */
    } row[] = {
        { "{}", "privileged:latest privileged:latest privileged:latest 1" },
        { "{pod-security.kubernetes.io/enforce: Restricted}", "restricted:latest privileged:latest privileged:latest 0" },
        { "{pod-security.kubernetes.io/enforce: ''}", "restricted:latest privileged:latest privileged:latest 0" },
        { "{pod-security.kubernetes.io/enforce: baseline, pod-security.kubernetes.io/enforce-version: '1.30'}",
          "baseline:latest privileged:latest baseline:latest 0" },
        { "{pod-security.kubernetes.io/enforce: baseline, pod-security.kubernetes.io/enforce-version: v1.030}",
          "baseline:latest privileged:latest baseline:latest 0" },
        { "{pod-security.kubernetes.io/enforce-version: v1.30}", "privileged:v1.30 privileged:latest privileged:latest 1" },
        { "{pod-security.kubernetes.io/enforce: baseline, pod-security.kubernetes.io/warn: privileged}",
          "baseline:latest privileged:latest privileged:latest 1" },
        { "{pod-security.kubernetes.io/audit: x, pod-security.kubernetes.io/warn: x}",
          "privileged:latest privileged:latest privileged:latest 0" },
        { "{pod-security.kubernetes.io/enforce: restricted, pod-security.kubernetes.io/enforce-version: v1.9, "
          "pod-security.kubernetes.io/warn-version: v1.20}",
          "restricted:v1.9 privileged:latest restricted:v1.20 1" },
    };
    struct arena a CLEANUP(arena_release) = { 0 };
    struct pod_security_policy none = pod_security_policy_default();
    for (size_t i = 0; i < COUNT_OF(row); i++) {
        struct pod_security_policy p = pod_security_policy_of(from_yaml(&a, row[i].labels), &none);
        const struct pod_security_setting s[] = { p.enforce, p.audit, p.warn };
        struct str got = { 0 };
        for (size_t k = 0; k < COUNT_OF(s); k++)
            got = str_printf(&a, "%.*s%s:%.*s ", STR_ARG(got), pod_security_level_name(s[k].level),
                             STR_ARG(pod_security_version_text(&a, s[k].version)));
        ck_assert_text(str_printf(&a, "%.*s%d", STR_ARG(got), p.valid), row[i].want);
    }
}
END_TEST

/* A canary that is moved to a namespace is the one that is made there; a name that JSON does not take as it is makes none. */
START_TEST(canaries_move_between_namespaces)
{
    static const char *const ns[] = { "default", "a",           "with-a-long-name-of-sixty-three-letters-as-the-api-server-takes-it",
                                      "quo\"te", "back\\slash", "\x01",
                                      "\xff",    "\xc3\xa9",    "" };
    struct arena a CLEANUP(arena_release) = { 0 };
    for (size_t i = 0; i <= canary_count; i++)
        for (enum canary_place place = CANARY_CONTAINER; place <= CANARY_INIT_CONTAINER; place++)
            for (size_t n = 0; n < sizeof ns / sizeof *ns; n++) {
                const struct canary *c = i < canary_count ? &canary[i] : NULL;
                struct value made = canary_pod(&a, c, place, STR("elsewhere")), there = canary_pod(&a, c, place, str_from_c(ns[n]));
                struct value moved = canary_pod_in(&a, made, str_from_c(ns[n]));
                ck_assert_int_eq(made.kind, VALUE_MAP);
                ck_assert_msg(there.kind == moved.kind && (there.kind == VALUE_NULL || value_equal(there, moved)), "canary %zu in %s", i,
                              ns[n]);
                ck_assert(str_eq_c(value_text_at(made, "metadata", "namespace", NULL), "elsewhere"));
                arena_reset(&a);
            }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("pod_security");
    TCase *t = tcase_create("all");
    tcase_add_test(t, canaries_move_between_namespaces);
    tcase_add_test(t, null_is_absent);
    tcase_add_test(t, nothing_passes_by_a_wrong_type);
    tcase_add_test(t, what_is_relaxed_is_relaxed_from_its_version_on);
    tcase_add_test(t, words_are_the_servers);
    tcase_add_test(t, labels_are_read_as_the_server_reads_them);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
