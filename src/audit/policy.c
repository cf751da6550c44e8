/* Judging objects by a part that is an admission policy's. */
#include "audit/params.h"

bool policy_part_wants(const struct check_part *part, enum kind kind)
{
    const struct policy_part *p = part->policy;
    return !p->cannot.n && kind_set_has(p->kinds, kind);
}

static void object_of(struct policy_object *o, struct audit *au, struct value object, struct arena *scratch)
{
    struct str api = value_text_at(object, "apiVersion", NULL), kind_name = value_text_at(object, "kind", NULL);
    const struct kind_info *info = kind_info(kind_by_api(api, kind_name));
    *o = (struct policy_object){
        .object = object, .group = str_from_c(info->group), .resource = str_from_c(info->resource), .kind = kind_name,
        .name = value_text_at(object, "metadata", "name", NULL), .ns = value_text_at(object, "metadata", "namespace", NULL),
        .namespaced = info->scope == SCOPE_NAMESPACED, .facts = au->facts,
    };
    struct str group;
    if (!str_cut(api, '/', &group, &o->version))
        o->version = api;
    o->namespace_object = o->namespaced ? facts_namespace(au->facts, o->ns, scratch) : value_null();
    if (!o->namespaced && str_eq_c(o->resource, "namespaces"))
        o->ns = o->name; /* requests about a Namespace name it so */
}

static struct judgement unknown(struct str why)
{
    return (struct judgement){ .outcome = VERDICT_UNKNOWN, .message = why };
}

static struct judgement judgement_of(const struct policy_decision *d)
{
    static const enum verdict outcome[] = {
        [POLICY_SKIPS] = VERDICT_NOT_APPLICABLE, [POLICY_ADMITS] = VERDICT_PASS, [POLICY_DENIES] = VERDICT_FAIL, [POLICY_UNKNOWN] = VERDICT_UNKNOWN,
    };
    return (struct judgement){ .outcome = outcome[d->outcome], .message = d->message };
}

/* For the policy and for the binding; an unknown match of one and none of the other is no match. */
static enum policy_match match(const struct policy_part *p, const struct policy_object *o, struct arena *scratch, struct str *why)
{
    enum policy_match first = policy_matches(&p->policy->constraints, o, scratch, why);
    if (first == POLICY_NO_MATCH || !p->binding)
        return first;
    enum policy_match second = policy_matches(&p->binding->constraints, o, scratch, why);
    return first == POLICY_MATCH_UNKNOWN && second == POLICY_MATCH ? first : second;
}

static struct policy_decision decide(const struct policy_part *p, const struct policy_object *o, struct value params, struct arena *scratch)
{
    struct policy_run run;
    policy_run_open(&run, p->policy, o, params, scratch);
    struct policy_decision d = policy_run_conditions(&run);
    if (d.outcome == POLICY_SKIPS || d.outcome == POLICY_DENIES)
        return d;
    struct policy_decision v = p->validation < p->policy->validation_count ? policy_run_validation(&run, p->validation) : policy_run_annotations(&run);
    return d.outcome == POLICY_UNKNOWN ? d : v;
}

/* With every parameter object: one that denies decides, else one that is unknown. *deciding is its parameters. */
static struct policy_decision decide_all(const struct policy_part *p, const struct policy_object *o, const struct params_found *params, struct arena *scratch,
                                         struct value *deciding)
{
    static const int rank[] = { [POLICY_SKIPS] = 0, [POLICY_ADMITS] = 1, [POLICY_UNKNOWN] = 2, [POLICY_DENIES] = 3 };
    struct policy_decision worst = { .outcome = POLICY_SKIPS };
    for (size_t i = 0; i < params->count; i++) {
        struct policy_decision d = decide(p, o, params->item[i], scratch);
        if (i && rank[d.outcome] <= rank[worst.outcome])
            continue;
        worst = d;
        *deciding = params->item[i];
    }
    return worst;
}

static struct policy_decision decide_with(struct audit *au, const struct policy_part *p, const struct policy_object *o, struct arena *scratch, struct value *deciding)
{
    struct params_found params = params_for(au, p, o, scratch);
    *deciding = value_null();
    switch (params.state) {
    case PARAMS_NULL:
        return decide(p, o, value_null(), scratch);
    case PARAMS_FOUND:
        return decide_all(p, o, &params, scratch, deciding);
    case PARAMS_FAULT:
        return (struct policy_decision){ .outcome = p->policy->ignores_errors ? POLICY_SKIPS : POLICY_DENIES, .message = params.why };
    case PARAMS_UNKNOWN:
        return (struct policy_decision){ .outcome = POLICY_UNKNOWN, .message = params.why };
    case PARAMS_NONE:
        break;
    }
    return (struct policy_decision){ .outcome = POLICY_SKIPS };
}

struct judgement policy_judge(struct audit *au, const struct check_part *part, struct value object, struct arena *scratch)
{
    const struct policy_part *p = part->policy;
    struct policy_object o;
    struct str why = { 0 };
    struct value params;
    object_of(&o, au, object, scratch);
    enum policy_match m = match(p, &o, scratch, &why);
    if (m == POLICY_NO_MATCH)
        return (struct judgement){ .outcome = VERDICT_NOT_APPLICABLE };
    if (m == POLICY_MATCH_UNKNOWN)
        return unknown(why);
    struct policy_decision d = decide_with(au, p, &o, scratch, &params);
    return judgement_of(&d);
}

void policy_explain(struct explanation *out, struct audit *au, const struct check_part *part, struct value object, struct arena *scratch)
{
    const struct policy_part *p = part->policy;
    struct policy_object o;
    struct policy_run run;
    struct value params;
    if (p->validation >= p->policy->validation_count)
        return;
    object_of(&o, au, object, scratch);
    if (decide_with(au, p, &o, scratch, &params).value.kind == VALUE_NULL)
        return; /* no expression decided it */
    policy_run_open(&run, p->policy, &o, params, scratch);
    out->count = policy_run_explain(&run, p->validation, out->row, EXPLAINED_ROWS);
    out->program = p->policy->validation[p->validation].expression.program;
}

struct str policy_gap(struct arena *a, const struct check_part *part)
{
    const struct policy_part *p = part->policy;
    if (p->policy->fault.n)
        return str_printf(a, "the policy could not be read: %.*s", STR_ARG(p->policy->fault));
    if (p->cannot.n)
        return (struct str){ 0 };
    if (p->absent.n)
        return p->absent;
    if (p->unread.n)
        return str_printf(a, "it is also for objects that an audit does not read: %.*s", STR_ARG(p->unread));
    return (struct str){ 0 };
}
