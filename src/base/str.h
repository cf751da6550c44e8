/* Borrowed text: pointer and length, by value. Not NUL-terminated, may hold any byte.
 * An empty str may have a NULL pointer. */
#ifndef KUBEVOUCH_BASE_STR_H
#define KUBEVOUCH_BASE_STR_H

#include "base/arena.h"

struct str {
    const char *p;
    size_t n;
};

#define STR(literal) ((struct str){ "" literal, sizeof(literal) - 1 })
#define STR_INIT(literal)               \
    {                                   \
        "" literal, sizeof(literal) - 1 \
    }
/* For printf: "%.*s", STR_ARG(s). Shows at most INT_MAX bytes. */
#define STR_ARG(s) ((s).n > 0x7fffffff ? 0x7fffffff : (int)(s).n), ((s).p ? (s).p : "")

static inline struct str str_of(const char *p, size_t n)
{
    return (struct str){ p, n };
}
/* c may be NULL: empty. */
static inline struct str str_from_c(const char *c)
{
    return (struct str){ c, c ? strlen(c) : 0 };
}
/* Here, so that the length of a literal is known where it is compared. */
static inline bool str_eq(struct str a, struct str b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}
static inline bool str_eq_c(struct str a, const char *b)
{
    return str_eq(a, str_from_c(b));
}
/* ASCII only. */
bool str_eq_nocase(struct str a, struct str b);
/* Whether part stands in s, ASCII letters of either case alike. An empty part stands nowhere. */
bool str_has_nocase(struct str s, struct str part);
/* Bytes as unsigned; shorter first. */
int str_cmp(struct str a, struct str b);
bool str_has_prefix(struct str s, struct str prefix);
bool str_has_suffix(struct str s, struct str suffix);
/* Offset of the first needle at or after from, or SIZE_MAX. An empty needle is found at from. */
size_t str_find(struct str s, struct str needle, size_t from);
size_t str_find_char(struct str s, char c, size_t from);
size_t str_find_last_char(struct str s, char c);
bool str_contains(struct str s, struct str needle);
/* Whether every byte is one of signs, which NUL is never. An empty text has none that is not. */
bool str_consists_of(struct str s, const char *signs);
#define STR_UPPER  "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define STR_LOWER  "abcdefghijklmnopqrstuvwxyz"
#define STR_DIGITS "0123456789"
/* Bytes [from, to); both are clamped. */
struct str str_sub(struct str s, size_t from, size_t to);
/* ASCII white space at both ends. */
struct str str_trim(struct str s);
/* Cuts s at the first sep: *head before it, *tail after it. No sep: head is all of s, tail empty,
 * false. */
bool str_cut(struct str s, char sep, struct str *head, struct str *tail);
/* Takes the next field up to sep off *rest. False when nothing is left. "a,,b" gives a, empty, b;
 * "a," gives a only. */
bool str_next_field(struct str *rest, char sep, struct str *field);
/* '*' matches any run of bytes, everything else itself. */
bool str_glob(struct str pattern, struct str s);

/* The whole of s must be the number; no space, no '+'; range-checked. *out untouched on failure. */
bool str_to_int64(struct str s, int64_t *out) WARN_UNUSED;
bool str_to_uint64(struct str s, uint64_t *out) WARN_UNUSED;
bool str_to_double(struct str s, double *out) WARN_UNUSED;

/* A copy in the arena. */
struct str str_dup(struct arena *a, struct str s);
/* A NUL-terminated copy in the arena. Bytes after an embedded NUL are there but unseen by C. */
char *str_to_c(struct arena *a, struct str s);
/* Formatted into the arena. */
struct str str_printf(struct arena *a, const char *fmt, ...) PRINTF_LIKE(2, 3);
struct str str_join(struct arena *a, const struct str *part, size_t part_count, struct str sep);
struct str str_lower_ascii(struct arena *a, struct str s);
/* Multiply-and-fold hash with a seed; for maps and fingerprints inside one process only. */
uint64_t str_hash(struct str s, uint64_t seed);
/* The seed of this process: random at every start, so that nobody can prepare colliding keys. */
uint64_t str_hash_seed(void);

/* Length of the UTF-8 sequence at s.p[at], with its code point; 0 if it is not valid UTF-8
 * (overlong, surrogate, above U+10FFFF, cut). */
size_t str_utf8_at(struct str s, size_t at, uint32_t *code_point);
bool str_is_utf8(struct str s);
/* Number of code points, invalid bytes counting one each. */
size_t str_utf8_length(struct str s);
/* Writes code_point (valid) to out[4], returns 1..4. */
size_t str_utf8_encode(uint32_t code_point, char out[4]);

#endif
