/* What a run tested and found for each requirement of a framework. */
#include "audit/requirements.h"

#include "base/vec.h"

const char *found_name(enum found f)
{
    static const char *const name[FOUND_COUNT] = { "nothing-tested", "input-only", "the-run-itself",
                                                   "no-exception", "exceptions" };
    return name[f];
}

const char *found_text(enum found f)
{
    static const char *const text[FOUND_COUNT] = {
        "nothing tested",   "input for a person only",
        "the run itself",   "no exception found in what was tested",
        "exceptions found",
    };
    return text[f];
}

/* A test gave an answer. What a person attests, and what does not apply, is none. */
static bool is_tested(enum verdict v)
{
    return v == VERDICT_PASS || v == VERDICT_FAIL || v == VERDICT_WAIVED;
}

static bool is_exception(enum verdict v)
{
    return v == VERDICT_FAIL || v == VERDICT_WAIVED;
}

const char *pair_condition_name(enum pair_condition c)
{
    static const char *const name[CONDITION_COUNT] = { "none", "holds", "does-not-hold",
                                                       "cannot-be-seen" };
    return name[c];
}

/* Failures first; of equal verdicts the stronger evidence first; then as the benchmark has them.
 * What does not count is last. */
static bool stands_before(const struct requirement_pair *x, const struct requirement_pair *y)
{
    if (pair_counts(x) != pair_counts(y))
        return pair_counts(x);
    if (x->verdict != y->verdict)
        return x->verdict > y->verdict;
    if (x->ref->strength != y->ref->strength)
        return x->ref->strength > y->ref->strength;
    return x->check < y->check;
}

static void sort_pairs(struct requirement_pair *p, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        struct requirement_pair moved = p[i];
        size_t k = i;
        for (; k && stands_before(&moved, &p[k - 1]); k--)
            p[k] = p[k - 1];
        p[k] = moved;
    }
}

static enum found found_of(const struct requirement_result *q, bool run_tested)
{
    bool decided = false, input = false;
    for (size_t i = 0; i < q->pair_count; i++) {
        enum verdict v = q->pair[i].verdict;
        bool supports = q->pair[i].ref->strength == STRENGTH_SUPPORT;
        if (!pair_counts(&q->pair[i]))
            continue;
        if (is_exception(v) && !supports)
            return FOUND_EXCEPTIONS;
        decided |= is_tested(v) && !supports;
        input |= is_tested(v) && supports;
    }
    if (decided)
        return FOUND_NO_EXCEPTION;
    if (q->requirement->by_run && run_tested && q->requirement->run_strength != STRENGTH_SUPPORT)
        return FOUND_RUN;
    return input || (q->requirement->by_run && run_tested) ? FOUND_INPUT : FOUND_NOTHING;
}

void requirement_count(struct requirement_result *q, const struct requirement_pair *p)
{
    if (!pair_counts(p)) {
        q->uncounted++;
        return;
    }
    q->verdict[p->verdict]++;
    q->strength[p->ref->strength]++;
    q->tested += is_tested(p->verdict);
}

static struct requirement_pair pair_of(const struct judged_check *check, uint32_t at,
                                       size_t requirement)
{
    const struct requirement_ref *ref = &check->check->requirement[requirement];
    struct requirement_pair p = { .check = at, .ref = ref, .verdict = check->verdict };
    if (ref->filter && check->share) {
        p.share = &check->share[ref->filter - 1];
        p.verdict = p.share->verdict;
    }
    if (ref->when) {
        p.condition = check->condition ? check->condition[requirement].state : CONDITION_UNSEEN;
        p.unseen = check->condition ? check->condition[requirement].why : (struct str){ 0 };
    }
    return p;
}

static struct requirement_result requirement_judge(struct arena *a, const struct framework *f,
                                                   const struct requirement *r,
                                                   const struct judged_check *check,
                                                   size_t check_count, bool run_tested)
{
    struct requirement_result q = { .requirement = r };
    VEC(struct requirement_pair) pair = { 0 };
    for (size_t i = 0; i < check_count; i++) {
        const struct check *c = check[i].check;
        for (size_t k = 0; k < c->requirement_count && !check[i].is_outside; k++) {
            const struct requirement_ref *ref = &c->requirement[k];
            if (!str_eq(ref->framework, f->id) || !str_eq(ref->requirement, r->id))
                continue;
            struct requirement_pair p = pair_of(&check[i], (uint32_t)i, k);
            *VEC_PUSH(&pair, a) = p;
            requirement_count(&q, &p);
        }
    }
    q.pair = pair.item;
    q.pair_count = pair.count;
    sort_pairs(q.pair, q.pair_count);
    q.found = found_of(&q, run_tested);
    q.contributes = q.found != FOUND_NOTHING;
    return q;
}

struct framework_result framework_judge(struct arena *a, const struct framework *f,
                                        const struct judged_check *check, size_t check_count)
{
    struct framework_result fr = { .framework = f,
                                   .requirement = arena_array(a, struct requirement_result,
                                                              f->requirement_count) };
    bool run_tested = false;
    for (size_t i = 0; i < check_count; i++)
        run_tested |= is_tested(check[i].verdict) && !check[i].is_outside;
    for (size_t r = 0; r < f->requirement_count; r++) {
        struct requirement_result *q = &fr.requirement[r];
        *q = requirement_judge(a, f, &f->requirement[r], check, check_count, run_tested);
        if (q->pair_count || q->requirement->by_run)
            fr.found[q->found]++;
        fr.contributed += q->contributes;
        fr.conditional += q->contributes && q->requirement->when.n;
    }
    return fr;
}
