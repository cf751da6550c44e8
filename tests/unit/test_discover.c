/* What an API server says it serves. */
#include "kube/discover.h"
#include "kube/memory_transport.h"

#include <check.h>

struct setup {
    struct arena arena;
    struct memory_transport transport;
    struct client client;
    struct discovery d;
    struct err err;
};

static bool read_all(struct setup *s, const struct memory_answer *script)
{
    memset(s, 0, sizeof *s);
    memory_transport_init(&s->transport, script);
    client_init(&s->client, &s->transport.base, &s->arena, NULL);
    s->client.limits.retries = 0;
    return discovery_read(&s->d, &s->arena, &s->client, &s->err);
}

static enum discovery_answer find(const struct setup *s, const char *group, const char *resource, const char **version)
{
    static char text[64];
    struct str v = { 0 };
    enum discovery_answer a = discovery_find(&s->d, str_from_c(group), str_from_c(resource), &v);
    (void)snprintf(text, sizeof text, "%.*s", STR_ARG(v));
    *version = text;
    return a;
}

#define CORE                                                                                                                               \
    "{\"kind\":\"APIGroupDiscoveryList\",\"apiVersion\":\"apidiscovery.k8s.io/"                                                            \
    "v2\",\"metadata\":{},\"items\":[{\"metadata\":{},\"versions\":["                                                                      \
    "{\"version\":\"v1\",\"resources\":[{\"resource\":\"pods\",\"responseKind\":{\"group\":\"\",\"version\":\"v1\",\"kind\":\"Pod\"},"     \
    "\"scope\":\"Namespaced\",\"singularResource\":\"pod\",\"verbs\":[\"create\",\"list\"],\"subresources\":[{\"subresource\":\"exec\"}]}" \
    ","                                                                                                                                    \
    "{\"resource\":\"nodes\",\"responseKind\":{\"kind\":\"Node\"},\"scope\":\"Cluster\",\"verbs\":[\"get\"]}],\"freshness\":\"Current\"}]" \
    "}]}"
#define GROUPS                                                                                                                            \
    "{\"kind\":\"APIGroupDiscoveryList\",\"items\":["                                                                                     \
    "{\"metadata\":{\"name\":\"apps\"},\"versions\":[{\"version\":\"v1\",\"resources\":[{\"resource\":\"deployments\",\"responseKind\":{" \
    "\"kind\":\"Deployment\"},\"scope\":\"Namespaced\",\"verbs\":[\"list\"]}]},"                                                          \
    "{\"version\":\"v1beta1\",\"resources\":[{\"resource\":\"deployments\",\"verbs\":[]},{\"resource\":\"old\",\"verbs\":[]}]}]},"        \
    "{\"metadata\":{\"name\":\"metrics.k8s.io\"},\"versions\":[{\"version\":\"v1beta1\",\"freshness\":\"Stale\"}]},"                      \
    "{\"metadata\":{\"name\":\"broken.test\"},\"versions\":[{\"version\":\"v1\",\"resources\":\"no\"}]}]}"

START_TEST(aggregated)
{
    static const struct memory_answer script[] = { { .path = "/api", .status = 200, .body = CORE },
                                                   { .path = "/apis", .status = 200, .body = GROUPS },
                                                   { 0 } };
    struct setup s;
    const char *v;
    struct str *text;
    size_t count;
    ck_assert_msg(read_all(&s, script), "%s", s.err.text);
    ck_assert(s.d.aggregated);
    ck_assert_uint_eq(s.transport.sent_count, 2);
    ck_assert_int_eq(find(&s, "", "pods", &v), DISCOVERY_SERVED);
    ck_assert_str_eq(v, "v1");
    ck_assert_int_eq(find(&s, "apps", "deployments", &v), DISCOVERY_SERVED);
    ck_assert_str_eq(v, "v1");
    ck_assert_int_eq(find(&s, "apps", "old", &v), DISCOVERY_SERVED);
    ck_assert_str_eq(v, "v1beta1");
    ck_assert_int_eq(find(&s, "apps", "pods", &v), DISCOVERY_NOT_SERVED);
    ck_assert_str_eq(v, "");
    ck_assert_int_eq(find(&s, "policy", "podsecuritypolicies", &v), DISCOVERY_NOT_SERVED);
    ck_assert_int_eq(find(&s, "", "exec", &v), DISCOVERY_NOT_SERVED);
    ck_assert_int_eq(find(&s, "metrics.k8s.io", "pods", &v), DISCOVERY_UNKNOWN);
    ck_assert_int_eq(find(&s, "broken.test", "things", &v), DISCOVERY_UNKNOWN);
    const struct discovery_resource *pods = discovery_row(&s.d, STR(""), STR("pods"));
    const struct discovery_resource *nodes = discovery_row(&s.d, STR(""), STR("nodes"));
    ck_assert(pods && nodes && pods->namespaced && !nodes->namespaced && pods->preferred);
    ck_assert(str_eq_c(pods->kind, "Pod"));
    ck_assert(discovery_can(pods, "list") && !discovery_can(nodes, "list"));
    discovery_stale_groups(&s.d, &s.arena, &text, &count);
    ck_assert_uint_eq(count, 2);
    ck_assert(str_has_prefix(text[0], STR("metrics.k8s.io/v1beta1: its API server is unavailable")));
    ck_assert(str_has_prefix(text[1], STR("broken.test/v1: ")));
    ck_assert(s.d.gap.item[0].stale && !s.d.gap.item[1].stale);
    arena_release(&s.arena);
}
END_TEST

#define APIS                                                                                                                               \
    "{\"kind\":\"APIGroupList\",\"groups\":[{\"name\":\"apps\",\"versions\":[{\"groupVersion\":\"apps/v1beta1\",\"version\":\"v1beta1\"}," \
    "{\"groupVersion\":\"apps/v1\",\"version\":\"v1\"}],\"preferredVersion\":{\"version\":\"v1\"}},"                                       \
    "{\"name\":\"down.test\",\"versions\":[{\"version\":\"v1\"}],\"preferredVersion\":{\"version\":\"v1\"}}]}"
#define RESOURCES(name)                                                                                                             \
    "{\"kind\":\"APIResourceList\",\"resources\":[{\"name\":\"" name "\",\"namespaced\":true,\"kind\":\"K\",\"verbs\":[\"list\"]}," \
    "{\"name\":\"" name "/status\",\"namespaced\":true,\"kind\":\"K\",\"verbs\":[\"get\"]}]}"

/* A server from before aggregated discovery; the first row's status is how it takes the question. */
static const struct memory_answer older_refusal[] = {
    { .path = "/api*", .status = 406, .times = 1 },
    { .path = "never", .status = 0 },
};

START_TEST(older_servers)
{
    const struct memory_answer script[] = { older_refusal[_i],
                                            { .path = "/api", .status = 200, .body = "{\"kind\":\"APIVersions\",\"versions\":[\"v1\"]}" },
                                            { .path = "/apis", .status = 200, .body = APIS },
                                            { .path = "/api/v1", .status = 200, .body = RESOURCES("pods") },
                                            { .path = "/apis/apps/v1", .status = 200, .body = RESOURCES("deployments") },
                                            { .path = "/apis/apps/v1beta1", .status = 200, .body = RESOURCES("deployments") },
                                            { .path = "/apis/down.test/v1", .status = 503, .body = "no endpoints" },
                                            { 0 } };
    struct setup s;
    const char *v;
    ck_assert_msg(read_all(&s, script), "%s", s.err.text);
    ck_assert(!s.d.aggregated);
    ck_assert_int_eq(find(&s, "", "pods", &v), DISCOVERY_SERVED);
    ck_assert_int_eq(find(&s, "", "pods/status", &v), DISCOVERY_NOT_SERVED);
    ck_assert_int_eq(find(&s, "apps", "deployments", &v), DISCOVERY_SERVED);
    ck_assert_str_eq(v, "v1");
    ck_assert_int_eq(find(&s, "down.test", "x", &v), DISCOVERY_UNKNOWN);
    ck_assert_int_eq(find(&s, "batch", "jobs", &v), DISCOVERY_NOT_SERVED);
    ck_assert_uint_eq(s.d.gap.count, 1);
    ck_assert_ptr_ne(memmem(s.d.gap.item[0].reason.p, s.d.gap.item[0].reason.n, "503 no endpoints", 16), NULL);
    arena_release(&s.arena);
}
END_TEST

static const struct {
    const char *name;
    struct memory_answer api, apis;
    bool ok;
    enum err_code code;
    enum discovery_answer pods, deployments, jobs;
} damage_row[] = {
    { "groups denied",
      { .status = 200, .body = CORE },
      { .status = 403 },
      false,
      ERR_DENIED,
      DISCOVERY_SERVED,
      DISCOVERY_UNKNOWN,
      DISCOVERY_UNKNOWN },
    { "core denied",
      { .status = 403 },
      { .status = 200, .body = GROUPS },
      false,
      ERR_DENIED,
      DISCOVERY_UNKNOWN,
      DISCOVERY_SERVED,
      DISCOVERY_NOT_SERVED },
    { "both gone", { .status = 404 }, { .status = 404 }, false, ERR_NOT_FOUND, DISCOVERY_UNKNOWN, DISCOVERY_UNKNOWN, DISCOVERY_UNKNOWN },
    { "cut",
      { .status = 200, .body = CORE, .err = ERR_NET, .loss = LOSS_CUT, .cut_bytes = 50 },
      { .status = 200, .body = GROUPS },
      false,
      ERR_NET,
      DISCOVERY_UNKNOWN,
      DISCOVERY_SERVED,
      DISCOVERY_NOT_SERVED },
    { "not JSON",
      { .status = 200, .body = CORE },
      { .status = 200, .body = "{\"kind\":" },
      false,
      ERR_INPUT,
      DISCOVERY_SERVED,
      DISCOVERY_UNKNOWN,
      DISCOVERY_UNKNOWN },
    { "an empty object",
      { .status = 200, .body = CORE },
      { .status = 200, .body = "{}" },
      false,
      ERR_INPUT,
      DISCOVERY_SERVED,
      DISCOVERY_UNKNOWN,
      DISCOVERY_UNKNOWN },
    { "a list",
      { .status = 200, .body = "[]" },
      { .status = 200, .body = "[]" },
      false,
      ERR_INPUT,
      DISCOVERY_UNKNOWN,
      DISCOVERY_UNKNOWN,
      DISCOVERY_UNKNOWN },
    { "nothing in it",
      { .status = 200, .body = "{\"kind\":\"APIGroupDiscoveryList\",\"items\":[]}" },
      { .status = 200, .body = "{\"kind\":\"APIGroupDiscoveryList\",\"items\":null}" },
      true,
      ERR_NONE,
      DISCOVERY_UNKNOWN,
      DISCOVERY_UNKNOWN,
      DISCOVERY_UNKNOWN },
    { "a group without a name",
      { .status = 200, .body = CORE },
      { .status = 200, .body = "{\"kind\":\"APIGroupList\",\"groups\":[{\"versions\":7}]}" },
      true,
      ERR_NONE,
      DISCOVERY_SERVED,
      DISCOVERY_UNKNOWN,
      DISCOVERY_UNKNOWN },
    { "odd entries",
      { .status = 200, .body = CORE },
      { .status = 200,
        .body = "{\"kind\":\"APIGroupDiscoveryList\",\"items\":[1,null,{\"metadata\":{\"name\":\"apps\"},\"versions\":[3]}]}" },
      true,
      ERR_NONE,
      DISCOVERY_SERVED,
      DISCOVERY_UNKNOWN,
      DISCOVERY_NOT_SERVED },
};

START_TEST(what_was_not_read_is_not_absent)
{
    struct memory_answer script[] = { damage_row[_i].api, damage_row[_i].apis, { 0 } };
    struct setup s;
    const char *v, *name = damage_row[_i].name;
    script[0].path = "/api";
    script[1].path = "/apis";
    bool ok = read_all(&s, script);
    ck_assert_msg(ok == damage_row[_i].ok && s.err.code == damage_row[_i].code, "%s: %d %s", name, (int)s.err.code, s.err.text);
    ck_assert_msg(find(&s, "", "pods", &v) == damage_row[_i].pods, "%s: pods", name);
    ck_assert_msg(find(&s, "apps", "deployments", &v) == damage_row[_i].deployments, "%s: deployments", name);
    ck_assert_msg(find(&s, "batch", "jobs", &v) == damage_row[_i].jobs, "%s: jobs", name);
    arena_release(&s.arena);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("discover");
    TCase *t = tcase_create("discover");
    tcase_add_test(t, aggregated);
    tcase_add_loop_test(t, older_servers, 0, 2);
    tcase_add_loop_test(t, what_was_not_read_is_not_absent, 0, (int)(sizeof damage_row / sizeof damage_row[0]));
    suite_add_tcase(suite, t);
    SRunner *r = srunner_create(suite);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? 1 : 0;
}
