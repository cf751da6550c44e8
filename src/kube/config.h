/* kubeconfig v1 as client-go reads it: files, merging, overrides, validation, and in-cluster
 * settings. Reads only; nothing here connects. Credentials are held in the arena, and overwritten
 * when it gives the memory back; no message holds any part of one. */
#ifndef KUBEVOUCH_KUBE_CONFIG_H
#define KUBEVOUCH_KUBE_CONFIG_H

#include "base/vec.h"
#include "value/yaml.h"

struct kube_cluster {
    struct str name, server, tls_server_name, ca_file, ca_data /* PEM, decoded */, proxy_url;
    bool insecure_skip_tls_verify, disable_compression;
    struct value exec_extension; /* client.authentication.k8s.io/exec, for plugins; null if none */
    struct str origin_dir;
};
struct kube_exec {
    bool is_set;
    struct str command, api_version, install_hint, interactive_mode;
    struct str *arg;
    size_t arg_count;
    struct str *env; /* NAME=VALUE */
    size_t env_count;
    bool provide_cluster_info;
};
struct kube_user {
    struct str name, cert_file, cert_data, key_file, key_data, token, token_file, username,
        password;
    struct str as, as_uid;
    struct str *as_group;
    size_t as_group_count;
    struct value as_user_extra; /* map of lists, or null */
    /* name of a removed provider, "(no name)" without: refused with the exec replacement named */
    struct str auth_provider;
    struct kube_exec exec;
    struct str origin_dir;
};
struct kube_context {
    struct str name, cluster, user, ns;
};
struct kubeconfig {
    VEC(struct kube_cluster) cluster;
    VEC(struct kube_user) user;
    VEC(struct kube_context) context;
    struct str current_context;
    /* what was read, ":" between them; where it was looked for if there was none */
    struct str files;
};

/* What the command line may set; empty or false: not given. */
struct kube_overrides {
    struct str kubeconfig, context, cluster, user, server, ns, token, ca_file, tls_server_name,
        request_timeout;
    struct str cert_file, key_file, as, as_uid, proxy_url;
    struct str default_server; /* where nothing else names one */
    struct str *as_group, *as_user_extra /* KEY=VALUE */;
    size_t as_group_count, as_user_extra_count;
    bool insecure_skip_tls_verify, disable_compression;
};

/* The settings in force for one run: what http needs. */
struct kube_settings {
    struct str context_name, cluster_name, user_name; /* empty when in-cluster */
    bool in_cluster;
    struct kube_cluster cluster; /* relative paths resolved */
    struct kube_user user;
    struct str ns;
    int64_t request_timeout_ms; /* 0: none given */
};

/* From --kubeconfig, $KUBECONFIG (a list, first file wins), ~/.kube/config (or the older
 * ~/.kube/.kubeconfig), in this order; overrides applied; validated as client-go does. Where all of
 * that names no cluster: the pod's service account. Errors name the file, the entry and the field;
 * ERR_NOT_FOUND when there is nothing to connect to. */
struct kube_environment {
    const char *(*get)(const char *name);
    const char *service_account_dir; /* NULL: /var/run/secrets/kubernetes.io/serviceaccount */
};
bool kube_settings_load(struct kube_settings *out, struct arena *a, const struct kube_overrides *o,
                        const struct kube_environment *env, struct err *err) WARN_UNUSED;
/* Where they connect to: the cluster's server as it is written, but "HOST:PORT" without a scheme is
 * https when something about TLS is said beside it. Source: client-go rest/url_utils.go,
 * defaultServerUrlFor and DefaultServerURL. */
struct str kube_settings_url(const struct kube_settings *s, struct arena *a);

/* The first step alone: the files that o->kubeconfig or env name, merged; missing ones of a list
 * are skipped. */
bool kubeconfig_load(struct kubeconfig *out, struct arena *a, const struct kube_overrides *o,
                     const struct kube_environment *env, struct err *err) WARN_UNUSED;

/* The last step alone: a merged kubeconfig and overrides. ERR_USAGE, with what there is instead,
 * where an override names a context, cluster or user that is not there; ERR_INPUT where the files
 * are at fault. */
bool kube_settings_resolve(struct kube_settings *out, struct arena *a, const struct kubeconfig *k,
                           const struct kube_overrides *o, struct err *err) WARN_UNUSED;

/* The parts, for tests and lint. A file holds at most KUBECONFIG_ENTRIES_MAX of each: clusters,
 * users, contexts. */
#define KUBECONFIG_BYTES_MAX   ((size_t)16 << 20)
#define KUBECONFIG_ENTRIES_MAX 4096u
/* path names the text in errors, and relative paths in it start from its folder. */
bool kubeconfig_parse(struct kubeconfig *out, struct arena *a, struct str text, const char *path,
                      struct err *err) WARN_UNUSED;
bool kubeconfig_read(struct kubeconfig *out, struct arena *a, const char *path,
                     struct err *err) WARN_UNUSED;
/* First file that names an entry wins it whole. */
void kubeconfig_merge(struct kubeconfig *into, struct arena *a, const struct kubeconfig *from);
/* All faults, one line each, in *faults; true when there are none. */
bool kubeconfig_validate(const struct kubeconfig *k, struct arena *a, struct str **faults,
                         size_t *fault_count);
/* The same for what one context uses: name, or the current context if it is empty. */
bool kubeconfig_validate_context(const struct kubeconfig *k, struct arena *a, struct str name,
                                 struct str **faults, size_t *fault_count);

#endif
