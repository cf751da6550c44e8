/* What decided a connection, in words. */
#include "analyze/network/network.h"

static struct str rule_text(struct arena *a, const struct net_step *s)
{
    struct str name = s->rule->name.n ? str_printf(a, " (%.*s)", STR_ARG(s->rule->name)) : STR("");
    return str_printf(a, "rule %u%.*s", s->rule->index + 1, STR_ARG(name));
}

struct str net_step_text(struct arena *a, const struct net_step *s)
{
    const char *way = net_direction_name[s->direction];
    struct str policy = s->policy ? net_policy_text(a, s->policy) : STR("");
    if (s->reason == NET_BY_DEFAULT)
        return STR("no policy decides: allowed");
    if (s->reason == NET_BY_ISOLATION)
        return str_printf(a, "%.*s isolates the %s end for %s, and no rule lets it through: denied",
                          STR_ARG(policy), s->direction == NET_INGRESS ? "second" : "first", way);
    if (s->reason == NET_BY_OTHER && !s->rule)
        return str_printf(a, "covered by %.*s, which is not evaluated", STR_ARG(policy));
    if (s->reason == NET_BY_OTHER)
        return str_printf(a,
                          "%.*s, %s %.*s, speaks of peers that cannot be told from here (%s, if it "
                          "is one of them)",
                          STR_ARG(policy), way, STR_ARG(rule_text(a, s)),
                          net_action_name[s->action]);
    return str_printf(a, "%.*s, %s %.*s, %s it%s", STR_ARG(policy), way, STR_ARG(rule_text(a, s)),
                      net_action_name[s->action],
                      s->action == NET_PASS ? " on to the policies of namespaces" : "");
}
