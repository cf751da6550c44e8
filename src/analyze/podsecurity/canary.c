/* Makes canary pods. */
#include "analyze/podsecurity/canary.h"

#include "base/buf.h"
#include "value/json_read.h"

const struct canary canary[] = {
#define CANARY(name, level, word, spec, container, security) { name, POD_SECURITY_##level, word, spec, container, security },
#include "analyze/podsecurity/canary.def"
#undef CANARY
};
const size_t canary_count = sizeof canary / sizeof *canary;

#define CONTAINER                                                                                                                            \
    "\"image\":\"registry.example/canary:1@sha256:0000000000000000000000000000000000000000000000000000000000000000\","                        \
    "\"imagePullPolicy\":\"IfNotPresent\",\"terminationMessagePath\":\"/dev/termination-log\",\"terminationMessagePolicy\":\"File\","        \
    "\"resources\":{\"limits\":{\"cpu\":\"10m\",\"memory\":\"16Mi\"},\"requests\":{\"cpu\":\"10m\",\"memory\":\"16Mi\"}}"
#define SECURITY                                                                                                                             \
    "\"allowPrivilegeEscalation\":false,\"capabilities\":{\"drop\":[\"ALL\"]},\"privileged\":false,\"readOnlyRootFilesystem\":true,"         \
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

bool canary_is_invalid(const struct canary *c, enum canary_place place)
{
    return strcmp(c->name, "procMount") == 0 || (strcmp(c->name, "hostProbes") == 0 && place == CANARY_INIT_CONTAINER);
}

static void add_container(struct buf *out, const char *name, const struct canary *c)
{
    buf_addf(out, "[{\"name\":\"%s\"," CONTAINER "%s,\"securityContext\":{" SECURITY "%s}}]", name, c ? c->container : "", c ? c->security : "");
}

struct value canary_pod(struct arena *a, const struct canary *c, enum canary_place place, struct str ns)
{
    struct buf text CLEANUP(buf_release) = BUF_INIT(8192);
    struct value pod = value_null();
    struct err err = { 0 };
    buf_addf(&text, "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"" CANARY_NAME "\",\"namespace\":\"%.*s\","
                    "\"labels\":{\"app.kubernetes.io/name\":\"" CANARY_NAME "\"}},\"spec\":{\"restartPolicy\":\"Always\",\"dnsPolicy\":\"ClusterFirst\","
                    "\"schedulerName\":\"default-scheduler\",\"terminationGracePeriodSeconds\":30,\"enableServiceLinks\":true,"
                    "\"serviceAccountName\":\"default\",\"serviceAccount\":\"default\",\"automountServiceAccountToken\":false,"
                    "\"securityContext\":{\"runAsNonRoot\":true}%s,\"initContainers\":",
             STR_ARG(ns), c ? c->spec : "");
    add_container(&text, "init", place == CANARY_INIT_CONTAINER || is_in_all_containers(c) ? c : NULL);
    buf_add_c(&text, ",\"containers\":");
    add_container(&text, "canary", place == CANARY_CONTAINER ? c : NULL);
    buf_add_c(&text, "}}");
    /* A namespace's name is a DNS label to an API server; one that is none, in files, makes no pod. */
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
