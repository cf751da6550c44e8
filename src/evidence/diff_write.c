/* A comparison of two reports as a document, and as lines for people. */
#include "base/shown.h"
#include "base/vec.h"
#include "evidence/diff.h"
#include "value/set.h"

/* ---- for programs ---- */

static struct value side_value(struct arena *a, const struct document *d)
{
    struct value_builder b;
    value_builder_init(&b, a);
    set_str(&b, "file", d->name);
    set_str(&b, "runId", d->run_id);
    set_str(&b, "started", d->started);
    set_str(&b, "finished", d->finished);
    set_str(&b, "cluster", d->cluster_name);
    set_str(&b, "clusterId", d->cluster_id);
    set_str(&b, "server", d->server);
    set_str(&b, "benchmark", d->benchmark_id);
    set_str(&b, "benchmarkSha256", d->benchmark_sha256);
    return value_builder_map(&b);
}

static struct value counts_value(struct arena *a, const size_t count[CHANGE_COUNT])
{
    struct value_builder b;
    value_builder_init(&b, a);
    for (size_t i = 0; i < CHANGE_COUNT; i++)
        value_builder_set(&b, change_name[i], value_int((int64_t)count[i]));
    return value_builder_map(&b);
}

static struct value check_side(struct arena *a, const struct document_check *c)
{
    struct value_builder b;
    if (!c)
        return value_null();
    value_builder_init(&b, a);
    value_builder_set(&b, "id", value_str(c->id));
    value_builder_set(&b, "verdict", value_cstr(verdict_name(c->verdict)));
    set_str(&b, "reason", c->reason);
    return value_builder_map(&b);
}

static struct value check_value(struct arena *a, const struct diff_check *row)
{
    const struct document_check *shown = row->to ? row->to : row->from;
    struct value_builder b;
    value_builder_init(&b, a);
    value_builder_set(&b, "change", value_cstr(change_name[row->change]));
    value_builder_set(&b, "from", check_side(a, row->from));
    value_builder_set(&b, "to", check_side(a, row->to));
    set_str(&b, "title", shown->title);
    set_str(&b, "severity", shown->severity);
    set_str(&b, "cause", row->cause);
    return value_builder_map(&b);
}

static struct value finding_side(struct arena *a, const struct document_finding *f)
{
    struct value_builder b;
    if (!f)
        return value_null();
    value_builder_init(&b, a);
    value_builder_set(&b, "check", value_str(f->check));
    value_builder_set(&b, "fingerprint", value_str(f->fingerprint));
    value_builder_set(&b, "verdict", value_cstr(verdict_name(f->verdict)));
    return value_builder_map(&b);
}

static struct value finding_value(struct arena *a, const struct diff_finding *row)
{
    const struct document_finding *shown = row->to ? row->to : row->from;
    struct value_builder b;
    value_builder_init(&b, a);
    value_builder_set(&b, "change", value_cstr(change_name[row->change]));
    value_builder_set(&b, "from", finding_side(a, row->from));
    value_builder_set(&b, "to", finding_side(a, row->to));
    set_str(&b, "severity", row->check->severity);
    set_str(&b, "part", shown->part);
    value_builder_set(&b, "object", shown->object);
    set_str(&b, "message", shown->message);
    set_str(&b, "cause", row->cause);
    return value_builder_map(&b);
}

struct value diff_value(struct arena *a, const struct diff *d)
{
    struct value_builder b, summary, list;
    value_builder_init(&b, a);
    value_builder_set(&b, "schemaVersion", value_cstr("1.0.0"));
    value_builder_set(&b, "from", side_value(a, d->from));
    value_builder_set(&b, "to", side_value(a, d->to));
    value_builder_init(&list, a);
    for (size_t i = 0; i < d->note_count; i++)
        value_builder_push(&list, value_str(d->note[i]));
    value_builder_set(&b, "notes", value_builder_list(&list));
    value_builder_init(&summary, a);
    value_builder_set(&summary, "checks", counts_value(a, d->checks_by));
    value_builder_set(&summary, "findings", counts_value(a, d->findings_by));
    value_builder_set(&b, "summary", value_builder_map(&summary));
    value_builder_init(&list, a);
    for (size_t i = 0; i < d->check_count; i++)
        value_builder_push(&list, check_value(a, &d->check[i]));
    value_builder_set(&b, "checks", value_builder_list(&list));
    value_builder_init(&list, a);
    for (size_t i = 0; i < d->finding_count; i++)
        value_builder_push(&list, finding_value(a, &d->finding[i]));
    value_builder_set(&b, "findings", value_builder_list(&list));
    return value_builder_map(&b);
}

/* ---- for people ---- */

static void put_side(struct buf *out, struct arena *a, const char *label, const struct document *d)
{
    struct str cluster = d->cluster_name.n ? d->cluster_name
                         : d->cluster_id.n ? d->cluster_id
                         : d->server.n     ? d->server
                                           : STR("no cluster");
    shown_line(out, str_printf(a, "%-7s %.*s: %.*s, %.*s, %.*s", label, STR_ARG(d->name),
                               STR_ARG(cluster), STR_ARG(d->benchmark_id), STR_ARG(d->started)));
    buf_add_char(out, '\n');
}

static void put_counts(struct buf *out, const char *label, const size_t count[CHANGE_COUNT])
{
    buf_addf(out, "%-9s", label);
    for (size_t i = 0; i < CHANGE_COUNT; i++)
        buf_addf(out, "%s %zu %s", i ? "," : "", count[i], change_name[i]);
    buf_add_char(out, '\n');
}

static void put_check(struct buf *out, struct arena *a, const struct diff_check *row)
{
    struct str ids =
        str_eq(row->from->id, row->to->id)
            ? row->to->id
            : str_printf(a, "%.*s -> %.*s", STR_ARG(row->from->id), STR_ARG(row->to->id));
    shown_line(out, str_printf(a, "  %-8.*s %.*s %.*s: %s -> %s", STR_ARG(row->to->severity),
                               STR_ARG(ids), STR_ARG(row->to->title),
                               verdict_label(row->from->verdict), verdict_label(row->to->verdict)));
    buf_add_char(out, '\n');
}

static void put_finding(struct buf *out, struct arena *a, const struct diff_finding *row)
{
    const struct document_finding *f = row->to ? row->to : row->from;
    shown_line(out, str_printf(a, "  %-8.*s %.*s %.*s%s%.*s", STR_ARG(row->check->severity),
                               STR_ARG(f->check), STR_ARG(document_object_text(a, f->object)),
                               f->message.n ? ": " : "", STR_ARG(f->message)));
    buf_add_char(out, '\n');
}

static void put_change(struct buf *out, struct arena *a, const struct diff *d, enum change change)
{
    if (d->checks_by[change])
        buf_addf(out, "\nChecks %s\n", change_name[change]);
    for (size_t i = 0; i < d->check_count; i++)
        if (d->check[i].change == change)
            put_check(out, a, &d->check[i]);
    if (d->findings_by[change])
        buf_addf(out, "\nFindings %s\n", change_name[change]);
    for (size_t i = 0; i < d->finding_count; i++)
        if (d->finding[i].change == change)
            put_finding(out, a, &d->finding[i]);
}

/* What one cause keeps from being compared: ids of checks, each once, and how many findings. */
struct cause_group {
    struct str cause;
    VEC(struct str) id;
    size_t findings;
};

static struct cause_group *group_of(struct map *by_cause, struct arena *a, struct str cause)
{
    void **at = map_at(by_cause, cause, NULL);
    if (!*at) {
        struct cause_group *g = arena_new(a, struct cause_group);
        g->cause = cause;
        *at = g;
    }
    return *at;
}

static void put_incomparable(struct buf *out, struct arena *a, const struct diff *d)
{
    struct map by_cause;
    map_init(&by_cause, a);
    for (size_t i = 0; i < d->check_count; i++)
        if (d->check[i].change == CHANGE_INCOMPARABLE)
            *VEC_PUSH(&group_of(&by_cause, a, d->check[i].cause)->id, a) =
                d->check[i].to ? d->check[i].to->id : d->check[i].from->id;
    for (size_t i = 0; i < d->finding_count; i++)
        if (d->finding[i].change == CHANGE_INCOMPARABLE)
            group_of(&by_cause, a, d->finding[i].cause)->findings++;
    if (by_cause.count)
        buf_add_c(out, "\nIncomparable, by cause\n");
    for (size_t i = 0; i < by_cause.count; i++) {
        const struct cause_group *g = by_cause.entry[i].val;
        struct str ids = str_join(a, g->id.item, g->id.count, STR(", "));
        shown_line(out, str_printf(a, "  %.*s: %zu checks%s%.*s%s, %zu findings", STR_ARG(g->cause),
                                   g->id.count, ids.n ? " (" : "", STR_ARG(ids), ids.n ? ")" : "",
                                   g->findings));
        buf_add_char(out, '\n');
    }
}

void diff_text(struct buf *out, struct arena *a, const struct diff *d)
{
    put_side(out, a, "from", d->from);
    put_side(out, a, "to", d->to);
    for (size_t i = 0; i < d->note_count; i++) {
        buf_add_c(out, "note    ");
        shown_line(out, d->note[i]);
        buf_add_char(out, '\n');
    }
    put_counts(out, "checks", d->checks_by);
    put_counts(out, "findings", d->findings_by);
    put_change(out, a, d, CHANGE_NEW);
    put_change(out, a, d, CHANGE_FIXED);
    put_change(out, a, d, CHANGE_OTHER);
    put_incomparable(out, a, d);
}
