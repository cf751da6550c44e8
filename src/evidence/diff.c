/* Two reports beside each other, check by check and finding by finding. */
#include "evidence/diff.h"

#include "base/vec.h"
#include "value/json_doc.h"

#define RULES_BYTES_MAX ((size_t)4 << 20)

const char *const change_name[CHANGE_COUNT] = { "new", "fixed", "changed", "unchanged",
                                                "incomparable" };

typedef VEC(struct diff_pair) pairs;
struct comparing {
    struct arena *arena;
    const struct document *from, *to;
    bool same_benchmark; /* by its id: ids of checks mean the same */
    bool across_is_known;
    pairs pair;
    /* side and two checks -> struct str *: why that side's silence says nothing, if so */
    struct map cause;
    VEC(struct diff_check) check;
    VEC(struct diff_finding) finding;
    VEC(struct str) note, other_param;
};

/* ---- what is which ---- */

static void pair_checks(struct comparing *c, const struct diff_options *o)
{
    for (size_t i = 0; c->same_benchmark && i < c->to->check_count; i++)
        *VEC_PUSH(&c->pair, c->arena) =
            (struct diff_pair){ c->to->check[i].id, c->to->check[i].id };
    for (size_t i = 0; !c->same_benchmark && i < o->pair_count; i++)
        if (o->pair[i].from.n && o->pair[i].to.n)
            *VEC_PUSH(&c->pair, c->arena) = o->pair[i];
}

/* ---- how it was judged ---- */

/* Populations, conditions and expressions of a check, without what came out. */
static struct str rules_text(struct arena *a, const struct document_check *c)
{
    static const char *const rule[] = { "name",       "over",      "matchConditions",
                                        "exceptions", "variables", "validations" };
    struct buf text CLEANUP(buf_release) = BUF_INIT(RULES_BYTES_MAX);
    for (uint32_t i = 0; c->part.kind == VALUE_LIST && i < c->part.n; i++)
        for (size_t k = 0; k < COUNT_OF(rule); k++) {
            const struct value *v = value_get(value_item(c->part, i), str_from_c(rule[k]));
            json_doc_write(&text, v ? *v : value_null(), JSON_DOC_SORTED);
            buf_add_char(&text, '\n');
        }
    return str_dup(a, buf_str(&text));
}

static void compare_params(struct comparing *c)
{
    for (uint32_t i = 0; c->from->params.kind == VALUE_LIST && i < c->from->params.n; i++) {
        struct value was = value_item(c->from->params, i);
        for (uint32_t k = 0; c->to->params.kind == VALUE_LIST && k < c->to->params.n; k++) {
            struct value is = value_item(c->to->params, k);
            const struct value *x = value_get(was, STR("value")), *y = value_get(is, STR("value"));
            if (x && y &&
                str_eq(value_text_at(was, "name", NULL), value_text_at(is, "name", NULL)) &&
                !value_equal(*x, *y))
                *VEC_PUSH(&c->other_param, c->arena) = value_text_at(is, "name", NULL);
        }
    }
    if (c->other_param.count)
        *VEC_PUSH(&c->note, c->arena) = str_printf(
            c->arena, "parameters have other values: %.*s",
            STR_ARG(str_join(c->arena, c->other_param.item, c->other_param.count, STR(", "))));
}

/* Empty: both were judged alike. */
static struct str judged_otherwise(struct comparing *c, const struct document_check *from,
                                   const struct document_check *to)
{
    struct str x = rules_text(c->arena, from), y = rules_text(c->arena, to);
    if (!str_eq(x, y))
        return STR("the two reports judge it by other expressions");
    for (size_t i = 0; i < c->other_param.count; i++)
        if (str_contains(y, str_printf(c->arena, "params.%.*s", STR_ARG(c->other_param.item[i]))))
            return str_printf(c->arena, "parameter %.*s has another value",
                              STR_ARG(c->other_param.item[i]));
    return (struct str){ 0 };
}

/* ---- checks ---- */

static struct str undecided(struct arena *a, const char *which, const struct document_check *c)
{
    return str_printf(a, "unknown in the %s: %.*s", which, STR_ARG(c->reason));
}

static struct diff_check compare_check(struct comparing *c, const struct document_check *from,
                                       const struct document_check *to)
{
    struct diff_check row = { .change = CHANGE_INCOMPARABLE, .from = from, .to = to };
    struct str otherwise;
    if (from->verdict == VERDICT_UNKNOWN || to->verdict == VERDICT_UNKNOWN)
        row.cause = from->verdict == to->verdict       ? STR("unknown in both")
                    : from->verdict == VERDICT_UNKNOWN ? undecided(c->arena, "earlier", from)
                                                       : undecided(c->arena, "later", to);
    else if (from->verdict == to->verdict)
        row.change = CHANGE_UNCHANGED;
    else if ((otherwise = judged_otherwise(c, from, to)).n)
        row.cause = otherwise;
    else if (to->verdict == VERDICT_FAIL && from->verdict != VERDICT_WAIVED)
        row.change = CHANGE_NEW;
    else if (from->verdict == VERDICT_FAIL && to->verdict == VERDICT_PASS)
        row.change = CHANGE_FIXED;
    else
        row.change = CHANGE_OTHER;
    return row;
}

static struct str not_there(const struct comparing *c, const char *which)
{
    if (!c->same_benchmark && !c->across_is_known)
        return STR("another benchmark, and no crosswalk between the two is at hand");
    return str_printf(
        c->arena,
        c->same_benchmark
            ? "not judged in the %s report"
            : "the benchmark of the %s report has no such check, or it was not judged",
        which);
}

static void compare_checks(struct comparing *c)
{
    struct map from_met, to_met;
    map_init(&from_met, c->arena);
    map_init(&to_met, c->arena);
    for (size_t i = 0; i < c->pair.count; i++) {
        const struct document_check *from = map_get(&c->from->check_by_id, c->pair.item[i].from),
                                    *to = map_get(&c->to->check_by_id, c->pair.item[i].to);
        if (!from || !to)
            continue;
        *VEC_PUSH(&c->check, c->arena) = compare_check(c, from, to);
        (void)map_at(&from_met, from->id, NULL);
        (void)map_at(&to_met, to->id, NULL);
    }
    for (size_t i = 0; i < c->to->check_count; i++)
        if (!map_has(&to_met, c->to->check[i].id))
            *VEC_PUSH(&c->check, c->arena) =
                (struct diff_check){ .change = CHANGE_INCOMPARABLE,
                                     .to = &c->to->check[i],
                                     .cause = not_there(c, "earlier") };
    for (size_t i = 0; i < c->from->check_count; i++)
        if (!map_has(&from_met, c->from->check[i].id))
            *VEC_PUSH(&c->check, c->arena) = (struct diff_check){ .change = CHANGE_INCOMPARABLE,
                                                                  .from = &c->from->check[i],
                                                                  .cause = not_there(c, "later") };
}

/* ---- findings ---- */

static bool is_deviation(const struct document_finding *f)
{
    return f->verdict == VERDICT_FAIL || f->verdict == VERDICT_WAIVED;
}

/* By fingerprint where both are of one benchmark; by check, part and object too, which outlives an
 * expression. */
static void index_findings(struct map *by_print, struct map *by_place, const struct document *d,
                           struct arena *a)
{
    map_init(by_print, a);
    map_init(by_place, a);
    for (size_t i = 0; i < d->finding_count; i++) {
        map_put(by_print, d->finding[i].fingerprint, &d->finding[i]);
        map_put(by_place, d->finding[i].place, &d->finding[i]);
    }
}

static const struct document_finding *find_other(struct comparing *c, const struct map *by_print,
                                                 const struct map *by_place,
                                                 const struct document_finding *f, struct str check)
{
    const struct document_finding *other =
        c->same_benchmark ? map_get(by_print, f->fingerprint) : NULL;
    if (other)
        return other;
    other = map_get(by_place, document_place(c->arena, check, f->part, f->object));
    /* Of one benchmark, another expression of the same part is another finding, unless it could not
     * be judged. */
    return other && (!c->same_benchmark || other->verdict == VERDICT_UNKNOWN) ? other : NULL;
}

/* A finding that the other report does not have: whether that says anything. Empty: it does. */
static struct str silence(struct comparing *c, const struct document_check *mine,
                          const struct document_check *other, bool mine_is_later)
{
    const char *which = mine_is_later ? "earlier" : "later";
    struct str key = str_printf(c->arena, "%s%zu:%.*s,%.*s", which, mine->id.n, STR_ARG(mine->id),
                                STR_ARG(other->id));
    bool created;
    void **known = map_at(&c->cause, key, &created);
    if (created) {
        struct str *cause = arena_new(c->arena, struct str);
        *cause = other->has_gap
                     ? str_printf(c->arena,
                                  "not all that %.*s is judged by could be seen in the %s report",
                                  STR_ARG(other->id), which)
                 : mine_is_later ? judged_otherwise(c, other, mine)
                                 : judged_otherwise(c, mine, other);
        *known = cause;
    }
    return *(const struct str *)*known;
}

struct other_side {
    const struct document *doc;
    struct map by_print, by_place;
    bool is_earlier;
};

/* The checks of the other side that f's is; the first that has the finding, or else what its
 * silence says. */
static void compare_finding(struct comparing *c, const struct document_finding *f,
                            const struct other_side *o)
{
    const struct document_check *mine =
        map_get(o->is_earlier ? &c->to->check_by_id : &c->from->check_by_id, f->check);
    const struct document_finding *found = NULL;
    struct str cause = not_there(c, o->is_earlier ? "earlier" : "later");
    for (size_t i = 0; i < c->pair.count && !found; i++) {
        const struct diff_pair *p = &c->pair.item[i];
        const struct document_check *other =
            str_eq(o->is_earlier ? p->to : p->from, f->check)
                ? map_get(&o->doc->check_by_id, o->is_earlier ? p->from : p->to)
                : NULL;
        if (!other)
            continue;
        found = find_other(c, &o->by_print, &o->by_place, f, other->id);
        cause = silence(c, mine, other, o->is_earlier);
    }
    struct diff_finding row = { .change = CHANGE_INCOMPARABLE,
                                .from = o->is_earlier ? found : f,
                                .to = o->is_earlier ? f : found,
                                .check = mine,
                                .cause = cause };
    if (found && is_deviation(found) && !o->is_earlier)
        return; /* told from the later side */
    if (found && found->verdict == VERDICT_UNKNOWN)
        row.cause = str_printf(c->arena, "the object could not be judged in the %s report",
                               o->is_earlier ? "earlier" : "later");
    else if (found && found->verdict != VERDICT_MANUAL)
        row.change = found->verdict == f->verdict ? CHANGE_UNCHANGED : CHANGE_OTHER,
        row.cause = (struct str){ 0 };
    else if (!cause.n)
        row.change = !o->is_earlier && found ? CHANGE_OTHER
                     : o->is_earlier         ? CHANGE_NEW
                                             : CHANGE_FIXED;
    *VEC_PUSH(&c->finding, c->arena) = row;
}

static void compare_findings(struct comparing *c)
{
    struct other_side earlier = { .doc = c->from, .is_earlier = true }, later = { .doc = c->to };
    map_init(&c->cause, c->arena);
    index_findings(&earlier.by_print, &earlier.by_place, c->from, c->arena);
    index_findings(&later.by_print, &later.by_place, c->to, c->arena);
    for (size_t i = 0; i < c->to->finding_count; i++)
        if (is_deviation(&c->to->finding[i]))
            compare_finding(c, &c->to->finding[i], &earlier);
    for (size_t i = 0; i < c->from->finding_count; i++)
        if (is_deviation(&c->from->finding[i]))
            compare_finding(c, &c->from->finding[i], &later);
}

/* ---- the whole ---- */

static bool same_cluster(struct comparing *c, const struct diff_options *o, struct err *err)
{
    struct str x = c->from->cluster_id, y = c->to->cluster_id;
    if (x.n && y.n && !str_eq(x, y) && !o->any_cluster)
        return err_set(err, ERR_USAGE,
                       "the reports are of two clusters (%.*s and %.*s): --any-cluster compares "
                       "them all the same",
                       STR_ARG(x), STR_ARG(y));
    if (x.n && y.n && !str_eq(x, y))
        *VEC_PUSH(&c->note, c->arena) = STR("the reports are of two clusters: what is new or fixed "
                                            "is a difference between them, and no change");
    else if (!x.n || !y.n)
        *VEC_PUSH(&c->note, c->arena) =
            STR("a report has no id of its cluster: that both are of one was not checked");
    return true;
}

static void note_benchmarks(struct comparing *c)
{
    if (!c->same_benchmark)
        *VEC_PUSH(&c->note, c->arena) =
            str_printf(c->arena, "judged by %.*s and by %.*s", STR_ARG(c->from->benchmark_id),
                       STR_ARG(c->to->benchmark_id));
    else if (!str_eq(c->from->benchmark_sha256, c->to->benchmark_sha256))
        *VEC_PUSH(&c->note, c->arena) =
            str_printf(c->arena, "the two files of benchmark %.*s are not the same",
                       STR_ARG(c->to->benchmark_id));
    if (str_eq(c->from->run_id, c->to->run_id))
        *VEC_PUSH(&c->note, c->arena) = STR("both reports are of one run");
    else if (str_cmp(c->from->started, c->to->started) > 0)
        *VEC_PUSH(&c->note, c->arena) = STR("the first report is the later one: new and fixed are "
                                            "told from the first to the second");
}

bool diff_make(struct diff *out, struct arena *a, const struct document *from,
               const struct document *to, const struct diff_options *o, struct err *err)
{
    struct comparing c = { .arena = a,
                           .from = from,
                           .to = to,
                           .same_benchmark = str_eq(from->benchmark_id, to->benchmark_id),
                           .across_is_known = o->pair != NULL };
    struct diff d = { .from = from, .to = to };
    if (!same_cluster(&c, o, err))
        return false;
    note_benchmarks(&c);
    compare_params(&c);
    pair_checks(&c, o);
    compare_checks(&c);
    compare_findings(&c);
    d.note = c.note.item, d.note_count = c.note.count;
    d.check = c.check.item, d.check_count = c.check.count;
    d.finding = c.finding.item, d.finding_count = c.finding.count;
    for (size_t i = 0; i < d.check_count; i++)
        d.checks_by[d.check[i].change]++;
    for (size_t i = 0; i < d.finding_count; i++) {
        d.findings_by[d.finding[i].change]++;
        d.failures_untold += d.finding[i].change == CHANGE_INCOMPARABLE && d.finding[i].to &&
                             d.finding[i].to->verdict == VERDICT_FAIL;
    }
    *out = d;
    return true;
}
