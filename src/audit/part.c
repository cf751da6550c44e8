/* One part of one check while it is judged: its counts and what was found, grouped by workload. */
#include "audit/found.h"

static void count(struct part_result *r, const struct judgement *j, bool from_template)
{
    r->population++;
    r->templates += from_template;
    switch (j->outcome) {
    case VERDICT_PASS:
        r->passed++;
        return;
    case VERDICT_FAIL:
        r->failed++;
        return;
    case VERDICT_MANUAL:
        r->manual++;
        return;
    case VERDICT_UNKNOWN:
        r->unknown++;
        return;
    case VERDICT_NOT_APPLICABLE:
    case VERDICT_WAIVED:
    case VERDICT_ATTESTED:
    case VERDICT_COUNT:
        return;
    }
}

static void note_excepted(struct audit *au, struct part_state *part, struct object_ref ref)
{
    size_t cap = sizeof part->result.excepted_name / sizeof *part->result.excepted_name, at = 0;
    struct arena_mark mark = arena_mark(au->arena);
    struct str *name = part->result.excepted_name, text = object_ref_text(au->arena, ref);
    part->result.excepted++;
    while (at < cap && name[at].n && str_cmp(name[at], text) <= 0)
        at++;
    if (at == cap) {
        arena_reset_to(au->arena, mark); /* it is only counted */
        return;
    }
    memmove(&name[at + 1], &name[at], (cap - at - 1) * sizeof *name);
    name[at] = text;
}

struct pending *part_note(struct audit *au, struct part_state *part, const struct judgement *j,
                          struct object_ref ref, uint32_t owner, bool from_template,
                          struct str pod_name)
{
    if (j->excepted)
        note_excepted(au, part, ref);
    if (j->outcome == VERDICT_NOT_APPLICABLE)
        return NULL;
    count(&part->result, j, from_template);
    part_observe(au, part, j);
    if (j->outcome == VERDICT_PASS) {
        part_share_note(au, part, j, NULL);
        return NULL;
    }
    struct pending *p = found_add(au, (uint32_t)(part - au->part.item), owner, ref);
    part_share_note(au, part, j, p);
    bool tells = p->outcome == VERDICT_NOT_APPLICABLE ||
                 found_tells_better(au->found, p, j, from_template, pod_name);
    if (p->grouped)
        found_group(au->found, p)->failed += j->outcome == VERDICT_FAIL;
    p->in_template |= from_template;
    if (pod_name.n)
        found_note_pod(au->found, p, pod_name);
    return tells ? p : NULL;
}
