/* Policies of Calico (crd.projectcalico.org/v1, projectcalico.org/v3), as far as their order does
 * not matter: those of tier default that only allow, everyone or blocks of addresses, by numbers of
 * ports, and those that allow nothing. Rules that select peers by labels also speak of NetworkSets,
 * which are not read here: a policy with one, or with any other part, is not evaluated as a whole.
 * Source: docs.tigera.io, NetworkPolicy and GlobalNetworkPolicy resources;
 * libcalico-go/lib/selector of projectcalico/calico. */
#include "analyze/network/policy.h"

/* ---- selectors: terms joined by &&, of all(), has(k), !has(k), k == "v", k != "v", k in {"v",
 * ...}, k not in {"v", ...} */

static bool is_key(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              c == '.' || c == '-' || c == '_' || c == '/'))
            return false;
    }
    /* Calico's own: of the namespace, of the account. */
    return s.n && !str_has_prefix(s, STR("projectcalico.org/")) &&
           !str_has_prefix(s, STR("pcns.")) && !str_has_prefix(s, STR("pcsa."));
}

static bool literal(struct str *out, struct str s)
{
    s = str_trim(s);
    if (s.n < 2 || (s.p[0] != '\'' && s.p[0] != '"') || s.p[s.n - 1] != s.p[0])
        return false;
    *out = str_sub(s, 1, s.n - 1);
    return str_find_char(*out, s.p[0], 0) == SIZE_MAX && !str_contains(*out, STR("&&")) &&
           !str_contains(*out, STR(","));
}

static bool add_term(struct value_builder *to, struct arena *a, struct str key,
                     const char *operator, const struct value * values)
{
    struct value_builder b;
    key = str_trim(key);
    if (!is_key(key))
        return false;
    value_builder_init(&b, a);
    value_builder_set(&b, "key", value_str(key));
    value_builder_set(&b, "operator", value_cstr(operator));
    if (values)
        value_builder_set(&b, "values", *values);
    value_builder_push(to, value_builder_map(&b));
    return true;
}

static bool one_of(struct value_builder *to, struct arena *a, struct str key, const char *operator,
                   struct str list)
{
    struct value_builder values;
    struct str field, text;
    value_builder_init(&values, a);
    while (str_next_field(&list, ',', &field)) {
        if (!literal(&text, field))
            return false;
        value_builder_push(&values, value_str(text));
    }
    struct value v = value_builder_list(&values);
    return v.n && add_term(to, a, key, operator, & v);
}

static bool cut_at(struct str s, const char *at, struct str *before, struct str *after)
{
    size_t n = strlen(at);
    for (size_t i = 0; i + n <= s.n; i++)
        if (memcmp(s.p + i, at, n) == 0) {
            *before = str_sub(s, 0, i);
            *after = str_sub(s, i + n, s.n);
            return true;
        }
    return false;
}

static bool read_term(struct value_builder *to, struct arena *a, struct str s)
{
    struct str key, rest;
    s = str_trim(s);
    bool not = s.n && s.p[0] == '!';
    struct str has = not ? str_trim(str_sub(s, 1, s.n)) : s;
    if (str_has_prefix(has, STR("has(")) && str_has_suffix(has, STR(")")))
        return add_term(to, a, str_sub(has, 4, has.n - 1), not ? "DoesNotExist" : "Exists", NULL);
    if (not )
        return false;
    if (str_has_suffix(s, STR("}")) && cut_at(s, "{", &key, &rest)) {
        key = str_trim(key);
        rest = str_sub(rest, 0, rest.n - 1);
        if (str_has_suffix(key, STR(" not in")))
            return one_of(to, a, str_sub(key, 0, key.n - 7), "NotIn", rest);
        return str_has_suffix(key, STR(" in")) &&
               one_of(to, a, str_sub(key, 0, key.n - 3), "In", rest);
    }
    if (cut_at(s, "==", &key, &rest))
        return one_of(to, a, key, "In", rest);
    return cut_at(s, "!=", &key, &rest) && one_of(to, a, key, "NotIn", rest);
}

static bool read_selector(struct value *out, struct arena *a, const struct value *of)
{
    struct value_builder terms, selector;
    struct str rest, term;
    if (net_absent(of))
        return true;
    rest = str_trim(value_text(*of));
    if (of->kind != VALUE_STRING)
        return false;
    if (!rest.n || str_eq_c(rest, "all()"))
        return true;
    value_builder_init(&terms, a);
    value_builder_init(&selector, a);
    for (bool more = true; more;) {
        struct str after;
        more = cut_at(rest, "&&", &term, &after);
        if (!read_term(&terms, a, more ? term : rest))
            return false;
        rest = more ? after : rest;
    }
    value_builder_set(&selector, "matchExpressions", value_builder_list(&terms));
    *out = value_builder_map(&selector);
    return true;
}

/* ---- rules */

static bool read_port(struct net_port *out, struct value of, enum net_protocol protocol)
{
    struct str text = value_text(of), low, high;
    int64_t from = of.kind == VALUE_INT ? of.as.i : -1, to = from;
    if (of.kind == VALUE_STRING && !str_to_int64(text, &from) &&
        (!str_cut(text, ':', &low, &high) || !str_to_int64(low, &from) || !str_to_int64(high, &to)))
        return false;
    to = of.kind == VALUE_STRING && str_find_char(text, ':', 0) == SIZE_MAX ? from : to;
    *out = (struct net_port){ .protocol = (uint8_t)protocol,
                              .from = (uint16_t)from,
                              .to = (uint16_t)to };
    return from >= 1 && from <= to && to <= NET_PORT_MAX;
}

static bool read_ports(struct net_rule *r, struct arena *a, struct value rule,
                       const struct value *ports)
{
    const struct value *protocol = value_get(rule, STR("protocol"));
    enum net_protocol p =
        net_absent(protocol) ? NET_PROTOCOLS : net_protocol_of(value_text(*protocol));
    r->any_port = net_absent(protocol) && net_no_list(ports);
    if (r->any_port)
        return true;
    if (p == NET_PROTOCOLS || (!net_no_list(ports) && ports->kind != VALUE_LIST))
        return false;
    r->port_count = net_no_list(ports) ? 1 : ports->n;
    r->port = arena_array(a, struct net_port, r->port_count);
    if (net_no_list(ports))
        r->port[0] = (struct net_port){ .protocol = (uint8_t)p, .from = 1, .to = NET_PORT_MAX };
    for (uint32_t i = 0; !net_no_list(ports) && i < ports->n; i++)
        if (!read_port(&r->port[i], value_item(*ports, i), p))
            return false;
    return true;
}

static bool read_peers(struct net_rule *r, struct arena *a, const struct value *nets)
{
    r->any_peer = net_no_list(nets);
    if (r->any_peer)
        return true;
    if (nets->kind != VALUE_LIST)
        return false;
    r->peer = arena_array(a, struct net_peer, nets->n);
    for (uint32_t i = 0; i < nets->n; i++) {
        r->peer[i].kind = NET_PEER_ADDRESSES;
        if (!cidr_parse(&r->peer[i].cidr, value_text(value_item(*nets, i))))
            return false;
        r->peer_count++;
    }
    return true;
}

static bool read_rule(struct net_rule *r, struct arena *a, struct value rule, enum net_direction d)
{
    static const char *const known[] = { "action", "protocol", "source", "destination",
                                         "metadata" };
    static const char *const of_source[] = { "nets" }, *const of_destination[] = { "ports" },
                             *const of_egress[] = { "nets", "ports" };
    const struct value none = value_null(), *s = value_get(rule, STR("source")),
                       *t = value_get(rule, STR("destination"));
    s = s ? s : &none;
    t = t ? t : &none;
    bool in = d == NET_INGRESS;
    if (!net_only_keys(rule, known, COUNT_OF(known)) ||
        !str_eq_c(value_text_at(rule, "action", NULL), "Allow") ||
        !net_only_keys(*s, of_source, in ? 1 : 0) ||
        !net_only_keys(*t, in ? of_destination : of_egress, in ? 1 : 2))
        return false;
    return read_ports(r, a, rule, value_get(*t, STR("ports"))) &&
           read_peers(r, a, value_get(in ? *s : *t, STR("nets")));
}

/* Without types: ingress unless there are rules for egress alone, egress if there are some. */
static bool read_types(bool applies[NET_DIRECTIONS], struct value spec)
{
    const struct value *types = value_get(spec, STR("types"));
    if (net_no_list(types)) {
        applies[NET_EGRESS] = !net_no_list(value_get(spec, STR("egress")));
        applies[NET_INGRESS] =
            !applies[NET_EGRESS] || !net_no_list(value_get(spec, STR("ingress")));
        return true;
    }
    for (uint32_t i = 0; types->kind == VALUE_LIST && i < types->n; i++) {
        bool in = str_eq_c(value_text(value_item(*types, i)), "Ingress");
        if (!in && !str_eq_c(value_text(value_item(*types, i)), "Egress"))
            return false;
        applies[in ? NET_INGRESS : NET_EGRESS] = true;
    }
    return types->kind == VALUE_LIST;
}

static bool read_rules(struct net_policy *p, struct arena *a, struct value spec,
                       enum net_direction d)
{
    const struct value *rules = value_get(spec, str_from_c(net_direction_name[d]));
    if (net_no_list(rules) || !p->applies[d])
        return true;
    if (rules->kind != VALUE_LIST)
        return false;
    p->rules[d].item = arena_array(a, struct net_rule, rules->n);
    for (uint32_t i = 0; i < rules->n; i++) {
        struct net_rule *r = &p->rules[d].item[p->rules[d].count++];
        r->index = i;
        if (!read_rule(r, a, value_item(*rules, i), d))
            return false;
    }
    return true;
}

void net_read_calico(struct net_policies *out, struct arena *a, enum kind kind, struct value object)
{
    static const char *const known[] = {
        "selector", "types", "ingress", "egress", "order", "tier"
    };
    struct net_policy *p = net_policy_add(out, a, kind, object), read = *p;
    const struct value *spec = value_get(object, STR("spec"));
    p->not_evaluated = STR("not evaluated: it has parts that NetworkPolicies have not");
    p->subject.own = p->ns;
    if (net_absent(spec) || spec->kind != VALUE_MAP ||
        !read_selector(&read.subject.pods, a, value_get(*spec, STR("selector"))))
        return;
    read.subject.own = p->ns;
    p->subject = read.subject;
    struct str tier = value_text_at(*spec, "tier", NULL);
    if (!net_only_keys(*spec, known, COUNT_OF(known)) || (tier.n && !str_eq_c(tier, "default")) ||
        !read_types(read.applies, *spec))
        return;
    memcpy(read.isolates, read.applies, sizeof read.isolates);
    if (read_rules(&read, a, *spec, NET_INGRESS) && read_rules(&read, a, *spec, NET_EGRESS))
        *p = read;
}
