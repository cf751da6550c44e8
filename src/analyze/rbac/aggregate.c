/* Cluster roles that are put together of others, filled where no controller has done so. */
#include "analyze/rbac/aggregate.h"

#include "base/buf.h"
#include "cluster/selector.h"

struct indexes {
    VEC(uint32_t) item;
};
struct aggregation {
    struct rbac *rbac;
    struct arena scratch;
    /* "key\0value" -> struct indexes *: cluster roles that have the label, ascending */
    struct map by_label;
    /* by role: what its selectors select, ascending; NULL: not looked for yet */
    struct indexes **selected;
    uint32_t *in;            /* by role: the union that it was last added to */
    struct map rule_by_text; /* each distinct rule -> its number, from 1 */
    uint32_t **rule;         /* by role: numbers of its rules; NULL: not numbered yet */
    VEC(uint32_t) rule_in;   /* by number - 1: the union that it was last added to */
    /* numbers of a union's rules -> the rules: roles that get the same share them */
    struct map filled_by_text;
    struct buf text;
    VEC(struct rbac_rule) out;
    VEC(uint32_t) number; /* of those in out */
    uint32_t now;         /* the union that is being made, from 1 */
};

static struct str label_text(struct aggregation *g, struct str key, struct str value)
{
    buf_reset(&g->text);
    buf_add(&g->text, key);
    buf_add_char(&g->text, '\0');
    buf_add(&g->text, value);
    return buf_str(&g->text);
}

static struct value labels_of(const struct rbac_role *role)
{
    const struct value *v = value_at(role->object, "metadata", "labels", NULL);
    return v ? *v : value_null();
}

static void index_labels(struct aggregation *g)
{
    for (size_t i = 0; i < g->rbac->role.count; i++) {
        struct value labels = labels_of(&g->rbac->role.item[i]);
        for (uint32_t k = 0;
             g->rbac->role.item[i].cluster && labels.kind == VALUE_MAP && k < labels.n; k++) {
            const struct value_entry *e = &labels.as.map->entry[k];
            bool created;
            void **at = map_at(&g->by_label, label_text(g, value_text(e->key), value_text(e->val)),
                               &created);
            if (created)
                *at = arena_new(&g->scratch, struct indexes);
            struct indexes *of = *at;
            *VEC_PUSH(&of->item, &g->scratch) = (uint32_t)i;
        }
    }
}

static int by_index(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* Those that the selector selects, among the ones that have its first label where it names any. */
static void select_by(struct aggregation *g, struct indexes *out, struct value selector)
{
    const struct rbac *r = g->rbac;
    const struct value *labels = value_get(selector, STR("matchLabels"));
    bool named = labels && labels->kind == VALUE_MAP && labels->n;
    const struct indexes *of = NULL;
    if (named) {
        const struct value_entry *e = &labels->as.map->entry[0];
        of = map_get(&g->by_label, label_text(g, value_text(e->key), value_text(e->val)));
    }
    size_t count = !named ? r->role.count : of ? of->item.count : 0;
    for (size_t k = 0; k < count; k++) {
        uint32_t i = of ? of->item.item[k] : (uint32_t)k;
        if (r->role.item[i].cluster && selector_matches(selector, labels_of(&r->role.item[i])))
            *VEC_PUSH(&out->item, &g->scratch) = i;
    }
}

static const struct indexes *selected_by(struct aggregation *g, uint32_t role)
{
    if (g->selected[role])
        return g->selected[role];
    struct indexes *out = g->selected[role] = arena_new(&g->scratch, struct indexes);
    const struct value *selectors =
        value_at(g->rbac->role.item[role].object, "aggregationRule", "clusterRoleSelectors", NULL);
    for (uint32_t i = 0; selectors && selectors->kind == VALUE_LIST && i < selectors->n; i++)
        select_by(g, out, value_item(*selectors, i));
    if (selectors && selectors->kind == VALUE_LIST && selectors->n > 1 && out->item.count)
        qsort(out->item.item, out->item.count, sizeof *out->item.item, by_index);
    return out;
}

static void add_texts(struct buf *out, struct value list)
{
    buf_add(out, str_of((const char *)&list.n, sizeof list.n));
    for (uint32_t i = 0; i < list.n; i++) {
        struct str s = value_text(value_item(list, i));
        buf_add(out, str_of((const char *)&s.n, sizeof s.n));
        buf_add(out, s);
    }
}

/* Equal rules have the same number. */
static uint32_t number_of(struct aggregation *g, const struct rbac_rule *rule)
{
    const struct value list[] = { rule->verbs, rule->api_groups, rule->resources,
                                  rule->resource_names, rule->urls };
    bool created;
    buf_reset(&g->text);
    for (size_t i = 0; i < sizeof list / sizeof *list; i++)
        add_texts(&g->text, list[i]);
    void **at = map_at(&g->rule_by_text, buf_str(&g->text), &created);
    if (created) {
        *VEC_PUSH(&g->rule_in, &g->scratch) = 0;
        *at = (void *)(uintptr_t)g->rule_in.count;
    }
    return (uint32_t)(uintptr_t)*at;
}

static void add_rules(struct aggregation *g, uint32_t index)
{
    const struct rbac_role *role = &g->rbac->role.item[index];
    if (!g->rule[index]) {
        g->rule[index] = arena_array(&g->scratch, uint32_t, role->rule_count);
        for (size_t i = 0; i < role->rule_count; i++)
            g->rule[index][i] = number_of(g, &role->rule[i]);
    }
    for (size_t i = 0; i < role->rule_count; i++) {
        uint32_t number = g->rule[index][i];
        if (g->rule_in.item[number - 1] == g->now)
            continue;
        g->rule_in.item[number - 1] = g->now;
        *VEC_PUSH(&g->out, &g->scratch) = role->rule[i];
        *VEC_PUSH(&g->number, &g->scratch) = number;
    }
}

static bool is_to_fill(const struct rbac *r, const struct rbac_role *role)
{
    return role->aggregated && (role->rule_count == 0 || r->unfilled);
}

/* What start's selectors select, into out. The work list stands in for recursion: a chain can be as
 * long as there are roles. */
static void unite(struct aggregation *g, uint32_t start, struct indexes *todo)
{
    struct rbac *r = g->rbac;
    g->now++;
    g->out.count = g->number.count = todo->item.count = 0;
    g->in[start] = g->now;
    *VEC_PUSH(&todo->item, &g->scratch) = start;
    while (todo->item.count) {
        const struct indexes *of = selected_by(g, todo->item.item[--todo->item.count]);
        for (size_t k = 0; k < of->item.count; k++) {
            uint32_t i = of->item.item[k];
            struct rbac_role *role = &r->role.item[i];
            if (g->in[i] == g->now)
                continue;
            g->in[i] = g->now;
            if (!role->aggregated || !r->unfilled)
                add_rules(g, i);
            if (is_to_fill(r, role))
                *VEC_PUSH(&todo->item, &g->scratch) = i;
        }
    }
}

/* The rules in out, once for all roles that get the same. */
static struct rbac_rules keep(struct aggregation *g)
{
    bool created;
    if (!g->out.count)
        return (struct rbac_rules){ 0 };
    struct str key = str_of((const char *)g->number.item, g->number.count * sizeof *g->number.item);
    void **at = map_at(&g->filled_by_text, key, &created);
    if (created) {
        struct rbac_rule *rule = arena_array(g->rbac->arena, struct rbac_rule, g->out.count);
        memcpy(rule, g->out.item, g->out.count * sizeof *rule);
        *at = rule;
    }
    return (struct rbac_rules){ *at, g->out.count };
}

/* In two steps, so that no role that is filled here hides what it stands for from the next. */
static void fill(struct aggregation *g)
{
    struct rbac *r = g->rbac;
    struct rbac_rules *filled = arena_array(&g->scratch, struct rbac_rules, r->role.count);
    struct indexes todo = { 0 };
    for (size_t i = 0; i < r->role.count; i++) {
        if (!is_to_fill(r, &r->role.item[i]))
            continue;
        unite(g, (uint32_t)i, &todo);
        filled[i] = keep(g);
    }
    for (size_t i = 0; i < r->role.count; i++) {
        if (!filled[i].count)
            continue;
        r->role.item[i].rule = (struct rbac_rule *)(uintptr_t)filled[i].item;
        r->role.item[i].rule_count = filled[i].count;
    }
}

void rbac_aggregate(struct rbac *r)
{
    bool any = false;
    for (size_t i = 0; i < r->role.count && !any; i++)
        any = is_to_fill(r, &r->role.item[i]);
    if (!any)
        return;
    struct aggregation g = { .rbac = r };
    buf_init(&g.text, SIZE_MAX / 2);
    map_init(&g.by_label, &g.scratch);
    map_init(&g.rule_by_text, &g.scratch);
    map_init(&g.filled_by_text, &g.scratch);
    g.selected = arena_array(&g.scratch, struct indexes *, r->role.count);
    g.rule = arena_array(&g.scratch, uint32_t *, r->role.count);
    g.in = arena_array(&g.scratch, uint32_t, r->role.count);
    index_labels(&g);
    fill(&g);
    buf_release(&g.text);
    arena_release(&g.scratch);
}
