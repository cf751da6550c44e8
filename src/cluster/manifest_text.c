/* What a document's text and a file's name say of what it is, before and beside its being read. */
#include "cluster/manifest_text.h"

#include "cluster/manifest_set.h"
#include "cluster/workload.h"

/* ---- JSON values one behind the other */

static size_t skip_blank(struct str s, size_t at)
{
    while (at < s.n && strchr(" \t\r\n", s.p[at]) && s.p[at])
        at++;
    return at;
}

bool manifest_json_next(struct str *rest, struct str *one)
{
    struct str s = *rest;
    size_t at = str_has_prefix(s, STR("\xEF\xBB\xBF")) ? 3 : 0, depth = 0;
    bool quoted = false;
    at = skip_blank(s, at);
    size_t start = at;
    size_t inside = at < s.n && s.p[at] == '{' ? skip_blank(s, at + 1) : s.n;
    if (inside >= s.n || (s.p[inside] != '"' && s.p[inside] != '}'))
        return false; /* YAML, or a template's {{ */
    for (; at < s.n; at++) {
        char c = s.p[at];
        if (quoted) {
            at += c == '\\';
            quoted = c != '"';
        } else if (c == '"') {
            quoted = true;
        } else if (c == '{' || c == '[') {
            depth++;
        } else if ((c == '}' || c == ']') && --depth == 0) {
            *one = str_sub(s, start, at + 1);
            *rest = str_sub(s, at + 1, s.n);
            return true;
        }
    }
    return false;
}

/* ---- texts that cannot be read */

#define OTHERS_BYTES_MAX 1000u

bool manifest_is_template(struct str text)
{
    size_t open = str_find(text, STR("{{"), 0);
    return open != SIZE_MAX && str_find(text, STR("}}"), open) != SIZE_MAX;
}

static bool is_of_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

struct kind_set manifest_kinds_called(struct str kind)
{
    struct kind_set set = { 0 };
    if (str_has_suffix(kind, STR("List")))
        return manifest_any_kind();
    for (size_t k = 0; k < KIND_COUNT; k++)
        if (str_eq_c(kind, kind_info((enum kind)k)->name))
            kind_set_add(&set, (enum kind)k);
    return set;
}

/* A key may be written with escapes that spell "kind". */
static bool hides_letters(struct str text)
{
    for (size_t at = str_find_char(text, '\\', 0); at != SIZE_MAX;
         at = str_find_char(text, '\\', at + 1))
        if (at + 1 == text.n || strchr("uUx\n\r", text.p[at + 1]))
            return true;
    return false;
}

/* Behind the word "kind" at at: the kinds of its value, which is *name where it stands there
 * plainly; *is_key: it is one. */
static struct kind_set value_of_kind(struct str text, size_t at, struct str *name, bool *is_key)
{
    at += strlen("kind");
    at += at < text.n && (text.p[at] == '"' || text.p[at] == '\'');
    at = skip_blank(text, at);
    *is_key = at < text.n && text.p[at] == ':';
    at = skip_blank(text, at + 1);
    at += at < text.n && (text.p[at] == '"' || text.p[at] == '\'');
    size_t end = at;
    while (end < text.n && is_of_name(text.p[end]))
        end++;
    bool plain = end > at && (end == text.n || strchr("\"' \t\r\n,}#", text.p[end]));
    *name = plain ? str_sub(text, at, end) : (struct str){ 0 };
    return plain ? manifest_kinds_called(*name) : manifest_any_kind();
}

struct kind_set manifest_kinds_named(struct str text, struct arena *a, struct str *others)
{
    struct kind_set set = { 0 };
    *others = (struct str){ 0 };
    if (hides_letters(text))
        return manifest_any_kind();
    for (size_t at = str_find(text, STR("kind"), 0); at != SIZE_MAX;
         at = str_find(text, STR("kind"), at + 1)) {
        struct str name;
        bool is_key;
        struct kind_set one = value_of_kind(text, at, &name, &is_key);
        if (is_key)
            kind_set_merge(&set, one);
        if (is_key && !one.bits && others->n < OTHERS_BYTES_MAX)
            *others = str_printf(a, "%.*s %.*s", STR_ARG(*others), STR_ARG(name));
    }
    return set;
}

/* ---- files of other tools */

static struct str base_name(const char *path)
{
    struct str s = str_from_c(path);
    size_t slash = str_find_last_char(s, '/');
    return slash == SIZE_MAX ? s : str_sub(s, slash + 1, s.n);
}

bool manifest_is_helm_file(const char *path)
{
    struct str name = base_name(path);
    return str_eq_c(name, "Chart.yaml") || str_eq_c(name, "Chart.yml") ||
           str_eq_c(name, "requirements.yaml") ||
           ((str_has_prefix(name, STR("values.")) || str_has_prefix(name, STR("values-")) ||
             str_has_suffix(name, STR("-values.yaml"))) &&
            path);
}

bool manifest_is_kustomize_file(const char *path)
{
    struct str name = base_name(path);
    return str_eq_c(name, "kustomization.yaml") || str_eq_c(name, "kustomization.yml");
}

bool manifest_is_kustomize(struct str api_version)
{
    return str_has_prefix(api_version, STR("kustomize.config.k8s.io/"));
}

/* ---- patches */

/* Some image, or something that is not of a pod's shape and is for others to find fault with. */
static bool may_run(struct value spec)
{
    static const char *const list[] = { "containers", "initContainers" };
    for (size_t l = 0; l < COUNT_OF(list); l++) {
        const struct value *v = value_get(spec, str_from_c(list[l]));
        if (v && v->kind != VALUE_LIST && v->kind != VALUE_NULL)
            return true;
        for (uint32_t i = 0; v && v->kind == VALUE_LIST && i < v->n; i++)
            if (value_item(*v, i).kind != VALUE_MAP || value_get(value_item(*v, i), STR("image")))
                return true;
    }
    return false;
}

/* No API server takes a definition that names no kind; one with an empty spec patches nothing:
 * there a name alone is told. */
static bool is_part_of_definition(enum kind k, struct value object)
{
    const struct value *spec = value_get(object, STR("spec"));
    bool is_name = spec && spec->kind == VALUE_MAP && !spec->n;
    return k == KIND_CRDS && !is_name && !value_text_at(object, "spec", "group", NULL).n &&
           !value_text_at(object, "spec", "names", "kind", NULL).n;
}

bool manifest_is_patch(enum kind k, struct value object)
{
    if (is_part_of_definition(k, object))
        return true;
    if ((k != KIND_PODS && !kind_has_pod_template(k)) ||
        !value_text_at(object, "metadata", "name", NULL).n)
        return false;
    const struct value *template = k == KIND_PODS ? &object : workload_template(k, object);
    const struct value *spec = template ? value_get(*template, STR("spec")) : NULL;
    bool has_selector = value_at(object, "spec", "selector", NULL) != NULL;
    if (spec && spec->kind != VALUE_MAP && spec->kind != VALUE_NULL)
        return false;
    return !has_selector && (!spec || !may_run(*spec));
}

bool manifest_is_part(enum kind k, struct value object)
{
    bool needs_selector = (k == KIND_DEPLOYMENTS || k == KIND_DAEMONSETS ||
                           k == KIND_STATEFULSETS || k == KIND_REPLICASETS) &&
                          str_eq_c(value_text_at(object, "apiVersion", NULL), "apps/v1");
    const struct value *selector = value_at(object, "spec", "selector", NULL);
    return needs_selector && (!selector || selector->kind == VALUE_NULL);
}
