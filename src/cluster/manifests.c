/* Objects in files as a cluster: a transport that answers every list with what the files hold. */
#include "cluster/manifests.h"

#include "kube/tls.h"
#include "value/json_doc.h"

#define ANSWER_BYTES_MAX ((size_t)1 << 30)
struct manifests {
    struct transport base;
    struct arena *arena;
    struct manifest_set set;
    struct value answer;
    bool of_files;                  /* nobody could answer more than lists of objects */
    struct exchange *first, **last;
};

/* ---- answering */

static void body_of_list(struct manifests *m, enum kind k, struct buf *out)
{
    buf_addf(out, "{\"kind\":\"%sList\",\"apiVersion\":\"v1\",\"metadata\":{\"resourceVersion\":\"1\"},\"items\":", kind_info(k)->name);
    json_doc_write(out, value_list(m->set.object[k].item, m->set.object[k].count), 0);
    buf_add_char(out, '}');
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
        if (str_eq(value_text_at(*row, "path", NULL), x->path) && value_bool_at(*row, false, "anonymous", NULL) == x->no_credentials)
            return row;
    }
    return NULL;
}

/* Its status; the body into *out. */
static int given_answer(struct value row, struct buf *out)
{
    const struct value *body = value_get(row, STR("body"));
    if (body && body->kind == VALUE_STRING)
        buf_add(out, value_text(*body));
    else if (body)
        json_doc_write(out, *body, 0);
    int status = (int)value_int_at(row, 200, "status", NULL);
    if (!body && status >= 400)
        buf_addf(out, "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\",\"code\":%d}", status);
    return status;
}

/* What could not be read may have been in this list: it has not been seen to the end. */
static void note_gap(struct manifests *m, struct exchange *x, enum kind k)
{
    struct str gap = k == KIND_NONE ? (struct str){ 0 } : manifest_set_gap(&m->set, m->arena, k);
    if (gap.n)
        (void)err_set(&x->err, ERR_INPUT, "%.*s", STR_ARG(gap));
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
    if (m->of_files && k == KIND_NONE && !str_eq(x->path, STR("/version"))) {
        (void)err_set(&x->err, ERR_NOT_FOUND, "these are objects in files: no server tells it");
        return;
    }
    if (given)
        x->status = given_answer(*given, &body);
    else if (k != KIND_NONE)
        body_of_list(m, k, &body);
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
        note_gap(m, x, given ? KIND_NONE : k);
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
    .name = "manifests", .submit = submit, .run = run, .close = close_nothing, .renew = renew_nothing,
};

static struct manifests *make(struct arena *a)
{
    struct manifests *m = arena_new(a, struct manifests);
    m->base.ops = &manifests_ops;
    m->arena = m->set.arena = a;
    m->last = &m->first;
    return m;
}

bool manifests_open(struct transport **out, struct arena *a, const char *path, uint32_t values_max, struct err *err)
{
    struct manifests *m = make(a);
    m->set.values_max = values_max;
    m->of_files = true;
    if (!manifest_set_read(&m->set, path, err))
        return false;
    *out = &m->base;
    return true;
}

const struct manifest_set *manifests_set(const struct transport *t)
{
    INVARIANT(t->ops == &manifests_ops);
    return &((const struct manifests *)(const void *)t)->set;
}

struct transport *manifests_of(struct arena *a, const struct value *object, size_t count, struct value answer)
{
    struct manifests *m = make(a);
    m->answer = answer;
    for (size_t i = 0; i < count; i++)
        manifest_set_add(&m->set, object[i]);
    return &m->base;
}
