#include "kube/config.h"

#include "base/enc.h"
#include "base/file.h"
#include "value/decode.h"

#define KUBECONFIG_BYTES_MAX ((size_t)16 << 20)
#define COUNT(x) (sizeof(x) / sizeof *(x))

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
    struct str cert_file, cert_data, key_file, key_data, token, token_file, username, password, as, as_uid;
    struct pos cert_data_pos, key_data_pos;
    struct decode_strs as_groups;
    struct value as_user_extra;
    struct provider_doc provider;
    struct exec_doc exec;
    const struct node *exec_node;
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

#define TABLE(name, what, field, S) \
    static const struct decode_table name = { what, field, COUNT(field), sizeof(struct S), DECODE_ALLOW_UNKNOWN }
#define LIST_OF(S, m, k, tab) { .key = (k), .type = DECODE_LIST, .offset = offsetof(struct S, m), .table = &(tab) }
#define STRUCT_OF(S, m, k, tab) { .key = (k), .type = DECODE_STRUCT, .offset = offsetof(struct S, m), .table = &(tab) }
#define STR_AT(S, m, k, p) \
    { .key = (k), .type = DECODE_STR, .offset = offsetof(struct S, m), .pos_offset_plus1 = offsetof(struct S, p) + 1 }

static const struct decode_field cluster_field[] = {
    DECODE(STR, struct cluster_doc, server, "server", 0),
    DECODE(STR, struct cluster_doc, tls_server_name, "tls-server-name", 0),
    DECODE(BOOL, struct cluster_doc, insecure, "insecure-skip-tls-verify", 0),
    DECODE(STR, struct cluster_doc, ca_file, "certificate-authority", 0),
    STR_AT(cluster_doc, ca_data, "certificate-authority-data", ca_data_pos),
    DECODE(STR, struct cluster_doc, proxy_url, "proxy-url", 0),
    DECODE(BOOL, struct cluster_doc, disable_compression, "disable-compression", 0),
    DECODE(VALUE, struct cluster_doc, extensions, "extensions", 0),
};
TABLE(cluster_table, "a cluster", cluster_field, cluster_doc);

static const struct decode_field exec_env_field[] = {
    DECODE(STR, struct exec_env_doc, name, "name", 0),
    DECODE(STR, struct exec_env_doc, value, "value", 0),
};
TABLE(exec_env_table, "an environment variable", exec_env_field, exec_env_doc);

static const struct decode_field exec_field[] = {
    DECODE(STR, struct exec_doc, command, "command", 0),
    DECODE(STRS, struct exec_doc, args, "args", 0),
    LIST_OF(exec_doc, env, "env", exec_env_table),
    DECODE(STR, struct exec_doc, api_version, "apiVersion", 0),
    DECODE(STR, struct exec_doc, install_hint, "installHint", 0),
    DECODE(BOOL, struct exec_doc, provide_cluster_info, "provideClusterInfo", 0),
    DECODE(STR, struct exec_doc, interactive_mode, "interactiveMode", 0),
};
TABLE(exec_table, "an exec plugin", exec_field, exec_doc);

static const struct decode_field provider_field[] = { DECODE(STR, struct provider_doc, name, "name", 0) };
TABLE(provider_table, "an auth-provider", provider_field, provider_doc);

static const struct decode_field user_field[] = {
    DECODE(STR, struct user_doc, cert_file, "client-certificate", 0),
    STR_AT(user_doc, cert_data, "client-certificate-data", cert_data_pos),
    DECODE(STR, struct user_doc, key_file, "client-key", 0),
    STR_AT(user_doc, key_data, "client-key-data", key_data_pos),
    DECODE(STR, struct user_doc, token, "token", 0),
    DECODE(STR, struct user_doc, token_file, "tokenFile", 0),
    DECODE(STR, struct user_doc, as, "as", 0),
    DECODE(STR, struct user_doc, as_uid, "as-uid", 0),
    DECODE(STRS, struct user_doc, as_groups, "as-groups", 0),
    DECODE(VALUE, struct user_doc, as_user_extra, "as-user-extra", 0),
    DECODE(STR, struct user_doc, username, "username", 0),
    DECODE(STR, struct user_doc, password, "password", 0),
    STRUCT_OF(user_doc, provider, "auth-provider", provider_table),
    DECODE(NODE, struct user_doc, exec_node, "exec", 0),
};
TABLE(user_table, "a user", user_field, user_doc);

static const struct decode_field context_field[] = {
    DECODE(STR, struct context_doc, cluster, "cluster", 0),
    DECODE(STR, struct context_doc, user, "user", 0),
    DECODE(STR, struct context_doc, ns, "namespace", 0),
};
TABLE(context_table, "a context", context_field, context_doc);

static const struct decode_field named_cluster_field[] = {
    STR_AT(named_cluster_doc, name, "name", pos),
    STRUCT_OF(named_cluster_doc, cluster, "cluster", cluster_table),
};
TABLE(named_cluster_table, "a named cluster", named_cluster_field, named_cluster_doc);
static const struct decode_field named_user_field[] = {
    STR_AT(named_user_doc, name, "name", pos),
    STRUCT_OF(named_user_doc, user, "user", user_table),
};
TABLE(named_user_table, "a named user", named_user_field, named_user_doc);
static const struct decode_field named_context_field[] = {
    STR_AT(named_context_doc, name, "name", pos),
    STRUCT_OF(named_context_doc, context, "context", context_table),
};
TABLE(named_context_table, "a named context", named_context_field, named_context_doc);

static const struct decode_field config_field[] = {
    DECODE(STR, struct config_doc, api_version, "apiVersion", 0),
    DECODE(STR, struct config_doc, kind, "kind", 0),
    DECODE(STR, struct config_doc, current_context, "current-context", 0),
    LIST_OF(config_doc, clusters, "clusters", named_cluster_table),
    LIST_OF(config_doc, users, "users", named_user_table),
    LIST_OF(config_doc, contexts, "contexts", named_context_table),
};
TABLE(config_table, "a kubeconfig", config_field, config_doc);

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

static bool decode_data(const struct reading *r, struct str base64, struct pos pos, const char *what, struct str *out, struct err *err)
{
    struct buf bytes CLEANUP(buf_wipe) = BUF_INIT(KUBECONFIG_BYTES_MAX);
    if (!base64.n)
        return true;
    if (!enc_base64_decode(&bytes, base64, false))
        return err_set_at(err, ERR_INPUT, pos, "%s is not base64", what);
    *out = str_dup(r->arena, buf_str(&bytes));
    return true;
}

static struct value exec_extension(struct value extensions)
{
    for (uint32_t i = 0; extensions.kind == VALUE_LIST && i < extensions.n; i++) {
        struct value e = value_item(extensions, i);
        const struct value *found = value_get(e, STR("extension"));
        if (found && str_eq(value_text_at(e, "name", NULL), STR("client.authentication.k8s.io/exec")))
            return *found;
    }
    return value_null();
}

static bool take_cluster(const struct reading *r, struct kube_cluster *c, const struct named_cluster_doc *d, struct err *err)
{
    *c = (struct kube_cluster){
        .name = d->name, .server = d->cluster.server, .tls_server_name = d->cluster.tls_server_name,
        .ca_file = resolve_path(r, d->cluster.ca_file), .proxy_url = d->cluster.proxy_url,
        .insecure_skip_tls_verify = d->cluster.insecure, .disable_compression = d->cluster.disable_compression,
        .exec_extension = exec_extension(d->cluster.extensions), .origin_dir = r->dir,
    };
    return decode_data(r, d->cluster.ca_data, d->cluster.ca_data_pos, "certificate-authority-data", &c->ca_data, err);
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
        .is_set = true, .command = has_slash ? resolve_path(r, d->command) : d->command, .api_version = d->api_version,
        .install_hint = d->install_hint, .interactive_mode = interactive_default(d), .arg = d->args.item, .arg_count = d->args.count,
        .provide_cluster_info = d->provide_cluster_info,
    };
    x->env = arena_array(r->arena, struct str, d->env.count);
    for (size_t i = 0; i < d->env.count; i++)
        x->env[x->env_count++] = str_printf(r->arena, "%.*s=%.*s", STR_ARG(env[i].name), STR_ARG(env[i].value));
}

static bool take_user(const struct reading *r, struct kube_user *u, const struct named_user_doc *d, struct err *err)
{
    const struct user_doc *w = &d->user;
    *u = (struct kube_user){
        .name = d->name, .cert_file = resolve_path(r, w->cert_file), .key_file = resolve_path(r, w->key_file), .token = w->token,
        .token_file = resolve_path(r, w->token_file), .username = w->username, .password = w->password, .as = w->as,
        .as_uid = w->as_uid, .as_group = w->as_groups.item, .as_group_count = w->as_groups.count,
        .as_user_extra = w->as_user_extra, .auth_provider = w->provider.name, .origin_dir = r->dir,
    };
    if (w->exec_node && w->exec_node->kind == NODE_MAP) {
        struct exec_doc x = { 0 };
        if (!decode_node(&x, &exec_table, w->exec_node, r->arena, err))
            return false;
        take_exec(r, &u->exec, &x);
    }
    return decode_data(r, w->cert_data, w->cert_data_pos, "client-certificate-data", &u->cert_data, err) &&
           decode_data(r, w->key_data, w->key_data_pos, "client-key-data", &u->key_data, err);
}

static bool twice(struct err *err, struct pos pos, const char *what, struct str name)
{
    return err_set_at(err, ERR_INPUT, pos, "%s \"%.*s\" is there twice", what, STR_ARG(name));
}

static bool take_all(const struct reading *r, struct kubeconfig *k, const struct config_doc *d, struct err *err)
{
    const struct named_cluster_doc *c = d->clusters.item;
    const struct named_user_doc *u = d->users.item;
    const struct named_context_doc *x = d->contexts.item;
    for (size_t i = 0; i < d->clusters.count; i++) {
        for (size_t b = 0; b < i; b++)
            if (str_eq(c[b].name, c[i].name))
                return twice(err, c[i].pos, "cluster", c[i].name);
        if (!take_cluster(r, VEC_PUSH(&k->cluster, r->arena), &c[i], err))
            return false;
    }
    for (size_t i = 0; i < d->users.count; i++) {
        for (size_t b = 0; b < i; b++)
            if (str_eq(u[b].name, u[i].name))
                return twice(err, u[i].pos, "user", u[i].name);
        if (!take_user(r, VEC_PUSH(&k->user, r->arena), &u[i], err))
            return false;
    }
    for (size_t i = 0; i < d->contexts.count; i++) {
        for (size_t b = 0; b < i; b++)
            if (str_eq(x[b].name, x[i].name))
                return twice(err, x[i].pos, "context", x[i].name);
        *VEC_PUSH(&k->context, r->arena) = (struct kube_context){ x[i].name, x[i].context.cluster, x[i].context.user, x[i].context.ns };
    }
    k->current_context = d->current_context;
    return true;
}

bool kubeconfig_read(struct kubeconfig *out, struct arena *a, const char *path, struct err *err)
{
    struct buf text CLEANUP(buf_wipe) = BUF_INIT(KUBECONFIG_BYTES_MAX);
    struct reading r = { a, str_dup(a, file_dir_of(str_from_c(path))) };
    struct kubeconfig k = { 0 };
    struct config_doc d = { 0 };
    struct node *doc;
    size_t count;
    if (!file_read(path, &text, err))
        return err_prefix(err, "kubeconfig");
    const char *name = str_to_c(a, str_from_c(path));
    if (!yaml_read(&doc, &count, a, str_dup(a, buf_str(&text)), name, err))
        return false;
    bool is_empty = count == 0 || (doc[0].kind == NODE_SCALAR && doc[0].scalar.kind == VALUE_NULL);
    if (!is_empty && doc[0].kind != NODE_MAP)
        return err_set_at(err, ERR_INPUT, doc[0].pos, "a kubeconfig is a map with clusters, users and contexts");
    if (!is_empty && !decode_node(&d, &config_table, &doc[0], a, err))
        return false;
    if ((d.kind.n && !str_eq(d.kind, STR("Config"))) || (d.api_version.n && !str_eq(d.api_version, STR("v1"))))
        return err_set(err, ERR_INPUT, "%s: expected apiVersion v1 and kind Config, found %.*s and %.*s", path, STR_ARG(d.api_version),
                       STR_ARG(d.kind));
    if (!take_all(&r, &k, &d, err))
        return false;
    *out = k;
    return true;
}
