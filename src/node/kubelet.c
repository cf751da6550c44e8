/* Where the kubelet's files are: its command line, then its configuration file and that one's
 * drop-ins, then the defaults. Source: kubernetes.io, Set Kubelet Parameters Via A Configuration
 * File (order of precedence). */
#include "analyze/control_plane/component.h"
#include "node/gather.h"

static struct str text_at(const struct node *map, const char *key)
{
    const struct node *n = node_get(map, key);
    return n && n->kind == NODE_SCALAR ? value_text(n->scalar) : (struct str){ 0 };
}

/* Paths in the file are relative to the file's own folder. Source: k8s.io/kubernetes
 * pkg/kubelet/kubeletconfig/configfiles. */
static struct str beside(struct gather *g, struct str file, struct str path)
{
    size_t slash = str_find_last_char(file, '/');
    if (!path.n || path.p[0] == '/' || slash == SIZE_MAX)
        return path;
    return component_path_clean(
        g->arena, str_printf(g->arena, "%.*s/%.*s", (int)slash, file.p, STR_ARG(path)));
}

/* Of the configuration only what says where files are. False: it could not be read. */
static bool read_settings(struct gather *g, struct str path)
{
    const char *reason;
    const struct node *doc = gather_document(g, path, &reason);
    if (!doc || !str_eq_c(text_at(doc, "kind"), "KubeletConfiguration"))
        return false;
    struct str ca = text_at(node_get(node_get(doc, "authentication"), "x509"), "clientCAFile");
    struct str pods = text_at(doc, "staticPodPath");
    if (ca.n && !node_flag(gather_process(g, "kubelet"), "client-ca-file").n)
        g->kubelet.client_ca = beside(g, path, ca);
    if (pods.n && !node_flag(gather_process(g, "kubelet"), "pod-manifest-path").n)
        g->kubelet.static_pods = beside(g, path, pods);
    return true;
}

static void read_dropins(struct gather *g, struct str folder)
{
    struct walk_seen s CLEANUP(walk_seen_close) = { .fd = -1, .parent = -1 };
    struct walk_names names = { 0 };
    const char *reason;
    walk_look(&s, g->arena, g->root, folder);
    if (s.state == NODE_ABSENT || s.state == NODE_NOT_CONFIGURED)
        return;
    if (s.state != NODE_PRESENT || !walk_list(&s, g->arena, &names, &reason)) {
        g->kubelet.read = false;
        return;
    }
    for (size_t i = 0; i < names.item.count; i++) {
        struct str name = names.item.item[i];
        if (str_has_suffix(name, STR(".conf")) && name.p[0] != '.' &&
            !read_settings(g, str_printf(g->arena, "%.*s/%.*s", STR_ARG(folder), STR_ARG(name))))
            g->kubelet.read = false;
    }
}

/* A flag names the place: no default counts for the role any more. */
static void by_flag(struct gather *g, enum node_role role, struct str path, const char *source)
{
    g->moved[role] = true;
    if (path.n)
        (void)gather_file(g,
                          (struct node_place){ role, PLATFORM_KUBEADM, str_from_c(source), path });
}

static void tell_client_ca(struct gather *g, bool by_command_line)
{
    struct node_place at = { NODE_KUBELET_CLIENT_CA, PLATFORM_KUBEADM,
                             STR("authentication.x509.clientCAFile of the kubelet's configuration"),
                             g->kubelet.client_ca };
    if (!g->kubelet.client_ca.n && !g->kubelet.read && !g->kubelet.found)
        return; /* the default is looked for */
    g->moved[NODE_KUBELET_CLIENT_CA] = true;
    if (by_command_line)
        at.source = STR("flag --client-ca-file of kubelet");
    if (g->kubelet.client_ca.n)
        (void)gather_file(g, at);
    else if (!g->kubelet.read)
        (void)gather_told(g, at, NODE_NOT_VISIBLE,
                          "the configuration that the kubelet was started with could not be read: "
                          "which file it names is not known");
    else
        (void)gather_told(g, at, NODE_NOT_CONFIGURED,
                          "the kubelet is configured without a client CA");
}

void gather_kubelet(struct gather *g)
{
    const struct node_process *p = gather_process(g, "kubelet");
    struct node_kubelet *k = &g->kubelet;
    k->found = p != NULL;
    k->config = node_flag(p, "config");
    k->config_dir = node_flag(p, "config-dir");
    k->kubeconfig = node_flag(p, "kubeconfig");
    k->client_ca = node_flag(p, "client-ca-file");
    k->static_pods = node_flag(p, "pod-manifest-path");
    k->hostname_override = node_flag(p, "hostname-override");
    bool flag_ca = k->client_ca.n > 0;
    if (p) {
        by_flag(g, NODE_KUBELET_CONFIG, k->config, "flag --config of kubelet");
        by_flag(g, NODE_KUBELET_KUBECONFIG, k->kubeconfig, "flag --kubeconfig of kubelet");
        if (!k->config.n)
            (void)gather_told(g,
                              (struct node_place){ NODE_KUBELET_CONFIG, PLATFORM_KUBEADM,
                                                   STR("command line of kubelet"), STR("") },
                              NODE_NOT_CONFIGURED, "the kubelet runs without --config");
    }
    if (k->config.n)
        k->read = read_settings(g, k->config);
    else
        k->read = p ? true : read_settings(g, STR("/var/lib/kubelet/config.yaml"));
    if (k->config_dir.n) {
        gather_shape(g,
                     (struct node_place){ NODE_KUBELET_CONFIG, PLATFORM_KUBEADM,
                                          STR("flag --config-dir of kubelet"), k->config_dir },
                     SHAPE_DROPINS);
        read_dropins(g, k->config_dir);
    }
    tell_client_ca(g, flag_ca);
    struct str proxy = node_flag(gather_process(g, "kube-proxy"), "kubeconfig");
    if (proxy.n)
        by_flag(g, NODE_KUBE_PROXY_KUBECONFIG, proxy, "flag --kubeconfig of kube-proxy");
}
