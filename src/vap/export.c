/* A check over objects as a ValidatingAdmissionPolicy: what it found once is refused from then on.
 */
#include "vap/export.h"

#include "base/vec.h"
#include "value/yaml_write.h"

#define NAME_BYTES_MAX 253u
/* the policy's own variable: what the check's conditions and exceptions leave */
#define JUDGED "inPopulation"

struct named_text {
    struct str name, text;
};
struct writing {
    struct arena *arena;
    struct buf *out;
    const struct policy_export *from;
    bool *used;                        /* by index: shared variables, then the part's own */
    struct str *variable;              /* the same: rewritten, .n 0 while not used */
    VEC(struct named_text) validation; /* name: message, or messageExpression with messages below */
    VEC(struct named_text) message;    /* name "message" or "messageExpression" */
    struct str judged;                 /* empty: everything is */
    struct err err;
};

/* ---- expressions */

static const struct expression *variable_at(const struct writing *w, size_t i)
{
    return i < w->from->shared_count ? &w->from->shared[i]
                                     : &w->from->own[i - w->from->shared_count];
}

static bool rewritten(struct writing *w, struct str *out, struct str text)
{
    return policy_export_expression(out, w->arena, w->from, text, w->used, &w->err);
}

/* Variables name others before them: from the last to the first, all that are needed are found. */
static bool rewrite_variables(struct writing *w)
{
    for (size_t i = w->from->shared_count + w->from->own_count; i-- > 0;)
        if (w->used[i] && !rewritten(w, &w->variable[i], variable_at(w, i)->text))
            return err_prefix(&w->err, "variables.%.*s", STR_ARG(variable_at(w, i)->name));
    return true;
}

static bool rewrite_population(struct writing *w)
{
    VEC(struct str) term = { 0 };
    struct str text;
    for (size_t i = 0; i < w->from->match_count; i++) {
        if (!rewritten(w, &text, w->from->match[i].text))
            return false;
        *VEC_PUSH(&term, w->arena) = str_printf(w->arena, "(%.*s)", STR_ARG(text));
    }
    for (size_t i = 0; i < w->from->except_count; i++) {
        if (!rewritten(w, &text, w->from->except[i].text))
            return false;
        *VEC_PUSH(&term, w->arena) = str_printf(w->arena, "!(%.*s)", STR_ARG(text));
    }
    /* what is being deleted may still lose its finalizers */
    if (w->from->kind != KIND_PODS)
        *VEC_PUSH(&term, w->arena) = STR("!has(object.metadata.deletionTimestamp)");
    w->judged = str_join(w->arena, term.item, term.count, STR(" && "));
    return true;
}

static bool rewrite_validation(struct writing *w, const struct policy_validation *v)
{
    struct str text, message = { 0 };
    if (!rewritten(w, &text, v->expression.text))
        return false;
    if (w->judged.n)
        text = str_printf(w->arena, "!variables." JUDGED " || (%.*s)", STR_ARG(text));
    *VEC_PUSH(&w->validation, w->arena) = (struct named_text){ .text = text };
    if (v->message_expression.text.n && !rewritten(w, &message, v->message_expression.text))
        err_clear(&w->err); /* the title says enough */
    struct named_text *m = VEC_PUSH(&w->message, w->arena);
    if (message.n)
        *m = (struct named_text){ STR("messageExpression"), message };
    else
        *m = (struct named_text){ STR("message"), v->message.n ? v->message : w->from->title };
    return true;
}

static bool rewrite_part(struct writing *w)
{
    if (!w->from->decides)
        return err_set(&w->err, ERR_INPUT, "no expression decides it");
    if (w->from->kind == KIND_NONE)
        return err_set(&w->err, ERR_INPUT,
                       "it is over %.*s, which are no objects that somebody creates",
                       STR_ARG(w->from->over));
    if (!rewrite_population(w))
        return false;
    for (size_t i = 0; i < w->from->validation_count; i++)
        if (!rewrite_validation(w, &w->from->validation[i]))
            return false;
    if (!w->validation.count)
        return err_set(&w->err, ERR_INPUT, "a person decides it, not an expression");
    return rewrite_variables(w);
}

/* ---- YAML */

/* "cis-kubernetes-2.0.1-5.2.2-running-pods": what a Kubernetes name may be. */
static struct str policy_name(struct writing *w)
{
    struct buf b CLEANUP(buf_release) = BUF_INIT(4096);
    buf_addf(&b, "%.*s-%.*s", STR_ARG(w->from->benchmark), STR_ARG(w->from->check));
    if (w->from->part.n)
        buf_addf(&b, "-%.*s", STR_ARG(w->from->part));
    char *name = str_to_c(w->arena, buf_str(&b));
    bool between = true;
    size_t n = 0;
    for (size_t i = 0; name[i] && n < NAME_BYTES_MAX; i++) {
        char c = name[i] >= 'A' && name[i] <= 'Z' ? (char)(name[i] - 'A' + 'a') : name[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (!plain && between)
            continue;
        name[n++] = plain || c == '.' ? c : '-';
        between = !plain;
    }
    while (n && (name[n - 1] == '-' || name[n - 1] == '.'))
        n--;
    return str_of(name, n);
}

static struct value list_of(struct writing *w, const char *const *item, size_t count)
{
    struct value_builder b;
    value_builder_init(&b, w->arena);
    for (size_t i = 0; i < count; i++)
        value_builder_push(&b, value_cstr(item[i]));
    return value_builder_list(&b);
}

static void begin_object(struct writing *w, struct value_builder *b, const char *kind,
                         struct str name, struct str description)
{
    struct value_builder meta, labels, annotations;
    value_builder_init(&labels, w->arena);
    value_builder_set(&labels, "app.kubernetes.io/managed-by", value_cstr("kubevouch"));
    value_builder_init(&annotations, w->arena);
    value_builder_set(&annotations, "kubernetes.io/description", value_str(description));
    value_builder_init(&meta, w->arena);
    value_builder_set(&meta, "name", value_str(name));
    value_builder_set(&meta, "labels", value_builder_map(&labels));
    if (description.n)
        value_builder_set(&meta, "annotations", value_builder_map(&annotations));
    value_builder_init(b, w->arena);
    value_builder_set(b, "apiVersion", value_cstr("admissionregistration.k8s.io/v1"));
    value_builder_set(b, "kind", value_cstr(kind));
    value_builder_set(b, "metadata", value_builder_map(&meta));
}

static struct value rule_of(struct writing *w, const char *group, struct value operations,
                            const char *resource)
{
    struct value_builder b;
    value_builder_init(&b, w->arena);
    value_builder_set(&b, "apiGroups", list_of(w, &group, 1));
    value_builder_set(&b, "apiVersions", list_of(w, (const char *const[]){ "v1" }, 1));
    value_builder_set(&b, "operations", operations);
    value_builder_set(&b, "resources", list_of(w, &resource, 1));
    return value_builder_map(&b);
}

static struct value constraints_of(struct writing *w)
{
    static const char *const operation[] = { "CREATE", "UPDATE" };
    const struct kind_info *k = kind_info(w->from->kind);
    bool pods = w->from->kind == KIND_PODS;
    struct value_builder b, rules;
    value_builder_init(&rules, w->arena);
    value_builder_push(&rules,
                       rule_of(w, k->group, list_of(w, operation, pods ? 1 : 2), k->resource));
    if (pods) /* of a pod that is there only its ephemeral containers can be added to */
        value_builder_push(
            &rules, rule_of(w, "", list_of(w, operation + 1, 1), "pods/ephemeralcontainers"));
    value_builder_init(&b, w->arena);
    value_builder_set(&b, "resourceRules", value_builder_list(&rules));
    return value_builder_map(&b);
}

static void add_variable(struct writing *w, struct value_builder *list, struct str name,
                         struct str text)
{
    struct value_builder b;
    value_builder_init(&b, w->arena);
    value_builder_set(&b, "name", value_str(name));
    value_builder_set(&b, "expression", value_str(text));
    value_builder_push(list, value_builder_map(&b));
}

static struct value variables_of(struct writing *w)
{
    struct value_builder list;
    value_builder_init(&list, w->arena);
    for (size_t i = 0; i < w->from->shared_count + w->from->own_count; i++)
        if (w->used[i])
            add_variable(w, &list, variable_at(w, i)->name, w->variable[i]);
    if (w->judged.n)
        add_variable(w, &list, STR(JUDGED), w->judged);
    return value_builder_list(&list);
}

static struct value validations_of(struct writing *w)
{
    struct value_builder list, b;
    value_builder_init(&list, w->arena);
    for (size_t i = 0; i < w->validation.count; i++) {
        value_builder_init(&b, w->arena);
        value_builder_set(&b, "expression", value_str(w->validation.item[i].text));
        value_builder_put(&b, value_str(w->message.item[i].name),
                          value_str(w->message.item[i].text));
        value_builder_push(&list, value_builder_map(&b));
    }
    return value_builder_list(&list);
}

static bool put_object(struct writing *w, struct value_builder *object, struct value_builder *spec)
{
    value_builder_set(object, "spec", value_builder_map(spec));
    buf_add_c(w->out, "---\n");
    return yaml_write(w->out, value_builder_map(object), &w->err);
}

static struct value actions_of(struct writing *w)
{
    static const struct {
        enum policy_action action;
        const char *name;
    } row[] = { { POLICY_DENY, "Deny" }, { POLICY_WARN, "Warn" }, { POLICY_AUDIT, "Audit" } };
    struct value_builder b;
    value_builder_init(&b, w->arena);
    for (size_t i = 0; i < sizeof row / sizeof *row; i++)
        if (w->from->force->actions & row[i].action)
            value_builder_push(&b, value_cstr(row[i].name));
    return value_builder_list(&b);
}

/* The label is the API server's own: nobody gives a namespace the name of another by it. */
static struct value elsewhere(struct writing *w)
{
    struct value_builder names, expression, expressions, selector, b;
    value_builder_init(&names, w->arena);
    for (size_t i = 0; i < w->from->force->except_namespace_count; i++)
        value_builder_push(&names, value_str(w->from->force->except_namespace[i]));
    value_builder_init(&expression, w->arena);
    value_builder_set(&expression, "key", value_cstr("kubernetes.io/metadata.name"));
    value_builder_set(&expression, "operator", value_cstr("NotIn"));
    value_builder_set(&expression, "values", value_builder_list(&names));
    value_builder_init(&expressions, w->arena);
    value_builder_push(&expressions, value_builder_map(&expression));
    value_builder_init(&selector, w->arena);
    value_builder_set(&selector, "matchExpressions", value_builder_list(&expressions));
    value_builder_init(&b, w->arena);
    value_builder_set(&b, "namespaceSelector", value_builder_map(&selector));
    return value_builder_map(&b);
}

static bool put_binding(struct writing *w, struct str name)
{
    struct value_builder object, spec;
    begin_object(w, &object, "ValidatingAdmissionPolicyBinding", name, STR(""));
    value_builder_init(&spec, w->arena);
    value_builder_set(&spec, "policyName", value_str(name));
    value_builder_set(&spec, "validationActions", actions_of(w));
    if (w->from->force->except_namespace_count)
        value_builder_set(&spec, "matchResources", elsewhere(w));
    return put_object(w, &object, &spec);
}

static bool put_policy(struct writing *w)
{
    struct str name = policy_name(w);
    struct str told = str_printf(w->arena, "%.*s %.*s: %.*s", STR_ARG(w->from->benchmark),
                                 STR_ARG(w->from->check), STR_ARG(w->from->title));
    struct value_builder object, spec;
    struct value variables = variables_of(w);
    begin_object(w, &object, "ValidatingAdmissionPolicy", name, told);
    value_builder_init(&spec, w->arena);
    value_builder_set(&spec, "failurePolicy", value_cstr("Fail"));
    value_builder_set(&spec, "matchConstraints", constraints_of(w));
    if (variables.n)
        value_builder_set(&spec, "variables", variables);
    value_builder_set(&spec, "validations", validations_of(w));
    return put_object(w, &object, &spec) && put_binding(w, name);
}

/* A comment, in one line whatever the texts hold. */
static void put_why(struct writing *w)
{
    struct str text = str_printf(w->arena, "%.*s%s%.*s is not written: %s", STR_ARG(w->from->check),
                                 w->from->part.n ? ", " : "", STR_ARG(w->from->part), w->err.text);
    yaml_write_comment(w->out, text, 0);
}

bool policy_export_write(struct buf *out, const struct policy_export *e)
{
    struct arena scratch CLEANUP(arena_release) = { 0 };
    struct buf policy CLEANUP(buf_release) = BUF_INIT(POLICY_EXPORT_BYTES_MAX);
    struct writing w = { .arena = &scratch, .out = &policy, .from = e };
    w.used = arena_array(&scratch, bool, e->shared_count + e->own_count);
    w.variable = arena_array(&scratch, struct str, e->shared_count + e->own_count);
    bool can = rewrite_part(&w) && put_policy(&w);
    if (can) {
        buf_add(out, buf_str(&policy));
    } else if (e->force->tells_why) {
        w.out = out; /* of a policy that could not be written nothing stays */
        put_why(&w);
    }
    out->over |= policy.over;
    return can;
}
