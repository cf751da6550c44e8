/* Expressions compiled and evaluated with a small budget, with and without the checker. What compiles with
 * it must compile without it and give the same; evaluating twice gives the same; nothing takes more
 * memory than the budget allows. */
#include "cel/program.h"
#include "value/json_read.h"

#include <math.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define BUDGET            20000u
#define SCRATCH_BYTES_MAX ((size_t)64 << 20)

static const char object_text[] =
    "{\"metadata\":{\"name\":\"web\",\"namespace\":\"shop\",\"labels\":{\"app\":\"web\",\"a.b/c\":\"\"}},"
    "\"spec\":{\"hostNetwork\":true,\"containers\":[{\"name\":\"a\",\"image\":\"r/a:1\",\"ports\":[{\"containerPort\":80}]},"
    "{\"name\":\"b\",\"image\":\"r/b\",\"resources\":{\"limits\":{\"memory\":\"1Gi\"}}}],\"n\":-1.5,\"none\":null}}";

/* A host's function: its argument back. */
static struct value echo(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    (void)call, (void)arg_count;
    return arg[0];
}

static const struct cel_host_function function[] = { { .name = "echo", .arg_count = 1, .fn = echo },
                                                     { .name = "echo", .member = true, .arg_count = 1, .fn = echo } };
static const struct cel_variable variable[] = { { .name = STR_INIT("object") },
                                                { .name = STR_INIT("x") },
                                                { .name = STR_INIT("variables.n") } };

struct run {
    struct arena *arena;
    struct str source;
    struct value var[3];
};

static bool evaluate(struct run *r, bool lenient, struct value *out)
{
    struct cel_env env = { .variable = variable, .variable_count = 3, .function = function, .function_count = 2, .lenient = lenient };
    struct cel_activation act = { .var = r->var, .cost_left = BUDGET };
    struct cel_program *p;
    struct cel_explained row[8];
    bool used[3] = { 0 };
    struct err err = { 0 };
    if (!cel_compile(&p, r->arena, r->source, (struct pos){ "f", 1, 1 }, &env, &err)) {
        INVARIANT(err.code != ERR_NONE && err.text[0] && err.pos.line);
        return false;
    }
    size_t before = r->arena->used_bytes;
    *out = cel_eval(p, &act, r->arena);
    INVARIANT(r->arena->used_bytes - before < SCRATCH_BYTES_MAX);
    INVARIANT(value_is_error(*out) || (cel_result(p)->kinds & (1u << out->kind)));
    (void)cel_value_text(r->arena, *out, 200);
    act.cost_left = BUDGET;
    (void)cel_explain(p, &act, r->arena, row, 8);
    cel_used_variables(p, used);
    return true;
}

static bool has_nan(struct value v)
{
    if (v.kind == VALUE_DOUBLE)
        return isnan(v.as.d);
    /* may hold one, or be long to look through */
    return v.kind == VALUE_LIST || v.kind == VALUE_MAP || v.kind == VALUE_OPTIONAL || v.kind == VALUE_OPAQUE;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a = { 0 };
    struct run r = { .arena = &a, .source = str_of((const char *)data, size) };
    struct value strict, lenient;
    struct err err = { 0 };
    INVARIANT(json_read(&r.var[0], &a, str_from_c(object_text), NULL, NULL, 0, &err));
    r.var[1] = value_cstr("text");
    r.var[2] = value_int(3);
    bool checked = evaluate(&r, false, &strict), parsed = evaluate(&r, true, &lenient);
    INVARIANT(parsed || !checked);
    if (checked) {
        INVARIANT(strict.kind == lenient.kind);
        INVARIANT(value_is_error(strict) || has_nan(strict) || value_equal(strict, lenient));
    }
    arena_release(&a);
    return 0;
}
