/* A whole audit of a recorded cluster that gets one hostile answer. An input's first line names the request ("GET /api/v1/pods",
 * or anything: then it picks one), the rest is what the server says instead. The audit ends, the report is a document, and an answer
 * that a plain reader does not take for a whole one of the kind that was asked for makes nothing better. */
#include "audit/audit.h"
#include "base/file.h"
#include "cluster/snapshot.h"
#include "report/report.h"
#include "unit/damage.h"
#include "value/json_doc.h"

#include <jansson.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CLUSTER   "tests/clusters/kubelets"
#define BENCHMARK "benchmarks/cis-kubernetes-2.0.1.yaml"

static void must(bool holds)
{
    if (!holds)
        __builtin_trap();
}

/* ---- one answer of the transport's is another */

struct hostile {
    struct transport base;
    struct transport *inner;
    struct arena *arena;
    struct str request, body; /* request empty: all answers as recorded */
};
struct hostile_held {
    struct str body;
    bool (*on_body)(struct exchange *x, struct str chunk, struct err *err);
    void (*on_end)(struct exchange *x);
    void *ctx;
};

static bool swallow(struct exchange *x, struct str chunk, struct err *err)
{
    (void)x, (void)chunk, (void)err;
    return true;
}
static void hostile_end(struct exchange *x)
{
    struct hostile_held *h = x->ctx;
    x->on_body = h->on_body;
    x->on_end = h->on_end;
    x->ctx = h->ctx;
    x->status = 200;
    x->body_bytes = h->body.n;
    err_clear(&x->err);
    buf_release(&x->error_body);
    for (size_t at = 0; at < h->body.n && x->on_body;) { /* in pieces, as a network gives them */
        size_t n = h->body.n - at < 1000 ? h->body.n - at : 1000;
        if (!x->on_body(x, str_sub(h->body, at, at + n), &x->err))
            break;
        at += n;
    }
    x->on_end(x);
}
static void hostile_submit(struct transport *t, struct exchange *x)
{
    struct hostile *s = (struct hostile *)(void *)t;
    if (s->request.n && str_eq(damage_request_text(s->arena, x), s->request)) {
        struct hostile_held *h = arena_new(s->arena, struct hostile_held);
        *h = (struct hostile_held){ s->body, x->on_body, x->on_end, x->ctx };
        x->on_body = swallow;
        x->on_end = hostile_end;
        x->ctx = h;
    }
    s->inner->ops->submit(s->inner, x);
}
static void hostile_run(struct transport *t)
{
    struct transport *inner = ((struct hostile *)(void *)t)->inner;
    inner->ops->run(inner);
}
static void hostile_close(struct transport *t)
{
    (void)t;
}
static bool hostile_renew(struct transport *t, struct err *err)
{
    (void)t;
    return err_set(err, ERR_AUTH, "a recording has one credential");
}
static const struct transport_ops hostile_ops = { "hostile", hostile_submit, hostile_run, hostile_close, hostile_renew };

/* ---- the audit */

static struct arena keep; /* benchmark, recording, what it gives as recorded */
static struct benchmark bench;
static struct snapshot snapshot;
static struct value params;
static struct damage_request *asked;
static size_t asked_count;
static enum verdict *baseline;
static int64_t baseline_low;

static bool audit(struct arena *a, struct transport *t, struct result *r, struct audit **au)
{
    struct cluster *cluster = arena_new(a, struct cluster);
    struct collected collected = { .cluster = cluster };
    struct audit_options o = { .params = params };
    struct client_limits limits;
    struct client client;
    struct err err = { 0 };
    cluster_init(cluster, a);
    cluster->now = snapshot.recorded;
    *au = audit_open(a, &bench, cluster, &o);
    struct collect_observer observer = { .object = audit_object, .early_done = audit_early_done, .ctx = *au };
    struct collect_options needs = audit_needs(*au);
    needs.kubelets = snapshot.kubelets;
    client_limits_default(&limits);
    limits.retries = 0;
    client_init(&client, t, a, &limits);
    if (!collect_run(&collected, &client, &needs, &observer, &err))
        return false;
    must(audit_finish(*au, NULL, 0, r, &err));
    return true;
}

static struct str in_tree(const char *path)
{
    const char *given = getenv("srcdir");
    return file_join(&keep, given ? str_from_c(given) : STR("."), str_from_c(path));
}

static void set_up(void)
{
    struct faults faults = { 0 };
    struct err err = { 0 };
    struct result r = { 0 };
    struct audit *au;
    must(benchmark_load(&bench, &keep, str_to_c(&keep, in_tree(BENCHMARK)), &faults));
    must(snapshot_read(&snapshot, &keep, str_to_c(&keep, in_tree(CLUSTER)), &err));
    must(benchmark_params(&bench, NULL, 0, &keep, &params, &err));
    struct damage_transport *d = damage_open(&keep, snapshot_transport(&keep, &snapshot));
    must(audit(&keep, &d->base, &r, &au));
    asked = d->asked.item;
    asked_count = d->asked.count;
    must(asked_count > 20 && r.score.has_score);
    baseline = arena_array(&keep, enum verdict, r.check_count);
    for (size_t i = 0; i < r.check_count; i++)
        baseline[i] = r.check[i].verdict;
    baseline_low = r.score.low_permille;
}

/* ---- what a plain reader says of the answer */

static const char *text_of(const json_t *doc, const char *key)
{
    return json_string_value(json_object_get(doc, key));
}
/* Whether body may be believed where recorded stood: what JSON is asked for is whole, of its kind and has an end. */
static bool may_be_believed(struct arena *a, struct str request, struct str body, struct str recorded)
{
    json_t *now = json_loadb(body.p, body.n, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL),
           *then = json_loadb(recorded.p, recorded.n, JSON_ALLOW_NUL, NULL);
    const char *kind = text_of(then, "kind"), *api = text_of(then, "apiVersion");
    bool believed = true;
    if (json_is_object(then))
        believed = json_is_object(now);
    if (believed && kind) {
        const char *now_kind = text_of(now, "kind"), *now_api = text_of(now, "apiVersion");
        /* This recording calls the version of every list v1. */
        believed = now_kind && now_api && !strcmp(kind, now_kind) &&
                   (!strcmp(api, now_api) || str_contains(request, str_printf(a, "/%s/", now_api)));
    }
    json_decref(now);
    json_decref(then);
    return believed;
}

static struct str recorded_body(struct arena *a, struct str request)
{
    struct str verb, path;
    struct err err = { 0 };
    (void)str_cut(request, ' ', &verb, &path);
    for (size_t i = 0; i < snapshot.answer_count; i++) {
        const struct snapshot_answer *s = &snapshot.answer[i];
        struct str bare, query;
        (void)str_cut(s->path, '?', &bare, &query);
        if (s->status != 200 || s->anonymous || !str_eq(s->verb, verb) || !(str_eq(s->path, path) || str_eq(bare, path)))
            continue;
        struct buf all CLEANUP(buf_release) = BUF_INIT((size_t)16 << 20);
        if (file_read(str_to_c(a, file_join(a, snapshot.dir, s->file)), &all, &err))
            return str_dup(a, buf_str(&all));
    }
    return (struct str){ 0 };
}

static void nothing_better(const struct result *r)
{
    for (size_t i = 0; i < r->check_count; i++) {
        enum verdict before = baseline[i], now = r->check[i].verdict;
        must(before == now || now != VERDICT_PASS);
        must(before != VERDICT_FAIL || now == VERDICT_FAIL || now == VERDICT_UNKNOWN);
    }
    must(!r->score.has_score || r->score.low_permille <= baseline_low);
}

/* Every format is written; what says that it is JSON is. */
static void reports(const struct result *r)
{
    for (size_t i = 0; i < renderer_count; i++) {
        struct buf text CLEANUP(buf_release) = BUF_INIT((size_t)64 << 20);
        struct buf_sink sink;
        struct err err = { 0 };
        buf_sink_init(&sink, &text);
        must(renderer[i].write(r, &sink.sink, &err));
        if (str_has_suffix(str_from_c(renderer[i].media_type), STR("json"))) {
            json_t *doc = json_loadb(text.p, text.n, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
            must(doc);
            json_decref(doc);
        }
    }
}

/* ---- one input */

static struct str pick(struct str line)
{
    uint32_t h = 0;
    for (size_t i = 0; i < asked_count; i++)
        if (str_eq(asked[i].text, line))
            return line;
    for (size_t i = 0; i < line.n; i++)
        h = h * 31 + (unsigned char)line.p[i];
    return asked[h % asked_count].text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a CLEANUP(arena_release) = { 0 };
    struct str line, body;
    struct result r = { 0 };
    struct audit *au;
    if (!asked_count)
        set_up();
    (void)str_cut((struct str){ (const char *)data, size }, '\n', &line, &body);
    struct hostile h = {
        .base = { &hostile_ops }, .inner = snapshot_transport(&a, &snapshot), .arena = &a, .request = pick(line), .body = body
    };
    if (!audit(&a, &h.base, &r, &au))
        return 0;
    must(r.score.low_permille <= r.score.high_permille);
    reports(&r);
    if (!may_be_believed(&a, h.request, body, recorded_body(&a, h.request)))
        nothing_better(&r);
    return 0;
}
