/* The kubelets: one row a node, and how many ways they are configured in. */
#include "analyze/facts_state.h"
#include "analyze/nodes/kubelet_config.h"

#include "base/buf.h"

#define EXAMPLES 5u

static const char *const way_text[KUBELET_WAY_COUNT] = {
    [KUBELET_NONE] = "not asked",
    [KUBELET_DIRECT] = "the kubelet's /configz",
    [KUBELET_PROXY] = "the kubelet's /configz, by way of the API server",
};

static struct value evidence(struct arena *a, const char *grade, const char *source,
                             struct str instance)
{
    struct value_builder b;
    value_builder_init(&b, a);
    value_builder_set(&b, "grade", value_cstr(grade));
    value_builder_set(&b, "source", value_cstr(source));
    value_builder_set(&b, "instance", value_str(instance));
    return value_builder_map(&b);
}

static struct value certificate(struct arena *a, const struct tls_peer *p)
{
    struct value_builder b;
    if (!p)
        return facts_unavailable_for(
            a, CAUSE_NO_KUBELET_ANSWER,
            "the certificate that the kubelet serves with was not seen: --kubelet direct shows it");
    if (!tls_peer_is_attributable(p))
        return facts_unavailable(
            a, "the certificate at the node's address is of a maker that nothing tells to be a "
               "kubelet or the cluster: something in between may have "
               "shown it (if it is the kubelet's, name its authority with "
               "--kubelet-certificate-authority)");
    value_builder_init(&b, a);
    value_builder_set(&b, "issued", value_bool(p->verify_error == 0));
    value_builder_set(&b, "fault", value_cstr(p->verify_error == 0 ? "" : tls_error_text(p)));
    value_builder_set(&b, "subject", value_cstr(p->subject));
    value_builder_set(&b, "issuer", value_cstr(p->issuer));
    value_builder_set(&b, "names", value_cstr(p->names));
    value_builder_set(&b, "notAfter", value_cstr(p->not_after));
    return value_builder_map(&b);
}

/* refused: only a kubelet that has proved who it is can be believed that it refuses strangers; that
 * it lets them in needs no proof. */
static struct value anonymous(struct arena *a, const struct kubelet_row *row)
{
    struct value_builder b;
    int status = row ? row->stranger_status : 0;
    bool known = status == 403 || (status >= 200 && status <= 299);
    struct value refused =
        facts_unavailable_for(a, CAUSE_NO_KUBELET_ANSWER,
                              "how the kubelet answers a request without credentials was not seen");
    if (known || (status == 401 && row->stranger_verified))
        refused = value_bool(!known);
    value_builder_init(&b, a);
    value_builder_set(&b, "status", value_int(status));
    value_builder_set(&b, "known", value_bool(known));
    value_builder_set(&b, "refused", refused);
    return value_builder_map(&b);
}

static struct value node_object(struct arena *a, struct str name)
{
    struct value_builder b;
    value_builder_init(&b, a);
    value_builder_set(&b, "kind", value_cstr("Node"));
    value_builder_set(&b, "name", value_str(name));
    value_builder_set(&b, "node", value_str(name));
    return value_builder_map(&b);
}

static struct value declared(struct facts *f, struct arena *a)
{
    struct value intent = f->cluster->kubelets.intent;
    return intent.kind == VALUE_MAP ? kubelet_config_of_file(a, intent) : value_null();
}

/* Nobody was asked: one row for them all. What kubeadm gave them once is told, and decides nothing.
 */
static void make_unasked(struct facts *f, struct facts_rows *out)
{
    struct arena *a = out->arena;
    struct value_builder derived;
    struct value why = facts_unavailable_for(a, CAUSE_NO_KUBELET_ANSWER,
                                             "the kubelets were not asked what they run with: give "
                                             "--kubelet direct (takes get on nodes/configz)");
    struct value intent = declared(f, a);
    bool known = intent.kind == VALUE_MAP;
    value_builder_init(&derived, a);
    value_builder_set(&derived, "config", known ? intent : why);
    value_builder_set(&derived, "declared", intent);
    value_builder_set(&derived, "certificate", why);
    value_builder_set(&derived, "anonymous", anonymous(a, NULL));
    value_builder_set(
        &derived, "evidence",
        known ? evidence(a, "declared", "ConfigMap kube-system/kubelet-config", STR("every node"))
              : why);
    facts_add_row(f, out, node_object(a, STR("(every node)")), value_builder_map(&derived));
}

static void make_row(struct facts *f, struct facts_rows *out, const struct kubelet_row *row)
{
    const struct kubelets *k = &f->cluster->kubelets;
    struct arena *a = out->arena;
    struct value_builder derived;
    struct value config = row->config
                              ? kubelet_config_of_configz(a, k->config.item[row->config - 1])
                              : facts_unavailable_for(a, CAUSE_NO_KUBELET_ANSWER, "%.*s; %.*s",
                                                      STR_ARG(row->reason), STR_ARG(row->remedy));
    value_builder_init(&derived, a);
    value_builder_set(&derived, "config", config);
    value_builder_set(&derived, "declared", declared(f, a));
    value_builder_set(&derived, "certificate", certificate(a, row->certificate));
    value_builder_set(&derived, "anonymous", anonymous(a, row));
    value_builder_set(&derived, "evidence", evidence(a, "effective", way_text[k->way], row->node));
    facts_add_row(f, out, node_object(a, row->node), value_builder_map(&derived));
}

static int by_node(const void *x, const void *y)
{
    const struct kubelet_row *const *a = x, *const *b = y;
    return str_cmp((*a)->node, (*b)->node);
}

void facts_make_kubelets(struct facts *f, struct facts_rows *out)
{
    const struct kubelets *k = &f->cluster->kubelets;
    if (k->way == KUBELET_NONE &&
        (f->cluster->kept[KIND_NODES].count || !facts_saw(f, KIND_NODES))) {
        make_unasked(f, out);
        return;
    }
    const struct kubelet_row **sorted =
        arena_array(f->arena, const struct kubelet_row *, k->row.count);
    for (size_t i = 0; i < k->row.count; i++)
        sorted[i] = &k->row.item[i];
    if (k->row.count)
        qsort(sorted, k->row.count, sizeof *sorted, by_node);
    for (size_t i = 0; i < k->row.count; i++)
        make_row(f, out, sorted[i]);
}

/* ---- drift */

/* Nodes of one configuration. */
struct group {
    size_t nodes;
    struct str example[EXAMPLES];
};

static void add_example(struct group *g, struct str node)
{
    size_t at = 0;
    while (at < EXAMPLES && g->example[at].n && str_cmp(g->example[at], node) < 0)
        at++;
    g->nodes++;
    if (at == EXAMPLES)
        return;
    memmove(&g->example[at + 1], &g->example[at], (EXAMPLES - at - 1) * sizeof g->example[0]);
    g->example[at] = node;
}

static size_t largest(const struct group *g, size_t count)
{
    size_t best = 0;
    for (size_t i = 1; i < count; i++)
        if (g[i].nodes > g[best].nodes ||
            (g[i].nodes == g[best].nodes && str_cmp(g[i].example[0], g[best].example[0]) < 0))
            best = i;
    return best;
}

static struct value group_value(struct arena *a, const struct group *g, struct value differs)
{
    struct value_builder b, examples;
    value_builder_init(&examples, a);
    for (size_t i = 0; i < EXAMPLES && g->example[i].n; i++)
        value_builder_push(&examples, value_str(g->example[i]));
    value_builder_init(&b, a);
    value_builder_set(&b, "nodes", value_int((int64_t)g->nodes));
    value_builder_set(&b, "examples", value_builder_list(&examples));
    value_builder_set(&b, "differs", differs);
    return value_builder_map(&b);
}

static int by_size(const void *x, const void *y)
{
    const struct value *a = x, *b = y;
    int64_t m = value_int_at(*a, 0, "nodes", NULL), n = value_int_at(*b, 0, "nodes", NULL);
    if (m != n)
        return m > n ? -1 : 1;
    const struct value *p = value_get(*a, STR("examples")), *q = value_get(*b, STR("examples"));
    return p->n && q->n ? str_cmp(value_text(value_item(*p, 0)), value_text(value_item(*q, 0))) : 0;
}

struct value facts_kubelet_groups(struct arena *a, const struct kubelets *k)
{
    struct value_builder list;
    size_t count = k->config.count;
    struct group *g = arena_array(a, struct group, count);
    value_builder_init(&list, a);
    for (size_t i = 0; i < k->row.count; i++)
        if (k->row.item[i].config)
            add_example(&g[k->row.item[i].config - 1], k->row.item[i].node);
    struct value whole =
        count ? kubelet_config_of_configz(a, k->config.item[largest(g, count)]) : value_null();
    for (size_t i = 0; i < count; i++) {
        value_builder_push(
            &list, group_value(a, &g[i],
                               kubelet_config_difference(
                                   a, whole, kubelet_config_of_configz(a, k->config.item[i]))));
    }
    if (list.count)
        qsort(list.item, list.count, sizeof *list.item, by_size);
    return value_builder_list(&list);
}

struct value make_kubelets(struct facts *f)
{
    const struct kubelets *k = &f->cluster->kubelets;
    struct value_builder b;
    size_t read = 0;
    for (size_t i = 0; i < k->row.count; i++)
        read += k->row.item[i].config != 0;
    value_builder_init(&b, f->arena);
    value_builder_set(&b, "way", value_cstr(kubelet_way_name[k->way]));
    value_builder_set(&b, "asked", value_int((int64_t)k->row.count));
    value_builder_set(&b, "read", value_int((int64_t)read));
    value_builder_set(&b, "groups", facts_kubelet_groups(f->arena, k));
    return value_builder_map(&b);
}
