/* One audit from options to reports: what the commands audit and demo share. */
#include "cli/auditing.h"

#include "audit/audit.h"
#include "audit/broken_off.h"
#include "audit/place.h"
#include "audit/third_party.h"
#include "base/log.h"
#include "base/names.h"
#include "bench/asked.h"
#include "cli/node_pods.h"
#include "cli/plan.h"
#include "cli/progress.h"
#include "cli/shelf.h"
#include "cli/stop.h"
#include "cli/upload.h"
#include "report/report.h"

#include <sys/ioctl.h>
#include <unistd.h>

/* Of the time limit, what is kept for judging and writing at most. */
#define REST_MS_MAX 30000

/* Who is told while objects go by: the audit, and the recorder if there is one. */
struct observing {
    struct arena *run;
    const struct options *options;
    struct plan *plan;
    struct collected *collected;
    struct client *client;
    struct audit *audit; /* NULL until it is known what is judged by */
    struct err err;      /* it could not be known */
    struct recorder *recorder;
};
static void observe_object(void *ctx, enum kind kind, struct value object, struct arena *scratch)
{
    struct observing *h = ctx;
    if (h->audit)
        audit_object(h->audit, kind, object, scratch);
}
static void open_audit(struct observing *h)
{
    struct audit_options o = { .selected = h->plan->selected,
                               .params = h->plan->params,
                               .params_asked = h->plan->params_asked,
                               .encryption = h->plan->encryption,
                               .admission = h->plan->admission,
                               .authentication = h->plan->authentication,
                               .statements = h->plan->statements,
                               .cluster_name = h->options->cluster_name,
                               .nodes = h->plan->nodes,
                               .scopes = h->plan->scopes,
                               .ask = h->plan->ask,
                               .spool_dir = reports_spool_dir(h->options, h->run) };
    h->audit = audit_open(h->run, &h->plan->bench, h->collected->cluster, &o);
}
static void observe_early_done(void *ctx)
{
    struct observing *h = ctx;
    if (!h->audit && plan_of_cluster(h->plan, h->options, h->collected->cluster, h->run, &h->err))
        open_audit(h);
    if (h->audit) {
        audit_early_done(h->audit);
        audit_read_params(h->audit, h->client, &h->collected->served);
    }
}
static void observe_answer(void *ctx, const struct call *call, struct str request_body,
                           struct str body)
{
    recorder_answer(((struct observing *)ctx)->recorder, call, request_body, body);
}
static void observe_list_item(void *ctx, enum kind kind, struct str path, struct value object)
{
    recorder_list_item(((struct observing *)ctx)->recorder, kind, path, object);
}
static void observe_list_end(void *ctx, enum kind kind, const struct list_job *job,
                             const struct call *call)
{
    recorder_list_end(((struct observing *)ctx)->recorder, kind, job, call);
}

static void limits_of(struct client_limits *l, const struct options *o)
{
    client_limits_default(l);
    l->in_flight = (uint32_t)o->parallel;
    l->per_second = (uint32_t)o->qps;
    l->retries = (uint32_t)o->retries;
    l->page_items = (uint32_t)o->page_items;
    l->item_bytes = (size_t)o->max_item_bytes;
    l->list_items = (uint64_t)o->max_list_items;
    l->list_bytes = (uint64_t)o->max_list_bytes;
    l->json_depth = (uint32_t)o->max_depth;
    l->retry_wait_max_ms = o->retry_wait_s * 1000;
    l->silence_ms = o->stall_timeout_s * 1000;
    l->total_ms = o->timeout_s * 1000;
}

/* A server of which nothing at all could be read gives no audit: it is the wrong one, or the
 * identity may do nothing. A report of it would say no more than the first answer does. */
static bool anything_read(const struct cluster *c, struct err *err)
{
    bool any = c->endpoint[ENDPOINT_VERSION].state == COVERAGE_COMPLETE ||
               c->endpoint[ENDPOINT_DISCOVERY].state == COVERAGE_COMPLETE;
    for (size_t k = 0; k < KIND_COUNT; k++)
        any |= c->coverage[k].state == COVERAGE_COMPLETE || c->coverage[k].items;
    return any || err_set(err, ERR_SERVER,
                          "nothing could be read from the server (%.*s): check that server in the "
                          "kubeconfig is a "
                          "Kubernetes API server, and what the identity in use may do",
                          STR_ARG(c->endpoint[ENDPOINT_VERSION].reason));
}

static void want_every_kind(struct collect_options *needs)
{
    for (size_t k = 0; k < KIND_COUNT; k++)
        kind_set_add(&needs->kinds, (enum kind)k);
}

static void want_everything(struct collect_options *needs)
{
    want_every_kind(needs);
    for (size_t e = 0; e < ENDPOINT_COUNT; e++)
        endpoint_set_add(&needs->endpoints, (enum endpoint)e);
}

/* Before the cluster's policies are known, any kind may be needed. */
static struct collect_options needs_of(const struct observing *h)
{
    if (h->audit)
        return audit_needs(h->audit);
    struct bench_reads always = benchmark_reads(&h->plan->bench, NULL);
    struct collect_options needs = { .endpoints = always.endpoints, .want_rights = true };
    want_every_kind(&needs);
    return needs;
}

static bool collect_and_judge(struct result *r, struct collected *c, struct plan *p,
                              const struct options *o, const struct audit_source *s,
                              struct client *client, struct arena *run, struct err *err)
{
    struct observing h = { .run = run, .options = o, .plan = p, .collected = c, .client = client };
    struct collect_observer observer = { .object = observe_object,
                                         .early_done = observe_early_done,
                                         .ctx = &h };
    if (!p->of_cluster)
        open_audit(&h);
    struct collect_options needs = needs_of(&h);
    needs.no_probes = o->no_probes || o->manifests.n;
    needs.kubelets = s->kubelets;
    needs.kubelets_insecure = s->kubelets_insecure;
    needs.kubelets_ms = o->kubelet_timeout_s * 1000;
    struct str record = o->bundle_full && !s->snapshot
                            ? file_join(run, bundle_folder(o, run), STR("recording"))
                            : o->record;
    if (record.n) {
        want_everything(&needs); /* a recording is for other checks too */
        if (!recorder_open(&h.recorder, run, str_to_c(run, record), err))
            return false;
        observer.answer = observe_answer;
        observer.list_item = observe_list_item;
        observer.list_end = observe_list_end;
    }
    if (!collect_run(c, client, &needs, &observer, err))
        return false;
    if (!stop_may_go_on(err))
        return false;
    stop_phase("judging");
    if (!anything_read(c->cluster, err))
        return false;
    if (!h.audit) {
        *err = h.err;
        return false;
    }
    audit_source_note(s, c->cluster);
    if (h.recorder && !recorder_close(h.recorder, c->cluster, clock_now(), err))
        return false;
    return audit_finish(h.audit, p->framework, p->framework_count, r, err);
}

static bool print_summary(const struct result *r, const struct options *o, struct str report,
                          struct err *err)
{
    struct winsize size;
    struct buf text CLEANUP(buf_release) = BUF_INIT((size_t)8 << 20);
    struct buf_sink sink;
    FILE *to = reports_to_stdout(o) ? stderr : stdout;
    bool is_terminal = to == stderr ? o->stderr_is_terminal : o->stdout_is_terminal;
    struct text_options t = { .colour = is_terminal && !o->no_color, .report = report };
    int form = names_find(summary_name, SUMMARY_COUNT, o->summary);
    t.summary = form >= 0 ? (enum summary)form : o->quiet ? SUMMARY_LINE : SUMMARY_BRIEF;
    if (is_terminal)
        t.width =
            ioctl(fileno(to), TIOCGWINSZ, &size) == 0 && size.ws_col >= 40 ? size.ws_col : 100;
    buf_sink_init(&sink, &text);
    if (!report_text(r, &t, &sink.sink, err))
        return false;
    return fwrite(text.p, 1, text.n, to) == text.n || err_set(err, ERR_IO, "writing the summary");
}

/* One run from its source to what is told of it. */
struct running {
    struct plan plan;
    struct audit_source source;
    struct collected collected;
    struct client client;
    struct progress progress; /* calls tell it as they end, those behind the audit too */
    struct result result;
};

/* When the last answer must have come, so that there is time to say what was seen. */
static int64_t requests_end(const struct options *o, int64_t began_ms)
{
    int64_t whole_ms = o->timeout_s * 1000,
            rest_ms = whole_ms / 10 < REST_MS_MAX ? whole_ms / 10 : REST_MS_MAX;
    return whole_ms ? began_ms + whole_ms - rest_ms : 0;
}

/* The source is open, to be closed by the caller, unless the status is EXIT_COULD_NOT_RUN before it
 * was. */
static bool run_open(struct running *r, const struct options *o, const char *snapshot_dir,
                     int64_t began_ms, struct arena *run, struct err *err)
{
    struct client_limits limits;
    int64_t deadline_ms = requests_end(o, began_ms);
    stop_phase("opening its source");
    r->source.gather = r->plan.gather;
    if (!audit_source_open(&r->source, o, snapshot_dir, stop_flag(), deadline_ms, run, err))
        return false;
    run_record_start(&r->result.run, o, &r->source, run);
    r->collected.cluster = arena_new(run, struct cluster);
    cluster_init(r->collected.cluster, run);
    r->collected.cluster->now =
        r->source.snapshot ? r->source.snapshot->recorded : r->result.run.started;
    limits_of(&limits, o);
    client_init(&r->client, r->source.transport, run, &limits);
    r->client.deadline_ms = deadline_ms;
    /* What is recorded is what came, and recordings and files have JSON alone. */
    r->client.json_lists = r->source.snapshot || r->source.manifests || o->record.n ||
                           o->bundle_full || str_eq(o->list_format, STR("json"));
    r->client.cancelled = stop_flag();
    stop_phase("reading the cluster");
    r->client.clock_start = r->result.run.started;
    return true;
}

static bool run_through(struct running *r, const struct options *o, struct arena *run,
                        struct err *err)
{
    progress_open(&r->progress, &r->client, o->stderr_is_terminal && !o->quiet);
    bool ok =
        collect_and_judge(&r->result, &r->collected, &r->plan, o, &r->source, &r->client, run, err);
    progress_close(&r->progress);
    return ok;
}

/* What was judged, with all that a report says beside it. */
static bool complete_result(struct running *r, const struct options *o, int64_t began_ms,
                            struct arena *run, struct err *err)
{
    struct arena scratch CLEANUP(arena_release) = { 0 };
    r->result.call = r->client.calls.item;
    r->result.call_count = r->client.calls.count;
    r->result.files = r->source.manifests;
    if (!r->source.manifests)
        result_note_broken_off(&r->result, run);
    else if (!result_note_places(&r->result, r->source.manifests, run, &scratch, err))
        return false;
    audit_join_third_party(&r->result, r->plan.third_party, o->node_facts_max_age * 3600, run);
    run_record_finish(&r->result, o, &r->source, &r->collected, began_ms, run);
    return baseline_compare(&r->result, o, run, err);
}

static bool report(struct running *r, const struct options *o, int64_t began_ms, struct arena *run,
                   struct err *err)
{
    struct reports_written w = { 0 };
    if (!complete_result(r, o, began_ms, run, err) || !reports_write(&w, &r->result, o, run, err) ||
        (o->bundle.n && !bundle_out(&r->result, o, r->source.snapshot, run, err)) ||
        (o->ledger.n && !ledger_out(&r->result, o, run, err)))
        return false;
    stop_phase("uploading the reports");
    bool sent = !o->upload.n ||
                upload_files(w.path, w.count, o, r->result.run.started, stop_flag(), run, err);
    if (o->keep && sent)
        shelf_prune(o->output.n ? o->output : STR("."), file_dir_of(w.first), (size_t)o->keep, run);
    return print_summary(&r->result, o, w.first, sent ? err : &(struct err){ 0 }) && sent;
}

static bool node_facts_of_pods(struct running *r, const struct options *o, struct arena *run,
                               struct err *err)
{
    if (o->node_facts.n || o->manifests.n)
        return err_set(err, ERR_USAGE,
                       "--node-facts-pods asks the cluster: it goes with neither --node-facts nor "
                       "--manifests");
    if (!str_consists_of(o->node_facts_pods, STR_LOWER STR_DIGITS "-"))
        return err_set(err, ERR_USAGE, "--node-facts-pods: \"%.*s\" is no name of a namespace",
                       STR_ARG(o->node_facts_pods));
    r->plan.nodes = arena_new(run, struct node_evidence);
    r->plan.nodes->max_age_s = o->node_facts_max_age * 3600;
    return node_pods_read(r->plan.nodes, run, &r->client, o->node_facts_pods, err);
}

enum exit_status auditing_run(const struct options *o, const char *snapshot_dir, struct arena *run,
                              struct err *err)
{
    struct running *r = arena_new(run, struct running);
    int64_t began_ms = clock_monotonic_ms();
    stop_catch(o->timeout_s);
    if (o->fail_on_new && !o->baseline.n && !o->keep) {
        (void)err_set(err, ERR_USAGE,
                      "--fail-on-new takes an earlier report to compare with: --baseline REPORT, "
                      "or the run before with --keep N");
        return EXIT_USAGE;
    }
    if (!reports_may_be(o, err) || !bundle_may_be(o, run, err) || !upload_may_be(o, run, err) ||
        !ledger_may_be(o, run, err) || !plan_make(&r->plan, o, run, err))
        return EXIT_USAGE;
    if (!run_open(r, o, snapshot_dir, began_ms, run, err))
        return EXIT_COULD_NOT_RUN;
    r->collected.cluster->is_open = r->source.manifests && !o->whole;
    if (r->plan.gather && !plan_of_files(&r->plan, o, run, err)) {
        transport_close(r->source.transport);
        return EXIT_USAGE;
    }
    if (r->plan.automatic && !plan_choose(&r->plan, o, &r->client, run, err)) {
        transport_close(r->source.transport);
        return err->code == ERR_USAGE ? EXIT_USAGE : EXIT_COULD_NOT_RUN;
    }
    if (o->node_facts_pods.n && !node_facts_of_pods(r, o, run, err)) {
        transport_close(r->source.transport);
        return EXIT_COULD_NOT_RUN;
    }
    r->result.run.benchmark_reason = r->plan.reason;
    bool ok = run_through(r, o, run, err);
    ok = ok && report(r, o, began_ms, run, err);
    transport_close(r->source.transport);
    return ok ? reports_status(&r->result, o, err) : EXIT_COULD_NOT_RUN;
}

bool auditing_document(struct buf *out, const struct options *o, const char *snapshot_dir,
                       struct arena *run, struct err *err)
{
    struct running *r = arena_new(run, struct running);
    struct buf_sink sink;
    int64_t began_ms = clock_monotonic_ms();
    stop_catch(o->timeout_s);
    if (!plan_make(&r->plan, o, run, err) || !run_open(r, o, snapshot_dir, began_ms, run, err))
        return false;
    buf_sink_init(&sink, out);
    bool ok = (!r->plan.gather || plan_of_files(&r->plan, o, run, err)) &&
              run_through(r, o, run, err) && complete_result(r, o, began_ms, run, err) &&
              report_json(&r->result, &sink.sink, err);
    transport_close(r->source.transport);
    return ok && buf_ok(out, "a report", err);
}

enum exit_status auditing_ask(const struct options *o, const struct benchmark *b,
                              struct value params, const struct audit_asking *ask,
                              struct arena *run, struct err *err)
{
    struct running *r = arena_new(run, struct running);
    const char *snapshot = o->snapshot.n ? str_to_c(run, o->snapshot) : NULL;
    r->plan = (struct plan){ .bench = *b, .params = params, .ask = ask };
    stop_catch(o->timeout_s);
    if (!run_open(r, o, snapshot, clock_monotonic_ms(), run, err))
        return EXIT_COULD_NOT_RUN;
    bool ok = run_through(r, o, run, err);
    if (ok && ask->more)
        ask->more(ask->ctx, &r->client, r->collected.cluster);
    transport_close(r->source.transport);
    if (!ok)
        return EXIT_COULD_NOT_RUN;
    struct kind_set needs = { 0 };
    for (size_t i = 0; i < b->check[0].part_count; i++)
        kind_set_merge(&needs, b->check[0].part[i].needs);
    enum kind gap = cluster_first_gap(r->collected.cluster, needs);
    if (gap == KIND_NONE)
        return EXIT_DONE;
    (void)err_set(err, ERR_DENIED, "not all was seen: %.*s",
                  STR_ARG(r->collected.cluster->coverage[gap].reason));
    return EXIT_INCOMPLETE;
}
