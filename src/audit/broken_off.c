/* What broke off while it was read, and whether so much of it that nobody should take the result
 * for an audit. */
#include "audit/broken_off.h"

/* Without these whole, no statement about the cluster as a whole holds. */
static const enum kind needed[] = { KIND_NAMESPACES, KIND_CLUSTERROLES, KIND_CLUSTERROLEBINDINGS,
                                    KIND_ROLES,      KIND_ROLEBINDINGS, KIND_PODS };

/* A 401 comes with a credential that ended on the way: before it, the same identity was answered.
 */
static bool lost_credential(const struct result *r, const struct coverage *c)
{
    return c->state == COVERAGE_DENIED && c->last_call && c->last_call <= r->call_count &&
           r->call[c->last_call - 1].status == 401;
}

static bool is_broken(const struct result *r, const struct coverage *c)
{
    return c->state == COVERAGE_CUT || c->state == COVERAGE_FAILED ||
           c->state == COVERAGE_DAMAGED || lost_credential(r, c);
}

static bool rests_on_broken(const struct result *r, const struct check *check)
{
    bool any = false;
    for (size_t k = 0; k < KIND_COUNT; k++)
        any |= is_broken(r, &r->cluster->coverage[k]) && check_reads_kind(check, (enum kind)k);
    for (size_t e = 0; e < ENDPOINT_COUNT; e++)
        any |=
            is_broken(r, &r->cluster->endpoint[e]) && check_reads_endpoint(check, (enum endpoint)e);
    return any;
}

void result_note_broken_off(struct result *out, struct arena *a)
{
    VEC(struct str) text = { 0 };
    size_t lacking = 0, judged = 0;
    for (size_t i = 0; i < COUNT_OF(needed); i++) {
        const struct coverage *c = &out->cluster->coverage[needed[i]];
        if (is_broken(out, c))
            *VEC_PUSH(&text, a) = str_printf(a, "%s were not read whole: %.*s",
                                             kind_info(needed[i])->resource, STR_ARG(c->reason));
    }
    for (size_t i = 0; i < out->check_count; i++) {
        enum verdict v = out->check[i].verdict;
        judged +=
            v == VERDICT_PASS || v == VERDICT_FAIL || v == VERDICT_WAIVED || v == VERDICT_UNKNOWN;
        lacking += v == VERDICT_UNKNOWN && rests_on_broken(out, out->check[i].check);
    }
    if (lacking * 2 > judged)
        *VEC_PUSH(&text, a) = str_printf(
            a, "%zu of %zu checks that could be judged lack evidence because answers broke off",
            lacking, judged);
    out->broken_off = text.item;
    out->broken_off_count = text.count;
}
