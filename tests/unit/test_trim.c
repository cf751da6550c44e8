/* What a finding keeps of hostile lengths: bounded, cut between characters, and said so. */
#include "audit/trim.h"

#include <check.h>
#include <stdlib.h>

START_TEST(text_is_cut_between_characters)
{
    static const struct {
        const char *text;
        size_t max;
        const char *want;
    } row[] = {
        { "", 4, "" },
        { "abcd", 4, "abcd" },
        { "abcde", 4, "abcd ... (1 bytes more)" },
        { "abc\xc3\xa9", 4, "abc ... (2 bytes more)" },
        { "a\xe2\x82\xac"
          "b",
          3, "a ... (4 bytes more)" },
    };
    struct arena a CLEANUP(arena_release) = { 0 };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct str got = trim_text(&a, str_from_c(row[i].text), row[i].max);
        ck_assert_msg(str_eq_c(got, row[i].want), "row %zu: %.*s", i, STR_ARG(got));
    }
}
END_TEST

static size_t text_bytes(struct value v)
{
    size_t n = 0;
    if (v.kind == VALUE_STRING)
        return v.n;
    for (size_t i = 0; v.kind == VALUE_LIST && i < v.n; i++)
        n += text_bytes(value_item(v, i));
    for (size_t i = 0; v.kind == VALUE_MAP && i < v.n; i++)
        n += text_bytes(v.as.map->entry[i].key) + text_bytes(v.as.map->entry[i].val);
    return n;
}

START_TEST(evidence_is_bounded_and_says_so)
{
    struct arena a CLEANUP(arena_release) = { 0 };
    struct value_builder list, wide, row;
    struct str big = str_printf(&a, "%0*d", 5000, 7);
    value_builder_init(&list, &a);
    value_builder_init(&wide, &a);
    value_builder_init(&row, &a);
    for (int i = 0; i < 4000; i++) {
        value_builder_push(&list, value_str(big));
        value_builder_put(&wide, value_str(str_printf(&a, "k%d", i)), value_int(i));
    }
    struct value texts = value_builder_list(&list);
    value_builder_set(&row, "texts", texts);
    value_builder_set(&row, "nested", value_list(&texts, 1));
    value_builder_set(&row, "wide", value_builder_map(&wide));
    value_builder_set(&row, "last", value_str(STR("seen")));
    struct value got = trim_evidence(&a, value_builder_map(&row));
    ck_assert_uint_le(text_bytes(got), FINDING_EVIDENCE_BYTES + 8 * FINDING_TEXT_BYTES);
    ck_assert(str_eq_c(value_text_at(got, "last", NULL), "seen"));
    struct value kept = *value_get(got, STR("texts"));
    ck_assert_uint_le(kept.n, FINDING_LIST_ITEMS + 1);
    ck_assert(str_has_suffix(value_text(value_item(kept, kept.n - 1)), STR(" more)")));
    ck_assert(str_eq_c(value_text_at(got, "wide", "...", NULL), "(3950 more)"));
}
END_TEST

START_TEST(small_evidence_is_kept_whole)
{
    struct arena a CLEANUP(arena_release) = { 0 };
    struct value_builder row;
    struct value item[] = { value_int(1), value_bool(true), value_null(), value_cstr("x") };
    value_builder_init(&row, &a);
    value_builder_set(&row, "list", value_list(item, 4));
    struct value v = value_builder_map(&row);
    ck_assert(value_equal(trim_evidence(&a, v), v));
    ck_assert_int_eq(trim_evidence(&a, value_null()).kind, VALUE_NULL);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("trim");
    TCase *t = tcase_create("findings");
    tcase_add_test(t, text_is_cut_between_characters);
    tcase_add_test(t, evidence_is_bounded_and_says_so);
    tcase_add_test(t, small_evidence_is_kept_whole);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
