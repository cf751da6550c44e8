/* The Pod Security Standards: every control at every version, with the API server's own words for
 * what breaks it.
 *
 * control.def, allowed.def and volume.def are the tables; pod_view.c reads a pod as Kubernetes'
 * types do; controls_*.c judge one control each; pod_security.c picks the controls of a level and
 * version; labels.c reads what a namespace asks for. Source: k8s.io/pod-security-admission v0.37,
 * which is the API server's code. */
#ifndef KUBEVOUCH_ANALYZE_POD_SECURITY_H
#define KUBEVOUCH_ANALYZE_POD_SECURITY_H

#include "base/vec.h"
#include "value/value.h"

enum pod_security_level { POD_SECURITY_PRIVILEGED, POD_SECURITY_BASELINE, POD_SECURITY_RESTRICTED };
/* "privileged", "baseline", "restricted". */
const char *pod_security_level_name(enum pod_security_level level);
/* False, *out untouched: text is none of the three. */
bool pod_security_level_of(enum pod_security_level *out, struct str text) WARN_UNUSED;

/* A version is the minor number behind "v1."; later ones than this program knows are judged as the
 * newest that it knows. */
#define POD_SECURITY_LATEST 0x7fffffff
#define POD_SECURITY_NEWEST 37
/* "latest" or "v1.N", no leading zero. False, *out untouched: it is neither. */
bool pod_security_version_of(int *out, struct str text) WARN_UNUSED;
/* "v1.35", "latest". */
struct str pod_security_version_text(struct arena *a, int version);

struct pod_security_violation {
    const char *control;           /* "runAsNonRoot": control.def's id */
    enum pod_security_level level; /* that first asks for the control */
    struct str reason, detail;     /* as the API server words them */
};
struct pod_security_result {
    VEC(struct pod_security_violation) violation;
    /* empty, or the first field that was looked at whose value has another type than Kubernetes
     * gives it ("spec.hostPID is text"): no API server takes such a pod, and it meets no level */
    struct str fault;
};
/* Judges pod ({metadata: {annotations}, spec}) at level and version. Texts live in a. */
struct pod_security_result pod_security_evaluate(struct arena *a, struct value pod,
                                                 enum pod_security_level level, int version);
/* The same by one control, over the pod as it is written, without the API server's defaults; false:
 * no control of that id at that version. */
bool pod_security_evaluate_control(struct pod_security_result *out, struct arena *a,
                                   struct value pod, struct str control, int version) WARN_UNUSED;
static inline bool pod_security_is_met(const struct pod_security_result *r)
{
    return !r->violation.count && !r->fault.n;
}

/* The ids of the controls that a level asks for at a version, a list of texts: those that began
 * later are not among them. Made in a. */
struct value pod_security_controls(struct arena *a, enum pod_security_level level, int version);

/* What a namespace's labels ask for. */
struct pod_security_setting {
    enum pod_security_level level;
    int version;
};
struct pod_security_policy {
    struct pod_security_setting enforce, audit, warn;
    bool valid; /* every label of Pod Security could be read */
};
/* As the API server reads labels (a map or null); what they leave open, otherwise says. */
struct pod_security_policy pod_security_policy_of(struct value labels,
                                                  const struct pod_security_policy *otherwise);
/* privileged, latest in all three: what holds where no file of the API server says otherwise. */
struct pod_security_policy pod_security_policy_default(void);

#endif
