/* From files, environment and overrides to the settings of one run, in client-go's order. */
#include "base/duration.h"
#include "base/file.h"
#include "base/names.h"
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
    into->files = into->files.n
                      ? str_printf(a, "%.*s:%.*s", STR_ARG(into->files), STR_ARG(from->files))
                      : from->files;
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

/* KEY=VALUE texts as the map of lists that a kubeconfig would hold; a key given again adds a value.
 */
static bool user_extra(struct value *out, struct arena *a, const struct kube_overrides *o,
                       struct err *err)
{
    struct value_builder map;
    value_builder_init(&map, a);
    for (size_t i = 0; i < o->as_user_extra_count; i++) {
        struct str key, value, other, text;
        struct value_builder list;
        bool seen = false;
        if (!str_cut(o->as_user_extra[i], '=', &key, &value) || !key.n)
            return err_set(err, ERR_USAGE, "--as-user-extra: expected KEY=VALUE, got \"%.*s\"",
                           STR_ARG(str_sub(o->as_user_extra[i], 0, 100)));
        for (size_t k = 0; k < i; k++) /* taken with the first of its key */
            seen |= str_cut(o->as_user_extra[k], '=', &other, &text) && str_eq(other, key);
        value_builder_init(&list, a);
        for (size_t k = i; !seen && k < o->as_user_extra_count; k++)
            if (str_cut(o->as_user_extra[k], '=', &other, &text) && str_eq(other, key))
                value_builder_push(&list, value_str(text));
        if (!seen)
            value_builder_put(&map, value_str(key), value_builder_list(&list));
    }
    *out = value_builder_map(&map);
    return true;
}

static bool override_user(struct kube_user *u, struct arena *a, const struct kube_overrides *o,
                          struct err *err)
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
    return !o->as_user_extra_count || user_extra(&u->as_user_extra, a, o, err);
}

#define TIMEOUT_MS_MAX INT64_C(1000000000) /* eleven days */

/* As kubectl reads it: "30" seconds, or Go's "1m30s", "1.5h", "500ms". 0: none; more is at least 1
 * ms. */
static bool parse_timeout(struct str s, int64_t *ms, struct err *err)
{
    int64_t seconds = 0, ns = 0;
    struct str shown = str_sub(s, 0, 40);
    bool in_range = true;
    if (!s.n || str_to_int64(s, &seconds))
        in_range = seconds >= 0 && seconds <= TIMEOUT_MS_MAX / 1000;
    else if (!duration_parse(s, &ns))
        return err_set(err, ERR_USAGE,
                       "request-timeout \"%.*s\": expected seconds, or a duration such as 1m30s",
                       STR_ARG(shown));
    if (!in_range || ns < 0 || ns / 1000000 > TIMEOUT_MS_MAX)
        return err_set(err, ERR_USAGE, "request-timeout \"%.*s\" is out of range", STR_ARG(shown));
    *ms = ns > 0 && ns < 1000000 ? 1 : seconds * 1000 + ns / 1000000;
    return true;
}

/* ---- resolving */

#define NAMES_SHOWN_MAX  8
#define NAME_SHOWN_BYTES 60

/* One of the three lists of a kubeconfig, as names. */
struct names {
    const char *what; /* "context" */
    struct str *name;
    size_t count;
};

static struct names contexts_of(const struct kubeconfig *k, struct arena *a)
{
    struct names n = { "context", arena_array(a, struct str, k->context.count), k->context.count };
    for (size_t i = 0; i < n.count; i++)
        n.name[i] = k->context.item[i].name;
    return n;
}
static struct names clusters_of(const struct kubeconfig *k, struct arena *a)
{
    struct names n = { "cluster", arena_array(a, struct str, k->cluster.count), k->cluster.count };
    for (size_t i = 0; i < n.count; i++)
        n.name[i] = k->cluster.item[i].name;
    return n;
}
static struct names users_of(const struct kubeconfig *k, struct arena *a)
{
    struct names n = { "user", arena_array(a, struct str, k->user.count), k->user.count };
    for (size_t i = 0; i < n.count; i++)
        n.name[i] = k->user.item[i].name;
    return n;
}

/* "/home/me/.kube/config has the contexts "a", "b"" */
static struct str what_there_is(const struct kubeconfig *k, const struct names *n, struct arena *a)
{
    struct buf text CLEANUP(buf_release) = BUF_INIT(4096);
    if (!k->files.n)
        return STR("there is no kubeconfig");
    buf_addf(&text, "%.*s has %s %s%s", STR_ARG(str_sub(k->files, 0, 160)),
             n->count == 0 ? "no" : "the", n->what, n->count == 1 ? "" : "s");
    for (size_t i = 0; i < n->count && i < NAMES_SHOWN_MAX; i++)
        buf_addf(&text, "%s \"%.*s\"", i ? "," : "",
                 STR_ARG(str_sub(n->name[i], 0, NAME_SHOWN_BYTES)));
    if (n->count > NAMES_SHOWN_MAX)
        buf_addf(&text, " and %zu more", n->count - NAMES_SHOWN_MAX);
    return str_dup(a, buf_str(&text));
}

static const char *nearest(const struct names *n, struct str given, struct arena *a)
{
    const char **name = arena_array(a, const char *, n->count);
    for (size_t i = 0; i < n->count; i++)
        name[i] = str_to_c(a, n->name[i]);
    return names_nearest(name, n->count, given);
}

/* An override names what is not in the files. */
static bool not_there(const struct kubeconfig *k, struct names n, struct str given, struct arena *a,
                      struct err *err)
{
    const char *near = nearest(&n, given, a);
    struct str there = what_there_is(k, &n, a), shown = str_sub(given, 0, NAME_SHOWN_BYTES);
    const char *fault = strcmp(n.what, "context") == 0
                            ? "context was not found for specified context: "
                            : "no such entry: ";
    return err_set(err, ERR_USAGE, "--%s: %s%.*s; %.*s%s%s%s", n.what, fault, STR_ARG(shown),
                   STR_ARG(there), near ? "; did you mean \"" : "", near ? near : "",
                   near ? "\"?" : "");
}

static bool invalid(const config_faults *f, const struct kubeconfig *k,
                    const struct kube_context *context, struct arena *a, struct err *err)
{
    struct str all = str_join(a, f->item, f->count, STR(", "));
    bool no_server = f->count == 1 && str_eq(f->item[0], STR("cluster has no server defined"));
    struct names n = context ? clusters_of(k, a) : contexts_of(k, a);
    struct str there = what_there_is(k, &n, a);
    if (no_server && context)
        return err_set(err, ERR_NOT_FOUND,
                       "no configuration has been provided: context \"%.*s\" names the cluster "
                       "\"%.*s\", and %.*s; mend the "
                       "context, or give --cluster or --server",
                       STR_ARG(str_sub(context->name, 0, NAME_SHOWN_BYTES)),
                       STR_ARG(str_sub(context->cluster, 0, NAME_SHOWN_BYTES)), STR_ARG(there));
    if (no_server && !k->files.n)
        return err_set(err, ERR_NOT_FOUND,
                       "no configuration has been provided: there is no kubeconfig (--kubeconfig, "
                       "$KUBECONFIG, ~/.kube/config), and "
                       "this is not a pod");
    if (no_server)
        return err_set(err, ERR_NOT_FOUND,
                       "no configuration has been provided: no current-context is set, and %.*s; "
                       "give --context or --server",
                       STR_ARG(there));
    if (!context && k->current_context.n)
        return err_set(
            err, ERR_INPUT,
            "the kubeconfig cannot be used: %.*s; %.*s: set current-context, or give --context",
            STR_ARG(all), STR_ARG(there));
    return err_set(err, ERR_INPUT, "the kubeconfig cannot be used: %.*s", STR_ARG(all));
}

bool kube_settings_resolve(struct kube_settings *out, struct arena *a, const struct kubeconfig *k,
                           const struct kube_overrides *o, struct err *err)
{
    config_faults f = { 0 };
    struct str name = given(o->context, k->current_context);
    const struct kube_context *context = name.n ? kubeconfig_context(k, name) : NULL;
    struct kube_settings s = { .context_name = name };
    if (o->context.n && !context)
        return not_there(k, contexts_of(k, a), o->context, a, err);
    if (name.n && !context)
        *VEC_PUSH(&f, a) =
            str_printf(a, "context was not found for specified context: %.*s", STR_ARG(name));
    s.cluster_name = given(o->cluster, context ? context->cluster : STR(""));
    s.user_name = given(o->user, context ? context->user : STR(""));
    const struct kube_cluster *cluster = kubeconfig_cluster(k, s.cluster_name);
    const struct kube_user *user = kubeconfig_user(k, s.user_name);
    if (o->cluster.n && !cluster)
        return not_there(k, clusters_of(k, a), o->cluster, a, err);
    if (o->user.n && !user)
        return not_there(k, users_of(k, a), o->user, a, err);
    if (cluster)
        s.cluster = *cluster;
    if (user)
        s.user = *user;
    override_cluster(&s.cluster, o);
    if (!override_user(&s.user, a, o, err))
        return false;
    config_check_user(&f, a, &s.user);
    config_check_cluster(&f, a, &s.cluster);
    if (f.count)
        return invalid(&f, k, context, a, err);
    s.ns = given(o->ns, context && context->ns.n ? context->ns : STR("default"));
    if (!parse_timeout(o->request_timeout, &s.request_timeout_ms, err))
        return false;
    *out = s;
    return true;
}

/* ---- finding the files */

static bool read_list(struct kubeconfig *out, struct arena *a, struct str list, bool *any,
                      struct err *err)
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

bool kubeconfig_load(struct kubeconfig *out, struct arena *a, const struct kube_overrides *o,
                     const struct kube_environment *env, struct err *err)
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

static bool is_pod(struct str *server, struct str *token, struct arena *a,
                   const struct kube_environment *env)
{
    struct str host = env_text(env, "KUBERNETES_SERVICE_HOST"),
               port = env_text(env, "KUBERNETES_SERVICE_PORT");
    struct str dir =
        str_from_c(env->service_account_dir ? env->service_account_dir : SERVICE_ACCOUNT_DIR);
    struct stat st;
    bool v6 = str_find_char(host, ':', 0) != SIZE_MAX;
    *server = str_printf(a, "https://%s%.*s%s:%.*s", v6 ? "[" : "", STR_ARG(host), v6 ? "]" : "",
                         STR_ARG(port));
    *token = file_join(a, dir, STR("token"));
    return host.n && port.n && stat(str_to_c(a, *token), &st) == 0 && !S_ISDIR(st.st_mode);
}

/* A pod's service account: the token file is read again and again, it is rotated. */
static bool settings_of_pod(struct kube_settings *out, struct arena *a,
                            const struct kube_overrides *o, const struct kube_environment *env,
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
    if (!override_user(&s.user, a, o, err))
        return false;
    config_faults f = { 0 };
    config_check_user(&f, a, &s.user);
    if (f.count)
        return err_set(err, ERR_INPUT, "%.*s", STR_ARG(str_join(a, f.item, f.count, STR(", "))));
    s.ns = given(o->ns, given(ns, STR("default")));
    if (!parse_timeout(o->request_timeout, &s.request_timeout_ms, err))
        return false;
    *out = s;
    return true;
}

struct str kube_settings_url(const struct kube_settings *s, struct arena *a)
{
    const struct kube_cluster *c = &s->cluster;
    const struct kube_user *u = &s->user;
    bool tls = c->ca_file.n || c->ca_data.n || u->cert_file.n || u->cert_data.n ||
               c->insecure_skip_tls_verify;
    bool bare = c->server.n && str_find(c->server, STR("://"), 0) == SIZE_MAX;
    return tls && bare ? str_printf(a, "https://%.*s", STR_ARG(str_trim(c->server))) : c->server;
}

/* What client-go refuses when it connects. */
static bool check_trust(const struct kube_settings *s, struct err *err)
{
    const struct kube_cluster *c = &s->cluster;
    return !c->insecure_skip_tls_verify || (!c->ca_file.n && !c->ca_data.n) ||
           err_set(err, ERR_INPUT,
                   "cluster \"%.*s\" has both insecure-skip-tls-verify and a certificate "
                   "authority: leave one out, best the first",
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
