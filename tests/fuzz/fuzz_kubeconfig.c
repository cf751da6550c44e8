/* Any bytes as a kubeconfig: refused with a place inside the text, or read into one that can be validated,
 * merged and resolved, whatever it says. */
#include "kube/config.h"
#include "kube/exec_plugin.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define SHOWN_BYTES_MAX 80

static void check_refusal(const struct err *err, size_t size)
{
    INVARIANT(err->code == ERR_INPUT || err->code == ERR_LIMIT);
    INVARIANT(err->text[0] != '\0' && err->pos.line <= size + 1);
}

/* The first file wins: merging a file with itself, or into itself again, changes nothing. */
static void check_merge(const struct kubeconfig *k, struct arena *a)
{
    struct kubeconfig merged = { 0 };
    for (int i = 0; i < 2; i++) {
        kubeconfig_merge(&merged, a, k);
        INVARIANT(merged.cluster.count == k->cluster.count && merged.user.count == k->user.count);
        INVARIANT(merged.context.count == k->context.count && str_eq(merged.current_context, k->current_context));
    }
}

static void check_user(const struct kube_user *u, struct arena *a)
{
    INVARIANT(u->exec.is_set || (!u->exec.arg_count && !u->exec.env_count));
    for (size_t i = 0; i < u->exec.env_count; i++)
        INVARIANT(str_find_char(u->exec.env[i], '=', 0) != SIZE_MAX);
    struct str shown = exec_plugin_shown(a, u->exec.install_hint, SHOWN_BYTES_MAX);
    INVARIANT(shown.n <= SHOWN_BYTES_MAX && str_is_utf8(shown));
    for (size_t i = 0; i < shown.n; i++)
        INVARIANT((unsigned char)shown.p[i] >= 0x20 && shown.p[i] != 0x7f);
}

/* What resolves has a server, and no fault that validation of its context would name. */
static void check_settings(const struct kubeconfig *k, struct arena *a, struct str context)
{
    struct kube_overrides o = { .context = context };
    struct kube_settings s;
    struct err err = { 0 };
    if (!kube_settings_resolve(&s, a, k, &o, &err)) {
        INVARIANT(err.code != ERR_NONE && err.text[0] != '\0');
        return;
    }
    INVARIANT(s.cluster.server.n > 0 && s.ns.n > 0);
    INVARIANT(!(s.user.token.n && s.user.username.n) && !(s.user.exec.is_set && s.user.auth_provider.n));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a CLEANUP(arena_release) = { 0 };
    struct kubeconfig k;
    struct err err = { 0 };
    struct str *fault;
    size_t count;
    if (!kubeconfig_parse(&k, &a, str_of((const char *)data, size), "dir/config", &err)) {
        check_refusal(&err, size);
        return 0;
    }
    INVARIANT(k.cluster.count <= KUBECONFIG_ENTRIES_MAX && k.user.count <= KUBECONFIG_ENTRIES_MAX && k.context.count <= KUBECONFIG_ENTRIES_MAX);
    INVARIANT(kubeconfig_validate(&k, &a, &fault, &count) == (count == 0));
    INVARIANT(kubeconfig_validate_context(&k, &a, STR(""), &fault, &count) == (count == 0));
    check_merge(&k, &a);
    for (size_t i = 0; i < k.user.count; i++)
        check_user(&k.user.item[i], &a);
    check_settings(&k, &a, STR(""));
    for (size_t i = 0; i < k.context.count && i < 8; i++)
        check_settings(&k, &a, k.context.item[i].name);
    return 0;
}
