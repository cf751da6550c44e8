/* Every instance of the control plane that the cluster shows, by the best evidence there is of it.
 */
#include "analyze/control_plane/component.h"

#include "base/map.h"
#include "cluster/object.h"
#include "cluster/owner.h"
#include "value/yaml.h"

struct str component_text(struct arena *a, const struct component *c)
{
    switch (c->source) {
    case COMPONENT_FROM_FLAGZ:
        return STR("the API server that answered /flagz");
    case COMPONENT_FROM_POD:
        if (c->further)
            return str_printf(a, "container %.*s of pod %.*s/%.*s", STR_ARG(c->container),
                              STR_ARG(c->ns), STR_ARG(c->pod));
        return str_printf(a, "pod %.*s/%.*s", STR_ARG(c->ns), STR_ARG(c->pod));
    case COMPONENT_FROM_OPENSHIFT:
    case COMPONENT_FROM_KUBEADM:
        break;
    }
    return str_printf(a, "ConfigMap %.*s/%.*s", STR_ARG(c->ns), STR_ARG(c->pod));
}

/* ---- mirror pods */

/* Whoever may make namespaces may make one that is called as OpenShift's are; and any kubelet may
 * say that its node runs the control plane. */
static void find_pods(struct component_list *out, struct arena *a, const struct cluster *c)
{
    for (size_t i = 0; i < c->component_pod.count; i++) {
        size_t first = out->found.count;
        struct value pod = c->component_pod.item[i];
        bool is_ours = str_eq_c(value_text_at(pod, "metadata", "namespace", NULL), "kube-system") ||
                       cluster_is_openshift(c);
        if (is_ours && object_is_mirror(pod))
            component_add_all(out, a, pod);
        for (size_t k = first; k < out->found.count; k++) {
            struct component *found = &out->found.item[k];
            struct str doubt =
                found->kind == COMPONENT_KUBE_PROXY
                    ? (struct str){ 0 }
                    : cluster_control_plane_doubt(c, a, pod, found->kind == COMPONENT_ETCD);
            found->unvouched = doubt.n > 0;
            found->doubt = doubt.n ? doubt : found->doubt;
        }
    }
}

/* ---- /flagz: one instance, of several behind one address perhaps */

static bool is_address_of(const struct component *c, struct str address)
{
    const struct value *given = value_get(c->flags, STR("advertise-address"));
    if (given && !c->doubt.n)
        return str_eq(value_text(*given), address);
    return c->address.n && str_eq(c->address, address);
}

/* The pod whose instance answered: told by the address it advertises. */
static struct component *answering_pod(struct component_list *list, struct value flagz)
{
    struct str address = value_text_at(flagz, "advertise-address", NULL);
    struct component *found = NULL;
    for (size_t i = 0; address.n && i < list->found.count; i++) {
        struct component *c = &list->found.item[i];
        if (c->kind != COMPONENT_APISERVER || c->source != COMPONENT_FROM_POD || c->unvouched ||
            !is_address_of(c, address))
            continue;
        if (found)
            return NULL;
        found = c;
    }
    return found;
}

/* Flags that have a value, for those who ask what is set. */
static struct value without_empty(struct arena *a, struct value flags)
{
    struct value_builder b;
    value_builder_init(&b, a);
    for (uint32_t i = 0; i < flags.n; i++) {
        struct value v = flags.as.map->entry[i].val;
        if (v.kind != VALUE_STRING || value_text(v).n)
            value_builder_put(&b, flags.as.map->entry[i].key, v);
    }
    return value_builder_map(&b);
}

static void find_flagz(struct component_list *out, struct arena *a, const struct cluster *c)
{
    if (c->flagz.kind != VALUE_MAP)
        return;
    struct value flags = component_flagz(a, c->flagz);
    struct component *pod = answering_pod(out, flags);
    if (!pod) {
        *VEC_PUSH(&out->found, a) = (struct component){ .kind = COMPONENT_APISERVER,
                                                        .source = COMPONENT_FROM_FLAGZ,
                                                        .flags = without_empty(a, flags),
                                                        .in_force = flags };
        return;
    }
    pod->in_force = flags;
    pod->given = pod->doubt.n ? value_null() : pod->flags;
    pod->flags = without_empty(a, flags);
    pod->doubt = (struct str){ 0 };
}

/* ---- ConfigMaps */

static const struct value *config_map_of(const struct cluster *c, const char *ns, const char *name)
{
    for (size_t i = 0; i < c->config_map.count; i++)
        if (str_eq_c(value_text_at(c->config_map.item[i], "metadata", "namespace", NULL), ns) &&
            str_eq_c(value_text_at(c->config_map.item[i], "metadata", "name", NULL), name))
            return &c->config_map.item[i];
    return NULL;
}

/* One YAML document in a ConfigMap; null if it cannot be read, with the reason in *doubt. */
static struct value read_document_of(struct arena *a, struct value map, const char *key,
                                     struct str *doubt)
{
    struct node *doc;
    size_t count;
    struct err err = { 0 };
    struct str text = value_text_at(map, "data", key, NULL);
    if (!text.n)
        *doubt = str_printf(a, "it has no key %s", key);
    else if (!yaml_read(&doc, &count, a, text, key, &err))
        *doubt = str_printf(a, "%s", err.text);
    else if (count > 0)
        return node_value(a, &doc[0]);
    return value_null();
}

static struct str scalar_text(struct arena *a, struct value v)
{
    switch (v.kind) {
    case VALUE_STRING:
        return value_text(v);
    case VALUE_BOOL:
        return v.as.b ? STR("true") : STR("false");
    case VALUE_INT:
        return str_printf(a, "%lld", (long long)v.as.i);
    default: /* not an enum: any other kind is no value of a flag */
        return STR("");
    }
}

/* {flag: [value, ...]}, {flag: value}, and kubeadm's newer [{name: flag, value: value}]. */
static struct value read_arguments(struct arena *a, const struct value *args)
{
    struct map flags;
    map_init(&flags, a);
    for (uint32_t i = 0; args && args->kind == VALUE_MAP && i < args->n; i++) {
        struct str name = value_text(args->as.map->entry[i].key);
        struct value v = args->as.map->entry[i].val;
        for (uint32_t k = 0; v.kind == VALUE_LIST && k < v.n; k++)
            component_flag_set(&flags, a, name, scalar_text(a, value_item(v, k)));
        if (v.kind != VALUE_LIST)
            component_flag_set(&flags, a, name, scalar_text(a, v));
    }
    for (uint32_t i = 0; args && args->kind == VALUE_LIST && i < args->n; i++) {
        const struct value *v = value_get(value_item(*args, i), STR("value"));
        struct str name = value_text_at(value_item(*args, i), "name", NULL);
        if (name.n)
            component_flag_set(&flags, a, name, v ? scalar_text(a, *v) : STR(""));
    }
    return component_flags_of_map(a, &flags);
}

/* Parts of OpenShift's configuration are flags of the API server under other names; the arguments
 * that are given win. Source: github.com/openshift/kubernetes
 * openshift-kube-apiserver/openshiftkubeapiserver/flags.go. */
static const struct {
    const char *section, *field, *flag; /* section NULL: the document itself */
} setting_row[] = {
    { "servingInfo", "certFile", "tls-cert-file" },
    { "servingInfo", "keyFile", "tls-private-key-file" },
    { "servingInfo", "clientCA", "client-ca-file" },
    { "servingInfo", "cipherSuites", "tls-cipher-suites" },
    { "servingInfo", "minTLSVersion", "tls-min-version" },
    { "admission", "enabledPlugins", "enable-admission-plugins" },
    { "admission", "disabledPlugins", "disable-admission-plugins" },
    { NULL, "serviceAccountPublicKeyFiles", "service-account-key-file" },
};

/* Plugins are configured in the document itself; OpenShift writes them into a file for the API
 * server. */
#define OPENSHIFT_ADMISSION_FILE "admission.pluginConfig"

static struct value with_settings(struct arena *a, struct value flags, struct value config)
{
    struct map all;
    map_init(&all, a);
    for (uint32_t i = 0; i < flags.n; i++) {
        struct value *kept = arena_new(a, struct value);
        *kept = flags.as.map->entry[i].val;
        map_put(&all, value_text(flags.as.map->entry[i].key), kept);
    }
    for (size_t i = 0; i < COUNT_OF(setting_row); i++) {
        struct str flag = str_from_c(setting_row[i].flag);
        const struct value *v =
            setting_row[i].section
                ? value_at(config, setting_row[i].section, setting_row[i].field, NULL)
                : value_at(config, setting_row[i].field, NULL);
        for (uint32_t k = 0; v && !value_get(flags, flag) && k < (v->kind == VALUE_LIST ? v->n : 1);
             k++) {
            struct str text = scalar_text(a, v->kind == VALUE_LIST ? value_item(*v, k) : *v);
            if (text.n)
                component_flag_set(&all, a, flag, text);
        }
    }
    const struct value *plugins = value_at(config, "admission", "pluginConfig", NULL);
    if (plugins && plugins->kind == VALUE_MAP && plugins->n &&
        !map_has(&all, STR("admission-control-config-file")))
        component_flag_set(&all, a, STR("admission-control-config-file"),
                           STR(OPENSHIFT_ADMISSION_FILE));
    return component_flags_of_map(a, &all);
}

static bool has_kind(const struct component_list *list, enum component_kind kind,
                     enum component_source worst)
{
    for (size_t i = 0; i < list->found.count; i++)
        if (list->found.item[i].kind == kind && list->found.item[i].source <= worst)
            return true;
    return false;
}

/* OpenShift's pods name a file, not flags: the operator's ConfigMap is what the file is made of. */
static void find_openshift(struct component_list *out, struct arena *a, const struct cluster *c)
{
    static const struct {
        enum component_kind kind;
        const char *ns, *arguments;
    } row[] = {
        { COMPONENT_APISERVER, "openshift-kube-apiserver", "apiServerArguments" },
        { COMPONENT_CONTROLLER_MANAGER, "openshift-kube-controller-manager", "extendedArguments" },
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        const struct value *map = config_map_of(c, row[i].ns, "config");
        struct component made = { .kind = row[i].kind,
                                  .source = COMPONENT_FROM_OPENSHIFT,
                                  .ns = str_from_c(row[i].ns),
                                  .pod = STR("config") };
        if (!map || !cluster_is_openshift(c))
            continue;
        struct value config = read_document_of(a, *map, "config.yaml", &made.doubt);
        const struct value *args = value_at(config, row[i].arguments, NULL);
        if (!args && !made.doubt.n)
            made.doubt = str_printf(a, "its configuration has no %s", row[i].arguments);
        made.flags = with_settings(a, read_arguments(a, args), config);
        made.admission = value_at(config, "admission", "pluginConfig", NULL)
                             ? *value_at(config, "admission", "pluginConfig", NULL)
                             : value_null();
        /* the pods' own words are then not all: they only name the file */
        size_t kept = 0;
        for (size_t k = 0; k < out->found.count; k++) {
            struct component *p = &out->found.item[k];
            bool by_file = p->kind == made.kind && p->source == COMPONENT_FROM_POD &&
                           p->in_force.kind != VALUE_MAP &&
                           value_get(p->flags, STR("openshift-config"));
            if (!by_file)
                out->found.item[kept++] = *p;
        }
        out->found.count = kept;
        *VEC_PUSH(&out->found, a) = made;
    }
}

/* kubeadm's own flags are not in its ConfigMap, only what was asked for beside them. */
static void find_kubeadm(struct component_list *out, struct arena *a, const struct cluster *c)
{
    static const struct {
        enum component_kind kind;
        const char *section, *below;
    } row[] = {
        { COMPONENT_APISERVER, "apiServer", NULL },
        { COMPONENT_CONTROLLER_MANAGER, "controllerManager", NULL },
        { COMPONENT_SCHEDULER, "scheduler", NULL },
        { COMPONENT_ETCD, "etcd", "local" },
    };
    const struct value *map = config_map_of(c, "kube-system", "kubeadm-config");
    struct str doubt = { 0 };
    struct value config =
        map ? read_document_of(a, *map, "ClusterConfiguration", &doubt) : value_null();
    if (map && !doubt.n && !str_eq_c(value_text_at(config, "kind", NULL), "ClusterConfiguration"))
        /* no flag in it is not "no flag is set" */
        doubt = STR("its ClusterConfiguration says that it is something else");
    for (size_t i = 0; map && i < sizeof row / sizeof *row; i++) {
        const struct value *section = row[i].below
                                          ? value_at(config, row[i].section, row[i].below, NULL)
                                          : value_at(config, row[i].section, NULL);
        if (has_kind(out, row[i].kind, COMPONENT_FROM_OPENSHIFT) || (row[i].below && !section))
            continue;
        *VEC_PUSH(&out->found, a) = (struct component){
            .kind = row[i].kind,
            .source = COMPONENT_FROM_KUBEADM,
            .ns = STR("kube-system"),
            .pod = STR("kubeadm-config"),
            .doubt = doubt,
            .flags = read_arguments(a, section ? value_get(*section, STR("extraArgs")) : NULL),
        };
    }
}

static int by_instance(const void *left, const void *right)
{
    const struct component *x = left, *y = right;
    int c = (int)x->kind - (int)y->kind;
    if (!c)
        c = (int)x->source - (int)y->source;
    if (!c)
        c = str_cmp(x->ns, y->ns);
    if (!c)
        c = str_cmp(x->pod, y->pod);
    return c ? c : str_cmp(x->container, y->container);
}

void component_find(struct component_list *out, struct arena *a, const struct cluster *c)
{
    *out = (struct component_list){ 0 };
    find_pods(out, a, c);
    find_flagz(out, a, c);
    find_openshift(out, a, c);
    find_kubeadm(out, a, c);
    if (out->found.count)
        qsort(out->found.item, out->found.count, sizeof *out->found.item, by_instance);
}
