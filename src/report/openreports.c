/* openreports.json: ClusterReports of openreports.io/v1alpha1 in a List, for kubectl apply; each
 * small enough for one request. */
#include "report/json_pieces.h"

#include "base/shown.h"

#define PIECE_BYTES_MAX ((size_t)64 << 20)
/* An object of etcd holds 1.5 MB; a result here is at most some 2 kB. */
#define RESULTS_PER_REPORT 400u
#define MESSAGE_BYTES_MAX  1000u

enum outcome { OUT_PASS, OUT_FAIL, OUT_WARN, OUT_ERROR, OUT_SKIP, OUT_COUNT };
static const char *const outcome_name[OUT_COUNT] = { "pass", "fail", "warn", "error", "skip" };

/* What was not seen is no pass. */
static enum outcome outcome_of(enum verdict v)
{
    static const enum outcome of[VERDICT_COUNT] = {
        [VERDICT_NOT_APPLICABLE] = OUT_SKIP, [VERDICT_PASS] = OUT_PASS,
        [VERDICT_ATTESTED] = OUT_SKIP,       [VERDICT_MANUAL] = OUT_WARN,
        [VERDICT_WAIVED] = OUT_SKIP,         [VERDICT_UNKNOWN] = OUT_ERROR,
        [VERDICT_FAIL] = OUT_FAIL,
    };
    return of[v];
}

struct reporting {
    struct json_pieces p;
    const struct result *r;
    size_t reports, results; /* results of the report that is open */
    uint64_t count[OUT_COUNT];
};

/* One line, never empty. */
static struct str shown(struct arena *a, struct str s, size_t limit)
{
    struct buf line CLEANUP(buf_release) = BUF_INIT(limit * 12 + 64);
    struct str cut = str_sub(s, 0, limit);
    shown_line(&line, cut);
    struct str t = str_trim(buf_str(&line));
    return t.n ? str_dup(a, t) : STR("-");
}

/* What a name of Kubernetes may hold. */
static struct str dns_label(struct arena *a, struct str s)
{
    struct buf out CLEANUP(buf_release) = BUF_INIT(256);
    for (size_t i = 0; i < s.n && out.n < 60; i++) {
        char c = s.p[i] >= 'A' && s.p[i] <= 'Z' ? (char)(s.p[i] + 32) : s.p[i];
        bool good = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (good || out.n)
            buf_add_char(&out, good ? c : '-');
    }
    return str_dup(a, buf_str(&out));
}

static struct value metadata_of(struct arena *a, const struct reporting *x)
{
    struct value_builder b, labels;
    value_builder_init(&labels, a);
    value_builder_set(&labels, "app.kubernetes.io/managed-by", value_cstr("kubevouch"));
    value_builder_init(&b, a);
    value_builder_set(&b, "name",
                      value_str(str_printf(a, "kubevouch-%.*s-%zu",
                                           STR_ARG(dns_label(a, x->r->bench->id)), x->reports)));
    value_builder_set(&b, "labels", value_builder_map(&labels));
    return value_builder_map(&b);
}

static void open_report(struct reporting *x)
{
    json_piece_text(
        &x->p,
        x->reports++
            ? ",\n{\"apiVersion\":\"openreports.io/"
              "v1alpha1\",\"kind\":\"ClusterReport\",\"source\":\"kubevouch\",\"metadata\":"
            : "\n{\"apiVersion\":\"openreports.io/"
              "v1alpha1\",\"kind\":\"ClusterReport\",\"source\":\"kubevouch\",\"metadata\":");
    json_piece(&x->p, metadata_of(&x->p.scratch, x));
    json_piece_text(&x->p, ",\"results\":[");
    x->results = 0;
    memset(x->count, 0, sizeof x->count);
}

static void close_report(struct reporting *x)
{
    struct value_builder b;
    json_piece_text(&x->p, "\n],\"summary\":");
    value_builder_init(&b, &x->p.scratch);
    for (size_t i = 0; i < OUT_COUNT; i++)
        value_builder_set(&b, outcome_name[i], value_int((int64_t)x->count[i]));
    json_piece(&x->p, value_builder_map(&b));
    json_piece_text(&x->p, "}");
}

static struct value resource_of(struct arena *a, const struct object_ref *o)
{
    struct value_builder b;
    struct value *item = arena_new(a, struct value);
    value_builder_init(&b, a);
    if (o->api_version.n)
        value_builder_set(&b, "apiVersion", value_str(o->api_version));
    value_builder_set(&b, "kind", value_str(shown(a, o->kind, 253)));
    if (o->ns.n)
        value_builder_set(&b, "namespace", value_str(shown(a, o->ns, 253)));
    value_builder_set(&b, "name", value_str(shown(a, o->name, 253)));
    *item = value_builder_map(&b);
    return value_list(item, 1);
}

static struct value result_of(struct arena *a, const struct result *r, const struct check_result *c,
                              const struct finding *f)
{
    struct value_builder b, time, properties;
    enum verdict v = f ? f->outcome : c->verdict;
    value_builder_init(&time, a);
    value_builder_set(&time, "seconds", value_int(r->run.finished.s));
    value_builder_set(&time, "nanos", value_int(r->run.finished.ns));
    value_builder_init(&properties, a);
    value_builder_set(&properties, "verdict", value_cstr(verdict_name(v)));
    value_builder_set(&properties, "runId", value_str(str_from_c(r->run.id)));
    value_builder_init(&b, a);
    value_builder_set(&b, "source", value_cstr("kubevouch"));
    value_builder_set(&b, "policy", value_str(r->bench->id));
    value_builder_set(&b, "rule", value_str(c->check->id));
    value_builder_set(&b, "category", value_str(c->check->section));
    value_builder_set(&b, "severity", value_cstr(severity_name[c->check->severity]));
    value_builder_set(&b, "timestamp", value_builder_map(&time));
    value_builder_set(&b, "result", value_cstr(outcome_name[outcome_of(v)]));
    value_builder_set(&b, "scored",
                      value_bool(v == VERDICT_PASS || v == VERDICT_FAIL || v == VERDICT_WAIVED ||
                                 v == VERDICT_UNKNOWN));
    value_builder_set(&b, "message",
                      value_str(shown(a,
                                      f && f->message.n ? f->message
                                      : f               ? c->check->title
                                                        : c->reason,
                                      MESSAGE_BYTES_MAX)));
    if (f)
        value_builder_set(&b, "resources", resource_of(a, &f->object));
    value_builder_set(&b, "properties", value_builder_map(&properties));
    return value_builder_map(&b);
}

static void put_result(struct reporting *x, const struct check_result *c, const struct finding *f)
{
    if (!x->reports || x->results == RESULTS_PER_REPORT) {
        struct arena keep = x->p.scratch; /* the finding stands in it */
        x->p.scratch = (struct arena){ 0 };
        if (x->reports)
            close_report(x);
        open_report(x);
        arena_release(&x->p.scratch);
        x->p.scratch = keep;
    }
    x->count[outcome_of(f ? f->outcome : c->verdict)]++;
    json_piece_text(&x->p, x->results++ ? ",\n " : "\n ");
    json_piece(&x->p, result_of(&x->p.scratch, x->r, c, f));
}

bool report_openreports(const struct result *r, struct sink *out, struct err *err)
{
    struct reporting x = { .r = r, .p = { .out = out, .err = err, .ok = true } };
    buf_init(&x.p.text, PIECE_BYTES_MAX);
    json_piece_text(&x.p, "{\"apiVersion\":\"v1\",\"kind\":\"List\",\"items\":[");
    for (size_t i = 0; i < r->check_count && x.p.ok; i++) {
        const struct check_result *c = &r->check[i];
        if (!c->finding_count)
            put_result(&x, c, NULL);
        for (size_t k = 0; k < c->finding_count && x.p.ok; k++) {
            struct finding f;
            x.p.ok = result_finding(r, &f, c->first_finding + k, &x.p.scratch, err);
            if (x.p.ok)
                put_result(&x, c, &f);
        }
    }
    if (x.reports)
        close_report(&x);
    json_piece_text(&x.p, "\n]}\n");
    buf_release(&x.p.text);
    arena_release(&x.p.scratch);
    return x.p.ok;
}
