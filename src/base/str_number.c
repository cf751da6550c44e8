/* Numbers out of text: the whole of it, and range-checked. */
#include "base/buf.h"

#include <errno.h>
#include <math.h>

bool str_to_uint64(struct str s, uint64_t *out)
{
    uint64_t sum = 0;
    if (s.n == 0) {
        return false;
    }
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9') {
            return false;
        }
        uint64_t digit = (uint64_t)(s.p[i] - '0');
        if (__builtin_mul_overflow(sum, 10u, &sum) || __builtin_add_overflow(sum, digit, &sum)) {
            return false;
        }
    }
    *out = sum;
    return true;
}

bool str_to_int64(struct str s, int64_t *out)
{
    bool negative = s.n && s.p[0] == '-';
    uint64_t magnitude;
    if (!str_to_uint64(negative ? str_sub(s, 1, s.n) : s, &magnitude)) {
        return false;
    }
    if (magnitude > (uint64_t)INT64_MAX + (negative ? 1 : 0)) {
        return false;
    }
    *out = negative ? (int64_t)(0 - magnitude) : (int64_t)magnitude;
    return true;
}

static size_t skip_digits(struct str s, size_t at)
{
    while (at < s.n && s.p[at] >= '0' && s.p[at] <= '9') {
        at++;
    }
    return at;
}

/* -? digits? ("." digits?)? ([eE] [+-]? digits)? with at least one digit before the exponent:
 * strtod alone would also take white space, hexadecimal and words. */
static bool is_decimal(struct str s)
{
    size_t at = s.n && s.p[0] == '-' ? 1 : 0;
    size_t whole = skip_digits(s, at);
    size_t digits = whole - at;
    at = whole;
    if (at < s.n && s.p[at] == '.') {
        size_t end = skip_digits(s, at + 1);
        digits += end - (at + 1);
        at = end;
    }
    if (digits == 0) {
        return false;
    }
    if (at < s.n && (s.p[at] == 'e' || s.p[at] == 'E')) {
        at++;
        at += at < s.n && (s.p[at] == '+' || s.p[at] == '-') ? 1 : 0;
        size_t end = skip_digits(s, at);
        if (end == at) {
            return false;
        }
        at = end;
    }
    return at == s.n;
}

bool str_to_double(struct str s, double *out)
{
    if (!is_decimal(s)) {
        return false;
    }
    char small[64];
    double d;
    if (s.n < sizeof small) {
        memcpy(small, s.p, s.n);
        small[s.n] = '\0';
        d = strtod(small, NULL);
    } else {
        struct buf copy CLEANUP(buf_release) = BUF_INIT(s.n);
        buf_add(&copy, s);
        d = strtod(copy.p, NULL);
    }
    if (isinf(d)) {
        return false;
    }
    *out = d;
    return true;
}
