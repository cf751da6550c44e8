/* What service meshes there are, what Istio's policies ask of connections and of callers, and what
 * Cilium encrypts: three facts. */
#include "analyze/facts_state.h"

static const struct {
    const char *crd, *name;
} mesh_crd[] = {
    { "meshes.kuma.io", "kuma" },
    { "peerauthentications.security.istio.io", "istio" },
    { "servers.policy.linkerd.io", "linkerd" },
    { "servicedefaults.consul.hashicorp.com", "consul" },
};

/* What a policy says of one port or of all: UNSET where it says nothing. */
static struct value mode_of(struct value mtls)
{
    struct str mode = value_text_at(mtls, "mode", NULL);
    return mode.n ? value_str(mode) : value_cstr("UNSET");
}

static struct value policy_of(struct arena *a, struct value object)
{
    const struct value *spec = value_get(object, STR("spec")),
                       *selector = spec ? value_get(*spec, STR("selector")) : NULL;
    const struct value *labels = selector ? value_get(*selector, STR("matchLabels")) : NULL;
    const struct value *mtls = spec ? value_get(*spec, STR("mtls")) : NULL,
                       *ports = spec ? value_get(*spec, STR("portLevelMtls")) : NULL;
    struct value_builder b, of_ports;
    value_builder_init(&of_ports, a);
    for (uint32_t i = 0; ports && ports->kind == VALUE_MAP && i < ports->n; i++)
        value_builder_put(&of_ports, ports->as.map->entry[i].key,
                          mode_of(ports->as.map->entry[i].val));
    value_builder_init(&b, a);
    value_builder_set(&b, "namespace",
                      value_str(value_text_at(object, "metadata", "namespace", NULL)));
    value_builder_set(&b, "name", value_str(value_text_at(object, "metadata", "name", NULL)));
    value_builder_set(&b, "created",
                      value_str(value_text_at(object, "metadata", "creationTimestamp", NULL)));
    value_builder_set(&b, "workloads",
                      value_bool(labels && labels->kind == VALUE_MAP && labels->n));
    value_builder_set(&b, "mode", mtls ? mode_of(*mtls) : value_cstr("UNSET"));
    value_builder_set(&b, "ports", value_builder_map(&of_ports));
    return value_builder_map(&b);
}

struct value make_mesh(struct facts *f)
{
    struct value_builder b, names, policies;
    size_t found = 0;
    value_builder_init(&b, f->arena);
    value_builder_init(&names, f->arena);
    value_builder_init(&policies, f->arena);
    for (size_t i = 0; i < COUNT_OF(mesh_crd); i++) {
        if (!cluster_find(f->cluster, KIND_CRDS, STR(""), str_from_c(mesh_crd[i].crd)))
            continue;
        value_builder_push(&names, value_cstr(mesh_crd[i].name));
        found++;
    }
    for (size_t i = 0; i < f->cluster->kept[KIND_PEERAUTHENTICATIONS].count; i++)
        value_builder_push(&policies,
                           policy_of(f->arena, f->cluster->kept[KIND_PEERAUTHENTICATIONS].item[i]));
    /* A mesh that was not seen is not absent, and neither is a policy that loosens what another
     * asks for. */
    value_builder_set(&b, "names",
                      found || facts_saw(f, KIND_CRDS) ? value_builder_list(&names)
                                                       : facts_gap_kind(f, f->arena, KIND_CRDS));
    value_builder_set(&b, "policies",
                      facts_saw(f, KIND_PEERAUTHENTICATIONS)
                          ? value_builder_list(&policies)
                          : facts_gap_kind(f, f->arena, KIND_PEERAUTHENTICATIONS));
    return value_builder_map(&b);
}

/* ---- Istio's AuthorizationPolicies */

static bool has_entries(struct value map, const char *key)
{
    const struct value *v = value_get(map, str_from_c(key));
    return v && (v->kind == VALUE_LIST || v->kind == VALUE_MAP) && v->n;
}

/* A rule without any condition is about every request. Source: istio.io, Authorization Policy,
 * rules. */
static bool is_about_everyone(const struct value *rules)
{
    for (uint32_t i = 0; rules && rules->kind == VALUE_LIST && i < rules->n; i++) {
        struct value rule = value_item(*rules, i);
        if (!has_entries(rule, "from") && !has_entries(rule, "to") && !has_entries(rule, "when"))
            return true;
    }
    return false;
}

static bool has_all_addresses(struct value blocks)
{
    for (uint32_t i = 0; blocks.kind == VALUE_LIST && i < blocks.n; i++) {
        struct cidr block;
        if (cidr_parse(&block, value_text(value_item(blocks, i))) && block.bits == 0)
            return true;
    }
    return false;
}

/* A source that asks for no identity: all addresses, or everybody but some. */
static bool is_open_source(struct value source)
{
    for (uint32_t i = 0; source.kind == VALUE_MAP && i < source.n; i++) {
        struct str key = value_text(source.as.map->entry[i].key);
        struct value of = source.as.map->entry[i].val;
        bool addresses = str_eq_c(key, "ipBlocks") || str_eq_c(key, "remoteIpBlocks");
        if (of.kind != VALUE_LIST || !of.n || str_has_prefix(key, STR("not")))
            continue;
        if (!addresses || !has_all_addresses(of))
            return false;
    }
    return source.kind == VALUE_MAP;
}

/* Whether one of the rules is for callers whoever they are, whatever they want to do. */
static bool is_open(const struct value *rules)
{
    for (uint32_t i = 0; rules && rules->kind == VALUE_LIST && i < rules->n; i++) {
        struct value rule = value_item(*rules, i);
        const struct value *from = value_get(rule, STR("from"));
        bool open = !has_entries(rule, "from");
        for (uint32_t k = 0; !open && k < from->n; k++) {
            const struct value *source = value_get(value_item(*from, k), STR("source"));
            open = source && is_open_source(*source);
        }
        if (open && !has_entries(rule, "to") && !has_entries(rule, "when"))
            return true;
    }
    return false;
}

static struct value authorization_of(struct arena *a, struct value object)
{
    const struct value *given = value_get(object, STR("spec"));
    struct value spec = given ? *given : value_null(), annotations = value_null();
    const struct value *rules = value_get(spec, STR("rules")),
                       *selector = value_get(spec, STR("selector")),
                       *found = value_at(object, "metadata", "annotations", NULL);
    struct str action = value_text_at(spec, "action", NULL);
    struct value_builder b;
    if (found)
        annotations = *found;
    value_builder_init(&b, a);
    value_builder_set(&b, "namespace",
                      value_str(value_text_at(object, "metadata", "namespace", NULL)));
    value_builder_set(&b, "name", value_str(value_text_at(object, "metadata", "name", NULL)));
    value_builder_set(&b, "action", action.n ? value_str(action) : value_cstr("ALLOW"));
    value_builder_set(&b, "narrowed",
                      value_bool((selector && has_entries(*selector, "matchLabels")) ||
                                 has_entries(spec, "targetRef") ||
                                 has_entries(spec, "targetRefs")));
    value_builder_set(&b, "everyone", value_bool(is_about_everyone(rules)));
    value_builder_set(&b, "open", value_bool(is_open(rules)));
    value_builder_set(
        &b, "dryRun",
        value_bool(str_eq_c(value_text_at(annotations, "istio.io/dry-run", NULL), "true")));
    value_builder_set(&b, "rules", value_int(rules && rules->kind == VALUE_LIST ? rules->n : 0));
    return value_builder_map(&b);
}

struct value make_mesh_authorizations(struct facts *f)
{
    struct value_builder list;
    value_builder_init(&list, f->arena);
    for (size_t i = 0; i < f->cluster->kept[KIND_AUTHORIZATIONPOLICIES].count; i++)
        value_builder_push(
            &list,
            authorization_of(f->arena, f->cluster->kept[KIND_AUTHORIZATIONPOLICIES].item[i]));
    /* One that was not seen may let in everyone. */
    return facts_saw(f, KIND_AUTHORIZATIONPOLICIES)
               ? value_builder_list(&list)
               : facts_gap_kind(f, f->arena, KIND_AUTHORIZATIONPOLICIES);
}

/* ---- Cilium's configuration */

/* In kube-system only: elsewhere anyone who may make namespaces could write one. Source:
 * docs.cilium.io, WireGuard and IPsec Transparent Encryption. */
void mesh_see(struct facts *f, const struct seen_object *seen)
{
    struct value object = seen->object;
    const struct value *data = value_get(object, STR("data"));
    if (seen->kind != KIND_CONFIGMAPS ||
        !str_eq_c(value_text_at(object, "metadata", "namespace", NULL), "kube-system") ||
        !str_eq_c(value_text_at(object, "metadata", "name", NULL), "cilium-config"))
        return;
    f->cilium.is_seen = true;
    f->cilium.encryption = !data ? ""
                           : str_eq_c(value_text_at(*data, "enable-wireguard", NULL), "true")
                               ? "wireguard"
                           : str_eq_c(value_text_at(*data, "enable-ipsec", NULL), "true") ? "ipsec"
                                                                                          : "";
}

struct value make_cilium_config(struct facts *f)
{
    struct value_builder b;
    bool known = f->cilium.is_seen || facts_saw(f, KIND_CONFIGMAPS);
    value_builder_init(&b, f->arena);
    value_builder_set(&b, "found",
                      known ? value_bool(f->cilium.is_seen)
                            : facts_gap_kind(f, f->arena, KIND_CONFIGMAPS));
    value_builder_set(&b, "encryption",
                      known ? value_cstr(f->cilium.is_seen ? f->cilium.encryption : "")
                            : facts_gap_kind(f, f->arena, KIND_CONFIGMAPS));
    return value_builder_map(&b);
}
