/* The credential of a run: client certificate, bearer token (given, from a file that is re-read, or
 * from an exec plugin). */
#include "kube/auth.h"

#include "base/enc.h"
#include "base/file.h"
#include "base/log.h"
#include "kube/endpoint.h"
#include "kube/exec_plugin.h"
#include "kube/secret.h"

#define SECRET_BYTES_MAX ((size_t)1 << 20)
#define SECRET_BUF                                      \
    {                                                   \
        .limit_bytes = SECRET_BYTES_MAX, .secret = true \
    }
#define NAME_SHOWN_BYTES 60
#define FILE_SHOWN_BYTES 160

struct auth {
    const struct kube_settings *settings;
    struct auth_options options;
    struct buf token, authorization, cert, key;
    uint64_t generation;
    int64_t token_file_due_ms; /* when it is read again */
    struct exec_credential plugin;
    bool plugin_ran;
    /* it has nothing better than what it gave: it is not run for each request again */
    struct err plugin_fault;
    struct str kind;
    const char *cert_name, *key_name;               /* of the kubeconfig's pair */
    const char *plugin_cert_name, *plugin_key_name; /* of the plugin's */
};

static void set_secret(struct buf *out, struct str s)
{
    buf_wipe(out);
    buf_add(out, s);
}

/* The file's bytes in place of out's; out is untouched on failure. */
static bool read_secret(struct buf *out, struct str path, const char *what, struct err *err)
{
    struct arena a CLEANUP(arena_release) = { 0 };
    struct buf fresh CLEANUP(buf_release) = SECRET_BUF;
    if (!file_read(str_to_c(&a, path), &fresh, err))
        return err_prefix(err, "%s", what);
    set_secret(out, buf_str(&fresh));
    return true;
}

static void set_authorization(struct auth *a, const char *scheme, struct str secret)
{
    buf_wipe(&a->authorization);
    buf_add_c(&a->authorization, scheme);
    buf_add_char(&a->authorization, ' ');
    buf_add(&a->authorization, secret);
    a->generation++;
}

/* The file's token, without white space around it; on failure the last good one stays. */
static bool read_token(struct auth *a, bool *changed, struct err *err)
{
    struct buf fresh CLEANUP(buf_release) = SECRET_BUF;
    struct str path = a->settings->user.token_file;
    a->token_file_due_ms = clock_monotonic_ms() + a->options.token_file_ms;
    if (!read_secret(&fresh, path, "token file", err))
        return false;
    struct str token = str_trim(buf_str(&fresh));
    if (!token.n)
        return err_set(err, ERR_AUTH, "token file \"%.*s\" is empty", STR_ARG(path));
    if (!secret_fits_header(token))
        return err_set(err, ERR_AUTH,
                       "token file \"%.*s\" holds more than one line, or a control character",
                       STR_ARG(path));
    *changed = !str_eq(token, buf_str(&a->token));
    if (*changed) {
        set_secret(&a->token, token);
        set_authorization(a, "Bearer", token);
    }
    return true;
}

static void set_basic(struct auth *a)
{
    const struct kube_user *u = &a->settings->user;
    struct buf pair CLEANUP(buf_release) = SECRET_BUF, base64 CLEANUP(buf_release) = SECRET_BUF;
    buf_add(&pair, u->username);
    buf_add_char(&pair, ':');
    buf_add(&pair, u->password);
    enc_base64(&base64, buf_str(&pair));
    set_authorization(a, "Basic", buf_str(&base64));
}

/* ---- opening */

static const struct {
    const char *name, *instead;
} removed_provider[] = {
    { "gcp", "gke-gcloud-auth-plugin (users[].user.exec)" },
    { "azure", "kubelogin (users[].user.exec)" },
    { "oidc", "an exec plugin such as kubectl oidc-login (users[].user.exec)" },
    { "openstack", "client-keystone-auth (users[].user.exec)" },
};

static bool refuse_provider(struct str name, struct err *err)
{
    for (size_t i = 0; i < sizeof removed_provider / sizeof *removed_provider; i++)
        if (str_eq_c(name, removed_provider[i].name))
            return err_set(
                err, ERR_INPUT,
                "the kubeconfig's auth-provider \"%s\" was removed from Kubernetes: use %s",
                removed_provider[i].name, removed_provider[i].instead);
    return err_set(err, ERR_INPUT,
                   "the kubeconfig's auth-provider \"%.*s\" is not known: use an exec plugin "
                   "(users[].user.exec)",
                   STR_ARG(str_sub(name, 0, 60)));
}

static bool load_pair(struct auth *a, struct err *err)
{
    const struct kube_user *u = &a->settings->user;
    buf_add(&a->cert, u->cert_data);
    buf_add(&a->key, u->key_data);
    if (!u->cert_data.n && u->cert_file.n &&
        !read_secret(&a->cert, u->cert_file, "client-certificate", err))
        return false;
    if (!u->key_data.n && u->key_file.n && !read_secret(&a->key, u->key_file, "client-key", err))
        return false;
    if (!buf_ok(&a->cert, "the client certificate", err) || !buf_ok(&a->key, "the client key", err))
        return false;
    if ((u->cert_data.n || u->cert_file.n) && (!a->cert.n || !a->key.n))
        return err_set(err, ERR_INPUT, "the client %s is %s",
                       a->cert.n ? "certificate's key" : "certificate",
                       a->cert.n && !u->key_data.n && !u->key_file.n ? "missing" : "empty");
    return true;
}

static bool uses_exec(const struct auth *a)
{
    const struct kube_user *u = &a->settings->user;
    return u->exec.is_set && !a->token.n && !u->token_file.n && !u->username.n && !a->cert.n;
}

static bool is_past(const struct exec_credential *c)
{
    struct instant now = clock_now();
    return c->has_expiry &&
           (now.s > c->expiry.s || (now.s == c->expiry.s && now.ns > c->expiry.ns));
}

/* How long the plugin may take; 0: the run is over. */
static int64_t plugin_time(const struct auth *a)
{
    int64_t most =
        a->options.plugin_timeout_ms ? a->options.plugin_timeout_ms : EXEC_PLUGIN_TIMEOUT_MS;
    int64_t left = a->options.deadline_ms ? a->options.deadline_ms - clock_monotonic_ms() : most;
    return left <= 0 ? 0 : left < most ? left : most;
}

static bool run_plugin(struct auth *a, struct err *err)
{
    struct exec_credential fresh = { 0 };
    struct exec_plugin_options o = { .stdin_is_terminal = a->options.stdin_is_terminal,
                                     .timeout_ms = plugin_time(a),
                                     .cancelled = a->options.cancelled };
    if (!o.timeout_ms)
        return err_set(err, ERR_LIMIT,
                       "the time limit for the whole run was reached before the exec plugin could "
                       "be asked: raise --timeout");
    log_line(LOG_DEBUG, "the kubeconfig's credential plugin runs, for %lld s at most",
             (long long)o.timeout_ms / 1000);
    if (!exec_plugin_run(&fresh, a->settings, &o, err))
        return false;
    exec_credential_wipe(&a->plugin);
    a->plugin = fresh;
    a->plugin_ran = true;
    buf_wipe(&a->authorization); /* a plugin may go over from a token to a certificate */
    if (fresh.token.n)
        set_authorization(a, "Bearer", buf_str(&a->plugin.token));
    else
        a->generation++;
    return true;
}

static bool may_run_plugin(const struct auth *a, struct err *err)
{
    struct arena shown CLEANUP(arena_release) = { 0 };
    switch (a->options.policy) {
    case EXEC_ALLOW:
        return true;
    case EXEC_DENY:
        break;
    }
    struct str command =
        exec_plugin_shown(&shown, a->settings->user.exec.command, NAME_SHOWN_BYTES);
    return err_set(err, ERR_AUTH,
                   "the kubeconfig asks to run \"%.*s\", which --exec-plugin=deny forbids: allow "
                   "it, or give --token",
                   STR_ARG(command));
}

static bool load_token(struct auth *a, struct err *err)
{
    const struct kube_user *u = &a->settings->user;
    struct err why = { 0 };
    bool changed;
    if (!secret_fits_header(u->token))
        return err_set(
            err, ERR_INPUT,
            "the token has a line break or control character in it: was it copied with one?");
    if (u->token.n) {
        set_secret(&a->token, u->token);
        set_authorization(a, "Bearer", u->token);
    }
    /* A file that can be read wins over a token beside it; one that cannot matters only without. */
    if (u->token_file.n && !read_token(a, &changed, &why) && !u->token.n)
        return err_set(err, why.code, "%s", why.text);
    if (!buf_ok(&a->authorization, "the token", err))
        return false;
    if (!a->token.n && (u->username.n || u->password.n))
        set_basic(a);
    return buf_ok(&a->authorization, "user name and password", err);
}

static struct str kind_of(const struct auth *a, struct arena *arena)
{
    const struct kube_user *u = &a->settings->user;
    if (a->plugin_ran) {
        size_t slash = str_find_last_char(u->exec.command, '/');
        struct str base = slash == SIZE_MAX
                              ? u->exec.command
                              : str_sub(u->exec.command, slash + 1, u->exec.command.n);
        return str_printf(arena, "exec plugin %.*s",
                          STR_ARG(exec_plugin_shown(arena, base, NAME_SHOWN_BYTES)));
    }
    if (a->token.n && u->token_file.n)
        return a->settings->in_cluster ? STR("service account token") : STR("token file");
    if (a->token.n)
        return STR("token");
    if (a->authorization.n)
        return STR("basic");
    return a->cert.n ? STR("client certificate") : STR("none");
}

static bool load(struct auth *a, struct err *err)
{
    const struct kube_user *u = &a->settings->user;
    if (u->auth_provider.n && !u->exec.is_set)
        return refuse_provider(u->auth_provider, err);
    return load_pair(a, err) && load_token(a, err) &&
           (!uses_exec(a) || (may_run_plugin(a, err) && run_plugin(a, err)));
}

static const char *pem_name(const struct auth *a, struct arena *arena, const char *what,
                            struct str data, struct str file)
{
    if (data.n || !file.n)
        return str_to_c(arena,
                        str_printf(arena, "%s-data of user \"%.*s\"", what,
                                   STR_ARG(str_sub(a->settings->user.name, 0, NAME_SHOWN_BYTES))));
    return str_to_c(
        arena, str_printf(arena, "%s \"%.*s\"", what, STR_ARG(str_sub(file, 0, FILE_SHOWN_BYTES))));
}

static void name_pairs(struct auth *a, struct arena *arena)
{
    const struct kube_user *u = &a->settings->user;
    struct str plugin = exec_plugin_shown(arena, u->exec.command, NAME_SHOWN_BYTES);
    a->cert_name = pem_name(a, arena, "client-certificate", u->cert_data, u->cert_file);
    a->key_name = pem_name(a, arena, "client-key", u->key_data, u->key_file);
    a->plugin_cert_name = str_to_c(
        arena, str_printf(arena, "the client certificate from plugin \"%.*s\"", STR_ARG(plugin)));
    a->plugin_key_name =
        str_to_c(arena, str_printf(arena, "the client key from plugin \"%.*s\"", STR_ARG(plugin)));
}

bool auth_open(struct auth **out, struct arena *arena, const struct kube_settings *s,
               const struct auth_options *o, struct err *err)
{
    struct endpoint server;
    struct auth *a = arena_new(arena, struct auth);
    *a = (struct auth){ .settings = s,
                        .options = *o,
                        .token = SECRET_BUF,
                        .authorization = SECRET_BUF,
                        .cert = SECRET_BUF,
                        .key = SECRET_BUF,
                        .kind = STR("none") };
    if (!a->options.token_file_ms)
        a->options.token_file_ms = AUTH_TOKEN_FILE_MS;
    if (!endpoint_parse(&server, kube_settings_url(s, arena), err))
        return false;
    if (server.https && !load(a, err)) {
        auth_close(a);
        return false;
    }
    if (server.https)
        a->kind = kind_of(a, arena);
    name_pairs(a, arena);
    *out = a;
    return true;
}

/* ---- using */

/* What is expired is not sent, and a plugin that gives nothing else is asked twice in all. */
static bool replace_expired(struct auth *a, struct err *err)
{
    struct arena shown CLEANUP(arena_release) = { 0 };
    if (a->plugin_fault.code == ERR_NONE && run_plugin(a, &a->plugin_fault) &&
        is_past(&a->plugin)) {
        struct str name =
            exec_plugin_shown(&shown, a->settings->user.exec.command, NAME_SHOWN_BYTES);
        (void)err_set(&a->plugin_fault, ERR_AUTH,
                      "plugin \"%.*s\" gives only credentials that have expired (%.*s): log in "
                      "again with it, or check "
                      "this machine's clock",
                      STR_ARG(name), STR_ARG(clock_format_rfc3339(&shown, a->plugin.expiry)));
    }
    return a->plugin_fault.code == ERR_NONE ||
           err_set(err, a->plugin_fault.code, "%s", a->plugin_fault.text);
}

bool auth_current(struct auth *a, struct auth_material *out, struct err *err)
{
    struct err ignored = { 0 };
    bool changed;
    if (a->plugin_ran && is_past(&a->plugin) && !replace_expired(a, err))
        return false;
    /* one that cannot be read now: the last good token, until the next time */
    if (a->token_file_due_ms && clock_monotonic_ms() >= a->token_file_due_ms)
        (void)!read_token(a, &changed, &ignored);
    bool plugin_pair = a->plugin_ran && a->plugin.cert.n;
    *out =
        (struct auth_material){ .authorization = buf_str(&a->authorization),
                                .cert_pem =
                                    plugin_pair ? buf_str(&a->plugin.cert) : buf_str(&a->cert),
                                .key_pem = plugin_pair ? buf_str(&a->plugin.key) : buf_str(&a->key),
                                .cert_name = plugin_pair ? a->plugin_cert_name : a->cert_name,
                                .key_name = plugin_pair ? a->plugin_key_name : a->key_name,
                                .generation = a->generation };
    return true;
}

static bool renew_from_file(struct auth *a, struct err *err)
{
    bool changed;
    if (!read_token(a, &changed, err))
        return false;
    return changed || err_set(err, ERR_AUTH,
                              "the server refused the token in \"%.*s\": it is expired, or for "
                              "another cluster; the file holds no newer one",
                              STR_ARG(a->settings->user.token_file));
}

bool auth_renew(struct auth *a, struct err *err)
{
    if (a->plugin_ran)
        return run_plugin(a, err);
    if (a->token_file_due_ms)
        return renew_from_file(a, err);
    if (a->token.n)
        return err_set(
            err, ERR_AUTH,
            "the server refused the token: it is expired, or for another cluster; get a new one");
    if (a->authorization.n)
        return err_set(err, ERR_AUTH,
                       "the server refused user name and password: API servers since 1.19 take "
                       "none; use a certificate or token");
    if (a->cert.n)
        return err_set(err, ERR_AUTH,
                       "the server refused the client certificate: it is not signed by the "
                       "cluster's client CA, or is expired");
    return err_set(err, ERR_AUTH,
                   "the server wants a credential, and the kubeconfig's user has none");
}

struct str auth_kind(const struct auth *a)
{
    return a->kind;
}

void auth_close(struct auth *a)
{
    if (!a)
        return;
    struct buf *secret[] = { &a->token, &a->authorization, &a->cert, &a->key };
    for (size_t i = 0; i < sizeof secret / sizeof *secret; i++)
        buf_wipe(secret[i]);
    exec_credential_wipe(&a->plugin);
    a->plugin_ran = false;
}
