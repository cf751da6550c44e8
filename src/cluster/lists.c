/* The lists of one stage, streamed together: items to the observer and the model, outcomes to
 * coverage. */
#include "cluster/lists.h"

#include "cluster/conform.h"
#include "cluster/kind_schema.h"
#include "cluster/owner.h"
#include "cluster/project.h"
#include "cluster/taint.h"

/* A list is asked for ahead only after a wave that took no longer until then: a server does not
 * wait for ever with an answer that it has begun. */
#define AHEAD_MS_MAX 5000

struct waves;
/* One kind's list while it runs. */
struct kind_list {
    struct list_job job;
    struct waves *waves;
    bool is_started, is_open; /* open: not ended yet */
    bool has_begun;           /* to be answered */
    bool is_held;             /* asked for ahead; its items wait */
    enum kind kind;
    struct cluster *cluster;
    struct client *client;
    const struct collect_observer *observer;
    struct str api_version;
    const struct cel_schema *schema; /* NULL: of a kind that none is bundled for */
    struct arena scratch;
    uint64_t seen;
};

static enum cause cause_of(enum err_code code, bool begun)
{
    switch (code) {
    case ERR_NOT_FOUND:
        return CAUSE_NOT_FOUND;
    case ERR_LIMIT:
        return CAUSE_LIMIT;
    case ERR_NET:
    case ERR_TLS:
    case ERR_CANCELLED:
        return begun ? CAUSE_CUT : CAUSE_NO_ANSWER;
    case ERR_INPUT:
        return CAUSE_MALFORMED;
    case ERR_EXPIRED:
        return CAUSE_CUT;
    case ERR_SERVER:
        return CAUSE_SERVER_ERROR;
    case ERR_DENIED:
    case ERR_AUTH:
        return CAUSE_REFUSED;
    case ERR_USAGE:
    case ERR_IO:
    case ERR_INTERNAL:
    case ERR_NONE:
        break;
    }
    return CAUSE_OTHER;
}

void coverage_from_failure(struct coverage *c, struct arena *a, const struct err *err, int status,
                           struct str what, struct str right)
{
    c->reason = str_printf(a, "%.*s: %s", STR_ARG(what), err->text);
    c->cause = cause_of(err->code, status >= 200 && status < 300);
    switch (err->code) {
    case ERR_DENIED:
    case ERR_AUTH:
        c->state = COVERAGE_DENIED;
        c->remedy = str_printf(a, "grant %.*s", STR_ARG(right));
        return;
    case ERR_NOT_FOUND:
        c->state = COVERAGE_FAILED;
        c->remedy =
            status
                ? str_printf(a,
                             "the server answered %d to a path it should serve: check the API "
                             "server and its aggregation layer",
                             status)
                : STR("audit a live cluster that has what the reason names, or record one again");
        return;
    case ERR_LIMIT:
        c->state = COVERAGE_CUT;
        c->remedy = STR("raise the limit that the reason names");
        return;
    case ERR_NET:
    case ERR_TLS:
    case ERR_EXPIRED:
    case ERR_SERVER:
    case ERR_INPUT:
    case ERR_CANCELLED:
    case ERR_USAGE:
    case ERR_IO:
    case ERR_INTERNAL:
    case ERR_NONE:
        c->state = status >= 200 && status < 300 ? COVERAGE_CUT : COVERAGE_FAILED;
        c->remedy = STR("run the audit again; if it stays, look at the API server's log for the "
                        "call's Audit-ID");
        return;
    }
}

static void note_bad_item(struct kind_list *l, const char *fault)
{
    struct coverage *c = &l->cluster->coverage[l->kind];
    if (c->bad_items++ == 0)
        c->bad_item_text = str_printf(l->cluster->arena, "item %llu of the list: %s",
                                      (unsigned long long)l->seen, fault);
}

/* A fault that more than expressions meet. Roles, bindings and policies are kept too, but who reads
 * them tells a fault of theirs apart. */
static bool is_damage(enum kind kind, const struct conform_result *as)
{
    static const enum kind apart[] = {
        KIND_CLUSTERROLES, KIND_CLUSTERROLEBINDINGS, KIND_ROLES,
        KIND_ROLEBINDINGS, KIND_ADMISSIONPOLICIES,   KIND_ADMISSIONBINDINGS
    };
    for (size_t i = 0; i < COUNT_OF(apart); i++)
        if (apart[i] == kind)
            return false;
    return as->fault.n && (as->is_structural || kind_info(kind)->stage == STAGE_EARLY);
}

/* Items of a list that has said what it is leave that out; what says that it is something else is
 * not one of them. */
static bool is_another(const struct kind_list *l, struct value item)
{
    const struct value *kind = value_get(item, STR("kind")),
                       *version = value_get(item, STR("apiVersion"));
    bool may_be_silent = l->job.kind_is_told;
    bool kind_fits = (may_be_silent && (!kind || kind->kind == VALUE_NULL)) ||
                     (kind && str_eq_c(value_text(*kind), kind_info(l->kind)->name));
    bool version_fits = (may_be_silent && (!version || version->kind == VALUE_NULL)) ||
                        (version && str_eq(value_text(*version), l->api_version));
    return !l->job.is_of_files && (!kind_fits || !version_fits);
}

static bool on_item(struct list_job *job, struct str bytes, struct err *err)
{
    struct kind_list *l = job->ctx;
    struct err fault = { 0 };
    struct value item;
    size_t skip_count;
    const struct json_skip *skip = project_skip(l->kind, &skip_count);
    struct json_limits limits = { .depth = l->client->limits.json_depth };

    l->seen++;
    arena_reset(&l->scratch);
    if (job->is_proto && !proto_read(&item, &l->scratch, bytes, job->proto->message, &limits, skip,
                                     skip_count, &fault)) {
        /* Nothing is overlooked because it is newer than the tables. */
        l->seen--;
        job->is_unreadable = true;
        return err_set(err, fault.code, "%s", fault.text);
    }
    if (!job->is_proto &&
        !json_read(&item, &l->scratch, bytes, &limits, skip, skip_count, &fault)) {
        note_bad_item(l, fault.text);
        return true;
    }
    if (item.kind != VALUE_MAP || !value_text_at(item, "metadata", "name", NULL).n) {
        note_bad_item(l, "not an object with a metadata.name");
        return true;
    }
    if (is_another(l, item)) {
        note_bad_item(
            l, str_to_c(&l->scratch,
                        str_printf(&l->scratch,
                                   "it says that it is a %.80s of %.80s, not a %s of %.*s",
                                   str_to_c(&l->scratch, value_text_at(item, "kind", NULL)),
                                   str_to_c(&l->scratch, value_text_at(item, "apiVersion", NULL)),
                                   kind_info(l->kind)->name, STR_ARG(l->api_version))));
        return true;
    }
    struct str own = value_text_at(item, "apiVersion", NULL);
    bool is_own = kind_info(l->kind)->is_gathered && own.n;
    struct value object = project_object(&l->scratch, l->kind, is_own ? own : l->api_version, item);
    if (l->observer->list_item) /* as it came: what reads the recording makes the same of it */
        l->observer->list_item(l->observer->ctx, l->kind, job->path, object);
    struct conform_result as = conform_object(&l->scratch, l->schema, object);
    /* Expressions meet the fault where it is; what the program reads by itself, and what is kept
     * for it, is not whole. */
    if (is_damage(l->kind, &as))
        note_bad_item(
            l, str_to_c(&l->scratch,
                        str_printf(&l->scratch, "%.*s: %.*s",
                                   STR_ARG(object_ref_text(&l->scratch, object_ref_of(object))),
                                   STR_ARG(as.fault))));
    l->cluster->coverage[l->kind].items++;
    struct value seen = taint_object(&l->scratch, as.object);
    project_keep(l->cluster, l->kind, seen);
    l->observer->object(l->observer->ctx, l->kind, seen, &l->scratch);
    return true;
}

static void on_end(struct list_job *job)
{
    struct kind_list *l = job->ctx;
    struct arena *a = l->cluster->arena;
    struct coverage *c = &l->cluster->coverage[l->kind];
    struct str what = kind_text(a, l->kind);

    c->bytes = job->bytes;
    c->resource_version = str_dup(a, job->resource_version);
    c->pages = job->pages;
    c->restarts = job->restarts;
    c->inconsistent = job->inconsistent;
    c->json_reason = str_dup(a, job->json_reason);
    c->first_call = job->first_call;
    c->last_call = job->last_call;
    c->bad_items += job->oversize_items;
    if (job->oversize_items && !c->bad_item_text.n)
        c->bad_item_text = str_printf(a, "%u items over the size limit of %zu bytes an item",
                                      job->oversize_items, l->client->limits.item_bytes);
    if (job->err.code != ERR_NONE) {
        const struct kind_info *info = kind_info(l->kind);
        struct str right =
            *info->group
                ? str_printf(a, "list on %s in API group \"%s\"", info->resource, info->group)
                : str_printf(a, "list on %s in the core API group", info->resource);
        coverage_from_failure(c, a, &job->err, job->status, what, right);
    } else if (c->bad_items) {
        c->state = COVERAGE_DAMAGED;
        c->reason = str_printf(a, "%.*s: %u items could not be read; the first: %.*s",
                               STR_ARG(what), c->bad_items, STR_ARG(c->bad_item_text));
        c->remedy = STR(
            "read the named object with kubectl; repair or remove it, then run the audit again");
    } else {
        c->state = COVERAGE_COMPLETE;
    }
    if (l->observer->list_end) {
        const struct call *call =
            job->last_call ? &l->client->calls.item[job->last_call - 1] : NULL;
        l->observer->list_end(l->observer->ctx, l->kind, job, call);
    }
    arena_release(&l->scratch);
}

/* Before streaming encoders (1.34) a server holds an unpaged list in memory: ask for pages there.
 */
static bool wants_pages(const struct cluster *c)
{
    return c->minor < 34;
}

/* The version to ask a custom resource for: the first of those understood that is served, or where
 * it is not known what is, the first. False: only others are served. */
static bool choose_version(enum kind k, const struct discovery *served,
                           enum discovery_answer answer, struct str *version)
{
    const struct kind_info *info = kind_info(k);
    struct str rest = str_from_c(info->versions), known;
    while (str_next_field(&rest, ' ', &known)) {
        if (answer == DISCOVERY_SERVED &&
            !discovery_serves(served, str_from_c(info->group), str_from_c(info->resource), known))
            continue;
        *version = known;
        return true;
    }
    return false;
}

/* False: not listed, and coverage says why. */
static bool list_prepare(struct kind_list *l, const struct discovery *served)
{
    struct arena *a = l->cluster->arena;
    const struct kind_info *info = kind_info(l->kind);
    struct coverage *c = &l->cluster->coverage[l->kind];
    struct str version = { 0 };
    enum discovery_answer answer =
        discovery_find(served, str_from_c(info->group), str_from_c(info->resource), &version);

    if (answer == DISCOVERY_NOT_SERVED && !info->core) {
        c->state = COVERAGE_NOT_SERVED;
        c->reason = str_printf(a, "%s: this cluster does not serve them", info->resource);
        return false;
    }
    /* Not believed for core kinds, and not known: ask all the same, for v1. */
    struct str preferred = version;
    if (answer != DISCOVERY_SERVED || !version.n)
        version = STR("v1");
    if (info->versions[0] && !choose_version(l->kind, served, answer, &version)) {
        c->state = COVERAGE_FAILED;
        c->cause = CAUSE_NOT_SERVED;
        c->reason =
            str_printf(a, "%s/%s: this cluster serves version %.*s, which is not understood",
                       info->group, info->resource, STR_ARG(preferred));
        c->remedy = STR("judge these objects by hand, or use a newer kubevouch");
        return false;
    }
    l->api_version = info->group[0] ? str_printf(a, "%s/%.*s", info->group, STR_ARG(version))
                                    : str_dup(a, version);
    l->job.path = info->group[0]
                      ? str_printf(a, "/apis/%.*s/%s", STR_ARG(l->api_version), info->resource)
                      : str_printf(a, "/api/%.*s/%s", STR_ARG(l->api_version), info->resource);
    l->job.proto = proto_root_find(l->api_version, str_from_c(info->name));
    l->job.kind = str_printf(a, "%sList", info->name);
    l->job.api_version = l->api_version;
    l->job.chunked = wants_pages(l->cluster);
    l->job.on_item = on_item;
    l->job.ctx = l;
    return true;
}

/* ---- waves ---- */

/* The lists of one stage, wave after wave: objects of the one go by before those of the next. The
 * largest list of the next wave is asked for ahead, so that the server makes its answer while this
 * one is judged: once each list of this wave has begun to be answered, so that snapshots keep the
 * order of the waves; its items wait until the wave is over. */
struct waves {
    struct kind_list list[KIND_COUNT];
    struct kind_list common;
    const struct discovery *served;
    const struct collect_options *options;
    enum kind_stage stage;
    unsigned now;
    int64_t began_ms;
    bool is_starting;
};

static bool is_in_wave(const struct waves *w, enum kind k, unsigned wave)
{
    return kind_info(k)->stage == w->stage && owner_wave(k) == wave &&
           kind_set_has(w->options->kinds, k) && kind_is_declared(k);
}

/* Every list of the wave that is read has ended; or begun to be answered. */
static bool is_past(const struct waves *w, bool only_begun)
{
    for (size_t k = 0; k < KIND_COUNT; k++) {
        const struct kind_list *l = &w->list[k];
        if (is_in_wave(w, (enum kind)k, w->now) && l->is_open && !(only_begun && l->has_begun))
            return false;
    }
    return true;
}

static void on_begin(struct list_job *job);
static void on_list_end(struct list_job *job);

static void start_list(struct waves *w, enum kind k, bool is_ahead)
{
    struct kind_list *l = &w->list[k];
    if (l->is_started)
        return;
    *l = w->common;
    l->waves = w;
    l->kind = k;
    l->schema = kind_schema(w->common.cluster->schemas, k);
    l->is_started = true;
    if (!list_prepare(l, w->served))
        return;
    l->is_open = true;
    l->is_held = is_ahead;
    l->job.held = is_ahead ? &l->is_held : NULL;
    l->job.on_begin = on_begin;
    l->job.on_end = on_list_end;
    client_list_start(l->client, &l->job);
}

static void start_ahead(struct waves *w)
{
    static const enum kind large[] = { KIND_REPLICASETS, KIND_PODS };
    struct client *client = w->common.client;
    if (clock_monotonic_ms() - w->began_ms > AHEAD_MS_MAX || !client_can_ask_ahead(client))
        return;
    for (size_t i = 0; i < COUNT_OF(large); i++)
        if (is_in_wave(w, large[i], w->now + 1))
            start_list(w, large[i], true);
    client_start_waiting(client);
}

static void start_wave(struct waves *w)
{
    w->is_starting = true;
    w->began_ms = clock_monotonic_ms();
    for (size_t k = 0; k < KIND_COUNT; k++) {
        if (!is_in_wave(w, (enum kind)k, w->now))
            continue;
        start_list(w, (enum kind)k, false);
        w->list[k].is_held = false;
    }
    w->is_starting = false;
}

/* A list has begun to be answered, or ended. */
static void go_on(struct waves *w)
{
    if (w->is_starting)
        return;
    while (is_past(w, false)) {
        if (w->now + 1 >= owner_waves())
            return;
        w->now++;
        start_wave(w);
    }
    if (is_past(w, true))
        start_ahead(w);
}

static void on_begin(struct list_job *job)
{
    struct kind_list *l = job->ctx;
    l->has_begun = true;
    go_on(l->waves);
}

static void on_list_end(struct list_job *job)
{
    struct kind_list *l = job->ctx;
    on_end(job);
    l->is_open = false;
    go_on(l->waves);
}

void lists_run(struct cluster *cluster, struct client *client, const struct discovery *served,
               const struct collect_options *options, enum kind_stage stage,
               const struct collect_observer *observer)
{
    struct waves *w = arena_new(cluster->arena, struct waves);
    w->common = (struct kind_list){ .cluster = cluster, .client = client, .observer = observer };
    w->served = served;
    w->options = options;
    w->stage = stage;
    if (!cluster->schemas) {
        cluster->schemas = arena_new(cluster->arena, struct kind_schemas);
        kind_schemas_open(cluster->schemas, cluster->arena, cluster->arena);
    }
    start_wave(w);
    go_on(w);
    client_run(client);
}
