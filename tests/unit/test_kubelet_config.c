/* What a kubelet runs with, from what it says, from a file, from a command line; and the table made of it. */
#include "analyze/nodes/kubelet_config.h"

#include "analyze/control_plane/component.h"
#include "analyze/facts.h"
#include "unit/from_yaml.h"

static struct arena arena;

static void teardown(void)
{
    arena_release(&arena);
}

static const struct value *at(struct value config, const char *path)
{
    const struct value *v = &config;
    struct str rest = str_from_c(path), field;
    while (v && str_next_field(&rest, '.', &field))
        v = value_get(*v, field);
    return v;
}

static struct str show(struct value config, const char *path)
{
    const struct value *v = at(config, path);
    ck_assert_msg(v != NULL, "no %s", path);
    if (v->kind == VALUE_ERROR)
        return v->as.error->code == VALUE_ERROR_UNAVAILABLE ? STR("unavailable") : STR("error");
    if (v->kind == VALUE_BOOL)
        return v->as.b ? STR("true") : STR("false");
    if (v->kind == VALUE_INT)
        return str_printf(&arena, "%lld", (long long)v->as.i);
    if (v->kind == VALUE_STRING)
        return value_text(*v);
    VEC(struct str) part = { 0 };
    for (uint32_t i = 0; v->kind == VALUE_LIST && i < v->n; i++)
        *VEC_PUSH(&part, &arena) = value_text(value_item(*v, i));
    for (uint32_t i = 0; v->kind == VALUE_MAP && i < v->n; i++) {
        struct value_entry e = v->as.map->entry[i];
        *VEC_PUSH(&part, &arena) =
            str_printf(&arena, "%.*s=%s", STR_ARG(value_text(e.key)), e.val.kind == VALUE_BOOL ? e.val.as.b ? "true" : "false" : "?");
    }
    return str_join(&arena, part.item, part.count, STR(","));
}

/* ---- /configz and files ---- */

static const struct {
    const char *config, *path, *configz, *file;
} key_row[] = {
    { "{}", "authentication.anonymous.enabled", "false", "false" },
    { "{}", "authentication.webhook.enabled", "false", "true" },
    { "{}", "authorization.mode", "", "Webhook" },
    { "{authorization: {mode: AlwaysAllow}}", "authorization.mode", "AlwaysAllow", "AlwaysAllow" },
    { "{authorization: {mode: ''}}", "authorization.mode", "", "Webhook" },
    { "{}", "readOnlyPort", "0", "0" },
    { "{readOnlyPort: 10255}", "readOnlyPort", "10255", "10255" },
    { "{readOnlyPort: '0'}", "readOnlyPort", "unavailable", "unavailable" },
    { "{readOnlyPort: [0]}", "readOnlyPort", "unavailable", "unavailable" },
    { "{}", "rotateCertificates", "false", "false" },
    { "{rotateCertificates: true}", "rotateCertificates", "true", "true" },
    { "{}", "makeIPTablesUtilChains", "false", "true" },
    { "{}", "podPidsLimit", "0", "-1" },
    { "{}", "eventRecordQPS", "0", "50" },
    { "{eventRecordQPS: 0}", "eventRecordQPS", "0", "0" },
    { "{}", "seccompDefault", "false", "false" },
    { "{streamingConnectionIdleTimeout: 0s}", "streamingConnectionIdleTimeout", "0s", "4h0m0s" },
    { "{streamingConnectionIdleTimeout: 5m0s}", "streamingConnectionIdleTimeout", "5m0s", "5m0s" },
    { "{streamingConnectionIdleTimeout: 10}", "streamingConnectionIdleTimeout", "unavailable", "unavailable" },
    { "{streamingConnectionIdleTimeout: '10255'}", "streamingConnectionIdleTimeout", "unavailable", "unavailable" },
    { "{featureGates: {X: [1]}}", "featureGates", "unavailable", "unavailable" },
    { "{tlsCipherSuites: [A, B]}", "tlsCipherSuites", "A,B", "A,B" },
    { "{tlsCipherSuites: [A, 1]}", "tlsCipherSuites", "unavailable", "unavailable" },
    { "{tlsCipherSuites: A}", "tlsCipherSuites", "unavailable", "unavailable" },
    { "{featureGates: {X: false}}", "featureGates", "X=false", "X=false" },
    { "{authentication: no}", "authentication.anonymous.enabled", "false", "false" },
    { "{authentication: {x509: {clientCAFile: /ca}}}", "authentication.x509.clientCAFile", "/ca", "/ca" },
};

START_TEST(keys)
{
    struct value config = kubelet_project(&arena, from_yaml(&arena, key_row[_i].config));
    ck_assert_text(show(kubelet_config_of_configz(&arena, config), key_row[_i].path), key_row[_i].configz);
    ck_assert_text(show(kubelet_config_of_file(&arena, config), key_row[_i].path), key_row[_i].file);
}
END_TEST

START_TEST(every_key_has_a_value)
{
    struct value all[] = { kubelet_config_of_configz(&arena, value_null()), kubelet_config_of_file(&arena, value_null()),
                           kubelet_config_of_flags(&arena, value_null(), NULL) };
    for (size_t i = 0; i < 3; i++) {
        for (size_t k = 0; k < KUBELET_KEY_COUNT; k++) {
            const struct value *v = at(all[i], kubelet_key_info[k].path);
            ck_assert_msg(v && v->kind != VALUE_NULL && v->kind != VALUE_ERROR, "%s of %zu", kubelet_key_info[k].path, i);
        }
    }
}
END_TEST

/* ---- command lines ---- */

static const struct {
    /* args split at blanks; file NULL: --config's was not seen */
    const char *args, *file, *path, *want;
} flag_row[] = {
    /* without --config the kubelet has its older defaults */
    { "", NULL, "authentication.anonymous.enabled", "true" },
    { "", NULL, "authorization.mode", "AlwaysAllow" },
    { "", NULL, "readOnlyPort", "10255" },
    { "", NULL, "rotateCertificates", "false" },
    { "--anonymous-auth=false", NULL, "authentication.anonymous.enabled", "false" },
    { "--anonymous-auth=0", NULL, "authentication.anonymous.enabled", "false" },
    { "--anonymous_auth=F", NULL, "authentication.anonymous.enabled", "false" },
    { "--read-only-port 0", NULL, "readOnlyPort", "0" },
    { "--read-only-port=80 --read-only-port=0", NULL, "readOnlyPort", "0" },
    { "--read-only-port=x", NULL, "readOnlyPort", "unavailable" },
    { "--streaming-connection-idle-timeout=0", NULL, "streamingConnectionIdleTimeout", "0" },
    { "--tls-cipher-suites=A,B", NULL, "tlsCipherSuites", "A,B" },
    { "--feature-gates=A=true,B=false", NULL, "featureGates", "A=true,B=false" },
    { "--feature-gates=A=maybe", NULL, "featureGates", "unavailable" },
    { "--feature-gates=A", NULL, "featureGates", "unavailable" },
    /* the API server's */
    { "--authorization-mode=Node,RBAC", NULL, "authorization.mode", "unavailable" },
    { "--streaming-connection-idle-timeout=/x", NULL, "streamingConnectionIdleTimeout", "unavailable" },
    /* with it, the file's, and flags win */
    { "--config=/k.yaml", "{}", "authentication.anonymous.enabled", "false" },
    { "--config=/k.yaml", "{}", "authorization.mode", "Webhook" },
    { "--config=/k.yaml", "{readOnlyPort: 10255}", "readOnlyPort", "10255" },
    { "--config=/k.yaml --read-only-port=0", "{readOnlyPort: 10255}", "readOnlyPort", "0" },
    { "--config=/k.yaml --feature-gates=B=false", "{featureGates: {A: true, B: true}}", "featureGates", "A=true,B=false" },
    /* and unseen it hides everything but flags */
    { "--config=/k.yaml", NULL, "readOnlyPort", "unavailable" },
    { "--config=/k.yaml --read-only-port=0", NULL, "readOnlyPort", "0" },
    { "--config=/k.yaml --feature-gates=B=false", NULL, "featureGates", "unavailable" },
    { "--config=/k.yaml --config-dir=/k.d", "{}", "readOnlyPort", "unavailable" },
};

START_TEST(flags)
{
    VEC(struct str) arg = { 0 };
    struct str rest = str_from_c(flag_row[_i].args), word;
    while (str_next_field(&rest, ' ', &word))
        *VEC_PUSH(&arg, &arena) = word;
    struct value given = component_flags(&arena, arg.item, arg.count), file = value_null();
    if (flag_row[_i].file)
        file = kubelet_project(&arena, from_yaml(&arena, flag_row[_i].file));
    struct value config = kubelet_config_of_flags(&arena, given, flag_row[_i].file ? &file : NULL);
    ck_assert_text(show(config, flag_row[_i].path), flag_row[_i].want);
}
END_TEST

START_TEST(differences)
{
    struct value one = kubelet_config_of_configz(&arena, from_yaml(&arena, "{readOnlyPort: 1, featureGates: {A: true, B: false}}"));
    struct value other =
        kubelet_config_of_configz(&arena, from_yaml(&arena, "{authorization: {mode: AlwaysAllow}, featureGates: {B: false, A: true}}"));
    struct value d = kubelet_config_difference(&arena, one, other);
    ck_assert_uint_eq(d.n, 2);
    ck_assert_text(value_text(value_item(d, 0)), "authorization.mode");
    ck_assert_text(value_text(value_item(d, 1)), "readOnlyPort");
    ck_assert_uint_eq(kubelet_config_difference(&arena, one, one).n, 0);
}
END_TEST

/* ---- the table ---- */

static struct cluster cluster;

static void cluster_of(enum kubelet_way way, enum coverage_state nodes)
{
    cluster_init(&cluster, &arena);
    cluster.coverage[KIND_NODES] = (struct coverage){ .state = nodes, .reason = STR("nodes: forbidden") };
    cluster.kubelets.way = way;
}

static void add_config(const char *yaml)
{
    *VEC_PUSH(&cluster.kubelets.config, &arena) = from_yaml(&arena, yaml);
}

static void add_row(const char *node, uint32_t config)
{
    *VEC_PUSH(&cluster.kept[KIND_NODES], &arena) = from_yaml(&arena, "{}");
    *VEC_PUSH(&cluster.kubelets.row, &arena) = (struct kubelet_row){
        .node = str_from_c(node), .config = config, .reason = config ? STR("") : STR("it is down"), .remedy = STR("wake it")
    };
}

struct seen {
    size_t rows;
    struct str names, ports, declared, grades;
};
static bool see(void *ctx, struct value object, struct value derived, struct err *err)
{
    struct seen *s = ctx;
    (void)err;
    s->rows++;
    const struct value *config = value_get(derived, STR("config"));
    struct str port = config->kind == VALUE_ERROR ? STR("?") : show(*config, "readOnlyPort");
    s->grades = str_printf(&arena, "%.*s %.*s", STR_ARG(s->grades), STR_ARG(value_text_at(derived, "evidence", "grade", NULL)));
    const struct value *d = value_get(derived, STR("declared"));
    s->names = str_printf(&arena, "%.*s %.*s", STR_ARG(s->names), STR_ARG(value_text_at(object, "name", NULL)));
    s->ports = str_printf(&arena, "%.*s %.*s", STR_ARG(s->ports), STR_ARG(port));
    s->declared = d->kind == VALUE_MAP ? show(*d, "readOnlyPort") : STR("");
    return true;
}

static struct seen walk(void)
{
    struct err err = { 0 };
    struct seen s = { 0 };
    struct facts *f = facts_open(&arena, &cluster);
    facts_complete(f);
    ck_assert_msg(facts_walk(f, table_find(STR("kubelets")), see, &s, &err), "%s", err.text);
    return s;
}

START_TEST(rows)
{
    cluster_of(KUBELET_PROXY, COVERAGE_COMPLETE);
    add_config("{readOnlyPort: 10255}");
    add_config("{}");
    add_row("b", 1);
    add_row("c", 0);
    add_row("a", 2);
    struct seen s = walk();
    ck_assert_text(s.names, " a b c");
    ck_assert_text(s.ports, " 0 10255 ?");
    ck_assert_text(s.grades, " effective effective effective");
    ck_assert_text(s.declared, "");
}
END_TEST

START_TEST(nobody_was_asked)
{
    cluster_of(KUBELET_NONE, _i ? COVERAGE_DENIED : COVERAGE_COMPLETE);
    if (!_i)
        *VEC_PUSH(&cluster.kept[KIND_NODES], &arena) = from_yaml(&arena, "{}");
    cluster.kubelets.intent = from_yaml(&arena, "{readOnlyPort: 7}");
    struct seen s = walk();
    ck_assert_uint_eq(s.rows, 1);
    ck_assert_text(s.ports, " 7");
    ck_assert_text(s.grades, " declared");
    ck_assert_text(s.declared, "7");
}
END_TEST

START_TEST(nobody_was_asked_and_nothing_was_declared)
{
    cluster_of(KUBELET_NONE, COVERAGE_DENIED);
    struct seen s = walk();
    ck_assert_uint_eq(s.rows, 1);
    ck_assert_text(s.ports, " ?");
    ck_assert_text(s.grades, " ");
}
END_TEST

START_TEST(no_nodes_no_kubelets)
{
    cluster_of(KUBELET_NONE, COVERAGE_COMPLETE);
    ck_assert_uint_eq(walk().rows, 0);
}
END_TEST

START_TEST(groups)
{
    cluster_of(KUBELET_PROXY, COVERAGE_COMPLETE);
    add_config("{readOnlyPort: 10255}");
    add_config("{}");
    add_row("n9", 1);
    add_row("n3", 2);
    add_row("n1", 2);
    add_row("n2", 2);
    add_row("n4", 0);
    struct value g = facts_kubelet_groups(&arena, &cluster.kubelets);
    ck_assert_uint_eq(g.n, 2);
    ck_assert_int_eq(value_int_at(value_item(g, 0), 0, "nodes", NULL), 3);
    ck_assert_text(show(value_item(g, 0), "examples"), "n1,n2,n3");
    ck_assert_text(show(value_item(g, 0), "differs"), "");
    ck_assert_text(show(value_item(g, 1), "examples"), "n9");
    ck_assert_text(show(value_item(g, 1), "differs"), "readOnlyPort");
}
END_TEST

#define ROWS(table) (int)(sizeof(table) / sizeof(table)[0])

int main(void)
{
    Suite *suite = suite_create("kubelet configuration");
    TCase *t = tcase_create("kubelet configuration");
    tcase_add_checked_fixture(t, NULL, teardown);
    tcase_add_loop_test(t, keys, 0, ROWS(key_row));
    tcase_add_test(t, every_key_has_a_value);
    tcase_add_loop_test(t, flags, 0, ROWS(flag_row));
    tcase_add_test(t, differences);
    tcase_add_test(t, rows);
    tcase_add_loop_test(t, nobody_was_asked, 0, 2);
    tcase_add_test(t, nobody_was_asked_and_nothing_was_declared);
    tcase_add_test(t, no_nodes_no_kubelets);
    tcase_add_test(t, groups);
    suite_add_tcase(suite, t);
    SRunner *r = srunner_create(suite);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? 1 : 0;
}
