/* Ways into the cluster from outside, read off one object at a time. */
#include "analyze/exposure/exposure.h"

#include "base/buf.h"
#include "cluster/workload.h"

#define KEY_BYTES_MAX ((size_t)1 << 16)

void exposures_init(struct exposures *x, struct arena *a)
{
    *x = (struct exposures){ .arena = a };
    map_init(&x->pod, a);
}

/* ---- addresses */

/* Source: IANA, special-purpose address registries of IPv4 and IPv6. */
static const char *const private_block[] = {
    "0.0.0.0/8",     "10.0.0.0/8",   "100.64.0.0/10",  "127.0.0.0/8",   "169.254.0.0/16",
    "172.16.0.0/12", "192.0.0.0/24", "192.168.0.0/16", "198.18.0.0/15", "224.0.0.0/4",
    "240.0.0.0/4",   "::/127",       "fc00::/7",       "fe80::/10",     "ff00::/8",
};

bool ip_is_public(const struct ip *ip)
{
    for (size_t i = 0; i < COUNT_OF(private_block); i++) {
        struct cidr block;
        if (cidr_parse(&block, str_from_c(private_block[i])) && cidr_contains(&block, ip))
            return false;
    }
    return true;
}

void exposures_add_node(struct exposures *x, struct value node)
{
    const struct value *list = value_at(node, "status", "addresses", NULL);
    for (uint32_t i = 0; list && list->kind == VALUE_LIST && i < list->n; i++) {
        struct ip ip;
        if (ip_parse(&ip, value_text_at(value_item(*list, i), "address", NULL), NULL))
            x->nodes_public |= ip_is_public(&ip);
    }
}

struct value exposure_internet(const struct exposures *x, const struct exposure *e)
{
    size_t private = 0, count = e->addresses.n;
    bool public = e->on_nodes && !count && x->nodes_public;
    for (uint32_t i = 0; i < count; i++) {
        struct ip ip;
        bool is = ip_parse(&ip, value_text(value_item(e->addresses, i)), NULL);
        public |= is && (ip_is_public(&ip) ||
                         (e->on_nodes && x->nodes_public &&
                          str_eq_c(value_text(value_item(e->addresses, i)), "0.0.0.0")));
        private += is && !ip_is_public(&ip) &&
                   !str_eq_c(value_text(value_item(e->addresses, i)), "0.0.0.0");
    }
    if (public)
        return value_bool(true);
    return count && private == count ? value_bool(false) : value_null();
}

/* ---- making */

static const struct value *list_at(struct value v, const char *key)
{
    static const struct value none = { .kind = VALUE_LIST };
    const struct value *found = value_get(v, str_from_c(key));
    return found && found->kind == VALUE_LIST ? found : &none;
}

static struct value list_of(struct value_builder *b)
{
    return value_builder_list(b);
}

static struct value one_text(struct arena *a, struct str s)
{
    struct value_builder b;
    value_builder_init(&b, a);
    value_builder_push(&b, value_str(s));
    return list_of(&b);
}

static struct exposure *add_way(struct exposures *x, const char *kind, struct value object,
                                const char *by)
{
    static const struct value none = { .kind = VALUE_LIST };
    struct exposure *e = arena_new(x->arena, struct exposure);
    *e = (struct exposure){
        .kind = kind,
        .by = str_from_c(by),
        .ns = str_dup(x->arena, value_text_at(object, "metadata", "namespace", NULL)),
        .name = str_dup(x->arena, value_text_at(object, "metadata", "name", NULL)),
        .ports = none,
        .addresses = none,
        .hosts = none,
        .sources = none,
        .through = none,
        .backends = none,
        .plain = none,
        .parent = none
    };
    *VEC_PUSH(&x->way, x->arena) = e;
    return e;
}

static struct str protocol_at(struct value port)
{
    struct str p = value_text_at(port, "protocol", NULL);
    return p.n ? p : STR("TCP");
}

/* Addresses and names that a controller wrote: status.loadBalancer.ingress. */
static struct value balancer_addresses(struct arena *a, struct value object)
{
    struct value_builder b;
    const struct value *list = value_at(object, "status", "loadBalancer", "ingress", NULL);
    value_builder_init(&b, a);
    for (uint32_t i = 0; list && list->kind == VALUE_LIST && i < list->n; i++) {
        struct str ip = value_text_at(value_item(*list, i), "ip", NULL),
                   host = value_text_at(value_item(*list, i), "hostname", NULL);
        if (ip.n || host.n)
            value_builder_push(&b, value_str(str_dup(a, ip.n ? ip : host)));
    }
    return list_of(&b);
}

static struct value texts(struct arena *a, const struct value *list)
{
    struct value_builder b;
    value_builder_init(&b, a);
    for (uint32_t i = 0; list->kind == VALUE_LIST && i < list->n; i++)
        if (value_text(value_item(*list, i)).n)
            value_builder_push(&b, value_str(str_dup(a, value_text(value_item(*list, i)))));
    return list_of(&b);
}

/* ---- Services */

static struct value service_ports(struct arena *a, struct value spec, bool of_nodes)
{
    struct value_builder b;
    const struct value *ports = list_at(spec, "ports");
    value_builder_init(&b, a);
    for (uint32_t i = 0; i < ports->n; i++) {
        struct value port = value_item(*ports, i);
        int64_t number = value_int_at(port, 0, of_nodes ? "nodePort" : "port", NULL);
        if (number)
            value_builder_push(&b, value_str(str_printf(a, "%.*s %lld", STR_ARG(protocol_at(port)),
                                                        (long long)number)));
    }
    return list_of(&b);
}

static void add_service_way(struct exposures *x, struct value object, struct value spec,
                            const char *by, struct value ports, struct value addresses)
{
    const struct value *selector = value_get(spec, STR("selector"));
    struct exposure *e = add_way(x, "Service", object, by);
    e->ports = ports;
    e->addresses = addresses;
    e->selector =
        selector && selector->kind == VALUE_MAP ? value_dup(x->arena, *selector) : value_null();
}

static void add_service(struct exposures *x, struct value object)
{
    const struct value *found = value_get(object, STR("spec"));
    struct value spec = found ? *found : value_null(),
                 node_ports = service_ports(x->arena, spec, true);
    struct str type = value_text_at(spec, "type", NULL);
    bool balanced = str_eq_c(type, "LoadBalancer");
    if (balanced) {
        add_service_way(x, object, spec, "load-balancer", service_ports(x->arena, spec, false),
                        balancer_addresses(x->arena, object));
        x->way.item[x->way.count - 1]->sources =
            texts(x->arena, list_at(spec, "loadBalancerSourceRanges"));
    }
    if ((balanced || str_eq_c(type, "NodePort")) && (node_ports.n || !balanced)) {
        add_service_way(x, object, spec, "node-port", node_ports, value_list(NULL, 0));
        x->way.item[x->way.count - 1]->on_nodes = true;
    }
    if (list_at(spec, "externalIPs")->n)
        add_service_way(x, object, spec, "external-ip", service_ports(x->arena, spec, false),
                        texts(x->arena, list_at(spec, "externalIPs")));
}

/* ---- Ingresses */

static void push_service(struct value_builder *b, struct arena *a, struct str ns,
                         struct value backend)
{
    struct str name = value_text_at(backend, "service", "name", NULL),
               port = value_text_at(backend, "service", "port", "name", NULL);
    int64_t number = value_int_at(backend, 0, "service", "port", "number", NULL);
    if (name.n)
        value_builder_push(
            b, value_str(number ? str_printf(a, "Service %.*s/%.*s port %lld", STR_ARG(ns),
                                             STR_ARG(name), (long long)number)
                                : str_printf(a, "Service %.*s/%.*s port %.*s", STR_ARG(ns),
                                             STR_ARG(name), STR_ARG(port))));
}

/* Whether a name of one label more than "*.a.example" has, or the same text, is meant by pattern.
 */
static bool host_matches(struct str pattern, struct str host)
{
    if (str_eq_nocase(pattern, host))
        return true;
    size_t dot = str_find_char(host, '.', 0);
    return str_has_prefix(pattern, STR("*.")) && dot != SIZE_MAX && dot > 0 &&
           str_eq_nocase(str_sub(pattern, 1, pattern.n), str_sub(host, dot, host.n));
}

/* An entry without hosts is for whatever the controller serves. */
static bool tls_covers(const struct value *tls, struct str host)
{
    for (uint32_t i = 0; i < tls->n; i++) {
        const struct value *hosts = list_at(value_item(*tls, i), "hosts");
        if (!hosts->n)
            return true;
        for (uint32_t k = 0; k < hosts->n; k++)
            if (host_matches(value_text(value_item(*hosts, k)), host))
                return true;
    }
    return false;
}

static void add_ingress(struct exposures *x, struct value object)
{
    struct exposure *e = add_way(x, "Ingress", object, "ingress");
    struct value_builder hosts, backends, ports, plain;
    const struct value *found = value_get(object, STR("spec"));
    struct value spec = found ? *found : value_null();
    const struct value *tls = list_at(spec, "tls"), *rules = list_at(spec, "rules"),
                       *fallback = value_get(spec, STR("defaultBackend"));
    value_builder_init(&hosts, x->arena);
    value_builder_init(&backends, x->arena);
    value_builder_init(&ports, x->arena);
    value_builder_init(&plain, x->arena);
    for (uint32_t i = 0; i < rules->n; i++) {
        struct value rule = value_item(*rules, i);
        struct str host = value_text_at(rule, "host", NULL);
        if (!tls_covers(tls, host))
            value_builder_push(&plain, value_str(host.n ? str_dup(x->arena, host) : STR("*")));
        const struct value *paths = value_at(rule, "http", "paths", NULL);
        value_builder_push(&hosts, value_str(host.n ? str_dup(x->arena, host) : STR("*")));
        for (uint32_t k = 0; paths && paths->kind == VALUE_LIST && k < paths->n; k++) {
            const struct value *backend = value_get(value_item(*paths, k), STR("backend"));
            if (backend)
                push_service(&backends, x->arena, e->ns, *backend);
        }
    }
    if (fallback)
        push_service(&backends, x->arena, e->ns, *fallback);
    e->tls = tls->n > 0;
    e->plain = list_of(&plain);
    value_builder_push(&ports, value_cstr("TCP 80"));
    if (e->tls)
        value_builder_push(&ports, value_cstr("TCP 443"));
    e->hosts = rules->n ? list_of(&hosts) : one_text(x->arena, STR("*"));
    e->backends = list_of(&backends);
    e->ports = list_of(&ports);
    e->addresses = balancer_addresses(x->arena, object);
    struct str klass = value_text_at(spec, "ingressClassName", NULL);
    e->through = klass.n
                     ? one_text(x->arena, str_printf(x->arena, "IngressClass %.*s", STR_ARG(klass)))
                     : e->through;
}

/* ---- Gateways and routes */

static void add_gateway(struct exposures *x, struct value object)
{
    struct exposure *e = add_way(x, "Gateway", object, "gateway");
    struct value_builder hosts, ports, addresses, plain;
    const struct value *spec = value_get(object, STR("spec")),
                       *status = value_get(object, STR("status"));
    const struct value *listeners = list_at(spec ? *spec : value_null(), "listeners"),
                       *given = list_at(status ? *status : value_null(), "addresses");
    value_builder_init(&hosts, x->arena);
    value_builder_init(&ports, x->arena);
    value_builder_init(&addresses, x->arena);
    value_builder_init(&plain, x->arena);
    for (uint32_t i = 0; i < listeners->n; i++) {
        struct value l = value_item(*listeners, i);
        struct str host = value_text_at(l, "hostname", NULL),
                   protocol = value_text_at(l, "protocol", NULL);
        value_builder_push(&hosts, value_str(host.n ? str_dup(x->arena, host) : STR("*")));
        value_builder_push(
            &ports,
            value_str(str_printf(x->arena, "%s %lld", str_eq_c(protocol, "UDP") ? "UDP" : "TCP",
                                 (long long)value_int_at(l, 0, "port", NULL))));
        e->tls |= str_eq_c(protocol, "HTTPS") || str_eq_c(protocol, "TLS");
        if (str_eq_c(protocol, "HTTP"))
            value_builder_push(&plain, value_dup(x->arena, l));
    }
    e->plain = list_of(&plain);
    for (uint32_t i = 0; i < given->n; i++)
        value_builder_push(
            &addresses,
            value_str(str_dup(x->arena, value_text_at(value_item(*given, i), "value", NULL))));
    e->hosts = list_of(&hosts);
    e->ports = list_of(&ports);
    e->addresses = list_of(&addresses);
    struct str klass = value_text_at(object, "spec", "gatewayClassName", NULL);
    e->through = klass.n
                     ? one_text(x->arena, str_printf(x->arena, "GatewayClass %.*s", STR_ARG(klass)))
                     : e->through;
}

static void push_reference(struct value_builder *b, struct arena *a, struct str ns,
                           struct value ref, const char *kind)
{
    struct str of = value_text_at(ref, "namespace", NULL), named = value_text_at(ref, "kind", NULL),
               name = value_text_at(ref, "name", NULL);
    int64_t port = value_int_at(ref, 0, "port", NULL);
    of = of.n ? of : ns;
    named = named.n ? named : str_from_c(kind);
    if (name.n)
        value_builder_push(
            b, value_str(port ? str_printf(a, "%.*s %.*s/%.*s port %lld", STR_ARG(named),
                                           STR_ARG(of), STR_ARG(name), (long long)port)
                              : str_printf(a, "%.*s %.*s/%.*s", STR_ARG(named), STR_ARG(of),
                                           STR_ARG(name))));
}

static void add_route(struct exposures *x, struct value object)
{
    struct exposure *e = add_way(x, "HTTPRoute", object, "route");
    struct value_builder through, backends;
    const struct value *found = value_get(object, STR("spec"));
    struct value spec = found ? *found : value_null();
    const struct value *parents = list_at(spec, "parentRefs"), *rules = list_at(spec, "rules");
    value_builder_init(&through, x->arena);
    value_builder_init(&backends, x->arena);
    for (uint32_t i = 0; i < parents->n; i++)
        push_reference(&through, x->arena, e->ns, value_item(*parents, i), "Gateway");
    for (uint32_t i = 0; i < rules->n; i++) {
        const struct value *refs = list_at(value_item(*rules, i), "backendRefs");
        for (uint32_t k = 0; k < refs->n; k++)
            push_reference(&backends, x->arena, e->ns, value_item(*refs, k), "Service");
    }
    if (backends.count)
        e->parent = value_dup(x->arena, *parents);
    e->hosts = list_at(spec, "hostnames")->n ? texts(x->arena, list_at(spec, "hostnames"))
                                             : one_text(x->arena, STR("*"));
    e->through = list_of(&through);
    e->backends = list_of(&backends);
}

/* Whether one of the route's parents is that listener of the Gateway; a parent without a section or
 * port is all of them. */
static bool route_is_for(const struct exposure *route, const struct exposure *gateway,
                         struct value listener)
{
    int64_t number = value_int_at(listener, 0, "port", NULL);
    for (uint32_t i = 0; i < route->parent.n; i++) {
        struct value ref = value_item(route->parent, i);
        struct str kind = value_text_at(ref, "kind", NULL),
                   ns = value_text_at(ref, "namespace", NULL),
                   section = value_text_at(ref, "sectionName", NULL);
        int64_t port = value_int_at(ref, number, "port", NULL);
        if ((!kind.n || str_eq_c(kind, "Gateway")) && str_eq(ns.n ? ns : route->ns, gateway->ns) &&
            str_eq(value_text_at(ref, "name", NULL), gateway->name) && port == number &&
            (!section.n || str_eq(section, value_text_at(listener, "name", NULL))))
            return true;
    }
    return false;
}

static bool route_has_host(const struct exposure *route, struct str host)
{
    for (uint32_t i = 0; i < route->hosts.n && host.n; i++) {
        struct str of = value_text(value_item(route->hosts, i));
        if (str_eq_c(of, "*") || host_matches(host, of) || host_matches(of, host))
            return true;
    }
    return !host.n;
}

struct value exposure_plain(const struct exposures *x, const struct exposure *e, struct arena *a)
{
    struct value_builder plain;
    if (!str_eq_c(e->by, "gateway"))
        return e->plain;
    value_builder_init(&plain, a);
    for (uint32_t i = 0; i < e->plain.n; i++) {
        struct value listener = value_item(e->plain, i);
        struct str host = value_text_at(listener, "hostname", NULL);
        for (size_t k = 0; k < x->way.count; k++) {
            const struct exposure *route = x->way.item[k];
            if (!route->parent.n || !route_is_for(route, e, listener) ||
                !route_has_host(route, host))
                continue;
            value_builder_push(&plain, value_str(host.n ? host : STR("*")));
            break;
        }
    }
    return list_of(&plain);
}

/* ---- pods */

/* Ports of the node: "TCP 8080"; addresses: those they are bound to, where all are bound to one. */
static void host_ports(struct value_builder *ports, struct value_builder *addresses,
                       struct arena *a, struct value spec, bool host_network)
{
    static const char *const list[] = { "containers", "initContainers" };
    for (size_t l = 0; l < COUNT_OF(list); l++) {
        const struct value *containers = list_at(spec, list[l]);
        for (uint32_t i = 0; i < containers->n; i++) {
            const struct value *of = list_at(value_item(*containers, i), "ports");
            for (uint32_t k = 0; k < of->n; k++) {
                struct value port = value_item(*of, k);
                struct str ip = value_text_at(port, "hostIP", NULL);
                int64_t number = value_int_at(port, 0, "hostPort", NULL);
                number =
                    number || !host_network ? number : value_int_at(port, 0, "containerPort", NULL);
                if (!number)
                    continue;
                value_builder_push(ports,
                                   value_str(str_printf(a, "%.*s %lld", STR_ARG(protocol_at(port)),
                                                        (long long)number)));
                value_builder_push(
                    addresses, value_str(str_dup(a, ip.n && !host_network ? ip : STR("0.0.0.0"))));
            }
        }
    }
}

/* Pods of one owner with the same ports are one row. */
static struct exposure *known_pod(struct exposures *x, const char *kind, struct value pod,
                                  struct value ports, const char *by, bool *created)
{
    struct buf key CLEANUP(buf_release) = BUF_INIT(KEY_BYTES_MAX);
    struct object_ref owner;
    bool owned = object_controller(pod, &owner);
    struct str ns = value_text_at(pod, "metadata", "namespace", NULL),
               name = owned ? owner.name : value_text_at(pod, "metadata", "name", NULL);
    buf_addf(&key, "%s|%s|%.*s|%.*s|%zu:%.*s", by, kind, STR_ARG(ns), owned ? (int)owner.kind.n : 0,
             owned ? owner.kind.p : "", name.n, STR_ARG(name));
    for (uint32_t i = 0; i < ports.n; i++)
        buf_addf(&key, "|%.*s", STR_ARG(value_text(value_item(ports, i))));
    void **at = map_at(&x->pod, buf_str(&key), created);
    if (*created)
        *at = add_way(x, kind, pod, by);
    return *at;
}

static void add_pod(struct exposures *x, const char *kind, struct value pod, struct arena *scratch)
{
    const struct value *found = value_get(pod, STR("spec"));
    struct value spec = found ? *found : value_null();
    bool host_network = value_bool_at(spec, false, "hostNetwork", NULL), created = false,
         phase_over = str_eq_c(value_text_at(pod, "status", "phase", NULL), "Succeeded") ||
                      str_eq_c(value_text_at(pod, "status", "phase", NULL), "Failed");
    struct value_builder ports, addresses;
    value_builder_init(&ports, scratch);
    value_builder_init(&addresses, scratch);
    host_ports(&ports, &addresses, scratch, spec, host_network);
    if (phase_over || (!ports.count && !host_network))
        return;
    struct value list = list_of(&ports);
    struct exposure *e =
        known_pod(x, kind, pod, list, host_network ? "host-network" : "host-port", &created);
    e->pods++;
    if (!created)
        return;
    e->ports = value_dup(x->arena, list);
    e->addresses = value_dup(x->arena, list_of(&addresses));
    e->on_nodes = true;
}

void exposures_add(struct exposures *x, enum kind kind, struct value object, bool owned,
                   struct arena *scratch)
{
    struct value pod;
    if (kind == KIND_SERVICES)
        add_service(x, object);
    else if (kind == KIND_INGRESSES)
        add_ingress(x, object);
    else if (kind == KIND_GATEWAYS)
        add_gateway(x, object);
    else if (kind == KIND_HTTPROUTES)
        add_route(x, object);
    else if (kind == KIND_PODS)
        add_pod(x, "Pod", object, scratch);
    else if (kind_has_pod_template(kind) && !owned && workload_as_pod(&pod, scratch, kind, object))
        add_pod(x, kind_info(kind)->name, pod, scratch);
}

/* ---- in words */

static void add_list(struct buf *out, const char *before, struct value list)
{
    for (uint32_t i = 0; i < list.n; i++)
        buf_addf(out, "%s%.*s", i ? ", " : before, STR_ARG(value_text(value_item(list, i))));
}

struct str exposure_text(struct arena *a, const struct exposure *e)
{
    struct buf text CLEANUP(buf_release) = BUF_INIT((size_t)1 << 20);
    buf_add(&text, e->by);
    add_list(&text, " ", e->ports);
    add_list(&text, " at ", e->addresses);
    add_list(&text, " for ", e->hosts);
    add_list(&text, ", only from ", e->sources);
    add_list(&text, ", to ", e->backends);
    return text.over ? STR("too much to show") : str_dup(a, buf_str(&text));
}
