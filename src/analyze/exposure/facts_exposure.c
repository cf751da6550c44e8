/* Ways into the cluster from outside, as rows. */
#include "analyze/facts_state.h"

void exposure_open(struct facts *f)
{
    static const enum kind kept[] = { KIND_GATEWAYS, KIND_HTTPROUTES };
    struct arena scratch CLEANUP(arena_release) = { 0 };
    exposures_init(&f->exposures, f->arena);
    for (size_t i = 0; i < f->cluster->kept[KIND_NODES].count; i++)
        exposures_add_node(&f->exposures, f->cluster->kept[KIND_NODES].item[i]);
    for (size_t k = 0; k < COUNT_OF(kept); k++)
        for (size_t i = 0; i < f->cluster->kept[kept[k]].count; i++)
            exposures_add(&f->exposures, kept[k], f->cluster->kept[kept[k]].item[i], false,
                          &scratch);
}

void exposure_see(struct facts *f, const struct seen_object *seen)
{
    struct str ns = value_text_at(seen->object, "metadata", "namespace", NULL);
    exposures_add(&f->exposures, seen->kind, seen->object, seen->owned, seen->scratch);
    if (f->sharing && seen->kind == KIND_SERVICES)
        sharing_add_service(f->sharing, seen->object);
    else if (f->sharing && seen->kind == KIND_PODS && !str_eq_c(ns, "kube-system"))
        sharing_add_pod(f->sharing, seen->object, facts_maker_of(f, seen));
}

static int by_way(const void *a, const void *b)
{
    const struct exposure *x = *(const struct exposure *const *)a,
                          *y = *(const struct exposure *const *)b;
    int order = str_cmp(x->ns, y->ns);
    order = order ? order : strcmp(x->kind, y->kind);
    order = order ? order : str_cmp(x->name, y->name);
    return order ? order : str_cmp(x->by, y->by);
}

void facts_make_exposures(struct facts *f, struct facts_rows *out)
{
    struct exposures *x = &f->exposures;
    if (x->way.count)
        qsort(x->way.item, x->way.count, sizeof *x->way.item, by_way);
    for (size_t i = 0; i < x->way.count; i++) {
        const struct exposure *e = x->way.item[i];
        struct value internet = exposure_internet(x, e);
        struct value_builder object, derived;
        value_builder_init(&object, out->arena);
        value_builder_set(&object, "kind", value_cstr(e->kind));
        value_builder_set(&object, "namespace", value_str(e->ns));
        value_builder_set(&object, "name", value_str(e->name));
        value_builder_init(&derived, out->arena);
        value_builder_set(&derived, "by", value_str(e->by));
        value_builder_set(&derived, "ports", e->ports);
        value_builder_set(&derived, "addresses", e->addresses);
        value_builder_set(&derived, "hosts", e->hosts);
        value_builder_set(&derived, "sources", e->sources);
        value_builder_set(&derived, "through", e->through);
        value_builder_set(&derived, "backends", e->backends);
        value_builder_set(&derived, "selector",
                          e->selector.kind == VALUE_MAP ? e->selector
                                                        : value_map(out->arena, NULL, 0));
        value_builder_set(&derived, "tls", value_bool(e->tls));
        value_builder_set(&derived, "plain", exposure_plain(x, e, out->arena));
        value_builder_set(&derived, "pods", value_int(e->pods));
        /* A node that was not seen may have an address of the internet. */
        bool unsure = e->on_nodes && internet.kind == VALUE_NULL && !facts_saw(f, KIND_NODES);
        value_builder_set(&derived, "internet",
                          unsure ? facts_gap_kind(f, out->arena, KIND_NODES) : internet);
        value_builder_set(&derived, "text", value_str(exposure_text(out->arena, e)));
        facts_add_row(f, out, value_builder_map(&object), value_builder_map(&derived));
    }
}
