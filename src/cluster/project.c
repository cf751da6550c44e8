/* What of an object is read, kept and recorded: projections by kind. */
#include "cluster/project.h"

#include "cluster/owner.h"

#define COMPONENT_PODS_MAX  500u
#define PROXY_WORKLOADS_MAX 20u

static const struct json_skip annotation_skip[] = {
    { STR_INIT("kubectl.kubernetes.io/last-applied-configuration"), NULL, 0 },
};
static const struct json_skip metadata_skip[] = {
    { STR_INIT("managedFields"), NULL, 0 },
    { STR_INIT("annotations"), annotation_skip, COUNT_OF(annotation_skip) },
};
static const struct json_skip any_skip[] = {
    { STR_INIT("metadata"), metadata_skip, COUNT_OF(metadata_skip) },
};
/* Of a container's status the image is what bears on configuration: which one its name came to. */
static const struct json_skip container_status_skip[] = {
    { STR_INIT("allocatedResources"), NULL, 0 },
    { STR_INIT("allocatedResourcesStatus"), NULL, 0 },
    { STR_INIT("containerID"), NULL, 0 },
    { STR_INIT("lastState"), NULL, 0 },
    { STR_INIT("ready"), NULL, 0 },
    { STR_INIT("resources"), NULL, 0 },
    { STR_INIT("restartCount"), NULL, 0 },
    { STR_INIT("started"), NULL, 0 },
    { STR_INIT("state"), NULL, 0 },
    { STR_INIT("stopSignal"), NULL, 0 },
    { STR_INIT("user"), NULL, 0 },
    { STR_INIT("volumeMounts"), NULL, 0 },
};
/* A pod's status says what runs where; of it the phase and the images bear on configuration. */
static const struct json_skip pod_status_skip[] = {
    { STR_INIT("conditions"), NULL, 0 },
    { STR_INIT("containerStatuses"), container_status_skip, COUNT_OF(container_status_skip) },
    { STR_INIT("initContainerStatuses"), container_status_skip, COUNT_OF(container_status_skip) },
    { STR_INIT("ephemeralContainerStatuses"), NULL, 0 },
    { STR_INIT("podIPs"), NULL, 0 },
    { STR_INIT("hostIPs"), NULL, 0 },
};
static const struct json_skip pod_skip[] = {
    { STR_INIT("metadata"), metadata_skip, COUNT_OF(metadata_skip) },
    { STR_INIT("status"), pod_status_skip, COUNT_OF(pod_status_skip) },
};
static const struct json_skip node_status_skip[] = {
    { STR_INIT("images"), NULL, 0 },
    { STR_INIT("conditions"), NULL, 0 },
    { STR_INIT("volumesInUse"), NULL, 0 },
    { STR_INIT("volumesAttached"), NULL, 0 },
};
static const struct json_skip node_skip[] = {
    { STR_INIT("metadata"), metadata_skip, COUNT_OF(metadata_skip) },
    { STR_INIT("status"), node_status_skip, COUNT_OF(node_status_skip) },
};
/* Schemas of custom resources are megabytes and say nothing about configuration. */
static const struct json_skip crd_spec_skip[] = {
    { STR_INIT("versions"), NULL, 0 },
    { STR_INIT("conversion"), NULL, 0 },
};
static const struct json_skip crd_skip[] = {
    { STR_INIT("metadata"), metadata_skip, COUNT_OF(metadata_skip) },
    { STR_INIT("spec"), crd_spec_skip, COUNT_OF(crd_spec_skip) },
    { STR_INIT("status"), NULL, 0 },
};
static const struct json_skip csr_skip[] = {
    { STR_INIT("metadata"), metadata_skip, COUNT_OF(metadata_skip) },
    { STR_INIT("status"), NULL, 0 },
};

static const struct {
    enum kind kind;
    const struct json_skip *skip;
    size_t count;
} skip_row[] = {
    { KIND_PODS, pod_skip, COUNT_OF(pod_skip) },
    { KIND_NODES, node_skip, COUNT_OF(node_skip) },
    { KIND_CRDS, crd_skip, COUNT_OF(crd_skip) },
    { KIND_CERTIFICATESIGNINGREQUESTS, csr_skip, COUNT_OF(csr_skip) },
};

const struct json_skip *project_skip(enum kind kind, size_t *count)
{
    for (size_t i = 0; i < COUNT_OF(skip_row); i++) {
        if (skip_row[i].kind == kind) {
            *count = skip_row[i].count;
            return skip_row[i].skip;
        }
    }
    *count = COUNT_OF(any_skip);
    return any_skip;
}

struct value project_object(struct arena *a, enum kind kind, struct str api_version,
                            struct value item)
{
    const struct value_map *m = item.as.map;
    struct value_builder b;
    value_builder_init(&b, a);
    value_builder_set(&b, "apiVersion", value_str(api_version));
    value_builder_set(&b, "kind", value_cstr(kind_info(kind)->name));
    for (uint32_t i = 0; i < m->count; i++) {
        struct str key = value_text(m->entry[i].key);
        if (!str_eq_c(key, "apiVersion") && !str_eq_c(key, "kind"))
            value_builder_put(&b, m->entry[i].key, m->entry[i].val);
    }
    return value_builder_map(&b);
}

/* Of the containers that run on: an init container ends, but for a sidecar. */
static void keep_images(struct cluster *c, struct workload_row *row, struct value spec)
{
    static const char *const list[] = { "containers", "initContainers" };
    VEC(struct str) images = { 0 };
    for (size_t l = 0; l < 2; l++) {
        const struct value *v = value_get(spec, str_from_c(list[l]));
        for (size_t i = 0; v && v->kind == VALUE_LIST && i < v->n; i++) {
            struct str image = value_text_at(value_item(*v, i), "image", NULL);
            bool runs_on =
                l == 0 ||
                str_eq_c(value_text_at(value_item(*v, i), "restartPolicy", NULL), "Always");
            if (image.n && runs_on)
                *VEC_PUSH(&images, c->arena) = cluster_intern(c, image);
        }
    }
    row->image = images.item;
    row->image_count = images.count;
}

/* Whether any word of a template's containers tells of the program: what runs it is looked into
 * later. */
static bool names_program(struct value spec, struct str program)
{
    const struct value *list = value_get(spec, STR("containers"));
    for (uint32_t i = 0; list && list->kind == VALUE_LIST && i < list->n; i++) {
        struct value container = value_item(*list, i);
        if (str_contains(value_text_at(container, "image", NULL), program))
            return true;
        static const char *const words[] = { "command", "args" };
        for (size_t w = 0; w < COUNT_OF(words); w++) {
            const struct value *v = value_get(container, str_from_c(words[w]));
            for (uint32_t k = 0; v && v->kind == VALUE_LIST && k < v->n; k++)
                if (str_contains(value_text(value_item(*v, k)), program))
                    return true;
        }
    }
    return false;
}

static bool is_proxy(enum kind kind, struct value object)
{
    const struct value *spec = value_at(object, "spec", "template", "spec", NULL);
    return kind == KIND_DAEMONSETS && spec &&
           str_eq_c(value_text_at(object, "metadata", "namespace", NULL), "kube-system") &&
           names_program(*spec, STR("kube-proxy"));
}

static void keep_proxy(struct cluster *c, enum kind kind, struct value object)
{
    if (c->proxy_workload.count < PROXY_WORKLOADS_MAX && is_proxy(kind, object))
        *VEC_PUSH(&c->proxy_workload, c->arena) = value_dup(c->arena, object);
}

static void keep_workload(struct cluster *c, enum kind kind, struct value object)
{
    uint32_t owner = cluster_note_owner(c, kind, object);
    keep_proxy(c, kind, object);
    if (owner)
        return; /* the owner's own row speaks for it */
    (void)map_at(&c->workload_ns, value_text_at(object, "metadata", "namespace", NULL), NULL);
    if (kind != KIND_DAEMONSETS)
        return;
    struct workload_row *row = VEC_PUSH(&c->workload, c->arena);
    row->kind = kind;
    row->ref = object_ref_dup(c->arena, object_ref_of(object));
    const struct value *t = workload_template(kind, object);
    const struct value *spec = t ? value_get(*t, STR("spec")) : NULL;
    if (spec)
        keep_images(c, row, *spec);
    struct str account = spec ? object_service_account(*t) : (struct str){ 0 };
    row->account = account.n ? cluster_intern(c, account) : STR("default");
    row->desired = value_int_at(object, -1, "status", "desiredNumberScheduled", NULL);
    row->ready = value_int_at(object, -1, "status", "numberReady", NULL);
}

/* Where static pods of a control plane stand; OpenShift has a namespace for each. */
static bool is_component_namespace(struct str ns)
{
    static const char *const name[] = { "kube-system", "openshift-etcd", "openshift-kube-apiserver",
                                        "openshift-kube-controller-manager",
                                        "openshift-kube-scheduler" };
    for (size_t i = 0; i < COUNT_OF(name); i++)
        if (str_eq_c(ns, name[i]))
            return true;
    return false;
}

bool project_shows_flags(enum kind kind, struct value object)
{
    return kind == KIND_PODS
               ? is_component_namespace(value_text_at(object, "metadata", "namespace", NULL)) &&
                     object_is_mirror(object)
               : is_proxy(kind, object);
}

/* By a volume, the admission plugin's own or another, or by what the pod says. */
static enum pod_token token_of(struct value pod)
{
    const struct value *volumes = value_at(pod, "spec", "volumes", NULL),
                       *own = value_at(pod, "spec", "automountServiceAccountToken", NULL);
    for (uint32_t i = 0; volumes && volumes->kind == VALUE_LIST && i < volumes->n; i++) {
        const struct value *sources =
            value_at(value_item(*volumes, i), "projected", "sources", NULL);
        for (uint32_t k = 0; sources && sources->kind == VALUE_LIST && k < sources->n; k++)
            if (value_get(value_item(*sources, k), STR("serviceAccountToken")))
                return POD_TOKEN_MOUNTED;
    }
    return !own || own->kind != VALUE_BOOL ? POD_TOKEN_BY_ACCOUNT
           : own->as.b                     ? POD_TOKEN_MOUNTED
                                           : POD_TOKEN_NOT;
}

static void keep_pod(struct cluster *c, struct value pod)
{
    struct str ns = value_text_at(pod, "metadata", "namespace", NULL);
    struct str account = object_service_account(pod);
    if (!account.n && !object_is_mirror(pod))
        account = STR("default");
    cluster_count_pod(c, ns, account, token_of(pod));
    if (is_component_namespace(ns) && c->component_pod.count < COMPONENT_PODS_MAX &&
        value_at(pod, "metadata", "annotations", "kubernetes.io/config.mirror", NULL))
        *VEC_PUSH(&c->component_pod, c->arena) = value_dup(c->arena, pod);
}

/* What names a thing, and what it is: apiVersion, kind, metadata's name, namespace and labels,
 * spec. */
static void keep_spec(struct cluster *c, enum kind kind, struct value object)
{
    struct value_builder b, meta;
    value_builder_init(&meta, c->arena);
    static const char *const copied[] = { "name", "namespace", "labels" };
    for (size_t i = 0; i < COUNT_OF(copied); i++) {
        const struct value *v = value_at(object, "metadata", copied[i], NULL);
        if (v)
            value_builder_set(&meta, copied[i], value_dup(c->arena, *v));
    }
    value_builder_init(&b, c->arena);
    value_builder_set(&b, "apiVersion", value_dup(c->arena, *value_get(object, STR("apiVersion"))));
    value_builder_set(&b, "kind", value_cstr(kind_info(kind)->name));
    value_builder_set(&b, "metadata", value_builder_map(&meta));
    const struct value *spec = value_get(object, STR("spec"));
    if (spec)
        value_builder_set(&b, "spec", value_dup(c->arena, *spec));
    *VEC_PUSH(&c->kept[kind], c->arena) = value_builder_map(&b);
}

void project_keep(struct cluster *c, enum kind kind, struct value object)
{
    switch (kind_info(kind)->keep) {
    case KEEP_WHOLE:
        *VEC_PUSH(&c->kept[kind], c->arena) = value_pool_keep(&c->pool, object);
        return;
    case KEEP_SPEC:
        keep_spec(c, kind, object);
        return;
    case KEEP_NONE: /* judged as they go by, and counted in coverage */
        return;
    case KEEP_ROW:
        if (kind == KIND_PODS)
            keep_pod(c, object);
        else
            keep_workload(c, kind, object);
        return;
    }
}
