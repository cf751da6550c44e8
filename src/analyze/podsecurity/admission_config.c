/* AdmissionConfiguration and PodSecurityConfiguration, read as strictly as the API server reads
 * them. */
#include "analyze/podsecurity/admission_config.h"

#include "base/buf.h"
#include "base/enc.h"
#include "base/map.h"
#include "base/names.h"
#include "value/json_doc.h"

#define PLUGIN "PodSecurity"
#define GROUP  "pod-security.admission.config.k8s.io/"

static bool is_null(const struct node *n)
{
    return !n || (n->kind == NODE_SCALAR && n->scalar.kind == VALUE_NULL);
}

static bool has_only(const struct node *map, const char *const *known, size_t count,
                     const char *what, struct err *err)
{
    if (map->kind != NODE_MAP)
        return err_set_at(err, ERR_INPUT, map->pos, "%s must be a map", what);
    for (size_t i = 0; i + 1 < map->child_count; i += 2)
        if (map->child[i].kind != NODE_SCALAR || names_find(known, count, map->child[i].text) < 0)
            return err_set_at(err, ERR_INPUT, map->child[i].pos, "unknown key \"%.*s\" in %s",
                              STR_ARG(map->child[i].text), what);
    return true;
}

/* A text member; missing or null is empty. */
static bool read_text(const struct node *map, const char *key, struct arena *a, struct str *out,
                      struct err *err)
{
    const struct node *n = node_get(map, key);
    *out = STR("");
    if (is_null(n))
        return true;
    if (n->kind != NODE_SCALAR || n->scalar.kind != VALUE_STRING)
        return err_set_at(err, ERR_INPUT, n->pos, "%s must be text", key);
    *out = str_dup(a, value_text(n->scalar));
    return true;
}

/* ---- PodSecurityConfiguration */

static bool read_level(const struct node *map, const char *key, struct arena *a,
                       enum pod_security_level *out, struct err *err)
{
    struct str text;
    if (!read_text(map, key, a, &text, err))
        return false;
    if (text.n && !pod_security_level_of(out, text))
        return err_set_at(err, ERR_INPUT, node_get(map, key)->pos,
                          "%s must be privileged, baseline or restricted", key);
    return true;
}

static bool read_version(const struct node *map, const char *key, struct arena *a, int *out,
                         struct err *err)
{
    struct str text;
    if (!read_text(map, key, a, &text, err))
        return false;
    if (text.n && !pod_security_version_of(out, text))
        return err_set_at(err, ERR_INPUT, node_get(map, key)->pos, "%s must be latest or v1.N",
                          key);
    return true;
}

static bool read_defaults(struct pod_security_policy *p, const struct node *n, struct arena *a,
                          struct err *err)
{
    static const char *const key[] = { "audit",           "audit-version", "enforce",
                                       "enforce-version", "warn",          "warn-version" };
    if (is_null(n))
        return true;
    return has_only(n, key, COUNT_OF(key), "defaults", err) &&
           read_level(n, "enforce", a, &p->enforce.level, err) &&
           read_version(n, "enforce-version", a, &p->enforce.version, err) &&
           read_level(n, "audit", a, &p->audit.level, err) &&
           read_version(n, "audit-version", a, &p->audit.version, err) &&
           read_level(n, "warn", a, &p->warn.level, err) &&
           read_version(n, "warn-version", a, &p->warn.version, err);
}

/* A name that the API server takes as a namespace's (dots: false) or a RuntimeClass's. */
static bool is_name(struct str s, bool dots)
{
    if (!s.n || s.n > (dots ? 253u : 63u))
        return false;
    for (size_t i = 0; i < s.n; i++) {
        bool plain = (s.p[i] >= 'a' && s.p[i] <= 'z') || (s.p[i] >= '0' && s.p[i] <= '9');
        bool inside =
            i && i + 1 < s.n &&
            (s.p[i] == '-' || (dots && s.p[i] == '.' && s.p[i - 1] != '.' && s.p[i - 1] != '-'));
        if (!plain && !inside)
            return false;
    }
    return true;
}

enum name_kind { NAME_USER, NAME_NAMESPACE, NAME_RUNTIME_CLASS };

static bool read_names(struct names *out, const struct node *map, const char *key,
                       enum name_kind kind, struct arena *a, struct err *err)
{
    const struct node *list = node_get(map, key);
    struct map seen;
    map_init(&seen, a);
    if (is_null(list))
        return true;
    if (list->kind != NODE_LIST)
        return err_set_at(err, ERR_INPUT, list->pos, "%s must be a list", key);
    for (size_t i = 0; i < list->child_count; i++) {
        const struct node *n = &list->child[i];
        bool is_text = n->kind == NODE_SCALAR && n->scalar.kind == VALUE_STRING;
        struct str s = is_text ? str_dup(a, value_text(n->scalar)) : STR("");
        if (!is_text || !s.n || (kind != NAME_USER && !is_name(s, kind == NAME_RUNTIME_CLASS)))
            return err_set_at(err, ERR_INPUT, n->pos, "%s must hold names", key);
        if (map_has(&seen, s))
            return err_set_at(err, ERR_INPUT, n->pos, "%s names %.*s twice", key, STR_ARG(s));
        map_put(&seen, s, out);
        *VEC_PUSH(&out->item, a) = s;
    }
    return true;
}

static bool is_pod_security(struct str version, struct str kind)
{
    return str_eq_c(kind, "PodSecurityConfiguration") &&
           (str_eq_c(version, GROUP "v1") || str_eq_c(version, GROUP "v1beta1") ||
            str_eq_c(version, GROUP "v1alpha1"));
}

static bool read_pod_security(struct admission_config *out, const struct node *n, struct arena *a,
                              struct err *err)
{
    static const char *const key[] = { "apiVersion", "kind", "defaults", "exemptions" };
    static const char *const exemption_key[] = { "namespaces", "runtimeClasses", "usernames" };
    struct admission_config c = { .configures = true, .defaults = pod_security_policy_default() };
    struct str version, kind;
    if (!has_only(n, key, COUNT_OF(key), "the configuration of " PLUGIN, err) ||
        !read_text(n, "apiVersion", a, &version, err) || !read_text(n, "kind", a, &kind, err))
        return false;
    if (!is_pod_security(version, kind))
        return err_set_at(err, ERR_INPUT, n->pos,
                          "the configuration of " PLUGIN
                          " must be kind PodSecurityConfiguration of " GROUP "v1");
    const struct node *exempt = node_get(n, "exemptions");
    bool ok = read_defaults(&c.defaults, node_get(n, "defaults"), a, err);
    if (ok && !is_null(exempt))
        ok = has_only(exempt, exemption_key, COUNT_OF(exemption_key), "exemptions", err) &&
             read_names(&c.usernames, exempt, "usernames", NAME_USER, a, err) &&
             read_names(&c.namespaces, exempt, "namespaces", NAME_NAMESPACE, a, err) &&
             read_names(&c.runtime_classes, exempt, "runtimeClasses", NAME_RUNTIME_CLASS, a, err);
    if (ok)
        *out = c;
    return ok;
}

/* ---- AdmissionConfiguration */

static bool read_plugin(struct admission_config *out, const struct node *n, bool *found,
                        struct arena *a, struct err *err)
{
    static const char *const key[] = { "configuration", "name", "path" };
    struct str name, path;
    if (!has_only(n, key, COUNT_OF(key), "a plugin", err) || !read_text(n, "name", a, &name, err) ||
        !read_text(n, "path", a, &path, err))
        return false;
    if (!str_eq_c(name, PLUGIN))
        return true;
    if (*found)
        return err_set_at(err, ERR_INPUT, n->pos, "plugin " PLUGIN " is configured twice");
    *found = true;
    if (!is_null(node_get(n, "configuration")))
        return read_pod_security(out, node_get(n, "configuration"), a, err);
    out->path = path;
    out->configures = path.n > 0;
    return true;
}

static bool read_document(struct admission_config *out, const struct node *n, struct arena *a,
                          struct err *err)
{
    static const char *const key[] = { "apiVersion", "kind", "plugins" };
    struct str version, kind;
    bool found = false;
    if (n->kind != NODE_MAP)
        return err_set_at(err, ERR_INPUT, n->pos, "an AdmissionConfiguration must be a map");
    if (!read_text(n, "apiVersion", a, &version, err) || !read_text(n, "kind", a, &kind, err))
        return false;
    if (is_pod_security(version, kind))
        return read_pod_security(out, n, a, err);
    if (!str_eq_c(kind, "AdmissionConfiguration") ||
        !(str_eq_c(version, "apiserver.config.k8s.io/v1") ||
          str_eq_c(version, "apiserver.k8s.io/v1alpha1")))
        return err_set_at(
            err, ERR_INPUT, n->pos,
            "the document must be kind AdmissionConfiguration of apiserver.config.k8s.io/v1");
    const struct node *plugins = node_get(n, "plugins");
    if (!has_only(n, key, COUNT_OF(key), "the document", err))
        return false;
    if (!is_null(plugins) && plugins->kind != NODE_LIST)
        return err_set_at(err, ERR_INPUT, plugins->pos, "plugins must be a list");
    for (size_t i = 0; !is_null(plugins) && i < plugins->child_count; i++)
        if (!read_plugin(out, &plugins->child[i], &found, a, err))
            return false;
    return true;
}

static bool read_one(const struct node **doc, struct arena *a, struct str text, const char *file,
                     struct err *err)
{
    struct node *all;
    size_t count;
    if (text.n > ADMISSION_CONFIG_BYTES_MAX)
        return err_set(err, ERR_LIMIT, "%s: an AdmissionConfiguration of more than %zu bytes", file,
                       ADMISSION_CONFIG_BYTES_MAX);
    if (!yaml_read(&all, &count, a, text, file, err))
        return false;
    if (count != 1)
        return err_set(err, ERR_INPUT, "%s: %s", file,
                       count ? "holds more than one document" : "is empty");
    *doc = &all[0];
    return true;
}

bool admission_config_read(struct admission_config *out, struct arena *a, struct str text,
                           const char *file, struct err *err)
{
    struct admission_config c = { .defaults = pod_security_policy_default() };
    const struct node *doc;
    if (!read_one(&doc, a, text, file, err) || !read_document(&c, doc, a, err))
        return false;
    uint8_t digest[SHA256_BYTES];
    sha256_of(text, digest);
    sha256_hex(digest, c.sha256);
    *out = c;
    return true;
}

bool admission_config_add(struct admission_config *c, struct arena *a, struct str text,
                          const char *file, struct err *err)
{
    struct admission_config more;
    const struct node *doc;
    if (!read_one(&doc, a, text, file, err) || !read_pod_security(&more, doc, a, err))
        return false;
    memcpy(more.sha256, c->sha256, sizeof more.sha256);
    *c = more;
    return true;
}

bool admission_config_of_value(struct admission_config *out, struct arena *a, struct value v,
                               const char *where, struct err *err)
{
    struct buf text CLEANUP(buf_release) = BUF_INIT(ADMISSION_CONFIG_BYTES_MAX);
    json_doc_write(&text, v, 0);
    if (text.over)
        return err_set(err, ERR_LIMIT, "%s is too long", where);
    return admission_config_read(out, a, buf_str(&text), where, err);
}

/* ---- who is exempt */

bool names_have(const struct names *n, struct str name)
{
    for (size_t i = 0; i < n->item.count; i++)
        if (str_eq(n->item.item[i], name))
            return true;
    return false;
}

/* Pods of workloads are made by these, whoever made the workload. Source: kubernetes.io, Pod
 * Security Admission, Exemptions. */
struct str admission_config_exempt_controller(const struct admission_config *c)
{
    static const char *const maker[] = {
        "system:kube-controller-manager",
        "system:serviceaccount:kube-system:cronjob-controller",
        "system:serviceaccount:kube-system:daemon-set-controller",
        "system:serviceaccount:kube-system:job-controller",
        "system:serviceaccount:kube-system:replicaset-controller",
        "system:serviceaccount:kube-system:replication-controller",
        "system:serviceaccount:kube-system:statefulset-controller",
    };
    for (size_t i = 0; i < COUNT_OF(maker); i++)
        if (names_have(&c->usernames, str_from_c(maker[i])))
            return str_from_c(maker[i]);
    return (struct str){ 0 };
}
