/* Kinds that benchmarks bring with them: entered once, told apart from those that are there, never more than there is room for. */
#include "cluster/kind_own.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

static const struct kind_declaration widget = { STR_INIT("example.com"), STR_INIT("widgets"), STR_INIT("Widget"), STR_INIT("v2 v1"),
                                                SCOPE_NAMESPACED };

static void setup(void)
{
    kind_forget_own();
}

START_TEST(a_row_is_found_by_all_its_names)
{
    struct err err = { 0 };
    ck_assert(kind_by_resource(STR("widgets")) == KIND_NONE && !kind_is_declared(KIND_OWN) && kind_count() == KIND_OWN);
    ck_assert(kind_declare(&widget, &err));
    ck_assert(kind_is_declared(KIND_OWN) && !kind_is_declared(KIND_OWN + 1) && kind_count() == KIND_OWN + 1);
    ck_assert(kind_by_resource(STR("widgets")) == KIND_OWN && kind_by_resource(STR("widgets.example.com")) == KIND_OWN);
    ck_assert(kind_by_group(STR("example.com"), STR("widgets")) == KIND_OWN &&
              kind_by_api(STR("example.com/v1"), STR("Widget")) == KIND_OWN);
    ck_assert(kind_by_api(STR("other.com/v1"), STR("Widget")) == KIND_NONE);
    ck_assert(kind_knows_version(KIND_OWN, STR("v1")) && kind_knows_version(KIND_OWN, STR("v2")) &&
              !kind_knows_version(KIND_OWN, STR("v3")));
    ck_assert(kind_info(KIND_OWN)->stage == STAGE_EARLY && kind_info(KIND_OWN)->keep == KEEP_WHOLE && !kind_info(KIND_OWN)->core);
    ck_assert(kind_declare(&widget, &err) && kind_count() == KIND_OWN + 1);
    kind_forget_own();
    ck_assert(kind_by_resource(STR("widgets")) == KIND_NONE);
}
END_TEST

START_TEST(an_empty_row_matches_nothing)
{
    ck_assert(kind_by_resource(STR("")) == KIND_NONE && kind_by_group(STR(""), STR("")) == KIND_NONE &&
              kind_by_api(STR(""), STR("")) == KIND_NONE);
    ck_assert(kind_by_api(STR("v1"), STR("")) == KIND_NONE);
    struct kind_set all = { 0 };
    for (size_t k = 0; k < KIND_COUNT; k++) {
        ck_assert(!kind_set_has(all, (enum kind)k));
        kind_set_add(&all, (enum kind)k);
        ck_assert(kind_set_has(all, (enum kind)k));
    }
}
END_TEST

static const struct {
    struct kind_declaration d;
    const char *why;
} refused[] = {
    { { STR_INIT("example.com"), STR_INIT("widgets"), STR_INIT("Widget"), STR_INIT("v1"), SCOPE_NAMESPACED }, "declared otherwise" },
    { { STR_INIT("example.com"), STR_INIT("widgets"), STR_INIT("Widget"), STR_INIT("v2 v1"), SCOPE_CLUSTER }, "declared otherwise" },
    { { STR_INIT("example.com"), STR_INIT("widgets"), STR_INIT("Other"), STR_INIT("v2 v1"), SCOPE_NAMESPACED }, "declared otherwise" },
    { { STR_INIT("example.com"), STR_INIT("others"), STR_INIT("Widget"), STR_INIT("v2 v1"), SCOPE_NAMESPACED }, "declared otherwise" },
    { { STR_INIT(""), STR_INIT("secrets"), STR_INIT("Secret"), STR_INIT("v1"), SCOPE_NAMESPACED }, "no group of custom resources" },
    { { STR_INIT("apps"), STR_INIT("controllerrevisions"), STR_INIT("ControllerRevision"), STR_INIT("v1"), SCOPE_NAMESPACED },
      "no group of custom resources" },
    { { STR_INIT("cilium.io"), STR_INIT("ciliumnetworkpolicies"), STR_INIT("X"), STR_INIT("v2"), SCOPE_NAMESPACED }, "known already" },
    { { STR_INIT("cilium.io"), STR_INIT("x"), STR_INIT("CiliumNetworkPolicy"), STR_INIT("v2"), SCOPE_NAMESPACED }, "known already" },
    { { STR_INIT("example.com"), STR_INIT("x"), STR_INIT("X"), STR_INIT(""), SCOPE_NAMESPACED }, "versions" },
};
START_TEST(what_cannot_be_is_refused)
{
    struct err err = { 0 };
    ck_assert(kind_declare(&widget, &err));
    ck_assert(!kind_declare(&refused[_i].d, &err));
    ck_assert_msg(strstr(err.text, refused[_i].why) != NULL, "\"%s\" does not say %s", err.text, refused[_i].why);
    ck_assert(kind_count() == KIND_OWN + 1);
}
END_TEST

START_TEST(there_is_an_end)
{
    struct err err = { 0 };
    char name[KIND_OWN_MAX + 1][16];
    for (size_t i = 0; i <= KIND_OWN_MAX; i++) {
        (void)snprintf(name[i], sizeof name[i], "w%zu", i);
        const struct kind_declaration d = { STR("example.com"), str_from_c(name[i]), str_from_c(name[i]), STR("v1"), SCOPE_CLUSTER };
        ck_assert(kind_declare(&d, &err) == (i < KIND_OWN_MAX));
    }
    ck_assert(strstr(err.text, "8 kinds") != NULL && kind_count() == KIND_COUNT);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("kinds of a benchmark");
    TCase *t = tcase_create("kinds of a benchmark");
    tcase_add_checked_fixture(t, setup, kind_forget_own);
    tcase_add_test(t, a_row_is_found_by_all_its_names);
    tcase_add_test(t, an_empty_row_matches_nothing);
    tcase_add_loop_test(t, what_cannot_be_is_refused, 0, (int)COUNT_OF(refused));
    tcase_add_test(t, there_is_an_end);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
