/* Command lines as github.com/spf13/pflag itself read them: recorded in tests/pflag/lines.jsonl, or in the file of $FLAG_LINES. */
#include "analyze/control_plane/component.h"
#include "analyze/control_plane/flag_value.h"
#include "analyze/secrets/encryption.h"
#include "base/buf.h"
#include "base/duration.h"
#include "base/file.h"
#include "value/json_doc.h"

#include <check.h>
#include <stdlib.h>

static bool any_error(struct value flags)
{
    for (uint32_t i = 0; i < flags.n; i++)
        if (value_is_error(flags.as.map->entry[i].val))
            return true;
    return false;
}

static void expect_value(struct value flags, struct str name, struct str want, struct str line)
{
    const struct value *v = value_get(flags, name);
    ck_assert_msg(v && !value_is_error(*v), "%.*s: --%.*s", STR_ARG(line), STR_ARG(name));
    int64_t ns, wanted;
    if (flag_info_of(name).type == FLAG_DURATION) {
        ck_assert_msg(duration_parse(value_text(*v), &ns) && str_to_int64(want, &wanted) && ns == wanted, "%.*s", STR_ARG(line));
        return;
    }
    ck_assert_msg(str_eq(value_text(*v), want), "%.*s: --%.*s is %.*s", STR_ARG(line), STR_ARG(name), STR_ARG(value_text(*v)));
}

static void check_line(struct arena *a, struct value row, struct str line)
{
    const struct value *args = value_get(row, STR("args")), *flags = value_get(row, STR("flags")), *odd = value_get(row, STR("unjoinable"));
    struct str *arg = arena_array(a, struct str, args->n + 1);
    for (uint32_t i = 0; i < args->n; i++)
        arg[i] = value_text(value_item(*args, i));
    struct value got = component_flags(a, arg, args->n);
    if (value_bool_at(row, false, "refused", NULL)) {
        ck_assert_msg(any_error(got), "%.*s", STR_ARG(line));
        return;
    }
    for (uint32_t i = 0; odd && i < odd->n; i++) {
        const struct value *v = value_get(got, value_text(value_item(*odd, i)));
        ck_assert_msg(v && value_is_error(*v), "%.*s", STR_ARG(line));
    }
    ck_assert_msg((odd != NULL) == any_error(got), "%.*s", STR_ARG(line));
    for (uint32_t i = 0; flags && i < flags->n; i++)
        expect_value(got, value_text(flags->as.map->entry[i].key), value_text(flags->as.map->entry[i].val), line);
}

START_TEST(lines_are_read_as_pflag_reads_them)
{
    struct arena a = { 0 };
    struct buf text = BUF_INIT((size_t)1 << 28);
    struct err err = { 0 };
    const char *given = getenv("FLAG_LINES"), *top = getenv("srcdir");
    const char *path = given ? given : str_to_c(&a, str_printf(&a, "%s/tests/pflag/lines.jsonl", top ? top : ".."));
    size_t lines = 0;
    ck_assert_msg(file_read(path, &text, &err), "%s", err.text);
    for (struct str rest = buf_str(&text), line; str_next_field(&rest, '\n', &line);) {
        struct value row;
        if (!line.n)
            continue;
        ck_assert_msg(json_doc_read(&row, &a, line, "line", &err), "%s", err.text);
        check_line(&a, row, line);
        arena_reset(&a);
        lines++;
    }
    ck_assert_uint_ge(lines, 400);
    buf_release(&text);
    arena_release(&a);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("flag lines");
    TCase *t = tcase_create("all");
    tcase_set_timeout(t, 60);
    tcase_add_test(t, lines_are_read_as_pflag_reads_them);
    suite_add_tcase(s, t);
    SRunner *runner = srunner_create(s);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
