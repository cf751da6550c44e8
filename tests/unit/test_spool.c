/* The spool: what was written comes back, from memory and from the file, and a failure is told by whoever reads. */
#include "base/rows.h"
#include "base/spool.h"

#include <check.h>
#include <dirent.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static char dir[64];
static struct arena arena;

static void open_all(void)
{
    (void)snprintf(dir, sizeof dir, "/tmp/kubevouch-spool-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(dir));
}

static void close_all(void)
{
    arena_release(&arena);
    ck_assert_int_eq(rmdir(dir), 0); /* the spool leaves nothing behind */
}

/* Bytes that tell where they stand. */
static struct str piece(unsigned i, size_t n)
{
    char *p = arena_alloc(&arena, n);
    for (size_t k = 0; k < n; k++)
        p[k] = (char)(i * 31u + k);
    return str_of(p, n);
}

static size_t size_of(unsigned i)
{
    return (i * 7919u) % 5000u;
}

static unsigned files(void)
{
    unsigned count = 0;
    DIR *d = opendir(dir);
    const struct dirent *e;
    while ((e = readdir(d)) != NULL)
        count += e->d_name[0] != '.' || strlen(e->d_name) > 2;
    (void)closedir(d);
    return count;
}

/* _i pieces: so few that they stay in memory, and so many that they do not. */
START_TEST(what_was_written_comes_back)
{
    struct spool s;
    struct err err = { 0 };
    uint64_t *at = arena_array(&arena, uint64_t, (size_t)_i);
    spool_init(&s, dir);
    for (unsigned i = 0; i < (unsigned)_i; i++)
        at[i] = spool_add(&s, piece(i, size_of(i)));
    ck_assert_int_eq(s.fd >= 0, _i > 1000);
    ck_assert_uint_eq(files(), 0);
    for (unsigned k = 0; k < (unsigned)_i; k++) {
        unsigned i = (k * 613u) % (unsigned)_i; /* in any order */
        char out[5000];
        size_t got;
        ck_assert(spool_read(&s, at[i], out, size_of(i), &got, &err));
        ck_assert_uint_eq(got, size_of(i));
        ck_assert(str_eq(str_of(out, got), piece(i, got)));
    }
    char more[16];
    size_t got;
    ck_assert(spool_read(&s, spool_size(&s) - 3, more, sizeof more, &got, &err));
    ck_assert_uint_eq(got, 3);
    spool_release(&s);
    spool_release(&s);
}
END_TEST

START_TEST(a_folder_is_made_once_it_is_needed)
{
    struct spool s;
    struct err err = { 0 };
    struct stat st;
    char inner[80];
    (void)snprintf(inner, sizeof inner, "%s/new", dir);
    spool_init(&s, inner);
    (void)spool_add(&s, piece(1, 10));
    ck_assert_int_ne(stat(inner, &st), 0);
    (void)spool_add(&s, piece(1, (size_t)2 << 20));
    ck_assert(spool_ok(&s, &err));
    ck_assert_int_eq(rmdir(inner), 0);
    spool_release(&s);
}
END_TEST

START_TEST(a_full_disk_is_told_by_every_later_call)
{
    struct spool s;
    struct err err = { 0 };
    struct rlimit limit = { 3 << 20, 3 << 20 };
    char out[4];
    size_t got = 77;
    (void)signal(SIGXFSZ, SIG_IGN);
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    spool_init(&s, dir);
    for (unsigned i = 0; i < 8; i++)
        (void)spool_add(&s, piece(i, (size_t)1 << 20));
    ck_assert(!spool_ok(&s, &err));
    ck_assert_int_eq(err.code, ERR_IO);
    ck_assert_ptr_nonnull(strstr(err.text, dir));
    err_clear(&err);
    ck_assert(!spool_read(&s, 0, out, sizeof out, &got, &err));
    ck_assert_uint_eq(got, 77);
    ck_assert_int_eq(err.code, ERR_IO);
    spool_release(&s);
}
END_TEST

START_TEST(a_folder_that_is_none_is_told)
{
    struct spool s;
    struct err err = { 0 };
    spool_init(&s, "/dev/null/x");
    (void)spool_add(&s, piece(0, (size_t)2 << 20));
    ck_assert(!spool_ok(&s, &err));
    ck_assert_int_ne(err.code, ERR_NONE);
    spool_release(&s);
}
END_TEST

START_TEST(rows_stay_where_they_are)
{
    ROWS_OF(uint32_t) rows = { 0 };
    uint32_t *first = NULL;
    for (uint32_t i = 0; i < 5 * ROWS_IN_BLOCK + 3; i++) {
        uint32_t *row = ROWS_PUSH(&rows, &arena);
        ck_assert_uint_eq(*row, 0);
        *row = i;
        first = i ? first : row;
    }
    ck_assert_uint_eq(rows.count, 5 * ROWS_IN_BLOCK + 3);
    ck_assert_ptr_eq(first, ROWS_AT(&rows, 0));
    for (uint32_t i = 0; i < rows.count; i++)
        ck_assert_uint_eq(*ROWS_AT(&rows, i), i);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("spool");
    TCase *t = tcase_create("spool");
    tcase_add_checked_fixture(t, open_all, close_all);
    tcase_add_loop_test(t, what_was_written_comes_back, 5, 6);
    tcase_add_loop_test(t, what_was_written_comes_back, 3001, 3002);
    tcase_add_test(t, a_folder_is_made_once_it_is_needed);
    tcase_add_test(t, a_full_disk_is_told_by_every_later_call);
    tcase_add_test(t, a_folder_that_is_none_is_told);
    tcase_add_test(t, rows_stay_where_they_are);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
