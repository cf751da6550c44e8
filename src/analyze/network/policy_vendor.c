/* Policies of Cilium and Calico: named where they may speak of a pod, not evaluated. */
#include "analyze/network/policy.h"

/* One of a namespace speaks of pods there only. */
static void read_name(struct net_policies *out, struct arena *a, enum kind kind, struct value object)
{
    struct net_policy *p = net_policy_add(out, a, kind, object);
    p->not_evaluated = STR("not evaluated");
    p->subject.own = p->ns;
}

void net_read_cilium(struct net_policies *out, struct arena *a, enum kind kind, struct value object)
{
    read_name(out, a, kind, object);
}

void net_read_calico(struct net_policies *out, struct arena *a, enum kind kind, struct value object)
{
    read_name(out, a, kind, object);
}
