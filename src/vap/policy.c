/* ValidatingAdmissionPolicies and their bindings. */
#include "vap/policy.h"

#include "base/file.h"
#include "cel/overload.h"
#include "cluster/manifest_set.h"
#include "cluster/selector.h"
#include "value/faults.h"
#include "value/json_doc.h"
#include "value/scalar.h"
#include "vap/document.h"
#include "vap/environment.h"
#include "vap/validate.h"

#define POLICY_FILE_BYTES_MAX   ((size_t)8 << 20)
#define POLICY_OBJECT_BYTES_MAX ((size_t)4 << 20)

/* ---- expressions */

/* kinds: what the expression must be able to give; what: the same for people. */
static bool compile(const struct reading *r, struct expression *out, struct str name,
                    struct str text, struct pos pos, const struct cel_env *env, unsigned kinds,
                    const char *what)
{
    struct err err = { 0 };
    *out = (struct expression){ .name = name, .text = text, .pos = pos };
    if (!cel_compile(&out->program, r->arena, text, (struct pos){ r->name, 1, 1 }, env, &err))
        return fault_at(r, scalar_fault_place(r->text, text, pos, err.pos), "%s", err.text);
    unsigned gives = cel_result(out->program)->kinds;
    if (!(gives & kinds))
        return fault_at(r, pos, "the expression never gives %s", what);
    /* the server compiles without the objects' types: what it cannot know to be one of the kinds
     * alone, it refuses */
    bool exact = !(gives & (gives - 1)) || kinds == K_ANY;
    return !env->admission || exact ||
           fault_at(
               r, pos,
               "an API server cannot tell that the expression gives %s: compare, or convert it",
               what);
}

static bool compile_conditions(struct policy *p, const struct reading *r,
                               const struct policy_doc *d, const struct cel_env *env)
{
    const struct policy_expression_doc *doc = d->condition.item;
    bool ok = true;
    p->condition = arena_array(r->arena, struct expression, d->condition.count);
    p->condition_count = d->condition.count;
    for (size_t i = 0; i < d->condition.count; i++)
        ok &= compile(r, &p->condition[i], doc[i].name, doc[i].text, doc[i].pos, env, K_BOOL,
                      "true or false, as a match condition must");
    return ok;
}

/* Each sees those before it. */
static bool compile_variables(struct policy *p, const struct reading *r, const struct policy_doc *d,
                              struct policy_environment *e)
{
    const struct policy_expression_doc *doc = d->variable.item;
    bool ok = true;
    p->variable = arena_array(r->arena, struct expression, d->variable.count);
    p->variable_count = d->variable.count;
    for (size_t i = 0; i < d->variable.count; i++) {
        for (size_t k = 0; k < i; k++)
            if (str_eq(doc[k].name, doc[i].name))
                ok = fault_at(r, doc[i].pos, "variable \"%.*s\" is defined twice",
                              STR_ARG(doc[i].name));
        ok &= compile(r, &p->variable[i], doc[i].name, doc[i].text, doc[i].pos, &e->env, K_ANY,
                      "anything");
        policy_environment_add(e, doc[i].name,
                               p->variable[i].program ? cel_result(p->variable[i].program) : NULL);
    }
    return ok;
}

static bool compile_validations(struct policy *p, const struct reading *r,
                                const struct policy_doc *d, const struct cel_env *env)
{
    const struct policy_expression_doc *doc = d->validation.item;
    bool ok = true;
    p->validation = arena_array(r->arena, struct policy_validation, d->validation.count);
    p->validation_count = d->validation.count;
    for (size_t i = 0; i < d->validation.count; i++) {
        struct policy_validation *v = &p->validation[i];
        v->message = doc[i].message;
        v->reason = doc[i].reason;
        ok &= compile(r, &v->expression, (struct str){ 0 }, doc[i].text, doc[i].pos, env, K_BOOL,
                      "true or false, as a validation must");
        if (doc[i].message_text.n)
            ok &= compile(r, &v->message_expression, (struct str){ 0 }, doc[i].message_text,
                          doc[i].message_pos, env, K_STRING, "a text, as a messageExpression must");
    }
    return ok;
}

static bool compile_annotations(struct policy *p, const struct reading *r,
                                const struct policy_doc *d, const struct cel_env *env)
{
    const struct policy_expression_doc *doc = d->annotation.item;
    bool ok = true;
    p->annotation = arena_array(r->arena, struct expression, d->annotation.count);
    p->annotation_count = d->annotation.count;
    for (size_t i = 0; i < d->annotation.count; i++)
        ok &= compile(r, &p->annotation[i], doc[i].name, doc[i].text, doc[i].pos, env,
                      K_STRING | K_NULL, "a text or null, as an audit annotation must");
    return ok;
}

/* ---- documents */

static bool is_selector(struct value v)
{
    const struct value *labels = value_get(v, STR("matchLabels")),
                       *expressions = value_get(v, STR("matchExpressions"));
    if (v.kind == VALUE_NULL)
        return true;
    return v.kind == VALUE_MAP && v.n == (uint32_t)((labels != NULL) + (expressions != NULL)) &&
           (!labels || labels->kind == VALUE_MAP || labels->kind == VALUE_NULL) &&
           (!expressions || expressions->kind == VALUE_LIST || expressions->kind == VALUE_NULL);
}

static bool take_constraints(struct policy_constraints *out, const struct reading *r,
                             const struct policy_match_doc *d)
{
    *out = (struct policy_constraints){
        .rule = d->rule.item,
        .rule_count = d->rule.count,
        .exclude = d->exclude.item,
        .exclude_count = d->exclude.count,
        .namespace_selector = d->namespace_selector,
        .object_selector = d->object_selector,
        .exact = d->match_policy == 1,
    };
    if (!is_selector(d->namespace_selector))
        return fault_at(
            r, d->namespace_selector_pos,
            "namespaceSelector must be a label selector {matchLabels, matchExpressions}");
    return is_selector(d->object_selector) ||
           fault_at(r, d->object_selector_pos,
                    "objectSelector must be a label selector {matchLabels, matchExpressions}");
}

static bool take_policy(struct policies *set, const struct reading *r, const struct node *n,
                        struct policy **out)
{
    struct policy_doc d = { 0 };
    struct policy *p = arena_new(r->arena, struct policy);
    struct policy_environment e;
    p->source = str_from_c(r->name);
    p->text = r->text;
    *out = p;
    *VEC_PUSH(&set->policy, r->arena) = p;
    bool ok = decode_node_all(&d, &policy_table, n, r->arena, fault_decoded, (void *)(uintptr_t)r);
    p->name = d.name;
    p->pos = d.name_pos;
    p->ignores_errors = d.failure_policy == 1;
    p->param_api_version = d.param_api_version;
    p->param_kind = d.param_kind;
    if (!ok)
        return false;
    ok = take_constraints(&p->constraints, r, &d.match);
    if (!p->constraints.rule_count)
        ok = fault_at(r, d.name_pos, "policy \"%.*s\": matchConstraints needs resourceRules",
                      STR_ARG(d.name));
    if (!d.validation.count && !d.annotation.count)
        ok = fault_at(r, d.name_pos, "policy \"%.*s\" has neither validations nor auditAnnotations",
                      STR_ARG(d.name));
    if (set->as_created)
        ok &= policy_validate(r, &d);
    policy_environment_open(&e, r->arena, d.param_kind.n > 0, d.variable.count, set->as_created);
    ok &= compile_conditions(p, r, &d, &e.env);
    ok &= compile_variables(p, r, &d, &e);
    ok &= compile_validations(p, r, &d, &e.env);
    return compile_annotations(p, r, &d, &e.env) && ok;
}

static bool take_actions(struct policy_binding *b, const struct reading *r,
                         const struct policy_binding_doc *d)
{
    static const char *const name[] = { "Deny", "Warn", "Audit" };
    for (size_t i = 0; i < d->actions.count; i++) {
        unsigned bit = 0;
        for (size_t k = 0; k < sizeof name / sizeof *name; k++)
            if (str_eq_c(d->actions.item[i], name[k]))
                bit = 1u << k;
        if (!bit)
            return fault_at(r, d->actions_pos,
                            "validationActions are Deny, Warn and Audit, not \"%.*s\"",
                            STR_ARG(d->actions.item[i]));
        b->actions |= bit;
    }
    return b->actions || fault_at(r, d->actions_pos, "validationActions needs Deny, Warn or Audit");
}

static bool take_params(struct policy_binding *b, const struct reading *r,
                        const struct policy_binding_doc *d)
{
    b->param_name = d->param_name;
    b->param_namespace = d->param_namespace;
    b->param_selector = d->param_selector;
    b->deny_without_params = d->not_found == POLICY_NOT_FOUND_DENY;
    b->has_params = d->param_pos.line != 0;
    if (!b->has_params)
        return true;
    if (b->param_name.n && b->param_selector.kind != VALUE_NULL)
        return fault_at(r, d->param_pos, "paramRef has both name and selector");
    if (!b->param_name.n && b->param_selector.kind == VALUE_NULL)
        return fault_at(r, d->param_pos, "paramRef needs name or selector");
    if (!is_selector(b->param_selector))
        return fault_at(
            r, d->param_pos,
            "paramRef: selector must be a label selector {matchLabels, matchExpressions}");
    return d->not_found >= 0 ||
           fault_at(r, d->param_pos, "paramRef needs parameterNotFoundAction: Allow or Deny");
}

static bool take_binding(struct policies *set, const struct reading *r, const struct node *n)
{
    struct policy_binding_doc d = { .not_found = -1 };
    struct policy_binding *b = arena_new(r->arena, struct policy_binding);
    if (!decode_node_all(&d, &policy_binding_table, n, r->arena, fault_decoded,
                         (void *)(uintptr_t)r))
        return false;
    *b = (struct policy_binding){ .name = d.name,
                                  .policy_name = d.policy_name,
                                  .source = str_from_c(r->name),
                                  .pos = d.policy_name_pos,
                                  .index = (uint32_t)set->binding.count };
    *VEC_PUSH(&set->binding, r->arena) = b;
    bool ok = take_constraints(&b->constraints, r, &d.match);
    ok &= take_actions(b, r, &d);
    if (set->as_created)
        ok &= policy_binding_validate(r, &d);
    return take_params(b, r, &d) && ok;
}

static bool is_group(struct str api_version)
{
    struct str group, version;
    return str_cut(api_version, '/', &group, &version) && str_eq_c(group, POLICY_API_GROUP);
}

static struct str text_under(const struct node *n, const char *key)
{
    const struct node *v = node_get(n, key);
    return v && v->kind == NODE_SCALAR ? v->text : (struct str){ 0 };
}

static bool take_document(struct policies *set, const struct reading *r, const struct node *n);

static bool take_list(struct policies *set, const struct reading *r, const struct node *items)
{
    bool ok = true;
    for (size_t i = 0; i < items->child_count; i++)
        ok &= take_document(set, r, &items->child[i]);
    return ok;
}

static bool take_document(struct policies *set, const struct reading *r, const struct node *n)
{
    struct str kind = text_under(n, "kind"), api = text_under(n, "apiVersion");
    const struct node *items = node_get(n, "items");
    struct policy *made;
    if (n->kind == NODE_SCALAR && n->scalar.kind == VALUE_NULL)
        return true;
    if (n->kind != NODE_MAP || !kind.n || !api.n)
        return fault_at(r, n->pos, "expected an object with apiVersion and kind");
    if (str_has_suffix(kind, STR("List")) && items && items->kind == NODE_LIST)
        return take_list(set, r, items);
    bool is_policy = str_eq_c(kind, "ValidatingAdmissionPolicy"),
         is_binding = str_eq_c(kind, "ValidatingAdmissionPolicyBinding");
    if (!is_group(api) || !(is_policy || is_binding)) {
        struct policy_other *other = VEC_PUSH(&set->other, r->arena);
        other->object = node_value(r->arena, n);
        other->note = str_printf(r->arena,
                                 "%s:%u: %.*s is neither a ValidatingAdmissionPolicy, nor a "
                                 "binding of one, nor parameters that one names, and was left out.",
                                 r->name, n->pos.line, STR_ARG(str_sub(kind, 0, 100)));
        return true;
    }
    if (!str_has_suffix(api, STR("/v1")) && !str_has_suffix(api, STR("/v1beta1")))
        return fault_at(r, node_get(n, "apiVersion")->pos, "%.*s is read in v1 and v1beta1",
                        STR_ARG(kind));
    return is_policy ? take_policy(set, r, n, &made) : take_binding(set, r, n);
}

bool policies_parse(struct policies *p, struct arena *a, struct str text, const char *name,
                    struct faults *faults)
{
    struct reading r = { a, text, name, faults };
    struct err err = { 0 };
    struct node *doc;
    size_t count;
    bool ok = true;
    fault_file(&r);
    *VEC_PUSH(&p->text, a) = text;
    if (!yaml_read(&doc, &count, a, text, name, &err))
        return fault_err(&r, &err);
    for (size_t i = 0; i < count; i++)
        ok &= take_document(p, &r, &doc[i]);
    return ok;
}

bool policies_read(struct policies *p, struct arena *a, const char *path, struct faults *faults)
{
    struct err err = { 0 };
    const char **file;
    size_t count, folders;
    bool ok = true;
    if (!manifest_files(&file, &count, &folders, a, path, &err))
        return fault_err(&(struct reading){ .arena = a, .name = path, .faults = faults }, &err);
    if (folders)
        *VEC_PUSH(&p->note, a) =
            str_printf(a, "%s: %zu folders in it were not entered.", path, folders);
    for (size_t i = 0; i < count; i++) {
        struct str text;
        ok &= faults_file_read(&text, a, file[i], POLICY_FILE_BYTES_MAX, faults) &&
              policies_parse(p, a, text, file[i], faults);
    }
    return ok;
}

/* ---- a cluster's own */

static struct str first_line(struct str text)
{
    struct str line, rest;
    return str_cut(text, '\n', &line, &rest) ? line : text;
}

void policies_add(struct policies *p, struct arena *a, struct value object)
{
    struct buf text CLEANUP(buf_release) = BUF_INIT(POLICY_OBJECT_BYTES_MAX);
    struct faults faults = { 0 };
    struct reading r = { .arena = a, .name = "the cluster", .faults = &faults };
    struct str name = value_text_at(object, "metadata", "name", NULL);
    bool is_policy = str_eq_c(value_text_at(object, "kind", NULL), "ValidatingAdmissionPolicy");
    size_t before = p->policy.count;
    json_doc_write(&text, object, JSON_DOC_INDENT);
    bool ok = buf_ok(&text, "the object", &(struct err){ 0 }) &&
              policies_parse(p, a, str_dup(a, buf_str(&text)), "the cluster", &faults);
    if (ok)
        return;
    struct str why =
        faults.item.count ? first_line(faults.item.item[0].text) : STR("it is too large");
    if (!is_policy) {
        *VEC_PUSH(&p->note, a) =
            str_printf(a, "Binding %.*s could not be read and was left out: %.*s.", STR_ARG(name),
                       STR_ARG(why));
        return;
    }
    if (p->policy.count == before)
        *VEC_PUSH(&p->policy, a) = arena_new(a, struct policy);
    struct policy *made = p->policy.item[before];
    made->name = name;
    made->source = str_from_c(r.name);
    made->fault = why;
}

/* ---- bindings and their policies */

bool policy_binding_selects(const struct policy_binding *b, struct value object)
{
    const struct value *labels = value_at(object, "metadata", "labels", NULL);
    if (b->param_name.n)
        return str_eq(value_text_at(object, "metadata", "name", NULL), b->param_name);
    return selector_matches(b->param_selector, labels ? *labels : value_null());
}

static bool is_given(const struct policy_binding *b, struct value object)
{
    return str_eq(value_text_at(object, "apiVersion", NULL), b->policy->param_api_version) &&
           str_eq(value_text_at(object, "kind", NULL), b->policy->param_kind) &&
           (!b->param_namespace.n ||
            str_eq(value_text_at(object, "metadata", "namespace", NULL), b->param_namespace)) &&
           policy_binding_selects(b, object);
}

static void link_params(struct policies *p, struct arena *a)
{
    bool *used = arena_array(a, bool, p->other.count);
    for (size_t i = 0; i < p->binding.count; i++) {
        struct policy_binding *b = p->binding.item[i];
        struct value_builder given;
        value_builder_init(&given, a);
        for (size_t k = 0;
             b->policy && b->policy->param_kind.n && b->has_params && k < p->other.count; k++)
            if (is_given(b, p->other.item[k].object)) {
                value_builder_push(&given, p->other.item[k].object);
                used[k] = true;
            }
        if (given.count)
            b->given = value_builder_list(&given);
    }
    for (size_t k = 0; k < p->other.count; k++)
        if (!used[k])
            *VEC_PUSH(&p->note, a) = p->other.item[k].note;
}

bool policies_link(struct policies *p, struct arena *a, struct faults *faults)
{
    bool ok = true;
    for (size_t i = 0; i < p->policy.count; i++) {
        const struct policy *one = p->policy.item[i];
        struct reading r = { .arena = a, .name = str_to_c(a, one->source), .faults = faults };
        for (size_t k = 0; k < i; k++)
            if (str_eq(p->policy.item[k]->name, one->name))
                ok = fault_at(&r, one->pos, "policy \"%.*s\" is there twice", STR_ARG(one->name));
    }
    for (size_t i = 0; i < p->binding.count; i++) {
        struct policy_binding *b = p->binding.item[i];
        for (size_t k = 0; k < p->policy.count; k++)
            if (str_eq(p->policy.item[k]->name, b->policy_name))
                b->policy = p->policy.item[k];
        if (!b->policy)
            *VEC_PUSH(&p->note, a) =
                str_printf(a, "Binding %.*s is of policy %.*s, which is not among those read.",
                           STR_ARG(b->name), STR_ARG(b->policy_name));
    }
    link_params(p, a);
    return ok;
}
