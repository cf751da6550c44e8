/* Namespaces: what Pod Security enforces in them, and how their NetworkPolicies isolate their pods. */
#include "analyze/facts_state.h"
#include "analyze/network/selector.h"

/* ---- index ---- */

static struct place *place_at(struct facts *f, struct str name)
{
    bool created;
    void **at = map_at(&f->place, name, &created);
    if (created) {
        struct place *made = arena_new(f->arena, struct place);
        made->name = name;
        *at = made;
    }
    return *at;
}

struct place *facts_place(const struct facts *f, struct str name)
{
    return map_get(&f->place, name);
}

void facts_index_places(struct facts *f)
{
    const struct cluster *c = f->cluster;
    for (size_t i = 0; i < c->kept[KIND_NAMESPACES].count; i++) {
        struct value object = c->kept[KIND_NAMESPACES].item[i];
        struct place *place = place_at(f, value_text_at(object, "metadata", "name", NULL));
        if (place->object.kind == VALUE_NULL)
            place->object = object;
    }
    for (size_t i = 0; i < c->kept[KIND_SERVICEACCOUNTS].count; i++)
        (void)place_at(f, value_text_at(c->kept[KIND_SERVICEACCOUNTS].item[i], "metadata", "namespace", NULL));
    for (size_t i = 0; i < c->kept[KIND_NETWORKPOLICIES].count; i++) {
        struct value object = c->kept[KIND_NETWORKPOLICIES].item[i];
        struct place *place = place_at(f, value_text_at(object, "metadata", "namespace", NULL));
        *VEC_PUSH(&place->network_policy, f->arena) = object;
    }
}

struct value facts_namespace(struct facts *f, struct str ns, struct arena *scratch)
{
    const struct place *place = ns.n ? facts_place(f, ns) : NULL;
    if (!ns.n)
        return value_null();
    if (place && place->object.kind != VALUE_NULL)
        return place->object;
    if (!facts_saw(f, KIND_NAMESPACES))
        return facts_gap_kind(f, scratch, KIND_NAMESPACES);
    return facts_unavailable(scratch, "namespace %.*s was not among those listed: it was made or removed during the audit", STR_ARG(ns));
}

/* ---- NetworkPolicies ---- */

static bool is_absent(const struct value *v)
{
    return !v || v->kind == VALUE_NULL;
}

static bool is_no_list(const struct value *v)
{
    return is_absent(v) || (v->kind == VALUE_LIST && v->n == 0);
}

/* Everyone's half of the addresses: bits 1 and 2 of v4, 4 and 8 of v6; both bits are everyone. */
static unsigned address_halves(struct value peer)
{
    static const struct {
        const char *cidr;
        unsigned bits;
    } wide[] = { { "0.0.0.0/0", 3 }, { "0.0.0.0/1", 1 }, { "128.0.0.0/1", 2 }, { "::/0", 12 }, { "::/1", 4 }, { "8000::/1", 8 } };
    const struct value *except = value_at(peer, "ipBlock", "except", NULL);
    struct str cidr = value_text_at(peer, "ipBlock", "cidr", NULL);
    for (size_t i = 0; i < sizeof wide / sizeof *wide; i++) {
        if (str_eq_c(cidr, wide[i].cidr))
            return is_no_list(except) ? wide[i].bits : 0;
    }
    return 0;
}

/* Every pod of every namespace: a selector of namespaces that selects all, pods not narrowed. */
static bool is_every_pod(struct value peer)
{
    const struct value *namespaces = value_get(peer, STR("namespaceSelector"));
    const struct value *pods = value_get(peer, STR("podSelector"));
    return !is_absent(namespaces) && selector_is_everything(*namespaces) && (is_absent(pods) || selector_is_everything(*pods));
}

static bool is_all_peers(const struct value *peers)
{
    unsigned halves = 0;
    if (is_no_list(peers))
        return true;
    for (uint32_t i = 0; peers->kind == VALUE_LIST && i < peers->n; i++) {
        struct value peer = value_item(*peers, i);
        if (is_every_pod(peer))
            return true;
        halves |= address_halves(peer);
    }
    return (halves & 3) == 3 || (halves & 12) == 12;
}

static bool is_all_ports(const struct value *ports)
{
    if (is_no_list(ports))
        return true;
    for (uint32_t i = 0; ports->kind == VALUE_LIST && i < ports->n; i++) {
        struct value p = value_item(*ports, i);
        const struct value *port = value_get(p, STR("port"));
        if (is_absent(port) || (value_int_at(p, 2, "port", NULL) <= 1 && value_int_at(p, 0, "endPort", NULL) >= 65535))
            return true;
    }
    return false;
}

/* One of the rules lets everyone through on all ports of a protocol. An item that is null is an empty
 * rule, which is just that; one that is no object cannot be trusted to be less. */
static bool allows_all(const struct value *rules, const char *peers)
{
    for (uint32_t i = 0; rules && rules->kind == VALUE_LIST && i < rules->n; i++) {
        struct value rule = value_item(*rules, i);
        if (rule.kind != VALUE_MAP ||
            (is_all_peers(value_get(rule, str_from_c(peers))) && is_all_ports(value_get(rule, STR("ports")))))
            return true;
    }
    return false;
}

struct policy_view {
    bool selects_all, ingress, egress, allows_all_ingress, allows_all_egress;
};

/* policyTypes when it is missing: ingress always, egress if there are rules for it.
 * Source: kubernetes.io, Network Policies. */
static void read_types(struct policy_view *p, struct value spec)
{
    const struct value *types = value_get(spec, STR("policyTypes"));
    if (is_no_list(types)) {
        p->ingress = true;
        p->egress = !is_no_list(value_get(spec, STR("egress")));
        return;
    }
    for (uint32_t i = 0; types->kind == VALUE_LIST && i < types->n; i++) {
        p->ingress = p->ingress || str_eq_c(value_text(value_item(*types, i)), "Ingress");
        p->egress = p->egress || str_eq_c(value_text(value_item(*types, i)), "Egress");
    }
}

static struct policy_view read_policy(struct value object)
{
    struct policy_view p = { 0 };
    const struct value *spec = value_get(object, STR("spec"));
    if (!spec || spec->kind != VALUE_MAP)
        return p; /* isolates nothing that we can tell */
    const struct value *selector = value_get(*spec, STR("podSelector"));
    read_types(&p, *spec);
    p.selects_all = is_absent(selector) || selector_is_everything(*selector);
    p.allows_all_ingress = p.ingress && allows_all(value_get(*spec, STR("ingress")), "from");
    p.allows_all_egress = p.egress && allows_all(value_get(*spec, STR("egress")), "to");
    return p;
}

static struct value policy_value(struct facts *f, struct value object, const struct policy_view *p)
{
    struct value_builder b;
    value_builder_init(&b, f->arena);
    value_builder_set(&b, "name", value_str(value_text_at(object, "metadata", "name", NULL)));
    value_builder_set(&b, "selectsAll", value_bool(p->selects_all));
    value_builder_set(&b, "ingress", value_bool(p->ingress));
    value_builder_set(&b, "egress", value_bool(p->egress));
    value_builder_set(&b, "allowsAllIngress", value_bool(p->allows_all_ingress));
    value_builder_set(&b, "allowsAllEgress", value_bool(p->allows_all_egress));
    return value_builder_map(&b);
}

static int by_object_name(const void *a, const void *b)
{
    return str_cmp(value_text_at(*(const struct value *)a, "metadata", "name", NULL),
                   value_text_at(*(const struct value *)b, "metadata", "name", NULL));
}

/* What is denied by default is judged on all policies that select every pod: rules add up, so that one
 * which allows everything undoes the others. */
static void set_network(struct facts *f, struct value_builder *b, struct place *place)
{
    bool isolates[2] = { false, false }, opens[2] = { false, false };
    struct value_builder list;
    value_builder_init(&list, f->arena);
    if (place->network_policy.count)
        qsort(place->network_policy.item, place->network_policy.count, sizeof *place->network_policy.item, by_object_name);
    for (size_t i = 0; i < place->network_policy.count; i++) {
        struct policy_view p = read_policy(place->network_policy.item[i]);
        value_builder_push(&list, policy_value(f, place->network_policy.item[i], &p));
        isolates[0] |= p.selects_all && p.ingress;
        isolates[1] |= p.selects_all && p.egress;
        opens[0] |= p.selects_all && p.allows_all_ingress;
        opens[1] |= p.selects_all && p.allows_all_egress;
    }
    /* A policy that was not seen may isolate the namespace, or open it. */
    struct value gap = facts_gap_kind(f, f->arena, KIND_NETWORKPOLICIES);
    bool saw = facts_saw(f, KIND_NETWORKPOLICIES);
    value_builder_set(b, "networkPolicies", saw ? value_builder_list(&list) : gap);
    value_builder_set(b, "defaultDenyIngress", saw ? value_bool(isolates[0] && !opens[0]) : gap);
    value_builder_set(b, "defaultDenyEgress", saw ? value_bool(isolates[1] && !opens[1]) : gap);
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
    return str_eq_c(name, "kube-system") || str_eq_c(name, "kube-public") || str_eq_c(name, "kube-node-lease");
}

static int by_place(const void *a, const void *b)
{
    return str_cmp((*(struct place *const *)a)->name, (*(struct place *const *)b)->name);
}

void facts_make_namespaces(struct facts *f, struct facts_rows *out)
{
    struct place **place = arena_array(f->arena, struct place *, f->place.count);
    struct value crds = other_policy_crds(f);
    size_t count = 0;
    for (size_t i = 0; i < f->place.count; i++) {
        struct place *each = f->place.entry[i].val;
        if (each->object.kind != VALUE_NULL)
            place[count++] = each;
    }
    if (count)
        qsort(place, count, sizeof *place, by_place);
    for (size_t i = 0; i < count; i++) {
        struct value_builder b;
        value_builder_init(&b, f->arena);
        value_builder_set(&b, "system", value_bool(is_system(place[i]->name)));
        value_builder_set(&b, "pods", facts_count_value(f, f->arena, KIND_PODS, place[i]->pods));
        value_builder_set(&b, "podSecurity", facts_pod_security(f, place[i]->object));
        set_network(f, &b, place[i]);
        value_builder_set(&b, "otherPolicyCrds", crds);
        facts_add_row(f, out, place[i]->object, value_builder_map(&b));
    }
}
