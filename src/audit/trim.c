#include "audit/trim.h"

/* Counted for every value, so that many small ones end the copy too. */
#define VALUE_COST 16u

struct str trim_text(struct arena *a, struct str text, size_t max)
{
    size_t end = max;
    if (text.n <= max)
        return str_dup(a, text);
    while (end && ((unsigned char)text.p[end] & 0xc0u) == 0x80u)
        end--;
    return str_printf(a, "%.*s ... (%zu bytes more)", (int)end, text.p, text.n - end);
}

static void spend(size_t *left, size_t cost)
{
    *left -= cost < *left ? cost : *left;
}

static struct value copy(struct arena *a, struct value v, size_t *left);

static struct value copy_list(struct arena *a, struct value list, size_t *left)
{
    struct value_builder b;
    size_t i = 0;
    value_builder_init(&b, a);
    for (; i < list.n && i < FINDING_LIST_ITEMS && *left; i++)
        value_builder_push(&b, copy(a, value_item(list, i), left));
    if (i < list.n)
        value_builder_push(&b, value_str(str_printf(a, "... (%zu more)", list.n - i)));
    return value_builder_list(&b);
}

static struct value copy_map(struct arena *a, struct value map, size_t *left)
{
    struct value_builder b;
    size_t i = 0;
    value_builder_init(&b, a);
    for (; i < map.n && i < FINDING_LIST_ITEMS && *left; i++) {
        struct value key = copy(a, map.as.map->entry[i].key, left);
        value_builder_put(&b, key, copy(a, map.as.map->entry[i].val, left));
    }
    if (i < map.n)
        value_builder_set(&b, "...", value_str(str_printf(a, "(%zu more)", map.n - i)));
    return value_builder_map(&b);
}

static struct value copy(struct arena *a, struct value v, size_t *left)
{
    spend(left, VALUE_COST);
    if (v.kind == VALUE_LIST)
        return copy_list(a, v, left);
    if (v.kind == VALUE_MAP)
        return copy_map(a, v, left);
    if (v.kind != VALUE_STRING)
        return value_dup(a, v);
    struct str text = trim_text(a, value_text(v), FINDING_TEXT_BYTES);
    spend(left, text.n);
    return value_str(text);
}

/* The rows of the evidence share the budget evenly: a long first one must not hide the others. */
struct value trim_evidence(struct arena *a, struct value evidence)
{
    struct value_builder b;
    if (evidence.kind != VALUE_MAP || !evidence.n)
        return value_dup(a, evidence);
    value_builder_init(&b, a);
    for (size_t i = 0; i < evidence.n; i++) {
        size_t left = FINDING_EVIDENCE_BYTES / evidence.n;
        value_builder_put(&b, value_dup(a, evidence.as.map->entry[i].key), copy(a, evidence.as.map->entry[i].val, &left));
    }
    return value_builder_map(&b);
}
