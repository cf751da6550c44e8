/* kube-proxy: each DaemonSet and static pod of kube-system that runs it, with the address of its
 * metrics. */
#include "analyze/facts_state.h"

#include "base/ip.h"

#define CONFIG_MAP "kube-proxy"
#define CONFIG_KEY "config.conf"
/* What kube-proxy listens on when nothing is said. Source:
 * pkg/proxy/apis/config/v1alpha1/defaults.go. */
#define METRICS_DEFAULT     "127.0.0.1:10249"
#define METRICS_DEFAULT_SIX "[::1]:10249"

/* ---- addresses */

/* "127.0.0.1:10249", "[::1]:10249", or without a port. A name is none that kube-proxy takes. */
static bool is_loopback(struct str address)
{
    static const uint8_t six_loopback[16] = { [15] = 1 };
    struct ip ip;
    struct str host = address, port;
    size_t end = str_find_char(address, ']', 0);
    if (address.n && address.p[0] == '[' && end != SIZE_MAX)
        host = str_sub(address, 1, end);
    else if (!ip_parse(&ip, address, NULL) || ip.n == 4)
        (void)str_cut(address, ':', &host, &port);
    if (!ip_parse(&ip, host, NULL))
        return false;
    return ip.n == 4 ? ip.byte[0] == 127 : memcmp(ip.byte, six_loopback, sizeof six_loopback) == 0;
}

static struct value metrics_value(struct arena *a, struct str address, bool defaulted)
{
    struct value_builder b;
    value_builder_init(&b, a);
    value_builder_set(&b, "address", value_str(address));
    value_builder_set(&b, "loopback", value_bool(is_loopback(address)));
    value_builder_set(&b, "defaulted", value_bool(defaulted));
    return value_builder_map(&b);
}

/* ---- one kube-proxy */

/* Where a container's path comes from: the ConfigMap's name and key; empty when it is no ConfigMap,
 * or cannot be told. */
struct origin {
    struct str map, key;
};

static const struct value *named(struct value list, const char *field, struct str name)
{
    for (uint32_t i = 0; list.kind == VALUE_LIST && i < list.n; i++)
        if (str_eq(value_text_at(value_item(list, i), field, NULL), name))
            return &list.as.item[i];
    return NULL;
}

static struct value list_at(struct value v, const char *key)
{
    const struct value *list = value_get(v, str_from_c(key));
    return list && list->kind == VALUE_LIST ? *list : value_list(NULL, 0);
}

/* The key that a volume of a ConfigMap shows under a name; items rename. */
static struct str key_of(struct value source, struct str name)
{
    const struct value *items = value_get(source, STR("items"));
    if (!items || items->kind != VALUE_LIST)
        return name;
    const struct value *item = named(*items, "path", name);
    return item ? value_text_at(*item, "key", NULL) : (struct str){ 0 };
}

static struct origin origin_of(struct value spec, struct str container, struct str path)
{
    const struct value *c = named(list_at(spec, "containers"), "name", container);
    struct value mounts = c ? list_at(*c, "volumeMounts") : value_list(NULL, 0);
    struct origin found = { 0 };
    size_t longest = 0;
    for (uint32_t i = 0; i < mounts.n; i++) {
        struct value mount = value_item(mounts, i);
        struct str at = value_text_at(mount, "mountPath", NULL);
        while (at.n > 1 && at.p[at.n - 1] == '/')
            at.n--;
        bool below = at.n && at.n < path.n && str_has_prefix(path, at) && path.p[at.n] == '/';
        if (!below || at.n < longest)
            continue;
        longest = at.n;
        const struct value *volume =
            named(list_at(spec, "volumes"), "name", value_text_at(mount, "name", NULL));
        const struct value *source = volume ? value_get(*volume, STR("configMap")) : NULL;
        struct str rest = str_sub(path, at.n + 1, path.n);
        found = (struct origin){ 0 };
        if (source && !value_text_at(mount, "subPath", NULL).n)
            found = (struct origin){ value_text_at(*source, "name", NULL), key_of(*source, rest) };
    }
    return found;
}

static struct value unknown_file(struct arena *a, struct str file, struct origin from)
{
    if (from.map.n)
        return facts_unavailable(a,
                                 "kube-proxy takes its configuration from %.*s, key %.*s of "
                                 "ConfigMap %.*s, which an audit does not read",
                                 STR_ARG(file), STR_ARG(from.key), STR_ARG(from.map));
    return facts_unavailable(
        a,
        "kube-proxy takes its configuration from %.*s, which is in no ConfigMap that its pods show",
        STR_ARG(file));
}

/* The file's metricsBindAddress, "" for the default. */
static struct value metrics_of_file(struct facts *f, struct arena *a)
{
    const struct coverage *c = &f->cluster->endpoint[ENDPOINT_KUBE_PROXY_CONFIG];
    struct value config = f->cluster->kube_proxy_config;
    if (config.kind != VALUE_MAP)
        return facts_unavailable_for(a, coverage_cause(c), "%.*s%s%.*s", STR_ARG(c->reason),
                                     c->remedy.n ? "; " : "", STR_ARG(c->remedy));
    const struct value *given = value_get(config, STR("metricsBindAddress")),
                       *bind = value_get(config, STR("bindAddress"));
    if ((given && given->kind != VALUE_STRING && given->kind != VALUE_NULL) ||
        (bind && bind->kind != VALUE_STRING && bind->kind != VALUE_NULL))
        return facts_unavailable_for(a, CAUSE_MALFORMED,
                                     "an address in kube-proxy's configuration is no text");
    if (given && value_text(*given).n)
        return metrics_value(a, value_text(*given), false);
    bool six = bind && str_find_char(value_text(*bind), ':', 0) != SIZE_MAX;
    return metrics_value(a, six ? STR(METRICS_DEFAULT_SIX) : STR(METRICS_DEFAULT), true);
}

/* With --config the file alone counts. Source: cmd/kube-proxy/app, processHostnameOverrideFlag and
 * its neighbours. */
static struct value metrics_of(struct facts *f, struct arena *a, const struct component *c,
                               struct value spec)
{
    struct str file = value_text_at(c->flags, "config", NULL),
               flag = value_text_at(c->flags, "metrics-bind-address", NULL);
    if (c->doubt.n)
        return facts_unavailable(a, "the command line of kube-proxy is not wholly known: %.*s",
                                 STR_ARG(c->doubt));
    struct str refused = component_refused(c, (const char *const[]){ "metrics-bind-address" }, 1);
    if (!file.n && refused.n)
        return facts_unavailable(a, "%.*s", STR_ARG(refused));
    if (!file.n)
        return metrics_value(a, flag.n ? flag : STR(METRICS_DEFAULT), !flag.n);
    struct origin from = origin_of(spec, c->container, file);
    if (!str_eq_c(from.map, CONFIG_MAP) || !str_eq_c(from.key, CONFIG_KEY))
        return unknown_file(a, file, from);
    return metrics_of_file(f, a);
}

/* ---- rows */

static void add_row(struct facts *f, struct facts_rows *out, const char *kind, struct str name,
                    bool present, struct value metrics, const char *source)
{
    struct arena *a = out->arena;
    struct value_builder object, derived, evidence;
    value_builder_init(&object, a);
    value_builder_set(&object, "kind", value_cstr(kind));
    value_builder_set(&object, "namespace", value_cstr("kube-system"));
    value_builder_set(&object, "name", value_str(name));
    value_builder_init(&evidence, a);
    value_builder_set(&evidence, "grade", value_cstr("effective"));
    value_builder_set(&evidence, "source", value_cstr(source));
    value_builder_set(&evidence, "instance",
                      value_str(str_printf(a, "%s kube-system/%.*s", kind, STR_ARG(name))));
    value_builder_init(&derived, a);
    value_builder_set(&derived, "present", value_bool(present));
    value_builder_set(&derived, "metrics", metrics);
    value_builder_set(&derived, "evidence",
                      value_is_error(metrics) ? metrics : value_builder_map(&evidence));
    facts_add_row(f, out, value_builder_map(&object), value_builder_map(&derived));
}

/* kubeadm gives the node's name as $(NODE_NAME), which the API does not show: it must not throw
 * doubt on the rest. */
static struct value without_host_name(struct arena *a, struct value words)
{
    struct value_builder b;
    value_builder_init(&b, a);
    for (uint32_t i = 0; words.kind == VALUE_LIST && i < words.n; i++)
        if (!str_has_prefix(value_text(value_item(words, i)), STR("--hostname-override=")))
            value_builder_push(&b, value_item(words, i));
    return value_builder_list(&b);
}

/* v with the value under key made anew; other maps are shared. */
static struct value changed(struct arena *a, struct value v, const char *key,
                            struct value (*fn)(struct arena *a, struct value old))
{
    struct value_builder b;
    value_builder_init(&b, a);
    for (uint32_t i = 0; v.kind == VALUE_MAP && i < v.n; i++) {
        struct value_entry e = v.as.map->entry[i];
        value_builder_put(&b, e.key, str_eq_c(value_text(e.key), key) ? fn(a, e.val) : e.val);
    }
    return value_builder_map(&b);
}

static struct value plain_containers(struct arena *a, struct value list)
{
    struct value_builder b;
    value_builder_init(&b, a);
    for (uint32_t i = 0; list.kind == VALUE_LIST && i < list.n; i++)
        value_builder_push(&b,
                           changed(a, changed(a, value_item(list, i), "command", without_host_name),
                                   "args", without_host_name));
    return value_builder_list(&b);
}

static struct value plain_spec(struct arena *a, struct value spec)
{
    return changed(a, spec, "containers", plain_containers);
}

static bool add_proxy(struct facts *f, struct facts_rows *out, const char *kind,
                      struct value object, struct value pod)
{
    struct component_list all = { 0 };
    bool any = false;
    const struct value *spec = value_get(pod, STR("spec"));
    if (spec)
        component_add_all(&all, out->arena, changed(out->arena, pod, "spec", plain_spec));
    for (size_t i = 0; i < all.found.count; i++) {
        const struct component *c = &all.found.item[i];
        struct str name = value_text_at(object, "metadata", "name", NULL);
        if (c->kind != COMPONENT_KUBE_PROXY)
            continue;
        bool by_file = value_text_at(c->flags, "config", NULL).n > 0;
        any = true;
        add_row(f, out, kind,
                c->further
                    ? str_printf(out->arena, "%.*s/%.*s", STR_ARG(name), STR_ARG(c->container))
                    : name,
                true, metrics_of(f, out->arena, c, *spec),
                by_file ? "ConfigMap kube-system/kube-proxy, which its pods run with"
                        : "its pods' command line");
    }
    return any;
}

/* Network plugins that do kube-proxy's work themselves where it is not installed. */
static bool has_replacement(const struct facts *f, struct str *name)
{
    static const char *const replacing[] = { "cilium", "kube-router", "ovn-kubernetes" };
    const struct value *names = value_get(f->value[FACT_networkPlugin], STR("names"));
    for (uint32_t i = 0; names && names->kind == VALUE_LIST && i < names->n; i++) {
        *name = value_text(value_item(*names, i));
        for (size_t k = 0; k < sizeof replacing / sizeof *replacing; k++)
            if (str_eq_c(*name, replacing[k]))
                return true;
    }
    return false;
}

/* Distributions whose own agent has kube-proxy built in: no object shows it. */
static bool may_be_built_in(const struct facts *f)
{
    for (size_t i = 0; i < f->cluster->kept[KIND_NODES].count; i++) {
        struct value node = f->cluster->kept[KIND_NODES].item[i];
        if (str_contains(value_text_at(node, "status", "nodeInfo", "kubeletVersion", NULL),
                         STR("+k3s")) ||
            value_at(node, "metadata", "labels", "microk8s.io/cluster", NULL))
            return true;
    }
    return false;
}

static void add_absence(struct facts *f, struct facts_rows *out)
{
    static const enum kind needed[] = { KIND_DAEMONSETS, KIND_PODS, KIND_NODES };
    struct arena *a = out->arena;
    struct str plugin = { 0 };
    struct value meant = metrics_of_file(f, a);
    bool open = meant.kind == VALUE_MAP && !value_bool_at(meant, true, "loopback", NULL);
    struct value why = facts_unavailable(
        a, "no kube-proxy was seen in kube-system: it may be built into the nodes' agent (K3s, "
           "MicroK8s), run as a service on the "
           "nodes, or not at all: ask who runs the nodes for its metricsBindAddress");
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) {
        if (!facts_saw(f, needed[i]) && !open) {
            add_row(f, out, "DaemonSet", STR("kube-proxy"), true, facts_gap_kind(f, a, needed[i]),
                    "");
            return;
        }
    }
    bool absent = has_replacement(f, &plugin) && !may_be_built_in(f);
    /* what runs with it was not seen, and would listen there; a safe one says nothing of what runs
     */
    if (open && !absent)
        add_row(f, out, "DaemonSet", STR("kube-proxy"), true, meant,
                "ConfigMap kube-system/kube-proxy, though nothing was seen that runs with it");
    else
        add_row(f, out, "DaemonSet", STR("kube-proxy"), !absent, why, "");
}

/* A static pod speaks for its own node: what the others run is not seen. */
static void add_other_nodes(struct facts *f, struct facts_rows *out)
{
    struct arena *a = out->arena;
    size_t without = 0;
    struct str example = { 0 };
    for (size_t i = 0; i < f->cluster->kept[KIND_NODES].count; i++) {
        struct str node =
            value_text_at(f->cluster->kept[KIND_NODES].item[i], "metadata", "name", NULL);
        bool covered = false;
        for (size_t k = 0; !covered && k < f->cluster->component_pod.count; k++) {
            struct value pod = f->cluster->component_pod.item[k];
            struct component c;
            covered = str_eq(value_text_at(pod, "spec", "nodeName", NULL), node) &&
                      component_of_pod(&c, a, pod) && c.kind == COMPONENT_KUBE_PROXY;
        }
        without += !covered;
        example = covered || example.n ? example : node;
    }
    if (without)
        add_row(f, out, "DaemonSet", STR("kube-proxy"), true,
                facts_unavailable(
                    a,
                    "kube-proxy was seen as a static pod of some nodes, and on %zu, node %.*s "
                    "among them, not at all: no DaemonSet that runs somewhere says what "
                    "these run",
                    without, STR_ARG(example)),
                "");
    else if (!facts_saw(f, KIND_NODES))
        add_row(f, out, "DaemonSet", STR("kube-proxy"), true, facts_gap_kind(f, a, KIND_NODES), "");
}

void facts_make_kube_proxies(struct facts *f, struct facts_rows *out)
{
    const struct cluster *c = f->cluster;
    bool everywhere = false, some = false;
    for (size_t i = 0; i < c->proxy_workload.count; i++) {
        struct value object = c->proxy_workload.item[i];
        const struct value *pod = value_at(object, "spec", "template", NULL);
        /* Written by the controller, once it has seen it: one that is for no node runs nowhere. */
        if (value_int_at(object, -1, "status", "desiredNumberScheduled", NULL) != 0 ||
            !value_at(object, "status", "observedGeneration", NULL))
            everywhere = (pod && add_proxy(f, out, "DaemonSet", object, *pod)) || everywhere;
    }
    for (size_t i = 0; i < c->component_pod.count; i++) {
        struct value pod = c->component_pod.item[i];
        if (object_is_mirror(pod) &&
            str_eq_c(value_text_at(pod, "metadata", "namespace", NULL), "kube-system"))
            some = add_proxy(f, out, "Pod", pod, pod) || some;
    }
    if (!everywhere && !some)
        add_absence(f, out);
    else if (!everywhere)
        add_other_nodes(f, out);
}
