/* Any bytes as kubeconfigs: read, merged, checked, settled and asked for a credential. NUL bytes divide the
 * input: the first file, the second, then what the command line says (a timeout, a context, a server, a
 * token). No plugin is run. */
#include "kube/auth.h"
#include "kube/config_check.h"
#include "kube/exec_plugin.h"

#define FIELDS_MAX 6

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A folder that is not there: relative paths in the input name nothing. */
static const char *const file_name[] = { "/nonexistent/kubevouch/a/config", "/nonexistent/kubevouch/b/config" };

static void check_failure(const struct err *err)
{
    INVARIANT(err->code != ERR_NONE && err->code != ERR_INTERNAL && err->text[0]);
    INVARIANT(err->pos.line == 0 || err->pos.file);
}

static void check_names(const struct kubeconfig *k)
{
    for (size_t i = 0; i < k->cluster.count; i++)
        INVARIANT(kubeconfig_cluster(k, k->cluster.item[i].name) == &k->cluster.item[i]);
    for (size_t i = 0; i < k->user.count; i++)
        INVARIANT(kubeconfig_user(k, k->user.item[i].name) == &k->user.item[i]);
    for (size_t i = 0; i < k->context.count; i++)
        INVARIANT(kubeconfig_context(k, k->context.item[i].name) == &k->context.item[i]);
}

/* What the first file names stays as it is, and merging again adds nothing. */
static void check_merge(const struct kubeconfig *merged, struct arena *a, const struct kubeconfig *first, const struct kubeconfig *second)
{
    struct kubeconfig again = { 0 };
    kubeconfig_merge(&again, a, merged);
    kubeconfig_merge(&again, a, first);
    kubeconfig_merge(&again, a, second);
    INVARIANT(again.cluster.count == merged->cluster.count && again.user.count == merged->user.count &&
              again.context.count == merged->context.count);
    for (size_t i = 0; i < first->user.count; i++)
        INVARIANT(str_eq(merged->user.item[i].token, first->user.item[i].token));
    for (size_t i = 0; i < first->cluster.count; i++)
        INVARIANT(str_eq(merged->cluster.item[i].server, first->cluster.item[i].server));
    INVARIANT(str_eq(merged->current_context, first->current_context.n ? first->current_context : second->current_context));
}

/* Without https nothing is sent; what is sent fits one header line. */
static void check_credential(const struct kube_settings *s, struct arena *a)
{
    struct auth *auth;
    struct auth_material m;
    struct auth_options o = { .policy = EXEC_DENY };
    struct err err = { 0 };
    if (!auth_open(&auth, a, s, &o, &err)) {
        check_failure(&err);
        return;
    }
    INVARIANT(auth_current(auth, &m, &err));
    for (size_t i = 0; i < m.authorization.n; i++)
        INVARIANT((unsigned char)m.authorization.p[i] >= 0x20 && m.authorization.p[i] != 0x7f);
    /* "http:1" is a host called http */
    if (str_eq_nocase(str_sub(str_trim(s->cluster.server), 0, 7), STR("http://")))
        INVARIANT(!m.authorization.n && !m.cert_pem.n && !m.key_pem.n);
    if (!auth_renew(auth, &err))
        check_failure(&err);
    auth_close(auth);
}

static void check_settings(const struct kubeconfig *k, struct arena *a, const struct kube_overrides *o)
{
    struct kube_settings s;
    struct err err = { 0 };
    if (!kube_settings_resolve(&s, a, k, o, &err)) {
        check_failure(&err);
        return;
    }
    INVARIANT(err.code == ERR_NONE && s.cluster.server.n && s.ns.n && s.request_timeout_ms >= 0 && !s.in_cluster);
    INVARIANT(!o->token.n || (str_eq(s.user.token, o->token) && !s.user.token_file.n && !s.user.exec.is_set));
    INVARIANT(!o->server.n || str_eq(s.cluster.server, o->server));
    check_credential(&s, a);
}

static void check_faults(const struct kubeconfig *k, struct arena *a, struct str context)
{
    struct str *fault;
    size_t count;
    bool ok = kubeconfig_validate(k, a, &fault, &count);
    INVARIANT(ok == (count == 0));
    for (size_t i = 0; i < count; i++)
        INVARIANT(fault[i].n);
    if (kubeconfig_validate_context(k, a, context, &fault, &count)) {
        struct kube_settings s;
        struct kube_overrides o = { .context = context };
        struct err err = { 0 };
        /* what has no fault can be used */
        INVARIANT(count == 0 && kube_settings_resolve(&s, a, k, &o, &err));
    }
}

static void check_shown(struct arena *a, struct str text)
{
    struct str shown = exec_plugin_shown(a, text, 40);
    INVARIANT(shown.n <= 40 && str_is_utf8(shown));
    for (size_t i = 0; i < shown.n; i++)
        INVARIANT((unsigned char)shown.p[i] >= 0x20 && shown.p[i] != 0x7f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a = { 0 };
    struct str rest = str_of((const char *)data, size), field[FIELDS_MAX] = { 0 };
    struct kubeconfig file[2] = { 0 }, merged = { 0 };
    struct err err = { 0 };
    for (size_t i = 0; i < FIELDS_MAX && str_next_field(&rest, '\0', &field[i]); i++)
        continue;
    for (size_t i = 0; i < 2; i++) {
        if (!kubeconfig_parse(&file[i], &a, field[i], file_name[i], &err)) {
            check_failure(&err);
            INVARIANT(!file[i].cluster.item && !file[i].user.item && !file[i].context.item);
            err_clear(&err);
        }
        check_names(&file[i]);
        kubeconfig_merge(&merged, &a, &file[i]);
    }
    check_names(&merged);
    check_merge(&merged, &a, &file[0], &file[1]);
    const struct kube_overrides o = { .request_timeout = field[2], .context = field[3], .server = field[4], .token = field[5] };
    check_faults(&merged, &a, field[3]);
    check_settings(&merged, &a, &o);
    check_shown(&a, field[0]);
    arena_release(&a);
    return 0;
}
