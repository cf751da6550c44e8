/* kubeconfig v1 as client-go reads it: files, merging, overrides, validation, and in-cluster
 * settings. */
#include "kube/config.h"

#include "base/enc.h"
#include "base/file.h"
#include "base/map.h"
#include "kube/secret.h"
#include "value/decode.h"

/* ---- the document as it is written; unknown fields are ignored, as kubectl does */

struct cluster_doc {
    struct str server, tls_server_name, ca_file, ca_data, proxy_url;
    struct pos ca_data_pos;
    bool insecure, disable_compression;
    struct value extensions;
};
struct exec_env_doc {
    struct str name, value;
};
struct exec_doc {
    struct str command, api_version, install_hint, interactive_mode;
    struct decode_strs args;
    struct decode_list env;
    bool provide_cluster_info;
};
struct provider_doc {
    struct str name;
};
struct user_doc {
    struct str cert_file, cert_data, key_file, key_data, token, token_file, username, password, as,
        as_uid;
    struct pos cert_data_pos, key_data_pos;
    struct decode_strs as_groups;
    const struct node *as_user_extra, *provider, *exec;
};
struct context_doc {
    struct str cluster, user, ns;
};
struct named_cluster_doc {
    struct str name;
    struct pos pos;
    struct cluster_doc cluster;
};
struct named_user_doc {
    struct str name;
    struct pos pos;
    struct user_doc user;
};
struct named_context_doc {
    struct str name;
    struct pos pos;
    struct context_doc context;
};
struct config_doc {
    struct str api_version, kind, current_context;
    struct decode_list clusters, users, contexts;
};

static const struct decode_field cluster_field[] = {
    DECODE(STR, struct cluster_doc, server, "server", 0),
    DECODE(STR, struct cluster_doc, tls_server_name, "tls-server-name", 0),
    DECODE(BOOL, struct cluster_doc, insecure, "insecure-skip-tls-verify", 0),
    DECODE(STR, struct cluster_doc, ca_file, "certificate-authority", 0),
    DECODE_AT(STR, struct cluster_doc, ca_data, "certificate-authority-data", 0, ca_data_pos),
    DECODE(STR, struct cluster_doc, proxy_url, "proxy-url", 0),
    DECODE(BOOL, struct cluster_doc, disable_compression, "disable-compression", 0),
    DECODE(VALUE, struct cluster_doc, extensions, "extensions", 0),
};
static const struct decode_table cluster_table =
    DECODE_TABLE("a cluster", cluster_field, struct cluster_doc, DECODE_ALLOW_UNKNOWN);

static const struct decode_field exec_env_field[] = {
    DECODE(STR, struct exec_env_doc, name, "name", 0),
    DECODE(STR, struct exec_env_doc, value, "value", 0),
};
static const struct decode_table exec_env_table = DECODE_TABLE(
    "an environment variable", exec_env_field, struct exec_env_doc, DECODE_ALLOW_UNKNOWN);

static const struct decode_field exec_field[] = {
    DECODE(STR, struct exec_doc, command, "command", 0),
    DECODE(STRS, struct exec_doc, args, "args", 0),
    DECODE_ITEMS(struct exec_doc, env, "env", 0, exec_env_table),
    DECODE(STR, struct exec_doc, api_version, "apiVersion", 0),
    DECODE(STR, struct exec_doc, install_hint, "installHint", 0),
    DECODE(BOOL, struct exec_doc, provide_cluster_info, "provideClusterInfo", 0),
    DECODE(STR, struct exec_doc, interactive_mode, "interactiveMode", 0),
};
static const struct decode_table exec_table =
    DECODE_TABLE("an exec plugin", exec_field, struct exec_doc, DECODE_ALLOW_UNKNOWN);

static const struct decode_field provider_field[] = { DECODE(STR, struct provider_doc, name, "name",
                                                             0) };
static const struct decode_table provider_table =
    DECODE_TABLE("an auth-provider", provider_field, struct provider_doc, DECODE_ALLOW_UNKNOWN);

static const struct decode_field user_field[] = {
    DECODE(STR, struct user_doc, cert_file, "client-certificate", 0),
    DECODE_AT(STR, struct user_doc, cert_data, "client-certificate-data", 0, cert_data_pos),
    DECODE(STR, struct user_doc, key_file, "client-key", 0),
    DECODE_AT(STR, struct user_doc, key_data, "client-key-data", 0, key_data_pos),
    DECODE(STR, struct user_doc, token, "token", 0),
    DECODE(STR, struct user_doc, token_file, "tokenFile", 0),
    DECODE(STR, struct user_doc, as, "as", 0),
    DECODE(STR, struct user_doc, as_uid, "as-uid", 0),
    DECODE(STRS, struct user_doc, as_groups, "as-groups", 0),
    DECODE(NODE, struct user_doc, as_user_extra, "as-user-extra", 0),
    DECODE(STR, struct user_doc, username, "username", 0),
    DECODE(STR, struct user_doc, password, "password", 0),
    DECODE(NODE, struct user_doc, provider, "auth-provider", 0),
    DECODE(NODE, struct user_doc, exec, "exec", 0),
};
static const struct decode_table user_table =
    DECODE_TABLE("a user", user_field, struct user_doc, DECODE_ALLOW_UNKNOWN);

static const struct decode_field context_field[] = {
    DECODE(STR, struct context_doc, cluster, "cluster", 0),
    DECODE(STR, struct context_doc, user, "user", 0),
    DECODE(STR, struct context_doc, ns, "namespace", 0),
};
static const struct decode_table context_table =
    DECODE_TABLE("a context", context_field, struct context_doc, DECODE_ALLOW_UNKNOWN);

static const struct decode_field named_cluster_field[] = {
    DECODE_AT(STR, struct named_cluster_doc, name, "name", 0, pos),
    DECODE_PART(struct named_cluster_doc, cluster, "cluster", 0, cluster_table),
};
static const struct decode_table named_cluster_table = DECODE_TABLE(
    "a named cluster", named_cluster_field, struct named_cluster_doc, DECODE_ALLOW_UNKNOWN);
static const struct decode_field named_user_field[] = {
    DECODE_AT(STR, struct named_user_doc, name, "name", 0, pos),
    DECODE_PART(struct named_user_doc, user, "user", 0, user_table),
};
static const struct decode_table named_user_table =
    DECODE_TABLE("a named user", named_user_field, struct named_user_doc, DECODE_ALLOW_UNKNOWN);
static const struct decode_field named_context_field[] = {
    DECODE_AT(STR, struct named_context_doc, name, "name", 0, pos),
    DECODE_PART(struct named_context_doc, context, "context", 0, context_table),
};
static const struct decode_table named_context_table = DECODE_TABLE(
    "a named context", named_context_field, struct named_context_doc, DECODE_ALLOW_UNKNOWN);

static const struct decode_field config_field[] = {
    DECODE(STR, struct config_doc, api_version, "apiVersion", 0),
    DECODE(STR, struct config_doc, kind, "kind", 0),
    DECODE(STR, struct config_doc, current_context, "current-context", 0),
    DECODE_ITEMS(struct config_doc, clusters, "clusters", 0, named_cluster_table),
    DECODE_ITEMS(struct config_doc, users, "users", 0, named_user_table),
    DECODE_ITEMS(struct config_doc, contexts, "contexts", 0, named_context_table),
};
static const struct decode_table config_table =
    DECODE_TABLE("a kubeconfig", config_field, struct config_doc, DECODE_ALLOW_UNKNOWN);

/* ---- into struct kubeconfig */

struct reading {
    struct arena *arena;
    struct str dir;
};

/* A relative path is meant from the folder of the file that says it. */
static struct str resolve_path(const struct reading *r, struct str path)
{
    return path.n && path.p[0] != '/' ? file_join(r->arena, r->dir, path) : path;
}

/* Base64 in the file, bytes in memory; both are wiped with the arena. */
static bool decode_data(const struct reading *r, struct str base64, struct pos pos,
                        const char *what, struct str *out, struct err *err)
{
    struct buf bytes CLEANUP(buf_release) = { .limit_bytes = KUBECONFIG_BYTES_MAX, .secret = true };
    if (!base64.n)
        return true;
    if (!enc_base64_decode(&bytes, base64, false))
        return err_set_at(err, ERR_INPUT, pos, "%s is not base64", what);
    *out = str_dup(r->arena, buf_str(&bytes));
    secret_wipe_later(r->arena, base64);
    secret_wipe_later(r->arena, *out);
    return true;
}

static struct value exec_extension(struct value extensions)
{
    for (uint32_t i = 0; extensions.kind == VALUE_LIST && i < extensions.n; i++) {
        struct value e = value_item(extensions, i);
        const struct value *found = value_get(e, STR("extension"));
        if (found &&
            str_eq(value_text_at(e, "name", NULL), STR("client.authentication.k8s.io/exec")))
            return *found;
    }
    return value_null();
}

static bool take_cluster(const struct reading *r, struct kube_cluster *c,
                         const struct named_cluster_doc *d, struct err *err)
{
    *c = (struct kube_cluster){
        .name = d->name,
        .server = d->cluster.server,
        .tls_server_name = d->cluster.tls_server_name,
        .ca_file = resolve_path(r, d->cluster.ca_file),
        .proxy_url = d->cluster.proxy_url,
        .insecure_skip_tls_verify = d->cluster.insecure,
        .disable_compression = d->cluster.disable_compression,
        .exec_extension = exec_extension(d->cluster.extensions),
        .origin_dir = r->dir,
    };
    return decode_data(r, d->cluster.ca_data, d->cluster.ca_data_pos, "certificate-authority-data",
                       &c->ca_data, err);
}

/* client-go fills the mode in for the versions before v1. */
static struct str interactive_default(const struct exec_doc *d)
{
    bool before_v1 = str_eq(d->api_version, STR("client.authentication.k8s.io/v1beta1")) ||
                     str_eq(d->api_version, STR("client.authentication.k8s.io/v1alpha1"));
    return d->interactive_mode.n || !before_v1 ? d->interactive_mode : STR("IfAvailable");
}

static void take_exec(const struct reading *r, struct kube_exec *x, const struct exec_doc *d)
{
    const struct exec_env_doc *env = d->env.item;
    bool has_slash = str_find_char(d->command, '/', 0) != SIZE_MAX;
    *x = (struct kube_exec){
        .is_set = true,
        .command = has_slash ? resolve_path(r, d->command) : d->command,
        .api_version = d->api_version,
        .install_hint = d->install_hint,
        .interactive_mode = interactive_default(d),
        .arg = d->args.item,
        .arg_count = d->args.count,
        .provide_cluster_info = d->provide_cluster_info,
    };
    x->env = arena_array(r->arena, struct str, d->env.count);
    for (size_t i = 0; i < d->env.count; i++) {
        const struct str part[] = { env[i].name, env[i].value };
        x->env[x->env_count] = str_join(r->arena, part, 2, STR("="));
        secret_wipe_later(r->arena, env[i].value);
        secret_wipe_later(r->arena, x->env[x->env_count++]);
    }
}

static bool is_given(const struct node *n)
{
    return n && !(n->kind == NODE_SCALAR && n->scalar.kind == VALUE_NULL);
}

/* A map of lists of strings. */
static bool take_extra(const struct reading *r, struct value *out, const struct node *n,
                       struct err *err)
{
    if (!is_given(n))
        return true;
    struct value extra = node_value(r->arena, n);
    bool ok = extra.kind == VALUE_MAP;
    for (uint32_t i = 0; ok && i < extra.n; i++) {
        struct value list = extra.as.map->entry[i].val;
        ok = list.kind == VALUE_LIST || list.kind == VALUE_NULL;
        for (uint32_t k = 0; ok && list.kind == VALUE_LIST && k < list.n; k++)
            ok = value_item(list, k).kind == VALUE_STRING;
    }
    if (!ok)
        return err_set_at(err, ERR_INPUT, n->pos,
                          "\"as-user-extra\" must be a map of lists of strings");
    *out = extra;
    return true;
}

/* exec and auth-provider: that they are there counts, even empty. */
static bool take_plugins(const struct reading *r, struct kube_user *u, const struct user_doc *w,
                         struct err *err)
{
    struct exec_doc x = { 0 };
    struct provider_doc p = { 0 };
    if (is_given(w->provider)) {
        if (!decode_node(&p, &provider_table, w->provider, r->arena, err))
            return false;
        u->auth_provider = p.name.n ? p.name : STR("(no name)");
    }
    if (is_given(w->exec)) {
        if (!decode_node(&x, &exec_table, w->exec, r->arena, err))
            return false;
        take_exec(r, &u->exec, &x);
    }
    return true;
}

static bool take_user(const struct reading *r, struct kube_user *u, const struct named_user_doc *d,
                      struct err *err)
{
    const struct user_doc *w = &d->user;
    *u = (struct kube_user){
        .name = d->name,
        .cert_file = resolve_path(r, w->cert_file),
        .key_file = resolve_path(r, w->key_file),
        .token = w->token,
        .token_file = resolve_path(r, w->token_file),
        .username = w->username,
        .password = w->password,
        .as = w->as,
        .as_uid = w->as_uid,
        .as_group = w->as_groups.item,
        .as_group_count = w->as_groups.count,
        .origin_dir = r->dir,
    };
    secret_wipe_later(r->arena, u->token);
    secret_wipe_later(r->arena, u->password);
    if (!take_extra(r, &u->as_user_extra, w->as_user_extra, err) || !take_plugins(r, u, w, err))
        return false;
    return decode_data(r, w->cert_data, w->cert_data_pos, "client-certificate-data", &u->cert_data,
                       err) &&
           decode_data(r, w->key_data, w->key_data_pos, "client-key-data", &u->key_data, err);
}

/* What the three lists have in common. */
struct entries {
    struct map seen;
    const char *what;
};

static bool begin_entries(struct entries *e, const struct reading *r, const char *what,
                          size_t count, struct err *err)
{
    *e = (struct entries){ .what = what };
    map_init(&e->seen, r->arena);
    return count <= KUBECONFIG_ENTRIES_MAX ||
           err_set(err, ERR_LIMIT, "more than %u %ss", KUBECONFIG_ENTRIES_MAX, what);
}

static bool is_first(struct entries *e, struct str name, struct pos pos, struct err *err)
{
    bool created;
    (void)map_at(&e->seen, name, &created);
    return created || err_set_at(err, ERR_INPUT, pos, "%s \"%.*s\" is there twice", e->what,
                                 STR_ARG(str_sub(name, 0, 200)));
}

static bool take_all(const struct reading *r, struct kubeconfig *k, const struct config_doc *d,
                     struct err *err)
{
    const struct named_cluster_doc *c = d->clusters.item;
    const struct named_user_doc *u = d->users.item;
    const struct named_context_doc *x = d->contexts.item;
    struct entries e;
    if (!begin_entries(&e, r, "cluster", d->clusters.count, err))
        return false;
    for (size_t i = 0; i < d->clusters.count; i++)
        if (!is_first(&e, c[i].name, c[i].pos, err) ||
            !take_cluster(r, VEC_PUSH(&k->cluster, r->arena), &c[i], err))
            return false;
    if (!begin_entries(&e, r, "user", d->users.count, err))
        return false;
    for (size_t i = 0; i < d->users.count; i++)
        if (!is_first(&e, u[i].name, u[i].pos, err) ||
            !take_user(r, VEC_PUSH(&k->user, r->arena), &u[i], err))
            return false;
    if (!begin_entries(&e, r, "context", d->contexts.count, err))
        return false;
    for (size_t i = 0; i < d->contexts.count; i++) {
        if (!is_first(&e, x[i].name, x[i].pos, err))
            return false;
        *VEC_PUSH(&k->context, r->arena) =
            (struct kube_context){ x[i].name, x[i].context.cluster, x[i].context.user,
                                   x[i].context.ns };
    }
    k->current_context = d->current_context;
    return true;
}

bool kubeconfig_parse(struct kubeconfig *out, struct arena *a, struct str text, const char *path,
                      struct err *err)
{
    struct reading r = { a, str_dup(a, file_dir_of(str_from_c(path))) };
    struct kubeconfig k = { 0 };
    struct config_doc d = { 0 };
    struct node *doc;
    size_t count;
    const char *name = str_to_c(a, str_from_c(path));
    if (!yaml_read(&doc, &count, a, text, name, err))
        return false;
    bool is_empty = count == 0 || !is_given(&doc[0]);
    if (!is_empty && doc[0].kind != NODE_MAP)
        return err_set_at(err, ERR_INPUT, doc[0].pos,
                          "a kubeconfig is a map with clusters, users and contexts");
    if (!is_empty && !decode_node(&d, &config_table, &doc[0], a, err))
        return false;
    if ((d.kind.n && !str_eq(d.kind, STR("Config"))) ||
        (d.api_version.n && !str_eq(d.api_version, STR("v1"))))
        return err_set_at(err, ERR_INPUT, doc[0].pos,
                          "expected apiVersion v1 and kind Config, found \"%.*s\" and \"%.*s\"",
                          STR_ARG(str_sub(d.api_version, 0, 100)),
                          STR_ARG(str_sub(d.kind, 0, 100)));
    if (!take_all(&r, &k, &d, err))
        return false;
    *out = k;
    return true;
}

bool kubeconfig_read(struct kubeconfig *out, struct arena *a, const char *path, struct err *err)
{
    struct buf text CLEANUP(buf_release) = { .limit_bytes = KUBECONFIG_BYTES_MAX, .secret = true };
    if (!file_read(path, &text, err))
        return err_prefix(err, "kubeconfig");
    if (!kubeconfig_parse(out, a, buf_str(&text), path, err))
        return false;
    out->files = str_dup(a, str_from_c(path));
    return true;
}
