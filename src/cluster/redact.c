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

static bool may_hold_credentials(struct str key)
{
    static const char *const name[] = { "annotations", "args", "binaryData", "command", "data", "stringData" };
    for (size_t i = 0; i < sizeof name / sizeof *name; i++)
        if (str_eq_c(key, name[i]))
            return true;
    return false;
}

struct value redact_quoted(struct arena *a, struct value v)
{
    struct value_builder b;
    value_builder_init(&b, a);
    if (v.kind == VALUE_LIST) {
        for (size_t i = 0; i < v.n; i++)
            value_builder_push(&b, redact_quoted(a, value_item(v, i)));
        return value_builder_list(&b);
    }
    if (v.kind != VALUE_MAP)
        return v;
    bool is_env = value_get(v, STR("name")) && value_text_at(v, "value", NULL).n;
    for (uint32_t i = 0; i < v.n; i++) {
        struct value key = v.as.map->entry[i].key, val = v.as.map->entry[i].val;
        bool hide = (is_env && str_eq(value_text(key), STR("value"))) ||
                    (may_hold_credentials(value_text(key)) && (val.kind == VALUE_LIST || val.kind == VALUE_MAP) && val.n > 0);
        value_builder_put(&b, key, hide ? value_cstr("(not quoted)") : redact_quoted(a, val));
    }
    return value_builder_map(&b);
}
