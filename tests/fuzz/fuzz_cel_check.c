/* The checker against the evaluator: an expression over a variable whose schema is known. What the checker says
 * of a result must hold of the value, down to fields and items, and a program it accepts must give what the same
 * program gives unchecked. */
#include "cel/overload.h"
#include "cel/program.h"
#include "value/json_read.h"

#include <math.h>

#define BUDGET    20000u
#define DEPTH_MAX 12

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char object_text[] =
    "{\"metadata\": {\"name\": \"web\", \"namespace\": \"shop\", \"labels\": {\"app\": \"web\", \"tier\": \"front\"}, \"generation\": 7},"
    " \"spec\": {\"replicas\": 2, \"ratio\": 0.5, \"paused\": false, \"note\": null, \"ports\": [80, 443], \"args\": [],"
    " \"containers\": [{\"name\": \"a\", \"image\": \"r/a:1\", \"tty\": true}, {\"name\": \"b\", \"image\": \"r/b:1\", \"tty\": false}]}}";

static int field_order(const void *a, const void *b)
{
    return str_cmp(((const struct cel_schema_field *)a)->name, ((const struct cel_schema_field *)b)->name);
}

/* labels is a map of any names, everything else has just the fields it has. */
static const struct cel_schema *schema_of_value(struct arena *a, struct value v, bool open)
{
    struct cel_schema *s = arena_new(a, struct cel_schema);
    *s = (struct cel_schema){ .kinds = (uint16_t)KIND_BIT(v.kind), .open = open };
    if (v.kind == VALUE_LIST && v.n)
        s->held = schema_of_value(a, value_item(v, 0), false);
    if (v.kind != VALUE_MAP)
        return s;
    struct cel_schema_field *field = arena_array(a, struct cel_schema_field, v.n);
    for (uint32_t i = 0; i < v.n; i++) {
        struct str key = value_text(v.as.map->entry[i].key);
        field[i] =
            (struct cel_schema_field){ .name = key, .schema = schema_of_value(a, v.as.map->entry[i].val, str_eq(key, STR("labels"))) };
    }
    if (open) {
        s->held = v.n ? field[0].schema : NULL;
        return s;
    }
    qsort(field, v.n, sizeof *field, field_order);
    s->field = field;
    s->field_count = v.n;
    return s;
}

static const struct cel_schema *field_schema(const struct cel_schema *s, struct str name)
{
    for (size_t i = 0; i < s->field_count; i++)
        if (str_eq(s->field[i].name, name))
            return s->field[i].schema;
    return s->held;
}

static bool conforms(struct value v, const struct cel_schema *s, int depth)
{
    if (!s || value_is_error(v) || depth > DEPTH_MAX || !s->kinds)
        return true;
    if (!(s->kinds & KIND_BIT(v.kind)))
        return false;
    for (uint32_t i = 0; v.kind == VALUE_LIST && i < v.n && i < 20; i++)
        if (!conforms(value_item(v, i), s->held, depth + 1))
            return false;
    for (uint32_t i = 0; v.kind == VALUE_MAP && i < v.n && i < 20; i++)
        if (!conforms(v.as.map->entry[i].val, field_schema(s, value_text(v.as.map->entry[i].key)), depth + 1))
            return false;
    return v.kind != VALUE_OPTIONAL || !v.as.boxed || conforms(*v.as.boxed, s->held, depth + 1);
}

static bool has_nan(struct value v)
{
    return (v.kind == VALUE_DOUBLE && isnan(v.as.d)) || v.kind == VALUE_LIST || v.kind == VALUE_MAP || v.kind == VALUE_OPTIONAL ||
           v.kind == VALUE_OPAQUE;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a = { 0 };
    struct str source = str_of((const char *)data, size);
    struct value object, got, unchecked;
    struct err err = { 0 };
    struct cel_program *strict, *lenient;
    INVARIANT(json_read(&object, &a, str_from_c(object_text), NULL, NULL, 0, &err));
    struct cel_variable x = { .name = STR("object"), .schema = schema_of_value(&a, object, false) };
    struct cel_env env = { .variable = &x, .variable_count = 1 };
    struct cel_activation act = { .var = &object, .cost_left = BUDGET };
    if (!cel_compile(&strict, &a, source, (struct pos){ "f", 1, 1 }, &env, &err)) {
        INVARIANT(err.code != ERR_NONE && err.text[0] && err.pos.line);
        arena_release(&a);
        return 0;
    }
    got = cel_eval(strict, &act, &a);
    INVARIANT(conforms(got, cel_result(strict), 0));
    env.lenient = true;
    err_clear(&err);
    INVARIANT(cel_compile(&lenient, &a, source, (struct pos){ "f", 1, 1 }, &env, &err));
    act.cost_left = BUDGET;
    unchecked = cel_eval(lenient, &act, &a);
    INVARIANT(got.kind == unchecked.kind);
    INVARIANT(value_is_error(got) || has_nan(got) || value_equal(got, unchecked));
    arena_release(&a);
    return 0;
}
