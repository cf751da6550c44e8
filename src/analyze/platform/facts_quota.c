/* What namespaces may take, by quotas and by ranges of limits: two facts. */
#include "analyze/facts_state.h"

#include "base/map.h"
#include <stdlib.h>

typedef VEC(struct str) texts;

static texts *texts_of(struct map *by_namespace, struct arena *a, struct str ns)
{
    texts *t = map_get(by_namespace, ns);
    if (t)
        return t;
    t = arena_new(a, texts);
    map_put(by_namespace, ns, t);
    return t;
}

static void add_keys(texts *t, struct arena *a, const char *prefix, const struct value *of)
{
    for (uint32_t i = 0; of && of->kind == VALUE_MAP && i < of->n; i++)
        *VEC_PUSH(t, a) =
            str_printf(a, "%s%.*s", prefix, STR_ARG(value_text(of->as.map->entry[i].key)));
}

static int by_text(const void *a, const void *b)
{
    return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

static struct value map_of(struct map *by_namespace, struct arena *a)
{
    struct value_builder b;
    value_builder_init(&b, a);
    for (size_t i = 0; i < by_namespace->count; i++) {
        texts *t = by_namespace->entry[i].val;
        struct value_builder list;
        value_builder_init(&list, a);
        if (t->count)
            qsort(t->item, t->count, sizeof *t->item, by_text);
        for (size_t k = 0; k < t->count; k++)
            if (!k || !str_eq(t->item[k - 1], t->item[k]))
                value_builder_push(&list, value_str(t->item[k]));
        value_builder_put(&b, value_str(by_namespace->entry[i].key), value_builder_list(&list));
    }
    return value_builder_map(&b);
}

/* Scopes narrow a quota to some pods: another pod is not bounded by it. */
static bool is_scoped(struct value object)
{
    const struct value *scopes = value_at(object, "spec", "scopes", NULL),
                       *selector = value_at(object, "spec", "scopeSelector", NULL);
    return (scopes && scopes->kind == VALUE_LIST && scopes->n) ||
           (selector && selector->kind == VALUE_MAP && selector->n);
}

struct value make_resource_quotas(struct facts *f)
{
    struct map by_namespace;
    map_init(&by_namespace, f->arena);
    if (!facts_saw(f, KIND_RESOURCEQUOTAS))
        return facts_gap_kind(f, f->arena, KIND_RESOURCEQUOTAS);
    for (size_t i = 0; i < f->cluster->kept[KIND_RESOURCEQUOTAS].count; i++) {
        struct value object = f->cluster->kept[KIND_RESOURCEQUOTAS].item[i];
        if (!is_scoped(object))
            add_keys(texts_of(&by_namespace, f->arena,
                              value_text_at(object, "metadata", "namespace", NULL)),
                     f->arena, "", value_at(object, "spec", "hard", NULL));
    }
    return map_of(&by_namespace, f->arena);
}

struct value make_limit_ranges(struct facts *f)
{
    static const char *const part[] = { "default", "defaultRequest", "max" };
    struct map by_namespace;
    map_init(&by_namespace, f->arena);
    if (!facts_saw(f, KIND_LIMITRANGES))
        return facts_gap_kind(f, f->arena, KIND_LIMITRANGES);
    for (size_t i = 0; i < f->cluster->kept[KIND_LIMITRANGES].count; i++) {
        struct value object = f->cluster->kept[KIND_LIMITRANGES].item[i];
        const struct value *limits = value_at(object, "spec", "limits", NULL);
        texts *t =
            texts_of(&by_namespace, f->arena, value_text_at(object, "metadata", "namespace", NULL));
        for (uint32_t k = 0; limits && limits->kind == VALUE_LIST && k < limits->n; k++)
            for (size_t p = 0;
                 str_eq_c(value_text_at(value_item(*limits, k), "type", NULL), "Container") &&
                 p < COUNT_OF(part);
                 p++)
                add_keys(t, f->arena, str_to_c(f->arena, str_printf(f->arena, "%s.", part[p])),
                         value_get(value_item(*limits, k), str_from_c(part[p])));
    }
    return map_of(&by_namespace, f->arena);
}
