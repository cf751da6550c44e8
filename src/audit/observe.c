/* What rows showed, kept for the report: equal ones once, with a count. */
#include "audit/part.h"
#include "audit/trim.h"

#include "base/buf.h"

#define INSTANCES_SHOWN  (sizeof((struct observation *)0)->instance / sizeof(struct str))
#define WANTED_BYTES_MAX 4096u

static bool is_same(const struct observation *a, const struct observation *b)
{
    return a->outcome == b->outcome && a->has_seen == b->has_seen && a->defaulted == b->defaulted &&
           str_eq(a->grade, b->grade) && str_eq(a->source, b->source) && str_eq(a->seen, b->seen);
}

void part_observe(struct audit *au, struct part_state *part, const struct judgement *j)
{
    const struct observation *o = &j->observation;
    if (!j->observed || j->outcome == VERDICT_NOT_APPLICABLE)
        return;
    for (size_t i = 0; i < part->observation.count; i++) {
        struct observation *known = &part->observation.item[i];
        if (!is_same(known, o))
            continue;
        if (known->count < INSTANCES_SHOWN)
            known->instance[known->count] =
                trim_text(au->arena, o->instance[0], FINDING_TEXT_BYTES);
        known->count++;
        return;
    }
    if (part->observation.count == OBSERVATIONS_MAX) {
        part->result.observations_left_out++;
        return;
    }
    struct observation *kept = VEC_PUSH(&part->observation, au->arena);
    *kept = (struct observation){
        .outcome = o->outcome,
        .grade = trim_text(au->arena, o->grade, FINDING_TEXT_BYTES),
        .source = trim_text(au->arena, o->source, FINDING_TEXT_BYTES),
        .seen = str_dup(au->arena, o->seen),
        .has_seen = o->has_seen,
        .defaulted = o->defaulted,
        .count = 1,
        .instance = { trim_text(au->arena, o->instance[0], FINDING_TEXT_BYTES) },
    };
}

static void add_param(struct buf *out, struct audit *au, struct str name)
{
    const struct value *v = value_get(au->params, name);
    if (v && v->kind == VALUE_STRING)
        buf_add(out, value_text(*v));
    else if (v)
        buf_add(out, cel_value_text(au->arena, *v, FINDING_TEXT_BYTES));
}

struct str part_wanted(struct audit *au, const struct check_part *part)
{
    struct buf out = BUF_INIT(WANTED_BYTES_MAX);
    const struct str mark = STR(WANTED_PARAM);
    size_t at = 0, next;
    while ((next = str_find(part->wanted, mark, at)) != SIZE_MAX) {
        struct str name, rest;
        buf_add(&out, str_sub(part->wanted, at, next));
        (void)str_cut(str_sub(part->wanted, next + mark.n, part->wanted.n), '}', &name, &rest);
        add_param(&out, au, name);
        at = part->wanted.n - rest.n;
    }
    buf_add(&out, str_sub(part->wanted, at, part->wanted.n));
    struct str text = str_dup(au->arena, out.over ? part->wanted : buf_str(&out));
    buf_release(&out);
    return text;
}
