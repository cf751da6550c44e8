/* Borrowed text: pointer and length, by value. */
#include "base/str.h"

#include <sys/auxv.h>

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool str_eq_nocase(struct str a, struct str b)
{
    if (a.n != b.n) {
        return false;
    }
    for (size_t i = 0; i < a.n; i++) {
        if (lower(a.p[i]) != lower(b.p[i])) {
            return false;
        }
    }
    return true;
}

bool str_has_nocase(struct str s, struct str part)
{
    for (size_t i = 0; part.n && i + part.n <= s.n; i++)
        if (str_eq_nocase(str_sub(s, i, i + part.n), part))
            return true;
    return false;
}

int str_cmp(struct str a, struct str b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int order = n ? memcmp(a.p, b.p, n) : 0;
    if (order == 0) {
        order = (a.n > b.n) - (a.n < b.n);
    }
    return order;
}

bool str_has_prefix(struct str s, struct str prefix)
{
    return s.n >= prefix.n && str_eq(str_of(s.p, prefix.n), prefix);
}

bool str_has_suffix(struct str s, struct str suffix)
{
    return s.n >= suffix.n && str_eq(str_sub(s, s.n - suffix.n, s.n), suffix);
}

size_t str_find(struct str s, struct str needle, size_t from)
{
    if (from > s.n) {
        return SIZE_MAX;
    }
    if (needle.n == 0) {
        return from;
    }
    if (needle.n > s.n - from) {
        return SIZE_MAX;
    }
    const char *at = memmem(s.p + from, s.n - from, needle.p, needle.n);
    return at ? (size_t)(at - s.p) : SIZE_MAX;
}

size_t str_find_char(struct str s, char c, size_t from)
{
    const char *at = from < s.n ? memchr(s.p + from, c, s.n - from) : NULL;
    return at ? (size_t)(at - s.p) : SIZE_MAX;
}

size_t str_find_last_char(struct str s, char c)
{
    const char *at = s.n ? memrchr(s.p, c, s.n) : NULL;
    return at ? (size_t)(at - s.p) : SIZE_MAX;
}

bool str_contains(struct str s, struct str needle)
{
    return str_find(s, needle, 0) != SIZE_MAX;
}

bool str_consists_of(struct str s, const char *signs)
{
    for (size_t i = 0; i < s.n; i++)
        if (!s.p[i] || !strchr(signs, s.p[i]))
            return false;
    return true;
}

struct str str_sub(struct str s, size_t from, size_t to)
{
    to = to > s.n ? s.n : to;
    from = from > to ? to : from;
    return (struct str){ s.p ? s.p + from : NULL, to - from };
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

struct str str_trim(struct str s)
{
    size_t from = 0, to = s.n;
    while (from < to && is_space(s.p[from])) {
        from++;
    }
    while (to > from && is_space(s.p[to - 1])) {
        to--;
    }
    return str_sub(s, from, to);
}

bool str_cut(struct str s, char sep, struct str *head, struct str *tail)
{
    size_t at = str_find_char(s, sep, 0);
    *head = str_sub(s, 0, at);
    *tail = at == SIZE_MAX ? (struct str){ 0 } : str_sub(s, at + 1, s.n);
    return at != SIZE_MAX;
}

bool str_next_field(struct str *rest, char sep, struct str *field)
{
    if (rest->n == 0) {
        return false;
    }
    (void)str_cut(*rest, sep, field, rest);
    return true;
}

bool str_glob(struct str pattern, struct str s)
{
    size_t p = 0, i = 0, star = SIZE_MAX, star_i = 0;
    while (i < s.n) {
        if (p < pattern.n && pattern.p[p] == '*') {
            star = p++;
            star_i = i;
        } else if (p < pattern.n && pattern.p[p] == s.p[i]) {
            p++;
            i++;
        } else if (star != SIZE_MAX) {
            p = star + 1;
            i = ++star_i;
        } else {
            return false;
        }
    }
    while (p < pattern.n && pattern.p[p] == '*') {
        p++;
    }
    return p == pattern.n;
}

struct str str_dup(struct arena *a, struct str s)
{
    return str_of(str_to_c(a, s), s.n);
}

char *str_to_c(struct arena *a, struct str s)
{
    char *copy = arena_alloc(a, s.n + 1);
    if (s.n) {
        memcpy(copy, s.p, s.n);
    }
    copy[s.n] = '\0';
    return copy;
}

struct str str_printf(struct arena *a, const char *fmt, ...)
{
    char small[256];
    va_list ap, again;
    va_start(ap, fmt);
    va_copy(again, ap);
    int n = vsnprintf(small, sizeof small, fmt, ap);
    va_end(ap);
    INVARIANT(n >= 0);
    char *text = arena_alloc(a, (size_t)n + 1);
    if ((size_t)n < sizeof small) {
        memcpy(text, small, (size_t)n + 1);
    } else {
        (void)vsnprintf(text, (size_t)n + 1, fmt, again);
    }
    va_end(again);
    return str_of(text, (size_t)n);
}

struct str str_join(struct arena *a, const struct str *part, size_t part_count, struct str sep)
{
    size_t total = 0;
    for (size_t i = 0; i < part_count; i++) {
        total += part[i].n + (i ? sep.n : 0);
    }
    char *text = arena_alloc(a, total + 1);
    size_t n = 0;
    for (size_t i = 0; i < part_count; i++) {
        if (i && sep.n) {
            memcpy(text + n, sep.p, sep.n);
            n += sep.n;
        }
        if (part[i].n) {
            memcpy(text + n, part[i].p, part[i].n);
            n += part[i].n;
        }
    }
    return str_of(text, n);
}

struct str str_lower_ascii(struct arena *a, struct str s)
{
    char *copy = str_to_c(a, s);
    for (size_t i = 0; i < s.n; i++) {
        copy[i] = lower(copy[i]);
    }
    return str_of(copy, s.n);
}

/* The halves of the 128-bit product folded into one word: every input bit reaches every output bit.
 */
static uint64_t fold(uint64_t a, uint64_t b)
{
    unsigned __int128 product = (unsigned __int128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

uint64_t str_hash(struct str s, uint64_t seed)
{
    const uint64_t k0 = 0xa0761d6478bd642full, k1 = 0xe7037ed1a0b428dbull;
    uint64_t h = seed ^ fold((uint64_t)s.n ^ k1, seed ^ k0);
    size_t at = 0;
    for (; s.n - at >= 8; at += 8) {
        uint64_t word;
        memcpy(&word, s.p + at, 8);
        h = fold(h ^ word ^ k0, k1 ^ seed);
    }
    if (at < s.n) {
        uint64_t word = 0;
        memcpy(&word, s.p + at, s.n - at);
        h = fold(h ^ word ^ k0, k1 ^ seed);
    }
    return fold(h ^ k1, k0);
}

uint64_t str_hash_seed(void)
{
    /* Sixteen random bytes that the kernel gives every process: a seed without a global variable.
     */
    uint64_t seed = 0;
    unsigned long at = getauxval(AT_RANDOM);
    if (at) {
        memcpy(&seed, (const void *)at, sizeof seed);
    }
    return seed;
}
