/* report.json and findings.jsonl. */
#include "cluster/kind_own.h"
#include "cluster/node_facts.h"
#include "report/json_pieces.h"
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

/* The i-th finding as make makes it, written. */
static void put_finding(struct writer *w, const struct result *r, size_t i,
                        struct value (*make)(struct arena *a, const struct result *r, const struct finding *f))
{
    struct finding f;
    w->p.ok = w->p.ok && result_finding(r, &f, i, &w->p.scratch, w->p.err);
    if (w->p.ok)
        json_piece(&w->p, make(&w->p.scratch, r, &f));
}

static void put_findings(struct writer *w, const struct result *r)
{
    put_key(w, "findings");
    json_piece_text(&w->p, "[");
    for (size_t i = 0; i < r->finding_count && w->p.ok; i++) {
        json_piece_text(&w->p, i ? ",\n " : "\n ");
        put_finding(w, r, i, finding_value);
    }
    json_piece_text(&w->p, r->finding_count ? "\n]" : "]");
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
    put_key(&w, "summary");
    json_piece(&w.p, summary_value(&w.p.scratch, r));
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

/* What a line needs to stand alone in a log pipeline: the run and the cluster beside the finding. */
static struct value line_value(struct arena *a, const struct result *r, const struct finding *finding)
{
    struct value f = finding_value(a, r, finding);
    struct value_builder b;
    value_builder_init(&b, a);
    value_builder_set(&b, "schemaVersion", value_cstr(REPORT_SCHEMA_VERSION));
    value_builder_set(&b, "runId", value_str(str_from_c(r->run.id)));
    value_builder_set(&b, "time", value_str(clock_format_rfc3339(a, r->run.finished)));
    value_builder_set(&b, "cluster", value_str(r->run.cluster_name.n ? r->run.cluster_name : r->cluster->cluster_id));
    value_builder_set(&b, "benchmark", value_str(r->bench->id));
    for (uint32_t k = 0; k < f.n; k++)
        value_builder_put(&b, f.as.map->entry[k].key, f.as.map->entry[k].val);
    return value_builder_map(&b);
}

bool report_jsonl(const struct result *r, struct sink *out, struct err *err)
{
    struct writer w = { .p = { .out = out, .err = err, .ok = true } };
    buf_init(&w.p.text, PIECE_BYTES_MAX);
    for (size_t i = 0; i < r->finding_count && w.p.ok; i++) {
        put_finding(&w, r, i, line_value);
        json_piece_text(&w.p, "\n");
    }
    buf_release(&w.p.text);
    arena_release(&w.p.scratch);
    return w.p.ok;
}
