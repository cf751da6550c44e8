/* The Date header of HTTP: "Sat, 21 Nov 2026 07:00:00 GMT" (RFC 9110 section 5.6.7, the preferred
 * form). */
#include "base/http_date.h"

#include "base/names.h"

static bool number(struct str s, int *out)
{
    int64_t n;
    if (!str_to_int64(s, &n) || n < 0 || n > 9999)
        return false;
    *out = (int)n;
    return true;
}

bool http_date_parse(struct str s, struct instant *out)
{
    static const char *const month[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
    struct civil c = { 0 };
    int year;
    /* Fixed columns: day name 0, day 5, month 8, year 12, time 17, GMT 26. */
    if (s.n != 29 || !str_eq(str_sub(s, 25, 29), STR(" GMT")) || s.p[3] != ',' || s.p[19] != ':' ||
        s.p[22] != ':')
        return false;
    int m = names_find(month, 12, str_sub(s, 8, 11));
    if (m < 0 || !number(str_sub(s, 5, 7), &c.day) || !number(str_sub(s, 12, 16), &year) ||
        !number(str_sub(s, 17, 19), &c.hour) || !number(str_sub(s, 20, 22), &c.minute) ||
        !number(str_sub(s, 23, 25), &c.second))
        return false;
    c.month = m + 1;
    c.year = year;
    *out = (struct instant){ clock_seconds(c), 0 };
    return true;
}
