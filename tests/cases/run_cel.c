/* Others' cases for the expression language: cel/spec, cel/k8s, cel/policies under the folder given.
 * usage: run_cel CASES FAILING-IDS-FILE */
#include "cases/cases.h"

#include "base/enc.h"
#include "cel/program.h"
#include "value/json_read.h"

#include <math.h>

static struct arena *arena; /* of the case at hand */

/* ---- the cases' typed values: {"int": "5"}, {"list": [...]} ... */

static struct value typed(struct value v);

static struct value typed_map(struct value pairs)
{
    struct value_builder b;
    value_builder_init(&b, arena);
    for (uint32_t i = 0; i < pairs.n; i++)
        value_builder_put(&b, typed(pairs.as.item[i].as.item[0]), typed(pairs.as.item[i].as.item[1]));
    return value_builder_map(&b);
}

static struct value typed_list(struct value items)
{
    struct value_builder b;
    value_builder_init(&b, arena);
    for (uint32_t i = 0; i < items.n; i++)
        value_builder_push(&b, typed(items.as.item[i]));
    return value_builder_list(&b);
}

static struct value typed_double(struct value v)
{
    if (v.kind == VALUE_DOUBLE)
        return v;
    if (v.kind == VALUE_INT)
        return value_double((double)v.as.i);
    struct str s = value_text(v);
    return value_double(str_eq(s, STR("NaN")) ? (double)NAN : str_eq(s, STR("Infinity")) ? (double)INFINITY : -(double)INFINITY);
}

/* A number, or one in quotes. */
static int64_t seconds(struct value of)
{
    int64_t s = value_int_at(of, 0, "seconds", NULL);
    struct str text = value_text_at(of, "seconds", NULL);
    if (text.n && !str_to_int64(text, &s))
        s = INT64_MIN;
    return s;
}

static struct value typed(struct value v)
{
    struct str kind = value_text(v.as.map->entry[0].key);
    struct value of = v.as.map->entry[0].val;
    int64_t i = 0;
    uint64_t u = 0;
    struct buf bytes CLEANUP(buf_release) = BUF_INIT(1 << 20);
    if (str_eq_c(kind, "int"))
        return str_to_int64(value_text(of), &i) ? value_int(i) : value_null();
    if (str_eq_c(kind, "uint"))
        return str_to_uint64(value_text(of), &u) ? value_uint(u) : value_null();
    if (str_eq_c(kind, "double"))
        return typed_double(of);
    if (str_eq_c(kind, "bytes_b64"))
        return enc_base64_decode(&bytes, value_text(of), false) ? value_bytes(str_dup(arena, buf_str(&bytes))) : value_null();
    if (str_eq_c(kind, "list"))
        return typed_list(of);
    if (str_eq_c(kind, "map"))
        return typed_map(of);
    if (str_eq_c(kind, "type"))
        return (struct value){ .kind = VALUE_TYPE, .n = of.n, .as.s = of.as.s };
    if (str_eq_c(kind, "timestamp"))
        return value_timestamp((struct instant){ seconds(of), (int32_t)value_int_at(of, 0, "nanos", NULL) });
    if (str_eq_c(kind, "duration"))
        return value_duration(seconds(of), (int32_t)value_int_at(of, 0, "nanos", NULL));
    if (str_eq_c(kind, "optional"))
        return value_optional(arena, typed(of));
    if (str_eq_c(kind, "optional_none"))
        return value_optional_none();
    return of; /* string, bool, null */
}

static bool same(struct value got, struct value want);

static bool same_map(struct value got, struct value want)
{
    for (uint32_t i = 0; i < want.n; i++) {
        const struct value *v = value_get_key(got, want.as.map->entry[i].key);
        if (!v || !same(*v, want.as.map->entry[i].val))
            return false;
    }
    return got.n == want.n;
}

/* Equal and of one kind; NaN equals NaN, maps ignore order. */
static bool same(struct value got, struct value want)
{
    if (got.kind != want.kind)
        return false;
    if (got.kind == VALUE_DOUBLE && isnan(want.as.d))
        return isnan(got.as.d);
    if (got.kind == VALUE_MAP)
        return same_map(got, want);
    if (got.kind == VALUE_OPTIONAL)
        return got.as.boxed && want.as.boxed ? same(*got.as.boxed, *want.as.boxed) : got.as.boxed == want.as.boxed;
    if (got.kind != VALUE_LIST)
        return value_equal(got, want);
    for (uint32_t i = 0; got.n == want.n && i < want.n; i++)
        if (!same(got.as.item[i], want.as.item[i]))
            return false;
    return got.n == want.n;
}

static bool same_opaque(struct value got, struct value want)
{
    if (got.kind != VALUE_OPAQUE)
        return false;
    struct str text = got.as.opaque->type->text ? got.as.opaque->type->text(got.as.opaque->self, arena) : (struct str){ 0 };
    struct str wanted = value_text_at(want, "text", NULL);
    return !wanted.n || str_eq(text, wanted);
}

/* ---- running */

struct names {
    struct str container;
    struct cel_variable variable[64];
    struct value value[64];
    size_t count;
};

static void add_name(struct names *n, struct str name, struct value v)
{
    if (n->count == 64)
        return;
    n->variable[n->count].name = name;
    n->value[n->count++] = v;
}

static struct value run(struct str expr, struct names *n, struct err *err)
{
    struct cel_env env = { .variable = n->variable, .variable_count = n->count, .container = n->container, .lenient = true };
    struct cel_activation act = { .var = n->value, .cost_left = CEL_COST_MAX };
    struct cel_program *p;
    if (!cel_compile(&p, arena, expr, (struct pos){ "case", 1, 1 }, &env, err))
        return value_error(arena, VALUE_ERROR_EVAL, 0, "%s", err->text);
    return cel_eval(p, &act, arena);
}

static bool is_ours(struct value row)
{
    return value_bool_at(row, false, "untyped", NULL);
}

static void add_bindings(struct names *n, struct value row)
{
    const struct value *bindings = value_get(row, STR("bindings")), *json = value_get(row, STR("json_vars"));
    n->container = value_text_at(row, "container", NULL);
    for (uint32_t i = 0; bindings && i < bindings->n; i++)
        add_name(n, value_text(bindings->as.map->entry[i].key), typed(bindings->as.map->entry[i].val));
    for (uint32_t i = 0; json && json->kind == VALUE_MAP && i < json->n; i++)
        add_name(n, value_text(json->as.map->entry[i].key), json->as.map->entry[i].val);
}

/* With KUBEVOUCH_CASES_VERBOSE set, what a failing case gave. */
static bool tell(struct value row, bool ok, struct value got)
{
    if (!ok && getenv("KUBEVOUCH_CASES_VERBOSE"))
        printf("%.*s: %.*s\n    gave %.*s\n", STR_ARG(value_text_at(row, "id", NULL)), STR_ARG(value_text_at(row, "expr", NULL)),
               STR_ARG(cel_value_text(arena, got, 300)));
    return ok;
}

static bool expression_case(struct cases *c, struct value row, struct arena *a)
{
    (void)c;
    arena = a;
    struct names n = { 0 };
    struct err err = { 0 };
    add_bindings(&n, row);
    struct value got = run(value_text_at(row, "expr", NULL), &n, &err);
    const struct value *want = value_at(row, "expect", "value", NULL);
    if (!want) {
        return tell(row, value_is_error(got), got);
    }
    const struct value *opaque = value_get(*want, STR("opaque"));
    bool ok = opaque ? same_opaque(got, *opaque) : same(got, typed(*want));
    return tell(row, ok, got);
}

/* The namespace the object is in, as the API server would give it. */
static struct value namespace_of(struct value object)
{
    struct str ns = value_text_at(object, "metadata", "namespace", NULL);
    struct value_builder meta, out;
    value_builder_init(&meta, arena);
    value_builder_set(&meta, "name", value_str(ns.n ? ns : STR("default")));
    value_builder_init(&out, arena);
    value_builder_set(&out, "metadata", value_builder_map(&meta));
    return value_builder_map(&out);
}

static bool policy_case(struct cases *c, struct value row, struct arena *a)
{
    arena = a;
    struct names n = { 0 };
    struct err err = { 0 };
    struct value object;
    const struct value *file = value_get(row, STR("input_files")), *vars = value_get(row, STR("variables"));
    const struct value *conditions = value_get(row, STR("conditions")), *expressions = value_get(row, STR("expressions"));
    const struct value *each = value_at(row, "expect", "each", NULL);
    struct str text = cases_file(c, arena, "cel", value_text(value_item(*file, 0)));
    if (!json_read(&object, arena, text, NULL, NULL, 0, &err))
        return false;
    add_name(&n, STR("object"), object);
    add_name(&n, STR("oldObject"), value_null());
    add_name(&n, STR("namespaceObject"), namespace_of(object));
    for (uint32_t i = 0; i < vars->n; i++) {
        struct str name = value_text_at(value_item(*vars, i), "name", NULL);
        struct value v = run(value_text_at(value_item(*vars, i), "expression", NULL), &n, &err);
        add_name(&n, str_printf(arena, "variables.%.*s", STR_ARG(name)), v);
    }
    bool applies = true, pass = true, all_as_wanted = true;
    for (uint32_t i = 0; i < conditions->n; i++) {
        struct value v = run(value_text(value_item(*conditions, i)), &n, &err);
        applies &= v.kind == VALUE_BOOL && v.as.b;
    }
    for (uint32_t i = 0; applies && i < expressions->n; i++) {
        struct value v = run(value_text(value_item(*expressions, i)), &n, &err);
        pass &= v.kind == VALUE_BOOL && v.as.b;
        if (each && i < each->n) {
            struct value want = value_item(*each, i);
            all_as_wanted &= want.kind == VALUE_BOOL ? v.kind == VALUE_BOOL && v.as.b == want.as.b : v.kind != VALUE_BOOL;
        }
        (void)tell(row, all_as_wanted, v);
    }
    struct str want = value_text_at(row, "expect", "result", NULL);
    if (str_eq_c(want, "skip"))
        return !applies;
    return all_as_wanted && str_eq_c(want, pass ? "pass" : "fail");
}

int main(int argc, char **argv)
{
    struct cases c;
    if (!cases_open(&c, argc, argv))
        return 2;
    c.counts = is_ours;
    cases_run(&c, "cel/spec", expression_case);
    cases_run(&c, "cel/k8s", expression_case);
    c.counts = NULL;
    cases_run(&c, "cel/policies", policy_case);
    return cases_close(&c);
}
