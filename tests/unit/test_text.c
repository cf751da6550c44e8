/* Text, names, times and encodings of the base room. */
#include "base/clock.h"
#include "base/enc.h"
#include "base/names.h"
#include "base/str.h"

#include <check.h>

#define COUNT(table) ((int)(sizeof(table) / sizeof(table)[0]))

static struct str text_of(const char *c)
{
    return str_from_c(c);
}

#define ck_str(s, expected)                                                                                  \
    do {                                                                                                     \
        struct str got_ = (s);                                                                               \
        ck_assert_msg(str_eq(got_, text_of(expected)), "got \"%.*s\", not \"%s\"", STR_ARG(got_), expected); \
    } while (0)

/* str */

START_TEST(str_finding_and_cutting)
{
    struct str s = STR("kube-system/coredns"), head, tail;
    ck_assert(str_cut(s, '/', &head, &tail));
    ck_str(head, "kube-system");
    ck_str(tail, "coredns");
    ck_assert(!str_cut(head, '/', &head, &tail));
    ck_str(head, "kube-system");
    ck_assert_uint_eq(tail.n, 0);
    ck_assert_uint_eq(str_find(s, STR("e"), 0), 3);
    ck_assert_uint_eq(str_find(s, STR("e"), 4), 9);
    ck_assert_uint_eq(str_find(s, STR("zz"), 0), SIZE_MAX);
    ck_assert_uint_eq(str_find(s, STR(""), 19), 19);
    ck_assert_uint_eq(str_find(s, STR(""), 20), SIZE_MAX);
    ck_assert_uint_eq(str_find_last_char(s, 's'), 18);
    ck_assert_uint_eq(str_find_char((struct str){ 0 }, 'a', 0), SIZE_MAX);
    ck_assert(str_has_prefix(s, STR("kube-")) && !str_has_prefix(STR("ku"), STR("kube")));
    ck_assert(str_has_suffix(s, STR("dns")) && !str_has_suffix(STR("s"), STR("dns")));
    ck_str(str_sub(s, 5, 11), "system");
    ck_str(str_sub(s, 12, 500), "coredns");
    ck_str(str_sub(s, 9, 3), "");
    ck_str(str_trim(STR(" \t\r\n a b \v\f")), "a b");
    ck_str(str_trim(STR("  ")), "");
    ck_assert(str_eq((struct str){ 0 }, STR("")) && !str_eq(STR("a"), STR("b")));
    ck_assert(str_eq_nocase(STR("Content-TYPE"), STR("content-type")) && !str_eq_nocase(STR("["), STR("{")));
    ck_assert_int_lt(str_cmp(STR("ab"), STR("abc")), 0);
    ck_assert_int_gt(str_cmp(STR("\xFF"), STR("a")), 0);
    ck_assert_int_eq(str_cmp((struct str){ 0 }, STR("")), 0);
}
END_TEST

START_TEST(str_signs)
{
    ck_assert(str_consists_of(STR("a-1"), STR_LOWER STR_DIGITS "-"));
    ck_assert(!str_consists_of(STR("a-1B"), STR_LOWER STR_DIGITS "-"));
    ck_assert(str_consists_of(STR("a-1B"), STR_LOWER STR_DIGITS STR_UPPER "-"));
    ck_assert(str_consists_of(STR(""), "a"));
    ck_assert(!str_consists_of(str_of("a\0a", 3), "a"));
    ck_assert(!str_consists_of(STR("a"), ""));
}
END_TEST

START_TEST(str_fields)
{
    static const struct {
        const char *text, *joined;
    } row[] = { { "a,,b", "a||b" }, { "a", "a" }, { "", "" }, { "a,", "a" }, { ",a", "|a" }, { ",", "" } };
    struct arena a = { 0 };
    for (int i = 0; i < COUNT(row); i++) {
        struct str rest = text_of(row[i].text), field, part[8];
        size_t count = 0;
        while (str_next_field(&rest, ',', &field)) {
            part[count++] = field;
        }
        ck_str(str_join(&a, part, count, STR("|")), row[i].joined);
    }
    arena_release(&a);
}
END_TEST

static const struct {
    const char *pattern, *text;
    bool match;
} glob_row[] = {
    { "*", "", true },
    { "", "", true },
    { "", "a", false },
    { "a*c", "abbc", true },
    { "a*c", "ac", true },
    { "a*c", "abcd", false },
    { "*.*", "a.b", true },
    { "**a**", "bab", true },
    { "a?c", "abc", false },
    { "kube-*", "kube-", true },
    { "*ab*ab", "ababxab", true },
    { "*ab*ab", "abxa", false },
};

START_TEST(str_glob_rows)
{
    ck_assert_int_eq(str_glob(text_of(glob_row[_i].pattern), text_of(glob_row[_i].text)), glob_row[_i].match);
}
END_TEST

static const struct {
    const char *text;
    bool is_int, is_uint, is_double;
    int64_t i;
    uint64_t u;
    double d;
} number_row[] = {
    { "0", true, true, true, 0, 0, 0 },
    { "-0", true, false, true, 0, 0, -0.0 },
    { "42", true, true, true, 42, 42, 42 },
    { "-42", true, false, true, -42, 0, -42 },
    { "007", true, true, true, 7, 7, 7 },
    { "9223372036854775807", true, true, true, INT64_MAX, INT64_MAX, 9223372036854775807.0 },
    { "9223372036854775808", false, true, true, 0, (uint64_t)INT64_MAX + 1, 9223372036854775808.0 },
    { "-9223372036854775808", true, false, true, INT64_MIN, 0, -9223372036854775808.0 },
    { "-9223372036854775809", false, false, true, 0, 0, -9223372036854775809.0 },
    { "18446744073709551615", false, true, true, 0, UINT64_MAX, 18446744073709551615.0 },
    { "18446744073709551616", false, false, true, 0, 0, 18446744073709551616.0 },
    { "1.5", false, false, true, 0, 0, 1.5 },
    { ".5", false, false, true, 0, 0, .5 },
    { "5.", false, false, true, 0, 0, 5 },
    { "1e3", false, false, true, 0, 0, 1000 },
    { "-1.25E-2", false, false, true, 0, 0, -.0125 },
    { "1e-400", false, false, true, 0, 0, 0 },
    { "0.1000000000000000055511151231257827021181583404541015625000000000000000000", false, false, true, 0, 0, 0.1 },
    { "1e400", false, false, false, 0, 0, 0 },
    { "", false, false, false, 0, 0, 0 },
    { "-", false, false, false, 0, 0, 0 },
    { ".", false, false, false, 0, 0, 0 },
    { "+1", false, false, false, 0, 0, 0 },
    { " 1", false, false, false, 0, 0, 0 },
    { "1 ", false, false, false, 0, 0, 0 },
    { "0x10", false, false, false, 0, 0, 0 },
    { "1e", false, false, false, 0, 0, 0 },
    { "1e+", false, false, false, 0, 0, 0 },
    { "inf", false, false, false, 0, 0, 0 },
    { "nan", false, false, false, 0, 0, 0 },
    { "1.2.3", false, false, false, 0, 0, 0 },
    { "--1", false, false, false, 0, 0, 0 },
};

START_TEST(str_numbers)
{
    struct str s = text_of(number_row[_i].text);
    int64_t i = 77;
    uint64_t u = 77;
    double d = 77;
    ck_assert_int_eq(str_to_int64(s, &i), number_row[_i].is_int);
    ck_assert_int_eq(i, number_row[_i].is_int ? number_row[_i].i : 77);
    ck_assert_int_eq(str_to_uint64(s, &u), number_row[_i].is_uint);
    ck_assert_uint_eq(u, number_row[_i].is_uint ? number_row[_i].u : 77);
    ck_assert_int_eq(str_to_double(s, &d), number_row[_i].is_double);
    ck_assert(d == (number_row[_i].is_double ? number_row[_i].d : 77));
}
END_TEST

static const struct {
    const char *text;
    size_t n, length;
    bool valid;
} utf8_row[] = {
    { "plain ascii, more than eight", 28, 28, true },
    { "\xC3\xA9", 2, 1, true },
    { "\xE2\x82\xAC uro", 7, 5, true },
    { "\xF0\x9F\x98\x80", 4, 1, true },
    { "\xF4\x8F\xBF\xBF", 4, 1, true },
    { "\xF4\x90\x80\x80", 4, 4, false }, /* above U+10FFFF */
    { "\xC0\x80", 2, 2, false },         /* overlong */
    { "\xE0\x9F\xBF", 3, 3, false },     /* overlong */
    { "\xF0\x8F\xBF\xBF", 4, 4, false }, /* overlong */
    { "\xED\xA0\x80", 3, 3, false },     /* surrogate */
    { "\xED\x9F\xBF", 3, 1, true },
    { "\xE2\x82", 2, 2, false }, /* cut */
    { "12345678\xE2\x82", 10, 10, false },
    { "\x80", 1, 1, false },
    { "\xFF", 1, 1, false },
    { "a\0b", 3, 3, true },
};

START_TEST(str_utf8)
{
    struct str s = str_of(utf8_row[_i].text, utf8_row[_i].n);
    ck_assert_int_eq(str_is_utf8(s), utf8_row[_i].valid);
    ck_assert_uint_eq(str_utf8_length(s), utf8_row[_i].length);
}
END_TEST

START_TEST(str_utf8_round_trip)
{
    for (uint32_t c = 0; c <= 0x10FFFF; c += c < 0x3000 ? 1 : 37) {
        if (c >= 0xD800 && c <= 0xDFFF) {
            continue;
        }
        char out[4];
        uint32_t back = 0;
        size_t n = str_utf8_encode(c, out);
        ck_assert_uint_eq(str_utf8_at(str_of(out, n), 0, &back), n);
        ck_assert_uint_eq(back, c);
    }
}
END_TEST

START_TEST(str_making)
{
    struct arena a = { 0 };
    struct str part[] = { STR("a"), STR(""), STR("c") };
    ck_str(str_join(&a, part, 3, STR(", ")), "a, , c");
    ck_str(str_join(&a, part, 0, STR(", ")), "");
    ck_str(str_printf(&a, "%d-%s", 5, "x"), "5-x");
    struct str longer = str_printf(&a, "%500d", 7);
    ck_assert_uint_eq(longer.n, 500);
    ck_assert_int_eq(longer.p[499], '7');
    ck_str(str_lower_ascii(&a, STR("ABC-\xC3\x89z")), "abc-\xC3\x89z");
    ck_assert_str_eq(str_to_c(&a, STR("x")), "x");
    ck_assert_str_eq(str_to_c(&a, (struct str){ 0 }), "");
    ck_assert(str_hash(STR("a"), 1) != str_hash(STR("a"), 2));
    ck_assert(str_hash(STR("a"), 1) != str_hash(STR("a\0"), 1));
    ck_assert(str_hash(STR("12345678a"), 1) != str_hash(STR("12345678b"), 1));
    ck_assert_uint_eq(str_hash_seed(), str_hash_seed());
    arena_release(&a);
}
END_TEST

/* names */

static const char *const fruit[] = { "apple", NULL, "banana", "server", "certificate-authority", "y" };
static const struct {
    const char *text, *nearest;
} nearest_row[] = {
    { "aple", "apple" },
    { "appel", "apple" },
    { "bananas", "banana" },
    { "SERVER", "server" },
    { "sevrer", "server" },
    { "zzzzz", NULL },
    { "", NULL },
    { "x", NULL },
    { "certificate_authority", "certificate-authority" },
    { "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", NULL },
};

START_TEST(names_suggestions)
{
    const char *got = names_nearest(fruit, COUNT(fruit), text_of(nearest_row[_i].text));
    ck_assert_pstr_eq(got, nearest_row[_i].nearest);
}
END_TEST

START_TEST(names_exact)
{
    ck_assert_int_eq(names_find(fruit, COUNT(fruit), STR("banana")), 2);
    ck_assert_int_eq(names_find(fruit, COUNT(fruit), STR("Banana")), -1);
    ck_assert_int_eq(names_find(fruit, COUNT(fruit), STR("")), -1);
}
END_TEST

/* clock */

static const struct {
    const char *text;
    int64_t s;
    int32_t ns;
    const char *again; /* NULL: refused */
} time_row[] = {
    { "1970-01-01T00:00:00Z", 0, 0, "1970-01-01T00:00:00Z" },
    { "0001-01-01T00:00:00Z", -62135596800, 0, "0001-01-01T00:00:00Z" },
    { "9999-12-31T23:59:59.999999999Z", 253402300799, 999999999, "9999-12-31T23:59:59.999999999Z" },
    { "2000-02-29T12:00:00Z", 951825600, 0, "2000-02-29T12:00:00Z" },
    { "1969-12-31T23:59:59.5Z", -1, 500000000, "1969-12-31T23:59:59.500Z" },
    { "2026-11-21T06:13:00.000001Z", 1795241580, 1000, "2026-11-21T06:13:00.000001Z" },
    { "2026-11-21T06:13:00.1234567891Z", 1795241580, 123456789, "2026-11-21T06:13:00.123456789Z" },
    { "2026-11-21T06:13:00+05:30", 1795221780, 0, "2026-11-21T00:43:00Z" },
    { "2026-11-21T06:13:00-00:00", 1795241580, 0, "2026-11-21T06:13:00Z" },
    { "2026-12-31T23:30:00-01:00", 1798763400, 0, "2027-01-01T00:30:00Z" },
    { "0000-12-31T23:59:59Z", 0, 0, NULL },
    { "0001-01-01T00:00:00+00:01", 0, 0, NULL },
    { "9999-12-31T23:59:59-00:01", 0, 0, NULL },
    { "1900-02-29T00:00:00Z", 0, 0, NULL },
    { "2026-13-01T00:00:00Z", 0, 0, NULL },
    { "2026-00-01T00:00:00Z", 0, 0, NULL },
    { "2026-04-31T00:00:00Z", 0, 0, NULL },
    { "2026-04-30T24:00:00Z", 0, 0, NULL },
    { "2026-04-30T23:60:00Z", 0, 0, NULL },
    { "2026-06-30T23:59:60Z", 0, 0, NULL },
    { "2026-04-30T23:59:59", 0, 0, NULL },
    { "2026-04-30 23:59:59Z", 0, 0, NULL },
    { "2026-04-30T23:59:59z", 0, 0, NULL },
    { "2026-04-30T23:59:59.Z", 0, 0, NULL },
    { "2026-04-30T23:59:59+5:00", 0, 0, NULL },
    { "2026-04-30T23:59:59+24:00", 0, 0, NULL },
    { "2026-04-30T23:59:59Zx", 0, 0, NULL },
    { "26-04-30T23:59:59Z", 0, 0, NULL },
    { "", 0, 0, NULL },
};

START_TEST(clock_rfc3339)
{
    struct arena a = { 0 };
    struct instant t = { .s = 77 };
    bool ok = clock_parse_rfc3339(text_of(time_row[_i].text), &t);
    ck_assert_int_eq(ok, time_row[_i].again != NULL);
    if (ok) {
        ck_assert_int_eq(t.s, time_row[_i].s);
        ck_assert_int_eq(t.ns, time_row[_i].ns);
        ck_str(clock_format_rfc3339(&a, t), time_row[_i].again);
    } else {
        ck_assert_int_eq(t.s, 77);
    }
    arena_release(&a);
}
END_TEST

START_TEST(clock_civil_agrees_with_libc)
{
    for (int64_t s = -62135596800; s < 253402300800; s += 86400 * 17 + 12345) {
        struct civil c = clock_civil(s);
        time_t t = (time_t)s;
        struct tm tm;
        ck_assert_ptr_nonnull(gmtime_r(&t, &tm));
        ck_assert_int_eq(c.year, tm.tm_year + 1900);
        ck_assert_int_eq(c.month, tm.tm_mon + 1);
        ck_assert_int_eq(c.day, tm.tm_mday);
        ck_assert_int_eq(c.hour, tm.tm_hour);
        ck_assert_int_eq(c.minute, tm.tm_min);
        ck_assert_int_eq(c.second, tm.tm_sec);
        ck_assert_int_eq(c.weekday, tm.tm_wday);
        ck_assert_int_eq(c.yearday, tm.tm_yday);
        ck_assert_int_eq(clock_seconds(c), s);
    }
    struct civil carried = { .year = 2026, .month = 14, .day = 0, .hour = 25, .minute = -1, .second = 61 };
    struct civil c = clock_civil(clock_seconds(carried)); /* 2027-02-00 is 2027-01-31 */
    ck_assert(c.year == 2027 && c.month == 2 && c.day == 1 && c.hour == 1 && c.minute == 0 && c.second == 1);
    (void)clock_civil(INT64_MAX);
    (void)clock_civil(INT64_MIN);
    struct civil huge = { .year = INT64_MAX, .month = INT32_MAX, .day = INT32_MAX, .hour = INT32_MAX };
    ck_assert_int_gt(clock_seconds(huge), 0);
    huge.year = INT64_MIN;
    ck_assert_int_lt(clock_seconds(huge), 0);
}
END_TEST

START_TEST(clock_runs)
{
    ck_assert_int_gt(clock_now().s, 1700000000);
    int64_t before = clock_monotonic_ms();
    ck_assert_int_ge(clock_monotonic_ms(), before);
}
END_TEST

/* enc */

static const struct {
    const char *plain, *coded;
} base64_row[] = {
    /* RFC 4648, section 10 */
    { "", "" },
    { "f", "Zg==" },
    { "fo", "Zm8=" },
    { "foo", "Zm9v" },
    { "foob", "Zm9vYg==" },
    { "fooba", "Zm9vYmE=" },
    { "foobar", "Zm9vYmFy" },
    { "\xFF\xEF\xBE", "/+++" },
};

START_TEST(enc_base64_vectors)
{
    struct buf b = BUF_INIT(100);
    enc_base64(&b, text_of(base64_row[_i].plain));
    ck_str(buf_str(&b), base64_row[_i].coded);
    buf_reset(&b);
    ck_assert(enc_base64_decode(&b, text_of(base64_row[_i].coded), false));
    ck_str(buf_str(&b), base64_row[_i].plain);
    buf_release(&b);
}
END_TEST

static const struct {
    const char *text;
    bool strict, unpadded;
} base64_bad_row[] = {
    { "Zg", false, true },        { "Zg=", false, false },      { "Zg===", false, false }, { "Z", false, false },
    { "Zg==Zg==", false, false }, { "Zm9v=", false, false },    { "Zm 9v", false, false }, { "Zm-_", false, false },
    { "=", false, false },        { "Zm\r\n9v\n", true, true }, { "Zg=\n=", true, true },  { "====", false, false },
};

START_TEST(enc_base64_strictness)
{
    struct buf b = BUF_INIT(100);
    buf_add(&b, STR("kept"));
    ck_assert_int_eq(enc_base64_decode(&b, text_of(base64_bad_row[_i].text), false), base64_bad_row[_i].strict);
    ck_assert(base64_bad_row[_i].strict || b.n == 4);
    ck_assert_int_eq(enc_base64_decode(&b, text_of(base64_bad_row[_i].text), true), base64_bad_row[_i].unpadded);
    buf_release(&b);
}
END_TEST

START_TEST(enc_digests_and_escapes)
{
    uint8_t digest[SHA256_BYTES];
    char hex[SHA256_HEX_BYTES];
    sha256_of(STR("abc"), digest);
    sha256_hex(digest, hex);
    ck_assert_str_eq(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    struct sha256 h = { 0 };
    sha256_abandon(&h);
    sha256_open(&h);
    sha256_add(&h, STR("a"));
    sha256_add(&h, (struct str){ 0 });
    sha256_add(&h, STR("bc"));
    uint8_t again[SHA256_BYTES];
    sha256_next(&h, again);
    ck_assert_mem_eq(digest, again, sizeof digest);
    sha256_add(&h, STR("abc")); /* from its beginning again */
    sha256_close(&h, again);
    sha256_abandon(&h);
    ck_assert_mem_eq(digest, again, SHA256_BYTES);
    sha256_of((struct str){ 0 }, digest);
    sha256_hex(digest, hex);
    ck_assert_str_eq(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    struct buf b = BUF_INIT(100);
    enc_percent(&b, STR("a-Z_0.~ /\xC3\xA9"));
    ck_str(buf_str(&b), "a-Z_0.~%20%2F%C3%A9");
    buf_reset(&b);
    enc_hex(&b, STR("\x00\xff\x1a"));
    ck_str(buf_str(&b), "00ff1a");
    buf_release(&b);
    unsigned char random[32] = { 0 }, zero[32] = { 0 };
    enc_random(random, sizeof random);
    ck_assert_mem_ne(random, zero, sizeof zero);
    enc_wipe(random, sizeof random);
    ck_assert_mem_eq(random, zero, sizeof zero);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("text");
    TCase *t = tcase_create("text");
    tcase_set_timeout(t, 60);
    tcase_add_test(t, str_finding_and_cutting);
    tcase_add_test(t, str_fields);
    tcase_add_test(t, str_signs);
    tcase_add_loop_test(t, str_glob_rows, 0, COUNT(glob_row));
    tcase_add_loop_test(t, str_numbers, 0, COUNT(number_row));
    tcase_add_loop_test(t, str_utf8, 0, COUNT(utf8_row));
    tcase_add_test(t, str_utf8_round_trip);
    tcase_add_test(t, str_making);
    tcase_add_loop_test(t, names_suggestions, 0, COUNT(nearest_row));
    tcase_add_test(t, names_exact);
    tcase_add_loop_test(t, clock_rfc3339, 0, COUNT(time_row));
    tcase_add_test(t, clock_civil_agrees_with_libc);
    tcase_add_test(t, clock_runs);
    tcase_add_loop_test(t, enc_base64_vectors, 0, COUNT(base64_row));
    tcase_add_loop_test(t, enc_base64_strictness, 0, COUNT(base64_bad_row));
    tcase_add_test(t, enc_digests_and_escapes);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? 1 : 0;
}
