/* kubeconfigs: reading, faults, merging, overrides, where they are looked for, and the pod's own settings. */
#include "base/file.h"
#include "kube/config.h"
#include "value/json_doc.h"

#include <check.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#define COUNT(table)         ((int)(sizeof(table) / sizeof(table)[0]))
#define CONTAINS(text, part) ck_assert_msg(strstr((text), (part)) != NULL, "\"%s\" does not say \"%s\"", (text), (part))
#define LACKS(text, part)    ck_assert_msg(strstr((text), (part)) == NULL, "\"%s\" says \"%s\"", (text), (part))
#define IS(got, want)        ck_assert_msg(str_eq_c((got), (want)), "\"%.*s\" is not \"%s\"", STR_ARG(got), (want))
/* What no message may show. */
#define SECRET "hunter-two"

/* ---- a folder of the test's own, and an environment */

static char folder[64];

static void make_folder(void)
{
    (void)snprintf(folder, sizeof folder, "/tmp/kubevouch-test-XXXXXX");
    ck_assert_ptr_ne(mkdtemp(folder), NULL);
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
    (void)st, (void)kind, (void)at;
    return remove(path);
}

static void remove_folder(void)
{
    ck_assert_int_eq(nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
}

static char *path_to(struct arena *a, const char *name)
{
    return str_to_c(a, str_printf(a, "%s/%s", folder, name));
}

static char *put_file(struct arena *a, const char *name, const char *text)
{
    struct err err = { 0 };
    char *path = path_to(a, name);
    ck_assert(file_make_dir(str_to_c(a, file_dir_of(str_from_c(path))), &err));
    ck_assert_msg(file_write_atomic(path, str_from_c(text), &err), "%s", err.text);
    return path;
}

static struct {
    const char *kubeconfig, *home, *host, *port, *pod_namespace;
} vars;

static const char *get_var(const char *name)
{
    return !strcmp(name, "KUBECONFIG")                ? vars.kubeconfig
           : !strcmp(name, "HOME")                    ? vars.home
           : !strcmp(name, "KUBERNETES_SERVICE_HOST") ? vars.host
           : !strcmp(name, "KUBERNETES_SERVICE_PORT") ? vars.port
           : !strcmp(name, "POD_NAMESPACE")           ? vars.pod_namespace
                                                      : NULL;
}

static struct kube_environment environment(struct arena *a)
{
    return (struct kube_environment){ .get = get_var, .service_account_dir = path_to(a, "serviceaccount") };
}

static void set_up(void)
{
    memset(&vars, 0, sizeof vars);
    make_folder();
}

/* ---- reading one text */

#define CLUSTER         "clusters: [{name: c, cluster: {server: 'https://h:6443'}}]\n"
#define USER_OF(fields) "users: [{name: u, user: {" fields "}}]\n"

static const struct {
    const char *yaml, *fault; /* fault NULL: read */
    uint32_t line;            /* of the fault; 0: any */
} read_row[] = {
    { "", NULL, 0 },
    { "# nothing\n", NULL, 0 },
    { "---\n", NULL, 0 },
    { "{}", NULL, 0 },
    { "apiVersion: v1\nkind: Config\nclusters: null\nusers: null\ncontexts: null\n", NULL, 0 },
    { "preferences: {colors: true}\nextensions: [{name: x, extension: {a: [1]}}]\nno-such-field: [1, {b: 2}]\n", NULL, 0 },
    { "{\"clusters\":[{\"name\":\"c\",\"cluster\":{\"server\":\"https://h\"}}]}", NULL, 0 },
    { "a: &x {server: 'https://h'}\nclusters: [{name: c, cluster: *x}, {name: d, cluster: *x}]", NULL, 0 },
    { USER_OF("exec: null, auth-provider: ~, as-user-extra: null"), NULL, 0 },
    { USER_OF("as: a, as-user-extra: {k: [v, w], empty: [], none: null}"), NULL, 0 },
    { USER_OF("client-key-data: aHVudGVyLXR3bw=="), NULL, 0 },
    { "- a\n", "a kubeconfig is a map", 1 },
    { "just text\n", "a kubeconfig is a map", 1 },
    { "apiVersion: v2\n", "apiVersion v1 and kind Config", 1 },
    { "kind: Pod\n", "found \"\" and \"Pod\"", 1 },
    { "clusters: {c: {server: x}}\n", "\"clusters\" must be a list", 1 },
    { "clusters:\n- name: c\n  cluster:\n    insecure-skip-tls-verify: maybe\n", "must be true or false", 4 },
    { "clusters:\n- {name: c, cluster: {server: a}}\n- {name: c, cluster: {server: b}}\n", "cluster \"c\" is there twice", 3 },
    { "users:\n- name: u\n- name: u\n", "user \"u\" is there twice", 3 },
    { "contexts:\n- name: x\n\n- name: x\n", "context \"x\" is there twice", 4 },
    { USER_OF("token: 12345"), "\"token\" must be a string", 1 },
    { USER_OF("password: 1e3"), "\"password\" must be a string", 1 },
    { USER_OF("token: true"), "\"token\" must be a string", 1 },
    { "users:\n- name: u\n  user:\n    client-key-data: " SECRET "!\n", "client-key-data is not base64", 4 },
    { "users:\n- name: u\n  user:\n    client-certificate-data: aHVudGVyLXR3bw\n", "client-certificate-data is not base64", 4 },
    { "clusters:\n- name: c\n  cluster: {certificate-authority-data: '====' }\n", "certificate-authority-data is not base64", 3 },
    { USER_OF("exec: " SECRET), "exec", 1 },
    { USER_OF("exec: {args: [1]}"), "must be a string", 1 },
    { USER_OF("exec: {env: [{name: A, value: 7}]}"), "\"value\" must be a string", 1 },
    { USER_OF("auth-provider: [" SECRET "]"), "auth-provider", 1 },
    { USER_OF("as: a, as-user-extra: [k]"), "map of lists of strings", 1 },
    { USER_OF("as: a, as-user-extra: {k: v}"), "map of lists of strings", 1 },
    { USER_OF("as: a, as-user-extra: {k: [1]}"), "map of lists of strings", 1 },
    { USER_OF("token: \"" SECRET), "", 0 },
    { USER_OF("token: " SECRET) "\tx: y\n", "", 0 },
    { "a: *" SECRET "\n", "", 1 },
};

START_TEST(test_read)
{
    struct arena a = { 0 };
    struct kubeconfig k;
    struct err err = { 0 };
    bool ok = kubeconfig_parse(&k, &a, str_from_c(read_row[_i].yaml), "/dir/config", &err);
    ck_assert_msg(ok == !read_row[_i].fault, "row %d: %s", _i, err.text);
    if (!ok) {
        CONTAINS(err.text, read_row[_i].fault);
        ck_assert_str_eq(err.pos.file, "/dir/config");
        ck_assert_uint_ge(err.pos.line, 1);
        if (read_row[_i].line)
            ck_assert_uint_eq(err.pos.line, read_row[_i].line);
        if (!strstr(read_row[_i].yaml, "*"))
            LACKS(err.text, SECRET);
    }
    arena_release(&a);
}
END_TEST

static const char *const full_text = "clusters:\n"
                                     "- name: c\n"
                                     "  cluster:\n"
                                     "    server: https://h:6443/p\n"
                                     "    tls-server-name: name\n"
                                     "    certificate-authority: ca.pem\n"
                                     "    certificate-authority-data: Y2E=\n"
                                     "    proxy-url: socks5://p:1080\n"
                                     "    disable-compression: yes\n"
                                     "    insecure-skip-tls-verify: false\n"
                                     "    extensions:\n"
                                     "    - {name: other, extension: {a: 1}}\n"
                                     "    - {name: client.authentication.k8s.io/exec, extension: {audience: x}}\n"
                                     "users:\n"
                                     "- name: u\n"
                                     "  user:\n"
                                     "    client-certificate: sub/cert.pem\n"
                                     "    client-key: /abs/key.pem\n"
                                     "    token: t\n"
                                     "    tokenFile: ../tok\n"
                                     "    as: alice\n"
                                     "    as-uid: '7'\n"
                                     "    as-groups: [g, h]\n"
                                     "    as-user-extra: {k: [v]}\n"
                                     "    auth-provider: {config: {a: b}}\n"
                                     "    exec:\n"
                                     "      command: bin/plugin\n"
                                     "      args: [a, '', 'b c']\n"
                                     "      env: [{name: A, value: '1'}, {name: B, value: ''}]\n"
                                     "      apiVersion: client.authentication.k8s.io/v1beta1\n"
                                     "      installHint: get it\n"
                                     "      provideClusterInfo: true\n"
                                     "- name: bare\n"
                                     "  user: {exec: {command: plugin, apiVersion: client.authentication.k8s.io/v1}}\n"
                                     "contexts:\n"
                                     "- {name: x, context: {cluster: c, user: u, namespace: ns}}\n"
                                     "current-context: x\n";

START_TEST(test_every_field)
{
    struct arena a = { 0 };
    struct kubeconfig k;
    struct err err = { 0 };
    ck_assert_msg(kubeconfig_parse(&k, &a, str_from_c(full_text), "/dir/config", &err), "%s", err.text);
    const struct kube_cluster *c = &k.cluster.item[0];
    const struct kube_user *u = &k.user.item[0];
    IS(c->server, "https://h:6443/p");
    IS(c->tls_server_name, "name");
    IS(c->ca_file, "/dir/ca.pem");
    IS(c->ca_data, "ca");
    IS(c->proxy_url, "socks5://p:1080");
    ck_assert(c->disable_compression && !c->insecure_skip_tls_verify);
    IS(value_text_at(c->exec_extension, "audience", NULL), "x");
    IS(u->cert_file, "/dir/sub/cert.pem");
    IS(u->key_file, "/abs/key.pem");
    IS(u->token_file, "/dir/../tok");
    IS(u->as, "alice");
    IS(u->as_uid, "7");
    ck_assert_uint_eq(u->as_group_count, 2);
    IS(u->as_group[1], "h");
    IS(value_text(value_item(*value_get(u->as_user_extra, STR("k")), 0)), "v");
    IS(u->auth_provider, "(no name)");
    ck_assert(u->exec.is_set && u->exec.provide_cluster_info);
    IS(u->exec.command, "/dir/bin/plugin");
    ck_assert_uint_eq(u->exec.arg_count, 3);
    IS(u->exec.arg[2], "b c");
    ck_assert_uint_eq(u->exec.env_count, 2);
    IS(u->exec.env[0], "A=1");
    IS(u->exec.env[1], "B=");
    IS(u->exec.install_hint, "get it");
    IS(u->exec.interactive_mode, "IfAvailable");
    IS(k.user.item[1].exec.command, "plugin"); /* PATH decides */
    IS(k.user.item[1].exec.interactive_mode, "");
    IS(k.context.item[0].ns, "ns");
    IS(k.current_context, "x");
    arena_release(&a);
}
END_TEST

START_TEST(test_too_many)
{
    struct arena a = { 0 };
    struct kubeconfig k;
    struct err err = { 0 };
    static const char *const list[] = { "clusters", "users", "contexts" };
    struct buf text CLEANUP(buf_release) = BUF_INIT((size_t)1 << 20);
    buf_addf(&text, "%s:\n", list[_i]);
    for (unsigned i = 0; i < KUBECONFIG_ENTRIES_MAX; i++)
        buf_addf(&text, "- name: n%u\n", i);
    ck_assert_msg(kubeconfig_parse(&k, &a, buf_str(&text), "c", &err), "%s", err.text);
    buf_add_c(&text, "- name: more\n");
    ck_assert(!kubeconfig_parse(&k, &a, buf_str(&text), "c", &err));
    ck_assert_int_eq(err.code, ERR_LIMIT);
    CONTAINS(err.text, "more than 4096");
    arena_release(&a);
}
END_TEST

/* ---- what is held is overwritten */

static struct str held[4];
static size_t held_left;

static void look_at_held(void *object)
{
    (void)object;
    for (size_t i = 0; i < 4; i++)
        for (size_t k = 0; k < held[i].n; k++)
            held_left += held[i].p[k] != 0;
}

START_TEST(test_wiped)
{
    struct arena a = { 0 };
    struct kubeconfig k;
    struct err err = { 0 };
    arena_defer(&a, look_at_held, NULL); /* the oldest: runs when all others have */
    ck_assert_msg(kubeconfig_parse(&k, &a,
                                   STR(USER_OF("token: " SECRET ", password: " SECRET ", client-key-data: aHVudGVyLXR3bw==, "
                                               "exec: {command: c, env: [{name: A, value: " SECRET "}]}")),
                                   "c", &err),
                  "%s", err.text);
    const struct kube_user *u = &k.user.item[0];
    held[0] = u->token;
    held[1] = u->password;
    held[2] = u->key_data;
    held[3] = u->exec.env[0];
    held_left = 0;
    look_at_held(NULL);
    ck_assert_uint_eq(held_left, 4 * strlen(SECRET) + 2);
    held_left = 0;
    arena_release(&a);
    ck_assert_uint_eq(held_left, 0);
}
END_TEST

/* ---- faults of one that could be read */

static const struct {
    const char *yaml, *fault; /* NULL: none */
} fault_row[] = {
    { CLUSTER USER_OF("token: t") "contexts: [{name: x, context: {cluster: c, user: u, namespace: ok-1}}]\ncurrent-context: x", NULL },
    { "", "no configuration has been provided" },
    { CLUSTER "current-context: gone", "context was not found for specified context: gone" },
    { CLUSTER "contexts: [{name: x, context: {cluster: gone, user: u}}]\n" USER_OF("token: t"),
      "cluster \"gone\" was not found for context \"x\"" },
    { CLUSTER "contexts: [{name: x, context: {cluster: c, user: gone}}]", "user \"gone\" was not found for context \"x\"" },
    { CLUSTER "contexts: [{name: x, context: {}}]", "cluster was not specified for context \"x\"" },
    { CLUSTER "contexts: [{context: {cluster: c}}]", "empty context name" },
    { CLUSTER USER_OF("token: t") "contexts: [{name: x, context: {cluster: c, user: u, namespace: Upper}}]", "DNS_LABEL" },
    { CLUSTER USER_OF("token: t") "contexts: [{name: x, context: {cluster: c, user: u, namespace: 'a-'}}]", "DNS_LABEL" },
    { CLUSTER USER_OF("token: t") "contexts: [{name: x, context: {cluster: c, user: u, namespace: a.b}}]", "DNS_LABEL" },
    { CLUSTER USER_OF("token: t") "contexts: [{name: x, context: {cluster: c, user: u, namespace: "
                                  "a23456789012345678901234567890123456789012345678901234567890123}}]",
      NULL },
    { CLUSTER USER_OF("token: t") "contexts: [{name: x, context: {cluster: c, user: u, namespace: "
                                  "a234567890123456789012345678901234567890123456789012345678901234}}]",
      "DNS_LABEL" },
    { "clusters: [{name: c, cluster: {}}]", "no server found for cluster \"c\"" },
    { "clusters: [{cluster: {proxy-url: 'http://p'}}]", "default cluster has no server" },
    { "clusters: [{name: c, cluster: {server: s, proxy-url: 'ftp://p'}}]", "unsupported scheme \"ftp\"" },
    { "clusters: [{name: c, cluster: {server: s, proxy-url: 'p:80'}}]",
      "invalid 'proxy-url' \"p:80\" for cluster \"c\": unsupported scheme \"p\"" },
    { "clusters: [{name: c, cluster: {server: s, proxy-url: 'p'}}]", "unsupported scheme \"\"" },
    { "clusters: [{name: c, cluster: {server: s, proxy-url: '10.0.0.1:80'}}]", "could not parse: 10.0.0.1:80" },
    { "clusters: [{name: c, cluster: {server: s, proxy-url: '://p'}}]", "could not parse: ://p" },
    { "clusters: [{name: c, cluster: {server: s, proxy-url: \"http://p\\n\"}}]", "could not parse" },
    { "clusters: [{name: c, cluster: {server: s, proxy-url: 'ftp://me:" SECRET "@p/x:y@z'}}]", "proxy-url' \"ftp://(redacted)@p/x:y@z\"" },
    { "clusters: [{name: c, cluster: {server: s, proxy-url: '1me:" SECRET "@p'}}]", "could not parse: (redacted)@p" },
    { "clusters: [{name: c, cluster: {server: s, proxy-url: 'HTTP://p'}}, {name: d, cluster: {server: s, proxy-url: 'Socks5://p:1'}}]",
      NULL },
    { "clusters: [{name: c, cluster: {server: s, certificate-authority: /none, certificate-authority-data: Y2E=}}]",
      "are both specified for c" },
    { "clusters: [{name: c, cluster: {server: s, certificate-authority: /none/ca}}]", "unable to read certificate-authority /none/ca" },
    { USER_OF("client-certificate-data: Y2E="), "client-key-data or client-key must be specified for u" },
    { USER_OF("client-certificate: /none/crt, client-key: /none/key"), "unable to read client-key /none/key" },
    { USER_OF("token: t, username: name"), "more than one authentication method" },
    { USER_OF("exec: {command: c, apiVersion: v, interactiveMode: Never}, auth-provider: {name: gcp}"),
      "in combination with an exec plugin" },
    { USER_OF("exec: {}"), "command must be specified" },
    { USER_OF("exec: {command: c}"), "apiVersion must be specified" },
    { USER_OF("exec: {command: c, apiVersion: client.authentication.k8s.io/v1}"), "interactiveMode must be specified" },
    { USER_OF("exec: {command: c, apiVersion: v, interactiveMode: Often}"), "invalid interactiveMode for u: \"Often\"" },
    { USER_OF("exec: {command: c, apiVersion: v, interactiveMode: Never, env: [{value: x}]}"), "env variable name must be specified" },
    { USER_OF("exec: {command: c, apiVersion: client.authentication.k8s.io/v1beta1, env: [{name: NAME}]}"), NULL },
    { USER_OF("as: a, as-uid: b, as-groups: [c], as-user-extra: {k: [v]}"), NULL },
    { USER_OF("as-groups: [c]"), "without impersonating a user" },
    { USER_OF("as-uid: b"), "without impersonating a user" },
    { USER_OF("as-user-extra: {k: [v]}"), "without impersonating a user" },
};

START_TEST(test_faults)
{
    struct arena a = { 0 };
    struct kubeconfig k;
    struct err err = { 0 };
    struct str *fault;
    size_t count;
    ck_assert_msg(kubeconfig_parse(&k, &a, str_from_c(fault_row[_i].yaml), "c", &err), "row %d: %s", _i, err.text);
    bool ok = kubeconfig_validate(&k, &a, &fault, &count);
    const char *all = str_to_c(&a, str_join(&a, fault, count, STR("\n")));
    ck_assert_msg(ok == !fault_row[_i].fault && ok == (count == 0), "row %d: %s", _i, all);
    if (!ok)
        CONTAINS(all, fault_row[_i].fault);
    LACKS(all, SECRET);
    arena_release(&a);
}
END_TEST

START_TEST(test_faults_of_a_context)
{
    static const char *const text =
        CLUSTER "users: [{name: good, user: {token: t}}, {name: bad, user: {as-uid: x}}]\n"
                "contexts: [{name: good, context: {cluster: c, user: good}}, {name: bad, context: {cluster: c, user: bad}}, "
                "{name: lost, context: {cluster: gone, user: good}}]\n";
    static const struct {
        const char *name, *fault;
    } row[] = {
        { "good", NULL },
        { "bad", "without impersonating" },
        { "lost", "cluster has no server defined" },
        { "", "no context chosen" },
        { "none", "context was not found for specified context: none" },
    };
    struct arena a = { 0 };
    struct kubeconfig k;
    struct err err = { 0 };
    struct str *fault;
    size_t count;
    ck_assert_msg(kubeconfig_parse(&k, &a, str_from_c(text), "c", &err), "%s", err.text);
    for (int i = 0; i < COUNT(row); i++) {
        bool ok = kubeconfig_validate_context(&k, &a, str_from_c(row[i].name), &fault, &count);
        ck_assert_int_eq(ok, !row[i].fault);
        if (!ok)
            CONTAINS(str_to_c(&a, str_join(&a, fault, count, STR("\n"))), row[i].fault);
    }
    arena_release(&a);
}
END_TEST

/* ---- from files to settings */

#define SIMPLE(server, token)                                                                                \
    "clusters: [{name: c, cluster: {server: '" server "'}}]\nusers: [{name: u, user: {token: " token "}}]\n" \
    "contexts: [{name: x, context: {cluster: c, user: u}}]\ncurrent-context: x\n"

static bool load(struct kube_settings *s, struct arena *a, const struct kube_overrides *o, struct err *err)
{
    struct kube_environment env = environment(a);
    err_clear(err);
    return kube_settings_load(s, a, o, &env, err);
}

START_TEST(test_first_file_wins_whole)
{
    struct arena a = { 0 };
    struct kube_settings s;
    struct kube_overrides o = { 0 };
    struct err err = { 0 };
    const char *one = put_file(&a, "one/config", "users: [{name: u, user: {tokenFile: tok}}]\n");
    const char *two = put_file(&a, "two/config", SIMPLE("https://two", "second") "users2: []\n");
    const char *three = put_file(&a, "three/config",
                                 "clusters: [{name: c, cluster: {server: 'https://three', tls-server-name: other}}]\ncurrent-context: z\n");
    vars.kubeconfig = str_to_c(&a, str_printf(&a, "::%s/none:%s:%s:%s:%s", folder, one, two, three, one));
    ck_assert_msg(load(&s, &a, &o, &err), "%s", err.text);
    IS(s.cluster.server, "https://two");
    IS(s.cluster.tls_server_name, "");
    IS(s.user.token, "");
    ck_assert(str_has_suffix(s.user.token_file, STR("/one/tok")));
    IS(s.context_name, "x");
    IS(s.ns, "default");
    (void)put_file(&a, "two/config", "clusters: [");
    ck_assert(!load(&s, &a, &o, &err));
    ck_assert_int_eq(err.code, ERR_INPUT);
    ck_assert_str_eq(err.pos.file, two);
    arena_release(&a);
}
END_TEST

START_TEST(test_where_it_is_looked_for)
{
    struct arena a = { 0 };
    struct kube_settings s;
    struct kube_overrides o = { 0 }, given = { 0 };
    struct err err = { 0 };
    vars.home = folder;
    ck_assert(!load(&s, &a, &o, &err));
    ck_assert_int_eq(err.code, ERR_NOT_FOUND);
    CONTAINS(err.text, "--kubeconfig");
    (void)put_file(&a, ".kube/.kubeconfig", SIMPLE("https://old", "t"));
    ck_assert(load(&s, &a, &o, &err));
    IS(s.cluster.server, "https://old");
    (void)put_file(&a, ".kube/config", SIMPLE("https://home", "t"));
    ck_assert(load(&s, &a, &o, &err));
    IS(s.cluster.server, "https://home");
    vars.kubeconfig = "/none/a:/none/b";
    ck_assert(!load(&s, &a, &o, &err)); /* set: home is not looked at */
    ck_assert_int_eq(err.code, ERR_NOT_FOUND);
    given.kubeconfig = str_from_c(put_file(&a, "given", SIMPLE("https://given", "t")));
    ck_assert(load(&s, &a, &given, &err));
    IS(s.cluster.server, "https://given");
    given.kubeconfig = STR("/none/given");
    vars.host = "10.0.0.1", vars.port = "443";
    (void)put_file(&a, "serviceaccount/token", "t");
    ck_assert(!load(&s, &a, &given, &err)); /* asked for: nothing takes its place */
    CONTAINS(err.text, "/none/given");
    arena_release(&a);
}
END_TEST

START_TEST(test_in_a_pod)
{
    struct arena a = { 0 };
    struct kube_settings s;
    struct kube_overrides o = { 0 };
    struct err err = { 0 };
    vars.host = "10.96.0.1", vars.port = "443", vars.home = folder;
    ck_assert(!load(&s, &a, &o, &err)); /* no token: no pod */
    (void)put_file(&a, "serviceaccount/token/folder", "");
    ck_assert(!load(&s, &a, &o, &err));
    ck_assert_int_eq(err.code, ERR_NOT_FOUND);
    ck_assert_int_eq(remove(path_to(&a, "serviceaccount/token/folder")), 0);
    ck_assert_int_eq(remove(path_to(&a, "serviceaccount/token")), 0);
    (void)put_file(&a, "serviceaccount/token", "tok\n");
    (void)put_file(&a, "serviceaccount/namespace", "audit\n");
    ck_assert_msg(load(&s, &a, &o, &err), "%s", err.text);
    ck_assert(s.in_cluster);
    IS(s.cluster.server, "https://10.96.0.1:443");
    ck_assert(str_has_suffix(s.cluster.ca_file, STR("/serviceaccount/ca.crt")));
    ck_assert(str_has_suffix(s.user.token_file, STR("/serviceaccount/token")));
    IS(s.ns, "audit");
    vars.pod_namespace = "here";
    ck_assert(load(&s, &a, &o, &err));
    IS(s.ns, "here");
    o.ns = STR("told"), o.request_timeout = STR("5s"), o.as = STR("alice");
    vars.host = "fd00::1";
    ck_assert(load(&s, &a, &o, &err));
    IS(s.cluster.server, "https://[fd00::1]:443");
    IS(s.ns, "told");
    IS(s.user.as, "alice");
    ck_assert_int_eq(s.request_timeout_ms, 5000);
    struct str group[] = { STR("g") };
    o.as = STR(""), o.as_group = group, o.as_group_count = 1;
    ck_assert(!load(&s, &a, &o, &err));
    CONTAINS(err.text, "without impersonating a user");
    o.as = STR("alice");
    o.server = STR("https://elsewhere"); /* the pod's token is for the pod's cluster */
    ck_assert(load(&s, &a, &o, &err));
    ck_assert(!s.in_cluster);
    IS(s.user.token_file, "");
    o.server = STR(""), o.context = STR("gone");
    ck_assert(!load(&s, &a, &o, &err));
    CONTAINS(err.text, "gone");
    o.context = STR("");
    (void)put_file(&a, ".kube/config", SIMPLE("https://file", "t"));
    ck_assert(load(&s, &a, &o, &err)); /* a kubeconfig comes first */
    ck_assert(!s.in_cluster);
    arena_release(&a);
}
END_TEST

/* ---- overrides */

static const char *const wide_text =
    "clusters:\n"
    "- {name: c, cluster: {server: 'https://file', tls-server-name: name, certificate-authority-data: Y2E=, proxy-url: 'http://p'}}\n"
    "- {name: d, cluster: {server: 'https://other', insecure-skip-tls-verify: true}}\n"
    "- {name: both, cluster: {server: 'https://both', insecure-skip-tls-verify: true, certificate-authority-data: Y2E=}}\n"
    "users:\n"
    "- {name: u, user: {client-certificate-data: Y2E=, client-key-data: Y2E=, as: file, as-groups: [g]}}\n"
    "- {name: v, user: {username: me, password: p}}\n"
    "- {name: w, user: {exec: {command: c, apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never}}}\n"
    "- {name: f, user: {tokenFile: tok}}\n"
    "- {name: g, user: {auth-provider: {name: gcp}}}\n"
    "contexts: [{name: x, context: {cluster: c, user: u, namespace: ns}}, {name: xx, context: {cluster: d, user: w}}]\n"
    "current-context: x\n";

static bool resolve(struct kube_settings *s, struct arena *a, const struct kube_overrides *o, struct err *err)
{
    struct kube_overrides with = *o;
    with.kubeconfig = str_from_c(put_file(a, "wide", wide_text));
    return load(s, a, &with, err);
}

START_TEST(test_override_cluster)
{
    struct arena a = { 0 };
    struct kube_settings s;
    struct err err = { 0 };
    ck_assert_msg(resolve(&s, &a, &(struct kube_overrides){ 0 }, &err), "%s", err.text);
    IS(s.cluster.tls_server_name, "name");
    IS(s.ns, "ns");
    ck_assert(resolve(&s, &a, &(struct kube_overrides){ .server = STR("https://s") }, &err));
    IS(s.cluster.server, "https://s");
    IS(s.cluster.tls_server_name, ""); /* it was the other server's */
    IS(s.cluster.ca_data, "ca");
    ck_assert(resolve(&s, &a, &(struct kube_overrides){ .server = STR("https://s"), .tls_server_name = STR("n2") }, &err));
    IS(s.cluster.tls_server_name, "n2");
    ck_assert(resolve(&s, &a, &(struct kube_overrides){ .insecure_skip_tls_verify = true }, &err));
    ck_assert(s.cluster.insecure_skip_tls_verify);
    IS(s.cluster.ca_data, "");
    const char *ca = put_file(&a, "ca", "pem");
    ck_assert_msg(resolve(&s, &a, &(struct kube_overrides){ .context = STR("xx"), .ca_file = str_from_c(ca) }, &err), "%s", err.text);
    ck_assert(!s.cluster.insecure_skip_tls_verify);
    IS(s.cluster.ca_file, ca);
    ck_assert(!resolve(&s, &a, &(struct kube_overrides){ .insecure_skip_tls_verify = true, .ca_file = str_from_c(ca) }, &err));
    CONTAINS(err.text, "both insecure-skip-tls-verify and a certificate authority");
    ck_assert(!resolve(&s, &a, &(struct kube_overrides){ .cluster = STR("both") }, &err));
    CONTAINS(err.text, "cluster \"both\"");
    ck_assert(!resolve(&s, &a, &(struct kube_overrides){ .ca_file = STR("/none/ca") }, &err));
    CONTAINS(err.text, "/none/ca");
    ck_assert(resolve(
        &s, &a,
        &(struct kube_overrides){ .cluster = STR("d"), .proxy_url = STR("socks5://q"), .disable_compression = true, .ns = STR("m") },
        &err));
    IS(s.cluster.server, "https://other");
    IS(s.cluster.proxy_url, "socks5://q");
    IS(s.ns, "m");
    ck_assert(s.cluster.disable_compression);
    arena_release(&a);
}
END_TEST

START_TEST(test_default_server)
{
    struct arena a = { 0 };
    struct kube_settings s;
    struct err err = { 0 };
    struct kube_overrides o = { .default_server = STR("http://localhost:8080") };
    ck_assert_msg(load(&s, &a, &o, &err), "%s", err.text); /* no file at all */
    IS(s.cluster.server, "http://localhost:8080");
    o.kubeconfig = str_from_c(put_file(&a, "bare",
                                       "clusters: [{name: c, cluster: {tls-server-name: name}}]\n"
                                       "contexts: [{name: x, context: {cluster: c}}]\ncurrent-context: x\n"));
    ck_assert_msg(load(&s, &a, &o, &err), "%s", err.text);
    IS(s.cluster.server, "http://localhost:8080");
    IS(s.cluster.tls_server_name, "name");
    ck_assert_msg(resolve(&s, &a, &o, &err), "%s", err.text);
    IS(s.cluster.server, "https://file");
    o.server = STR("https://given");
    ck_assert_msg(resolve(&s, &a, &o, &err), "%s", err.text);
    IS(s.cluster.server, "https://given");
    arena_release(&a);
}
END_TEST

START_TEST(test_override_user)
{
    struct arena a = { 0 };
    struct kube_settings s;
    struct err err = { 0 };
    struct str group[] = { STR("a"), STR("b") };
    ck_assert(resolve(&s, &a, &(struct kube_overrides){ .user = STR("w"), .token = STR(SECRET) }, &err));
    IS(s.user.token, SECRET);
    ck_assert(!s.user.exec.is_set);
    ck_assert(resolve(&s, &a, &(struct kube_overrides){ .user = STR("v"), .token = STR(SECRET) }, &err));
    IS(s.user.username, "");
    ck_assert(resolve(&s, &a, &(struct kube_overrides){ .user = STR("f"), .token = STR(SECRET) }, &err));
    IS(s.user.token_file, "");
    ck_assert(resolve(&s, &a, &(struct kube_overrides){ .user = STR("g"), .token = STR(SECRET) }, &err));
    IS(s.user.auth_provider, "");
    ck_assert(resolve(&s, &a, &(struct kube_overrides){ .user = STR("g") }, &err));
    IS(s.user.auth_provider, "gcp");
    const char *cert = put_file(&a, "cert", "pem"), *key = put_file(&a, "key", "pem");
    ck_assert_msg(resolve(&s, &a, &(struct kube_overrides){ .cert_file = str_from_c(cert), .key_file = str_from_c(key) }, &err), "%s",
                  err.text);
    IS(s.user.cert_file, cert);
    IS(s.user.cert_data, "");
    IS(s.user.key_data, "");
    ck_assert(!resolve(&s, &a, &(struct kube_overrides){ .user = STR("v"), .cert_file = str_from_c(cert) }, &err));
    CONTAINS(err.text, "client-key");
    ck_assert_msg(
        resolve(&s, &a, &(struct kube_overrides){ .user = STR("w"), .cert_file = str_from_c(cert), .key_file = str_from_c(key) }, &err),
        "%s", err.text);
    ck_assert(!s.user.exec.is_set);
    ck_assert(
        resolve(&s, &a, &(struct kube_overrides){ .as = STR("root"), .as_uid = STR("0"), .as_group = group, .as_group_count = 2 }, &err));
    IS(s.user.as, "root");
    IS(s.user.as_uid, "0");
    IS(s.user.as_group[1], "b");
    ck_assert(!resolve(&s, &a, &(struct kube_overrides){ .user = STR("v"), .as_group = group, .as_group_count = 1 }, &err));
    CONTAINS(err.text, "without impersonating a user");
    arena_release(&a);
}
END_TEST

START_TEST(test_override_extra)
{
    struct arena a = { 0 };
    struct kube_settings s = { 0 };
    struct err err = { 0 };
    struct str extra[] = { STR("scopes=a=b"), STR("reason=x"), STR("scopes=") }, bad[] = { STR("scopes=a"), STR("=b") };
    struct kube_overrides o = { .as = STR("root"), .as_user_extra = extra, .as_user_extra_count = 3 };
    ck_assert_msg(resolve(&s, &a, &o, &err), "%s", err.text);
    struct buf text = BUF_INIT(1000);
    json_doc_write(&text, s.user.as_user_extra, 0);
    ck_assert_str_eq(text.p, "{\"scopes\":[\"a=b\",\"\"],\"reason\":[\"x\"]}");
    buf_release(&text);
    for (size_t i = 1; i < 3; i++) {
        struct str one[] = { STR("no-sign") };
        o.as_user_extra = i == 1 ? one : bad;
        o.as_user_extra_count = i;
        ck_assert(!resolve(&s, &a, &o, &err));
        ck_assert_int_eq(err.code, ERR_USAGE);
        CONTAINS(err.text, "expected KEY=VALUE");
    }
    arena_release(&a);
}
END_TEST

START_TEST(test_override_unknown)
{
    static const struct {
        struct kube_overrides o;
        const char *fault, *there;
    } row[] = {
        { { .context = STR_INIT("xy") },
          "--context: context was not found for specified context: xy;",
          "has the contexts \"x\", \"xx\"; did you mean \"x\"?" },
        { { .cluster = STR_INIT("nope") }, "--cluster: no such entry: nope;", "wide has the clusters \"c\", \"d\", \"both\"" },
        { { .user = STR_INIT("nope") }, "--user: no such entry: nope;", "wide has the users \"u\", \"v\", \"w\", \"f\", \"g\"" },
    };
    struct arena a = { 0 };
    struct kube_settings s = { .ns = STR("untouched") };
    struct err err = { 0 };
    ck_assert(!resolve(&s, &a, &row[_i].o, &err));
    ck_assert_int_eq(err.code, ERR_USAGE);
    CONTAINS(err.text, row[_i].fault);
    CONTAINS(err.text, row[_i].there);
    LACKS(err.text, "no server defined");
    IS(s.ns, "untouched");
    arena_release(&a);
}
END_TEST

/* The file itself names what is not there. */
START_TEST(test_names_of_the_file)
{
    static const struct {
        const char *yaml, *fault, *there;
        enum err_code code;
    } row[] = {
        { CLUSTER "contexts: [{name: here, context: {cluster: c}}]\ncurrent-context: gone", "specified context: gone",
          "config has the context \"here\": set current-context", ERR_INPUT },
        { CLUSTER "contexts: [{name: here, context: {cluster: gone}}]\ncurrent-context: here",
          "context \"here\" names the cluster \"gone\"", "config has the cluster \"c\"", ERR_NOT_FOUND },
        { CLUSTER "contexts: [{name: here, context: {cluster: c}}]", "no current-context is set", "config has the context \"here\"",
          ERR_NOT_FOUND },
        { "contexts: [{name: a}, {name: b}, {name: c}, {name: d}, {name: e}, {name: f}, {name: g}, {name: h}, {name: i}, {name: j}]",
          "no current-context is set", "\"g\", \"h\" and 2 more", ERR_NOT_FOUND },
    };
    struct arena a = { 0 };
    struct kube_settings s;
    struct err err = { 0 };
    struct kube_overrides o = { .kubeconfig = str_from_c(put_file(&a, "config", row[_i].yaml)) };
    ck_assert(!load(&s, &a, &o, &err));
    ck_assert_int_eq(err.code, row[_i].code);
    CONTAINS(err.text, row[_i].fault);
    CONTAINS(err.text, row[_i].there);
    arena_release(&a);
}
END_TEST

START_TEST(test_timeout)
{
    static const struct {
        const char *text;
        int64_t ms; /* -1: refused */
    } row[] = {
        { "", 0 },
        { "0", 0 },
        { "30", 30000 },
        { "30s", 30000 },
        { "1m30s", 90000 },
        { "500ms", 500 },
        { "2h", 7200000 },
        { "1h1m1s1ms", 3661001 },
        { "1.5h", 5400000 },
        { ".5s", 500 },
        { "1.s", 1000 },
        { "0.25m250ms", 15250 },
        { "1us", 1 },
        { "1ns", 1 },
        { "2500us", 2 },
        { "3\xC2\xB5s", 1 },
        { "0s", 0 },
        { "1000000", 1000000000 },
        { ".s", -1 },
        { "1..5s", -1 },
        { "1.5", -1 },
        { "1e3s", -1 },
        { "-1s", -1 },
        { "278h", -1 },
        { "1m30", -1 },
        { "00000000000000000000000000000000000000000000001s", 1000 },
        { "x", -1 },
        { "5x", -1 },
        { "-1", -1 },
        { "s", -1 },
        { "5s ", -1 },
        { "1000001", -1 },
        { "9999999999h", -1 },
        { "+5", -1 },
    };
    struct arena a = { 0 };
    struct kube_settings s;
    struct err err = { 0 };
    for (int i = 0; i < COUNT(row); i++) {
        bool ok = resolve(&s, &a, &(struct kube_overrides){ .request_timeout = str_from_c(row[i].text) }, &err);
        ck_assert_msg(ok == (row[i].ms >= 0), "\"%s\": %s", row[i].text, err.text);
        if (ok)
            ck_assert_int_eq(s.request_timeout_ms, row[i].ms);
        else
            ck_assert_int_eq(err.code, ERR_USAGE);
    }
    arena_release(&a);
}
END_TEST

START_TEST(test_unreadable)
{
    struct arena a = { 0 };
    struct kube_settings s;
    struct kube_overrides o = { .kubeconfig = str_from_c(folder) };
    struct err err = { 0 };
    ck_assert(!load(&s, &a, &o, &err));
    CONTAINS(err.text, "folder");
    o.kubeconfig = STR("/dev/zero"); /* endless */
    ck_assert(!load(&s, &a, &o, &err));
    ck_assert_int_eq(err.code, ERR_LIMIT);
    char *pipe_path = path_to(&a, "pipe");
    ck_assert_int_eq(mkfifo(pipe_path, 0600), 0);
    o = (struct kube_overrides){ .server = STR("https://h"), .ca_file = str_from_c(pipe_path) };
    (void)load(&s, &a, &o, &err); /* comes back: looking whether it can be read waits for nobody */
    arena_release(&a);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("kubeconfig");
    TCase *t = tcase_create("kubeconfig");
    tcase_add_checked_fixture(t, set_up, remove_folder);
    tcase_add_loop_test(t, test_read, 0, COUNT(read_row));
    tcase_add_test(t, test_every_field);
    tcase_add_loop_test(t, test_too_many, 0, 3);
    tcase_add_test(t, test_wiped);
    tcase_add_loop_test(t, test_faults, 0, COUNT(fault_row));
    tcase_add_test(t, test_faults_of_a_context);
    tcase_add_test(t, test_first_file_wins_whole);
    tcase_add_test(t, test_where_it_is_looked_for);
    tcase_add_test(t, test_in_a_pod);
    tcase_add_test(t, test_override_cluster);
    tcase_add_test(t, test_default_server);
    tcase_add_test(t, test_override_user);
    tcase_add_test(t, test_override_extra);
    tcase_add_loop_test(t, test_override_unknown, 0, 3);
    tcase_add_loop_test(t, test_names_of_the_file, 0, 4);
    tcase_add_test(t, test_timeout);
    tcase_add_test(t, test_unreadable);
    suite_add_tcase(suite, t);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
