/* What service meshes there are, and what Istio's policies ask of connections: a fact. */
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
    const struct value *spec = value_get(object, STR("spec")), *selector = spec ? value_get(*spec, STR("selector")) : NULL;
    const struct value *labels = selector ? value_get(*selector, STR("matchLabels")) : NULL;
    const struct value *mtls = spec ? value_get(*spec, STR("mtls")) : NULL, *ports = spec ? value_get(*spec, STR("portLevelMtls")) : NULL;
    struct value_builder b, of_ports;
    value_builder_init(&of_ports, a);
    for (uint32_t i = 0; ports && ports->kind == VALUE_MAP && i < ports->n; i++)
        value_builder_put(&of_ports, ports->as.map->entry[i].key, mode_of(ports->as.map->entry[i].val));
    value_builder_init(&b, a);
    value_builder_set(&b, "namespace", value_str(value_text_at(object, "metadata", "namespace", NULL)));
    value_builder_set(&b, "name", value_str(value_text_at(object, "metadata", "name", NULL)));
    value_builder_set(&b, "created", value_str(value_text_at(object, "metadata", "creationTimestamp", NULL)));
    value_builder_set(&b, "workloads", value_bool(labels && labels->kind == VALUE_MAP && labels->n));
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
        value_builder_push(&policies, policy_of(f->arena, f->cluster->kept[KIND_PEERAUTHENTICATIONS].item[i]));
    /* A mesh that was not seen is not absent, and neither is a policy that loosens what another asks for. */
    value_builder_set(&b, "names", found || facts_saw(f, KIND_CRDS) ? value_builder_list(&names) : facts_gap_kind(f, f->arena, KIND_CRDS));
    value_builder_set(&b, "policies",
                      facts_saw(f, KIND_PEERAUTHENTICATIONS) ? value_builder_list(&policies) : facts_gap_kind(f, f->arena, KIND_PEERAUTHENTICATIONS));
    return value_builder_map(&b);
}
