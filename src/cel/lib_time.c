/* Timestamps and durations beside the functions of overload.def: text and range-checked sums. */
#include "cel/lib_time.h"

#include "base/duration.h"
#include "cel/zone.h"

#define NS_PER_S        1000000000
#define TIMESTAMP_MIN_S (-62135596800) /* 0001-01-01T00:00:00Z */
#define TIMESTAMP_MAX_S 253402300799   /* 9999-12-31T23:59:59Z */

static struct value duration_of_ns(int64_t ns)
{
    return value_duration(ns / NS_PER_S, (int32_t)(ns % NS_PER_S));
}

bool cel_duration_ns(struct value duration, int64_t *ns)
{
    __int128 total = (__int128)duration.as.i * NS_PER_S + (int32_t)duration.n;
    if (total < INT64_MIN || total > INT64_MAX)
        return false;
    *ns = (int64_t)total;
    return true;
}

static struct value duration_range(struct cel_call *call)
{
    return lib_error(call, "duration out of range");
}

static struct value timestamp_checked(struct cel_call *call, __int128 total_ns)
{
    const __int128 least = (__int128)TIMESTAMP_MIN_S * NS_PER_S;
    const __int128 most = (__int128)TIMESTAMP_MAX_S * NS_PER_S + (NS_PER_S - 1);
    if (total_ns < least || total_ns > most)
        return lib_error(call, "timestamp out of range: years 0001 to 9999");
    __int128 since_min = total_ns - least; /* never negative: the division rounds down */
    return value_timestamp((struct instant){ .s = (int64_t)(since_min / NS_PER_S) + TIMESTAMP_MIN_S,
                                             .ns = (int32_t)(since_min % NS_PER_S) });
}

static __int128 total_ns(struct value v)
{
    return (__int128)v.as.i * NS_PER_S + (int32_t)v.n;
}

struct value cel_duration_sum(struct cel_call *call, struct value a, struct value b, bool subtract)
{
    __int128 sum = subtract ? total_ns(a) - total_ns(b) : total_ns(a) + total_ns(b);
    if (sum < INT64_MIN || sum > INT64_MAX)
        return duration_range(call);
    return duration_of_ns((int64_t)sum);
}

struct value cel_time_add(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    (void)arg_count;
    if (arg[0].kind == VALUE_DURATION && arg[1].kind == VALUE_DURATION)
        return cel_duration_sum(call, arg[0], arg[1], false);
    return timestamp_checked(call, total_ns(arg[0]) + total_ns(arg[1]));
}

struct value cel_time_sub(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    (void)arg_count;
    if (arg[0].kind == arg[1].kind) /* both timestamps, or both durations: a duration */
        return cel_duration_sum(call, arg[0], arg[1], true);
    return timestamp_checked(call, total_ns(arg[0]) - total_ns(arg[1]));
}

struct value cel_duration_of(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    (void)arg_count;
    int64_t ns;
    struct value over;
    if (arg[0].kind == VALUE_DURATION)
        return arg[0];
    struct str text = value_text(arg[0]);
    if (!lib_charge_bytes(call, text.n, &over))
        return over;
    if (!duration_parse(text, &ns))
        return lib_error(
            call, "invalid duration \"%.*s\"; write numbers with a unit, as \"1h30m\" or \"1.5s\"",
            STR_ARG(str_sub(text, 0, 80)));
    return duration_of_ns(ns);
}

struct value cel_timestamp_of(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    (void)arg_count;
    struct instant t;
    struct value over;
    if (arg[0].kind == VALUE_TIMESTAMP)
        return arg[0];
    if (arg[0].kind == VALUE_INT)
        return timestamp_checked(call, (__int128)arg[0].as.i * NS_PER_S);
    struct str text = value_text(arg[0]);
    if (!lib_charge_bytes(call, text.n, &over))
        return over;
    if (!clock_parse_rfc3339(text, &t))
        return lib_error(call,
                         "invalid timestamp \"%.*s\"; write RFC 3339, as \"2026-01-31T10:00:00Z\"",
                         STR_ARG(str_sub(text, 0, 80)));
    return timestamp_checked(call, (__int128)t.s * NS_PER_S + t.ns);
}

/* ".5", ".000001" or nothing, without trailing zeros. */
static struct str fraction_text(struct arena *a, uint32_t ns)
{
    if (!ns)
        return STR("");
    struct str s = str_printf(a, ".%09u", ns);
    while (s.p[s.n - 1] == '0')
        s.n--;
    return s;
}

struct str cel_timestamp_text(struct arena *a, struct value timestamp)
{
    struct civil c = clock_civil(timestamp.as.i);
    struct str fraction = fraction_text(a, timestamp.n);
    return str_printf(a, "%04lld-%02d-%02dT%02d:%02d:%02d%.*sZ", (long long)c.year, c.month, c.day,
                      c.hour, c.minute, c.second, STR_ARG(fraction));
}

/* "+05:30", "-02:30", "11:00": minutes east of UTC. */
static bool parse_fixed_offset(struct str zone, int32_t *offset_s)
{
    struct str hour, minute;
    int64_t h, m;
    bool negative = zone.n && zone.p[0] == '-';
    if (negative || (zone.n && zone.p[0] == '+'))
        zone = str_sub(zone, 1, zone.n);
    if (!str_cut(zone, ':', &hour, &minute) || hour.n > 2 || minute.n != 2 ||
        !str_to_int64(hour, &h) || !str_to_int64(minute, &m) || h < 0 || h > 23 || m < 0 || m > 59)
        return false;
    int32_t s = (int32_t)(h * 3600 + m * 60);
    *offset_s = negative ? -s : s;
    return true;
}

#define ZONE_COST 50u /* reading and searching a zone file, in cost units */

/* The civil time of arg[0] in the zone arg[1], UTC without one. */
static bool civil_of(struct cel_call *call, const struct value *arg, size_t arg_count,
                     struct civil *out, struct value *bad)
{
    int32_t offset_s = 0;
    if (arg_count > 1) {
        struct str zone = value_text(arg[1]);
        struct err err = { 0 };
        bool fixed = str_find_char(zone, ':', 0) != SIZE_MAX;
        if (!lib_charge_items(call, fixed ? 1 : ZONE_COST, bad))
            return false;
        if (fixed && !parse_fixed_offset(zone, &offset_s)) {
            *bad = lib_error(call, "\"%.*s\" is not a time zone; use an IANA name or \"+hh:mm\"",
                             STR_ARG(str_sub(zone, 0, 80)));
            return false;
        }
        if (!fixed && !zone_offset(zone, arg[0].as.i, &offset_s, &err)) {
            *bad = lib_error(call, "%s", err.text);
            return false;
        }
    }
    *out = clock_civil(arg[0].as.i + offset_s);
    return true;
}

/* The getters of a timestamp, one field each. */
#define CIVIL_GETTER(name, expression)                                                  \
    struct value name(struct cel_call *call, const struct value *arg, size_t arg_count) \
    {                                                                                   \
        struct civil c;                                                                 \
        struct value bad;                                                               \
        return civil_of(call, arg, arg_count, &c, &bad) ? value_int(expression) : bad;  \
    }
CIVIL_GETTER(cel_timestamp_year, c.year)
CIVIL_GETTER(cel_timestamp_month, c.month - 1)
CIVIL_GETTER(cel_timestamp_date, c.day)
CIVIL_GETTER(cel_timestamp_day_of_month, c.day - 1)
CIVIL_GETTER(cel_timestamp_day_of_week, c.weekday)
CIVIL_GETTER(cel_timestamp_day_of_year, c.yearday)
CIVIL_GETTER(cel_timestamp_hours, c.hour)
CIVIL_GETTER(cel_timestamp_minutes, c.minute)
CIVIL_GETTER(cel_timestamp_seconds, c.second)
CIVIL_GETTER(cel_timestamp_milliseconds, arg[0].n / 1000000)

/* A duration in whole units, cut towards zero. */
static struct value whole_units(const struct value *arg, int64_t unit_ns)
{
    return value_int((int64_t)(total_ns(arg[0]) / unit_ns));
}

struct value cel_duration_hours(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    (void)call, (void)arg_count;
    return whole_units(arg, 3600LL * NS_PER_S);
}

struct value cel_duration_minutes(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    (void)call, (void)arg_count;
    return whole_units(arg, 60LL * NS_PER_S);
}

struct value cel_duration_seconds(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    (void)call, (void)arg_count;
    return whole_units(arg, NS_PER_S);
}

struct value cel_duration_milliseconds(struct cel_call *call, const struct value *arg,
                                       size_t arg_count)
{
    (void)call, (void)arg_count;
    return whole_units(arg, 1000000);
}
