/* Editions of a benchmark: which range of Kubernetes one is written for, and what is known of a
 * newer one. */
#include "bench/edition.h"

#include "base/file.h"

#include <unistd.h>

static bool minor_of(struct str version, int64_t *out)
{
    struct str major, minor;
    return str_cut(str_trim(version), '.', &major, &minor) && str_eq(major, STR("1")) &&
           str_to_int64(minor, out) && *out >= 0;
}

bool edition_range(struct str kubernetes, int64_t *from, int64_t *to)
{
    struct str low, high;
    int64_t first, last;
    if (!str_cut(kubernetes, '-', &low, &high))
        high = low;
    if (!minor_of(low, &first) || !minor_of(high, &last) || first > last)
        return false;
    *from = first, *to = last;
    return true;
}

bool edition_covers(struct str kubernetes, int minor)
{
    int64_t from, to;
    return minor >= 0 && edition_range(kubernetes, &from, &to) && minor >= from && minor <= to;
}

/* "2.0.1" behind "1.12": numbers between dots. Negative: one of them is no version. */
static int is_newer(struct str version, struct str than)
{
    for (bool more = true; more;) {
        struct str a, b;
        int64_t x = 0, y = 0;
        bool more_a = str_cut(version, '.', &a, &version), more_b = str_cut(than, '.', &b, &than);
        if ((a.n && !str_to_int64(a, &x)) || (b.n && !str_to_int64(b, &y)))
            return -1;
        if (x != y)
            return x > y;
        more = more_a || more_b;
    }
    return 0;
}

/* "2026" or "2026-03". */
static bool is_date(struct str s)
{
    struct str year, month;
    int64_t y, m = 1;
    bool has_month = str_cut(s, '-', &year, &month);
    return year.n == 4 && str_to_int64(year, &y) && y >= 2000 &&
           (!has_month || (month.n == 2 && str_to_int64(month, &m) && m >= 1 && m <= 12));
}

void edition_check(const struct reading *r, const struct edition_doc *d, struct str version)
{
    const struct edition *e = &d->edition;
    int64_t from, to;
    if (d->kubernetes_pos.line && !edition_range(e->kubernetes, &from, &to))
        (void)fault_at(
            r, d->kubernetes_pos,
            "supersededBy: \"%.*s\" is no range of Kubernetes' versions such as \"1.34 - 1.35\"",
            STR_ARG(e->kubernetes));
    if (d->version_pos.line && is_newer(e->version, version) != 1)
        (void)fault_at(r, d->version_pos,
                       "supersededBy: version \"%.*s\" is not newer than this one, \"%.*s\"",
                       STR_ARG(e->version), STR_ARG(version));
    if (e->published.n && !is_date(e->published))
        (void)fault_at(r, d->published_pos,
                       "supersededBy: published \"%.*s\" is no year, nor year and month",
                       STR_ARG(e->published));
    if (!e->benchmark.n)
        return;
    struct str file = str_printf(r->arena, "%.*s.yaml", STR_ARG(e->benchmark));
    if (str_find_char(file, '/', 0) != SIZE_MAX ||
        access(str_to_c(r->arena, file_join(r->arena, file_dir_of(str_from_c(r->name)), file)),
               R_OK) != 0)
        (void)fault_at(r, d->benchmark_pos, "supersededBy: there is no %.*s beside this file",
                       STR_ARG(file));
}

struct str edition_text(struct arena *a, const struct benchmark *b)
{
    const struct edition *e = &b->superseded_by;
    struct str published = e->published.n ? str_printf(a, ", published %.*s", STR_ARG(e->published))
                                          : (struct str){ 0 };
    struct str note = e->note.n ? str_printf(a, ": %.*s", STR_ARG(e->note)) : (struct str){ 0 };
    struct str name = e->benchmark.n ? str_printf(a, " (--benchmark %.*s)", STR_ARG(e->benchmark))
                                     : (struct str){ 0 };
    if (!e->title.n)
        return (struct str){ 0 };
    return str_printf(a, "%.*s, for Kubernetes %.*s%.*s%.*s%.*s", STR_ARG(e->title),
                      STR_ARG(e->kubernetes), STR_ARG(published), STR_ARG(note), STR_ARG(name));
}
