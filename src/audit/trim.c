/* What a finding keeps of a judgement: whoever may write objects decides how long names, rules and
 * annotations are. */
#include "audit/trim.h"

#include "value/taint.h"

/* There may be hundreds of thousands of findings: each copy takes exactly the memory it needs.
 *
 * Counted for every value, so that many small ones end the copy too. */
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
    uint32_t most = list.n < FINDING_LIST_ITEMS ? list.n : FINDING_LIST_ITEMS, i = 0;
    struct value *item = arena_array(a, struct value, most + (size_t)1);
    for (; i < most && *left; i++)
        item[i] = copy(a, value_item(list, i), left);
    if (i == list.n)
        return value_list(item, i);
    item[i] = value_str(str_printf(a, "... (%u more)", list.n - i));
    return value_list(item, i + 1);
}

static struct value copy_map(struct arena *a, struct value map, size_t *left)
{
    uint32_t most = map.n < FINDING_LIST_ITEMS ? map.n : FINDING_LIST_ITEMS, i = 0;
    struct value_entry *entry = arena_array(a, struct value_entry, most + (size_t)1);
    for (; i < most && *left; i++) {
        entry[i].key = copy(a, map.as.map->entry[i].key, left);
        entry[i].val = copy(a, map.as.map->entry[i].val, left);
    }
    if (i == map.n)
        return value_map(a, entry, i);
    entry[i] =
        (struct value_entry){ value_cstr("..."), value_str(str_printf(a, "(%u more)", map.n - i)) };
    return value_map(a, entry, i + 1);
}

static struct value copy(struct arena *a, struct value v, size_t *left)
{
    spend(left, VALUE_COST);
    if (taint_hides(v))
        return value_str(taint_text(a, v));
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
    if (evidence.kind != VALUE_MAP || !evidence.n)
        return value_dup(a, evidence);
    struct value_entry *entry = arena_array(a, struct value_entry, evidence.n);
    for (uint32_t i = 0; i < evidence.n; i++) {
        size_t left = FINDING_EVIDENCE_BYTES / evidence.n;
        entry[i].key = value_dup(a, evidence.as.map->entry[i].key);
        entry[i].val = copy(a, evidence.as.map->entry[i].val, &left);
    }
    return value_map(a, entry, evidence.n);
}
