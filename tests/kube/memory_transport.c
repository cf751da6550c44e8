/* A transport without a network: answers from a table, at once, in the order of submission. */
#include "kube/memory_transport.h"

static struct memory_transport *memory_of(struct transport *t)
{
    return (struct memory_transport *)(void *)t;
}

static void submit(struct transport *t, struct exchange *x)
{
    struct memory_transport *m = memory_of(t);
    x->next = NULL;
    *m->last = x;
    m->last = &x->next;
    if (++m->pending > m->most_pending)
        m->most_pending = m->pending;
}

static const struct memory_answer *find(struct memory_transport *m, struct str path)
{
    for (size_t i = 0; m->script[i].path; i++) {
        const struct memory_answer *row = &m->script[i];
        struct str pattern = str_from_c(row->path);
        bool prefix = str_has_suffix(pattern, STR("*"));
        struct str fixed = str_sub(pattern, 0, pattern.n - (prefix ? 1 : 0));
        if (!(prefix ? str_has_prefix(path, fixed) : str_eq(path, fixed)) || (row->times && m->used[i] >= row->times))
            continue;
        m->used[i]++;
        return row;
    }
    return NULL;
}

static void keep(char *out, size_t size, const char *text)
{
    (void)snprintf(out, size, "%s", text ? text : "");
}

static void record(struct memory_transport *m, const struct exchange *x)
{
    INVARIANT(m->sent_count < MEMORY_SENT_MAX || m->many);
    struct memory_sent *s = &m->sent[m->sent_count < MEMORY_SENT_MAX ? m->sent_count : MEMORY_SENT_MAX - 1];
    m->sent_count++;
    (void)snprintf(s->path, sizeof s->path, "%.*s", STR_ARG(x->path));
    (void)snprintf(s->accept, sizeof s->accept, "%.*s", STR_ARG(x->accept));
    (void)snprintf(s->body, sizeof s->body, "%.*s", STR_ARG(x->body));
    memcpy(s->audit_id, x->audit_id, sizeof s->audit_id);
    s->verb = x->verb;
    s->delay_ms = x->delay_ms;
    s->no_credentials = x->no_credentials;
}

static void deliver(struct exchange *x, const struct memory_answer *row)
{
    struct str body = row->body_bytes ? str_of(row->body, row->body_bytes) : str_from_c(row->body);
    if (row->err != ERR_NONE)
        body = str_sub(body, 0, row->cut_bytes);
    size_t chunk = row->chunk_bytes ? row->chunk_bytes : body.n + 1;
    bool ok = x->status >= 200 && x->status <= 299;
    for (size_t at = 0; at < body.n && x->err.code == ERR_NONE; at += chunk) {
        struct str part = str_sub(body, at, at + chunk);
        x->body_bytes += part.n;
        x->wire_bytes += part.n;
        if (!ok)
            buf_add(&x->error_body, part);
        else if (!x->on_body(x, part, &x->err))
            return;
    }
}

static void answer(struct memory_transport *m, struct exchange *x)
{
    const struct memory_answer *row = find(m, x->path);
    record(m, x);
    buf_init(&x->error_body, TRANSPORT_ERROR_BODY_BYTES);
    if (!row) {
        x->status = 404;
        return;
    }
    x->status = row->status;
    x->retry_after_s = row->retry_after_s ? row->retry_after_s : -1;
    keep(x->content_type, sizeof x->content_type, row->type ? row->type : "application/json");
    keep(x->location, sizeof x->location, row->location);
    keep(x->warning, sizeof x->warning, row->warning);
    keep(x->audit_id_echo, sizeof x->audit_id_echo, row->audit_id_echo);
    deliver(x, row);
    if (row->err != ERR_NONE && x->err.code == ERR_NONE) {
        (void)err_set(&x->err, row->err, "the connection to 127.0.0.1:6443 was cut");
        x->loss = row->loss;
    }
}

static void run(struct transport *t)
{
    struct memory_transport *m = memory_of(t);
    while (m->first) {
        struct exchange *x = m->first;
        m->first = x->next;
        if (!m->first)
            m->last = &m->first;
        answer(m, x);
        m->pending--;
        if (m->cancel_after_first)
            *m->cancel_after_first = 1;
        x->on_end(x);
    }
}

static bool renew(struct transport *t, struct err *err)
{
    struct memory_transport *m = memory_of(t);
    m->renewals++;
    return m->can_renew || err_set(err, ERR_AUTH, "the token in the kubeconfig cannot be renewed");
}

static void close_nothing(struct transport *t)
{
    (void)t;
}

static const struct transport_ops memory_ops = {
    .name = "memory",
    .submit = submit,
    .run = run,
    .close = close_nothing,
    .renew = renew,
};

void memory_transport_init(struct memory_transport *m, const struct memory_answer *script)
{
    *m = (struct memory_transport){ .base.ops = &memory_ops, .script = script };
    m->last = &m->first;
}
