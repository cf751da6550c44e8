/* What crosses the border of a scope: every pair of an end inside and an end outside, pods by their
 * classes, addresses by the intervals that no policy tells apart. */
#include "analyze/facts_state.h"
#include "analyze/network/scope.h"
#include "cluster/selector.h"

#define PAIRS_MAX 400000u /* asked of one scope; more are told as left out */
#define ROWS_MAX  2000u   /* told of one scope */

/* ---- addresses that no policy tells apart */

static struct str interval_text(struct arena *a, const struct net_interval *i)
{
    struct ip least = { .n = i->from.n }, greatest = { .n = i->from.n };
    memset(greatest.byte, 0xFF, greatest.n);
    if (ip_equal(&i->from, &least) && ip_equal(&i->till, &greatest))
        return least.n == 4 ? STR("any IPv4 address") : STR("any IPv6 address");
    if (ip_equal(&i->from, &i->till))
        return ip_text(a, &i->from);
    return str_printf(a, "%.*s to %.*s", STR_ARG(ip_text(a, &i->from)),
                      STR_ARG(ip_text(a, &i->till)));
}

/* ---- who is inside */

void facts_give_scopes(struct facts *f, const struct net_scopes *given)
{
    f->scopes = given;
    for (size_t s = 0; given && s < given->item.count; s++)
        for (size_t i = 0; i < given->item.item[s].member.count; i++)
            network_note_selector(f->network, given->item.item[s].member.item[i].selector);
}

static bool is_inside(const struct net_scope *s, const struct net_end *e)
{
    for (size_t i = 0; i < s->member.count; i++) {
        const struct net_scope_member *m = &s->member.item[i];
        if ((str_eq_c(m->ns, "*") || str_eq(m->ns, e->ns)) &&
            (m->selector.kind == VALUE_NULL || selector_matches(m->selector, e->labels)))
            return true;
    }
    return false;
}

static struct str class_text(struct arena *a, const struct net_class *c)
{
    struct str kind, name;
    if (c->pods || !str_cut(c->example, ' ', &kind, &name))
        return str_printf(a, "Pod %.*s/%.*s", STR_ARG(c->end.ns), STR_ARG(c->example));
    return str_printf(a, "%.*s %.*s/%.*s", STR_ARG(kind), STR_ARG(c->end.ns), STR_ARG(name));
}

/* ---- crossing */

struct crossing {
    struct facts *facts;
    const struct net_scope *scope;
    struct arena *out, scratch;
    enum net_enforcement enforcement;
    bool unseen;
    struct value_builder rows;
    size_t asked, denied, denied_perhaps, left_out, rows_left_out;
    /* The row before, while more addresses may join it. */
    bool joins, out_to;
    struct net_interval range;
    const struct net_class *inside;
    struct value row; /* without its outside */
};

static bool is_sameness(const struct crossing *x, const struct net_class *inside, bool out_to,
                        const struct net_interval *range, struct value row)
{
    struct ip behind = x->range.till;
    return x->joins && x->inside == inside && x->out_to == out_to && net_next_address(&behind) &&
           ip_equal(&behind, &range->from) && value_equal(x->row, row);
}

static struct value with_outside(struct crossing *x, struct value row, struct str outside,
                                 size_t count)
{
    struct value_builder b;
    value_builder_init(&b, x->out);
    for (uint32_t i = 0; i < row.n; i++)
        value_builder_put(&b, row.as.map->entry[i].key, row.as.map->entry[i].val);
    value_builder_set(&b, "outside", value_str(outside));
    value_builder_set(&b, "outsideCount", value_int((int64_t)count));
    return value_builder_map(&b);
}

static struct value row_value(struct crossing *x, const struct net_class *inside, bool out_to,
                              enum net_verdict v, enum net_verdict policies,
                              const struct net_answer *answer)
{
    struct value_builder b, by;
    struct port_set told = ports_union(&x->scratch, answer->allowed, answer->doubtful);
    value_builder_init(&b, &x->scratch);
    value_builder_init(&by, &x->scratch);
    for (size_t i = 0; i < answer->step.count; i++)
        if (policies == NET_UNSURE || policies == NET_CLOSED ||
            (answer->step.item[i].action == NET_ALLOW &&
             ports_both(&x->scratch, answer->step.item[i].ports, told).count))
            value_builder_push(
                &by,
                value_str(str_printf(&x->scratch, "%s: %.*s",
                                     net_direction_name[answer->step.item[i].direction],
                                     STR_ARG(net_step_text(&x->scratch, &answer->step.item[i])))));
    value_builder_set(&b, "direction", value_cstr(out_to ? "out" : "in"));
    value_builder_set(&b, "inside", value_str(class_text(&x->scratch, inside)));
    value_builder_set(&b, "insideCount", value_int((int64_t)inside->pods + inside->workloads));
    value_builder_set(&b, "answer", value_cstr(net_verdict_name[v]));
    value_builder_set(&b, "byPolicies", value_cstr(net_verdict_name[policies]));
    value_builder_set(&b, "ports",
                      value_str(x->enforcement == NET_ENFORCED_NOT
                                    ? STR("all ports")
                                    : ports_text(&x->scratch, told)));
    value_builder_set(&b, "by", value_builder_list(&by));
    return value_builder_map(&b);
}

/* outside NULL: the addresses of range. */
static void ask(struct crossing *x, const struct net_class *inside, const struct net_class *outside,
                const struct net_interval *range, bool out_to)
{
    struct net_answer answer;
    struct net_end in = inside->end,
                   other = outside ? outside->end
                                   : (struct net_end){ .ip = { range->from }, .ip_count = 1 };
    if (x->asked == PAIRS_MAX) {
        x->left_out++;
        return;
    }
    x->asked++;
    arena_reset(&x->scratch);
    in.address_unknown = !in.ip_count;
    other.address_unknown = outside && !other.ip_count;
    network_between(x->facts->network, out_to ? &in : &other, out_to ? &other : &in, &x->scratch,
                    &answer);
    enum net_verdict v =
        network_verdict(&answer, ports_all(&x->scratch), x->enforcement, &x->scratch);
    if (x->unseen && x->enforcement != NET_ENFORCED_NOT)
        v = NET_UNSURE;
    enum net_verdict policies =
        network_verdict(&answer, ports_all(&x->scratch), NET_ENFORCED, &x->scratch);
    x->denied += v == NET_CLOSED;
    x->denied_perhaps += v == NET_UNSURE && policies == NET_CLOSED;
    if (v == NET_CLOSED || (v == NET_UNSURE && policies == NET_CLOSED))
        return;
    struct value row = row_value(x, inside, out_to, v, policies, &answer);
    if (range && is_sameness(x, inside, out_to, range, row)) {
        x->range.till = range->till;
        x->rows.item[x->rows.count - 1] =
            with_outside(x, x->row, interval_text(x->out, &x->range), 0);
        return;
    }
    if (x->rows.count == ROWS_MAX) {
        x->rows_left_out++;
        x->joins = false;
        return;
    }
    x->joins = range != NULL;
    x->row = value_dup(x->out, row);
    x->inside = inside;
    x->out_to = out_to;
    x->range = range ? *range : (struct net_interval){ 0 };
    value_builder_push(&x->rows, outside
                                     ? with_outside(x, x->row, class_text(x->out, outside),
                                                    outside->pods + outside->workloads)
                                     : with_outside(x, x->row, interval_text(x->out, range), 0));
}

static int by_class(const void *a, const void *b)
{
    const struct net_class *x = *(const struct net_class *const *)a,
                           *y = *(const struct net_class *const *)b;
    int ns = str_cmp(x->end.ns, y->end.ns);
    return ns ? ns : str_cmp(x->example, y->example);
}

static struct value exposures_value(struct facts *f, const struct map *inside, struct arena *a)
{
    struct value_builder list;
    value_builder_init(&list, a);
    for (size_t i = 0; i < f->exposures.way.count; i++) {
        const struct exposure *e = f->exposures.way.item[i];
        struct value_builder b;
        if (!map_has(inside, e->ns))
            continue;
        value_builder_init(&b, a);
        value_builder_set(&b, "kind", value_cstr(e->kind));
        value_builder_set(&b, "namespace", value_str(e->ns));
        value_builder_set(&b, "name", value_str(e->name));
        value_builder_set(&b, "text", value_str(exposure_text(a, e)));
        value_builder_set(&b, "internet", exposure_internet(&f->exposures, e));
        value_builder_push(&list, value_builder_map(&b));
    }
    return value_builder_list(&list);
}

static struct value scope_value(struct facts *f, const struct net_scope *s,
                                const struct network *outside, struct arena *a)
{
    struct crossing x = { .facts = f, .scope = s, .out = a };
    struct network *n = f->network;
    struct value_builder b, members, unseen;
    struct map inside;
    size_t pods = 0, workloads = 0, classes = 0;
    const struct net_class **klass = arena_array(a, const struct net_class *, n->klass.count);
    const struct value *enforces = value_get(facts_network_plugin(f), STR("enforces"));
    x.enforcement = !enforces || enforces->kind != VALUE_BOOL ? NET_ENFORCED_PERHAPS
                    : enforces->as.b                          ? NET_ENFORCED
                                                              : NET_ENFORCED_NOT;
    struct value gaps = facts_network_unseen(f, a);
    x.unseen = gaps.n > 0;
    value_builder_init(&x.rows, a);
    value_builder_init(&unseen, a);
    map_init(&inside, a);
    for (size_t i = 0; i < n->klass.count; i++)
        klass[i] = &n->klass.item[i];
    if (n->klass.count)
        qsort(klass, n->klass.count, sizeof *klass, by_class);
    for (size_t i = 0; i < n->klass.count; i++) {
        if (!is_inside(s, &klass[i]->end))
            continue;
        map_put(&inside, klass[i]->end.ns, n);
        classes++;
        pods += klass[i]->pods;
        workloads += klass[i]->workloads;
        for (size_t d = 0; d < 2; d++) {
            for (size_t k = 0; k < outside->interval.count; k++)
                ask(&x, klass[i], NULL, &outside->interval.item[k], d != 0);
            for (size_t k = 0; k < n->klass.count; k++)
                if (!is_inside(s, &klass[k]->end))
                    ask(&x, klass[i], klass[k], NULL, d != 0);
        }
    }
    value_builder_init(&members, a);
    for (size_t i = 0; i < s->member.count; i++)
        value_builder_push(&members, value_str(s->member.item[i].text));
    for (uint32_t i = 0; i < gaps.n; i++)
        value_builder_push(&unseen, value_item(gaps, i));
    static const enum kind pod_kind[] = { KIND_PODS,         KIND_DEPLOYMENTS, KIND_DAEMONSETS,
                                          KIND_STATEFULSETS, KIND_REPLICASETS, KIND_JOBS,
                                          KIND_CRONJOBS,     KIND_SERVICES,    KIND_INGRESSES };
    for (size_t i = 0; i < COUNT_OF(pod_kind); i++)
        if (!facts_saw(f, pod_kind[i]))
            value_builder_push(&unseen,
                               value_str(facts_gap_kind(f, a, pod_kind[i]).as.error->text));
    if (outside->intervals_over)
        value_builder_push(
            &unseen, value_cstr("policies name more blocks of addresses than are told apart here"));
    if (x.left_out)
        value_builder_push(
            &unseen, value_str(str_printf(
                         a, "%zu pairs of ends were not judged: there are too many", x.left_out)));
    value_builder_init(&b, a);
    value_builder_set(&b, "name", value_str(s->name));
    if (s->owner.n)
        value_builder_set(&b, "owner", value_str(s->owner));
    if (s->date.n)
        value_builder_set(&b, "date", value_str(s->date));
    value_builder_set(&b, "members", value_builder_list(&members));
    value_builder_set(&b, "classes", value_int((int64_t)classes));
    value_builder_set(&b, "pods", value_int((int64_t)pods));
    value_builder_set(&b, "workloads", value_int((int64_t)workloads));
    value_builder_set(&b, "enforced",
                      enforces && enforces->kind == VALUE_BOOL ? *enforces : value_null());
    value_builder_set(&b, "notSeen", value_builder_list(&unseen));
    value_builder_set(&b, "pairs", value_int((int64_t)x.asked));
    value_builder_set(&b, "denied", value_int((int64_t)x.denied));
    value_builder_set(&b, "deniedByPolicies", value_int((int64_t)x.denied_perhaps));
    value_builder_set(&b, "connections", value_builder_list(&x.rows));
    value_builder_set(&b, "connectionsLeftOut", value_int((int64_t)x.rows_left_out));
    value_builder_set(&b, "exposures", exposures_value(f, &inside, a));
    arena_release(&x.scratch);
    return value_builder_map(&b);
}

struct value facts_scopes(struct facts *f, struct arena *a)
{
    struct value_builder list;
    value_builder_init(&list, a);
    for (size_t i = 0; f->scopes && i < f->scopes->item.count; i++)
        value_builder_push(&list, scope_value(f, &f->scopes->item.item[i], f->network, a));
    return value_builder_list(&list);
}
