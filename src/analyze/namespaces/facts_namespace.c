/* Namespaces: what Pod Security enforces in them, and which other network policy APIs the cluster
 * has. */
#include "analyze/facts_state.h"

/* ---- index ---- */

static struct namespace_entry *entry_at(struct facts *f, struct str name)
{
    struct namespace_entry *entry = map_get(&f->namespaces, name);
    if (!entry) {
        entry = arena_new(f->arena, struct namespace_entry);
        entry->name = name;
        map_put(&f->namespaces, name, entry);
    }
    return entry;
}

struct namespace_entry *facts_namespace_entry(const struct facts *f, struct str name)
{
    return map_get(&f->namespaces, name);
}

void namespaces_open(struct facts *f)
{
    const struct cluster *c = f->cluster;
    for (size_t i = 0; i < c->kept[KIND_NAMESPACES].count; i++) {
        struct value object = c->kept[KIND_NAMESPACES].item[i];
        struct namespace_entry *entry =
            entry_at(f, value_text_at(object, "metadata", "name", NULL));
        if (entry->object.kind == VALUE_NULL)
            entry->object = object;
    }
    for (size_t i = 0; i < c->kept[KIND_SERVICEACCOUNTS].count; i++)
        (void)entry_at(
            f, value_text_at(c->kept[KIND_SERVICEACCOUNTS].item[i], "metadata", "namespace", NULL));
    for (size_t i = 0; i < c->kept[KIND_NETWORKPOLICIES].count; i++)
        (void)entry_at(
            f, value_text_at(c->kept[KIND_NETWORKPOLICIES].item[i], "metadata", "namespace", NULL));
}

void namespaces_close(struct facts *f)
{
    const struct cluster *c = f->cluster;
    /* a namespace that holds a pod is there, though it was not among the objects */
    for (size_t i = 0; i < c->pods.count; i++)
        (void)entry_at(f, c->pods.item[i].ns);
    for (size_t i = 0; i < c->workload_ns.count; i++) /* as is one that holds what makes pods */
        entry_at(f, c->workload_ns.entry[i].key)->has_workload = true;
    for (size_t i = 0; i < c->pods.count; i++) {
        struct namespace_entry *entry = facts_namespace_entry(f, c->pods.item[i].ns);
        if (entry)
            entry->pods += c->pods.item[i].pods;
    }
}

struct value facts_namespace(struct facts *f, struct str ns, struct arena *scratch)
{
    const struct namespace_entry *entry = ns.n ? facts_namespace_entry(f, ns) : NULL;
    if (!ns.n)
        return value_null();
    if (entry && entry->object.kind != VALUE_NULL)
        return entry->object;
    if (f->cluster->is_open)
        return facts_unavailable_for(scratch, CAUSE_NOT_IN_FILES, "no file holds Namespace %.*s",
                                     STR_ARG(ns));
    if (!facts_saw(f, KIND_NAMESPACES))
        return facts_gap_kind(f, scratch, KIND_NAMESPACES);
    return facts_unavailable(
        scratch,
        "namespace %.*s was not among those listed: it was made or removed during the audit",
        STR_ARG(ns));
}

/* ---- other policy APIs ---- */

static const char *const policy_crd[] = {
    "adminnetworkpolicies.policy.networking.k8s.io",
    "baselineadminnetworkpolicies.policy.networking.k8s.io",
    "ciliumclusterwidenetworkpolicies.cilium.io",
    "ciliumnetworkpolicies.cilium.io",
    "clusternetworkpolicies.crd.antrea.io",
    "clusternetworkpolicies.policy.networking.k8s.io",
    "egressfirewalls.k8s.ovn.org",
    "egressnetworkpolicies.network.openshift.io",
    "globalnetworkpolicies.crd.projectcalico.org",
    "globalnetworkpolicies.projectcalico.org",
    "networkpolicies.crd.antrea.io",
    "networkpolicies.crd.projectcalico.org",
    "networkpolicies.projectcalico.org",
};

static struct value other_policy_crds(struct facts *f)
{
    struct value_builder list;
    value_builder_init(&list, f->arena);
    for (size_t k = 0; k < sizeof policy_crd / sizeof *policy_crd; k++) {
        if (cluster_find(f->cluster, KIND_CRDS, STR(""), str_from_c(policy_crd[k])))
            value_builder_push(&list, value_cstr(policy_crd[k]));
    }
    if (!list.count && !facts_saw(f, KIND_CRDS))
        return facts_gap_kind(f, f->arena, KIND_CRDS);
    return value_builder_list(&list);
}

/* ---- rows ---- */

static bool is_system(struct str name)
{
    return str_eq_c(name, "kube-system") || str_eq_c(name, "kube-public") ||
           str_eq_c(name, "kube-node-lease");
}

static int by_name(const void *a, const void *b)
{
    return str_cmp((*(struct namespace_entry *const *)a)->name,
                   (*(struct namespace_entry *const *)b)->name);
}

/* A Namespace that was not among the objects, though others are in it: of itself nothing is known
 * but its name. */
static struct value unseen_namespace(const struct facts *f, struct arena *row, struct str name)
{
    struct value unknown =
        f->cluster->is_open
            ? facts_unavailable_for(
                  row, CAUSE_NOT_IN_FILES,
                  "no file holds Namespace %.*s: what it says and admits is not known",
                  STR_ARG(name))
            : facts_unavailable(row,
                                "Namespace %.*s was not among those listed, though a pod is in it: "
                                "what it says and admits is not known",
                                STR_ARG(name));
    struct value_builder meta, object;
    value_builder_init(&meta, row);
    value_builder_set(&meta, "name", value_str(name));
    value_builder_set(&meta, "labels", unknown);
    value_builder_set(&meta, "annotations", unknown);
    value_builder_init(&object, row);
    value_builder_set(&object, "apiVersion", value_cstr("v1"));
    value_builder_set(&object, "kind", value_cstr("Namespace"));
    value_builder_set(&object, "metadata", value_builder_map(&meta));
    value_builder_set(&object, "spec", unknown);
    return value_builder_map(&object);
}

static void add_namespace(struct facts *f, struct facts_rows *out, struct namespace_entry *entry,
                          struct value crds)
{
    bool seen = entry->object.kind != VALUE_NULL;
    struct value_builder b;
    value_builder_init(&b, out->arena);
    value_builder_set(&b, "system", value_bool(is_system(entry->name)));
    value_builder_set(&b, "pods", facts_count_value(f, out->arena, KIND_PODS, entry->pods));
    struct value object = seen ? entry->object : unseen_namespace(f, out->arena, entry->name);
    value_builder_set(&b, "podSecurity",
                      seen ? facts_pod_security(f, out->arena, object)
                           : *value_get(object, STR("spec")));
    value_builder_set(&b, "refusedControls",
                      seen ? facts_refused_controls(f, out->arena, object)
                           : *value_get(object, STR("spec")));
    facts_set_network(f, out->arena, &b, entry);
    value_builder_set(&b, "otherPolicyCrds", crds);
    facts_add_row(f, out, object, value_builder_map(&b));
}

void facts_make_namespaces(struct facts *f, struct facts_rows *out)
{
    struct namespace_entry **entry =
        arena_array(f->arena, struct namespace_entry *, f->namespaces.count);
    struct value crds = other_policy_crds(f);
    size_t count = 0;
    for (size_t i = 0; i < f->namespaces.count; i++) {
        struct namespace_entry *each = f->namespaces.entry[i].val;
        /* unlisted ones: the gap is told once, for all */
        bool is_claimed = f->cluster->is_open ||
                          ((each->pods || each->has_workload) && facts_listed(f, KIND_NAMESPACES));
        if (each->object.kind != VALUE_NULL || (is_claimed && each->name.n))
            entry[count++] = each;
    }
    if (count)
        qsort(entry, count, sizeof *entry, by_name);
    for (size_t i = 0; i < count; i++)
        add_namespace(f, out, entry[i], crds);
}
