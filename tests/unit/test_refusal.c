/* Who refused a pod, out of an API server's words. */
#include "analyze/podsecurity/refusal.h"

#include "analyze/podsecurity/canary.h"

#include <check.h>
#include <stdlib.h>

#define STATUS(reason, code, message)                                                                                    \
    "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\",\"message\":\"" message "\",\"reason\":\"" reason \
    "\",\"code\":" code "}"
#define FORBIDDEN(words) STATUS("Forbidden", "403", "pods \\\"kubevouch-canary\\\" is forbidden: " words)

static const struct {
    int status;
    const char *body;
    enum refusal_kind kind;
    const char *by, *text; /* text: a part of it */
} row[] = {
    { 201, "{\"kind\":\"Pod\"}", REFUSAL_NONE, "", "" },
    { 200, "", REFUSAL_NONE, "", "" },
    { 403, FORBIDDEN("violates PodSecurity \\\"baseline:v1.30\\\": privileged (container must not)"), REFUSAL_TOLD,
      "PodSecurity baseline:v1.30", "privileged (container" },
    { 422, FORBIDDEN("ValidatingAdmissionPolicy 'no-host' with binding 'b' denied request: violates PodSecurity \\\"x\\\""), REFUSAL_TOLD,
      "ValidatingAdmissionPolicy no-host", "denied request" },
    { 403, FORBIDDEN("exceeded quota: q"), REFUSAL_TOLD, "an admission plugin", "exceeded quota" },
    { 403,
      "{\"kind\":\"Status\",\"message\":\"admission webhook \\\"v.example\\\" denied the request: violates PodSecurity "
      "\\\"baseline:latest\\\"\",\"code\":403}",
      REFUSAL_TOLD, "webhook v.example", "denied" },
    { 400, STATUS("BadRequest", "400", "admission webhook \\\"v.example\\\" does not support dry run"), REFUSAL_UNSURE, "",
      "a webhook did not answer to a dry run" },
    { 409, STATUS("AlreadyExists", "409", "pods \\\"kubevouch-canary\\\" already exists"), REFUSAL_NONE, "", "" },
    { 409, STATUS("Conflict", "409", "pods \\\"kubevouch-canary\\\" was changed"), REFUSAL_UNSURE, "", "did not say" },
    { 403,
      STATUS("Forbidden", "403",
             "pods is forbidden: User \\\"jane\\\" cannot create resource \\\"pods\\\" in API group \\\"\\\" in the namespace \\\"a\\\""),
      REFUSAL_UNSURE, "", "may not do it" },
    { 403, FORBIDDEN("User \\\"jane\\\" cannot create resource \\\"pods\\\""), REFUSAL_UNSURE, "", "may not do it" },
    { 403, FORBIDDEN("unable to create new content in namespace a because it is being terminated"), REFUSAL_UNSURE, "", "being deleted" },
    { 422, STATUS("Invalid", "422", "Pod \\\"kubevouch-canary\\\" is invalid: spec.x: Invalid value"), REFUSAL_INVALID,
      "the API server's own validation", "no valid pod" },
    { 404, STATUS("NotFound", "404", "namespaces \\\"a\\\" not found"), REFUSAL_UNSURE, "", "did not say" },
    { 500, STATUS("InternalError", "500", "Internal error occurred: failed calling webhook \\\"v\\\""), REFUSAL_UNSURE, "", "did not say" },
    { 403, "<html>no</html>", REFUSAL_UNSURE, "", "no words of an API server" },
    { 403, "{\"kind\":\"Pod\",\"message\":\"pods \\\"x\\\" is forbidden: violates PodSecurity \\\"baseline:latest\\\"\"}", REFUSAL_UNSURE,
      "", "no words of an API server" },
    { 403, "", REFUSAL_UNSURE, "", "no words of an API server" },
    { 302, STATUS("Found", "302", "elsewhere"), REFUSAL_UNSURE, "", "did not say" },
    { 0, "connection refused", REFUSAL_UNSURE, "", "no answer: connection refused" },
};

START_TEST(tells_who_refused)
{
    struct arena a = { 0 };
    struct refusal r = refusal_of(&a, row[_i].status, str_from_c(row[_i].body));
    ck_assert_int_eq(r.kind, row[_i].kind);
    ck_assert_str_eq(str_to_c(&a, r.by), row[_i].by);
    ck_assert_msg(str_contains(r.text, str_from_c(row[_i].text)), "%s", str_to_c(&a, r.text));
    arena_release(&a);
}
END_TEST

/* Whatever is cut off an answer, nobody is told to have admitted a pod, and no refusal is made up. */
START_TEST(half_an_answer_tells_nothing)
{
    struct arena a = { 0 };
    struct str body = str_from_c(row[_i].body);
    if (row[_i].status >= 300)
        for (size_t n = 0; n < body.n; n++) {
            struct refusal r = refusal_of(&a, row[_i].status, str_sub(body, 0, n));
            ck_assert_int_eq(r.kind, REFUSAL_UNSURE);
            arena_reset(&a);
        }
    arena_release(&a);
}
END_TEST

/* A pod of host processes has no other containers: with one the API server takes it for none, and admission is never asked. */
START_TEST(canaries_are_pods_that_a_server_takes)
{
    struct arena a = { 0 };
    for (size_t i = 0; i < canary_count; i++) {
        struct value pod = canary_pod(&a, &canary[i], CANARY_CONTAINER, STR("a"));
        const struct value *spec = value_get(pod, STR("spec"));
        ck_assert_ptr_nonnull(spec);
        const struct value *c = value_get(*spec, STR("containers")), *init = value_get(*spec, STR("initContainers"));
        bool of_c = value_at(value_item(*c, 0), "securityContext", "windowsOptions", NULL),
             of_init = value_at(value_item(*init, 0), "securityContext", "windowsOptions", NULL);
        ck_assert_int_eq(of_c, of_init);
        ck_assert(!of_c || !canary_has_init(&canary[i]));
    }
    arena_release(&a);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("refusal");
    TCase *t = tcase_create("refusal");
    tcase_add_loop_test(t, tells_who_refused, 0, (int)(sizeof row / sizeof *row));
    tcase_add_loop_test(t, half_an_answer_tells_nothing, 0, (int)(sizeof row / sizeof *row));
    tcase_add_test(t, canaries_are_pods_that_a_server_takes);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
