/* EncryptionConfiguration: read, checked, and who writes what. */
#include "analyze/secrets/encryption.h"
#include "base/duration.h"
#include "unit/from_yaml.h"

static struct arena arena;
static struct err err;

static void teardown(void)
{
    arena_release(&arena);
    err_clear(&err);
}

#define HEAD "kind: EncryptionConfiguration\napiVersion: apiserver.config.k8s.io/v1\n"
/* Keys of 16, 32 and 5 bytes. */
#define KEY16                      "MDEyMzQ1Njc4OWFiY2RlZg=="
#define KEY32                      "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
#define KEY5                       "MTIzNDU="
#define RULE(resources, providers) HEAD "resources: [{resources: [" resources "], providers: [" providers "]}]"
#define KMS(body)                  RULE("secrets", "{kms: {" body "}}")
#define AES(keys)                  RULE("secrets", "{aescbc: {keys: [" keys "]}}")

static const struct {
    const char *text;
    bool reload;
    const char *error; /* the first one; NULL: valid */
} check_row[] = {
    { HEAD, false, "resources: Required value: at least one resources is required" },
    { HEAD "resources: []", false, "resources: Required value: at least one resources is required" },
    { HEAD "resources: [{providers: [{identity: {}}]}]", false,
      "resources[0].resources: Required value: at least one resources[0].resources is required" },
    { HEAD "resources: [{resources: [secrets]}]", false,
      "resources[0].providers: Required value: at least one resources[0].providers is required" },
    { RULE("secrets", "{identity: {}}"), false, NULL },
    { RULE("secrets", "{}"), false,
      "resources[0].providers[0]: Invalid value: {\"AESGCM\":null,\"AESCBC\":null,\"Secretbox\":null,\"Identity\":null,\"KMS\":null}: "
      "provider does not contain any of the expected providers: KMS, AESGCM, AESCBC, Secretbox, Identity" },
    { RULE("secrets", "{aescbc: {keys: [{name: k, secret: " KEY16 "}]}, identity: {}}"), false,
      "resources[0].providers[0]: Invalid value: "
      "{\"AESGCM\":null,\"AESCBC\":{\"Keys\":[{\"Name\":\"k\",\"Secret\":\"REDACTED\"}]},\"Secretbox\":null,\"Identity\":{},\"KMS\":null}: "
      "more than one provider specified in a single element, should split into different list elements" },
    { AES(""), false, "resources[0].providers[0].aescbc.keys: Required value: at least one keys is required" },
    { AES("{name: k, secret: " KEY16 "}"), false, NULL },
    { AES("{name: k, secret: " KEY32 "}"), false, NULL },
    { AES("{secret: " KEY16 "}"), false,
      "resources[0].providers[0].aescbc.keys[0].name: Required value: name is a mandatory field for a key" },
    { AES("{name: k}"), false, "resources[0].providers[0].aescbc.keys[0].secret: Required value: secret is a mandatory field for a key" },
    { AES("{name: k, secret: '!!!!'}"), false,
      "resources[0].providers[0].aescbc.keys[0].secret: Invalid value: \"REDACTED\": secrets must be base64 encoded" },
    { AES("{name: k, secret: " KEY5 "}"), false,
      "resources[0].providers[0].aescbc.keys[0].secret: Invalid value: \"REDACTED\": secret is not of the expected length, got 5, expected "
      "one of [16 24 32]" },
    { RULE("secrets", "{secretbox: {keys: [{name: k, secret: " KEY16 "}]}}"), false,
      "resources[0].providers[0].secretbox.keys[0].secret: Invalid value: \"REDACTED\": secret is not of the expected length, got 16, "
      "expected one of [32]" },
    { KMS("name: a, endpoint: 'unix:///x'"), false, NULL },
    { KMS("apiVersion: v2, name: a, endpoint: 'unix:///x'"), false, NULL },
    { KMS("endpoint: 'unix:///x'"), false, "resources[0].providers[0].kms.name: Required value: name is a mandatory field for a provider" },
    { KMS("name: a"), false, "resources[0].providers[0].kms.endpoint: Invalid value: \"\": endpoint is a mandatory field for a kms" },
    { KMS("name: a, endpoint: 'http://x'"), false,
      "resources[0].providers[0].kms.endpoint: Invalid value: \"http://x\": unsupported scheme \"http\" for KMS provider, only unix is "
      "supported" },
    { KMS("name: a, endpoint: '/x'"), false,
      "resources[0].providers[0].kms.endpoint: Invalid value: \"/x\": unsupported scheme \"\" for KMS provider, only unix is supported" },
    { KMS("name: a, endpoint: \"unix:///x\\n\""), false,
      "resources[0].providers[0].kms.endpoint: Invalid value: \"unix:///x\\n\": invalid endpoint for kms provider, error: parse "
      "\"unix:///x\\n\": net/url: invalid control character in URL" },
    { KMS("name: a, endpoint: ':x'"), false,
      "resources[0].providers[0].kms.endpoint: Invalid value: \":x\": invalid endpoint for kms provider, error: parse \":x\": missing "
      "protocol scheme" },
    { KMS("name: a, endpoint: 'unix:///x', timeout: 0s"), false,
      "resources[0].providers[0].kms.timeout: Invalid value: \"0s\": timeout should be a positive value" },
    { KMS("name: a, endpoint: 'unix:///x', timeout: -90s"), false,
      "resources[0].providers[0].kms.timeout: Invalid value: \"-1m30s\": timeout should be a positive value" },
    { KMS("name: a, endpoint: 'unix:///x', cachesize: 0"), false,
      "resources[0].providers[0].kms.cachesize: Invalid value: 0: cachesize should be a positive value, or negative to disable" },
    { KMS("name: a, endpoint: 'unix:///x', cachesize: -5"), false, NULL },
    { KMS("apiVersion: v2, name: a, endpoint: 'unix:///x', cachesize: 5"), false,
      "resources[0].providers[0].kms.cachesize: Invalid value: 5: cachesize is not supported in v2" },
    { KMS("apiVersion: v3, name: a, endpoint: 'unix:///x'"), false,
      "resources[0].providers[0].kms.apiVersion: Invalid value: \"v3\": unsupported apiVersion apiVersion for KMS provider, only v1 and v2 "
      "are supported" },
    { KMS("apiVersion: v2, name: 'a:b', endpoint: 'unix:///x'"), false,
      "resources[0].providers[0].kms.name: Invalid value: \"a:b\": invalid KMS provider name a:b, must not contain ':'" },
    { RULE("secrets", "{kms: {name: a, endpoint: 'unix:///x'}}, {kms: {name: a, endpoint: 'unix:///y'}}"), false, NULL },
    { RULE("secrets", "{kms: {name: a, endpoint: 'unix:///x'}}, {kms: {name: a, endpoint: 'unix:///y'}}"), true,
      "resources[0].providers[1].kms.name: Invalid value: \"a\": duplicate KMS provider name a, names must be unique" },
    { RULE("Secrets", "{identity: {}}"), false,
      "resources[0].resources[0]: Invalid value: \"Secrets\": resource name should not contain capital letters" },
    { RULE("'*'", "{identity: {}}"), false,
      "resources[0].resources[0]: Invalid value: \"*\": use '*.' to encrypt all the resources from core API group or *.* to encrypt all "
      "resources" },
    { RULE("'secrets.*'", "{identity: {}}"), false,
      "resources[0].resources[0]: Invalid value: \"secrets.*\": encrypting the same resource across groups is not supported" },
    { RULE("events.events.k8s.io", "{identity: {}}"), false,
      "resources[0].resources[0]: Invalid value: \"events.events.k8s.io\": '*.events.k8s.io' objects are stored using the 'events' API "
      "group in etcd. Use 'events' instead in the config file" },
    { RULE("'*.*', '*.*'", "{identity: {}}"), false,
      "resources[0].resources: Invalid value: [\"*.*\",\"*.*\"]: the same resource cannot be specified multiple times" },
    { RULE("secrets, '*.apps'", "{identity: {}}"), false, NULL },
    { RULE("deployments.apps, '*.apps'", "{identity: {}}"), false,
      "resources[0].resources: Invalid value: [\"deployments.apps\",\"*.apps\"]: using overlapping resources such as 'secrets' and '*.' in "
      "the same resource list is not allowed as they will be masked" },
};

START_TEST(faults_are_those_of_the_server)
{
    struct encryption_config c;
    ck_assert_msg(encryption_read(&c, &arena, str_from_c(check_row[_i].text), "f.yaml", check_row[_i].reload, &err), "%s", err.text);
    if (!check_row[_i].error) {
        ck_assert_msg(c.error.count == 0, "row %d: %.*s", _i, STR_ARG(c.error.item[0]));
        return;
    }
    ck_assert_uint_gt(c.error.count, 0);
    ck_assert_text(c.error.item[0], check_row[_i].error);
    ck_assert(!encryption_is_valid(&c));
}
END_TEST

static const char *const refused_row[] = {
    "",
    "{}",
    "[]",
    "7",
    "kind: Pod\napiVersion: v1",
    "kind: EncryptionConfiguration\napiVersion: v1",
    HEAD "resources: 7",
    HEAD "resources: [7]",
    HEAD "resources: [{resources: secrets}]",
    HEAD "resources: [{resources: [1]}]",
    HEAD "resources: [{resources: [a], providers: 3}]",
    HEAD "resources: [{resources: [a], providers: [3]}]",
    RULE("a", "{identity: 3}"),
    RULE("a", "{aescbc: 3}"),
    RULE("a", "{aescbc: {keys: 3}}"),
    RULE("a", "{aescbc: {keys: [3]}}"),
    RULE("a", "{aescbc: {keys: [{name: [], secret: x}]}}"),
    RULE("a", "{aescbc: {keys: [{name: a, secret: [x]}]}}"),
    KMS("name: a, endpoint: x, timeout: soon"),
    KMS("name: a, timeout: 3"),
    KMS("name: a, cachesize: many"),
    KMS("name: a, cachesize: 3000000000"),
    KMS("name: a, pandas: 3"),
    RULE("a", "{aescbx: {}}"),
    HEAD "resourcez: []",
    RULE("a", "{identity: {}}") "\n---\n" RULE("a", "{identity: {}}"),
    "{{{",
};

START_TEST(other_documents_are_refused)
{
    struct encryption_config c;
    ck_assert_msg(!encryption_read(&c, &arena, str_from_c(refused_row[_i]), "f.yaml", false, &err), "row %d", _i);
    ck_assert_int_eq(err.code, ERR_INPUT);
    ck_assert_uint_gt(strlen(err.text), 0);
}
END_TEST

static const char rules[] =
    HEAD "resources:\n"
         "- {resources: [configmaps], providers: [{aesgcm: {keys: [{name: a, secret: " KEY16 "}]}}]}\n"
         "- {resources: ['*.apps'], providers: [{aescbc: {keys: [{name: a, secret: " KEY16 "}]}}]}\n"
         "- {resources: ['*.'], providers: [{kms: {apiVersion: v2, name: a, endpoint: 'unix:///x'}}, {identity: {}}]}\n"
         "- {resources: ['*.*'], providers: [{identity: {}}]}\n";

START_TEST(the_nearest_rule_writes)
{
    struct encryption_config c;
    ck_assert_msg(encryption_read(&c, &arena, str_from_c(rules), "f.yaml", false, &err), "%s", err.text);
    ck_assert(encryption_is_valid(&c));
    ck_assert_int_eq(encryption_writer(&c, STR(""), STR("configmaps"))->kind, ENCRYPTION_AESGCM);
    ck_assert_int_eq(encryption_writer(&c, STR("apps"), STR("deployments"))->kind, ENCRYPTION_AESCBC);
    ck_assert_int_eq(encryption_writer(&c, STR(""), STR("secrets"))->kind, ENCRYPTION_KMS);
    ck_assert_text(encryption_writer(&c, STR(""), STR("secrets"))->kms_version, "v2");
    ck_assert_int_eq(encryption_writer(&c, STR("batch"), STR("jobs"))->kind, ENCRYPTION_IDENTITY);
    ck_assert(encryption_read(&c, &arena, str_from_c(RULE("configmaps", "{identity: {}}")), "f.yaml", false, &err));
    ck_assert_ptr_null(encryption_writer(&c, STR(""), STR("secrets")));
}
END_TEST

START_TEST(hidden_rules_are_told)
{
    struct encryption_config c;
    const char *text =
        HEAD "resources:\n- {resources: ['*.'], providers: [{identity: {}}]}\n- {resources: [secrets], providers: [{identity: {}}]}\n";
    ck_assert(encryption_read(&c, &arena, str_from_c(text), "f.yaml", false, &err));
    ck_assert_text(c.masked, "resource \"secrets\" is masked by earlier rule \"*.\"");
    ck_assert(!encryption_is_valid(&c));
}
END_TEST

START_TEST(keys_are_never_kept)
{
    struct encryption_config c;
    struct str text = str_from_c(RULE("secrets", "{aescbc: {keys: [{name: k, secret: " KEY5 "}]}, identity: {}}"));
    ck_assert(encryption_read(&c, &arena, text, "f.yaml", false, &err));
    for (size_t i = 0; i < c.error.count; i++)
        ck_assert(!str_contains(c.error.item[i], STR(KEY5)));
    ck_assert_uint_eq(strlen(c.sha256), 64);
    ck_assert(str_contains(text, STR(KEY5))); /* the caller's bytes are the caller's */
}
END_TEST

static const struct {
    const char *text;
    bool ok;
    const char *again;
} duration_row[] = {
    { "3s", true, "3s" },
    { "0", true, "0s" },
    { "-15s", true, "-15s" },
    { "1.5h", true, "1h30m0s" },
    { "90s", true, "1m30s" },
    { "1h1m1.5s", true, "1h1m1.5s" },
    { "100ms", true, "100ms" },
    { "1us", true, "1\xc2\xb5s" },
    { "7ns", true, "7ns" },
    { ".5s", true, "500ms" },
    { "1.25ms", true, "1.25ms" },
    { "+2m", true, "2m0s" },
    { "", false, NULL },
    { "-", false, NULL },
    { "3", false, NULL },
    { "s", false, NULL },
    { "3 s", false, NULL },
    { "3d", false, NULL },
    { "99999999999h", false, NULL },
    { "9223372036854775807ns1ns", false, NULL },
    { ".s", false, NULL },
};

START_TEST(durations)
{
    int64_t ns;
    ck_assert_msg(duration_parse(str_from_c(duration_row[_i].text), &ns) == duration_row[_i].ok, "%s", duration_row[_i].text);
    if (duration_row[_i].ok)
        ck_assert_text(duration_text(&arena, ns), duration_row[_i].again);
}
END_TEST

#define COUNT(x) (int)(sizeof(x) / sizeof *(x))

int main(void)
{
    Suite *s = suite_create("encryption");
    TCase *t = tcase_create("all");
    tcase_add_checked_fixture(t, NULL, teardown);
    tcase_add_loop_test(t, faults_are_those_of_the_server, 0, COUNT(check_row));
    tcase_add_loop_test(t, other_documents_are_refused, 0, COUNT(refused_row));
    tcase_add_test(t, the_nearest_rule_writes);
    tcase_add_test(t, hidden_rules_are_told);
    tcase_add_test(t, keys_are_never_kept);
    tcase_add_loop_test(t, durations, 0, COUNT(duration_row));
    suite_add_tcase(s, t);
    SRunner *runner = srunner_create(s);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
