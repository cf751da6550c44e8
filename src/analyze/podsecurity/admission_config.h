/* The API server's own configuration of Pod Security, in the file that
 * --admission-control-config-file names: what holds where a namespace has no labels, and who is
 * exempt from all of it.
 *
 * Sources: k8s.io/apiserver pkg/apis/apiserver (AdmissionConfiguration),
 * k8s.io/pod-security-admission admission/api (v1, v1beta1, v1alpha1, with its validation), loaded
 * strictly as that one is. */
#ifndef KUBEVOUCH_ANALYZE_POD_SECURITY_ADMISSION_CONFIG_H
#define KUBEVOUCH_ANALYZE_POD_SECURITY_ADMISSION_CONFIG_H

#include "analyze/podsecurity/pod_security.h"
#include "value/yaml.h"

struct names {
    VEC(struct str) item;
};
struct admission_config {
    /* the file has a configuration for plugin PodSecurity; without one the built-in defaults hold
     */
    bool configures;
    struct pod_security_policy defaults;
    struct names usernames, namespaces, runtime_classes; /* exempt */
    /* of a file that the configuration stands in and that is not part of this one; empty: it is all
     * here */
    struct str path;
    char sha256[65]; /* of the text; empty when it was read out of another document */
};

#define ADMISSION_CONFIG_BYTES_MAX ((size_t)1 << 20)

/* Reads an AdmissionConfiguration, or a PodSecurityConfiguration alone. A path is told, not
 * followed. What the API server would refuse is refused: unknown keys, other kinds and versions,
 * levels and names that are none, with file and place. */
bool admission_config_read(struct admission_config *out, struct arena *a, struct str text,
                           const char *file, struct err *err) WARN_UNUSED;
/* A PodSecurityConfiguration that stands in a value, as OpenShift keeps it. where names it in
 * errors. */
bool admission_config_of_value(struct admission_config *out, struct arena *a, struct value v,
                               const char *where, struct err *err) WARN_UNUSED;
/* With the PodSecurityConfiguration that its path names, read by the caller. */
bool admission_config_add(struct admission_config *c, struct arena *a, struct str text,
                          const char *file, struct err *err) WARN_UNUSED;

bool names_have(const struct names *n, struct str name);
/* The exempt user that makes every pod of workloads (a controller of kube-system, or the controller
 * manager); empty: none does. */
struct str admission_config_exempt_controller(const struct admission_config *c);

#endif
