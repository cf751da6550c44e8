/* Of a part's rows those that a pair narrows itself to: counted while they are judged, and their
 * verdict. */
#include "audit/found.h"

void part_share_note(struct audit *au, struct part_state *part, const struct judgement *j,
                     const struct pending *found)
{
    for (size_t i = 0; i < part->def->filter_count; i++) {
        struct share *s = &part->result.share[i];
        bool in = j->in >> i & 1, unsure = j->unsure >> i & 1;
        s->population += in || unsure;
        s->unsure += unsure;
        s->unknown += unsure || (in && j->outcome == VERDICT_UNKNOWN);
        s->passed += in && j->outcome == VERDICT_PASS;
        s->failed += in && j->outcome == VERDICT_FAIL;
        s->manual += in && j->outcome == VERDICT_MANUAL;
    }
    if (part->def->filter_count && j->in && j->outcome == VERDICT_FAIL)
        *VEC_PUSH(&part->filtered, au->arena) = (struct filtered_failure){ found, j->in };
}

void part_share_waive(struct part_state *part)
{
    for (size_t k = 0; k < part->filtered.count; k++) {
        const struct filtered_failure *f = &part->filtered.item[k];
        for (size_t i = 0; f->found->outcome == VERDICT_WAIVED && i < part->def->filter_count;
             i++) {
            if (!(f->in >> i & 1))
                continue;
            part->result.share[i].failed--;
            part->result.share[i].waived++;
        }
    }
}

/* As the part's own verdict is told of its own counts. */
static enum verdict of_counts(const struct share *s, bool gap)
{
    if (s->failed)
        return VERDICT_FAIL;
    if (gap || s->unknown)
        return VERDICT_UNKNOWN;
    if (s->waived)
        return VERDICT_WAIVED;
    if (s->manual)
        return VERDICT_MANUAL;
    return s->population ? VERDICT_PASS : VERDICT_NOT_APPLICABLE;
}

static void add(struct share *to, const struct share *s)
{
    to->population += s->population;
    to->passed += s->passed;
    to->failed += s->failed;
    to->waived += s->waived;
    to->unknown += s->unknown;
    to->manual += s->manual;
    to->unsure += s->unsure;
}

void check_share(struct audit *au, struct check_result *c)
{
    const struct check *def = c->check;
    struct str why;
    c->share = arena_array(au->arena, struct share, def->filter_count);
    for (size_t i = 0; i < def->filter_count; i++) {
        struct share *s = &c->share[i];
        s->verdict = def->attestation ? VERDICT_MANUAL : VERDICT_NOT_APPLICABLE;
        for (size_t p = 0; p < def->part_count; p++) {
            bool gap = cluster_first_gap(au->cluster, def->part[p].needs) != KIND_NONE;
            add(s, &c->part[p].share[i]);
            s->verdict = verdict_roll_up(s->verdict, of_counts(&c->part[p].share[i], gap));
        }
        if (s->verdict != VERDICT_FAIL && s->verdict != VERDICT_WAIVED &&
            !audit_is_applicable(au, def, &why))
            s->verdict = VERDICT_NOT_APPLICABLE;
        if (c->attestation && s->verdict == VERDICT_MANUAL)
            s->verdict = c->verdict;
    }
}
