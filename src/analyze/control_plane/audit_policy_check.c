/* What an audit policy makes the API server record of the requests that must be recorded. */
#include "analyze/control_plane/audit_policy_check.h"

static const struct {
    const char *group, *resource, *subresource;
    bool namespaced;
    const char *verbs;
    enum audit_level most;
    bool long_running;
} operation_row[] = {
#define NAMESPACED true
#define CLUSTER    false
#define AUDIT_OPERATION(group, resource, subresource, scope, verbs, most, long_running) \
    { group, resource, subresource, scope, verbs, AUDIT_##most, long_running },
#include "analyze/control_plane/audit_operation.def"
#undef AUDIT_OPERATION
#undef CLUSTER
#undef NAMESPACED
};
#define OPERATIONS (sizeof operation_row / sizeof *operation_row)

/* ---- what a rule matches */

static bool has(struct decode_strs s, struct str text)
{
    for (size_t i = 0; i < s.count; i++)
        if (str_eq(s.item[i], text))
            return true;
    return false;
}

/* "pods", "*", "pods/exec", "pods/" followed by "*", and "*" followed by "/exec". */
static bool resource_matches(struct str pattern, struct str resource, struct str subresource)
{
    struct str head, tail;
    if (str_eq_c(pattern, "*"))
        return true;
    if (!str_cut(pattern, '/', &head, &tail))
        return !subresource.n && str_eq(pattern, resource);
    if (str_eq_c(tail, "*") && str_eq(head, resource))
        return true;
    if (!subresource.n || !str_eq(tail, subresource))
        return false;
    return str_eq_c(head, "*") || str_eq(head, resource);
}

static const struct audit_group_resources *group_at(const struct audit_rule *r, size_t i)
{
    return &((const struct audit_group_resources *)r->resources.item)[i];
}

static bool group_matches(const struct audit_group_resources *g, struct str group,
                          struct str resource, struct str subresource)
{
    if (!str_eq(g->group, group))
        return false;
    for (size_t i = 0; i < g->resources.count; i++)
        if (resource_matches(g->resources.item[i], resource, subresource))
            return true;
    return g->resources.count == 0;
}

/* The rule is about this resource at all; *any_name: whatever the object is called. */
static bool is_about(const struct audit_rule *r, struct str group, struct str resource,
                     struct str subresource, bool *any_name)
{
    bool about = false;
    *any_name = r->resources.count == 0;
    if (r->non_resource_urls.count)
        return false;
    for (size_t i = 0; i < r->resources.count; i++) {
        if (!group_matches(group_at(r, i), group, resource, subresource))
            continue;
        about = true;
        *any_name |= group_at(r, i)->resource_names.count == 0;
    }
    return about || r->resources.count == 0;
}

static const struct audit_rule *rule_at(const struct audit_policy *p, size_t i)
{
    return &((const struct audit_rule *)p->rules.item)[i];
}

/* Every stage of the request left out is the same as no event. */
static enum audit_level level_of(const struct audit_policy *p, const struct audit_rule *r,
                                 bool long_running)
{
    static const struct str stage[] = { STR_INIT("RequestReceived"), STR_INIT("ResponseComplete"),
                                        STR_INIT("ResponseStarted") };
    for (size_t i = 0; i < 2 + (size_t)long_running; i++)
        if (!has(p->omit_stages, stage[i]) && !has(r->omit_stages, stage[i]))
            return (enum audit_level)r->level;
    return AUDIT_NONE;
}

/* ---- one request */

static bool names_match(const struct audit_rule *r, const struct audit_request *q)
{
    for (size_t i = 0; i < r->resources.count; i++) {
        const struct audit_group_resources *g = group_at(r, i);
        if (group_matches(g, q->group, q->resource, q->subresource) &&
            (!g->resource_names.count || has(g->resource_names, q->name)))
            return true;
    }
    return r->resources.count == 0;
}

static bool in_groups(const struct audit_rule *r, const struct audit_request *q)
{
    for (size_t i = 0; i < q->user_group_count; i++)
        if (has(r->user_groups, q->user_group[i]))
            return true;
    return r->user_groups.count == 0;
}

enum audit_level audit_policy_level(const struct audit_policy *p, const struct audit_request *q,
                                    size_t *rule)
{
    for (size_t i = 0; i < p->rules.count; i++) {
        const struct audit_rule *r = rule_at(p, i);
        if ((r->users.count && !has(r->users, q->user)) || !in_groups(r, q) ||
            (r->verbs.count && !has(r->verbs, q->verb)) ||
            (r->namespaces.count && !has(r->namespaces, q->ns)) || r->non_resource_urls.count ||
            !names_match(r, q))
            continue;
        *rule = i + 1;
        return level_of(p, r, false);
    }
    *rule = 0;
    return AUDIT_NONE;
}

/* ---- all requests of an operation */

/* Who and what a rule is limited to, for one operation and verb. */
struct reach {
    const struct audit_rule *rule;
    bool any_user, any_group, any_namespace, any_name;
};

static bool is_everyone(struct decode_strs groups)
{
    return !groups.count ||
           (has(groups, STR("system:authenticated")) && has(groups, STR("system:unauthenticated")));
}

static bool reaches(struct reach *out, const struct audit_rule *r, size_t op, struct str verb)
{
    *out = (struct reach){ .rule = r,
                           .any_user = !r->users.count,
                           .any_group = is_everyone(r->user_groups) };
    if (r->verbs.count && !has(r->verbs, verb))
        return false;
    /* Objects of the whole cluster are in namespace "". */
    out->any_namespace =
        !r->namespaces.count || (!operation_row[op].namespaced && has(r->namespaces, STR("")));
    if (!operation_row[op].namespaced && !out->any_namespace)
        return false;
    return is_about(r, str_from_c(operation_row[op].group), str_from_c(operation_row[op].resource),
                    str_from_c(operation_row[op].subresource), &out->any_name);
}

static bool is_total(const struct reach *r)
{
    return r->any_user && r->any_group && r->any_namespace && r->any_name;
}

static bool is_subset(struct decode_strs small, struct decode_strs large)
{
    for (size_t i = 0; i < small.count; i++)
        if (!has(large, small.item[i]))
            return false;
    return small.count > 0;
}

/* Whatever the later rule would match, the earlier one has matched. Where this cannot be told, it
 * says no, and the later rule is judged by itself: that errs towards a fault. */
static bool hides(const struct reach *earlier, const struct reach *later)
{
    return (earlier->any_user || is_subset(later->rule->users, earlier->rule->users)) &&
           (earlier->any_group ||
            is_subset(later->rule->user_groups, earlier->rule->user_groups)) &&
           (earlier->any_namespace ||
            is_subset(later->rule->namespaces, earlier->rule->namespaces)) &&
           earlier->any_name;
}

static struct str operation_text(struct arena *a, size_t op)
{
    const char *group = operation_row[op].group, *sub = operation_row[op].subresource;
    return str_printf(a, "%s%s%s%s%s", operation_row[op].resource, *sub ? "/" : "", sub,
                      *group ? "." : "", group);
}

static void add_fault(struct audit_faults *out, struct arena *a, size_t op, struct str verb,
                      struct audit_fault f, size_t first)
{
    for (size_t i = first; i < out->item.count; i++) {
        struct audit_fault *x = &out->item.item[i];
        if (x->rule == f.rule && x->kind == f.kind && x->for_all == f.for_all) {
            *VEC_PUSH(&x->verb, a) = verb;
            return;
        }
    }
    f.operation = operation_text(a, op);
    *VEC_PUSH(&f.verb, a) = verb;
    *VEC_PUSH(&out->item, a) = f;
}

static void judge_level(struct audit_faults *out, struct arena *a, size_t op, struct str verb,
                        struct audit_fault f, size_t first)
{
    if (f.level == AUDIT_NONE) {
        f.kind = AUDIT_UNRECORDED;
        f.wanted = AUDIT_METADATA;
        add_fault(out, a, op, verb, f, first);
    } else if (f.level > operation_row[op].most) {
        f.kind = AUDIT_REVEALED;
        f.wanted = operation_row[op].most;
        add_fault(out, a, op, verb, f, first);
    }
}

static void check_verb(struct audit_faults *out, struct arena *a, const struct audit_policy *p,
                       size_t op, struct str verb, size_t first)
{
    struct reach *before = arena_array(a, struct reach, p->rules.count);
    size_t count = 0;
    for (size_t i = 0; i < p->rules.count; i++) {
        struct reach r;
        bool hidden = false;
        if (!reaches(&r, rule_at(p, i), op, verb))
            continue;
        for (size_t k = 0; k < count && !hidden; k++)
            hidden = hides(&before[k], &r);
        bool total = is_total(&r);
        struct audit_fault f = {
            .rule = i + 1,
            .level = level_of(p, r.rule, operation_row[op].long_running || str_eq_c(verb, "watch")),
            .by = r.rule,
            .for_all = total
        };
        if (!hidden)
            judge_level(out, a, op, verb, f, first);
        if (total)
            return;
        before[count++] = r;
    }
    judge_level(out, a, op, verb, (struct audit_fault){ .level = AUDIT_NONE, .for_all = true },
                first);
}

void audit_policy_check(struct audit_faults *out, struct arena *a, const struct audit_policy *p)
{
    struct audit_faults faults = { 0 };
    for (size_t op = 0; op < OPERATIONS; op++) {
        struct str verbs = str_from_c(operation_row[op].verbs), verb;
        size_t first = faults.item.count;
        while (str_next_field(&verbs, ',', &verb))
            check_verb(&faults, a, p, op, verb, first);
    }
    *out = faults;
}

/* ---- as values */

static void push_subject(struct value_builder *list, const char *kind, struct str name)
{
    struct value_builder b;
    value_builder_init(&b, list->arena);
    value_builder_set(&b, "kind", value_cstr(kind));
    value_builder_set(&b, "name", value_str(name));
    value_builder_set(&b, "namespace", value_cstr(""));
    value_builder_push(list, value_builder_map(&b));
}

/* Users when the rule names users (they are the narrower), else its groups. */
static struct value subjects_value(struct arena *a, const struct audit_fault *f)
{
    struct value_builder list;
    value_builder_init(&list, a);
    for (size_t i = 0; f->by && i < f->by->users.count; i++)
        push_subject(&list, "User", f->by->users.item[i]);
    for (size_t i = 0; f->by && !f->by->users.count && !is_everyone(f->by->user_groups) &&
                       i < f->by->user_groups.count;
         i++)
        push_subject(&list, "Group", f->by->user_groups.item[i]);
    return value_builder_list(&list);
}

static struct value fault_text(struct arena *a, const struct audit_fault *f)
{
    struct str verbs = str_join(a, f->verb.item, f->verb.count, STR(", "));
    struct str by = f->rule ? str_printf(a, "rule %zu", f->rule) : STR("no rule");
    const char *limited = f->for_all ? "" : " for some (its users, groups, namespaces or names)";
    if (f->kind == AUDIT_UNRECORDED)
        return value_str(str_printf(a, "%.*s on %.*s leave no event: %.*s%s%s", STR_ARG(verbs),
                                    STR_ARG(f->operation), STR_ARG(by),
                                    f->rule ? " records nothing" : " is about them", limited));
    return value_str(str_printf(
        a, "%.*s on %.*s are recorded at level %s by %.*s%s, which puts credentials into the log",
        STR_ARG(verbs), STR_ARG(f->operation), audit_level_name[f->level], STR_ARG(by), limited));
}

struct value audit_faults_value(struct arena *a, const struct audit_faults *f)
{
    struct value_builder list, b;
    value_builder_init(&list, a);
    for (size_t i = 0; i < f->item.count; i++) {
        const struct audit_fault *x = &f->item.item[i];
        struct decode_strs places = x->by ? x->by->namespaces : (struct decode_strs){ 0 };
        value_builder_init(&b, a);
        value_builder_set(&b, "kind",
                          value_cstr(x->kind == AUDIT_UNRECORDED ? "unrecorded" : "revealed"));
        value_builder_set(&b, "operation", value_str(x->operation));
        value_builder_set(&b, "verbs", value_strs(a, x->verb.item, x->verb.count));
        value_builder_set(&b, "rule", value_int((int64_t)x->rule));
        value_builder_set(&b, "level", value_cstr(audit_level_name[x->level]));
        value_builder_set(&b, "wanted", value_cstr(audit_level_name[x->wanted]));
        value_builder_set(&b, "subjects", subjects_value(a, x));
        value_builder_set(&b, "namespaces", value_strs(a, places.item, places.count));
        value_builder_set(&b, "text", fault_text(a, x));
        value_builder_push(&list, value_builder_map(&b));
    }
    return value_builder_list(&list);
}
