/* Objects in files as a cluster: a transport that answers every list with what the files hold. */
#include "cluster/manifests.h"

#include "cluster/answer.h"
#include "tls/peer.h"
#include "value/json_doc.h"

#define ANSWER_BYTES_MAX ((size_t)1 << 30)
struct manifests {
    struct transport base;
    struct arena *arena;
    struct manifest_set set; /* of objects at hand */
    /* of files, which nobody could answer more of than lists of objects; NULL: of objects at hand
     */
    struct manifest_index *index;
    struct value answer;
    struct exchange *first, **last;
};

/* ---- answering */

/* What could not be read may have been in this list: it has not been seen to the end. */
static void note_gap(struct manifests *m, struct exchange *x, enum kind k)
{
    struct str gap = k == KIND_NONE
                         ? (struct str){ 0 }
                         : manifest_set_gap(m->index ? &m->index->set : &m->set, m->arena, k);
    if (gap.n)
        (void)err_set(&x->err, ERR_INPUT, "%.*s", STR_ARG(gap));
}

/* The answer to one list while it is written. */
struct list_body {
    struct exchange *x;
    struct buf text;
    bool any, failed;
};

static void put(struct list_body *b)
{
    if (b->failed || !buf_ok(&b->text, "an object of the manifests", &b->x->err))
        b->failed = true;
    else if (b->x->on_body && !b->x->on_body(b->x, buf_str(&b->text), &b->x->err))
        b->failed = true;
    b->x->body_bytes += b->text.n;
    b->x->wire_bytes += b->text.n;
    buf_reset(&b->text);
}

static void put_item(struct list_body *b, struct value object)
{
    if (b->any)
        buf_add_char(&b->text, ',');
    b->any = true;
    json_doc_write(&b->text, object, 0);
    put(b);
}

static void put_taken(void *ctx, const struct manifest_object *o)
{
    struct list_body *b = ctx;
    if (!b->failed)
        put_item(b, o->object);
}

static void answer_list(struct manifests *m, struct exchange *x, enum kind k)
{
    struct list_body b = { .x = x, .text = BUF_INIT(ANSWER_BYTES_MAX) };
    bool ok = true;
    x->status = 200;
    buf_addf(&b.text,
             "{\"kind\":\"%sList\",\"apiVersion\":\"%.*s\",\"metadata\":{\"resourceVersion\":\"1\"}"
             ",\"items\":[",
             kind_info(k)->name, STR_ARG(kind_api_of_path(x->path)));
    put(&b);
    if (m->index)
        ok = manifest_index_each(m->index, k, put_taken, &b, &x->err);
    for (size_t i = 0; !m->index && i < m->set.object[k].count && !b.failed; i++)
        put_item(&b, m->set.object[k].item[i]);
    if (ok && !b.failed) {
        buf_add_c(&b.text, "]}");
        put(&b);
        note_gap(m, x, k);
    }
    buf_release(&b.text);
}

/* "/api/v1/pods", "/apis/apps/v1/deployments": the kind, KIND_NONE for anything else. */
static enum kind kind_of_path(struct str path)
{
    struct str bare, query, field, group = { 0 }, resource = { 0 };
    size_t n = 0;
    (void)str_cut(path, '?', &bare, &query);
    bool core = str_has_prefix(bare, STR("/api/"));
    while (str_next_field(&bare, '/', &field)) {
        if (n == 2 && !core)
            group = field;
        resource = field;
        n++;
    }
    return n == (core ? 4u : 5u) ? kind_by_group(group, resource) : KIND_NONE;
}

static const struct value *find_answer(const struct manifests *m, const struct exchange *x)
{
    for (uint32_t i = 0; m->answer.kind == VALUE_LIST && i < m->answer.n; i++) {
        const struct value *row = &m->answer.as.item[i];
        const struct value *method = value_get(*row, STR("method"));
        if (!str_eq(method ? value_text(*method) : STR("GET"), str_from_c(http_verb_name(x->verb))))
            continue;
        if (str_eq(value_text_at(*row, "path", NULL), x->path) &&
            value_bool_at(*row, false, "anonymous", NULL) == x->no_credentials)
            return row;
    }
    return NULL;
}

/* ---- one ConfigMap by its name */

static void write_named(void *ctx, const struct manifest_wanted *w, const struct manifest_object *o)
{
    struct buf *out = ctx;
    (void)w;
    buf_reset(out);
    json_doc_write(out, o->object, 0);
}

/* "/api/v1/namespaces/a/configmaps/b", where the files have it: the body into *out. */
static bool answer_config_map(struct manifests *m, struct exchange *x, struct buf *out)
{
    struct str rest = x->path, before = STR("/api/v1/namespaces/"), between = STR("/configmaps/");
    if (!m->index || x->verb != HTTP_GET || !str_has_prefix(rest, before))
        return false;
    rest = str_sub(rest, before.n, rest.n);
    size_t slash = str_find_char(rest, '/', 0);
    if (slash == SIZE_MAX || !str_has_prefix(str_sub(rest, slash, rest.n), between))
        return false;
    struct arena scratch CLEANUP(arena_release) = { 0 };
    struct manifest_wanted wanted = { 0 };
    struct object_ref ref = { .api_version = STR("v1"),
                              .kind = STR("ConfigMap"),
                              .ns = str_sub(rest, 0, slash),
                              .name = str_sub(rest, slash + between.n, rest.n) };
    if (manifest_index_look(m->index, ref, &wanted, &scratch))
        manifest_index_find(m->index, &wanted, 1, write_named, out);
    return out->n > 0;
}

/* Objects may leave out what their path says that they are, as those of a list do. */
static struct value with_kind(struct arena *a, struct value body, struct str path)
{
    const char *kind, *api_version;
    struct value_builder b;
    if (body.kind != VALUE_MAP || value_get(body, STR("kind")) ||
        !answer_kind_of_path(path, &kind, &api_version))
        return body;
    value_builder_init(&b, a);
    value_builder_set(&b, "kind", value_cstr(kind));
    value_builder_set(&b, "apiVersion", value_cstr(api_version));
    for (uint32_t i = 0; i < body.n; i++)
        if (!str_eq_c(value_text(body.as.map->entry[i].key), "apiVersion"))
            value_builder_put(&b, body.as.map->entry[i].key, body.as.map->entry[i].val);
    return value_builder_map(&b);
}

/* Its status; the body into *out. */
static int given_answer(struct value row, struct str path, struct buf *out)
{
    struct arena a CLEANUP(arena_release) = { 0 };
    const struct value *body = value_get(row, STR("body"));
    if (body && body->kind == VALUE_STRING)
        buf_add(out, value_text(*body));
    else if (body)
        json_doc_write(out, with_kind(&a, *body, path), 0);
    int status = (int)value_int_at(row, 200, "status", NULL);
    if (!body && status >= 400)
        buf_addf(out,
                 "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\",\"code\":%d}",
                 status);
    return status;
}

static void answer(struct manifests *m, struct exchange *x)
{
    struct buf body CLEANUP(buf_release) = BUF_INIT(ANSWER_BYTES_MAX);
    const struct value *given = find_answer(m, x);
    enum kind k = x->verb == HTTP_GET ? kind_of_path(x->path) : KIND_NONE;
    x->retry_after_s = -1;
    if (!given && (x->no_credentials || x->verb == TLS_HANDSHAKES)) {
        (void)err_set(&x->err, ERR_NOT_FOUND, "there is no server that could be asked");
        return;
    }
    bool has_map = !given && !x->no_credentials && answer_config_map(m, x, &body);
    if (has_map)
        note_gap(m, x, KIND_CONFIGMAPS);
    if (x->err.code != ERR_NONE)
        return;
    if (m->index && k == KIND_NONE && !has_map && !str_eq(x->path, STR("/version"))) {
        (void)err_set(&x->err, ERR_NOT_FOUND, "these are objects in files: no server tells it");
        return;
    }
    if (!given && k != KIND_NONE) {
        answer_list(m, x, k);
        return;
    }
    if (given)
        x->status = given_answer(*given, x->path, &body);
    else if (str_eq(x->path, STR("/version")))
        buf_add_c(&body, "{\"gitVersion\":\"\"}");
    if (!given)
        x->status = body.n ? 200 : 404;
    if (given && x->peer && value_get(*given, STR("certificate")))
        tls_peer_read(x->peer, *value_get(*given, STR("certificate")));
    if (x->status == 0) {
        (void)err_set(&x->err, ERR_TLS, "%.*s", STR_ARG(value_text_at(*given, "error", NULL)));
        return;
    }
    if (x->status < 200 || x->status > 299) {
        buf_init(&x->error_body, TRANSPORT_ERROR_BODY_BYTES);
        buf_add(&x->error_body, str_sub(buf_str(&body), 0, TRANSPORT_ERROR_BODY_BYTES));
    } else if (body.n) {
        x->body_bytes = x->wire_bytes = body.n;
        if (buf_ok(&body, "the objects of the manifests", &x->err) && x->on_body)
            (void)x->on_body(x, buf_str(&body), &x->err);
    }
}

static void submit(struct transport *t, struct exchange *x)
{
    struct manifests *m = (struct manifests *)(void *)t;
    x->next = NULL;
    *m->last = x;
    m->last = &x->next;
}

static void run(struct transport *t)
{
    struct manifests *m = (struct manifests *)(void *)t;
    while (m->first) {
        struct exchange *x = m->first;
        m->first = x->next;
        if (!m->first)
            m->last = &m->first;
        x->is_replayed = x->is_of_files = true;
        answer(m, x);
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
    return err_set(err, ERR_AUTH, "manifests need no credential");
}

static const struct transport_ops manifests_ops = {
    .name = "manifests",
    .submit = submit,
    .run = run,
    .close = close_nothing,
    .renew = renew_nothing,
};

static struct manifests *make(struct arena *a)
{
    struct manifests *m = arena_new(a, struct manifests);
    m->base.ops = &manifests_ops;
    m->arena = m->set.arena = a;
    m->last = &m->first;
    return m;
}

bool manifests_open(struct transport **out, struct arena *a, const struct manifest_ask *ask,
                    struct err *err)
{
    struct manifests *m = make(a);
    m->index = arena_new(a, struct manifest_index);
    if (!manifest_index_open(m->index, a, ask, err))
        return false;
    *out = &m->base;
    return true;
}

struct manifest_index *manifests_index(const struct transport *t)
{
    INVARIANT(t->ops == &manifests_ops);
    return ((const struct manifests *)(const void *)t)->index;
}

struct transport *manifests_of(struct arena *a, const struct value *object, size_t count,
                               struct value answer)
{
    struct manifests *m = make(a);
    m->answer = answer;
    for (size_t i = 0; i < count; i++)
        manifest_set_add(&m->set, object[i]);
    return &m->base;
}
