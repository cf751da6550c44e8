/* All policies of a cluster, indexed so that a pod finds those that select it without looking at
 * the others. */
#include "analyze/network/network.h"

#include "base/buf.h"
#include "cluster/selector.h"

#define KEY_BYTES_MAX ((size_t)1 << 20)

void network_init(struct network *n, struct arena *a)
{
    *n = (struct network){ .arena = a };
    value_pool_init(&n->pool, a);
    map_init(&n->space, a);
    map_init(&n->label_keys, a);
    map_init(&n->class_by_key, a);
}

/* ---- namespaces */

#define NAME_LABEL "kubernetes.io/metadata.name"

/* Those that an API server stored have it: they stay as they are. */
static struct value labels_with_name(struct arena *a, struct value labels, struct str name)
{
    uint32_t given = labels.kind == VALUE_MAP ? labels.n : 0, count = 0;
    const struct value *told = given ? value_get(labels, STR(NAME_LABEL)) : NULL;
    if (told && told->kind == VALUE_STRING && str_eq(value_text(*told), name))
        return labels;
    struct value_entry *entry = arena_array(a, struct value_entry, (size_t)given + 1);
    for (uint32_t i = 0; i < given; i++)
        if (!str_eq_c(value_text(labels.as.map->entry[i].key), NAME_LABEL))
            entry[count++] = labels.as.map->entry[i];
    entry[count++] = (struct value_entry){ value_cstr(NAME_LABEL), value_str(name) };
    return value_map(a, entry, count);
}

/* labels: its own, null: none are known. */
static struct net_namespace *space_at(struct network *n, struct str name, struct value labels,
                                      bool listed)
{
    bool created;
    void **at = map_at(&n->space, name, &created);
    struct net_namespace *s = *at;
    if (created) {
        s = arena_new(n->arena, struct net_namespace);
        s->name = n->space.entry[n->space.count - 1].key;
        map_init(&s->group_by_digest, n->arena);
        map_init(&s->by_label, n->arena);
        *at = s;
    }
    if (created || listed)
        s->labels = labels_with_name(n->arena, labels, s->name);
    s->listed |= listed;
    return s;
}

struct net_namespace *network_space(struct network *n, struct str name)
{
    return space_at(n, name, value_null(), false);
}

void network_add_namespace(struct network *n, struct value object)
{
    const struct value *labels = value_at(object, "metadata", "labels", NULL);
    (void)space_at(n, value_text_at(object, "metadata", "name", NULL),
                   labels ? *labels : value_null(), true);
}

/* ---- which labels matter */

static void note_key(struct network *n, struct str key)
{
    bool created;
    void **at = map_at(&n->label_keys, key, &created);
    *at = n;
}

void network_note_selector(struct network *n, struct value selector)
{
    const struct value *labels = value_get(selector, STR("matchLabels")),
                       *expressions = value_get(selector, STR("matchExpressions"));
    for (uint32_t i = 0; labels && labels->kind == VALUE_MAP && i < labels->n; i++)
        note_key(n, value_text(labels->as.map->entry[i].key));
    for (uint32_t i = 0; expressions && expressions->kind == VALUE_LIST && i < expressions->n; i++)
        note_key(n, value_text_at(value_item(*expressions, i), "key", NULL));
}

static void note_rules(struct network *n, const struct net_rules *rules)
{
    for (size_t r = 0; r < rules->count; r++) {
        for (size_t i = 0; i < rules->item[r].peer_count; i++)
            network_note_selector(n, rules->item[r].peer[i].pods.pods);
        for (size_t i = 0; i < rules->item[r].port_count; i++)
            n->names_ports |= rules->item[r].port[i].name.n > 0;
    }
}

/* ---- groups */

/* A label that every pod has that the selector selects, as "key=value"; empty: there is none. */
static struct str needed_label(struct arena *a, struct value selector)
{
    const struct value *labels = value_get(selector, STR("matchLabels")),
                       *expressions = value_get(selector, STR("matchExpressions"));
    if (labels && labels->kind == VALUE_MAP && labels->n)
        return str_printf(a, "%.*s=%.*s", STR_ARG(value_text(labels->as.map->entry[0].key)),
                          STR_ARG(value_text(labels->as.map->entry[0].val)));
    for (uint32_t i = 0; expressions && expressions->kind == VALUE_LIST && i < expressions->n;
         i++) {
        struct value e = value_item(*expressions, i);
        const struct value *values = value_get(e, STR("values"));
        if (str_eq_c(value_text_at(e, "operator", NULL), "In") && values &&
            values->kind == VALUE_LIST && values->n == 1)
            return str_printf(a, "%.*s=%.*s", STR_ARG(value_text_at(e, "key", NULL)),
                              STR_ARG(value_text(value_item(*values, 0))));
    }
    return (struct str){ 0 };
}

static bool selects_all(struct value pods)
{
    return pods.kind == VALUE_NULL || selector_is_everything(pods);
}

static void add_group(struct network *n, struct net_namespace *s, struct value pods)
{
    struct arena scratch CLEANUP(arena_release) = { 0 };
    struct str label = needed_label(&scratch, pods);
    uint32_t index = (uint32_t)s->group.count;
    VEC_PUSH(&s->group, n->arena)->pods = selects_all(pods) ? value_null() : pods;
    if (!label.n) {
        *VEC_PUSH(&s->general, n->arena) = index;
        return;
    }
    bool created;
    void **at = map_at(&s->by_label, label, &created);
    if (created)
        *at = arena_new(n->arena, struct net_indices);
    *VEC_PUSH(&((struct net_indices *)*at)->item, n->arena) = index;
}

static void put_in_group(struct network *n, uint32_t policy)
{
    const struct net_policy *p = &n->policy.item[policy];
    struct net_namespace *s = network_space(n, p->subject.own);
    uint8_t digest[32];
    bool created;
    value_digest(selects_all(p->subject.pods) ? value_null() : p->subject.pods, digest);
    void **at = map_at(&s->group_by_digest, str_of((const char *)digest, sizeof digest), &created);
    if (created) {
        add_group(n, s, p->subject.pods);
        *at = (void *)(uintptr_t)s->group.count;
    }
    *VEC_PUSH(&s->group.item[(uintptr_t)*at - 1].policy, n->arena) = policy;
}

bool network_evaluates(const struct network *n, const struct net_policy *p)
{
    enum net_vendor vendor = net_kind_vendor(p->kind);
    bool unsure = n->admin_unsure && vendor == NET_OF_ALL && p->tier != NET_PLAIN;
    return !p->not_evaluated.n && !unsure && (vendor == NET_OF_ALL || vendor == n->runs);
}

void network_add_policy(struct network *n, enum kind kind, struct value object)
{
    net_policy_read(&n->policy, n->arena, kind, object);
}

/* ---- order */

/* qsort has no context: the policy stands beside its index. */
struct ordered {
    const struct net_policy *policy;
    uint32_t index;
};

static int by_order(const void *a, const void *b)
{
    const struct ordered *x = a, *y = b;
    if (x->policy->order < y->policy->order || x->policy->order > y->policy->order)
        return x->policy->order < y->policy->order ? -1 : 1;
    int name = str_cmp(x->policy->name, y->policy->name);
    return name ? name : (x->index > y->index) - (x->index < y->index);
}

static void sort_policies(const struct network *n, uint32_t *index, size_t count)
{
    struct arena scratch CLEANUP(arena_release) = { 0 };
    struct ordered *o = arena_array(&scratch, struct ordered, count);
    for (size_t i = 0; i < count; i++)
        o[i] = (struct ordered){ &n->policy.item[index[i]], index[i] };
    if (count)
        qsort(o, count, sizeof *o, by_order);
    for (size_t i = 0; i < count; i++)
        index[i] = o[i].index;
}

static int by_key(const void *a, const void *b)
{
    return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

void network_finish(struct network *n)
{
    for (size_t i = 0; i < n->policy.count; i++) {
        const struct net_policy *p = &n->policy.item[i];
        network_note_selector(n, p->subject.pods);
        note_rules(n, &p->rules[NET_INGRESS]);
        note_rules(n, &p->rules[NET_EGRESS]);
        if (p->tier == NET_PLAIN && p->subject.own.n)
            put_in_group(n, (uint32_t)i);
        else
            *VEC_PUSH(&n->wide[p->tier], n->arena) = (uint32_t)i;
    }
    network_find_intervals(n);
    for (size_t t = 0; t < NET_TIERS; t++)
        sort_policies(n, n->wide[t].item, n->wide[t].count);
    for (size_t i = 0; i < n->label_keys.count; i++)
        *VEC_PUSH(&n->label_key, n->arena) = n->label_keys.entry[i].key;
    if (n->label_key.count)
        qsort(n->label_key.item, n->label_key.count, sizeof *n->label_key.item, by_key);
}

/* ---- who selects a pod */

bool net_pods_match(struct network *n, const struct net_pods *which, const struct net_end *end)
{
    if (!end->is_pod || end->host_network)
        return false;
    if (which->own.n && !str_eq(which->own, end->ns))
        return false;
    if (!which->own.n && which->namespaces.kind != VALUE_NULL &&
        !selector_matches(which->namespaces, network_space(n, end->ns)->labels))
        return false;
    return which->pods.kind == VALUE_NULL || selector_matches(which->pods, end->labels);
}

static void try_group(const struct net_namespace *s, uint32_t g, const struct net_end *pod,
                      struct arena *a, struct net_selecting *out)
{
    const struct net_group *group = &s->group.item[g];
    if (group->pods.kind == VALUE_NULL || selector_matches(group->pods, pod->labels))
        *VEC_PUSH(&out->group, a) = g;
}

static void select_groups(const struct net_namespace *s, const struct net_end *pod, struct arena *a,
                          struct net_selecting *out)
{
    struct buf key CLEANUP(buf_release) = BUF_INIT(KEY_BYTES_MAX);
    for (size_t i = 0; i < s->general.count; i++)
        try_group(s, s->general.item[i], pod, a, out);
    for (uint32_t i = 0; s->by_label.count && pod->labels.kind == VALUE_MAP && i < pod->labels.n;
         i++) {
        const struct value_entry *e = &pod->labels.as.map->entry[i];
        buf_reset(&key);
        buf_addf(&key, "%.*s=%.*s", STR_ARG(value_text(e->key)), STR_ARG(value_text(e->val)));
        const struct net_indices *found = map_get(&s->by_label, buf_str(&key));
        for (size_t k = 0; found && k < found->item.count; k++)
            try_group(s, found->item.item[k], pod, a, out);
    }
}

void network_select(struct network *n, const struct net_end *pod, struct arena *a,
                    struct net_selecting *out)
{
    *out = (struct net_selecting){ 0 };
    if (!pod->is_pod || pod->host_network)
        return;
    for (size_t t = 0; t < NET_TIERS; t++)
        for (size_t i = 0; i < n->wide[t].count; i++)
            if (net_pods_match(n, &n->policy.item[n->wide[t].item[i]].subject, pod))
                *VEC_PUSH(&out->wide, a) = n->wide[t].item[i];
    select_groups(network_space(n, pod->ns), pod, a, out);
}

void network_expand(struct network *n, struct str ns, struct arena *a, struct net_selecting *s)
{
    const struct net_namespace *space = network_space(n, ns);
    s->policy.count = 0;
    for (size_t t = 0; t < NET_TIERS; t++) {
        size_t first = s->policy.count;
        for (size_t i = 0; i < s->wide.count; i++)
            if (n->policy.item[s->wide.item[i]].tier == (enum net_tier)t)
                *VEC_PUSH(&s->policy, a) = s->wide.item[i];
        for (size_t g = 0; t == NET_PLAIN && g < s->group.count; g++)
            for (size_t i = 0; i < space->group.item[s->group.item[g]].policy.count; i++)
                *VEC_PUSH(&s->policy, a) = space->group.item[s->group.item[g]].policy.item[i];
        sort_policies(n, s->policy.item + first, s->policy.count - first);
    }
}

void network_selecting(struct network *n, const struct net_end *pod, struct arena *a,
                       struct net_selecting *out)
{
    network_select(n, pod, a, out);
    network_expand(n, pod->ns, a, out);
}

/* ---- pods as ends */

struct value net_pod_ports(struct arena *a, struct value pod)
{
    static const char *const list[] = { "containers", "initContainers" };
    struct value_builder ports;
    value_builder_init(&ports, a);
    for (size_t l = 0; l < COUNT_OF(list); l++) {
        const struct value *containers = value_at(pod, "spec", list[l], NULL);
        for (uint32_t i = 0; containers && containers->kind == VALUE_LIST && i < containers->n;
             i++) {
            const struct value *of = value_get(value_item(*containers, i), STR("ports"));
            for (uint32_t k = 0; of && of->kind == VALUE_LIST && k < of->n; k++) {
                struct value port = value_item(*of, k);
                struct value_builder one;
                if (!value_text_at(port, "name", NULL).n)
                    continue;
                value_builder_init(&one, a);
                value_builder_set(&one, "name", *value_get(port, STR("name")));
                value_builder_set(&one, "port",
                                  value_int(value_int_at(port, 0, "containerPort", NULL)));
                const struct value *protocol = value_get(port, STR("protocol"));
                value_builder_set(&one, "protocol",
                                  net_absent(protocol) ? value_cstr("TCP") : *protocol);
                value_builder_push(&ports, value_builder_map(&one));
            }
        }
    }
    return ports.count ? value_builder_list(&ports) : value_null();
}

static void add_ip(struct net_end *e, struct str text)
{
    struct ip ip;
    if (!ip_parse(&ip, text, NULL))
        return;
    for (size_t i = 0; i < e->ip_count; i++)
        if (ip_equal(&e->ip[i], &ip))
            return;
    if (e->ip_count < COUNT_OF(e->ip))
        e->ip[e->ip_count++] = ip;
}

struct net_end net_end_of_pod(struct arena *a, struct value pod)
{
    const struct value *labels = value_at(pod, "metadata", "labels", NULL),
                       *ips = value_at(pod, "status", "podIPs", NULL);
    struct net_end e = { .is_pod = true,
                         .ns = value_text_at(pod, "metadata", "namespace", NULL),
                         .labels = labels ? *labels : value_null(),
                         .ports = net_pod_ports(a, pod),
                         .host_network = value_bool_at(pod, false, "spec", "hostNetwork", NULL) };
    add_ip(&e, value_text_at(pod, "status", "podIP", NULL));
    for (uint32_t i = 0; ips && ips->kind == VALUE_LIST && i < ips->n; i++)
        add_ip(&e, value_text_at(value_item(*ips, i), "ip", NULL));
    return e;
}
