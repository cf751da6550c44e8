/* The faults of a kubeconfig that client-go's validation finds, for a whole file or for what one
 * run uses. */
#ifndef KUBEVOUCH_KUBE_CONFIG_CHECK_H
#define KUBEVOUCH_KUBE_CONFIG_CHECK_H

#include "kube/config.h"

typedef VEC(struct str) config_faults;
void config_check_cluster(config_faults *f, struct arena *a, const struct kube_cluster *c);
void config_check_user(config_faults *f, struct arena *a, const struct kube_user *u);
void config_check_context(config_faults *f, struct arena *a, const struct kubeconfig *k,
                          const struct kube_context *c);
const struct kube_cluster *kubeconfig_cluster(const struct kubeconfig *k, struct str name);
const struct kube_user *kubeconfig_user(const struct kubeconfig *k, struct str name);
const struct kube_context *kubeconfig_context(const struct kubeconfig *k, struct str name);

#endif
