/* What an API server refuses of a policy or a binding when it is created: see policy_validate.h. */
#include "vap/validate.h"

#include "cel/lib_named.h"

#define CONDITIONS_MAX       64u
#define ANNOTATIONS_MAX      20u
#define ANNOTATION_BYTES_MAX 5120u

static bool is_in(const struct decode_strs *list, const char *text)
{
    for (size_t i = 0; i < list->count; i++)
        if (str_eq_c(list->item[i], text))
            return true;
    return false;
}

static bool is_one_of(struct str s, const char *const *name, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (str_eq_c(s, name[i]))
            return true;
    return false;
}

static bool check_name(const struct reading *r, struct pos pos, const char *what, struct str name,
                       const char *format)
{
    return cel_named_format_fits(format, name, r->arena) ||
           fault_at(r, pos, "%s \"%.*s\" is not a valid name there (format.%s)", what,
                    STR_ARG(str_sub(name, 0, 100)), format);
}

/* ---- label selectors */

static bool check_expression(const struct reading *r, struct pos pos, struct value e)
{
    struct str key = value_text_at(e, "key", NULL), op = value_text_at(e, "operator", NULL);
    const struct value *values = value_get(e, STR("values"));
    uint32_t count = values && values->kind == VALUE_LIST ? values->n : 0;
    bool lists = str_eq_c(op, "In") || str_eq_c(op, "NotIn"),
         bare = str_eq_c(op, "Exists") || str_eq_c(op, "DoesNotExist");
    if (!lists && !bare)
        return fault_at(r, pos,
                        "a selector's operator is In, NotIn, Exists or DoesNotExist, not \"%.*s\"",
                        STR_ARG(str_sub(op, 0, 100)));
    bool ok = check_name(r, pos, "a selector's key", key, "qualifiedName");
    if (lists && !count)
        ok = fault_at(r, pos, "operator %.*s of a selector needs values", STR_ARG(op));
    if (bare && count)
        ok = fault_at(r, pos, "operator %.*s of a selector takes no values", STR_ARG(op));
    for (uint32_t i = 0; i < count; i++)
        ok &= check_name(r, pos, "a selector's value", value_text(value_item(*values, i)),
                         "labelValue");
    return ok;
}

static bool check_selector(const struct reading *r, struct pos pos, struct value selector)
{
    const struct value *labels = value_get(selector, STR("matchLabels")),
                       *expressions = value_get(selector, STR("matchExpressions"));
    bool ok = true;
    for (uint32_t i = 0; labels && labels->kind == VALUE_MAP && i < labels->n; i++) {
        const struct value_entry *e = &labels->as.map->entry[i];
        ok &= check_name(r, pos, "a selector's label", value_text(e->key), "qualifiedName");
        if (e->val.kind != VALUE_STRING)
            ok = fault_at(r, pos, "a selector's value must be text: quote it");
        else
            ok &= check_name(r, pos, "a selector's value", value_text(e->val), "labelValue");
    }
    for (uint32_t i = 0; expressions && expressions->kind == VALUE_LIST && i < expressions->n; i++)
        ok &= check_expression(r, pos, value_item(*expressions, i));
    return ok;
}

/* ---- rules */

static bool check_wildcard(const struct reading *r, struct pos pos, const struct decode_strs *list,
                           const char *what)
{
    if (!list->count)
        return fault_at(r, pos, "a rule needs %s", what);
    return list->count == 1 || !is_in(list, "*") ||
           fault_at(r, pos, "\"*\" stands alone in %s", what);
}

/* Entry i is covered by a wildcard that stands before it: "pods" and a star before "pods/log", a
 * star and "log" too. */
static bool covered_before(const struct decode_strs *list, size_t i)
{
    struct str resource, sub, other, other_sub;
    if (!str_cut(list->item[i], '/', &resource, &sub))
        return false;
    for (size_t k = 0; k < i; k++) {
        if (!str_cut(list->item[k], '/', &other, &other_sub))
            continue;
        if ((str_eq_c(other_sub, "*") && str_eq(other, resource)) ||
            (str_eq_c(other, "*") && str_eq(other_sub, sub)))
            return true;
    }
    return false;
}

static bool check_resources(const struct reading *r, struct pos pos, const struct decode_strs *list)
{
    bool ok = true, plain = false;
    if (!list->count)
        return fault_at(r, pos, "a rule needs resources");
    for (size_t i = 0; i < list->count; i++) {
        struct str one = list->item[i];
        if (!one.n)
            ok = fault_at(r, pos, "a resource is empty text");
        /* as the server has it: only the last one without a slash counts */
        if (str_find_char(one, '/', 0) == SIZE_MAX)
            plain = !str_eq_c(one, "*");
        if (covered_before(list, i))
            ok = fault_at(r, pos, "resource \"%.*s\" is covered by a wildcard before it",
                          STR_ARG(one));
    }
    if (list->count > 1 && is_in(list, "*/*"))
        ok = fault_at(r, pos, "\"*/*\" stands alone in resources");
    if (is_in(list, "*") && plain)
        ok = fault_at(r, pos, "\"*\" stands beside subresources only");
    return ok;
}

static bool check_object_name(const struct reading *r, struct pos pos, const char *what,
                              struct str name)
{
    bool is_segment = !str_eq_c(name, ".") && !str_eq_c(name, "..") &&
                      str_find_char(name, '/', 0) == SIZE_MAX &&
                      str_find_char(name, '%', 0) == SIZE_MAX;
    return is_segment || fault_at(r, pos, "%s: \"%.*s\" cannot be the name of an object", what,
                                  STR_ARG(str_sub(name, 0, 100)));
}

static bool check_resource_names(const struct reading *r, struct pos pos,
                                 const struct decode_strs *list)
{
    for (size_t i = 0; i < list->count; i++) {
        struct str one = list->item[i];
        if (!check_object_name(r, pos, "resourceNames", one))
            return false;
        for (size_t k = 0; k < i; k++)
            if (str_eq(list->item[k], one))
                return fault_at(r, pos, "resourceNames: \"%.*s\" is there twice",
                                STR_ARG(str_sub(one, 0, 100)));
    }
    return true;
}

static bool check_rule(const struct reading *r, const struct policy_rule *rule)
{
    static const char *const operation[] = { "*", "CREATE", "UPDATE", "DELETE", "CONNECT" };
    static const char *const scope[] = { "*", "Cluster", "Namespaced" };
    struct pos pos = rule->pos;
    bool ok = check_wildcard(r, pos, &rule->operations, "operations");
    for (size_t i = 0; i < rule->operations.count; i++)
        if (!is_one_of(rule->operations.item[i], operation, sizeof operation / sizeof *operation))
            ok = fault_at(r, pos,
                          "operations are CREATE, UPDATE, DELETE, CONNECT and *, not \"%.*s\"",
                          STR_ARG(str_sub(rule->operations.item[i], 0, 100)));
    ok &= check_wildcard(r, pos, &rule->groups, "apiGroups");
    ok &= check_wildcard(r, pos, &rule->versions, "apiVersions");
    if (is_in(&rule->versions, ""))
        ok = fault_at(r, pos, "an API version is empty text");
    ok &= check_resources(r, pos, &rule->resources);
    ok &= check_resource_names(r, pos, &rule->names);
    if (rule->scope.p && !is_one_of(rule->scope, scope, sizeof scope / sizeof *scope))
        ok = fault_at(r, pos, "scope is Cluster, Namespaced or *, not \"%.*s\"",
                      STR_ARG(str_sub(rule->scope, 0, 100)));
    return ok;
}

static bool check_match(const struct reading *r, const struct policy_match_doc *m)
{
    const struct policy_rule *rule = m->rule.item, *exclude = m->exclude.item;
    bool ok = check_selector(r, m->namespace_selector_pos, m->namespace_selector);
    ok &= check_selector(r, m->object_selector_pos, m->object_selector);
    for (size_t i = 0; i < m->rule.count; i++)
        ok &= check_rule(r, &rule[i]);
    for (size_t i = 0; i < m->exclude.count; i++)
        ok &= check_rule(r, &exclude[i]);
    return ok;
}

/* ---- expressions */

static bool is_blank(struct str s)
{
    return !str_trim(s).n;
}

static bool has_line_break(struct str s)
{
    return str_find_char(s, '\n', 0) != SIZE_MAX || str_find_char(s, '\r', 0) != SIZE_MAX;
}

static bool is_cel_identifier(struct str s)
{
    static const char *const reserved[] = { "true",     "false",     "null",     "in",   "as",
                                            "break",    "const",     "continue", "else", "for",
                                            "function", "if",        "import",   "let",  "loop",
                                            "package",  "namespace", "return",   "var",  "void",
                                            "while" };
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool letter = c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!letter && (i == 0 || c < '0' || c > '9'))
            return false;
    }
    return s.n && !is_one_of(s, reserved, sizeof reserved / sizeof *reserved);
}

static bool check_unique(const struct reading *r, const struct policy_expression_doc *doc, size_t i,
                         const char *what)
{
    for (size_t k = 0; k < i; k++)
        if (str_eq(doc[k].name, doc[i].name))
            return fault_at(r, doc[i].pos, "%s \"%.*s\" is there twice", what,
                            STR_ARG(str_sub(doc[i].name, 0, 100)));
    return true;
}

static bool check_conditions(const struct reading *r, const struct policy_doc *d)
{
    const struct policy_expression_doc *doc = d->condition.item;
    bool ok = d->condition.count <= CONDITIONS_MAX ||
              fault_at(r, d->name_pos, "a policy has at most %u matchConditions", CONDITIONS_MAX);
    for (size_t i = 0; i < d->condition.count; i++) {
        ok &= check_name(r, doc[i].pos, "match condition", doc[i].name, "qualifiedName");
        ok &= check_unique(r, doc, i, "match condition");
        if (is_blank(doc[i].text))
            ok = fault_at(r, doc[i].pos, "a match condition needs an expression");
    }
    return ok;
}

static bool check_variables(const struct reading *r, const struct policy_doc *d)
{
    const struct policy_expression_doc *doc = d->variable.item;
    bool ok = true;
    for (size_t i = 0; i < d->variable.count; i++) {
        if (!is_cel_identifier(doc[i].name))
            ok = fault_at(r, doc[i].pos,
                          "variable \"%.*s\": a name in CEL has letters, digits and _, and is no "
                          "reserved word",
                          STR_ARG(str_sub(doc[i].name, 0, 100)));
        if (is_blank(doc[i].text))
            ok = fault_at(r, doc[i].pos, "a variable needs an expression");
    }
    return ok;
}

static bool check_validations(const struct reading *r, const struct policy_doc *d)
{
    static const char *const reason[] = { "Forbidden", "Invalid", "RequestEntityTooLarge" };
    const struct policy_expression_doc *doc = d->validation.item;
    bool ok = true;
    for (size_t i = 0; i < d->validation.count; i++) {
        const struct policy_expression_doc *v = &doc[i];
        if (is_blank(v->text))
            ok = fault_at(r, v->pos, "a validation needs an expression");
        if (v->message_text.n && is_blank(v->message_text))
            ok = fault_at(r, v->message_pos,
                          "messageExpression is blank: leave it out, or say something");
        if (v->message.n && is_blank(v->message))
            ok = fault_at(r, v->pos, "message is blank: leave it out, or say something");
        if (has_line_break(str_trim(v->message)))
            ok = fault_at(r, v->pos, "message has a line break");
        if (v->reason.p && !is_one_of(v->reason, reason, sizeof reason / sizeof *reason))
            ok = fault_at(r, v->pos,
                          "reason is Forbidden, Invalid or RequestEntityTooLarge, not \"%.*s\"",
                          STR_ARG(str_sub(v->reason, 0, 100)));
    }
    return ok;
}

static bool check_annotations(const struct reading *r, const struct policy_doc *d)
{
    const struct policy_expression_doc *doc = d->annotation.item;
    bool ok = d->annotation.count <= ANNOTATIONS_MAX ||
              fault_at(r, d->name_pos, "a policy has at most %u auditAnnotations", ANNOTATIONS_MAX);
    for (size_t i = 0; i < d->annotation.count; i++) {
        struct str key = str_printf(r->arena, "%.*s/%.*s", STR_ARG(d->name), STR_ARG(doc[i].name));
        ok &= check_name(r, doc[i].pos, "audit annotation", key, "qualifiedName");
        ok &= check_unique(r, doc, i, "audit annotation");
        if (is_blank(doc[i].text))
            ok = fault_at(r, doc[i].pos, "an audit annotation needs a valueExpression");
        if (doc[i].text.n > ANNOTATION_BYTES_MAX)
            ok = fault_at(r, doc[i].pos, "a valueExpression has at most %u bytes",
                          ANNOTATION_BYTES_MAX);
    }
    return ok;
}

/* ---- documents */

static bool check_param_kind(const struct reading *r, const struct policy_doc *d)
{
    struct str group, version, api = d->param_api_version;
    bool ok = true;
    if (!d->param_kind.n && !api.n)
        return true;
    if (!str_cut(api, '/', &group, &version)) {
        version = api;
        group = (struct str){ 0 };
    }
    if (str_find_char(version, '/', 0) != SIZE_MAX)
        return fault_at(r, d->name_pos, "paramKind: apiVersion \"%.*s\" has two slashes",
                        STR_ARG(str_sub(api, 0, 100)));
    if (group.n)
        ok &= check_name(r, d->name_pos, "paramKind's group", group, "dns1123Subdomain");
    ok &= check_name(r, d->name_pos, "paramKind's version", version, "dns1035Label");
    return check_name(r, d->name_pos, "paramKind's kind", str_lower_ascii(r->arena, d->param_kind),
                      "dns1035Label") &&
           ok;
}

bool policy_validate(const struct reading *r, const struct policy_doc *d)
{
    bool ok = check_name(r, d->name_pos, "a policy's name", d->name, "dns1123Subdomain");
    ok &= check_param_kind(r, d);
    ok &= check_match(r, &d->match);
    ok &= check_conditions(r, d);
    ok &= check_variables(r, d);
    ok &= check_validations(r, d);
    return check_annotations(r, d) && ok;
}

static bool check_actions(const struct reading *r, const struct policy_binding_doc *d)
{
    for (size_t i = 0; i < d->actions.count; i++)
        for (size_t k = 0; k < i; k++)
            if (str_eq(d->actions.item[k], d->actions.item[i]))
                return fault_at(r, d->actions_pos, "validationActions has %.*s twice",
                                STR_ARG(str_sub(d->actions.item[i], 0, 100)));
    return !(is_in(&d->actions, "Deny") && is_in(&d->actions, "Warn")) ||
           fault_at(r, d->actions_pos,
                    "validationActions has Deny and Warn: what is denied is warned of already");
}

bool policy_binding_validate(const struct reading *r, const struct policy_binding_doc *d)
{
    bool ok = check_name(r, d->name_pos, "a binding's name", d->name, "dns1123Subdomain");
    ok &= check_name(r, d->policy_name_pos, "policyName", d->policy_name, "dns1123Subdomain");
    ok &= check_actions(r, d);
    ok &= check_object_name(r, d->param_pos, "paramRef", d->param_name);
    ok &= check_selector(r, d->param_pos, d->param_selector);
    return check_match(r, &d->match) && ok;
}
