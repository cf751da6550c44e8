/* The arena reader of JSON: what it takes, what it refuses and where, and its limits. */
#include "base/buf.h"
#include "value/json_doc.h"
#include "value/json_read.h"

#include <check.h>
#include <math.h>

#define COUNT(table) ((int)(sizeof(table) / sizeof(table)[0]))

static struct arena arena;

static void setup(void)
{
    arena = (struct arena){ 0 };
}
static void teardown(void)
{
    arena_release(&arena);
}

/* A copy of exactly text's size on the heap, so that AddressSanitizer sees a read past its end. */
static char *exact_copy(struct str text)
{
    char *copy = malloc(text.n ? text.n : 1);
    ck_assert_ptr_nonnull(copy);
    if (text.n)
        memcpy(copy, text.p, text.n);
    return copy;
}

/* Reads an exact copy, and gives the value as compact JSON, in order of its keys. */
static bool read_as_text(struct str text, const struct json_skip *skip, size_t skip_count, struct buf *out, struct err *err)
{
    char *copy = exact_copy(text);
    struct value v;
    bool ok = json_read(&v, &arena, str_of(copy, text.n), NULL, skip, skip_count, err);
    if (ok)
        json_doc_write(out, v, 0);
    free(copy);
    return ok;
}

/* ---- what is JSON ---- */

static const struct {
    struct str text, expected;
} valid[] = {
#define VALID(text, expected)              \
    {                                      \
        STR_INIT(text), STR_INIT(expected) \
    }
    VALID("null", "null"),
    VALID("true", "true"),
    VALID("false", "false"),
    VALID(" \t\r\n[ ] \n", "[]"),
    VALID("{}", "{}"),
    VALID(" { } ", "{}"),
    VALID("\"\"", "\"\""),
    VALID("\"a\"", "\"a\""),
    VALID("[null,true,false,\"x\"]", "[null,true,false,\"x\"]"),
    VALID("[1 ,\n2\t,3\r]", "[1,2,3]"),
    VALID("[[],[[]],{}]", "[[],[[]],{}]"),
    VALID("{\"a\":{\"b\":[{\"c\":null}]}}", "{\"a\":{\"b\":[{\"c\":null}]}}"),
    VALID("{ \"a\" : 1 , \"b\" : 2 }", "{\"a\":1,\"b\":2}"),
    VALID("{\"\":0}", "{\"\":0}"),
    VALID("{\"b\":1,\"a\":2}", "{\"b\":1,\"a\":2}"),
    VALID("{\"a\":1,\"b\":2,\"a\":3}", "{\"a\":3,\"b\":2}"),
    VALID("{\"a\":{\"x\":1},\"a\":{\"y\":2}}", "{\"a\":{\"y\":2}}"),
    VALID("{\"\\u0061\":1,\"a\":2}", "{\"a\":2}"),
    VALID("{\"a\":1,\"a\\u0000\":2,\"\":3,\"\\u0000\":4}", "{\"a\":1,\"a\\u0000\":2,\"\":3,\"\\u0000\":4}"),
    VALID("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\\"\\\\/\\b\\f\\n\\r\\t\""),
    VALID("\"\\u0041\\u00e9\\u20AC\\uD83D\\uDE00\"", "\"A\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\""),
    VALID("\"\\uDBFF\\uDFFF\\uFFFF\\uE000\"", "\"\xF4\x8F\xBF\xBF\xEF\xBF\xBF\xEE\x80\x80\""),
    VALID("\"\\u0000\"", "\"\\u0000\""),
    VALID("\"\x7F\"", "\"\x7F\""),
    VALID("\"\xC2\x80\xDF\xBF\xE0\xA0\x80\xEF\xBF\xBF\xF0\x90\x80\x80\xF4\x8F\xBF\xBF\"",
          "\"\xC2\x80\xDF\xBF\xE0\xA0\x80\xEF\xBF\xBF\xF0\x90\x80\x80\xF4\x8F\xBF\xBF\""),
    VALID("\"// not a comment /* nor this */\"", "\"// not a comment /* nor this */\""),
    VALID("\"plain text longer than any register, then an escape \\n and as much plain text after it again\"",
          "\"plain text longer than any register, then an escape \\n and as much plain text after it again\""),
    VALID("\"\\\\\\\\\\\"\"", "\"\\\\\\\\\\\"\""),
    VALID("-0", "0"),
    VALID("[0,-1,12345678901234567]", "[0,-1,12345678901234567]"),
#undef VALID
};

START_TEST(reads_valid)
{
    struct buf got CLEANUP(buf_release) = BUF_INIT(1 << 16);
    struct err err = { 0 };
    struct str text = valid[_i].text;
    ck_assert_msg(read_as_text(text, NULL, 0, &got, &err), "%.*s: %s", STR_ARG(text), err.text);
    ck_assert_msg(str_eq(buf_str(&got), valid[_i].expected), "%.*s gives %.*s", STR_ARG(text), STR_ARG(buf_str(&got)));
}
END_TEST

/* Every beginning of a valid text but scalars is refused, at its end. */
START_TEST(refuses_what_is_cut)
{
    struct str text = valid[_i].text;
    struct str trimmed = str_trim(text);
    bool is_number = trimmed.p[0] == '-' || (trimmed.p[0] >= '0' && trimmed.p[0] <= '9');
    size_t whole = (size_t)(trimmed.p - text.p) + trimmed.n;
    for (size_t n = 0; n < whole && !is_number; n++) {
        struct buf got CLEANUP(buf_release) = BUF_INIT(1 << 16);
        struct err err = { 0 };
        if (read_as_text(str_sub(text, 0, n), NULL, 0, &got, &err))
            ck_abort_msg("%.*s", STR_ARG(str_sub(text, 0, n)));
        ck_assert_int_eq(err.code, ERR_INPUT);
    }
}
END_TEST

/* ---- what is not ---- */

static const struct {
    struct str text;
    unsigned offset;
    const char *part; /* of the message */
} invalid[] = {
#define INVALID(text, offset, part)  \
    {                                \
        STR_INIT(text), offset, part \
    }
    INVALID("", 0, "expected a value; the text ends here"),
    INVALID("  ", 2, "expected a value; the text ends here"),
    INVALID("\xEF\xBB\xBF{}", 0, "expected a value; found byte 0xEF"),
    INVALID("nul", 0, "expected a value"),
    INVALID("nulL", 0, "expected a value"),
    INVALID("True", 0, "expected a value; found \"T\""),
    INVALID("truefalse", 4, "expected nothing after the value"),
    INVALID("[] []", 3, "expected nothing after the value; found \"[\""),
    INVALID("{}x", 2, "expected nothing"),
    INVALID("[]\0", 2, "found byte 0x00"),
    INVALID("\0", 0, "found byte 0x00"),
    INVALID("[1,]", 3, "expected a value; found \"]\""),
    INVALID("[,1]", 1, "expected a value"),
    INVALID("[1,,2]", 3, "expected a value"),
    INVALID("[1 2]", 3, "\",\" or \"]\""),
    INVALID("[1}", 2, "\",\" or \"]\""),
    INVALID("[", 1, "the text ends here"),
    INVALID("[1", 2, "the text ends here"),
    INVALID("]", 0, "expected a value"),
    INVALID("[\v1]", 1, "found byte 0x0B"),
    INVALID("[\xC2\xA0]", 1, "found byte 0xC2"),
    INVALID("{\"a\":1,}", 7, "expected a key in double quotes; found \"}\""),
    INVALID("{,}", 1, "expected a key"),
    INVALID("{a:1}", 1, "expected a key"),
    INVALID("{'a':1}", 1, "expected a key"),
    INVALID("{1:1}", 1, "expected a key"),
    INVALID("{\"a\"}", 4, "expected \":\" after the key; found \"}\""),
    INVALID("{\"a\" 1}", 5, "expected \":\""),
    INVALID("{\"a\":}", 5, "expected a value"),
    INVALID("{\"a\":1]", 6, "\",\" or \"}\""),
    INVALID("{\"a\":1 \"b\":2}", 7, "\",\" or \"}\""),
    INVALID("{\"a\"::1}", 5, "expected a value"),
    INVALID("{\"a\":1", 6, "the text ends here"),
    INVALID("{\"a\":1/*x*/}", 6, "\",\" or \"}\""),
    INVALID("\"", 1, "ends inside a string"),
    INVALID("\"abc", 4, "ends inside a string"),
    INVALID("\"abc\\\"", 6, "ends inside a string"),
    INVALID("\"a\nb\"", 2, "control character"),
    INVALID("\"a\tb\"", 2, "control character"),
    INVALID("\"a\0b\"", 2, "control character"),
    INVALID("\"\x1F\"", 1, "control character"),
    INVALID("\"\\", 2, "a backslash must be followed"),
    INVALID("\"\\x41\"", 2, "a backslash must be followed"),
    INVALID("\"\\'\"", 2, "a backslash must be followed"),
    INVALID("\"\\U0041\"", 2, "a backslash must be followed"),
    INVALID("\"\\\n\"", 2, "a backslash must be followed"),
    INVALID("\"\\u\"", 1, "four hexadecimal digits"),
    INVALID("\"\\u004\"", 1, "four hexadecimal digits"),
    INVALID("\"\\u00g0\"", 1, "four hexadecimal digits"),
    INVALID("\"\\u+041\"", 1, "four hexadecimal digits"),
    INVALID("\"\\u004", 1, "four hexadecimal digits"),
    INVALID("\"ab\\uD800\"", 3, "half of a surrogate pair"),
    INVALID("\"ab\\uDC00\"", 3, "half of a surrogate pair"),
    INVALID("\"\\uD83D\\uD83D\"", 1, "half of a surrogate pair"),
    INVALID("\"\\uD83Dx\\uDE00\"", 1, "half of a surrogate pair"),
    INVALID("\"\\uD83D\\n\"", 1, "half of a surrogate pair"),
    INVALID("\"\\uD83D\\uDE0\"", 1, "half of a surrogate pair"),
    INVALID("\"\\uDE00\\uD83D\"", 1, "half of a surrogate pair"),
    INVALID("{\"\\uDFFF\":1}", 2, "half of a surrogate pair"),
    INVALID("\"\x80\"", 1, "not UTF-8"),
    INVALID("\"a\xC0\xAF\"", 2, "not UTF-8"),
    INVALID("\"\xC2\"", 1, "not UTF-8"),
    INVALID("\"\xE0\x80\xAF\"", 1, "not UTF-8"),
    INVALID("\"\xE2\x82\"", 1, "not UTF-8"),
    INVALID("\"\xED\xA0\x80\"", 1, "not UTF-8"),
    INVALID("\"\xF0\x80\x80\x80\"", 1, "not UTF-8"),
    INVALID("\"\xF4\x90\x80\x80\"", 1, "not UTF-8"),
    INVALID("\"\xF8\x88\x80\x80\x80\"", 1, "not UTF-8"),
    INVALID("\"\xFF\"", 1, "not UTF-8"),
    INVALID("\"\xE2\x82", 1, "not UTF-8"),
    INVALID("-", 1, "expected a digit; the text ends here"),
    INVALID("--1", 1, "expected a digit"),
    INVALID("+1", 0, "expected a value"),
    INVALID(".5", 0, "expected a value"),
    INVALID("-.5", 1, "expected a digit"),
    INVALID("01", 0, "must not begin with 0"),
    INVALID("-01", 1, "must not begin with 0"),
    INVALID("00", 0, "must not begin with 0"),
    INVALID("1.", 2, "expected a digit after the point"),
    INVALID("[1.]", 3, "expected a digit after the point"),
    INVALID("1.e5", 2, "expected a digit after the point"),
    INVALID("1e", 2, "expected a digit of the exponent"),
    INVALID("1e+", 3, "expected a digit of the exponent"),
    INVALID("1e-x", 3, "expected a digit of the exponent"),
    INVALID("1ex", 2, "expected a digit of the exponent"),
    INVALID("1.5.5", 3, "expected nothing"),
    INVALID("0x10", 1, "expected nothing"),
    INVALID("1_000", 1, "expected nothing"),
    INVALID("[1e400]", 1, "beyond the range of a double"),
    INVALID("-1e309", 0, "beyond the range of a double"),
    INVALID("1e99999999999999999999", 0, "beyond the range of a double"),
    INVALID("NaN", 0, "expected a value"),
    INVALID("Infinity", 0, "expected a value"),
    INVALID("-Infinity", 1, "expected a digit"),
#undef INVALID
};

static void check_refusal(struct str text, unsigned offset, const char *part)
{
    struct buf got CLEANUP(buf_release) = BUF_INIT(1 << 16);
    struct err err = { 0 };
    char where[32];
    (void)snprintf(where, sizeof where, "byte %u: ", offset);
    ck_assert_msg(!read_as_text(text, NULL, 0, &got, &err), "%.*s is taken", STR_ARG(text));
    ck_assert_int_eq(err.code, ERR_INPUT);
    ck_assert_msg(str_has_prefix(str_from_c(err.text), str_from_c(where)), "%.*s: not at %u: %s", STR_ARG(text), offset, err.text);
    ck_assert_msg(strstr(err.text, part) != NULL, "%.*s: %s", STR_ARG(text), err.text);
}

START_TEST(refuses_invalid)
{
    check_refusal(invalid[_i].text, invalid[_i].offset, invalid[_i].part);
}
END_TEST

/* The same further on, so that what looks at many bytes at once meets it at every place. */
START_TEST(refuses_invalid_anywhere)
{
    for (unsigned n = 1; n < 70; n++) {
        struct buf text CLEANUP(buf_release) = BUF_INIT(1 << 16);
        for (unsigned i = 0; i < n; i++)
            buf_add_char(&text, ' ');
        buf_add(&text, invalid[_i].text);
        check_refusal(buf_str(&text), n + invalid[_i].offset, invalid[_i].part);
    }
}
END_TEST

/* What is left out is checked as what is kept: the same texts are taken, the same errors are given. */
START_TEST(checks_what_it_leaves_out)
{
    static const struct json_skip skip[] = { { STR_INIT("gone"), NULL, 0 } };
    struct buf text CLEANUP(buf_release) = BUF_INIT(1 << 16), got CLEANUP(buf_release) = BUF_INIT(1 << 16);
    struct err with = { 0 }, without = { 0 };
    bool is_valid = _i < COUNT(valid);
    buf_add_c(&text, "[{\"kept\":1,\"gone\":");
    buf_add(&text, is_valid ? valid[_i].text : invalid[_i - COUNT(valid)].text);
    buf_add_c(&text, "}]");
    ck_assert_int_eq(read_as_text(buf_str(&text), skip, 1, &got, &with), is_valid);
    if (is_valid)
        ck_assert_str_eq(got.p, "[{\"kept\":1}]");
    ck_assert_int_eq(read_as_text(buf_str(&text), NULL, 0, &got, &without), is_valid);
    ck_assert_str_eq(with.text, without.text);
}
END_TEST

/* ---- strings ---- */

static struct value read_value_of(struct buf *text)
{
    struct err err = { 0 };
    struct value v;
    if (!json_read(&v, &arena, buf_str(text), NULL, NULL, 0, &err))
        ck_abort_msg("%.*s: %s", STR_ARG(buf_str(text)), err.text);
    return v;
}

START_TEST(every_escaped_unit)
{
    for (uint32_t unit = 0; unit <= 0xFFFF; unit++) {
        struct buf text CLEANUP(buf_release) = BUF_INIT(64);
        struct err err = { 0 };
        struct value v;
        char expected[4];
        bool is_half = unit >= 0xD800 && unit <= 0xDFFF;
        buf_addf(&text, unit % 2 ? "\"\\u%04x\"" : "\"\\u%04X\"", unit);
        bool ok = json_read(&v, &arena, buf_str(&text), NULL, NULL, 0, &err);
        size_t n = is_half ? 0 : str_utf8_encode(unit, expected);
        if (ok == is_half || (ok && !str_eq(value_text(v), str_of(expected, n))))
            ck_abort_msg("%s", text.p);
        arena_reset(&arena);
    }
}
END_TEST

START_TEST(escaped_pairs)
{
    for (uint32_t point = 0x10000; point <= 0x10FFFF; point += 61) {
        struct buf text CLEANUP(buf_release) = BUF_INIT(64);
        char expected[4];
        buf_addf(&text, "\"\\u%04x\\u%04x\"", 0xD800 + ((point - 0x10000) >> 10), 0xDC00 + (point & 0x3FF));
        struct value v = read_value_of(&text);
        if (!str_eq(value_text(v), str_of(expected, str_utf8_encode(point, expected))))
            ck_abort_msg("%s", text.p);
        arena_reset(&arena);
    }
}
END_TEST

/* Every byte at every place of strings of every length around the sizes of registers. */
START_TEST(every_byte_at_every_place)
{
    for (unsigned n = 1; n <= 35; n++) {
        for (unsigned at = 0; at < n; at++) {
            for (unsigned byte = 0; byte < 256; byte++) {
                char text[40];
                struct err err = { 0 };
                struct value v;
                memset(text, 'x', sizeof text);
                text[0] = text[n + 1] = '"';
                text[at + 1] = (char)byte;
                char *copy = exact_copy(str_of(text, n + 2));
                bool ok = json_read(&v, &arena, str_of(copy, n + 2), NULL, NULL, 0, &err);
                /* A backslash before "x" is no escape; before the quote it takes away the end. */
                bool expected = byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\';
                if (ok != expected || (ok && (v.n != n || v.as.s != copy + 1)))
                    ck_abort_msg("byte 0x%02X at %u of %u", byte, at, n);
                free(copy);
            }
        }
        arena_reset(&arena);
    }
}
END_TEST

START_TEST(plain_text_is_not_copied)
{
    struct str text = STR("{\"key\":[\"value\",\"\xC3\xA9\"],\"n\":\"a\\nb\"}");
    struct err err = { 0 };
    struct value v;
    ck_assert(json_read(&v, &arena, text, NULL, NULL, 0, &err));
    const struct value *list = value_get(v, STR("key"));
    ck_assert_ptr_eq(v.as.map->entry[0].key.as.s, text.p + 2);
    ck_assert_ptr_eq(list->as.item[0].as.s, text.p + 9);
    ck_assert_ptr_eq(list->as.item[1].as.s, text.p + 17);
    const char *decoded = value_get(v, STR("n"))->as.s;
    ck_assert(decoded < text.p || decoded >= text.p + text.n);
}
END_TEST

/* ---- numbers ---- */

static const struct {
    const char *text;
    struct value expected;
} number[] = {
#define INT_ROW(text, whole)                         \
    {                                                \
        text,                                        \
        {                                            \
            .kind = VALUE_INT, .n = 0, .as.i = whole \
        }                                            \
    }
#define DOUBLE_ROW(text, real)                         \
    {                                                  \
        text,                                          \
        {                                              \
            .kind = VALUE_DOUBLE, .n = 0, .as.d = real \
        }                                              \
    }
    INT_ROW("0", 0),
    INT_ROW("-0", 0),
    INT_ROW("7", 7),
    INT_ROW("-12", -12),
    INT_ROW("999999999999999999", 999999999999999999),
    INT_ROW("9223372036854775807", INT64_MAX),
    INT_ROW("-9223372036854775807", -INT64_MAX),
    INT_ROW("-9223372036854775808", INT64_MIN),
    DOUBLE_ROW("9223372036854775808", 0x1p63),
    DOUBLE_ROW("-9223372036854775809", -0x1p63),
    DOUBLE_ROW("18446744073709551615", 0x1p64),
    DOUBLE_ROW("18446744073709551616", 0x1p64),
    DOUBLE_ROW("99999999999999999999", 1e20),
    DOUBLE_ROW("1.0", 1.0),
    DOUBLE_ROW("1e0", 1.0),
    DOUBLE_ROW("-0.0", -0.0),
    DOUBLE_ROW("-0e0", -0.0),
    DOUBLE_ROW("0.1", 0.1),
    DOUBLE_ROW("1E+2", 100.0),
    DOUBLE_ROW("1e-2", 0.01),
    DOUBLE_ROW("123.456", 123.456),
    DOUBLE_ROW("9007199254740993.0", 9007199254740992.0),
    DOUBLE_ROW("9007199254740993.00000000000000001", 9007199254740994.0),
    DOUBLE_ROW("1e22", 1e22),
    DOUBLE_ROW("1e23", 1e23),
    DOUBLE_ROW("1e-22", 1e-22),
    DOUBLE_ROW("1e-23", 1e-23),
    DOUBLE_ROW("1.7976931348623157e308", 0x1.fffffffffffffp1023),
    DOUBLE_ROW("1.7976931348623158e308", 0x1.fffffffffffffp1023),
    DOUBLE_ROW("4.9e-324", 0x1p-1074),
    DOUBLE_ROW("5e-324", 0x1p-1074),
    DOUBLE_ROW("1e-400", 0.0),
    DOUBLE_ROW("2.2250738585072011e-308", 0x0.fffffffffffffp-1022),
    DOUBLE_ROW("0e99999999999999999999", 0.0),
    DOUBLE_ROW("1e-99999999999999999999", 0.0),
    DOUBLE_ROW("0.000000000000000000000000000000000000000000000000000000000000000000000001e72", 1.0),
#undef INT_ROW
#undef DOUBLE_ROW
};

static bool is_same_number(struct value a, struct value b)
{
    return a.kind == b.kind && a.as.u == b.as.u; /* the same bits: -0.0 is not 0.0 here */
}

START_TEST(reads_numbers)
{
    struct buf text CLEANUP(buf_release) = BUF_INIT(256);
    buf_add_c(&text, number[_i].text);
    ck_assert_msg(is_same_number(read_value_of(&text), number[_i].expected), "%s", text.p);
    buf_reset(&text);
    buf_addf(&text, "[%s ,%s]", number[_i].text, number[_i].text);
    struct value list = read_value_of(&text);
    ck_assert(is_same_number(list.as.item[0], number[_i].expected) && is_same_number(list.as.item[1], number[_i].expected));
}
END_TEST

START_TEST(rounds_as_the_library)
{
    uint64_t random = 88172645463325252u;
    for (int i = 0; i < 200000; i++) {
        char text[64];
        random ^= random << 13, random ^= random >> 7, random ^= random << 17;
        unsigned digits = (unsigned)(random >> 60) + 1;
        unsigned long long whole = (random >> 3) % 1000000007u * (i % 3 ? 1u : 999999937u), part = (random >> 5) % 10007u;
        int exponent = (int)(random >> 40 & 127) - 64;
        int n = i % 2 ? snprintf(text, sizeof text, "%llu.%0*llue%d", whole, (int)digits, part, exponent)
                      : snprintf(text, sizeof text, "-%lluE%+d", whole, exponent);
        struct err err = { 0 };
        struct value v;
        if (!json_read(&v, &arena, str_of(text, (size_t)n), NULL, NULL, 0, &err) || !is_same_number(v, value_double(strtod(text, NULL))))
            ck_abort_msg("%s", text);
    }
}
END_TEST

/* ---- maps ---- */

/* A map of count keys, with every third again at the end. */
static void add_map_with_repeats(struct buf *text, unsigned count)
{
    buf_add_char(text, '{');
    for (unsigned i = 0; i < count; i++)
        buf_addf(text, "%s\"key-%u\":%u", i ? "," : "", i * 7919 % 10007, i);
    for (unsigned i = 0; i < count; i += 3)
        buf_addf(text, ",\"key-%u\":%u", i * 7919 % 10007, 100000 + i);
    buf_add_char(text, '}');
}

START_TEST(last_value_wins_in_the_first_place)
{
    for (unsigned count = 1; count < 300; count++) {
        struct buf text CLEANUP(buf_release) = BUF_INIT(1 << 20);
        add_map_with_repeats(&text, count);
        struct value v = read_value_of(&text);
        if (v.n != count || v.as.map->count != count)
            ck_abort_msg("%u keys, not %u", v.n, count);
        for (unsigned i = 0; i < count; i++) {
            char key[32];
            (void)snprintf(key, sizeof key, "key-%u", i * 7919 % 10007);
            int64_t expected = i % 3 ? i : 100000 + i;
            const struct value_entry *e = &v.as.map->entry[i];
            const struct value *found = value_get(v, str_from_c(key));
            if (!str_eq_c(value_text(e->key), key) || e->val.as.i != expected || found != &e->val)
                ck_abort_msg("%s of %u", key, count);
        }
        ck_assert_ptr_null(value_get(v, STR("key-x")));
        ck_assert_int_eq(v.as.map->index != NULL, count >= 16);
        arena_reset(&arena);
    }
}
END_TEST

START_TEST(one_key_many_times)
{
    struct buf text CLEANUP(buf_release) = BUF_INIT(1 << 20);
    buf_add_c(&text, "{\"a\":0");
    for (int i = 1; i < 50000; i++)
        buf_addf(&text, ",\"a\":%d", i);
    buf_add_c(&text, "}");
    struct value v = read_value_of(&text);
    ck_assert_uint_eq(v.n, 1);
    ck_assert_int_eq(value_int_at(v, -1, "a", NULL), 49999);
}
END_TEST

START_TEST(many_items_and_levels)
{
    struct buf text CLEANUP(buf_release) = BUF_INIT(1 << 22);
    buf_add_c(&text, "[");
    for (int i = 0; i < 20000; i++)
        buf_addf(&text, "%s[%d,{\"a\":[%d]}]", i ? "," : "", i, -i);
    buf_add_c(&text, "]");
    struct value v = read_value_of(&text);
    ck_assert_uint_eq(v.n, 20000);
    for (int i = 0; i < 20000; i++) {
        struct value pair = v.as.item[i];
        const struct value *deep = value_get(pair.as.item[1], STR("a"));
        if (pair.n != 2 || pair.as.item[0].as.i != i || !deep || deep->n != 1 || deep->as.item[0].as.i != -i)
            ck_abort_msg("item %d", i);
    }
}
END_TEST

/* ---- leaving out ---- */

static const struct json_skip child_skip[] = { { STR_INIT("c"), NULL, 0 }, { STR_INIT("d"), NULL, 0 } };
static const struct json_skip root_skip[] = { { STR_INIT("a"), NULL, 0 }, { STR_INIT("b"), child_skip, 2 } };
static const struct {
    const char *text, *expected;
} skipped[] = {
    { "{\"a\":1}", "{}" },
    { "{\"a\":[{\"x\":[1,2,\"]}\"]}],\"x\":{\"a\":1}}", "{\"x\":{\"a\":1}}" },
    { "{\"b\":{\"c\":1,\"x\":2,\"d\":[],\"a\":3}}", "{\"b\":{\"x\":2,\"a\":3}}" },
    { "{\"b\":[{\"c\":1},[{\"d\":2,\"e\":3}],4]}", "{\"b\":[{},[{\"e\":3}],4]}" },
    { "{\"b\":1,\"c\":2}", "{\"b\":1,\"c\":2}" },
    { "{\"b\":{\"b\":{\"c\":1}}}", "{\"b\":{\"b\":{\"c\":1}}}" },
    { "{\"\\u0061\":1,\"aa\":2,\"\":3}", "{\"aa\":2,\"\":3}" },
    { "{\"a\":1,\"x\":2,\"a\":3,\"b\":4,\"b\":{\"c\":5}}", "{\"x\":2,\"b\":{}}" },
    { "[{\"a\":1},{\"b\":{\"c\":1}}]", "[{},{\"b\":{}}]" },
    { "\"a\"", "\"a\"" },
};

START_TEST(leaves_out)
{
    struct buf got CLEANUP(buf_release) = BUF_INIT(1 << 16);
    struct err err = { 0 };
    ck_assert(read_as_text(str_from_c(skipped[_i].text), root_skip, 2, &got, &err));
    ck_assert_str_eq(got.p, skipped[_i].expected);
}
END_TEST

START_TEST(what_is_left_out_takes_no_memory)
{
    struct buf text CLEANUP(buf_release) = BUF_INIT(1 << 20);
    struct err err = { 0 };
    struct value v;
    buf_add_c(&text, "{\"a\":[");
    for (int i = 0; i < 5000; i++)
        buf_add_c(&text, "{\"k\\n\":[1,2.5,\"\\u00e9\"]},");
    buf_add_c(&text, "0]}");
    ck_assert(json_read(&v, &arena, buf_str(&text), NULL, root_skip, 2, &err));
    ck_assert_uint_eq(arena.used_bytes, 0);
}
END_TEST

/* ---- limits and failures ---- */

static bool reads_nested(unsigned depth, const char *open, const char *close, const struct json_limits *limits,
                         const struct json_skip *skip, struct err *err)
{
    struct buf text CLEANUP(buf_release) = BUF_INIT(1 << 20);
    struct value v;
    buf_add_c(&text, "{\"a\":");
    for (unsigned i = 1; i < depth; i++)
        buf_add_c(&text, open);
    buf_add_c(&text, "1");
    for (unsigned i = 1; i < depth; i++)
        buf_add_c(&text, close);
    buf_add_c(&text, "}");
    return json_read(&v, &arena, buf_str(&text), limits, skip, skip ? 1 : 0, err);
}

START_TEST(limits_depth)
{
    static const struct {
        uint32_t given, counts;
    } row[] = {
        { 0, JSON_DEPTH_MAX }, { 1, 1 }, { 5, 5 }, { 500, 500 }, { UINT32_MAX, JSON_DEPTH_CEILING },
    };
    static const struct {
        const char *open, *close;
    } bracket[] = { { "[", "]" }, { "{\"a\":", "}" } };
    const struct json_limits limits = { .depth = row[_i].given };
    for (int b = 0; b < 2; b++) {
        for (int is_left_out = 0; is_left_out < 2; is_left_out++) {
            const struct json_skip *skip = is_left_out ? root_skip : NULL;
            struct err err = { 0 };
            char part[64];
            (void)snprintf(part, sizeof part, "nested deeper than %u levels", row[_i].counts);
            ck_assert(reads_nested(row[_i].counts, bracket[b].open, bracket[b].close, &limits, skip, &err));
            ck_assert(!reads_nested(row[_i].counts + 1, bracket[b].open, bracket[b].close, &limits, skip, &err));
            ck_assert_int_eq(err.code, ERR_LIMIT);
            ck_assert_msg(strstr(err.text, part) != NULL, "%s", err.text);
        }
    }
}
END_TEST

START_TEST(siblings_are_not_depth)
{
    const struct json_limits limits = { .depth = 3 };
    struct err err = { 0 };
    struct value v;
    ck_assert(json_read(&v, &arena, STR("[[[]],[{}],[[]],{\"a\":{}},[{}]]"), &limits, NULL, 0, &err));
}
END_TEST

START_TEST(limits_bytes)
{
    const struct json_limits limits = { .bytes = 6 };
    struct err err = { 0 };
    struct value v;
    ck_assert(json_read(&v, &arena, STR("[1, 2]"), &limits, NULL, 0, &err));
    ck_assert(!json_read(&v, &arena, STR("[1, 2] "), &limits, NULL, 0, &err));
    ck_assert_int_eq(err.code, ERR_LIMIT);
    ck_assert_str_eq(err.text, "7 bytes of JSON, more than the 6 there may be");
}
END_TEST

START_TEST(failure_leaves_nothing_behind)
{
    struct buf text CLEANUP(buf_release) = BUF_INIT(1 << 20);
    struct err err = { 0 };
    struct value v = value_int(42);
    char *before = arena_alloc(&arena, 100);
    memset(before, 'b', 100);
    size_t used = arena.used_bytes;
    buf_add_c(&text, "[");
    for (int i = 0; i < 10000; i++)
        buf_add_c(&text, "{\"a\\n\":[1,2]},");
    ck_assert(!json_read(&v, &arena, buf_str(&text), NULL, NULL, 0, &err));
    ck_assert(is_same_number(v, value_int(42)));
    ck_assert_uint_eq(arena.used_bytes, used);
    ck_assert(before[0] == 'b' && before[99] == 'b');
}
END_TEST

/* Digits without end are one number, and no more work than other text. */
START_TEST(long_numbers)
{
    struct buf text CLEANUP(buf_release) = BUF_INIT(1 << 21);
    buf_add_c(&text, "0.");
    for (int i = 0; i < 1 << 20; i++)
        buf_add_char(&text, '9');
    ck_assert(is_same_number(read_value_of(&text), value_double(1.0)));
}
END_TEST

int main(void)
{
    Suite *s = suite_create("json_read");
    TCase *t = tcase_create("json_read");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 120);
    tcase_add_loop_test(t, reads_valid, 0, COUNT(valid));
    tcase_add_loop_test(t, refuses_what_is_cut, 0, COUNT(valid));
    tcase_add_loop_test(t, refuses_invalid, 0, COUNT(invalid));
    tcase_add_loop_test(t, refuses_invalid_anywhere, 0, COUNT(invalid));
    tcase_add_loop_test(t, reads_numbers, 0, COUNT(number));
    tcase_add_loop_test(t, leaves_out, 0, COUNT(skipped));
    tcase_add_loop_test(t, limits_depth, 0, 5);
    tcase_add_test(t, every_escaped_unit);
    tcase_add_test(t, escaped_pairs);
    tcase_add_test(t, every_byte_at_every_place);
    tcase_add_test(t, plain_text_is_not_copied);
    tcase_add_test(t, rounds_as_the_library);
    tcase_add_test(t, last_value_wins_in_the_first_place);
    tcase_add_test(t, one_key_many_times);
    tcase_add_test(t, many_items_and_levels);
    tcase_add_test(t, what_is_left_out_takes_no_memory);
    tcase_add_test(t, siblings_are_not_depth);
    tcase_add_test(t, limits_bytes);
    tcase_add_test(t, failure_leaves_nothing_behind);
    tcase_add_test(t, long_numbers);
    tcase_add_loop_test(t, checks_what_it_leaves_out, 0, COUNT(valid) + COUNT(invalid));
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? 1 : 0;
}
