/* Time as data: RFC 3339 text <-> seconds and nanoseconds. */
#include "base/clock.h"

#define DAY_S   86400
#define FIRST_S INT64_C(-62135596800) /* 0001-01-01T00:00:00Z */
#define LAST_S  INT64_C(253402300799) /* 9999-12-31T23:59:59Z */
/* Beyond this a year's seconds do not fit an int64_t. */
#define YEAR_MAX INT64_C(292000000000)

struct instant clock_now(void)
{
    struct timespec t;
    INVARIANT(clock_gettime(CLOCK_REALTIME, &t) == 0);
    return (struct instant){ .s = t.tv_sec, .ns = (int32_t)t.tv_nsec };
}

int64_t clock_monotonic_ms(void)
{
    struct timespec t;
    INVARIANT(clock_gettime(CLOCK_MONOTONIC, &t) == 0);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int64_t floor_div(int64_t a, int64_t b)
{
    int64_t q = a / b;
    return a % b < 0 ? q - 1 : q;
}

/* Years are counted from 1 March inside an era of 400 years (146097 days), so that the leap day is
 * the last one of its year. Days count from 1970-01-01, which is day 719468 of era 0. */
static int64_t days_from_civil(int64_t year, int month, int64_t day)
{
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t era = floor_div(y, 400), year_of_era = y - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

struct civil clock_civil(int64_t s)
{
    int64_t days = floor_div(s, DAY_S), second = s % DAY_S < 0 ? s % DAY_S + DAY_S : s % DAY_S;
    int64_t shifted = days + 719468, era = floor_div(shifted, 146097);
    int64_t doe = shifted - era * 146097; /* day of era, year of era, day of year */
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), m = (5 * doy + 2) / 153;
    struct civil c = {
        .year = yoe + era * 400 + (m >= 10),
        .month = (int)(m < 10 ? m + 3 : m - 9),
        .day = (int)(doy - (153 * m + 2) / 5 + 1),
        .hour = (int)(second / 3600),
        .minute = (int)(second / 60 % 60),
        .second = (int)(second % 60),
        .weekday = (int)(((days + 4) % 7 + 7) % 7), /* 1970-01-01 was a Thursday */
    };
    c.yearday = (int)(days - days_from_civil(c.year, 1, 1));
    return c;
}

int64_t clock_seconds(struct civil c)
{
    int64_t year = c.year > YEAR_MAX ? YEAR_MAX : c.year < -YEAR_MAX ? -YEAR_MAX : c.year;
    int64_t month0 = (int64_t)c.month - 1, carry = floor_div(month0, 12);
    int64_t days = days_from_civil(year + carry, (int)(month0 - carry * 12) + 1, c.day);
    return days * DAY_S + (int64_t)c.hour * 3600 + (int64_t)c.minute * 60 + c.second;
}

/* The count digits at s.p[at] as a number, or -1. */
static int digits(struct str s, size_t at, size_t count)
{
    int sum = 0;
    if (at > s.n || count > s.n - at) {
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        char c = s.p[at + i];
        if (c < '0' || c > '9') {
            return -1;
        }
        sum = sum * 10 + (c - '0');
    }
    return sum;
}

static bool is_at(struct str s, size_t at, char c)
{
    return at < s.n && s.p[at] == c;
}

static int days_in_month(int64_t year, int month)
{
    static const int count[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return count[month - 1] + (month == 2 && leap);
}

/* "2026-11-21T06:13:00" at the start of s. */
static bool parse_civil(struct str s, struct civil *out)
{
    struct civil c = {
        .year = digits(s, 0, 4),
        .month = digits(s, 5, 2),
        .day = digits(s, 8, 2),
        .hour = digits(s, 11, 2),
        .minute = digits(s, 14, 2),
        .second = digits(s, 17, 2),
    };
    if (!is_at(s, 4, '-') || !is_at(s, 7, '-') || !is_at(s, 10, 'T') || !is_at(s, 13, ':') ||
        !is_at(s, 16, ':')) {
        return false;
    }
    if (c.year < 0 || c.month < 1 || c.month > 12 || c.day < 1 ||
        c.day > days_in_month(c.year, c.month)) {
        return false;
    }
    if (c.hour < 0 || c.hour > 23 || c.minute < 0 || c.minute > 59 || c.second < 0 ||
        c.second > 59) {
        return false;
    }
    *out = c;
    return true;
}

/* ".123" at *at: nanoseconds, digits beyond the ninth dropped. */
static bool parse_fraction(struct str s, size_t *at, int32_t *ns)
{
    *ns = 0;
    if (!is_at(s, *at, '.')) {
        return true;
    }
    size_t i = *at + 1, first = i;
    int32_t unit = 100000000;
    for (; i < s.n && s.p[i] >= '0' && s.p[i] <= '9'; i++) {
        *ns += (s.p[i] - '0') * unit;
        unit /= 10;
    }
    *at = i;
    return i > first;
}

/* "Z" or "+01:00" as all of the rest of s. */
static bool parse_offset(struct str s, size_t at, int64_t *offset_s)
{
    if (is_at(s, at, 'Z')) {
        *offset_s = 0;
        return at + 1 == s.n;
    }
    int hour = digits(s, at + 1, 2), minute = digits(s, at + 4, 2);
    if ((!is_at(s, at, '+') && !is_at(s, at, '-')) || !is_at(s, at + 3, ':') || at + 6 != s.n) {
        return false;
    }
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59) {
        return false;
    }
    *offset_s = (s.p[at] == '-' ? -1 : 1) * (hour * 3600 + minute * 60);
    return true;
}

bool clock_parse_rfc3339(struct str s, struct instant *out)
{
    struct civil c;
    int32_t ns;
    int64_t offset_s;
    size_t at = 19;
    if (!parse_civil(s, &c) || !parse_fraction(s, &at, &ns) || !parse_offset(s, at, &offset_s)) {
        return false;
    }
    int64_t second = clock_seconds(c) - offset_s;
    if (second < FIRST_S || second > LAST_S) {
        return false;
    }
    *out = (struct instant){ .s = second, .ns = ns };
    return true;
}

struct str clock_format_rfc3339(struct arena *a, struct instant t)
{
    struct civil c = clock_civil(t.s);
    char fraction[16] = "";
    if (t.ns % 1000000 == 0 && t.ns) {
        (void)snprintf(fraction, sizeof fraction, ".%03d", t.ns / 1000000);
    } else if (t.ns % 1000 == 0 && t.ns) {
        (void)snprintf(fraction, sizeof fraction, ".%06d", t.ns / 1000);
    } else if (t.ns) {
        (void)snprintf(fraction, sizeof fraction, ".%09d", t.ns);
    }
    return str_printf(a, "%04lld-%02d-%02dT%02d:%02d:%02d%sZ", (long long)c.year, c.month, c.day,
                      c.hour, c.minute, c.second, fraction);
}
