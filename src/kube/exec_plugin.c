/* A kubeconfig's exec credential plugin (client.authentication.k8s.io/v1 and v1beta1): run by argv,
 * never by a shell. */
#include "kube/exec_plugin.h"

#include "base/enc.h"
#include "base/file.h"
#include "kube/exec_program.h"
#include "kube/secret.h"
#include "value/json_doc.h"
#include "value/json_read.h"

#include <errno.h>
#include <unistd.h>

#define GROUP               "client.authentication.k8s.io/"
#define INFO_NAME           "KUBERNETES_EXEC_INFO"
#define ANSWER_DEPTH_MAX    32
#define COMMAND_SHOWN_BYTES 120
#define HINT_SHOWN_BYTES    240

/* One run: what every step needs. name is the command as messages show it. */
struct run {
    const struct kube_settings *settings;
    const struct kube_exec *exec;
    const struct exec_plugin_options *options;
    struct arena arena;
    struct str name, hint;
};

void exec_credential_wipe(struct exec_credential *c)
{
    struct buf *secret[] = { &c->token, &c->cert, &c->key };
    for (size_t i = 0; i < 3; i++)
        buf_wipe(secret[i]);
    *c = (struct exec_credential){ 0 };
}

/* Controls, and what makes text look other than it is: zero width, direction. */
static bool is_deceptive(uint32_t c)
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x200b && c <= 0x200f) ||
           (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || c == 0xfeff ||
           (c >= 0xe0000 && c <= 0xe007f);
}

struct str exec_plugin_shown(struct arena *a, struct str text, size_t bytes_max)
{
    struct buf b CLEANUP(buf_release) = BUF_INIT(bytes_max);
    bool was_space = true;
    for (size_t i = 0; i < text.n;) {
        uint32_t c = 0;
        size_t n = str_utf8_at(text, i, &c);
        bool space = c == ' ' || (c >= 0x09 && c <= 0x0d);
        if (n && (space ? !was_space : !is_deceptive(c)) && b.n + n + 3 <= bytes_max) {
            buf_add(&b, space ? STR(" ") : str_sub(text, i, i + n));
            was_space = space;
        } else if (n && !space && !is_deceptive(c)) {
            buf_add_c(&b, "...");
            break;
        }
        i += n ? n : 1;
    }
    return str_dup(a, str_trim(buf_str(&b)));
}

/* ---- what the plugin is told */

static bool is_interactive(struct run *r, bool *interactive, struct err *err)
{
    bool terminal = r->options->stdin_is_terminal;
    if (str_eq(r->exec->interactive_mode, STR("Always")) && !terminal)
        return err_set(err, ERR_AUTH,
                       "plugin \"%.*s\" must be run on a terminal (interactiveMode Always)",
                       STR_ARG(r->name));
    *interactive = terminal && !str_eq(r->exec->interactive_mode, STR("Never"));
    return true;
}

static bool authority_of(struct arena *a, const struct kube_cluster *c, struct str *pem,
                         struct err *err)
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

static bool cluster_info(struct arena *a, const struct kube_cluster *c, struct value *out,
                         struct err *err)
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
        value_builder_set(&b, "certificate-authority-data",
                          value_str(str_dup(a, buf_str(&base64))));
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
static bool exec_info(struct arena *a, const struct kube_settings *s, bool interactive,
                      struct str *out, struct err *err)
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
    buf_add_c(&text, INFO_NAME "=");
    json_doc_write(&text, value_builder_map(&b), 0);
    *out = str_dup(a, buf_str(&text));
    return buf_ok(&text, INFO_NAME, err);
}

static bool names_same(const char *a, const char *b)
{
    const char *end = strchr(a, '=');
    return end && strncmp(a, b, (size_t)(end - a) + 1) == 0;
}

/* A later variable replaces an earlier one of its name. */
static void put_variable(char **env, size_t *count, char *variable)
{
    size_t n = 0;
    for (size_t i = 0; i < *count; i++)
        if (!names_same(env[i], variable))
            env[n++] = env[i];
    env[n++] = variable;
    *count = n;
}

static bool has_nul(struct str s)
{
    return str_find_char(s, '\0', 0) != SIZE_MAX;
}

/* Ours, the kubeconfig's over them, KUBERNETES_EXEC_INFO over all. */
static bool make_environment(struct run *r, struct str info, char ***out, struct err *err)
{
    const struct kube_exec *x = r->exec;
    size_t count = 0, own = 0;
    while (environ[own])
        own++;
    char **env = arena_array(&r->arena, char *, own + x->env_count + 2);
    for (; count < own; count++)
        env[count] = environ[count];
    for (size_t k = 0; k < x->env_count; k++) {
        if (has_nul(x->env[k]) || x->env[k].p[0] == '=')
            return err_set(
                err, ERR_INPUT,
                "plugin \"%.*s\": variable %zu of its env has no name, or a NUL character in it",
                STR_ARG(r->name), k + 1);
        char *variable = str_to_c(&r->arena, x->env[k]);
        secret_wipe_later(&r->arena, str_from_c(variable));
        put_variable(env, &count, variable);
    }
    put_variable(env, &count, str_to_c(&r->arena, info));
    *out = env;
    return true;
}

static bool make_arguments(struct run *r, char ***out, struct err *err)
{
    const struct kube_exec *x = r->exec;
    char **argv = arena_array(&r->arena, char *, x->arg_count + 2);
    argv[0] = str_to_c(&r->arena, x->command);
    for (size_t i = 0; i < x->arg_count; i++) {
        if (has_nul(x->arg[i]))
            return err_set(err, ERR_INPUT,
                           "plugin \"%.*s\": argument %zu has a NUL character in it",
                           STR_ARG(r->name), i + 1);
        argv[i + 1] = str_to_c(&r->arena, x->arg[i]);
        secret_wipe_later(&r->arena, str_from_c(argv[i + 1]));
    }
    *out = argv;
    return true;
}

/* ---- running */

static bool not_installed(const struct run *r, const char *where, struct err *err)
{
    return err_set(err, ERR_AUTH, "plugin \"%.*s\" is not installed: there is none %s%s%.*s",
                   STR_ARG(r->name), where, r->hint.n ? "; " : "", STR_ARG(r->hint));
}

static bool find_program(struct run *r, const char **path, struct err *err)
{
    struct str command = r->exec->command;
    if (!command.n || has_nul(command))
        return err_set(err, ERR_INPUT, "the exec plugin's command is %s",
                       command.n ? "no file name" : "empty");
    bool is_path = str_find_char(command, '/', 0) != SIZE_MAX;
    *path = is_path ? str_to_c(&r->arena, command)
                    : exec_program_find(&r->arena, str_from_c(getenv("PATH")), command);
    return *path || not_installed(r, "in PATH", err);
}

static bool explain_start(const struct run *r, int code, struct err *err)
{
    if (code == ENOENT || code == ENOTDIR)
        return not_installed(r, "there, or what its first line names is missing", err);
    if (code == ENOEXEC)
        return err_set(err, ERR_AUTH,
                       "plugin \"%.*s\" is neither a program for this system nor a script with #! "
                       "(a shell is never tried)",
                       STR_ARG(r->name));
    return err_set(err, ERR_AUTH, "plugin \"%.*s\" could not be started: %s", STR_ARG(r->name),
                   strerrordesc_np(code));
}

static bool explain_outcome(const struct run *r, enum exec_outcome outcome, int status,
                            int64_t timeout_ms, struct err *err)
{
    /* what a script's missing program ends it with */
    struct str hint = status == 127 ? r->hint : STR("");
    switch (outcome) {
    case EXEC_EXITED:
        return status == 0 ||
               err_set(err, ERR_AUTH,
                       "plugin \"%.*s\" ended with status %d (its own messages are above)%s%.*s",
                       STR_ARG(r->name), status, hint.n ? "; " : "", STR_ARG(hint));
    case EXEC_SIGNALLED:
        return err_set(err, ERR_AUTH, "plugin \"%.*s\" was ended by signal %d", STR_ARG(r->name),
                       status);
    case EXEC_LATE:
        return err_set(err, ERR_AUTH,
                       "plugin \"%.*s\" was not done within %.1f seconds, and was ended",
                       STR_ARG(r->name), (double)timeout_ms / 1000.0);
    case EXEC_TOO_LONG:
        return err_set(err, ERR_LIMIT, "plugin \"%.*s\" printed more than %zu bytes, and was ended",
                       STR_ARG(r->name), EXEC_PLUGIN_OUTPUT_BYTES_MAX);
    case EXEC_CANCELLED:
        return err_set(err, ERR_CANCELLED, "stopped while plugin \"%.*s\" ran", STR_ARG(r->name));
    case EXEC_NOT_STARTED:
        return explain_start(r, status, err);
    }
    return false;
}

static bool run_program(struct run *r, struct buf *answer, struct err *err)
{
    char **argv = NULL, **env = NULL;
    struct str info = { 0 };
    bool interactive = false;
    int64_t timeout_ms = r->options->timeout_ms ? r->options->timeout_ms : EXEC_PLUGIN_TIMEOUT_MS;
    struct exec_program p = { .timeout_ms = timeout_ms,
                              .output_bytes_max = EXEC_PLUGIN_OUTPUT_BYTES_MAX,
                              .cancelled = r->options->cancelled };
    if (!find_program(r, &p.path, err) || !is_interactive(r, &interactive, err) ||
        !exec_info(&r->arena, r->settings, interactive, &info, err) ||
        !make_arguments(r, &argv, err) || !make_environment(r, info, &env, err))
        return false;
    int status = 0;
    p.argv = argv;
    p.env = env;
    p.shares_stdin = interactive;
    enum exec_outcome outcome = exec_program_run(&p, answer, &status);
    return explain_outcome(r, outcome, status, timeout_ms, err);
}

/* ---- its answer: it holds the credential, so no part of it goes into a message */

/* A text of the status that is there, or empty when it is not; false if it is something else. */
static bool status_text(struct run *r, struct value answer, const char *key, struct str *out)
{
    const struct value *v = value_at(answer, "status", key, NULL);
    *out = (struct str){ 0 };
    if (!v || v->kind == VALUE_NULL)
        return true;
    if (v->kind != VALUE_STRING)
        return false;
    *out = value_text(*v);
    secret_wipe_later(&r->arena, *out);
    return true;
}

static void take(struct buf *out, struct str s)
{
    *out = (struct buf){ .limit_bytes = EXEC_PLUGIN_OUTPUT_BYTES_MAX, .secret = true };
    buf_add(out, s);
}

static bool wrong_answer(const struct run *r, const char *what, struct err *err)
{
    return err_set(err, ERR_AUTH, "plugin \"%.*s\" %s", STR_ARG(r->name), what);
}

static bool decode_status(struct run *r, struct exec_credential *out, struct value answer,
                          struct err *err)
{
    struct exec_credential c = { 0 };
    struct str token, cert, key, expiry;
    const struct value *status = value_get(answer, STR("status"));
    if (!status || status->kind != VALUE_MAP)
        return wrong_answer(r, "answered without a status", err);
    if (!status_text(r, answer, "token", &token) ||
        !status_text(r, answer, "clientCertificateData", &cert) ||
        !status_text(r, answer, "clientKeyData", &key) ||
        !status_text(r, answer, "expirationTimestamp", &expiry))
        return wrong_answer(r, "gave a status field that is no text", err);
    if (!token.n && !cert.n && !key.n)
        return wrong_answer(r, "gave neither a token nor a certificate and key", err);
    if ((cert.n != 0) != (key.n != 0))
        return wrong_answer(r, "gave a certificate without its key, or the reverse", err);
    if (!secret_fits_header(token))
        return wrong_answer(r, "gave a token with a line break or control character in it", err);
    if (expiry.n && !clock_parse_rfc3339(expiry, &c.expiry))
        return wrong_answer(r, "gave an expirationTimestamp that is no RFC 3339 time", err);
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

static bool decode_answer(struct run *r, struct exec_credential *out, struct str text,
                          struct err *err)
{
    struct json_limits limits = { .depth = ANSWER_DEPTH_MAX };
    struct value v;
    struct err ignored = { 0 };
    if (!json_read(&v, &r->arena, text, &limits, NULL, 0, &ignored) || v.kind != VALUE_MAP ||
        !str_eq(value_text_at(v, "kind", NULL), STR("ExecCredential")))
        return wrong_answer(r, "did not print an ExecCredential in JSON", err);
    struct str spoken = value_text_at(v, "apiVersion", NULL), asked = r->exec->api_version;
    if (!str_eq(spoken, asked))
        return err_set(
            err, ERR_AUTH,
            "plugin \"%.*s\" answered in %s%.*s, and the kubeconfig asks for %.*s: %s",
            STR_ARG(r->name),
            is_known_version(spoken) ? ""
                                     : "no version of client.authentication.k8s.io that is known",
            is_known_version(spoken) ? (int)spoken.n : 0, spoken.p, STR_ARG(asked),
            is_known_version(spoken) ? "set users[].user.exec.apiVersion to what the plugin speaks"
                                     : "update the plugin");
    return decode_status(r, out, v, err);
}

static bool check_request(struct run *r, struct err *err)
{
    const struct kube_exec *x = r->exec;
    if (!is_known_version(x->api_version))
        return err_set(err, ERR_AUTH,
                       "plugin \"%.*s\": apiVersion \"%.*s\" is not supported; " GROUP
                       "v1 and " GROUP "v1beta1 are",
                       STR_ARG(r->name),
                       STR_ARG(exec_plugin_shown(&r->arena, x->api_version, COMMAND_SHOWN_BYTES)));
    if (x->arg_count > EXEC_PLUGIN_WORDS_MAX || x->env_count > EXEC_PLUGIN_WORDS_MAX)
        return err_set(err, ERR_LIMIT, "plugin \"%.*s\" has more than %u arguments or variables",
                       STR_ARG(r->name), EXEC_PLUGIN_WORDS_MAX);
    return true;
}

bool exec_plugin_run(struct exec_credential *out, const struct kube_settings *s,
                     const struct exec_plugin_options *o, struct err *err)
{
    struct run r = { .settings = s, .exec = &s->user.exec, .options = o };
    struct buf answer = { .limit_bytes = EXEC_PLUGIN_OUTPUT_BYTES_MAX + EXEC_PROGRAM_STEP_BYTES,
                          .secret = true };
    r.name = exec_plugin_shown(&r.arena, r.exec->command, COMMAND_SHOWN_BYTES);
    r.hint = exec_plugin_shown(&r.arena, r.exec->install_hint, HINT_SHOWN_BYTES);
    bool ok = check_request(&r, err) && run_program(&r, &answer, err) &&
              decode_answer(&r, out, buf_str(&answer), err);
    arena_release(&r.arena); /* before the answer: what is wiped with it may point there */
    buf_release(&answer);
    return ok;
}
