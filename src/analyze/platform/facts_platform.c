/* Who made the cluster: kubeadm, a distribution, a provider. */
#include "analyze/facts_state.h"

enum where {
    SERVER_VERSION,
    API_GROUP,
    NODE_VERSION,
    NODE_LABEL,
    NODE_PROVIDER,
    NODE_OS,
    KUBEADM_CONFIG
};
static const struct {
    const char *platform;
    enum where where;
    const char *pattern;
} trace[] = {
#define TRACE(platform, where, pattern, forgers) { platform, where, pattern },
#include "analyze/platform/platform.def"
#undef TRACE
};
/* Traces of nodes are counted (is_of_nodes); all others are believed as they are. */
#define TRACE(platform, where, pattern, forgers)                                   \
    _Static_assert((forgers) == BY1(NODE)                                          \
                       ? where >= NODE_VERSION && where <= NODE_OS                 \
                       : (forgers) != 0 && ((forgers) & ~BY2(SERVER, ADMIN)) == 0, \
                   platform ": what a node can write is told by most of the nodes");
#include "analyze/platform/platform.def"
#undef TRACE
#define TRACES (sizeof trace / sizeof *trace)

static const char *const where_text[] = {
    [SERVER_VERSION] = "the API server's version",
    [API_GROUP] = "served API group",
    [NODE_VERSION] = "kubelet version",
    [NODE_LABEL] = "label",
    [NODE_PROVIDER] = "providerID",
    [NODE_OS] = "osImage",
    [KUBEADM_CONFIG] = "ConfigMap",
};

static bool is_of_nodes(enum where w)
{
    return w >= NODE_VERSION && w <= NODE_OS;
}

/* ---- one node */

static struct str matching_label(struct str pattern, struct value node)
{
    const struct value *labels = value_at(node, "metadata", "labels", NULL);
    for (uint32_t i = 0; labels && labels->kind == VALUE_MAP && i < labels->n; i++)
        if (str_glob(pattern, value_text(labels->as.map->entry[i].key)))
            return value_text(labels->as.map->entry[i].key);
    return (struct str){ 0 };
}

/* What of the node matches; empty: nothing. */
static struct str node_trace(size_t t, struct value node)
{
    struct str pattern = str_from_c(trace[t].pattern), text = { 0 };
    if (trace[t].where == NODE_LABEL)
        return matching_label(pattern, node);
    if (trace[t].where == NODE_VERSION)
        text = value_text_at(node, "status", "nodeInfo", "kubeletVersion", NULL);
    else if (trace[t].where == NODE_PROVIDER)
        text = value_text_at(node, "spec", "providerID", NULL);
    else
        text = value_text_at(node, "status", "nodeInfo", "osImage", NULL);
    return text.n && str_glob(pattern, text) ? text : (struct str){ 0 };
}

/* ---- all of one trace */

/* A sentence if most of the nodes show it. */
static struct str nodes_evidence(struct facts *f, size_t t)
{
    size_t count = f->cluster->kept[KIND_NODES].count, matching = 0;
    struct str example = { 0 };
    for (size_t i = 0; i < count; i++) {
        struct str text = node_trace(t, f->cluster->kept[KIND_NODES].item[i]);
        matching += text.n > 0;
        if (!example.n)
            example = text;
    }
    if (matching * 2 <= count)
        return (struct str){ 0 };
    return str_printf(f->arena, "%zu of %zu nodes: %s %.*s", matching, count,
                      where_text[trace[t].where], STR_ARG(example));
}

/* The first API group that matches; empty: none. */
static struct str serves(const struct cluster *c, struct str pattern)
{
    struct value groups = c->api_groups;
    for (uint32_t i = 0; groups.kind == VALUE_MAP && i < groups.n; i++)
        if (str_glob(pattern, value_text(groups.as.map->entry[i].key)))
            return value_text(groups.as.map->entry[i].key);
    return (struct str){ 0 };
}

static struct str group_evidence(struct facts *f, size_t t)
{
    struct str group = serves(f->cluster, str_from_c(trace[t].pattern));
    return group.n ? str_printf(f->arena, "%s %.*s", where_text[API_GROUP], STR_ARG(group)) : group;
}

/* The API server was asked, and a cluster of this kind would have shown by its version, or by what
 * it serves. */
static bool server_says_otherwise(const struct cluster *c, size_t t)
{
    for (size_t i = 0; i < TRACES; i++)
        if (strcmp(trace[i].platform, trace[t].platform) == 0 &&
            ((trace[i].where == SERVER_VERSION && c->git_version.n &&
              !str_glob(str_from_c(trace[i].pattern), c->git_version)) ||
             (trace[i].where == API_GROUP && c->api_groups.kind == VALUE_MAP &&
              !serves(c, str_from_c(trace[i].pattern)).n)))
            return true;
    return false;
}

static struct str evidence_of(struct facts *f, size_t t)
{
    const struct cluster *c = f->cluster;
    if (is_of_nodes(trace[t].where))
        return nodes_evidence(f, t);
    if (trace[t].where == API_GROUP)
        return group_evidence(f, t);
    if (trace[t].where == KUBEADM_CONFIG)
        return c->endpoint[ENDPOINT_KUBEADM_CONFIG].state == COVERAGE_COMPLETE
                   ? STR("ConfigMap kube-system/kubeadm-config")
                   : (struct str){ 0 };
    if (!c->git_version.n || !str_glob(str_from_c(trace[t].pattern), c->git_version))
        return (struct str){ 0 };
    return str_printf(f->arena, "%s %.*s", where_text[SERVER_VERSION], STR_ARG(c->git_version));
}

/* What must have been seen before a trace at this place can be the first one: empty if it was, else
 * what was not. */
static struct str unseen_before(struct facts *f, enum where w)
{
    const struct cluster *c = f->cluster;
    const struct coverage *config = &c->endpoint[ENDPOINT_KUBEADM_CONFIG];
    if (w > SERVER_VERSION && !c->git_version.n)
        return STR("the server's version is not known");
    if (w > API_GROUP && c->api_groups.kind != VALUE_MAP)
        return STR("the served API groups are not known");
    if (w > API_GROUP && c->coverage[KIND_NODES].state != COVERAGE_COMPLETE)
        return str_printf(f->arena, "nodes were not all seen; %.*s",
                          STR_ARG(c->coverage[KIND_NODES].remedy));
    if (w > KUBEADM_CONFIG && config->state != COVERAGE_COMPLETE &&
        config->state != COVERAGE_NOT_SERVED)
        return str_printf(f->arena, "kubeadm's ConfigMap could not be read; %.*s",
                          STR_ARG(config->remedy));
    return (struct str){ 0 };
}

struct value make_platform(struct facts *f)
{
    struct value_builder out, evidence;
    size_t first = TRACES;
    value_builder_init(&evidence, f->arena);
    for (size_t t = 0; t < TRACES; t++) {
        struct str text = evidence_of(f, t);
        if (!text.n)
            continue;
        bool believed = !is_of_nodes(trace[t].where) || !server_says_otherwise(f->cluster, t);
        first = first < TRACES || !believed ? first : t;
        if (first < TRACES && strcmp(trace[first].platform, trace[t].platform) == 0)
            value_builder_push(&evidence, value_str(text));
        else if (!believed)
            value_builder_push(
                &evidence, value_str(str_printf(
                               f->arena, "%.*s (which tells of %s, but the API server does not)",
                               STR_ARG(text), trace[t].platform)));
        else
            value_builder_push(&evidence, value_str(str_printf(f->arena, "%.*s (which tells of %s)",
                                                               STR_ARG(text), trace[t].platform)));
    }
    struct str unseen = unseen_before(f, first < TRACES ? trace[first].where : KUBEADM_CONFIG + 1);
    if (unseen.n)
        return facts_unavailable(f->arena, "the platform is not known: %.*s", STR_ARG(unseen));
    value_builder_init(&out, f->arena);
    value_builder_set(&out, "name", value_cstr(first < TRACES ? trace[first].platform : ""));
    value_builder_set(&out, "evidence", value_builder_list(&evidence));
    return value_builder_map(&out);
}
