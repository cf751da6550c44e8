/* What a recording, and what a report, must not hold of an object. */
#include "cluster/redact.h"

static struct value redact_env(struct arena *a, struct value env)
{
    struct value_builder list;
    value_builder_init(&list, a);
    for (size_t i = 0; i < env.n; i++) {
        struct value e = value_item(env, i);
        const struct value *literal = e.kind == VALUE_MAP ? value_get(e, STR("value")) : NULL;
        if (!literal) {
            value_builder_push(&list, e);
            continue;
        }
        struct value_builder b;
        value_builder_init(&b, a);
        for (uint32_t k = 0; k < e.n; k++) {
            struct value key = e.as.map->entry[k].key, val = e.as.map->entry[k].val;
            if (str_eq(value_text(key), STR("value")))
                val = value_str(str_printf(a, "(redacted, %u bytes)", val.kind == VALUE_STRING ? val.n : 0));
            value_builder_put(&b, key, val);
        }
        value_builder_push(&list, value_builder_map(&b));
    }
    return value_builder_list(&list);
}

/* Recursion is bounded: the reader limits nesting (JSON_DEPTH_MAX). */
static struct value redact_value(struct arena *a, struct value v)
{
    struct value_builder b;
    value_builder_init(&b, a);
    if (v.kind == VALUE_LIST) {
        for (size_t i = 0; i < v.n; i++)
            value_builder_push(&b, redact_value(a, value_item(v, i)));
        return value_builder_list(&b);
    }
    if (v.kind != VALUE_MAP)
        return v;
    for (uint32_t i = 0; i < v.n; i++) {
        struct value key = v.as.map->entry[i].key, val = v.as.map->entry[i].val;
        bool is_env = str_eq(value_text(key), STR("env")) && val.kind == VALUE_LIST;
        value_builder_put(&b, key, is_env ? redact_env(a, val) : redact_value(a, val));
    }
    return value_builder_map(&b);
}

struct value redact_object(struct arena *a, struct value object)
{
    return redact_value(a, object);
}
