/* Policies of Cilium and Calico. */
#include "analyze/network/policy.h"

void net_read_cilium(struct net_policies *out, struct arena *a, enum kind kind, struct value object)
{
    net_policy_add(out, a, kind, object)->not_evaluated = STR("not evaluated");
}

void net_read_calico(struct net_policies *out, struct arena *a, enum kind kind, struct value object)
{
    net_policy_add(out, a, kind, object)->not_evaluated = STR("not evaluated");
}
