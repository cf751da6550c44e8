/* Recorded kubeconfigs: what client-go makes of them, alone, merged and with overrides. */
#include "cases/cases.h"

#include "kube/auth.h"
#include "kube/config.h"

/* A kubeconfig list as the environment of one case; the environment hook takes no context. */
static _Thread_local const char *kubeconfig_list;

static const char *case_env(const char *name)
{
    return strcmp(name, "KUBECONFIG") == 0 ? kubeconfig_list : NULL;
}
static const struct kube_environment environment = { .get = case_env, .service_account_dir = "/nowhere" };

/* ROOT/kubeconfig/cases/NAME/, by the case's first file or else its id. */
static struct str folder_of(struct cases *c, struct value row, struct arena *a)
{
    const struct value *files = value_get(row, STR("input_files"));
    struct str id = value_text_at(row, "id", NULL), name = str_sub(id, str_find_last_char(id, '-') + 1, id.n), cases, rest;
    if (files && files->kind == VALUE_LIST && files->n && str_cut(value_text(value_item(*files, 0)), '/', &cases, &rest))
        (void)str_cut(rest, '/', &name, &rest);
    return str_printf(a, "%s/kubeconfig/cases/%.*s/", c->root, STR_ARG(name));
}

/* ---- settings, as client-go's rest.Config shows them */

static void set_text(struct value_builder *b, const char *key, struct str s)
{
    if (s.n)
        value_builder_set(b, key, value_str(s));
}

/* Files are named from the case's folder. */
static void set_path(struct value_builder *b, const char *key, struct str path, struct str folder)
{
    set_text(b, key, str_has_prefix(path, folder) ? str_sub(path, folder.n, path.n) : path);
}

static void set_true(struct value_builder *b, const char *key, bool is_true)
{
    if (is_true)
        value_builder_set(b, key, value_bool(true));
}

static struct value texts(struct arena *a, const struct str *item, size_t count)
{
    struct value_builder b;
    value_builder_init(&b, a);
    for (size_t i = 0; i < count; i++)
        value_builder_push(&b, value_str(item[i]));
    return value_builder_list(&b);
}

static void set_exec(struct value_builder *out, const struct kube_exec *x, struct arena *a)
{
    struct value_builder b;
    value_builder_init(&b, a);
    set_text(&b, "command", x->command);
    set_text(&b, "apiVersion", x->api_version);
    set_text(&b, "interactiveMode", x->interactive_mode);
    set_text(&b, "installHint", x->install_hint);
    value_builder_set(&b, "provideClusterInfo", value_bool(x->provide_cluster_info));
    if (x->arg_count)
        value_builder_set(&b, "args", texts(a, x->arg, x->arg_count));
    if (x->env_count)
        value_builder_set(&b, "env", texts(a, x->env, x->env_count));
    value_builder_set(out, "exec", value_builder_map(&b));
}

static void set_impersonation(struct value_builder *out, const struct kube_user *u, struct arena *a)
{
    struct value_builder b;
    value_builder_init(&b, a);
    set_text(&b, "UserName", u->as);
    set_text(&b, "UID", u->as_uid);
    if (u->as_group_count)
        value_builder_set(&b, "Groups", texts(a, u->as_group, u->as_group_count));
    if (u->as_user_extra.kind == VALUE_MAP && u->as_user_extra.n)
        value_builder_set(&b, "Extra", u->as_user_extra);
    value_builder_set(out, "impersonate", value_builder_map(&b));
}

static void set_user(struct value_builder *b, const struct kube_user *u, struct str folder, struct arena *a)
{
    struct buf text = BUF_INIT(1 << 20);
    struct err ignored = { 0 };
    struct str token = u->token;
    if (!token.n && u->token_file.n && file_read(str_to_c(a, u->token_file), &text, &ignored))
        token = str_dup(a, buf_str(&text));
    buf_release(&text);
    set_text(b, "bearerToken", token);
    set_path(b, "bearerTokenFile", u->token_file, folder);
    set_text(b, "username", u->username);
    set_text(b, "password", u->password);
    set_path(b, "certFile", u->cert_file, folder);
    set_text(b, "certData", u->cert_data);
    set_path(b, "keyFile", u->key_file, folder);
    set_text(b, "keyData", u->key_data);
    if (u->exec.is_set)
        set_exec(b, &u->exec, a);
}

static struct value effective_of(const struct kube_settings *s, struct str folder, struct arena *a)
{
    struct value_builder b;
    const struct kube_cluster *c = &s->cluster;
    value_builder_init(&b, a);
    set_text(&b, "host", c->server);
    set_text(&b, "proxy", c->proxy_url);
    set_true(&b, "disableCompression", c->disable_compression);
    if (s->user.as.n)
        set_impersonation(&b, &s->user, a);
    /* without, client-go reads neither user nor trust */
    if (str_has_prefix(c->server, STR("https://"))) {
        set_user(&b, &s->user, folder, a);
        set_path(&b, "caFile", c->ca_file, folder);
        set_text(&b, "caData", c->ca_data);
        set_true(&b, "insecure", c->insecure_skip_tls_verify);
        set_text(&b, "serverName", c->tls_server_name);
    }
    return value_builder_map(&b);
}

/* What is really sent: the file's token where there is a file, none without https. */
static bool sends_what_it_should(const struct kube_settings *s, struct value effective, struct arena *a)
{
    struct auth *auth;
    struct auth_material m;
    struct auth_options o = { .policy = EXEC_DENY };
    struct err err = { 0 };
    struct str token = value_text_at(effective, "bearerToken", NULL);
    if (s->user.exec.is_set || s->user.auth_provider.n || str_find(s->cluster.server, STR("://"), 0) == SIZE_MAX)
        return true;
    if (!auth_open(&auth, a, s, &o, &err) || !auth_current(auth, &m, &err))
        return false;
    bool has_file = s->user.token_file.n != 0, is_bearer = str_has_prefix(m.authorization, STR("Bearer "));
    bool ok = is_bearer == (token.n != 0) && (!is_bearer || has_file || str_eq(str_sub(m.authorization, 7, m.authorization.n), token)) &&
              (m.cert_pem.n != 0) == (value_get(effective, STR("certData")) || value_get(effective, STR("certFile")));
    auth_close(auth);
    return ok;
}

/* ---- the kinds of case */

/* Each reason that client-go names is in our message too, advice apart. */
static bool same_error(struct str expect, const struct err *err)
{
    struct str all = expect, ours = str_from_c(err->text), part;
    if (!str_has_prefix(all, STR("invalid configuration: ")))
        return err->code == ERR_INPUT;
    all = str_sub(all, strlen("invalid configuration: "), all.n);
    if (all.n && all.p[0] == '[')
        all = str_sub(all, 1, all.n - 1);
    while (all.n) {
        size_t end = str_find(all, STR(", "), 0);
        part = str_sub(all, 0, end);
        all = end == SIZE_MAX ? STR("") : str_sub(all, end + 2, all.n);
        size_t advice = str_find(part, STR(". "), 0), more = str_find(part, STR("; "), 0);
        part = str_sub(part, 0, advice < more ? advice : more);
        if (!str_has_prefix(part, STR("try setting ")) && !str_contains(ours, part))
            return false;
    }
    return true;
}

static bool same_outcome(struct value expect, bool ok, const struct kube_settings *s, const struct err *err, struct str folder,
                         struct arena *a)
{
    const struct value *error = value_get(expect, STR("error")), *effective = value_get(expect, STR("effective"));
    if (error || !ok)
        return error && !ok && same_error(value_text(*error), err);
    struct value ours = effective_of(s, folder, a);
    return effective && value_equal(ours, *effective) && str_eq(s->ns, value_text_at(expect, "namespace", NULL)) &&
           sends_what_it_should(s, *effective, a);
}

static void read_overrides(struct kube_overrides *o, struct value params)
{
    const struct value *v = value_get(params, STR("overrides"));
    struct value all = v ? *v : value_null();
    *o = (struct kube_overrides){
        .context = value_text_at(params, "context", NULL),
        .default_server = value_text_at(all, "ClusterDefaults", "server", NULL),
        .server = value_text_at(all, "ClusterInfo", "server", NULL),
        .ca_file = value_text_at(all, "ClusterInfo", "certificate-authority", NULL),
        .tls_server_name = value_text_at(all, "ClusterInfo", "tls-server-name", NULL),
        .proxy_url = value_text_at(all, "ClusterInfo", "proxy-url", NULL),
        .insecure_skip_tls_verify = value_bool_at(all, false, "ClusterInfo", "insecure-skip-tls-verify", NULL),
        .disable_compression = value_bool_at(all, false, "ClusterInfo", "disable-compression", NULL),
        .token = value_text_at(all, "AuthInfo", "token", NULL),
        .cert_file = value_text_at(all, "AuthInfo", "client-certificate", NULL),
        .key_file = value_text_at(all, "AuthInfo", "client-key", NULL),
        .as = value_text_at(all, "AuthInfo", "as", NULL),
        .as_uid = value_text_at(all, "AuthInfo", "as-uid", NULL),
        .cluster = value_text_at(all, "Context", "cluster", NULL),
        .user = value_text_at(all, "Context", "user", NULL),
        .ns = value_text_at(all, "Context", "namespace", NULL),
        .request_timeout = value_text_at(all, "Timeout", NULL),
    };
    struct str context = value_text_at(all, "CurrentContext", NULL);
    o->context = context.n ? context : o->context;
}

static bool effective_case(struct cases *c, struct value row, struct arena *a)
{
    struct str folder = folder_of(c, row, a);
    struct kube_overrides o;
    struct kubeconfig k;
    struct kube_settings s;
    struct err err = { 0 };
    read_overrides(&o, *value_get(row, STR("params")));
    char *path = str_to_c(a, str_printf(a, "%.*sconfig", STR_ARG(folder)));
    bool ok = kubeconfig_read(&k, a, path, &err) && kube_settings_resolve(&s, a, &k, &o, &err);
    return same_outcome(*value_get(row, STR("expect")), ok, &s, &err, folder, a);
}

/* Go's maps have no order: the same names, however listed. */
static bool same_names(struct value expect, const char *key, const struct str *name, size_t count)
{
    const struct value *want = value_get(expect, str_from_c(key));
    if (!want || want->kind != VALUE_LIST || want->n != count)
        return false;
    for (uint32_t i = 0; i < want->n; i++) {
        size_t k = 0;
        while (k < count && !str_eq(name[k], value_text(value_item(*want, i))))
            k++;
        if (k == count)
            return false;
    }
    return true;
}

static bool same_lists(struct value expect, const struct kubeconfig *k, struct arena *a)
{
    struct str *cluster = arena_array(a, struct str, k->cluster.count), *user = arena_array(a, struct str, k->user.count);
    struct str *context = arena_array(a, struct str, k->context.count);
    for (size_t i = 0; i < k->cluster.count; i++)
        cluster[i] = k->cluster.item[i].name;
    for (size_t i = 0; i < k->user.count; i++)
        user[i] = k->user.item[i].name;
    for (size_t i = 0; i < k->context.count; i++)
        context[i] = k->context.item[i].name;
    return same_names(expect, "clusters", cluster, k->cluster.count) && same_names(expect, "users", user, k->user.count) &&
           same_names(expect, "contexts", context, k->context.count) &&
           str_eq(k->current_context, value_text_at(expect, "current_context", NULL));
}

/* The files of params.order under prefix, as KUBECONFIG lists them. */
static const char *list_of(struct value row, struct str prefix, struct arena *a)
{
    const struct value *order = value_at(row, "params", "order", NULL);
    struct str list = STR("");
    for (uint32_t i = 0; order && order->kind == VALUE_LIST && i < order->n; i++)
        list = str_printf(a, "%.*s%s%.*s%.*s", STR_ARG(list), i ? ":" : "", STR_ARG(prefix), STR_ARG(value_text(value_item(*order, i))));
    return str_to_c(a, list);
}

static bool merge_case(struct cases *c, struct value row, struct arena *a)
{
    struct kubeconfig k;
    struct kube_settings s;
    struct kube_overrides o = { 0 };
    struct err err = { 0 };
    struct value expect = *value_get(row, STR("expect"));
    kubeconfig_list = list_of(row, str_printf(a, "%s/kubeconfig/", c->root), a);
    bool loaded = kubeconfig_load(&k, a, &o, &environment, &err);
    if (!loaded || value_bool_at(expect, false, "load_error", NULL))
        return !loaded && value_bool_at(expect, false, "load_error", NULL);
    bool ok = kube_settings_load(&s, a, &o, &environment, &err);
    return same_lists(expect, &k, a) && same_outcome(expect, ok, &s, &err, folder_of(c, row, a), a);
}

static bool same_entries(const struct kubeconfig *a, const struct kubeconfig *b)
{
    if (a->cluster.count != b->cluster.count || a->user.count != b->user.count || a->context.count != b->context.count)
        return false;
    struct arena arena CLEANUP(arena_release) = { 0 };
    struct kubeconfig copy = { 0 };
    kubeconfig_merge(&copy, &arena, a); /* what b adds to that is what a lacks */
    kubeconfig_merge(&copy, &arena, b);
    return copy.cluster.count == a->cluster.count && copy.user.count == a->user.count && copy.context.count == a->context.count &&
           str_eq(a->current_context, b->current_context);
}

static bool load_case(struct cases *c, struct value row, struct arena *a)
{
    struct kubeconfig k, merged;
    struct kube_overrides o = { 0 };
    struct err err = { 0 };
    struct value expect = *value_get(row, STR("expect"));
    struct str folder = folder_of(c, row, a);
    const char *list = list_of(row, folder, a);
    kubeconfig_list = list;
    if (value_bool_at(row, false, "params", "explicit", NULL))
        o.kubeconfig = str_from_c(list);
    bool ok = kubeconfig_load(&k, a, &o, &environment, &err);
    if (!ok || value_bool_at(expect, false, "error", NULL))
        return !ok && value_bool_at(expect, false, "error", NULL);
    char *here = str_to_c(a, str_printf(a, "%.*smerged", STR_ARG(folder)));
    return kubeconfig_parse(&merged, a, value_text_at(expect, "merged", NULL), here, &err) && same_entries(&k, &merged);
}

/* The faults of one entry are those of a kubeconfig that holds no other. */
static bool validate_entry(struct kubeconfig *k, struct str what, struct str name, struct arena *a, struct str **faults, size_t *count)
{
    struct kubeconfig one = { 0 };
    bool any_cluster = str_eq(what, STR("cluster")), any_user = str_eq(what, STR("user"));
    for (size_t i = 0; any_cluster && i < k->cluster.count; i++)
        if (str_eq(k->cluster.item[i].name, name))
            *VEC_PUSH(&one.cluster, a) = k->cluster.item[i];
    for (size_t i = 0; any_user && i < k->user.count; i++)
        if (str_eq(k->user.item[i].name, name))
            *VEC_PUSH(&one.user, a) = k->user.item[i];
    if (!str_eq(what, STR("context")))
        return kubeconfig_validate(any_cluster || any_user ? &one : k, a, faults, count);
    one = *k;
    one.context.count = one.context.cap = 0;
    one.context.item = NULL;
    one.current_context = STR("");
    for (size_t i = 0; i < k->context.count; i++)
        if (str_eq(k->context.item[i].name, name))
            *VEC_PUSH(&one.context, a) = k->context.item[i];
    return kubeconfig_validate(&one, a, faults, count);
}

static bool validate_case(struct cases *c, struct value row, struct arena *a)
{
    struct kubeconfig k;
    struct err err = { 0 };
    struct str *faults, folder = folder_of(c, row, a), what = value_text_at(row, "params", "what", NULL);
    struct str name = value_text_at(row, "params", "name", NULL);
    const struct value *want = value_at(row, "expect", "errors_containing", NULL);
    size_t count;
    if (!want || !kubeconfig_read(&k, a, str_to_c(a, str_printf(a, "%.*sconfig", STR_ARG(folder))), &err))
        return false;
    bool ok = str_eq(what, STR("usable")) ? kubeconfig_validate_context(&k, a, name, &faults, &count)
                                          : validate_entry(&k, what, name, a, &faults, &count);
    struct str all = str_join(a, faults, count, STR("\n"));
    for (uint32_t i = 0; i < want->n; i++)
        if (!str_contains(all, value_text(value_item(*want, i))))
            return false;
    return ok == (want->n == 0) && ok == (count == 0);
}

static bool kubeconfig_case(struct cases *c, struct value row, struct arena *a)
{
    static const struct {
        const char *kind;
        case_fn *fn;
    } of[] = { { "effective", effective_case }, { "load", load_case }, { "merge", merge_case }, { "validate", validate_case } };
    struct str kind = value_text_at(row, "kind", NULL);
    if (!value_get(row, STR("params")) || !value_get(row, STR("expect")))
        return false;
    for (size_t i = 0; i < sizeof of / sizeof *of; i++)
        if (str_eq_c(kind, of[i].kind))
            return of[i].fn(c, row, a);
    return false;
}

int main(int argc, char **argv)
{
    struct cases c;
    if (!cases_open(&c, argc, argv))
        return 2;
    cases_run(&c, "kubeconfig/index", kubeconfig_case);
    return cases_close(&c);
}
