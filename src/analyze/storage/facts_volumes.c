/* PersistentVolumes with their classes and those who mount them, as rows. */
#include "analyze/facts_state.h"

#include <stdlib.h>

void storage_see(struct facts *f, const struct seen_object *seen)
{
    struct value pod;
    if (!f->volumes)
        return;
    if (seen->kind == KIND_PERSISTENTVOLUMES)
        volumes_add(f->volumes, seen->object);
    else if (seen->kind == KIND_PODS)
        volumes_add_pod(f->volumes, seen->object, facts_maker_of(f, seen), seen->scratch);
    else if (kind_has_pod_template(seen->kind) && !seen->owned &&
             workload_as_pod(&pod, seen->scratch, seen->kind, seen->object))
        volumes_add_pod(f->volumes, pod, facts_maker_of(f, seen), seen->scratch);
}

static int by_name(const void *a, const void *b)
{
    return str_cmp(((const struct volume *)a)->name, ((const struct volume *)b)->name);
}

/* "yes", "no" or "": what the volume itself or the class that made it says. A class tells only of
 * volumes that it made: of one that was made by hand, its name is a label and no more. */
static struct value encryption_of(struct facts *f, const struct volume *v, struct arena *a)
{
    struct str parameter = volume_encryption_parameter(v->driver);
    if (!parameter.n)
        return value_cstr("");
    if (v->attribute.n)
        return value_cstr(str_eq_c(v->attribute, "true") ? "yes" : "no");
    if (!v->storage_class.n || !v->provisioned_by.n)
        return value_cstr("");
    const struct value *made_by =
        cluster_find(f->cluster, KIND_STORAGECLASSES, STR(""), v->storage_class);
    if (!made_by)
        return facts_listed(f, KIND_STORAGECLASSES) && !f->cluster->is_open
                   ? value_cstr("")
                   : facts_gap_kind(f, a, KIND_STORAGECLASSES);
    if (!str_eq(value_text_at(*made_by, "provisioner", NULL), v->provisioned_by))
        return value_cstr("");
    const struct value *parameters = value_get(*made_by, STR("parameters")),
                       *given = parameters ? value_get(*parameters, parameter) : NULL;
    return value_cstr(given && str_eq_c(value_text(*given), "true") ? "yes" : "no");
}

static const enum kind pod_kind[] = {
    KIND_PODS,         KIND_DEPLOYMENTS, KIND_DAEMONSETS,
    KIND_STATEFULSETS, KIND_REPLICASETS, KIND_REPLICATIONCONTROLLERS,
    KIND_JOBS,         KIND_CRONJOBS,
};

static void set_mounters(struct facts *f, struct value_builder *b, const struct volume *v,
                         struct arena *a)
{
    const struct volume_mounters *m =
        v->claim.n ? volumes_mounters(f->volumes, v->claim_ns, v->claim, a) : NULL;
    struct value_builder list;
    value_builder_init(&list, a);
    for (size_t i = 0; m && i < m->by.count; i++)
        value_builder_push(&list, value_str(m->by.item[i]));
    struct value by = value_builder_list(&list),
                 count = value_int((int64_t)(m ? m->by.count + m->more : 0));
    /* Who was not seen may mount it too. */
    for (size_t i = 0; i < COUNT_OF(pod_kind); i++)
        if (!facts_saw(f, pod_kind[i])) {
            by = facts_gap_kind(f, a, pod_kind[i]);
            count = by;
            break;
        }
    value_builder_set(b, "mountedBy", by);
    value_builder_set(b, "workloads", count);
}

void facts_make_volumes(struct facts *f, struct facts_rows *out)
{
    struct volumes *all = f->volumes;
    if (all && all->volume.count)
        qsort(all->volume.item, all->volume.count, sizeof *all->volume.item, by_name);
    for (size_t i = 0; all && i < all->volume.count; i++) {
        const struct volume *v = &all->volume.item[i];
        struct value_builder object, derived;
        value_builder_init(&object, out->arena);
        value_builder_set(&object, "kind", value_cstr("PersistentVolume"));
        value_builder_set(&object, "name", value_str(v->name));
        value_builder_init(&derived, out->arena);
        value_builder_set(&derived, "driver", value_str(v->driver));
        value_builder_set(&derived, "class", value_str(v->storage_class));
        value_builder_set(&derived, "phase", value_str(v->phase));
        value_builder_set(&derived, "claim",
                          value_str(v->claim.n ? str_printf(out->arena, "%.*s/%.*s",
                                                            STR_ARG(v->claim_ns), STR_ARG(v->claim))
                                               : STR("")));
        value_builder_set(&derived, "dynamic", value_bool(v->provisioned_by.n > 0));
        value_builder_set(&derived, "encryption", encryption_of(f, v, out->arena));
        set_mounters(f, &derived, v, out->arena);
        facts_add_row(f, out, value_builder_map(&object), value_builder_map(&derived));
    }
}
