/* One line of a ledger: a run, what it changed, and the hash that ties it to the line before. */
#include "evidence/ledger.h"

#include "cluster/kind_own.h"
#include "report/report.h"
#include "value/json_doc.h"

#define LINE_BYTES_MAX ((size_t)64 << 20)

static const char no_line[] = "0000000000000000000000000000000000000000000000000000000000000000";

/* ---- the report's digest ---- */

struct digest_sink {
    struct sink sink;
    struct sha256 sha;
    uint64_t bytes;
};

static bool digest_add(struct sink *s, struct str bytes, struct err *err)
{
    struct digest_sink *d = (struct digest_sink *)(void *)s;
    (void)err;
    sha256_add(&d->sha, bytes);
    d->bytes += bytes.n;
    return true;
}

static struct value hex_value(struct arena *a, const uint8_t digest[SHA256_BYTES])
{
    char hex[SHA256_HEX_BYTES];
    sha256_hex(digest, hex);
    return value_str(str_dup(a, str_from_c(hex)));
}

/* Written again instead of read again: a pure function of the result gives the same bytes. */
static bool report_digest(struct value *out, struct arena *a, const struct result *r,
                          struct err *err)
{
    struct digest_sink d = { .sink = { digest_add } };
    uint8_t digest[SHA256_BYTES];
    struct value_builder b;
    sha256_open(&d.sha);
    if (!report_json(r, &d.sink, err)) {
        sha256_abandon(&d.sha);
        return false;
    }
    sha256_close(&d.sha, digest);
    value_builder_init(&b, a);
    value_builder_set(&b, "sha256", hex_value(a, digest));
    value_builder_set(&b, "bytes", value_int((int64_t)d.bytes));
    *out = value_builder_map(&b);
    return true;
}

/* ---- checks ---- */

static bool is_named(const struct ledger_check *c, const struct object_ref *o)
{
    for (size_t i = 0; i < c->object_count; i++)
        if (str_eq(c->object[i].kind, o->kind) && str_eq(c->object[i].ns, o->ns) &&
            str_eq(c->object[i].name, o->name))
            return true;
    return false;
}

static void add_length(struct sha256 *h, struct str s)
{
    char text[32];
    int n = snprintf(text, sizeof text, "%zu:", s.n);
    sha256_add(h, str_of(text, (size_t)n));
    sha256_add(h, s);
}

/* The check as this run leaves it; its texts in a. */
static bool check_of(struct ledger_check *out, struct arena *a, const struct result *r,
                     const struct check_result *c, struct err *err)
{
    struct arena scratch CLEANUP(arena_release) = { 0 };
    struct finding f;
    struct sha256 h;
    uint8_t digest[SHA256_BYTES];
    bool ok = true, named = c->verdict == VERDICT_FAIL || c->verdict == VERDICT_WAIVED;
    *out = (struct ledger_check){ .id = c->check->id,
                                  .title = c->check->title,
                                  .severity = str_from_c(severity_name[c->check->severity]),
                                  .verdict = c->verdict };
    if (!named)
        return true;
    out->object = arena_array(a, struct ledger_object, LEDGER_OBJECTS_MAX);
    sha256_open(&h);
    for (size_t i = 0; i < c->finding_count && ok; i++) {
        ok = result_finding_glance(r, &f, c->first_finding + i, &scratch, err);
        if (ok && f.outcome == c->verdict) {
            out->findings++;
            add_length(&h, f.object.kind);
            add_length(&h, f.object.ns);
            add_length(&h, f.object.name);
            if (out->object_count < LEDGER_OBJECTS_MAX && !is_named(out, &f.object))
                out->object[out->object_count++] =
                    (struct ledger_object){ str_dup(a, f.object.kind), str_dup(a, f.object.ns),
                                            str_dup(a, f.object.name) };
        }
        arena_reset(&scratch);
    }
    sha256_close(&h, digest);
    out->objects_sha256 = value_text(hex_value(a, digest));
    return ok;
}

static struct value objects_value(struct arena *a, const struct ledger_check *c)
{
    struct value_builder list, b;
    value_builder_init(&list, a);
    for (size_t i = 0; i < c->object_count; i++) {
        value_builder_init(&b, a);
        value_builder_set(&b, "kind", value_str(c->object[i].kind));
        if (c->object[i].ns.n)
            value_builder_set(&b, "namespace", value_str(c->object[i].ns));
        value_builder_set(&b, "name", value_str(c->object[i].name));
        value_builder_push(&list, value_builder_map(&b));
    }
    return value_builder_list(&list);
}

static const char *word_of(enum verdict v)
{
    return v == VERDICT_COUNT ? LEDGER_NOT_RUN : verdict_name(v);
}

static struct value changed_value(struct arena *a, const struct ledger_check *was,
                                  const struct ledger_check *c)
{
    struct value_builder b;
    value_builder_init(&b, a);
    value_builder_set(&b, "check", value_str(c->id));
    value_builder_set(&b, "title", value_str(c->title));
    value_builder_set(&b, "severity", value_str(c->severity));
    value_builder_set(&b, "was", was ? value_cstr(word_of(was->verdict)) : value_null());
    value_builder_set(&b, "verdict", value_cstr(word_of(c->verdict)));
    if (c->objects_sha256.n) {
        value_builder_set(&b, "findings", value_int((int64_t)c->findings));
        value_builder_set(&b, "objects", objects_value(a, c));
        value_builder_set(&b, "objectsSha256", value_str(c->objects_sha256));
    }
    return value_builder_map(&b);
}

static bool is_same(const struct ledger_check *was, const struct ledger_check *c)
{
    return was && was->verdict == c->verdict && str_eq(was->objects_sha256, c->objects_sha256);
}

static bool changed_list(struct value *out, struct arena *a, const struct result *r,
                         const struct ledger_stream *before, struct err *err)
{
    struct value_builder list;
    struct map ran;
    value_builder_init(&list, a);
    map_init(&ran, a);
    for (size_t i = 0; i < r->check_count; i++) {
        const struct ledger_check *was =
            before ? map_get(&before->state, r->check[i].check->id) : NULL;
        struct ledger_check c;
        map_put(&ran, r->check[i].check->id, &r->check[i]);
        if (!check_of(&c, a, r, &r->check[i], err))
            return false;
        if (!is_same(was, &c))
            value_builder_push(&list, changed_value(a, was, &c));
    }
    for (size_t i = 0; before && i < before->state.count; i++) {
        const struct ledger_check *was = before->state.entry[i].val;
        struct ledger_check c = {
            .id = was->id, .title = was->title, .severity = was->severity, .verdict = VERDICT_COUNT
        };
        if (was->verdict != VERDICT_COUNT && !map_has(&ran, was->id))
            value_builder_push(&list, changed_value(a, was, &c));
    }
    *out = value_builder_list(&list);
    return true;
}

/* ---- the run ---- */

static struct value score_value(struct arena *a, const struct score *s)
{
    struct value_builder b;
    if (!s->has_score)
        return value_null();
    value_builder_init(&b, a);
    value_builder_set(&b, "lowPermille", value_int(s->low_permille));
    value_builder_set(&b, "highPermille", value_int(s->high_permille));
    return value_builder_map(&b);
}

static struct value counts_value(struct arena *a, const struct score *s)
{
    struct value_builder b;
    value_builder_init(&b, a);
    for (size_t v = 0; v < VERDICT_COUNT; v++)
        value_builder_set(&b, verdict_name((enum verdict)v), value_int(s->count[v]));
    return value_builder_map(&b);
}

/* What was read whole, of what was asked for. */
static struct value coverage_value_of(struct arena *a, const struct result *r)
{
    struct value_builder b;
    int64_t whole = 0, asked = 0;
    for (size_t k = 0; k < kind_count(); k++) {
        enum coverage_state s = r->cluster->coverage[k].state;
        asked += s != COVERAGE_NOT_ASKED && s != COVERAGE_NOT_SERVED;
        whole += s == COVERAGE_COMPLETE;
    }
    value_builder_init(&b, a);
    value_builder_set(&b, "complete", value_bool(!r->incomplete && !r->broken_off_count));
    value_builder_set(&b, "kindsAsked", value_int(asked));
    value_builder_set(&b, "kindsRead", value_int(whole));
    value_builder_set(&b, "brokenOff", value_int((int64_t)r->broken_off_count));
    return value_builder_map(&b);
}

static struct value params_digest(struct arena *a, const struct result *r)
{
    uint8_t digest[SHA256_BYTES];
    value_digest(r->params, digest);
    return hex_value(a, digest);
}

static void set_run(struct value_builder *b, struct arena *a, const struct result *r)
{
    value_builder_set(b, "observed", value_str(clock_format_rfc3339(a, r->cluster->now)));
    value_builder_set(b, "finished", value_str(clock_format_rfc3339(a, r->run.finished)));
    value_builder_set(b, "runId", value_cstr(r->run.id));
    value_builder_set(b, "tool", value_str(r->run.tool_version));
    value_builder_set(b, "source", value_str(r->run.source));
    value_builder_set(
        b, "cluster",
        value_str(r->run.cluster_name.n ? r->run.cluster_name : r->cluster->server_url));
    value_builder_set(b, "clusterId", value_str(r->cluster->cluster_id));
    value_builder_set(b, "benchmark", value_str(r->bench->id));
    value_builder_set(b, "benchmarkVersion", value_str(r->bench->version));
    value_builder_set(b, "benchmarkSha256", hex_value(a, r->bench->sha256));
    value_builder_set(b, "paramsSha256", params_digest(a, r));
    value_builder_set(b, "score", score_value(a, &r->score));
    value_builder_set(b, "counts", counts_value(a, &r->score));
    value_builder_set(b, "coverage", coverage_value_of(a, r));
}

/* The bytes that are hashed become a line: what follows them is the hash and the signature over it.
 */
static bool seal_line(struct buf *out, struct arena *a, struct str hashed,
                      const struct sign_key *key, struct err *err)
{
    struct buf signature CLEANUP(buf_release) = BUF_INIT(4096);
    uint8_t digest[SHA256_BYTES];
    char hex[SHA256_HEX_BYTES];
    sha256_of(hashed, digest);
    sha256_hex(digest, hex);
    buf_add(out, hashed);
    buf_addf(out, ",\"hash\":\"%s\"", hex);
    if (key) {
        if (!sign_make(&signature, key, ledger_signed_text(a, str_from_c(hex)), err))
            return false;
        buf_addf(out, ",\"keyId\":\"%s\",\"signature\":\"", key->id);
        enc_base64(out, buf_str(&signature));
        buf_add_c(out, "\"");
    }
    buf_add_c(out, "}");
    return true;
}

struct str ledger_signed_text(struct arena *a, struct str hash)
{
    return str_printf(a, "kubevouch ledger line %.*s", STR_ARG(hash));
}

struct str ledger_stream_key(struct arena *a, struct str cluster_id, struct str cluster,
                             struct str benchmark)
{
    return cluster_id.n ? str_printf(a, "id %.*s by %.*s", STR_ARG(cluster_id), STR_ARG(benchmark))
                        : str_printf(a, "name %.*s by %.*s", STR_ARG(cluster), STR_ARG(benchmark));
}

bool ledger_line(struct buf *out, struct arena *a, const struct result *r, const struct ledger *l,
                 size_t torn_bytes, const struct sign_key *key, struct err *err)
{
    struct buf text CLEANUP(buf_release) = BUF_INIT(LINE_BYTES_MAX);
    const struct ledger_run *last = l->run.count ? l->run.item[l->run.count - 1] : NULL;
    struct str cluster = r->run.cluster_name.n ? r->run.cluster_name : r->cluster->server_url;
    const struct ledger_stream *before =
        map_get(&l->stream, ledger_stream_key(a, r->cluster->cluster_id, cluster, r->bench->id));
    struct value_builder b;
    struct value report, changed;
    if (!report_digest(&report, a, r, err) || !changed_list(&changed, a, r, before, err))
        return false;
    value_builder_init(&b, a);
    value_builder_set(&b, "sequence", value_int(last ? (int64_t)last->sequence + 1 : 1));
    set_run(&b, a, r);
    value_builder_set(&b, "report", report);
    if (torn_bytes)
        value_builder_set(&b, "repairedBytes", value_int((int64_t)torn_bytes));
    value_builder_set(&b, "changed", changed);
    value_builder_set(&b, "previous", last ? value_str(last->hash) : value_cstr(no_line));
    json_doc_write(&text, value_builder_map(&b), 0);
    return buf_ok(&text, "a line of the ledger", err) &&
           seal_line(out, a, str_sub(buf_str(&text), 0, text.n - 1), key, err) &&
           buf_ok(out, "a line of the ledger", err);
}
