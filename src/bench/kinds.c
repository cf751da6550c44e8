/* The kinds that a benchmark brings with it. */
#include "bench/kinds.h"

#include "cluster/kind_own.h"

static bool is_lower_or_digit(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* Of letters, digits and dashes between dots, as names of the API are. */
static bool is_name(struct str s, bool dots)
{
    bool ok = s.n > 0 && s.n < 254;
    for (size_t i = 0; ok && i < s.n; i++) {
        bool edge = i == 0 || i + 1 == s.n || s.p[i - 1] == '.' || s.p[i + 1] == '.';
        ok = is_lower_or_digit(s.p[i]) || (!edge && s.p[i] == '-') ||
             (dots && s.p[i] == '.' && i > 0 && i + 1 < s.n && s.p[i - 1] != '.');
    }
    return ok;
}

static bool is_kind_name(struct str s)
{
    bool ok = s.n > 0 && s.n < 64 && s.p[0] >= 'A' && s.p[0] <= 'Z';
    for (size_t i = 0; ok && i < s.n; i++)
        ok = is_lower_or_digit(s.p[i]) || (s.p[i] >= 'A' && s.p[i] <= 'Z');
    return ok;
}

/* "v1", "v1beta2". */
static bool is_version(struct str s)
{
    return is_name(s, false) && s.n > 1 && s.p[0] == 'v' && s.p[1] >= '1' && s.p[1] <= '9';
}

static bool is_sound(const struct reading *r, const struct kind_doc *d)
{
    /* faulty ones are told already */
    bool ok = d->group_pos.line && d->resource_pos.line && d->name_pos.line && d->versions_pos.line;
    if (d->group_pos.line && !is_name(d->group, true))
        ok = fault_at(r, d->group_pos, "group: \"%.*s\" is no API group such as example.com",
                      STR_ARG(d->group));
    if (d->resource_pos.line && !is_name(d->resource, false))
        ok = fault_at(r, d->resource_pos,
                      "resource: \"%.*s\" is no plural name of a resource such as widgets",
                      STR_ARG(d->resource));
    if (d->name_pos.line && !is_kind_name(d->name))
        ok = fault_at(r, d->name_pos, "kind: \"%.*s\" is no kind such as Widget", STR_ARG(d->name));
    if (d->versions_pos.line && !d->version.count)
        ok = fault_at(
            r, d->versions_pos,
            "versions: name those that the checks are written for, the one to ask for first");
    for (size_t i = 0; d->versions_pos.line && i < d->version.count; i++)
        if (!is_version(d->version.item[i]))
            ok = fault_at(r, d->versions_pos, "versions: \"%.*s\" is no version such as v1beta1",
                          STR_ARG(d->version.item[i]));
    return ok;
}

void kinds_declare(const struct reading *r, const struct decode_list *docs)
{
    const struct kind_doc *d = docs->item;
    for (size_t i = 0; i < docs->count; i++) {
        struct err err = { 0 };
        if (!is_sound(r, &d[i]))
            continue;
        const struct kind_declaration declared = { d[i].group, d[i].resource, d[i].name,
                                                   str_join(r->arena, d[i].version.item,
                                                            d[i].version.count, STR(" ")),
                                                   (enum kind_scope)d[i].scope };
        if (!kind_declare(&declared, &err))
            (void)fault_at(r, d[i].resource_pos, "kinds: %s", err.text);
    }
}
