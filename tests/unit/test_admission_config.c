/* The API server's own configuration of Pod Security: what is read of it, and what is refused as the API server refuses it. */
#include "analyze/podsecurity/admission_config.h"
#include "unit/from_yaml.h"

static struct arena arena;

static void teardown(void)
{
    arena_release(&arena);
}

#define HEAD         "apiVersion: apiserver.config.k8s.io/v1\nkind: AdmissionConfiguration\n"
#define PSC          "apiVersion: pod-security.admission.config.k8s.io/v1, kind: PodSecurityConfiguration"
#define PLUGIN(rest) HEAD "plugins:\n- {name: PodSecurity, " rest "}\n"

static const struct {
    const char *text, *enforce, *version, *exempt; /* exempt: users|namespaces|classes */
} read_row[] = {
    { HEAD, "privileged", "latest", "||" },
    { HEAD "plugins:\n", "privileged", "latest", "||" },
    { HEAD "plugins: [{name: Other, configuration: {any: thing}}]\n", "privileged", "latest", "||" },
    { PLUGIN("configuration: {" PSC "}"), "privileged", "latest", "||" },
    { PLUGIN("configuration: {" PSC ", defaults: {enforce: baseline, enforce-version: v1.30}}"), "baseline", "v1.30", "||" },
    { PLUGIN("configuration: {" PSC ", defaults: {enforce: ''}}"), "privileged", "latest", "||" },
    { PLUGIN("configuration: {" PSC ", exemptions: {usernames: [a, b], namespaces: [ns1], runtimeClasses: [k.x]}}"), "privileged", "latest",
      "a,b|ns1|k.x" },
    { "{" PSC ", defaults: {enforce: restricted}}", "restricted", "latest", "||" },
    { "{apiVersion: pod-security.admission.config.k8s.io/v1beta1, kind: PodSecurityConfiguration, defaults: {enforce: restricted}}",
      "restricted", "latest", "||" },
    { "{\"apiVersion\": \"apiserver.k8s.io/v1alpha1\", \"kind\": \"AdmissionConfiguration\"}", "privileged", "latest", "||" },
};

static struct str joined(const struct names *n)
{
    return str_join(&arena, n->item.item, n->item.count, STR(","));
}

START_TEST(what_is_read)
{
    struct admission_config c;
    struct err err = { 0 };
    ck_assert_msg(admission_config_read(&c, &arena, str_from_c(read_row[_i].text), "f.yaml", &err), "%s", err.text);
    ck_assert_str_eq(pod_security_level_name(c.defaults.enforce.level), read_row[_i].enforce);
    ck_assert_text(pod_security_version_text(&arena, c.defaults.enforce.version), read_row[_i].version);
    struct str all = str_printf(&arena, "%.*s|%.*s|%.*s", STR_ARG(joined(&c.usernames)), STR_ARG(joined(&c.namespaces)),
                                STR_ARG(joined(&c.runtime_classes)));
    ck_assert_text(all, read_row[_i].exempt);
    ck_assert_uint_eq(strlen(c.sha256), 64);
}
END_TEST

static const char *const refused_row[] = {
    "",
    "7",
    "[]",
    HEAD "---\n" HEAD,
    "apiVersion: v1\nkind: AdmissionConfiguration\n",
    "kind: AdmissionConfiguration\n",
    "apiVersion: apiserver.config.k8s.io/v1\nkind: EncryptionConfiguration\n",
    HEAD "pluginz: []\n",
    HEAD "plugins: {}\n",
    HEAD "plugins: [7]\n",
    HEAD "plugins: [{name: 7}]\n",
    HEAD "plugins: [{name: Other, extra: x}]\n",
    PLUGIN("configuration: {" PSC "}") "- {name: PodSecurity}\n",
    PLUGIN("configuration: []"),
    PLUGIN("configuration: {defaults: {}}"),
    PLUGIN("configuration: {" PSC ", default: {}}"),
    PLUGIN("configuration: {" PSC ", defaults: []}"),
    PLUGIN("configuration: {" PSC ", defaults: {enforce: Baseline}}"),
    PLUGIN("configuration: {" PSC ", defaults: {enforce: true}}"),
    PLUGIN("configuration: {" PSC ", defaults: {enforce-version: '1.30'}}"),
    PLUGIN("configuration: {" PSC ", defaults: {enforced: baseline}}"),
    PLUGIN("configuration: {" PSC ", exemptions: {namespaces: kube-system}}"),
    PLUGIN("configuration: {" PSC ", exemptions: {namespaces: [Upper]}}"),
    PLUGIN("configuration: {" PSC ", exemptions: {namespaces: [a.b]}}"),
    PLUGIN("configuration: {" PSC ", exemptions: {namespaces: [a, a]}}"),
    PLUGIN("configuration: {" PSC ", exemptions: {usernames: ['']}}"),
    PLUGIN("configuration: {" PSC ", exemptions: {usernames: [7]}}"),
    PLUGIN("configuration: {" PSC ", exemptions: {groups: [a]}}"),
};

START_TEST(what_the_api_server_refuses)
{
    struct admission_config c;
    struct err err = { 0 };
    ck_assert_msg(!admission_config_read(&c, &arena, str_from_c(refused_row[_i]), "f.yaml", &err), "row %d", _i);
    ck_assert_msg(strstr(err.text, "f.yaml") || (err.pos.file && strstr(err.pos.file, "f.yaml")), "row %d: %s", _i, err.text);
}
END_TEST

START_TEST(a_path_is_told_and_what_it_names_is_added)
{
    struct admission_config c;
    struct err err = { 0 };
    ck_assert(admission_config_read(&c, &arena, STR(HEAD "plugins: [{name: PodSecurity, path: psa.yaml}]\n"), "f", &err));
    ck_assert_text(c.path, "psa.yaml");
    ck_assert(!admission_config_add(&c, &arena, STR(HEAD), "g", &err));
    ck_assert(admission_config_add(&c, &arena, STR("{" PSC ", defaults: {enforce: baseline}}"), "g", &err));
    ck_assert_int_eq(c.defaults.enforce.level, POD_SECURITY_BASELINE);
    ck_assert_uint_eq(c.path.n, 0);
    ck_assert_uint_eq(strlen(c.sha256), 64);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("admission configuration");
    TCase *t = tcase_create("all");
    tcase_add_checked_fixture(t, NULL, teardown);
    tcase_add_loop_test(t, what_is_read, 0, (int)(sizeof read_row / sizeof *read_row));
    tcase_add_loop_test(t, what_the_api_server_refuses, 0, (int)(sizeof refused_row / sizeof *refused_row));
    tcase_add_test(t, a_path_is_told_and_what_it_names_is_added);
    suite_add_tcase(s, t);
    SRunner *runner = srunner_create(s);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
