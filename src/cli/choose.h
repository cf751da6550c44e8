/* --benchmark auto: the shipped benchmark that fits the cluster. */
#ifndef KUBEVOUCH_CLI_CHOOSE_H
#define KUBEVOUCH_CLI_CHOOSE_H

#include "bench/benchmark.h"
#include "cluster/collect.h"

#define CHOOSE_AUTO "auto"
struct choice {
    struct str benchmark; /* its name */
    struct str reason;    /* one sentence */
    int minor;            /* the server's version; negative: not known */
};
/* Of what is known of the cluster: its version, API groups, nodes, kubeadm's ConfigMap. */
struct choice choose_of(struct arena *a, const struct cluster *cluster);
/* The reason, and the newer edition of what was chosen if the server's version is among those it is
 * written for. */
struct str choose_reason(struct arena *a, const struct choice *c, const struct benchmark *b);
/* Asks the server for just that. False if it cannot be reached. */
bool choose_benchmark(struct choice *out, struct arena *a, struct client *client,
                      struct err *err) WARN_UNUSED;

#endif
