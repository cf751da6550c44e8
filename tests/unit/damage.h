/* A transport over another that remembers what was asked, and damages the answers to some of the requests. */
#ifndef KUBEVOUCH_TESTS_DAMAGE_H
#define KUBEVOUCH_TESTS_DAMAGE_H

#include "base/vec.h"
#include "kube/transport.h"

enum damage {
    DAMAGE_NONE,
    DAMAGE_REMOVED,
    DAMAGE_FORBIDDEN,
    DAMAGE_CUT,
    DAMAGE_DELAYED,
    DAMAGE_CORRUPTED,
    DAMAGE_OVERSIZE,
    DAMAGE_OTHER_KIND,
    DAMAGE_OTHER_ITEMS,
    DAMAGE_PART,
    DAMAGE_ENDLESS,
    DAMAGE_COUNT,
    /* by a text of the test's own: no loss, so not among those that are tried in turn */
    DAMAGE_REPLACED = DAMAGE_COUNT
};
static const char *const damage_name[] = { "none",         "removed (404)",   "forbidden (403)",
                                           "cut",          "delayed",         "corrupted",
                                           "oversize",     "of another kind", "of items of another kind",
                                           "a part (206)", "without end" };
/* What a test sets limits.item_bytes to: far over every item of the recordings, and what DAMAGE_OVERSIZE makes one item exceed. */
#define DAMAGE_ITEM_BYTES ((size_t)256 << 10)

/* A request: pages of one list are one. */
struct damage_request {
    struct str text; /* "GET /api/v1/pods" */
    bool has_items;  /* of its answer, undamaged: there is an item that may grow */
};
struct damage_victim {
    struct str text;
    enum damage damage;
    struct str text_instead; /* of DAMAGE_REPLACED */
};
struct damage_transport {
    struct transport base;
    struct transport_ops ops;
    struct transport *inner;
    struct arena *arena;
    VEC(struct damage_request) asked;
    VEC(struct str) path; /* of every request, whole */
    bool warns;           /* each answer carries the warning "of PATH" */
    /* When a request is first asked, before it is answered: a test may go on in a process of its own. May be NULL. */
    void (*first_asked)(void *ctx, struct damage_transport *d, struct str text);
    void *ctx;
    struct damage_victim victim[3];
};
/* An exchange on its way: whose events these were. */
struct damage_held {
    bool (*on_body)(struct exchange *x, struct str chunk, struct err *err);
    void (*on_end)(struct exchange *x);
    void *ctx;
    struct tls_peer *peer;
    struct buf body;
    enum damage damage;
    struct str text_instead;
    bool warns;
    struct damage_transport *of;
    size_t request; /* in of->asked */
};

static inline struct str damage_request_text(struct arena *a, const struct exchange *x)
{
    struct str path, query;
    bool is_page = str_contains(x->path, STR("limit=")) && !x->no_credentials;
    (void)str_cut(x->path, '?', &path, &query);
    return str_printf(a, "%s%s %.*s%s%.*s", x->no_credentials ? "stranger " : "", http_verb_name(x->verb),
                      STR_ARG(is_page ? path : x->path), x->body.n ? " " : "", STR_ARG(x->body));
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

/* Where the first item of a list begins; SIZE_MAX: it is no list, or has none. */
static inline size_t damage_first_item(struct str text)
{
    size_t items = str_find(text, STR("\"items\":"), 0), at = items == SIZE_MAX ? text.n : items + 8;
    while (at < text.n && strchr(" \n[", text.p[at]))
        at++;
    return at < text.n && text.p[at] == '{' ? at : SIZE_MAX;
}

/* Blanks within the first item of a list; a document that is no list stays as it is. */
static inline void damage_grow(struct buf *text)
{
    static const char blanks[1024] = { [0 ... 1023] = ' ' };
    struct str whole = buf_str(text);
    size_t at = damage_first_item(whole);
    struct buf grown = BUF_INIT((size_t)64 << 20);
    if (at == SIZE_MAX)
        return;
    buf_add(&grown, str_sub(whole, 0, at + 1));
    for (size_t n = 0; n <= DAMAGE_ITEM_BYTES; n += sizeof blanks)
        buf_add(&grown, str_of(blanks, sizeof blanks));
    buf_add(&grown, str_sub(whole, at + 1, whole.n));
    buf_release(text);
    *text = grown;
}

/* It says of itself that it is a list, or an object, of something else. */
static inline void damage_kind(struct buf *text)
{
    size_t at = str_find(buf_str(text), STR("\"kind\":\""), 0);
    if (at != SIZE_MAX && at + 8 < text->n)
        text->p[at + 8] = text->p[at + 8] == 'E' ? 'F' : 'E';
}

/* Each of a list's items says that it is something else. */
static inline void damage_items(struct buf *text)
{
    size_t at = str_find(buf_str(text), STR("\"items\":"), 0);
    while (at != SIZE_MAX && (at = str_find(buf_str(text), STR("\"apiVersion\":\""), at + 1)) != SIZE_MAX && at + 14 < text->n)
        text->p[at + 14] = 'x';
}

/* A list whose every page names a next one. */
static inline void damage_endless(struct buf *text)
{
    struct arena a CLEANUP(arena_release) = { 0 };
    struct str whole = str_dup(&a, buf_str(text));
    if (!str_has_prefix(whole, STR("{\"kind\":\"")) || !str_contains(str_sub(whole, 0, 80), STR("List\"")))
        return;
    buf_reset(text);
    buf_addf(text, "{\"metadata\":{\"continue\":\"again\"},");
    buf_add(text, str_sub(whole, 1, whole.n));
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
    if (damage_first_item(buf_str(text)) != SIZE_MAX)
        h->of->asked.item[h->request].has_items = true;
    if (h->damage == DAMAGE_CORRUPTED)
        damage_corrupt(text->p, text->n);
    if (h->damage == DAMAGE_CUT)
        text->n /= 2;
    if (h->damage == DAMAGE_OVERSIZE)
        damage_grow(text);
    if (h->damage == DAMAGE_REPLACED) {
        buf_reset(text);
        buf_add(text, h->text_instead);
    }
    if (h->warns)
        (void)snprintf(x->warning, sizeof x->warning, "of %.*s",
                       (int)(sizeof x->warning - 8 < x->path.n ? sizeof x->warning - 8 : x->path.n), x->path.p);
    if (h->damage == DAMAGE_OTHER_KIND)
        damage_kind(text);
    if (h->damage == DAMAGE_OTHER_ITEMS)
        damage_items(text);
    if (h->damage == DAMAGE_ENDLESS && text->n)
        damage_endless(text);
    if (h->damage == DAMAGE_PART && x->status == 200)
        x->status = 206;
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
    size_t at = 0;
    *h = (struct damage_held){
        .on_body = x->on_body, .on_end = x->on_end, .ctx = x->ctx, .peer = x->peer, .body = BUF_INIT((size_t)64 << 20)
    };
    while (at < d->asked.count && !str_eq(d->asked.item[at].text, text))
        at++;
    bool known = at < d->asked.count;
    if (!known)
        *VEC_PUSH(&d->asked, d->arena) = (struct damage_request){ .text = text };
    if (!known && d->first_asked)
        d->first_asked(d->ctx, d, text);
    h->of = d;
    h->request = at;
    for (size_t i = 0; i < COUNT_OF(d->victim); i++)
        if (d->victim[i].damage != DAMAGE_NONE && str_eq(d->victim[i].text, text)) {
            h->damage = d->victim[i].damage;
            h->text_instead = d->victim[i].text_instead;
        }
    *VEC_PUSH(&d->path, d->arena) = str_dup(d->arena, x->path);
    h->warns = d->warns;
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
    *d = (struct damage_transport){
        .inner = inner,
        .arena = a,
        .ops = { .name = inner->ops->name, .submit = damage_submit, .run = damage_run, .close = damage_close, .renew = damage_renew }
    };
    d->base.ops = &d->ops;
    return d;
}

#endif
