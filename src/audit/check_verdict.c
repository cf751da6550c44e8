/* The verdict of a check, of those of its parts; with its reason, its cause, its remedy and the
 * calls it rests on. */
#include "audit/accept.h"
#include "audit/ending.h"

/* What a fact was made of and could not be had: the first of its kinds, or of its single answers.
 */
static struct str remedy_of_facts(const struct audit *au, const struct check *def)
{
    for (size_t i = 0; i < def->part_count; i++) {
        enum kind gap = cluster_first_gap(au->cluster, def->part[i].reads);
        if (gap != KIND_NONE)
            return au->cluster->coverage[gap].remedy;
        for (size_t e = 0; e < ENDPOINT_COUNT; e++) {
            const struct coverage *c = &au->cluster->endpoint[e];
            if (endpoint_set_has(def->part[i].endpoints, (enum endpoint)e) &&
                c->state != COVERAGE_COMPLETE && c->remedy.n)
                return c->remedy;
        }
    }
    return (struct str){ 0 };
}

void check_verdict(struct audit *au, struct check_result *c, const struct part_state *part)
{
    const struct check *def = c->check;
    c->verdict = def->attestation    ? VERDICT_MANUAL
                 : def->unanswered.n ? VERDICT_UNKNOWN
                                     : VERDICT_NOT_APPLICABLE;
    struct str *reason = arena_array(au->arena, struct str, def->part_count);
    size_t reasons = 0;
    for (size_t i = 0; i < def->part_count; i++) {
        c->verdict = verdict_roll_up(c->verdict, c->part[i].verdict);
        reason[reasons++] = part_sentence(au, &part[i]);
        if (c->part[i].verdict == VERDICT_UNKNOWN && c->cause == CAUSE_NONE)
            c->cause = c->part[i].cause;
        enum kind gap = cluster_first_gap(au->cluster, def->part[i].needs);
        if (gap != KIND_NONE && !c->remedy.n)
            c->remedy = au->cluster->coverage[gap].remedy;
    }
    c->reason = str_join(au->arena, reason, reasons, STR("; "));
    if (c->verdict == VERDICT_UNKNOWN && !c->remedy.n)
        c->remedy = remedy_of_facts(au, def);
    if (def->attestation && c->verdict == VERDICT_MANUAL)
        c->reason = c->reason.n
                        ? str_printf(au->arena, "a person must attest; what the API shows: %.*s",
                                     STR_ARG(c->reason))
                        : STR("a person must attest");
    if (def->unanswered.n && c->verdict == VERDICT_UNKNOWN) {
        c->reason = STR("the Kubernetes API does not show it");
        c->cause = CAUSE_OUT_OF_SIGHT;
        c->remedy = def->unanswered;
    }
    /* A failure that was seen stays one, accepted or not, whatever the cluster says of its
     * platform. */
    struct str why;
    if (c->verdict != VERDICT_FAIL && c->verdict != VERDICT_WAIVED &&
        !audit_is_applicable(au, def, &why)) {
        c->verdict = VERDICT_NOT_APPLICABLE;
        c->reason = why;
        c->remedy = (struct str){ 0 };
    }
    accept_attestation(au, c);
    if (c->verdict != VERDICT_UNKNOWN)
        c->cause = CAUSE_NONE;
}

void check_calls(struct audit *au, struct check_result *c)
{
    struct kind_set reads = { 0 };
    struct endpoint_set endpoints = { 0 };
    for (size_t i = 0; i < c->check->part_count; i++) {
        kind_set_merge(&reads, c->check->part[i].reads);
        endpoint_set_merge(&endpoints, c->check->part[i].endpoints);
    }
    VEC(uint32_t) call = { 0 };
    for (size_t k = 0; k < KIND_COUNT; k++) {
        const struct coverage *cov = &au->cluster->coverage[k];
        for (uint32_t s = cov->first_call;
             kind_set_has(reads, (enum kind)k) && s && s <= cov->last_call; s++)
            *VEC_PUSH(&call, au->arena) = s;
    }
    for (size_t e = 0; e < ENDPOINT_COUNT; e++) {
        const struct coverage *cov = &au->cluster->endpoint[e];
        for (uint32_t s = cov->first_call;
             endpoint_set_has(endpoints, (enum endpoint)e) && s && s <= cov->last_call; s++)
            *VEC_PUSH(&call, au->arena) = s;
    }
    c->call = call.item;
    c->call_count = call.count;
}
