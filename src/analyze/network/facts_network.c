/* What network policies come to, as facts: for each namespace, and for each class of pods. */
#include "analyze/facts_state.h"
#include "cluster/selector.h"

#define NAMES_SHOWN 10u

/* Kinds whose objects are pods or make them. */
static const enum kind pod_kind[] = {
    KIND_PODS,         KIND_DEPLOYMENTS, KIND_DAEMONSETS,
    KIND_STATEFULSETS, KIND_REPLICASETS, KIND_REPLICATIONCONTROLLERS,
    KIND_JOBS,         KIND_CRONJOBS,
};
/* APIs whose objects are not read at all. */
static const char *const unread_crd[] = {
    "clusternetworkpolicies.crd.antrea.io",
    "egressfirewalls.k8s.ovn.org",
    "egressnetworkpolicies.network.openshift.io",
    "networkpolicies.crd.antrea.io",
};

void network_open(struct facts *f)
{
    f->network = arena_new(f->arena, struct network);
    network_init(f->network, f->arena);
    for (size_t i = 0; i < f->cluster->kept[KIND_NAMESPACES].count; i++)
        network_add_namespace(f->network, f->cluster->kept[KIND_NAMESPACES].item[i]);
    for (size_t k = 0; k < KIND_COUNT; k++)
        for (size_t i = 0; net_kind_is_policy((enum kind)k) && i < f->cluster->kept[k].count; i++)
            network_add_policy(f->network, (enum kind)k, f->cluster->kept[k].item[i]);
    network_finish(f->network);
}

void network_see(struct facts *f, const struct seen_object *seen)
{
    struct value pod;
    if (seen->kind == KIND_PODS)
        network_add_pod(f->network, seen->object, NULL);
    else if (kind_has_pod_template(seen->kind) && !seen->owned &&
             workload_as_pod(&pod, seen->scratch, seen->kind, seen->object))
        network_add_pod(f->network, pod, kind_info(seen->kind)->name);
}

/* Restricted in one direction at least. */
static bool is_restricted(const struct net_class *c)
{
    return !c->way[NET_INGRESS].open || !c->way[NET_EGRESS].open;
}

/* Policies of Cilium and Calico are what they say where it is known that the one they are of runs,
 * and enforces. */
static enum net_vendor plugin_that_runs(struct value plugin)
{
    const struct value *enforces = value_get(plugin, STR("enforces"));
    const struct value *names = value_get(plugin, STR("names"));
    struct str name = names && names->kind == VALUE_LIST && names->n == 1
                          ? value_text(value_item(*names, 0))
                          : STR("");
    if (!enforces || enforces->kind != VALUE_BOOL || !enforces->as.b)
        return NET_OF_ALL;
    return str_eq_c(name, "cilium")   ? NET_OF_CILIUM
           : str_eq_c(name, "calico") ? NET_OF_CALICO
                                      : NET_OF_ALL;
}

void network_close(struct facts *f)
{
    struct value plugin = make_network_plugin(f);
    f->network->runs = plugin_that_runs(plugin);
    f->network->admin_unsure = value_bool_at(plugin, false, "enforces", NULL) &&
                               !value_bool_at(plugin, false, "enforcesAdmin", NULL);
    network_judge_classes(f->network);
    for (size_t i = 0; i < f->network->klass.count; i++) {
        const struct net_class *c = &f->network->klass.item[i];
        struct namespace_entry *entry = facts_namespace_entry(f, c->end.ns);
        if (!entry)
            continue;
        entry->network.host += c->end.host_network;
        entry->network.restricted += !c->end.host_network && is_restricted(c);
        if (c->end.host_network || is_restricted(c))
            continue;
        entry->network.open++;
        if (entry->network.open_name.count < NAMES_SHOWN)
            *VEC_PUSH(&entry->network.open_name, f->arena) = c->example;
    }
}

/* ---- policies of a namespace */

static bool selects_all(const struct net_policy *p)
{
    return p->subject.pods.kind == VALUE_NULL || selector_is_everything(p->subject.pods);
}

/* selected: how many pods it selects; NULL: not told. */
static struct value policy_value(struct facts *f, uint32_t index, const struct value *selected,
                                 struct arena *a, struct arena *keep)
{
    const struct net_policy *p = &f->network->policy.item[index];
    struct net_selecting one = { .policy = { &index, 1, 1 } };
    struct net_openness way[NET_DIRECTIONS];
    struct value_builder b;
    for (size_t d = 0; d < NET_DIRECTIONS; d++)
        network_openness(f->network, &one, (enum net_direction)d, a, &way[d]);
    value_builder_init(&b, keep);
    value_builder_set(&b, "name", value_str(p->name));
    value_builder_set(&b, "selectsAll",
                      value_bool((p->applies[0] || p->applies[1]) && selects_all(p)));
    value_builder_set(&b, "ingress", value_bool(p->applies[NET_INGRESS]));
    value_builder_set(&b, "egress", value_bool(p->applies[NET_EGRESS]));
    value_builder_set(&b, "allowsAllIngress",
                      value_bool(p->applies[NET_INGRESS] && way[NET_INGRESS].open));
    value_builder_set(&b, "allowsAllEgress",
                      value_bool(p->applies[NET_EGRESS] && way[NET_EGRESS].open));
    if (selected)
        value_builder_set(&b, "selected", *selected);
    return value_builder_map(&b);
}

static int by_name(const void *a, const void *b)
{
    return str_cmp(value_text_at(*(const struct value *)a, "name", NULL),
                   value_text_at(*(const struct value *)b, "name", NULL));
}

/* A pod of the namespace of which nothing is known: no label. */
static struct net_end any_pod(struct str ns)
{
    return (struct net_end){ .is_pod = true, .ns = ns };
}

struct of_namespace {
    struct value policies, others;
    bool default_deny[NET_DIRECTIONS];
    bool undone[NET_DIRECTIONS]; /* every pod is isolated, and everyone let through again */
    bool restricts_some;         /* pods that some policy selects would be restricted */
    bool restricts_every;        /* whatever pods there are */
};

/* Policies that select every pod; with all, every policy of the namespace. */
static void select_for(struct facts *f, struct str ns, bool all, struct arena *a,
                       struct net_selecting *out)
{
    struct net_end pod = any_pod(ns);
    const struct net_namespace *space = network_space(f->network, ns);
    *out = (struct net_selecting){ 0 };
    for (size_t t = 0; t < NET_TIERS; t++)
        for (size_t i = 0; i < f->network->wide[t].count; i++) {
            const struct net_policy *p = &f->network->policy.item[f->network->wide[t].item[i]];
            struct net_pods subject = { p->subject.own, p->subject.namespaces, value_null() };
            if ((all || selects_all(p)) && net_pods_match(f->network, &subject, &pod))
                *VEC_PUSH(&out->wide, a) = f->network->wide[t].item[i];
        }
    for (uint32_t g = 0; g < space->group.count; g++)
        if (all || space->group.item[g].pods.kind == VALUE_NULL)
            *VEC_PUSH(&out->group, a) = g;
    network_expand(f->network, ns, a, out);
}

/* APIs whose policies may be there and are not seen: those that are not read, and in files, which
 * hold what somebody put into them, any that the cluster has. */
static void add_unread(struct facts *f, struct value_builder *others)
{
    bool whole = f->cluster->api_groups.kind == VALUE_MAP;
    for (size_t i = 0; i < f->cluster->kept[KIND_CRDS].count; i++) {
        struct str name =
                       value_text_at(f->cluster->kept[KIND_CRDS].item[i], "metadata", "name", NULL),
                   resource, group;
        enum kind k =
            str_cut(name, '.', &resource, &group) ? kind_by_group(group, resource) : KIND_NONE;
        bool unread = false;
        for (size_t u = 0; u < COUNT_OF(unread_crd); u++)
            unread |= str_eq_c(name, unread_crd[u]);
        if (unread || (!whole && k != KIND_NONE && net_kind_is_policy(k)))
            value_builder_push(others, value_str(name));
    }
}

struct network *facts_network(const struct facts *f)
{
    return f->network;
}

struct value facts_network_plugin(const struct facts *f)
{
    return f->value[FACT_networkPlugin];
}

struct value facts_network_unseen(struct facts *f, struct arena *a)
{
    struct value_builder b, others;
    value_builder_init(&b, a);
    value_builder_init(&others, a);
    for (size_t k = 0; k < KIND_COUNT; k++) {
        bool needed = k == KIND_NETWORKPOLICIES || k == KIND_NAMESPACES;
        bool gap =
            needed ? !facts_saw(f, (enum kind)k)
                   : net_kind_is_policy((enum kind)k) && coverage_is_gap(&f->cluster->coverage[k]);
        if (gap)
            value_builder_push(&b, value_str(facts_gap_kind(f, a, (enum kind)k).as.error->text));
    }
    add_unread(f, &others);
    for (size_t i = 0; i < others.count; i++)
        value_builder_push(&b, value_str(str_printf(a, "policies of %.*s are not read",
                                                    STR_ARG(value_text(others.item[i])))));
    return value_builder_list(&b);
}

static void judge_namespace(struct facts *f, struct arena *row, struct str ns,
                            struct of_namespace *out)
{
    struct arena a CLEANUP(arena_release) = { 0 };
    struct net_selecting every, all;
    const struct net_namespace *space = network_space(f->network, ns);
    select_for(f, ns, false, &a, &every);
    select_for(f, ns, true, &a, &all);
    for (size_t d = 0; d < NET_DIRECTIONS; d++) {
        struct net_openness of_every, of_all;
        network_openness(f->network, &every, (enum net_direction)d, &a, &of_every);
        network_openness(f->network, &all, (enum net_direction)d, &a, &of_all);
        out->default_deny[d] = of_every.closed;
        out->undone[d] = of_every.isolated && of_every.open;
        out->restricts_every |= !of_every.open && !of_all.open;
        out->restricts_some |= !of_every.open;
    }
    for (uint32_t g = 0; g < space->group.count && !out->restricts_some; g++) {
        struct net_selecting s = every;
        uint32_t *with = arena_array(&a, uint32_t, every.group.count + 1);
        if (every.group.count != 0)
            memcpy(with, every.group.item, every.group.count * sizeof *with);
        with[every.group.count] = g;
        s.group.item = with;
        s.group.count = s.group.cap =
            every.group.count + (space->group.item[g].pods.kind != VALUE_NULL);
        s.policy.item = NULL;
        s.policy.count = s.policy.cap = 0;
        network_expand(f->network, ns, &a, &s);
        for (size_t d = 0; d < NET_DIRECTIONS; d++) {
            struct net_openness way;
            network_openness(f->network, &s, (enum net_direction)d, &a, &way);
            out->restricts_some |= !way.open;
        }
    }
    struct value_builder policies, others;
    value_builder_init(&policies, row);
    value_builder_init(&others, row);
    for (size_t i = 0; i < all.policy.count; i++) {
        const struct net_policy *p = &f->network->policy.item[all.policy.item[i]];
        if (p->kind == KIND_NETWORKPOLICIES)
            value_builder_push(&policies, policy_value(f, all.policy.item[i], NULL, &a, row));
        else if (!network_evaluates(f->network, p))
            value_builder_push(&others, value_str(net_policy_text(row, p)));
    }
    if (policies.count)
        qsort(policies.item, policies.count, sizeof *policies.item, by_name);
    add_unread(f, &others);
    out->policies = value_builder_list(&policies);
    enum kind gap = KIND_NONE;
    for (size_t k = 0; k < KIND_COUNT; k++)
        if (net_kind_is_policy((enum kind)k) && k != KIND_NETWORKPOLICIES &&
            coverage_is_gap(&f->cluster->coverage[k]))
            gap = (enum kind)k;
    out->others = others.count || gap == KIND_NONE ? value_builder_list(&others)
                                                   : facts_gap_kind(f, row, gap);
}

/* Some kind of pods that was asked for and not all seen; KIND_NONE. */
static enum kind unseen_pods(const struct facts *f)
{
    for (size_t i = 0; i < COUNT_OF(pod_kind); i++)
        if (!facts_listed(f, pod_kind[i]) &&
            (i == 0 || f->cluster->coverage[pod_kind[i]].state != COVERAGE_NOT_ASKED))
            return pod_kind[i];
    return KIND_NONE;
}

static struct value restricted_value(const struct facts *f, struct arena *row,
                                     const struct of_namespace *n,
                                     const struct namespace_entry *entry)
{
    enum kind gap = unseen_pods(f);
    if (entry->network.open)
        return value_bool(false);
    if (n->restricts_every)
        return value_bool(true);
    if (gap != KIND_NONE && n->restricts_some)
        return facts_gap_kind(f, row, gap);
    return value_bool(entry->network.restricted ? true : n->restricts_some);
}

/* Null is for what was looked at and not recognised; what could not be looked at is unavailable,
 * for it may show that nothing enforces. Of files it is null: they are judged by what they say, and
 * a network plugin seldom stands beside what it is for. */
static struct value enforced_value(const struct facts *f)
{
    const struct value *plugin = &f->value[FACT_networkPlugin],
                       *enforces = value_get(*plugin, STR("enforces"));
    if (plugin->kind == VALUE_ERROR)
        return f->cluster->is_open ? value_null() : *plugin;
    return enforces && enforces->kind == VALUE_BOOL ? *enforces : value_null();
}

static struct value directions_value(struct arena *row, const bool way[NET_DIRECTIONS])
{
    struct value_builder b;
    value_builder_init(&b, row);
    for (size_t d = 0; d < NET_DIRECTIONS; d++)
        if (way[d])
            value_builder_push(&b, value_cstr(net_direction_name[d]));
    return value_builder_list(&b);
}

/* Pods, and workloads that would make some, that each policy selects, by its index. */
static const uint32_t *count_selected(struct facts *f, struct arena *a)
{
    uint32_t *count = arena_array(f->arena, uint32_t, f->network->policy.count + 1);
    for (size_t i = 0; i < f->network->klass.count; i++) {
        const struct net_class *c = &f->network->klass.item[i];
        struct arena_mark mark = arena_mark(a);
        struct net_selecting s;
        network_selecting(f->network, &c->end, a, &s);
        for (size_t k = 0; k < s.policy.count && !c->end.host_network; k++)
            count[s.policy.item[k]] += c->pods + c->workloads;
        arena_reset_to(a, mark);
    }
    return count;
}

/* Unavailable where pods that were not seen may be the ones that a policy without any selects. */
static struct value selected_value(struct facts *f, uint32_t selected, struct arena *a)
{
    for (size_t i = 0; !selected && i < COUNT_OF(pod_kind); i++)
        if (!facts_saw(f, pod_kind[i]))
            return facts_gap_kind(f, a, pod_kind[i]);
    return value_int(selected);
}

void facts_make_network_policies(struct facts *f, struct facts_rows *out)
{
    const uint32_t *count = count_selected(f, out->arena);
    for (uint32_t i = 0; i < f->network->policy.count; i++) {
        const struct net_policy *p = &f->network->policy.item[i];
        if (p->kind != KIND_NETWORKPOLICIES)
            continue;
        struct value selected = selected_value(f, count[i], out->arena);
        facts_add_row(f, out, p->object, policy_value(f, i, &selected, out->arena, out->arena));
    }
}

void facts_set_network(struct facts *f, struct arena *row, struct value_builder *b,
                       struct namespace_entry *entry)
{
    struct of_namespace n = { 0 };
    struct value_builder names;
    judge_namespace(f, row, entry->name, &n);
    value_builder_init(&names, row);
    for (size_t i = 0; i < entry->network.open_name.count; i++)
        value_builder_push(&names, value_str(entry->network.open_name.item[i]));
    /* A policy that was not seen may isolate the namespace, or open it. */
    struct value gap = facts_gap_kind(f, row, KIND_NETWORKPOLICIES);
    /* Of files: those that are there are judged; where there are none, others may hold some. */
    bool saw = facts_saw(f, KIND_NETWORKPOLICIES) ||
               (facts_listed(f, KIND_NETWORKPOLICIES) && n.policies.n + n.others.n);
    value_builder_set(b, "networkPolicies", saw ? n.policies : gap);
    value_builder_set(b, "defaultDenyIngress", saw ? value_bool(n.default_deny[NET_INGRESS]) : gap);
    value_builder_set(b, "defaultDenyEgress", saw ? value_bool(n.default_deny[NET_EGRESS]) : gap);
    value_builder_set(b, "undone", saw ? directions_value(row, n.undone) : gap);
    value_builder_set(b, "restricted", saw ? restricted_value(f, row, &n, entry) : gap);
    value_builder_set(b, "unrestricted", saw ? value_builder_list(&names) : gap);
    value_builder_set(b, "unrestrictedCount", saw ? value_int((int64_t)entry->network.open) : gap);
    value_builder_set(b, "otherPolicies", n.others);
    value_builder_set(b, "enforced", enforced_value(f));
}

/* ---- classes of pods as rows */

static struct value way_value(struct arena *a, const struct net_openness *w)
{
    struct value_builder b;
    value_builder_init(&b, a);
    value_builder_set(&b, "selected", value_bool(w->selected));
    value_builder_set(&b, "isolated", value_bool(w->isolated));
    value_builder_set(&b, "open", value_bool(w->open));
    value_builder_set(&b, "opens",
                      w->open && w->opens ? value_str(net_policy_text(a, w->opens))
                                          : value_cstr(""));
    value_builder_set(&b, "other",
                      w->other ? value_str(net_policy_text(a, w->other)) : value_cstr(""));
    return value_builder_map(&b);
}

static struct value policies_value(struct facts *f, const struct net_class *c, struct arena *a)
{
    struct net_selecting s;
    struct value_builder b;
    network_selecting(f->network, &c->end, a, &s);
    value_builder_init(&b, a);
    for (size_t i = 0; i < s.policy.count; i++)
        value_builder_push(
            &b, value_str(net_policy_text(a, &f->network->policy.item[s.policy.item[i]])));
    return value_builder_list(&b);
}

static int by_class(const void *a, const void *b)
{
    const struct net_class *x = *(const struct net_class *const *)a,
                           *y = *(const struct net_class *const *)b;
    int ns = str_cmp(x->end.ns, y->end.ns);
    return ns ? ns : str_cmp(x->example, y->example);
}

void facts_make_network_pods(struct facts *f, struct facts_rows *out)
{
    size_t count = f->network->klass.count;
    const struct net_class **c = arena_array(f->arena, const struct net_class *, count);
    struct value gap = facts_gap_kind(f, f->arena, KIND_NETWORKPOLICIES);
    bool saw = facts_listed(f, KIND_NETWORKPOLICIES);
    for (size_t i = 0; i < count; i++)
        c[i] = &f->network->klass.item[i];
    if (count)
        qsort(c, count, sizeof *c, by_class);
    for (size_t i = 0; i < count; i++) {
        struct value_builder object, derived;
        value_builder_init(&object, out->arena);
        value_builder_set(&object, "kind", value_cstr("NetworkPods"));
        value_builder_set(&object, "namespace", value_str(c[i]->end.ns));
        value_builder_set(&object, "name", value_str(c[i]->example));
        value_builder_set(&object, "labels", c[i]->end.labels);
        value_builder_init(&derived, out->arena);
        value_builder_set(&derived, "pods", value_int(c[i]->pods));
        value_builder_set(&derived, "workloads", value_int(c[i]->workloads));
        value_builder_set(&derived, "hostNetwork", value_bool(c[i]->end.host_network));
        value_builder_set(&derived, "policies", saw ? policies_value(f, c[i], out->arena) : gap);
        value_builder_set(&derived, "ingress",
                          saw ? way_value(out->arena, &c[i]->way[NET_INGRESS]) : gap);
        value_builder_set(&derived, "egress",
                          saw ? way_value(out->arena, &c[i]->way[NET_EGRESS]) : gap);
        value_builder_set(&derived, "enforced", enforced_value(f));
        facts_add_row(f, out, value_builder_map(&object), value_builder_map(&derived));
    }
}
