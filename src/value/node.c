/* A YAML tree's nodes as values. */
#include "value/yaml.h"

const struct node *node_get(const struct node *map, const char *key)
{
    struct str wanted = str_from_c(key);
    if (!map || map->kind != NODE_MAP) {
        return NULL;
    }
    for (size_t i = 0; i + 1 < map->child_count; i += 2) {
        if (str_eq(map->child[i].text, wanted)) {
            return &map->child[i + 1];
        }
    }
    return NULL;
}

/* The fewest digits that give d back, as Go's FormatFloat(d, 'g', -1, 64) finds them. */
static struct str double_text(struct arena *a, double d)
{
    if (d != d) {
        return STR(".nan");
    }
    if (d > 1.7976931348623157e308 || d < -1.7976931348623157e308) {
        return d > 0 ? STR(".inf") : STR("-.inf");
    }
    for (int digits = 1;; digits++) {
        struct str text = str_printf(a, "%.*g", digits, d);
        double back;
        if (digits >= 17 || (str_to_double(text, &back) && back == d)) {
            return text;
        }
    }
}

struct str node_key_text(struct arena *a, const struct node *key)
{
    struct value v = key->scalar;
    if (key->kind == NODE_SCALAR && v.kind == VALUE_STRING) {
        return value_text(v);
    }
    if (key->kind == NODE_SCALAR && v.kind == VALUE_BOOL) {
        return v.as.b ? STR("true") : STR("false");
    }
    if (key->kind == NODE_SCALAR && v.kind == VALUE_INT) {
        return str_printf(a, "%lld", (long long)v.as.i);
    }
    if (key->kind == NODE_SCALAR && v.kind == VALUE_UINT) {
        return str_printf(a, "%llu", (unsigned long long)v.as.u);
    }
    if (key->kind == NODE_SCALAR && v.kind == VALUE_DOUBLE) {
        return double_text(a, v.as.d);
    }
    return (struct str){ 0 };
}

struct value node_value(struct arena *a, const struct node *n)
{
    if (n->kind == NODE_SCALAR) {
        return n->scalar;
    }
    if (n->kind == NODE_LIST) {
        struct value *item = arena_array(a, struct value, n->child_count);
        for (size_t i = 0; i < n->child_count; i++) {
            item[i] = node_value(a, &n->child[i]);
        }
        return value_list(item, n->child_count);
    }
    size_t count = n->child_count / 2;
    struct value_entry *entry = arena_array(a, struct value_entry, count);
    for (size_t i = 0; i < count; i++) {
        entry[i].key = value_str(node_key_text(a, &n->child[2 * i]));
        entry[i].val = node_value(a, &n->child[2 * i + 1]);
    }
    return value_map(a, entry, count);
}
