/* podAdmission(): what the policies in force say of canary pods, as checks ask for it. */
#include "analyze/facts_state.h"
#include "analyze/podsecurity/canary.h"

static struct value fault(struct cel_call *call, const char *text)
{
    return value_error(call->scratch, VALUE_ERROR_EVAL, call->offset, "%s", text);
}

/* A canary's own name, or the level that refuses it. */
static bool is_asked(const struct canary *c, struct str name)
{
    enum pod_security_level level;
    return str_eq_c(name, c->name) || (pod_security_level_of(&level, name) && c->level <= level);
}

static void add_each(struct value_builder *out, struct value list)
{
    for (uint32_t i = 0; i < list.n; i++) {
        bool there = false;
        for (size_t k = 0; k < out->count && !there; k++)
            there = value_equal(out->item[k], value_item(list, i));
        if (!there)
            value_builder_push(out, value_item(list, i));
    }
}

/* What was not seen could refuse the rest. */
static struct value gap_of(const struct facts *f, struct arena *a)
{
    static const enum kind need[] = { KIND_ADMISSIONPOLICIES, KIND_ADMISSIONBINDINGS,
                                      KIND_VALIDATINGWEBHOOKS };
    for (size_t i = 0; i < COUNT_OF(need); i++)
        if (!facts_listed(f, need[i]))
            return facts_gap_kind(f, a, need[i]);
    return value_null();
}

struct value facts_fn_pod_admission(struct cel_call *call, const struct value *arg,
                                    size_t arg_count)
{
    const struct facts *f = call->host;
    struct value_builder by, unsure, admitted, out;
    bool refused = true, found = false;
    for (size_t i = 0; i < arg_count; i++)
        if (value_is_error(arg[i]))
            return arg[i];
    if (arg[0].kind != VALUE_STRING || arg[1].kind != VALUE_STRING || arg[2].kind != VALUE_LIST)
        return fault(call, "podAdmission() takes the name of a namespace, that of a canary, and "
                           "facts.policyEngines");
    if (!f || !f->admission.judge)
        return facts_unavailable(call->scratch,
                                 "admission policies are only judged in an audit of a benchmark");
    value_builder_init(&by, call->scratch);
    value_builder_init(&unsure, call->scratch);
    value_builder_init(&admitted, call->scratch);
    for (size_t i = 0; i < canary_count; i++) {
        if (!is_asked(&canary[i], value_text(arg[1])))
            continue;
        struct pod_admission one =
            f->admission.judge(f->admission.ctx, value_text(arg[0]), i, arg[2]);
        found = true;
        refused &= one.refused;
        add_each(&by, one.by);
        add_each(&unsure, one.refused ? value_list(NULL, 0) : one.unsure);
        if (!one.refused && !one.unsure.n)
            value_builder_push(&admitted, value_cstr(canary[i].name));
    }
    if (!found)
        return fault(call, "podAdmission() knows no canary of that name: it takes privileged, "
                           "hostPID, ..., or baseline, or restricted");
    struct value gap = refused ? value_null() : gap_of(f, call->scratch);
    if (value_is_error(gap))
        return gap;
    value_builder_init(&out, call->scratch);
    value_builder_set(&out, "refused", value_bool(refused));
    value_builder_set(&out, "by", value_builder_list(&by));
    value_builder_set(&out, "unsure", value_builder_list(&unsure));
    value_builder_set(&out, "admitted", value_builder_list(&admitted));
    return value_builder_map(&out);
}
