/* A transport over another whose lists are forged: objects are added, left out, or changed by a patch. */
#ifndef KUBEVOUCH_TESTS_FORGE_H
#define KUBEVOUCH_TESTS_FORGE_H

#include "base/vec.h"
#include "kube/transport.h"
#include "value/json_doc.h"
#include "value/json_read.h"

/* One change of one list. */
struct forge_edit {
    /* "pods": the last part of the list's path; of a single answer its whole path, to be 404 */
    const char *resource;
    bool (*is_for)(struct value item); /* which items; NULL: all */
    struct value patch;                /* merged into those as RFC 7386 has it; null: they are left out */
    struct value add;                  /* an object more; null: none. Then is_for and patch are not looked at */
};
struct forge_transport {
    struct transport base;
    struct transport_ops ops;
    struct transport *inner;
    struct arena *arena;
    const struct forge_edit *edit;
    size_t edit_count, applied; /* items that an edit changed, added or left out */
};
/* An exchange on its way: whose events these were. */
struct forge_held {
    struct forge_transport *forge;
    bool (*on_body)(struct exchange *x, struct str chunk, struct err *err);
    void (*on_end)(struct exchange *x);
    void *ctx;
    struct buf body;
};

static inline struct value forge_merge(struct arena *a, struct value into, struct value patch)
{
    struct value_builder b;
    if (patch.kind != VALUE_MAP)
        return patch;
    value_builder_init(&b, a);
    for (uint32_t i = 0; into.kind == VALUE_MAP && i < into.n; i++)
        if (!value_get(patch, value_text(into.as.map->entry[i].key)))
            value_builder_put(&b, into.as.map->entry[i].key, into.as.map->entry[i].val);
    for (uint32_t i = 0; i < patch.n; i++) {
        const struct value_entry *e = &patch.as.map->entry[i];
        const struct value *old = into.kind == VALUE_MAP ? value_get(into, value_text(e->key)) : NULL;
        if (e->val.kind != VALUE_NULL)
            value_builder_put(&b, e->key, forge_merge(a, old ? *old : value_null(), e->val));
    }
    return value_builder_map(&b);
}

static inline bool forge_is_of(const struct forge_edit *e, struct str path)
{
    struct str bare, query, field, last = { 0 };
    (void)str_cut(path, '?', &bare, &query);
    if (e->resource[0] == '/')
        return str_eq_c(bare, e->resource);
    while (str_next_field(&bare, '/', &field))
        last = field;
    return str_eq_c(last, e->resource);
}

static inline void forge_item(struct forge_transport *f, struct str path, struct value item, struct value_builder *out)
{
    for (size_t i = 0; i < f->edit_count; i++) {
        const struct forge_edit *e = &f->edit[i];
        if (e->add.kind != VALUE_NULL || !forge_is_of(e, path) || (e->is_for && !e->is_for(item)))
            continue;
        f->applied++;
        if (e->patch.kind == VALUE_NULL)
            return;
        item = forge_merge(f->arena, item, e->patch);
    }
    value_builder_push(out, item);
}

/* The list as it is now; a body that is no list stays. */
static inline void forge_list(struct forge_transport *f, struct str path, struct buf *body)
{
    struct value doc;
    struct err err = { 0 };
    struct json_limits limits = { .depth = 64 };
    struct value_builder items, list;
    if (!json_read(&doc, f->arena, str_dup(f->arena, buf_str(body)), &limits, NULL, 0, &err) || doc.kind != VALUE_MAP ||
        !value_get(doc, STR("items")))
        return;
    struct value old = *value_get(doc, STR("items"));
    value_builder_init(&items, f->arena);
    for (uint32_t i = 0; old.kind == VALUE_LIST && i < old.n; i++)
        forge_item(f, path, value_item(old, i), &items);
    for (size_t i = 0; i < f->edit_count; i++) {
        if (f->edit[i].add.kind == VALUE_NULL || !forge_is_of(&f->edit[i], path))
            continue;
        f->applied++;
        value_builder_push(&items, f->edit[i].add);
    }
    value_builder_init(&list, f->arena);
    value_builder_put(&list, value_str(STR("kind")), *value_get(doc, STR("kind")));
    value_builder_put(&list, value_str(STR("apiVersion")), *value_get(doc, STR("apiVersion")));
    value_builder_put(&list, value_str(STR("metadata")), value_map(f->arena, NULL, 0));
    value_builder_put(&list, value_str(STR("items")), value_builder_list(&items));
    buf_reset(body);
    json_doc_write(body, value_builder_map(&list), 0);
}

static inline bool forge_keep_body(struct exchange *x, struct str chunk, struct err *err)
{
    struct forge_held *h = x->ctx;
    (void)err;
    buf_add(&h->body, chunk);
    return true;
}

static inline void forge_end(struct exchange *x)
{
    struct forge_held *h = x->ctx;
    struct forge_transport *f = h->forge;
    bool edited = false, gone = false;
    for (size_t i = 0; i < f->edit_count; i++) {
        bool of = forge_is_of(&f->edit[i], x->path);
        gone = gone || (of && f->edit[i].resource[0] == '/');
        edited = edited || of;
    }
    x->on_body = h->on_body;
    x->on_end = h->on_end;
    x->ctx = h->ctx;
    if (gone) {
        f->applied++;
        x->status = 404;
        x->body_bytes = 0;
    } else if (x->status == 200 && x->err.code == ERR_NONE && h->body.n) {
        if (edited)
            forge_list(f, x->path, &h->body);
        x->body_bytes = h->body.n;
        if (x->on_body)
            (void)x->on_body(x, buf_str(&h->body), &x->err);
    } else if (h->body.n && x->on_body && x->status >= 200 && x->status <= 299) {
        (void)x->on_body(x, buf_str(&h->body), &x->err);
    }
    buf_release(&h->body);
    x->on_end(x);
}

static inline void forge_submit(struct transport *t, struct exchange *x)
{
    struct forge_transport *f = (struct forge_transport *)(void *)t;
    struct forge_held *h = arena_new(f->arena, struct forge_held);
    *h = (struct forge_held){ .forge = f, .on_body = x->on_body, .on_end = x->on_end, .ctx = x->ctx, .body = BUF_INIT((size_t)64 << 20) };
    x->on_body = forge_keep_body;
    x->on_end = forge_end;
    x->ctx = h;
    f->inner->ops->submit(f->inner, x);
}
static inline void forge_run(struct transport *t)
{
    struct transport *inner = ((struct forge_transport *)(void *)t)->inner;
    inner->ops->run(inner);
}
static inline void forge_close(struct transport *t)
{
    struct transport *inner = ((struct forge_transport *)(void *)t)->inner;
    inner->ops->close(inner);
}
static inline bool forge_renew(struct transport *t, struct err *err)
{
    struct transport *inner = ((struct forge_transport *)(void *)t)->inner;
    return inner->ops->renew(inner, err);
}

/* Over inner; edits must outlive it. */
static inline struct forge_transport *forge_open(struct arena *a, struct transport *inner, const struct forge_edit *edit, size_t edit_count)
{
    struct forge_transport *f = arena_new(a, struct forge_transport);
    *f = (struct forge_transport){
        .inner = inner,
        .arena = a,
        .edit = edit,
        .edit_count = edit_count,
        .ops = { .name = inner->ops->name, .submit = forge_submit, .run = forge_run, .close = forge_close, .renew = forge_renew }
    };
    f->base.ops = &f->ops;
    return f;
}

#endif
