/* What a report tells, against what its recording gives when it is judged again. */
#include "evidence/verify.h"

/* Masked evidence is missing when a recording is judged: that it cannot be told again is no
 * contradiction. */
static enum bundle_fault fault_of(bool partial, bool has_gap)
{
    return partial || has_gap ? FAULT_UNCHECKED : FAULT_WRONGLY_JUDGED;
}

static void compare_heads(struct verify *v, const struct document *told,
                          const struct document *again)
{
    if (!str_eq(told->cluster_id, again->cluster_id))
        verify_tell(v, FAULT_WRONGLY_JUDGED, "the report is of cluster %.*s, the recording of %.*s",
                    STR_ARG(told->cluster_id), STR_ARG(again->cluster_id));
    if (!str_eq(told->benchmark_id, again->benchmark_id) ||
        !str_eq(told->benchmark_sha256, again->benchmark_sha256))
        verify_tell(v, FAULT_WRONGLY_JUDGED,
                    "the report is by %.*s (%.*s), the bundle holds %.*s (%.*s)",
                    STR_ARG(told->benchmark_id), STR_ARG(told->benchmark_sha256),
                    STR_ARG(again->benchmark_id), STR_ARG(again->benchmark_sha256));
    if (!value_equal(told->params, again->params))
        verify_tell(v, FAULT_WRONGLY_JUDGED,
                    "the parameters that the report tells are not those of the bundle");
}

static void compare_checks(struct verify *v, const struct document *told,
                           const struct document *again, bool partial)
{
    for (size_t i = 0; i < told->check_count; i++) {
        const struct document_check *c = &told->check[i], *x = map_get(&again->check_by_id, c->id);
        if (!x)
            verify_tell(v, FAULT_WRONGLY_JUDGED,
                        "check %.*s is told, and is not among those that are judged",
                        STR_ARG(c->id));
        else if (x->verdict != c->verdict)
            verify_tell(v, fault_of(partial, x->verdict == VERDICT_UNKNOWN),
                        "check %.*s is told as %s, and judged as %s", STR_ARG(c->id),
                        verdict_label(c->verdict), verdict_label(x->verdict));
        else
            v->checks++;
    }
    for (size_t i = 0; i < again->check_count; i++)
        if (!map_has(&told->check_by_id, again->check[i].id))
            verify_tell(v, FAULT_WRONGLY_JUDGED, "check %.*s is judged as %s, and is not told",
                        STR_ARG(again->check[i].id), verdict_label(again->check[i].verdict));
}

static void index_prints(struct map *out, struct arena *a, const struct document *d)
{
    map_init(out, a);
    for (size_t i = 0; i < d->finding_count; i++)
        map_put(out, d->finding[i].fingerprint, &d->finding[i]);
}

static void compare_findings(struct verify *v, const struct document *told,
                             const struct document *again, bool partial)
{
    struct map by_print, by_print_told;
    index_prints(&by_print, v->arena, again);
    index_prints(&by_print_told, v->arena, told);
    for (size_t i = 0; i < told->finding_count; i++) {
        const struct document_finding *f = &told->finding[i],
                                      *x = map_get(&by_print, f->fingerprint);
        const struct document_check *c = map_get(&again->check_by_id, f->check);
        struct str object = document_object_text(v->arena, f->object);
        if (x && x->verdict == f->verdict && str_eq(x->place, f->place))
            v->findings++;
        else if (x)
            verify_tell(
                v, fault_of(partial, x->verdict == VERDICT_UNKNOWN && str_eq(x->place, f->place)),
                "%.*s, %.*s: told as %s, and judged as %s of %.*s", STR_ARG(f->check),
                STR_ARG(object), verdict_label(f->verdict), verdict_label(x->verdict),
                STR_ARG(document_object_text(v->arena, x->object)));
        else
            verify_tell(v, fault_of(partial, c && c->has_gap),
                        "%.*s, %.*s: told as %s, and not found", STR_ARG(f->check), STR_ARG(object),
                        verdict_label(f->verdict));
    }
    for (size_t i = 0; i < again->finding_count; i++) {
        const struct document_finding *f = &again->finding[i];
        if (!map_has(&by_print_told, f->fingerprint))
            verify_tell(v, fault_of(partial, f->verdict == VERDICT_UNKNOWN),
                        "%.*s, %.*s: judged as %s, and not told", STR_ARG(f->check),
                        STR_ARG(document_object_text(v->arena, f->object)),
                        verdict_label(f->verdict));
    }
}

void verify_verdicts(struct verify *v, const struct document *told, const struct document *again,
                     bool partial)
{
    compare_heads(v, told, again);
    compare_checks(v, told, again, partial);
    compare_findings(v, told, again, partial);
}
