/* Canary pods against the ValidatingAdmissionPolicies and webhooks in force: which refuse them, in
 * which namespace.
 *
 * A policy refuses a canary for what it is when one of its validations fails for the canary and
 * holds for the clean pod. One that refuses both asks for something else (a label, a registry),
 * unless it names the field in question: then a person must tell. What is refused so must be
 * refused in every other shape too (canary_place), with all that the pod's author writes freely
 * unknown: one that passes is a hole, which a person is told of. A webhook is judged by a policy
 * made of its rules, selectors and conditions, which refuses everything it is asked about. */
#include "vap/canary.h"

#include "analyze/podsecurity/canary.h"
#include "value/faults.h"
#include "vap/policy.h"

struct canary_judging {
    struct arena *arena;
    const struct cluster *cluster;
    struct facts *facts;
    bool is_open;
    enum plugin_seen policy_plugin; /* off: there are no policies */
    struct value engines;           /* rows of facts.policyEngines */
    struct policies policies;
    struct policies webhooks; /* policies made of them, by their name "configuration/webhook" */
    /* canaries made once, in some namespace: SHAPES each, the clean pod last; null: not yet */
    struct value *pod;
    /* answers: when the newer are full, the older ones are forgotten and take their place */
    struct kept *newer, *older;
};
/* of each canary: every place, and behind them the first with all that is in it */
#define SHAPES (CANARY_PLACES + 1u)
/* Namespaces of which answers are kept: pods and rows come by namespace, and what one object is
 * told lives as long as its judgement. */
#define KEPT_NAMESPACES 256u
struct kept {
    struct arena arena;
    struct map answers; /* namespace -> struct answers */
};
struct answers {
    struct pod_admission *of; /* by canary */
    bool *made;
};

/* ---- what is in force ---- */

/* A webhook's own fields mean in a policy what they mean in it. */
static struct value policy_of_webhook(struct arena *a, struct value webhook, struct str name)
{
    static const char *const taken[][2] = { { "rules", "resourceRules" },
                                            { "namespaceSelector", "namespaceSelector" },
                                            { "objectSelector", "objectSelector" },
                                            { "matchPolicy", "matchPolicy" } };
    struct value_builder policy, metadata, spec, constraints, validation;
    value_builder_init(&constraints, a);
    for (size_t i = 0; i < COUNT_OF(taken); i++) {
        const struct value *v = value_get(webhook, str_from_c(taken[i][0]));
        if (v)
            value_builder_set(&constraints, taken[i][1], *v);
    }
    value_builder_init(&validation, a);
    value_builder_set(&validation, "expression", value_cstr("false"));
    struct value refuse = value_builder_map(&validation);
    value_builder_init(&spec, a);
    value_builder_set(&spec, "failurePolicy", value_cstr("Fail"));
    value_builder_set(&spec, "matchConstraints", value_builder_map(&constraints));
    const struct value *conditions = value_get(webhook, STR("matchConditions"));
    if (conditions)
        value_builder_set(&spec, "matchConditions", *conditions);
    value_builder_set(&spec, "validations",
                      value_list(value_dup(a, value_list(&refuse, 1)).as.item, 1));
    value_builder_init(&metadata, a);
    value_builder_set(&metadata, "name", value_str(name));
    value_builder_init(&policy, a);
    value_builder_set(&policy, "apiVersion", value_cstr(POLICY_API_GROUP "/v1"));
    value_builder_set(&policy, "kind", value_cstr("ValidatingAdmissionPolicy"));
    value_builder_set(&policy, "metadata", value_builder_map(&metadata));
    value_builder_set(&policy, "spec", value_builder_map(&spec));
    return value_builder_map(&policy);
}

/* Of the engines that are known and not said to refuse nothing. */
static bool is_engine(const struct canary_judging *j, struct str object)
{
    for (uint32_t i = 0; i < j->engines.n; i++) {
        struct value e = value_item(j->engines, i);
        const struct value *enforcing = value_get(e, STR("enforcing"));
        if (str_eq_c(value_text_at(e, "kind", NULL), "webhook") &&
            str_eq(value_text_at(e, "object", NULL), object))
            return !enforcing || enforcing->kind != VALUE_BOOL || enforcing->as.b;
    }
    return false;
}

static void open_webhooks(struct canary_judging *j)
{
    const struct cluster *c = j->cluster;
    for (size_t i = 0; i < c->kept[KIND_VALIDATINGWEBHOOKS].count; i++) {
        struct value configuration = c->kept[KIND_VALIDATINGWEBHOOKS].item[i];
        const struct value *webhooks = value_get(configuration, STR("webhooks"));
        for (uint32_t w = 0; webhooks && webhooks->kind == VALUE_LIST && w < webhooks->n; w++) {
            struct value webhook = value_item(*webhooks, w);
            struct str name =
                str_printf(j->arena, "%.*s/%.*s",
                           STR_ARG(value_text_at(configuration, "metadata", "name", NULL)),
                           STR_ARG(value_text_at(webhook, "name", NULL)));
            if (is_engine(j, name))
                policies_add(&j->webhooks, j->arena, policy_of_webhook(j->arena, webhook, name));
        }
    }
}

static void open_policies(struct canary_judging *j)
{
    const struct cluster *c = j->cluster;
    struct faults faults = { 0 };
    j->is_open = true;
    j->policy_plugin = facts_admission_plugin(j->facts, "ValidatingAdmissionPolicy");
    for (size_t i = 0; j->policy_plugin != PLUGIN_OFF && i < c->kept[KIND_ADMISSIONPOLICIES].count;
         i++)
        policies_add(&j->policies, j->arena, c->kept[KIND_ADMISSIONPOLICIES].item[i]);
    for (size_t i = 0; i < c->kept[KIND_ADMISSIONBINDINGS].count; i++)
        policies_add(&j->policies, j->arena, c->kept[KIND_ADMISSIONBINDINGS].item[i]);
    (void)!policies_link(&j->policies, j->arena, &faults); /* a server has no two of one name */
    if (facts_admission_plugin(j->facts, "ValidatingAdmissionWebhook") != PLUGIN_OFF)
        open_webhooks(j);
}

/* ---- one policy, one pod ---- */

static struct policy_object object_of(struct canary_judging *j, struct value pod, struct str ns,
                                      struct arena *scratch)
{
    return (struct policy_object){
        .object = pod,
        .version = STR("v1"),
        .resource = STR("pods"),
        .kind = STR("Pod"),
        .ns = ns,
        .name = STR(CANARY_NAME),
        .namespaced = true,
        .namespace_object = facts_namespace(j->facts, ns, scratch),
        .facts = j->facts,
    };
}

static bool names_field(const struct policy *p, size_t validation, const char *word)
{
    struct str w = str_from_c(word);
    bool found = str_contains(p->validation[validation].expression.text, w);
    for (size_t i = 0; i < p->variable_count; i++)
        found |= str_contains(p->variable[i].text, w);
    return found;
}

enum stand { STAND_ADMITS, STAND_REFUSES, STAND_UNSURE };

/* What the policy makes of a validation for a pod: its conditions count as part of it. */
static enum policy_outcome outcome_of(const struct policy *p, const struct policy_object *o,
                                      size_t validation, struct arena *scratch)
{
    struct policy_run run;
    policy_run_open(&run, p, o, value_null(), scratch);
    struct policy_decision d = policy_run_conditions(&run);
    return d.outcome == POLICY_ADMITS ? policy_run_validation(&run, validation).outcome : d.outcome;
}

/* A canary in one shape, and the clean pod in the same. */
struct asked {
    const struct canary *canary;
    struct policy_object pod, clean;
    /* some policy refuses it in its first shape: that the clean pod is refused with it changes
     * nothing */
    bool again;
};

static enum stand validations_stand(const struct policy *p, const struct asked *q,
                                    struct arena *scratch)
{
    enum stand stand = STAND_ADMITS;
    for (size_t i = 0; i < p->validation_count && stand != STAND_REFUSES; i++) {
        enum policy_outcome now = outcome_of(p, &q->pod, i, scratch);
        if (now == POLICY_SKIPS || now == POLICY_ADMITS)
            continue;
        bool names = names_field(p, i, q->canary->word);
        if (now == POLICY_DENIES &&
            ((q->again && names) || outcome_of(p, &q->clean, i, scratch) != POLICY_DENIES))
            stand = STAND_REFUSES;
        else if (now == POLICY_UNKNOWN || names)
            stand = STAND_UNSURE;
    }
    return stand;
}

static enum stand policy_stand(const struct policy *p, const struct policy_binding *b,
                               const struct asked *q, struct arena *scratch)
{
    struct str why = { 0 };
    if (p->fault.n)
        return STAND_UNSURE;
    enum policy_match m = policy_matches(&p->constraints, &q->pod, scratch, &why);
    enum policy_match of_binding = b && m != POLICY_NO_MATCH
                                       ? policy_matches(&b->constraints, &q->pod, scratch, &why)
                                       : POLICY_MATCH;
    if (m == POLICY_NO_MATCH || of_binding == POLICY_NO_MATCH)
        return STAND_ADMITS;
    if (m == POLICY_MATCH_UNKNOWN || of_binding == POLICY_MATCH_UNKNOWN || p->param_kind.n)
        return STAND_UNSURE;
    return validations_stand(p, q, scratch);
}

static bool webhook_is_asked(const struct policy *p, const struct policy_object *o,
                             struct arena *scratch)
{
    struct str why = { 0 };
    if (p->fault.n)
        return true;
    enum policy_match m = policy_matches(&p->constraints, o, scratch, &why);
    return m == POLICY_MATCH_UNKNOWN ||
           (m == POLICY_MATCH && outcome_of(p, o, 0, scratch) != POLICY_SKIPS);
}

/* ---- one canary ---- */

struct verdicts {
    struct value_builder by, unsure;
    bool refused;
};

/* Past the first shape: what the author writes freely is unknown, except where the pod says nothing
 * at all. */
static bool is_free(enum canary_place place)
{
    return place != CANARY_BARE && place != CANARY_UNSET;
}

/* c NULL: the clean pod. first: as it is asked about first, with all that is in it. */
static struct value pod_in(struct canary_judging *j, const struct canary *c,
                           enum canary_place place, bool first, struct str ns,
                           struct arena *scratch)
{
    size_t which = c ? (size_t)(c - canary) : canary_count;
    struct value *made = &j->pod[first ? which * SHAPES + CANARY_PLACES : which * SHAPES + place];
    if (made->kind == VALUE_NULL) {
        *made = canary_pod(j->arena, c, place, STR("default"));
        if (!first && is_free(place))
            *made = canary_pod_free(j->arena, *made);
    }
    return canary_pod_in(scratch, *made, ns);
}

static struct asked asked_of(struct canary_judging *j, const struct canary *c,
                             enum canary_place place, bool first, struct str ns,
                             struct arena *scratch)
{
    struct asked q = { .canary = c, .again = !first };
    q.pod = object_of(j, pod_in(j, c, place, first, ns, scratch), ns, scratch);
    q.clean = object_of(j, pod_in(j, NULL, place, first, ns, scratch), ns, scratch);
    q.pod.name_is_free = q.clean.name_is_free = !first;
    if (place == CANARY_EPHEMERAL) {
        q.pod.operation = q.clean.operation = STR("UPDATE");
        q.pod.subresource = q.clean.subresource = STR("ephemeralcontainers");
        q.pod.old = q.clean.old = pod_in(j, NULL, CANARY_CONTAINER, false, ns, scratch);
    }
    return q;
}

static bool denies(const struct policy_binding *b)
{
    return b->policy && (b->actions & POLICY_DENY);
}

static void judge_first(struct canary_judging *j, struct verdicts *v, const struct asked *q,
                        struct arena *scratch)
{
    for (size_t i = 0; i < j->policies.binding.count; i++) {
        const struct policy_binding *b = j->policies.binding.item[i];
        if (!denies(b))
            continue;
        enum stand stand = policy_stand(b->policy, b, q, scratch);
        if (stand == STAND_REFUSES && j->policy_plugin == PLUGIN_UNREAD)
            stand = STAND_UNSURE;
        struct value name = value_str(str_printf(&j->newer->arena, "ValidatingAdmissionPolicy %.*s",
                                                 STR_ARG(b->policy->name)));
        v->refused |= stand == STAND_REFUSES;
        if (stand != STAND_ADMITS)
            value_builder_push(stand == STAND_REFUSES ? &v->by : &v->unsure, name);
    }
    for (size_t i = 0; i < j->webhooks.policy.count; i++) {
        const struct policy *p = j->webhooks.policy.item[i];
        if (webhook_is_asked(p, &q->pod, scratch))
            value_builder_push(
                &v->unsure,
                value_str(str_printf(&j->newer->arena, "ValidatingWebhookConfiguration %.*s",
                                     STR_ARG(p->name))));
    }
}

static bool some_policy_refuses(struct canary_judging *j, const struct asked *q,
                                struct arena *scratch)
{
    for (size_t i = 0; i < j->policies.binding.count; i++) {
        const struct policy_binding *b = j->policies.binding.item[i];
        if (denies(b) && policy_stand(b->policy, b, q, scratch) == STAND_REFUSES)
            return true;
    }
    return false;
}

/* The first way past those who refuse it in its first shape; NULL: there is none. */
static const char *hole_of(struct canary_judging *j, const struct canary *c, struct str ns,
                           struct arena *scratch)
{
    static const char *const told[CANARY_PLACES] = {
        [CANARY_CONTAINER] = "refuses it, but goes by what whoever makes the pod writes as he "
                             "likes: labels, names, account, images",
        [CANARY_INIT_CONTAINER] = "refuses it in containers, lets it through in initContainers",
        [CANARY_FIRST] = "refuses it, lets it through in the first of two containers or volumes",
        [CANARY_SECOND] = "refuses it, lets it through in the second of two containers or volumes",
        [CANARY_INIT_FIRST] = "refuses it, lets it through in the first of two initContainers",
        [CANARY_INIT_SECOND] = "refuses it, lets it through in the second of two initContainers",
        [CANARY_NO_INIT] = "refuses it, lets it through in a pod without initContainers",
        [CANARY_NO_RESOURCES] = "refuses it, lets it through in a container without resources",
        [CANARY_NO_SECURITY] =
            "refuses it, lets it through where a securityContext says nothing else",
        [CANARY_BARE] = "refuses it, lets it through in a pod that says nothing else",
        [CANARY_UNSET] =
            "refuses it, lets it through where the fields are not set, which means the same",
        [CANARY_EPHEMERAL] = "refuses it in new pods, lets it through in ephemeralContainers of "
                             "running ones: resource pods/ephemeralcontainers, operation UPDATE",
    };
    for (enum canary_place place = CANARY_CONTAINER; place < CANARY_PLACES; place++) {
        if (!canary_has_place(c, place))
            continue;
        struct asked q = asked_of(j, c, place, false, ns, scratch);
        if (!some_policy_refuses(j, &q, scratch))
            return told[place];
    }
    return NULL;
}

static struct pod_admission judge_canary(struct canary_judging *j, struct str ns,
                                         const struct canary *c)
{
    struct arena scratch CLEANUP(arena_release) = { 0 };
    struct verdicts v = { .refused = false };
    value_builder_init(&v.by, &j->newer->arena);
    value_builder_init(&v.unsure, &j->newer->arena);
    struct asked first = asked_of(j, c, CANARY_CONTAINER, true, ns, &scratch);
    judge_first(j, &v, &first, &scratch);
    struct pod_admission out = { .by = value_builder_list(&v.by),
                                 .unsure = value_builder_list(&v.unsure),
                                 .refused = v.refused };
    const char *hole = v.refused ? hole_of(j, c, ns, &scratch) : NULL;
    if (hole) {
        struct value_builder unsure;
        struct value text = value_str(str_printf(&j->newer->arena, "%.*s (%s)",
                                                 STR_ARG(value_text(value_item(out.by, 0))), hole));
        value_builder_init(&unsure, &j->newer->arena);
        value_builder_push(&unsure, text);
        out.unsure = value_builder_list(&unsure);
        out.refused = false;
    }
    return out;
}

static void forget(struct kept *k)
{
    arena_reset(&k->arena);
    map_init(&k->answers, &k->arena);
}

/* Of the namespace, made if there are none; the newer ones hold them afterwards. */
static struct answers *answers_of(struct canary_judging *j, struct str ns)
{
    struct answers *known = map_get(&j->newer->answers, ns);
    if (known)
        return known;
    if (j->newer->answers.count >= KEPT_NAMESPACES) {
        struct kept *oldest = j->older;
        j->older = j->newer;
        j->newer = oldest;
        forget(oldest);
    }
    struct arena *a = &j->newer->arena;
    struct answers *made = arena_new(a, struct answers);
    made->of = arena_array(a, struct pod_admission, canary_count);
    made->made = arena_array(a, bool, canary_count);
    map_put(&j->newer->answers, str_dup(a, ns), made);
    return made;
}

static struct pod_admission judge_one(void *ctx, struct str ns, size_t which, struct value engines)
{
    struct canary_judging *j = ctx;
    /* the fact is one list; another one is other webhooks */
    if (!j->is_open || engines.as.item != j->engines.as.item) {
        *j = (struct canary_judging){ .arena = j->arena,
                                      .cluster = j->cluster,
                                      .facts = j->facts,
                                      .engines = engines,
                                      .pod = j->pod,
                                      .newer = j->newer,
                                      .older = j->older };
        /* what was told stays until it is forgotten in turn */
        map_init(&j->newer->answers, &j->newer->arena);
        open_policies(j);
    }
    struct answers *answers = answers_of(j, ns);
    if (!answers->made[which]) {
        answers->of[which] = judge_canary(j, ns, &canary[which]);
        answers->made[which] = true;
    }
    return answers->of[which];
}

static void release_kept(void *kept)
{
    arena_release(&((struct kept *)kept)->arena);
}

static struct kept *kept_open(struct arena *a)
{
    struct kept *k = arena_new(a, struct kept);
    map_init(&k->answers, &k->arena);
    arena_defer(a, release_kept, k);
    return k;
}

struct pod_admission_judge canary_judge(struct arena *a, const struct cluster *cluster,
                                        struct facts *facts)
{
    struct canary_judging *j = arena_new(a, struct canary_judging);
    *j = (struct canary_judging){
        .arena = a, .cluster = cluster, .facts = facts, .newer = kept_open(a), .older = kept_open(a)
    };
    j->pod = arena_array(a, struct value, SHAPES * (canary_count + 1));
    return (struct pod_admission_judge){ .judge = judge_one, .ctx = j };
}
