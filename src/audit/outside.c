/* Checks that files cannot answer: named once, and left out of the findings. */
#include "audit/ending.h"
#include "audit/found.h"

bool check_is_outside(const struct audit *au, const struct check_result *c)
{
    if (!au->cluster->is_open || (c->verdict != VERDICT_UNKNOWN && c->verdict != VERDICT_MANUAL))
        return false;
    for (size_t i = 0; i < c->check->part_count; i++) {
        const struct check_part *def = &c->check->part[i];
        bool says_nothing = c->part[i].verdict == VERDICT_UNKNOWN ||
                            c->part[i].verdict == VERDICT_NOT_APPLICABLE ||
                            c->part[i].verdict == VERDICT_MANUAL;
        bool is_of_cluster = def->table && def->table->about == TABLE_OF_CLUSTER;
        if (!says_nothing || (!is_of_cluster && (def->policy || c->part[i].population ||
                                                 c->part[i].verdict == VERDICT_UNKNOWN)))
            return false;
    }
    return true;
}

void outside_drop_findings(struct audit *au, struct result *out)
{
    size_t kept = 0;
    for (size_t i = 0; i < out->check_count; i++) {
        struct check_result *c = &out->check[i];
        size_t count = c->is_outside ? 0 : c->finding_count;
        memmove(au->found->order + kept, au->found->order + c->first_finding,
                count * sizeof *au->found->order);
        c->first_finding = kept;
        c->finding_count = count;
        kept += count;
    }
    out->finding_count = kept;
}

void outside_name(struct audit *au, struct result *out)
{
    struct check_at *at = arena_array(au->arena, struct check_at, out->check_count);
    for (size_t i = 0; i < out->check_count; i++)
        if (out->check[i].is_outside)
            at[out->outside_count++] = (struct check_at){ out->check[i].check, i };
    if (out->outside_count)
        out->outside = check_ids_text(au->arena, at, out->outside_count);
}
