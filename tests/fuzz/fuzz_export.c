/* What people apply, made of benchmarks that anybody may write: export vap and rbac write exactly the objects meant. */
#include "base/shown.h"
#include "bench/export.h"
#include "bench/least_rights.h"
#include "value/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        __builtin_trap();
}

/* No reader may take a character of it for the end of a line but the newline itself. */
static void no_hidden_breaks(struct str text)
{
    for (size_t at = 0; at < text.n;) {
        uint32_t c = 0;
        size_t n = str_utf8_at(text, at, &c);
        must(n > 0 && (c == '\n' || shown_class(c) == SHOWN_PLAIN));
        at += n;
    }
}

static struct value *documents(struct arena *a, struct str text, size_t *count)
{
    struct node *doc;
    struct err err = { 0 };
    no_hidden_breaks(text);
    must(yaml_read(&doc, count, a, text, "written", &err));
    struct value *v = arena_array(a, struct value, *count);
    for (size_t i = 0; i < *count; i++)
        v[i] = node_value(a, &doc[i]);
    return v;
}

static void is_object(struct value v, const char *kind, const char *api, uint32_t fields)
{
    must(v.kind == VALUE_MAP && v.n == fields && str_eq_c(value_text_at(v, "kind", NULL), kind) &&
         str_eq_c(value_text_at(v, "apiVersion", NULL), api));
}

static void rights(struct arena *a, const struct benchmark *b, const bool *selected, enum kubelet_way way)
{
    struct buf out CLEANUP(buf_release) = BUF_INIT(LEAST_RIGHTS_BYTES_MAX);
    struct err err = { 0 };
    size_t count;
    must(least_rights_write(&out, b, selected, way, true, a, &err));
    struct value *v = documents(a, buf_str(&out), &count);
    must(count >= 1 && count <= 3);
    for (size_t i = 0; i < count; i++) {
        is_object(v[i], i ? "Role" : "ClusterRole", "rbac.authorization.k8s.io/v1", 4);
        must(str_eq_c(value_text_at(v[i], "metadata", "name", NULL), i ? "kubevouch-settings" : "kubevouch"));
        const struct value *rules = value_get(v[i], STR("rules"));
        for (uint32_t k = 0; rules && rules->kind == VALUE_LIST && k < rules->n; k++) {
            const struct value *verbs = value_get(value_item(*rules, k), STR("verbs"));
            must(verbs && verbs->n == 1);
            struct str verb = value_text(value_item(*verbs, 0));
            must(str_eq_c(verb, "list") || str_eq_c(verb, "get"));
        }
    }
}

static void policies(struct arena *a, const struct benchmark *b, struct value params)
{
    struct buf out CLEANUP(buf_release) = BUF_INIT(POLICY_EXPORT_BYTES_MAX);
    const struct policy_force force = { .actions = POLICY_DENY, .tells_why = true };
    struct export_count written = { 0 };
    size_t count;
    for (size_t i = 0; i < b->check_count; i++)
        check_export_write(&out, b, &b->check[i], params, &force, &written);
    if (out.over)
        return;
    struct value *v = documents(a, buf_str(&out), &count);
    must(count == 2 * written.written);
    for (size_t i = 0; i < count; i += 2) {
        is_object(v[i], "ValidatingAdmissionPolicy", "admissionregistration.k8s.io/v1", 4);
        is_object(v[i + 1], "ValidatingAdmissionPolicyBinding", "admissionregistration.k8s.io/v1", 4);
        must(str_eq(value_text_at(v[i], "metadata", "name", NULL), value_text_at(v[i + 1], "spec", "policyName", NULL)));
        struct str told = value_text_at(v[i], "metadata", "annotations", "kubernetes.io/description", NULL);
        bool known = false;
        for (size_t k = 0; k < b->check_count && !known; k++)
            known = str_eq(told, str_printf(a, "%.*s %.*s: %.*s", STR_ARG(b->id), STR_ARG(b->check[k].id), STR_ARG(b->check[k].title)));
        must(known);
        const struct value *validations = value_at(v[i], "spec", "validations", NULL);
        must(validations && validations->kind == VALUE_LIST && validations->n > 0);
        for (uint32_t k = 0; k < validations->n; k++)
            must(value_item(*validations, k).n == 2 && value_text_at(value_item(*validations, k), "expression", NULL).n > 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a = { 0 };
    struct faults faults = { 0 };
    struct benchmark b = { 0 };
    struct err err = { 0 };
    struct value params;
    struct selection all = { 0 };
    if (benchmark_parse(&b, &a, str_of((const char *)data, size), "fuzz.yaml", &faults)) {
        bool *selected = arena_array(&a, bool, b.check_count);
        must(benchmark_select(&b, &all, selected, &err) && benchmark_params(&b, NULL, 0, &a, &params, &err));
        rights(&a, &b, selected, (enum kubelet_way)(size % KUBELET_WAY_COUNT));
        policies(&a, &b, params);
    }
    arena_release(&a);
    return 0;
}
