/* Controls over what a container may do as whom: privileged, capabilities, escalation, users,
 * Windows' HostProcess. */
#include "analyze/podsecurity/control.h"

static struct str security_path(struct pod_view *p, const struct container_view *c)
{
    return pod_view_below(p, c->path, "securityContext");
}

/* "containers "a", "b" REST" */
static struct str containers_text(const struct words *bad, const char *rest)
{
    return str_printf(bad->arena, "%s %.*s %s", words_number(bad, "container", "containers"),
                      STR_ARG(words_quoted(bad)), rest);
}

bool judge_privileged(struct pod_view *p, int version, struct pod_security_violation *out)
{
    struct words bad = { .arena = p->arena };
    (void)version;
    for (size_t i = 0; i < p->container.count; i++) {
        const struct container_view *c = &p->container.item[i];
        if (pod_view_flag(p, c->security, security_path(p, c), "privileged") == POD_FLAG_TRUE)
            words_add(&bad, c->name);
    }
    out->reason = STR("privileged");
    out->detail = containers_text(&bad, "must not set securityContext.privileged=true");
    return !bad.list.count;
}

bool judge_privilege_escalation(struct pod_view *p, int version, struct pod_security_violation *out)
{
    struct words bad = { .arena = p->arena };
    (void)version;
    for (size_t i = 0; i < p->container.count; i++) {
        const struct container_view *c = &p->container.item[i];
        if (pod_view_flag(p, c->security, security_path(p, c), "allowPrivilegeEscalation") !=
            POD_FLAG_FALSE)
            words_add(&bad, c->name);
    }
    out->reason = STR("allowPrivilegeEscalation != false");
    out->detail = containers_text(&bad, "must set securityContext.allowPrivilegeEscalation=false");
    return !bad.list.count;
}

/* ---- capabilities ---- */

static struct value capability_list(struct pod_view *p, const struct container_view *c,
                                    const char *which, struct str *path)
{
    struct str at = security_path(p, c), below = pod_view_below(p, at, "capabilities");
    *path = pod_view_below(p, below, which);
    return pod_view_list(p, pod_view_map(p, c->security, at, "capabilities"), below, which);
}

/* Notes the container and the capabilities it adds beyond what is allowed. only: the one that is;
 * NULL: allowed.def's. */
static void note_added(struct pod_view *p, const struct container_view *c, int version,
                       const char *only, struct words *bad, struct words *names)
{
    struct str path;
    struct value add = capability_list(p, c, "add", &path);
    bool found = false;
    for (uint32_t i = 0; i < add.n; i++) {
        struct str name = pod_view_word(p, add, path, i);
        if (only ? str_eq_c(name, only) : allowed_has(ALLOWED_CAPABILITY, version, name))
            continue;
        found = true;
        words_add(names, name);
    }
    if (found)
        words_add(bad, c->name);
}

static struct str added_text(struct words *bad, struct words *names)
{
    words_make_set(names);
    return containers_text(
        bad,
        str_to_c(bad->arena,
                 str_printf(bad->arena, "must not include %.*s in securityContext.capabilities.add",
                            STR_ARG(words_quoted(names)))));
}

bool judge_capabilities_baseline(struct pod_view *p, int version,
                                 struct pod_security_violation *out)
{
    struct words bad = { .arena = p->arena }, names = { .arena = p->arena };
    for (size_t i = 0; i < p->container.count; i++)
        note_added(p, &p->container.item[i], version, NULL, &bad, &names);
    out->reason = STR("non-default capabilities");
    out->detail = added_text(&bad, &names);
    return !bad.list.count;
}

static bool drops_all(struct pod_view *p, const struct container_view *c)
{
    struct str path;
    struct value drop = capability_list(p, c, "drop", &path);
    for (uint32_t i = 0; i < drop.n; i++)
        if (str_eq_c(pod_view_word(p, drop, path, i), "ALL"))
            return true;
    return false;
}

bool judge_capabilities_restricted(struct pod_view *p, int version,
                                   struct pod_security_violation *out)
{
    struct words keeping = { .arena = p->arena }, adding = { .arena = p->arena },
                 names = { .arena = p->arena }, said = { .arena = p->arena };
    for (size_t i = 0; i < p->container.count; i++) {
        const struct container_view *c = &p->container.item[i];
        if (!drops_all(p, c))
            words_add(&keeping, c->name);
        note_added(p, c, version, "NET_BIND_SERVICE", &adding, &names);
    }
    if (keeping.list.count)
        words_add(&said, containers_text(&keeping,
                                         "must set securityContext.capabilities.drop=[\"ALL\"]"));
    if (adding.list.count)
        words_add(&said, added_text(&adding, &names));
    out->reason = STR("unrestricted capabilities");
    out->detail = words_joined(&said, "; ");
    return !said.list.count;
}

/* ---- users ---- */

bool judge_run_as_non_root(struct pod_view *p, int version, struct pod_security_violation *out)
{
    struct words setters = { .arena = p->arena }, refusing = { .arena = p->arena },
                 silent = { .arena = p->arena };
    enum pod_flag pod = pod_view_flag(p, p->security, STR("spec.securityContext"), "runAsNonRoot");
    (void)version;
    if (pod == POD_FLAG_FALSE)
        words_add(&setters, STR("pod"));
    for (size_t i = 0; i < p->container.count; i++) {
        const struct container_view *c = &p->container.item[i];
        enum pod_flag own = pod_view_flag(p, c->security, security_path(p, c), "runAsNonRoot");
        if (own == POD_FLAG_FALSE)
            words_add(&refusing, c->name);
        else if (own == POD_FLAG_UNSET && pod != POD_FLAG_TRUE)
            words_add(&silent, c->name);
    }
    words_add_containers(&setters, &refusing);
    out->reason = STR("runAsNonRoot != true");
    if (setters.list.count)
        out->detail = str_printf(p->arena, "%.*s must not set securityContext.runAsNonRoot=false",
                                 STR_ARG(words_joined(&setters, " and ")));
    else
        out->detail = str_printf(
            p->arena, "pod or %.*s",
            STR_ARG(containers_text(&silent, "must set securityContext.runAsNonRoot=true")));
    return !setters.list.count && !silent.list.count;
}

bool judge_run_as_user(struct pod_view *p, int version, struct pod_security_violation *out)
{
    struct words setters = { .arena = p->arena }, root = { .arena = p->arena };
    int64_t user;
    (void)version;
    if (pod_view_int(p, p->security, STR("spec.securityContext"), "runAsUser", &user) && user == 0)
        words_add(&setters, STR("pod"));
    for (size_t i = 0; i < p->container.count; i++) {
        const struct container_view *c = &p->container.item[i];
        if (pod_view_int(p, c->security, security_path(p, c), "runAsUser", &user) && user == 0)
            words_add(&root, c->name);
    }
    words_add_containers(&setters, &root);
    out->reason = STR("runAsUser=0");
    out->detail = str_printf(p->arena, "%.*s must not set runAsUser=0",
                             STR_ARG(words_joined(&setters, " and ")));
    return !setters.list.count;
}

static bool is_host_process(struct pod_view *p, struct value security, struct str path)
{
    struct value options = pod_view_map(p, security, path, "windowsOptions");
    return pod_view_flag(p, options, pod_view_below(p, path, "windowsOptions"), "hostProcess") ==
           POD_FLAG_TRUE;
}

bool judge_host_process(struct pod_view *p, int version, struct pod_security_violation *out)
{
    struct words setters = { .arena = p->arena }, bad = { .arena = p->arena };
    (void)version;
    if (is_host_process(p, p->security, STR("spec.securityContext")))
        words_add(&setters, STR("pod"));
    for (size_t i = 0; i < p->container.count; i++) {
        const struct container_view *c = &p->container.item[i];
        if (is_host_process(p, c->security, security_path(p, c)))
            words_add(&bad, c->name);
    }
    words_add_containers(&setters, &bad);
    out->reason = STR("hostProcess");
    out->detail =
        str_printf(p->arena, "%.*s must not set securityContext.windowsOptions.hostProcess=true",
                   STR_ARG(words_joined(&setters, " and ")));
    return !setters.list.count;
}
