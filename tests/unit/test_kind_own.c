/* Kinds that benchmarks and files bring with them: entered once, told apart from those that are there, never more than there is room for.
 */
#include "cluster/kind_own.h"

#include "cluster/kind_gather.h"

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
    ck_assert(strstr(err.text, "8 kinds") != NULL && kind_count() == KIND_OWN + KIND_OWN_MAX);
}
END_TEST

/* ---- kinds that files bring with them */

static struct kind_gather gather_of(struct arena *a, const char *group)
{
    struct kind_gather g = { .arena = a };
    *VEC_PUSH(&g.group, a) = str_from_c(group);
    return g;
}

static struct value definition(struct arena *a, const char *plural, const char *kind, const char *scope)
{
    struct value_builder names, spec, o;
    value_builder_init(&names, a);
    value_builder_init(&spec, a);
    value_builder_init(&o, a);
    value_builder_set(&names, "plural", value_cstr(plural));
    value_builder_set(&names, "kind", value_cstr(kind));
    value_builder_set(&spec, "group", value_cstr("example.com"));
    value_builder_set(&spec, "scope", value_cstr(scope));
    value_builder_set(&spec, "names", value_builder_map(&names));
    value_builder_set(&o, "spec", value_builder_map(&spec));
    return value_builder_map(&o);
}

START_TEST(files_enter_kinds)
{
    struct arena a CLEANUP(arena_release) = { 0 };
    struct kind_gather g = gather_of(&a, "policy");
    ck_assert(kind_gather_enter(&g, STR("example.com/v1"), STR("Widget")) == KIND_NONE && kind_count() == KIND_OWN && !g.left.count);
    enum kind k = kind_gather_enter(&g, STR("policy/v1beta1"), STR("PodDisruptionBudget"));
    ck_assert(k == KIND_OWN && kind_gather_enter(&g, STR("policy/v1"), STR("PodDisruptionBudget")) == k);
    ck_assert_str_eq(kind_info(k)->resource, "poddisruptionbudgets");
    ck_assert(!kind_info(k)->is_guessed && kind_info(k)->is_gathered && kind_info(k)->stage == STAGE_STREAM &&
              kind_info(k)->keep == KEEP_NONE);
    ck_assert(kind_knows_version(k, STR("v7")) && kind_by_api(STR("policy/v1"), STR("PodDisruptionBudget")) == k);
    kind_gather_settle(&g);
    ck_assert_str_eq(kind_info(k)->resource, "poddisruptionbudgets");
}
END_TEST

START_TEST(secrets_stay_unread)
{
    struct arena a CLEANUP(arena_release) = { 0 };
    struct kind_gather g = gather_of(&a, "*");
    struct str why;
    ck_assert(!kind_gather_lacks(&g, STR(""), STR("secrets"), &a, &why));
    ck_assert(kind_gather_enter(&g, STR("v1"), STR("Secret")) == KIND_NONE && kind_count() == KIND_OWN);
    ck_assert(kind_gather_lacks(&g, STR(""), STR("secrets"), &a, &why) && kind_gather_lacks(&g, STR("*"), STR("*"), &a, &why));
    ck_assert(!kind_gather_lacks(&g, STR(""), STR("endpoints"), &a, &why) && !kind_gather_lacks(&g, STR("policy"), STR("*"), &a, &why));
}
END_TEST

/* A guess until a definition says it, wherever that stands; what another name may be of is told. */
START_TEST(definitions_settle_a_guess)
{
    struct arena a CLEANUP(arena_release) = { 0 };
    struct kind_gather g = gather_of(&a, "example.com");
    struct str why;
    enum kind k = kind_gather_enter(&g, STR("example.com/v1"), STR("Mouse"));
    ck_assert(kind_info(k)->is_guessed && kind_by_group(STR("example.com"), STR("mouses")) == k);
    kind_gather_settle(&g);
    ck_assert(kind_info(k)->is_guessed && kind_gather_lacks(&g, STR("example.com"), STR("mice"), &a, &why));
    ck_assert(strstr(str_to_c(&a, why), "example.com/mice (which may be the files' Mouse") != NULL);
    ck_assert(!kind_gather_lacks(&g, STR("other.com"), STR("mice"), &a, &why));
    kind_gather_definition(&g, definition(&a, "mouses", "Mouse", "Namespaced"));
    kind_gather_definition(&g, definition(&a, "mice", "Mouse", "Cluster")); /* the last counts */
    kind_gather_settle(&g);
    ck_assert(!kind_info(k)->is_guessed && kind_info(k)->scope == SCOPE_CLUSTER && kind_by_group(STR("example.com"), STR("mice")) == k);
    ck_assert(kind_by_group(STR("example.com"), STR("mouses")) == KIND_NONE &&
              !kind_gather_lacks(&g, STR("example.com"), STR("rats"), &a, &why));
}
END_TEST

START_TEST(what_finds_no_room_is_told)
{
    struct arena a CLEANUP(arena_release) = { 0 };
    struct kind_gather g = gather_of(&a, "example.com");
    struct str why;
    for (size_t i = 0; i < KIND_OWN_MAX + KIND_GATHERED_MAX; i++)
        ck_assert(kind_gather_enter(&g, STR("example.com/v1"), str_printf(&a, "W%zu", i)) != KIND_NONE);
    ck_assert(kind_count() == KIND_COUNT && !g.left.count);
    ck_assert(kind_gather_enter(&g, STR("example.com/v1"), STR("More")) == KIND_NONE);
    ck_assert(kind_gather_enter(&g, STR("example.com/v1"), STR("W3")) != KIND_NONE);
    ck_assert(kind_gather_lacks(&g, STR("example.com"), STR("mores"), &a, &why) &&
              str_has_prefix(why, STR("example.com/More (its name is none, or it is one more than 48")));
}
END_TEST

static const char *const no_name[] = { "Pods?", "a/b", "A b", "%41", "\xc3\xa4" };
START_TEST(what_is_no_name_is_told)
{
    struct arena a CLEANUP(arena_release) = { 0 };
    struct kind_gather g = gather_of(&a, "*");
    struct str why;
    ck_assert(kind_gather_enter(&g, STR("v1"), str_from_c(no_name[_i])) == KIND_NONE && kind_count() == KIND_OWN);
    ck_assert(kind_gather_lacks(&g, STR("*"), STR("*"), &a, &why));
}
END_TEST

START_TEST(what_is_hidden_may_be_of_its_kind)
{
    struct arena a CLEANUP(arena_release) = { 0 };
    struct kind_gather g = gather_of(&a, "*");
    struct str why;
    kind_gather_definition(&g, definition(&a, "mice", "Mouse", "Cluster"));
    kind_gather_hide(&g, STR("Mouse"), STR("a.yaml"));
    kind_gather_hide(&g, STR("HorizontalPodAutoscaler"), STR("b.yaml"));
    ck_assert(kind_gather_lacks(&g, STR("example.com"), STR("mice"), &a, &why) && str_find(why, STR("a.yaml"), 0) != SIZE_MAX);
    ck_assert(kind_gather_lacks(&g, STR("autoscaling"), STR("horizontalpodautoscalers"), &a, &why) &&
              str_find(why, STR("b.yaml"), 0) != SIZE_MAX);
    ck_assert(kind_gather_lacks(&g, STR("*"), STR("*"), &a, &why));
    ck_assert(!kind_gather_lacks(&g, STR("policy"), STR("poddisruptionbudgets"), &a, &why) &&
              !kind_gather_lacks(&g, STR("example.com"), STR("cats"), &a, &why));
    kind_gather_hide(&g, STR("Cat"), STR("c.yaml"));
    ck_assert(kind_gather_lacks(&g, STR("example.com"), STR("cats"), &a, &why) &&
              !kind_gather_lacks(&g, STR("policy"), STR("poddisruptionbudgets"), &a, &why));
    kind_gather_hide(&g, STR(""), STR("d.yaml"));
    ck_assert(kind_gather_lacks(&g, STR("policy"), STR("poddisruptionbudgets"), &a, &why) && str_find(why, STR("d.yaml"), 0) != SIZE_MAX);
}
END_TEST

static const char *const plural[][2] = {
    { "Widget", "widgets" },  { "Gateway", "gateways" }, { "Policy", "policies" }, { "Class", "classes" }, { "Box", "boxes" },
    { "Switch", "switches" }, { "Mesh", "meshes" },      { "Y", "ies" },           { "Quiz", "quizes" },
};
START_TEST(plurals_are_guessed)
{
    struct arena a CLEANUP(arena_release) = { 0 };
    ck_assert_str_eq(str_to_c(&a, kind_plural_guess(&a, str_from_c(plural[_i][0]))), plural[_i][1]);
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
    tcase_add_test(t, files_enter_kinds);
    tcase_add_test(t, secrets_stay_unread);
    tcase_add_test(t, definitions_settle_a_guess);
    tcase_add_test(t, what_finds_no_room_is_told);
    tcase_add_test(t, what_is_hidden_may_be_of_its_kind);
    tcase_add_loop_test(t, what_is_no_name_is_told, 0, (int)COUNT_OF(no_name));
    tcase_add_loop_test(t, plurals_are_guessed, 0, (int)COUNT_OF(plural));
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
