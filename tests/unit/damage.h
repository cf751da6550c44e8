/* A transport over another that remembers what was asked, and damages the answers to one or two of the requests. */
#ifndef KUBEVOUCH_TESTS_DAMAGE_H
#define KUBEVOUCH_TESTS_DAMAGE_H

#include "base/vec.h"
#include "kube/transport.h"

enum damage { DAMAGE_NONE, DAMAGE_REMOVED, DAMAGE_FORBIDDEN, DAMAGE_CUT, DAMAGE_DELAYED, DAMAGE_CORRUPTED, DAMAGE_COUNT };
static const char *const damage_name[] = { "none", "removed (404)", "forbidden (403)", "cut", "delayed", "corrupted" };

/* A request: pages of one list are one. */
struct damage_request {
    struct str text; /* "GET /api/v1/pods" */
};
struct damage_victim {
    struct str text;
    enum damage damage;
};
struct damage_transport {
    struct transport base;
    struct transport_ops ops;
    struct transport *inner;
    struct arena *arena;
    VEC(struct damage_request) asked;
    struct damage_victim victim[2];
};
/* An exchange on its way: whose events these were. */
struct damage_held {
    bool (*on_body)(struct exchange *x, struct str chunk, struct err *err);
    void (*on_end)(struct exchange *x);
    void *ctx;
    struct tls_peer *peer;
    struct buf body;
    enum damage damage;
};

static inline struct str damage_request_text(struct arena *a, const struct exchange *x)
{
    struct str path, query;
    bool is_page = str_contains(x->path, STR("limit=")) && !x->no_credentials;
    (void)str_cut(x->path, '?', &path, &query);
    return str_printf(a, "%s%s %.*s%s%.*s", x->no_credentials ? "stranger " : "", http_verb_name(x->verb), STR_ARG(is_page ? path : x->path), x->body.n ? " " : "",
                      STR_ARG(x->body));
}

static inline bool damage_keep_body(struct exchange *x, struct str chunk, struct err *err)
{
    struct damage_held *h = x->ctx;
    (void)err;
    buf_add(&h->body, chunk);
    return true;
}

/* Breaks one item in the middle of a list, or the document if it is no list. */
static inline void damage_corrupt(char *p, size_t n)
{
    size_t at = n / 2;
    while (at < n && p[at] != ':')
        at++;
    if (at < n)
        p[at] = '#';
}

static inline void damage_replace(struct exchange *x, int status)
{
    x->status = status;
    x->body_bytes = 0;
    buf_release(&x->error_body);
    err_clear(&x->err);
    if (!status)
        (void)err_set(&x->err, ERR_NET, "timed out");
}

static inline void damage_end(struct exchange *x)
{
    struct damage_held *h = x->ctx;
    struct buf *text = x->status >= 200 && x->status <= 299 ? &h->body : &x->error_body;
    bool whole = x->err.code == ERR_NONE;
    x->on_body = h->on_body;
    x->on_end = h->on_end;
    x->ctx = h->ctx;
    x->peer = h->peer;
    if (h->damage == DAMAGE_CORRUPTED)
        damage_corrupt(text->p, text->n);
    if (h->damage == DAMAGE_CUT)
        text->n /= 2;
    if (h->damage == DAMAGE_REMOVED || h->damage == DAMAGE_FORBIDDEN || h->damage == DAMAGE_DELAYED)
        damage_replace(x, h->damage == DAMAGE_REMOVED ? 404 : h->damage == DAMAGE_FORBIDDEN ? 403 : 0);
    else if (text == &h->body && text->n && x->on_body && whole)
        whole = x->on_body(x, buf_str(text), &x->err);
    if (h->damage == DAMAGE_CUT && whole && x->status)
        (void)err_set(&x->err, ERR_NET, "the connection was cut");
    buf_release(&h->body);
    x->on_end(x);
}

static inline void damage_submit(struct transport *t, struct exchange *x)
{
    struct damage_transport *d = (struct damage_transport *)(void *)t;
    struct damage_held *h = arena_new(d->arena, struct damage_held);
    struct str text = damage_request_text(d->arena, x);
    bool known = false;
    *h = (struct damage_held){ .on_body = x->on_body, .on_end = x->on_end, .ctx = x->ctx, .peer = x->peer, .body = BUF_INIT((size_t)64 << 20) };
    for (size_t i = 0; i < d->asked.count; i++)
        known = known || str_eq(d->asked.item[i].text, text);
    if (!known)
        *VEC_PUSH(&d->asked, d->arena) = (struct damage_request){ text };
    for (size_t i = 0; i < 2; i++)
        if (d->victim[i].damage != DAMAGE_NONE && str_eq(d->victim[i].text, text))
            h->damage = d->victim[i].damage;
    if (h->damage == DAMAGE_DELAYED)
        x->peer = NULL;
    x->on_body = damage_keep_body;
    x->on_end = damage_end;
    x->ctx = h;
    d->inner->ops->submit(d->inner, x);
}

static inline void damage_run(struct transport *t)
{
    struct transport *inner = ((struct damage_transport *)(void *)t)->inner;
    inner->ops->run(inner);
}
static inline void damage_close(struct transport *t)
{
    struct transport *inner = ((struct damage_transport *)(void *)t)->inner;
    inner->ops->close(inner);
}
static inline bool damage_renew(struct transport *t, struct err *err)
{
    struct transport *inner = ((struct damage_transport *)(void *)t)->inner;
    return inner->ops->renew(inner, err);
}

/* Over inner; d and what it remembers live in a. */
static inline struct damage_transport *damage_open(struct arena *a, struct transport *inner)
{
    struct damage_transport *d = arena_new(a, struct damage_transport);
    *d = (struct damage_transport){ .inner = inner, .arena = a,
                                    .ops = { .name = inner->ops->name, .submit = damage_submit, .run = damage_run, .close = damage_close, .renew = damage_renew } };
    d->base.ops = &d->ops;
    return d;
}

#endif
