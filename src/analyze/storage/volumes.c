/* PersistentVolumes, and the claims that pods mount. */
#include "analyze/storage/volumes.h"

static const struct {
    const char *driver, *parameter;
} encryption_parameter[] = {
#define ENCRYPTION_PARAMETER(driver, parameter) { driver, parameter },
#include "analyze/storage/encryption_parameter.def"
#undef ENCRYPTION_PARAMETER
};

/* Fields of a volume's spec that are no source of its data. */
static const char *const no_source[] = {
    "accessModes",      "capacity",
    "claimRef",         "mountOptions",
    "nodeAffinity",     "persistentVolumeReclaimPolicy",
    "storageClassName", "volumeAttributesClassName",
    "volumeMode",
};
/* Sources of before CSI, by the names that classes call their drivers. */
static const struct {
    const char *source, *driver;
} in_tree[] = {
    { "awsElasticBlockStore", "kubernetes.io/aws-ebs" },
    { "azureDisk", "kubernetes.io/azure-disk" },
    { "gcePersistentDisk", "kubernetes.io/gce-pd" },
    { "portworxVolume", "kubernetes.io/portworx-volume" },
};

void volumes_init(struct volumes *v, struct arena *a)
{
    v->arena = a;
    map_init(&v->mounted, a);
}

struct str volume_encryption_parameter(struct str driver)
{
    for (size_t i = 0; i < COUNT_OF(encryption_parameter); i++)
        if (str_glob(str_from_c(encryption_parameter[i].driver), driver))
            return str_from_c(encryption_parameter[i].parameter);
    return (struct str){ 0 };
}

static struct str source_of(struct value spec)
{
    for (uint32_t i = 0; spec.kind == VALUE_MAP && i < spec.n; i++) {
        struct str key = value_text(spec.as.map->entry[i].key);
        bool other = false;
        for (size_t k = 0; k < COUNT_OF(no_source) && !other; k++)
            other = str_eq_c(key, no_source[k]);
        if (!other)
            return key;
    }
    return (struct str){ 0 };
}

static struct str driver_of(struct value spec)
{
    struct str source = source_of(spec);
    for (size_t i = 0; i < COUNT_OF(in_tree); i++)
        if (str_eq_c(source, in_tree[i].source))
            return str_from_c(in_tree[i].driver);
    return str_eq_c(source, "csi") ? value_text_at(spec, "csi", "driver", NULL) : source;
}

void volumes_add(struct volumes *v, struct value object)
{
    const struct value *found = value_get(object, STR("spec"));
    struct value spec = found ? *found : value_null();
    const struct value *attributes = value_at(spec, "csi", "volumeAttributes", NULL);
    struct volume *row = VEC_PUSH(&v->volume, v->arena);
    struct str driver = driver_of(spec), parameter = volume_encryption_parameter(driver);
    const struct value *attribute =
        attributes && parameter.n ? value_get(*attributes, parameter) : NULL;
    *row = (struct volume){
        .name = str_dup(v->arena, value_text_at(object, "metadata", "name", NULL)),
        .storage_class = str_dup(v->arena, value_text_at(spec, "storageClassName", NULL)),
        .driver = str_dup(v->arena, driver),
        .phase = str_dup(v->arena, value_text_at(object, "status", "phase", NULL)),
        .claim_ns = str_dup(v->arena, value_text_at(spec, "claimRef", "namespace", NULL)),
        .claim = str_dup(v->arena, value_text_at(spec, "claimRef", "name", NULL)),
        .provisioned_by = str_dup(v->arena, value_text_at(object, "metadata", "annotations",
                                                          "pv.kubernetes.io/provisioned-by", NULL)),
        .attribute = attribute ? str_dup(v->arena, value_text(*attribute)) : (struct str){ 0 },
    };
}

static struct str claim_key(struct arena *a, struct str ns, struct str claim)
{
    return str_printf(a, "%.*s/%.*s", STR_ARG(ns), STR_ARG(claim));
}

static void add_mounter(struct volumes *v, struct str key, struct str by)
{
    bool created;
    void **at = map_at(&v->mounted, key, &created);
    if (created)
        *at = arena_new(v->arena, struct volume_mounters);
    struct volume_mounters *m = *at;
    for (size_t i = 0; i < m->by.count; i++)
        if (str_eq(m->by.item[i], by))
            return;
    if (m->by.count < VOLUME_MOUNTERS_MAX)
        *VEC_PUSH(&m->by, v->arena) = str_dup(v->arena, by);
    else
        m->more++;
}

void volumes_add_pod(struct volumes *v, struct value pod, struct str by, struct arena *scratch)
{
    const struct value *list = value_at(pod, "spec", "volumes", NULL);
    struct str ns = value_text_at(pod, "metadata", "namespace", NULL),
               name = value_text_at(pod, "metadata", "name", NULL);
    for (uint32_t i = 0; list && list->kind == VALUE_LIST && i < list->n; i++) {
        struct value volume = value_item(*list, i);
        struct str claim = value_text_at(volume, "persistentVolumeClaim", "claimName", NULL);
        /* Source: kubernetes.io, Ephemeral Volumes: the claim is named after the pod and the
         * volume. */
        if (!claim.n && value_get(volume, STR("ephemeral")))
            claim = str_printf(scratch, "%.*s-%.*s", STR_ARG(name),
                               STR_ARG(value_text_at(volume, "name", NULL)));
        if (claim.n)
            add_mounter(v, claim_key(scratch, ns, claim), by);
    }
}

const struct volume_mounters *volumes_mounters(const struct volumes *v, struct str ns,
                                               struct str claim, struct arena *scratch)
{
    return map_get(&v->mounted, claim_key(scratch, ns, claim));
}
