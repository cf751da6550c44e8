/* Scanning many bytes at once agrees with looking at each: on this machine's way and the portable one. */
#include "value/json_scan.h"

#include <check.h>

static uint64_t random_state;

static void setup(void)
{
    random_state = 88172645463325252u;
}

static uint32_t next_random(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (uint32_t)(random_state >> 32);
}

static void fill(char *p, size_t n, const char *alphabet)
{
    size_t letters = alphabet ? strlen(alphabet) : 0;
    for (size_t i = 0; i < n; i++)
        p[i] = alphabet ? alphabet[next_random() % letters] : (char)next_random();
}

static size_t plain_length(const char *p, size_t n)
{
    size_t i = 0;
    while (i < n && json_is_plain(p[i]))
        i++;
    return i;
}

static void check_plain_end(const char *p, size_t n)
{
    size_t expected = plain_length(p, n);
    if (json_plain_end_portable(p, p + n) != p + expected || json_plain_end(p, p + n) != p + expected)
        ck_abort_msg("of %zu bytes %zu are plain", n, expected);
#if defined(__SSE2__)
    if (json_plain_end_sse2(p, p + n) != p + expected)
        ck_abort_msg("of %zu bytes %zu are plain: SSE2", n, expected);
#endif
}

START_TEST(plain_end_for_every_byte_and_place)
{
    for (size_t n = 0; n <= 50; n++) {
        char *p = calloc(1, n ? n : 1);
        ck_assert_ptr_nonnull(p);
        for (size_t at = 0; at < n; at++) {
            for (unsigned byte = 0; byte < 256; byte++) {
                memset(p, 'a', n);
                p[at] = (char)byte;
                check_plain_end(p, n);
                if (at + 1 < n)
                    p[at + 1] = '"';
                check_plain_end(p, n);
            }
        }
        check_plain_end(p, n);
        free(p);
    }
}
END_TEST

START_TEST(plain_end_of_random_bytes)
{
    char p[64];
    for (int i = 0; i < 200000; i++) {
        fill(p, sizeof p, i % 2 ? NULL : " !\"#[\\]\x7F\x80\x1F abcdefghijklmnopqrstuvwxyzABCDEFGHIJ");
        check_plain_end(p, next_random() % (sizeof p + 1));
    }
}
END_TEST

static struct json_block block_by_bytes(const char *p)
{
    struct json_block b = { 0 };
    for (unsigned i = 0; i < JSON_BLOCK_BYTES; i++) {
        b.quote |= (uint64_t)(p[i] == '"') << i;
        b.backslash |= (uint64_t)(p[i] == '\\') << i;
        b.open |= (uint64_t)(p[i] == '{' || p[i] == '[') << i;
        b.close |= (uint64_t)(p[i] == '}' || p[i] == ']') << i;
    }
    return b;
}

static bool is_same_block(struct json_block a, struct json_block b)
{
    return a.quote == b.quote && a.backslash == b.backslash && a.open == b.open && a.close == b.close;
}

START_TEST(blocks)
{
    char p[JSON_BLOCK_BYTES];
    for (int i = 0; i < 200000; i++) {
        fill(p, sizeof p, i % 2 ? NULL : "[]{}\"\\;:|\xDB\xFD\x1B\x1D!");
        struct json_block expected = block_by_bytes(p);
        if (!is_same_block(json_block_portable(p), expected) || !is_same_block(json_block_at(p), expected))
            ck_abort_msg("block %d", i);
#if defined(__SSE2__)
        if (!is_same_block(json_block_sse2(p), expected))
            ck_abort_msg("block %d: SSE2", i);
#endif
    }
}
END_TEST

static bool is_same_nesting(struct json_nesting a, struct json_nesting b)
{
    return a.depth == b.depth && a.in_string == b.in_string && a.escaped == b.escaped;
}

/* Texts of every temper: mostly brackets, mostly backslashes, long runs of either, bad JSON too. */
static const char *const alphabet[] = {
    "[]{}\"\\a",
    "[[[[]]]{}ab",
    "\"\\\\\\\\\\\\a",
    "\"\\[]",
    "aaaaaaaaaaaaaaaaaaaa[]\"",
    "[{a\"a",
    "]}}}]",
    "\"abcdefghijklmnopqrstuvwxyz{}[]",
    "\"\"\"\"\"\"\"\"\\[]",
};

START_TEST(nesting_agrees_with_bytes)
{
    for (int i = 0; i < 60000; i++) {
        char p[600];
        size_t n = next_random() % sizeof p;
        fill(p, n, alphabet[_i]);
        struct json_nesting start = { .depth = 1 + next_random() % (i % 2 ? 3 : 200), .in_string = next_random() % 2 };
        start.escaped = start.in_string && next_random() % 4 == 0;
        struct json_nesting whole = start, bytes = start, pieces = start;
        const char *end = json_nesting_scan_bytes(&bytes, p, p + n);
        if (json_nesting_scan(&whole, p, p + n) != end || !is_same_nesting(whole, bytes))
            ck_abort_msg("whole: %.*s", (int)n, p);
        const char *at = p;
        while (at < p + n && pieces.depth) {
            size_t left = (size_t)(p + n - at), piece = 1 + next_random() % 150;
            at = json_nesting_scan(&pieces, at, at + (piece < left ? piece : left));
        }
        if (at != end || !is_same_nesting(pieces, bytes))
            ck_abort_msg("in pieces: %.*s", (int)n, p);
    }
}
END_TEST

START_TEST(quotes_agree_with_bytes)
{
    for (int i = 0; i < 60000; i++) {
        char p[200];
        size_t n = next_random() % sizeof p, expected = 0;
        fill(p, n, i % 2 ? "\"\\aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\x80\n" : "\\\\\\\\\"a");
        bool escaped = next_random() % 4 == 0, closed = false;
        struct json_nesting nesting = { .in_string = true, .escaped = escaped };
        while (expected < n && !closed) {
            closed = !escaped && p[expected] == '"';
            escaped = !escaped && p[expected] == '\\';
            expected++;
        }
        const char *at = p;
        while (at < p + n && nesting.in_string) {
            size_t left = (size_t)(p + n - at), piece = 1 + next_random() % 70;
            at = json_quote_scan(&nesting, at, at + (piece < left ? piece : left));
        }
        if (at != p + expected || nesting.in_string == closed || nesting.escaped != escaped)
            ck_abort_msg("%.*s", (int)n, p);
    }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("json_scan");
    TCase *t = tcase_create("json_scan");
    tcase_add_checked_fixture(t, setup, NULL);
    tcase_set_timeout(t, 120);
    tcase_add_test(t, plain_end_for_every_byte_and_place);
    tcase_add_test(t, plain_end_of_random_bytes);
    tcase_add_test(t, blocks);
    tcase_add_loop_test(t, nesting_agrees_with_bytes, 0, (int)(sizeof alphabet / sizeof alphabet[0]));
    tcase_add_test(t, quotes_agree_with_bytes);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? 1 : 0;
}
