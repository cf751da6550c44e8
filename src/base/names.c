/* Tables between an enum and its text, and suggestions for a misspelt name. */
#include "base/names.h"

/* Longer names are not compared: no key or option of ours comes near. */
#define NAME_BYTES_MAX 64

int names_find(const char *const *name, size_t count, struct str s)
{
    for (size_t i = 0; i < count; i++) {
        if (name[i] && str_eq_c(s, name[i])) {
            return (int)i;
        }
    }
    return -1;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Insertions, deletions, replacements and swaps of neighbours that lead from a to b, ignoring case
 * (optimal string alignment distance). Both are at most NAME_BYTES_MAX long. */
static size_t distance(struct str a, struct str b)
{
    size_t row[3][NAME_BYTES_MAX + 1];
    size_t *before = row[0], *last = row[1], *now = row[2];
    for (size_t j = 0; j <= b.n; j++) {
        last[j] = j;
        before[j] = j;
    }
    for (size_t i = 1; i <= a.n; i++) {
        now[0] = i;
        for (size_t j = 1; j <= b.n; j++) {
            char ca = lower(a.p[i - 1]), cb = lower(b.p[j - 1]);
            now[j] = least(least(last[j] + 1, now[j - 1] + 1), last[j - 1] + (ca != cb));
            if (i > 1 && j > 1 && ca == lower(b.p[j - 2]) && cb == lower(a.p[i - 2])) {
                now[j] = least(now[j], before[j - 2] + 1);
            }
        }
        size_t *oldest = before;
        before = last;
        last = now;
        now = oldest;
    }
    return last[b.n];
}

const char *names_nearest(const char *const *name, size_t count, struct str s)
{
    const char *best = NULL;
    size_t best_distance = 2 + s.n / 4; /* one more than may be suggested */
    if (s.n == 0 || s.n > NAME_BYTES_MAX) {
        return NULL;
    }
    for (size_t i = 0; i < count; i++) {
        struct str candidate = str_from_c(name[i]);
        if (candidate.n == 0 || candidate.n > NAME_BYTES_MAX) {
            continue;
        }
        size_t d = distance(s, candidate);
        /* A name with every letter changed is no slip, however short. */
        if (d < best_distance && d < s.n) {
            best_distance = d;
            best = name[i];
        }
    }
    return best;
}
