/* The function libraries of the expression language, called directly: one row a call. */
#include "cel_rows.h"

#include "cel/lib_core.h"
#include "cel/lib_format.h"
#include "cel/operator.h"
#include "cel/regex.h"
#include "cel/zone.h"

START_TEST(strings)
{
    const struct row table[] = {
        ROW(cel_string_char_at, "'c'", S("tacocat"), I(2)),
        ROW(cel_string_char_at, "''", S("tacocat"), I(7)),
        ROW(cel_string_char_at, "'\u03b1'", S("\u00a9\u03b1T"), I(1)),
        ROW(cel_string_char_at, "error: index out of range: 8", S("tacocat"), I(8)),
        ROW(cel_string_char_at, "error: index out of range: -1", S("tacocat"), I(-1)),
        ROW(cel_string_char_at, "''", S(""), I(0)),
        ROW(cel_string_index_of, "0", S("tacocat"), S("")),
        ROW(cel_string_index_of, "3", S("tacocat"), S(""), I(3)),
        ROW(cel_string_index_of, "5", S("tacocat"), S("at"), I(3)),
        ROW(cel_string_index_of, "4", S("ta\u00a9o\u00a9\u03b1T"), S("\u00a9\u03b1T"), I(3)),
        ROW(cel_string_index_of, "-1", S("tacocat"), S("a"), I(30)),
        ROW(cel_string_index_of, "error: index out of range: -1", S("tacocat"), S("a"), I(-1)),
        ROW(cel_string_index_of, "-1", S(""), S("a")),
        ROW(cel_string_last_index_of, "7", S("tacocat"), S("")),
        ROW(cel_string_last_index_of, "5", S("tacocat"), S("at")),
        ROW(cel_string_last_index_of, "1", S("tacocat"), S("a"), I(3)),
        ROW(cel_string_last_index_of, "4", S("ta\u00a9o\u00a9\u03b1T"), S("\u00a9\u03b1")),
        ROW(cel_string_last_index_of, "-1", S("ab"), S("abc")),
        ROW(cel_string_last_index_of, "-1", S("tacocat"), S("a"), I(30)),
        ROW(cel_string_last_index_of, "error: index out of range", S("tacocat"), S("a"), I(-2)),
        ROW(cel_string_lower_ascii, "'tacoc\u00c6t xii'", S("TacoC\u00c6t Xii")),
        ROW(cel_string_upper_ascii, "'TACOC\u03b1T{'", S("tacoC\u03b1t{")),
        ROW(cel_string_replace, "'2 days 2 hours'", S("{0} days {0} hours"), S("{0}"), S("2")),
        ROW(cel_string_replace, "'2 days {0} hours'", S("{0} days {0} hours"), S("{0}"), S("2"), I(1)),
        ROW(cel_string_replace, "'a'", S("a"), S("a"), S("b"), I(0)),
        ROW(cel_string_replace, "'xaxbx\u00a9x'", S("ab\u00a9"), S(""), S("x")),
        ROW(cel_string_replace, "'xaxb'", S("ab"), S(""), S("x"), I(2)),
        ROW(cel_string_replace, "'x'", S(""), S(""), S("x")),
        ROW(cel_string_replace, "''", S("aaa"), S("a"), S(""), I(-1)),
        ROW(cel_string_split, "['hello', 'world']", S("hello world"), S(" ")),
        ROW(cel_string_split, "['a', 'b,c']", S("a,b,c"), S(","), I(2)),
        ROW(cel_string_split, "[]", S("a,b,c"), S(","), I(0)),
        ROW(cel_string_split, "['a', '', 'c', '']", S("a,,c,"), S(","), I(-1)),
        ROW(cel_string_split, "['']", S(""), S(",")),
        ROW(cel_string_split, "[]", S(""), S("")),
        ROW(cel_string_split, "['\u00a9', 'b', 'c']", S("\u00a9bc"), S("")),
        ROW(cel_string_split, "['\u00a9', 'bc']", S("\u00a9bc"), S(""), I(2)),
        ROW(cel_string_substring, "'cat'", S("tacocat"), I(4)),
        ROW(cel_string_substring, "'\u00a9o\u00a9\u03b1'", S("ta\u00a9o\u00a9\u03b1T"), I(2), I(6)),
        ROW(cel_string_substring, "''", S("tacocat"), I(7), I(7)),
        ROW(cel_string_substring, "error: index out of range: 40", S("tacocat"), I(40)),
        ROW(cel_string_substring, "error: index out of range: -1", S("tacocat"), I(-1)),
        ROW(cel_string_substring, "error: index out of range: 50", S("tacocat"), I(1), I(50)),
        ROW(cel_string_substring, "error: start: 4, end: 3", S("tacocat"), I(4), I(3)),
        ROW(cel_string_trim, "'text'", S(" \t\u200atext\u2028\u2029\u202F\u205F\u3000\xc2\x85")),
        ROW(cel_string_trim, "'\u200btext'", S("\u200btext")),
        ROW(cel_string_trim, "''", S("  ")),
        ROW(cel_string_reverse, "'T\u03b1\u00a9'", S("\u00a9\u03b1T")),
        ROW(cel_strings_quote, "'\"a\\a\\b\\t\\n\\v\\f\\r\\\\\\\"\u00a9\"'", S("a\a\b\t\n\v\f\r\\\"\u00a9")),
        ROW(cel_strings_quote, "'\"\uFFFD\"'", S("\xff")),
        ROW(cel_list_join, "'a-b'", L(S("a"), S("b")), S("-")),
        ROW(cel_list_join, "'ab'", L(S("a"), S("b"))),
        ROW(cel_list_join, "''", EMPTY, S("-")),
        ROW(cel_list_join, "error: item 1 is not a string", L(S("a"), I(1))),
        ROW(cel_base64_encode, "'aGVsbG8='", BYTES("hello")),
        ROW(cel_base64_decode, "b'hello'", S("aGVsbG8=")),
        ROW(cel_base64_decode, "b'hello'", S("aGVsbG8")),
        ROW(cel_base64_decode, "error: not standard base64", S("a*b")),
    };
    CHECK_ROWS(table);
}
END_TEST

START_TEST(format)
{
    const struct row table[] = {
        ROW(cel_string_format, "'100% of a'", S("%d%% of %s"), L(I(100), S("a"))),
        ROW(cel_string_format, "'1.234 123.500'", S("%.3f %.3f"), L(D(1.2345), D(123.4999))),
        ROW(cel_string_format, "'2.718280e+00 2.000000e+00'", S("%e %e"), L(D(2.71828), I(2))),
        ROW(cel_string_format, "'3.000000'", S("%f"), L(U(3))),
        ROW(cel_string_format, "'101 1 -101'", S("%b %b %b"), L(I(5), B(true), I(-5))),
        ROW(cel_string_format, "'1000000000000000000000000000000000000000000000000000000000000000'", S("%b"), L(U(1ull << 63))),
        ROW(cel_string_format, "'13 177777'", S("%o %o"), L(I(11), U(65535))),
        ROW(cel_string_format, "'1e 1770 48656C6C6F 6279'", S("%x %X %X %x"), L(I(30), U(6000), S("Hello"), BYTES("by"))),
        ROW(cel_string_format, "'NaN Infinity -Infinity'", S("%e %f %s"), L(D(__builtin_nan("")), D(__builtin_inf()), D(-__builtin_inf()))),
        ROW(cel_string_format, "'-9223372036854775808 18446744073709551615'", S("%d %d"), L(I(INT64_MIN), U(UINT64_MAX))),
        ROW(cel_string_format, "'[1, x, null, true]'", S("%s"), L(L(I(1), S("x"), NIL, B(true)))),
        ROW(cel_string_format, "'7200s 1.5s 2023-02-03T23:31:20Z'", S("%s %s %s"),
            L(DUR("2h"), DUR("1500ms"), TS("2023-02-03T23:31:20+00:00"))),
        ROW(cel_string_format, "'56.8 0.1 1000000 0.0000001 100000000000000000000'", S("%s %s %s %s %s"),
            L(D(56.8), D(0.1), D(1e6), D(1e-7), D(1e20))),
        ROW(cel_string_format, "'-0 5e'", S("%s %de"), L(D(-0.0), D(5))),
        ROW(cel_string_format, "'\uFFFD'", S("%s"), L(BYTES("\xff"))),
        ROW(cel_string_format, "error: unrecognized formatting clause \"a\"", S("%a"), L(I(1))),
        ROW(cel_string_format, "error: unrecognized formatting clause \"E\"", S("is %E"), L(D(0.5))),
        ROW(cel_string_format, "error: unexpected end of string", S("%"), L(I(1))),
        ROW(cel_string_format, "error: unexpected end of string", S("%.3"), L(I(1))),
        ROW(cel_string_format, "error: precision", S("%.f"), L(D(1))),
        ROW(cel_string_format, "error: precision", S("%.99999999999f"), L(D(1))),
        ROW(cel_string_format, "error: index 1 out of range", S("%s %s"), L(I(1))),
        ROW(cel_string_format, "error: hex", S("%X"), L(NIL)),
        ROW(cel_string_format, "error: binary", S("%b"), L(NIL)),
        ROW(cel_string_format, "error: octal", S("%o"), L(S("x"))),
        ROW(cel_string_format, "error: decimal", S("%d"), L(S("x"))),
        ROW(cel_string_format, "error: fixed-point", S("%f"), L(S("x"))),
        ROW(cel_string_format, "error: string clause", S("%s"), L(Q("1"))),
    };
    CHECK_ROWS(table);
}
END_TEST

START_TEST(lists)
{
    const struct row table[] = {
        ROW(cel_list_is_sorted, "true", L(I(1), I(2), I(2))),
        ROW(cel_list_is_sorted, "false", L(S("b"), S("a"))),
        ROW(cel_list_is_sorted, "true", EMPTY),
        ROW(cel_list_is_sorted, "error: no such overload", L(EMPTY)),
        ROW(cel_list_sum, "15", L(I(1), I(2), I(3), I(4), I(5))),
        ROW(cel_list_sum, "3u", L(U(1), U(2))),
        ROW(cel_list_sum, "3.5d", L(I(1), D(2.5))),
        ROW(cel_list_sum, "3s", L(DUR("1s"), DUR("2s"))),
        ROW(cel_list_sum, "0", EMPTY),
        ROW(cel_list_sum, "error: integer overflow", L(I(INT64_MAX), I(1))),
        ROW(cel_list_sum, "error: unsigned integer overflow", L(U(UINT64_MAX), U(1))),
        ROW(cel_list_sum, "error: no such overload", L(S("a"))),
        ROW(cel_list_sum, "error: no such overload", L(I(1), S("a"))),
        ROW(cel_list_min, "1", L(I(2), I(1), D(1.5))),
        ROW(cel_list_max, "2011-01-02T00:00:00Z", L(TS("2011-01-01T00:00:00Z"), TS("2011-01-02T00:00:00Z"))),
        ROW(cel_list_min, "error: min called on empty list", EMPTY),
        ROW(cel_list_max, "error: no such overload", L(L(I(1)))),
        ROW(cel_list_max, "error: no such overload", L(I(1), S("a"))),
        ROW(cel_list_index_of, "1", L(I(1), I(2), I(2)), D(2)),
        ROW(cel_list_last_index_of, "2", L(I(1), I(2), I(2)), I(2)),
        ROW(cel_list_index_of, "-1", L(I(1)), S("1")),
        ROW(cel_list_index_of, "0", L(L(I(1)), L(I(2))), L(I(1))),
        ROW(cel_includes, "true", L(I(1), I(2)), I(2)),
        ROW(cel_includes, "false", S("0123"), S("123")),
        ROW(cel_includes, "true", S("123"), S("123")),
        ROW(cel_list_slice, "[2, 3]", L(I(1), I(2), I(3), I(4)), I(1), I(3)),
        ROW(cel_list_slice, "[]", EMPTY, I(0), I(0)),
        ROW(cel_list_slice, "error: negative indexes", L(I(1)), I(-1), I(1)),
        ROW(cel_list_slice, "error: list is length 1", L(I(1)), I(0), I(2)),
        ROW(cel_list_slice, "error: start index", L(I(1)), I(1), I(0)),
        ROW(cel_list_flatten, "[1, 2, [3]]", L(L(I(1)), L(I(2), L(I(3))))),
        ROW(cel_list_flatten, "[1, 2, 3]", L(I(1), L(I(2), L(I(3)))), I(2)),
        ROW(cel_list_flatten, "error: non-negative", L(I(1)), I(-1)),
        ROW(cel_list_distinct, "[-2, 5, 1]", L(I(-2), I(5), I(-2), I(1), D(1), I(5))),
        ROW(cel_list_reverse, "[3, 2, 1]", L(I(1), I(2), I(3))),
        ROW(cel_lists_range, "[0, 1, 2]", I(3)),
        ROW(cel_lists_range, "[]", I(-1)),
        ROW(cel_lists_range, "error: budget", I(INT64_MAX)),
        ROW(cel_list_first, "optional(1)", L(I(1), I(2))),
        ROW(cel_list_last, "optional(2)", L(I(1), I(2))),
        ROW(cel_list_first, "optional()", EMPTY),
        ROW(cel_list_sort, "[1, 2, 3, 4, 5]", L(I(4), I(2), I(5), I(1), I(3))),
        ROW(cel_list_sort, "['a', 'aa', 'b']", L(S("b"), S("a"), S("aa"))),
        ROW(cel_list_sort, "[]", EMPTY),
        ROW(cel_list_sort, "error: comparable", L(L(I(1)))),
        ROW(cel_list_sort, "error: no such overload", L(I(1), S("a"))),
        ROW(cel_list_sort_by_keys, "['c', 'a', 'b']", L(S("a"), S("b"), S("c")), L(I(2), I(3), I(1))),
        ROW(cel_list_sort_by_keys, "['a', 'b', 'c']", L(S("a"), S("b"), S("c")), L(I(1), I(1), I(1))),
        ROW(cel_list_sort_by_keys, "error: one key per item", L(S("a")), EMPTY),
        ROW(cel_sets_contains, "true", L(I(1)), EMPTY),
        ROW(cel_sets_contains, "true", L(I(1), D(2), U(3)), L(D(1), U(2), I(3))),
        ROW(cel_sets_contains, "false", L(I(1)), L(S("1"), I(1))),
        ROW(cel_sets_equivalent, "true", L(I(1)), L(I(1), I(1))),
        ROW(cel_sets_equivalent, "false", L(I(2), I(1)), L(I(1))),
        ROW(cel_sets_intersects, "true", L(L(I(1)), L(I(2), I(3))), L(L(I(2), D(3)))),
        ROW(cel_sets_intersects, "false", L(I(1)), EMPTY),
    };
    CHECK_ROWS(table);
}
END_TEST

START_TEST(math)
{
    const struct row table[] = {
        ROW(cel_math_greatest, "10", L(D(5.4), I(10), U(3))),
        ROW(cel_math_greatest, "1", I(1), D(1)),
        ROW(cel_math_greatest, "18446744073709551615u", D(5.4), U(UINT64_MAX), I(-1)),
        ROW(cel_math_greatest, "error: empty list", EMPTY),
        ROW(cel_math_greatest, "error: no such overload", S("a")),
        ROW(cel_math_greatest, "error: NaN", D(1), D(__builtin_nan(""))),
        ROW(cel_math_least, "-5d", D(5.4), D(-5.0), I(3)),
        ROW(cel_math_ceil, "-1d", D(-1.2)),
        ROW(cel_math_floor, "-2d", D(-1.2)),
        ROW(cel_math_round, "2d", D(1.5)),
        ROW(cel_math_round, "-2d", D(-1.5)),
        ROW(cel_math_trunc, "-1d", D(-1.2)),
        ROW(cel_math_sqrt, "9d", I(81)),
        ROW(cel_math_abs, "11.5d", D(-11.5)),
        ROW(cel_math_abs, "1", I(-1)),
        ROW(cel_math_abs, "error: overflow", I(INT64_MIN)),
        ROW(cel_math_abs, "error: no such overload", S("a")),
        ROW(cel_math_sign, "-1", I(-11)),
        ROW(cel_math_sign, "1u", U(4)),
        ROW(cel_math_sign, "0d", D(0)),
        ROW(cel_math_is_nan, "true", D(__builtin_nan(""))),
        ROW(cel_math_is_inf, "false", D(__builtin_nan(""))),
        ROW(cel_math_is_finite, "false", D(-__builtin_inf())),
        ROW(cel_math_bit_and, "1", I(1), I(-1)),
        ROW(cel_math_bit_or, "3u", U(1), U(2)),
        ROW(cel_math_bit_xor, "2", I(1), I(3)),
        ROW(cel_math_bit_and, "error: no such overload", U(2), S("")),
        ROW(cel_math_bit_and, "error: no such overload", U(2), I(1)),
        ROW(cel_math_bit_not, "-2", I(1)),
        ROW(cel_math_bit_not, "18446744073709551615u", U(0)),
        ROW(cel_math_bit_shift_left, "4", I(1), I(2)),
        ROW(cel_math_bit_shift_left, "0", I(1), I(200)),
        ROW(cel_math_bit_shift_left, "-9223372036854775808", I(1), I(63)),
        ROW(cel_math_bit_shift_right, "2305843009213693824", I(-1024), I(3)),
        ROW(cel_math_bit_shift_right, "256u", U(1024), I(2)),
        ROW(cel_math_bit_shift_right, "error: negative offset", U(1), I(-1)),
        ROW(cel_math_bit_shift_right, "error: no such overload", D(1), I(1)),
    };
    CHECK_ROWS(table);
}
END_TEST

START_TEST(regular_expressions)
{
    const struct row table[] = {
        ROW(cel_string_matches, "true", S("hubba"), S("ubb")),
        ROW(cel_string_matches, "false", S("hubba"), S("^ubb")),
        ROW(cel_string_matches, "true", S(""), S("")),
        ROW(cel_string_matches, "true", S("50%"), S("(\\d+(\\.\\d+)?%)")),
        ROW(cel_string_matches, "true", S("\u00e9"), S("^.$")),
        ROW(cel_string_matches, "error: is wrong", S("a"), S(")")),
        ROW(cel_string_matches, "error: \\C", S("a"), S("\\C")),
        ROW(cel_string_matches, "error: is wrong", S("a"), S("(?=a)")),
        ROW(cel_string_matches, "error: is wrong", S("a"), S("(a)\\1")),
        ROW(cel_string_matches, "true", S("ab"), S("(?<first>a)(?P<second>b)")),
        ROW(cel_string_matches, "true", S("(?<"), S("^[(]\\?[<]$")),
        ROW(cel_string_matches, "true", S("a(?<b"), S("a\\Q(?<\\Eb")),
        ROW(cel_string_matches, "true", S("]"), S("^[](?<]$")),
        ROW(cel_string_matches, "error: is wrong", S("a"), S("((((a{1000}){1000}){1000}){1000})")),
        ROW(cel_string_find, "'123'", S("abc 123 456"), S("[0-9]+")),
        ROW(cel_string_find, "''", S("abc"), S("[0-9]+")),
        ROW(cel_string_find_all, "['123', '456']", S("abc 123 456"), S("[0-9]+")),
        ROW(cel_string_find_all, "['123']", S("abc 123 456"), S("[0-9]+"), I(1)),
        ROW(cel_string_find_all, "[]", S("abc 123 456"), S("[0-9]+"), I(0)),
        ROW(cel_string_find_all, "['123', '456']", S("abc 123 456"), S("[0-9]+"), I(-3)),
        ROW(cel_string_find_all, "['', '', '', '']", S("a\u00e9b"), S("")),
        ROW(cel_string_find_all, "['', 'bb', '']", S("abbc"), S("b*")),
        ROW(cel_regex_extract, "optional('A')", S("item-A, item-B"), S("item-(\\w+)")),
        ROW(cel_regex_extract, "optional('item-A')", S("item-A, item-B"), S("item-\\w+")),
        ROW(cel_regex_extract, "optional()", S("HELLO"), S("hello")),
        ROW(cel_regex_extract, "optional()", S("b"), S("(a)?b")),
        ROW(cel_regex_extract, "error: more than one", S("a@b"), S("(.*)@(.*)")),
        ROW(cel_regex_extract_all, "['123', '456']", S("id:123, id:456"), S("id:(\\d+)")),
        ROW(cel_regex_extract_all, "[]", S("id:123"), S("assa")),
        ROW(cel_regex_replace, "'ba fo'", S("foo bar"), S("(fo)o (ba)r"), S("\\2 \\1")),
        ROW(cel_regex_replace, "'bxnana'", S("banana"), S("a"), S("x"), I(1)),
        ROW(cel_regex_replace, "'banana'", S("banana"), S("a"), S("x"), I(0)),
        ROW(cel_regex_replace, "'bxnxnx'", S("banana"), S("a"), S("x"), I(-12)),
        ROW(cel_regex_replace, "'b\\n\\n\\'", S("banana"), S("a"), S("\\\\")),
        ROW(cel_regex_replace, "error: references group 2", S("test"), S("(.)"), S("\\2")),
        ROW(cel_regex_replace, "error: must be followed", S("test"), S("(.)"), S("\\x")),
        ROW(cel_regex_replace, "error: must be followed", S("test"), S("(.)"), S("\\")),
    };
    CHECK_ROWS(table);
}
END_TEST

START_TEST(prepared_patterns)
{
    struct value arg[] = { S("abc"), S("b") };
    struct err err = { 0 };
    struct cel_call call = new_call();
    budget = CEL_COST_MAX;
    call.prepared = cel_regex_prepare(&arena, arg, 2, &err);
    ck_assert_ptr_nonnull(call.prepared);
    ck_assert(cel_string_matches(&call, arg, 2).as.b);
    struct value bad[] = { NIL, S("(") };
    ck_assert_ptr_null(cel_regex_prepare(&arena, bad, 2, &err));
    ck_assert_int_eq(err.code, ERR_INPUT);
    ck_assert_ptr_nonnull(strstr(err.text, "is wrong"));
    /* Ends the pattern too: the leak check of the sanitized build sees if it does not. */
    arena_release(&arena);
}
END_TEST

START_TEST(time_values)
{
    const struct row table[] = {
        ROW(cel_timestamp_of, "2009-02-13T23:31:30Z", S("2009-02-14T00:31:30+01:00")),
        ROW(cel_timestamp_of, "9999-12-31T23:59:59.999999999Z", S("9999-12-31T23:59:59.999999999Z")),
        ROW(cel_timestamp_of, "1970-01-01T00:00:00.5Z", S("1970-01-01T00:00:00.500Z")),
        ROW(cel_timestamp_of, "0001-01-01T00:00:00Z", I(-62135596800)),
        ROW(cel_timestamp_of, "error: out of range", I(-62135596801)),
        ROW(cel_timestamp_of, "error: out of range", I(INT64_MAX)),
        ROW(cel_timestamp_of, "error: invalid timestamp", S("0001-01-01T00:00:00+01:00")),
        ROW(cel_timestamp_of, "error: invalid timestamp", S("10000-01-01T00:00:00Z")),
        ROW(cel_timestamp_of, "error: invalid timestamp", S("2009-02-30T00:00:00Z")),
        ROW(cel_timestamp_of, "error: invalid timestamp", S("2009-02-13")),
        ROW(cel_timestamp_of, "error: invalid timestamp", S("")),
        ROW(cel_duration_of, "3723.004s", S("1h2m3s4ms")),
        ROW(cel_duration_of, "-5400s", S("-1.5h")),
        ROW(cel_duration_of, "0.000001s", S("1us")),
        ROW(cel_duration_of, "0.000001s", S("1\xc2\xb5s")),
        ROW(cel_duration_of, "0.000001s", S("1\u03bcs")),
        ROW(cel_duration_of, "0s", S("0")),
        ROW(cel_duration_of, "0.5s", S("+.5s")),
        ROW(cel_duration_of, "1.000000001s", S("1.0000000019999999999999999999s")),
        ROW(cel_duration_of, "-9223372036.854775808s", S("-9223372036854775808ns")),
        ROW(cel_duration_of, "error: invalid duration", S("9223372036854775808ns")),
        ROW(cel_duration_of, "error: invalid duration", S("200000000000s")),
        ROW(cel_duration_of, "error: invalid duration", S("1")),
        ROW(cel_duration_of, "error: invalid duration", S("1d")),
        ROW(cel_duration_of, "error: invalid duration", S(".s")),
        ROW(cel_duration_of, "error: invalid duration", S("")),
        ROW(cel_duration_of, "error: invalid duration", S("-")),
        ROW(cel_duration_of, "error: invalid duration", S("99999999999999999999h")),
        ROW(cel_duration_of, "error: invalid duration", S("1h-1m")),
        ROW(cel_time_add, "2009-02-13T23:03:00Z", DUR("120s"), TS("2009-02-13T23:01:00Z")),
        ROW(cel_time_add, "650s", DUR("600s"), DUR("50s")),
        ROW(cel_time_add, "error: out of range", TS("9999-12-31T23:59:59.999999999Z"), DUR("1ns")),
        ROW(cel_time_add, "error: out of range", DUR("2562047h"), DUR("1h")),
        ROW(cel_time_sub, "-3600.5s", TS("2009-02-13T23:00:00Z"), TS("2009-02-14T00:00:00.5Z")),
        ROW(cel_time_sub, "1969-12-31T23:59:59.5Z", TS("1970-01-01T00:00:00Z"), DUR("500ms")),
        ROW(cel_time_sub, "error: out of range", TS("0001-01-01T00:00:00Z"), DUR("1ns")),
        ROW(cel_time_sub, "error: out of range", TS("9999-12-31T23:59:59Z"), TS("0001-01-01T00:00:00Z")),
        ROW(cel_time_sub, "error: out of range", DUR("-2562047h"), DUR("1h")),
        ROW(cel_to_string, "'1000000s'", DUR("1000000s")),
        ROW(cel_to_string, "'-0.25s'", DUR("-250ms")),
        ROW(cel_to_string, "'1969-12-31T23:59:59.75Z'", TS("1969-12-31T23:59:59.75Z")),
        ROW(cel_duration_hours, "2", DUR("10000s")),
        ROW(cel_duration_minutes, "62", DUR("3730s")),
        ROW(cel_duration_seconds, "-1", DUR("-1.9s")),
        ROW(cel_duration_milliseconds, "1900", DUR("1.9s")),
    };
    CHECK_ROWS(table);
}
END_TEST

#define MOMENT TS("2009-02-13T23:31:30.123Z")

START_TEST(time_zones)
{
    const struct row table[] = {
        ROW(cel_timestamp_year, "2009", MOMENT),
        ROW(cel_timestamp_month, "1", MOMENT),
        ROW(cel_timestamp_date, "13", MOMENT),
        ROW(cel_timestamp_day_of_month, "12", MOMENT),
        ROW(cel_timestamp_day_of_week, "5", MOMENT),
        ROW(cel_timestamp_day_of_year, "43", MOMENT),
        ROW(cel_timestamp_hours, "23", MOMENT),
        ROW(cel_timestamp_minutes, "31", MOMENT),
        ROW(cel_timestamp_seconds, "30", MOMENT),
        ROW(cel_timestamp_milliseconds, "123", MOMENT),
        ROW(cel_timestamp_date, "14", MOMENT, S("Australia/Sydney")),
        ROW(cel_timestamp_day_of_month, "13", MOMENT, S("+11:00")),
        ROW(cel_timestamp_day_of_month, "11", TS("2009-02-13T02:00:00Z"), S("-02:30")),
        ROW(cel_timestamp_hours, "17", MOMENT, S("America/Chicago")),
        ROW(cel_timestamp_hours, "18", TS("2009-07-13T23:31:30Z"), S("America/Chicago")),
        ROW(cel_timestamp_minutes, "16", MOMENT, S("Asia/Kathmandu")),
        ROW(cel_timestamp_hours, "23", MOMENT, S("UTC")),
        ROW(cel_timestamp_hours, "23", MOMENT, S("-00:00")),
        /* After the last transition of the files: their closing rule. */
        ROW(cel_timestamp_hours, "14", TS("2150-07-01T12:00:00Z"), S("Europe/Berlin")),
        ROW(cel_timestamp_hours, "13", TS("2150-12-01T12:00:00Z"), S("Europe/Berlin")),
        ROW(cel_timestamp_hours, "23", TS("2150-01-01T12:00:00Z"), S("Australia/Sydney")),
        ROW(cel_timestamp_hours, "error: unknown time zone", MOMENT, S("Mars/Olympus")),
        ROW(cel_timestamp_hours, "error: not a time zone", MOMENT, S("../../etc/passwd")),
        ROW(cel_timestamp_hours, "error: not a time zone", MOMENT, S("/etc/passwd")),
        ROW(cel_timestamp_hours, "error: not a time zone", MOMENT, S("+25:00")),
        ROW(cel_timestamp_hours, "error: not a time zone", MOMENT, S("1:2:3")),
        ROW(cel_timestamp_hours, "error: unknown time zone", MOMENT, S("Europe")),
    };
    CHECK_ROWS(table);
    int32_t offset;
    struct err err = { 0 };
    ck_assert(!zone_offset_from(STR("TZif"), 0, &offset, &err));
    ck_assert_int_eq(err.code, ERR_INPUT);
}
END_TEST

START_TEST(costs)
{
    struct cel_call call = new_call();
    budget = CEL_COST_MAX;
    struct value n[] = { I(900000), { 0 } };
    struct value list = cel_lists_range(&call, n, 1);
    ck_assert_int_eq(list.kind, VALUE_LIST);
    ck_assert_uint_eq(budget, 100000);
    struct value again = cel_lists_range(&call, n, 1);
    ck_assert(value_is_error(again));
    ck_assert_int_eq(again.as.error->code, VALUE_ERROR_LIMIT);
    ck_assert_uint_eq(budget, 0);
    budget = 1000;
    ck_assert(value_is_error(cel_list_distinct(&call, &list, 1)));
    /* Comparing a list with itself costs its size each time. */
    budget = 1000;
    struct value nested[] = { value_list(&list, 1), list };
    ck_assert(value_is_error(cel_list_index_of(&call, nested, 2)));
    arena_release(&arena);
}
END_TEST

/* A small graph can be a huge tree: nobody may walk it. */
START_TEST(shared_values)
{
    struct value one = value_int(1), list = value_list(&one, 1);
    for (int i = 0; i < 64; i++) {
        struct value *two = arena_array(&arena, struct value, 2);
        two[0] = two[1] = list;
        list = value_list(two, 2);
    }
    cel_function *const walker[] = { cel_list_index_of, cel_sets_contains, cel_op_eq, cel_op_in };
    struct value around = value_list(&list, 1);
    for (size_t i = 0; i < sizeof walker / sizeof *walker; i++) {
        struct cel_call call = new_call();
        struct value arg[] = { walker[i] == cel_op_eq || walker[i] == cel_op_in ? list : around,
                               walker[i] == cel_list_index_of || walker[i] == cel_op_eq ? list : around };
        budget = CEL_COST_MAX;
        struct value v = walker[i](&call, arg, 2);
        ck_assert_msg(value_is_error(v) && v.as.error->code == VALUE_ERROR_LIMIT, "walker %zu", i);
    }
    struct cel_call call = new_call();
    struct value shown[] = { value_str(STR("%s")), around }, depth[] = { list, value_int(100) };
    budget = CEL_COST_MAX;
    ck_assert(value_is_error(cel_string_format(&call, shown, 2)));
    ck_assert(value_is_error(cel_list_flatten(&call, depth, 2)));
    /* Deeper than a walk may recurse, though small. */
    list = value_list(&one, 1);
    for (unsigned i = 0; i <= CEL_VALUE_DEPTH_MAX; i++) {
        struct value *outer = arena_new(&arena, struct value);
        *outer = list;
        list = value_list(outer, 1);
    }
    struct value same[] = { list, list };
    ck_assert(value_is_error(cel_op_eq(&call, same, 2)));
    arena_release(&arena);
}
END_TEST

START_TEST(doubles_as_text)
{
    static const struct {
        double d;
        const char *text;
    } row[] = {
        { 0, "0" },
        { 1.5, "1.5" },
        { -2.25, "-2.25" },
        { 0.1, "0.1" },
        { 1.0 / 3, "0.3333333333333333" },
        { 5e-324, "0." /* a prefix */ },
        { 123456789.125, "123456789.125" },
        { 1e22, "10000000000000000000000" },
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct str text = cel_double_text(&arena, row[i].d);
        double back;
        ck_assert_msg(str_has_prefix(text, str_from_c(row[i].text)), "%s: %.*s", row[i].text, STR_ARG(text));
        ck_assert(str_to_double(text, &back) && back == row[i].d);
    }
    arena_release(&arena);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("cel_lib");
    TCase *t = tcase_create("rows");
    tcase_add_test(t, strings);
    tcase_add_test(t, format);
    tcase_add_test(t, lists);
    tcase_add_test(t, math);
    tcase_add_test(t, regular_expressions);
    tcase_add_test(t, prepared_patterns);
    tcase_add_test(t, time_values);
    tcase_add_test(t, time_zones);
    tcase_add_test(t, costs);
    tcase_add_test(t, shared_values);
    tcase_add_test(t, doubles_as_text);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
