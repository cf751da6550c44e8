/* The names that a check's expressions may use, and what the checker knows of each. */
#include "bench/environment.h"

#include "analyze/shape.h"
#include "cel/overload.h"
#include "cluster/project.h"

static const char *const fixed[SLOT_FIXED_COUNT] = {
    [SLOT_OBJECT] = "object",
    [SLOT_PARAMS] = "params",
    [SLOT_DERIVED] = "derived",
    [SLOT_NAMESPACE_OBJECT] = "namespaceObject",
};

/* A shape that cannot be read leaves its value open: the unit tests read every one. */
static void open_facts(struct environment *e)
{
    for (size_t i = 0; i < fact_count; i++) {
        struct err err = { 0 };
        struct cel_variable *v = &e->variable[SLOT_FIXED_COUNT + i];
        v->name = str_printf(e->arena, "facts.%s", fact_info[i].name);
        (void)!shape_of_fact(&v->schema, e->arena, &fact_info[i], &err);
    }
}

static struct cel_host_function *typed_functions(struct arena *a)
{
    struct cel_host_function *f = arena_array(a, struct cel_host_function, facts_function_count);
    for (size_t i = 0; i < facts_function_count; i++) {
        struct err err = { 0 };
        f[i] = facts_function[i];
        (void)!shape_of_function(&f[i], a, &err);
    }
    return f;
}

void environment_open(struct environment *e, struct arena *a, struct arena *scratch, size_t own_max)
{
    *e = (struct environment){ .arena = a };
    kind_schemas_open(&e->kinds, a, scratch);
    e->variable = arena_array(a, struct cel_variable, SLOT_FIXED_COUNT + fact_count + own_max);
    for (size_t i = 0; i < SLOT_FIXED_COUNT; i++)
        e->variable[i].name = str_from_c(fixed[i]);
    open_facts(e);
    e->env = (struct cel_env){ .variable = e->variable,
                               .variable_count = SLOT_FIXED_COUNT + fact_count,
                               .function = typed_functions(a),
                               .function_count = facts_function_count };
}

static int field_order(const void *a, const void *b)
{
    return str_cmp(((const struct cel_schema_field *)a)->name,
                   ((const struct cel_schema_field *)b)->name);
}

void environment_set_params(struct environment *e, const struct param *param, size_t count)
{
    struct cel_schema *s = arena_array(e->arena, struct cel_schema, count + 1);
    struct cel_schema_field *field = arena_array(e->arena, struct cel_schema_field, count);
    for (size_t i = 0; i < count; i++) {
        s[i] = (struct cel_schema){ .kinds = (uint16_t)KIND_BIT(param[i].def.kind), .open = true };
        field[i] =
            (struct cel_schema_field){ .name = param[i].name,
                                       .schema = param[i].def.kind == VALUE_NULL ? NULL : &s[i] };
    }
    qsort(field, count, sizeof *field, field_order);
    s[count] = (struct cel_schema){ .kinds = K_MAP, .field = field, .field_count = count };
    e->variable[SLOT_PARAMS].schema = &s[count];
}

/* The schema with what is skipped while reading marked so. */
static const struct cel_schema *without(struct arena *a, const struct cel_schema *s,
                                        const struct json_skip *skip, size_t count)
{
    struct cel_schema *out = arena_new(a, struct cel_schema);
    struct cel_schema_field *field = arena_array(a, struct cel_schema_field, s->field_count);
    *out = *s;
    for (size_t i = 0; i < s->field_count; i++) {
        field[i] = s->field[i];
        for (size_t k = 0; k < count; k++) {
            if (!str_eq(skip[k].key, field[i].name))
                continue;
            if (!skip[k].child_count)
                field[i].absent = "is left out when objects are read: nothing can be told by it";
            else if (field[i].schema)
                field[i].schema = without(a, field[i].schema, skip[k].child, skip[k].child_count);
        }
    }
    out->field = field;
    return out;
}

static const struct cel_schema *object_schema(struct environment *e, enum kind kind)
{
    size_t count;
    const struct cel_schema *s = kind_schema(&e->kinds, kind);
    const struct json_skip *skip = project_skip(kind, &count);
    return s ? without(e->arena, s, skip, count) : NULL;
}

static const struct cel_schema *namespace_schema(struct environment *e)
{
    const struct cel_schema *s = object_schema(e, KIND_NAMESPACES);
    struct cel_schema *or_null = arena_new(e->arena, struct cel_schema);
    if (!s)
        return NULL;
    *or_null = *s;
    or_null->kinds |= K_NULL;
    return or_null;
}

void environment_set_population(struct environment *e, const struct table_info *table,
                                enum kind kind)
{
    const struct cel_schema *object = NULL, *derived = NULL;
    struct err err = { 0 };
    if (table)
        (void)!shape_of_table(&object, &derived, e->arena, table, &err);
    if (kind != KIND_NONE)
        object = object_schema(e, kind);
    e->variable[SLOT_OBJECT].schema = object;
    e->variable[SLOT_DERIVED].schema = derived;
    if (!e->variable[SLOT_NAMESPACE_OBJECT].schema)
        e->variable[SLOT_NAMESPACE_OBJECT].schema = namespace_schema(e);
}
