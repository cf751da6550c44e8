/* Pod templates: where each workload kind keeps its, and a workload seen as the pod it would make.
 */
#include "cluster/workload.h"

/* Where a kind keeps its pod template. */
static const struct {
    enum kind kind;
    const char *path;
} template_row[] = {
    { KIND_DEPLOYMENTS, "spec.template" },
    { KIND_STATEFULSETS, "spec.template" },
    { KIND_DAEMONSETS, "spec.template" },
    { KIND_REPLICASETS, "spec.template" },
    { KIND_REPLICATIONCONTROLLERS, "spec.template" },
    { KIND_JOBS, "spec.template" },
    { KIND_CRONJOBS, "spec.jobTemplate.spec.template" },
};

const char *workload_template_path(enum kind k)
{
    for (size_t i = 0; i < sizeof template_row / sizeof *template_row; i++)
        if (template_row[i].kind == k)
            return template_row[i].path;
    return NULL;
}

bool kind_has_pod_template(enum kind k)
{
    return workload_template_path(k) != NULL;
}

const struct value *workload_template(enum kind k, struct value object)
{
    const char *path = workload_template_path(k);
    struct str rest = str_from_c(path), step;
    struct value here = object;
    const struct value *found = NULL;
    while (str_next_field(&rest, '.', &step)) {
        found = value_get(here, step);
        if (!found)
            return NULL;
        here = *found;
    }
    return found;
}

bool workload_as_pod(struct value *out, struct arena *a, enum kind k, struct value object)
{
    const struct value *t = workload_template(k, object);
    const struct value *spec = t ? value_get(*t, STR("spec")) : NULL;
    if (!spec || spec->kind != VALUE_MAP)
        return false;
    struct value_builder meta, pod;
    value_builder_init(&meta, a);
    value_builder_set(&meta, "name", value_str(value_text_at(object, "metadata", "name", NULL)));
    value_builder_set(&meta, "namespace",
                      value_str(value_text_at(object, "metadata", "namespace", NULL)));
    static const char *const copied[] = { "labels", "annotations" };
    for (size_t i = 0; i < 2; i++) {
        const struct value *v = value_at(*t, "metadata", copied[i], NULL);
        if (v)
            value_builder_set(&meta, copied[i], *v);
    }
    value_builder_init(&pod, a);
    value_builder_set(&pod, "apiVersion", value_cstr("v1"));
    value_builder_set(&pod, "kind", value_cstr("Pod"));
    value_builder_set(&pod, "metadata", value_builder_map(&meta));
    value_builder_set(&pod, "spec", *spec);
    *out = value_builder_map(&pod);
    return true;
}
