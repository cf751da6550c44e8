/* One object held against one part of a check: conditions, exceptions, validations, and what each
 * showed. */
#include "audit/part.h"
#include "audit/trim.h"
#include "value/taint.h"

#define SEEN_BYTES 300u

/* Lazily made values of one object: each at most once. */
enum { SLOT_UNMADE, SLOT_MADE = CEL_KNOWN, SLOT_MAKING };

struct judging {
    struct audit *au;
    const struct check *check;
    const struct check_part *part;
    struct value object;
    const struct value *derived;
    struct arena *scratch;
    struct cel_activation act;
    uint64_t cost_left; /* of all expressions over this object */
};

#define FRAGMENT_BYTES 48u

/* "5.2.yaml:1069, check 5.2.2, variables.x, at \"object.spec...\"": where in a benchmark an
 * evaluation ended. */
static struct str place_of(struct judging *j, const struct expression *e, uint32_t offset)
{
    struct str file = str_from_c(e->pos.file ? e->pos.file : ""), line, rest;
    size_t slash = str_find_last_char(file, '/');
    if (slash != SIZE_MAX)
        file = str_sub(file, slash + 1, file.n);
    struct str place = str_printf(j->scratch, "%.*s%s%u, check %.*s", STR_ARG(file),
                                  file.n ? ":" : "line ", e->pos.line, STR_ARG(j->check->id));
    if (e->name.n)
        place = str_printf(j->scratch, "%.*s, %.*s", STR_ARG(place), STR_ARG(e->name));
    if (offset >= e->text.n)
        return place;
    (void)str_cut(str_sub(e->text, offset, e->text.n), '\n', &line, &rest);
    line = str_trim(line);
    bool cut = line.n > FRAGMENT_BYTES;
    return str_printf(j->scratch, "%.*s, at \"%.*s%s\"", STR_ARG(place),
                      STR_ARG(str_sub(line, 0, cut ? FRAGMENT_BYTES : line.n)), cut ? "..." : "");
}

/* An error of a variable is of the variable's own expression, whoever asks for it: it says so, and
 * no offset counts any more. */
static struct value placed(struct judging *j, const struct expression *e, struct value v)
{
    if (v.kind != VALUE_ERROR || v.as.error->code != VALUE_ERROR_EVAL ||
        v.as.error->offset == UINT32_MAX)
        return v;
    return value_error(j->scratch, VALUE_ERROR_EVAL, UINT32_MAX, "%.*s (%.*s)",
                       STR_ARG(v.as.error->text), STR_ARG(place_of(j, e, v.as.error->offset)));
}

/* Of an object that many parts judge, once: the second time it costs what it did the first. An
 * error names its check, and is made by each. */
static struct value make_shared(struct judging *j, const struct expression *e,
                                struct shared_value *s)
{
    struct arena *scratch = j->scratch;
    uint64_t before = j->act.cost_left;
    if (s->is_made && s->cost <= before) {
        j->act.cost_left -= s->cost;
        return s->value;
    }
    j->scratch = &j->au->shared_arena;
    struct value v = placed(j, e, cel_eval(e->program, &j->act, j->scratch));
    j->scratch = scratch;
    if (v.kind != VALUE_ERROR)
        *s = (struct shared_value){ true, before - j->act.cost_left, v };
    return v;
}

static struct value make_variable(struct judging *j, uint32_t index)
{
    const struct benchmark *b = j->au->bench;
    if (index < b->variable_count && j->au->is_sharing)
        return make_shared(j, &b->variable[index], &j->au->shared[index]);
    const struct expression *e = index < b->variable_count
                                     ? &b->variable[index]
                                     : &j->part->variable[index - b->variable_count];
    return placed(j, e, cel_eval(e->program, &j->act, j->scratch));
}

static struct value make_slot(struct judging *j, uint32_t slot)
{
    switch ((enum check_slot)slot) {
    case SLOT_OBJECT:
        return j->object;
    case SLOT_PARAMS:
        return j->au->params;
    case SLOT_DERIVED:
        return j->derived ? *j->derived
                          : facts_derived(j->au->facts, j->part->kind, j->object, j->scratch);
    case SLOT_NAMESPACE_OBJECT:
        return facts_namespace(j->au->facts,
                               value_text_at(j->object, "metadata", "namespace", NULL), j->scratch);
    case SLOT_FIXED_COUNT:
        break;
    }
    uint32_t index = slot - SLOT_FIXED_COUNT;
    return index < fact_count ? facts_get(j->au->facts, index)
                              : make_variable(j, index - (uint32_t)fact_count);
}

static bool resolve(void *ctx, uint32_t slot, struct value *out, struct arena *scratch)
{
    struct judging *j = ctx;
    struct audit *au = j->au;
    if (au->slot_state[slot] == SLOT_MAKING) {
        *out =
            value_error(scratch, VALUE_ERROR_EVAL, UINT32_MAX, "a variable is defined by itself");
        return true;
    }
    if (au->slot_state[slot] == SLOT_UNMADE) {
        au->slot_state[slot] = SLOT_MAKING;
        au->slot[slot] = make_slot(j, slot);
        au->slot_state[slot] = SLOT_MADE;
    }
    *out = au->slot[slot];
    return true;
}

static struct value evaluate(struct judging *j, const struct expression *e)
{
    uint64_t given = j->cost_left < CEL_COST_MAX ? j->cost_left : CEL_COST_MAX;
    j->act.cost_left = given;
    struct value v = cel_eval(e->program, &j->act, j->scratch);
    j->cost_left -= given - j->act.cost_left;
    return v;
}

/* What an error or a value of the wrong kind means: the evidence is not there. */
static struct str why_unknown(struct judging *j, const struct expression *e, struct value v)
{
    if (v.kind != VALUE_ERROR)
        return str_printf(
            j->scratch, "the expression (%.*s) gave a %s where true or false was expected",
            STR_ARG(place_of(j, e, UINT32_MAX)), value_kind_name((enum value_kind)v.kind));
    if (v.as.error->code == VALUE_ERROR_UNAVAILABLE)
        return v.as.error->text;
    return str_printf(j->scratch, "could not be evaluated: %.*s",
                      STR_ARG(placed(j, e, v).as.error->text));
}

static enum cause cause_of(struct value v)
{
    return v.kind == VALUE_ERROR ? v.as.error->cause : CAUSE_NOT_EVALUATED;
}

static void leave_unknown(struct judging *j, struct judgement *out, const struct expression *e,
                          struct value v)
{
    out->outcome = VERDICT_UNKNOWN;
    out->cause = cause_of(v);
    out->message = why_unknown(j, e, v);
}

/* True: in the population. An error keeps the object in it as UNKNOWN. */
static bool match(struct judging *j, struct judgement *out)
{
    for (size_t i = 0; i < j->part->match_count; i++) {
        struct value v = evaluate(j, &j->part->match[i]);
        if (v.kind == VALUE_BOOL && !v.as.b)
            return false;
        if (v.kind != VALUE_BOOL)
            leave_unknown(j, out, &j->part->match[i], v);
    }
    return true;
}

static struct str validation_message(struct judging *j, const struct validation *v)
{
    if (v->message_expression.program) {
        struct value m = evaluate(j, &v->message_expression);
        if (m.kind == VALUE_STRING && !taint_is(m))
            return value_text(m);
    }
    /* what failed is always said, if only by what was asked */
    return v->message.n ? v->message
                        : str_printf(j->scratch, "does not meet: %.*s",
                                     STR_ARG(str_trim(v->expression.text)));
}

/* doubt: why it is not known whether the object is excepted; CAUSE_NONE: it is known. */
static void validate(struct judging *j, struct judgement *out, enum cause doubt)
{
    for (size_t i = 0; i < j->part->validation_count; i++) {
        const struct validation *v = &j->part->validation[i];
        struct value got = evaluate(j, &v->expression);
        enum verdict outcome = VERDICT_PASS;
        if (got.kind != VALUE_BOOL)
            outcome = VERDICT_UNKNOWN;
        else if (!got.as.b)
            outcome = v->otherwise == OTHERWISE_MANUAL ? VERDICT_MANUAL : VERDICT_FAIL;
        if (outcome == VERDICT_FAIL && doubt != CAUSE_NONE)
            outcome = VERDICT_UNKNOWN;
        if (outcome <= out->outcome)
            continue;
        out->outcome = outcome;
        out->validation = (uint32_t)i;
        out->cause = outcome == VERDICT_UNKNOWN ? doubt : CAUSE_NONE;
        if (got.kind == VALUE_BOOL)
            out->message = validation_message(j, v);
        else
            leave_unknown(j, out, &v->expression, got);
    }
}

static struct value gather_evidence(struct judging *j)
{
    struct value_builder b;
    if (!j->part->evidence_count)
        return value_null();
    value_builder_init(&b, j->scratch);
    for (size_t i = 0; i < j->part->evidence_count; i++)
        value_builder_put(&b, value_str(j->part->evidence[i].name),
                          evaluate(j, &j->part->evidence[i]));
    return value_builder_map(&b);
}

/* ---- where the evidence comes from, and what it showed */

/* {grade, source, instance} of the row: the part's own, else derived.evidence; null if neither
 * tells. */
static struct value provenance_of(struct judging *j)
{
    if (j->part->provenance.program)
        return evaluate(j, &j->part->provenance);
    if (!j->derived || j->derived->kind != VALUE_MAP)
        return value_null();
    const struct value *v = value_get(*j->derived, STR("evidence"));
    return v ? *v : value_null();
}

/* The one place where the grade of evidence bounds the verdict. What somebody declared (a ConfigMap
 * of intent) says nothing of what runs: it neither passes nor fails. Evidence of no known grade
 * does not pass. */
static void bound_by_grade(struct judging *j, struct judgement *out, struct value provenance)
{
    struct str grade = value_text_at(provenance, "grade", NULL),
               source = value_text_at(provenance, "source", NULL);
    if (provenance.kind == VALUE_NULL || str_eq_c(grade, "observed") ||
        str_eq_c(grade, "effective"))
        return;
    if (out->outcome == VERDICT_UNKNOWN ||
        (provenance.kind == VALUE_ERROR && out->outcome != VERDICT_PASS))
        return;
    if (provenance.kind == VALUE_ERROR)
        out->message = str_printf(j->scratch, "where its evidence comes from is not known: %.*s",
                                  STR_ARG(provenance.as.error->text));
    else if (out->outcome == VERDICT_PASS)
        out->message = str_printf(j->scratch, "%.*s declares it, but what is in force was not seen",
                                  STR_ARG(source));
    else
        out->message = str_printf(
            j->scratch, "%.*s declares otherwise (%.*s), but what is in force was not seen",
            STR_ARG(source), STR_ARG(out->message));
    out->outcome = VERDICT_UNKNOWN;
    out->cause = provenance.kind == VALUE_ERROR ? provenance.as.error->cause : CAUSE_DECLARED_ONLY;
}

static void observe(struct judging *j, struct judgement *out, struct value provenance)
{
    struct observation *o = &out->observation;
    if (!j->part->seen.program)
        return;
    struct value seen = evaluate(j, &j->part->seen);
    out->observed = true;
    o->grade = value_text_at(provenance, "grade", NULL);
    o->source = value_text_at(provenance, "source", NULL);
    o->instance[0] = value_text_at(provenance, "instance", NULL);
    o->has_seen = seen.kind != VALUE_ERROR;
    if (o->has_seen)
        o->seen = seen.kind == VALUE_STRING && !taint_is(seen)
                      ? trim_text(j->scratch, value_text(seen), SEEN_BYTES)
                      : cel_value_text(j->scratch, seen, SEEN_BYTES);
    o->defaulted = -1;
    if (o->has_seen && j->part->defaulted.program) {
        struct value d = evaluate(j, &j->part->defaulted);
        o->defaulted = d.kind == VALUE_BOOL ? d.as.b : -1;
    }
}

/* Which of the part's filters the row is one of; after the validations, whose variables are there.
 */
static void filter(struct judging *j, struct judgement *out)
{
    for (size_t i = 0; i < j->part->filter_count; i++) {
        struct value v = evaluate(j, &j->part->filter[i]);
        out->in |= (uint16_t)((v.kind == VALUE_BOOL && v.as.b) << i);
        out->unsure |= (uint16_t)((v.kind != VALUE_BOOL) << i);
    }
}

static struct policy_judging of_policies(const struct audit *au)
{
    return (struct policy_judging){ .facts = au->facts, .params = &au->policy_params };
}

static struct judgement judge_policy(const struct audit *au, const struct policy_part *p,
                                     struct value object, struct arena *scratch)
{
    static const enum verdict outcome[] = {
        [POLICY_SKIPS] = VERDICT_NOT_APPLICABLE,
        [POLICY_ADMITS] = VERDICT_PASS,
        [POLICY_DENIES] = VERDICT_FAIL,
        [POLICY_UNKNOWN] = VERDICT_UNKNOWN,
    };
    struct policy_judging j = of_policies(au);
    struct policy_decision d = policy_judge(&j, p, object, scratch);
    enum cause cause = value_is_error(d.value) ? d.value.as.error->cause : CAUSE_OUT_OF_SIGHT;
    return (struct judgement){ .outcome = outcome[d.outcome],
                               .cause = d.outcome == POLICY_UNKNOWN ? cause : CAUSE_NONE,
                               .message = d.message };
}

static struct judging judging_of(struct audit *au, const struct part_state *part,
                                 struct value object, const struct value *derived,
                                 struct arena *scratch)
{
    return (struct judging){ .au = au,
                             .check = &au->bench->check[part->check],
                             .part = part->def,
                             .object = object,
                             .derived = derived,
                             .scratch = scratch,
                             .cost_left = CEL_COST_TOTAL_MAX };
}

struct judgement judge(struct audit *au, struct part_state *part, struct value object,
                       const struct value *derived, struct arena *scratch)
{
    struct judging j = judging_of(au, part, object, derived, scratch);
    struct judgement out = { .outcome = VERDICT_PASS };
    enum cause doubt = CAUSE_NONE;
    size_t slots =
        SLOT_FIXED_COUNT + fact_count + au->bench->variable_count + part->def->variable_count;

    if (part->def->policy)
        return judge_policy(au, part->def->policy, object, scratch);
    memset(au->slot_state, SLOT_UNMADE, slots);
    j.act = (struct cel_activation){
        .var = au->slot, .known = au->slot_state, .resolve = resolve, .ctx = &j, .host = au->facts
    };
    if (!match(&j, &out))
        return (struct judgement){ .outcome = VERDICT_NOT_APPLICABLE };
    for (size_t i = 0; i < part->def->except_count; i++) {
        struct value v = evaluate(&j, &part->def->except[i]);
        if (v.kind == VALUE_BOOL && v.as.b)
            return (struct judgement){ .outcome = VERDICT_NOT_APPLICABLE, .excepted = true };
        if (v.kind != VALUE_BOOL && doubt == CAUSE_NONE)
            doubt = cause_of(v);
    }
    validate(&j, &out, doubt);
    struct value provenance = provenance_of(&j);
    bound_by_grade(&j, &out, provenance);
    observe(&j, &out, provenance);
    out.observation.outcome = out.outcome;
    filter(&j, &out);
    if (out.outcome == VERDICT_PASS)
        return out;
    out.evidence = gather_evidence(&j);
    return out;
}

void judge_ask(struct audit *au, const struct part_state *part, struct value object,
               const struct value *derived, struct object_ref ref, struct arena *scratch)
{
    enum { ROWS_MAX = 64 };
    struct judging j = judging_of(au, part, object, derived, scratch);
    const struct expression *e = &part->def->validation[0].expression;
    struct audit_answer answer = { .ref = ref };
    j.act = (struct cel_activation){
        .var = au->slot, .known = au->slot_state, .resolve = resolve, .ctx = &j, .host = au->facts
    };
    memset(au->slot_state, SLOT_UNMADE, SLOT_FIXED_COUNT + fact_count + au->bench->variable_count);
    answer.value = evaluate(&j, e);
    if (au->ask->explain) {
        struct cel_explained *row = arena_array(scratch, struct cel_explained, ROWS_MAX);
        j.act.cost_left = CEL_COST_MAX;
        answer.row_count = cel_explain(e->program, &j.act, scratch, row, ROWS_MAX);
        answer.row_count = answer.row_count < ROWS_MAX ? answer.row_count : ROWS_MAX;
        answer.row = row;
    }
    au->ask->told(au->ask->ctx, &answer);
}

/* The values that judge made of the object's variables are still in their slots. */
void judge_explain(struct explanation *out, struct audit *au, const struct part_state *part,
                   const struct judgement *j, struct value object, const struct value *derived,
                   struct arena *scratch)
{
    struct judging again = { .au = au,
                             .check = &au->bench->check[part->check],
                             .part = part->def,
                             .object = object,
                             .derived = derived,
                             .scratch = scratch,
                             .cost_left = CEL_COST_TOTAL_MAX };
    again.act = (struct cel_activation){ .var = au->slot,
                                         .known = au->slot_state,
                                         .resolve = resolve,
                                         .ctx = &again,
                                         .host = au->facts,
                                         .cost_left = CEL_COST_MAX };
    *out = (struct explanation){ 0 };
    if (j->outcome != VERDICT_FAIL)
        return;
    if (part->def->policy) {
        struct policy_judging judging = of_policies(au);
        out->count = policy_explain(&judging, part->def->policy, object, out->row, EXPLAINED_ROWS,
                                    &out->program, scratch);
        return;
    }
    out->program = part->def->validation[j->validation].expression.program;
    out->count = cel_explain(out->program, &again.act, scratch, out->row, EXPLAINED_ROWS);
}
