/* Recorded questions to Kubernetes' RBAC code and its answers, put to ours. */
#include "cases/cases.h"

#include "analyze/rbac/rbac.h"
#include "value/yaml.h"

static struct value at(struct value v, const char *key)
{
    const struct value *found = value_get(v, str_from_c(key));
    return found ? *found : value_null();
}

static struct rbac_user user_of(struct value input, struct arena *a)
{
    struct value groups = at(input, "groups");
    struct str *group = arena_array(a, struct str, groups.kind == VALUE_LIST ? groups.n : 0);
    size_t count = 0;
    for (uint32_t i = 0; groups.kind == VALUE_LIST && i < groups.n; i++)
        group[count++] = value_text(value_item(groups, i));
    return (struct rbac_user){ value_text_at(input, "user", NULL), group, count };
}

static struct rbac_request request_of(struct value input)
{
    return (struct rbac_request){
        .verb = value_text_at(input, "verb", NULL),
        .group = value_text_at(input, "apiGroup", NULL),
        .resource = value_text_at(input, "resource", NULL),
        .subresource = value_text_at(input, "subresource", NULL),
        .ns = value_text_at(input, "namespace", NULL),
        .name = value_text_at(input, "name", NULL),
        .path = value_text_at(input, "path", NULL),
    };
}

/* ---- whole clusters */

static bool has_text(struct value list, struct str text)
{
    for (uint32_t i = 0; i < list.n; i++)
        if (str_eq(value_text(value_item(list, i)), text))
            return true;
    return false;
}

static bool add_file(struct rbac *r, struct cases *c, struct arena *a, const char *folder, const char *name)
{
    struct node *doc;
    size_t count;
    struct err err = { 0 };
    if (!yaml_read(&doc, &count, a, cases_file(c, a, folder, str_from_c(name)), name, &err)) {
        fprintf(stderr, "%s: %s\n", name, err.text);
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        struct value v = node_value(a, &doc[i]), items = at(v, "items");
        if (items.kind != VALUE_LIST)
            (void)rbac_add(r, v);
        for (uint32_t k = 0; items.kind == VALUE_LIST && k < items.n; k++)
            (void)rbac_add(r, value_item(items, k));
    }
    return true;
}

/* "get secrets", "create deployments.apps", "update certificatesigningrequests/approval.certificates.k8s.io", "get /metrics". */
static struct rbac_request action(struct str text, struct str ns)
{
    struct rbac_request q = { .ns = ns };
    struct str what, whole;
    (void)str_cut(text, ' ', &q.verb, &what);
    if (what.n && *what.p == '/') {
        q.path = what;
        return q;
    }
    (void)str_cut(what, '.', &whole, &q.group);
    (void)str_cut(whole, '/', &q.resource, &q.subresource);
    return q;
}

/* Each action, in the whole cluster and in each of the row's namespaces, of a subject of a real cluster with Kubernetes' own roles. */
static bool cluster(struct cases *c, struct value row, struct arena *a)
{
    static const char *const bootstrap[] = {
        "default-clusterroles-filled.json", "cluster-role-bindings.yaml", "controller-roles.yaml",
        "controller-role-bindings.yaml",    "namespace-roles.yaml",       "namespace-role-bindings.yaml"
    };
    struct rbac r;
    struct rbac_user user = user_of(at(row, "input"), a);
    struct value expect = at(at(row, "expect"), "allowed"), namespaces = at(at(row, "input"), "namespaces"), actions;
    struct err err = { 0 };
    rbac_init(&r, a);
    if (!add_file(&r, c, a, "clusters", str_to_c(a, value_text(value_item(at(row, "input_files"), 0)))) ||
        !json_doc_read(&actions, a, cases_file(c, a, "clusters", value_text_at(row, "input", "actions", NULL)), "actions", &err))
        return false;
    for (size_t i = 0; i < sizeof bootstrap / sizeof *bootstrap; i++)
        if (!add_file(&r, c, a, "rbac/bootstrap", bootstrap[i]))
            return false;
    rbac_finish(&r);
    size_t allowed = 0, asked = 0;
    bool ok = expect.kind == VALUE_LIST;
    for (uint32_t n = 0; ok && n < namespaces.n; n++) {
        for (uint32_t i = 0; i < actions.n; i++) {
            struct str text = value_text(value_item(actions, i)), ns = value_text(value_item(namespaces, n));
            struct rbac_request q = action(text, ns);
            if (q.path.n && ns.n)
                continue; /* a URL is in no namespace */
            struct str told = ns.n ? str_printf(a, "%.*s -n %.*s", STR_ARG(text), STR_ARG(ns)) : text;
            bool wanted = has_text(expect, told), is = rbac_authorize(&r, &user, &q);
            if (wanted != is)
                fprintf(stderr, "%.*s: %.*s: %s\n", STR_ARG(value_text_at(row, "id", NULL)), STR_ARG(told), is ? "allowed" : "not allowed");
            ok = ok && wanted == is;
            allowed += is;
            asked++;
        }
    }
    return ok && allowed == expect.n && asked >= actions.n; /* each of what is expected was asked */
}

/* All objects of the case's files. */
static bool load(struct rbac *r, struct cases *c, struct value row, struct arena *a)
{
    struct value files = at(row, "input_files");
    rbac_init(r, a);
    for (uint32_t i = 0; files.kind == VALUE_LIST && i < files.n; i++) {
        struct value doc;
        struct err err = { 0 };
        struct str text = cases_file(c, a, "rbac", value_text(value_item(files, i)));
        if (!json_doc_read(&doc, a, text, "cluster", &err)) {
            fprintf(stderr, "%.*s: %s\n", STR_ARG(value_text(value_item(files, i))), err.text);
            return false;
        }
        struct value items = at(doc, "items");
        for (uint32_t k = 0; items.kind == VALUE_LIST && k < items.n; k++)
            (void)rbac_add(r, value_item(items, k));
    }
    rbac_finish(r);
    return true;
}

static bool authorize(struct cases *c, struct value row, struct arena *a)
{
    struct rbac r;
    struct rbac_user user = user_of(at(row, "input"), a);
    struct rbac_request q = request_of(at(row, "input"));
    const struct value *expect = value_at(row, "expect", "allowed", NULL);
    return load(&r, c, row, a) && expect && rbac_authorize(&r, &user, &q) == expect->as.b;
}

static bool same_texts(struct value a, struct value expect)
{
    uint32_t n = expect.kind == VALUE_LIST ? expect.n : 0;
    return a.n == n && (n == 0 || value_equal(a, expect));
}

static bool same_rule(const struct rbac_rule *rule, struct value expect)
{
    return same_texts(rule->verbs, at(expect, "verbs")) && same_texts(rule->api_groups, at(expect, "apiGroups")) &&
           same_texts(rule->resources, at(expect, "resources")) && same_texts(rule->resource_names, at(expect, "resourceNames")) &&
           same_texts(rule->urls, at(expect, "nonResourceURLs"));
}

/* The same rules in any order: the original keeps them in a hash map. */
static bool same_rules(struct rbac_rules rules, struct value expect, struct arena *a)
{
    uint32_t n = expect.kind == VALUE_LIST ? expect.n : 0;
    bool *used = arena_array(a, bool, rules.count);
    size_t found = 0;
    for (uint32_t i = 0; i < n; i++) {
        for (size_t k = 0; k < rules.count; k++) {
            if (!used[k] && same_rule(&rules.item[k], value_item(expect, i))) {
                used[k] = true;
                found++;
                break;
            }
        }
    }
    return found == n && found == rules.count;
}

static bool compact(struct cases *c, struct value row, struct arena *a)
{
    (void)c;
    struct str damage = { 0 };
    const struct value *rules = value_at(row, "input", "rules", NULL), *expect = value_at(row, "expect", "rules", NULL);
    return rules && expect && same_rules(rbac_compact(a, rbac_read_rules(a, *rules, &damage)), *expect, a) && !damage.n;
}

static bool covers(struct cases *c, struct value row, struct arena *a)
{
    (void)c;
    struct str damage = { 0 };
    struct value input = at(row, "input"), expect = at(row, "expect");
    struct rbac_rules uncovered;
    bool covered = rbac_covers(a, rbac_read_rules(a, at(input, "owner_rules"), &damage),
                               rbac_read_rules(a, at(input, "servant_rules"), &damage), &uncovered);
    return at(expect, "covered").kind == VALUE_BOOL && covered == at(expect, "covered").as.b &&
           same_rules(uncovered, at(expect, "uncovered"), a);
}

static bool effective(struct cases *c, struct value row, struct arena *a)
{
    struct rbac r;
    struct rbac_user user = user_of(at(row, "input"), a);
    return load(&r, c, row, a) && same_rules(rbac_effective_rules(&r, a, &user, value_text_at(row, "input", "namespace", NULL)),
                                             at(at(row, "expect"), "rules"), a);
}

static bool url_covers(struct cases *c, struct value row, struct arena *a)
{
    (void)c;
    (void)a;
    const struct value *expect = value_at(row, "expect", "covers", NULL);
    return expect &&
           rbac_url_covers(value_text_at(row, "input", "owner", NULL), value_text_at(row, "input", "requested", NULL)) == expect->as.b;
}

static bool applies(struct cases *c, struct value row, struct arena *a)
{
    (void)c;
    size_t index;
    struct value input = at(row, "input"), expect = at(row, "expect");
    struct rbac_user user = user_of(input, a);
    bool yes = rbac_subjects_apply(at(input, "subjects"), &user, value_text_at(input, "binding_namespace", NULL), &index);
    return at(expect, "applies").kind == VALUE_BOOL && yes == at(expect, "applies").as.b &&
           (int64_t)index == value_int_at(expect, -1, "index", NULL);
}

static bool who_can(struct cases *c, struct value row, struct arena *a)
{
    struct rbac r;
    size_t count;
    struct rbac_request q = request_of(at(row, "input"));
    if (!load(&r, c, row, a))
        return false;
    struct rbac_subject *who = rbac_who_can(&r, a, &q, value_text_at(row, "params", "super_user", NULL), &count);
    struct value expect = at(at(row, "expect"), "subjects");
    if (expect.kind != VALUE_LIST || expect.n != count)
        return false;
    for (uint32_t i = 0; i < expect.n; i++) {
        struct value s = value_item(expect, i);
        if (!str_eq_c(value_text_at(s, "kind", NULL), rbac_subject_kind_name(who[i].kind)) ||
            !str_eq(value_text_at(s, "name", NULL), who[i].name) || !str_eq(value_text_at(s, "namespace", NULL), who[i].ns))
            return false;
    }
    return true;
}

int main(int argc, char **argv)
{
    struct cases c;
    if (!cases_open(&c, argc, argv))
        return 2;
    cases_run(&c, "rbac/authorize", authorize);
    cases_run(&c, "rbac/compact_rules", compact);
    cases_run(&c, "rbac/covers", covers);
    cases_run(&c, "rbac/effective_rules", effective);
    cases_run(&c, "rbac/nonresource_url_covers", url_covers);
    cases_run(&c, "rbac/subject_applies", applies);
    cases_run(&c, "rbac/who_can", who_can);
    cases_run(&c, "clusters/rbac_expect", cluster);
    return cases_close(&c);
}
