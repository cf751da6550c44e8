/* What other tools said of the cluster, as they said it: shown beside our own verdicts, never part
 * of them. */
#ifndef KUBEVOUCH_CLUSTER_THIRD_PARTY_H
#define KUBEVOUCH_CLUSTER_THIRD_PARTY_H

#include "base/clock.h"
#include "base/vec.h"

struct third_party_result {
    struct str tool;      /* "kube-bench", "Trivy 0.50.1", "OpenShift Compliance Operator" */
    struct str benchmark; /* by its own name: "cis-1.12"; may be empty */
    struct str id;      /* by its own name: "1.1.1", "KCV0048", "file-permissions-kube-apiserver" */
    struct str control; /* of cis-kubernetes-2.0.1; empty: it has none that is surely the same */
    struct str where;   /* node, or what the file says instead: "master" */
    struct str verdict; /* its own word: PASS, FAIL, WARN ... */
    struct str detail;
    struct str file;
    struct instant seen;
    bool dated_by_file; /* it gives no time: seen is when the file was last written */
};
struct third_party {
    VEC(struct third_party_result) result;
};

#endif
