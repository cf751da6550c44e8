/* The base room: errors, arenas, buffers, maps, files, log. */
#include "base/arena.h"
#include "base/file.h"
#include "base/log.h"
#include "base/map.h"
#include "base/shown.h"
#include "base/vec.h"

#include <check.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct str text_of(const char *c)
{
    return str_from_c(c);
}

#define ck_str(s, expected)                                                                                  \
    do {                                                                                                     \
        struct str got_ = (s);                                                                               \
        ck_assert_msg(str_eq(got_, text_of(expected)), "got \"%.*s\", not \"%s\"", STR_ARG(got_), expected); \
    } while (0)

/* err */

START_TEST(err_first_one_wins)
{
    struct err e = { 0 };
    ck_assert(!err_set_at(&e, ERR_INPUT, (struct pos){ "f", 3, 4 }, "bad %s", "thing"));
    ck_assert(!err_set(&e, ERR_IO, "later"));
    ck_assert_int_eq(e.code, ERR_INPUT);
    ck_assert_str_eq(e.text, "bad thing");
    ck_assert(!err_prefix(&e, "control %d", 5));
    ck_assert_str_eq(e.text, "control 5: bad thing");
    ck_assert_uint_eq(e.pos.line, 3);
    err_clear(&e);
    ck_assert(!err_prefix(&e, "nothing to prefix"));
    ck_assert_str_eq(e.text, "");
    ck_assert(!err_set(NULL, ERR_IO, "nobody asks"));
}
END_TEST

START_TEST(err_marks_its_cut)
{
    struct err e = { 0 };
    char text[1200];
    for (size_t i = 0; i + 1 < sizeof text; i += 2) {
        memcpy(text + i, "\xC3\xA9", 2); /* the cut must not leave half an e-acute */
    }
    text[sizeof text - 2] = '\0';
    err_set(&e, ERR_INPUT, "x%s", text);
    struct str got = text_of(e.text);
    ck_assert(str_has_suffix(got, STR("...")));
    ck_assert(str_is_utf8(got));
    ck_assert_uint_gt(got.n, sizeof e.text - 8);
    err_prefix(&e, "%s", text);
    got = text_of(e.text);
    ck_assert(str_has_suffix(got, STR("...")));
    ck_assert(str_is_utf8(got));
}
END_TEST

START_TEST(err_every_code_has_a_name)
{
    ck_assert_str_eq(err_code_name(ERR_NOT_FOUND), "not-found");
    for (int c = ERR_NONE; c <= ERR_INTERNAL; c++) {
        ck_assert_str_ne(err_code_name((enum err_code)c), "unknown");
        for (int d = ERR_NONE; d < c; d++) {
            ck_assert_str_ne(err_code_name((enum err_code)c), err_code_name((enum err_code)d));
        }
    }
    ck_assert_str_eq(err_code_name((enum err_code)99), "unknown");
}
END_TEST

/* arena */

static bool is_zero(const unsigned char *p, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (p[i]) {
            return false;
        }
    }
    return true;
}

START_TEST(arena_memory_is_zeroed_aligned_and_apart)
{
    struct arena a = { 0 };
    unsigned char *kept[500];
    for (int round = 0; round < 4; round++) {
        for (size_t i = 0; i < 500; i++) {
            size_t size = i * 7 + (i % 50 == 0 ? 100000 : 0);
            kept[i] = arena_alloc(&a, size);
            ck_assert_ptr_nonnull(kept[i]);
            ck_assert_uint_eq((uintptr_t)kept[i] % 16, 0);
            ck_assert(is_zero(kept[i], size));
            memset(kept[i], (int)(i % 255 + 1), size);
        }
        for (size_t i = 1; i < 500; i++) {
            size_t size = i * 7 + (i % 50 == 0 ? 100000 : 0);
            ck_assert_uint_eq(kept[i][0], i % 255 + 1);
            ck_assert_uint_eq(kept[i][size - 1], i % 255 + 1);
        }
        arena_reset(&a);
        ck_assert_uint_eq(a.used_bytes, 0);
        ck_assert_uint_le(a.held_bytes, (size_t)1 << 20);
    }
    arena_release(&a);
    ck_assert_uint_eq(a.held_bytes, 0);
    arena_release(&a);
}
END_TEST

START_TEST(arena_marks_nest_and_blocks_are_reused)
{
    struct arena a = { 0 };
    struct arena_mark empty = arena_mark(&a);
    char *first = arena_alloc(&a, 10);
    memcpy(first, "unchanged", 10);
    struct arena_mark mark = arena_mark(&a);
    size_t held = 0;
    for (int round = 0; round < 10; round++) {
        for (int i = 0; i < 100; i++) {
            unsigned char *p = arena_alloc(&a, 5000);
            ck_assert(is_zero(p, 5000));
            memset(p, 0xFF, 5000);
        }
        arena_reset_to(&a, mark);
        ck_assert_uint_eq(a.used_bytes, mark.used_bytes);
        if (round == 0) {
            held = a.held_bytes;
        }
        ck_assert_uint_eq(a.held_bytes, held);
    }
    ck_assert_str_eq(first, "unchanged");
    arena_reset_to(&a, empty);
    ck_assert_uint_eq(a.used_bytes, 0);
    ck_assert(is_zero(arena_alloc(&a, 60000), 60000));
    arena_release(&a);
}
END_TEST

START_TEST(arena_grow_in_place_and_by_moving)
{
    struct arena a = { 0 };
    arena_reset_to(&a, arena_mark(&a));
    unsigned char *dirt = arena_alloc(&a, 4000);
    memset(dirt, 0xFF, 4000);
    arena_reset(&a);
    unsigned char *p = arena_alloc(&a, 10);
    memset(p, 1, 10);
    unsigned char *grown = arena_grow(&a, p, 10, 3000);
    ck_assert_ptr_eq(grown, p);
    ck_assert_uint_eq(grown[9], 1);
    ck_assert(is_zero(grown + 10, 2990));
    (void)arena_alloc(&a, 1);
    unsigned char *moved = arena_grow(&a, grown, 3000, 500000);
    ck_assert_ptr_ne(moved, grown);
    ck_assert_uint_eq(moved[9], 1);
    ck_assert(is_zero(moved + 10, 499990));
    ck_assert_ptr_eq(arena_grow(&a, moved, 500000, 5), moved);
    ck_assert_ptr_nonnull(arena_grow(&a, NULL, 0, 5));
    arena_release(&a);
}
END_TEST

START_TEST(arena_blocks_grow_but_stay_bounded)
{
    struct arena a = { 0 };
    (void)arena_alloc(&a, 1);
    ck_assert_uint_le(a.held_bytes, (size_t)64 << 10);
    for (int i = 0; i < 1000; i++) {
        (void)arena_alloc(&a, 10000);
    }
    ck_assert_uint_ge(a.held_bytes, a.used_bytes);
    ck_assert_uint_lt(a.held_bytes, a.used_bytes + ((size_t)2 << 20));
    (void)arena_alloc(&a, (size_t)5 << 20);
    ck_assert_uint_lt(a.held_bytes, a.used_bytes + ((size_t)3 << 20));
    arena_release(&a);
}
END_TEST

START_TEST(arena_product_overflow_ends_the_process)
{
    struct arena a = { 0 };
    (void)arena_alloc_array(&a, SIZE_MAX / 2, 3);
}
END_TEST

/* What a dangling pointer reads: a report under AddressSanitizer, 0xA5 in a debug build. Reading it
 * is undefined, so only builds that define it run this. */
#if defined(__SANITIZE_ADDRESS__)
#define HAS_POISON 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAS_POISON 1
#endif
#endif
#if defined(HAS_POISON) || defined(KUBEVOUCH_DEBUG)
static unsigned char read_byte(const unsigned char *p)
{
    __asm__ volatile("" : "+r"(p));
    return *p;
}

START_TEST(arena_reset_memory_is_marked)
{
    struct arena a = { 0 };
    unsigned char *p = arena_alloc(&a, 100);
    arena_reset(&a);
    ck_assert_uint_eq(read_byte(p + 50), 0xA5);
    arena_release(&a);
}
END_TEST
#endif

#ifdef HAS_POISON
START_TEST(arena_reading_past_the_end_is_found)
{
    struct arena a = { 0 };
    unsigned char *p = arena_alloc(&a, 16);
    (void)arena_alloc(&a, 16);
    ck_assert_uint_eq(read_byte(p + 16), 0);
    arena_release(&a);
}
END_TEST
#endif

static void note_order(void *object)
{
    int **next = object;
    *(*next)++ = 1;
}

START_TEST(arena_defer_runs_once_when_memory_goes)
{
    struct arena a = { 0 };
    int done[4] = { 0 }, *next = done;
    arena_defer(&a, note_order, &next);
    struct arena_mark mark = arena_mark(&a);
    arena_defer(&a, note_order, &next);
    arena_reset_to(&a, mark);
    ck_assert_int_eq(next - done, 1);
    arena_release(&a);
    ck_assert_int_eq(next - done, 2);
}
END_TEST

START_TEST(vec_keeps_what_was_pushed)
{
    struct arena a = { 0 };
    VEC(struct {
        int x;
        char pad[20];
    })
    v = { 0 };
    for (int i = 0; i < 5000; i++) {
        VEC_PUSH(&v, &a)->x = i;
        if (i % 7 == 0) {
            (void)arena_alloc(&a, 1);
        }
    }
    ck_assert_uint_eq(v.count, 5000);
    for (int i = 0; i < 5000; i++) {
        ck_assert_int_eq(v.item[i].x, i);
        ck_assert_int_eq(v.item[i].pad[3], 0);
    }
    arena_release(&a);
}
END_TEST

/* buf */

START_TEST(buf_keeps_its_limit)
{
    struct buf b = BUF_INIT(10);
    struct err e = { 0 };
    buf_add(&b, STR("12345"));
    buf_addf(&b, "%s", "67890");
    ck_assert(buf_ok(&b, "a thing", &e));
    ck_assert_str_eq(b.p, "1234567890");
    buf_add_char(&b, 'x');
    ck_assert(b.over);
    ck_assert_str_eq(b.p, "1234567890");
    buf_drop_front(&b, 5);
    buf_add_char(&b, 'x');
    buf_addf(&b, "%d", 1);
    ck_assert_str_eq(b.p, "67890"); /* over stays: what follows a hole is worthless */
    ck_assert(!buf_ok(&b, "a thing", &e));
    ck_assert_int_eq(e.code, ERR_LIMIT);
    ck_assert_str_eq(e.text, "a thing is larger than its limit of 10 bytes");
    buf_reset(&b);
    buf_addf(&b, "%011d", 5);
    ck_assert(b.over && b.n == 0);
    ck_assert_str_eq(b.p, "");
    buf_release(&b);
    ck_assert(!b.over);
    buf_add_c(&b, "again");
    ck_assert_str_eq(b.p, "again");
    buf_wipe(&b);
    ck_assert_ptr_null(b.p);
    struct buf none = { 0 };
    buf_add(&none, STR(""));
    ck_assert(!none.over);
    buf_add(&none, STR("x"));
    ck_assert(none.over);
    buf_release(&none);
}
END_TEST

START_TEST(buf_grows)
{
    for (int secret = 0; secret < 2; secret++) {
        struct buf b = BUF_INIT((size_t)1 << 20);
        b.secret = secret != 0;
        for (int i = 0; i < 20000; i++) {
            buf_addf(&b, "%06d", i);
        }
        ck_assert_uint_eq(b.n, 120000);
        ck_assert_int_eq(memcmp(b.p + 6 * 12345, "012345", 6), 0);
        char *to = buf_reserve(&b, 100000);
        memset(to, 'z', 100000);
        buf_commit(&b, 100000);
        ck_assert_uint_eq(b.n, 220000);
        ck_assert_int_eq(b.p[220000], 0);
        ck_assert_ptr_null(buf_reserve(&b, (size_t)1 << 20));
        buf_release(&b);
    }
}
END_TEST

/* map */

START_TEST(map_many)
{
    struct arena a = { 0 };
    struct map m;
    map_init(&m, &a);
    ck_assert_ptr_null(map_get(&m, STR("x")));
    static char value[20000];
    for (int i = 0; i < 20000; i++) {
        map_put(&m, str_printf(&a, "key-%d", i), &value[i]);
    }
    ck_assert_uint_eq(m.count, 20000);
    for (int i = 0; i < 20000; i++) {
        ck_assert_ptr_eq(map_get(&m, str_printf(&a, "key-%d", i)), &value[i]);
        ck_assert_ptr_eq(m.entry[i].val, &value[i]); /* in insertion order */
    }
    ck_assert(!map_has(&m, STR("key-20000")));
    map_put(&m, STR("key-5"), &value[6]);
    ck_assert_uint_eq(m.count, 20000);
    ck_assert_ptr_eq(map_get(&m, STR("key-5")), &value[6]);
    map_put(&m, STR("null"), NULL);
    ck_assert(map_has(&m, STR("null")));
    arena_release(&a);
}
END_TEST

START_TEST(map_at_copies_new_keys)
{
    struct arena a = { 0 };
    struct map m;
    map_init(&m, &a);
    char key[] = "k";
    bool created = false;
    void **slot = map_at(&m, text_of(key), &created);
    ck_assert(created);
    ck_assert_ptr_null(*slot);
    *slot = key;
    key[0] = 'z';
    slot = map_at(&m, STR("k"), &created);
    ck_assert(!created);
    ck_assert_ptr_eq(*slot, key);
    arena_release(&a);
}
END_TEST

/* file */

static struct str new_dir(struct arena *a)
{
    char *path = str_to_c(a, STR("/tmp/kubevouch-test-XXXXXX"));
    ck_assert_ptr_nonnull(mkdtemp(path));
    return text_of(path);
}

static void remove_dir(struct arena *a, struct str dir, const char *const *name, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        (void)remove(file_join(a, dir, text_of(name[i])).p);
    }
    ck_assert_int_eq(rmdir(dir.p), 0); /* nothing else was left behind */
}

START_TEST(file_atomic_write_and_read)
{
    struct arena a = { 0 };
    struct err e = { 0 };
    struct str dir = new_dir(&a);
    const char *path = file_join(&a, dir, STR("out.json")).p;
    ck_assert(file_write_atomic(path, STR("one"), &e));
    ck_assert(file_write_atomic(path, STR("second"), &e));
    struct buf b CLEANUP(buf_release) = BUF_INIT(6);
    ck_assert(file_read(path, &b, &e));
    ck_str(buf_str(&b), "second");
    buf_reset(&b);
    b.limit_bytes = 5;
    ck_assert(!file_read(path, &b, &e));
    ck_assert_int_eq(e.code, ERR_LIMIT);
    ck_assert_uint_eq(b.n, 0);
    err_clear(&e);
    ck_assert(!file_read(dir.p, &b, &e));
    ck_assert_int_eq(e.code, ERR_IO);
    err_clear(&e);
    ck_assert(!file_read("/tmp/kubevouch-is-not-there", &b, &e));
    ck_assert_int_eq(e.code, ERR_NOT_FOUND);
    ck_assert_str_eq(e.text, "cannot open \"/tmp/kubevouch-is-not-there\": No such file or directory");
    remove_dir(&a, dir, (const char *const[]){ "out.json" }, 1);
    arena_release(&a);
}
END_TEST

static size_t files_in(struct str dir)
{
    struct arena a = { 0 };
    DIR *d = opendir(str_to_c(&a, dir));
    ck_assert_ptr_nonnull(d);
    size_t count = 0;
    for (const struct dirent *e = readdir(d); e; e = readdir(d))
        count += e->d_type != DT_DIR;
    (void)closedir(d);
    arena_release(&a);
    return count;
}

START_TEST(file_writer_leaves_the_old_or_the_new)
{
    struct arena a = { 0 };
    struct err e = { 0 };
    struct str dir = new_dir(&a);
    const char *path = file_join(&a, dir, STR("out")).p;
    ck_assert(file_write_atomic(path, STR("old"), &e));
    struct buf b CLEANUP(buf_release) = BUF_INIT((size_t)8 << 20);
    {
        struct file_writer w CLEANUP(file_writer_abandon) = { 0 };
        ck_assert(file_writer_open(&w, path, &e));
        ck_assert(file_writer_add(&w, STR("half"), &e));
    }
    ck_assert(file_read(path, &b, &e));
    ck_str(buf_str(&b), "old");
    ck_assert_uint_eq(files_in(dir), 1);
    struct file_writer w CLEANUP(file_writer_abandon) = { 0 };
    file_writer_abandon(&w);
    ck_assert(file_writer_open(&w, path, &e));
    char *chunk = arena_alloc(&a, 300000);
    memset(chunk, 'x', 300000);
    size_t total = 0;
    for (size_t n = 1; n <= 300000; n *= 3) {
        ck_assert(file_writer_add(&w, str_of(chunk, n), &e));
        total += n;
    }
    ck_assert(file_writer_commit(&w, &e));
    buf_reset(&b);
    ck_assert(file_read(path, &b, &e));
    ck_assert_uint_eq(b.n, total);
    ck_assert(!file_writer_open(&w, file_join(&a, dir, STR("no/such/folder")).p, &e));
    ck_assert_int_eq(e.code, ERR_NOT_FOUND);
    remove_dir(&a, dir, (const char *const[]){ "out" }, 1);
    arena_release(&a);
}
END_TEST

START_TEST(file_writer_writes_devices_in_place)
{
    struct err e = { 0 };
    ck_assert(file_write_atomic("/dev/null", STR("x"), &e));
    struct stat st;
    ck_assert_int_eq(stat("/dev/null", &st), 0);
    ck_assert(S_ISCHR(st.st_mode));
    ck_assert(!file_write_atomic("/dev/full", STR("x"), &e));
    ck_assert_int_eq(e.code, ERR_IO);
    ck_assert_str_eq(e.text, "cannot write \"/dev/full\": No space left on device");
}
END_TEST

static void ck_file(const char *path, const char *holds)
{
    struct buf b CLEANUP(buf_release) = BUF_INIT(4096);
    struct err e = { 0 };
    ck_assert_msg(file_read(path, &b, &e), "%s", e.text);
    ck_str(buf_str(&b), holds);
}

static const char *const set_name[] = { "one", "two", "three" };
#define SET_COUNT (sizeof set_name / sizeof *set_name)

static void put_set(struct file_set *s, struct arena *a, struct str dir, const char *text)
{
    struct err e = { 0 };
    for (size_t i = 0; i < SET_COUNT; i++) {
        struct file_writer *w = file_set_add(s, file_join(a, dir, str_from_c(set_name[i])).p, &e);
        ck_assert_msg(w && file_writer_add(w, str_from_c(text), &e), "%s", e.text);
    }
}

START_TEST(file_set_changes_whole_or_not_at_all)
{
    struct arena a = { 0 };
    struct err e = { 0 };
    struct file_set s = { 0 };
    struct str dir = new_dir(&a);
    put_set(&s, &a, dir, "old");
    file_set_abandon(&s);
    ck_assert_uint_eq(files_in(dir), 0);
    put_set(&s, &a, dir, "old");
    ck_assert(file_set_commit(&s, &e));
    ck_assert_uint_eq(files_in(dir), SET_COUNT);
    put_set(&s, &a, dir, "new");
    ck_file(file_join(&a, dir, STR("one")).p, "old");
    /* the last one cannot take its place: a folder came to stand there */
    const char *last = file_join(&a, dir, STR("three")).p;
    ck_assert_int_eq(unlink(last), 0);
    ck_assert_int_eq(mkdir(last, 0700), 0);
    ck_assert_int_eq(mkdir(file_join(&a, dir, STR("three/x")).p, 0700), 0);
    bool done = file_set_commit(&s, &e);
    ck_file(file_join(&a, dir, STR("one")).p, done ? "new" : "old");
    ck_file(file_join(&a, dir, STR("two")).p, done ? "new" : "old");
    ck_assert_msg(!done, "a folder was replaced");
    ck_assert_uint_eq(files_in(dir), SET_COUNT - 1);
    err_clear(&e);
    ck_assert_ptr_null(file_set_add(&s, last, &e));
    remove_dir(&a, dir, (const char *const[]){ "one", "two", "three/x", "three" }, 4);
    arena_release(&a);
}
END_TEST

/* A disk that is full after so many bytes. */
START_TEST(file_set_on_a_full_disk_stays_the_old_one)
{
    struct arena a = { 0 };
    struct err e = { 0 };
    struct file_set s = { 0 };
    struct str dir = new_dir(&a);
    struct rlimit full = { .rlim_cur = 2, .rlim_max = RLIM_INFINITY };
    put_set(&s, &a, dir, "o");
    ck_assert(file_set_commit(&s, &e));
    ck_assert_ptr_ne(signal(SIGXFSZ, SIG_IGN), SIG_ERR);
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &full), 0);
    put_set(&s, &a, dir, "new");
    bool done = file_set_commit(&s, &e);
    full.rlim_cur = RLIM_INFINITY;
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &full), 0);
    ck_assert_ptr_ne(signal(SIGXFSZ, SIG_DFL), SIG_ERR);
    ck_assert(!done);
    ck_assert_int_eq(e.code, ERR_IO);
    for (size_t i = 0; i < SET_COUNT; i++)
        ck_file(file_join(&a, dir, str_from_c(set_name[i])).p, "o");
    ck_assert_uint_eq(files_in(dir), SET_COUNT);
    remove_dir(&a, dir, set_name, SET_COUNT);
    arena_release(&a);
}
END_TEST

START_TEST(file_sweep_removes_what_a_killed_run_left)
{
    struct arena a = { 0 };
    struct err e = { 0 };
    struct file_set mine = { 0 };
    struct str dir = new_dir(&a);
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        struct file_set s = { 0 };
        for (size_t i = 0; i < SET_COUNT; i++)
            if (!file_set_add(&s, file_join(&a, dir, str_from_c(set_name[i])).p, &e))
                _exit(1);
        (void)raise(SIGKILL);
    }
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFSIGNALED(status));
    ck_assert_uint_eq(files_in(dir), SET_COUNT);
    ck_assert(file_write_atomic(file_join(&a, dir, STR(".one.kubevouch-x.tmp")).p, STR("a user's"), &e));
    put_set(&mine, &a, dir, "held");
    file_sweep(str_to_c(&a, dir));
    ck_assert_uint_eq(files_in(dir), SET_COUNT + 1);
    ck_assert(file_set_commit(&mine, &e));
    remove_dir(&a, dir, (const char *const[]){ "one", "two", "three", ".one.kubevouch-x.tmp" }, 4);
    arena_release(&a);
}
END_TEST

static bool take_piece(void *ctx, struct str bytes)
{
    buf_add(ctx, bytes);
    return ((struct buf *)ctx)->n < 100;
}

/* In pieces, until no more are wanted. */
START_TEST(file_in_pieces)
{
    struct arena a = { 0 };
    struct str dir = new_dir(&a);
    struct err e = { 0 };
    char text[300];
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (char)('a' + i % 26);
    ck_assert(file_write_atomic(file_join(&a, dir, STR("all")).p, str_of(text, sizeof text), &e));
    ck_assert(file_write_atomic(file_join(&a, dir, STR("short")).p, str_of(text, 95), &e));
    struct buf b CLEANUP(buf_release) = BUF_INIT(4096);
    ck_assert(file_stream_inside(dir.p, STR("all"), 7, take_piece, &b, &e));
    ck_assert(str_eq(buf_str(&b), str_of(text, 105)));
    buf_reset(&b);
    ck_assert(file_stream_inside(dir.p, STR("short"), 7, take_piece, &b, &e));
    ck_assert(str_eq(buf_str(&b), str_of(text, 95)));
    remove_dir(&a, dir, (const char *const[]){ "all", "short" }, 2);
    arena_release(&a);
}
END_TEST

START_TEST(file_inside_its_folder_only)
{
    static const struct {
        const char *name;
        bool ok;
    } row[] = {
        { "in/a.json", true },      { "b.json", true },       { "in//a.json", false }, { "../b.json", false }, { "in/../b.json", false },
        { "./b.json", false },      { "/etc/passwd", false }, { "", false },           { "in", false },        { "link", false },
        { "away/hostname", false }, { "pipe", false },        { "missing", false },    { "..", false },        { ".", false },
    };
    struct arena a = { 0 };
    struct str dir = new_dir(&a);
    struct err e = { 0 };
    ck_assert(file_make_dir(file_join(&a, dir, STR("in")).p, &e));
    ck_assert(file_write_atomic(file_join(&a, dir, STR("in/a.json")).p, STR("{}"), &e));
    ck_assert(file_write_atomic(file_join(&a, dir, STR("b.json")).p, STR("{}"), &e));
    ck_assert_int_eq(symlink("b.json", file_join(&a, dir, STR("link")).p), 0);
    ck_assert_int_eq(symlink("/etc", file_join(&a, dir, STR("away")).p), 0);
    ck_assert_int_eq(mkfifo(file_join(&a, dir, STR("pipe")).p, 0600), 0);
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct buf b CLEANUP(buf_release) = BUF_INIT(4096);
        err_clear(&e);
        ck_assert_msg(file_stream_inside(dir.p, str_from_c(row[i].name), 64, take_piece, &b, &e) == row[i].ok, "\"%s\": %s", row[i].name,
                      e.text);
        ck_assert_uint_eq(b.n, row[i].ok ? 2 : 0);
    }
    err_clear(&e);
    struct buf b CLEANUP(buf_release) = BUF_INIT(4096);
    /* and does not wait for a writer */
    ck_assert(!file_read(file_join(&a, dir, STR("pipe")).p, &b, &e));
    ck_assert_int_eq(e.code, ERR_IO);
    remove_dir(&a, dir, (const char *const[]){ "in/a.json", "in", "b.json", "link", "away", "pipe" }, 6);
    arena_release(&a);
}
END_TEST

START_TEST(file_writer_refuses_a_link_to_a_device)
{
    struct arena a = { 0 };
    struct str dir = new_dir(&a);
    struct err e = { 0 };
    const char *link_path = file_join(&a, dir, STR("report.json")).p;
    ck_assert_int_eq(symlink("/dev/null", link_path), 0);
    ck_assert(!file_write_atomic(link_path, STR("x"), &e));
    ck_assert_int_eq(e.code, ERR_IO);
    ck_assert_int_eq(unlink(link_path), 0);
    /* a link to a file is replaced, and the file stays as it is */
    err_clear(&e);
    ck_assert(file_write_atomic(file_join(&a, dir, STR("target")).p, STR("kept"), &e));
    ck_assert_int_eq(symlink("target", link_path), 0);
    ck_assert(file_write_atomic(link_path, STR("x"), &e));
    ck_file(file_join(&a, dir, STR("target")).p, "kept");
    remove_dir(&a, dir, (const char *const[]){ "report.json", "target" }, 2);
    arena_release(&a);
}
END_TEST

START_TEST(file_names)
{
    struct arena a = { 0 };
    struct err e = { 0 };
    ck_str(file_dir_of(STR("/etc/kube/config")), "/etc/kube");
    ck_str(file_dir_of(STR("/config")), "/");
    ck_str(file_dir_of(STR("config")), ".");
    ck_str(file_join(&a, STR("/etc"), STR("ca.crt")), "/etc/ca.crt");
    ck_str(file_join(&a, STR("/etc/"), STR("ca.crt")), "/etc/ca.crt");
    ck_str(file_join(&a, STR("/etc"), STR("/ca.crt")), "/ca.crt");
    ck_str(file_join(&a, STR(""), STR("ca.crt")), "ca.crt");
    struct str dir = new_dir(&a);
    const char *deep = file_join(&a, dir, STR("a/b//c/")).p;
    ck_assert(file_make_dir(deep, &e));
    ck_assert(file_make_dir(deep, &e));
    ck_assert(file_write_atomic(file_join(&a, dir, STR("f")).p, STR(""), &e));
    ck_assert(!file_make_dir(file_join(&a, dir, STR("f")).p, &e));
    err_clear(&e);
    ck_assert(!file_make_dir(file_join(&a, dir, STR("f/g")).p, &e));
    remove_dir(&a, dir, (const char *const[]){ "a/b/c", "a/b", "a", "f" }, 4);
    arena_release(&a);
}
END_TEST

/* shown */

START_TEST(url_is_shown_without_credentials)
{
    static const char *const row[][2] = {
        { "https://10.0.0.1:6443", "https://10.0.0.1:6443" },
        { "https://h/prefix", "https://h/prefix" },
        { "http://me:S@proxy:3128", "http://(redacted)@proxy:3128" },
        { "http://S@proxy:3128", "http://(redacted)@proxy:3128" },
        { "me:S@proxy", "(redacted)@proxy" },
        { "http://me:S/S@proxy:3128", "http://(redacted)@proxy:3128" },
        { "http://me:S?S@proxy:3128", "http://(redacted)" },
        { "http://me:S@S@proxy/a@b?token=S", "http://(redacted)@proxy/a@b?(redacted)" },
        { "https://h?token=S#S", "https://h?(redacted)" },
        { "https://h/#S", "https://h/?(redacted)" },
        { "", "" },
        { "me@proxy:3128", "me@proxy:3128" },
        { "@", "@" },
    };
    struct arena a = { 0 };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++)
        ck_str(shown_url(&a, str_from_c(row[i][0])), row[i][1]);
    arena_release(&a);
}
END_TEST

START_TEST(deceptive_characters_are_named)
{
    static const uint32_t row[] = { 0xad,   0x61c,  0x180e, 0x200b, 0x200e,  0x2028,  0x2029, 0x202e,
                                    0x2066, 0x3164, 0xfe0f, 0xfeff, 0xe0001, 0xe0041, 0xe01ef };
    static const uint32_t plain[] = { ' ', 'a', 0xe9, 0x4e2d, 0x1f600, 0x2027, 0x3165, 0xfffd };
    struct buf b CLEANUP(buf_release) = BUF_INIT(4096);
    for (size_t i = 0; i < sizeof row / sizeof *row; i++)
        ck_assert_int_eq(shown_class(row[i]), SHOWN_DECEPTIVE);
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        ck_assert_int_eq(shown_class(plain[i]), SHOWN_PLAIN);
    for (uint32_t c = 0; c < 0xa0; c++)
        ck_assert_int_eq(shown_class(c), c < 0x20 || c >= 0x7f ? SHOWN_CONTROL : SHOWN_PLAIN);
    shown_line(&b, STR("a\nb\x1b\xc2\x85\xe2\x80\xa8\xff."));
    ck_str(buf_str(&b), "a b\\x1b\\x85\\u{2028}\\xff.");
}
END_TEST

/* log */

START_TEST(log_shows_control_characters)
{
    int end[2], old = dup(STDERR_FILENO);
    ck_assert_int_eq(pipe(end), 0);
    ck_assert_int_ge(dup2(end[1], STDERR_FILENO), 0);
    log_line(LOG_DEBUG, "not shown");
    log_set_level(LOG_DEBUG);
    log_line(LOG_DEBUG, "a\x1b[31m\nb\xC3\xA9\xFF%s", "\xE2\x80\xAE");
    log_set_level(LOG_WARN);
    (void)dup2(old, STDERR_FILENO);
    (void)close(end[1]);
    (void)close(old);
    char got[300] = "";
    ssize_t n = read(end[0], got, sizeof got - 1);
    (void)close(end[0]);
    ck_assert_int_gt(n, 0);
    ck_assert_str_eq(got, "kubevouch: debug: a\\x1b[31m\\x0ab\xC3\xA9\\xff\\xe2\\x80\\xae\n");
}
END_TEST

int main(void)
{
    Suite *s = suite_create("base");
    TCase *t = tcase_create("base");
    tcase_set_timeout(t, 60);
    tcase_add_test(t, err_first_one_wins);
    tcase_add_test(t, err_marks_its_cut);
    tcase_add_test(t, err_every_code_has_a_name);
    tcase_add_test(t, arena_memory_is_zeroed_aligned_and_apart);
    tcase_add_test(t, arena_marks_nest_and_blocks_are_reused);
    tcase_add_test(t, arena_grow_in_place_and_by_moving);
    tcase_add_test(t, arena_blocks_grow_but_stay_bounded);
    tcase_add_test(t, arena_defer_runs_once_when_memory_goes);
    tcase_add_test(t, vec_keeps_what_was_pushed);
    tcase_add_test(t, buf_keeps_its_limit);
    tcase_add_test(t, buf_grows);
    tcase_add_test(t, map_many);
    tcase_add_test(t, map_at_copies_new_keys);
    tcase_add_test(t, file_atomic_write_and_read);
    tcase_add_test(t, file_writer_leaves_the_old_or_the_new);
    tcase_add_test(t, file_writer_writes_devices_in_place);
    tcase_add_test(t, file_set_changes_whole_or_not_at_all);
    tcase_add_test(t, file_set_on_a_full_disk_stays_the_old_one);
    tcase_add_test(t, file_sweep_removes_what_a_killed_run_left);
    tcase_add_test(t, file_inside_its_folder_only);
    tcase_add_test(t, file_in_pieces);
    tcase_add_test(t, file_writer_refuses_a_link_to_a_device);
    tcase_add_test(t, file_names);
    tcase_add_test(t, url_is_shown_without_credentials);
    tcase_add_test(t, deceptive_characters_are_named);
    tcase_add_test(t, log_shows_control_characters);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    if (srunner_fork_status(r) == CK_FORK) {
        tcase_add_exit_test(t, arena_product_overflow_ends_the_process, 4); /* EXIT_COULD_NOT_RUN */
#ifdef HAS_POISON
        tcase_add_exit_test(t, arena_reset_memory_is_marked, 1);
        tcase_add_exit_test(t, arena_reading_past_the_end_is_found, 1);
#elif defined(KUBEVOUCH_DEBUG)
        tcase_add_test(t, arena_reset_memory_is_marked);
#endif
    }
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? 1 : 0;
}
