/* A recorded cluster: the answers of an API server in a folder, written by the recorder and
 * replayed as a transport. */
#include "cluster/snapshot.h"

#include "base/file.h"
#include "base/map.h"
#include "base/names.h"
#include "value/decode.h"

#define CHUNK_BYTES ((size_t)256 << 10)

struct snapshot_transport {
    struct transport base;
    const struct snapshot *snapshot;
    struct map by_request; /* verb path body -> struct snapshot_answer * */
    struct arena *arena;
    struct exchange *first, **last;
};

static const struct decode_field received_field[] = {
    DECODE(STR, struct snapshot_received, audit_id, "auditId", 0),
    DECODE(STR, struct snapshot_received, sha256, "sha256", 0),
    DECODE(STR, struct snapshot_received, started, "started", 0),
    DECODE(INT, struct snapshot_received, bytes, "bytes", 0),
    DECODE(INT, struct snapshot_received, duration_ms, "durationMs", 0),
};
static const struct decode_table received_table = DECODE_TABLE(
    "an answer as it was received", received_field, struct snapshot_received, DECODE_ALLOW_UNKNOWN);

static const struct decode_field answer_field[] = {
    DECODE(STR, struct snapshot_answer, verb, "verb", DECODE_REQUIRED),
    DECODE(STR, struct snapshot_answer, path, "path", DECODE_REQUIRED),
    DECODE(STR, struct snapshot_answer, request_body, "requestBody", 0),
    DECODE(INT, struct snapshot_answer, status, "status", DECODE_REQUIRED),
    DECODE(BOOL, struct snapshot_answer, anonymous, "anonymous", 0),
    DECODE(STR, struct snapshot_answer, content_type, "contentType", 0),
    DECODE(STR, struct snapshot_answer, date, "date", 0),
    DECODE(STR, struct snapshot_answer, file, "file", DECODE_REQUIRED),
    DECODE(STR, struct snapshot_answer, error, "error", 0),
    DECODE(VALUE, struct snapshot_answer, certificate, "certificate", 0),
    DECODE_PART(struct snapshot_answer, received, "received", 0, received_table),
};
static const struct decode_table answer_table = {
    "a recorded answer",
    answer_field,
    sizeof answer_field / sizeof *answer_field,
    sizeof(struct snapshot_answer),
    DECODE_ALLOW_UNKNOWN,
};

struct index_document {
    int64_t version;
    struct str recorded_at, server_url, context_name, credential_kind, certificate_sha256;
    struct str kubelets, connection;
    struct decode_list answers;
};
static const struct decode_field index_field[] = {
    DECODE(INT, struct index_document, version, "snapshotVersion", DECODE_REQUIRED),
    DECODE(STR, struct index_document, recorded_at, "recordedAt", DECODE_REQUIRED),
    DECODE(STR, struct index_document, server_url, "serverUrl", 0),
    DECODE(STR, struct index_document, context_name, "context", 0),
    DECODE(STR, struct index_document, credential_kind, "credentialKind", 0),
    DECODE(STR, struct index_document, certificate_sha256, "serverCertificateSha256", 0),
    DECODE(STR, struct index_document, kubelets, "kubelets", 0),
    DECODE(STR, struct index_document, connection, "connection", 0),
    DECODE_ITEMS(struct index_document, answers, "answers", DECODE_REQUIRED, answer_table),
};
static const struct decode_table index_table = {
    "a snapshot's index",          index_field,          sizeof index_field / sizeof *index_field,
    sizeof(struct index_document), DECODE_ALLOW_UNKNOWN,
};

bool snapshot_read(struct snapshot *out, struct arena *a, const char *dir, struct err *err)
{
    struct buf text CLEANUP(buf_release) = BUF_INIT(SNAPSHOT_INDEX_BYTES_MAX);
    struct str path = file_join(a, str_from_c(dir), STR("snapshot.json"));
    char *path_c = str_to_c(a, path);
    if (!file_read(path_c, &text, err))
        return err_prefix(err, "no recorded cluster in \"%s\"", dir);
    struct node *doc;
    size_t count;
    struct index_document index = { 0 };
    struct str bytes = str_dup(a, buf_str(&text));
    if (!yaml_read(&doc, &count, a, bytes, path_c, err))
        return false;
    if (count != 1)
        return err_set(err, ERR_INPUT, "%s: expected one document, found %zu", path_c, count);
    if (!decode_node(&index, &index_table, &doc[0], a, err))
        return false;
    if (index.version != SNAPSHOT_VERSION)
        return err_set(err, ERR_INPUT, "%s: snapshotVersion is %lld, this program reads %d", path_c,
                       (long long)index.version, SNAPSHOT_VERSION);
    struct instant recorded;
    if (!clock_parse_rfc3339(index.recorded_at, &recorded))
        return err_set(err, ERR_INPUT, "%s: recordedAt \"%.*s\" is not an RFC 3339 time", path_c,
                       STR_ARG(index.recorded_at));
    int way = index.kubelets.n ? names_find(kubelet_way_name, KUBELET_WAY_COUNT, index.kubelets)
                               : KUBELET_NONE;
    if (way < 0)
        return err_set(err, ERR_INPUT, "%s: kubelets is \"%.*s\", not none, direct or proxy",
                       path_c, STR_ARG(index.kubelets));
    int trust = index.connection.n
                    ? names_find(connection_trust_name, CONNECTION_TRUST_COUNT, index.connection)
                    : CONNECTION_UNTOLD;
    if (trust < 0)
        return err_set(err, ERR_INPUT,
                       "%s: connection is \"%.*s\", not verified, unverified or plain", path_c,
                       STR_ARG(index.connection));
    *out = (struct snapshot){
        .connection = (enum connection_trust)trust,
        .kubelets = (enum kubelet_way)way,
        .dir = str_from_c(str_to_c(a, str_from_c(dir))),
        .recorded_at = index.recorded_at,
        .recorded = recorded,
        .server_url = index.server_url,
        .context_name = index.context_name,
        .credential_kind = index.credential_kind,
        .certificate_sha256 = index.certificate_sha256,
        .answer = index.answers.item,
        .answer_count = index.answers.count,
    };
    return true;
}

/* A recording holds whole lists: pages of one are asked for by the same path. */
static struct str request_key(struct arena *a, struct str verb, bool anonymous, struct str path,
                              struct str body)
{
    struct str bare, query, field, kept = { 0 };
    if (str_cut(path, '?', &bare, &query)) {
        while (str_next_field(&query, '&', &field)) {
            if (str_has_prefix(field, STR("limit=")) || str_has_prefix(field, STR("continue=")))
                continue;
            kept = kept.n ? str_printf(a, "%.*s&%.*s", STR_ARG(kept), STR_ARG(field)) : field;
        }
    }
    return str_printf(a, "%.*s%s %.*s?%.*s %.*s", STR_ARG(verb), anonymous ? " anonymous" : "",
                      STR_ARG(bare), STR_ARG(kept), STR_ARG(body));
}

static void submit(struct transport *t, struct exchange *x)
{
    struct snapshot_transport *s = (struct snapshot_transport *)(void *)t;
    x->next = NULL;
    *s->last = x;
    s->last = &x->next;
}

static void fill_text(char *out, size_t size, struct str s)
{
    size_t n = s.n < size - 1 ? s.n : size - 1;
    memcpy(out, s.p ? s.p : "", n);
    out[n] = 0;
}

static bool deliver(void *ctx, struct str chunk)
{
    struct exchange *x = ctx;
    if (x->status < 200 || x->status > 299) {
        if (!x->error_body.limit_bytes)
            buf_init(&x->error_body, TRANSPORT_ERROR_BODY_BYTES);
        buf_add(&x->error_body, str_sub(chunk, 0, TRANSPORT_ERROR_BODY_BYTES - x->error_body.n));
        return x->error_body.n < TRANSPORT_ERROR_BODY_BYTES;
    }
    x->body_bytes += chunk.n;
    x->wire_bytes += chunk.n;
    return !x->on_body || x->on_body(x, chunk, &x->err);
}

/* What the index tells of the answer as it came. A digest that is none is not told. */
static void fill_received(struct exchange *x, const struct snapshot_received *r)
{
    x->received = (struct received){ .is_told = r->audit_id.n || r->sha256.n,
                                     .bytes = r->bytes > 0 ? (uint64_t)r->bytes : 0,
                                     .duration_ms = r->duration_ms };
    fill_text(x->audit_id_echo, sizeof x->audit_id_echo, r->audit_id);
    if (sha256_parse(x->received.sha256, r->sha256))
        x->received.has_digest = true;
    if (r->started.n && !clock_parse_rfc3339(r->started, &x->received.started))
        x->received.started = (struct instant){ 0 };
}

static void answer(struct snapshot_transport *s, struct exchange *x)
{
    /* not the transport's: listeners allocate there */
    struct arena scratch CLEANUP(arena_release) = { 0 };
    struct str verb = str_from_c(http_verb_name(x->verb));
    const struct snapshot_answer *found =
        map_get(&s->by_request, request_key(&scratch, verb, x->no_credentials, x->path, x->body));
    x->retry_after_s = -1;
    x->is_replayed = true;
    if (found && found->status != 0)
        fill_received(x, &found->received);
    if (!found) {
        (void)err_set(&x->err, ERR_NOT_FOUND, "%.*s %.*s was not recorded in \"%.*s\"",
                      STR_ARG(verb), STR_ARG(x->path), STR_ARG(s->snapshot->dir));
        x->status = 0;
    } else if (found->status == 0) {
        (void)err_set(&x->err, ERR_TLS, "%.*s",
                      STR_ARG(str_sub(found->error, 0, sizeof x->err.text - 1)));
        x->status = 0;
        if (x->peer)
            tls_peer_read(x->peer, found->certificate);
    } else {
        if (x->peer)
            tls_peer_read(x->peer, found->certificate);
        x->status = (int)found->status;
        fill_text(x->content_type, sizeof x->content_type, found->content_type);
        fill_text(x->date, sizeof x->date, found->date);
        if (!file_stream_inside(str_to_c(&scratch, s->snapshot->dir), found->file, CHUNK_BYTES,
                                deliver, x, &x->err))
            x->status = 0;
    }
}

static void run(struct transport *t)
{
    struct snapshot_transport *s = (struct snapshot_transport *)(void *)t;
    while (s->first) {
        struct exchange *x = s->first;
        s->first = x->next;
        if (!s->first)
            s->last = &s->first;
        answer(s, x);
        x->on_end(x);
    }
}

static void close_nothing(struct transport *t)
{
    (void)t;
}

static bool renew_nothing(struct transport *t, struct err *err)
{
    (void)t;
    return err_set(err, ERR_AUTH, "a recorded cluster has no credential to renew");
}

static const struct transport_ops snapshot_ops = {
    .name = "snapshot",
    .submit = submit,
    .run = run,
    .close = close_nothing,
    .renew = renew_nothing,
};

struct transport *snapshot_transport(struct arena *a, const struct snapshot *s)
{
    struct snapshot_transport *t = arena_new(a, struct snapshot_transport);
    t->base.ops = &snapshot_ops;
    t->snapshot = s;
    t->arena = a;
    t->last = &t->first;
    map_init(&t->by_request, a);
    for (size_t i = 0; i < s->answer_count; i++) {
        struct snapshot_answer *r = &s->answer[i];
        map_put(&t->by_request, request_key(a, r->verb, r->anonymous, r->path, r->request_body), r);
    }
    return &t->base;
}
