/* The faults of a kubeconfig that client-go's validation finds, for a whole file or for what one
 * run uses. */
#include "kube/config_check.h"

#include "base/shown.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define FAULT(f, a, ...) (*VEC_PUSH((f), (a)) = str_printf((a), __VA_ARGS__))

const struct kube_cluster *kubeconfig_cluster(const struct kubeconfig *k, struct str name)
{
    for (size_t i = 0; i < k->cluster.count; i++)
        if (str_eq(k->cluster.item[i].name, name))
            return &k->cluster.item[i];
    return NULL;
}
const struct kube_user *kubeconfig_user(const struct kubeconfig *k, struct str name)
{
    for (size_t i = 0; i < k->user.count; i++)
        if (str_eq(k->user.item[i].name, name))
            return &k->user.item[i];
    return NULL;
}
const struct kube_context *kubeconfig_context(const struct kubeconfig *k, struct str name)
{
    for (size_t i = 0; i < k->context.count; i++)
        if (str_eq(k->context.item[i].name, name))
            return &k->context.item[i];
    return NULL;
}

static bool is_empty(const struct kubeconfig *k)
{
    return !k->cluster.count && !k->user.count && !k->context.count && !k->current_context.n;
}

static void check_file(config_faults *f, struct arena *a, const char *what, struct str path,
                       struct str name)
{
    int fd = open(str_to_c(a, path), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        FAULT(f, a, "unable to read %s %.*s for %.*s: %s", what, STR_ARG(path), STR_ARG(name),
              strerrordesc_np(errno));
    else
        (void)close(fd);
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* As Go's net/url cuts it off, in lower case; false where that refuses the URL. */
static bool scheme_of(struct str url, struct arena *a, struct str *scheme)
{
    size_t n = 0;
    *scheme = STR("");
    for (size_t i = 0; i < url.n; i++)
        if ((unsigned char)url.p[i] < 0x20 || url.p[i] == 0x7f)
            return false;
    while (n < url.n && (is_letter(url.p[n]) || (n > 0 && ((url.p[n] >= '0' && url.p[n] <= '9') ||
                                                           strchr("+-.", url.p[n])))))
        n++;
    size_t colon = str_find_char(url, ':', 0), slash = str_find_char(url, '/', 0);
    /* none: then a colon must come after a slash, or it is a mistyped scheme */
    if (n == 0 || n != colon)
        return colon == SIZE_MAX || (slash < colon && colon > 0);
    *scheme = str_lower_ascii(a, str_sub(url, 0, n));
    return true;
}

static void check_proxy(config_faults *f, struct arena *a, const struct kube_cluster *c)
{
    static const char *const known[] = { "http", "https", "socks5" };
    struct str scheme, shown = shown_url(a, c->proxy_url);
    if (!scheme_of(c->proxy_url, a, &scheme)) {
        FAULT(f, a, "invalid 'proxy-url' \"%.*s\" for cluster \"%.*s\": could not parse: %.*s",
              STR_ARG(shown), STR_ARG(c->name), STR_ARG(shown));
        return;
    }
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (str_eq_c(scheme, known[i]))
            return;
    FAULT(f, a,
          "invalid 'proxy-url' \"%.*s\" for cluster \"%.*s\": unsupported scheme \"%.*s\", must be "
          "http, https, or socks5",
          STR_ARG(shown), STR_ARG(c->name), STR_ARG(scheme));
}

/* None at all; one that a file names is never empty, whatever it lacks. */
static bool is_empty_cluster(const struct kube_cluster *c)
{
    return !c->origin_dir.n && !c->server.n && !c->ca_file.n && !c->ca_data.n && !c->proxy_url.n &&
           !c->tls_server_name.n && !c->insecure_skip_tls_verify && !c->disable_compression;
}

void config_check_cluster(config_faults *f, struct arena *a, const struct kube_cluster *c)
{
    if (is_empty_cluster(c)) {
        FAULT(f, a, "cluster has no server defined");
        return;
    }
    if (!c->server.n && c->name.n)
        FAULT(f, a, "no server found for cluster \"%.*s\"", STR_ARG(c->name));
    else if (!c->server.n)
        FAULT(f, a, "default cluster has no server defined");
    if (c->proxy_url.n)
        check_proxy(f, a, c);
    if (c->ca_file.n && c->ca_data.n)
        FAULT(f, a,
              "certificate-authority-data and certificate-authority are both specified for %.*s",
              STR_ARG(c->name));
    if (c->ca_file.n)
        check_file(f, a, "certificate-authority", c->ca_file, c->name);
}

static void check_certificate(config_faults *f, struct arena *a, const struct kube_user *u)
{
    if (!u->cert_file.n && !u->cert_data.n)
        return;
    if (u->cert_file.n && u->cert_data.n)
        FAULT(f, a, "client-cert-data and client-cert are both specified for %.*s",
              STR_ARG(u->name));
    if (!u->key_file.n && !u->key_data.n)
        FAULT(f, a,
              "client-key-data or client-key must be specified for %.*s to use the clientCert "
              "authentication method",
              STR_ARG(u->name));
    if (u->key_file.n && u->key_data.n)
        FAULT(f, a, "client-key-data and client-key are both specified for %.*s", STR_ARG(u->name));
    if (u->cert_file.n)
        check_file(f, a, "client-cert", u->cert_file, u->name);
    if (u->key_file.n)
        check_file(f, a, "client-key", u->key_file, u->name);
}

static void check_exec(config_faults *f, struct arena *a, const struct kube_user *u)
{
    static const char *const mode[] = { "Never", "IfAvailable", "Always" };
    const struct kube_exec *x = &u->exec;
    bool known = false;
    if (!x->is_set)
        return;
    if (u->auth_provider.n)
        FAULT(f, a, "authProvider cannot be provided in combination with an exec plugin for %.*s",
              STR_ARG(u->name));
    if (!x->command.n)
        FAULT(f, a, "command must be specified for %.*s to use exec authentication plugin",
              STR_ARG(u->name));
    if (!x->api_version.n)
        FAULT(f, a, "apiVersion must be specified for %.*s to use exec authentication plugin",
              STR_ARG(u->name));
    for (size_t i = 0; i < x->env_count; i++)
        if (x->env[i].p[0] == '=')
            FAULT(f, a,
                  "env variable name must be specified for %.*s to use exec authentication plugin",
                  STR_ARG(u->name));
    for (size_t i = 0; i < 3; i++)
        known |= str_eq_c(x->interactive_mode, mode[i]);
    if (!x->interactive_mode.n)
        FAULT(f, a, "interactiveMode must be specified for %.*s to use exec authentication plugin",
              STR_ARG(u->name));
    else if (!known)
        FAULT(f, a, "invalid interactiveMode for %.*s: \"%.*s\"", STR_ARG(u->name),
              STR_ARG(x->interactive_mode));
}

void config_check_user(config_faults *f, struct arena *a, const struct kube_user *u)
{
    bool token = u->token.n != 0, basic = u->username.n || u->password.n;
    check_certificate(f, a, u);
    check_exec(f, a, u);
    if (token && basic)
        FAULT(f, a,
              "more than one authentication method found for %.*s; found [token basicAuth], only "
              "one is allowed",
              STR_ARG(u->name));
    if (!u->as.n && (u->as_uid.n || u->as_group_count || u->as_user_extra.n))
        FAULT(f, a, "requesting uid, groups or user-extra for %.*s without impersonating a user",
              STR_ARG(u->name));
}

static bool is_dns_label(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool alnum = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (!alnum && (c != '-' || i == 0 || i + 1 == s.n))
            return false;
    }
    return s.n <= 63;
}

void config_check_context(config_faults *f, struct arena *a, const struct kubeconfig *k,
                          const struct kube_context *c)
{
    if (!c->name.n)
        FAULT(f, a, "empty context name for user \"%.*s\" and cluster \"%.*s\" is not allowed",
              STR_ARG(c->user), STR_ARG(c->cluster));
    if (!c->user.n)
        FAULT(f, a, "user was not specified for context \"%.*s\"", STR_ARG(c->name));
    else if (!kubeconfig_user(k, c->user))
        FAULT(f, a, "user \"%.*s\" was not found for context \"%.*s\"", STR_ARG(c->user),
              STR_ARG(c->name));
    if (!c->cluster.n)
        FAULT(f, a, "cluster was not specified for context \"%.*s\"", STR_ARG(c->name));
    else if (!kubeconfig_cluster(k, c->cluster))
        FAULT(f, a, "cluster \"%.*s\" was not found for context \"%.*s\"", STR_ARG(c->cluster),
              STR_ARG(c->name));
    if (!is_dns_label(c->ns))
        FAULT(f, a,
              "namespace \"%.*s\" for context \"%.*s\" does not conform to the kubernetes "
              "DNS_LABEL rules",
              STR_ARG(c->ns), STR_ARG(c->name));
}

bool kubeconfig_validate_context(const struct kubeconfig *k, struct arena *a, struct str name,
                                 struct str **faults, size_t *fault_count)
{
    config_faults f = { 0 };
    struct str chosen = name.n ? name : k->current_context;
    const struct kube_context *c = kubeconfig_context(k, chosen);
    if (is_empty(k))
        FAULT(&f, a, "invalid configuration: no configuration has been provided");
    else if (!chosen.n)
        FAULT(&f, a, "no context chosen");
    else if (!c)
        FAULT(&f, a, "context was not found for specified context: %.*s", STR_ARG(chosen));
    if (c) {
        const struct kube_user *user = kubeconfig_user(k, c->user), no_user = { .name = c->user };
        const struct kube_cluster *cluster = kubeconfig_cluster(k, c->cluster),
                                  no_cluster = { .name = c->cluster };
        config_check_context(&f, a, k, c);
        config_check_user(&f, a, user ? user : &no_user);
        config_check_cluster(&f, a, cluster ? cluster : &no_cluster);
    }
    *faults = f.item;
    *fault_count = f.count;
    return f.count == 0;
}

bool kubeconfig_validate(const struct kubeconfig *k, struct arena *a, struct str **faults,
                         size_t *fault_count)
{
    config_faults f = { 0 };
    if (is_empty(k))
        FAULT(&f, a, "invalid configuration: no configuration has been provided");
    if (k->current_context.n && !kubeconfig_context(k, k->current_context))
        FAULT(&f, a, "context was not found for specified context: %.*s",
              STR_ARG(k->current_context));
    for (size_t i = 0; i < k->context.count; i++)
        config_check_context(&f, a, k, &k->context.item[i]);
    for (size_t i = 0; i < k->user.count; i++)
        config_check_user(&f, a, &k->user.item[i]);
    for (size_t i = 0; i < k->cluster.count; i++)
        config_check_cluster(&f, a, &k->cluster.item[i]);
    *faults = f.item;
    *fault_count = f.count;
    return f.count == 0;
}
