/* The end of an audit: what is left is judged, findings are ordered, checks get their verdicts,
 * then the score and the frameworks. */
#include "audit/accept.h"
#include "audit/ending.h"
#include "audit/found.h"

static bool read_finding(void *audit, struct finding *out, size_t i, struct arena *a,
                         struct err *err)
{
    return found_read(out, audit, i, a, err);
}

static bool glance_at_finding(void *audit, struct finding *out, size_t i, struct arena *a,
                              struct err *err)
{
    (void)a, (void)err;
    found_glance(out, audit, i);
    return true;
}

static void finish_findings(struct audit *au, struct result *out)
{
    found_gather(au);
    for (size_t i = 0; i < au->part.count; i++)
        accept_waivers(au, &au->part.item[i]);
    found_sort(au);
    out->findings =
        (struct finding_source){ read_finding, glance_at_finding, au, au->found->spool.dir };
    out->finding_count = au->found->count;
}

static void part_shown(struct audit *au, struct part_state *p)
{
    p->result.wanted = part_wanted(au, p->def);
    p->result.observation = p->observation.item;
    p->result.observation_count = p->observation.count;
}

static void finish_checks(struct audit *au, struct result *out)
{
    const struct benchmark *b = au->bench;
    out->check = arena_array(au->arena, struct check_result, b->check_count);
    size_t part = 0;
    for (size_t i = 0; i < b->check_count; i++) {
        if (!au->selected[i])
            continue;
        struct check_result *c = &out->check[out->check_count];
        c->check = &b->check[i];
        c->part = arena_array(au->arena, struct part_result, c->check->part_count);
        c->first_finding =
            part < au->part.count ? au->part.item[part].first_finding : out->finding_count;
        for (size_t p = 0; p < c->check->part_count; p++, part++) {
            struct part_state *state = &au->part.item[part];
            state->check_result = (uint32_t)out->check_count;
            part_verdict(au, state);
            part_shown(au, state);
            c->part[p] = state->result;
            c->finding_count += state->finding_count;
        }
        out->check_count++;
        check_verdict(au, c, &au->part.item[part - c->check->part_count]);
        check_share(au, c);
        check_calls(au, c);
        c->is_outside = check_is_outside(au, c);
        out->incomplete |= c->verdict == VERDICT_UNKNOWN && !c->is_outside;
    }
    if (au->cluster->is_open)
        outside_drop_findings(au, out);
    outside_name(au, out);
}

/* NULL: no requirement of the check is evidence under a condition. */
static struct judged_condition *conditions_of(struct audit *au, const struct check *c)
{
    struct judged_condition *out = NULL;
    for (size_t i = 0; i < c->requirement_count; i++) {
        if (!c->requirement[i].when)
            continue;
        if (!out)
            out = arena_array(au->arena, struct judged_condition, c->requirement_count);
        out[i].state = audit_condition(au, c->requirement[i].when, &out[i].why);
    }
    return out;
}

static void finish_frameworks(struct audit *au, struct result *out,
                              const struct framework *framework, size_t framework_count)
{
    struct judged_check *check = arena_array(au->arena, struct judged_check, out->check_count);
    for (size_t i = 0; i < out->check_count; i++)
        check[i] = (struct judged_check){ .check = out->check[i].check,
                                          .verdict = out->check[i].verdict,
                                          .is_outside = out->check[i].is_outside,
                                          .share = out->check[i].share,
                                          .condition = conditions_of(au, out->check[i].check) };
    out->framework = arena_array(au->arena, struct framework_result, framework_count);
    out->framework_count = framework_count;
    for (size_t i = 0; i < framework_count; i++)
        out->framework[i] = framework_judge(au->arena, &framework[i], check, out->check_count);
}

bool audit_finish(struct audit *au, const struct framework *framework, size_t framework_count,
                  struct result *out, struct err *err)
{
    if (!au->facts)
        au->facts = facts_open(au->arena, au->cluster);
    facts_complete(au->facts);
    if (!spool_ok(&au->found->spool, err) || !audit_walk_populations(au, err))
        return false;
    audit_walk_for_policies(au);
    out->scopes = facts_scopes(au->facts, au->arena);
    out->cluster = au->cluster;
    out->nodes = au->nodes;
    out->bench = au->bench;
    out->params = au->params;
    finish_findings(au, out);
    finish_checks(au, out);
    accept_notes(au, out);
    result_score(out, au->arena);
    finish_frameworks(au, out, framework, framework_count);
    return spool_ok(&au->found->spool, err);
}
