/* The labels by which a namespace asks Pod Security for a level and version of enforcing, auditing
 * and warning. */
#include "analyze/podsecurity/pod_security.h"

#define LABEL "pod-security.kubernetes.io/"

struct pod_security_policy pod_security_policy_default(void)
{
    struct pod_security_setting none = { POD_SECURITY_PRIVILEGED, POD_SECURITY_LATEST };
    return (struct pod_security_policy){ none, none, none, true };
}

/* Reads a level; one that is none counts as unread. True: the label is there. */
static bool read_level(struct value labels, const char *key, enum pod_security_level unread,
                       enum pod_security_level *out, bool *valid)
{
    const struct value *v = value_get(labels, str_from_c(key));
    if (!v)
        return false;
    if (!pod_security_level_of(out, value_text(*v))) {
        *out = unread;
        *valid = false;
    }
    return true;
}

static bool read_version(struct value labels, const char *key, int *out, bool *valid)
{
    const struct value *v = value_get(labels, str_from_c(key));
    if (!v)
        return false;
    if (!pod_security_version_of(out, value_text(*v))) {
        *out = POD_SECURITY_LATEST;
        *valid = false;
    }
    return true;
}

struct pod_security_policy pod_security_policy_of(struct value labels,
                                                  const struct pod_security_policy *otherwise)
{
    struct pod_security_policy p = *otherwise;
    bool enforce_valid = true;
    p.valid = true;
    bool has_enforce = read_level(labels, LABEL "enforce", POD_SECURITY_RESTRICTED,
                                  &p.enforce.level, &enforce_valid);
    p.valid = enforce_valid;
    (void)read_version(labels, LABEL "enforce-version", &p.enforce.version, &p.valid);
    (void)read_level(labels, LABEL "audit", POD_SECURITY_PRIVILEGED, &p.audit.level, &p.valid);
    (void)read_version(labels, LABEL "audit-version", &p.audit.version, &p.valid);
    bool has_warn =
        read_level(labels, LABEL "warn", POD_SECURITY_PRIVILEGED, &p.warn.level, &p.valid);
    bool has_warn_version = read_version(labels, LABEL "warn-version", &p.warn.version, &p.valid);
    /* Warnings follow what is enforced unless they are asked for themselves. */
    if (!has_warn && has_enforce && enforce_valid && p.enforce.level > p.warn.level) {
        p.warn.level = p.enforce.level;
        if (!has_warn_version)
            p.warn.version = p.enforce.version;
    }
    return p;
}
