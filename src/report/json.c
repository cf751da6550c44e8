/* report.json and findings.jsonl. */
#include "cluster/kind_own.h"
#include "cluster/node_facts.h"
#include "report/finding_value.h"
#include "report/result_value.h"

#define PIECE_BYTES_MAX ((size_t)256 << 20)

struct writer {
    struct json_pieces p;
    bool needs_comma;
};

static void put_key(struct writer *w, const char *key)
{
    json_piece_text(&w->p, w->needs_comma ? ",\n\"" : "\n\"");
    json_piece_text(&w->p, key);
    json_piece_text(&w->p, "\": ");
    w->needs_comma = true;
}

/* "key": [items made by make(i)], one a line. */
static void put_list(struct writer *w, const char *key, const struct result *r, size_t count,
                     struct value (*make)(struct arena *a, const struct result *r, size_t i))
{
    put_key(w, key);
    json_piece_text(&w->p, "[");
    for (size_t i = 0; i < count && w->p.ok; i++) {
        json_piece_text(&w->p, i ? ",\n " : "\n ");
        json_piece(&w->p, make(&w->p.scratch, r, i));
    }
    json_piece_text(&w->p, count ? "\n]" : "]");
}

/* The i-th finding, until the next piece is written; false: it cannot be had. */
static bool take_finding(struct finding *f, struct writer *w, const struct result *r, size_t i)
{
    w->p.ok = w->p.ok && result_finding(r, f, i, &w->p.scratch, w->p.err);
    return w->p.ok;
}

/* What they refer to stands behind them, as it is gathered while they are written. */
static void put_findings(struct writer *w, const struct result *r)
{
    struct arena a CLEANUP(arena_release) = { 0 };
    struct tables *tables = tables_open(&a, r->findings.spool_dir, r->finding_count);
    struct finding f;
    put_key(w, "findings");
    json_piece_text(&w->p, "[");
    for (size_t i = 0; i < r->finding_count && take_finding(&f, w, r, i); i++) {
        json_piece_text(&w->p, i ? ",\n " : "\n ");
        json_piece(&w->p, finding_value(&w->p.scratch, r, &f, tables));
    }
    json_piece_text(&w->p, r->finding_count ? "\n]" : "]");
    put_key(w, "tables");
    tables_write(tables, &w->p);
}

static void put_summary(struct writer *w, const struct result *r)
{
    struct value summary;
    put_key(w, "summary");
    w->p.ok = w->p.ok && summary_value(&summary, &w->p.scratch, r, w->p.err);
    if (w->p.ok)
        json_piece(&w->p, summary);
}

static struct value coverage_item(struct arena *a, const struct result *r, size_t i)
{
    if (i < kind_count())
        return coverage_value(a, kind_text(a, (enum kind)i), &r->cluster->coverage[i]);
    enum endpoint e = (enum endpoint)(i - kind_count());
    return coverage_value(a, str_from_c(endpoint_path(e)), &r->cluster->endpoint[e]);
}

static struct value node_facts_item(struct arena *a, const struct result *r, size_t i)
{
    return node_facts_given_value(a, &r->nodes->node[i]);
}

static struct value call_item(struct arena *a, const struct result *r, size_t i)
{
    return call_value(a, &r->call[i]);
}

bool report_json(const struct result *r, struct sink *out, struct err *err)
{
    struct writer w = { .p = { .out = out, .err = err, .ok = true } };
    buf_init(&w.p.text, PIECE_BYTES_MAX);
    json_piece_text(&w.p, "{");
    put_key(&w, "schemaVersion");
    json_piece(&w.p, value_cstr(REPORT_SCHEMA_VERSION));
    if (r->scopes.kind == VALUE_LIST && r->scopes.n) {
        put_key(&w, "scopes");
        json_piece(&w.p, r->scopes);
    }
    put_key(&w, "run");
    json_piece(&w.p, run_value(&w.p.scratch, r));
    put_key(&w, "target");
    json_piece(&w.p, target_value(&w.p.scratch, r));
    put_key(&w, "identity");
    json_piece(&w.p, identity_value(&w.p.scratch, r));
    put_key(&w, "benchmark");
    json_piece(&w.p, benchmark_value(&w.p.scratch, r));
    put_summary(&w, r);
    put_key(&w, "params");
    json_piece(&w.p, params_value(&w.p.scratch, r));
    put_list(&w, "sections", r, r->bench->section_count, section_value);
    put_list(&w, "checks", r, r->check_count, check_value);
    put_findings(&w, r);
    put_list(&w, "exceptions", r, r->exception_count, exception_value);
    put_list(&w, "frameworks", r, r->framework_count, framework_value);
    put_list(&w, "coverage", r, kind_count() + ENDPOINT_COUNT, coverage_item);
    if (r->nodes)
        put_list(&w, "nodeFacts", r, r->nodes->count, node_facts_item);
    if (r->files) {
        put_key(&w, "files");
        json_piece(&w.p, files_value(&w.p.scratch, r));
    }
    put_key(&w, "rights");
    json_piece(&w.p, rights_value(&w.p.scratch, r));
    put_list(&w, "calls", r, r->call_count, call_item);
    json_piece_text(&w.p, "\n}\n");
    buf_release(&w.p.text);
    arena_release(&w.p.scratch);
    return w.p.ok;
}

/* What a line needs to stand alone in a log pipeline: the run and the cluster beside the finding.
 */
static struct value line_value(struct arena *a, const struct result *r, const struct finding *f)
{
    struct value_builder b;
    value_builder_init(&b, a);
    value_builder_set(&b, "schemaVersion", value_cstr(REPORT_SCHEMA_VERSION));
    value_builder_set(&b, "runId", value_str(str_from_c(r->run.id)));
    value_builder_set(&b, "time", value_str(clock_format_rfc3339(a, r->run.finished)));
    value_builder_set(
        &b, "cluster",
        value_str(r->run.cluster_name.n ? r->run.cluster_name : r->cluster->cluster_id));
    value_builder_set(&b, "benchmark", value_str(r->bench->id));
    finding_set_flat(&b, r, f);
    return value_builder_map(&b);
}

bool report_jsonl(const struct result *r, struct sink *out, struct err *err)
{
    struct writer w = { .p = { .out = out, .err = err, .ok = true } };
    buf_init(&w.p.text, PIECE_BYTES_MAX);
    struct finding f;
    for (size_t i = 0; i < r->finding_count && take_finding(&f, &w, r, i); i++) {
        json_piece(&w.p, line_value(&w.p.scratch, r, &f));
        json_piece_text(&w.p, "\n");
    }
    buf_release(&w.p.text);
    arena_release(&w.p.scratch);
    return w.p.ok;
}
