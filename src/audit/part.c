/* One part of one check while it is judged: its counts and what was found, grouped by workload. */
#include "audit/part.h"

#include "audit/trim.h"

static struct str text_dup(struct audit *au, struct str s)
{
    return str_dup(au->arena, s);
}

static void fill(struct audit *au, struct part_state *part, struct finding *f, const struct judgement *j, struct object_ref ref)
{
    struct finding kept = *f;
    *f = (struct finding){
        .check = part->check, .part = part->part, .outcome = j->outcome, .object = object_ref_dup(au->arena, ref),
        .message = trim_text(au->arena, j->message, FINDING_MESSAGE_BYTES), .validation = j->validation,
        .evidence = trim_evidence(au->arena, j->evidence), .pods = kept.pods, .in_template = kept.in_template,
    };
    memcpy(f->pod_name, kept.pod_name, sizeof f->pod_name);
}

/* What the object of a finding showed, apart from its like. */
static const struct observation *own_observation(struct audit *au, const struct judgement *j)
{
    if (!j->observed)
        return NULL;
    struct observation *o = arena_new(au->arena, struct observation);
    *o = j->observation;
    o->outcome = j->outcome;
    o->count = 1;
    o->grade = trim_text(au->arena, o->grade, FINDING_TEXT_BYTES);
    o->source = trim_text(au->arena, o->source, FINDING_TEXT_BYTES);
    o->seen = text_dup(au, o->seen);
    o->instance[0] = trim_text(au->arena, o->instance[0], FINDING_TEXT_BYTES);
    return o;
}

static struct pending *new_pending(struct audit *au, struct part_state *part, uint32_t owner)
{
    struct pending *p = arena_new(au->arena, struct pending);
    p->owner = owner;
    *VEC_PUSH(&part->pending, au->arena) = p;
    return p;
}

static struct pending *pending_of(struct audit *au, struct part_state *part, uint32_t owner)
{
    if (!owner)
        return new_pending(au, part, 0);
    if (owner >= part->by_owner_count) {
        size_t count = part->by_owner_count ? part->by_owner_count : 64;
        while (count <= owner)
            count *= 2;
        part->by_owner = arena_grow(au->arena, part->by_owner, part->by_owner_count * sizeof(uint32_t), count * sizeof(uint32_t));
        part->by_owner_count = count;
    }
    if (!part->by_owner[owner]) {
        (void)new_pending(au, part, owner);
        part->by_owner[owner] = (uint32_t)part->pending.count;
    }
    return part->pending.item[part->by_owner[owner] - 1];
}

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
    struct str *name = part->result.excepted_name, text = object_ref_text(au->arena, ref);
    part->result.excepted++;
    while (at < cap && name[at].n && str_cmp(name[at], text) <= 0)
        at++;
    if (at == cap)
        return;
    memmove(&name[at + 1], &name[at], (cap - at - 1) * sizeof *name);
    name[at] = text;
}

/* Of one workload's pods the worst is told; of equals the template, else the first pod by name: the
 * order of arrival must not matter. */
static bool is_better(const struct pending *p, const struct judgement *j, bool from_template, struct str pod_name)
{
    const struct finding *f = &p->finding;
    if (j->outcome != f->outcome)
        return j->outcome > f->outcome;
    if (j->validation != f->validation)
        return j->validation < f->validation;
    if (from_template != p->told_by_template)
        return from_template;
    return str_cmp(pod_name, p->told_by_pod) < 0;
}

/* One more pod of the workload; the first by name are examples. */
static void note_pod(struct audit *au, struct finding *f, struct str pod_name)
{
    f->pods++;
    for (size_t i = 0; i < 3; i++) {
        if (f->pod_name[i].n && str_cmp(pod_name, f->pod_name[i]) >= 0)
            continue;
        for (size_t k = 2; k > i; k--)
            f->pod_name[k] = f->pod_name[k - 1];
        f->pod_name[i] = text_dup(au, pod_name);
        return;
    }
}

struct finding *part_note(struct audit *au, struct part_state *part, const struct judgement *j, struct object_ref ref,
               uint32_t owner, bool from_template, struct str pod_name)
{
    if (j->excepted)
        note_excepted(au, part, ref);
    if (j->outcome == VERDICT_NOT_APPLICABLE)
        return NULL;
    count(&part->result, j, from_template);
    part_observe(au, part, j);
    if (j->outcome == VERDICT_PASS)
        return NULL;
    struct pending *p = pending_of(au, part, owner);
    p->failed += j->outcome == VERDICT_FAIL;
    struct finding *f = &p->finding;
    bool is_new = f->outcome == VERDICT_NOT_APPLICABLE;
    bool tells = is_new || is_better(p, j, from_template, pod_name);
    if (tells) {
        fill(au, part, f, j, ref);
        f->observation = own_observation(au, j);
        p->told_by_template = from_template;
        p->told_by_pod = text_dup(au, pod_name);
    }
    if (from_template)
        f->in_template = true;
    if (pod_name.n)
        note_pod(au, f, pod_name);
    return tells ? f : NULL;
}
