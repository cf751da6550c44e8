/* The ends that kubevouch reach asks about. */
#include "cli/reach_end.h"

#include "cluster/selector.h"
#include "cluster/workload.h"

/* ---- labels */

static bool is_label_text(struct str s)
{
    return str_consists_of(s, STR_LOWER STR_UPPER STR_DIGITS "-_./");
}

static void add_requirement(struct value_builder *to, struct arena *a, struct str key,
                            const char *operator, const struct str * value)
{
    struct value_builder b;
    value_builder_init(&b, a);
    value_builder_set(&b, "key", value_str(key));
    value_builder_set(&b, "operator", value_cstr(operator));
    if (value) {
        struct value_builder values;
        value_builder_init(&values, a);
        value_builder_push(&values, value_str(*value));
        value_builder_set(&b, "values", value_builder_list(&values));
    }
    value_builder_push(to, value_builder_map(&b));
}

bool label_selector_parse(struct value *out, struct arena *a, struct str text, struct err *err)
{
    struct value_builder all, selector;
    struct str rest = text, part;
    value_builder_init(&all, a);
    while (str_next_field(&rest, ',', &part)) {
        struct str key, value = { 0 };
        bool absent = part.n && *part.p == '!',
             valued = !absent && str_cut(part, '=', &key, &value);
        key = absent ? str_sub(part, 1, part.n) : valued ? key : part;
        bool other = valued && key.n && key.p[key.n - 1] == '!';
        key = other ? str_sub(key, 0, key.n - 1) : key;
        value = valued && value.n && *value.p == '=' ? str_sub(value, 1, value.n) : value;
        if (!key.n || !is_label_text(key) || !is_label_text(value))
            return err_set(err, ERR_USAGE,
                           "\"%.*s\" selects by no label: app=web, app!=web, app or !app, several "
                           "with commas between",
                           STR_ARG(text));
        add_requirement(&all, a, key,
                        valued   ? other ? "NotIn" : "In"
                        : absent ? "DoesNotExist"
                                 : "Exists",
                        valued ? &value : NULL);
    }
    value_builder_init(&selector, a);
    value_builder_set(&selector, "matchExpressions", value_builder_list(&all));
    *out = value_builder_map(&selector);
    return true;
}

/* ---- parsing */

static enum kind kind_named(struct arena *a, struct str word)
{
    struct str lower = str_lower_ascii(a, word);
    for (size_t k = 0; k < KIND_COUNT; k++) {
        const struct kind_info *i = kind_info((enum kind)k);
        bool makes_pods = k == KIND_PODS || kind_has_pod_template((enum kind)k);
        if (makes_pods && (str_eq_c(lower, i->resource) ||
                           str_eq(lower, str_lower_ascii(a, str_from_c(i->name)))))
            return (enum kind)k;
    }
    return KIND_NONE;
}

static void add_address(struct reach_end *out, struct arena *a, struct ip ip)
{
    struct str name = ip_text(a, &ip);
    *VEC_PUSH(&out->peer, a) = (struct reach_peer){ .end = { .ip = { ip }, .ip_count = 1 },
                                                    .name = name,
                                                    .klass = SIZE_MAX };
}

bool reach_end_parse(struct reach_end *out, struct arena *a, struct str text, struct str ns,
                     struct err *err)
{
    struct reach_end e = { .text = text, .kind = KIND_NONE, .selector = value_null() };
    struct str rest, word, name;
    struct ip ip;
    if (ip_parse(&ip, text, NULL)) {
        add_address(&e, a, ip);
        *out = e;
        return true;
    }
    if (!str_cut(text, '/', &e.ns, &rest)) {
        e.ns = ns.n ? ns : STR("default");
        rest = text;
    }
    bool many = str_eq_c(rest, "*") || str_find_char(rest, '=', 0) != SIZE_MAX ||
                (rest.n && *rest.p == '!');
    if (many) {
        if (!str_eq_c(rest, "*") && !label_selector_parse(&e.selector, a, rest, err))
            return false;
    } else if (str_cut(rest, '/', &word, &name)) {
        e.kind = kind_named(a, word);
        e.name = name;
        if (e.kind == KIND_NONE)
            return err_set(err, ERR_USAGE,
                           "\"%.*s\" is no kind of pods or of what makes them: pod, deployment, "
                           "daemonset, statefulset ...",
                           STR_ARG(word));
    } else {
        e.name = rest;
    }
    if (!e.ns.n || (!many && !e.name.n))
        return err_set(err, ERR_USAGE,
                       "\"%.*s\" is no end: an address, NAMESPACE/POD, NAMESPACE/deployment/NAME, "
                       "NAMESPACE/app=web or NAMESPACE/*",
                       STR_ARG(text));
    *out = e;
    return true;
}

/* ---- finding */

static struct net_end keep_end(struct arena *a, struct network *n, struct net_end e)
{
    e.ns = network_space(n, e.ns)->name;
    e.labels = value_dup(a, e.labels);
    e.ports = value_dup(a, e.ports);
    e.address_unknown = e.is_pod && !e.ip_count;
    return e;
}

static struct reach_peer *peer_of_class(struct reach_end *e, size_t klass)
{
    for (size_t i = 0; i < e->peer.count; i++)
        if (e->peer.item[i].klass == klass)
            return &e->peer.item[i];
    return NULL;
}

void reach_end_see(struct reach_end *e, struct arena *a, struct network *n, enum kind kind,
                   struct value object, struct arena *scratch)
{
    struct object_ref ref = object_ref_of(object), controller;
    struct value pod = object;
    bool of_another = kind != KIND_PODS && object_controller(object, &controller);
    if (!e->ns.n || (!str_eq(e->ns, ref.ns) && !str_eq_c(e->ns, "*")) ||
        (e->name.n && !str_eq(e->name, ref.name)) || (!e->name.n && of_another) ||
        (e->kind != KIND_NONE && e->kind != kind))
        return;
    if (kind != KIND_PODS &&
        (!kind_has_pod_template(kind) || !workload_as_pod(&pod, scratch, kind, object)))
        return;
    struct net_end end = net_end_of_pod(scratch, pod);
    if (e->selector.kind != VALUE_NULL && !selector_matches(e->selector, end.labels))
        return;
    size_t klass = e->name.n ? SIZE_MAX : network_class_of(n, pod);
    struct reach_peer *known = klass == SIZE_MAX ? NULL : peer_of_class(e, klass);
    if (known) {
        known->more++;
        return;
    }
    if (e->peer.count == REACH_PEERS_MAX) {
        e->over = true;
        return;
    }
    struct str name =
        str_printf(a, "%s %.*s/%.*s", kind_info(kind)->name, STR_ARG(ref.ns), STR_ARG(ref.name));
    bool one = kind == KIND_PODS && klass == SIZE_MAX;
    *VEC_PUSH(&e->peer, a) = (struct reach_peer){
        .end = keep_end(a, n, end),
        .name = name,
        .klass = klass,
        .is_one_pod = one,
        .node = one ? str_dup(a, value_text_at(object, "spec", "nodeName", NULL)) : STR("")
    };
}
