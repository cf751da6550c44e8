/* --node-facts-pods: the facts of nodes out of the logs of the pods that gathered them. */
#include "cli/node_pods.h"

#include "base/log.h"
#include "base/map.h"
#include "base/vec.h"

#define POD_DEPTH_MAX 64
#define LOG_BYTES_MAX ((size_t)8 << 20)
#define UNREAD_SHOWN  5u

struct node_pod {
    struct str name, node;
};
struct reading {
    struct arena *arena;
    struct client *client;
    struct str ns;
    VEC(struct node_pod) pod;
    size_t next;
    struct map by_node; /* -> the place in node */
    VEC(struct node_facts) node;
    VEC(struct str) unread; /* the first few */
    size_t unread_count;
    struct arena scratch;
};

static void cannot_read(struct reading *r, struct str pod, const char *why)
{
    struct str text = str_printf(r->arena, "pod %.*s/%.*s: %s", STR_ARG(r->ns), STR_ARG(pod), why);
    log_line(LOG_WARN, "--node-facts-pods: %.*s", STR_ARG(text));
    if (r->unread_count++ < UNREAD_SHOWN)
        *VEC_PUSH(&r->unread, r->arena) = text;
}

/* ---- which pods ---- */

static bool is_of_daemonset(struct value pod)
{
    const struct value *metadata = value_get(pod, STR("metadata")),
                       *owners = metadata ? value_get(*metadata, STR("ownerReferences")) : NULL;
    for (uint32_t i = 0; owners && owners->kind == VALUE_LIST && i < owners->n; i++) {
        struct value o = value_item(*owners, i);
        if (value_bool_at(o, false, "controller", NULL) &&
            str_eq_c(value_text_at(o, "kind", NULL), "DaemonSet") &&
            str_eq_c(value_text_at(o, "apiVersion", NULL), "apps/v1"))
            return true;
    }
    return false;
}

static bool on_pod(struct list_job *job, struct str bytes, struct err *err)
{
    struct reading *r = job->ctx;
    struct json_limits limits = { .depth = POD_DEPTH_MAX };
    struct value pod;
    arena_reset(&r->scratch);
    if (!json_read(&pod, &r->scratch, bytes, &limits, NULL, 0, err))
        return false;
    struct str name = value_text_at(pod, "metadata", "name", NULL),
               node = value_text_at(pod, "spec", "nodeName", NULL);
    if (!is_of_daemonset(pod))
        cannot_read(
            r, name,
            "it has the label, and is of no DaemonSet: whoever made it does not speak for a node");
    else if (!node.n)
        cannot_read(r, name, "it is on no node yet");
    else if (r->pod.count >= NODE_FACTS_NODES_MAX)
        return err_set(err, ERR_LIMIT, "more than %u pods", NODE_FACTS_NODES_MAX);
    else
        *VEC_PUSH(&r->pod, r->arena) =
            (struct node_pod){ str_dup(r->arena, name), str_dup(r->arena, node) };
    return true;
}

static void on_pods_end(struct list_job *job)
{
    (void)job;
}

/* ---- their logs ---- */

struct log_job {
    struct reading *reading;
    struct get_job job;
    size_t pod;
};

/* The document is what begins with "{" and ends with "}" on a line; standard error may stand around
 * it. */
static struct str document_of(struct str log)
{
    size_t from = str_has_prefix(log, STR("{\n")) ? 0 : str_find(log, STR("\n{\n"), 0),
           to = SIZE_MAX;
    if (from == SIZE_MAX)
        return log;
    for (size_t at = from; (at = str_find(log, STR("\n}\n"), at)) != SIZE_MAX; at++)
        to = at + 2;
    return to == SIZE_MAX ? log : str_sub(log, from, to);
}

/* Of two pods on a node, the one that looked later. */
static void take(struct reading *r, const struct node_facts *f)
{
    bool created;
    void **at = map_at(&r->by_node, f->node_name, &created);
    if (created) {
        *at = (void *)(r->node.count + 1);
        *VEC_PUSH(&r->node, r->arena) = *f;
        return;
    }
    struct node_facts *had = &r->node.item[(size_t)*at - 1];
    if (had->collected.s < f->collected.s)
        *had = *f;
}

static struct str on_log(struct get_job *job, struct str body)
{
    struct log_job *l = job->ctx;
    struct reading *r = l->reading;
    const struct node_pod *pod = &r->pod.item[l->pod];
    struct node_facts facts;
    struct err err = job->err;
    const char *file = str_to_c(
        r->arena, str_printf(r->arena, "log of %.*s/%.*s", STR_ARG(r->ns), STR_ARG(pod->name)));
    if (err.code != ERR_NONE)
        cannot_read(r, pod->name, err.text);
    else if (!node_facts_parse(&facts, r->arena, document_of(body), file, &err))
        cannot_read(r, pod->name, err.text);
    else if (!str_eq(facts.node_name, pod->node))
        cannot_read(
            r, pod->name,
            str_to_c(r->arena, str_printf(r->arena, "it is on node %.*s and speaks of node %.*s",
                                          STR_ARG(pod->node), STR_ARG(facts.node_name))));
    else
        take(r, &facts);
    return STR("");
}

static void ask_next(struct get_job *job)
{
    struct log_job *l = job->ctx;
    struct reading *r = l->reading;
    if (r->next >= r->pod.count)
        return;
    l->pod = r->next++;
    job->path = str_printf(r->arena,
                           "/api/v1/namespaces/%.*s/pods/%.*s/log?container=" NODE_PODS_CONTAINER
                           "&limitBytes=%zu",
                           STR_ARG(r->ns), STR_ARG(r->pod.item[l->pod].name), LOG_BYTES_MAX);
    client_get_start(r->client, job);
}

static void read_logs(struct reading *r)
{
    uint32_t width = r->client->limits.in_flight;
    struct log_job *l = arena_array(r->arena, struct log_job, width);
    for (uint32_t i = 0; i < width; i++) {
        l[i].reading = r;
        l[i].job = (struct get_job){ .accept = STR("*/*"),
                                     .body_bytes = LOG_BYTES_MAX,
                                     .on_end = on_log,
                                     .on_next = ask_next,
                                     .ctx = &l[i] };
        ask_next(&l[i].job);
    }
    client_run(r->client);
    for (uint32_t i = 0; i < width; i++)
        client_get_release(&l[i].job);
}

static int by_name(const void *a, const void *b)
{
    return str_cmp(((const struct node_facts *)a)->node_name,
                   ((const struct node_facts *)b)->node_name);
}

static void finish(struct node_evidence *out, struct reading *r)
{
    if (!r->pod.count)
        cannot_read(r, STR("*"),
                    "no pod of a DaemonSet has the label app.kubernetes.io/name=" NODE_PODS_LABEL);
    if (r->node.count) /* which answer came first says nothing */
        qsort(r->node.item, r->node.count, sizeof *r->node.item, by_name);
    out->node = r->node.item;
    out->count = r->node.count;
    if (r->unread_count)
        out->unread = str_printf(
            r->arena, "Facts of nodes could not be had from %zu: %.*s%s.", r->unread_count,
            STR_ARG(str_join(r->arena, r->unread.item, r->unread.count, STR("; "))),
            r->unread_count > UNREAD_SHOWN ? "; ..." : "");
}

bool node_pods_read(struct node_evidence *out, struct arena *a, struct client *client,
                    struct str ns, struct err *err)
{
    struct reading r = { .arena = a, .client = client, .ns = ns };
    struct list_job list = {
        .path = str_printf(a,
                           "/api/v1/namespaces/%.*s/"
                           "pods?labelSelector=app.kubernetes.io%%2Fname%%3D" NODE_PODS_LABEL,
                           STR_ARG(ns)),
        .chunked = true,
        .on_item = on_pod,
        .on_end = on_pods_end,
        .ctx = &r,
    };
    map_init(&r.by_node, a);
    client_list_start(client, &list);
    client_run(client);
    arena_release(&r.scratch);
    if (list.err.code != ERR_NONE) {
        *err = list.err;
        return err_prefix(err, "--node-facts-pods %.*s: its pods could not be listed", STR_ARG(ns));
    }
    read_logs(&r);
    finish(out, &r);
    return true;
}

void node_pods_role(struct buf *out, struct str ns)
{
    buf_addf(out,
             "---\napiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata:\n  name: "
             "kubevouch-node-facts\n  namespace: %.*s\n  labels:\n"
             "    app.kubernetes.io/name: kubevouch\nrules:\n# the pods that gathered facts of "
             "nodes, and what they printed (audit --node-facts-pods)\n"
             "- apiGroups: [\"\"]\n  resources: [pods]\n  verbs: [list]\n- apiGroups: [\"\"]\n  "
             "resources: [pods/log]\n  verbs: [get]\n",
             STR_ARG(ns));
}
