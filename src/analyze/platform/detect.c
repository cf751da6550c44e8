/* Add-ons recognised by their traces: network plugins, policy engines, image verifiers, secret
 * stores. */
#include "analyze/facts_state.h"
#include "cluster/owner.h"
#include "cluster/selector.h"

enum enforces { ENFORCES_NO, ENFORCES_DEPENDS, ENFORCES_YES, ENFORCES_KINDNET, ENFORCES_CALICO };

static const struct {
    const char *name, *namespaces, *daemonsets, *images;
    enum enforces enforces, admin;
} plugin[] = {
#define PLUGIN(name, namespaces, daemonsets, images, enforces, admin, forgers) \
    { name, namespaces, daemonsets, images, ENFORCES_##enforces, ENFORCES_##admin },
#include "analyze/platform/detect.def"
#undef PLUGIN
};
static const struct {
    const char *name, *crd;
} plugin_crd[] = {
#define PLUGIN_CRD(name, crd, forgers) { name, crd },
#include "analyze/platform/detect.def"
#undef PLUGIN_CRD
};
static const struct {
    const char *name, *webhooks;
} engine[] = {
#define ENGINE(name, webhooks, forgers) { name, webhooks },
#include "analyze/platform/detect.def"
#undef ENGINE
};
static const struct {
    const char *name, *webhooks;
    bool only;
} verifier[] = {
#define VERIFIER(name, webhooks, only, forgers) { name, webhooks, only },
#include "analyze/platform/detect.def"
#undef VERIFIER
};
static const struct {
    const char *name, *crd;
} verifier_crd[] = {
#define VERIFIER_CRD(name, crd, forgers) { name, crd },
#include "analyze/platform/detect.def"
#undef VERIFIER_CRD
};
enum store_source { SOURCE_CSIDRIVER, SOURCE_CRD, SOURCE_WEBHOOK };
static const struct {
    const char *name, *kind;
    bool copies;
    enum store_source source;
    const char *pattern;
} store[] = {
#define STORE(name, kind, copies, source, pattern, forgers) \
    { name, kind, copies, SOURCE_##source, pattern },
#include "analyze/platform/detect.def"
#undef STORE
};

/* What is detected counts for a verdict: it must not be a tenant's or a single node's to write. */
#define BELIEVED(forgers)                                                    \
    _Static_assert((forgers) != 0 && ((forgers) & ~BY2(SERVER, ADMIN)) == 0, \
                   "a detection rests on what a cluster administrator alone can write");
#define PLUGIN(name, namespaces, daemonsets, images, enforces, admin, forgers) BELIEVED(forgers)
#define PLUGIN_CRD(name, crd, forgers)                                         BELIEVED(forgers)
#define ENGINE(name, webhooks, forgers)                                        BELIEVED(forgers)
#define VERIFIER(name, webhooks, only, forgers)                                BELIEVED(forgers)
#define VERIFIER_CRD(name, crd, forgers)                                       BELIEVED(forgers)
#define STORE(name, kind, copies, source, pattern, forgers)                    BELIEVED(forgers)
#include "analyze/platform/detect.def"
#undef PLUGIN
#undef PLUGIN_CRD
#undef ENGINE
#undef VERIFIER
#undef VERIFIER_CRD
#undef STORE

/* One of the globs, separated by spaces, matches all of s. */
static bool globs_match(const char *globs, struct str s)
{
    struct str rest = str_from_c(globs), glob;
    while (str_next_field(&rest, ' ', &glob)) {
        if (glob.n && str_glob(glob, s))
            return true;
    }
    return false;
}

/* ---- network plugins ---- */

/* "registry/path/name" of an image, and its tag. */
static void split_image(struct str image, struct str *path, struct str *tag)
{
    struct str digest;
    str_cut(image, '@', path, &digest);
    size_t slash = str_find_last_char(*path, '/'), colon = str_find_last_char(*path, ':');
    *tag = STR("");
    if (colon != SIZE_MAX && (slash == SIZE_MAX || colon > slash)) {
        *tag = str_sub(*path, colon + 1, path->n);
        *path = str_sub(*path, 0, colon);
    }
}

/* kindnetd enforces since the image of kind v0.24.0: tags are "v20240813-c6f155d6". */
#define KINDNET_ENFORCES_SINCE 20240813u
static enum enforces kindnet_enforces(const struct workload_row *row)
{
    for (size_t i = 0; i < row->image_count; i++) {
        struct str path, tag;
        uint64_t date;
        split_image(row->image[i], &path, &tag);
        if (globs_match("*kindest/kindnetd", path) && tag.n >= 9 && tag.p[0] == 'v' &&
            str_to_uint64(str_sub(tag, 1, 9), &date))
            return date >= KINDNET_ENFORCES_SINCE ? ENFORCES_YES : ENFORCES_NO;
    }
    return ENFORCES_DEPENDS;
}

/* Calico enforces AdminNetworkPolicies since v3.29 and BaselineAdminNetworkPolicies too since
 * v3.30: what enforces a part of them is not taken for one that does. Tags are "v3.30.1", or begin
 * so. */
#define CALICO_ADMIN_SINCE 30u
static enum enforces calico_enforces_admin(const struct workload_row *row)
{
    for (size_t i = 0; i < row->image_count; i++) {
        struct str path, tag, minor, rest;
        uint64_t n;
        split_image(row->image[i], &path, &tag);
        if (!str_has_prefix(tag, STR("v3.")) || !str_contains(path, STR("calico")))
            continue;
        (void)str_cut(str_sub(tag, 3, tag.n), '.', &minor, &rest);
        if (str_to_uint64(minor, &n))
            return n >= CALICO_ADMIN_SINCE ? ENFORCES_YES : ENFORCES_NO;
    }
    return ENFORCES_DEPENDS;
}

/* The image that makes row a plugin's agent, or its name; empty: it is not. */
static struct str plugin_trace(size_t p, const struct workload_row *row)
{
    for (size_t i = 0; i < row->image_count; i++) {
        struct str path, tag;
        split_image(row->image[i], &path, &tag);
        if (globs_match(plugin[p].images, path))
            return row->image[i];
    }
    bool named = globs_match(plugin[p].daemonsets, row->ref.name) &&
                 globs_match(plugin[p].namespaces, row->ref.ns);
    return named ? row->ref.name : STR("");
}

struct plugins {
    struct facts *facts;
    struct map name;
    struct value_builder evidence;
    bool any[3];   /* by enforces */
    bool admin;    /* one of those that enforce does so with the administrator's policies too */
    bool in_doubt; /* roles and bindings that were not seen might vouch for an agent */
};

static void note_plugin(struct plugins *s, const char *name, enum enforces enforces)
{
    map_put(&s->name, str_from_c(name), s);
    s->any[enforces] = true;
}

/* Writing the cluster's nodes, or the plugin's own custom resources, by one rule. */
static bool rule_vouches(const struct rbac_rule *rule, const char *plugin_name)
{
    static const char *const verb[] = { "update", "patch" }, *const node[] = { "nodes",
                                                                               "nodes/status" };
    for (size_t v = 0; v < COUNT_OF(verb); v++) {
        for (size_t n = 0; n < COUNT_OF(node); n++)
            if (rbac_rule_gives(rule, false, str_from_c(verb[v]), STR(""), str_from_c(node[n])))
                return true;
        for (size_t i = 0; i < COUNT_OF(plugin_crd); i++) {
            struct str resource, group;
            if (strcmp(plugin_crd[i].name, plugin_name) == 0 &&
                str_cut(str_from_c(plugin_crd[i].crd), '.', &resource, &group) &&
                rbac_rule_gives(rule, false, str_from_c(verb[v]), group, resource))
                return true;
        }
    }
    return false;
}

/* Whether somebody wrote it who may write in the whole cluster: kube-system is no tenant's, nor is
 * an OpenShift's openshift-*, and only such a one writes ClusterRoleBindings. */
static bool is_vouched(const struct facts *f, const struct workload_row *row,
                       const char *plugin_name)
{
    if (str_eq_c(row->ref.ns, "kube-system") ||
        (str_has_prefix(row->ref.ns, STR("openshift-")) && cluster_is_openshift(f->cluster)))
        return true;
    const struct rbac_subject *account =
        rbac_find_subject(&f->rbac, RBAC_SERVICE_ACCOUNT, row->ref.ns, row->account);
    for (size_t i = 0; account && i < account->binding.count; i++) {
        const struct rbac_binding *b = &f->rbac.binding.item[account->binding.item[i]];
        const struct rbac_role *role = rbac_role_of(&f->rbac, b);
        for (size_t r = 0; b->cluster && role && r < role->rule_count; r++)
            if (rule_vouches(&role->rule[r], plugin_name))
                return true;
    }
    return false;
}

/* A DaemonSet that looks like the agent of plugin p, by trace. */
static void note_agent(struct plugins *s, size_t p, const struct workload_row *row,
                       struct str trace)
{
    enum enforces enforces =
        plugin[p].enforces == ENFORCES_KINDNET ? kindnet_enforces(row) : plugin[p].enforces;
    bool vouched = is_vouched(s->facts, row, plugin[p].name),
         placed = globs_match(plugin[p].namespaces, row->ref.ns);
    const char *why = "";
    if (row->desired == 0)
        why = ", which is for no node and is not counted";
    else if (!vouched && !placed)
        why = ", where anyone may write and no cluster-wide binding vouches for it: it is not "
              "counted";
    else if (!vouched && enforces == ENFORCES_YES)
        why = ", where no cluster-wide binding vouches for it: whether it enforces is not known";
    else if (row->ready == 0 && enforces == ENFORCES_YES)
        why = ", of which no pod is ready: whether it enforces is not known";
    s->in_doubt |= !vouched && row->desired != 0;
    facts_say(&s->evidence, s->facts->arena, "%s: DaemonSet %.*s/%.*s (%.*s)%s", plugin[p].name,
              STR_ARG(row->ref.ns), STR_ARG(row->ref.name), STR_ARG(trace), why);
    if (row->desired == 0 || (!vouched && !placed))
        return;
    note_plugin(s, plugin[p].name, *why ? ENFORCES_DEPENDS : enforces);
    enum enforces admin =
        plugin[p].admin == ENFORCES_CALICO ? calico_enforces_admin(row) : plugin[p].admin;
    s->admin |= !*why && enforces == ENFORCES_YES && admin == ENFORCES_YES;
}

static void find_agents(struct plugins *s)
{
    const struct cluster *c = s->facts->cluster;
    for (size_t i = 0; i < c->workload.count; i++) {
        const struct workload_row *row = &c->workload.item[i];
        for (size_t p = 0; row->kind == KIND_DAEMONSETS && p < COUNT_OF(plugin); p++) {
            struct str trace = plugin_trace(p, row);
            if (trace.n)
                note_agent(s, p, row, trace);
        }
    }
}

static void find_plugin_crds(struct plugins *s)
{
    for (size_t i = 0; i < COUNT_OF(plugin_crd); i++) {
        if (map_has(&s->name, str_from_c(plugin_crd[i].name)) ||
            !cluster_find(s->facts->cluster, KIND_CRDS, STR(""), str_from_c(plugin_crd[i].crd)))
            continue;
        note_plugin(s, plugin_crd[i].name, ENFORCES_DEPENDS);
        facts_say(&s->evidence, s->facts->arena,
                  "%s: custom resource %s, but no agent was recognised", plugin_crd[i].name,
                  plugin_crd[i].crd);
    }
}

/* By its API server's version; by all of its nodes where that was not had. */
static bool is_k3s(const struct cluster *c)
{
    size_t count = 0;
    if (c->git_version.n)
        return str_contains(c->git_version, STR("+k3s"));
    for (size_t i = 0; i < c->kept[KIND_NODES].count; i++)
        count += str_contains(value_text_at(c->kept[KIND_NODES].item[i], "status", "nodeInfo",
                                            "kubeletVersion", NULL),
                              STR("+k3s"));
    return count > 0 && count == c->kept[KIND_NODES].count;
}

/* K3s has kube-router's policy controller inside, unless a server is started with
 * --disable-network-policy; servers write their arguments on their Node, as any node may write what
 * it likes on its own. */
static void find_k3s(struct plugins *s)
{
    const struct cluster *c = s->facts->cluster;
    bool seen = false, silent = false, disabled = false;
    if (!is_k3s(c))
        return;
    for (size_t i = 0; i < c->kept[KIND_NODES].count; i++) {
        struct value node = c->kept[KIND_NODES].item[i];
        struct str args = value_text_at(node, "metadata", "annotations", "k3s.io/node-args", NULL);
        bool server = str_contains(args, STR("\"server\""));
        if (!cluster_node_is_control_plane(node, false))
            continue;
        seen = seen || server;
        silent = silent || !server;
        disabled = disabled || str_contains(args, STR("disable-network-policy"));
    }
    seen = seen && !silent;
    note_plugin(s, "k3s", disabled ? ENFORCES_NO : seen ? ENFORCES_YES : ENFORCES_DEPENDS);
    facts_say(&s->evidence, s->facts->arena,
              "k3s: the cluster is K3s, whose own policy controller is %s",
              disabled ? "switched off (--disable-network-policy)"
              : seen   ? "on"
                       : "on unless its servers say --disable-network-policy");
}

static int by_text(const void *a, const void *b)
{
    return str_cmp(value_text(*(const struct value *)a), value_text(*(const struct value *)b));
}

struct value make_network_plugin(struct facts *f)
{
    static const enum kind need[] = { KIND_DAEMONSETS, KIND_NODES, KIND_CRDS,
                                      KIND_CLUSTERROLEBINDINGS, KIND_CLUSTERROLES };
    size_t needed = COUNT_OF(need);
    struct plugins s = { .facts = f };
    struct value_builder b, names;
    map_init(&s.name, f->arena);
    value_builder_init(&s.evidence, f->arena);
    find_agents(&s);
    find_plugin_crds(&s);
    find_k3s(&s);
    bool enforces = s.any[ENFORCES_YES];
    needed -= s.in_doubt ? 0 : 2;
    for (size_t i = 0; !enforces && i < needed; i++) {
        if (!facts_saw(f, need[i]))
            return facts_gap_kind(f, f->arena, need[i]);
    }
    value_builder_init(&names, f->arena);
    for (size_t i = 0; i < s.name.count; i++)
        value_builder_push(&names, value_str(s.name.entry[i].key));
    if (names.count)
        qsort(names.item, names.count, sizeof *names.item, by_text);
    value_builder_init(&b, f->arena);
    value_builder_set(&b, "names", value_builder_list(&names));
    value_builder_set(&b, "enforces",
                      enforces                                         ? value_bool(true)
                      : s.any[ENFORCES_DEPENDS] || !s.any[ENFORCES_NO] ? value_null()
                                                                       : value_bool(false));
    value_builder_set(&b, "enforcesAdmin", enforces && s.admin ? value_bool(true) : value_null());
    value_builder_set(&b, "evidence", value_builder_list(&s.evidence));
    return value_builder_map(&b);
}

/* ---- webhooks and policies ---- */

static bool list_names(struct value map, const char *key, const char *one, const char *other)
{
    const struct value *v = value_get(map, str_from_c(key));
    for (uint32_t i = 0; v && v->kind == VALUE_LIST && i < v->n; i++) {
        struct str s = value_text(value_item(*v, i));
        if (str_eq_c(s, one) || str_eq_c(s, other))
            return true;
    }
    return false;
}

/* One of the rules is about making pods. */
static bool judges_pods(const struct value *rules)
{
    for (uint32_t i = 0; rules && rules->kind == VALUE_LIST && i < rules->n; i++) {
        struct value r = value_item(*rules, i);
        if (list_names(r, "operations", "CREATE", "*") && list_names(r, "apiGroups", "", "*") &&
            (list_names(r, "resources", "pods", "*") ||
             list_names(r, "resources", "*/*", "pods/*")))
            return true;
    }
    return false;
}

typedef void webhook_fn(void *ctx, struct value configuration, struct value webhook);

static void each_webhook(const struct facts *f, enum kind kind, webhook_fn *fn, void *ctx)
{
    for (size_t i = 0; i < f->cluster->kept[kind].count; i++) {
        struct value configuration = f->cluster->kept[kind].item[i];
        const struct value *webhooks = value_get(configuration, STR("webhooks"));
        for (uint32_t w = 0; webhooks && webhooks->kind == VALUE_LIST && w < webhooks->n; w++)
            fn(ctx, configuration, value_item(*webhooks, w));
    }
}

static bool fails_open(struct value object)
{
    return str_eq_c(value_text_at(object, "failurePolicy", NULL), "Ignore");
}

struct detection {
    struct facts *facts;
    struct value_builder list;
};

static void add_engine(struct detection *d, const char *name, const char *kind, struct str object,
                       bool pods, bool open, struct value enforcing, struct str evidence)
{
    struct value_builder b;
    value_builder_init(&b, d->facts->arena);
    value_builder_set(&b, "name", value_cstr(name));
    value_builder_set(&b, "kind", value_cstr(kind));
    value_builder_set(&b, "object", value_str(object));
    value_builder_set(&b, "judgesPods", value_bool(pods));
    value_builder_set(&b, "failurePolicy", value_cstr(open ? "Ignore" : "Fail"));
    value_builder_set(&b, "enforcing", enforcing);
    value_builder_set(&b, "evidence", value_str(evidence));
    value_builder_push(&d->list, value_builder_map(&b));
}

static void find_engine(void *ctx, struct value configuration, struct value webhook)
{
    struct detection *d = ctx;
    struct arena *a = d->facts->arena;
    struct str name = value_text_at(webhook, "name", NULL);
    struct str object =
        str_printf(a, "%.*s/%.*s", STR_ARG(value_text_at(configuration, "metadata", "name", NULL)),
                   STR_ARG(name));
    for (size_t i = 0; i < COUNT_OF(engine); i++) {
        if (!globs_match(engine[i].webhooks, name))
            continue;
        bool open = fails_open(webhook);
        add_engine(d, engine[i].name, "webhook", object,
                   judges_pods(value_get(webhook, STR("rules"))), open,
                   open ? value_bool(false) : value_null(),
                   str_printf(a, "ValidatingWebhookConfiguration %.*s, failurePolicy %s",
                              STR_ARG(object), open ? "Ignore" : "Fail"));
        return;
    }
}

/* Whether a binding of the policy denies; null when bindings were not all seen and none does. */
static struct value policy_denies(struct facts *f, struct str policy, struct str *binding)
{
    for (size_t i = 0; i < f->cluster->kept[KIND_ADMISSIONBINDINGS].count; i++) {
        struct value b = f->cluster->kept[KIND_ADMISSIONBINDINGS].item[i];
        const struct value *spec = value_get(b, STR("spec"));
        if (spec && str_eq(value_text_at(*spec, "policyName", NULL), policy) &&
            list_names(*spec, "validationActions", "Deny", "Deny")) {
            *binding = value_text_at(b, "metadata", "name", NULL);
            return value_bool(true);
        }
    }
    return facts_listed(f, KIND_ADMISSIONBINDINGS)
               ? value_bool(false)
               : facts_gap_kind(f, f->arena, KIND_ADMISSIONBINDINGS);
}

static void find_policies(struct detection *d)
{
    struct facts *f = d->facts;
    for (size_t i = 0; i < f->cluster->kept[KIND_ADMISSIONPOLICIES].count; i++) {
        struct value policy = f->cluster->kept[KIND_ADMISSIONPOLICIES].item[i];
        struct str name = value_text_at(policy, "metadata", "name", NULL), binding = STR("");
        const struct value *spec = value_get(policy, STR("spec"));
        const struct value *rules =
            value_at(policy, "spec", "matchConstraints", "resourceRules", NULL);
        struct value denies = policy_denies(f, name, &binding);
        add_engine(
            d, "validatingadmissionpolicy", "policy", name, judges_pods(rules),
            spec && fails_open(*spec), denies,
            binding.n
                ? str_printf(f->arena, "ValidatingAdmissionPolicy %.*s is bound by %.*s with Deny",
                             STR_ARG(name), STR_ARG(binding))
                : str_printf(f->arena, "ValidatingAdmissionPolicy %.*s: no binding of it denies",
                             STR_ARG(name)));
    }
}

static int by_name_and_object(const void *a, const void *b)
{
    const struct value *x = a, *y = b;
    int order = str_cmp(value_text_at(*x, "name", NULL), value_text_at(*y, "name", NULL));
    return order ? order
                 : str_cmp(value_text_at(*x, "object", NULL), value_text_at(*y, "object", NULL));
}

/* The list, sorted; unavailable if it is empty and one of the kinds was not seen. of_cluster: that
 * nothing is there is said of a whole cluster; else of a Namespace, which is judged by what stands
 * in the files beside it. */
static struct value finish_list(struct detection *d, const enum kind *need, size_t need_count,
                                bool of_cluster)
{
    for (size_t i = 0; !d->list.count && i < need_count; i++) {
        if (!facts_listed(d->facts, need[i]) || (of_cluster && !facts_saw(d->facts, need[i])))
            return facts_gap_kind(d->facts, d->facts->arena, need[i]);
    }
    if (d->list.count)
        qsort(d->list.item, d->list.count, sizeof *d->list.item, by_name_and_object);
    return value_builder_list(&d->list);
}

struct value make_policy_engines(struct facts *f)
{
    static const enum kind need[] = { KIND_VALIDATINGWEBHOOKS, KIND_ADMISSIONPOLICIES };
    struct detection d = { .facts = f };
    value_builder_init(&d.list, f->arena);
    each_webhook(f, KIND_VALIDATINGWEBHOOKS, find_engine, &d);
    find_policies(&d);
    return finish_list(&d, need, COUNT_OF(need), false);
}

/* ---- image verifiers ---- */

static void add_verifier(struct detection *d, const char *name, struct value enforcing,
                         struct str evidence)
{
    struct value_builder b;
    value_builder_init(&b, d->facts->arena);
    value_builder_set(&b, "name", value_cstr(name));
    value_builder_set(&b, "enforcing", enforcing);
    value_builder_set(&b, "evidence", value_str(evidence));
    value_builder_push(&d->list, value_builder_map(&b));
}

/* One of the rules is about the operation on pods, or on a subresource of theirs. */
static bool rules_reach(const struct value *rules, const char *operation, const char *resource,
                        const char *wild)
{
    for (uint32_t i = 0; rules && rules->kind == VALUE_LIST && i < rules->n; i++) {
        struct value r = value_item(*rules, i);
        bool named = list_names(r, "resources", resource, wild) ||
                     list_names(r, "resources", "*/*", "pods/*");
        if (named && list_names(r, "operations", operation, "*") &&
            list_names(r, "apiGroups", "", "*") && list_names(r, "apiVersions", "v1", "*") &&
            !str_eq_c(value_text_at(r, "scope", NULL), "Cluster"))
            return true;
    }
    return false;
}

static bool is_system_namespace(struct str name)
{
    return str_eq_c(name, "kube-system") || str_eq_c(name, "kube-public") ||
           str_eq_c(name, "kube-node-lease");
}

/* A namespace that the webhook's selector leaves out, its own apart; empty: none of those that were
 * listed. */
static struct str namespace_left_out(const struct facts *f, struct value webhook,
                                     struct value selector)
{
    struct str own = value_text_at(webhook, "clientConfig", "service", "namespace", NULL);
    for (size_t i = 0; i < f->cluster->kept[KIND_NAMESPACES].count; i++) {
        struct value object = f->cluster->kept[KIND_NAMESPACES].item[i];
        const struct value *labels = value_at(object, "metadata", "labels", NULL);
        struct str name = value_text_at(object, "metadata", "name", NULL);
        if (!is_system_namespace(name) && !str_eq(name, own) &&
            !selector_matches(selector, labels ? *labels : value_null()))
            return name;
    }
    return (struct str){ 0 };
}

static bool narrows(struct value webhook, const char *key)
{
    const struct value *v = value_get(webhook, str_from_c(key));
    if (!v || v->kind == VALUE_NULL)
        return false;
    return v->kind == VALUE_LIST ? v->n > 0 : !selector_is_everything(*v);
}

enum reach { REACH_SOME, REACH_UNSURE, REACH_ALL };

/* Whether every pod outside the system's namespaces is shown to the webhook: *why not. */
static enum reach reach_of(const struct facts *f, struct value webhook, enum kind kind,
                           struct str *why)
{
    const char *plugin_name =
        kind == KIND_MUTATINGWEBHOOKS ? "MutatingAdmissionWebhook" : "ValidatingAdmissionWebhook";
    const struct value *rules = value_get(webhook, STR("rules")),
                       *selector = value_get(webhook, STR("namespaceSelector"));
    enum plugin_seen seen = facts_admission_plugin(f, plugin_name);
    struct str out = narrows(webhook, "namespaceSelector")
                         ? namespace_left_out(f, webhook, *selector)
                         : (struct str){ 0 };
    if (seen == PLUGIN_OFF) {
        *why = str_printf(f->arena,
                          ", which is never asked: an API server leaves admission plugin %s out",
                          plugin_name);
        return REACH_SOME;
    }
    if (!rules_reach(rules, "CREATE", "pods", "*")) {
        *why = STR(", which is not asked about new pods");
        return REACH_SOME;
    }
    if (out.n) {
        *why = str_printf(f->arena, ", which is not asked about namespace %.*s", STR_ARG(out));
        return REACH_SOME;
    }
    *why =
        narrows(webhook, "objectSelector") ? STR(", which is asked about pods of some labels only")
        : narrows(webhook, "matchConditions") ? STR(", which is asked on conditions only")
        : !rules_reach(rules, "UPDATE", "pods", "*") ||
                !rules_reach(rules, "UPDATE", "pods/ephemeralcontainers", "pods/*")
            ? STR(", which is not asked about images that are changed in, or added to, running "
                  "pods (UPDATE of pods and pods/ephemeralcontainers)")
        : seen == PLUGIN_UNREAD ? STR(", and whether it is asked an API server's flags do not tell")
        : narrows(webhook, "namespaceSelector") && !facts_listed(f, KIND_NAMESPACES)
            ? STR(", and namespaces that it is not asked about were not all seen")
            : (struct str){ 0 };
    return why->n ? REACH_UNSURE : REACH_ALL;
}

/* Several webhooks of one verifier are one row; the strictest tells. */
struct verifiers {
    struct facts *facts;
    enum kind kind; /* of the configurations that are gone through */
    enum reach best[COUNT_OF(verifier)];
    struct str evidence[COUNT_OF(verifier)];
};

static void find_verifier(void *ctx, struct value configuration, struct value webhook)
{
    struct verifiers *v = ctx;
    struct str name = value_text_at(webhook, "name", NULL), why = { 0 };
    for (size_t i = 0; i < COUNT_OF(verifier); i++) {
        if (!globs_match(verifier[i].webhooks, name))
            continue;
        bool open = fails_open(webhook);
        enum reach reach = reach_of(v->facts, webhook, v->kind, &why);
        reach = open ? REACH_SOME : reach == REACH_ALL && !verifier[i].only ? REACH_UNSURE : reach;
        if (v->evidence[i].n && reach < v->best[i])
            return;
        v->best[i] = reach;
        v->evidence[i] =
            str_printf(v->facts->arena, "webhook %.*s of %.*s, failurePolicy %s%.*s", STR_ARG(name),
                       STR_ARG(value_text_at(configuration, "metadata", "name", NULL)),
                       open ? "Ignore" : "Fail", STR_ARG(why));
        return;
    }
}

/* ImagePolicyWebhook without its configuration file does not start; one API server without it is a
 * way round. */
static void find_image_policy(struct detection *d)
{
    struct facts *f = d->facts;
    size_t on = 0;
    for (size_t i = 0; i < f->apiserver.count; i++) {
        struct value flags = f->apiserver.item[i].flags;
        on += !f->apiserver.item[i].doubt.n &&
              (component_list_has(value_text_at(flags, "enable-admission-plugins", NULL),
                                  "ImagePolicyWebhook") ||
               component_list_has(value_text_at(flags, "admission-control", NULL),
                                  "ImagePolicyWebhook")) &&
              value_text_at(flags, "admission-control-config-file", NULL).n > 0;
    }
    if (on)
        add_verifier(
            d, "ImagePolicyWebhook",
            on < f->apiserver.count      ? value_bool(false)
            : facts_listed(f, KIND_PODS) ? value_bool(true)
                                         : value_null(),
            str_printf(f->arena,
                       "%zu of %zu API servers enable it with --admission-control-config-file", on,
                       f->apiserver.count));
}

struct value make_image_verifiers(struct facts *f)
{
    static const enum kind need[] = { KIND_VALIDATINGWEBHOOKS, KIND_MUTATINGWEBHOOKS, KIND_CRDS,
                                      KIND_PODS };
    struct detection d = { .facts = f };
    struct verifiers v = { .facts = f };
    value_builder_init(&d.list, f->arena);
    v.kind = KIND_VALIDATINGWEBHOOKS;
    each_webhook(f, v.kind, find_verifier, &v);
    v.kind = KIND_MUTATINGWEBHOOKS;
    each_webhook(f, v.kind, find_verifier, &v);
    for (size_t i = 0; i < COUNT_OF(verifier); i++) {
        if (v.evidence[i].n)
            add_verifier(&d, verifier[i].name,
                         v.best[i] == REACH_UNSURE ? value_null()
                                                   : value_bool(v.best[i] == REACH_ALL),
                         v.evidence[i]);
    }
    for (size_t i = 0; i < COUNT_OF(verifier_crd); i++) {
        if (cluster_find(f->cluster, KIND_CRDS, STR(""), str_from_c(verifier_crd[i].crd)))
            add_verifier(&d, verifier_crd[i].name, value_null(),
                         str_printf(f->arena, "custom resource %s", verifier_crd[i].crd));
    }
    find_image_policy(&d);
    return finish_list(&d, need, COUNT_OF(need), true);
}

/* ---- secret stores ---- */

struct store_search {
    const char *pattern;
    struct facts *facts;
    struct value_builder evidence;
};

static void find_store_webhook(void *ctx, struct value configuration, struct value webhook)
{
    struct store_search *s = ctx;
    struct str name = value_text_at(webhook, "name", NULL);
    struct str object = value_text_at(configuration, "metadata", "name", NULL);
    if (globs_match(s->pattern, name) || globs_match(s->pattern, object))
        facts_say(&s->evidence, s->facts->arena, "webhook %.*s of %.*s", STR_ARG(name),
                  STR_ARG(object));
}

static void find_store_object(struct store_search *s, enum kind kind)
{
    struct str rest = str_from_c(s->pattern), name;
    while (str_next_field(&rest, ' ', &name)) {
        if (cluster_find(s->facts->cluster, kind, STR(""), name))
            facts_say(&s->evidence, s->facts->arena, "%s %.*s", kind_info(kind)->name,
                      STR_ARG(name));
    }
}

static void add_store(struct detection *d, const char *name, const char *kind, bool copies,
                      struct value evidence)
{
    struct value_builder b;
    value_builder_init(&b, d->facts->arena);
    value_builder_set(&b, "name", value_cstr(name));
    value_builder_set(&b, "kind", value_cstr(kind));
    value_builder_set(&b, "copies", value_bool(copies));
    value_builder_set(&b, "evidence", evidence);
    value_builder_push(&d->list, value_builder_map(&b));
}

/* Secrets encrypted in etcd by a key that never leaves a key management service. */
static void find_kms(struct detection *d)
{
    struct facts *f = d->facts;
    struct str provider = value_text_at(f->value[FACT_encryption], "secretsProvider", NULL);
    struct value_builder evidence;
    if (!str_has_prefix(provider, STR("kms-")))
        return;
    value_builder_init(&evidence, f->arena);
    facts_say(&evidence, f->arena, "Secrets are written by provider %.*s", STR_ARG(provider));
    add_store(d, "kms", "kms", false, value_builder_list(&evidence));
}

struct value make_secret_stores(struct facts *f)
{
    static const enum kind need[] = { KIND_CSIDRIVERS, KIND_CRDS, KIND_MUTATINGWEBHOOKS };
    struct detection d = { .facts = f };
    value_builder_init(&d.list, f->arena);
    for (size_t i = 0; i < COUNT_OF(store); i++) {
        struct store_search s = { .pattern = store[i].pattern, .facts = f };
        value_builder_init(&s.evidence, f->arena);
        switch (store[i].source) {
        case SOURCE_CSIDRIVER:
            find_store_object(&s, KIND_CSIDRIVERS);
            break;
        case SOURCE_CRD:
            find_store_object(&s, KIND_CRDS);
            break;
        case SOURCE_WEBHOOK:
            each_webhook(f, KIND_MUTATINGWEBHOOKS, find_store_webhook, &s);
            break;
        }
        if (s.evidence.count)
            add_store(&d, store[i].name, store[i].kind, store[i].copies,
                      value_builder_list(&s.evidence));
    }
    find_kms(&d);
    return finish_list(&d, need, COUNT_OF(need), true);
}
