/* Any bytes as a list that arrives in pieces: the pieces change nothing, and where reading the document
 * whole works, the items are those of the whole.
 *
 * The first byte seeds the pieces' sizes, the second is the items' limit; the rest is the document. */
#include "base/buf.h"
#include "value/json_read.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define DEPTH 100

/* The calls of one run: a line each, and each value read. */
struct run {
    struct arena arena;
    struct buf log;
    struct value *item; /* NULL kind and flags 1 where it was too long or no JSON */
    size_t item_count, item_cap;
    struct value_builder meta;
    bool all_json; /* every item and value was, and none was too long */
};
#define UNREAD 1

static void keep_item(struct run *r, struct value v)
{
    if (r->item_count == r->item_cap) {
        size_t cap = r->item_cap ? 2 * r->item_cap : 8;
        r->item = arena_grow(&r->arena, r->item, r->item_cap * sizeof v, cap * sizeof v);
        r->item_cap = cap;
    }
    r->item[r->item_count++] = v;
}

static bool read_part(struct run *r, struct str bytes, struct value *out)
{
    const struct json_limits limits = { .depth = DEPTH };
    struct err ignored = { 0 };
    struct str copy = str_dup(&r->arena, bytes);
    if (json_read(out, &r->arena, copy, &limits, NULL, 0, &ignored))
        return true;
    *out = (struct value){ .flags = UNREAD };
    r->all_json = false;
    return false;
}

static bool on_item(void *ctx, struct str bytes, struct err *err)
{
    struct run *r = ctx;
    struct value v;
    (void)err;
    buf_addf(&r->log, "item %zu:", bytes.n);
    buf_add(&r->log, bytes);
    (void)read_part(r, bytes, &v);
    keep_item(r, v);
    return true;
}

static bool on_meta(void *ctx, struct str key, struct str bytes, struct err *err)
{
    struct run *r = ctx;
    struct value v;
    (void)err;
    INVARIANT(str_is_utf8(key));
    buf_addf(&r->log, "meta %zu:", key.n);
    buf_add(&r->log, key);
    buf_add(&r->log, bytes);
    (void)read_part(r, bytes, &v);
    value_builder_put(&r->meta, value_str(str_dup(&r->arena, key)), v);
    return true;
}

static bool on_oversize(void *ctx, uint64_t item_index, struct err *err)
{
    struct run *r = ctx;
    (void)err;
    INVARIANT(item_index == r->item_count);
    buf_addf(&r->log, "oversize %llu\n", (unsigned long long)item_index);
    r->all_json = false;
    keep_item(r, (struct value){ .flags = UNREAD });
    return true;
}

/* Splits text in pieces of 1 .. piece_max bytes (0: whole). */
static bool run(struct run *r, struct str text, size_t item_bytes_max, size_t piece_max, uint32_t random)
{
    struct err err = { 0 };
    struct arena arena CLEANUP(arena_release) = { 0 };
    struct json_list_split s = {
        .item_bytes_max = item_bytes_max,
        .item = on_item,
        .meta = on_meta,
        .oversize = on_oversize,
        .ctx = r,
    };
    *r = (struct run){ .log = BUF_INIT((size_t)1 << 26), .all_json = true };
    value_builder_init(&r->meta, &r->arena);
    bool ok = json_list_split_open(&s, &arena, &err);
    for (size_t at = 0; ok && at < text.n;) {
        random = random * 1664525u + 1013904223u;
        size_t piece = piece_max ? 1 + (random >> 8) % piece_max : text.n;
        struct str bytes = str_sub(text, at, at + piece);
        /* of its own, so that a pointer kept into it is not valid later */
        char *copy = str_to_c(&arena, bytes);
        ok = json_list_split_feed(&s, str_of(copy, bytes.n), &err);
        memset(copy, 0xA5, bytes.n);
        at += bytes.n;
        INVARIANT(s.pending->n <= JSON_LIST_META_BYTES_MAX || s.pending->n <= item_bytes_max);
    }
    ok = ok && json_list_split_end(&s, &err);
    INVARIANT(s.item_count == r->item_count && (!ok || s.byte_count == text.n));
    INVARIANT(ok || ((err.code == ERR_INPUT || err.code == ERR_LIMIT) && str_is_utf8(str_from_c(err.text))));
    buf_addf(&r->log, "end: %s, %d", ok ? "" : err.text, s.has_items);
    json_list_split_close(&s);
    return ok;
}

static void release(struct run *r)
{
    buf_release(&r->log);
    arena_release(&r->arena);
}

/* ---- against the document read whole ---- */

static const struct value *last_meta(const struct run *r, struct value key)
{
    for (size_t i = r->meta.count; i-- > 0;) {
        if (value_equal(r->meta.entry[i].key, key))
            return &r->meta.entry[i].val;
    }
    return NULL;
}

static bool is_unread(struct value v)
{
    return v.kind == VALUE_NULL && v.flags == UNREAD;
}

static void check_entries(const struct run *r, struct value whole)
{
    for (uint32_t i = 0; i < whole.n; i++) {
        const struct value_entry *e = &whole.as.map->entry[i];
        if (str_eq(value_text(e->key), STR("items"))) {
            INVARIANT(e->val.kind == VALUE_LIST ? e->val.n == r->item_count : e->val.kind == VALUE_NULL);
            for (uint32_t k = 0; k < e->val.n; k++)
                INVARIANT(is_unread(r->item[k]) || value_equal(r->item[k], e->val.as.item[k]));
        } else {
            const struct value *v = last_meta(r, e->key);
            INVARIANT(v && value_equal(*v, e->val));
        }
    }
}

/* Why the splitter may refuse what is JSON: it is no list. */
static bool is_no_list(struct value whole, const struct run *r)
{
    struct str log = buf_str(&r->log);
    return whole.kind != VALUE_MAP || str_contains(log, STR("\"items\" is there a second time")) ||
           str_contains(log, STR("\"items\" is neither a list nor null"));
}

static void check_whole(const struct run *r, bool ok, struct str text)
{
    const struct json_limits limits = { .depth = DEPTH + 2 };
    struct arena arena CLEANUP(arena_release) = { 0 };
    struct err err = { 0 };
    struct value whole;
    if (json_read(&whole, &arena, text, &limits, NULL, 0, &err)) {
        INVARIANT(ok || is_no_list(whole, r));
        if (ok)
            check_entries(r, whole);
    } else {
        /* Nothing between the parts is overlooked: if they are JSON, all of it is. */
        INVARIANT(!ok || !r->all_json);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    struct str text = str_of((const char *)data + 2, size - 2);
    size_t item_bytes_max = data[1] < 128 ? 1u + data[1] : (size_t)1 << 20;
    size_t piece_max = (size_t)1 << data[0] % 12;
    struct run whole, pieces;
    bool ok = run(&whole, text, item_bytes_max, 0, 0);
    bool pieces_ok = run(&pieces, text, item_bytes_max, piece_max, data[0]);
    INVARIANT(ok == pieces_ok && str_eq(buf_str(&whole.log), buf_str(&pieces.log)));
    check_whole(&whole, ok, text);
    release(&whole);
    release(&pieces);
    return 0;
}
