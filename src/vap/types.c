/* Policies held against the fields of the kinds they are for, as the API server does in
 * status.typeChecking. */
#include "vap/types.h"

#include "cel/overload.h"
#include "cluster/kind_schema.h"
#include "value/faults.h"
#include "value/scalar.h"
#include "vap/environment.h"
#include "vap/part.h"

/* One expression, compiled for each kind. */
struct typed {
    const struct expression *expression;
    /* one kind at least, or what it asks of one is at fault for another: it tells them apart */
    bool fits;
    enum kind kind; /* the first that it does not fit */
    struct err err; /* why not */
};
struct typing {
    struct arena *arena;
    const struct policy *policy;
    struct kind_schemas *schemas;
    struct typed *item;
    size_t count;
};

static const struct cel_schema *or_null(struct arena *a, const struct cel_schema *s)
{
    struct cel_schema *copy = arena_new(a, struct cel_schema);
    if (!s)
        return NULL;
    *copy = *s;
    copy->kinds |= K_NULL;
    return copy;
}

/* What it gives there; NULL: not known, or it does not fit. */
static const struct cel_schema *try_one(struct typing *t, struct policy_environment *e,
                                        enum kind kind, size_t *at, const struct expression *x)
{
    struct typed *one = &t->item[(*at)++];
    struct err err = { 0 };
    struct cel_program *p;
    one->expression = x;
    if (!x->program ||
        cel_compile(&p, t->arena, x->text, (struct pos){ "", 1, 1 }, &e->env, &err)) {
        one->fits = true;
        return x->program ? cel_result(p) : NULL;
    }
    one->fits |= one->err.code != ERR_NONE &&
                 (one->err.pos.line != err.pos.line || one->err.pos.column != err.pos.column);
    if (one->err.code == ERR_NONE) {
        one->err = err;
        one->kind = kind;
    }
    return NULL;
}

static void try_kind(struct typing *t, enum kind kind)
{
    const struct policy *p = t->policy;
    struct policy_environment e;
    size_t at = 0;
    policy_environment_open(&e, t->arena, p->param_kind.n > 0, p->variable_count, false);
    e.variable[POLICY_SLOT_OBJECT].schema = kind_schema(t->schemas, kind);
    e.variable[POLICY_SLOT_NAMESPACE_OBJECT].schema =
        or_null(t->arena, kind_schema(t->schemas, KIND_NAMESPACES));
    for (size_t i = 0; i < p->condition_count; i++)
        (void)try_one(t, &e, kind, &at, &p->condition[i]);
    for (size_t i = 0; i < p->variable_count; i++)
        policy_environment_add(&e, p->variable[i].name, try_one(t, &e, kind, &at, &p->variable[i]));
    for (size_t i = 0; i < p->validation_count; i++) {
        (void)try_one(t, &e, kind, &at, &p->validation[i].expression);
        (void)try_one(t, &e, kind, &at, &p->validation[i].message_expression);
    }
    for (size_t i = 0; i < p->annotation_count; i++)
        (void)try_one(t, &e, kind, &at, &p->annotation[i]);
    t->count = at;
}

static bool check_one(const struct policy *p, struct kind_schemas *schemas, struct arena *a,
                      struct faults *faults)
{
    struct reading r = {
        .arena = a, .text = p->text, .name = str_to_c(a, p->source), .faults = faults
    };
    struct typing t = { .arena = a, .policy = p, .schemas = schemas };
    struct kind_set kinds = policy_kinds(&p->constraints, NULL);
    bool ok = true;
    if (p->fault.n || policy_unread(&p->constraints, p->gather, a).n)
        return true;
    t.item = arena_array(a, struct typed,
                         p->condition_count + p->variable_count + 2 * p->validation_count +
                             p->annotation_count + 1);
    for (size_t k = 0; k < KIND_COUNT; k++)
        if (kind_set_has(kinds, (enum kind)k))
            try_kind(&t, (enum kind)k);
    for (size_t i = 0; i < t.count; i++) {
        const struct typed *x = &t.item[i];
        if (!x->fits)
            ok = fault_at(
                &r,
                scalar_fault_place(p->text, x->expression->text, x->expression->pos, x->err.pos),
                "%s (of %s)", x->err.text, kind_info(x->kind)->resource);
    }
    return ok;
}

bool policies_check_types(const struct policies *p, struct arena *a, struct faults *faults)
{
    struct arena scratch CLEANUP(arena_release) = { 0 };
    struct kind_schemas schemas;
    bool ok = true;
    kind_schemas_open(&schemas, a, &scratch);
    for (size_t i = 0; i < p->policy.count; i++)
        ok &= check_one(p->policy.item[i], &schemas, a, faults);
    return ok;
}
