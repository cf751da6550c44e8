/* From files, environment and overrides to the settings of one run, in client-go's order. */
#include "base/file.h"
#include "kube/config_check.h"

#include <sys/stat.h>

#define SERVICE_ACCOUNT_DIR "/var/run/secrets/kubernetes.io/serviceaccount"

void kubeconfig_merge(struct kubeconfig *into, struct arena *a, const struct kubeconfig *from)
{
    for (size_t i = 0; i < from->cluster.count; i++)
        if (!kubeconfig_cluster(into, from->cluster.item[i].name))
            *VEC_PUSH(&into->cluster, a) = from->cluster.item[i];
    for (size_t i = 0; i < from->user.count; i++)
        if (!kubeconfig_user(into, from->user.item[i].name))
            *VEC_PUSH(&into->user, a) = from->user.item[i];
    for (size_t i = 0; i < from->context.count; i++)
        if (!kubeconfig_context(into, from->context.item[i].name))
            *VEC_PUSH(&into->context, a) = from->context.item[i];
    if (!into->current_context.n)
        into->current_context = from->current_context;
}

/* ---- overrides */

static struct str given(struct str override, struct str otherwise)
{
    return override.n ? override : otherwise;
}

static void override_cluster(struct kube_cluster *c, const struct kube_overrides *o)
{
    if (!c->server.n)
        c->server = o->default_server;
    if (o->server.n) { /* another server: the file's name for it no longer holds */
        c->server = o->server;
        c->tls_server_name = (struct str){ 0 };
    }
    c->tls_server_name = given(o->tls_server_name, c->tls_server_name);
    c->proxy_url = given(o->proxy_url, c->proxy_url);
    c->disable_compression |= o->disable_compression;
    if (o->insecure_skip_tls_verify) {
        c->insecure_skip_tls_verify = true;
        c->ca_file = c->ca_data = (struct str){ 0 };
    }
    if (o->ca_file.n) {
        c->ca_file = o->ca_file;
        c->ca_data = (struct str){ 0 };
        c->insecure_skip_tls_verify = o->insecure_skip_tls_verify;
    }
}

static void override_user(struct kube_user *u, const struct kube_overrides *o)
{
    bool own_credential = o->token.n || o->cert_file.n;
    if (o->token.n) {
        u->token = o->token;
        u->token_file = (struct str){ 0 };
        u->username = u->password = (struct str){ 0 };
    }
    if (o->cert_file.n) {
        u->cert_file = o->cert_file;
        u->cert_data = (struct str){ 0 };
    }
    if (o->key_file.n) {
        u->key_file = o->key_file;
        u->key_data = (struct str){ 0 };
    }
    if (own_credential) { /* what is said for this run leaves no room for a plugin */
        u->exec = (struct kube_exec){ 0 };
        u->auth_provider = (struct str){ 0 };
    }
    u->as = given(o->as, u->as);
    u->as_uid = given(o->as_uid, u->as_uid);
    if (o->as_group_count) {
        u->as_group = o->as_group;
        u->as_group_count = o->as_group_count;
    }
}

#define TIMEOUT_MS_MAX INT64_C(1000000000) /* eleven days */

/* A number with or without a fraction, and its unit, off the front of *rest, in nanoseconds. */
static bool next_span(struct str *rest, double *ns)
{
    static const struct {
        const char *unit;
        double ns;
    } row[] = { { "ns", 1 }, { "us", 1e3 }, { "\xC2\xB5s", 1e3 }, { "\xCE\xBCs", 1e3 }, { "ms", 1e6 }, { "s", 1e9 }, { "m", 60e9 }, { "h", 3600e9 } };
    size_t n = 0, digits = 0, dots = 0;
    for (; n < rest->n && ((rest->p[n] >= '0' && rest->p[n] <= '9') || rest->p[n] == '.'); n++)
        *(rest->p[n] == '.' ? &dots : &digits) += 1;
    if (!digits || dots > 1 || n > 40)
        return false;
    char text[48] = "0"; /* ".5" is a number here */
    memcpy(text + 1, rest->p, n);
    struct str number = str_of(text, n + (text[n] == '.' ? 0 : 1)), after = str_sub(*rest, n, rest->n);
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct str unit = str_from_c(row[i].unit);
        if (!str_has_prefix(after, unit))
            continue;
        *rest = str_sub(after, unit.n, after.n);
        if (!str_to_double(number, ns))
            return false;
        *ns *= row[i].ns;
        return true;
    }
    return false;
}

/* As kubectl reads it: "30" seconds, or Go's "1m30s", "1.5h", "500ms". 0: none; more is at least 1 ms. */
static bool parse_timeout(struct str s, int64_t *ms, struct err *err)
{
    double total_ns = 0, ns;
    int64_t n = 0;
    struct str rest = s, shown = str_sub(s, 0, 40);
    if (s.n && !str_to_int64(s, &n)) {
        while (rest.n) {
            if (!next_span(&rest, &ns))
                return err_set(err, ERR_USAGE, "request-timeout \"%.*s\": expected seconds, or a duration such as 1m30s", STR_ARG(shown));
            total_ns += ns;
        }
    } else {
        total_ns = (double)n * 1e9;
    }
    if (!(total_ns >= 0 && total_ns <= (double)TIMEOUT_MS_MAX * 1e6))
        return err_set(err, ERR_USAGE, "request-timeout \"%.*s\" is out of range", STR_ARG(shown));
    *ms = total_ns > 0 && total_ns < 1e6 ? 1 : (int64_t)(total_ns / 1e6);
    return true;
}

/* ---- resolving */

static bool invalid(const config_faults *f, struct arena *a, struct err *err)
{
    struct str all = str_join(a, f->item, f->count, STR(", "));
    if (f->count == 1 && str_eq(f->item[0], STR("cluster has no server defined")))
        return err_set(err, ERR_NOT_FOUND, "no configuration has been provided: there is no kubeconfig with a cluster in use, and this is not a pod; give "
                       "--kubeconfig, --context or --server");
    return err_set(err, ERR_INPUT, "the kubeconfig cannot be used: %.*s", STR_ARG(all));
}

bool kube_settings_resolve(struct kube_settings *out, struct arena *a, const struct kubeconfig *k, const struct kube_overrides *o,
                           struct err *err)
{
    config_faults f = { 0 };
    struct str name = given(o->context, k->current_context);
    const struct kube_context *context = name.n ? kubeconfig_context(k, name) : NULL;
    struct kube_settings s = { .context_name = name };
    if (name.n && !context)
        *VEC_PUSH(&f, a) = str_printf(a, "context was not found for specified context: %.*s", STR_ARG(name));
    s.cluster_name = given(o->cluster, context ? context->cluster : STR(""));
    s.user_name = given(o->user, context ? context->user : STR(""));
    const struct kube_cluster *cluster = kubeconfig_cluster(k, s.cluster_name);
    const struct kube_user *user = kubeconfig_user(k, s.user_name);
    if (o->cluster.n && !cluster)
        return err_set(err, ERR_USAGE, "the kubeconfig has no cluster \"%.*s\"", STR_ARG(o->cluster));
    if (o->user.n && !user)
        return err_set(err, ERR_USAGE, "the kubeconfig has no user \"%.*s\"", STR_ARG(o->user));
    if (cluster)
        s.cluster = *cluster;
    if (user)
        s.user = *user;
    override_cluster(&s.cluster, o);
    override_user(&s.user, o);
    config_check_user(&f, a, &s.user);
    config_check_cluster(&f, a, &s.cluster);
    if (f.count)
        return invalid(&f, a, err);
    s.ns = given(o->ns, context && context->ns.n ? context->ns : STR("default"));
    if (!parse_timeout(o->request_timeout, &s.request_timeout_ms, err))
        return false;
    *out = s;
    return true;
}

/* ---- finding the files */

static bool read_list(struct kubeconfig *out, struct arena *a, struct str list, bool *any, struct err *err)
{
    struct str rest = list, path;
    while (str_next_field(&rest, ':', &path)) {
        struct kubeconfig one;
        struct err why = { 0 };
        if (!path.n)
            continue;
        if (kubeconfig_read(&one, a, str_to_c(a, path), &why)) {
            *any = true;
            kubeconfig_merge(out, a, &one);
        } else if (why.code != ERR_NOT_FOUND) { /* a list may name files that are not there */
            *err = why;
            return false;
        }
    }
    return true;
}

static struct str env_text(const struct kube_environment *env, const char *name)
{
    return str_from_c(env->get ? env->get(name) : NULL);
}

static bool read_home(struct kubeconfig *out, struct arena *a, struct str home, struct err *err)
{
    bool any = false;
    if (!home.n)
        return true;
    /* where kubectl kept it before 2015; it moves the file, we only read */
    return read_list(out, a, file_join(a, home, STR(".kube/config")), &any, err) &&
           (any || read_list(out, a, file_join(a, home, STR(".kube/.kubeconfig")), &any, err));
}

bool kubeconfig_load(struct kubeconfig *out, struct arena *a, const struct kube_overrides *o, const struct kube_environment *env,
                     struct err *err)
{
    struct kubeconfig k = { 0 };
    bool any = false;
    struct str list = env_text(env, "KUBECONFIG");
    bool ok = o->kubeconfig.n ? kubeconfig_read(&k, a, str_to_c(a, o->kubeconfig), err)
              : list.n        ? read_list(&k, a, list, &any, err)
                              : read_home(&k, a, env_text(env, "HOME"), err);
    if (ok)
        *out = k;
    return ok;
}

/* ---- in a pod */

static bool is_pod(struct str *server, struct str *token, struct arena *a, const struct kube_environment *env)
{
    struct str host = env_text(env, "KUBERNETES_SERVICE_HOST"), port = env_text(env, "KUBERNETES_SERVICE_PORT");
    struct str dir = str_from_c(env->service_account_dir ? env->service_account_dir : SERVICE_ACCOUNT_DIR);
    struct stat st;
    bool v6 = str_find_char(host, ':', 0) != SIZE_MAX;
    *server = str_printf(a, "https://%s%.*s%s:%.*s", v6 ? "[" : "", STR_ARG(host), v6 ? "]" : "", STR_ARG(port));
    *token = file_join(a, dir, STR("token"));
    return host.n && port.n && stat(str_to_c(a, *token), &st) == 0 && !S_ISDIR(st.st_mode);
}

/* A pod's service account: the token file is read again and again, it is rotated. */
static bool settings_of_pod(struct kube_settings *out, struct arena *a, const struct kube_overrides *o, const struct kube_environment *env,
                            struct err *err)
{
    struct kube_settings s = { .in_cluster = true };
    struct str ns = env_text(env, "POD_NAMESPACE");
    struct buf text CLEANUP(buf_release) = BUF_INIT(4096);
    struct err ignored = { 0 };
    if (!is_pod(&s.cluster.server, &s.user.token_file, a, env))
        return false;
    struct str dir = file_dir_of(s.user.token_file);
    s.cluster.ca_file = file_join(a, dir, STR("ca.crt"));
    if (!ns.n && file_read(str_to_c(a, file_join(a, dir, STR("namespace"))), &text, &ignored))
        ns = str_trim(str_dup(a, buf_str(&text)));
    override_cluster(&s.cluster, o);
    override_user(&s.user, o);
    s.ns = given(o->ns, given(ns, STR("default")));
    if (!parse_timeout(o->request_timeout, &s.request_timeout_ms, err))
        return false;
    *out = s;
    return true;
}

/* What client-go refuses when it connects. */
static bool check_trust(const struct kube_settings *s, struct err *err)
{
    const struct kube_cluster *c = &s->cluster;
    return !c->insecure_skip_tls_verify || (!c->ca_file.n && !c->ca_data.n) ||
           err_set(err, ERR_INPUT, "cluster \"%.*s\" has both insecure-skip-tls-verify and a certificate authority: leave one out, best the first",
                   STR_ARG(str_sub(s->cluster_name, 0, 200)));
}

bool kube_settings_load(struct kube_settings *out, struct arena *a, const struct kube_overrides *o,
                        const struct kube_environment *env, struct err *err)
{
    struct kubeconfig k = { 0 };
    struct kube_settings s;
    struct str server, token;
    struct err why = { 0 };
    if (!kubeconfig_load(&k, a, o, env, err))
        return false;
    if (!kube_settings_resolve(&s, a, &k, o, &why)) {
        if (why.code != ERR_NOT_FOUND || !is_pod(&server, &token, a, env))
            return err_set(err, why.code, "%s", why.text);
        if (!settings_of_pod(&s, a, o, env, err))
            return false;
    }
    if (!check_trust(&s, err))
        return false;
    *out = s;
    return true;
}
