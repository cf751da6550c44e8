/* Manifests that anybody may write: each document gives objects, or a fault with its place, never a crash. */
#include "cluster/manifest_set.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a = { 0 };
    struct manifest_set s = { .arena = &a, .values_max = 20000 };
    size_t kept = 0, other = 0;
    manifest_set_read_text(&s, (struct str){ (const char *)data, size }, "fuzz.yaml", 0);
    for (size_t k = 0; k < KIND_COUNT; k++) {
        kept += s.object[k].count;
        for (size_t i = 0; i < s.object[k].count; i++)
            if (!value_text_at(s.object[k].item[i], "metadata", "name", NULL).n)
                __builtin_trap();
    }
    for (size_t i = 0; i < s.other.count; i++)
        other += s.other.item[i].count;
    if (kept + other > s.object_count || (kept + other < s.object_count && !s.fault.count))
        __builtin_trap(); /* an object was lost in silence */
    for (size_t i = 0; i < s.fault.count; i++) {
        if (!str_has_prefix(s.fault.item[i].text, STR("fuzz.yaml:")))
            __builtin_trap();
        for (size_t k = 0; k < KIND_COUNT; k++)
            if (kind_set_has(s.fault.item[i].kinds, (enum kind)k) && !manifest_set_gap(&s, &a, (enum kind)k).n)
                __builtin_trap();
    }
    for (size_t i = 0; i < s.passed.count; i++)
        if (!str_has_prefix(s.passed.item[i].where, STR("fuzz.yaml:")))
            __builtin_trap();
    arena_release(&a);
    return 0;
}
