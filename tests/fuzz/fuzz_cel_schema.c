/* OpenAPI documents as schemas: every component of any document can be made, and the checker works with
 * each on expressions that go deep. */
#include "cel/schema.h"
#include "value/json_read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void compile_with(struct arena *a, const struct cel_schema *schema)
{
    static const char *const text[] = { "x.a.b.c == 'd'", "x.?a[?0].?b.orValue([]).all(e, e.a > 1)", "x.map(e, e + e) == [x]",
                                        "x[0].a + x['a'].b" };
    const struct cel_variable variable = { .name = STR("x"), .schema = schema };
    struct cel_env env = { .variable = &variable, .variable_count = 1 };
    struct cel_program *p;
    for (size_t i = 0; i < sizeof text / sizeof *text; i++) {
        struct err err = { 0 };
        bool ok = cel_compile(&p, a, str_from_c(text[i]), (struct pos){ "f", 1, 1 }, &env, &err);
        INVARIANT(ok || err.text[0]);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a = { 0 };
    struct schema_document d;
    struct value document;
    struct err err = { 0 };
    bool ok =
        json_read(&document, &a, str_of((const char *)data, size), NULL, NULL, 0, &err) && schema_document_open(&d, &a, document, &err);
    for (uint32_t i = 0; ok && i < d.components.n && i < 16; i++) {
        const struct cel_schema *s = schema_of(&d, value_text(d.components.as.map->entry[i].key));
        INVARIANT(s != NULL);
        compile_with(&a, s);
    }
    if (ok)
        (void)schema_of_kind(&d, STR(""), STR("v1"), STR("Pod"));
    arena_release(&a);
    return 0;
}
