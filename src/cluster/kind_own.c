/* Kinds that a benchmark brings with it: rows that are filled while benchmarks are loaded. See
 * docs/adr/0013-kinds-of-a-benchmark.md. */
#include "cluster/kind_own.h"

#include <string.h>

#define NAME_BYTES 254u /* of a DNS name, the longest that a group can be */

struct row {
    struct kind_info info;
    char group[NAME_BYTES], resource[NAME_BYTES], name[NAME_BYTES],
        versions[KIND_OWN_VERSIONS_MAX + 1];
};
/* Whoever asks for a kind's row has no benchmark at hand: this is the one table of the program that
 * is written to. */
static struct {
    struct row row[KIND_OWN_MAX + KIND_GATHERED_MAX];
    size_t count;
} own;

static const struct kind_info undeclared = { .group = KIND_UNDECLARED,
                                             .resource = KIND_UNDECLARED,
                                             .name = KIND_UNDECLARED,
                                             .scope = SCOPE_CLUSTER,
                                             .stage = STAGE_EARLY,
                                             .keep = KEEP_WHOLE,
                                             .versions = KIND_UNDECLARED };

const struct kind_info *kind_own_info(enum kind k)
{
    size_t i = (size_t)k - KIND_OWN;
    return i < own.count ? &own.row[i].info : &undeclared;
}

bool kind_is_declared(enum kind k)
{
    return k < KIND_OWN || (size_t)k - KIND_OWN < own.count;
}

size_t kind_count(void)
{
    return KIND_OWN + own.count;
}

void kind_forget_own(void)
{
    own.count = 0;
}

static bool is_same(const struct kind_info *i, const struct kind_declaration *d)
{
    return str_eq_c(d->name, i->name) && str_eq_c(d->resource, i->resource) &&
           str_eq_c(d->versions, i->versions) && d->scope == i->scope;
}

static void copy(char *to, struct str from)
{
    if (from.n)
        memcpy(to, from.p, from.n);
    to[from.n] = '\0';
}

/* There is room for it, and its texts fit. */
static struct kind_info *add_row(const struct kind_declaration *d, enum kind_stage stage,
                                 enum kind_keep keep)
{
    struct row *r = &own.row[own.count++];
    copy(r->group, d->group);
    copy(r->resource, d->resource);
    copy(r->name, d->name);
    copy(r->versions, d->versions);
    r->info = (struct kind_info){ .group = r->group,
                                  .resource = r->resource,
                                  .name = r->name,
                                  .scope = d->scope,
                                  .stage = stage,
                                  .keep = keep,
                                  .versions = r->versions };
    return &r->info;
}

bool kind_declare(const struct kind_declaration *d, struct err *err)
{
    if (str_find_char(d->group, '.', 0) == SIZE_MAX)
        return err_set(err, ERR_INPUT, "\"%.*s\" is no group of custom resources, which has a dot",
                       STR_ARG(d->group));
    if (!d->versions.n || d->versions.n > KIND_OWN_VERSIONS_MAX || d->group.n >= NAME_BYTES ||
        d->resource.n >= NAME_BYTES || d->name.n >= NAME_BYTES)
        return err_set(err, ERR_INPUT, "versions, group or names are missing or too long");
    for (size_t k = 0; k < KIND_COUNT; k++) {
        const struct kind_info *i = kind_info((enum kind)k);
        if (!str_eq_c(d->group, i->group) ||
            (!str_eq_c(d->resource, i->resource) && !str_eq_c(d->name, i->name)))
            continue;
        if (k < KIND_OWN)
            return err_set(err, ERR_INPUT,
                           "%s of group %s are known already: leave them out of \"kinds\"",
                           i->resource, i->group);
        return is_same(i, d) ||
               err_set(err, ERR_INPUT, "%s of group %s are declared otherwise before", i->resource,
                       i->group);
    }
    if (own.count >= KIND_OWN_MAX)
        return err_set(err, ERR_INPUT,
                       "there are %u kinds of benchmarks' own already, the most there can be",
                       KIND_OWN_MAX);
    (void)add_row(d, STAGE_EARLY, KEEP_WHOLE);
    return true;
}

static bool fits(struct str name)
{
    return name.n && name.n < NAME_BYTES;
}

enum kind kind_enter(const struct kind_declaration *d, bool is_guessed)
{
    for (size_t i = 0; i < own.count; i++)
        if (str_eq_c(d->group, own.row[i].group) && str_eq_c(d->name, own.row[i].name))
            return (enum kind)(KIND_OWN + i);
    if (own.count >= COUNT_OF(own.row) || d->group.n >= NAME_BYTES || !fits(d->resource) ||
        !fits(d->name))
        return KIND_NONE;
    struct kind_info *added = add_row(d, STAGE_STREAM, KEEP_NONE);
    added->is_gathered = true;
    added->is_guessed = is_guessed;
    return (enum kind)(KIND_OWN + own.count - 1);
}

void kind_settle(enum kind k, struct str resource, enum kind_scope scope)
{
    struct row *r = &own.row[k - KIND_OWN];
    INVARIANT(k >= KIND_OWN && r->info.is_gathered);
    if (!fits(resource))
        return;
    copy(r->resource, resource);
    r->info.scope = scope;
    r->info.is_guessed = false;
}
