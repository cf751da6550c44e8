/* Time zones by IANA name, from the system's tz database, without the C library's process-wide TZ.
 */
#include "cel/zone.h"

#include "base/clock.h"
#include "base/file.h"

/* One data block of a TZif file. All pointers lie in the file's bytes. */
struct tzif {
    const uint8_t *time, *index, *type;
    size_t time_count, type_count, time_size;
    struct str footer; /* a POSIX TZ string for times after the last transition, may be empty */
};
#define TZIF_HEADER_BYTES 44u
#define TZIF_TYPE_BYTES   6u

/* TZif is big-endian. */
static uint64_t read_be(const uint8_t *p, size_t n)
{
    uint64_t v = 0;
    for (size_t i = 0; i < n; i++)
        v = v << 8 | p[i];
    return v;
}

static int64_t read_time(const struct tzif *z, size_t i)
{
    uint64_t raw = read_be(z->time + i * z->time_size, z->time_size);
    return z->time_size == 4 ? (int64_t)(int32_t)(uint32_t)raw : (int64_t)raw;
}

/* Bytes of the data block described by the header at p, with times of time_size bytes. */
static uint64_t block_bytes(const uint8_t *p, size_t time_size)
{
    uint64_t isut = read_be(p + 20, 4), isstd = read_be(p + 24, 4), leap = read_be(p + 28, 4);
    uint64_t times = read_be(p + 32, 4), types = read_be(p + 36, 4), chars = read_be(p + 40, 4);
    return times * (time_size + 1) + types * TZIF_TYPE_BYTES + chars + leap * (time_size + 4) +
           isstd + isut;
}

static bool is_header(struct str s, size_t at)
{
    return at <= s.n && s.n - at >= TZIF_HEADER_BYTES && !memcmp(s.p + at, "TZif", 4);
}

/* Finds the block to use: the second one (64-bit times) from version 2 on. */
static bool tzif_open(struct tzif *z, struct str s)
{
    size_t at = 0, time_size = 4;
    if (!is_header(s, 0))
        return false;
    const uint8_t *p = (const uint8_t *)s.p;
    bool wide = p[4] >= '2';
    if (wide) {
        uint64_t skip = TZIF_HEADER_BYTES + block_bytes(p, 4);
        if (skip > s.n || !is_header(s, (size_t)skip))
            return false;
        at = (size_t)skip;
        time_size = 8;
    }
    p += at;
    uint64_t n = block_bytes(p, time_size);
    if (n > s.n - at - TZIF_HEADER_BYTES)
        return false;
    z->time_count = read_be(p + 32, 4);
    z->type_count = read_be(p + 36, 4);
    z->time_size = time_size;
    z->time = p + TZIF_HEADER_BYTES;
    z->index = z->time + z->time_count * time_size;
    z->type = z->index + z->time_count;
    struct str rest = str_sub(s, at + TZIF_HEADER_BYTES + (size_t)n, s.n), empty;
    z->footer = (struct str){ 0 };
    if (wide && str_cut(rest, '\n', &empty, &rest) && !empty.n)
        str_cut(rest, '\n', &z->footer, &rest);
    return z->type_count > 0;
}

/* A cursor over a POSIX TZ string: std offset [dst [offset] [,start[/time],end[/time]]]. */
struct tz_text {
    struct str s;
    size_t at;
};

static char peek(const struct tz_text *t)
{
    return t->at < t->s.n ? t->s.p[t->at] : 0;
}

static bool take(struct tz_text *t, char c)
{
    bool is = peek(t) == c && t->at < t->s.n;
    t->at += is;
    return is;
}

static bool take_number(struct tz_text *t, int32_t max, int32_t *out)
{
    int32_t n = 0;
    size_t from = t->at;
    while (peek(t) >= '0' && peek(t) <= '9' && n <= max)
        n = n * 10 + (t->s.p[t->at++] - '0');
    if (t->at == from || n > max)
        return false;
    *out = n;
    return true;
}

/* "EST" or "<+03>". */
static bool take_name(struct tz_text *t)
{
    size_t from = t->at;
    if (take(t, '<')) {
        size_t end = str_find_char(t->s, '>', t->at);
        if (end == SIZE_MAX)
            return false;
        t->at = end + 1;
        return true;
    }
    while ((peek(t) >= 'A' && peek(t) <= 'Z') || (peek(t) >= 'a' && peek(t) <= 'z'))
        t->at++;
    return t->at - from >= 3;
}

/* [+-]hh[:mm[:ss]] in seconds; RFC 8536 allows up to 167 hours in rules. */
static bool take_time(struct tz_text *t, int32_t *out)
{
    bool negative = take(t, '-');
    int32_t h = 0, m = 0, s = 0;
    if (!negative)
        take(t, '+');
    if (!take_number(t, 167, &h))
        return false;
    if (take(t, ':')) {
        if (!take_number(t, 59, &m))
            return false;
        if (take(t, ':') && !take_number(t, 59, &s))
            return false;
    }
    int32_t total = h * 3600 + m * 60 + s;
    *out = negative ? -total : total;
    return true;
}

/* When a change happens in a year: Mm.w.d, Jn or n, at time seconds of local time. */
struct tz_rule {
    char kind; /* 'M', 'J' (day 1..365, no 29 February), 'D' (day 0..365) */
    int32_t month, week, day, time;
};

static bool take_rule(struct tz_text *t, struct tz_rule *r)
{
    r->time = 7200;
    if (take(t, 'M')) {
        r->kind = 'M';
        if (!take_number(t, 12, &r->month) || !take(t, '.') || !take_number(t, 5, &r->week) ||
            !take(t, '.') || !take_number(t, 6, &r->day) || !r->month || !r->week)
            return false;
    } else {
        r->kind = take(t, 'J') ? 'J' : 'D';
        if (!take_number(t, 365, &r->day))
            return false;
    }
    return !take(t, '/') || take_time(t, &r->time);
}

static bool is_leap(int64_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

/* Local seconds since 1970 at which the rule takes effect in year. */
static int64_t rule_second(const struct tz_rule *r, int64_t year)
{
    if (r->kind != 'M') {
        int32_t day = r->day;
        if (r->kind == 'J' && !(is_leap(year) && day >= 60))
            day--;
        return clock_seconds((struct civil){ .year = year, .month = 1, .day = 1 }) +
               (int64_t)day * 86400 + r->time;
    }
    int64_t first = clock_seconds((struct civil){ .year = year, .month = r->month, .day = 1 });
    int64_t next_month =
        clock_seconds((struct civil){ .year = year, .month = r->month + 1, .day = 1 });
    int32_t ahead = (r->day - clock_civil(first).weekday + 7) % 7;
    int64_t at = first + ((int64_t)ahead + 7 * (r->week - 1)) * 86400;
    while (at >= next_month) /* week 5 is the last one there is */
        at -= 7 * 86400;
    return at + r->time;
}

/* The offset by the rules after the last transition. False: the text is not a POSIX TZ string. */
static bool footer_offset(struct str footer, int64_t t, int32_t *offset_s)
{
    struct tz_text text = { .s = footer };
    struct tz_rule start = { 0 }, end = { 0 };
    int32_t std, dst;
    if (!take_name(&text) || !take_time(&text, &std))
        return false;
    std = -std; /* POSIX counts west */
    *offset_s = std;
    if (text.at == footer.n)
        return true;
    if (!take_name(&text))
        return false;
    dst = std + 3600;
    if (peek(&text) != ',') {
        if (!take_time(&text, &dst))
            return false;
        dst = -dst;
    }
    if (!take(&text, ',') || !take_rule(&text, &start) || !take(&text, ',') ||
        !take_rule(&text, &end))
        return false;
    int64_t year = clock_civil(t).year;
    int64_t from = rule_second(&start, year) - std, to = rule_second(&end, year) - dst;
    bool summer = from < to ? t >= from && t < to : t >= from || t < to;
    *offset_s = summer ? dst : std;
    return true;
}

bool zone_offset_from(struct str tzif, int64_t t, int32_t *offset_s, struct err *err)
{
    struct tzif z;
    if (!tzif_open(&z, tzif))
        return err_set(err, ERR_INPUT, "the time zone file is damaged");
    size_t lo = 0, hi = z.time_count; /* the number of transitions at or before t */
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (read_time(&z, mid) <= t)
            lo = mid + 1;
        else
            hi = mid;
    }
    int32_t offset;
    if (lo == z.time_count && z.footer.n && footer_offset(z.footer, t, &offset)) {
        *offset_s = offset;
        return true;
    }
    size_t type = lo ? z.index[lo - 1] : 0;
    if (type >= z.type_count)
        return err_set(err, ERR_INPUT, "the time zone file is damaged");
    offset = (int32_t)(uint32_t)read_be(z.type + type * TZIF_TYPE_BYTES, 4);
    if (offset < -90000 || offset > 93600) /* RFC 8536, section 3.2 */
        return err_set(err, ERR_INPUT, "the time zone file is damaged");
    *offset_s = offset;
    return true;
}

/* Letters, digits, "_+-/", no empty or dotted part: nothing that leaves the database's folder. */
static bool is_zone_name(struct str name)
{
    if (!name.n || name.n > ZONE_NAME_BYTES_MAX || name.p[0] == '/' || name.p[name.n - 1] == '/')
        return false;
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        bool fine = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                    c == '_' || c == '+' || c == '-' || c == '/';
        if (!fine || (c == '/' && name.p[i - 1] == '/'))
            return false;
    }
    return true;
}

bool zone_offset(struct str name, int64_t t, int32_t *offset_s, struct err *err)
{
    if (!name.n || str_eq_c(name, "UTC")) {
        *offset_s = 0;
        return true;
    }
    if (!is_zone_name(name))
        return err_set(err, ERR_INPUT,
                       "\"%.*s\" is not a time zone; use an IANA name or \"+hh:mm\"",
                       STR_ARG(name));
    struct buf path CLEANUP(buf_release) = BUF_INIT(256);
    struct buf bytes CLEANUP(buf_release) = BUF_INIT(ZONE_FILE_BYTES_MAX);
    buf_addf(&path, "/usr/share/zoneinfo/%.*s", STR_ARG(name));
    struct err io = { 0 };
    if (!file_read(path.p, &bytes, &io))
        return err_set(err, ERR_NOT_FOUND, "unknown time zone \"%.*s\"", STR_ARG(name));
    return zone_offset_from(buf_str(&bytes), t, offset_s, err);
}
