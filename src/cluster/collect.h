/* Gathers a cluster through a client, live or recorded: reads lists item by item, keeps what
 * whole-cluster questions need (struct cluster), hands each object to the audit and drops it, and
 * writes down what was not seen. A refused or broken answer is coverage, never a failed run. */
#ifndef KUBEVOUCH_CLUSTER_COLLECT_H
#define KUBEVOUCH_CLUSTER_COLLECT_H

#include "cluster/cluster.h"
#include "kube/discover.h"

/* Who is told while objects go by. */
struct collect_observer {
    /* Each object that could be read, of every kind, in the order of arrival. object and its text
     * live during the call. */
    void (*object)(void *ctx, enum kind kind, struct value object, struct arena *scratch);
    /* The EARLY kinds are all in: those that streamed judging needs. */
    void (*early_done)(void *ctx);
    /* The recorder; may be NULL. An answer that is one document: status and body as they came. A
     * list: begin, its items as they were read, end. */
    void (*answer)(void *ctx, const struct call *call, struct str request_body, struct str body);
    void (*list_item)(void *ctx, enum kind kind, struct str path, struct value object);
    void (*list_end)(void *ctx, enum kind kind, const struct list_job *job,
                     const struct call *call);
    void *ctx;
};
#define KUBELETS_MS 120000
struct collect_options {
    struct kind_set kinds; /* which to list */
    /* single answers to ask for; what everybody may ask is always asked */
    struct endpoint_set endpoints;
    bool no_probes; /* the operator wants no requests without credentials, and no TLS handshakes */
    bool want_rights; /* what the run's identity may do beyond reading */
    enum kubelet_way kubelets;
    int64_t kubelets_ms;    /* for all kubelets together; 0: KUBELETS_MS */
    bool kubelets_insecure; /* as the transport has it, for the record */
};
/* What the run's own identity may do beyond reading what an audit needs: probed, shown in the
 * report. */
struct excess_right {
    const char *verb, *group, *resource, *what;
    bool known, allowed;
};
#define EXCESS_RIGHT_COUNT 3

struct collected {
    struct cluster *cluster; /* filled */
    struct discovery served; /* what the server told of itself */
    struct excess_right excess[EXCESS_RIGHT_COUNT];
};
/* False only when nothing can be audited: no server to talk to, or its certificate or our
 * credential was refused at the first question. */
bool collect_run(struct collected *out, struct client *client,
                 const struct collect_options *options, const struct collect_observer *observer,
                 struct err *err) WARN_UNUSED;

#endif
