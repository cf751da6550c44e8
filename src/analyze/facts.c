/* The tables of facts and populations, and what the parts of the room share. */
#include "analyze/facts_state.h"
#include "base/buf.h"
#include "cluster/owner.h"

#define BIT(e)               ((kind_bits)1 << KIND_##e)
#define KIND0()              0
#define KIND1(a)             BIT(a)
#define KIND2(a, b)          (BIT(a) | BIT(b))
#define KIND3(a, b, c)       (KIND2(a, b) | BIT(c))
#define KIND4(a, b, c, d)    (KIND3(a, b, c) | BIT(d))
#define KIND5(a, b, c, d, e) (KIND4(a, b, c, d) | BIT(e))

/* Everything that pods are seen by, and all policies of the network besides NetworkPolicies. */
#define KINDS_OF_PODS                                                  \
    (KIND5(PODS, DEPLOYMENTS, DAEMONSETS, STATEFULSETS, REPLICASETS) | \
     KIND3(REPLICATIONCONTROLLERS, JOBS, CRONJOBS))
#define KINDS_OF_POLICIES                                                         \
    (KIND5(ADMINNETWORKPOLICIES, BASELINENETWORKPOLICIES, CLUSTERNETWORKPOLICIES, \
           CILIUMNETWORKPOLICIES, CILIUMCLUSTERWIDEPOLICIES) |                    \
     KIND4(CALICONETWORKPOLICIES, CALICOGLOBALPOLICIES, CALICOV3NETWORKPOLICIES,  \
           CALICOV3GLOBALPOLICIES))

#undef VERSION /* the build's own, where ENDPOINT_VERSION is meant */
#define EP(e)           ((uint64_t)2 << ENDPOINT_##e)
#define EP0()           0
#define EP1(a)          EP(a)
#define EP2(a, b)       (EP(a) | EP(b))
#define EP3(a, b, c)    (EP2(a, b) | EP(c))
#define EP4(a, b, c, d) (EP3(a, b, c) | EP(d))

const struct fact_info fact_info[] = {
#define FACT(name, needs, endpoints, after_stream, forgers, maker, summary) \
    { #name, { needs }, { endpoints }, { forgers }, after_stream, summary },
#include "analyze/facts.def"
#undef FACT
};
const size_t fact_count = FACT_COUNT;
_Static_assert(sizeof fact_info / sizeof *fact_info == FACT_COUNT, "one row a fact");

#define FACT(name, needs, endpoints, after_stream, forgers, maker, summary)           \
    _Static_assert(((endpoints)&1) == 0, #name ": name the endpoints, EP1(METRICS)"); \
    _Static_assert((forgers) != 0 && (forgers) < 1u << FORGER_COUNT,                  \
                   #name ": say who can write it, BY1(SERVER)");
#include "analyze/facts.def"
#undef FACT

static struct value (*const fact_maker[])(struct facts *f) = {
#define FACT(name, needs, endpoints, after_stream, forgers, maker, summary) maker,
#include "analyze/facts.def"
#undef FACT
};

const struct table_info table_info[] = {
#define TABLE(name, kind, about, needs, wants, endpoints, forgers, maker, summary) \
    { #name,     TABLE_OF_##about, KIND_##kind, { needs },                         \
      { wants }, { endpoints },    { forgers }, summary },
#include "analyze/tables.def"
#undef TABLE
};
#define TABLE(name, kind, about, needs, wants, endpoints, forgers, maker, summary) \
    _Static_assert((forgers) != 0 && (forgers) < 1u << FORGER_COUNT,               \
                   #name ": say who can write it, BY1(SERVER)");
#include "analyze/tables.def"
#undef TABLE
const size_t table_count = sizeof table_info / sizeof *table_info;

/* As table_info. */
static void (*const row_maker[])(struct facts *f, struct facts_rows *out) = {
#define TABLE(name, kind, about, needs, wants, endpoints, forgers, maker, summary) maker,
#include "analyze/tables.def"
#undef TABLE
};

const struct analysis analyses[] = {
#define ANALYSIS(name, open, see, close, summary) { #name, open, see, close, summary },
#include "analyze/analyses.def"
#undef ANALYSIS
};
const size_t analysis_count = COUNT_OF(analyses);

void NOTHING(struct facts *f)
{
    (void)f;
}

void NOTHING_SEEN(struct facts *f, const struct seen_object *seen)
{
    (void)f;
    (void)seen;
}

void STREAMED(struct facts *f, struct facts_rows *out)
{
    (void)f;
    (void)out;
}

const struct table_info *table_find(struct str name)
{
    for (size_t i = 0; i < table_count; i++) {
        if (str_eq_c(name, table_info[i].name))
            return &table_info[i];
    }
    return NULL;
}

/* ---- life ---- */

static void make_stage(struct facts *f, bool after_stream)
{
    for (size_t i = 0; i < FACT_COUNT; i++) {
        if (fact_info[i].after_stream == after_stream)
            f->value[i] = fact_maker[i](f);
    }
}

struct facts *facts_open(struct arena *a, const struct cluster *cluster)
{
    struct facts *f = arena_new(a, struct facts);
    f->arena = a;
    f->cluster = cluster;
    map_init(&f->account, a);
    map_init(&f->namespaces, a);
    map_init(&f->answer, a);
    f->wants_account_grants = true;
    for (size_t i = 0; i < FACT_COUNT; i++)
        f->value[i] = facts_unavailable(a, "%s is only known when all objects have been read",
                                        fact_info[i].name);
    for (size_t i = 0; i < analysis_count; i++)
        analyses[i].open(f);
    make_stage(f, false);
    return f;
}

void facts_want(struct facts *f, const struct table_info *table)
{
    if (strcmp(table->name, "images") == 0 && !f->images)
        running_images_init(f->images = arena_new(f->arena, struct running_images), f->arena);
    if (strcmp(table->name, "volumes") == 0 && !f->volumes)
        volumes_init(f->volumes = arena_new(f->arena, struct volumes), f->arena);
    if (strcmp(table->name, "neighbours") == 0 && !f->sharing)
        sharing_init(f->sharing = arena_new(f->arena, struct sharing), f->arena);
}

void facts_leave_account_grants(struct facts *f)
{
    f->wants_account_grants = false;
}

void facts_give_encryption(struct facts *f, const struct encryption_config *config)
{
    f->given = config;
}

void facts_give_pod_admission(struct facts *f, const struct pod_admission_judge *given)
{
    f->admission = *given;
}

void facts_give_authentication(struct facts *f, const struct authentication_config *config)
{
    f->given_authentication = config;
}

void facts_give_admission(struct facts *f, const struct admission_config *config)
{
    f->given_admission = config;
}

struct str facts_maker_of(const struct facts *f, const struct seen_object *seen)
{
    struct object_ref ref = object_ref_of(seen->object);
    ref.kind = str_from_c(kind_info(seen->kind)->name);
    return object_ref_text(
        seen->scratch,
        seen->owner ? f->cluster->owner.item[cluster_top_owner(f->cluster, seen->owner) - 1].ref
                    : ref);
}

void facts_see(struct facts *f, enum kind kind, struct value object, struct arena *scratch)
{
    uint32_t owner;
    struct arena_mark mark = arena_mark(scratch);
    struct seen_object seen = { .kind = kind, .object = object, .scratch = scratch };
    seen.owned = cluster_owner(f->cluster, object, &owner, NULL) == OWNER_VERIFIED;
    seen.owner = seen.owned ? owner : 0;
    for (size_t i = 0; i < analysis_count; i++) {
        analyses[i].see(f, &seen);
        arena_reset_to(scratch, mark);
    }
}

void facts_complete(struct facts *f)
{
    if (f->complete)
        return;
    f->complete = true;
    for (size_t i = 0; i < analysis_count; i++)
        analyses[i].close(f);
    make_stage(f, true);
}

struct value facts_get(struct facts *f, size_t i)
{
    return i < FACT_COUNT ? f->value[i] : value_null();
}

bool facts_walk(struct facts *f, const struct table_info *table, facts_row_fn *row, void *ctx,
                struct err *err)
{
    size_t t = (size_t)(table - table_info);
    if (row_maker[t] == STREAMED)
        return err_set(err, ERR_USAGE, "table \"%s\" is judged as its objects are read",
                       table->name);
    struct arena scratch = { 0 };
    struct facts_rows rows = { .arena = &scratch, .row = row, .ctx = ctx, .err = err };
    row_maker[t](f, &rows);
    arena_release(&scratch);
    return !rows.failed;
}

struct value facts_derived(struct facts *f, enum kind kind, struct value object,
                           struct arena *scratch)
{
    if (kind == KIND_PODS)
        return facts_pod_derived(f, object, scratch);
    if (kind == KIND_CERTIFICATESIGNINGREQUESTS)
        return facts_csr_derived(object, scratch);
    return value_map(scratch, NULL, 0);
}

/* ---- what was not seen ---- */

static struct value unavailable(struct arena *a, enum cause cause, const char *fmt, va_list ap)
    PRINTF_LIKE(3, 0);
static struct value unavailable(struct arena *a, enum cause cause, const char *fmt, va_list ap)
{
    struct buf text CLEANUP(buf_release) = BUF_INIT(8192);
    buf_vaddf(&text, fmt, ap);
    return value_unavailable(a, cause, "%.*s", STR_ARG(buf_str(&text)));
}

struct value facts_unavailable(struct arena *a, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    struct value v = unavailable(a, CAUSE_OUT_OF_SIGHT, fmt, ap);
    va_end(ap);
    return v;
}

struct value facts_unavailable_for(struct arena *a, enum cause cause, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    struct value v = unavailable(a, cause, fmt, ap);
    va_end(ap);
    return v;
}

static struct value gap(struct arena *a, const struct coverage *c, const char *what)
{
    if (c->state == COVERAGE_NOT_ASKED)
        return facts_unavailable_for(a, CAUSE_NOT_ASKED, "%s were not asked for in this run", what);
    return facts_unavailable_for(a, coverage_cause(c), "%.*s%s%.*s", STR_ARG(c->reason),
                                 c->remedy.n ? "; " : "", STR_ARG(c->remedy));
}

struct value facts_gap_kind(const struct facts *f, struct arena *a, enum kind kind)
{
    if (f->cluster->is_open && facts_listed(f, kind))
        return facts_unavailable_for(a, CAUSE_NOT_IN_FILES,
                                     "which other %s a cluster has is not known from files",
                                     kind_info(kind)->resource);
    return gap(a, &f->cluster->coverage[kind], kind_info(kind)->resource);
}

struct value facts_gap_endpoint(const struct facts *f, struct arena *a, enum endpoint e)
{
    const struct coverage *c = &f->cluster->endpoint[e];
    if (c->state == COVERAGE_COMPLETE)
        return facts_unavailable(a, "%s: it was read and does not say", endpoint_what(e));
    if (c->state == COVERAGE_NOT_ASKED && c->reason.n)
        return facts_unavailable_for(a, CAUSE_NOT_ASKED, "%s: %.*s", endpoint_what(e),
                                     STR_ARG(c->reason));
    return gap(a, c, endpoint_what(e));
}

struct value facts_gap_metrics(const struct facts *f, struct arena *a)
{
    return facts_gap_endpoint(f, a, ENDPOINT_METRICS);
}

bool facts_saw(const struct facts *f, enum kind kind)
{
    return !f->cluster->is_open && facts_listed(f, kind);
}

bool facts_listed(const struct facts *f, enum kind kind)
{
    struct kind_set set = { 0 };
    kind_set_add(&set, kind);
    return cluster_first_gap(f->cluster, set) == KIND_NONE;
}

struct value facts_count_value(const struct facts *f, struct arena *a, enum kind kind, size_t n)
{
    return n || facts_listed(f, kind) ? value_int((int64_t)n) : facts_gap_kind(f, a, kind);
}

struct value facts_metric(const struct facts *f, const char *family)
{
    const struct value *v = value_get(f->cluster->metrics, str_from_c(family));
    return v && v->kind == VALUE_LIST ? *v : value_list(NULL, 0);
}

bool facts_metrics_whole(const struct facts *f)
{
    return f->cluster->endpoint[ENDPOINT_METRICS].state == COVERAGE_COMPLETE &&
           facts_metric(f, "process_start_time_seconds").n > 0;
}

void facts_add_row(struct facts *f, struct facts_rows *out, struct value object,
                   struct value derived)
{
    out->failed = out->failed || !out->row(out->ctx, object, derived, out->err);
    f->current = value_null();
    arena_reset(out->arena);
}

void facts_say(struct value_builder *list, struct arena *a, const char *fmt, ...)
{
    struct buf text = BUF_INIT(8192);
    va_list ap;
    va_start(ap, fmt);
    buf_vaddf(&text, fmt, ap);
    va_end(ap);
    value_builder_push(
        list, value_str(str_dup(a, text.over ? STR("(too long to show)") : buf_str(&text))));
    buf_release(&text);
}
