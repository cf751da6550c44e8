/* Checks that are like those of another benchmark. */
#include "bench/derive.h"

/* How a check judges: one of the first replaces the base's way whole, the others change it. */
static const char *const way_key[] = { "over", "parts", "attestation", "unanswered" };
static const char *const judging_key[] = { "over",       "parts",           "attestation",
                                           "unanswered", "matchConditions", "exceptions",
                                           "variables",  "validations",     "evidence",
                                           "seen",       "wanted",          "defaulted",
                                           "provenance" };

static bool is_among(struct str key, const char *const *name, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (str_eq_c(key, name[i]))
            return true;
    return false;
}

static bool has_any(const struct node *map, const char *const *name, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (node_get(map, name[i]))
            return true;
    return false;
}

/* The row's own keys, and those of the base that it does not replace. */
static struct node complete(struct arena *a, const struct node *row, const struct node *base)
{
    bool own_way = has_any(row, way_key, COUNT_OF(way_key));
    struct node out = *row;
    out.child = arena_array(a, struct node, row->child_count + base->child_count);
    if (row->child_count)
        memcpy(out.child, row->child, row->child_count * sizeof *row->child);
    for (size_t i = 0; i + 1 < base->child_count; i += 2) {
        struct str key = base->child[i].text;
        bool dropped = own_way && is_among(key, judging_key, COUNT_OF(judging_key));
        if (dropped || str_eq_c(key, "like") || node_get(row, str_to_c(a, key)))
            continue;
        out.child[out.child_count++] = base->child[i];
        out.child[out.child_count++] = base->child[i + 1];
    }
    return out;
}

/* "2.1": of the base; "cis-kubernetes-2.0.1/1.2.1": of that one among the base, its base and so on.
 * *levels: how many up. */
static const struct derived_check *find_base(const struct bench_sources *out,
                                             const struct reading *read, const struct node *like,
                                             unsigned *levels)
{
    const struct bench_sources *from = out->base;
    struct str id = like->text, of, rest;
    const struct derived_check *found;
    *levels = 1;
    if (!from) {
        (void)fault_at(read, like->pos, "like: there is no \"base\" to take checks from");
        return NULL;
    }
    if (like->kind == NODE_SCALAR && str_cut(id, '/', &of, &rest)) {
        for (; from && !str_eq(from->id, of); from = from->base)
            ++*levels;
        id = rest;
    }
    if (!from) {
        (void)fault_at(read, like->pos,
                       "like: \"%.*s\" is no base of this benchmark, nor a base of one",
                       STR_ARG(of));
        return NULL;
    }
    found = like->kind == NODE_SCALAR ? map_get(&from->check, id) : NULL;
    const char **name = arena_array(read->arena, const char *, from->check.count);
    for (size_t i = 0; i < from->check.count && !found; i++)
        name[i] = str_to_c(read->arena, from->check.entry[i].key);
    if (!found)
        (void)fault_at(read, like->pos, "like: %.*s has no check \"%.*s\"%.*s", STR_ARG(from->id),
                       STR_ARG(id), STR_ARG(fault_hint(read, name, from->check.count, id)));
    return found;
}

/* False: the row cannot be completed. */
static bool derive_row(struct bench_sources *out, const struct reading *read, struct node *row)
{
    struct derived_check *d = arena_new(read->arena, struct derived_check);
    const struct node *id = node_get(row, "id"), *like = node_get(row, "like");
    d->parent = like ? find_base(out, read, like, &d->levels) : NULL;
    if (like && !d->parent)
        return false;
    d->inherited = like && !has_any(row, judging_key, COUNT_OF(judging_key));
    if (like)
        *row = complete(read->arena, row, d->parent->node);
    d->id = id && id->kind == NODE_SCALAR ? id->text : (struct str){ 0 };
    d->node = row;
    d->origin = like ? d->parent->origin
                     : str_printf(read->arena, "%.*s/%.*s", STR_ARG(out->id), STR_ARG(d->id));
    if (d->id.n && !map_has(&out->check, d->id))
        map_put(&out->check, d->id, d);
    return true;
}

const struct node *derive_checks(struct bench_sources *out, const struct reading *read,
                                 const struct node *doc)
{
    const struct node *list = node_get(doc, "checks");
    if (!list || list->kind != NODE_LIST)
        return doc;
    struct node *all = arena_new(read->arena, struct node), checks = *list;
    checks.child = arena_array(read->arena, struct node, list->child_count);
    checks.child_count = 0;
    for (size_t i = 0; i < list->child_count; i++) {
        struct node *row = &checks.child[checks.child_count];
        *row = list->child[i];
        checks.child_count += row->kind != NODE_MAP || derive_row(out, read, row);
    }
    *all = *doc;
    all->child = arena_array(read->arena, struct node, doc->child_count);
    memcpy(all->child, doc->child, doc->child_count * sizeof *doc->child);
    for (size_t i = 0; i + 1 < all->child_count; i += 2)
        if (str_eq_c(all->child[i].text, "checks"))
            all->child[i + 1] = checks;
    return all;
}
