#include "bench/policy_environment.h"

#include "cel/overload.h"
#include "collect/project.h"

/* Objects have no schema here: the API server compiles policies without one too, for a policy may be over several kinds. */
static const char *const fixed[POLICY_SLOT_COUNT] = {
    [POLICY_SLOT_OBJECT] = "object",
    [POLICY_SLOT_OLD_OBJECT] = "oldObject",
    [POLICY_SLOT_REQUEST] = "request",
    [POLICY_SLOT_NAMESPACE_OBJECT] = "namespaceObject",
    [POLICY_SLOT_AUTHORIZER] = "authorizer",
    [POLICY_SLOT_AUTHORIZER_RESOURCE] = "authorizer.requestResource",
    [POLICY_SLOT_PARAMS] = "params",
};

/* What may be asked of the authorizer needs to know who asks. */
static struct value needs_requester(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    for (size_t i = 0; i < arg_count; i++)
        if (value_is_error(arg[i]))
            return arg[i];
    return value_error(call->scratch, VALUE_ERROR_UNAVAILABLE, call->offset, "authorizer needs the one who sent the request, which what runs does not show");
}

#define AUTHORIZER(name, count) { name, true, count, needs_requester, "", { NULL }, NULL }
static const struct cel_host_function authorizer_function[] = {
    AUTHORIZER("path", 2), AUTHORIZER("group", 2), AUTHORIZER("serviceAccount", 3), AUTHORIZER("resource", 2), AUTHORIZER("subresource", 2),
    AUTHORIZER("namespace", 2), AUTHORIZER("name", 2), AUTHORIZER("fieldSelector", 2), AUTHORIZER("labelSelector", 2),
    AUTHORIZER("check", 2), AUTHORIZER("allowed", 1), AUTHORIZER("reason", 1), AUTHORIZER("errored", 1), AUTHORIZER("error", 1),
};

void policy_environment_open(struct policy_environment *e, struct arena *a, bool has_params, size_t variable_max)
{
    *e = (struct policy_environment){ .arena = a };
    e->variable = arena_array(a, struct cel_variable, POLICY_SLOT_COUNT + variable_max);
    for (size_t i = 0; i < POLICY_SLOT_COUNT; i++)
        e->variable[i].name = str_from_c(fixed[i]);
    if (!has_params)
        e->variable[POLICY_SLOT_PARAMS].name = (struct str){ 0 };
    e->env = (struct cel_env){ .variable = e->variable, .variable_count = POLICY_SLOT_COUNT, .function = authorizer_function,
                               .function_count = sizeof authorizer_function / sizeof *authorizer_function };
}

void policy_environment_add(struct policy_environment *e, struct str name, const struct cel_schema *schema)
{
    e->variable[e->env.variable_count++] =
        (struct cel_variable){ str_printf(e->arena, "variables.%.*s", STR_ARG(name)), schema };
}

/* ---- what is not read of an object */

#define ABSENT "is left out when objects are read"

static int field_order(const void *a, const void *b)
{
    return str_cmp(((const struct cel_schema_field *)a)->name, ((const struct cel_schema_field *)b)->name);
}

/* Any map, of which only what is skipped is known. */
static const struct cel_schema *skipped(struct arena *a, const struct json_skip *skip, size_t count)
{
    struct cel_schema *s = arena_new(a, struct cel_schema);
    struct cel_schema_field *field = arena_array(a, struct cel_schema_field, count);
    for (size_t i = 0; i < count; i++)
        field[i] = (struct cel_schema_field){ .name = skip[i].key, .schema = skip[i].child_count ? skipped(a, skip[i].child, skip[i].child_count) : NULL,
                                              .absent = skip[i].child_count ? NULL : ABSENT };
    qsort(field, count, sizeof *field, field_order);
    *s = (struct cel_schema){ .kinds = K_MAP | K_NULL, .open = true, .field = field, .field_count = count };
    return s;
}

static const struct cel_schema *absent_in(struct policy_environment *e, const struct expression *x, struct str *found)
{
    struct err err = { 0 };
    struct cel_program *p;
    if (!x->program)
        return NULL;
    if (cel_compile(&p, e->arena, x->text, (struct pos){ "", 1, 1 }, &e->env, &err))
        return cel_result(p);
    if (!found->n && str_find(str_from_c(err.text), STR(ABSENT), 0) != SIZE_MAX)
        *found = str_dup(e->arena, str_from_c(err.text));
    return NULL;
}

static struct str absent_of_kind(const struct policy *p, enum kind kind, struct arena *a)
{
    struct policy_environment e;
    struct str found = { 0 };
    size_t count;
    const struct json_skip *skip = project_skip(kind, &count);
    policy_environment_open(&e, a, p->param_kind.n > 0, p->variable_count);
    e.variable[POLICY_SLOT_OBJECT].schema = skipped(a, skip, count);
    for (size_t i = 0; i < p->condition_count; i++)
        (void)absent_in(&e, &p->condition[i], &found);
    for (size_t i = 0; i < p->variable_count; i++)
        policy_environment_add(&e, p->variable[i].name, absent_in(&e, &p->variable[i], &found));
    for (size_t i = 0; i < p->validation_count; i++)
        (void)absent_in(&e, &p->validation[i].expression, &found);
    return found;
}

struct str policy_absent(const struct policy *p, struct kind_set kinds, struct arena *a)
{
    struct arena scratch CLEANUP(arena_release) = { 0 };
    for (size_t k = 0; k < KIND_COUNT; k++) {
        struct str found = kind_set_has(kinds, (enum kind)k) ? absent_of_kind(p, (enum kind)k, &scratch) : (struct str){ 0 };
        if (found.n)
            return str_printf(a, "of %s, %.*s", kind_info((enum kind)k)->resource, STR_ARG(found));
    }
    return (struct str){ 0 };
}
