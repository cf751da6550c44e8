/* Numbers of JSON: as short as they are written, and exact where they are integers. */
#include "value/json_cursor.h"

#include <float.h>

/* As many decimal digits as a uint64_t always holds. */
#define MANTISSA_DIGITS_MAX 19
/* Far beyond any double, far below overflow of an int. */
#define EXPONENT_MAX 100000
/* Powers of ten that a double holds exactly. */
#define EXACT_POWER_MAX 22

/* A number as it is written: sign, mantissa * 10^exponent. The mantissa is right up to
 * MANTISSA_DIGITS_MAX digits. */
struct decimal {
    uint64_t mantissa;
    size_t digit_count;
    int exponent;
    bool is_negative, is_integer;
};

static bool is_digit(const struct json_cursor *c)
{
    return c->at < c->end && *c->at >= '0' && *c->at <= '9';
}

static void take_digits(struct json_cursor *c, struct decimal *d)
{
    const char *from = c->at;
    for (; is_digit(c); c->at++)
        d->mantissa = d->mantissa * 10 + (uint64_t)(*c->at - '0');
    d->digit_count += (size_t)(c->at - from);
}

static bool take_exponent(struct json_cursor *c, struct decimal *d)
{
    int exponent = 0;
    bool is_negative = ++c->at < c->end && *c->at == '-';
    if (c->at < c->end && (*c->at == '-' || *c->at == '+'))
        c->at++;
    if (!is_digit(c))
        return json_fail(c, c->at, "expected a digit of the exponent");
    for (; is_digit(c); c->at++) {
        if (exponent < EXPONENT_MAX)
            exponent = exponent * 10 + (*c->at - '0');
    }
    d->exponent += is_negative ? -exponent : exponent;
    return true;
}

/* "-"? (0 | [1-9] digit*) ("." digit+)? ([eE] [+-]? digit+)?    RFC 8259, section 6 */
static bool take_decimal(struct json_cursor *c, struct decimal *d)
{
    d->is_negative = *c->at == '-';
    c->at += d->is_negative;
    if (!is_digit(c))
        return json_fail(c, c->at, "expected a digit");
    if (*c->at == '0' && c->end - c->at > 1 && c->at[1] >= '0' && c->at[1] <= '9')
        return json_fail(c, c->at, "a number must not begin with 0");
    take_digits(c, d);
    d->is_integer = true;
    if (c->at < c->end && *c->at == '.') {
        const char *from = ++c->at;
        d->is_integer = false;
        if (!is_digit(c))
            return json_fail(c, c->at, "expected a digit after the point");
        take_digits(c, d);
        /* The input's limit keeps this far from overflow; past EXPONENT_MAX digits it is not used.
         */
        d->exponent = c->at - from > EXPONENT_MAX ? -EXPONENT_MAX : -(int)(c->at - from);
    }
    if (c->at < c->end && (*c->at == 'e' || *c->at == 'E')) {
        d->is_integer = false;
        return take_exponent(c, d);
    }
    return true;
}

/* One rounding of two exact operands is correct rounding (Clinger, "How to read floating point
 * numbers accurately", 1990); not where the machine computes in more than double precision. */
static bool is_exact(const struct decimal *d)
{
    return FLT_EVAL_METHOD == 0 && d->digit_count <= MANTISSA_DIGITS_MAX &&
           d->mantissa <= (1ull << DBL_MANT_DIG) && d->exponent >= -EXACT_POWER_MAX &&
           d->exponent <= EXACT_POWER_MAX;
}

static double exact_double(const struct decimal *d)
{
    static const double power[EXACT_POWER_MAX + 1] = {
        1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
        1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
    };
    double sum = (double)d->mantissa;
    sum = d->exponent < 0 ? sum / power[-d->exponent] : sum * power[d->exponent];
    return d->is_negative ? -sum : sum;
}

bool json_number_read(struct json_cursor *c, struct value *out)
{
    const char *from = c->at;
    struct decimal d = { 0 };
    double real;
    if (!take_decimal(c, &d))
        return false;
    if (d.is_integer && d.digit_count <= MANTISSA_DIGITS_MAX &&
        d.mantissa <= (uint64_t)INT64_MAX + (d.is_negative ? 1 : 0)) {
        *out = value_int((int64_t)(d.is_negative ? 0 - d.mantissa : d.mantissa));
        return true;
    }
    if (is_exact(&d)) {
        *out = value_double(exact_double(&d));
        return true;
    }
    if (!str_to_double(str_of(from, (size_t)(c->at - from)), &real))
        return json_fail(c, from, "a number beyond the range of a double");
    *out = value_double(real);
    return true;
}
