/* report.json and findings.jsonl. */
#include "cluster/node_facts.h"
#include "report/report.h"
#include "report/result_value.h"
#include "value/json_doc.h"

#define PIECE_BYTES_MAX ((size_t)256 << 20)

/* A document written piece by piece: one key or one item in memory at a time. */
struct writer {
    struct sink *out;
    struct err *err;
    struct arena scratch;
    struct buf text;
    bool ok, needs_comma;
};

static void put(struct writer *w, const char *text)
{
    w->ok = w->ok && w->out->add(w->out, str_from_c(text), w->err);
}

static void put_value(struct writer *w, struct value v)
{
    if (!w->ok)
        return;
    buf_reset(&w->text);
    json_doc_write(&w->text, v, 0);
    w->ok = buf_ok(&w->text, "one piece of the report", w->err) && w->out->add(w->out, buf_str(&w->text), w->err);
    arena_reset(&w->scratch);
}

static void put_key(struct writer *w, const char *key)
{
    put(w, w->needs_comma ? ",\n\"" : "\n\"");
    put(w, key);
    put(w, "\": ");
    w->needs_comma = true;
}

/* "key": [items made by make(i)], one a line. */
static void put_list(struct writer *w, const char *key, const struct result *r, size_t count,
                     struct value (*make)(struct arena *a, const struct result *r, size_t i))
{
    put_key(w, key);
    put(w, "[");
    for (size_t i = 0; i < count && w->ok; i++) {
        put(w, i ? ",\n " : "\n ");
        put_value(w, make(&w->scratch, r, i));
    }
    put(w, count ? "\n]" : "]");
}

/* The i-th finding as make makes it, written. */
static void put_finding(struct writer *w, const struct result *r, size_t i,
                        struct value (*make)(struct arena *a, const struct result *r, const struct finding *f))
{
    struct finding f;
    w->ok = w->ok && result_finding(r, &f, i, &w->scratch, w->err);
    if (w->ok)
        put_value(w, make(&w->scratch, r, &f));
}

static void put_findings(struct writer *w, const struct result *r)
{
    put_key(w, "findings");
    put(w, "[");
    for (size_t i = 0; i < r->finding_count && w->ok; i++) {
        put(w, i ? ",\n " : "\n ");
        put_finding(w, r, i, finding_value);
    }
    put(w, r->finding_count ? "\n]" : "]");
}

static struct value coverage_item(struct arena *a, const struct result *r, size_t i)
{
    if (i < KIND_COUNT)
        return coverage_value(a, kind_text(a, (enum kind)i), &r->cluster->coverage[i]);
    enum endpoint e = (enum endpoint)(i - KIND_COUNT);
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
    struct writer w = { .out = out, .err = err, .ok = true };
    buf_init(&w.text, PIECE_BYTES_MAX);
    put(&w, "{");
    put_key(&w, "schemaVersion");
    put_value(&w, value_cstr(REPORT_SCHEMA_VERSION));
    if (r->scopes.kind == VALUE_LIST && r->scopes.n) {
        put_key(&w, "scopes");
        put_value(&w, r->scopes);
    }
    put_key(&w, "run");
    put_value(&w, run_value(&w.scratch, r));
    put_key(&w, "target");
    put_value(&w, target_value(&w.scratch, r));
    put_key(&w, "identity");
    put_value(&w, identity_value(&w.scratch, r));
    put_key(&w, "benchmark");
    put_value(&w, benchmark_value(&w.scratch, r));
    put_key(&w, "summary");
    put_value(&w, summary_value(&w.scratch, r));
    put_key(&w, "params");
    put_value(&w, params_value(&w.scratch, r));
    put_list(&w, "sections", r, r->bench->section_count, section_value);
    put_list(&w, "checks", r, r->check_count, check_value);
    put_findings(&w, r);
    put_list(&w, "exceptions", r, r->exception_count, exception_value);
    put_list(&w, "frameworks", r, r->framework_count, framework_value);
    put_list(&w, "coverage", r, KIND_COUNT + ENDPOINT_COUNT, coverage_item);
    if (r->nodes)
        put_list(&w, "nodeFacts", r, r->nodes->count, node_facts_item);
    if (r->files) {
        put_key(&w, "files");
        put_value(&w, files_value(&w.scratch, r));
    }
    put_key(&w, "rights");
    put_value(&w, rights_value(&w.scratch, r));
    put_list(&w, "calls", r, r->call_count, call_item);
    put(&w, "\n}\n");
    buf_release(&w.text);
    arena_release(&w.scratch);
    return w.ok;
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
    struct writer w = { .out = out, .err = err, .ok = true };
    buf_init(&w.text, PIECE_BYTES_MAX);
    for (size_t i = 0; i < r->finding_count && w.ok; i++) {
        put_finding(&w, r, i, line_value);
        put(&w, "\n");
    }
    buf_release(&w.text);
    arena_release(&w.scratch);
    return w.ok;
}
