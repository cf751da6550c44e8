/* Go's time.Duration as text. */
#include "analyze/secrets/encryption.h"

static const struct {
    struct str name;
    int64_t ns;
} unit[] = {
    { STR_INIT("ns"), 1 },
    { STR_INIT("us"), 1000 },
    { STR_INIT("\xc2\xb5s"), 1000 },
    { STR_INIT("\xce\xbcs"), 1000 },
    { STR_INIT("ms"), 1000000 },
    { STR_INIT("s"), 1000000000 },
    { STR_INIT("m"), INT64_C(60000000000) },
    { STR_INIT("h"), INT64_C(3600000000000) },
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The unit at the start of s: all up to the next digit or point. */
static bool read_unit(struct str *s, int64_t *ns)
{
    size_t n = 0;
    while (n < s->n && !is_digit(s->p[n]) && s->p[n] != '.')
        n++;
    struct str name = str_sub(*s, 0, n);
    for (size_t i = 0; i < sizeof unit / sizeof *unit; i++) {
        if (str_eq(unit[i].name, name)) {
            *s = str_sub(*s, n, s->n);
            *ns = unit[i].ns;
            return true;
        }
    }
    return false;
}

/* "1.5h" at the start of s, added to *total. */
static bool read_part(struct str *s, int64_t *total)
{
    size_t whole_bytes = 0, fraction_bytes = 0;
    while (whole_bytes < s->n && is_digit(s->p[whole_bytes]))
        whole_bytes++;
    struct str whole = str_sub(*s, 0, whole_bytes);
    *s = str_sub(*s, whole_bytes, s->n);
    struct str fraction = { 0 };
    if (s->n && s->p[0] == '.') {
        while (fraction_bytes + 1 < s->n && is_digit(s->p[fraction_bytes + 1]))
            fraction_bytes++;
        fraction = str_sub(*s, 1, 1 + fraction_bytes);
        *s = str_sub(*s, 1 + fraction_bytes, s->n);
    }
    int64_t count = 0, scale, part;
    if ((!whole.n && !fraction.n) || (whole.n && !str_to_int64(whole, &count)) || !read_unit(s, &scale) ||
        __builtin_mul_overflow(count, scale, &part))
        return false;
    /* Digits behind the point past what a nanosecond can show are lost, as in Go. */
    for (size_t i = 0; i < fraction.n && scale >= 10; i++) {
        scale /= 10;
        if (__builtin_add_overflow(part, (fraction.p[i] - '0') * scale, &part))
            return false;
    }
    return !__builtin_add_overflow(*total, part, total);
}

bool encryption_read_duration(struct str s, int64_t *ns)
{
    bool negative = s.n && s.p[0] == '-';
    if (s.n && (s.p[0] == '-' || s.p[0] == '+'))
        s = str_sub(s, 1, s.n);
    int64_t total = 0;
    if (!s.n)
        return false;
    if (!str_eq_c(s, "0")) {
        while (s.n) {
            if (!read_part(&s, &total))
                return false;
        }
    }
    *ns = negative ? -total : total;
    return true;
}

/* value / scale with the fraction that is needed: "1.5". */
static struct str decimal(struct arena *a, int64_t value, int64_t scale, const char *suffix)
{
    int64_t whole = value / scale, rest = value % scale;
    if (!rest)
        return str_printf(a, "%lld%s", (long long)whole, suffix);
    char digits[20];
    size_t n = 0;
    while (rest) {
        scale /= 10;
        digits[n++] = (char)('0' + rest / scale);
        rest %= scale;
    }
    return str_printf(a, "%lld.%.*s%s", (long long)whole, (int)n, digits, suffix);
}

struct str encryption_duration_text(struct arena *a, int64_t ns)
{
    const char *sign = ns < 0 ? "-" : "";
    int64_t n = ns < 0 ? -ns : ns; /* encryption_read_duration never gives the least number */
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
        int64_t minutes = n / INT64_C(60000000000);
        struct str seconds = decimal(a, n % INT64_C(60000000000), 1000000000, "s");
        if (minutes >= 60)
            text = str_printf(a, "%lldh%lldm%.*s", (long long)(minutes / 60), (long long)(minutes % 60), STR_ARG(seconds));
        else if (minutes)
            text = str_printf(a, "%lldm%.*s", (long long)minutes, STR_ARG(seconds));
        else
            text = seconds;
    }
    return str_printf(a, "%s%.*s", sign, STR_ARG(text));
}
