/* Canary pods against the ValidatingAdmissionPolicies and webhooks in force: which refuse them, in which namespace.
 *
 * A policy refuses a canary for what it is when one of its validations fails for the canary and holds for the clean pod. One that
 * refuses both asks for something else (a label, a registry), unless it names the field in question: then a person must tell. A
 * webhook is judged by a policy made of its rules, selectors and conditions, which refuses everything it is asked about. */
#include "vap/canary.h"

#include "analyze/podsecurity/canary.h"
#include "value/faults.h"
#include "vap/policy.h"

struct canary_judging {
    struct arena *arena;
    const struct cluster *cluster;
    struct facts *facts;
    bool is_open;
    struct value engines;      /* rows of facts.policyEngines */
    struct policies policies;
    struct policies webhooks;  /* policies made of them, by their name "configuration/webhook" */
    struct value *pod;         /* canaries made once, in some namespace: two places each, the clean pod last; null: not yet */
    struct kept *newer, *older; /* answers: when the newer are full, the older ones are forgotten and take their place */
};
/* Namespaces of which answers are kept: pods and rows come by namespace, and what one object is told lives as long as its judgement. */
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
    static const char *const taken[][2] = { { "rules", "resourceRules" }, { "namespaceSelector", "namespaceSelector" },
                                            { "objectSelector", "objectSelector" }, { "matchPolicy", "matchPolicy" } };
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
    value_builder_set(&spec, "validations", value_list(value_dup(a, value_list(&refuse, 1)).as.item, 1));
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
        if (str_eq_c(value_text_at(e, "kind", NULL), "webhook") && str_eq(value_text_at(e, "object", NULL), object))
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
            struct str name = str_printf(j->arena, "%.*s/%.*s", STR_ARG(value_text_at(configuration, "metadata", "name", NULL)),
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
    for (size_t i = 0; i < c->kept[KIND_ADMISSIONPOLICIES].count; i++)
        policies_add(&j->policies, j->arena, c->kept[KIND_ADMISSIONPOLICIES].item[i]);
    for (size_t i = 0; i < c->kept[KIND_ADMISSIONBINDINGS].count; i++)
        policies_add(&j->policies, j->arena, c->kept[KIND_ADMISSIONBINDINGS].item[i]);
    (void)!policies_link(&j->policies, j->arena, &faults); /* a server has no two of one name */
    open_webhooks(j);
}

/* ---- one policy, one pod ---- */

static struct policy_object object_of(struct canary_judging *j, struct value pod, struct str ns, struct arena *scratch)
{
    return (struct policy_object){
        .object = pod, .version = STR("v1"), .resource = STR("pods"), .kind = STR("Pod"), .ns = ns, .name = STR(CANARY_NAME),
        .namespaced = true, .namespace_object = facts_namespace(j->facts, ns, scratch), .facts = j->facts,
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
static enum policy_outcome outcome_of(const struct policy *p, const struct policy_object *o, size_t validation, struct arena *scratch)
{
    struct policy_run run;
    policy_run_open(&run, p, o, value_null(), scratch);
    struct policy_decision d = policy_run_conditions(&run);
    return d.outcome == POLICY_ADMITS ? policy_run_validation(&run, validation).outcome : d.outcome;
}

static enum stand validations_stand(const struct policy *p, const struct canary *c, const struct policy_object *o, const struct policy_object *clean,
                                    struct arena *scratch)
{
    enum stand stand = STAND_ADMITS;
    for (size_t i = 0; i < p->validation_count && stand != STAND_REFUSES; i++) {
        enum policy_outcome now = outcome_of(p, o, i, scratch);
        if (now == POLICY_SKIPS || now == POLICY_ADMITS)
            continue;
        if (now == POLICY_DENIES && outcome_of(p, clean, i, scratch) != POLICY_DENIES)
            stand = STAND_REFUSES;
        else if (now == POLICY_UNKNOWN || names_field(p, i, c->word))
            stand = STAND_UNSURE;
    }
    return stand;
}

static enum stand policy_stand(const struct policy *p, const struct policy_binding *b, const struct canary *c, const struct policy_object *o,
                               const struct policy_object *clean, struct arena *scratch)
{
    struct str why = { 0 };
    if (p->fault.n)
        return STAND_UNSURE;
    enum policy_match m = policy_matches(&p->constraints, o, scratch, &why);
    enum policy_match of_binding = b && m != POLICY_NO_MATCH ? policy_matches(&b->constraints, o, scratch, &why) : POLICY_MATCH;
    if (m == POLICY_NO_MATCH || of_binding == POLICY_NO_MATCH)
        return STAND_ADMITS;
    if (m == POLICY_MATCH_UNKNOWN || of_binding == POLICY_MATCH_UNKNOWN || p->param_kind.n)
        return STAND_UNSURE;
    return validations_stand(p, c, o, clean, scratch);
}

static bool webhook_is_asked(const struct policy *p, const struct policy_object *o, struct arena *scratch)
{
    struct str why = { 0 };
    if (p->fault.n)
        return true;
    enum policy_match m = policy_matches(&p->constraints, o, scratch, &why);
    return m == POLICY_MATCH_UNKNOWN || (m == POLICY_MATCH && outcome_of(p, o, 0, scratch) != POLICY_SKIPS);
}

/* ---- one canary ---- */

struct verdicts {
    struct value_builder by, unsure;
    bool refused;
};

/* c NULL: the clean pod. */
static struct value pod_in(struct canary_judging *j, const struct canary *c, enum canary_place place, struct str ns, struct arena *scratch)
{
    struct value *made = &j->pod[2 * (c ? (size_t)(c - canary) : canary_count) + (place == CANARY_INIT_CONTAINER)];
    if (made->kind == VALUE_NULL)
        *made = canary_pod(j->arena, c, place, STR("default"));
    return canary_pod_in(scratch, *made, ns);
}

static void judge_place(struct canary_judging *j, struct verdicts *v, const struct canary *c, enum canary_place place, struct str ns,
                        struct arena *scratch)
{
    struct policy_object o = object_of(j, pod_in(j, c, place, ns, scratch), ns, scratch);
    struct policy_object clean = object_of(j, pod_in(j, NULL, place, ns, scratch), ns, scratch);
    for (size_t i = 0; i < j->policies.binding.count; i++) {
        const struct policy_binding *b = j->policies.binding.item[i];
        if (!b->policy || !(b->actions & POLICY_DENY))
            continue;
        enum stand stand = policy_stand(b->policy, b, c, &o, &clean, scratch);
        struct value name = value_str(str_printf(&j->newer->arena, "ValidatingAdmissionPolicy %.*s", STR_ARG(b->policy->name)));
        v->refused |= stand == STAND_REFUSES;
        if (stand != STAND_ADMITS)
            value_builder_push(stand == STAND_REFUSES ? &v->by : &v->unsure, name);
    }
    for (size_t i = 0; i < j->webhooks.policy.count; i++) {
        const struct policy *p = j->webhooks.policy.item[i];
        if (webhook_is_asked(p, &o, scratch))
            value_builder_push(&v->unsure, value_str(str_printf(&j->newer->arena, "ValidatingWebhookConfiguration %.*s", STR_ARG(p->name))));
    }
}

static struct pod_admission judge_canary(struct canary_judging *j, struct str ns, const struct canary *c)
{
    struct arena scratch CLEANUP(arena_release) = { 0 };
    struct verdicts in_container = { .refused = false }, in_init = { .refused = true };
    value_builder_init(&in_container.by, &j->newer->arena);
    value_builder_init(&in_container.unsure, &j->newer->arena);
    in_init.by = in_container.by;
    judge_place(j, &in_container, c, CANARY_CONTAINER, ns, &scratch);
    if (in_container.refused && canary_has_init(c)) {
        in_init.refused = false;
        value_builder_init(&in_init.by, &scratch);
        value_builder_init(&in_init.unsure, &j->newer->arena);
        judge_place(j, &in_init, c, CANARY_INIT_CONTAINER, ns, &scratch);
    }
    struct pod_admission out = { .by = value_builder_list(&in_container.by), .unsure = value_builder_list(&in_container.unsure) };
    out.refused = in_container.refused && in_init.refused;
    if (in_container.refused && !out.refused) {
        struct value hole = value_str(str_printf(&j->newer->arena, "%.*s (refuses it in containers, lets it through in initContainers)",
                                                 STR_ARG(value_text(value_item(out.by, 0)))));
        value_builder_push(&in_init.unsure, hole);
        out.unsure = value_builder_list(&in_init.unsure);
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
    if (!j->is_open || engines.as.item != j->engines.as.item) { /* the fact is one list; another one is other webhooks */
        *j = (struct canary_judging){ .arena = j->arena, .cluster = j->cluster, .facts = j->facts, .engines = engines, .pod = j->pod, .newer = j->newer, .older = j->older };
        map_init(&j->newer->answers, &j->newer->arena); /* what was told stays until it is forgotten in turn */
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

struct pod_admission_judge canary_judge(struct arena *a, const struct cluster *cluster, struct facts *facts)
{
    struct canary_judging *j = arena_new(a, struct canary_judging);
    *j = (struct canary_judging){ .arena = a, .cluster = cluster, .facts = facts, .newer = kept_open(a), .older = kept_open(a) };
    j->pod = arena_array(a, struct value, 2 * (canary_count + 1));
    return (struct pod_admission_judge){ .judge = judge_one, .ctx = j };
}
