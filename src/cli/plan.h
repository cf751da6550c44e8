/* What an audit judges by: a benchmark, or admission policies. */
#ifndef KUBEVOUCH_CLI_PLAN_H
#define KUBEVOUCH_CLI_PLAN_H

#include "analyze/control_plane/authentication_config.h"
#include "analyze/network/scope.h"
#include "analyze/podsecurity/admission_config.h"
#include "analyze/secrets/encryption.h"
#include "audit/audit.h"
#include "bench/policy_benchmark.h"
#include "bench/statements.h"
#include "cli/option.h"
#include "cluster/node_facts_read.h"
#include "cluster/third_party_read.h"
#include "kube/client.h"

struct plan {
    struct benchmark bench;
    struct framework *framework;
    size_t framework_count;
    bool *selected;
    struct value params, params_asked;            /* in force; without those that were given */
    struct encryption_config *encryption;         /* NULL: none was given */
    struct admission_config *admission;           /* the same */
    struct authentication_config *authentication; /* the same */
    struct node_evidence *nodes;                  /* the same */
    struct statements *statements;                /* the same */
    struct third_party *third_party;              /* the same */
    struct net_scopes *scopes;                    /* the same */
    struct policies policies;                     /* with --policy */
    bool automatic;                 /* --benchmark auto: chosen by what the server says of itself */
    struct str reason;              /* why that one was chosen; empty: it was named */
    const struct audit_asking *ask; /* kubevouch eval: nothing is judged */
    /* --policy cluster: there is no benchmark before the cluster's policies were read */
    bool of_cluster;
    /* --policy over files: there is none before it is known what kinds they hold */
    struct kind_gather *gather; /* NULL: it is not so */
};
/* The checks that --profile, --check, --skip and --tag ask for. */
struct selection plan_selection(const struct options *o);
/* Settled before the first request, but for --policy cluster and --benchmark auto. */
bool plan_make(struct plan *p, const struct options *o, struct arena *run,
               struct err *err) WARN_UNUSED;
/* Of an automatic one: asks the server for as much as it takes to choose, and settles the rest.
 * ERR_USAGE: not the server's fault. */
bool plan_choose(struct plan *p, const struct options *o, struct client *client, struct arena *run,
                 struct err *err) WARN_UNUSED;
/* With the policies that the cluster has; once its EARLY kinds are in. */
bool plan_of_cluster(struct plan *p, const struct options *o, const struct cluster *c,
                     struct arena *run, struct err *err) WARN_UNUSED;

/* With what the files hold; once they are open. */
bool plan_of_files(struct plan *p, const struct options *o, struct arena *run,
                   struct err *err) WARN_UNUSED;

#endif
