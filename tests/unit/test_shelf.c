/* --keep: folders of runs sort as the runs began, whichever of them were removed since. */
#include "cli/shelf.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define TWINS 6u
static const struct instant began = { .s = 1796000000 };
static struct arena arena;
static char dir[] = "/tmp/test-shelf-XXXXXX", *made;

static void setup(void)
{
    (void)snprintf(dir, sizeof dir, "/tmp/test-shelf-XXXXXX"); /* tests may run in one process */
    made = mkdtemp(dir);
    ck_assert_ptr_nonnull(made);
}
static void teardown(void)
{
    arena_release(&arena);
    (void)rmdir(made);
}

static struct str make(void)
{
    struct err err = { 0 };
    struct str path;
    ck_assert_msg(shelf_make(&path, str_from_c(made), began, &arena, &err), "%s", err.text);
    return path;
}

/* Of TWINS runs of one second each set of survivors, by the bits of the loop's index. */
START_TEST(sorts_last)
{
    struct str path[TWINS];
    for (unsigned i = 0; i < TWINS; i++) {
        path[i] = make();
        ck_assert(i == 0 || str_cmp(path[i - 1], path[i]) < 0);
    }
    for (unsigned i = 0; i < TWINS; i++)
        if (!((unsigned)_i & 1u << i))
            ck_assert_int_eq(rmdir(str_to_c(&arena, path[i])), 0);
    struct str own = make();
    for (unsigned i = 0; i < TWINS; i++)
        if ((unsigned)_i & 1u << i) {
            ck_assert_msg(str_cmp(path[i], own) < 0, "%.*s is taken for newer than %.*s", STR_ARG(path[i]), STR_ARG(own));
            ck_assert_int_eq(rmdir(str_to_c(&arena, path[i])), 0);
        }
    ck_assert_int_eq(rmdir(str_to_c(&arena, own)), 0);
}
END_TEST

/* Folders of other seconds and what is only named alike have no say; after the 99th there is no more room. */
START_TEST(own_second)
{
    struct err err = { 0 };
    struct str first = make(), path;
    const char *others[] = { "-99-backup", "-9", "0" };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        ck_assert_int_eq(mkdir(str_to_c(&arena, str_printf(&arena, "%.*s%s", STR_ARG(first), others[i])), 0777), 0);
    struct str second = make(), last = str_printf(&arena, "%.*s-99", STR_ARG(first));
    ck_assert(str_eq(second, str_printf(&arena, "%.*s-02", STR_ARG(first))));
    ck_assert_int_eq(mkdir(str_to_c(&arena, last), 0777), 0);
    ck_assert(!shelf_make(&path, str_from_c(made), began, &arena, &err));
    ck_assert_ptr_nonnull(strstr(err.text, "in the same second"));
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        ck_assert_int_eq(rmdir(str_to_c(&arena, str_printf(&arena, "%.*s%s", STR_ARG(first), others[i]))), 0);
    ck_assert_int_eq(rmdir(str_to_c(&arena, first)) | rmdir(str_to_c(&arena, second)) | rmdir(str_to_c(&arena, last)), 0);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("shelf");
    TCase *t = tcase_create("shelf");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_loop_test(t, sorts_last, 0, 1 << TWINS);
    tcase_add_test(t, own_second);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
