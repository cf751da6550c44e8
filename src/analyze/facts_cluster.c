/* Facts about the API server itself: version, groups, instances, authorization, Pod Security admission. */
#include "analyze/facts_state.h"

struct value make_server_minor(struct facts *f)
{
    if (f->cluster->minor >= 0)
        return value_int(f->cluster->minor);
    const struct coverage *c = &f->cluster->endpoint[ENDPOINT_VERSION];
    return facts_unavailable(f->arena, "the server's version is not known%s%.*s%s%.*s", c->reason.n ? ": " : "",
                             STR_ARG(c->reason), c->remedy.n ? "; " : "", STR_ARG(c->remedy));
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
        return facts_unavailable(f->arena, "the served API groups are not known%s%.*s%s%.*s", c->reason.n ? ": " : "",
                                 STR_ARG(c->reason), c->remedy.n ? "; " : "", STR_ARG(c->remedy));
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
    struct str name = c->context_name.n ? c->context_name : c->server_url.n ? c->server_url : STR("cluster");
    value_builder_init(&object, f->arena);
    value_builder_set(&object, "name", value_str(name));
    value_builder_set(&object, "id", value_str(c->cluster_id));
    value_builder_set(&object, "version", value_str(c->git_version));
    value_builder_set(&object, "minor", f->value[FACT_serverMinor]);
    value_builder_set(&object, "platform", value_str(c->platform));
    value_builder_set(&object, "server", value_str(c->server_url));
    value_builder_init(&derived, f->arena);
    value_builder_set(&derived, "nodes", facts_count_value(f, f->arena, KIND_NODES, c->kept[KIND_NODES].count));
    value_builder_set(&derived, "namespaces",
                      facts_count_value(f, f->arena, KIND_NAMESPACES, c->kept[KIND_NAMESPACES].count));
    value_builder_set(&derived, "pods", facts_count_value(f, f->arena, KIND_PODS, c->pod.count));
    facts_add_row(f, out, value_builder_map(&object), value_builder_map(&derived));
}

/* ---- authorization ---- */

struct authorization {
    struct facts *facts;
    struct map mode;       /* names seen */
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
        unsure = component_refused(c, (const char *const[]){ "authorization-mode", "authorization-config" }, 2);
    if (value_get(c->flags, STR("authorization-config"))) {
        z->structured = true;
        z->all_known = false;
        facts_say(&z->evidence, a, "%.*s takes its authorizers from a file (--authorization-config)", STR_ARG(text));
        return;
    }
    if (unsure.n) {
        z->all_known = false;
        facts_say(&z->evidence, a, "the configuration of %.*s is not wholly known: %.*s", STR_ARG(text), STR_ARG(unsure));
        if (!modes || value_is_error(*modes))
            return;
    }
    struct str rest = modes ? value_text(*modes) : STR("AlwaysAllow"), field;
    bool rbac = component_list_has(rest, "RBAC");
    z->some_without_rbac = z->some_without_rbac || (!rbac && !unsure.n); /* what is not seen of a list adds to it */
    facts_say(&z->evidence, a, "%.*s %s%.*s", STR_ARG(text),
              modes ? "runs with --authorization-mode=" : "has no --authorization-mode, which means ", STR_ARG(rest));
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
            facts_say(&z->evidence, z->facts->arena, "metric apiserver_authorization_decisions_total has decisions of type %.*s",
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
    z.all_known = f->apiserver.count > 0 && facts_saw(f, KIND_PODS);
    for (size_t i = 0; i < f->apiserver.count; i++)
        read_instance_modes(&z, &f->apiserver.item[i]);
    bool metric_rbac = read_metric_modes(&z);
    struct value unknown = facts_unavailable(f->arena, "the API servers' authorization modes are not wholly known: their command lines "
                                                       "or their configuration file are out of sight");
    if (!facts_saw(f, KIND_PODS))
        unknown = facts_gap_kind(f, f->arena, KIND_PODS);
    value_builder_init(&modes, f->arena);
    for (size_t i = 0; i < z.mode.count; i++)
        value_builder_push(&modes, value_str(z.mode.entry[i].key));
    value_builder_init(&b, f->arena);
    value_builder_set(&b, "modes", value_builder_list(&modes));
    value_builder_set(&b, "alwaysAllow", z.always_allow ? value_bool(true) : z.all_known ? value_bool(false) : unknown);
    value_builder_set(&b, "rbac", z.some_without_rbac              ? value_bool(false)
                                  : z.all_known || metric_rbac     ? value_bool(true)
                                                                   : unknown);
    value_builder_set(&b, "structured", value_bool(z.structured));
    value_builder_set(&b, "evidence", value_builder_list(&z.evidence));
    return value_builder_map(&b);
}

/* ---- Pod Security ---- */

static int64_t count_of(struct value row)
{
    const struct value *v = value_get(row, STR("value"));
    return v && v->kind == VALUE_DOUBLE && v->as.d > 0 ? (v->as.d < 9e15 ? (int64_t)v->as.d : INT64_C(9000000000000000)) : 0;
}

static struct value evaluations(struct facts *f, struct value rows)
{
    struct value_builder list, b;
    value_builder_init(&list, f->arena);
    for (uint32_t i = 0; i < rows.n; i++) {
        value_builder_init(&b, f->arena);
        value_builder_set(&b, "mode", value_str(value_text_at(value_item(rows, i), "mode", NULL)));
        value_builder_set(&b, "decision", value_str(value_text_at(value_item(rows, i), "decision", NULL)));
        value_builder_set(&b, "level", value_str(value_text_at(value_item(rows, i), "policy_level", NULL)));
        value_builder_set(&b, "count", value_int(count_of(value_item(rows, i))));
        value_builder_push(&list, value_builder_map(&b));
    }
    return value_builder_list(&list);
}

/* The series is made with the first exemption. */
static struct value exemptions(struct facts *f)
{
    struct value rows = facts_metric(f, "pod_security_exemptions_total");
    if (!rows.n)
        return facts_metrics_whole(f) ? value_int(0) : facts_gap_metrics(f, f->arena);
    return value_int(count_of(value_item(rows, 0)));
}

/* Neither a command line nor the metrics tell whether the plugin runs. */
static struct value pod_security_gap(struct facts *f)
{
    const struct coverage *c = &f->cluster->endpoint[ENDPOINT_METRICS];
    return facts_unavailable(f->arena, "whether admission plugin PodSecurity enforces labels is not seen: no kube-apiserver's command line is "
                             "wholly visible, and /metrics %s%s%.*s", c->state == COVERAGE_COMPLETE
                             ? "count no pod evaluated in mode enforce" : "could not be read", c->remedy.n ? "; " : "", STR_ARG(c->remedy));
}

struct value make_pod_security_admission(struct facts *f)
{
    struct value_builder b, evidence;
    struct value on;
    bool all_known = f->apiserver.count > 0 && facts_saw(f, KIND_PODS), off = false;
    value_builder_init(&evidence, f->arena);
    for (size_t i = 0; i < f->apiserver.count; i++) {
        const struct component *c = &f->apiserver.item[i];
        struct str old = value_text_at(c->flags, "admission-control", NULL);
        bool readable = !component_refused(c, (const char *const[]){ "admission-control", "disable-admission-plugins" }, 2).n;
        bool named = component_list_has(value_text_at(c->flags, "disable-admission-plugins", NULL), "PodSecurity");
        bool disabled = readable && (named || (old.n && !c->doubt.n && !component_list_has(old, "PodSecurity")));
        bool known = disabled || (readable && !c->doubt.n);
        off = off || disabled;
        all_known = all_known && known;
        facts_say(&evidence, f->arena, "%.*s: %s", STR_ARG(component_text(f->arena, c)),
                  disabled ? named ? "--disable-admission-plugins names PodSecurity" : "--admission-control does not name PodSecurity"
                  : known  ? "PodSecurity is not disabled (it is on by default)"
                           : "its command line is not wholly known");
    }
    struct value rows = facts_metric(f, "pod_security_evaluations_total");
    bool at_work = false;
    for (uint32_t i = 0; i < rows.n; i++) {
        const struct value *n = value_get(value_item(rows, i), STR("value"));
        at_work = at_work || (n && n->kind == VALUE_DOUBLE && n->as.d > 0 &&
                              str_eq_c(value_text_at(value_item(rows, i), "mode", NULL), "enforce"));
    }
    if (at_work)
        facts_say(&evidence, f->arena, "metric pod_security_evaluations_total counts evaluations in mode enforce");
    if (off || all_known || at_work)
        on = value_bool(!off);
    else
        on = pod_security_gap(f);
    value_builder_init(&b, f->arena);
    value_builder_set(&b, "on", on);
    value_builder_set(&b, "off", value_bool(off));
    value_builder_set(&b, "evaluations", evaluations(f, rows));
    value_builder_set(&b, "exemptions", exemptions(f));
    value_builder_set(&b, "evidence", value_builder_list(&evidence));
    return value_builder_map(&b);
}
