/* What other tools said, beside the checks that it is about. */
#include "audit/third_party.h"

#include "audit/trim.h"

#define TOLD_IN_REASON 3u
#define TEXT_BYTES     300u

struct str third_party_text(struct arena *a, const struct third_party_result *x)
{
    struct str at = clock_format_rfc3339(a, x->seen);
    struct str where = trim_text(a, x->where, TEXT_BYTES),
               benchmark = trim_text(a, x->benchmark, TEXT_BYTES);
    return str_printf(a, "%.*s says %.*s of %.*s%s%.*s%s%.*s%s, as of %.*s%s",
                      STR_ARG(trim_text(a, x->tool, TEXT_BYTES)), STR_ARG(x->verdict),
                      STR_ARG(trim_text(a, x->id, TEXT_BYTES)), benchmark.n ? " in " : "",
                      STR_ARG(benchmark), where.n ? " (" : "", STR_ARG(where), where.n ? ")" : "",
                      STR_ARG(at), x->dated_by_file ? ", when its file was written" : "");
}

static bool is_ours(const struct benchmark *b)
{
    return str_has_prefix(b->id, STR("cis-kubernetes-2.0."));
}

static void join_check(struct result *r, struct check_result *c, int64_t max_age_s, struct arena *a)
{
    VEC(uint32_t) index = { 0 };
    VEC(struct str) said = { 0 };
    for (size_t i = 0; i < r->third_party->result.count; i++) {
        const struct third_party_result *x = &r->third_party->result.item[i];
        if (!x->control.n || !str_eq(x->control, c->check->id))
            continue;
        *VEC_PUSH(&index, a) = (uint32_t)i;
        bool old = r->cluster->now.s - x->seen.s > max_age_s;
        if (said.count < TOLD_IN_REASON)
            *VEC_PUSH(&said, a) =
                old ? str_printf(a, "%.*s, which is old", STR_ARG(third_party_text(a, x)))
                    : third_party_text(a, x);
    }
    c->third_party = index.item;
    c->third_party_count = index.count;
    if (c->verdict != VERDICT_UNKNOWN || !said.count)
        return;
    c->reason =
        str_printf(a, "%.*s; third-party evidence, which decides nothing here: %.*s%s",
                   STR_ARG(c->reason), STR_ARG(str_join(a, said.item, said.count, STR("; "))),
                   index.count > said.count ? "; and more" : "");
}

void audit_join_third_party(struct result *r, const struct third_party *given, int64_t max_age_s,
                            struct arena *a)
{
    r->third_party = given;
    for (size_t i = 0; given && is_ours(r->bench) && i < r->check_count; i++)
        join_check(r, &r->check[i], max_age_s, a);
}
