/* Populations that are not judged while they stream, row by row, for every part that is over them.
 */
#include "audit/ending.h"
#include "audit/found.h"

/* One population, and each of its rows for every part that is over it. */
struct walk {
    struct audit *au;
    const struct check_part *first; /* the first part over it: says which population it is */
    struct arena scratch;
};

static bool is_same_population(const struct check_part *a, const struct check_part *b)
{
    return a->table == b->table && a->kind == b->kind;
}

struct str audit_singular(struct str plural)
{
    size_t ending = str_has_suffix(plural, STR("sses")) ? 2
                    : str_has_suffix(plural, STR("s"))  ? 1
                                                        : 0;
    return str_sub(plural, 0, plural.n - ending);
}

static void judge_for_part(struct walk *w, struct part_state *part, struct value object,
                           const struct value *derived)
{
    arena_reset(&w->scratch);
    struct object_ref ref = object_ref_of(object);
    /* a made-up row: subjects have kind and name of their own, others only a table */
    if (!ref.kind.n)
        ref.kind = value_text_at(object, "kind", NULL).n ? value_text_at(object, "kind", NULL)
                                                         : audit_singular(part->def->over);
    if (!ref.name.n) {
        ref.name = value_text_at(object, "name", NULL).n ? value_text_at(object, "name", NULL)
                                                         : value_text_at(object, "pod", NULL);
        ref.ns = value_text_at(object, "namespace", NULL);
    }
    if (w->au->ask) {
        judge_ask(w->au, part, object, derived, ref, &w->scratch);
        return;
    }
    struct judgement j = judge(w->au, part, object, derived, &w->scratch);
    struct pending *found = part_note(w->au, part, &j, ref, 0, false, (struct str){ 0 });
    if (!found)
        return;
    struct explanation why;
    judge_explain(&why, w->au, part, &j, object, derived, &w->scratch);
    found_tell(w->au, found, &j, ref, false, (struct str){ 0 }, &why, &w->scratch);
}

static bool judge_row(void *ctx, struct value object, struct value derived, struct err *err)
{
    struct walk *w = ctx;
    (void)err;
    for (size_t i = 0; i < w->au->part.count; i++)
        if (is_same_population(w->au->part.item[i].def, w->first))
            judge_for_part(w, &w->au->part.item[i], object, &derived);
    return true;
}

static bool walk_population(struct audit *au, const struct check_part *first, struct err *err)
{
    struct walk w = { .au = au, .first = first };
    bool ok = true;
    if (au->ask && au->ask->whole) {
        au->ask->whole(au->ask->ctx, au->facts, au->cluster);
    } else if (first->table) {
        ok = facts_walk(au->facts, first->table, judge_row, &w, err);
    } else {
        for (size_t i = 0; i < au->cluster->kept[first->kind].count; i++)
            (void)judge_row(&w, au->cluster->kept[first->kind].item[i], value_null(), err);
    }
    arena_release(&w.scratch);
    return ok;
}

static bool is_streamed(const struct check_part *p)
{
    return p->kind != KIND_NONE && kind_info(p->kind)->stage == STAGE_STREAM;
}

bool audit_walk_populations(struct audit *au, struct err *err)
{
    for (size_t i = 0; i < au->part.count; i++) {
        const struct check_part *def = au->part.item[i].def;
        bool done = is_streamed(def) || def->policy;
        for (size_t k = 0; k < i && !done; k++)
            done = is_same_population(au->part.item[k].def, def);
        if (!done && !walk_population(au, def, err))
            return false;
    }
    return true;
}

void audit_walk_for_policies(struct audit *au)
{
    struct walk w = { .au = au };
    for (size_t k = 0; k < KIND_COUNT; k++) {
        if (kind_info((enum kind)k)->stage == STAGE_STREAM ||
            kind_info((enum kind)k)->keep != KEEP_WHOLE)
            continue;
        for (size_t o = 0; o < au->cluster->kept[k].count; o++)
            for (size_t i = 0; i < au->part.count; i++)
                if (au->part.item[i].def->policy &&
                    policy_part_wants(au->part.item[i].def->policy, (enum kind)k))
                    judge_for_part(&w, &au->part.item[i], au->cluster->kept[k].item[o], NULL);
    }
    arena_release(&w.scratch);
}
