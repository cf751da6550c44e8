/* The order of checks. */
#include "bench/sources.h"

#include <check.h>
#include <stdlib.h>

static const char *const in_order[] = { "",      "1",     "1.2",    "1.2.9", "1.2.10", "1.10.1", "2.1", "4.2",
                                        "4.2.1", "5.2.9", "5.2.10", "10.1",  "a",      "a2",     "a10", "a10b" };
#define COUNT (sizeof in_order / sizeof *in_order)

START_TEST(natural)
{
    for (size_t i = 0; i < COUNT; i++) {
        for (size_t k = 0; k < COUNT; k++) {
            int got = bench_id_compare(str_from_c(in_order[i]), str_from_c(in_order[k]));
            ck_assert_msg((got > 0) - (got < 0) == (i > k) - (i < k), "\"%s\" and \"%s\"", in_order[i], in_order[k]);
        }
    }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("bench");
    TCase *t = tcase_create("bench");
    tcase_add_test(t, natural);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
