#include "kube/auth.h"

#include "base/enc.h"
#include "base/file.h"
#include "kube/exec_plugin.h"

#define SECRET_BYTES_MAX ((size_t)1 << 20)
#define SECRET_BUF { .limit_bytes = SECRET_BYTES_MAX, .secret = true }

struct auth {
    const struct kube_settings *settings;
    enum exec_policy policy;
    bool stdin_is_terminal;
    struct buf token, authorization, cert, key;
    int64_t token_read_ms;
    struct exec_credential plugin;
    bool plugin_ran;
};

static bool read_secret(struct buf *out, struct str path, const char *what, struct err *err)
{
    struct arena a CLEANUP(arena_release) = { 0 };
    struct buf fresh = SECRET_BUF;
    if (!file_read(str_to_c(&a, path), &fresh, err)) {
        buf_wipe(&fresh);
        buf_release(&fresh);
        return err_prefix(err, "%s", what);
    }
    buf_wipe(out);
    buf_reset(out);
    buf_add(out, buf_str(&fresh));
    buf_wipe(&fresh);
    buf_release(&fresh);
    return true;
}

/* The file's token, without white space around it; on failure the last good one stays. */
static bool read_token(struct auth *a, struct err *err)
{
    struct buf fresh = SECRET_BUF;
    struct str path = a->settings->user.token_file;
    bool ok = read_secret(&fresh, path, "token file", err);
    struct str token = str_trim(buf_str(&fresh));
    if (ok && !token.n)
        ok = err_set(err, ERR_AUTH, "token file \"%.*s\" is empty", STR_ARG(path));
    if (ok) {
        buf_wipe(&a->token);
        buf_reset(&a->token);
        buf_add(&a->token, token);
        a->token_read_ms = clock_monotonic_ms();
    }
    buf_wipe(&fresh);
    buf_release(&fresh);
    return ok;
}

static void set_authorization(struct auth *a, const char *scheme, struct str secret)
{
    buf_wipe(&a->authorization);
    buf_reset(&a->authorization);
    buf_addf(&a->authorization, "%s ", scheme);
    buf_add(&a->authorization, secret);
}

static void set_basic(struct auth *a)
{
    const struct kube_user *u = &a->settings->user;
    struct buf pair = SECRET_BUF, base64 = SECRET_BUF;
    buf_addf(&pair, "%.*s:%.*s", STR_ARG(u->username), STR_ARG(u->password));
    enc_base64(&base64, buf_str(&pair));
    set_authorization(a, "Basic", buf_str(&base64));
    buf_wipe(&pair);
    buf_wipe(&base64);
    buf_release(&pair);
    buf_release(&base64);
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
            return err_set(err, ERR_INPUT, "the kubeconfig's auth-provider \"%s\" was removed from Kubernetes: use %s", removed_provider[i].name,
                           removed_provider[i].instead);
    return err_set(err, ERR_INPUT, "the kubeconfig's auth-provider \"%.*s\" is not known: use an exec plugin (users[].user.exec)",
                   STR_ARG(str_sub(name, 0, 60)));
}

static bool load_pair(struct auth *a, struct err *err)
{
    const struct kube_user *u = &a->settings->user;
    buf_add(&a->cert, u->cert_data);
    buf_add(&a->key, u->key_data);
    if (!u->cert_data.n && u->cert_file.n && !read_secret(&a->cert, u->cert_file, "client-certificate", err))
        return false;
    if (!u->key_data.n && u->key_file.n && !read_secret(&a->key, u->key_file, "client-key", err))
        return false;
    if (a->cert.n && !a->key.n)
        return err_set(err, ERR_INPUT, "there is a client certificate but no client key");
    return true;
}

static bool uses_exec(const struct auth *a)
{
    const struct kube_user *u = &a->settings->user;
    return u->exec.is_set && !u->token.n && !u->token_file.n && !u->username.n && !a->cert.n;
}

static bool run_plugin(struct auth *a, struct err *err)
{
    struct exec_credential fresh = { 0 };
    if (a->policy == EXEC_DENY)
        return err_set(err, ERR_AUTH, "the kubeconfig asks to run \"%.*s\", which --exec-plugin=deny forbids", STR_ARG(a->settings->user.exec.command));
    if (!exec_plugin_run(&fresh, a->settings, a->stdin_is_terminal, err))
        return false;
    exec_credential_wipe(&a->plugin);
    a->plugin = fresh;
    a->plugin_ran = true;
    if (fresh.token.n)
        set_authorization(a, "Bearer", buf_str(&a->plugin.token));
    return true;
}

static bool load_token(struct auth *a, struct err *err)
{
    const struct kube_user *u = &a->settings->user;
    struct err why = { 0 };
    buf_add(&a->token, u->token);
    /* A file that can be read wins over a token beside it; one that cannot matters only without. */
    if (u->token_file.n && !read_token(a, &why) && !u->token.n)
        return err_set(err, why.code, "%s", why.text);
    if (a->token.n)
        set_authorization(a, "Bearer", buf_str(&a->token));
    else if (u->username.n || u->password.n)
        set_basic(a);
    return true;
}

bool auth_open(struct auth **out, struct arena *arena, const struct kube_settings *s, enum exec_policy policy, bool stdin_is_terminal,
               struct err *err)
{
    struct auth *a = arena_new(arena, struct auth);
    *a = (struct auth){ .settings = s, .policy = policy, .stdin_is_terminal = stdin_is_terminal, .token = SECRET_BUF,
                        .authorization = SECRET_BUF, .cert = SECRET_BUF, .key = SECRET_BUF };
    if (s->user.auth_provider.n && !s->user.exec.is_set)
        return refuse_provider(s->user.auth_provider, err);
    if (!load_pair(a, err) || !load_token(a, err) || (uses_exec(a) && !run_plugin(a, err))) {
        auth_close(a);
        return false;
    }
    *out = a;
    return true;
}

/* ---- using */

static bool is_past(const struct exec_credential *c)
{
    struct instant now = clock_now();
    return c->has_expiry && (now.s > c->expiry.s || (now.s == c->expiry.s && now.ns > c->expiry.ns));
}

bool auth_current(struct auth *a, struct auth_material *out, struct err *err)
{
    struct err ignored = { 0 };
    if (a->plugin_ran && is_past(&a->plugin) && !run_plugin(a, err))
        return false;
    if (a->token_read_ms && clock_monotonic_ms() - a->token_read_ms > AUTH_TOKEN_FILE_MS) {
        if (read_token(a, &ignored))
            set_authorization(a, "Bearer", buf_str(&a->token));
        else
            a->token_read_ms = clock_monotonic_ms(); /* the last good one, until the next time */
    }
    bool plugin_pair = a->plugin_ran && a->plugin.cert.n;
    *out = (struct auth_material){ .authorization = buf_str(&a->authorization),
                                   .cert_pem = plugin_pair ? buf_str(&a->plugin.cert) : buf_str(&a->cert),
                                   .key_pem = plugin_pair ? buf_str(&a->plugin.key) : buf_str(&a->key) };
    return true;
}

bool auth_renew(struct auth *a, struct err *err)
{
    const struct kube_user *u = &a->settings->user;
    if (a->plugin_ran)
        return run_plugin(a, err);
    if (u->token_file.n && read_token(a, err)) {
        set_authorization(a, "Bearer", buf_str(&a->token));
        return true;
    }
    if (u->token_file.n)
        return false;
    if (a->token.n)
        return err_set(err, ERR_AUTH, "the server refused the token: it is expired, or for another cluster; get a new one");
    if (a->authorization.n)
        return err_set(err, ERR_AUTH, "the server refused user name and password: API servers since 1.19 take none; use a certificate or token");
    if (a->cert.n)
        return err_set(err, ERR_AUTH, "the server refused the client certificate: it is not signed by the cluster's client CA, or is expired");
    return err_set(err, ERR_AUTH, "the server wants a credential, and the kubeconfig's user has none");
}

struct str auth_kind(const struct auth *a)
{
    if (a->plugin_ran)
        return STR("exec plugin");
    if (a->settings->in_cluster)
        return STR("service account token");
    if (a->settings->user.token_file.n && a->token.n)
        return STR("token file");
    if (a->token.n)
        return STR("token");
    if (a->authorization.n)
        return STR("basic");
    return a->cert.n ? STR("client certificate") : STR("none");
}

void auth_close(struct auth *a)
{
    if (!a)
        return;
    struct buf *secret[] = { &a->token, &a->authorization, &a->cert, &a->key };
    for (size_t i = 0; i < sizeof secret / sizeof *secret; i++) {
        buf_wipe(secret[i]);
        buf_release(secret[i]);
    }
    exec_credential_wipe(&a->plugin);
    a->plugin_ran = false;
}
