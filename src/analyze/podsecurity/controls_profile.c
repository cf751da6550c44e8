/* Controls over the profiles that confine a container: AppArmor, SELinux, seccomp. */
#include "analyze/podsecurity/control.h"
#include "cluster/taint.h"

#define APP_ARMOR_KEY         "container.apparmor.security.beta.kubernetes.io/"
#define SECCOMP_POD_KEY       "seccomp.security.alpha.kubernetes.io/pod"
#define SECCOMP_CONTAINER_KEY "container.seccomp.security.alpha.kubernetes.io/"

static struct str security_path(struct pod_view *p, const struct container_view *c)
{
    return pod_view_below(p, c->path, "securityContext");
}

enum profile_state { PROFILE_UNSET, PROFILE_CONFINED, PROFILE_OPEN };

/* The profile under key of a security context: its type is told in *type. */
static enum profile_state profile_of(struct pod_view *p, struct value security, struct str path,
                                     const char *key, struct str *type)
{
    struct value profile = pod_view_map(p, security, path, key);
    if (profile.kind != VALUE_MAP)
        return PROFILE_UNSET;
    *type = pod_view_text(p, profile, pod_view_below(p, path, key), "type", NULL);
    return str_eq_c(*type, "RuntimeDefault") || str_eq_c(*type, "Localhost") ? PROFILE_CONFINED
                                                                             : PROFILE_OPEN;
}

/* Who sets a profile that confines nothing, and to what; silent gets the containers for which
 * nobody sets one. */
struct profile_setters {
    struct words setters, values, silent;
};

static struct profile_setters profile_setters_of(struct pod_view *p, const char *key)
{
    struct profile_setters s = { { .arena = p->arena },
                                 { .arena = p->arena },
                                 { .arena = p->arena } };
    struct words bad = { .arena = p->arena };
    struct str type = { 0 };
    enum profile_state pod = profile_of(p, p->security, STR("spec.securityContext"), key, &type);
    if (pod == PROFILE_OPEN) {
        words_add(&s.setters, STR("pod"));
        words_add(&s.values, type);
    }
    for (size_t i = 0; i < p->container.count; i++) {
        const struct container_view *c = &p->container.item[i];
        enum profile_state own = profile_of(p, c->security, security_path(p, c), key, &type);
        if (own == PROFILE_OPEN) {
            words_add(&bad, c->name);
            words_add(&s.values, type);
        } else if (own == PROFILE_UNSET && pod != PROFILE_CONFINED) {
            words_add(&s.silent, c->name);
        }
    }
    words_add_containers(&s.setters, &bad);
    words_make_set(&s.values);
    return s;
}

/* An annotation may hold anything: what is no name of a profile is told by its size. */
static struct str profile_shown(struct pod_view *p, struct str key, struct str profile)
{
    const struct value *v = value_get(p->annotations, key);
    bool hidden = v && taint_is(*v) && !taint_annotation_is_plain(key, profile);
    return hidden ? taint_text(p->arena, *v) : words_go_quote(p->arena, profile);
}

bool judge_app_armor(struct pod_view *p, int version, struct pod_security_violation *out)
{
    struct profile_setters s = profile_setters_of(p, "appArmorProfile");
    struct words annotation = { .arena = p->arena };
    (void)version;
    for (uint32_t i = 0; p->annotations.kind == VALUE_MAP && i < p->annotations.n; i++) {
        struct str key = value_text(p->annotations.as.map->entry[i].key);
        if (!str_has_prefix(key, STR(APP_ARMOR_KEY)))
            continue;
        struct str profile = pod_view_text(p, p->annotations, STR("metadata.annotations"),
                                           str_to_c(p->arena, key), NULL);
        if (profile.n && !str_eq_c(profile, "runtime/default") &&
            !str_has_prefix(profile, STR("localhost/")))
            words_add(&annotation, str_printf(p->arena, "%.*s=%.*s", STR_ARG(key),
                                              STR_ARG(profile_shown(p, key, profile))));
    }
    words_make_set(&annotation);
    for (size_t i = 0; i < annotation.list.count; i++)
        words_add(&s.values, annotation.list.item[i]);
    if (annotation.list.count)
        words_add(&s.setters, str_from_c(words_number(&annotation, "annotation", "annotations")));
    out->reason = str_from_c(
        words_number(&s.values, "forbidden AppArmor profile", "forbidden AppArmor profiles"));
    out->detail =
        str_printf(p->arena, "%.*s must not set AppArmor profile type to %.*s",
                   STR_ARG(words_joined(&s.setters, " and ")), STR_ARG(words_quoted(&s.values)));
    return !s.setters.list.count;
}

/* ---- SELinux ---- */

struct selinux_findings {
    struct words types;
    bool user, role;
};

static bool selinux_is_allowed(struct pod_view *p, struct value security, struct str path,
                               int version, struct selinux_findings *f)
{
    struct value options = pod_view_map(p, security, path, "seLinuxOptions");
    struct str below = pod_view_below(p, path, "seLinuxOptions");
    struct str type = pod_view_text(p, options, below, "type", NULL);
    bool has_user = pod_view_text(p, options, below, "user", NULL).n > 0;
    bool has_role = pod_view_text(p, options, below, "role", NULL).n > 0;
    bool type_ok = allowed_has(ALLOWED_SELINUX_TYPE, version, type);
    if (!type_ok)
        words_add(&f->types, type);
    f->user |= has_user;
    f->role |= has_role;
    return type_ok && !has_user && !has_role;
}

bool judge_selinux(struct pod_view *p, int version, struct pod_security_violation *out)
{
    struct selinux_findings f = { .types = { .arena = p->arena } };
    struct words setters = { .arena = p->arena }, bad = { .arena = p->arena },
                 said = { .arena = p->arena };
    if (!selinux_is_allowed(p, p->security, STR("spec.securityContext"), version, &f))
        words_add(&setters, STR("pod"));
    for (size_t i = 0; i < p->container.count; i++) {
        const struct container_view *c = &p->container.item[i];
        if (!selinux_is_allowed(p, c->security, security_path(p, c), version, &f))
            words_add(&bad, c->name);
    }
    words_add_containers(&setters, &bad);
    words_make_set(&f.types);
    if (f.types.list.count)
        words_add(&said, str_printf(p->arena, "%s %.*s", words_number(&f.types, "type", "types"),
                                    STR_ARG(words_quoted(&f.types))));
    if (f.user)
        words_add(&said, STR("user may not be set"));
    if (f.role)
        words_add(&said, STR("role may not be set"));
    out->reason = STR("seLinuxOptions");
    out->detail =
        str_printf(p->arena, "%.*s set forbidden securityContext.seLinuxOptions: %.*s",
                   STR_ARG(words_joined(&setters, " and ")), STR_ARG(words_joined(&said, "; ")));
    return !setters.list.count;
}

/* ---- seccomp ---- */

static void note_seccomp_annotation(struct pod_view *p, struct str key, struct words *bad)
{
    bool set;
    struct str v = pod_view_text(p, p->annotations, STR("metadata.annotations"),
                                 str_to_c(p->arena, key), &set);
    if (set && !str_eq_c(v, "runtime/default") && !str_eq_c(v, "docker/default") &&
        !str_has_prefix(v, STR("localhost/")))
        words_add(bad, str_printf(p->arena, "%.*s=%.*s", STR_ARG(key),
                                  STR_ARG(profile_shown(p, key, v))));
}

bool judge_seccomp_annotations(struct pod_view *p, int version, struct pod_security_violation *out)
{
    struct words bad = { .arena = p->arena };
    (void)version;
    note_seccomp_annotation(p, STR(SECCOMP_POD_KEY), &bad);
    for (size_t i = 0; i < p->container.count; i++)
        note_seccomp_annotation(
            p,
            str_printf(p->arena, SECCOMP_CONTAINER_KEY "%.*s", STR_ARG(p->container.item[i].name)),
            &bad);
    words_make_set(&bad);
    out->reason = STR("seccompProfile");
    out->detail =
        str_printf(p->arena, "forbidden %s %.*s", words_number(&bad, "annotation", "annotations"),
                   STR_ARG(words_joined(&bad, ", ")));
    return !bad.list.count;
}

bool judge_seccomp_baseline(struct pod_view *p, int version, struct pod_security_violation *out)
{
    struct profile_setters s = profile_setters_of(p, "seccompProfile");
    (void)version;
    out->reason = STR("seccompProfile");
    out->detail =
        str_printf(p->arena, "%.*s must not set securityContext.seccompProfile.type to %.*s",
                   STR_ARG(words_joined(&s.setters, " and ")), STR_ARG(words_quoted(&s.values)));
    return !s.setters.list.count;
}

bool judge_seccomp_restricted(struct pod_view *p, int version, struct pod_security_violation *out)
{
    if (!judge_seccomp_baseline(p, version, out))
        return false;
    struct profile_setters s = profile_setters_of(p, "seccompProfile");
    out->detail = str_printf(p->arena,
                             "pod or %s %.*s must set securityContext.seccompProfile.type to "
                             "\"RuntimeDefault\" or \"Localhost\"",
                             words_number(&s.silent, "container", "containers"),
                             STR_ARG(words_quoted(&s.silent)));
    return !s.silent.list.count;
}
