/* A policy evaluated for one object: variables, validations, messages, and what a failure leads to.
 */
#include "value/taint.h"
#include "vap/authorizer.h"
#include "vap/environment.h"

/* The API server's own budgets: of a policy, and of its match conditions. */
#define CONDITIONS_COST_MAX (CEL_COST_TOTAL_MAX / 4)
#define MESSAGE_BYTES_MAX   5120u
#define SHOWN_BYTES         300u

enum { SLOT_UNMADE, SLOT_MADE = CEL_KNOWN };

/* ---- values */

static struct value unavailable(struct arena *a, const char *what)
{
    return value_error(
        a, VALUE_ERROR_UNAVAILABLE, UINT32_MAX,
        "%s is of the request that created the object, which what runs does not show", what);
}

static struct value names_of(struct arena *a, const char *key, struct str group, struct str version,
                             struct str name)
{
    struct value_builder b;
    value_builder_init(&b, a);
    value_builder_set(&b, "group", value_str(group));
    value_builder_set(&b, "version", value_str(version));
    value_builder_set(&b, key, value_str(name));
    return value_builder_map(&b);
}

/* The request about the object, as AdmissionRequest has it. */
static struct value make_request(const struct policy_object *o, struct arena *a)
{
    struct value_builder b;
    struct value kind = names_of(a, "kind", o->group, o->version, o->kind);
    struct value resource = names_of(a, "resource", o->group, o->version, o->resource);
    value_builder_init(&b, a);
    value_builder_set(&b, "kind", kind);
    value_builder_set(&b, "resource", resource);
    value_builder_set(&b, "subResource", value_str(o->subresource));
    value_builder_set(&b, "requestKind", kind);
    value_builder_set(&b, "requestResource", resource);
    value_builder_set(&b, "requestSubResource", value_str(o->subresource));
    value_builder_set(&b, "name",
                      o->name_is_free ? unavailable(a, "request.name") : value_str(o->name));
    value_builder_set(&b, "namespace", value_str(o->ns));
    value_builder_set(&b, "operation",
                      o->operation.n ? value_str(o->operation) : value_cstr("CREATE"));
    value_builder_set(&b, "userInfo", unavailable(a, "request.userInfo"));
    value_builder_set(&b, "uid", unavailable(a, "request.uid"));
    value_builder_set(&b, "dryRun", value_bool(false));
    value_builder_set(&b, "options", unavailable(a, "request.options"));
    return value_builder_map(&b);
}

static struct value make_slot(struct policy_run *r, uint32_t slot)
{
    if (slot >= POLICY_SLOT_COUNT)
        return cel_eval(r->policy->variable[slot - POLICY_SLOT_COUNT].program, &r->act, r->scratch);
    switch ((enum policy_slot)slot) {
    case POLICY_SLOT_OBJECT:
        return r->object->object;
    case POLICY_SLOT_OLD_OBJECT:
        return r->object->old;
    case POLICY_SLOT_REQUEST:
        return make_request(r->object, r->scratch);
    case POLICY_SLOT_NAMESPACE_OBJECT:
        return r->object->namespace_object;
    case POLICY_SLOT_AUTHORIZER:
        return policy_authorizer(r->scratch);
    case POLICY_SLOT_AUTHORIZER_RESOURCE:
        return policy_authorizer_resource(r->scratch, r->object);
    case POLICY_SLOT_PARAMS:
        return r->params;
    case POLICY_SLOT_COUNT:
        break;
    }
    return value_null();
}

static bool resolve(void *ctx, uint32_t slot, struct value *out, struct arena *scratch)
{
    struct policy_run *r = ctx;
    (void)scratch;
    if (r->made[slot] == SLOT_UNMADE) {
        r->slot[slot] = make_slot(r, slot);
        r->made[slot] = SLOT_MADE;
    }
    *out = r->slot[slot];
    return true;
}

void policy_run_open(struct policy_run *r, const struct policy *p, const struct policy_object *o,
                     struct value params, struct arena *scratch)
{
    size_t slots = POLICY_SLOT_COUNT + p->variable_count;
    *r = (struct policy_run){ .policy = p,
                              .object = o,
                              .params = params,
                              .scratch = scratch,
                              .cost_left = CEL_COST_TOTAL_MAX };
    r->slot = arena_array(scratch, struct value, slots);
    r->made = arena_array(scratch, uint8_t, slots);
    r->act = (struct cel_activation){
        .var = r->slot, .known = r->made, .resolve = resolve, .ctx = r, .host = o->facts
    };
}

static struct value evaluate(struct policy_run *r, const struct expression *e)
{
    uint64_t given = r->cost_left < CEL_COST_MAX ? r->cost_left : CEL_COST_MAX;
    r->act.ctx = r; /* the caller may have moved it */
    r->act.var = r->slot;
    r->act.cost_left = given;
    struct value v = cel_eval(e->program, &r->act, r->scratch);
    r->cost_left -= given - r->act.cost_left;
    return v;
}

/* ---- decisions */

static struct str shown(const struct expression *e)
{
    return str_sub(str_trim(e->text), 0, SHOWN_BYTES);
}

/* An expression gave no answer: what the server lacks too, failurePolicy decides; what only we lack
 * is unknown. */
static struct policy_decision no_answer(struct policy_run *r, const struct expression *e,
                                        struct value v, enum policy_outcome ignored)
{
    struct policy_decision d = { .value = v };
    if (value_is_error(v) && v.as.error->code == VALUE_ERROR_UNAVAILABLE) {
        d.outcome = POLICY_UNKNOWN;
        d.message = v.as.error->text;
    } else if (value_is_error(v) && v.as.error->code == VALUE_ERROR_LIMIT) {
        d.outcome = POLICY_UNKNOWN;
        d.message = str_printf(r->scratch, "expression '%.*s' went over its budget: %.*s",
                               STR_ARG(shown(e)), STR_ARG(v.as.error->text));
    } else {
        d.outcome = r->policy->ignores_errors ? ignored : POLICY_DENIES;
        d.message = value_is_error(v)
                        ? str_printf(r->scratch, "expression '%.*s' resulted in error: %.*s",
                                     STR_ARG(shown(e)), STR_ARG(v.as.error->text))
                        : str_printf(r->scratch,
                                     "expression '%.*s' gave a %s where true or false was expected",
                                     STR_ARG(shown(e)), value_kind_name((enum value_kind)v.kind));
    }
    return d;
}

struct policy_decision policy_run_conditions(struct policy_run *r)
{
    struct policy_decision worst = { .outcome = POLICY_ADMITS, .value = value_bool(true) };
    uint64_t kept = r->cost_left;
    r->cost_left = CONDITIONS_COST_MAX;
    /* the server gives conditions no namespace */
    r->slot[POLICY_SLOT_NAMESPACE_OBJECT] = value_null();
    r->made[POLICY_SLOT_NAMESPACE_OBJECT] = SLOT_MADE;
    for (size_t i = 0; i < r->policy->condition_count; i++) {
        const struct expression *e = &r->policy->condition[i];
        struct value v = evaluate(r, e);
        if (v.kind == VALUE_BOOL && !v.as.b) {
            worst = (struct policy_decision){ .outcome = POLICY_SKIPS, .value = v };
            break;
        }
        if (v.kind != VALUE_BOOL && worst.outcome != POLICY_UNKNOWN) {
            struct policy_decision d = no_answer(r, e, v, POLICY_SKIPS);
            worst = worst.outcome == POLICY_ADMITS || d.outcome == POLICY_UNKNOWN ? d : worst;
        }
    }
    r->cost_left = kept;
    r->made[POLICY_SLOT_NAMESPACE_OBJECT] = SLOT_UNMADE;
    return worst;
}

/* The text of a messageExpression, if it is one that the server would take: one line, not too long,
 * not blank. */
static bool message_text(struct policy_run *r, const struct expression *e, struct str *out)
{
    if (!e->program)
        return false;
    struct value v = evaluate(r, e);
    struct str text = str_trim(value_text(v));
    if (v.kind != VALUE_STRING || taint_is(v) || !text.n || text.n > MESSAGE_BYTES_MAX ||
        str_find_char(text, '\n', 0) != SIZE_MAX)
        return false;
    *out = text;
    return true;
}

struct policy_decision policy_run_validation(struct policy_run *r, size_t i)
{
    const struct policy_validation *v = &r->policy->validation[i];
    struct value got = evaluate(r, &v->expression);
    struct policy_decision d = { .outcome = POLICY_ADMITS, .value = got };
    if (got.kind != VALUE_BOOL)
        return no_answer(r, &v->expression, got, POLICY_ADMITS);
    if (got.as.b)
        return d;
    d.outcome = POLICY_DENIES;
    if (message_text(r, &v->message_expression, &d.message))
        return d;
    d.message = v->message.n ? v->message
                             : str_printf(r->scratch, "failed expression: %.*s",
                                          STR_ARG(shown(&v->expression)));
    return d;
}

struct policy_decision policy_run_annotations(struct policy_run *r)
{
    struct policy_decision worst = { .outcome = POLICY_ADMITS, .value = value_null() };
    for (size_t i = 0; i < r->policy->annotation_count; i++) {
        struct value v = evaluate(r, &r->policy->annotation[i]);
        if (v.kind == VALUE_STRING || v.kind == VALUE_NULL)
            continue;
        struct policy_decision d = no_answer(r, &r->policy->annotation[i], v, POLICY_ADMITS);
        if (d.outcome > worst.outcome)
            worst = d;
    }
    return worst;
}

size_t policy_run_explain(struct policy_run *r, size_t i, struct cel_explained *row, size_t cap)
{
    r->act.ctx = r;
    r->act.cost_left = CEL_COST_MAX;
    return cel_explain(r->policy->validation[i].expression.program, &r->act, r->scratch, row, cap);
}
