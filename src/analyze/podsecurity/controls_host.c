/* Controls over the node's own things: its namespaces, files, ports, /proc, sysctls, and the hosts
 * that probes reach. */
#include "analyze/podsecurity/control.h"

bool judge_host_namespaces(struct pod_view *p, int version, struct pod_security_violation *out)
{
    static const char *const field[] = { "hostNetwork", "hostPID", "hostIPC" };
    struct words found = { .arena = p->arena };
    (void)version;
    for (size_t i = 0; i < sizeof field / sizeof *field; i++)
        if (pod_view_flag(p, p->spec, STR("spec"), field[i]) == POD_FLAG_TRUE)
            words_add(&found, str_printf(p->arena, "%s=true", field[i]));
    out->reason = STR("host namespaces");
    out->detail = words_joined(&found, ", ");
    return !found.list.count;
}

/* ---- volumes ---- */

static const struct {
    const char *source;
    bool allowed;
} volume_row[] = {
#define VOLUME(source, allowed) { source, allowed },
#include "analyze/podsecurity/volume.def"
#undef VOLUME
};

/* The source that decides, or NULL for a volume that names none: the API server makes an emptyDir
 * of it. */
static const char *refused_source(struct pod_view *p, struct value volume, struct str path)
{
    const char *refused = NULL;
    bool has_source = false;
    for (size_t i = 0; i < sizeof volume_row / sizeof *volume_row; i++) {
        if (pod_view_map(p, volume, path, volume_row[i].source).kind != VALUE_MAP)
            continue;
        has_source = true;
        if (volume_row[i].allowed)
            return NULL;
        refused = refused ? refused : volume_row[i].source;
    }
    if (has_source)
        return refused;
    for (uint32_t i = 0; i < volume.n && volume.kind == VALUE_MAP; i++) {
        const struct value_entry *e = &volume.as.map->entry[i];
        if (!str_eq_c(value_text(e->key), "name") && e->val.kind == VALUE_MAP)
            return "unknown"; /* a source that this program does not know: nothing passes by it */
    }
    return p->undefaulted ? "unknown" : NULL;
}

bool judge_restricted_volumes(struct pod_view *p, int version, struct pod_security_violation *out)
{
    struct words bad = { .arena = p->arena }, types = { .arena = p->arena };
    (void)version;
    for (uint32_t i = 0; i < p->volumes.n; i++) {
        struct value volume = pod_view_item(p, p->volumes, STR("spec.volumes"), i);
        struct str path = str_printf(p->arena, "spec.volumes[%u]", i);
        const char *source = refused_source(p, volume, path);
        if (!source)
            continue;
        words_add(&bad, pod_view_text(p, volume, path, "name", NULL));
        words_add(&types, str_from_c(source));
    }
    words_make_set(&types);
    out->reason = STR("restricted volume types");
    out->detail =
        str_printf(p->arena, "%s %.*s %s %s %.*s", words_number(&bad, "volume", "volumes"),
                   STR_ARG(words_quoted(&bad)), words_number(&bad, "uses", "use"),
                   words_number(&types, "restricted volume type", "restricted volume types"),
                   STR_ARG(words_quoted(&types)));
    return !bad.list.count;
}

bool judge_host_path_volumes(struct pod_view *p, int version, struct pod_security_violation *out)
{
    struct words bad = { .arena = p->arena };
    (void)version;
    for (uint32_t i = 0; i < p->volumes.n; i++) {
        struct value volume = pod_view_item(p, p->volumes, STR("spec.volumes"), i);
        struct str path = str_printf(p->arena, "spec.volumes[%u]", i);
        if (pod_view_map(p, volume, path, "hostPath").kind == VALUE_MAP)
            words_add(&bad, pod_view_text(p, volume, path, "name", NULL));
    }
    out->reason = STR("hostPath volumes");
    out->detail = str_printf(p->arena, "%s %.*s", words_number(&bad, "volume", "volumes"),
                             STR_ARG(words_quoted(&bad)));
    return !bad.list.count;
}

/* ---- ports, probes ---- */

/* "container "a" uses KIND ..." */
static struct str uses(const struct words *containers, const char *one, const char *many,
                       const struct words *what, struct str listed)
{
    return str_printf(containers->arena, "%s %.*s %s %s %.*s",
                      words_number(containers, "container", "containers"),
                      STR_ARG(words_quoted(containers)), words_number(containers, "uses", "use"),
                      words_number(what, one, many), STR_ARG(listed));
}

bool judge_host_ports(struct pod_view *p, int version, struct pod_security_violation *out)
{
    struct words bad = { .arena = p->arena }, ports = { .arena = p->arena };
    (void)version;
    for (size_t i = 0; i < p->container.count; i++) {
        const struct container_view *c = &p->container.item[i];
        struct value list = pod_view_list(p, c->object, c->path, "ports");
        struct str path = pod_view_below(p, c->path, "ports");
        bool has = false;
        for (uint32_t k = 0; k < list.n; k++) {
            int64_t port = 0;
            struct value item = pod_view_item(p, list, path, k);
            if (!pod_view_int(p, item, path, "hostPort", &port) || port == 0)
                continue;
            has = true;
            words_add(&ports, str_printf(p->arena, "%lld", (long long)port));
        }
        if (has)
            words_add(&bad, c->name);
    }
    words_make_set(&ports);
    out->reason = STR("hostPort");
    out->detail = uses(&bad, "hostPort", "hostPorts", &ports, words_joined(&ports, ", "));
    return !bad.list.count;
}

static bool add_handler_hosts(struct pod_view *p, struct value handler, struct str path,
                              struct words *hosts)
{
    static const char *const action[] = { "httpGet", "tcpSocket" };
    bool found = false;
    for (size_t i = 0; i < sizeof action / sizeof *action; i++) {
        struct value a = pod_view_map(p, handler, path, action[i]);
        struct str host = pod_view_text(p, a, pod_view_below(p, path, action[i]), "host", NULL);
        if (host.n)
            words_add(hosts, host);
        found |= host.n > 0;
    }
    return found;
}

bool judge_probe_hosts(struct pod_view *p, int version, struct pod_security_violation *out)
{
    static const char *const probe[] = { "livenessProbe", "readinessProbe", "startupProbe" };
    static const char *const hook[] = { "postStart", "preStop" };
    struct words bad = { .arena = p->arena }, hosts = { .arena = p->arena };
    (void)version;
    for (size_t i = 0; i < p->container.count; i++) {
        const struct container_view *c = &p->container.item[i];
        bool found = false;
        for (size_t k = 0; k < sizeof probe / sizeof *probe; k++)
            found |= add_handler_hosts(p, pod_view_map(p, c->object, c->path, probe[k]),
                                       pod_view_below(p, c->path, probe[k]), &hosts);
        struct value lifecycle = pod_view_map(p, c->object, c->path, "lifecycle");
        struct str path = pod_view_below(p, c->path, "lifecycle");
        for (size_t k = 0; k < sizeof hook / sizeof *hook; k++)
            found |= add_handler_hosts(p, pod_view_map(p, lifecycle, path, hook[k]),
                                       pod_view_below(p, path, hook[k]), &hosts);
        if (found)
            words_add(&bad, c->name);
    }
    words_make_set(&bad);
    words_make_set(&hosts);
    out->reason = STR("probe or lifecycle host");
    out->detail = uses(&bad, "probe or lifecycle host", "probe or lifecycle hosts", &hosts,
                       words_quoted(&hosts));
    return !bad.list.count;
}

/* ---- /proc, sysctls ---- */

bool judge_proc_mount(struct pod_view *p, int version, struct pod_security_violation *out)
{
    struct words bad = { .arena = p->arena }, types = { .arena = p->arena };
    (void)version;
    for (size_t i = 0; i < p->container.count; i++) {
        const struct container_view *c = &p->container.item[i];
        bool set;
        struct str type = pod_view_text(
            p, c->security, pod_view_below(p, c->path, "securityContext"), "procMount", &set);
        if (!set || str_eq_c(type, "Default"))
            continue;
        words_add(&bad, c->name);
        words_add(&types, type);
    }
    words_make_set(&types);
    out->reason = STR("procMount");
    out->detail = str_printf(p->arena, "%s %.*s must not set securityContext.procMount to %.*s",
                             words_number(&bad, "container", "containers"),
                             STR_ARG(words_quoted(&bad)), STR_ARG(words_quoted(&types)));
    return !bad.list.count;
}

bool judge_sysctls(struct pod_view *p, int version, struct pod_security_violation *out)
{
    struct words bad = { .arena = p->arena };
    struct str path = STR("spec.securityContext.sysctls");
    struct value list = pod_view_list(p, p->security, STR("spec.securityContext"), "sysctls");
    for (uint32_t i = 0; i < list.n; i++) {
        struct str name = pod_view_text(p, pod_view_item(p, list, path, i), path, "name", NULL);
        if (!allowed_has(ALLOWED_SYSCTL, version, name))
            words_add(&bad, name);
    }
    out->reason = STR("forbidden sysctls");
    out->detail = words_joined(&bad, ", ");
    return !bad.list.count;
}
