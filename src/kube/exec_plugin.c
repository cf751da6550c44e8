#include "kube/exec_plugin.h"

#include "base/enc.h"
#include "base/file.h"
#include "value/json_doc.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

#define GROUP "client.authentication.k8s.io/"

void exec_credential_wipe(struct exec_credential *c)
{
    struct buf *secret[] = { &c->token, &c->cert, &c->key };
    for (size_t i = 0; i < 3; i++) {
        buf_wipe(secret[i]);
        buf_release(secret[i]);
    }
    *c = (struct exec_credential){ 0 };
}

/* ---- what the plugin is told */

static bool wants_stdin(const struct kube_exec *x, bool terminal, bool *interactive, struct err *err)
{
    if (str_eq(x->interactive_mode, STR("Always")) && !terminal)
        return err_set(err, ERR_AUTH, "plugin \"%.*s\" must be run on a terminal (interactiveMode Always)", STR_ARG(x->command));
    *interactive = terminal && !str_eq(x->interactive_mode, STR("Never"));
    return true;
}

static bool authority_of(struct arena *a, const struct kube_cluster *c, struct str *pem, struct err *err)
{
    struct buf text CLEANUP(buf_release) = BUF_INIT((size_t)1 << 20);
    *pem = c->ca_data;
    if (c->ca_data.n || !c->ca_file.n)
        return true;
    if (!file_read(str_to_c(a, c->ca_file), &text, err))
        return err_prefix(err, "certificate-authority");
    *pem = str_dup(a, buf_str(&text));
    return true;
}

static bool cluster_info(struct arena *a, const struct kube_cluster *c, struct value *out, struct err *err)
{
    struct str pem;
    struct buf base64 CLEANUP(buf_release) = BUF_INIT((size_t)2 << 20);
    struct value_builder b;
    if (!authority_of(a, c, &pem, err))
        return false;
    value_builder_init(&b, a);
    value_builder_set(&b, "server", value_str(c->server));
    if (c->tls_server_name.n)
        value_builder_set(&b, "tls-server-name", value_str(c->tls_server_name));
    if (c->insecure_skip_tls_verify)
        value_builder_set(&b, "insecure-skip-tls-verify", value_bool(true));
    enc_base64(&base64, pem);
    if (pem.n)
        value_builder_set(&b, "certificate-authority-data", value_str(str_dup(a, buf_str(&base64))));
    if (c->proxy_url.n)
        value_builder_set(&b, "proxy-url", value_str(c->proxy_url));
    if (c->disable_compression)
        value_builder_set(&b, "disable-compression", value_bool(true));
    if (c->exec_extension.kind != VALUE_NULL)
        value_builder_set(&b, "config", c->exec_extension);
    *out = value_builder_map(&b);
    return true;
}

/* KUBERNETES_EXEC_INFO={...} */
static bool exec_info(struct arena *a, const struct kube_settings *s, bool interactive, struct str *out, struct err *err)
{
    struct value_builder b, spec;
    struct value cluster;
    struct buf text CLEANUP(buf_release) = BUF_INIT((size_t)4 << 20);
    value_builder_init(&spec, a);
    if (s->user.exec.provide_cluster_info) {
        if (!cluster_info(a, &s->cluster, &cluster, err))
            return false;
        value_builder_set(&spec, "cluster", cluster);
    }
    value_builder_set(&spec, "interactive", value_bool(interactive));
    value_builder_init(&b, a);
    value_builder_set(&b, "kind", value_cstr("ExecCredential"));
    value_builder_set(&b, "apiVersion", value_str(s->user.exec.api_version));
    value_builder_set(&b, "spec", value_builder_map(&spec));
    buf_add_c(&text, "KUBERNETES_EXEC_INFO=");
    json_doc_write(&text, value_builder_map(&b), 0);
    *out = str_dup(a, buf_str(&text));
    return buf_ok(&text, "KUBERNETES_EXEC_INFO", err);
}

static bool same_variable(const char *set, struct str other)
{
    size_t n = str_find_char(other, '=', 0);
    return n != SIZE_MAX && strncmp(set, other.p, n + 1) == 0;
}

static char **environment(struct arena *a, const struct kube_exec *x, struct str info)
{
    size_t count = 0, n = 0;
    while (environ[count])
        count++;
    char **env = arena_array(a, char *, count + x->env_count + 2);
    for (size_t i = 0; i < count; i++) {
        bool replaced = same_variable(environ[i], info);
        for (size_t k = 0; k < x->env_count; k++)
            replaced |= same_variable(environ[i], x->env[k]);
        if (!replaced)
            env[n++] = environ[i];
    }
    for (size_t k = 0; k < x->env_count; k++)
        env[n++] = str_to_c(a, x->env[k]);
    env[n] = str_to_c(a, info);
    return env;
}

/* ---- running */

struct child {
    pid_t pid;
    int out;
};

static void close_fd(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
}

/* In the child between fork and exec: only calls that are safe there. */
static _Noreturn void become(char *const *argv, char **env, int out, bool interactive)
{
    int null = interactive ? -1 : open("/dev/null", O_RDONLY);
    if (null >= 0)
        (void)dup2(null, STDIN_FILENO);
    (void)dup2(out, STDOUT_FILENO);
    environ = env;
    (void)execvpe(argv[0], argv, env);
    _exit(errno == ENOENT ? 127 : 126);
}

static bool start(struct child *c, struct arena *a, const struct kube_exec *x, struct str info, bool interactive, struct err *err)
{
    int fd[2];
    char **argv = arena_array(a, char *, x->arg_count + 2), **env = environment(a, x, info);
    argv[0] = str_to_c(a, x->command);
    for (size_t i = 0; i < x->arg_count; i++)
        argv[i + 1] = str_to_c(a, x->arg[i]);
    if (pipe2(fd, O_CLOEXEC) != 0)
        return err_set(err, ERR_IO, "no pipe for the plugin: %s", strerror(errno));
    c->pid = fork();
    if (c->pid == 0)
        become(argv, env, fd[1], interactive);
    (void)close(fd[1]);
    c->out = fd[0];
    if (c->pid > 0)
        return true;
    (void)close(fd[0]);
    return err_set(err, ERR_IO, "the plugin could not be started: %s", strerror(errno));
}

/* Everything the plugin prints, until it closes its output. */
static bool read_output(const struct child *c, struct buf *out, struct str command, struct err *err)
{
    int64_t due = clock_monotonic_ms() + EXEC_PLUGIN_TIMEOUT_MS;
    for (;;) {
        struct pollfd p = { c->out, POLLIN, 0 };
        int64_t left = due - clock_monotonic_ms();
        int ready = left > 0 ? poll(&p, 1, (int)left) : 0;
        if (ready < 0 && errno == EINTR)
            continue;
        if (ready <= 0)
            return err_set(err, ERR_AUTH, "plugin \"%.*s\" did not answer within %d seconds", STR_ARG(command), EXEC_PLUGIN_TIMEOUT_MS / 1000);
        char *room = buf_reserve(out, 4096);
        if (!room)
            return err_set(err, ERR_LIMIT, "plugin \"%.*s\" printed more than %zu bytes", STR_ARG(command), EXEC_PLUGIN_OUTPUT_BYTES_MAX);
        ssize_t n = read(c->out, room, 4096);
        if (n > 0)
            buf_commit(out, (size_t)n);
        else if (n == 0)
            return true;
        else if (errno != EINTR)
            return err_set(err, ERR_IO, "reading from plugin \"%.*s\": %s", STR_ARG(command), strerror(errno));
    }
}

/* Printable text of the kubeconfig's installHint. */
static struct str hint_text(struct arena *a, struct str hint)
{
    struct buf b CLEANUP(buf_release) = BUF_INIT(256);
    for (size_t i = 0; i < hint.n && b.n < 200; i++) {
        unsigned char c = (unsigned char)hint.p[i];
        buf_add_char(&b, c < 0x20 || c == 0x7f ? ' ' : (char)c);
    }
    return str_dup(a, str_trim(buf_str(&b)));
}

static bool finish(const struct child *c, bool read_ok, struct arena *a, const struct kube_exec *x, struct err *err)
{
    int status;
    if (!read_ok)
        (void)kill(c->pid, SIGKILL);
    while (waitpid(c->pid, &status, 0) < 0 && errno == EINTR)
        continue;
    if (!read_ok)
        return false;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return true;
    struct str hint = hint_text(a, x->install_hint);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
        return err_set(err, ERR_AUTH, "plugin \"%.*s\" is not installed%s%.*s", STR_ARG(x->command), hint.n ? ": " : "", STR_ARG(hint));
    if (WIFEXITED(status))
        return err_set(err, ERR_AUTH, "plugin \"%.*s\" ended with status %d", STR_ARG(x->command), WEXITSTATUS(status));
    return err_set(err, ERR_AUTH, "plugin \"%.*s\" was ended by signal %d", STR_ARG(x->command), WTERMSIG(status));
}

/* ---- its answer */

static void take(struct buf *out, struct str s)
{
    *out = (struct buf){ .limit_bytes = EXEC_PLUGIN_OUTPUT_BYTES_MAX, .secret = true };
    buf_add(out, s);
}

static bool decode_answer(struct exec_credential *out, struct arena *a, const struct kube_exec *x, struct str text, struct err *err)
{
    struct value v;
    struct err why = { 0 };
    /* the answer holds the credential: no part of it goes into a message */
    if (!json_doc_read(&v, a, text, "plugin", &why) || v.kind != VALUE_MAP)
        return err_set(err, ERR_AUTH, "plugin \"%.*s\" did not print an ExecCredential in JSON", STR_ARG(x->command));
    if (!str_eq(value_text_at(v, "kind", NULL), STR("ExecCredential")) || !str_eq(value_text_at(v, "apiVersion", NULL), x->api_version))
        return err_set(err, ERR_AUTH, "plugin \"%.*s\" answered in another version than %.*s", STR_ARG(x->command), STR_ARG(x->api_version));
    struct str token = value_text_at(v, "status", "token", NULL);
    struct str cert = value_text_at(v, "status", "clientCertificateData", NULL), key = value_text_at(v, "status", "clientKeyData", NULL);
    struct str expiry = value_text_at(v, "status", "expirationTimestamp", NULL);
    if (!token.n && !cert.n)
        return err_set(err, ERR_AUTH, "plugin \"%.*s\" gave neither token nor certificate", STR_ARG(x->command));
    if ((cert.n != 0) != (key.n != 0))
        return err_set(err, ERR_AUTH, "plugin \"%.*s\" gave a certificate without its key, or the reverse", STR_ARG(x->command));
    struct exec_credential c = { 0 };
    if (expiry.n && !clock_parse_rfc3339(expiry, &c.expiry))
        return err_set(err, ERR_AUTH, "plugin \"%.*s\" gave an expirationTimestamp that is no RFC 3339 time", STR_ARG(x->command));
    c.has_expiry = expiry.n != 0;
    take(&c.token, token);
    take(&c.cert, cert);
    take(&c.key, key);
    *out = c;
    return true;
}

static bool is_known_version(struct str version)
{
    return str_eq(version, STR(GROUP "v1")) || str_eq(version, STR(GROUP "v1beta1"));
}

bool exec_plugin_run(struct exec_credential *out, const struct kube_settings *s, bool stdin_is_terminal, struct err *err)
{
    const struct kube_exec *x = &s->user.exec;
    struct arena a CLEANUP(arena_release) = { 0 };
    struct buf text = { .limit_bytes = EXEC_PLUGIN_OUTPUT_BYTES_MAX, .secret = true };
    struct child c = { 0 };
    struct str info;
    bool interactive = false;
    if (!is_known_version(x->api_version))
        return err_set(err, ERR_AUTH, "plugin \"%.*s\": apiVersion \"%.*s\" is not supported; " GROUP "v1 and v1beta1 are", STR_ARG(x->command),
                       STR_ARG(x->api_version));
    if (!wants_stdin(x, stdin_is_terminal, &interactive, err) || !exec_info(&a, s, interactive, &info, err) ||
        !start(&c, &a, x, info, interactive, err))
        return false;
    bool ok = read_output(&c, &text, x->command, err);
    close_fd(&c.out);
    ok = finish(&c, ok, &a, x, err) && decode_answer(out, &a, x, buf_str(&text), err);
    buf_wipe(&text);
    buf_release(&text);
    return ok;
}
