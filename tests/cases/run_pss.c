/* Kubernetes' own fixtures for the Pod Security Standards and its verdicts over them and over real clusters, put to ours. */
#include "cases/cases.h"

#include "analyze/podsecurity/pod_security.h"
#include "cluster/workload.h"
#include "value/yaml.h"

static struct value at(struct value v, const char *key)
{
    const struct value *found = value_get(v, str_from_c(key));
    return found ? *found : value_null();
}

/* The one pod of the row's file. */
static bool pod_of(struct value *out, struct cases *c, struct value row, struct arena *a)
{
    struct value files = at(row, "input_files");
    struct node *doc;
    size_t count;
    struct err err = { 0 };
    if (files.kind != VALUE_LIST || files.n != 1)
        return false;
    struct str text = cases_file(c, a, "pss", value_text(value_item(files, 0)));
    if (!yaml_read(&doc, &count, a, text, "pod", &err) || count != 1) {
        fprintf(stderr, "%.*s: %s\n", STR_ARG(value_text(value_item(files, 0))), err.text);
        return false;
    }
    *out = node_value(a, &doc[0]);
    return true;
}

static bool params_of(struct value row, enum pod_security_level *level, int *version)
{
    return pod_security_level_of(level, value_text_at(row, "params", "level", NULL)) &&
           pod_security_version_of(version, value_text_at(row, "params", "version", NULL));
}

/* The fixture's name says in lower case which control it is about. */
static bool is_told(const struct pod_security_result *r, struct str control)
{
    for (size_t i = 0; i < r->violation.count; i++)
        if (str_eq_nocase(str_from_c(r->violation.item[i].control), control))
            return true;
    return false;
}

/* A control that level restricted replaces by a stricter one is told by that one. */
static bool is_told_by_stricter(const struct pod_security_result *r, struct str control)
{
    static const char *const stricter[][2] = {
        { "hostpathvolumes", "restrictedVolumes" },
        { "capabilities_baseline", "capabilities_restricted" },
        { "seccompprofile_baseline", "seccompProfile_restricted" },
        { "procmount", "procMount_restricted" },
    };
    for (size_t i = 0; i < sizeof stricter / sizeof *stricter; i++)
        if (str_eq_c(control, stricter[i][0]) && is_told(r, str_from_c(stricter[i][1])))
            return true;
    return false;
}

static bool fixture(struct cases *c, struct value row, struct arena *a)
{
    enum pod_security_level level;
    int version;
    struct value pod;
    if (!pod_of(&pod, c, row, a) || !params_of(row, &level, &version))
        return false;
    struct pod_security_result r = pod_security_evaluate(a, pod, level, version);
    struct str control = value_text_at(row, "expect", "control", NULL);
    if (str_eq_c(value_text_at(row, "expect", "result", NULL), "pass"))
        return pod_security_is_met(&r);
    return !r.fault.n && (is_told(&r, control) || (level == POD_SECURITY_RESTRICTED && is_told_by_stricter(&r, control)));
}

/* allowed, and each violation's reason and detail, in their order. */
static bool same(const struct pod_security_result *r, struct value expect, struct str id)
{
    struct value wanted = at(expect, "violations"), allowed = at(expect, "allowed");
    if (allowed.kind != VALUE_BOOL || allowed.as.b != pod_security_is_met(r) || wanted.n != r->violation.count) {
        fprintf(stderr, "%.*s: %zu violations where %u were expected%s%.*s\n", STR_ARG(id), r->violation.count, wanted.n,
                r->fault.n ? ": " : "", STR_ARG(r->fault));
        return false;
    }
    for (uint32_t i = 0; i < wanted.n; i++) {
        const struct pod_security_violation *v = &r->violation.item[i];
        struct value w = value_item(wanted, i);
        if (str_eq(v->reason, value_text_at(w, "reason", NULL)) && str_eq(v->detail, value_text_at(w, "detail", NULL)))
            continue;
        fprintf(stderr, "%.*s: %.*s (%.*s)\n", STR_ARG(id), STR_ARG(v->reason), STR_ARG(v->detail));
        return false;
    }
    return true;
}

static bool line(struct cases *c, struct value row, struct arena *a)
{
    enum pod_security_level level;
    struct value pod, spans = value_null();
    const struct value *found = value_at(row, "expect", "spans", NULL);
    spans = found ? *found : spans;
    if (!pod_of(&pod, c, row, a) || !pod_security_level_of(&level, value_text_at(row, "params", "level", NULL)) || spans.kind != VALUE_LIST)
        return false;
    for (uint32_t i = 0; i < spans.n; i++) {
        int from, to;
        struct value span = value_item(spans, i);
        if (!pod_security_version_of(&from, value_text_at(span, "from", NULL)) ||
            !pod_security_version_of(&to, value_text_at(span, "to", NULL)))
            return false;
        for (int version = from; version <= to; version++) {
            struct pod_security_result r = pod_security_evaluate(a, pod, level, version);
            if (!same(&r, span, value_text_at(row, "id", NULL)))
                return false;
        }
    }
    return true;
}

static bool unit(struct cases *c, struct value row, struct arena *a)
{
    enum pod_security_level level;
    int version;
    struct value pod, expect = at(row, "expect");
    struct pod_security_result r;
    if (!pod_of(&pod, c, row, a) || !params_of(row, &level, &version) ||
        !pod_security_evaluate_control(&r, a, pod, value_text_at(row, "params", "check", NULL), version) || r.fault.n)
        return false;
    bool allowed = r.violation.count == 0;
    if (at(expect, "allowed").kind != VALUE_BOOL || at(expect, "allowed").as.b != allowed)
        return false;
    return allowed || (str_eq(r.violation.item[0].reason, value_text_at(expect, "reason", NULL)) &&
                       str_eq(r.violation.item[0].detail, value_text_at(expect, "detail", NULL)));
}

static bool same_setting(struct value expect, const char *mode, struct pod_security_setting s, struct arena *a)
{
    return str_eq_c(value_text_at(expect, mode, "level", NULL), pod_security_level_name(s.level)) &&
           str_eq(value_text_at(expect, mode, "version", NULL), pod_security_version_text(a, s.version));
}

static bool labels(struct cases *c, struct value row, struct arena *a)
{
    const struct value *given = value_at(row, "input", "labels", NULL);
    struct pod_security_policy otherwise = pod_security_policy_default();
    struct pod_security_policy p = pod_security_policy_of(given ? *given : value_null(), &otherwise);
    struct value expect = at(row, "expect");
    (void)c;
    return same_setting(expect, "enforce", p.enforce, a) && same_setting(expect, "audit", p.audit, a) &&
           same_setting(expect, "warn", p.warn, a);
}

static bool is_asked(struct value object, struct value input)
{
    struct str ns = value_text_at(object, "metadata", "namespace", NULL);
    return str_eq(value_text_at(object, "kind", NULL), value_text_at(input, "kind", NULL)) &&
           str_eq(value_text_at(object, "metadata", "name", NULL), value_text_at(input, "name", NULL)) &&
           (!ns.n || str_eq(ns, value_text_at(input, "namespace", NULL)));
}

static bool workload(struct cases *c, struct value row, struct arena *a)
{
    enum pod_security_level level;
    int version;
    struct err err = { 0 };
    struct value doc, input = at(row, "input"), files = at(row, "input_files");
    if (!params_of(row, &level, &version) || files.kind != VALUE_LIST || files.n != 1 ||
        !json_doc_read(&doc, a, cases_file(c, a, "clusters", value_text(value_item(files, 0))), "cluster", &err))
        return false;
    struct value items = at(doc, "items");
    for (uint32_t i = 0; items.kind == VALUE_LIST && i < items.n; i++) {
        struct value object = value_item(items, i), pod = object;
        if (!is_asked(object, input))
            continue;
        enum kind kind = kind_by_api(value_text_at(object, "apiVersion", NULL), value_text_at(object, "kind", NULL));
        if (kind_has_pod_template(kind) && !workload_as_pod(&pod, a, kind, object))
            return false;
        struct pod_security_result r = pod_security_evaluate(a, pod, level, version);
        return same(&r, at(row, "expect"), value_text_at(row, "id", NULL));
    }
    return false;
}

int main(int argc, char **argv)
{
    struct cases c;
    if (!cases_open(&c, argc, argv))
        return 2;
    cases_run(&c, "pss/index", fixture);
    cases_run(&c, "pss/matrix", line);
    cases_run(&c, "pss/unit", unit);
    cases_run(&c, "pss/namespace_labels", labels);
    cases_run(&c, "clusters/pss_expect", workload);
    return cases_close(&c);
}
