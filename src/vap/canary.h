/* What the admission policies of the cluster that is audited say of canary pods. */
#ifndef KUBEVOUCH_VAP_CANARY_H
#define KUBEVOUCH_VAP_CANARY_H

#include "analyze/facts.h"

/* The judge for facts_give_pod_admission. cluster and facts outlive it; policies are read when they
 * are first asked for, which is after the EARLY stage. Answers are kept in a, each made once. */
struct pod_admission_judge canary_judge(struct arena *a, const struct cluster *cluster,
                                        struct facts *facts);

#endif
