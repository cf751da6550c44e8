/* The least rights of an audit, as objects to apply: read off the checks and the tables of kinds and endpoints. */
#include "base/buf.h"
#include "cli/command.h"
#include "cli/data.h"

#define COMMENT_WIDTH 118

struct wanting {
    const struct benchmark *bench;
    const bool *selected;
    struct bench_reads reads;
    struct arena *arena;
};

static bool check_wants(const struct check *c, const struct kind_set *kinds, const struct endpoint_set *endpoints)
{
    for (size_t i = 0; i < c->part_count; i++)
        if (((c->part[i].reads.bits | c->part[i].needs.bits) & kinds->bits) || (c->part[i].endpoints.bits & endpoints->bits))
            return true;
    for (size_t i = 0; i < c->not_applicable_count; i++)
        if ((c->not_applicable[i]->kinds.bits & kinds->bits) || (c->not_applicable[i]->endpoints.bits & endpoints->bits))
            return true;
    return false;
}

/* "5.1.1, 5.2.2 - 5.2.12": the selected checks that want any of these; empty: nothing of this audit does. */
static struct str checks_text(const struct wanting *w, struct kind_set kinds, struct endpoint_set endpoints)
{
    VEC(struct check_at) wanted = { 0 };
    size_t selected = 0;
    for (size_t i = 0; i < w->bench->check_count; i++) {
        const struct check *c = &w->bench->check[i];
        selected += w->selected[i];
        if (w->selected[i] && check_wants(c, &kinds, &endpoints))
            *VEC_PUSH(&wanted, w->arena) = (struct check_at){ c, i };
    }
    if (!wanted.count)
        return (kinds.bits & w->reads.kinds.bits) ? STR("the report, which cluster it is about") : (struct str){ 0 };
    return wanted.count == selected ? STR("every check") : check_ids_text(w->arena, wanted.item, wanted.count);
}

static void print_comment(const struct wanting *w, struct str what, struct str checks)
{
    struct str rest = str_printf(w->arena, "%.*s: %.*s", STR_ARG(what), STR_ARG(checks)), word;
    size_t column = 1;
    putchar('#');
    while (str_next_field(&rest, ' ', &word)) {
        bool full = column + 1 + word.n > COMMENT_WIDTH;
        printf("%s %.*s", full ? "\n#  " : "", STR_ARG(word));
        column = (full ? 3 : column) + 1 + word.n;
    }
    putchar('\n');
}

static void print_head(const char *kind, const char *name, const char *ns)
{
    printf("apiVersion: rbac.authorization.k8s.io/v1\nkind: %s\nmetadata:\n  name: %s\n", kind, name);
    if (ns)
        printf("  namespace: %s\n", ns);
    printf("  labels: {app.kubernetes.io/name: kubevouch}\nrules:\n");
}

/* One rule an API group, groups as they come in the table. */
static void print_kinds(const struct wanting *w)
{
    bool done[KIND_COUNT] = { false };
    for (size_t first = 0; first < KIND_COUNT; first++) {
        const char *group = kind_info((enum kind)first)->group;
        struct buf names CLEANUP(buf_release) = BUF_INIT(4096);
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
            print_comment(w, str_from_c(i->resource), checks);
            buf_addf(&names, "%s%s", names.n ? ", " : "", i->resource);
        }
        if (names.n)
            printf("- apiGroups: [%s]\n  resources: [%.*s]\n  verbs: [list]\n", group[0] ? group : "\"\"", (int)names.n, names.p);
    }
}

/* Their namespaces are on OpenShift only: a Role there cannot be applied elsewhere. */
static bool is_of_openshift(enum endpoint e)
{
    return e == ENDPOINT_OPENSHIFT_APISERVER || e == ENDPOINT_OPENSHIFT_CONTROLLERS;
}

/* How an endpoint is read, told by its path: an object of a namespace, or a URL that names none (ns empty).
 * False: it takes no right that an audit must be given. */
struct endpoint_right {
    struct str ns, resource, name;
};
static bool right_of(enum endpoint e, struct endpoint_right *out)
{
    struct str path = str_from_c(endpoint_path(e)), rest;
    struct endpoint_right r = { 0 };
    if (is_of_openshift(e) || e == ENDPOINT_KUBELETS || e == ENDPOINT_DISCOVERY || e == ENDPOINT_SELF || e == ENDPOINT_RIGHTS || path.p[0] != '/')
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
static void print_endpoint_rule(const struct wanting *w, struct endpoint_right of, bool *done)
{
    struct buf names CLEANUP(buf_release) = BUF_INIT(4096);
    for (size_t e = 0; e < ENDPOINT_COUNT; e++) {
        struct endpoint_right r;
        if (!right_of((enum endpoint)e, &r) || !str_eq(r.ns, of.ns) || !str_eq(r.resource, of.resource) || !checks_of_endpoint(w, (enum endpoint)e).n)
            continue;
        done[e] = true;
        print_comment(w, r.name, checks_of_endpoint(w, (enum endpoint)e));
        buf_addf(&names, "%s%.*s", names.n ? ", " : "", STR_ARG(r.name));
    }
    if (of.ns.n)
        printf("- apiGroups: [\"\"]\n  resources: [%.*s]\n  resourceNames: [%.*s]\n  verbs: [get]\n", STR_ARG(of.resource), (int)names.n, names.p);
    else
        printf("- nonResourceURLs: [%.*s]\n  verbs: [get]\n", (int)names.n, names.p);
}

/* One Role a namespace that endpoints name objects of. */
static void print_roles(const struct wanting *w, bool *done)
{
    struct str ns = { 0 };
    for (size_t e = 0; e < ENDPOINT_COUNT; e++) {
        struct endpoint_right r;
        if (done[e] || !right_of((enum endpoint)e, &r) || !checks_of_endpoint(w, (enum endpoint)e).n)
            continue;
        if (!str_eq(r.ns, ns)) {
            printf("---\n");
            print_head("Role", "kubevouch-settings", str_to_c(w->arena, r.ns));
        }
        ns = r.ns;
        print_endpoint_rule(w, r, done);
    }
}

static void tell_openshift(const struct wanting *w)
{
    for (size_t e = 0; e < ENDPOINT_COUNT; e++) {
        struct str checks = checks_of_endpoint(w, (enum endpoint)e);
        if (is_of_openshift((enum endpoint)e) && checks.n)
            printf("# On OpenShift also %s: %.*s\n", endpoint_remedy((enum endpoint)e), STR_ARG(checks));
    }
}

static void print_kubelets(const struct wanting *w, struct str way)
{
    struct str checks = checks_of_endpoint(w, ENDPOINT_KUBELETS);
    bool proxy = str_eq_c(way, "proxy");
    if (!checks.n || (!proxy && !str_eq_c(way, "direct")))
        return;
    print_comment(w, proxy ? STR("nodes/proxy (as good as root on every node: it runs commands in any container)") : STR("nodes/configz (Kubernetes 1.33 and newer)"), checks);
    printf("- apiGroups: [\"\"]\n  resources: [nodes/%s]\n  verbs: [get]\n", proxy ? "proxy" : "configz");
}

enum exit_status cmd_rbac(const struct options *o, struct arena *run, struct err *err)
{
    struct benchmark b;
    struct selection s = { o->profile, o->include.item, o->exclude.item, o->include.count, o->exclude.count };
    if (!data_benchmark(&b, run, o->benchmark, err))
        return EXIT_USAGE;
    bool *selected = arena_array(run, bool, b.check_count);
    if (!benchmark_select(&b, &s, selected, err))
        return EXIT_USAGE;
    struct wanting w = { &b, selected, benchmark_reads(&b, selected), run };
    printf("# The least rights of an audit by %.*s, and the checks that each is for. Beside these an audit uses what every\n"
           "# authenticated user has (ClusterRoles system:basic-user and system:discovery). Made by: kubevouch rbac\n", STR_ARG(b.id));
    print_head("ClusterRole", "kubevouch", NULL);
    print_kinds(&w);
    print_kubelets(&w, o->kubelet);
    bool done[ENDPOINT_COUNT] = { false };
    print_endpoint_rule(&w, (struct endpoint_right){ 0 }, done);
    print_roles(&w, done);
    tell_openshift(&w);
    return EXIT_DONE;
}
