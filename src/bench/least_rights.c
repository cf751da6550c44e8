/* The least rights of an audit, as objects to apply: read off the checks and the tables of kinds
 * and endpoints. */
#include "bench/least_rights.h"

#include "analyze/facts.h"
#include "value/yaml_write.h"

#define COMMENT_WIDTH 118

struct wanting {
    const struct benchmark *bench;
    const bool *selected;
    struct bench_reads reads;
    struct kind_set of_scopes; /* what --scope reads */
    struct arena *arena;
    struct buf *out;
    struct err *err;
    bool ok;
};

static void put(struct wanting *w, struct value v)
{
    w->ok = w->ok && yaml_write(w->out, v, w->err);
}

static bool check_wants(const struct check *c, const struct kind_set *kinds,
                        const struct endpoint_set *endpoints)
{
    for (size_t i = 0; i < c->part_count; i++)
        if (((c->part[i].reads.bits | c->part[i].needs.bits) & kinds->bits) ||
            (c->part[i].endpoints.bits & endpoints->bits))
            return true;
    for (size_t i = 0; i < c->not_applicable_count; i++)
        if ((c->not_applicable[i]->kinds.bits & kinds->bits) ||
            (c->not_applicable[i]->endpoints.bits & endpoints->bits))
            return true;
    return false;
}

/* "5.1.1, 5.2.2 - 5.2.12": the selected checks that want any of these; empty: nothing of this audit
 * does. */
static struct str checks_text(const struct wanting *w, struct kind_set kinds,
                              struct endpoint_set endpoints)
{
    VEC(struct check_at) wanted = { 0 };
    size_t selected = 0;
    for (size_t i = 0; i < w->bench->check_count; i++) {
        const struct check *c = &w->bench->check[i];
        selected += w->selected[i];
        if (w->selected[i] && check_wants(c, &kinds, &endpoints))
            *VEC_PUSH(&wanted, w->arena) = (struct check_at){ c, i };
    }
    if (!wanted.count && (kinds.bits & w->of_scopes.bits))
        return STR("the scopes (--scope)");
    if (!wanted.count)
        return (kinds.bits & w->reads.kinds.bits) ? STR("the report, which cluster it is about")
                                                  : (struct str){ 0 };
    return wanted.count == selected ? STR("every check")
                                    : check_ids_text(w->arena, wanted.item, wanted.count);
}

static void put_comment(const struct wanting *w, struct str what, struct str checks)
{
    yaml_write_comment(w->out, str_printf(w->arena, "%.*s: %.*s", STR_ARG(what), STR_ARG(checks)),
                       COMMENT_WIDTH);
}

/* Up to the rules, which come one by one with what they are for. */
static void put_head(struct wanting *w, const char *kind, const char *name, struct str ns)
{
    struct value_builder b, meta, labels;
    value_builder_init(&labels, w->arena);
    value_builder_set(&labels, "app.kubernetes.io/name", value_cstr("kubevouch"));
    value_builder_init(&meta, w->arena);
    value_builder_set(&meta, "name", value_cstr(name));
    if (ns.n)
        value_builder_set(&meta, "namespace", value_str(ns));
    value_builder_set(&meta, "labels", value_builder_map(&labels));
    value_builder_init(&b, w->arena);
    value_builder_set(&b, "apiVersion", value_cstr("rbac.authorization.k8s.io/v1"));
    value_builder_set(&b, "kind", value_cstr(kind));
    value_builder_set(&b, "metadata", value_builder_map(&meta));
    put(w, value_builder_map(&b));
    buf_add_c(w->out, "rules:\n");
}

static struct value list_of(struct arena *a, struct str only)
{
    struct value_builder b;
    value_builder_init(&b, a);
    value_builder_push(&b, value_str(only));
    return value_builder_list(&b);
}

/* Pairs of a key and its list, up to a NULL key, as one item of the rules. */
struct rule_part {
    const char *key;
    struct value list;
};
static void put_rule(struct wanting *w, const struct rule_part *part)
{
    struct value_builder rule, rules;
    value_builder_init(&rule, w->arena);
    for (; part->key; part++)
        value_builder_set(&rule, part->key, part->list);
    value_builder_init(&rules, w->arena);
    value_builder_push(&rules, value_builder_map(&rule));
    put(w, value_builder_list(&rules));
}

/* One rule an API group, groups as they come in the table. */
static void put_kinds(struct wanting *w)
{
    bool done[KIND_COUNT] = { false };
    for (size_t first = 0; first < KIND_COUNT; first++) {
        const char *group = kind_info((enum kind)first)->group;
        struct value_builder names;
        value_builder_init(&names, w->arena);
        for (size_t k = first; k < KIND_COUNT; k++) {
            const struct kind_info *i = kind_info((enum kind)k);
            struct kind_set one = { 0 };
            if (done[k] || strcmp(i->group, group) != 0)
                continue;
            done[k] = true;
            kind_set_add(&one, (enum kind)k);
            struct str checks = checks_text(w, one, (struct endpoint_set){ 0 });
            if (!checks.n)
                continue;
            put_comment(w, str_from_c(i->resource), checks);
            value_builder_push(&names, value_cstr(i->resource));
        }
        if (names.count)
            put_rule(w, (const struct rule_part[]){
                            { "apiGroups", list_of(w->arena, str_from_c(group)) },
                            { "resources", value_builder_list(&names) },
                            { "verbs", list_of(w->arena, STR("list")) },
                            { 0 } });
    }
}

/* Their namespaces are on OpenShift only: a Role there cannot be applied elsewhere. */
static bool is_of_openshift(enum endpoint e)
{
    return e == ENDPOINT_OPENSHIFT_APISERVER || e == ENDPOINT_OPENSHIFT_CONTROLLERS;
}

/* How an endpoint is read, told by its path: an object of a namespace, or a URL that names none (ns
 * empty). False: it takes no right that an audit must be given. */
struct endpoint_right {
    struct str ns, resource, name;
};
static bool right_of(enum endpoint e, struct endpoint_right *out)
{
    struct str path = str_from_c(endpoint_path(e)), rest;
    struct endpoint_right r = { 0 };
    if (is_of_openshift(e) || e == ENDPOINT_KUBELETS || e == ENDPOINT_DISCOVERY ||
        e == ENDPOINT_SELF || e == ENDPOINT_RIGHTS || path.p[0] != '/')
        return false;
    (void)str_cut(path, '?', &r.name, &rest);
    struct str objects = STR("/api/v1/namespaces/");
    if (str_has_prefix(path, objects)) {
        rest = str_sub(r.name, objects.n, r.name.n);
        (void)str_cut(rest, '/', &r.ns, &rest);
        (void)str_cut(rest, '/', &r.resource, &r.name);
    }
    *out = r;
    return true;
}

static struct str checks_of_endpoint(const struct wanting *w, enum endpoint e)
{
    struct endpoint_set one = { 0 };
    endpoint_set_add(&one, e);
    return e == ENDPOINT_VERSION ? STR("every check") : checks_text(w, (struct kind_set){ 0 }, one);
}

/* The rule of one namespace, and which endpoints are in it; URLs when ns is empty. */
static void put_endpoint_rule(struct wanting *w, struct endpoint_right of, bool *done)
{
    struct value_builder names;
    value_builder_init(&names, w->arena);
    for (size_t e = 0; e < ENDPOINT_COUNT; e++) {
        struct endpoint_right r;
        if (!right_of((enum endpoint)e, &r) || !str_eq(r.ns, of.ns) ||
            !str_eq(r.resource, of.resource) || !checks_of_endpoint(w, (enum endpoint)e).n)
            continue;
        done[e] = true;
        put_comment(w, r.name, checks_of_endpoint(w, (enum endpoint)e));
        value_builder_push(&names, value_str(r.name));
    }
    struct value named = value_builder_list(&names), get = list_of(w->arena, STR("get"));
    if (of.ns.n)
        put_rule(w, (const struct rule_part[]){ { "apiGroups", list_of(w->arena, STR("")) },
                                                { "resources", list_of(w->arena, of.resource) },
                                                { "resourceNames", named },
                                                { "verbs", get },
                                                { 0 } });
    else
        put_rule(
            w, (const struct rule_part[]){ { "nonResourceURLs", named }, { "verbs", get }, { 0 } });
}

/* One Role a namespace that endpoints name objects of. */
static void put_roles(struct wanting *w, bool *done)
{
    struct str ns = { 0 };
    for (size_t e = 0; e < ENDPOINT_COUNT; e++) {
        struct endpoint_right r;
        if (done[e] || !right_of((enum endpoint)e, &r) ||
            !checks_of_endpoint(w, (enum endpoint)e).n)
            continue;
        if (!str_eq(r.ns, ns)) {
            buf_add_c(w->out, "---\n");
            put_head(w, "Role", "kubevouch-settings", r.ns);
        }
        ns = r.ns;
        put_endpoint_rule(w, r, done);
    }
}

static void tell_openshift(const struct wanting *w)
{
    for (size_t e = 0; e < ENDPOINT_COUNT; e++) {
        struct str checks = checks_of_endpoint(w, (enum endpoint)e);
        if (is_of_openshift((enum endpoint)e) && checks.n)
            yaml_write_comment(w->out,
                               str_printf(w->arena, "On OpenShift also %s: %.*s",
                                          endpoint_remedy((enum endpoint)e), STR_ARG(checks)),
                               0);
    }
}

static void put_kubelets(struct wanting *w, enum kubelet_way way)
{
    struct str checks = checks_of_endpoint(w, ENDPOINT_KUBELETS);
    bool proxy = way == KUBELET_PROXY;
    if (!checks.n || way == KUBELET_NONE)
        return;
    put_comment(
        w,
        proxy
            ? STR("nodes/proxy (as good as root on every node: it runs commands in any container)")
            : STR("nodes/configz (Kubernetes 1.33 and newer)"),
        checks);
    put_rule(w, (const struct rule_part[]){
                    { "apiGroups", list_of(w->arena, STR("")) },
                    { "resources",
                      list_of(w->arena, proxy ? STR("nodes/proxy") : STR("nodes/configz")) },
                    { "verbs", list_of(w->arena, STR("get")) },
                    { 0 } });
}

bool least_rights_write(struct buf *out, const struct benchmark *b, const bool *selected,
                        enum kubelet_way way, bool scopes, struct arena *a, struct err *err)
{
    struct wanting w = { .bench = b,
                         .selected = selected,
                         .reads = benchmark_reads(b, selected),
                         .arena = a,
                         .out = out,
                         .err = err,
                         .ok = true };
    bool done[ENDPOINT_COUNT] = { false };
    struct str head = str_printf(a,
                                 "The least rights of an audit by %.*s, and the checks that each "
                                 "is for. Beside these an audit uses what every "
                                 "authenticated user has (ClusterRoles system:basic-user and "
                                 "system:discovery). Made by: kubevouch rbac",
                                 STR_ARG(b->id));
    if (scopes)
        w.of_scopes = benchmark_scope_kinds();
    yaml_write_comment(out, head, COMMENT_WIDTH);
    put_head(&w, "ClusterRole", "kubevouch", STR(""));
    put_kinds(&w);
    put_kubelets(&w, way);
    put_endpoint_rule(&w, (struct endpoint_right){ 0 }, done);
    put_roles(&w, done);
    tell_openshift(&w);
    return w.ok && buf_ok(out, "the roles", err);
}

struct kind_set benchmark_scope_kinds(void)
{
    static const char *const table[] = { "networkpods", "exposures" };
    struct kind_set kinds = { 0 };
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        kind_set_merge(&kinds, table_find(str_from_c(table[i]))->needs);
        kind_set_merge(&kinds, table_find(str_from_c(table[i]))->wants);
    }
    return kinds;
}

void least_rights_write_probe(struct buf *out)
{
    buf_add_c(out, "---\n");
    yaml_write_comment(out,
                       STR("For kubevouch pss --probe admission alone, beside the rights of pss. "
                           "It creates pods as dry runs (dryRun=All), which go through admission "
                           "and are not stored; but RBAC knows no dry run: whoever holds this role "
                           "may create pods in earnest, with any service account and any "
                           "volume that admission lets through. Bind it for the length of the "
                           "probe, and to nobody else."),
                       COMMENT_WIDTH);
    buf_add_c(out, "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata:\n  "
                   "name: kubevouch-probe-admission\n  labels:\n"
                   "    app.kubernetes.io/name: kubevouch\nrules:\n- apiGroups: [\"\"]\n  "
                   "resources: [pods]\n  verbs: [create, get]\n");
}
