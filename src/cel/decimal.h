/* Exact decimal numbers of bounded length: what quantities need beyond 64 bits.
 *
 * The value is digits * 10^-scale. Digits are ASCII, most significant first, without leading zeros;
 * zero has none. A number never has more than DECIMAL_DIGITS_MAX digits: what would need more
 * fails. */
#ifndef KUBEVOUCH_CEL_DECIMAL_H
#define KUBEVOUCH_CEL_DECIMAL_H

#include "base/str.h"

#define DECIMAL_DIGITS_MAX 1024u

struct decimal {
    bool negative; /* never for zero */
    struct str digits;
    int32_t scale;
};

struct decimal decimal_of_int(struct arena *a, int64_t value, int32_t scale);
/* text is digits only, leading zeros allowed. False: too long. */
bool decimal_of_digits(struct decimal *out, struct str text, bool negative,
                       int32_t scale) WARN_UNUSED;
/* -1, 0, 1. Never fails, whatever the scales. */
int decimal_compare(const struct decimal *x, const struct decimal *y);
int decimal_sign(const struct decimal *x);
/* At the greater of the two scales. */
bool decimal_add(struct decimal *out, struct arena *a, const struct decimal *x,
                 const struct decimal *y) WARN_UNUSED;
struct decimal decimal_negate(struct decimal x);
/* To exactly scale digits after the point, away from zero; *exact may be NULL. */
bool decimal_round_up(struct decimal *out, struct arena *a, const struct decimal *x, int32_t scale,
                      bool *exact) WARN_UNUSED;
/* times * x, times from 1 to 2^20. */
bool decimal_multiply(struct decimal *out, struct arena *a, const struct decimal *x,
                      uint32_t times) WARN_UNUSED;
/* digits / by (integers), with the remainder; the scale must be 0. */
struct decimal decimal_divide(struct arena *a, const struct decimal *x, uint32_t by,
                              uint32_t *remainder);
/* The nearest double to digits times the nearest to 10^-scale. */
double decimal_to_double(struct arena *a, const struct decimal *x);

#endif
