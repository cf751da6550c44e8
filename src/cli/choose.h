/* --benchmark auto: the shipped benchmark that fits the cluster. */
#ifndef KUBEVOUCH_CLI_CHOOSE_H
#define KUBEVOUCH_CLI_CHOOSE_H

#include "cluster/collect.h"

#define CHOOSE_AUTO "auto"
struct choice {
    struct str benchmark; /* its name */
    struct str reason;    /* one sentence */
};
/* Of what is known of the cluster: its version, API groups, nodes, kubeadm's ConfigMap. */
struct choice choose_of(struct arena *a, const struct cluster *cluster);
/* Asks the server for just that. False if it cannot be reached. */
bool choose_benchmark(struct choice *out, struct arena *a, struct client *client, struct err *err) WARN_UNUSED;

#endif
