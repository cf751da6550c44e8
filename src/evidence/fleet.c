/* Reports of many clusters as one: clusters by control. */
#include "evidence/fleet.h"

#include "base/names.h"
#include "bench/benchmark.h"
#include "value/json_doc.h"
#include "value/set.h"

#define FLEET_JSON_BYTES_MAX ((size_t)512 << 20)
#define LATE_SHOWN           10u

void fleet_init(struct fleet *f, struct arena *a)
{
    *f = (struct fleet){ .arena = a };
    map_init(&f->by_control, a);
    map_init(&f->by_cluster_id, a);
}

/* Controls of two versions of a benchmark are two: what they ask may differ. */
static size_t control_of(struct fleet *f, const struct document *d, const struct document_check *c)
{
    bool created;
    struct str key =
        str_printf(f->arena, "%zu:%.*s,%zu:%.*s,%.*s", d->benchmark_id.n, STR_ARG(d->benchmark_id),
                   d->benchmark_version.n, STR_ARG(d->benchmark_version), STR_ARG(c->id));
    void **at = map_at(&f->by_control, key, &created);
    if (!created)
        return (size_t)*at - 1;
    *VEC_PUSH(&f->control, f->arena) = (struct fleet_control){
        .benchmark_id = str_dup(f->arena, d->benchmark_id),
        .benchmark_version = str_dup(f->arena, d->benchmark_version),
        .id = str_dup(f->arena, c->id),
        .title = str_dup(f->arena, c->title),
        .severity = str_dup(f->arena, c->severity),
    };
    *at = (void *)f->control.count;
    return f->control.count - 1;
}

static void add_checks(struct fleet *f, struct fleet_cluster *to, const struct document *d)
{
    struct arena scratch CLEANUP(arena_release) = { 0 };
    enum verdict *verdict = arena_array(&scratch, enum verdict, d->check_count);
    to->cell = arena_array(f->arena, struct fleet_cell, d->check_count);
    for (size_t i = 0; i < d->check_count; i++) {
        const struct document_check *c = &d->check[i];
        size_t at = control_of(f, d, c);
        verdict[i] = c->verdict;
        f->control.item[at].count[c->verdict]++;
        to->cell[to->cell_count++] = (struct fleet_cell){ at, c->verdict };
        to->urgent += c->verdict == VERDICT_FAIL &&
                      names_find(severity_name, SEVERITY_COUNT, c->severity) >= (int)SEVERITY_HIGH;
    }
    to->score = score_of(verdict, d->check_count);
}

bool fleet_add(struct fleet *f, struct str key, const struct document *d, struct err *err)
{
    struct arena *a = f->arena;
    struct fleet_cluster c = { .key = str_dup(a, key) };
    const struct str *had = d->cluster_id.n ? map_get(&f->by_cluster_id, d->cluster_id) : NULL;
    if (!clock_parse_rfc3339(d->finished, &c.at))
        return err_set(err, ERR_INPUT, "%.*s: run.finished is no time", STR_ARG(d->name));
    if (had)
        return err_set(err, ERR_INPUT, "%.*s and %.*s are reports of the same cluster (%.*s)",
                       STR_ARG(*had), STR_ARG(key), STR_ARG(d->cluster_id));
    c.name = str_dup(a, d->cluster_name);
    c.cluster_id = str_dup(a, d->cluster_id);
    c.server = str_dup(a, d->server);
    c.benchmark_id = str_dup(a, d->benchmark_id);
    c.benchmark_version = str_dup(a, d->benchmark_version);
    c.benchmark_sha256 = str_dup(a, d->benchmark_sha256);
    c.run_id = str_dup(a, d->run_id);
    c.started = str_dup(a, d->started);
    c.finished = str_dup(a, d->finished);
    add_checks(f, &c, d);
    *VEC_PUSH(&f->cluster, a) = c;
    if (c.cluster_id.n) {
        struct str *kept = arena_new(a, struct str);
        *kept = c.key;
        map_put(&f->by_cluster_id, c.cluster_id, kept);
    }
    return true;
}

bool fleet_is_of_one_run(const struct fleet *f, int64_t max_age_s, struct err *err)
{
    struct arena scratch CLEANUP(arena_release) = { 0 };
    VEC(struct str) late = { 0 };
    size_t count = 0;
    int64_t newest = INT64_MIN;
    for (size_t i = 0; i < f->cluster.count; i++)
        newest = f->cluster.item[i].at.s > newest ? f->cluster.item[i].at.s : newest;
    for (size_t i = 0; i < f->cluster.count; i++)
        if (newest - f->cluster.item[i].at.s > max_age_s && count++ < LATE_SHOWN)
            *VEC_PUSH(&late, &scratch) =
                str_printf(&scratch, "%.*s (of %.*s)", STR_ARG(f->cluster.item[i].key),
                           STR_ARG(f->cluster.item[i].finished));
    return !count || err_set(err, ERR_INPUT,
                             "%zu reports are older than the newest by more than --max-age %lld "
                             "hours, so they are not of this run: %.*s%s; "
                             "audit these clusters again",
                             count, (long long)(max_age_s / 3600),
                             STR_ARG(str_join(&scratch, late.item, late.count, STR(", "))),
                             count > late.count ? ", ..." : "");
}

/* ---- fleet.json ---- */

static struct value counts_value(struct arena *a, const uint32_t count[VERDICT_COUNT])
{
    struct value_builder b;
    value_builder_init(&b, a);
    for (size_t v = VERDICT_COUNT; v-- > 0;)
        value_builder_set(&b, verdict_name((enum verdict)v), value_int(count[v]));
    return value_builder_map(&b);
}

static struct value benchmark_value(struct arena *a, struct str id, struct str version,
                                    struct str sha256)
{
    struct value_builder b;
    value_builder_init(&b, a);
    set_str(&b, "id", id);
    set_str(&b, "version", version);
    set_str(&b, "sha256", sha256);
    return value_builder_map(&b);
}

static struct value cluster_value(struct arena *a, const struct fleet_cluster *c)
{
    struct value_builder b, s;
    value_builder_init(&b, a);
    value_builder_set(&b, "cluster", value_str(c->key));
    set_str(&b, "name", c->name);
    set_str(&b, "clusterId", c->cluster_id);
    set_str(&b, "server", c->server);
    value_builder_set(
        &b, "benchmark",
        benchmark_value(a, c->benchmark_id, c->benchmark_version, c->benchmark_sha256));
    set_str(&b, "runId", c->run_id);
    set_str(&b, "started", c->started);
    set_str(&b, "finished", c->finished);
    if (c->score.has_score) {
        value_builder_init(&s, a);
        value_builder_set(&s, "lowPermille", value_int(c->score.low_permille));
        value_builder_set(&s, "highPermille", value_int(c->score.high_permille));
        value_builder_set(&b, "score", value_builder_map(&s));
    }
    value_builder_set(&b, "verdicts", counts_value(a, c->score.count));
    value_builder_set(&b, "criticalAndHighFailed", value_int(c->urgent));
    return value_builder_map(&b);
}

static struct value control_value(struct arena *a, const struct fleet *f, size_t control)
{
    const struct fleet_control *c = &f->control.item[control];
    struct value_builder b, verdicts;
    value_builder_init(&b, a);
    value_builder_init(&verdicts, a);
    for (size_t i = 0; i < f->cluster.count; i++)
        for (size_t k = 0; k < f->cluster.item[i].cell_count; k++)
            if (f->cluster.item[i].cell[k].control == control)
                value_builder_put(&verdicts, value_str(f->cluster.item[i].key),
                                  value_cstr(verdict_name(f->cluster.item[i].cell[k].verdict)));
    value_builder_set(&b, "benchmark",
                      benchmark_value(a, c->benchmark_id, c->benchmark_version, (struct str){ 0 }));
    value_builder_set(&b, "id", value_str(c->id));
    set_str(&b, "title", c->title);
    set_str(&b, "severity", c->severity);
    value_builder_set(&b, "clusters", counts_value(a, c->count));
    value_builder_set(&b, "verdicts", value_builder_map(&verdicts));
    return value_builder_map(&b);
}

bool fleet_json(const struct fleet *f, struct sink *out, struct err *err)
{
    struct arena a CLEANUP(arena_release) = { 0 };
    struct buf text CLEANUP(buf_release) = BUF_INIT(FLEET_JSON_BYTES_MAX);
    struct value_builder root, clusters, controls;
    value_builder_init(&root, &a);
    value_builder_init(&clusters, &a);
    value_builder_init(&controls, &a);
    for (size_t i = 0; i < f->cluster.count; i++)
        value_builder_push(&clusters, cluster_value(&a, &f->cluster.item[i]));
    for (size_t i = 0; i < f->control.count; i++)
        value_builder_push(&controls, control_value(&a, f, i));
    value_builder_set(&root, "schemaVersion", value_cstr("1.0.0"));
    value_builder_set(&root, "kind", value_cstr("Fleet"));
    value_builder_set(&root, "clusters", value_builder_list(&clusters));
    value_builder_set(&root, "controls", value_builder_list(&controls));
    json_doc_write(&text, value_builder_map(&root), JSON_DOC_INDENT);
    buf_add_char(&text, '\n');
    return buf_ok(&text, "the fleet's report", err) && out->add(out, buf_str(&text), err);
}
