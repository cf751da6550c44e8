/* The names that a policy's expressions may use: Kubernetes' own, no more. */
#include "vap/environment.h"

#include "cel/overload.h"
#include "cluster/project.h"
#include "vap/authorizer.h"

/* Objects have no schema here: the API server compiles policies without one too, for a policy may
 * be over several kinds. */
static const char *const fixed[POLICY_SLOT_COUNT] = {
    [POLICY_SLOT_OBJECT] = "object",
    [POLICY_SLOT_OLD_OBJECT] = "oldObject",
    [POLICY_SLOT_REQUEST] = "request",
    [POLICY_SLOT_NAMESPACE_OBJECT] = "namespaceObject",
    [POLICY_SLOT_AUTHORIZER] = "authorizer",
    [POLICY_SLOT_AUTHORIZER_RESOURCE] = "authorizer.requestResource",
    [POLICY_SLOT_PARAMS] = "params",
};

/* ---- what an API server knows of the request and of the namespace when it compiles a policy
 * Source: k8s.io/apiserver pkg/admission/plugin/cel (BuildRequestType, BuildNamespaceType). Fields
 * are sorted by name. */

static const struct cel_schema text_type = { .kinds = K_STRING }, bool_type = { .kinds = K_BOOL },
                               int_type = { .kinds = K_INT },
                               authorizer_type = { .kinds = K_OPAQUE,
                                                   .opaque = "kubernetes.authorization" },
                               time_type = { .kinds = K_TIMESTAMP },
                               texts_type = { .kinds = K_LIST, .held = &text_type },
                               text_map_type = { .kinds = K_MAP, .held = &text_type },
                               extra_type = { .kinds = K_MAP, .held = &texts_type };

#define FIELDS(name, kinds_, ...)                                          \
    static const struct cel_schema_field name##_field[] = { __VA_ARGS__ }; \
    static const struct cel_schema name = { .kinds = (kinds_),             \
                                            .field = name##_field,         \
                                            .field_count =                 \
                                                sizeof name##_field / sizeof *name##_field }
#define FIELD(n, type)                                 \
    {                                                  \
        .name = { n, sizeof(n) - 1 }, .schema = (type) \
    }

FIELDS(gvk_type, K_MAP, FIELD("group", &text_type), FIELD("kind", &text_type),
       FIELD("version", &text_type));
FIELDS(gvr_type, K_MAP, FIELD("group", &text_type), FIELD("resource", &text_type),
       FIELD("version", &text_type));
FIELDS(user_type, K_MAP, FIELD("extra", &extra_type), FIELD("groups", &texts_type),
       FIELD("uid", &text_type), FIELD("username", &text_type));
FIELDS(request_type, K_MAP, FIELD("dryRun", &bool_type), FIELD("kind", &gvk_type),
       FIELD("name", &text_type), FIELD("namespace", &text_type), FIELD("operation", &text_type),
       FIELD("options", NULL), FIELD("requestKind", &gvk_type), FIELD("requestResource", &gvr_type),
       FIELD("requestSubResource", &text_type), FIELD("resource", &gvr_type),
       FIELD("subResource", &text_type), FIELD("userInfo", &user_type));
FIELDS(namespace_meta_type, K_MAP, FIELD("UID", &text_type), FIELD("annotations", &text_map_type),
       FIELD("creationTimestamp", &time_type), FIELD("deletionGracePeriodSeconds", &int_type),
       FIELD("deletionTimestamp", &time_type), FIELD("generateName", &text_type),
       FIELD("generation", &int_type), FIELD("labels", &text_map_type), FIELD("name", &text_type),
       FIELD("namespace", &text_type), FIELD("resourceVersion", &text_type));
FIELDS(namespace_spec_type, K_MAP, FIELD("finalizers", &texts_type));
FIELDS(namespace_status_type, K_MAP, FIELD("phase", &text_type));
FIELDS(namespace_type, K_MAP | K_NULL, FIELD("metadata", &namespace_meta_type),
       FIELD("spec", &namespace_spec_type), FIELD("status", &namespace_status_type));

void policy_environment_open(struct policy_environment *e, struct arena *a, bool has_params,
                             size_t variable_max, bool as_created)
{
    *e = (struct policy_environment){ .arena = a };
    e->variable = arena_array(a, struct cel_variable, POLICY_SLOT_COUNT + variable_max);
    for (size_t i = 0; i < POLICY_SLOT_COUNT; i++)
        e->variable[i].name = str_from_c(fixed[i]);
    if (!has_params)
        e->variable[POLICY_SLOT_PARAMS].name = (struct str){ 0 };
    e->env = (struct cel_env){ .variable = e->variable,
                               .variable_count = POLICY_SLOT_COUNT,
                               .function = policy_authorizer_function,
                               .function_count = policy_authorizer_function_count,
                               .admission = as_created };
    if (as_created) {
        e->variable[POLICY_SLOT_AUTHORIZER].schema = &authorizer_type;
        e->variable[POLICY_SLOT_AUTHORIZER_RESOURCE].schema = &authorizer_type;
        e->variable[POLICY_SLOT_REQUEST].schema = &request_type;
        e->variable[POLICY_SLOT_NAMESPACE_OBJECT].schema = &namespace_type;
    }
}

void policy_environment_add(struct policy_environment *e, struct str name,
                            const struct cel_schema *schema)
{
    e->variable[e->env.variable_count++] =
        (struct cel_variable){ str_printf(e->arena, "variables.%.*s", STR_ARG(name)), schema };
}

static bool asks_authorizer(const struct expression *e, bool *used, size_t slots)
{
    memset(used, 0, slots * sizeof *used);
    if (e->program)
        cel_used_variables(e->program, used);
    return used[POLICY_SLOT_AUTHORIZER] || used[POLICY_SLOT_AUTHORIZER_RESOURCE];
}

bool policy_asks_authorizer(const struct policy *p, struct arena *a)
{
    size_t slots = POLICY_SLOT_COUNT + p->variable_count;
    bool *used = arena_array(a, bool, slots), asks = false;
    for (size_t i = 0; i < p->condition_count; i++)
        asks |= asks_authorizer(&p->condition[i], used, slots);
    for (size_t i = 0; i < p->variable_count; i++)
        asks |= asks_authorizer(&p->variable[i], used, slots);
    for (size_t i = 0; i < p->validation_count; i++)
        asks |= asks_authorizer(&p->validation[i].expression, used, slots) ||
                asks_authorizer(&p->validation[i].message_expression, used, slots);
    for (size_t i = 0; i < p->annotation_count; i++)
        asks |= asks_authorizer(&p->annotation[i], used, slots);
    return asks;
}

/* ---- what is not read of an object */

#define ABSENT "is left out when objects are read"

static int field_order(const void *a, const void *b)
{
    return str_cmp(((const struct cel_schema_field *)a)->name,
                   ((const struct cel_schema_field *)b)->name);
}

/* Any map, of which only what is skipped is known. */
static const struct cel_schema *skipped(struct arena *a, const struct json_skip *skip, size_t count)
{
    struct cel_schema *s = arena_new(a, struct cel_schema);
    struct cel_schema_field *field = arena_array(a, struct cel_schema_field, count);
    for (size_t i = 0; i < count; i++)
        field[i] = (struct cel_schema_field){
            .name = skip[i].key,
            .schema = skip[i].child_count ? skipped(a, skip[i].child, skip[i].child_count) : NULL,
            .absent = skip[i].child_count ? NULL : ABSENT
        };
    qsort(field, count, sizeof *field, field_order);
    *s = (struct cel_schema){
        .kinds = K_MAP | K_NULL, .open = true, .field = field, .field_count = count
    };
    return s;
}

static const struct cel_schema *absent_in(struct policy_environment *e, const struct expression *x,
                                          struct str *found)
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
    policy_environment_open(&e, a, p->param_kind.n > 0, p->variable_count, false);
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
        struct str found = kind_set_has(kinds, (enum kind)k)
                               ? absent_of_kind(p, (enum kind)k, &scratch)
                               : (struct str){ 0 };
        if (found.n)
            return str_printf(a, "of %s, %.*s", kind_info((enum kind)k)->resource, STR_ARG(found));
    }
    return (struct str){ 0 };
}
