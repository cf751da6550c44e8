/* Facts about the API server itself: version, groups, instances, authorization, Pod Security
 * admission. */
#include "analyze/facts_state.h"

struct value make_server_minor(struct facts *f)
{
    if (f->cluster->minor >= 0)
        return value_int(f->cluster->minor);
    const struct coverage *c = &f->cluster->endpoint[ENDPOINT_VERSION];
    return facts_unavailable_for(
        f->arena, coverage_cause(c), "the server's version is not known%s%.*s%s%.*s",
        c->reason.n ? ": " : "", STR_ARG(c->reason), c->remedy.n ? "; " : "", STR_ARG(c->remedy));
}

static int by_text(const void *a, const void *b)
{
    return str_cmp(value_text(*(const struct value *)a), value_text(*(const struct value *)b));
}

struct value make_api_groups(struct facts *f)
{
    struct value groups = f->cluster->api_groups;
    struct value_builder b;
    value_builder_init(&b, f->arena);
    if (groups.kind != VALUE_MAP) {
        const struct coverage *c = &f->cluster->endpoint[ENDPOINT_DISCOVERY];
        return facts_unavailable_for(f->arena, coverage_cause(c),
                                     "the served API groups are not known%s%.*s%s%.*s",
                                     c->reason.n ? ": " : "", STR_ARG(c->reason),
                                     c->remedy.n ? "; " : "", STR_ARG(c->remedy));
    }
    for (uint32_t i = 0; i < groups.n; i++) {
        struct value key = groups.as.map->entry[i].key;
        if (value_text(key).n)
            value_builder_push(&b, key);
    }
    if (b.count)
        qsort(b.item, b.count, sizeof *b.item, by_text);
    return value_builder_list(&b);
}

void facts_make_cluster(struct facts *f, struct facts_rows *out)
{
    const struct cluster *c = f->cluster;
    struct value_builder object, derived;
    struct str name = c->context_name.n ? c->context_name
                      : c->server_url.n ? c->server_url
                                        : STR("cluster");
    value_builder_init(&object, f->arena);
    value_builder_set(&object, "name", value_str(name));
    value_builder_set(&object, "id", value_str(c->cluster_id));
    value_builder_set(&object, "version", value_str(c->git_version));
    value_builder_set(&object, "minor", f->value[FACT_serverMinor]);
    value_builder_set(&object, "platform", value_str(c->platform));
    value_builder_set(&object, "server", value_str(c->server_url));
    value_builder_init(&derived, f->arena);
    value_builder_set(&derived, "nodes",
                      facts_count_value(f, f->arena, KIND_NODES, c->kept[KIND_NODES].count));
    value_builder_set(
        &derived, "namespaces",
        facts_count_value(f, f->arena, KIND_NAMESPACES, c->kept[KIND_NAMESPACES].count));
    value_builder_set(&derived, "pods", facts_count_value(f, f->arena, KIND_PODS, c->pod_count));
    facts_add_row(f, out, value_builder_map(&object), value_builder_map(&derived));
}

/* ---- authorization ---- */

struct authorization {
    struct facts *facts;
    struct map mode; /* names seen */
    struct value_builder evidence;
    bool structured, all_known, always_allow, some_without_rbac;
};

static void add_mode(struct authorization *z, struct str mode)
{
    if (mode.n)
        map_put(&z->mode, mode, z);
    z->always_allow = z->always_allow || str_eq_c(mode, "AlwaysAllow");
}

/* Without either flag the API server allows everything. Source: kube-apiserver's own flag text. */
static void read_instance_modes(struct authorization *z, const struct component *c)
{
    struct arena *a = z->facts->arena;
    const struct value *modes = value_get(c->flags, STR("authorization-mode"));
    struct str text = component_text(a, c), unsure = c->doubt;
    if (!unsure.n)
        unsure = component_refused(
            c, (const char *const[]){ "authorization-mode", "authorization-config" }, 2);
    if (value_get(c->flags, STR("authorization-config"))) {
        z->structured = true;
        z->all_known = false;
        facts_say(&z->evidence, a,
                  "%.*s takes its authorizers from a file (--authorization-config)", STR_ARG(text));
        return;
    }
    if (unsure.n) {
        z->all_known = false;
        facts_say(&z->evidence, a, "the configuration of %.*s is not wholly known: %.*s",
                  STR_ARG(text), STR_ARG(unsure));
        if (!modes || value_is_error(*modes))
            return;
    }
    struct str rest = modes ? value_text(*modes) : STR("AlwaysAllow"), field;
    bool rbac = component_list_has(rest, "RBAC");
    /* what is not seen of a list adds to it */
    z->some_without_rbac = z->some_without_rbac || (!rbac && !unsure.n);
    facts_say(&z->evidence, a, "%.*s %s%.*s", STR_ARG(text),
              modes ? "runs with --authorization-mode="
                    : "has no --authorization-mode, which means ",
              STR_ARG(rest));
    while (str_next_field(&rest, ',', &field))
        add_mode(z, field);
}

static bool read_metric_modes(struct authorization *z)
{
    struct value rows = facts_metric(z->facts, "apiserver_authorization_decisions_total");
    bool rbac = false;
    for (uint32_t i = 0; i < rows.n; i++) {
        struct str type = value_text_at(value_item(rows, i), "type", NULL);
        rbac = rbac || str_eq_c(type, "RBAC");
        if (!map_has(&z->mode, type))
            facts_say(&z->evidence, z->facts->arena,
                      "metric apiserver_authorization_decisions_total has decisions of type %.*s",
                      STR_ARG(type));
        add_mode(z, type);
    }
    return rbac;
}

struct value make_authorization(struct facts *f)
{
    struct authorization z = { .facts = f };
    struct value_builder b, modes;
    map_init(&z.mode, f->arena);
    value_builder_init(&z.evidence, f->arena);
    z.all_known = f->apiserver.count > 0 && facts_listed(f, KIND_PODS);
    for (size_t i = 0; i < f->apiserver.count; i++)
        read_instance_modes(&z, &f->apiserver.item[i]);
    bool metric_rbac = read_metric_modes(&z);
    struct value unknown = facts_unavailable(
        f->arena, "the API servers' authorization modes are not wholly known: their command lines "
                  "or their configuration file are out of sight");
    if (!facts_listed(f, KIND_PODS))
        unknown = facts_gap_kind(f, f->arena, KIND_PODS);
    value_builder_init(&modes, f->arena);
    for (size_t i = 0; i < z.mode.count; i++)
        value_builder_push(&modes, value_str(z.mode.entry[i].key));
    value_builder_init(&b, f->arena);
    value_builder_set(&b, "modes", value_builder_list(&modes));
    value_builder_set(&b, "alwaysAllow",
                      z.always_allow ? value_bool(true)
                      : z.all_known  ? value_bool(false)
                                     : unknown);
    value_builder_set(&b, "rbac",
                      z.some_without_rbac          ? value_bool(false)
                      : z.all_known || metric_rbac ? value_bool(true)
                                                   : unknown);
    value_builder_set(&b, "structured", value_bool(z.structured));
    value_builder_set(&b, "evidence", value_builder_list(&z.evidence));
    return value_builder_map(&b);
}

struct value make_now(struct facts *f)
{
    return value_str(clock_format_rfc3339(f->arena, f->cluster->now));
}
