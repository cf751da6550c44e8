/* The value room without YAML: values, equality and order, digests, JSON documents. */
#include "base/enc.h"
#include "value/json_doc.h"
#include "value/value.h"

#include <check.h>
#include <jansson.h>
#include <math.h>
#include <signal.h>

#define COUNT(table) ((int)(sizeof(table) / sizeof(table)[0]))
#define INT(x)                         \
    {                                  \
        .kind = VALUE_INT, .as.i = (x) \
    }
#define UINT(x)                         \
    {                                   \
        .kind = VALUE_UINT, .as.u = (x) \
    }
#define DBL(x)                            \
    {                                     \
        .kind = VALUE_DOUBLE, .as.d = (x) \
    }
#define TEXT(x)                                               \
    {                                                         \
        .kind = VALUE_STRING, .n = sizeof(x) - 1, .as.s = (x) \
    }
#define BYTES(x)                                             \
    {                                                        \
        .kind = VALUE_BYTES, .n = sizeof(x) - 1, .as.s = (x) \
    }
#define BOOL(x)                         \
    {                                   \
        .kind = VALUE_BOOL, .as.b = (x) \
    }
#define TIME(sec, nsec)                                     \
    {                                                       \
        .kind = VALUE_TIMESTAMP, .n = (nsec), .as.i = (sec) \
    }
#define DURATION(sec, nsec)                                          \
    {                                                                \
        .kind = VALUE_DURATION, .n = (uint32_t)(nsec), .as.i = (sec) \
    }

enum { NO_ORDER = 9 };
static const struct {
    struct value a, b;
    int order; /* of a to b; NO_ORDER: they have none */
} order_row[] = {
    { INT(1), INT(1), 0 },
    { INT(1), UINT(1), 0 },
    { INT(1), DBL(1.0), 0 },
    { UINT(1), DBL(1.0), 0 },
    { INT(0), DBL(-0.0), 0 },
    { INT(-1), UINT(UINT64_MAX), -1 },
    { INT(1), DBL(1.5), -1 },
    { INT(-1), DBL(-1.5), 1 },
    { UINT(1), DBL(-1.5), 1 },
    { UINT(0), DBL(-0.5), 1 },
    /* 2^53 + 1 has no double */
    { INT(9007199254740993), DBL(9007199254740992.0), 1 },
    { INT(9007199254740992), DBL(9007199254740992.0), 0 },
    { INT(-9007199254740993), DBL(-9007199254740992.0), -1 },
    { INT(INT64_MAX), DBL(9223372036854775808.0), -1 },
    { INT(INT64_MIN), DBL(-9223372036854775808.0), 0 },
    { INT(INT64_MIN), DBL(-9223372036854777856.0), 1 },
    { INT(INT64_MAX), UINT((uint64_t)INT64_MAX), 0 },
    { INT(INT64_MAX), UINT((uint64_t)INT64_MAX + 1), -1 },
    { UINT(UINT64_MAX), DBL(18446744073709551616.0), -1 },
    { UINT(UINT64_MAX - 2047), DBL(18446744073709549568.0), 0 },
    { UINT(UINT64_MAX), DBL(18446744073709549568.0), 1 },
    { INT(5), DBL(INFINITY), -1 },
    { UINT(5), DBL(-INFINITY), 1 },
    { DBL(INFINITY), DBL(INFINITY), 0 },
    { DBL(NAN), DBL(NAN), NO_ORDER },
    { DBL(NAN), INT(1), NO_ORDER },
    { UINT(1), DBL(NAN), NO_ORDER },
    { TEXT("a"), TEXT("b"), -1 },
    { TEXT("a"), TEXT("a"), 0 },
    { TEXT("ab"), TEXT("a"), 1 },
    { TEXT("\xC3\xA9"), TEXT("z"), 1 },
    { TEXT("a"), BYTES("a"), NO_ORDER },
    { BYTES("\xFF"), BYTES("\x01"), 1 },
    { BOOL(false), BOOL(true), -1 },
    { BOOL(true), INT(1), NO_ORDER },
    { TEXT("1"), INT(1), NO_ORDER },
    { TIME(5, 1), TIME(5, 2), -1 },
    { TIME(-5, 9), TIME(5, 2), -1 },
    { TIME(5, 1), DURATION(5, 1), NO_ORDER },
    { DURATION(-1, -500000000), DURATION(-1, 0), -1 },
    { DURATION(0, -1), DURATION(0, 1), -1 },
    { DURATION(3, 3), DURATION(3, 3), 0 },
    { { .kind = VALUE_NULL }, { .kind = VALUE_NULL }, NO_ORDER },
};

static bool same_digest(struct value a, struct value b)
{
    uint8_t da[32], db[32];
    value_digest(a, da);
    value_digest(b, db);
    return memcmp(da, db, sizeof da) == 0;
}

START_TEST(value_order)
{
    struct value a = order_row[_i].a, b = order_row[_i].b;
    int order = NO_ORDER, back = NO_ORDER;
    ck_assert_int_eq(value_compare(a, b, &order), order_row[_i].order != NO_ORDER);
    ck_assert_int_eq(value_compare(b, a, &back), order_row[_i].order != NO_ORDER);
    ck_assert_int_eq(order, order_row[_i].order);
    ck_assert_int_eq(back, order == NO_ORDER ? NO_ORDER : -order);
    bool both_null = a.kind == VALUE_NULL && b.kind == VALUE_NULL;
    ck_assert_int_eq(value_equal(a, b), order == 0 || both_null);
    ck_assert_int_eq(value_equal(b, a), order == 0 || both_null);
    bool both_nan = a.kind == VALUE_DOUBLE && b.kind == VALUE_DOUBLE && isnan(a.as.d) && isnan(b.as.d);
    ck_assert_int_eq(same_digest(a, b), value_equal(a, b) || both_nan);
}
END_TEST

static struct value big_map(struct arena *a, int count, bool backwards)
{
    struct value_builder b;
    value_builder_init(&b, a);
    for (int i = 0; i < count; i++) {
        int at = backwards ? count - 1 - i : i;
        value_builder_put(&b, value_str(str_printf(a, "key-%d", at)), value_int(at));
    }
    return value_builder_map(&b);
}

START_TEST(value_map_look_up)
{
    static const int count[] = { 0, 1, 2, 15, 16, 17, 100, 5000 };
    struct arena a = { 0 };
    for (int c = 0; c < COUNT(count); c++) {
        struct value m = big_map(&a, count[c], false);
        ck_assert_uint_eq(m.n, (unsigned)count[c]);
        ck_assert_int_eq(m.as.map->index != NULL, count[c] >= 16);
        for (int i = 0; i < count[c]; i++) {
            struct str key = str_printf(&a, "key-%d", i);
            const struct value *found = value_get(m, key);
            ck_assert_ptr_nonnull(found);
            ck_assert_int_eq(found->as.i, i);
            ck_assert_ptr_eq(value_get_key(m, value_str(key)), found);
        }
        ck_assert_ptr_null(value_get(m, str_printf(&a, "key-%d", count[c])));
        ck_assert_ptr_null(value_get(m, STR("")));
        ck_assert_ptr_null(value_get_key(m, value_int(1)));
        ck_assert(value_equal(m, big_map(&a, count[c], true)));
        ck_assert(same_digest(m, big_map(&a, count[c], true)));
        ck_assert(!value_equal(m, big_map(&a, count[c] + 1, true)));
        ck_assert(!same_digest(m, big_map(&a, count[c] + 1, true)));
    }
    ck_assert_ptr_null(value_get(value_int(1), STR("x")));
    arena_release(&a);
}
END_TEST

START_TEST(value_map_keys_of_any_number_kind)
{
    struct arena a = { 0 };
    for (int filler = 0; filler <= 40; filler += 40) {
        struct value_builder b;
        value_builder_init(&b, &a);
        value_builder_put(&b, value_int(1), value_cstr("one"));
        value_builder_put(&b, value_bool(true), value_cstr("true"));
        value_builder_put(&b, value_uint(UINT64_MAX), value_cstr("max"));
        value_builder_put(&b, value_int(-7), value_cstr("minus seven"));
        for (int i = 0; i < filler; i++) {
            value_builder_put(&b, value_int(1000 + i), value_null());
        }
        struct value m = value_builder_map(&b);
        const struct value *one = value_get_key(m, value_int(1));
        ck_assert_ptr_nonnull(one);
        ck_assert(str_eq(value_text(*one), STR("one")));
        ck_assert_ptr_eq(value_get_key(m, value_uint(1)), one);
        ck_assert_ptr_eq(value_get_key(m, value_double(1.0)), one);
        ck_assert_ptr_null(value_get_key(m, value_double(1.5)));
        ck_assert_ptr_null(value_get_key(m, value_double((double)NAN)));
        ck_assert_ptr_null(value_get_key(m, value_cstr("1")));
        ck_assert_ptr_nonnull(value_get_key(m, value_uint(UINT64_MAX)));
        ck_assert_ptr_nonnull(value_get_key(m, value_double(-7)));
        ck_assert(str_eq(value_text(*value_get_key(m, value_bool(true))), STR("true")));
        ck_assert_ptr_null(value_get_key(m, value_bool(false)));
    }
    arena_release(&a);
}
END_TEST

static struct value read_json(struct arena *a, const char *text)
{
    struct err e = { 0 };
    struct value v = { 0 };
    ck_assert_msg(json_doc_read(&v, a, str_from_c(text), "t.json", &e), "%s", e.text);
    return v;
}

START_TEST(value_paths)
{
    struct arena a = { 0 };
    struct value v = read_json(&a, "{\"metadata\":{\"name\":\"x\",\"n\":5,\"b\":true,\"z\":null}}");
    ck_assert(str_eq(value_text_at(v, "metadata", "name", NULL), STR("x")));
    ck_assert_uint_eq(value_text_at(v, "metadata", "n", NULL).n, 0);
    ck_assert_uint_eq(value_text_at(v, "spec", "name", NULL).n, 0);
    ck_assert_int_eq(value_int_at(v, 7, "metadata", "n", NULL), 5);
    ck_assert_int_eq(value_int_at(v, 7, "metadata", "name", NULL), 7);
    ck_assert(value_bool_at(v, false, "metadata", "b", NULL));
    ck_assert(value_bool_at(v, true, "metadata", "n", NULL));
    ck_assert_int_eq(value_at(v, "metadata", "z", NULL)->kind, VALUE_NULL);
    ck_assert_ptr_null(value_at(v, "metadata", "name", "deeper", NULL));
    arena_release(&a);
}
END_TEST

static bool opaque_equal(const void *a, const void *b)
{
    return *(const int *)a == *(const int *)b;
}

static struct str opaque_text(const void *self, struct arena *a)
{
    return str_printf(a, "<%d>", *(const int *)self);
}

static const struct value_opaque_type opaque_type = { "test.Number", opaque_equal, opaque_text };

/* One value of every kind. */
static struct value zoo(struct arena *a)
{
    static const int seven = 7;
    struct value_builder list, map;
    value_builder_init(&list, a);
    value_builder_push(&list, value_null());
    value_builder_push(&list, value_bool(true));
    value_builder_push(&list, value_int(INT64_MIN));
    value_builder_push(&list, value_uint(UINT64_MAX));
    value_builder_push(&list, value_double(0.1));
    value_builder_push(&list, value_cstr("t\"\\\n\x01\xC3\xA9"));
    value_builder_push(&list, value_bytes(STR("\x00\xFF")));
    value_builder_push(&list, value_timestamp((struct instant){ 0, 5000000 }));
    value_builder_push(&list, value_duration(-1, -500000000));
    value_builder_push(&list, value_duration(3600, 0));
    value_builder_push(&list, (struct value){ .kind = VALUE_TYPE, .n = 3, .as.s = "int" });
    value_builder_push(&list, value_optional_none());
    value_builder_push(&list, value_optional(a, value_int(1)));
    value_builder_push(&list, value_opaque(a, &opaque_type, &seven));
    value_builder_init(&map, a);
    value_builder_set(&map, "z", value_builder_list(&list));
    value_builder_set(&map, "a", value_list(NULL, 0));
    value_builder_set(&map, "m", value_map(a, NULL, 0));
    return value_builder_map(&map);
}

static const char zoo_text[] = "{\"z\":[null,true,-9223372036854775808,18446744073709551615,0.1,\"t\\\"\\\\\\n\\u0001\xC3\xA9\",\"AP8=\","
                               "\"1970-01-01T00:00:00.005Z\",\"-1.5s\",\"3600s\",\"int\",null,1,\"<7>\"],\"a\":[],\"m\":{}}";

static struct str json_of(struct arena *a, struct value v, unsigned flags)
{
    struct buf b CLEANUP(buf_release) = BUF_INIT((size_t)1 << 20);
    json_doc_write(&b, v, flags);
    ck_assert(!b.over);
    return str_dup(a, buf_str(&b));
}

START_TEST(value_dup_is_deep)
{
    struct arena a = { 0 }, b = { 0 };
    struct value v = zoo(&a), copy = value_dup(&b, v);
    struct value error = value_dup(&b, value_error(&a, VALUE_ERROR_LIMIT, 5, "too %s", "much"));
    uint8_t before[32], after[32];
    value_digest(v, before);
    ck_assert(value_equal(v, copy));
    arena_release(&a);
    value_digest(copy, after);
    ck_assert_mem_eq(before, after, 32);
    ck_assert(str_eq(error.as.error->text, STR("too much")));
    ck_assert_int_eq(error.as.error->code, VALUE_ERROR_LIMIT);
    ck_assert_uint_eq(error.as.error->offset, 5);
    arena_release(&b);
}
END_TEST

START_TEST(value_digest_tells_apart)
{
    struct arena a = { 0 };
    static const char *const text[] = {
        "null",
        "false",
        "true",
        "0",
        "-1",
        "1",
        "1.5",
        "\"\"",
        "\"1\"",
        "\"null\"",
        "[]",
        "{}",
        "[[]]",
        "[[],[]]",
        "[\"a\",\"b\"]",
        "[\"ab\"]",
        "[\"b\",\"a\"]",
        "{\"a\":\"b\"}",
        "{\"b\":\"a\"}",
        "{\"a\":null}",
        "9007199254740993",
        "9007199254740992",
    };
    for (int i = 0; i < COUNT(text); i++) {
        for (int j = 0; j < COUNT(text); j++) {
            ck_assert_int_eq(same_digest(read_json(&a, text[i]), read_json(&a, text[j])), i == j);
        }
    }
    ck_assert(!same_digest(value_cstr("a"), value_bytes(STR("a"))));
    ck_assert(!same_digest(value_optional_none(), value_null()));
    char *big = arena_alloc(&a, 100000);
    ck_assert(!same_digest(value_str(str_of(big, 100000)), value_str(str_of(big, 99999))));
    /* What it is, is for ever: stored fingerprints depend on it. */
    uint8_t digest[32];
    char hex[SHA256_HEX_BYTES];
    value_digest(read_json(&a, "{\"b\":[1,2.5,true,null],\"a\":\"x\"}"), digest);
    sha256_hex(digest, hex);
    ck_assert_str_eq(hex, "533ed1cf4bd08807c0d25c119f8c157b13d2682fdffb590a68b362aa04b99d6f");
    arena_release(&a);
}
END_TEST

START_TEST(value_errors_are_cut)
{
    struct arena a = { 0 };
    struct value v = value_error(&a, VALUE_ERROR_EVAL, UINT32_MAX, "%05000d", 1);
    ck_assert_uint_le(v.as.error->text.n, VALUE_ERROR_BYTES_MAX);
    ck_assert(str_has_suffix(v.as.error->text, STR("...")));
    ck_assert(value_is_error(v) && !value_is_error(value_null()));
    ck_assert(value_equal(v, v) && !value_equal(v, value_error(&a, VALUE_ERROR_EVAL, 0, "x")));
    arena_release(&a);
}
END_TEST

START_TEST(value_kind_names)
{
    for (int k = VALUE_NULL; k <= VALUE_ERROR; k++) {
        ck_assert_str_ne(value_kind_name((enum value_kind)k), "unknown");
    }
    ck_assert_str_eq(value_kind_name((enum value_kind)200), "unknown");
}
END_TEST

START_TEST(value_too_long_is_a_bug)
{
    (void)value_str(str_of("", (size_t)UINT32_MAX + 1));
}
END_TEST

/* JSON documents */

START_TEST(json_writes_every_kind)
{
    struct arena a = { 0 };
    ck_assert_str_eq(json_of(&a, zoo(&a), 0).p, zoo_text);
    ck_assert(str_has_prefix(json_of(&a, zoo(&a), JSON_DOC_SORTED), STR("{\"a\":[],\"m\":{},\"z\":[null,")));
    ck_assert_str_eq(json_of(&a, read_json(&a, "{\"b\":[1,{}],\"a\":{\"x\":[]}}"), JSON_DOC_INDENT).p,
                     "{\n  \"b\": [\n    1,\n    {}\n  ],\n  \"a\": {\n    \"x\": []\n  }\n}");
    ck_assert_str_eq(json_of(&a, value_error(&a, VALUE_ERROR_EVAL, 0, "no such key"), 0).p, "\"no such key\"");
    struct value_builder b;
    value_builder_init(&b, &a);
    value_builder_put(&b, value_int(1), value_int(2));
    value_builder_put(&b, value_bool(false), value_int(3));
    ck_assert_str_eq(json_of(&a, value_builder_map(&b), 0).p, "{\"1\":2,\"false\":3}");
    arena_release(&a);
}
END_TEST

static const struct {
    double d;
    const char *text;
} double_row[] = {
    { 1.0, "1.0" },
    { 0.1, "0.1" },
    { -0.0, "-0.0" },
    { 1e300, "1e+300" },
    { 1.0 / 3, "0.3333333333333333" },
    { 5e-324, "4.94065645841247e-324" },
    { (double)NAN, "\"NaN\"" },
    { (double)INFINITY, "\"Infinity\"" },
    { -(double)INFINITY, "\"-Infinity\"" },
    { 123456789012345680.0, "1.2345678901234568e+17" },
};

START_TEST(json_writes_doubles)
{
    struct arena a = { 0 };
    struct str text = json_of(&a, value_double(double_row[_i].d), 0);
    ck_assert_str_eq(text.p, double_row[_i].text);
    struct value back = read_json(&a, text.p);
    ck_assert(back.kind == VALUE_STRING || (back.kind == VALUE_DOUBLE && back.as.d == double_row[_i].d));
    arena_release(&a);
}
END_TEST

static const struct {
    const char *bytes;
    size_t n;
    const char *text;
} utf8_row[] = {
    { "a\xFF"
      "b",
      3,
      "\"a\xEF\xBF\xBD"
      "b\"" },
    { "\xED\xA0\x80", 3, "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"" },
    { "\xC3", 1, "\"\xEF\xBF\xBD\"" },
    { "\xC3\xA9\xE2\x82", 4, "\"\xC3\xA9\xEF\xBF\xBD\xEF\xBF\xBD\"" },
    { "a\0b", 3, "\"a\\u0000b\"" },
    { "\x1f\x7f", 2, "\"\\u001F\x7f\"" },
};

START_TEST(json_writes_bad_utf8)
{
    struct arena a = { 0 };
    struct value v = value_str(str_of(utf8_row[_i].bytes, utf8_row[_i].n));
    ck_assert_str_eq(json_of(&a, v, 0).p, utf8_row[_i].text);
    struct value_builder b;
    value_builder_init(&b, &a);
    value_builder_put(&b, v, value_int(1));
    ck_assert_str_eq(json_of(&a, value_builder_map(&b), 0).p, str_printf(&a, "{%s:1}", utf8_row[_i].text).p);
    arena_release(&a);
}
END_TEST

static const struct {
    const char *text, *error; /* NULL: written again it is the same */
    uint32_t line, column;
} read_row[] = {
    { "{\"a\":[1,-2,3.5,\"x\\u0000y\",true,false,null,{}]}", NULL, 0, 0 },
    { "\"\\ud83d\\ude00\"", NULL, 0, 0 },
    { "7", NULL, 0, 0 },
    { "{\"a\":1,\n \"a\":2}", "duplicate object key near '\"a\"'", 2, 4 },
    { "[1,\n  \xC3\xA9]", "invalid token near '\xC3\xA9'", 2, 3 },
    { "[1,2", "']' expected near end of file", 1, 4 },
    { "", "unexpected token near end of file", 1, 1 },
    { "{} x", "end of file expected near 'x'", 1, 4 },
    { "99999999999999999999", "too big integer", 1, 20 },
    { "\"\xFF\"", "unable to decode byte 0xff", 1, 1 }, /* the place of the text it is in */
};

START_TEST(json_reads)
{
    struct arena a = { 0 };
    struct err e = { 0 };
    struct value v = value_int(77);
    bool ok = json_doc_read(&v, &a, str_from_c(read_row[_i].text), "t.json", &e);
    ck_assert_int_eq(ok, read_row[_i].error == NULL);
    if (ok) {
        struct value again = read_json(&a, json_of(&a, v, 0).p);
        ck_assert(value_equal(v, again));
        arena_release(&a);
        return;
    }
    ck_assert_int_eq(v.as.i, 77);
    ck_assert_int_eq(e.code, ERR_INPUT);
    ck_assert_msg(strstr(e.text, read_row[_i].error), "%s", e.text);
    ck_assert_str_eq(e.pos.file, "t.json");
    ck_assert_uint_eq(e.pos.line, read_row[_i].line);
    ck_assert_uint_eq(e.pos.column, read_row[_i].column);
    arena_release(&a);
}
END_TEST

START_TEST(json_reading_is_limited)
{
    struct arena a = { 0 };
    struct err e = { 0 };
    struct value v = value_int(77);
    char deep[1001];
    memset(deep, '[', 500);
    memset(deep + 500, ']', 500);
    ck_assert(!json_doc_read(&v, &a, str_of(deep, 1000), "t.json", &e));
    ck_assert_int_eq(e.code, ERR_LIMIT);
    ck_assert_int_eq(v.as.i, 77);
    err_clear(&e);
    ck_assert(json_doc_read(&v, &a, str_of(deep + 500 - JSON_DOC_DEPTH_MAX, 2 * JSON_DOC_DEPTH_MAX), "t.json", &e));
    ck_assert(!json_doc_read(&v, &a, str_of(deep, JSON_DOC_BYTES_MAX + 1), "t.json", &e));
    ck_assert_int_eq(e.code, ERR_LIMIT);
    arena_release(&a);
}
END_TEST

/* Each two code points that matter, beside each other, as jansson writes them. */
START_TEST(json_writes_texts_as_jansson_does)
{
    static const uint32_t beyond[] = { 0xE9, 0x7FF, 0x800, 0x2028, 0xFFFD, 0x10FFFF };
    struct arena a = { 0 };
    for (uint32_t i = 0; i < (128 + 6) * (128 + 6); i++) {
        uint32_t pair[] = { i / 134, i % 134 };
        char bytes[16];
        size_t n = 0;
        for (size_t k = 0; k < 2; k++) {
            uint32_t c = pair[k] < 128 ? pair[k] : beyond[pair[k] - 128];
            if (c < 0x80) {
                bytes[n++] = (char)c;
            } else if (c < 0x800) {
                bytes[n++] = (char)(0xC0 | c >> 6);
            } else if (c < 0x10000) {
                bytes[n++] = (char)(0xE0 | c >> 12);
                bytes[n++] = (char)(0x80 | (c >> 6 & 63));
            } else {
                bytes[n++] = (char)(0xF0 | c >> 18);
                bytes[n++] = (char)(0x80 | (c >> 12 & 63));
                bytes[n++] = (char)(0x80 | (c >> 6 & 63));
            }
            if (c >= 0x80) {
                bytes[n++] = (char)(0x80 | (c & 63));
            }
        }
        json_t *j = json_stringn_nocheck(bytes, n);
        char *theirs = json_dumps(j, JSON_ENCODE_ANY);
        ck_assert(str_eq_c(json_of(&a, value_str(str_of(bytes, n)), 0), theirs));
        free(theirs);
        json_decref(j);
        arena_reset(&a);
    }
    arena_release(&a);
}
END_TEST

START_TEST(json_writing_stops_at_the_limit)
{
    struct arena a = { 0 };
    struct buf b = BUF_INIT(10);
    json_doc_write(&b, zoo(&a), 0);
    ck_assert(b.over);
    ck_assert_uint_le(b.n, 10);
    buf_release(&b);
    arena_release(&a);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("value");
    TCase *t = tcase_create("value");
    tcase_set_timeout(t, 60);
    tcase_add_loop_test(t, value_order, 0, COUNT(order_row));
    tcase_add_test(t, value_map_look_up);
    tcase_add_test(t, value_map_keys_of_any_number_kind);
    tcase_add_test(t, value_paths);
    tcase_add_test(t, value_dup_is_deep);
    tcase_add_test(t, value_digest_tells_apart);
    tcase_add_test(t, value_errors_are_cut);
    tcase_add_test(t, value_kind_names);
    tcase_add_test(t, json_writes_every_kind);
    tcase_add_loop_test(t, json_writes_doubles, 0, COUNT(double_row));
    tcase_add_loop_test(t, json_writes_bad_utf8, 0, COUNT(utf8_row));
    tcase_add_loop_test(t, json_reads, 0, COUNT(read_row));
    tcase_add_test(t, json_reading_is_limited);
    tcase_add_test(t, json_writes_texts_as_jansson_does);
    tcase_add_test(t, json_writing_stops_at_the_limit);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    if (srunner_fork_status(r) == CK_FORK) {
        tcase_add_test_raise_signal(t, value_too_long_is_a_bug, SIGABRT);
    }
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? 1 : 0;
}
