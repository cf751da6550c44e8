/* The checks of a benchmark as admission policies. */
#include "bench/export.h"

/* What a person decides refuses nothing. */
static void take_validations(struct policy_export *e, struct arena *a,
                             const struct check_part *part)
{
    struct policy_validation *made =
        arena_array(a, struct policy_validation, part->validation_count);
    for (size_t i = 0; i < part->validation_count; i++) {
        const struct validation *v = &part->validation[i];
        if (v->otherwise == OTHERWISE_FAIL)
            made[e->validation_count++] =
                (struct policy_validation){ .expression = v->expression,
                                            .message_expression = v->message_expression,
                                            .message = v->message };
    }
    e->validation = made;
}

struct policy_export check_export(struct arena *a, const struct benchmark *b, const struct check *c,
                                  const struct check_part *part, struct value params,
                                  const struct policy_force *force)
{
    struct policy_export e = {
        .benchmark = b->id,
        .check = c->id,
        .title = c->title,
        .part = part->name,
        .over = part->over,
        .decides = true,
        .kind = part->kind,
        .shared = b->variable,
        .shared_count = b->variable_count,
        .own = part->variable,
        .own_count = part->variable_count,
        .match = part->match,
        .match_count = part->match_count,
        .except = part->except,
        .except_count = part->except_count,
        .params = params,
        .force = force,
    };
    take_validations(&e, a, part);
    return e;
}

void check_export_write(struct buf *out, const struct benchmark *b, const struct check *c,
                        struct value params, const struct policy_force *force,
                        struct export_count *count)
{
    struct arena scratch CLEANUP(arena_release) = { 0 };
    size_t before = count->written;
    for (size_t i = 0; i < c->part_count; i++) {
        struct policy_export e = check_export(&scratch, b, c, &c->part[i], params, force);
        bool can = policy_export_write(out, &e);
        count->written += can;
        count->not_written += !can;
    }
    if (!c->part_count)
        count->not_written +=
            !policy_export_write(out, &(struct policy_export){ .check = c->id, .force = force });
    if (count->written > before)
        count->checks++;
    else
        count->checks_without++;
}
