/* Durations as Go writes and reads them: "1h30m", "1.5s", "500ms". */
#include "base/duration.h"

#define NS_PER_S 1000000000

/* Nanoseconds in the unit at s.p[*at], 0 if there is none; moves *at behind it. */
static int64_t take_unit(struct str s, size_t *at)
{
    static const struct {
        struct str name;
        int64_t ns;
    } unit[] = {
        /* longer names first */
        { STR_INIT("ns"), 1 },
        { STR_INIT("us"), 1000 },
        { STR_INIT("\xc2\xb5s"), 1000 }, /* micro sign */
        { STR_INIT("\xce\xbcs"), 1000 }, /* Greek mu */
        { STR_INIT("ms"), 1000000 },
        { STR_INIT("s"), NS_PER_S },
        { STR_INIT("m"), 60LL * NS_PER_S },
        { STR_INIT("h"), 3600LL * NS_PER_S },
    };
    struct str rest = str_sub(s, *at, s.n);
    for (size_t i = 0; i < sizeof unit / sizeof *unit; i++)
        if (str_has_prefix(rest, unit[i].name)) {
            *at += unit[i].name.n;
            return unit[i].ns;
        }
    return 0;
}

/* Digits at s.p[*at] as value, with scale 10^digits for a fraction. Digits of a fraction past the
 * 18th are below a nanosecond and ignored. False: a whole number too large. */
static bool take_digits(struct str s, size_t *at, bool fraction, uint64_t *value, int64_t *scale)
{
    *value = 0;
    *scale = 1;
    for (; *at < s.n && s.p[*at] >= '0' && s.p[*at] <= '9'; (*at)++) {
        if (fraction && *scale >= 1000000000000000000)
            continue;
        if (__builtin_mul_overflow(*value, 10u, value) ||
            __builtin_add_overflow(*value, (uint64_t)(s.p[*at] - '0'), value))
            return false;
        if (fraction)
            *scale *= 10;
    }
    return true;
}

/* One "1.5h": adds its nanoseconds to *total. */
static bool take_term(struct str s, size_t *at, __int128 *total)
{
    uint64_t whole, fraction = 0;
    int64_t scale;
    size_t from = *at, digits;
    if (!take_digits(s, at, false, &whole, &scale))
        return false;
    digits = *at - from;
    scale = 1;
    if (*at < s.n && s.p[*at] == '.') {
        from = ++*at;
        if (!take_digits(s, at, true, &fraction, &scale))
            return false;
        digits += *at - from;
    }
    int64_t unit = digits ? take_unit(s, at) : 0;
    if (!unit)
        return false;
    *total += (__int128)whole * unit + (__int128)fraction * unit / scale;
    return *total <= (__int128)INT64_MAX + 1;
}

bool duration_parse(struct str text, int64_t *ns)
{
    struct str s = text;
    bool negative = s.n && s.p[0] == '-';
    if (s.n && (s.p[0] == '-' || s.p[0] == '+'))
        s = str_sub(s, 1, s.n);
    __int128 total = 0;
    if (!s.n)
        return false;
    if (!str_eq_c(s, "0"))
        for (size_t at = 0; at < s.n;)
            if (!take_term(s, &at, &total))
                return false;
    if (negative)
        total = -total;
    if (total > INT64_MAX)
        return false;
    *ns = (int64_t)total;
    return true;
}

/* value / scale with the fraction that is needed: "1.5". */
static struct str decimal(struct arena *a, uint64_t value, uint64_t scale, const char *suffix)
{
    uint64_t whole = value / scale, rest = value % scale;
    if (!rest)
        return str_printf(a, "%llu%s", (unsigned long long)whole, suffix);
    char digits[20];
    size_t n = 0;
    while (rest) {
        scale /= 10;
        digits[n++] = (char)('0' + (char)(rest / scale));
        rest %= scale;
    }
    return str_printf(a, "%llu.%.*s%s", (unsigned long long)whole, (int)n, digits, suffix);
}

struct str duration_text(struct arena *a, int64_t ns)
{
    const char *sign = ns < 0 ? "-" : "";
    uint64_t n = ns < 0 ? 0 - (uint64_t)ns : (uint64_t)ns;
    struct str text;
    if (n == 0)
        return STR("0s");
    if (n < 1000)
        text = decimal(a, n, 1, "ns");
    else if (n < 1000000)
        text = decimal(a, n, 1000, "\xc2\xb5s");
    else if (n < 1000000000)
        text = decimal(a, n, 1000000, "ms");
    else {
        uint64_t minutes = n / UINT64_C(60000000000);
        struct str seconds = decimal(a, n % UINT64_C(60000000000), 1000000000, "s");
        if (minutes >= 60)
            text = str_printf(a, "%lluh%llum%.*s", (unsigned long long)(minutes / 60),
                              (unsigned long long)(minutes % 60), STR_ARG(seconds));
        else if (minutes)
            text = str_printf(a, "%llum%.*s", (unsigned long long)minutes, STR_ARG(seconds));
        else
            text = seconds;
    }
    return str_printf(a, "%s%.*s", sign, STR_ARG(text));
}
