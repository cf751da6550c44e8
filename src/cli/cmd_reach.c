/* kubevouch reach: whether one end may connect to another, by which rules, and whether anything
 * enforces them. */
#include "base/names.h"
#include "bench/asked.h"
#include "cli/auditing.h"
#include "cli/data.h"
#include "cli/reach_end.h"
#include "cli/rights.h"
#include "value/json_doc.h"

#define REACH_PAIRS_MAX 10000u
#define ROW_BYTES_MAX   ((size_t)16 << 20)

struct reaching {
    struct arena *run;
    enum print_form form;
    struct reach_end from, to;
    struct str port_text;       /* --port; empty: all ports */
    struct port_set port;       /* by number; none where port_name is set */
    struct str port_name;       /* of a container's port */
    enum net_protocol protocol; /* of port_name; NET_PROTOCOLS: any */
    enum net_enforcement enforcement;
    struct value plugin, unseen; /* facts.networkPlugin; why policies may be missing */
    size_t told;
    bool over, answered;
};

/* ---- --port */

static enum net_protocol protocol_named(struct str word)
{
    for (size_t p = 0; p < NET_PROTOCOLS; p++)
        if (str_eq_nocase(word, str_from_c(net_protocol_name[p])))
            return (enum net_protocol)p;
    return NET_PROTOCOLS;
}

static bool parse_port(struct reaching *r, struct str text, struct err *err)
{
    struct str number = text, protocol = { 0 };
    uint64_t n;
    bool named = str_cut(text, '/', &number, &protocol);
    r->protocol = named ? protocol_named(protocol) : NET_PROTOCOLS;
    r->port_text = text;
    if (!number.n || (named && r->protocol == NET_PROTOCOLS))
        return err_set(
            err, ERR_USAGE,
            "--port: \"%.*s\" is no port: 443, 53/udp, or the name of a container's port",
            STR_ARG(text));
    if (!str_to_uint64(number, &n)) {
        r->port_name = number;
        return true;
    }
    if (n < 1 || n > NET_PORT_MAX)
        return err_set(err, ERR_USAGE, "--port: %.*s is not from 1 to 65535", STR_ARG(number));
    uint32_t key = net_port_key(named ? r->protocol : NET_TCP, (uint32_t)n);
    const struct port_span span = { key, key };
    r->port = ports_of(r->run, &span, 1);
    return true;
}

/* A name is a port of the end that is reached; none there: none. */
static struct port_set ports_asked(const struct reaching *r, const struct net_end *to,
                                   struct arena *a)
{
    VEC(struct port_span) span = { 0 };
    if (!r->port_text.n)
        return ports_all(a);
    for (uint32_t i = 0; r->port_name.n && to->ports.kind == VALUE_LIST && i < to->ports.n; i++) {
        struct value port = value_item(to->ports, i);
        enum net_protocol p = net_protocol_of(value_text_at(port, "protocol", NULL));
        int64_t number = value_int_at(port, 0, "port", NULL);
        if (!str_eq(value_text_at(port, "name", NULL), r->port_name) || p == NET_PROTOCOLS ||
            number < 1 || number > NET_PORT_MAX ||
            (r->protocol != NET_PROTOCOLS && r->protocol != p))
            continue;
        uint32_t key = net_port_key(p, (uint32_t)number);
        *VEC_PUSH(&span, a) = (struct port_span){ key, key };
    }
    return r->port_name.n ? ports_of(a, span.item, span.count) : r->port;
}

/* ---- one pair */

struct pair {
    const struct reach_peer *from, *to;
    bool same;       /* one pod, or pods of one workload or class, by themselves */
    struct str note; /* what stands above policies; empty: nothing */
    struct port_set asked, allowed;
    enum net_verdict policies, verdict;
    struct net_answer answer;
};

/* Within one pod, and between a pod and its own node, nothing keeps apart what policies deny.
 * Source: kubernetes.io, Network Policies: traffic from the node that a pod runs on, and its own,
 * is always let through. */
static void judge_above_policies(struct pair *p)
{
    const struct reach_peer *from = p->from, *to = p->to;
    bool one = p->same && from->is_one_pod,
         node =
             from->end.is_pod && to->end.is_pod && from->end.host_network != to->end.host_network,
         placed = from->node.n && to->node.n, together = placed && str_eq(from->node, to->node);
    if (p->verdict == NET_OPEN || !p->asked.count || (!one && (!node || (placed && !together))))
        return;
    p->verdict = one || together ? NET_OPEN : NET_UNSURE;
    p->note = one        ? STR("within one pod all is allowed, whatever policies say")
              : together ? STR("the two are on one node, and one is of the node's network: that is "
                               "allowed, whatever policies say")
                         : STR("one is of its node's network: allowed where the other is on the "
                               "same node, whatever policies say, and elsewhere as follows");
}

static void judge_pair(struct reaching *r, struct network *n, struct pair *p, struct arena *a)
{
    p->asked = ports_asked(r, &p->to->end, a);
    p->same = str_eq(p->from->name, p->to->name) && p->from->end.is_pod;
    network_between(n, &p->from->end, &p->to->end, a, &p->answer);
    p->allowed = ports_both(a, p->answer.allowed, p->asked);
    bool sure = !r->unseen.n;
    p->policies = !p->asked.count || !sure ? NET_UNSURE
                                           : network_verdict(&p->answer, p->asked, NET_ENFORCED, a);
    p->verdict =
        !p->asked.count ? NET_UNSURE : network_verdict(&p->answer, p->asked, r->enforcement, a);
    if (!sure && r->enforcement != NET_ENFORCED_NOT)
        p->verdict = NET_UNSURE;
    judge_above_policies(p);
}

static struct str enforced_text(const struct reaching *r, struct arena *a)
{
    struct str names = { 0 };
    const struct value *list = value_get(r->plugin, STR("names"));
    for (uint32_t i = 0; list && list->kind == VALUE_LIST && i < list->n; i++)
        names = str_printf(a, "%.*s%s%.*s", STR_ARG(names), i ? ", " : "",
                           STR_ARG(value_text(value_item(*list, i))));
    if (r->plugin.kind == VALUE_ERROR)
        return str_printf(a, "not known: %.*s", STR_ARG(r->plugin.as.error->text));
    if (r->enforcement == NET_ENFORCED_PERHAPS)
        return names.n
                   ? str_printf(
                         a, "not known: it depends on settings of %.*s that the API does not show",
                         STR_ARG(names))
                   : STR("not known: no network plugin was recognised");
    return str_printf(a, "%s, %.*s", r->enforcement == NET_ENFORCED ? "yes" : "no", STR_ARG(names));
}

/* ---- telling */

static void put_text(struct reaching *r, const struct pair *p, struct arena *a)
{
    rights_put(str_printf(a, "%.*s to %.*s%s%.*s: %s", STR_ARG(p->from->name), STR_ARG(p->to->name),
                          r->port_text.n ? ", port " : "", STR_ARG(r->port_text),
                          net_verdict_name[p->verdict]));
    if (p->asked.count && p->policies == NET_PARTLY)
        rights_put(str_printf(a, " (by the policies on %.*s)", STR_ARG(ports_text(a, p->allowed))));
    else if (p->verdict != p->policies)
        rights_put(str_printf(a, " (by the policies %s)", net_verdict_name[p->policies]));
    putchar('\n');
    if (p->from->more || p->to->more)
        printf("  the first of %zu like it, the second of %zu\n", p->from->more + 1,
               p->to->more + 1);
    if (!p->asked.count)
        puts("  no container of the second end has a port of that name");
    if (p->note.n) {
        rights_put(str_printf(a, "  %.*s\n", STR_ARG(p->note)));
    } else if (p->same)
        puts("  within one pod all is allowed; what follows is for others of its kind");
    for (size_t i = 0; i < p->answer.step.count; i++) {
        const struct net_step *s = &p->answer.step.item[i];
        struct port_set ports = ports_both(a, s->ports, p->asked);
        if (!ports.count)
            continue;
        rights_put(str_printf(a, "  %s, %.*s: %.*s", net_direction_name[s->direction],
                              STR_ARG(ports_text(a, ports)), STR_ARG(net_step_text(a, s))));
        putchar('\n');
    }
}

static struct value step_value(struct arena *a, const struct net_step *s, struct port_set ports)
{
    static const char *const reason[] = { "rule", "isolation", "default", "not-evaluated" };
    struct value_builder b;
    value_builder_init(&b, a);
    value_builder_set(&b, "direction", value_cstr(net_direction_name[s->direction]));
    value_builder_set(&b, "ports", value_str(ports_text(a, ports)));
    value_builder_set(&b, "by", value_cstr(reason[s->reason]));
    value_builder_set(&b, "action",
                      s->reason == NET_BY_OTHER ? value_null()
                                                : value_cstr(net_action_name[s->action]));
    value_builder_set(&b, "policy",
                      s->policy ? value_str(net_policy_text(a, s->policy)) : value_null());
    value_builder_set(&b, "rule", s->rule ? value_int((int64_t)s->rule->index + 1) : value_null());
    if (s->rule && s->rule->name.n)
        value_builder_set(&b, "ruleName", value_str(s->rule->name));
    value_builder_set(&b, "text", value_str(net_step_text(a, s)));
    return value_builder_map(&b);
}

static struct value pair_value(struct reaching *r, const struct pair *p, struct arena *a)
{
    struct value_builder b, steps;
    value_builder_init(&b, a);
    value_builder_init(&steps, a);
    value_builder_set(&b, "from", value_str(p->from->name));
    value_builder_set(&b, "fromCount", value_int((int64_t)p->from->more + 1));
    value_builder_set(&b, "to", value_str(p->to->name));
    value_builder_set(&b, "toCount", value_int((int64_t)p->to->more + 1));
    value_builder_set(&b, "port", r->port_text.n ? value_str(r->port_text) : value_null());
    value_builder_set(&b, "answer", value_cstr(net_verdict_name[p->verdict]));
    value_builder_set(&b, "byPolicies", value_cstr(net_verdict_name[p->policies]));
    value_builder_set(&b, "allowedByPolicies", value_str(ports_text(a, p->allowed)));
    const struct value *enforces = value_get(r->plugin, STR("enforces"));
    value_builder_set(&b, "enforced", enforces ? *enforces : value_null());
    value_builder_set(&b, "enforcement", value_str(enforced_text(r, a)));
    value_builder_set(&b, "note", p->note.n ? value_str(p->note) : value_null());
    value_builder_set(&b, "notSeen", r->unseen);
    for (size_t i = 0; i < p->answer.step.count; i++) {
        struct port_set ports = ports_both(a, p->answer.step.item[i].ports, p->asked);
        if (ports.count)
            value_builder_push(&steps, step_value(a, &p->answer.step.item[i], ports));
    }
    value_builder_set(&b, "steps", value_builder_list(&steps));
    return value_builder_map(&b);
}

static void put_json(struct reaching *r, const struct pair *p, struct arena *a)
{
    struct buf text CLEANUP(buf_release) = BUF_INIT(ROW_BYTES_MAX);
    json_doc_write(&text, pair_value(r, p, a), 0);
    if (r->form == PRINT_JSON)
        fputs(r->told ? ",\n" : "[\n", stdout);
    (void)fwrite(text.n ? text.p : "", 1, text.n, stdout);
    if (r->form == PRINT_JSONL)
        putchar('\n');
}

static void answer(void *ctx, struct facts *facts, const struct cluster *cluster)
{
    struct reaching *r = ctx;
    struct arena scratch CLEANUP(arena_release) = { 0 };
    (void)cluster;
    r->plugin = facts_network_plugin(facts);
    r->unseen = facts_network_unseen(facts, r->run);
    const struct value *enforces = value_get(r->plugin, STR("enforces"));
    r->enforcement = !enforces || enforces->kind != VALUE_BOOL ? NET_ENFORCED_PERHAPS
                     : enforces->as.b                          ? NET_ENFORCED
                                                               : NET_ENFORCED_NOT;
    r->answered = true;
    for (size_t f = 0; f < r->from.peer.count; f++) {
        for (size_t t = 0; t < r->to.peer.count; t++) {
            struct pair p = { .from = &r->from.peer.item[f], .to = &r->to.peer.item[t] };
            arena_reset(&scratch);
            if (r->told == REACH_PAIRS_MAX) {
                r->over = true;
                break;
            }
            judge_pair(r, facts_network(facts), &p, &scratch);
            if (r->form == PRINT_COUNT)
                put_text(r, &p, &scratch);
            else
                put_json(r, &p, &scratch);
            r->told++;
        }
    }
    if (r->form == PRINT_JSON)
        fputs(r->told ? "\n]\n" : "[]\n", stdout);
    if (r->form != PRINT_COUNT || !r->told)
        return;
    rights_put(
        str_printf(&scratch, "policies are enforced: %.*s", STR_ARG(enforced_text(r, &scratch))));
    putchar('\n');
    for (uint32_t i = 0; i < r->unseen.n; i++) {
        rights_put(
            str_printf(&scratch, "not seen: %.*s", STR_ARG(value_text(value_item(r->unseen, i)))));
        putchar('\n');
    }
}

static void see(void *ctx, struct facts *facts, enum kind kind, struct value object,
                struct arena *scratch)
{
    struct reaching *r = ctx;
    struct arena_mark mark = arena_mark(scratch);
    reach_end_see(&r->from, r->run, facts_network(facts), kind, object, scratch);
    reach_end_see(&r->to, r->run, facts_network(facts), kind, object, scratch);
    arena_reset_to(scratch, mark);
}

static enum exit_status status_of(const struct reaching *r, enum exit_status status,
                                  struct err *err)
{
    const struct reach_end *missing = !r->from.peer.count ? &r->from
                                      : !r->to.peer.count ? &r->to
                                                          : NULL;
    if (!r->answered || status == EXIT_COULD_NOT_RUN)
        return status;
    if (missing && status == EXIT_DONE) {
        (void)err_set(err, ERR_USAGE, "\"%.*s\": no such pod or workload was seen",
                      STR_ARG(missing->text));
        return EXIT_USAGE;
    }
    if (r->over || r->from.over || r->to.over) {
        (void)err_set(err, ERR_LIMIT,
                      "more pods than one answer holds (%u an end, %u pairs): the first are told; "
                      "ask for fewer",
                      REACH_PEERS_MAX, REACH_PAIRS_MAX);
        return EXIT_INCOMPLETE;
    }
    return status;
}

enum exit_status cmd_reach(const struct options *o, struct arena *run, struct err *err)
{
    struct reaching *r = arena_new(run, struct reaching);
    struct benchmark *bench = arena_new(run, struct benchmark),
                     *asked = arena_new(run, struct benchmark);
    struct faults faults = { 0 };
    struct value params;
    *r = (struct reaching){ .run = run, .form = PRINT_COUNT, .unseen = value_list(NULL, 0) };
    if (o->print.n)
        r->form = (enum print_form)names_find(print_name, PRINT_COUNT, o->print);
    if (o->argument.count || !o->from.n || !o->to.n || r->form == PRINT_CEL) {
        (void)err_set(err, ERR_USAGE,
                      r->form == PRINT_CEL ? "reach prints json or jsonl"
                                           : "reach needs two ends: kubevouch reach --from "
                                             "shop/web --to db/app=postgres [--port 5432]");
        return EXIT_USAGE;
    }
    if (!reach_end_parse(&r->from, run, o->from, o->kube.ns, err) ||
        !reach_end_parse(&r->to, run, o->to, o->kube.ns, err) ||
        (o->port.n && !parse_port(r, o->port, err)))
        return EXIT_USAGE;
    if (!data_benchmark(bench, run, STR(""), err) ||
        !benchmark_params(bench, NULL, 0, run, &params, err))
        return EXIT_COULD_NOT_RUN;
    if (!benchmark_ask(asked, bench, run, STR("networkpods"), KIND_NONE, STR("true"), &faults)) {
        (void)data_tell_faults(&faults, "EXPRESSION", err);
        return EXIT_COULD_NOT_RUN;
    }
    const struct audit_asking asking = { .whole = answer, .see = see, .ctx = r };
    return status_of(r, auditing_ask(o, asked, params, &asking, run, err), err);
}
