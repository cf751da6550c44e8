/* Gathers a cluster through a client, live or recorded. */
#include "cluster/collect.h"

#include "cluster/kubelets.h"
#include "cluster/lists.h"
#include "cluster/node_config.h"
#include "cluster/server.h"

/* The UID of kube-system never changes while a cluster lives: the identity everyone uses. */
static void note_cluster_id(struct cluster *c)
{
    const struct value *ns =
        cluster_find(c, KIND_NAMESPACES, (struct str){ 0 }, STR("kube-system"));
    if (ns)
        c->cluster_id = value_text_at(*ns, "metadata", "uid", NULL);
}

static void note_warnings(struct cluster *c, const struct client *client)
{
    for (size_t i = 0; i < client->calls.count; i++) {
        struct str w = client->calls.item[i].warning;
        bool known = !w.n;
        for (size_t k = 0; k < c->warnings.count && !known; k++)
            known = str_eq(c->warnings.item[k], w);
        if (!known)
            *VEC_PUSH(&c->warnings, c->arena) = w;
    }
}

bool collect_run(struct collected *out, struct client *client,
                 const struct collect_options *options, const struct collect_observer *observer,
                 struct err *err)
{
    client->replied = observer->answer;
    client->replied_ctx = observer->ctx;
    if (!server_greet(out, client, &out->served, err))
        return false;
    server_extras(out, client, options);
    node_config_read(out->cluster, client, options);
    lists_run(out->cluster, client, &out->served, options, STAGE_EARLY, observer);
    note_cluster_id(out->cluster);
    observer->early_done(observer->ctx);
    lists_run(out->cluster, client, &out->served, options, STAGE_STREAM, observer);
    kubelets_read(out->cluster, client, options);
    discovery_stale_groups(&out->served, out->cluster->arena, &out->cluster->stale_groups.item,
                           &out->cluster->stale_groups.count);
    note_warnings(out->cluster, client);
    return true;
}
