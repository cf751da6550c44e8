/* The control plane as tables: one row an instance, with what is in force there and how it is
 * known. */
#include "analyze/facts_state.h"

void control_plane_close(struct facts *f)
{
    component_find(&f->component, f->arena, f->cluster);
    for (size_t i = 0; i < f->component.found.count; i++) {
        const struct component *c = &f->component.found.item[i];
        if (c->kind == COMPONENT_APISERVER && c->source != COMPONENT_FROM_KUBEADM)
            *VEC_PUSH(&f->apiserver, f->arena) = *c;
    }
}

/* ---- how it is known */

static const char *grade_of(const struct component *c)
{
    return c->source == COMPONENT_FROM_KUBEADM ? "declared" : "effective";
}

static struct str source_of(struct arena *a, const struct component *c)
{
    switch (c->source) {
    case COMPONENT_FROM_FLAGZ:
        return STR("/flagz");
    case COMPONENT_FROM_POD:
        return c->in_force.kind == VALUE_MAP ? STR("/flagz and mirror pod") : STR("mirror pod");
    case COMPONENT_FROM_OPENSHIFT:
    case COMPONENT_FROM_KUBEADM:
        break;
    }
    return component_text(a, c);
}

/* A load-balanced address answers for one instance; which one is only known when its address is a
 * pod's. */
static struct str instance_of(struct arena *a, const struct component *c)
{
    if (c->source == COMPONENT_FROM_FLAGZ)
        return STR(
            "the one API server that answered; others behind the same address were not asked");
    if (c->source == COMPONENT_FROM_POD && c->further)
        return str_printf(a, "%.*s/%.*s/%.*s", STR_ARG(c->ns), STR_ARG(c->pod),
                          STR_ARG(c->container));
    if (c->source == COMPONENT_FROM_POD)
        return str_printf(a, "%.*s/%.*s", STR_ARG(c->ns), STR_ARG(c->pod));
    return str_from_c(component_name(c->kind));
}

static struct value evidence(struct arena *a, const char *grade, struct str source,
                             const struct component *c)
{
    struct value_builder b;
    value_builder_init(&b, a);
    value_builder_set(&b, "grade", value_cstr(grade));
    value_builder_set(&b, "source", value_str(source));
    value_builder_set(&b, "instance", value_str(instance_of(a, c)));
    return value_builder_map(&b);
}

struct value facts_no_component(const struct facts *f, struct arena *a, enum component_kind kind)
{
    const struct coverage *flagz = &f->cluster->endpoint[ENDPOINT_FLAGZ];
    if (!facts_listed(f, KIND_PODS))
        return facts_gap_kind(f, a, KIND_PODS);
    if (kind != COMPONENT_APISERVER)
        return facts_unavailable(a,
                                 "no %s mirror pod is visible in kube-system: it is managed or "
                                 "runs outside the cluster, ask its operator for the command line",
                                 component_name(kind));
    return facts_unavailable(
        a,
        "no kube-apiserver mirror pod is visible in kube-system: the control plane is managed or "
        "runs outside the cluster; its flags could "
        "be read at /flagz (%.*s%s%.*s), else ask its operator for the command line",
        STR_ARG(flagz->reason.n ? flagz->reason : STR("not asked")), flagz->remedy.n ? "; " : "",
        STR_ARG(flagz->remedy));
}

static struct value not_wholly_known(struct arena *a, const struct component *c)
{
    struct str text = component_text(a, c);
    return facts_unavailable(a, "the configuration of %.*s is not wholly known: %.*s",
                             STR_ARG(text), STR_ARG(c->doubt));
}

/* An unavailable value when the component is in doubt or one of the flags cannot be read; else
 * null. */
static struct value fault_of(struct arena *a, const struct component *c, const char *const *flag,
                             size_t count)
{
    struct str refused = component_refused(c, flag, count);
    if (c->doubt.n)
        return not_wholly_known(a, c);
    return refused.n ? facts_unavailable(a, "%.*s", STR_ARG(refused)) : value_null();
}

static struct value flags_of(struct arena *a, const struct component *c)
{
    return c->doubt.n ? not_wholly_known(a, c) : c->flags;
}

/* ---- instances beside each other */

static int64_t count_of_kind(const struct facts *f, enum component_kind kind)
{
    int64_t n = 0;
    for (size_t i = 0; i < f->component.found.count; i++)
        n += f->component.found.item[i].kind == kind;
    return n;
}

/* ---- what the API server's flags come to */

static struct value encryption_of(struct arena *a, const struct component *c)
{
    struct value_builder b;
    struct str file = value_text_at(c->flags, "encryption-provider-config", NULL);
    struct str reload =
        value_text_at(c->flags, "encryption-provider-config-automatic-reload", NULL);
    struct value fault =
        fault_of(a, c,
                 (const char *const[]){ "encryption-provider-config",
                                        "encryption-provider-config-automatic-reload" },
                 2);
    if (value_is_error(fault))
        return fault;
    value_builder_init(&b, a);
    value_builder_set(&b, "configured", value_bool(file.n > 0));
    value_builder_set(&b, "file", value_str(file));
    value_builder_set(&b, "automaticReload", value_bool(str_eq_c(reload, "true")));
    return value_builder_map(&b);
}

static void add_items(struct value_builder *list, struct str items)
{
    struct str field;
    while (str_next_field(&items, ',', &field))
        if (field.n)
            value_builder_push(list, value_str(field));
}

/* Without the flags that name plugins these are on. Source: k8s.io/kubernetes
 * pkg/kubeapiserver/options/plugins.go. */
static const char *const default_plugin[] = {
    "CertificateApproval",
    "CertificateSigning",
    "CertificateSubjectRestriction",
    "DefaultIngressClass",
    "DefaultStorageClass",
    "DefaultTolerationSeconds",
    "LimitRanger",
    "MutatingAdmissionWebhook",
    "NamespaceLifecycle",
    "PersistentVolumeClaimResize",
    "PodSecurity",
    "Priority",
    "ResourceQuota",
    "RuntimeClass",
    "ServiceAccount",
    "StorageObjectInUseProtection",
    "TaintNodesByCondition",
    "ValidatingAdmissionPolicy",
    "ValidatingAdmissionWebhook",
};

/* --admission-control is the older form: it names all plugins that are on, so that those it leaves
 * out are off. An API server does not start with both forms; nor with a plugin that is on and off,
 * of which the worse is told. */
static struct value admission_of(struct arena *a, const struct component *c)
{
    struct value_builder b, on, off;
    struct str old = value_text_at(c->flags, "admission-control", NULL),
               enabled = value_text_at(c->flags, "enable-admission-plugins", NULL);
    struct str disabled = value_text_at(c->flags, "disable-admission-plugins", NULL), field;
    struct value fault =
        fault_of(a, c,
                 (const char *const[]){ "admission-control", "enable-admission-plugins",
                                        "disable-admission-plugins" },
                 3);
    if (value_is_error(fault))
        return fault;
    if (old.n && (enabled.n || disabled.n))
        return facts_unavailable(a, "the API server refuses --admission-control beside "
                                    "--enable-admission-plugins or --disable-admission-plugins: "
                                    "what is in force is not known");
    value_builder_init(&b, a);
    value_builder_init(&on, a);
    value_builder_init(&off, a);
    while (str_next_field(&enabled, ',', &field))
        if (field.n &&
            (str_eq_c(field, "AlwaysAdmit") || !component_list_has(disabled, str_to_c(a, field))))
            value_builder_push(&on, value_str(field));
    add_items(&on, old);
    add_items(&off, disabled);
    for (size_t i = 0; old.n && i < COUNT_OF(default_plugin); i++)
        if (!component_list_has(old, default_plugin[i]))
            value_builder_push(&off, value_cstr(default_plugin[i]));
    value_builder_set(&b, "enabled", value_builder_list(&on));
    value_builder_set(&b, "disabled", value_builder_list(&off));
    return value_builder_map(&b);
}

struct authorizers {
    struct value modes, node, rbac, always_allow;
};

static bool has_text(struct value list, const char *text)
{
    for (uint32_t i = 0; list.kind == VALUE_LIST && i < list.n; i++)
        if (str_eq_c(value_text(value_item(list, i)), text))
            return true;
    return false;
}

/* A request that no authorizer decided shows that none of them allows everything. Source:
 * k8s.io/apiserver pkg/endpoints/filters/metrics.go. */
static bool somebody_was_left_undecided(const struct facts *f)
{
    struct value rows = facts_metric(f, "authorization_attempts_total");
    for (uint32_t i = 0; i < rows.n; i++) {
        const struct value *n = value_get(value_item(rows, i), STR("value"));
        if (n && n->kind == VALUE_DOUBLE && n->as.d > 0 &&
            str_eq_c(value_text_at(value_item(rows, i), "result", NULL), "no-opinion"))
            return true;
    }
    return false;
}

/* The file is not visible; the authorizers that have decided something are counted. Metrics are of
 * one API server: they tell of this one only when there is no other. */
static void read_structured(struct authorizers *z, struct facts *f, struct arena *a,
                            const struct component *c)
{
    struct value_builder modes;
    struct value rows = facts_metric(f, "apiserver_authorization_decisions_total");
    bool is_only_one = f->apiserver.count == 1 && facts_listed(f, KIND_PODS);
    struct str text = component_text(a, c);
    value_builder_init(&modes, a);
    for (uint32_t i = 0; is_only_one && i < rows.n; i++) {
        struct str type = value_text_at(value_item(rows, i), "type", NULL);
        struct value so_far = value_builder_list(&modes);
        if (!has_text(so_far, str_to_c(a, type)))
            value_builder_push(&modes, value_str(type));
    }
    z->modes = value_builder_list(&modes);
    struct value unknown = facts_unavailable(
        a,
        "%.*s takes its authorizers from the file --authorization-config names, which the API does "
        "not show; metric "
        "apiserver_authorization_decisions_total %s (nonResourceURLs /metrics: get)",
        STR_ARG(text),
        is_only_one ? "does not show this one at work" : "tells of one of several API servers");
    z->node = has_text(z->modes, "Node") ? value_bool(true) : unknown;
    z->rbac = has_text(z->modes, "RBAC") ? value_bool(true) : unknown;
    z->always_allow = has_text(z->modes, "AlwaysAllow")               ? value_bool(true)
                      : is_only_one && somebody_was_left_undecided(f) ? value_bool(false)
                                                                      : unknown;
}

/* Source: k8s.io/kubernetes pkg/kubeapiserver/authorizer/modes. */
static bool are_modes(struct value modes)
{
    static const char *const mode[] = { "ABAC", "AlwaysAllow", "AlwaysDeny",
                                        "Node", "RBAC",        "Webhook" };
    for (uint32_t i = 0; i < modes.n; i++) {
        bool known = false;
        for (size_t k = 0; k < COUNT_OF(mode); k++)
            known = known || str_eq_c(value_text(value_item(modes, i)), mode[k]);
        if (!known)
            return false;
    }
    return modes.n > 0;
}

static struct value authorization_of(struct facts *f, struct arena *a, const struct component *c,
                                     struct value effective)
{
    struct value_builder b, modes;
    const struct value *file = value_get(effective, STR("authorization-config"));
    bool structured = file && (file->kind != VALUE_STRING || value_text(*file).n);
    struct authorizers z;
    struct value fault =
        fault_of(a, c, (const char *const[]){ "authorization-mode", "authorization-config" }, 2);
    if (value_is_error(fault))
        return fault;
    if (structured) {
        read_structured(&z, f, a, c);
    } else {
        value_builder_init(&modes, a);
        add_items(&modes, value_text_at(effective, "authorization-mode", NULL));
        z.modes = value_builder_list(&modes);
        z.node = value_bool(has_text(z.modes, "Node"));
        z.rbac = value_bool(has_text(z.modes, "RBAC"));
        z.always_allow = value_bool(has_text(z.modes, "AlwaysAllow"));
        if (!are_modes(z.modes) && !has_text(z.modes, "AlwaysAllow"))
            z.always_allow =
                facts_unavailable(a, "the API server does not start with this "
                                     "--authorization-mode: what is in force is not known");
    }
    value_builder_init(&b, a);
    value_builder_set(&b, "structured", value_bool(structured));
    value_builder_set(&b, "modes", z.modes);
    value_builder_set(&b, "node", z.node);
    value_builder_set(&b, "rbac", z.rbac);
    value_builder_set(&b, "alwaysAllow", z.always_allow);
    value_builder_set(&b, "evidence",
                      structured
                          ? evidence(a, "observed", STR("--authorization-config and metrics"), c)
                          : evidence(a, grade_of(c), source_of(a, c), c));
    return value_builder_map(&b);
}

/* ---- etcd */

/* A member that was started alone and joined by others still names itself only. */
static struct value members_of(struct facts *f, struct arena *a, const struct component *c)
{
    struct str cluster = value_text_at(c->flags, "initial-cluster", NULL), field,
               refused = component_refused(c, (const char *const[]){ "initial-cluster" }, 1);
    if (refused.n)
        return facts_unavailable(a, "%.*s", STR_ARG(refused));
    int64_t named = 0, seen = count_of_kind(f, COMPONENT_ETCD);
    while (str_next_field(&cluster, ',', &field))
        named += str_trim(field).n > 0;
    if (!named && seen < 2)
        return facts_unavailable(
            a, "how many members etcd has is not known: --initial-cluster does not say");
    return value_int(named > seen ? named : seen);
}

/* Whether etcd takes its clients' certificates from an authority that an API server takes for its
 * own clients: by the files, however they are spelled and wherever they are mounted. A relative
 * path may be any file. */
static struct value client_authority_of(struct facts *f, struct arena *a, const struct component *c)
{
    struct value_builder b, servers;
    struct value fault = fault_of(a, c, (const char *const[]){ "trusted-ca-file" }, 1),
                 shared = value_bool(false);
    struct str path = value_text_at(c->flags, "trusted-ca-file", NULL),
               file = component_file(a, c, path);
    if (value_is_error(fault))
        return fault;
    value_builder_init(&servers, a);
    for (size_t i = 0; path.n && i < f->apiserver.count; i++) {
        const struct component *s = &f->apiserver.item[i];
        struct value unread = fault_of(a, s, (const char *const[]){ "client-ca-file" }, 1);
        struct str theirs = value_text_at(s->flags, "client-ca-file", NULL);
        bool known = shared.kind == VALUE_BOOL && shared.as.b;
        if (theirs.n && !known && value_is_error(unread) == false &&
            str_eq(component_file(a, s, theirs), file))
            shared = value_bool(true);
        else if (!known && value_is_error(unread))
            shared = unread;
        else if (!known && theirs.n && (path.p[0] != '/' || theirs.p[0] != '/'))
            shared = facts_unavailable(
                a, "a relative path, of which nobody tells where it starts, may be the same file");
        value_builder_push(&servers, value_str(theirs));
    }
    if (!f->apiserver.count)
        shared = facts_no_component(f, a, COMPONENT_APISERVER);
    value_builder_init(&b, a);
    value_builder_set(&b, "file", value_str(file));
    value_builder_set(&b, "shared", shared);
    value_builder_set(&b, "servers", value_builder_list(&servers));
    return value_builder_map(&b);
}

/* ---- rows */

/* The pod's; a further container of it that runs the same is a row of its own. */
static struct str row_name(struct arena *a, const struct component *c)
{
    if (c->further)
        return str_printf(a, "%.*s/%.*s", STR_ARG(c->pod), STR_ARG(c->container));
    return c->pod.n ? c->pod : STR("flagz");
}

static void begin_row(struct arena *a, struct str name, const struct component *c,
                      struct value_builder *b)
{
    bool is_pod = c && c->source == COMPONENT_FROM_POD;
    value_builder_init(b, a);
    value_builder_set(b, "name", value_str(name));
    value_builder_set(b, "pod", value_str(is_pod ? c->pod : STR("")));
    value_builder_set(b, "namespace", value_str(c ? c->ns : STR("")));
    value_builder_set(b, "node", value_str(is_pod ? c->node : STR("")));
}

static const char *const derived_field[] = { "flags",    "effective", "defaulted",
                                             "evidence", "instances", "differs" };
static const char *const apiserver_field[] = { "encryption", "admission", "authorization" };
static const char *const etcd_field[] = { "members", "clientAuthority" };

/* The row that stands for those not seen: nothing of it is known, so that no check passes for want
 * of an instance. */
static void add_unseen(struct facts *f, struct facts_rows *out, enum component_kind kind)
{
    struct value_builder object, derived;
    struct value why = facts_no_component(f, out->arena, kind);
    begin_row(out->arena, str_from_c(component_name(kind)), NULL, &object);
    value_builder_init(&derived, out->arena);
    for (size_t i = 0; i < sizeof derived_field / sizeof *derived_field; i++)
        value_builder_set(&derived, derived_field[i], why);
    for (size_t i = 0;
         kind == COMPONENT_APISERVER && i < sizeof apiserver_field / sizeof *apiserver_field; i++)
        value_builder_set(&derived, apiserver_field[i], why);
    for (size_t i = 0; kind == COMPONENT_ETCD && i < sizeof etcd_field / sizeof *etcd_field; i++)
        value_builder_set(&derived, etcd_field[i], why);
    facts_add_row(f, out, value_builder_map(&object), value_builder_map(&derived));
}

static void add_seen(struct facts *f, struct facts_rows *out, const struct component *c)
{
    struct arena *a = out->arena;
    struct value_builder object, derived;
    struct value defaulted, effective = component_effective(a, c, f->cluster->minor, &defaulted);
    struct value unknown = c->doubt.n ? not_wholly_known(a, c) : value_null();
    begin_row(a, row_name(a, c), c, &object);
    value_builder_init(&derived, a);
    value_builder_set(&derived, "flags", flags_of(a, c));
    value_builder_set(&derived, "effective", c->doubt.n ? unknown : effective);
    value_builder_set(&derived, "defaulted", c->doubt.n ? unknown : defaulted);
    value_builder_set(&derived, "evidence", evidence(a, grade_of(c), source_of(a, c), c));
    value_builder_set(&derived, "instances", value_int(count_of_kind(f, c->kind)));
    value_builder_set(&derived, "differs", component_differences(a, &f->component, c));
    if (c->kind == COMPONENT_APISERVER) {
        value_builder_set(&derived, "encryption", encryption_of(a, c));
        value_builder_set(&derived, "admission", admission_of(a, c));
        value_builder_set(&derived, "authorization", authorization_of(f, a, c, effective));
    } else if (c->kind == COMPONENT_ETCD) {
        value_builder_set(&derived, "members", c->doubt.n ? unknown : members_of(f, a, c));
        value_builder_set(&derived, "clientAuthority", client_authority_of(f, a, c));
    }
    facts_add_row(f, out, value_builder_map(&object), value_builder_map(&derived));
}

static void make_rows(struct facts *f, struct facts_rows *out, enum component_kind kind)
{
    if (!count_of_kind(f, kind)) {
        add_unseen(f, out, kind);
        return;
    }
    for (size_t i = 0; i < f->component.found.count; i++)
        if (f->component.found.item[i].kind == kind)
            add_seen(f, out, &f->component.found.item[i]);
}

void facts_make_apiservers(struct facts *f, struct facts_rows *out)
{
    make_rows(f, out, COMPONENT_APISERVER);
}
void facts_make_controllermanagers(struct facts *f, struct facts_rows *out)
{
    make_rows(f, out, COMPONENT_CONTROLLER_MANAGER);
}
void facts_make_schedulers(struct facts *f, struct facts_rows *out)
{
    make_rows(f, out, COMPONENT_SCHEDULER);
}
void facts_make_etcds(struct facts *f, struct facts_rows *out)
{
    make_rows(f, out, COMPONENT_ETCD);
}

/* ---- facts.apiServers */

struct value make_api_servers(struct facts *f)
{
    struct value_builder list, row;
    value_builder_init(&list, f->arena);
    if (!f->apiserver.count)
        return facts_no_component(f, f->arena, COMPONENT_APISERVER);
    for (size_t i = 0; i < f->apiserver.count; i++) {
        const struct component *c = &f->apiserver.item[i];
        begin_row(f->arena, row_name(f->arena, c), c, &row);
        value_builder_set(&row, "flags", flags_of(f->arena, c));
        value_builder_push(&list, value_builder_map(&row));
    }
    return value_builder_list(&list);
}
