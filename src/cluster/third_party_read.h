/* Reading other tools' results: kube-bench's JSON, trivy-operator's
 * (Cluster)InfraAssessmentReports, OpenShift's ComplianceCheckResults; the latter two as kubectl
 * get -o yaml or json writes them, one, a List, or several documents. */
#ifndef KUBEVOUCH_CLUSTER_THIRD_PARTY_READ_H
#define KUBEVOUCH_CLUSTER_THIRD_PARTY_READ_H

#include "cluster/third_party.h"

#define THIRD_PARTY_RESULTS_MAX 200000u
/* Appends to *out. Unknown keys are passed over, as these formats grow; what is read has its type,
 * and words for verdicts are known ones: ERR_INPUT with the place. written: when the file was last
 * changed. */
bool third_party_parse(struct third_party *out, struct arena *a, struct str text, const char *file,
                       struct instant written, struct err *err) WARN_UNUSED;
bool third_party_read(struct third_party *out, struct arena *a, const char *path,
                      struct err *err) WARN_UNUSED;

#endif
