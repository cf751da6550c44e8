/* Makes canary pods. */
#include "analyze/podsecurity/canary.h"

#include "base/buf.h"
#include "value/json_read.h"

const struct canary canary[] = {
#define CANARY(name, level, word, spec, container, security) \
    { name, POD_SECURITY_##level, word, spec, container, security },
#include "analyze/podsecurity/canary.def"
#undef CANARY
};
const size_t canary_count = sizeof canary / sizeof *canary;

#define IMAGE                       \
    "\"image\":\"registry.example/" \
    "canary:1@sha256:0000000000000000000000000000000000000000000000000000000000000000\""
#define CONTAINER                                                              \
    ",\"imagePullPolicy\":\"IfNotPresent\",\"terminationMessagePath\":\"/dev/" \
    "termination-log\",\"terminationMessagePolicy\":\"File\""
#define RESOURCES                                                                             \
    ",\"resources\":{\"limits\":{\"cpu\":\"10m\",\"memory\":\"16Mi\"},\"requests\":{\"cpu\":" \
    "\"10m\",\"memory\":\"16Mi\"}}"
#define SECURITY                                                                               \
    "\"allowPrivilegeEscalation\":false,\"capabilities\":{\"drop\":[\"ALL\"]},\"privileged\":" \
    "false,\"readOnlyRootFilesystem\":true,"                                                   \
    "\"runAsNonRoot\":true,\"runAsUser\":10001,\"seccompProfile\":{\"type\":\"RuntimeDefault\"}"

/* A pod has host processes alone or none: the API server takes no other. */
static bool is_in_all_containers(const struct canary *c)
{
    return c && strcmp(c->name, "windowsHostProcess") == 0;
}

bool canary_has_init(const struct canary *c)
{
    return (c->security[0] || c->container[0]) && !is_in_all_containers(c);
}

#define VOLUMES      ",\"volumes\":["
#define CLEAN_VOLUME "{\"name\":\"clean\",\"emptyDir\":{}}"
/* Its fault is a volume, the only one that its spec adds. */
static bool is_volume(const struct canary *c)
{
    return strncmp(c->spec, VOLUMES, strlen(VOLUMES)) == 0;
}

bool canary_has_place(const struct canary *c, enum canary_place place)
{
    switch (place) {
    case CANARY_FIRST:
    case CANARY_SECOND:
        return canary_has_init(c) || is_volume(c);
    case CANARY_INIT_CONTAINER:
    case CANARY_INIT_FIRST:
    case CANARY_INIT_SECOND:
        return canary_has_init(c);
    case CANARY_UNSET:
        return c->level == POD_SECURITY_RESTRICTED && c->security[0];
    case CANARY_EPHEMERAL: /* it has no ports, probes, resources */
        return c->security[0] && !is_in_all_containers(c);
    case CANARY_CONTAINER:
    case CANARY_NO_INIT:
    case CANARY_NO_RESOURCES:
    case CANARY_NO_SECURITY:
    case CANARY_BARE:
    case CANARY_PLACES:
        break;
    }
    return true;
}

bool canary_is_invalid(const struct canary *c, enum canary_place place)
{
    return strcmp(c->name, "procMount") == 0 ||
           (strcmp(c->name, "hostProbes") == 0 && place == CANARY_INIT_CONTAINER);
}

/* Members behind the comma that a fragment begins with. */
static const char *alone(const char *fragment)
{
    return fragment[0] == ',' ? fragment + 1 : fragment;
}

/* c NULL: a clean one. */
static void add_container(struct buf *out, const char *name, const struct canary *c,
                          enum canary_place place)
{
    bool bare = place == CANARY_BARE || place == CANARY_UNSET,
         lone = bare || place == CANARY_NO_SECURITY;
    bool sized = !bare && place != CANARY_NO_RESOURCES && place != CANARY_EPHEMERAL;
    buf_addf(out, "{\"name\":\"%s\"," IMAGE "%s%s%s", name, bare ? "" : CONTAINER,
             sized ? RESOURCES : "", c ? c->container : "");
    if (!c || !lone)
        buf_addf(out, ",\"securityContext\":{" SECURITY "%s}}", c ? c->security : "");
    else if (place != CANARY_UNSET && c->security[0])
        buf_addf(out, ",\"securityContext\":{%s}}", alone(c->security));
    else
        buf_add_c(out, "}");
}

/* A list of one container, or of a clean one beside it. */
static void add_containers(struct buf *out, const char *key, const char *name,
                           const struct canary *c, enum canary_place place, bool before,
                           bool behind)
{
    buf_addf(out, ",\"%s\":[", key);
    if (before) {
        add_container(out, "before", NULL, place);
        buf_add_c(out, ",");
    }
    add_container(out, name, c, place);
    if (behind) {
        buf_add_c(out, ",");
        add_container(out, "behind", NULL, place);
    }
    buf_add_c(out, "]");
}

/* What the canary adds to the spec; of a volume with a clean one before or behind it where the
 * place is one of two. */
static void add_fault(struct buf *out, const struct canary *c, enum canary_place place)
{
    bool is_one_of_two = is_volume(c) && (place == CANARY_FIRST || place == CANARY_SECOND);
    if (is_one_of_two && place == CANARY_SECOND)
        buf_addf(out, VOLUMES CLEAN_VOLUME ",%s", c->spec + strlen(VOLUMES));
    else if (is_one_of_two)
        buf_addf(out, "%.*s," CLEAN_VOLUME "]", (int)strlen(c->spec) - 1, c->spec);
    else
        buf_add_c(out, c->spec);
}

static void add_spec(struct buf *out, const struct canary *c, enum canary_place place)
{
    bool bare = place == CANARY_BARE || place == CANARY_UNSET,
         in_init = place == CANARY_INIT_CONTAINER || place == CANARY_INIT_FIRST ||
                   place == CANARY_INIT_SECOND;
    const struct canary *all = is_in_all_containers(c) ? c : NULL;
    buf_addf(out,
             "\"restartPolicy\":\"Always\",\"dnsPolicy\":\"ClusterFirst\",\"schedulerName\":"
             "\"default-scheduler\",\"terminationGracePeriodSeconds\":30,"
             "\"enableServiceLinks\":true,\"serviceAccountName\":\"default\",\"serviceAccount\":"
             "\"default\"%s%s",
             bare ? "" : ",\"automountServiceAccountToken\":false",
             bare || place == CANARY_NO_SECURITY ? ""
                                                 : ",\"securityContext\":{\"runAsNonRoot\":true}");
    if (c && place != CANARY_UNSET)
        add_fault(out, c, place);
    if (!bare && place != CANARY_NO_INIT)
        add_containers(out, "initContainers", "init", in_init ? c : all, place,
                       place == CANARY_INIT_SECOND, place == CANARY_INIT_FIRST);
    if (place == CANARY_EPHEMERAL)
        add_containers(out, "ephemeralContainers", "debug", c, place, false, false);
    add_containers(out, "containers", "canary", in_init || place == CANARY_EPHEMERAL ? NULL : c,
                   place, place == CANARY_SECOND, place == CANARY_FIRST);
}

struct value canary_pod(struct arena *a, const struct canary *c, enum canary_place place,
                        struct str ns)
{
    struct buf text CLEANUP(buf_release) = BUF_INIT(8192);
    struct value pod = value_null();
    struct err err = { 0 };
    bool bare = place == CANARY_BARE || place == CANARY_UNSET;
    buf_addf(&text,
             "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"" CANARY_NAME
             "\",\"namespace\":\"%.*s\"%s},\"spec\":{",
             STR_ARG(ns),
             bare ? "" : ",\"labels\":{\"app.kubernetes.io/name\":\"" CANARY_NAME "\"}");
    add_spec(&text, c, place);
    buf_add_c(&text, "}}");
    /* A namespace's name is a DNS label to an API server; one that is none, in files, makes no pod.
     */
    (void)!json_read(&pod, a, str_dup(a, buf_str(&text)), NULL, NULL, 0, &err);
    return pod;
}

/* The entries of a map with one value put in another's place; all keys are there. */
static struct value with_entry(struct arena *a, struct value map, const char *key, struct value val)
{
    struct value_entry *entry = arena_array(a, struct value_entry, map.n);
    for (uint32_t i = 0; i < map.n; i++) {
        entry[i] = map.as.map->entry[i];
        if (str_eq_c(value_text(entry[i].key), key))
            entry[i].val = val;
    }
    return value_map(a, entry, map.n);
}

/* Whether JSON takes it as it is. */
static bool is_plain(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] < 0x20 || s.p[i] == '"' || s.p[i] == '\\')
            return false;
    return str_is_utf8(s);
}

struct value canary_pod_in(struct arena *a, struct value pod, struct str ns)
{
    const struct value *meta = value_get(pod, STR("metadata"));
    if (!meta || !is_plain(ns))
        return value_null();
    return with_entry(a, pod, "metadata", with_entry(a, *meta, "namespace", value_str(ns)));
}

/* ---- what its author writes freely ---- */

/* The entries of a map, and each of the keys with the value. */
static struct value with_each(struct arena *a, struct value map, const char *const *key,
                              size_t count, struct value val)
{
    struct value_entry *entry = arena_array(a, struct value_entry, map.n + count);
    size_t n = 0;
    for (uint32_t i = 0; i < map.n; i++) {
        bool named = false;
        for (size_t k = 0; k < count && !named; k++)
            named = str_eq_c(value_text(map.as.map->entry[i].key), key[k]);
        if (!named)
            entry[n++] = map.as.map->entry[i];
    }
    for (size_t k = 0; k < count; k++)
        entry[n++] = (struct value_entry){ .key = value_cstr(key[k]), .val = val };
    return value_map(a, entry, n);
}

static struct value free_containers(struct arena *a, struct value list, struct value unknown)
{
    static const char *const key[] = { "args", "command", "env", "image", "name" };
    struct value_builder b;
    value_builder_init(&b, a);
    for (uint32_t i = 0; i < list.n; i++)
        value_builder_push(&b, with_each(a, value_item(list, i), key, COUNT_OF(key), unknown));
    return value_builder_list(&b);
}

struct value canary_pod_free(struct arena *a, struct value pod)
{
    static const char *const of_metadata[] = { "annotations", "finalizers", "generateName",
                                               "labels",      "name",       "ownerReferences" };
    static const char *const of_spec[] = { "affinity",           "hostname",
                                           "nodeName",           "nodeSelector",
                                           "priorityClassName",  "runtimeClassName",
                                           "schedulerName",      "serviceAccount",
                                           "serviceAccountName", "tolerations" };
    static const char *const lists[] = { "containers", "ephemeralContainers", "initContainers" };
    const struct value *meta = value_get(pod, STR("metadata")),
                       *given = value_get(pod, STR("spec"));
    if (!meta || !given)
        return value_null();
    struct value unknown =
        value_error(a, VALUE_ERROR_UNAVAILABLE, UINT32_MAX,
                    "whoever makes a pod writes its labels, names, account and images");
    struct value spec = with_each(a, *given, of_spec, COUNT_OF(of_spec), unknown);
    for (size_t i = 0; i < COUNT_OF(lists); i++) {
        const struct value *list = value_get(spec, str_from_c(lists[i]));
        if (list)
            spec = with_entry(a, spec, lists[i], free_containers(a, *list, unknown));
    }
    return with_entry(a, with_entry(a, pod, "spec", spec), "metadata",
                      with_each(a, *meta, of_metadata, COUNT_OF(of_metadata), unknown));
}
