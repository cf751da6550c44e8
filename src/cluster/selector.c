/* Label selectors of Kubernetes objects: {matchLabels, matchExpressions}. */
#include "cluster/selector.h"

/* Missing, null, or an empty list or map. */
static bool is_empty_part(const struct value *v)
{
    return !v || v->kind == VALUE_NULL ||
           ((v->kind == VALUE_MAP || v->kind == VALUE_LIST) && v->n == 0);
}

bool selector_is_everything(struct value selector)
{
    return selector.kind == VALUE_MAP && is_empty_part(value_get(selector, STR("matchLabels"))) &&
           is_empty_part(value_get(selector, STR("matchExpressions")));
}

static bool labels_match(const struct value *wanted, struct value labels)
{
    if (is_empty_part(wanted))
        return true;
    if (wanted->kind != VALUE_MAP)
        return false;
    for (uint32_t i = 0; i < wanted->n; i++) {
        const struct value_entry *e = &wanted->as.map->entry[i];
        const struct value *has = value_get(labels, value_text(e->key));
        if (!has || has->kind != VALUE_STRING || !value_equal(*has, e->val))
            return false;
    }
    return true;
}

static bool is_in(struct value list, struct value text)
{
    for (uint32_t i = 0; list.kind == VALUE_LIST && i < list.n; i++) {
        if (value_equal(value_item(list, i), text))
            return true;
    }
    return false;
}

static bool expression_matches(struct value e, struct value labels)
{
    const struct value *list = value_get(e, STR("values"));
    const struct value *label = value_get(labels, value_text_at(e, "key", NULL));
    struct str op = value_text_at(e, "operator", NULL);
    struct value values = list ? *list : value_null();
    if (str_eq_c(op, "In"))
        return label && is_in(values, *label);
    if (str_eq_c(op, "NotIn"))
        return !label || !is_in(values, *label);
    if (str_eq_c(op, "Exists"))
        return label != NULL;
    return str_eq_c(op, "DoesNotExist") && !label;
}

bool selector_matches(struct value selector, struct value labels)
{
    if (selector.kind != VALUE_MAP ||
        !labels_match(value_get(selector, STR("matchLabels")), labels))
        return false;
    const struct value *expressions = value_get(selector, STR("matchExpressions"));
    if (is_empty_part(expressions))
        return true;
    if (expressions->kind != VALUE_LIST)
        return false;
    for (uint32_t i = 0; i < expressions->n; i++) {
        if (!expression_matches(value_item(*expressions, i), labels))
            return false;
    }
    return true;
}
