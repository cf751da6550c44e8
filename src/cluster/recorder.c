/* Writing a recording: answers as they go by, without what it must not hold. */
#include "cluster/snapshot.h"

#include "base/file.h"
#include "cluster/metrics.h"
#include "cluster/project.h"
#include "cluster/redact.h"
#include "value/json_doc.h"

#include <errno.h>
#include <unistd.h>

/* A list being written: opened with its first item, ended by list_end. */
struct open_list {
    struct file_writer file;
    struct str name;
    bool is_open, has_item;
    struct sha256 digest;
};
struct recorder {
    struct arena *arena;
    struct arena scratch;
    struct str dir;
    struct err err; /* the first failure; told by recorder_close */
    struct value_builder rows;
    uint32_t next;
    struct open_list list[KIND_COUNT];
};

bool recorder_open(struct recorder **out, struct arena *a, const char *dir, struct err *err)
{
    struct recorder *r = arena_new(a, struct recorder);
    r->arena = a;
    r->dir = str_dup(a, str_from_c(dir));
    value_builder_init(&r->rows, a);
    char *answers = str_to_c(a, file_join(a, r->dir, STR("answers"))),
         *index = str_to_c(a, file_join(a, r->dir, STR("snapshot.json")));
    if (!file_make_dir(answers, err))
        return false;
    file_sweep(answers);
    file_sweep(dir);
    /* An older recording's index must not stand before answers of this one, should this one be
     * broken off. */
    if (unlink(index) != 0 && errno != ENOENT)
        return err_set(err, ERR_IO, "cannot replace the recording in \"%s\": %s", dir,
                       strerrordesc_np(errno));
    *out = r;
    return true;
}

/* "answers/003-api-v1-pods.json": sortable, readable, safe on any file system. */
static struct str file_name(struct recorder *r, struct str path)
{
    struct buf b CLEANUP(buf_release) = BUF_INIT(128);
    size_t start = transport_is_kubelet(path) ? STR("https://").n : 1;
    for (size_t i = start; i < path.n && b.n < 80; i++) {
        char c = path.p[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     c == '.' || c == '-';
        buf_add_char(&b, plain ? c : '-');
    }
    return str_printf(r->arena, "answers/%03u-%.*s.json", ++r->next, STR_ARG(buf_str(&b)));
}

/* What a kubelet's handshake showed is evidence of its own, also when nothing was asked after it.
 */
static void add_certificate(struct recorder *r, struct value_builder *row, const struct call *call)
{
    if (!call->peer)
        return;
    value_builder_set(row, "certificate", tls_peer_value(r->arena, call->peer));
    if (call->status == 0)
        value_builder_set(row, "error", value_str(call->err_text));
}

static void add_row(struct recorder *r, const struct call *call, struct str path,
                    struct str request_body, int status, struct str file, struct str content_type)
{
    struct value_builder b;
    value_builder_init(&b, r->arena);
    value_builder_set(&b, "verb", value_cstr(http_verb_name(call ? call->verb : HTTP_GET)));
    value_builder_set(&b, "path", value_str(str_dup(r->arena, path)));
    if (request_body.n)
        value_builder_set(&b, "requestBody", value_str(str_dup(r->arena, request_body)));
    if (call && call->no_credentials)
        value_builder_set(&b, "anonymous", value_bool(true));
    value_builder_set(&b, "status", value_int(status));
    value_builder_set(&b, "contentType", value_str(content_type));
    value_builder_set(&b, "file", value_str(file));
    if (call) {
        char hex[SHA256_HEX_BYTES];
        struct value_builder got;
        value_builder_init(&got, r->arena);
        value_builder_set(&got, "auditId",
                          value_str(str_dup(r->arena, str_from_c(call->audit_id))));
        value_builder_set(&got, "bytes", value_int((int64_t)call->body_bytes));
        value_builder_set(&got, "started",
                          value_str(clock_format_rfc3339(r->arena, call->started)));
        value_builder_set(&got, "durationMs", value_int(call->duration_ms));
        if (call->has_digest) {
            sha256_hex(call->sha256, hex);
            value_builder_set(&got, "sha256", value_str(str_dup(r->arena, str_from_c(hex))));
        }
        value_builder_set(&b, "received", value_builder_map(&got));
        add_certificate(r, &b, call);
    }
    value_builder_push(&r->rows, value_builder_map(&b));
}

/* Lines of the metrics that facts are made of; the rest is megabytes that say nothing here. */
static struct str metrics_kept(struct recorder *r, struct str text)
{
    struct buf b = BUF_INIT((size_t)64 << 20);
    struct str rest = text, line;
    while (str_next_field(&rest, '\n', &line)) {
        if (!metrics_keeps_line(line))
            continue;
        buf_add(&b, line);
        buf_add_char(&b, '\n');
    }
    struct str kept = str_dup(r->arena, buf_str(&b));
    buf_release(&b);
    return kept;
}

void recorder_answer(struct recorder *r, const struct call *call, struct str request_body,
                     struct str body)
{
    if ((call->status == 0 && !call->peer) || r->err.code != ERR_NONE)
        return;
    bool json = str_has_prefix(call->accept, STR("application/json"));
    struct str file = file_name(r, call->path);
    char *path = str_to_c(r->arena, file_join(r->arena, r->dir, file));
    arena_reset(&r->scratch);
    if (call->no_credentials && call->status >= 200 && call->status <= 299)
        body = (struct str){ 0 };
    /* a refusal is kept as it was said */
    else if (call->status == 200 && str_eq(call->path, STR("/metrics")))
        body = metrics_kept(r, body);
    else if (call->status == 200)
        body = redact_answer(&r->scratch, call->path, body);
    if (file_write_atomic(path, body, &r->err))
        add_row(r, call, call->path, request_body, call->status, file,
                json ? STR("application/json") : STR("text/plain"));
}

static bool list_open(struct recorder *r, enum kind kind, struct str path)
{
    struct open_list *l = &r->list[kind];
    if (l->is_open)
        return true;
    l->name = file_name(r, path);
    if (!file_writer_open(&l->file, str_to_c(r->arena, file_join(r->arena, r->dir, l->name)),
                          &r->err))
        return false;
    l->is_open = true;
    struct str head =
        str_printf(r->arena, "{\"kind\":\"%sList\",\"apiVersion\":\"%.*s\",\"items\":[",
                   kind_info(kind)->name, STR_ARG(kind_api_of_path(path)));
    return file_writer_add(&l->file, head, &r->err);
}

void recorder_list_item(struct recorder *r, enum kind kind, struct str path, struct value object)
{
    struct buf text CLEANUP(buf_release) = BUF_INIT((size_t)64 << 20);
    struct open_list *l = &r->list[kind];
    if (r->err.code != ERR_NONE || !list_open(r, kind, path))
        return;
    arena_reset(&r->scratch);
    buf_add_c(&text, l->has_item ? ",\n" : "\n");
    l->has_item = true;
    json_doc_write(&text, redact_object(&r->scratch, object, project_shows_flags(kind, object)), 0);
    (void)(buf_ok(&text, "a recorded object", &r->err) &&
           file_writer_add(&l->file, buf_str(&text), &r->err));
}

void recorder_list_end(struct recorder *r, enum kind kind, const struct list_job *job,
                       const struct call *call)
{
    struct open_list *l = &r->list[kind];
    if (r->err.code != ERR_NONE)
        return;
    if (job->err.code != ERR_NONE) {
        file_writer_abandon(&l->file);
        /* A refusal is an answer too, and replayed as one; anything else is not recorded. */
        if (job->status < 400 || !call)
            return;
        struct str file = file_name(r, job->path);
        struct str body = str_printf(
            r->arena,
            "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\",\"code\":%d}",
            job->status);
        if (file_write_atomic(str_to_c(r->arena, file_join(r->arena, r->dir, file)), body, &r->err))
            add_row(r, call, job->path, (struct str){ 0 }, job->status, file,
                    STR("application/json"));
        return;
    }
    if (!list_open(r, kind, job->path))
        return;
    struct value version = value_str(job->resource_version);
    struct buf tail CLEANUP(buf_release) = BUF_INIT(4096);
    buf_add_c(&tail, "\n],\"metadata\":{\"resourceVersion\":");
    json_doc_write(&tail, version, 0);
    buf_add_c(&tail, "}}\n");
    if (file_writer_add(&l->file, buf_str(&tail), &r->err) && file_writer_commit(&l->file, &r->err))
        add_row(r, call, job->path, (struct str){ 0 }, 200, l->name, STR("application/json"));
}

bool recorder_close(struct recorder *r, const struct cluster *c, struct instant now,
                    struct err *err)
{
    for (size_t k = 0; k < KIND_COUNT; k++)
        file_writer_abandon(&r->list[k].file);
    arena_release(&r->scratch);
    if (r->err.code != ERR_NONE) {
        *err = r->err;
        return err_prefix(err, "recording to \"%.*s\"", STR_ARG(r->dir));
    }
    struct value_builder b;
    value_builder_init(&b, r->arena);
    value_builder_set(&b, "snapshotVersion", value_int(SNAPSHOT_VERSION));
    value_builder_set(&b, "recordedAt", value_str(clock_format_rfc3339(r->arena, now)));
    value_builder_set(&b, "serverUrl", value_str(c->server_url));
    value_builder_set(&b, "context", value_str(c->context_name));
    value_builder_set(&b, "credentialKind", value_str(c->credential_kind));
    if (connection_trust_name[c->connection])
        value_builder_set(&b, "connection", value_cstr(connection_trust_name[c->connection]));
    value_builder_set(&b, "serverCertificateSha256", value_str(c->server_certificate_sha256));
    value_builder_set(&b, "kubelets", value_cstr(kubelet_way_name[c->kubelets.way]));
    value_builder_set(&b, "answers", value_builder_list(&r->rows));
    struct buf text CLEANUP(buf_release) = BUF_INIT(SNAPSHOT_INDEX_BYTES_MAX);
    json_doc_write(&text, value_builder_map(&b), JSON_DOC_INDENT);
    buf_add_char(&text, '\n');
    return buf_ok(&text, "the snapshot's index", err) &&
           file_write_atomic(str_to_c(r->arena, file_join(r->arena, r->dir, STR("snapshot.json"))),
                             buf_str(&text), err);
}
