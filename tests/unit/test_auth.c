/* Credentials: what is sent, when it is read again, what plugins may do, and that no secret is told. */
#include "base/enc.h"
#include "base/file.h"
#include "kube/auth.h"
#include "kube/exec_plugin.h"
#include "kube/exec_program.h"
#include "value/json_doc.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define COUNT(table)         ((int)(sizeof(table) / sizeof(table)[0]))
#define CONTAINS(text, part) ck_assert_msg(strstr((text), (part)) != NULL, "\"%s\" does not say \"%s\"", (text), (part))
#define LACKS(text, part)    ck_assert_msg(strstr((text), (part)) == NULL, "\"%s\" says \"%s\"", (text), (part))
#define IS(got, want)        ck_assert_msg(str_eq_c((got), (want)), "\"%.*s\" is not \"%s\"", STR_ARG(got), (want))
#define SECRET               "hunter-two"
#define V1                   "client.authentication.k8s.io/v1"
#define V1BETA1              "client.authentication.k8s.io/v1beta1"

/* ---- a folder, and settings that the test changes before it opens them */

static char folder[64];
static struct arena arena;
static struct kube_settings settings;
static struct auth_options options;
static struct auth *auth;
static struct err err;

static void set_up(void)
{
    (void)snprintf(folder, sizeof folder, "/tmp/kubevouch-test-XXXXXX");
    ck_assert_ptr_ne(mkdtemp(folder), NULL);
    arena = (struct arena){ 0 };
    settings = (struct kube_settings){ .cluster.server = STR("https://h:6443") };
    options = (struct auth_options){ .plugin_timeout_ms = 20000 };
    auth = NULL;
    err_clear(&err);
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
    (void)st, (void)kind, (void)at;
    return remove(path);
}

static void tear_down(void)
{
    auth_close(auth);
    arena_release(&arena);
    ck_assert_int_eq(nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
}

static char *path_to(const char *name)
{
    return str_to_c(&arena, str_printf(&arena, "%s/%s", folder, name));
}

static char *put_file(const char *name, const char *text)
{
    struct err why = { 0 };
    char *path = path_to(name);
    ck_assert_msg(file_write_atomic(path, str_from_c(text), &why), "%s", why.text);
    return path;
}

static struct str file_text(const char *name)
{
    struct buf b CLEANUP(buf_release) = BUF_INIT((size_t)4 << 20);
    struct err why = { 0 };
    return file_read(path_to(name), &b, &why) ? str_dup(&arena, buf_str(&b)) : STR("");
}

/* A shell script as a plugin; its #! line is the kernel's business, not ours. */
static void put_plugin(const char *name, const char *script)
{
    char *path = put_file(name, str_to_c(&arena, str_printf(&arena, "#!/bin/sh\ncd '%s'\n%s", folder, script)));
    ck_assert_int_eq(chmod(path, 0700), 0);
    settings.user.exec =
        (struct kube_exec){ .is_set = true, .command = str_from_c(path), .api_version = STR(V1), .interactive_mode = STR("Never") };
}

static const char *answer_of(const char *version, const char *status)
{
    return str_to_c(&arena, str_printf(&arena, "{\"kind\":\"ExecCredential\",\"apiVersion\":\"%s\",\"status\":%s}", version, status));
}

/* Counts its runs in "runs", and prints answer. */
static void put_answering(const char *answer)
{
    (void)put_file("answer", answer);
    put_plugin("plugin", "echo run >>runs\ncat answer\n");
}

static bool open_auth(void)
{
    err_clear(&err);
    return auth_open(&auth, &arena, &settings, &options, &err);
}

static struct auth_material current(void)
{
    struct auth_material m = { 0 };
    err_clear(&err);
    ck_assert_msg(auth_current(auth, &m, &err), "%s", err.text);
    return m;
}

static void open_fine(void)
{
    ck_assert_msg(open_auth(), "%s", err.text);
}

/* Fails, saying part and no secret. */
static void open_fails(enum err_code code, const char *part)
{
    ck_assert(!open_auth());
    ck_assert_ptr_eq(auth, NULL);
    CONTAINS(err.text, part);
    LACKS(err.text, SECRET);
    ck_assert_int_eq(err.code, code);
}

static size_t run_count(void)
{
    return file_text("runs").n / strlen("run\n");
}

/* ---- without plugins */

START_TEST(test_none)
{
    open_fine();
    IS(current().authorization, "");
    IS(auth_kind(auth), "none");
    ck_assert(!auth_renew(auth, &err));
    CONTAINS(err.text, "has none");
}
END_TEST

START_TEST(test_token)
{
    settings.user.token = STR(SECRET);
    open_fine();
    IS(current().authorization, "Bearer " SECRET);
    IS(auth_kind(auth), "token");
    ck_assert(!auth_renew(auth, &err));
    ck_assert_int_eq(err.code, ERR_AUTH);
    LACKS(err.text, SECRET);
}
END_TEST

START_TEST(test_token_in_pieces)
{
    static const char *const token[] = { SECRET "\r\nX-Evil: 1", SECRET "\n", "\x01" SECRET, SECRET "\x7f" };
    settings.user.token = str_from_c(token[_i]);
    open_fails(ERR_INPUT, "line break or control character");
    settings.user.token = STR("");
    settings.user.token_file = str_from_c(put_file("tok", str_to_c(&arena, str_printf(&arena, "a%sb", token[_i]))));
    open_fails(ERR_AUTH, "control character");
}
END_TEST

START_TEST(test_basic)
{
    settings.user.username = STR("me");
    settings.user.password = STR(SECRET ":%s\n");
    open_fine();
    IS(current().authorization, "Basic bWU6aHVudGVyLXR3bzolcwo=");
    IS(auth_kind(auth), "basic");
    ck_assert(!auth_renew(auth, &err));
    CONTAINS(err.text, "1.19");
}
END_TEST

START_TEST(test_plain_http)
{
    put_answering(answer_of(V1, "{\"token\":\"t\"}"));
    settings.cluster.server = STR("http://h:8080");
    settings.user.username = STR("me");
    settings.user.cert_file = STR("/none/cert");
    settings.user.token_file = STR("/none/token");
    settings.user.auth_provider = STR("gcp");
    open_fine();
    struct auth_material m = current();
    ck_assert_uint_eq(m.authorization.n + m.cert_pem.n + m.key_pem.n, 0);
    IS(auth_kind(auth), "none");
    ck_assert_uint_eq(run_count(), 0);
}
END_TEST

START_TEST(test_pair)
{
    settings.user.cert_data = STR("CERT");
    settings.user.key_file = str_from_c(put_file("key", "KEY-" SECRET));
    open_fine();
    IS(current().cert_pem, "CERT");
    IS(current().key_pem, "KEY-" SECRET);
    IS(auth_kind(auth), "client certificate");
    auth_close(auth);
    auth = NULL;
    settings.user.key_data = STR("DATA"); /* data wins over a file */
    settings.user.cert_file = STR("/none/cert");
    open_fine();
    IS(current().key_pem, "DATA");
    auth_close(auth);
    auth = NULL;
    settings.user.key_data = STR("");
    settings.user.key_file = STR("/none/key");
    open_fails(ERR_NOT_FOUND, "/none/key");
    settings.user.key_file = str_from_c(put_file("empty", ""));
    open_fails(ERR_INPUT, "key");
    settings.user.key_file = STR("");
    open_fails(ERR_INPUT, "missing");
}
END_TEST

START_TEST(test_token_file)
{
    settings.user.token_file = str_from_c(put_file("tok", "  one\n"));
    settings.user.token = STR("beside");
    open_fine();
    struct auth_material first = current();
    IS(first.authorization, "Bearer one"); /* the file wins */
    IS(auth_kind(auth), "token file");
    uint64_t generation = first.generation;
    (void)put_file("tok", "two");
    IS(current().authorization, "Bearer one"); /* not before its time */
    ck_assert_msg(auth_renew(auth, &err), "%s", err.text);
    IS(current().authorization, "Bearer two");
    ck_assert_uint_gt(current().generation, generation);
    ck_assert(!auth_renew(auth, &err)); /* the same token again is no use */
    CONTAINS(err.text, "tok\": it is expired");
    err_clear(&err);
    ck_assert_int_eq(remove(path_to("tok")), 0);
    ck_assert(!auth_renew(auth, &err));
    CONTAINS(err.text, "token file");
    IS(current().authorization, "Bearer two"); /* the last good one */
}
END_TEST

START_TEST(test_token_file_in_time)
{
    options.token_file_ms = 30;
    settings.in_cluster = true;
    settings.user.token_file = str_from_c(put_file("tok", "one"));
    open_fine();
    IS(auth_kind(auth), "service account token");
    (void)put_file("tok", "two");
    (void)usleep(50000);
    IS(current().authorization, "Bearer two");
    (void)put_file("tok", " \n");
    (void)usleep(50000);
    IS(current().authorization, "Bearer two");
    ck_assert_int_eq(remove(path_to("tok")), 0);
    (void)usleep(50000);
    IS(current().authorization, "Bearer two");
    (void)put_file("tok", "three");
    (void)usleep(50000);
    IS(current().authorization, "Bearer three");
}
END_TEST

START_TEST(test_token_file_that_comes_later)
{
    options.token_file_ms = 30;
    settings.user.token = STR("beside");
    settings.user.token_file = str_from_c(path_to("tok"));
    open_fine();
    IS(current().authorization, "Bearer beside");
    (void)put_file("tok", "late");
    (void)usleep(50000);
    IS(current().authorization, "Bearer late");
    auth_close(auth);
    auth = NULL;
    ck_assert_int_eq(remove(path_to("tok")), 0);
    settings.user.token = STR("");
    open_fails(ERR_NOT_FOUND, "token file");
    (void)put_file("tok", "\n");
    open_fails(ERR_AUTH, "is empty");
    settings.user.token_file = STR("/dev/zero");
    open_fails(ERR_LIMIT, "limit");
}
END_TEST

START_TEST(test_removed_provider)
{
    static const struct {
        const char *name, *instead;
    } row[] = {
        { "gcp", "gke-gcloud-auth-plugin" },     { "azure", "kubelogin" }, { "oidc", "oidc-login" },
        { "openstack", "client-keystone-auth" }, { "x", "exec plugin" },   { "(no name)", "exec plugin" },
    };
    settings.user.auth_provider = str_from_c(row[_i].name);
    open_fails(ERR_INPUT, row[_i].instead);
    CONTAINS(err.text, row[_i].name);
}
END_TEST

/* ---- plugins: what they are told */

START_TEST(test_plugin_is_told)
{
    struct str arg[] = { STR("a b"), STR("$(touch evil)"), STR(""), STR("*") },
               env[] = { STR("KV_ONE=1"), STR("KV_TWO=x=y"), STR("KV_ONE=2") };
    (void)put_file("answer", answer_of(V1BETA1, "{\"token\":\"t\"}"));
    put_plugin("plugin", "for a in \"$@\"; do printf '<%s>' \"$a\"; done >args\nprintf '%s' \"$KUBERNETES_EXEC_INFO\" >info\n"
                         "tr '\\0' '\\n' </proc/$$/environ >env\ncat >stdin\ncat answer\n");
    settings.user.exec.api_version = STR(V1BETA1);
    settings.user.exec.arg = arg, settings.user.exec.arg_count = 4;
    settings.user.exec.env = env, settings.user.exec.env_count = 3;
    ck_assert_int_eq(setenv("KV_TWO", "ours", 1), 0);
    ck_assert_int_eq(setenv("KV_THREE", "kept", 1), 0);
    ck_assert_int_eq(setenv("KUBERNETES_EXEC_INFO", "ours", 1), 0);
    open_fine();
    IS(file_text("args"), "<a b><$(touch evil)><><*>");
    IS(file_text("info"), "{\"kind\":\"ExecCredential\",\"apiVersion\":\"" V1BETA1 "\",\"spec\":{\"interactive\":false}}");
    const char *all = str_to_c(&arena, file_text("env"));
    CONTAINS(all, "KV_ONE=2\n");
    LACKS(all, "KV_ONE=1");
    CONTAINS(all, "KV_TWO=x=y\n");
    LACKS(all, "KV_TWO=ours");
    CONTAINS(all, "KV_THREE=kept\n");
    LACKS(all, "KUBERNETES_EXEC_INFO=ours");
    IS(file_text("stdin"), "");
    IS(file_text("evil"), "");
    IS(auth_kind(auth), "exec plugin plugin");
}
END_TEST

START_TEST(test_plugin_cluster_info)
{
    struct value_builder b;
    struct value info;
    struct kube_cluster *c = &settings.cluster;
    value_builder_init(&b, &arena);
    value_builder_set(&b, "audience", value_cstr("x"));
    put_plugin("plugin", "printf '%s' \"$KUBERNETES_EXEC_INFO\" >info\ncat answer\n");
    (void)put_file("answer", answer_of(V1, "{\"token\":\"t\"}"));
    c->exec_extension = value_builder_map(&b);
    c->tls_server_name = STR("name"), c->proxy_url = STR("http://p"), c->disable_compression = true;
    c->ca_file = str_from_c(put_file("ca", "PEM"));
    open_fine();
    LACKS(str_to_c(&arena, file_text("info")), "cluster"); /* not unless asked for */
    auth_close(auth);
    auth = NULL;
    settings.user.exec.provide_cluster_info = true;
    open_fine();
    ck_assert_msg(json_doc_read(&info, &arena, file_text("info"), "info", &err), "%s", err.text);
    const struct value *cluster = value_at(info, "spec", "cluster", NULL);
    ck_assert_ptr_ne(cluster, NULL);
    IS(value_text_at(*cluster, "server", NULL), "https://h:6443");
    IS(value_text_at(*cluster, "tls-server-name", NULL), "name");
    IS(value_text_at(*cluster, "proxy-url", NULL), "http://p");
    IS(value_text_at(*cluster, "certificate-authority-data", NULL), "UEVN");
    IS(value_text_at(*cluster, "config", "audience", NULL), "x");
    ck_assert(value_bool_at(*cluster, false, "disable-compression", NULL));
    ck_assert_ptr_eq(value_at(*cluster, "insecure-skip-tls-verify", NULL), NULL);
    auth_close(auth);
    auth = NULL;
    c->ca_file = STR("/none/ca");
    open_fails(ERR_NOT_FOUND, "/none/ca");
}
END_TEST

START_TEST(test_plugin_terminal)
{
    static const struct {
        const char *mode;
        bool terminal;
        const char *interactive; /* NULL: refused */
    } row[] = {
        { "Never", false, "false" },     { "Never", true, "false" }, { "IfAvailable", false, "false" },
        { "IfAvailable", true, "true" }, { "Always", true, "true" }, { "Always", false, NULL },
    };
    put_plugin("plugin", "printf '%s' \"$KUBERNETES_EXEC_INFO\" >info\nhead -c 3 >stdin\ncat answer\n");
    (void)put_file("answer", answer_of(V1, "{\"token\":\"t\"}"));
    settings.user.exec.interactive_mode = str_from_c(row[_i].mode);
    options.stdin_is_terminal = row[_i].terminal;
    int fd = open(put_file("typed", "yes"), O_RDONLY);
    ck_assert_int_eq(dup2(fd, STDIN_FILENO), STDIN_FILENO);
    (void)close(fd);
    if (!row[_i].interactive) {
        open_fails(ERR_AUTH, "terminal");
        IS(file_text("info"), "");
        return;
    }
    open_fine();
    CONTAINS(str_to_c(&arena, file_text("info")), str_to_c(&arena, str_printf(&arena, "\"interactive\":%s", row[_i].interactive)));
    IS(file_text("stdin"), strcmp(row[_i].interactive, "true") == 0 ? "yes" : "");
}
END_TEST

START_TEST(test_plugin_errors_pass_through)
{
    int fd[2], was = dup(STDERR_FILENO);
    char text[64] = "";
    put_plugin("plugin", "echo please log in >&2\nexit 3\n");
    ck_assert_int_eq(pipe(fd), 0);
    (void)dup2(fd[1], STDERR_FILENO);
    bool ok = open_auth();
    (void)dup2(was, STDERR_FILENO);
    (void)close(was), (void)close(fd[1]);
    ck_assert(!ok);
    CONTAINS(err.text, "status 3");
    ck_assert_int_gt(read(fd[0], text, sizeof text - 1), 0);
    (void)close(fd[0]);
    ck_assert_str_eq(text, "please log in\n");
}
END_TEST

START_TEST(test_plugin_policy)
{
    put_answering(answer_of(V1, "{\"token\":\"t\"}"));
    options.policy = EXEC_DENY;
    open_fails(ERR_AUTH, "--exec-plugin=deny");
    ck_assert_uint_eq(run_count(), 0);
    settings.user.token = STR("t"); /* and what is given makes it unneeded */
    open_fine();
    IS(auth_kind(auth), "token");
}
END_TEST

START_TEST(test_plugin_not_needed)
{
    put_answering(answer_of(V1, "{\"token\":\"t\"}"));
    switch (_i) {
    case 0:
        settings.user.token = STR("x");
        break;
    case 1:
        settings.user.username = STR("x");
        break;
    case 2:
        settings.user.cert_data = settings.user.key_data = STR("x");
        break;
    default:
        settings.user.token_file = str_from_c(put_file("tok", "x"));
    }
    open_fine();
    ck_assert_uint_eq(run_count(), 0);
}
END_TEST

/* ---- plugins: finding them */

START_TEST(test_plugin_by_path)
{
    (void)put_file("answer", answer_of(V1, "{\"token\":\"t\"}"));
    put_plugin("kv-plugin", "cat answer\n");
    settings.user.exec.command = STR("kv-plugin");
    settings.user.exec.install_hint = STR("\x1b[31mget it\x07 at\tx\xc2\x9b"
                                          "1m \xe2\x80\xae"
                                          "evil");
    (void)put_file("kv-not-executable", "x");
    ck_assert_int_eq(mkdir(path_to("kv-folder"), 0700), 0);
    ck_assert_int_eq(setenv("PATH", str_to_c(&arena, str_printf(&arena, "/none::.:%s:/bin:/usr/bin", folder)), 1), 0);
    open_fine();
    IS(auth_kind(auth), "exec plugin kv-plugin");
    auth_close(auth);
    auth = NULL;
    ck_assert_int_eq(chdir(folder), 0);
    ck_assert_int_eq(setenv("PATH", "::.:kv-folder:/bin:/usr/bin", 1), 0);
    open_fails(ERR_AUTH, "\"kv-plugin\" is not installed"); /* not from where we stand */
    CONTAINS(err.text, "[31mget it at x1m evil");
    for (const char *p = err.text; *p; p++)
        ck_assert_msg((unsigned char)*p >= 0x20 && *p != 0x7f, "control character %d in the message", *p);
    LACKS(err.text, "\xc2\x9b");
    LACKS(err.text, "\xe2\x80\xae");
    ck_assert_int_eq(setenv("PATH", folder, 1), 0);
    settings.user.exec.command = STR("kv-not-executable");
    open_fails(ERR_AUTH, "not installed");
    settings.user.exec.command = STR("kv-folder");
    open_fails(ERR_AUTH, "not installed");
    ck_assert_int_eq(unsetenv("PATH"), 0);
    settings.user.exec.command = STR("kv-plugin");
    open_fails(ERR_AUTH, "not installed");
    ck_assert_int_eq(chdir("/"), 0);
}
END_TEST

START_TEST(test_plugin_that_cannot_start)
{
    struct str nul[] = { STR("a\0b") }, nameless[] = { STR("=x") };
    put_plugin("plugin", "");
    settings.user.exec.install_hint = STR("get it");
    settings.user.exec.command = str_printf(&arena, "%s/none", folder);
    open_fails(ERR_AUTH, "get it");
    (void)chmod(put_file("plain", "echo '{}'; touch shell-was-here\n"), 0700);
    settings.user.exec.command = str_from_c(path_to("plain"));
    ck_assert_int_eq(chdir(folder), 0);
    open_fails(ERR_AUTH, "a shell is never tried");
    IS(file_text("shell-was-here"), "");
    ck_assert_int_eq(chdir("/"), 0);
    (void)chmod(put_file("lost", "#!/none/interpreter\n"), 0700);
    settings.user.exec.command = str_from_c(path_to("lost"));
    open_fails(ERR_AUTH, "what its first line names is missing");
    settings.user.exec.command = str_from_c(folder);
    open_fails(ERR_AUTH, "could not be started");
    settings.user.exec.command = STR("a\0b");
    open_fails(ERR_INPUT, "no file name");
    settings.user.exec.command = STR("");
    open_fails(ERR_INPUT, "empty");
    settings.user.exec.command = str_from_c(path_to("plugin"));
    settings.user.exec.arg = nul, settings.user.exec.arg_count = 1;
    open_fails(ERR_INPUT, "argument 1");
    settings.user.exec.arg_count = 0;
    settings.user.exec.env = nul, settings.user.exec.env_count = 1;
    open_fails(ERR_INPUT, "variable 1");
    settings.user.exec.env = nameless;
    open_fails(ERR_INPUT, "variable 1");
    settings.user.exec.env_count = EXEC_PLUGIN_WORDS_MAX + 1;
    open_fails(ERR_LIMIT, "4096");
    settings.user.exec.env_count = 0;
    settings.user.exec.api_version = STR("client.authentication.k8s.io/v1alpha1");
    open_fails(ERR_AUTH, "v1alpha1\" is not supported");
}
END_TEST

/* ---- plugins: what they answer */

static const struct {
    /* a status begins with '{' and is wrapped; otherwise the whole output follows '=' */
    const char *answer;
    const char *fault; /* NULL: taken */
} answer_row[] = {
    { "{\"token\":\"t\"}", NULL },
    { "{\"token\":\"t\",\"expirationTimestamp\":null,\"clientCertificateData\":null,\"more\":[1]}", NULL },
    { "{\"clientCertificateData\":\"C\\n\",\"clientKeyData\":\"K\\n\"}", NULL },
    { "{\"token\":\"t\",\"clientCertificateData\":\"C\",\"clientKeyData\":\"K\",\"expirationTimestamp\":\"2999-01-01T00:00:00Z\"}", NULL },
    { "{}", "neither a token nor a certificate" },
    { "{\"token\":\"\"}", "neither a token nor a certificate" },
    { "{\"token\":[\"" SECRET "\"]}", "no text" },
    { "{\"token\":7}", "no text" },
    { "{\"token\":\"" SECRET "\\r\\nX: y\"}", "line break or control character" },
    { "{\"token\":\"" SECRET "\\u0000\"}", "line break or control character" },
    { "{\"clientCertificateData\":\"" SECRET "\"}", "without its key" },
    { "{\"token\":\"" SECRET "\",\"clientKeyData\":\"" SECRET "\"}", "without its key" },
    { "{\"token\":\"" SECRET "\",\"expirationTimestamp\":\"" SECRET "\"}", "RFC 3339" },
    { "{\"token\":\"" SECRET "\",\"expirationTimestamp\":1}", "no text" },
    { "=", "did not print an ExecCredential" },
    { "=" SECRET, "did not print an ExecCredential" },
    { "={\"token\":\"" SECRET "\"", "did not print an ExecCredential" },
    { "=[\"" SECRET "\"]", "did not print an ExecCredential" },
    { "={\"kind\":\"ExecCredential\",\"apiVersion\":\"" V1 "\"}", "without a status" },
    { "={\"kind\":\"ExecCredential\",\"apiVersion\":\"" V1 "\",\"status\":\"" SECRET "\"}", "without a status" },
    { "={\"kind\":\"ExecCredential\",\"apiVersion\":\"" V1BETA1 "\",\"status\":{\"token\":\"" SECRET "\"}}",
      "answered in " V1BETA1 ", and the kubeconfig asks for " V1 },
    { "={\"kind\":\"ExecCredential\",\"apiVersion\":\"" V1 "\",\"status\":{\"token\":\"" SECRET "\"}} trailing",
      "did not print an ExecCredential" },
    { "={\"kind\":\"Secret\",\"apiVersion\":\"" V1 "\",\"status\":{\"token\":\"" SECRET "\"}}", "did not print an ExecCredential" },
    { "={\"apiVersion\":\"" V1 "\",\"status\":{\"token\":\"" SECRET "\"}}", "did not print an ExecCredential" },
    { "=[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", "did not print an ExecCredential" },
};

START_TEST(test_plugin_answer)
{
    const char *text = answer_row[_i].answer;
    put_answering(*text == '=' ? text + 1 : answer_of(V1, text));
    if (answer_row[_i].fault) {
        open_fails(ERR_AUTH, answer_row[_i].fault);
        return;
    }
    open_fine();
    struct auth_material m = current();
    ck_assert(m.authorization.n == 0 || str_eq_c(m.authorization, "Bearer t"));
    ck_assert_int_eq(m.authorization.n != 0, strstr(text, "\"token\"") != NULL);
    ck_assert_int_eq(m.cert_pem.n != 0, strstr(text, "\"K") != NULL);
    ck_assert_int_eq(m.key_pem.n != 0, strstr(text, "\"K") != NULL);
}
END_TEST

START_TEST(test_plugin_floods)
{
    put_plugin("plugin", "exec cat /dev/zero\n");
    open_fails(ERR_LIMIT, "printed more than 1048576 bytes");
    put_plugin("long", "head -c 1000000 /dev/zero | tr '\\0' ' '\ncat answer\n");
    (void)put_file("answer", answer_of(V1, "{\"token\":\"t\"}"));
    open_fine(); /* long, but within the limit */
}
END_TEST

/* Gone, also as a zombie of somebody else's. */
static bool is_gone(pid_t pid)
{
    struct str stat = { 0 };
    struct buf b CLEANUP(buf_release) = BUF_INIT(4096);
    struct err why = { 0 };
    if (kill(pid, 0) != 0 && errno == ESRCH)
        return true;
    if (file_read(str_to_c(&arena, str_printf(&arena, "/proc/%d/stat", (int)pid)), &b, &why))
        stat = buf_str(&b);
    return str_contains(stat, STR(") Z "));
}

static pid_t pid_in(const char *name)
{
    int64_t pid = 0;
    ck_assert(str_to_int64(str_trim(file_text(name)), &pid));
    ck_assert_int_gt(pid, 1);
    return (pid_t)pid;
}

START_TEST(test_plugin_hangs)
{
    static const char *const script[] = {
        "echo $$ >pid\nsleep 60 & echo $! >pid2\nwait\n", /* silent */
        /* closed its output, does not end */
        "echo $$ >pid\nsleep 60 >&- & echo $! >pid2\nexec >&-\nwait\n",
        "echo $$ >pid\nsleep 60 & echo $! >pid2\nwhile :; do echo; sleep 0.05; done\n", /* drips */
        "trap '' TERM INT HUP\necho $$ >pid\nsleep 60 & echo $! >pid2\nwhile :; do sleep 1; done\n",
    };
    put_plugin("plugin", script[_i]);
    options.plugin_timeout_ms = 700;
    int64_t start = clock_monotonic_ms();
    open_fails(ERR_AUTH, "was not done within 0.7 seconds");
    ck_assert_int_lt(clock_monotonic_ms() - start, 3000);
    for (int i = 0; i < 200 && !(is_gone(pid_in("pid")) && is_gone(pid_in("pid2"))); i++)
        (void)usleep(10000);
    ck_assert(is_gone(pid_in("pid")));
    ck_assert(is_gone(pid_in("pid2"))); /* and what it started */
}
END_TEST

START_TEST(test_plugin_leaves_one_behind)
{
    /* which holds the output open */
    put_plugin("plugin", "sleep 60 & echo $! >pid2\ncat answer\n");
    (void)put_file("answer", answer_of(V1, "{\"token\":\"t\"}"));
    int64_t start = clock_monotonic_ms();
    open_fine();
    ck_assert_int_lt(clock_monotonic_ms() - start, 5000);
    IS(current().authorization, "Bearer t");
    (void)kill(pid_in("pid2"), SIGKILL);
}
END_TEST

static volatile int cancelled;

static void on_alarm(int number)
{
    (void)number;
    cancelled = 1;
}

START_TEST(test_plugin_cancelled)
{
    put_plugin("plugin", "echo $$ >pid\nexec sleep 60\n");
    cancelled = 0;
    options.cancelled = &cancelled;
    (void)signal(SIGALRM, on_alarm);
    (void)alarm(1);
    open_fails(ERR_CANCELLED, "stopped");
    ck_assert(is_gone(pid_in("pid")));
}
END_TEST

START_TEST(test_plugin_ends_badly)
{
    static const struct {
        const char *script, *fault;
    } row[] = {
        { "cat answer\nexit 1\n", "status 1" },
        { "kill -9 $$\n", "signal 9" },
        { "no-such-program-of-kv\n", "status 127 (its own messages are above); get it" },
        { "kill -TERM 0\n", "signal 15" }, /* its own group only: we live on */
    };
    (void)put_file("answer", answer_of(V1, "{\"token\":\"" SECRET "\"}"));
    put_plugin("plugin", row[_i].script);
    settings.user.exec.install_hint = STR("get it");
    int fd = open("/dev/null", O_WRONLY), was = dup(STDERR_FILENO);
    (void)dup2(fd, STDERR_FILENO);
    bool ok = open_auth();
    (void)dup2(was, STDERR_FILENO);
    (void)close(fd), (void)close(was);
    ck_assert(!ok);
    CONTAINS(err.text, row[_i].fault);
    LACKS(err.text, SECRET);
    /* it was installed */
    ck_assert_int_eq(strstr(err.text, "get it") != NULL, strstr(row[_i].fault, "get it") != NULL);
}
END_TEST

/* ---- plugins: how long an answer holds */

START_TEST(test_plugin_cached)
{
    put_answering(answer_of(V1, "{\"token\":\"one\"}"));
    open_fine();
    uint64_t generation = current().generation;
    for (int i = 0; i < 5; i++)
        IS(current().authorization, "Bearer one");
    ck_assert_uint_eq(run_count(), 1);
    ck_assert_uint_eq(current().generation, generation);
    (void)put_file("answer", answer_of(V1, "{\"token\":\"two\"}"));
    ck_assert_msg(auth_renew(auth, &err), "%s", err.text); /* after a 401 */
    IS(current().authorization, "Bearer two");
    ck_assert_uint_eq(run_count(), 2);
    ck_assert_uint_gt(current().generation, generation);
    (void)put_file("answer", answer_of(V1, "{\"clientCertificateData\":\"C\",\"clientKeyData\":\"K\"}"));
    ck_assert(auth_renew(auth, &err)); /* over to a certificate */
    IS(current().authorization, "");
    IS(current().cert_pem, "C");
    (void)put_file("answer", "broken");
    ck_assert(!auth_renew(auth, &err));
    IS(current().cert_pem, "C"); /* untouched */
}
END_TEST

START_TEST(test_plugin_expires)
{
    struct instant soon = clock_now();
    soon.s += 1;
    struct str status =
        str_printf(&arena, "{\"token\":\"one\",\"expirationTimestamp\":\"%.*s\"}", STR_ARG(clock_format_rfc3339(&arena, soon)));
    put_answering(answer_of(V1, str_to_c(&arena, status)));
    open_fine();
    IS(current().authorization, "Bearer one");
    ck_assert_uint_eq(run_count(), 1);
    (void)put_file("answer", answer_of(V1, "{\"token\":\"two\",\"expirationTimestamp\":\"2999-01-01T00:00:00+02:00\"}"));
    (void)usleep(1100000);
    IS(current().authorization, "Bearer two");
    IS(current().authorization, "Bearer two");
    ck_assert_uint_eq(run_count(), 2);
    auth_close(auth);
    auth = NULL;
    put_answering(answer_of(V1, "{\"token\":\"old\",\"expirationTimestamp\":\"2001-01-01T00:00:00Z\"}"));
    open_fine();
    (void)put_file("answer", "broken");
    struct auth_material m;
    ck_assert(!auth_current(auth, &m, &err)); /* what is expired is not sent */
    CONTAINS(err.text, "did not print");
}
END_TEST

/* Twice in all, however many requests there are. */
START_TEST(test_plugin_always_expired)
{
    put_answering(answer_of(V1, "{\"token\":\"old\",\"expirationTimestamp\":\"2001-01-01T00:00:00Z\"}"));
    open_fine();
    for (int i = 0; i < 5; i++) {
        struct auth_material m;
        err_clear(&err);
        ck_assert(!auth_current(auth, &m, &err));
        CONTAINS(err.text, "gives only credentials that have expired (2001-01-01T00:00:00Z)");
    }
    ck_assert_uint_eq(run_count(), 2);
}
END_TEST

START_TEST(test_shown)
{
    static const struct {
        const char *text, *shown;
        size_t max;
    } row[] = {
        { "plain text", "plain text", 60 },
        { " a\n\n\tb ", "a b", 60 },
        { "\x1b]0;t\x07x", "]0;tx", 60 },
        { "\xff\xfe"
          "a\x80",
          "a", 60 },
        { "na\xc3\xafve \xe6\x97\xa5", "na\xc3\xafve \xe6\x97\xa5", 60 },
        { "a\xe2\x80\x8b\xef\xbb\xbf"
          "b",
          "ab", 60 },
        { "0123456789", "01234...", 8 },
        { "", "", 60 },
    };
    for (int i = 0; i < COUNT(row); i++) {
        struct str shown = exec_plugin_shown(&arena, str_from_c(row[i].text), row[i].max);
        IS(shown, row[i].shown);
        ck_assert_uint_le(shown.n, row[i].max);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("auth");
    TCase *t = tcase_create("auth");
    tcase_set_timeout(t, 30);
    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, test_none);
    tcase_add_test(t, test_token);
    tcase_add_loop_test(t, test_token_in_pieces, 0, 4);
    tcase_add_test(t, test_basic);
    tcase_add_test(t, test_plain_http);
    tcase_add_test(t, test_pair);
    tcase_add_test(t, test_token_file);
    tcase_add_test(t, test_token_file_in_time);
    tcase_add_test(t, test_token_file_that_comes_later);
    tcase_add_loop_test(t, test_removed_provider, 0, 6);
    tcase_add_test(t, test_plugin_is_told);
    tcase_add_test(t, test_plugin_cluster_info);
    tcase_add_loop_test(t, test_plugin_terminal, 0, 6);
    tcase_add_test(t, test_plugin_errors_pass_through);
    tcase_add_test(t, test_plugin_policy);
    tcase_add_loop_test(t, test_plugin_not_needed, 0, 4);
    tcase_add_test(t, test_plugin_by_path);
    tcase_add_test(t, test_plugin_that_cannot_start);
    tcase_add_loop_test(t, test_plugin_answer, 0, COUNT(answer_row));
    tcase_add_test(t, test_plugin_floods);
    tcase_add_loop_test(t, test_plugin_hangs, 0, 4);
    tcase_add_test(t, test_plugin_leaves_one_behind);
    tcase_add_test(t, test_plugin_cancelled);
    tcase_add_loop_test(t, test_plugin_ends_badly, 0, 4);
    tcase_add_test(t, test_plugin_cached);
    tcase_add_test(t, test_plugin_expires);
    tcase_add_test(t, test_plugin_always_expired);
    tcase_add_test(t, test_shown);
    suite_add_tcase(suite, t);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
