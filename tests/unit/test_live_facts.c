/* Facts of what the API server shows by its behaviour, out of given answers, by way of the whole collection. */
#include "analyze/facts.h"
#include "cluster/collect.h"
#include "cluster/manifests.h"
#include "kube/fakepki.h"
#include "unit/from_yaml.h"

static struct arena arena;

static void setup(void)
{
    arena = (struct arena){ 0 };
}
static void teardown(void)
{
    arena_release(&arena);
}

static void hear_nothing(void *ctx, enum kind kind, struct value object, struct arena *scratch)
{
    (void)ctx;
    (void)kind;
    (void)object;
    (void)scratch;
}
static void hear_stage(void *ctx)
{
    (void)ctx;
}

static struct cluster *collected_from_value(struct value answers, bool probes)
{
    struct cluster *c = arena_new(&arena, struct cluster);
    struct collected out = { .cluster = c };
    static const enum endpoint asked[] = { ENDPOINT_METRICS, ENDPOINT_READYZ, ENDPOINT_EXTENSION_AUTH, ENDPOINT_ANONYMOUS, ENDPOINT_TLS };
    struct collect_options want = { .no_probes = !probes };
    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++)
        endpoint_set_add(&want.endpoints, asked[i]);
    struct collect_observer nobody = { .object = hear_nothing, .early_done = hear_stage };
    struct client_limits limits;
    struct client *client = arena_new(&arena, struct client);
    struct err err = { 0 };
    client_limits_default(&limits);
    limits.retries = 0;
    cluster_init(c, &arena);
    c->now = clock_now();
    client_init(client, manifests_of(&arena, NULL, 0, answers), &arena, &limits);
    ck_assert_msg(collect_run(&out, client, &want, &nobody, &err), "%s", err.text);
    return c;
}

static struct cluster *collected_from(const char *answers, bool probes)
{
    return collected_from_value(from_yaml(&arena, answers), probes);
}

static struct value fact_of(const struct cluster *c, const char *name)
{
    struct facts *f = facts_open(&arena, c);
    facts_complete(f);
    for (size_t i = 0; i < fact_count; i++)
        if (!strcmp(fact_info[i].name, name))
            return facts_get(f, i);
    ck_abort_msg("no fact %s", name);
    return value_null();
}

static struct value fact(const char *name, const char *answers)
{
    return fact_of(collected_from(answers, true), name);
}

/* A member as a short text. */
static struct str show(struct value v, const char *key)
{
    const struct value *found = key ? value_get(v, str_from_c(key)) : &v;
    ck_assert_msg(found != NULL, "no %s", key);
    switch (found->kind) {
    case VALUE_BOOL:
        return found->as.b ? STR("true") : STR("false");
    case VALUE_INT:
        return str_printf(&arena, "%lld", (long long)found->as.i);
    case VALUE_ERROR:
        ck_assert_int_eq(found->as.error->code, VALUE_ERROR_UNAVAILABLE);
        return STR("unavailable");
    case VALUE_LIST: {
        struct str *part = arena_array(&arena, struct str, found->n + 1);
        for (uint32_t i = 0; i < found->n; i++)
            part[i] = show(value_item(*found, i), NULL);
        return str_join(&arena, part, found->n, STR(","));
    }
    default:
        return value_text(*found);
    }
}
static bool says(struct value v, const char *text)
{
    struct str all = show(v, "evidence");
    return str_find(all, str_from_c(text), 0) != SIZE_MAX;
}

/* ---- strangers */

#define STRANGER(path, status) "{path: " path ", anonymous: true, status: " status "}"
#define HEALTH(status)         STRANGER("/livez", status) "," STRANGER("/readyz", status)
#define REST(status)         \
    STRANGER("/api", status) \
    "," STRANGER("/version", status) "," STRANGER("/metrics", status) "," STRANGER("'/api/v1/namespaces?limit=1'", status)

START_TEST(strangers_are_refused_known_or_served)
{
    static const struct {
        const char *answers, *access, *health_only;
    } row[] = {
        { "[" HEALTH("401") "," REST("401") "]", "refused", "false" },
        { "[" HEALTH("200") "," REST("403") "]", "served", "false" },
        { "[" HEALTH("403") "," REST("403") "]", "known", "false" },
        { "[" HEALTH("200") "," REST("401") "]", "served", "true" },
        /* One answer that shows nothing leaves the refusal open, and nothing that was seen. */
        { "[" HEALTH("401") "," REST("503") "]", "unavailable", "unavailable" },
        { "[" HEALTH("503") "," REST("403") "]", "known", "false" },
        { "[" HEALTH("200") "," REST("503") "]", "served", "unavailable" },
        { "[]", "unavailable", "unavailable" },
        /* Something in front answers. */
        { "[" HEALTH("401") "," REST("401") ", {path: /x}]", "refused", "false" },
        { "[{path: /api, anonymous: true, status: 401, body: '<html>log in</html>'}," HEALTH("401") "," STRANGER(
              "/version", "401") "," STRANGER("/metrics", "401") "," STRANGER("'/api/v1/namespaces?limit=1'", "401") "]",
          "unavailable", "unavailable" },
    };
    struct value v = fact("anonymous", row[_i].answers);
    ck_assert_text(show(v, "access"), row[_i].access);
    ck_assert_text(show(v, "healthOnly"), row[_i].health_only);
}
END_TEST

START_TEST(strangers_are_not_asked_when_switched_off)
{
    struct cluster *c = collected_from("[" HEALTH("200") "]", false);
    const struct value v = fact_of(c, "anonymous");
    ck_assert_text(show(v, "access"), "unavailable");
    ck_assert_int_eq(c->endpoint[ENDPOINT_ANONYMOUS].state, COVERAGE_NOT_ASKED);
    ck_assert(str_find(value_get(v, STR("access"))->as.error->text, STR("--no-probes"), 0) != SIZE_MAX);
}
END_TEST

/* ---- readyz */

START_TEST(readyz_lists_checks)
{
    struct value v = fact("readyz", "[{path: '/readyz?verbose', body: \"[+]ping ok\\n[+]etcd ok\\n[-]kms-provider-0 failed: reason "
                                    "withheld\\nreadyz check failed\\n\", status: 500}]");
    const struct value *checks = value_get(v, STR("checks"));
    ck_assert_uint_eq(checks->n, 3);
    ck_assert_text(show(value_item(*checks, 0), "name"), "ping");
    ck_assert_text(show(value_item(*checks, 2), "ok"), "false");
    ck_assert_text(show(v, "kms"), "kms-provider-0");
    ck_assert_text(show(fact("readyz", "[{path: '/readyz?verbose', body: ok}]"), NULL), "unavailable");
    ck_assert_text(show(fact("readyz", "[{path: '/readyz?verbose', status: 403}]"), NULL), "unavailable");
}
END_TEST

START_TEST(a_reload_check_shows_no_kms)
{
    struct value v = fact("encryption", "[{path: '/readyz?verbose', body: \"[+]kms-providers ok\\n\"}]");
    ck_assert(says(v, "does not show a KMS"));
    ck_assert_text(show(v, "configured"), "unavailable");
    ck_assert(says(fact("encryption", "[{path: '/readyz?verbose', body: \"[+]kms-provider-0 ok\\n\"}]"), "a KMS plugin is configured"));
}
END_TEST

/* ---- published authorities */

static struct value authorities_of(const char *client, const char *front)
{
    struct value_builder b, data, row, list;
    value_builder_init(&data, &arena);
    if (client)
        value_builder_set(&data, "client-ca-file", value_cstr(client));
    if (front)
        value_builder_set(&data, "requestheader-client-ca-file", value_cstr(front));
    value_builder_set(&data, "requestheader-allowed-names", value_cstr("[\"front-proxy-client\"]"));
    value_builder_init(&b, &arena);
    value_builder_set(&b, "data", value_builder_map(&data));
    value_builder_init(&row, &arena);
    value_builder_set(&row, "path", value_cstr("/api/v1/namespaces/kube-system/configmaps/extension-apiserver-authentication"));
    value_builder_set(&row, "body", value_builder_map(&b));
    value_builder_init(&list, &arena);
    value_builder_push(&list, value_builder_map(&row));
    return fact_of(collected_from_value(value_builder_list(&list), false), "publishedAuthorities");
}

START_TEST(published_authorities_are_read)
{
    struct fake_pki pki;
    fake_pki_make(&pki);
    struct value v = authorities_of(pki.ca.cert, pki.other_ca.cert);
    const struct value *clients = value_get(v, STR("clientCas"));
    ck_assert_uint_eq(clients->n, 1);
    ck_assert_text(show(value_item(*clients, 0), "keyStrong"), "true");
    ck_assert_text(show(value_item(*clients, 0), "selfSigned"), "true");
    ck_assert_text(show(value_item(*clients, 0), "isCa"), "true");
    ck_assert_text(show(value_item(*clients, 0), "expired"), "false");
    ck_assert_text(show(value_item(*clients, 0), "generated"), "false");
    ck_assert_text(show(v, "sharedCa"), "false");
    ck_assert_text(show(v, "allowedNames"), "front-proxy-client");
    ck_assert(says(v, "client-ca-file: CN="));
    struct value shared = authorities_of(pki.ca.cert, str_to_c(&arena, str_printf(&arena, "%s\n%s", pki.other_ca.cert, pki.ca.cert)));
    ck_assert_text(show(shared, "sharedCa"), "true");
    struct value expired = authorities_of(pki.client_expired.cert, NULL);
    ck_assert_text(show(value_item(*value_get(expired, STR("clientCas")), 0), "expired"), "true");
    ck_assert_uint_eq(value_get(expired, STR("frontProxyCas"))->n, 0);
    fake_pki_free(&pki);
}
END_TEST

START_TEST(unreadable_authorities_are_unknown)
{
    struct value v = authorities_of("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", NULL);
    ck_assert_text(show(v, "clientCas"), "unavailable");
    ck_assert_text(show(v, "sharedCa"), "unavailable");
    ck_assert_uint_eq(value_get(authorities_of(NULL, NULL), STR("clientCas"))->n, 0);
    ck_assert_text(show(fact("publishedAuthorities", "[]"), NULL), "unavailable");
}
END_TEST

/* ---- metrics */

#define METRICS(lines)     "[{path: /metrics, body: \"" lines "process_start_time_seconds 1.7e9\\n\"}]"
#define CUT_METRICS(lines) "[{path: /metrics, body: \"" lines "\"}]"
#define LEVEL(level, n)    "apiserver_audit_level_total{level=\\\"" level "\\\"} " n "\\n"

START_TEST(audit_levels_show_a_policy)
{
    static const struct {
        const char *answers, *policy, *events;
    } row[] = {
        { METRICS("apiserver_audit_event_total 7\\n" LEVEL("Metadata", "5")), "true", "7" },
        { METRICS("apiserver_audit_event_total 0\\n" LEVEL("None", "5")), "true", "0" },
        { METRICS("apiserver_audit_event_total 0\\n"), "false", "0" },
        /* What is not there may have been cut off. */
        { CUT_METRICS("apiserver_audit_event_total 0\\n"), "unavailable", "0" },
        { METRICS(""), "unavailable", "unavailable" },
        { "[]", "unavailable", "unavailable" },
    };
    struct value v = fact("auditing", row[_i].answers);
    ck_assert_text(show(v, "policy"), row[_i].policy);
    ck_assert_text(show(v, "events"), row[_i].events);
}
END_TEST

START_TEST(metrics_show_plugins_tokens_gates_and_hashes)
{
    const char *text =
        METRICS("apiserver_admission_controller_admission_duration_seconds_count{name=\\\"PodSecurity\\\"} 3\\n"
                "apiserver_admission_controller_admission_duration_seconds_count{name=\\\"AlwaysAdmit\\\"} 1\\n"
                "apiserver_admission_controller_admission_duration_seconds_count{name=\\\"Idle\\\"} 0\\n"
                "apiserver_authentication_config_controller_last_config_info{apiserver_id_hash=\\\"s\\\",hash=\\\"h\\\"} 1\\n"
                "kubernetes_feature_enabled{name=\\\"A\\\",stage=\\\"BETA\\\"} 1\\n"
                "kubernetes_feature_enabled{name=\\\"B\\\",stage=\\\"\\\"} 0\\n"
                "pod_security_exemptions_total 4\\n"
                "serviceaccount_legacy_tokens_total 2\\n");
    ck_assert_text(show(fact("admissionPlugins", text), "running"), "AlwaysAdmit,PodSecurity");
    ck_assert_text(show(fact("featureGates", text), "A"), "true");
    ck_assert_text(show(fact("featureGates", text), "B"), "false");
    ck_assert_text(show(fact("tokens", text), "legacy"), "2");
    ck_assert_text(show(fact("tokens", text), "stale"), "unavailable");
    ck_assert_text(show(fact("podSecurityAdmission", text), "exemptions"), "4");
    ck_assert_text(show(fact("podSecurityAdmission", METRICS("")), "exemptions"), "0");
    ck_assert_text(show(fact("podSecurityAdmission", CUT_METRICS("")), "exemptions"), "unavailable");
    struct value hashes = fact("configHashes", text);
    ck_assert_uint_eq(hashes.n, 1);
    ck_assert_text(show(value_item(hashes, 0), "config"), "authentication");
    ck_assert_text(show(fact("featureGates", "[]"), NULL), "unavailable");
}
END_TEST

int main(void)
{
    Suite *s = suite_create("live facts");
    TCase *t = tcase_create("all");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_loop_test(t, strangers_are_refused_known_or_served, 0, 10);
    tcase_add_test(t, strangers_are_not_asked_when_switched_off);
    tcase_add_test(t, readyz_lists_checks);
    tcase_add_test(t, a_reload_check_shows_no_kms);
    tcase_add_test(t, published_authorities_are_read);
    tcase_add_test(t, unreadable_authorities_are_unknown);
    tcase_add_loop_test(t, audit_levels_show_a_policy, 0, 6);
    tcase_add_test(t, metrics_show_plugins_tokens_gates_and_hashes);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? 1 : 0;
}
