/* Whether a check applies to this cluster at all, and a pair of it and a requirement: rules over
 * facts and parameters. */
#include "audit/part.h"
#include "audit/trim.h"

#define CONDITION_TEXT_BYTES 300u

static bool resolve(void *ctx, uint32_t slot, struct value *out, struct arena *scratch)
{
    struct audit *au = ctx;
    if (slot == SLOT_PARAMS)
        *out = au->params;
    else if (slot >= SLOT_FIXED_COUNT && slot - SLOT_FIXED_COUNT < fact_count)
        *out = facts_get(au->facts, slot - SLOT_FIXED_COUNT);
    else
        *out = value_error(scratch, VALUE_ERROR_EVAL, UINT32_MAX,
                           "there is no object when it is asked whether a check applies");
    return true;
}

bool audit_is_applicable(struct audit *au, const struct check *c, struct str *reason)
{
    struct arena scratch CLEANUP(arena_release) = { 0 };
    for (size_t i = 0; i < c->not_applicable_count; i++) {
        struct cel_activation act = { .resolve = resolve, .ctx = au, .cost_left = CEL_COST_MAX };
        struct value v = cel_eval(c->not_applicable[i]->expression.program, &act, &scratch);
        if (v.kind == VALUE_BOOL && v.as.b) {
            *reason = c->not_applicable[i]->reason;
            return false;
        }
    }
    return true;
}

enum pair_condition audit_condition(struct audit *au, const struct not_applicable *when,
                                    struct str *why)
{
    struct arena scratch CLEANUP(arena_release) = { 0 };
    struct cel_activation act = { .resolve = resolve, .ctx = au, .cost_left = CEL_COST_MAX };
    struct value v = cel_eval(when->expression.program, &act, &scratch);
    if (v.kind == VALUE_BOOL)
        return v.as.b ? CONDITION_HOLDS : CONDITION_FAILS;
    *why = v.kind == VALUE_ERROR ? trim_text(au->arena, v.as.error->text, CONDITION_TEXT_BYTES)
                                 : STR("the expression gave neither true nor false");
    return CONDITION_UNSEEN;
}
