/* Judging objects by a part of an admission policy. */
#include "vap/judge.h"

#include "analyze/facts.h"

#define NO_SCOPE                                                                            \
    "it names no namespace, and no file says whether its kind is in one: give the file of " \
    "its CustomResourceDefinition too"

static void object_of(struct policy_object *o, const struct policy_judging *j, struct value object,
                      struct arena *scratch)
{
    struct str api = value_text_at(object, "apiVersion", NULL),
               kind_name = value_text_at(object, "kind", NULL);
    const struct kind_info *info = kind_info(kind_by_api(api, kind_name));
    *o = (struct policy_object){
        .object = object,
        .group = str_from_c(info->group),
        .resource = str_from_c(info->resource),
        .kind = kind_name,
        .name = value_text_at(object, "metadata", "name", NULL),
        .ns = value_text_at(object, "metadata", "namespace", NULL),
        .namespaced = info->scope == SCOPE_NAMESPACED,
        .scope_is_unknown =
            info->is_guessed && !value_text_at(object, "metadata", "namespace", NULL).n,
        .facts = j->facts,
    };
    struct str group;
    if (!str_cut(api, '/', &group, &o->version))
        o->version = api;
    o->namespace_object = o->scope_is_unknown ? value_error(scratch, VALUE_ERROR_UNAVAILABLE,
                                                            UINT32_MAX, "%s", NO_SCOPE)
                          : o->namespaced     ? facts_namespace(j->facts, o->ns, scratch)
                                              : value_null();
    if (!o->namespaced && str_eq_c(o->resource, "namespaces"))
        o->ns = o->name; /* requests about a Namespace name it so */
}

/* For the policy and for the binding; an unknown match of one and none of the other is no match. */
static enum policy_match match(const struct policy_part *p, const struct policy_object *o,
                               struct arena *scratch, struct str *why)
{
    enum policy_match first = policy_matches(&p->policy->constraints, o, scratch, why);
    if (first == POLICY_NO_MATCH || !p->binding)
        return first;
    enum policy_match second = policy_matches(&p->binding->constraints, o, scratch, why);
    return first == POLICY_MATCH_UNKNOWN && second == POLICY_MATCH ? first : second;
}

static struct policy_decision decide(const struct policy_part *p, const struct policy_object *o,
                                     struct value params, struct arena *scratch)
{
    struct policy_run run;
    policy_run_open(&run, p->policy, o, params, scratch);
    struct policy_decision d = policy_run_conditions(&run);
    if (d.outcome == POLICY_SKIPS || d.outcome == POLICY_DENIES)
        return d;
    struct policy_decision v = p->validation < p->policy->validation_count
                                   ? policy_run_validation(&run, p->validation)
                                   : policy_run_annotations(&run);
    return d.outcome == POLICY_UNKNOWN ? d : v;
}

/* With every parameter object: one that denies decides, else one that is unknown. *deciding is its
 * parameters. */
static struct policy_decision decide_all(const struct policy_part *p, const struct policy_object *o,
                                         const struct params_found *params, struct arena *scratch,
                                         struct value *deciding)
{
    static const int rank[] = {
        [POLICY_SKIPS] = 0, [POLICY_ADMITS] = 1, [POLICY_UNKNOWN] = 2, [POLICY_DENIES] = 3
    };
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

static struct policy_decision decide_with(const struct policy_judging *j,
                                          const struct policy_part *p,
                                          const struct policy_object *o, struct arena *scratch,
                                          struct value *deciding)
{
    struct params_found params = policy_params_for(j->params, p, o, scratch);
    *deciding = value_null();
    switch (params.state) {
    case PARAMS_NULL:
        return decide(p, o, value_null(), scratch);
    case PARAMS_FOUND:
        return decide_all(p, o, &params, scratch, deciding);
    case PARAMS_FAULT:
        return (struct policy_decision){ .outcome = p->policy->ignores_errors ? POLICY_SKIPS
                                                                              : POLICY_DENIES,
                                         .message = params.why };
    case PARAMS_UNKNOWN:
        return (struct policy_decision){ .outcome = POLICY_UNKNOWN, .message = params.why };
    case PARAMS_NONE:
        break;
    }
    return (struct policy_decision){ .outcome = POLICY_SKIPS };
}

struct policy_decision policy_judge(const struct policy_judging *j, const struct policy_part *p,
                                    struct value object, struct arena *scratch)
{
    struct policy_object o;
    struct str why = { 0 };
    struct value params;
    object_of(&o, j, object, scratch);
    enum policy_match m = match(p, &o, scratch, &why);
    if (m == POLICY_NO_MATCH)
        return (struct policy_decision){ .outcome = POLICY_SKIPS };
    if (m == POLICY_MATCH_UNKNOWN)
        return (struct policy_decision){ .outcome = POLICY_UNKNOWN, .message = why };
    return decide_with(j, p, &o, scratch, &params);
}

size_t policy_explain(const struct policy_judging *j, const struct policy_part *p,
                      struct value object, struct cel_explained *row, size_t cap,
                      const struct cel_program **program, struct arena *scratch)
{
    struct policy_object o;
    struct policy_run run;
    struct value params;
    if (p->validation >= p->policy->validation_count)
        return 0;
    object_of(&o, j, object, scratch);
    if (decide_with(j, p, &o, scratch, &params).value.kind == VALUE_NULL)
        return 0; /* no expression decided it */
    policy_run_open(&run, p->policy, &o, params, scratch);
    *program = p->policy->validation[p->validation].expression.program;
    return policy_run_explain(&run, p->validation, row, cap);
}
