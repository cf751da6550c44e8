/* Exact decimal numbers of bounded length: what quantities need beyond 64 bits. */
#include "cel/decimal.h"

static struct str without_leading_zeros(struct str s)
{
    size_t at = 0;
    while (at < s.n && s.p[at] == '0')
        at++;
    return str_sub(s, at, s.n);
}

static struct decimal make(struct str digits, bool negative, int32_t scale)
{
    digits = without_leading_zeros(digits);
    return (struct decimal){ .negative = negative && digits.n, .digits = digits, .scale = scale };
}

struct decimal decimal_of_int(struct arena *a, int64_t value, int32_t scale)
{
    uint64_t size = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    return make(str_printf(a, "%llu", (unsigned long long)size), value < 0, scale);
}

bool decimal_of_digits(struct decimal *out, struct str text, bool negative, int32_t scale)
{
    struct decimal d = make(text, negative, scale);
    if (d.digits.n > DECIMAL_DIGITS_MAX)
        return false;
    *out = d;
    return true;
}

int decimal_sign(const struct decimal *x)
{
    return !x->digits.n ? 0 : x->negative ? -1 : 1;
}

struct decimal decimal_negate(struct decimal x)
{
    x.negative = !x.negative && x.digits.n;
    return x;
}

/* Compares sizes: first by the place of the first digit, then digit by digit. */
static int compare_sizes(const struct decimal *x, const struct decimal *y)
{
    int64_t px = (int64_t)x->digits.n - x->scale, py = (int64_t)y->digits.n - y->scale;
    if (!x->digits.n || !y->digits.n)
        return (x->digits.n > 0) - (y->digits.n > 0);
    if (px != py)
        return px < py ? -1 : 1;
    size_t n = x->digits.n > y->digits.n ? x->digits.n : y->digits.n;
    for (size_t i = 0; i < n; i++) {
        char cx = i < x->digits.n ? x->digits.p[i] : '0',
             cy = i < y->digits.n ? y->digits.p[i] : '0';
        if (cx != cy)
            return cx < cy ? -1 : 1;
    }
    return 0;
}

int decimal_compare(const struct decimal *x, const struct decimal *y)
{
    int sx = decimal_sign(x), sy = decimal_sign(y);
    if (sx != sy)
        return sx < sy ? -1 : 1;
    return sx < 0 ? compare_sizes(y, x) : compare_sizes(x, y);
}

/* The same number with more digits after the point. */
static bool rescale(struct decimal *out, struct arena *a, const struct decimal *x, int32_t scale)
{
    int64_t more = (int64_t)scale - x->scale;
    *out = *x;
    out->scale = scale;
    if (!more || !x->digits.n)
        return true;
    if ((int64_t)x->digits.n + more > DECIMAL_DIGITS_MAX)
        return false;
    char *p = arena_alloc(a, x->digits.n + (size_t)more);
    memcpy(p, x->digits.p, x->digits.n);
    memset(p + x->digits.n, '0', (size_t)more);
    out->digits = str_of(p, x->digits.n + (size_t)more);
    return true;
}

static int digit_from_right(struct str s, size_t i)
{
    return i < s.n ? s.p[s.n - 1 - i] - '0' : 0;
}

/* big + small, or big - small with subtract (big is not the smaller one). */
static struct str add_digits(struct arena *a, struct str big, struct str small, bool subtract)
{
    size_t n = (big.n > small.n ? big.n : small.n) + 1;
    char *p = arena_alloc(a, n);
    int carry = 0;
    for (size_t i = 0; i < n; i++) {
        int d = digit_from_right(big, i) +
                (subtract ? -digit_from_right(small, i) : digit_from_right(small, i)) + carry;
        carry = d < 0 ? -1 : d > 9 ? 1 : 0;
        p[n - 1 - i] = (char)('0' + d - carry * 10);
    }
    return str_of(p, n);
}

bool decimal_add(struct decimal *out, struct arena *a, const struct decimal *x,
                 const struct decimal *y)
{
    int32_t scale = x->scale > y->scale ? x->scale : y->scale;
    struct decimal l, r;
    if (!rescale(&l, a, x, scale) || !rescale(&r, a, y, scale))
        return false;
    struct decimal sum;
    if (l.negative == r.negative)
        sum = make(add_digits(a, l.digits, r.digits, false), l.negative, scale);
    else if (compare_sizes(&l, &r) >= 0)
        sum = make(add_digits(a, l.digits, r.digits, true), l.negative, scale);
    else
        sum = make(add_digits(a, r.digits, l.digits, true), r.negative, scale);
    if (sum.digits.n > DECIMAL_DIGITS_MAX)
        return false;
    *out = sum;
    return true;
}

bool decimal_round_up(struct decimal *out, struct arena *a, const struct decimal *x, int32_t scale,
                      bool *exact)
{
    int64_t drop = (int64_t)x->scale - scale;
    bool is_exact = true;
    if (drop <= 0) {
        if (!rescale(out, a, x, scale))
            return false;
    } else {
        size_t keep = (int64_t)x->digits.n > drop ? x->digits.n - (size_t)drop : 0;
        for (size_t i = keep; i < x->digits.n; i++)
            is_exact = is_exact && x->digits.p[i] == '0';
        struct str digits = str_sub(x->digits, 0, keep);
        if (!is_exact)
            digits = add_digits(a, digits, STR("1"), false);
        *out = make(digits, x->negative, scale);
    }
    if (exact)
        *exact = is_exact;
    return true;
}

bool decimal_multiply(struct decimal *out, struct arena *a, const struct decimal *x, uint32_t times)
{
    size_t n = x->digits.n + 10;
    char *p = arena_alloc(a, n);
    uint64_t carry = 0;
    for (size_t i = 0; i < n; i++) {
        carry += (uint64_t)digit_from_right(x->digits, i) * times;
        p[n - 1 - i] = (char)('0' + carry % 10);
        carry /= 10;
    }
    return decimal_of_digits(out, str_of(p, n), x->negative, x->scale);
}

struct decimal decimal_divide(struct arena *a, const struct decimal *x, uint32_t by,
                              uint32_t *remainder)
{
    char *p = arena_alloc(a, x->digits.n);
    uint64_t rest = 0;
    for (size_t i = 0; i < x->digits.n; i++) {
        rest = rest * 10 + (uint64_t)(x->digits.p[i] - '0');
        p[i] = (char)('0' + rest / by);
        rest %= by;
    }
    *remainder = (uint32_t)rest;
    return make(str_of(p, x->digits.n), x->negative, x->scale);
}

double decimal_to_double(struct arena *a, const struct decimal *x)
{
    double base = 0, power = 1;
    if (!x->digits.n || !str_to_double(x->digits, &base))
        return base;
    if (x->scale && !str_to_double(str_printf(a, "1e%lld", -(long long)x->scale), &power))
        power = x->scale > 0 ? 0 : __builtin_inf();
    base *= power;
    return x->negative ? -base : base;
}
