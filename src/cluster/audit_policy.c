/* The API server's audit policy (audit.k8s.io/v1, kind Policy), as it is loaded. */
#include "cluster/audit_policy.h"

#include "base/names.h"

const char *const audit_level_name[AUDIT_LEVEL_COUNT + 1] = { "None", "Metadata", "Request",
                                                              "RequestResponse", NULL };
static const char *const stage_name[] = { "RequestReceived", "ResponseStarted", "ResponseComplete",
                                          "Panic" };

static const struct decode_field resources_field[] = {
    DECODE(STR, struct audit_group_resources, group, "group", 0),
    DECODE(STRS, struct audit_group_resources, resources, "resources", 0),
    DECODE(STRS, struct audit_group_resources, resource_names, "resourceNames", 0),
};
static const struct decode_table resources_table =
    DECODE_TABLE("resources of an audit rule", resources_field, struct audit_group_resources,
                 DECODE_ALLOW_UNKNOWN);
static const struct decode_field rule_field[] = {
    DECODE_NAMED(struct audit_rule, level, "level", DECODE_REQUIRED, audit_level_name),
    DECODE(STRS, struct audit_rule, users, "users", 0),
    DECODE(STRS, struct audit_rule, user_groups, "userGroups", 0),
    DECODE(STRS, struct audit_rule, verbs, "verbs", 0),
    DECODE(STRS, struct audit_rule, namespaces, "namespaces", 0),
    DECODE(STRS, struct audit_rule, non_resource_urls, "nonResourceURLs", 0),
    DECODE(STRS, struct audit_rule, omit_stages, "omitStages", 0),
    DECODE_ITEMS(struct audit_rule, resources, "resources", 0, resources_table),
};
static const struct decode_table rule_table =
    DECODE_TABLE("an audit rule", rule_field, struct audit_rule, DECODE_ALLOW_UNKNOWN);
static const struct decode_field policy_field[] = {
    DECODE(STR, struct audit_policy, api_version, "apiVersion", DECODE_REQUIRED),
    DECODE(STR, struct audit_policy, kind, "kind", DECODE_REQUIRED),
    DECODE(STRS, struct audit_policy, omit_stages, "omitStages", 0),
    DECODE_ITEMS(struct audit_policy, rules, "rules", DECODE_REQUIRED, rule_table),
};
static const struct decode_table policy_table =
    DECODE_TABLE("an audit policy", policy_field, struct audit_policy, DECODE_ALLOW_UNKNOWN);

static bool known_stages(struct decode_strs stages)
{
    for (size_t i = 0; i < stages.count; i++)
        if (names_find(stage_name, COUNT_OF(stage_name), stages.item[i]) < 0)
            return false;
    return true;
}

static bool check_rule(const struct audit_rule *r, size_t number, struct pos pos, struct err *err)
{
    const struct audit_group_resources *g = r->resources.item;
    if (!known_stages(r->omit_stages))
        return err_set_at(err, ERR_INPUT, pos, "rule %zu omits a stage that there is not", number);
    if (r->non_resource_urls.count && (r->resources.count || r->namespaces.count))
        return err_set_at(err, ERR_INPUT, pos,
                          "rule %zu is about resources and about other URLs at once", number);
    for (size_t i = 0; i < r->resources.count; i++)
        if (g[i].resource_names.count && !g[i].resources.count)
            return err_set_at(err, ERR_INPUT, pos, "rule %zu names objects without their resource",
                              number);
    return true;
}

/* What decode_node says may quote the document, which may be any file that a manifest names. */
static bool plain_fault(const struct err *fault, struct pos otherwise, struct err *err)
{
    struct pos at = fault->pos.line ? fault->pos : otherwise;
    return err_set_at(
        err, ERR_INPUT, at,
        "this is no audit policy that an API server would load (kind Policy of audit.k8s.io/v1)");
}

bool audit_policy_of_node(struct audit_policy *out, struct arena *a, const struct node *doc,
                          struct err *err)
{
    struct audit_policy p = { 0 };
    struct err fault = { 0 };
    if (!decode_node(&p, &policy_table, doc, a, &fault))
        return plain_fault(&fault, doc->pos, err);
    if (!str_eq_c(p.kind, "Policy") || !str_eq_c(p.api_version, "audit.k8s.io/v1"))
        return plain_fault(&fault, doc->pos, err);
    if (!p.rules.count)
        return err_set_at(err, ERR_INPUT, doc->pos,
                          "the audit policy has no rules, which the API server refuses");
    if (p.rules.count > AUDIT_POLICY_RULES_MAX)
        return err_set_at(err, ERR_LIMIT, doc->pos, "the audit policy has more than %u rules",
                          AUDIT_POLICY_RULES_MAX);
    if (!known_stages(p.omit_stages))
        return err_set_at(err, ERR_INPUT, doc->pos,
                          "the audit policy omits a stage that there is not");
    for (size_t i = 0; i < p.rules.count; i++)
        if (!check_rule(&((const struct audit_rule *)p.rules.item)[i], i + 1, doc->pos, err))
            return false;
    *out = p;
    return true;
}

/* ---- as values */

static void put_texts(struct value_builder *b, const char *key, struct decode_strs s)
{
    struct value_builder list;
    if (!s.count)
        return;
    value_builder_init(&list, b->arena);
    for (size_t i = 0; i < s.count; i++)
        value_builder_push(&list, value_str(s.item[i]));
    value_builder_set(b, key, value_builder_list(&list));
}

static struct value rule_value(struct arena *a, const struct audit_rule *r)
{
    struct value_builder b, groups, g;
    const struct audit_group_resources *item = r->resources.item;
    value_builder_init(&b, a);
    value_builder_set(&b, "level", value_cstr(audit_level_name[r->level]));
    put_texts(&b, "users", r->users);
    put_texts(&b, "userGroups", r->user_groups);
    put_texts(&b, "verbs", r->verbs);
    put_texts(&b, "namespaces", r->namespaces);
    put_texts(&b, "nonResourceURLs", r->non_resource_urls);
    put_texts(&b, "omitStages", r->omit_stages);
    value_builder_init(&groups, a);
    for (size_t i = 0; i < r->resources.count; i++) {
        value_builder_init(&g, a);
        value_builder_set(&g, "group", value_str(item[i].group));
        put_texts(&g, "resources", item[i].resources);
        put_texts(&g, "resourceNames", item[i].resource_names);
        value_builder_push(&groups, value_builder_map(&g));
    }
    if (r->resources.count)
        value_builder_set(&b, "resources", value_builder_list(&groups));
    return value_builder_map(&b);
}

struct value audit_policy_value(struct arena *a, const struct audit_policy *p)
{
    struct value_builder b, rules;
    value_builder_init(&b, a);
    value_builder_set(&b, "apiVersion", value_str(p->api_version));
    value_builder_set(&b, "kind", value_str(p->kind));
    put_texts(&b, "omitStages", p->omit_stages);
    value_builder_init(&rules, a);
    for (size_t i = 0; i < p->rules.count; i++)
        value_builder_push(&rules, rule_value(a, &((const struct audit_rule *)p->rules.item)[i]));
    value_builder_set(&b, "rules", value_builder_list(&rules));
    return value_builder_map(&b);
}
