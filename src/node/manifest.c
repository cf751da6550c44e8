/* Static pod manifests, and where they say that files of their components are. */
#include "analyze/control_plane/component.h"
#include "node/gather.h"

#define MANIFESTS_MAX 256u

/* One row a component: the roles of its manifest and of what its flag moves. */
static const struct {
    enum component_kind kind;
    enum node_role manifest;
    const char *flag; /* that names a file of it */
    enum node_role moved;
} component_row[] = {
    { COMPONENT_APISERVER, NODE_APISERVER_MANIFEST, "audit-policy-file", NODE_AUDIT_POLICY },
    { COMPONENT_CONTROLLER_MANAGER, NODE_CONTROLLER_MANAGER_MANIFEST, "kubeconfig",
      NODE_CONTROLLER_MANAGER_KUBECONFIG },
    { COMPONENT_SCHEDULER, NODE_SCHEDULER_MANIFEST, "kubeconfig", NODE_SCHEDULER_KUBECONFIG },
    { COMPONENT_ETCD, NODE_ETCD_MANIFEST, "data-dir", NODE_ETCD_DATA },
};
#define COMPONENT_ROWS (sizeof component_row / sizeof *component_row)

/* hostPath of the volume with that name; empty if it is another kind. */
static struct str host_path(struct value pod, struct str volume)
{
    const struct value *list = value_at(pod, "spec", "volumes", NULL);
    for (uint32_t i = 0; list && list->kind == VALUE_LIST && i < list->n; i++) {
        struct value v = value_item(*list, i);
        if (str_eq(value_text_at(v, "name", NULL), volume))
            return value_text_at(v, "hostPath", "path", NULL);
    }
    return (struct str){ 0 };
}

static bool is_within(struct str path, struct str folder)
{
    while (folder.n > 1 && folder.p[folder.n - 1] == '/')
        folder.n--;
    return str_has_prefix(path, folder) &&
           (path.n == folder.n || path.p[folder.n] == '/' || folder.n == 1);
}

/* A container's path as the node has it; empty: it is inside the container. The longest mount
 * counts. */
static struct str on_node(struct gather *g, struct value pod, struct str container, struct str path)
{
    const struct value *list = value_at(pod, "spec", "containers", NULL);
    struct str best = { 0 }, host = { 0 };
    for (uint32_t i = 0; list && list->kind == VALUE_LIST && i < list->n; i++) {
        struct value c = value_item(*list, i);
        const struct value *mounts = str_eq(value_text_at(c, "name", NULL), container)
                                         ? value_get(c, STR("volumeMounts"))
                                         : NULL;
        for (uint32_t k = 0; mounts && mounts->kind == VALUE_LIST && k < mounts->n; k++) {
            struct value m = value_item(*mounts, k);
            struct str at = value_text_at(m, "mountPath", NULL),
                       sub = value_text_at(m, "subPath", NULL);
            if (!at.n || at.n < best.n || !is_within(path, at))
                continue;
            best = at;
            host = host_path(pod, value_text_at(m, "name", NULL));
            if (host.n && sub.n)
                host = str_printf(g->arena, "%.*s/%.*s", STR_ARG(host), STR_ARG(sub));
        }
    }
    return host.n ? str_printf(g->arena, "%.*s%.*s", STR_ARG(host),
                               STR_ARG(str_sub(path, best.n, path.n)))
                  : host;
}

/* The key's folder, if the API server's keys are not where kubeadm has them. */
static void tell_pki(struct gather *g, struct str key, struct str source)
{
    size_t slash = str_find_last_char(key, '/');
    struct str folder =
        slash == SIZE_MAX || slash == 0 ? (struct str){ 0 } : str_sub(key, 0, slash);
    if (folder.n && !str_eq_c(folder, "/etc") && !is_within(folder, STR("/etc/kubernetes/pki")) &&
        !is_within(folder, STR("/var/lib/rancher")))
        gather_shape(g, (struct node_place){ NODE_PKI, PLATFORM_KUBEADM, source, folder },
                     SHAPE_TREE);
}

static void tell_moved(struct gather *g, size_t row, enum node_platform platform, struct value pod,
                       const struct component *c)
{
    const char *name = component_name(c->kind);
    struct str source = str_printf(g->arena, "flag --%s of %s", component_row[row].flag, name);
    struct node_place at = { component_row[row].moved, platform, source,
                             value_text_at(c->flags, component_row[row].flag, NULL) };
    struct str host = at.path.n ? on_node(g, pod, c->container, at.path) : (struct str){ 0 };
    bool policy = at.role == NODE_AUDIT_POLICY;
    g->moved[at.role] = g->moved[at.role] || at.path.n || policy;
    g->apiserver_found = g->apiserver_found || policy;
    if (c->doubt.n && !at.path.n) {
        g->moved[at.role] = true;
        (void)gather_told(g, at, NODE_UNREADABLE,
                          "the component's command line in its manifest cannot be known wholly");
        return;
    }
    if (at.path.n && !host.n) {
        (void)gather_told(
            g, at, NODE_UNREADABLE,
            "the manifest mounts no folder of the node there: it is inside the container");
        return;
    }
    at.path = host;
    if (policy)
        gather_audit_policy(g, platform, source, at.path);
    else if (host.n)
        (void)gather_file(g, at);
    if (policy)
        tell_pki(
            g, on_node(g, pod, c->container, value_text_at(c->flags, "tls-private-key-file", NULL)),
            STR("flag --tls-private-key-file of kube-apiserver"));
}

static bool row_of_name(struct str name, size_t *row)
{
    for (*row = 0; *row < COMPONENT_ROWS; ++*row)
        if (str_has_prefix(name, str_from_c(component_name(component_row[*row].kind))) &&
            str_has_suffix(name, STR(".yaml")))
            return true;
    return false;
}

/* The role of a manifest is told by the program it runs; one that cannot be read, by its file's
 * name. */
static void read_manifest(struct gather *g, struct node_place at, struct str name, bool *seen)
{
    const char *reason;
    struct component c;
    size_t row = 0;
    const struct node *doc = gather_document(g, at.path, &reason);
    struct value pod = doc ? node_value(g->arena, doc) : value_null();
    bool known = doc && component_of_manifest(&c, g->arena, pod);
    while (known && row < COMPONENT_ROWS && component_row[row].kind != c.kind)
        row++;
    if (!known && !row_of_name(name, &row))
        return;
    if (row == COMPONENT_ROWS)
        return;
    at.role = component_row[row].manifest;
    (void)gather_file(g, at);
    seen[row] = true;
    if (known) {
        tell_moved(g, row, at.platform, pod, &c);
    } else {
        at.role = component_row[row].moved;
        g->moved[at.role] = true;
        g->apiserver_found = g->apiserver_found || at.role == NODE_AUDIT_POLICY;
        (void)gather_told(g, at, NODE_UNREADABLE,
                          "the manifest that says where it is cannot be read");
    }
}

static void each_role(struct gather *g, struct node_place at, enum node_state state,
                      const char *reason, const bool *seen)
{
    struct str folder = at.path;
    for (size_t i = 0; i < COMPONENT_ROWS; i++) {
        if (seen[i])
            continue;
        at.role = component_row[i].manifest;
        at.path = folder.n ? str_printf(g->arena, "%.*s/%s.yaml", STR_ARG(folder),
                                        component_name(component_row[i].kind))
                           : folder;
        (void)gather_told(g, at, state, reason);
    }
}

static void read_folder(struct gather *g, struct node_place at)
{
    struct walk_seen s CLEANUP(walk_seen_close) = { .fd = -1, .parent = -1 };
    struct walk_names names = { 0 };
    bool seen[COMPONENT_ROWS] = { false };
    const char *reason;
    walk_look(&s, g->arena, g->root, at.path);
    if (s.state != NODE_PRESENT) {
        g->manifests_hidden = g->manifests_hidden || s.state != NODE_ABSENT || !g->kubelet.read;
        bool blind = s.state == NODE_ABSENT && !g->kubelet.read && at.platform == PLATFORM_KUBEADM;
        each_role(g, at, blind ? NODE_NOT_VISIBLE : s.state,
                  blind ? "the usual folder is not there, and the kubelet's configuration, which "
                          "says which folder it is, was not seen"
                        : s.reason,
                  seen);
        return;
    }
    if (!walk_list(&s, g->arena, &names, &reason)) {
        g->manifests_hidden = true;
        each_role(g, at, NODE_FORBIDDEN, reason, seen);
        return;
    }
    for (size_t i = 0; i < names.item.count && i < MANIFESTS_MAX; i++) {
        struct node_place one = at;
        struct str name = names.item.item[i];
        one.path = str_printf(g->arena, "%.*s/%.*s", STR_ARG(at.path), STR_ARG(name));
        if (name.p[0] != '.') /* as the kubelet does */
            read_manifest(g, one, name, seen);
    }
    bool cut = g->manifests_hidden = names.cut || names.item.count > MANIFESTS_MAX;
    each_role(g, at, cut ? NODE_UNREADABLE : NODE_ABSENT,
              cut ? "the folder has more entries than are looked at" : NULL, seen);
}

/* Components that run without a pod tell by their own command lines. */
static void read_processes(struct gather *g)
{
    const struct node_process *api = gather_process(g, "kube-apiserver");
    for (size_t i = 1; i < COMPONENT_ROWS; i++) {
        const struct node_process *p = gather_process(g, component_name(component_row[i].kind));
        struct str path = node_flag(p, component_row[i].flag);
        if (!path.n || g->moved[component_row[i].moved])
            continue;
        g->moved[component_row[i].moved] = true;
        (void)gather_file(g,
                          (struct node_place){ component_row[i].moved, PLATFORM_KUBEADM,
                                               str_printf(g->arena, "flag --%s of %.*s",
                                                          component_row[i].flag, STR_ARG(p->name)),
                                               path });
    }
    if (!api || g->apiserver_found)
        return;
    gather_audit_policy(g, PLATFORM_KUBEADM, STR("flag --audit-policy-file of kube-apiserver"),
                        node_flag(api, "audit-policy-file"));
    tell_pki(g, node_flag(api, "tls-private-key-file"),
             STR("flag --tls-private-key-file of kube-apiserver"));
}

static void tell_no_apiserver(struct gather *g)
{
    struct node_place policy = { NODE_AUDIT_POLICY, PLATFORM_KUBEADM, STR("default"), STR("") };
    struct walk_seen k3s CLEANUP(walk_seen_close) = { .fd = -1, .parent = -1 };
    walk_look(&k3s, g->arena, g->root, STR("/var/lib/rancher/k3s/server"));
    if (k3s.state == NODE_PRESENT)
        (void)gather_told(g, policy, NODE_UNREADABLE,
                          "K3s runs the API server within itself: its audit policy is named in "
                          "K3s's own configuration");
    else if (g->manifests_hidden)
        (void)gather_told(g, policy, NODE_NOT_VISIBLE,
                          "no API server was found, and not every folder of static pods was seen");
    else
        (void)gather_told(g, policy, NODE_ABSENT, "no API server was found on this node");
}

void gather_manifests(struct gather *g)
{
    static const bool none_seen[COMPONENT_ROWS] = { false };
    struct str folder = g->kubelet.static_pods;
    struct node_place at = { .platform = PLATFORM_KUBEADM,
                             .source =
                                 folder.n ? STR("staticPodPath of the kubelet") : STR("default"),
                             .path = folder.n ? folder : STR("/etc/kubernetes/manifests") };
    if (folder.n || !g->kubelet.read) {
        read_folder(g, at);
    } else {
        at.path = STR("");
        each_role(g, at, NODE_NOT_CONFIGURED, "the kubelet is configured without static pods",
                  none_seen);
    }
    if (g->has[PLATFORM_RKE2])
        read_folder(
            g, (struct node_place){ .platform = PLATFORM_RKE2,
                                    .source = STR("default"),
                                    .path = STR("/var/lib/rancher/rke2/agent/pod-manifests") });
    read_processes(g);
    if (g->apiserver_found)
        return;
    tell_no_apiserver(g);
}
