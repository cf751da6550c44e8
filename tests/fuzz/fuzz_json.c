/* Any bytes as JSON: this reader and jansson take and refuse the same texts, and see the same values.
 *
 * Where they differ, and should: jansson refuses integers out of int64 (this reader makes them doubles),
 * NUL in keys, and counts depth in another way; it takes a NUL byte for the text's end. Leaving keys out
 * changes nothing else. */
#include "base/buf.h"
#include "value/json_read.h"

#include <jansson.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct json_skip inner_skip[] = { { STR_INIT("a"), NULL, 0 }, { STR_INIT(""), NULL, 0 } };
static const struct json_skip outer_skip[] = {
    { STR_INIT("a"), NULL, 0 },
    { STR_INIT("b"), inner_skip, 2 },
    { STR_INIT("items"), inner_skip, 2 },
};
#define OUTER_SKIP_COUNT (sizeof outer_skip / sizeof outer_skip[0])

/* ---- the same value ---- */

static bool is_same_double(double a, double b)
{
    return memcmp(&a, &b, sizeof a) == 0;
}

static bool is_same_text(struct value v, const json_t *j)
{
    return v.n == json_string_length(j) && (v.n == 0 || memcmp(v.as.s, json_string_value(j), v.n) == 0);
}

static void check_same(struct value v, json_t *j);

static void check_same_map(struct value v, json_t *j)
{
    const char *key;
    json_t *val;
    uint32_t i = 0;
    INVARIANT(v.n == v.as.map->count && v.n == json_object_size(j));
    json_object_foreach(j, key, val)
    {
        const struct value_entry *e = &v.as.map->entry[i++];
        INVARIANT(str_eq_c(value_text(e->key), key));
        INVARIANT(value_get(v, value_text(e->key)) == &e->val);
        check_same(e->val, val);
    }
}

static void check_same(struct value v, json_t *j)
{
    switch (json_typeof(j)) {
    case JSON_NULL:
        INVARIANT(v.kind == VALUE_NULL);
        break;
    case JSON_TRUE:
        INVARIANT(v.kind == VALUE_BOOL && v.as.b);
        break;
    case JSON_FALSE:
        INVARIANT(v.kind == VALUE_BOOL && !v.as.b);
        break;
    case JSON_INTEGER:
        INVARIANT(v.kind == VALUE_INT && v.as.i == json_integer_value(j));
        break;
    case JSON_REAL:
        INVARIANT(v.kind == VALUE_DOUBLE && is_same_double(v.as.d, json_real_value(j)));
        break;
    case JSON_STRING:
        INVARIANT(v.kind == VALUE_STRING && is_same_text(v, j));
        break;
    case JSON_ARRAY:
        INVARIANT(v.kind == VALUE_LIST && v.n == json_array_size(j));
        for (uint32_t i = 0; i < v.n; i++)
            check_same(v.as.item[i], json_array_get(j, i));
        break;
    case JSON_OBJECT:
        INVARIANT(v.kind == VALUE_MAP);
        check_same_map(v, j);
        break;
    }
}

/* ---- what was left out, and nothing else ---- */

static const struct json_skip *skip_of(const struct json_skip *skip, size_t count, struct value key)
{
    for (size_t i = 0; i < count; i++) {
        if (str_eq(skip[i].key, value_text(key)))
            return &skip[i];
    }
    return NULL;
}

static void check_projected(struct value whole, struct value part, const struct json_skip *skip, size_t count)
{
    uint32_t kept = 0;
    INVARIANT(whole.kind == part.kind);
    if (whole.kind == VALUE_LIST) {
        INVARIANT(whole.n == part.n);
        for (uint32_t i = 0; i < whole.n; i++)
            check_projected(whole.as.item[i], part.as.item[i], skip, count);
    } else if (whole.kind == VALUE_MAP) {
        for (uint32_t i = 0; i < whole.n; i++) {
            const struct value_entry *e = &whole.as.map->entry[i];
            const struct json_skip *s = skip_of(skip, count, e->key);
            if (s && s->child_count == 0)
                continue;
            INVARIANT(kept < part.n && value_equal(part.as.map->entry[kept].key, e->key));
            check_projected(e->val, part.as.map->entry[kept++].val, s ? s->child : NULL, s ? s->child_count : 0);
        }
        INVARIANT(kept == part.n);
    } else {
        INVARIANT(value_equal(whole, part));
    }
}

/* ---- taken or refused ---- */

static void check_refusal(const struct err *err, size_t size, const struct arena *a, struct value untouched)
{
    unsigned long long offset = 0;
    INVARIANT(err->code == ERR_INPUT || err->code == ERR_LIMIT);
    INVARIANT(sscanf(err->text, "byte %llu: ", &offset) == 1 && offset <= size);
    INVARIANT(str_is_utf8(str_from_c(err->text)));
    INVARIANT(a->used_bytes == 0);
    INVARIANT(untouched.kind == VALUE_INT && untouched.as.i == 42);
}

/* An integer out of int64 has 19 digits at least, and a real out of double an exponent or 309 digits. */
static bool has_big_number(struct str text)
{
    size_t run = 0, longest = 0;
    for (size_t i = 0; i < text.n; i++) {
        run = text.p[i] >= '0' && text.p[i] <= '9' ? run + 1 : 0;
        longest = run > longest ? run : longest;
    }
    return longest >= 19 || str_find_char(text, 'e', 0) != SIZE_MAX || str_find_char(text, 'E', 0) != SIZE_MAX;
}

static void compare(struct str text, bool ok, struct value v, const struct err *err)
{
    json_error_t fault;
    json_t *j = json_loadb(text.p, text.n, JSON_ALLOW_NUL | JSON_DECODE_ANY, &fault);
    enum json_error_code code = j ? json_error_unknown : json_error_code(&fault);
    bool is_deep = code == json_error_stack_overflow || err->code == ERR_LIMIT;
    if (j && ok)
        check_same(v, j);
    else if (ok)
        INVARIANT(is_deep || code == json_error_null_byte_in_key || (code == json_error_numeric_overflow && has_big_number(text)));
    else
        INVARIANT(!j || is_deep || str_find_char(text, '\0', 0) != SIZE_MAX);
    json_decref(j);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena whole_arena CLEANUP(arena_release) = { 0 }, part_arena CLEANUP(arena_release) = { 0 };
    const struct json_limits limits = { .depth = JSON_DEPTH_CEILING };
    struct err err = { 0 }, part_err = { 0 };
    struct value whole = value_int(42), part = value_int(42);
    struct str text = str_of((const char *)data, size);
    bool ok = json_read(&whole, &whole_arena, text, &limits, NULL, 0, &err);
    bool part_ok = json_read(&part, &part_arena, text, &limits, outer_skip, OUTER_SKIP_COUNT, &part_err);
    INVARIANT(ok == part_ok && strcmp(err.text, part_err.text) == 0);
    if (ok) {
        check_projected(whole, part, outer_skip, OUTER_SKIP_COUNT);
        INVARIANT(part_arena.used_bytes <= whole_arena.used_bytes);
    } else {
        check_refusal(&err, size, &whole_arena, whole);
    }
    compare(text, ok, whole, &err);
    return 0;
}
